/**
 * Checks the form of values before the database sees them: PostgreSQL answers a malformed one with an error, which tells more than
 * "not found" does.
 */
import { Fault } from '../protocol/faults.js';
import { isUuid } from '../protocol/text.js';

/** The id as stored, or `null` for an id that no row can have. */
export const asUuid = (id: string): string | null => (isUuid(id) ? id.toLowerCase() : null);

/** The case number as given, or `null` for a number that no case can have. */
export const asCaseNumber = (number: string): string | null =>
  /^\d\d\.\d\d\.\d\d-[A-ZÆØÅ]\d\d-\d{1,9}-\d\d$/.test(number) ? number : null;

/** Text that is only compared: anything that the database can read. */
export function readable(name: string, text: string): string {
  if (text.length > 300 || /[\0\p{Cs}]/u.test(text))
    throw new Fault('BAD_USER_INPUT', `Argument "${name}": expected at most 300 characters of text.`);
  return text;
}
