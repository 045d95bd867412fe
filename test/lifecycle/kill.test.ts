import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import {
  dataDirectory,
  endAll,
  isAlive,
  ownerUrl,
  postmaster,
  type RunningSluse,
  startSluse,
  until,
} from '../support/processes.js';
import { type Crowd, loggedTransactions, missing, startCrowd, twice } from './log.js';

let directory: string;
let sluse: RunningSluse;
const answered: string[] = [];

const restart = async () => {
  sluse = await startSluse({ SLUSE_DATA_DIR: directory });
};

/** What every client holds an answer of is in the log, once. */
const expectAllLogged = async (crowd: Crowd) => {
  expect(crowd.answered.length).toBeGreaterThan(50);
  answered.push(...crowd.answered);
  const logged = await loggedTransactions(sluse);
  expect(missing(answered, logged)).toEqual([]);
  expect(twice(logged)).toEqual([]);
};

beforeAll(async () => {
  directory = await dataDirectory();
  await restart();
});
afterAll(endAll);

const crowded = async (): Promise<Crowd> => {
  const crowd = startCrowd(sluse, await sluse.signIn('guidance-worker'));
  await until('the crowd has answers', () => crowd.answered.length > 50);
  return crowd;
};

describe('kill -9 in the middle of requests', () => {
  it.each([1, 2])('of Sluse loses no entry whose answer was received, and asks for no manual step (%i)', async () => {
    const crowd = await crowded();
    const orphan = await postmaster(directory);
    sluse.kill('SIGKILL');
    expect(await sluse.exit).toEqual({ code: null, signal: 'SIGKILL' });
    await crowd.over;
    expect(isAlive(orphan!.pid)).toBe(true); // or the test would not be about an orphan
    await restart();
    expect(isAlive(orphan!.pid)).toBe(false);
    await expectAllLogged(crowd);
  });

  it('of PostgreSQL ends Sluse with a message, and nothing is answered that is not in the log', async () => {
    const crowd = await crowded();
    process.kill((await postmaster(directory))!.pid, 'SIGKILL');
    expect(await sluse.exit).toEqual({ code: 1, signal: null });
    expect(sluse.output()).toContain('the embedded PostgreSQL has ended; nothing can be answered or logged without it');
    await crowd.over;
    expect(crowd.refused.filter((status) => status !== 503)).toEqual([]);
    await restart();
    await expectAllLogged(crowd);
  });

  it('of both at once is as a power cut: the next start has it all', async () => {
    const crowd = await crowded();
    process.kill((await postmaster(directory))!.pid, 'SIGKILL');
    sluse.kill('SIGKILL');
    await sluse.exit;
    await crowd.over;
    await restart();
    await expectAllLogged(crowd);
  });

  it('of both at once, after which the number of PostgreSQL goes to some other program, is no other', async () => {
    const { pid } = (await postmaster(directory))!;
    sluse.kill('SIGKILL');
    await sluse.exit;
    process.kill(pid, 'SIGKILL');
    await until('PostgreSQL is dead', () => !isAlive(pid));
    const file = join(directory, 'postgres', 'postmaster.pid');
    const lines = (await readFile(file, 'utf8')).split('\n');
    await writeFile(file, [process.pid, ...lines.slice(1)].join('\n'));
    await restart();
    expect(twice(await loggedTransactions(sluse))).toEqual([]);
  });

  it('of one of its connections costs an answer at most, never an entry', async () => {
    const crowd = await crowded();
    const owner = new pg.Client({ connectionString: await ownerUrl(directory) });
    await owner.connect();
    for (let round = 0; round < 5; round += 1) {
      await owner.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'sluse_audit'`);
      await wait(50);
    }
    await owner.end();
    const before = crowd.answered.length;
    await until('answers go on', () => crowd.answered.length > before + 20);
    sluse.kill('SIGKILL');
    await sluse.exit;
    await crowd.over;
    await restart();
    await expectAllLogged(crowd);
  });
});
