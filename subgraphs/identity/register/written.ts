/** What every statement that writes to the register tells. */
import type { Query } from '../../postgres/owner.js';

export interface Written {
  readonly added: number;
  readonly changed: number;
}

export type Write = (query: Query, municipality: string, now: Date) => Promise<Written>;

/** Ids of the rows that a statement with RETURNING id has changed. */
export const ids = async (query: Query, sql: string, values: readonly unknown[]): Promise<string[]> =>
  (await query<{ id: string }>(sql, values)).map(({ id }) => id);

/** How many rows a statement with RETURNING has changed, without sending them all. */
export const counted = async (query: Query, sql: string, values: readonly unknown[]): Promise<number> => {
  const [row] = await query<{ count: number }>(`WITH written AS (${sql}) SELECT count(*) FROM written`, values);
  return row!.count;
};
