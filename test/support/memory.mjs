/**
 * Prints the idle memory of the embedded process tree: `node test/support/memory.mjs` after `npm run build`. Proportional
 * set size (shared pages are shared out among their users) of Sluse and all processes of its PostgreSQL, 30 s after a
 * start without load. Linux only.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const directory = await mkdtemp(join(tmpdir(), 'sluse-memory-'));
const { PATH, HOME } = process.env;

/** Started twice: the first start also makes the demo, and holds on to what it needed for that. */
for (const start of ['first start', 'next start']) {
  const sluse = spawn(process.execPath, ['dist/src/main.js'], {
    env: { PATH, HOME, PORT: '0', SLUSE_DATA_DIR: directory },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((done) => sluse.once('exit', done));
  await new Promise((ready) => sluse.stdout.on('data', (text) => String(text).includes('is ready') && ready()));
  await wait(30_000);
  const [server] = (await readFile(join(directory, 'postgres/postmaster.pid'), 'utf8')).split('\n');
  const postgres = [Number(server), ...(await childrenOf(Number(server)))];
  const node = await megabytes([sluse.pid]);
  const database = await megabytes(postgres);
  process.stdout.write(
    `${start}: ${(node + database).toFixed(0)} MB = node ${node.toFixed(0)} MB + ${postgres.length} PostgreSQL processes ${database.toFixed(0)} MB\n`,
  );
  sluse.kill('SIGTERM');
  await ended;
}
await rm(directory, { recursive: true, force: true });

async function childrenOf(parent) {
  const children = [];
  for (const name of await readdir('/proc')) {
    const stat = /^\d+$/.test(name) && (await readFile(`/proc/${name}/stat`, 'utf8').catch(() => ''));
    if (stat && Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent) children.push(Number(name));
  }
  return children;
}

async function megabytes(pids) {
  const sizes = await Promise.all(
    pids.map(async (pid) => /^Pss:\s+(\d+) kB/m.exec(await readFile(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0),
  );
  return sizes.reduce((sum, size) => sum + Number(size), 0) / 1024;
}
