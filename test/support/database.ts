/** Databases of a test's own on the run's server. Names and login roles are random and are removed again. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';

export interface TestDatabase {
  /** Connection of the owner, a superuser. */
  readonly url: string;
  readonly name: string;
  /** Runs SQL as the owner. */
  sql<Row = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
  drop(): Promise<void>;
}

/** The secret from which tests derive the passwords of the rooms' login roles. */
export const testSecret = 'only-for-tests-only-for-tests-only-for-tests';

export async function freshDatabase(template?: string): Promise<TestDatabase> {
  const server = process.env.SLUSE_TEST_SERVER;
  if (!server) throw new Error('SLUSE_TEST_SERVER is not set: run through `npm test`.');
  const name = `sluse_test_${randomBytes(5).toString('hex')}`;
  const admin = await connected(onDatabase(server, 'postgres'));
  // In memory, files are copied in half the time; on a server's disk, which waits for them, it is the other way round.
  const strategy = process.env.DATABASE_URL ? '' : 'STRATEGY FILE_COPY';
  await admin.query(`CREATE DATABASE ${name} ${template ? `TEMPLATE ${template} ${strategy}` : ''}`);
  await admin.end();
  const url = onDatabase(server, name);
  return {
    url,
    name,
    async sql(text, values) {
      const client = await connected(url);
      try {
        return (await client.query(text, values)).rows;
      } finally {
        await client.end();
      }
    },
    async drop() {
      const client = await connected(onDatabase(server, 'postgres'));
      try {
        await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
        const { rows } = await client.query('SELECT rolname FROM pg_roles WHERE starts_with(rolname, $1)', [
          `${name}_`,
        ]);
        for (const { rolname } of rows) await client.query(`DROP ROLE ${client.escapeIdentifier(rolname)}`);
      } finally {
        await client.end();
      }
    },
  };
}

function onDatabase(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.toString();
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}
