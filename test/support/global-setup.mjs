/**
 * One PostgreSQL for the whole run (the server of DATABASE_URL where that is set, an embedded one otherwise) and on it both demo
 * worlds, made once: tests take copies of them. Says which server, because a green run means what it ran on.
 *
 * The embedded one lies in memory where there is room: a copy of a world takes a tenth of the time. What must be durable is tested
 * elsewhere, by Sluse as a process with a directory on disk (`lifecycle/`, `faults/`).
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, statfs } from 'node:fs/promises';
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
  const parent = (await hasRoom(memory)) ? memory : tmpdir();
  await removeAbandoned(parent);
  globalThis.embeddedDirectory = await mkdtemp(join(parent, `sluse-test-${process.pid}-`));
  globalThis.embedded = await startEmbedded(globalThis.embeddedDirectory);
  process.stderr.write(
    `\nDatabase: embedded PostgreSQL in ${parent} (set DATABASE_URL and REDIS_URL to run on servers).\n`,
  );
  return globalThis.embedded.url;
}

/** Linux: a file system in memory. */
const memory = '/dev/shm';
const room = 4 * 1024 ** 3;
const hasRoom = (folder) =>
  statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize >= room,
    () => false,
  );

/** Removes what runs left that were killed. A PostgreSQL that finds its directory gone ends within a minute. */
async function removeAbandoned(parent) {
  for (const name of await readdir(parent)) {
    const run = /^sluse-test-(\d+)-/.exec(name)?.[1];
    if (run && !isAlive(Number(run))) await rm(join(parent, name), { recursive: true, force: true });
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
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
