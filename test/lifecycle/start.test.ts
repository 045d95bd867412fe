import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  dataDirectory,
  endAll,
  isAlive,
  postmaster,
  type RunningSluse,
  start,
  startSluse,
} from '../support/processes.js';
import { loggedTransactions } from './log.js';

let directory: string;
let sluse: RunningSluse;
let firstStart: number;

const lookUp = 'query Lookup { citizen(cpr: "0201609995") { name } }';
const settings = () => ({ SLUSE_DATA_DIR: directory });

beforeAll(async () => {
  directory = await dataDirectory();
  sluse = await startSluse(settings());
  firstStart = sluse.readyAfter;
});
afterAll(endAll);

describe('starting on an embedded database', () => {
  it('is alive and ready, and says so to anyone', async () => {
    for (const [path, status] of [
      ['/health/live', 'live'],
      ['/health/ready', 'ready'],
    ]) {
      const response = await fetch(`${sluse.url}${path}`);
      expect([path, response.status, await response.json()]).toEqual([path, 200, { status }]);
    }
  });

  it('listens on the loopback interface and nowhere else', () => {
    expect(new URL(sluse.url).hostname).toBe('127.0.0.1');
  });

  it('refuses a second start on the same directory, and the first does not notice', async () => {
    const before = await postmaster(directory);
    const second = start('src/main.js', { ...settings(), PORT: '0' });
    expect(await second.exit).toEqual({ code: 1, signal: null });
    expect(second.output()).toBe(
      `Sluse could not start.\nSLUSE_DATA_DIR: ${directory} is in use by another running Sluse. Stop that one, or set SLUSE_DATA_DIR to another directory.\n`,
    );
    expect(await postmaster(directory)).toEqual(before);
    const guide = await sluse.signIn('guidance-worker');
    expect(await (await sluse.ask(guide, lookUp)).json()).toMatchObject({
      data: { citizen: { name: expect.any(String) } },
    });
  });

  it('refuses a port that is taken by naming it, and leaves no PostgreSQL behind', async () => {
    const elsewhere = await dataDirectory();
    const port = new URL(sluse.url).port;
    const second = start('src/main.js', { SLUSE_DATA_DIR: elsewhere, PORT: port });
    expect(await second.exit).toEqual({ code: 1, signal: null });
    expect(second.output()).toContain(`PORT: ${port} on 127.0.0.1 is taken (EADDRINUSE). Set PORT to a free port.`);
    expect(await postmaster(elsewhere)).toBeNull();
  });

  it('is ready in time, at first and again, and keeps what it held', async () => {
    const guide = await sluse.signIn('guidance-worker');
    await (await sluse.ask(guide, lookUp, {}, { 'x-TransaktionsId': 'before-the-restart' })).text();
    const database = await postmaster(directory);
    sluse.kill('SIGTERM');
    expect(await sluse.exit).toEqual({ code: 0, signal: null });
    expect(isAlive(database!.pid)).toBe(false);

    sluse = await startSluse(settings());
    process.stderr.write(`\nReady after ${firstStart} ms at the first start, ${sluse.readyAfter} ms at the next.\n`);
    // What the first start makes is kept. How long it takes in milliseconds depends on the machine and what else it does.
    expect(sluse.readyAfter).toBeLessThan(firstStart);
    expect(await loggedTransactions(sluse)).toContain('before-the-restart');
    // A session outlives the process too: it lies in the database.
    expect((await sluse.ask(guide, lookUp)).status).toBe(200);
  });

  it('refuses to serve the other world from a directory that holds this one', async () => {
    sluse.kill('SIGTERM');
    await sluse.exit;
    const other = start('src/main.js', { ...settings(), PORT: '0', SLUSE_DEMO_SHIELDED: 'false' });
    expect(await other.exit).toEqual({ code: 1, signal: null });
    expect(other.output()).toBe(
      `Database: embedded PostgreSQL in ${directory}/postgres\nRooms: identity, cases, smdb, audit\nSluse could not start.\nSLUSE_DEMO_SHIELDED: this database holds the world with true. Start with that, or with another SLUSE_DATA_DIR.\n`,
    );
    expect(await postmaster(directory)).toBeNull();
  });
});

it('npm start and npm test build by themselves: with install scripts off, npm runs nothing before or after a script', async () => {
  const { scripts } = JSON.parse(await readFile('package.json', 'utf8')) as { scripts: Record<string, string> };
  expect(await readFile('.npmrc', 'utf8')).toMatch(/^ignore-scripts=true$/m);
  expect(Object.keys(scripts).filter((name) => /^(pre|post)/.test(name))).toEqual([]);
  for (const name of ['start', 'jest']) expect(scripts[name]).toMatch(/^npm run --silent build && /);
  for (const name of ['test', 'test:quick', 'test:full', 'test:faults'])
    expect(scripts[name]).toMatch(/^(?:\S+=\S+ )*npm run --silent jest -- ?/);
});
