import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { patience } from '../../subgraphs/edge/connections.js';
import {
  dataDirectory,
  endAll,
  isAlive,
  ownerUrl,
  postmaster,
  type RunningSluse,
  start,
  startSluse,
  until,
} from '../support/processes.js';
import { loggedTransactions, missing } from './log.js';

let directory: string;
let sluse: RunningSluse;
let token: string;

const lookUp = 'query Lookup { citizen(cpr: "0201609995") { name cases { totalCount } } }';

beforeAll(async () => {
  directory = await dataDirectory();
});
beforeEach(async () => {
  sluse = await startSluse({ SLUSE_DATA_DIR: directory });
  token = await sluse.signIn('guidance-worker');
});
afterAll(endAll);

/** Stops it, and tells how long that took, to compare with how long a connection may take. The database must have ended in good order. */
async function stopped(signal: NodeJS.Signals): Promise<number> {
  const database = await postmaster(directory);
  const began = Date.now();
  sluse.kill(signal);
  expect(await sluse.exit).toEqual({ code: 0, signal: null });
  expect(await postmaster(directory)).toBeNull();
  expect(isAlive(database!.pid)).toBe(false);
  return Date.now() - began;
}

/** Makes every look at cases wait until the answer is called. */
async function holdUp(): Promise<() => Promise<void>> {
  const owner = new pg.Client({ connectionString: await ownerUrl(directory) });
  owner.on('error', () => {});
  await owner.connect();
  await owner.query('BEGIN');
  await owner.query('LOCK TABLE cases.ordinary_case IN ACCESS EXCLUSIVE MODE');
  return async () => {
    await owner.query('ROLLBACK');
    await owner.end();
  };
}

async function sockets(count: number, text: string): Promise<Socket[]> {
  const { hostname, port } = new URL(sluse.url);
  return Promise.all(
    Array.from({ length: count }, async () => {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => {});
      socket.resume();
      await new Promise<void>((done) => socket.once('connect', done));
      if (text) socket.write(text);
      return socket;
    }),
  );
}

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  it('lets answers under way end whole and logged, then the process, then PostgreSQL', async () => {
    const ids = Array.from({ length: 8 }, (_, place) => `${signal}-${place}`);
    const release = await holdUp();
    const answers = ids.map(async (id) => {
      const response = await sluse.ask(token, lookUp, {}, { 'x-TransaktionsId': id });
      return { status: response.status, body: await response.json() };
    });
    await wait(300);
    const end = stopped(signal);
    await wait(500);
    await expect(fetch(`${sluse.url}/health/live`)).rejects.toThrow('fetch failed'); // nobody new is let in
    await release();
    for (const answer of await Promise.all(answers))
      expect(answer).toEqual({
        status: 200,
        body: { data: { citizen: { name: expect.any(String), cases: { totalCount: 1 } } } },
      });
    await end;

    sluse = await startSluse({ SLUSE_DATA_DIR: directory });
    expect(missing(ids, await loggedTransactions(sluse))).toEqual([]);
    await stopped(signal);
  });
});

describe('stopping is not held up', () => {
  it('by idle keep-alive connections', async () => {
    const idle = await sockets(20, 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
    await wait(200);
    expect(await stopped('SIGTERM')).toBeLessThan(patience.keepAlive);
    for (const socket of idle) expect(socket.destroyed || socket.readableEnded).toBe(true);
  });

  it('by connections on which nothing was ever sent, as browsers open them in advance', async () => {
    await sockets(20, '');
    await wait(100);
    expect(await stopped('SIGTERM')).toBeLessThan(patience.head);
  });

  it('by requests that never end, nor by an answer that does not come', async () => {
    await holdUp();
    const late = sluse.ask(token, lookUp).then((response) => response.json());
    await sockets(3, 'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-');
    await sockets(
      3,
      `POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
    );
    await wait(100);
    expect(await stopped('SIGTERM')).toBeLessThan(patience.head);
    // A room has 5 s: who asked is told that it did not answer.
    expect(await late).toMatchObject({
      data: { citizen: null },
      errors: [
        {
          message: 'A system behind this field did not answer. Try again later.',
          extensions: { code: 'SUBGRAPH_UNAVAILABLE' },
        },
      ],
    });
  });

  it('by a signal that comes while it starts: that ends it too, and its PostgreSQL', async () => {
    sluse.kill('SIGTERM');
    await sluse.exit;
    const starting = start('src/main.js', { SLUSE_DATA_DIR: directory, PORT: '0' });
    await until('PostgreSQL runs', () => postmaster(directory));
    const database = (await postmaster(directory))!;
    starting.kill('SIGTERM');
    const { code } = await starting.exit;
    expect(code).toBe(0);
    expect(isAlive(database.pid)).toBe(false);
  });
});
