/** SQL of the staging tables: one for each kind, for one transaction, with the text of each column as it was read. */
import type { Copy, Query } from '../../postgres/owner.js';
import type { Kind, KindName } from './kinds.js';

export async function createStaging(query: Query, kinds: readonly Kind[]): Promise<void> {
  for (const { name, columns } of kinds)
    await query(
      `CREATE TEMP TABLE staged_${name} (line int, ${columns.map((column) => `${column.name} text`).join(', ')}) ON COMMIT DROP`,
    );
}

export const copyStaged = (copy: Copy, { name, columns }: Kind, lines: AsyncIterable<string>): Promise<void> =>
  copy(`COPY staged_${name} (line, ${columns.map((column) => column.name).join(', ')}) FROM STDIN`, lines);

/** Statistics, without which PostgreSQL would plan joins of millions of rows as if there were a thousand. */
export const analyseStaged = (query: Query, { name, key }: Kind): Promise<unknown> =>
  query(`CREATE INDEX ON staged_${name} (${key.join(', ')}); ANALYZE staged_${name}`);

/** Of two imports at once the second is refused: it would judge by a register that the first is changing. */
export async function isAlone(query: Query, municipality: string): Promise<boolean> {
  const [row] = await query<{ alone: boolean }>(
    `SELECT pg_try_advisory_xact_lock(hashtextextended('register ' || $1, 0)) AS alone`,
    [municipality],
  );
  return row!.alone;
}

export async function countStaged(query: Query, kind: KindName): Promise<number> {
  const [row] = await query<{ count: number }>(`SELECT count(*) FROM staged_${kind}`);
  return row!.count;
}

/** After many new rows: the room's statements are planned by statistics, which the server itself renews a minute later at best. */
export const analyseRegister = (query: Query): Promise<unknown> =>
  query('ANALYZE organisation, employee, nemlogin_identity, citizen, relation, citizen_identity');
