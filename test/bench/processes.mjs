/** Processes that the benchmark starts: pinned to a core where that can be, watched through /proc, and all ended at the end. */
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';

/** Gateways run on one core, all that they talk to (and the load) on the other. */
export const gatewayCore = 0;
export const otherCore = 1;
export const canPin = availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0;

const children = new Set();
const command = (core, program, args) =>
  canPin && core !== null ? ['taskset', ['-c', String(core), program, ...args]] : [program, args];

/**
 * Starts a program and waits for the line by which it says that it is ready. Its groups are what `pattern` captured.
 * `taskset` replaces itself by the program, so the pid is the program's own.
 */
export async function start(
  label,
  { program = process.execPath, args, core, env = {}, ready = /^ready (\S+)(?: (\S+))?/m },
) {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(...command(core, program, args), {
    env: { PATH, HOME, NODE_ENV: 'production', NODE_NO_WARNINGS: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output = (output + chunk).slice(-20_000);
    });
  let ended = false;
  const exit = new Promise((done) => child.once('close', done)).then(() => {
    ended = true;
    children.delete(child);
  });
  child.on('error', (error) => {
    output += error.message;
  });
  for (const until = Date.now() + 60_000; ; await wait(20)) {
    const said = ready.exec(output);
    if (said) return { label, pid: child.pid, said: said.slice(1), output: () => output, ended: () => ended, stop };
    if (ended || Date.now() > until) {
      await stop();
      throw new Error(`${label} did not start. It said:\n${output.trim().slice(-2_000)}`);
    }
  }
  async function stop() {
    if (ended) return;
    child.kill('SIGTERM');
    await Promise.race([exit, wait(8_000)]);
    if (!ended) child.kill('SIGKILL');
    await exit;
  }
}

/** Runs a program to its end; answers with what it wrote. */
export async function run(label, { program, args, core, env = {}, cwd }) {
  const child = spawn(...command(core, program, args), {
    env: { ...process.env, ...env },
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk;
    });
  const code = await new Promise((done) => {
    child.once('error', () => done(-1));
    child.once('close', done);
  });
  children.delete(child);
  if (code !== 0) throw new Error(`${label} ended with ${code}:\n${output.trim().slice(-2_000)}`);
  return output;
}

/** For a harness that is itself being ended: no time is left to ask politely. */
export function killAll() {
  for (const child of children) child.kill('SIGKILL');
}

const statOf = (pid) => {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
};

/** Milliseconds of processor that a process and, if asked, everything below it have used (user and system). */
export function cpuMs(pid, { tree = false } = {}) {
  const ticks = (one) => {
    const stat = statOf(one);
    return Number(stat[11]) + Number(stat[12]);
  };
  const pids = tree ? descendants(pid) : [pid];
  return pids.reduce((sum, one) => {
    try {
      return sum + ticks(one) * 10; // USER_HZ is 100 on every Linux that Node runs on
    } catch {
      return sum; // ended meanwhile
    }
  }, 0);
}

/** Milliseconds since the start of the machine in which a core worked, for whomever. */
export function coreBusyMs(core) {
  const line = readFileSync('/proc/stat', 'utf8')
    .split('\n')
    .find((one) => one.startsWith(`cpu${core} `));
  const [user, nice, system, , , irq, softirq] = line.split(' ').slice(1).map(Number);
  return (user + nice + system + irq + softirq) * 10;
}

/** Waits until a process rests: a gateway goes on with what it was asked after the load has hung up, on its successor's core. */
export async function settled(pid) {
  for (const until = Date.now() + 15_000; Date.now() < until; ) {
    const before = cpuMs(pid);
    await wait(200);
    if (cpuMs(pid) - before <= 10) return;
  }
}

function descendants(root) {
  const parents = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      parents.set(Number(name), Number(statOf(name)[1]));
    } catch {
      // ended meanwhile
    }
  }
  const found = [root];
  for (const one of found) for (const [pid, parent] of parents) if (parent === one) found.push(pid);
  return found;
}

/** From here on the peak counts from what the process holds now. */
export function forgetPeak(pid) {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // Not allowed: the peak is then that of the process's whole life.
  }
}

export const peakMb = (pid) =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
