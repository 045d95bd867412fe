/**
 * One PostgreSQL for the whole run (the server of DATABASE_URL where that is set, an embedded one in a temporary directory
 * otherwise) and on it both demo worlds, made once: tests take copies of them. Says which server, because a green run
 * means what it ran on.
 */
import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

export default async function setup() {
  const server = await startServer();
  process.env.SLUSE_TEST_SERVER = server;
  const run = randomBytes(4).toString('hex');
  for (const [shielded, variable] of [
    [true, 'SLUSE_TEST_WORLD'],
    [false, 'SLUSE_TEST_OTHER_WORLD'],
  ]) {
    const name = `sluse_test_${run}_${shielded ? 'world' : 'other'}`;
    await makeWorld(server, name, shielded);
    process.env[variable] = name;
  }
}

async function startServer() {
  if (process.env.DATABASE_URL) {
    const redis = process.env.REDIS_URL ? 'REDIS_URL' : 'none (REDIS_URL is not set: what needs Redis is not run)';
    process.stderr.write(`\nDatabase: the server of DATABASE_URL. Redis: ${redis}.\n`);
    return process.env.DATABASE_URL;
  }
  const { startEmbedded } = await import('../../dist/subgraphs/postgres/embedded.js');
  globalThis.embeddedDirectory = await mkdtemp(join(tmpdir(), 'sluse-test-'));
  // Under root PostgreSQL runs as the system user `postgres`, who must be able to pass through.
  await chmod(globalThis.embeddedDirectory, 0o755);
  globalThis.embedded = await startEmbedded(globalThis.embeddedDirectory);
  process.stderr.write('\nDatabase: embedded PostgreSQL (set DATABASE_URL and REDIS_URL to run on servers).\n');
  return globalThis.embedded.url;
}

async function makeWorld(server, name, shielded) {
  const { migrate } = await import('../../dist/subgraphs/postgres/migrate.js');
  const { seed } = await import('../../dist/subgraphs/demo/seed.js');
  const { makeDemo, makeDemoLog } = await import('../../dist/subgraphs/demo/index.js');
  const { demoNow } = await import('../../dist/subgraphs/demo/people.js');
  const { makeAuditRoom } = await import('../../dist/subgraphs/audit/index.js');
  const { openDatabase } = await import('../../dist/subgraphs/postgres/database.js');
  const { packed } = await import('../../dist/subgraphs/protocol/log-entry.js');
  const admin = new pg.Client({ connectionString: onDatabase(server, 'postgres') });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.end();
  const ownerUrl = onDatabase(server, name);
  const urls = {};
  for (const room of ['identity', 'cases', 'smdb', 'audit']) {
    const folder = new URL(`../../dist/subgraphs/${room}/`, import.meta.url);
    urls[room] = await migrate({ ownerUrl, room, folder, secret: 'only-for-tests-only-for-tests-only-for-tests' });
  }
  const database = openDatabase(urls.audit);
  // Two worlds may differ in nothing but their shielded cases: not in what chance would bring.
  const { append } = makeAuditRoom({
    salt: (id) => createHash('sha256').update(id).digest('hex').slice(0, 32),
  }).internal;
  await seed(ownerUrl, { shielded }, makeDemo, (world) =>
    append({ database, now: () => demoNow, log: console }, packed(makeDemoLog(world))),
  );
  await database.close();
}

function onDatabase(server, name) {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.toString();
}
