/** Load: what is overloaded says so, and what nobody waits for any more is ended, down to the statement in PostgreSQL. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { cases } from '../../subgraphs/cases/index.js';
import { RequestLife } from '../../subgraphs/edge/life.js';
import type { RoomServices } from '../../subgraphs/kit/room.js';
import { smallBegins } from '../../subgraphs/process/precedence.js';
import { drawToken, newKey, registered } from '../support/client.js';
import { until } from '../support/processes.js';
import { aViewer } from '../support/room.js';
import { openWorld, type World } from '../support/world.js';
import { expectAlive } from './attack.js';

let world: World;
let services: RoomServices;
let token: string;
const observed = {
  ...cases,
  start(given: RoomServices) {
    services = given;
    return { stop: async () => {} };
  },
};
beforeAll(async () => {
  world = await openWorld({ shielded: true, now: () => new Date(), rooms: { cases: observed } });
  await expectAlive(world);
  const key = newKey('ES256');
  await registered(world, { keys: [key.jwk] });
  token = await drawToken(world, key, new Date());
});
afterAll(() => world.close());

const ids = '{ cases(first: 1) { nodes { id } } }';
const change = 'mutation { deleteCase(id: "00000000-0000-4000-8000-000000000000") }';

async function direct(query: string, signal?: AbortSignal) {
  const response = await fetch(`${world.origins.get('cases')}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
    ...(signal && { signal }),
  });
  return { status: response.status, body: (await response.json()) as any, headers: response.headers };
}

describe('a pool of connections that is exhausted', () => {
  let release = () => {};
  afterEach(() => release());

  it('is told as overload, by what is known of the answer, and passes', async () => {
    const held = new Promise<void>((resolve) => (release = resolve));
    // All that the world gives a room for those who are not cleared.
    const holders = Array.from({ length: 4 }, () => services.database.asViewer(aViewer(), () => held));
    const [whole, part, changing, called] = await Promise.all([
      world.ask('records-officer', ids),
      world.ask('records-officer', '{ viewer { actingIn { code } } cases(first: 1) { nodes { id } } }'),
      world.ask('housing-caseworker', change),
      direct(ids),
    ]);
    const codes = (body: any) => body.errors.map(({ extensions }: any) => extensions.code);
    const unavailable = ['SUBGRAPH_UNAVAILABLE'];
    expect([whole.status, codes(whole.body), whole.headers.get('retry-after')]).toEqual([503, unavailable, '1']);
    expect([part.status, codes(part.body), part.headers.get('retry-after')]).toEqual([200, unavailable, null]);
    expect(part.body.data.viewer).not.toBeNull();
    // Of a change nothing is promised but what is known.
    expect([changing.status, codes(changing.body), changing.headers.get('retry-after')]).toEqual([
      200,
      unavailable,
      null,
    ]);
    expect([called.status, codes(called.body), called.headers.get('retry-after')]).toEqual([503, unavailable, '1']);
    release();
    await Promise.all(holders);
    expect((await world.ask('records-officer', ids)).status).toBe(200);
  }, 30_000);
});

describe('work that nobody waits for', () => {
  let lock: pg.Client;
  /** Beside the lock: within one transaction PostgreSQL may go on telling what it told first. */
  let watch: pg.Client;
  beforeAll(async () => {
    [lock, watch] = [1, 2].map(() => new pg.Client({ connectionString: world.database.url })) as [pg.Client, pg.Client];
    await lock.connect();
    await watch.connect();
  });
  afterAll(async () => {
    await lock.end();
    await watch.end();
  });
  afterEach(async () => void (await lock.query('ROLLBACK')));

  /** Statements that wait for the table, by now. */
  const waiting = async (): Promise<number> => {
    const { rows } = await watch.query(
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    );
    return rows[0].n;
  };
  const locked = async () => {
    await lock.query('BEGIN');
    await lock.query('LOCK TABLE cases.ordinary_case IN ACCESS EXCLUSIVE MODE');
  };

  /** Less than the four and a half seconds after which a statement ends by itself. */
  const soon = async () => {
    const before = performance.now();
    await until('no statement waits any more', async () => (await waiting()) === 0);
    expect(performance.now() - before).toBeLessThan(4_000);
  };

  it.each([
    ['the first time, through Apollo Server', 'query First { cases(first: 1) { nodes { id } } }'],
    ['a known text', ids],
  ])(
    'ends in PostgreSQL when the caller of the gateway hangs up: %s',
    async (_what, query) => {
      if (query === ids) await world.ask('records-officer', ids);
      await locked();
      const caller = new AbortController();
      const asked = fetch(`${world.url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${await world.tokenOf('records-officer')}`,
        },
        body: JSON.stringify({ query }),
        signal: caller.signal,
      }).catch((error: Error) => error.name);
      await until('the statement waits', async () => (await waiting()) > 0);
      caller.abort();
      expect(await asked).toBe('AbortError');
      await soon();
    },
    30_000,
  );

  it('that waits too long for a lock is told as overload, at both edges', async () => {
    await locked();
    const [asked, called] = await Promise.all([world.ask('records-officer', ids), direct(ids)]);
    for (const { status, body } of [asked, called])
      expect([status, body.errors.map(({ extensions }: any) => extensions.code)]).toEqual([
        503,
        ['SUBGRAPH_UNAVAILABLE'],
      ]);
  }, 30_000);

  it('ends in PostgreSQL when the caller of a room hangs up', async () => {
    await locked();
    const caller = new AbortController();
    const asked = direct(ids, caller.signal).catch((error: Error) => error.name);
    await until('the statement waits', async () => (await waiting()) > 0);
    caller.abort();
    expect(await asked).toBe('AbortError');
    await soon();
  }, 30_000);

  it('and gives its connections back: more often than there are any', async () => {
    for (let round = 0; round < 10; round += 1) {
      await locked();
      const caller = new AbortController();
      const asked = direct(ids, caller.signal).catch((error: Error) => error.name);
      await until('the statement waits', async () => (await waiting()) > 0);
      caller.abort();
      await asked;
      await soon();
      await lock.query('ROLLBACK');
    }
    expect((await direct(ids)).status).toBe(200);
  }, 60_000);

  it('is not begun any more, and takes no more connections at once than its share', async () => {
    const life = new RequestLife();
    const database = services.database.within(life);
    let [running, most] = [0, 0];
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const works = Array.from({ length: 6 }, () =>
      database.asViewer(aViewer(), async () => {
        running += 1;
        most = Math.max(most, running);
        await held;
      }),
    );
    const results = Promise.allSettled(works);
    await until('three run', () => running === 3);
    life.end();
    release();
    await results;
    expect([running, most]).toEqual([3, 3]);
    await expect(database.asViewer(aViewer(), async () => {})).rejects.toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE' });
  });

  it('ends when its time is over', async () => {
    const life = new RequestLife({ time: 50 });
    const database = services.database.within(life);
    // Asked for first, and as long: it would be over first if ours were not ended.
    const other = watch.query('SELECT pg_sleep(4)').then(
      () => 'the other one is over',
      () => 'the other one was ended',
    );
    const ours = expect(database.asViewer(aViewer(), (tx) => tx.rows('SELECT pg_sleep(4)'))).rejects.toMatchObject({
      code: 'SUBGRAPH_UNAVAILABLE',
    });
    expect(await Promise.race([other, ours.then(() => 'ours is over')])).toBe('ours is over');
    await lock.query("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(4)'");
    await other;
  });

  it('of a long operation takes fewer connections still', async () => {
    const life = new RequestLife();
    life.isLong = true;
    let [running, most] = [0, 0];
    const work = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 20));
      running -= 1;
    };
    await Promise.all(Array.from({ length: 6 }, () => life.turn(work)));
    life.done();
    expect(most).toBe(2);
  });

  it('of long operations leaves connections to small ones, however many fetches there are, and holds none while it waits for them', async () => {
    let longEnded = 0;
    const lives = Array.from({ length: 6 }, () => {
      const life = new RequestLife();
      life.isLong = true;
      return life;
    });
    // They work until they are let go, which is after the small ones were answered.
    await lock.query('SELECT pg_advisory_lock(4711)');
    const slept = (life: RequestLife) =>
      services.database.within(life).asViewer(aViewer(), (tx) => tx.rows('SELECT pg_advisory_xact_lock_shared(4711)'));
    // A small operation is under way: what is long rests, but not on a connection that the small one needs.
    const ended = smallBegins();
    const long = lives.map((life) => slept(life).then(() => (longEnded += 1)));
    const small = new RequestLife();
    for (let nth = 0; nth < 3; nth += 1)
      await services.database.within(small).asViewer(aViewer(), (tx) => tx.rows('SELECT 1'));
    expect(longEnded).toBe(0);
    ended();
    await lock.query('SELECT pg_advisory_unlock(4711)');
    await Promise.all(long);
    expect(longEnded).toBe(6);
    for (const life of [...lives, small]) life.done();
  });

  it('but a change goes on to its end', async () => {
    const life = new RequestLife();
    life.keep();
    life.end();
    expect(await services.database.within(life).asViewer(aViewer(), async () => 'made')).toBe('made');
  });
});

describe('an answer that grows too large', () => {
  it('ends while a room reads it', async () => {
    const life = new RequestLife({ rows: 3 });
    const database = services.database.within(life);
    const read = (rows: number) =>
      database.asViewer(aViewer(), (tx) => tx.rows('SELECT generate_series(1, $1::int)', [rows]));
    expect(await read(3)).toHaveLength(3);
    await expect(read(1)).rejects.toMatchObject({ code: 'ANSWER_LIMIT' });
    await expect(read(1)).rejects.toMatchObject({ code: 'ANSWER_LIMIT' });
  });

  it.each([
    ['entities', { maxEntities: 5 }],
    ['bytes', { maxBytes: 2_000 }],
  ])('is refused whole by the gateway: %s', async (_what, answerBounds) => {
    const small = await openWorld({ shielded: true, bounds: { answerBounds } });
    try {
      const query = (first: number) =>
        `{ citizens(filter: { nameContains: "nsen" }, first: ${first}) { nodes { name cases(first: 5) { totalCount } } } }`;
      const answer = await small.ask('records-officer', query(50));
      expect([answer.status, answer.body.errors?.map(({ extensions }) => extensions.code), answer.body.data]).toEqual([
        400,
        ['ANSWER_LIMIT'],
        undefined,
      ]);
      expect((await small.ask('records-officer', query(2))).status).toBe(200);
    } finally {
      await small.close();
    }
  });
});
