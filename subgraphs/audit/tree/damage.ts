/**
 * A log is **damaged** if its stored parts contradict each other or cannot be read. One damaged log must not keep the others from
 * being signed, dropped in time and compared: each log is handled independently, and failures are reported at the end.
 */

/** The message holds the name of the log and numbers, never contents. */
export class DamagedLog extends Error {}

/** What is wrong with a log, without contents. `null` for an error that says nothing about the log, such as a lost database. */
export function damageIn(error: unknown): string | null {
  if (error instanceof DamagedLog) return error.message;
  // Data exception (a leaf that is not JSON), or data corrupted.
  return /^(22|XX)/.test(codeOf(error)) ? `SQLSTATE ${codeOf(error)}` : null;
}

/**
 * Runs `work` for each item in order, and continues after failures. Throws at the end: a single error as it is, several different
 * ones as one.
 */
export async function each<Item>(items: Iterable<Item>, work: (item: Item) => Promise<unknown>): Promise<void> {
  const errors: unknown[] = [];
  for (const item of items)
    try {
      await work(item);
    } catch (error) {
      errors.push(error);
    }
  const reasons = new Set(errors.map(reasonOf));
  if (reasons.size === 1) throw errors[0];
  if (reasons.size > 1) throw new AggregateError(errors, [...reasons].join('; '));
}

/** A text for the journal. PostgreSQL's message quotes the data, except about a refused parameter. */
export const reasonOf = (error: unknown): string =>
  /^22(?!023)/.test(codeOf(error)) ? `SQLSTATE ${codeOf(error)}` : (error as Error).message;

const codeOf = (error: unknown): string => String((error as { code?: unknown } | null)?.code ?? '');
