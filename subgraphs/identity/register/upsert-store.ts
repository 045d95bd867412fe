/** What all statements that bring the register up to what is staged have in common. */
import type { Query } from '../../postgres/owner.js';

export interface Written {
  readonly added: number;
  readonly changed: number;
}

export type Write = (query: Query, municipality: string, now: Date) => Promise<Written>;

/** The value of a column as it will be: what the register has, `t`, where the row does not have the column. */
export const kept = (column: string): string =>
  `CASE WHEN '${column}' = ANY (s.absent) THEN t.${column} ELSE s.${column} END`;

/** Ids of the rows that a statement with RETURNING id has changed. */
export const ids = async (query: Query, sql: string, values: readonly unknown[]): Promise<string[]> =>
  (await query<{ id: string }>(sql, values)).map(({ id }) => id);

/** How many rows a statement with RETURNING has changed, without sending them all. */
export const counted = async (query: Query, sql: string, values: readonly unknown[]): Promise<number> => {
  const [row] = await query<{ count: number }>(`WITH written AS (${sql}) SELECT count(*) FROM written`, values);
  return row!.count;
};
