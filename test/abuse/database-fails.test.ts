/**
 * Load: a database that cannot do its work now. Every way in which PostgreSQL or the connection to it gives up is told as
 * SUBGRAPH_UNAVAILABLE, at the gateway and at a room's own edge; an error of our own stays INTERNAL.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { cases } from '../../subgraphs/cases/index.js';
import { RequestLife } from '../../subgraphs/edge/life.js';
import type { RoomServices } from '../../subgraphs/kit/room.js';
import { type Database, openDatabase, type Transaction } from '../../subgraphs/postgres/database.js';
import { roleOf, roomUrl } from '../../subgraphs/postgres/migrate.js';
import { drawToken, newKey, registered } from '../support/client.js';
import { testSecret } from '../support/database.js';
import { until } from '../support/processes.js';
import { aViewer } from '../support/room.js';
import { openWorld, type World } from '../support/world.js';
import { expectAlive } from './attack.js';

let world: World;
let services: RoomServices;
let token: string;
let watch: pg.Client;
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
  watch = new pg.Client({ connectionString: world.database.url });
  await watch.connect();
});
afterAll(async () => {
  await watch?.end();
  await world?.close();
});

const ids = '{ cases(first: 1) { nodes { id } } }';
const role = () => roleOf(process.env.SLUSE_TEST_WORLD!, 'cases');

async function direct(query: string) {
  const response = await fetch(`${world.origins.get('cases')}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
  });
  return { status: response.status, body: (await response.json()) as any };
}
const asked = async (who: Promise<{ status: number; body: any }>) => {
  const { status, body } = await who;
  return [status, ...body.errors.map(({ extensions }: any) => extensions.code)];
};
const overload = [503, 'SUBGRAPH_UNAVAILABLE'];

/** Backends of the room `cases`. */
const backends = async (which = ''): Promise<number[]> => {
  const { rows } = await watch.query(
    `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND usename = $1 ${which}`,
    [role()],
  );
  return rows.map(({ pid }) => pid);
};
const end = (pids: readonly number[]) =>
  watch.query('SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid', [pids]);

describe('a query whose connection to the database is ended', () => {
  it('while its statement runs is told as overload at both edges, and the next one is answered', async () => {
    const lock = new pg.Client({ connectionString: world.database.url });
    await lock.connect();
    try {
      await lock.query('BEGIN');
      await lock.query('LOCK TABLE cases.ordinary_case IN ACCESS EXCLUSIVE MODE');
      const both = Promise.all([asked(world.ask('records-officer', ids)), asked(direct(ids))]);
      let waiting: number[] = [];
      await until('both wait', async () => {
        waiting = await backends("AND wait_event_type = 'Lock'");
        return waiting.length === 2;
      });
      await end(waiting);
      expect(await both).toEqual([overload, overload]);
    } finally {
      await lock.end();
    }
    expect((await world.ask('records-officer', ids)).status).toBe(200);
    expect((await direct(ids)).status).toBe(200);
  }, 30_000);

  it('and that gets no other one, too', async () => {
    await watch.query(`ALTER DATABASE ${world.database.name} CONNECTION LIMIT 0`);
    try {
      await end(await backends());
      await until('they are gone', async () => (await backends()).length === 0);
      expect(await Promise.all([asked(world.ask('records-officer', ids)), asked(direct(ids))])).toEqual([
        overload,
        overload,
      ]);
    } finally {
      await watch.query(`ALTER DATABASE ${world.database.name} CONNECTION LIMIT -1`);
    }
    expect((await world.ask('records-officer', ids)).status).toBe(200);
  }, 30_000);
});

describe('a request whose statement', () => {
  const lives: RequestLife[] = [];
  const told: string[] = [];
  let single: Database;
  beforeAll(() => {
    const url = roomUrl(world.database.url, role(), testSecret);
    single = openDatabase(url, ({ message }) => told.push(message), { shared: 1, apart: 1 });
  });
  afterEach(() => {
    for (const life of lives.splice(0)) life.done();
  });
  afterAll(() => single?.close());

  const living = (database: Database) => {
    const life = new RequestLife();
    lives.push(life);
    return database.within(life);
  };
  const run = (work: (tx: Transaction) => Promise<unknown>, mode: 'read' | 'write' | 'change' = 'write') =>
    living(single).asViewer(aViewer(), work, mode);
  const unavailable = { code: 'SUBGRAPH_UNAVAILABLE' };

  it.each<[what: string, work: (tx: Transaction) => Promise<unknown>]>([
    [
      'reaches its time limit',
      async (tx) => {
        await tx.rows('SET LOCAL statement_timeout = 1');
        await tx.rows('SELECT pg_sleep(1)');
      },
    ],
    [
      'waits too long for a lock',
      async (tx) => {
        await watch.query('SELECT pg_advisory_lock(7001)');
        await tx.rows('SET LOCAL lock_timeout = 1');
        await tx
          .rows('SELECT pg_advisory_xact_lock(7001)')
          .finally(() => watch.query('SELECT pg_advisory_unlock_all()'));
      },
    ],
    [
      'comes after the room stalled for too long',
      async (tx) => {
        await tx.rows('SET LOCAL idle_in_transaction_session_timeout = 1');
        const [{ pid }] = (await tx.rows('SELECT pg_backend_pid() AS pid')) as [{ pid: number }];
        await until('its connection is closed', async () => !(await backends()).includes(pid));
        await tx.rows('SELECT 1');
      },
    ],
    ['ends its own connection', (tx) => tx.rows('SELECT pg_terminate_backend(pg_backend_pid())')],
  ])('%s', async (_what, work) => {
    for (const mode of ['read', 'write'] as const) {
      told.length = 0;
      await expect(run(work, mode)).rejects.toMatchObject(unavailable);
      // The operator is told why.
      expect(told.length).toBeGreaterThan(0);
      expect(await run((tx) => tx.rows('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
    }
  });

  it('is chosen to end a deadlock, and the other one goes on', async () => {
    const [one, other] = [living(services.database), living(services.database)];
    let met = 0;
    const crossing = (database: Database, first: number, second: number) =>
      database.asViewer(
        aViewer(),
        async (tx) => {
          await tx.rows('SELECT pg_advisory_xact_lock($1)', [first]);
          met += 1;
          await until('both hold one', () => met === 2);
          await tx.rows('SELECT pg_advisory_xact_lock($1)', [second]);
        },
        'write',
      );
    const ends = await Promise.allSettled([crossing(one, 7_002, 7_003), crossing(other, 7_003, 7_002)]);
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((ends.find(({ status }) => status === 'rejected') as PromiseRejectedResult).reason).toMatchObject(
      unavailable,
    );
  }, 20_000);

  const raising = (state: string) => (tx: Transaction) =>
    tx.rows(`DO $$ BEGIN RAISE EXCEPTION 'row 0201609995' USING ERRCODE = '${state}'; END $$`);

  it.each(['08006', '40001', '40P01', '53100', '53200', '53300', '55P03', '57P01', '57P02', '57P03'])(
    'ends with SQLSTATE %s is told as overload',
    async (state) => {
      for (const mode of ['read', 'write', 'change'] as const)
        await expect(run(raising(state), mode)).rejects.toMatchObject(unavailable);
    },
  );

  it.each(['22012', '22P02', '23505', '25006', '42501', '42P01', 'XX000'])(
    'ends with SQLSTATE %s fails by an error of ours, which stays one',
    async (state) => {
      for (const mode of ['read', 'write', 'change'] as const)
        await expect(run(raising(state), mode)).rejects.toMatchObject({ code: state });
    },
  );

  it('is not to blame for an error of the work itself, even if the connection is lost too', async () => {
    const bug = new TypeError('a bug');
    await expect(
      run(async (tx) => {
        await tx.rows('SELECT pg_terminate_backend(pg_backend_pid())').catch(() => {});
        throw bug;
      }),
    ).rejects.toBe(bug);
  });

  it('is answered by half, because the connection is cut', async () => {
    const cut = await cutting(world.database.url);
    const url = new URL(roomUrl(world.database.url, role(), testSecret));
    url.port = String(cut.port);
    const database = openDatabase(url.toString(), undefined, { shared: 1, apart: 1 });
    try {
      const reading = (length: number) =>
        living(database).asViewer(aViewer(), (tx) => tx.rows('SELECT repeat($1, $2::int) AS text', ['x', length]));
      expect(await reading(3)).toEqual([{ text: 'xxx' }]);
      cut.after(1_000);
      await expect(reading(1_000_000)).rejects.toMatchObject(unavailable);
      cut.after(Number.POSITIVE_INFINITY);
      expect(await reading(3)).toEqual([{ text: 'xxx' }]);
    } finally {
      await database.close();
      cut.close();
    }
  });
});

it('an error of ours is INTERNAL at both edges, and no overload', async () => {
  // As a migration that was forgotten: the room asks for a column that is not there.
  await world.database.sql('ALTER TABLE cases.ordinary_case RENAME COLUMN title TO another');
  try {
    const titles = '{ cases(first: 1) { nodes { id title } } }';
    const codes = await Promise.all([asked(world.ask('records-officer', titles)), asked(direct(titles))]);
    expect(codes.map(([, ...rest]) => rest)).toEqual([['INTERNAL'], ['INTERNAL']]);
  } finally {
    await world.database.sql('ALTER TABLE cases.ordinary_case RENAME COLUMN another TO title');
  }
});

/** Stands before PostgreSQL, and cuts a connection once so many more bytes of answers have passed. */
async function cutting(databaseUrl: string) {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let left = Number.POSITIVE_INFINITY;
  const server: Server = createServer((client) => {
    const backend = connect(Number(target.port || 5432), target.hostname);
    for (const socket of [client, backend]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        backend.destroy();
      });
    }
    client.pipe(backend);
    backend.on('data', (bytes: Buffer) => {
      client.write(bytes.subarray(0, Math.min(bytes.length, left)));
      left -= bytes.length;
      if (left <= 0) client.destroySoon();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as { port: number }).port,
    after: (bytes: number) => {
      left = bytes;
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
