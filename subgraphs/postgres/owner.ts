/**
 * The database as its owner sees it, for commands: every row on one snapshot, whoever it belongs to. Read-only unless the caller asks
 * to write.
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { connectionOf } from './connection-options.js';

export type Query = <Row>(sql: string, values?: readonly unknown[]) => Promise<Row[]>;

/** Runs a `COPY … FROM STDIN` with these texts, as fast as PostgreSQL takes them. */
export type Copy = (sql: string, texts: AsyncIterable<string>) => Promise<void>;

/** Runs `work` in one transaction with `schema` as the search path. Statements have no time limit. */
export async function asOwner<T>(
  url: string,
  schema: string,
  work: (query: Query, copy: Copy) => Promise<T>,
  mode: 'read' | 'write' = 'read',
): Promise<T> {
  const client = new pg.Client({
    ...connectionOf(url),
    types: { getTypeParser: typeParser as typeof pg.types.getTypeParser },
  });
  // A connection that dies between two statements emits an error here. Without a listener it would end the process.
  client.on('error', () => {});
  await client.connect();
  try {
    // One snapshot: rows appended meanwhile are not seen in any statement.
    await client.query(mode === 'read' ? 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY' : 'BEGIN');
    // Fails if this owner does not bypass row-level security, instead of silently leaving rows out.
    await client.query(
      `SET LOCAL row_security = off; SET LOCAL statement_timeout = 0; SET LOCAL jit = off; SET LOCAL search_path = ${client.escapeIdentifier(schema)}`,
    );
    const result = await work(
      async (sql, values) => (await client.query(sql, values as unknown[] | undefined)).rows,
      (sql, texts) => pipeline(Readable.from(texts), client.query(copyFrom(sql))),
    );
    // An error above closes the connection, which rolls the transaction back.
    await client.query('COMMIT');
    return result;
  } finally {
    await client.end();
  }
}

/** bigint counts become numbers. Other types are parsed as pg does. */
const typeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format as 'text');
