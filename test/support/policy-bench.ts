/** A room's tables as its own login role meets them, and policies taken down one at a time. */
import { expect } from '@jest/globals';
import pg from 'pg';
import { roleOf, roomUrl } from '../../subgraphs/postgres/migrate.js';
import { freshDatabase, type TestDatabase, testSecret } from './database.js';

export type Settings = Record<string, string>;
export type Statement = readonly [as: Settings, sql: string, values?: readonly unknown[]];

/** SQLSTATE of what a policy refuses. */
export const denied = '42501';

export interface PolicyBench {
  readonly database: TestDatabase;
  /** All in one transaction, rolled back. Answers with the SQLSTATE of the last, or how many rows it met; others have to succeed. */
  outcome(...statements: readonly Statement[]): Promise<string | number>;
  /** Without a policy something else is answered than with it; then it is put back. */
  matters(table: string, policy: string, statements: readonly Statement[], withIt: string | number): Promise<void>;
  close(): Promise<void>;
}

export async function openPolicyBench(room: string): Promise<PolicyBench> {
  const template = process.env.SLUSE_TEST_WORLD!;
  const role = roleOf(template, room);
  const database = await freshDatabase(template);
  const client = new pg.Client({ connectionString: roomUrl(database.url, role, testSecret) });
  await client.connect();

  async function outcome(...statements: readonly Statement[]): Promise<string | number> {
    const last = statements.at(-1)!;
    await client.query('BEGIN');
    try {
      for (const statement of statements) {
        const [settings, sql, values = []] = statement;
        for (const [name, value] of Object.entries(settings))
          await client.query('SELECT set_config($1, $2, true)', [`sluse.${name}`, value]);
        try {
          const { rowCount } = await client.query(sql, [...values]);
          if (statement === last) return rowCount ?? 0;
        } catch (error) {
          const { code: told } = error as { code: string };
          return statement === last ? told : `before the last: ${told}`;
        }
      }
      throw new Error('nothing was asked');
    } finally {
      await client.query('ROLLBACK');
    }
  }

  return {
    database,
    outcome,
    async matters(table, policy, statements, withIt) {
      expect([table, policy, await outcome(...statements)]).toEqual([table, policy, withIt]);
      const [found] = await database.sql<{ cmd: string; using: string | null; checking: string | null; roles: string }>(
        `SELECT CASE polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END AS cmd,
                pg_get_expr(polqual, polrelid) AS using, pg_get_expr(polwithcheck, polrelid) AS checking
         FROM pg_policy WHERE polrelid = $1::regclass AND polname = $2`,
        [`${room}.${table}`, policy],
      );
      if (!found) throw new Error(`${table} has no policy ${policy}`);
      await database.sql(`DROP POLICY ${policy} ON ${room}.${table}`);
      try {
        expect([table, policy, await outcome(...statements)]).not.toEqual([table, policy, withIt]);
      } finally {
        await database.sql(
          `SET search_path = ${room}; CREATE POLICY ${policy} ON ${table} FOR ${found.cmd} TO "${role}"
           ${found.using === null ? '' : `USING (${found.using})`} ${found.checking === null ? '' : `WITH CHECK (${found.checking})`}`,
        );
      }
      expect(await outcome(...statements)).toEqual(withIt);
    },
    async close() {
      await client.end();
      await database.drop();
    },
  };
}
