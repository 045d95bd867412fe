/** Databases of a measurement's own: on a server that is there (`DATABASE_URL`, a superuser's), or on an embedded one. All are removed at the end. */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

const rooms = ['identity', 'cases', 'smdb', 'audit'];

export async function openServer(build) {
  const folder = mkdtempSync(join(tmpdir(), 'sluse-bench-'));
  chmodSync(folder, 0o755); // PostgreSQL does not run as root and must be able to pass through
  const { startEmbedded } = await import(`${build}/subgraphs/postgres/embedded.js`);
  const embedded = process.env.DATABASE_URL ? null : await startEmbedded(join(folder, 'data'));
  const url = process.env.DATABASE_URL ?? embedded.url;
  const made = new Set();
  const run = async (sql) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  const drop = async (name) => {
    await run(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    for (const room of rooms) await run(`DROP ROLE IF EXISTS ${name}_${room}`);
    made.delete(name);
  };
  let closing;
  /** Once, whether the end or a signal comes first. */
  const close = () => {
    closing ??= (async () => {
      for (const name of made) await drop(name);
      await embedded?.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    })();
    return closing;
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void close().finally(() => process.exit(130)));
  return {
    close,
    drop,
    /** A database with a random name, and the owner's connection to it. */
    async create() {
      const name = `sluse_bench_${randomBytes(5).toString('hex')}`;
      made.add(name);
      await run(`CREATE DATABASE ${name}`);
      const other = new URL(url);
      other.pathname = `/${name}`;
      return { name, ownerUrl: other.toString() };
    },
  };
}
