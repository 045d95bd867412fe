/**
 * A log is **damaged** when what is stored of it contradicts itself or cannot be read. One damaged log must not keep the others from
 * being signed, dropped in time and compared: what is done for all is done for each by itself, and what failed is said at the end.
 */

/** The message holds the name of the log and numbers, never contents. */
export class DamagedLog extends Error {}

/** What is wrong with a log, without contents; `null` for what says nothing about the log, such as a database that went away. */
export function damageIn(error: unknown): string | null {
  if (error instanceof DamagedLog) return error.message;
  // Data exception (a leaf that is no JSON), or data corrupted.
  return /^(22|XX)/.test(codeOf(error)) ? `SQLSTATE ${codeOf(error)}` : null;
}

/** Does each by itself, in their order; throws at the end what failed: one error as it is, different ones as one. */
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

/** For the journal: what PostgreSQL says of data quotes them, but for a parameter that is refused. */
export const reasonOf = (error: unknown): string =>
  /^22(?!023)/.test(codeOf(error)) ? `SQLSTATE ${codeOf(error)}` : (error as Error).message;

const codeOf = (error: unknown): string => String((error as { code?: unknown } | null)?.code ?? '');
