import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import {
  dataDirectory,
  endAll,
  isAlive,
  ownerUrl,
  postmaster,
  start,
  startSluse,
  until,
} from '../support/processes.js';

afterAll(endAll);

const there = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Whether a query of the owner finds something; `false` while the database cannot be reached. */
async function finds(directory: string, sql: string): Promise<boolean> {
  const url = await ownerUrl(directory);
  if (!URL.canParse(url)) return false;
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 500 });
  client.on('error', () => {});
  try {
    await client.connect();
    return ((await client.query(sql)).rowCount ?? 0) > 0;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

const isMade = (directory: string) => there(join(directory, 'postgres', 'PG_VERSION'));

/** Moments of the very first start, in their order. Each start below is killed at the next of them. */
const moments: [string, (directory: string) => Promise<boolean>][] = [
  ['the password is being made', async (directory) => (await readdir(directory)).length > 0],
  [
    'the cluster is being made',
    async (directory) => {
      const fresh = (await readdir(directory)).find((name) => name.startsWith('postgres.new-'));
      // It takes half a second, which a busy machine may sleep through: then the kill comes at the moment after it.
      return (fresh !== undefined && (await there(join(directory, fresh, 'base')))) || isMade(directory);
    },
  ],
  ['the cluster is there', isMade],
  ['PostgreSQL is being started', async (directory) => (await postmaster(directory)) !== null],
  ['the rooms are being made', (directory) => finds(directory, `SELECT FROM pg_namespace WHERE nspname = 'cases'`)],
  [
    'the demo is being put in',
    (directory) => finds(directory, `SELECT FROM pg_stat_activity WHERE query LIKE 'INSERT INTO cases.%'`),
  ],
];

describe('kill -9 during the very first start', () => {
  it('asks for no manual step, whenever it comes', async () => {
    const directory = await dataDirectory();
    for (const [moment, reached] of moments) {
      const began = start('src/main.js', { SLUSE_DATA_DIR: directory, PORT: '0' });
      let ended = false;
      void began.exit.then(() => (ended = true));
      await until(moment, async () => ended || (await reached(directory)), 15_000);
      began.kill('SIGKILL');
      // It was running until it was killed: nothing that the last kill left was in its way.
      expect([moment, await began.exit]).toEqual([moment, { code: null, signal: 'SIGKILL' }]);
      expect(began.output()).toMatch(/^(?:(?:Database|Rooms): .*\n)*$/);
    }
    const sluse = await startSluse({ SLUSE_DATA_DIR: directory });
    const token = await sluse.signIn('guidance-worker');
    const answer = await sluse.ask(token, '{ citizen(cpr: "0201609995") { cases { totalCount } } }');
    expect(await answer.json()).toEqual({ data: { citizen: { cases: { totalCount: 1 } } } });
    // What the killed starts left lying about is cleared up, their password file first of all.
    expect((await readdir(directory)).sort()).toEqual([
      'case-system.jwk.json',
      'log-key.pem',
      'nemlogin-key.pem',
      'nemlogin-metadata.xml',
      'owner-password',
      'postgres',
      'saml-key.pem',
    ]);
    sluse.kill('SIGTERM');
    expect(await sluse.exit).toEqual({ code: 0, signal: null });
  });
});

describe('two first starts at once on an empty directory', () => {
  it('end with exactly one that is ready and one that says why not', async () => {
    const directory = await dataDirectory();
    const settings = { SLUSE_DATA_DIR: directory, PORT: '0' };
    const two = [start('src/main.js', settings), start('src/main.js', settings)];
    const outcomes = await Promise.all(
      two.map((one) =>
        Promise.race([
          one.says(/Sluse is ready at/).then(
            () => 'ready',
            () => 'not ready',
          ),
          one.exit.then(({ code }) => `exit ${code}`),
        ]),
      ),
    );
    expect({ outcomes: [...outcomes].sort(), said: two.map((one) => one.output()) }).toEqual({
      outcomes: ['exit 1', 'ready'],
      said: expect.anything(),
    });
    const winner = two.find((one) => one.output().includes('ready'))!;
    const loser = two.find((one) => one !== winner)!;
    expect(loser.output()).toMatch(/SLUSE_DATA_DIR: \S+ is in use by another running Sluse\./);
    expect(isAlive(winner.pid)).toBe(true);
    winner.kill('SIGTERM');
    expect(await winner.exit).toEqual({ code: 0, signal: null });
  });
});
