/** The database as its owner sees it, for commands: every row of one moment, whoever it belongs to. Writes only where said. */
import pg from 'pg';
import { connectionOf } from './connection-options.js';

export type Query = <Row>(sql: string, values?: readonly unknown[]) => Promise<Row[]>;

export async function asOwner<T>(
  url: string,
  schema: string,
  work: (query: Query) => Promise<T>,
  mode: 'read' | 'write' = 'read',
): Promise<T> {
  const client = new pg.Client({
    ...connectionOf(url),
    types: { getTypeParser: typeParser as typeof pg.types.getTypeParser },
  });
  // A connection that dies between two statements emits here; without a listener it would end the process.
  client.on('error', () => {});
  await client.connect();
  try {
    // One snapshot: what is appended meanwhile is neither here nor there.
    await client.query(mode === 'read' ? 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY' : 'BEGIN');
    // Refuses, instead of leaving rows out in silence, should this owner not bypass row-level security.
    await client.query(
      `SET LOCAL row_security = off; SET LOCAL statement_timeout = 0; SET LOCAL jit = off; SET LOCAL search_path = ${client.escapeIdentifier(schema)}`,
    );
    const result = await work(async (sql, values) => (await client.query(sql, values as unknown[] | undefined)).rows);
    // Whatever throws on the way ends the connection, and with it the transaction.
    await client.query('COMMIT');
    return result;
  } finally {
    await client.end();
  }
}

/** bigint counts become numbers; the rest as pg does it. */
const typeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format as 'text');
