/** Where the rows of one log are stored, for code that reads all of it as the owner. */
import type { LogHeader } from './archive-form.js';

/** `$1` and `$2` name the log, `$3` the partition of a sealed one. */
export function placeOf(log: LogHeader): { prefix: '' | 'sealed_'; where: string; values: readonly unknown[] } {
  const values = [log.municipality, log.log];
  if (log.sealedBy.length === 0) return { prefix: '', where: 'municipality = $1 AND log = $2', values };
  const period = `${log.municipality}/${log.month}`;
  return {
    prefix: 'sealed_',
    where: 'municipality = $1 AND log = $2 AND period = $3',
    values: [...values, period],
  };
}

/** The number of rows as text, where no entry can be named. */
export const rowsOf = (count: number): string => `${count.toLocaleString('en')} ${count === 1 ? 'row' : 'rows'}`;
