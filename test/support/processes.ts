/**
 * Sluse as processes of their own, as an operator starts them: for what no test inside the process can see. Whatever a
 * test starts here ends with it (`endAll` in an `afterAll`), a PostgreSQL that was orphaned on purpose too.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Started {
  readonly pid: number;
  /** Both streams so far. */
  output(): string;
  kill(signal: NodeJS.Signals): void;
  readonly exit: Promise<Exit>;
  /** Resolves to the first match in the output; throws, with the output, if the process ends or `within` passes before. */
  says(pattern: RegExp, within?: number): Promise<RegExpMatchArray>;
}

export interface RunningSluse extends Started {
  readonly url: string;
  /** Milliseconds from the start of the process until it said that it was ready. */
  readonly readyAfter: number;
  ask(token: string, query: string, variables?: object, headers?: Record<string, string>): Promise<Response>;
  signIn(person: string): Promise<string>;
}

const children: ChildProcess[] = [];
const directories: string[] = [];

/** Runs a built file of `dist/` with these settings and no others: nothing of the test run's own environment. */
export function start(file: string, settings: Record<string, string>, args: readonly string[] = []): Started {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [`dist/${file}`, ...args], {
    env: { PATH, HOME, SLUSE_LOG_LEVEL: 'fatal', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk));
  // `close`, not `exit`: what the process said last must have been read.
  const exit = new Promise<Exit>((done) => child.once('close', (code, signal) => done({ code, signal })));
  let ended = false;
  void exit.then(() => (ended = true));
  return {
    pid: child.pid!,
    output: () => output,
    kill: (signal) => void child.kill(signal),
    exit,
    async says(pattern, within = 50_000) {
      for (const until = Date.now() + within; ; await wait(10)) {
        const found = pattern.exec(output);
        if (found) return found;
        if (ended || Date.now() > until)
          throw new Error(
            `${file} ${ended ? 'ended' : 'is still running'} without saying ${pattern}. It said:\n${output}`,
          );
      }
    },
  };
}

/** Starts the gateway and waits until it is ready. */
export async function startSluse(settings: Record<string, string>): Promise<RunningSluse> {
  const began = Date.now();
  const started = start('src/main.js', { PORT: '0', HOST: '127.0.0.1', ...settings });
  const url = (await started.says(/Sluse is ready at (http\S+)/))[1]!;
  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  return {
    ...started,
    url,
    readyAfter: Date.now() - began,
    ask: (token, query, variables = {}, headers = {}) =>
      post('/graphql', { query, variables }, { authorization: `Bearer ${token}`, ...headers }),
    async signIn(person) {
      const answer = await post('/demo/sign-in', { person });
      return ((await answer.json()) as { token: string }).token;
    },
  };
}

/** An empty data directory. */
export async function dataDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'sluse-data-'));
  directories.push(directory);
  return directory;
}

/** The process and the port of the PostgreSQL in a data directory; `null` when its pid file is not there. */
export async function postmaster(directory: string): Promise<{ pid: number; port: number } | null> {
  const lines = (await readFile(join(directory, 'postgres', 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  return lines[3] ? { pid: Number(lines[0]), port: Number(lines[3]) } : null;
}

/** Connection of the owner of an embedded database. */
export async function ownerUrl(directory: string): Promise<string> {
  const password = await readFile(join(directory, 'owner-password'), 'utf8');
  return `postgres://sluse:${password}@127.0.0.1:${(await postmaster(directory))?.port}/sluse`;
}

/** Whether a process runs; one that has ended, and that nobody has asked for its exit code yet, does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return existsSync('/proc/self') === false;
  }
}

/** Waits for a condition; throws with its name when `within` passes. */
export async function until(name: string, holds: () => unknown, within = 10_000): Promise<void> {
  for (const end = Date.now() + within; !(await holds()); await wait(5))
    if (Date.now() > end) throw new Error(`${name}: not within ${within} ms`);
}

export async function endAll(): Promise<void> {
  for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  for (const directory of directories) {
    const orphan = await postmaster(directory);
    if (orphan && isAlive(orphan.pid)) {
      process.kill(orphan.pid, 'SIGINT');
      await until('PostgreSQL ends', () => !isAlive(orphan.pid));
    }
    await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
