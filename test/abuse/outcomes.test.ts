/**
 * A change is told as what became of it: made; not made, and may be repeated; or that it stands or may stand, by an entry that the caller
 * can ask by. Every mutation of the supergraph meets every fault, all of them at once, and then database, log and answer are compared.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { buildSchema } from 'graphql';
import pg from 'pg';
import { audit } from '../../subgraphs/audit/index.js';
import { cases } from '../../subgraphs/cases/index.js';
import { identity } from '../../subgraphs/identity/index.js';
import type { Room } from '../../subgraphs/kit/room.js';
import type { Database, Transaction } from '../../subgraphs/postgres/database.js';
import { type FaultCode, faults } from '../../subgraphs/protocol/faults.js';
import type { Viewer } from '../../subgraphs/protocol/viewer.js';
import { smdb } from '../../subgraphs/smdb/index.js';
import { changesOf, type ReadyChange } from '../support/changes.js';
import { hire, signIn } from '../support/powers.js';
import { type Mode, openRoomProxy, type RoomProxy, tooLarge } from '../support/room-proxy.js';
import { openWorld, type World } from '../support/world.js';

// ── a world in which things go wrong when they are told to ──

const hooks: {
  /** In a change's transaction, before it is committed. */
  inside?: ((tx: Transaction, viewer: Viewer) => Promise<void>) | undefined;
  /** After it is committed, before the room answers. */
  after?: ((viewer: Viewer) => Promise<void>) | undefined;
  /** Which entries the log does not take, by their outcome. */
  loses?: ((outcome: string) => boolean) | undefined;
} = {};

function hooked(database: Database, viewer: Viewer): Database {
  const work =
    <T>(given: (tx: Transaction) => Promise<T>) =>
    async (tx: Transaction) => {
      const result = await given(tx);
      await hooks.inside?.(tx, viewer);
      return result;
    };
  const then = async <T>(done: Promise<T>) => {
    const result = await done;
    await hooks.after?.(viewer);
    return result;
  };
  return {
    ...database,
    asViewer: (as, given, mode) =>
      mode === 'change' ? then(database.asViewer(as, work(given), mode)) : database.asViewer(as, given, mode),
    asTask: (task, municipality, given, mode) =>
      mode === 'change'
        ? then(database.asTask(task, municipality, work(given), mode))
        : database.asTask(task, municipality, given, mode),
  };
}
const withHooks = (room: Room): Room => ({
  ...room,
  context: (services, viewer, workstation) =>
    room.context({ ...services, database: hooked(services.database, viewer) }, viewer, workstation),
});
const gated = {
  ...audit,
  internal: {
    ...audit.internal,
    append: async (services: any, body: any) => {
      const lost = body.entries.map(({ outcome }: { outcome: string }) => hooks.loses?.(outcome) ?? false);
      const entries = body.entries.filter((_entry: unknown, index: number) => !lost[index]);
      const taken = (await audit.internal!.append!(services, { ...body, entries })) as any;
      // As the room says it of an entry that it cannot keep.
      const refused = lost.flatMap((isLost: boolean, index: number) => (isLost ? [{ index, reason: 'gone' }] : []));
      return { appended: taken.appended, refused: [...taken.refused, ...refused] };
    },
  },
};

let world: World;
/** Of the owner: what is looked up a thousand times is not connected for each time. */
let owner: pg.Pool;
const sql = async <Row>(text: string, values: unknown[] = []) => (await owner.query(text, values)).rows as Row[];
let makers: Awaited<ReturnType<typeof changesOf>>;
const proxies = new Map<string, RoomProxy>();
beforeAll(async () => {
  world = await openWorld({
    shielded: true,
    trustedProxies: ['127.0.0.1'],
    rooms: { identity: withHooks(identity), cases: withHooks(cases), smdb: withHooks(smdb), audit: gated },
    through: async (room, url) => {
      const proxy = await openRoomProxy(url);
      proxies.set(room, proxy);
      return proxy.url;
    },
    // Every mutation holds one at the same time for as long as its statement may take, and the looks at sessions come on top.
    connections: { shared: 20, apart: 4 },
    // Only when the test says so.
    settling: { every: 3_600_000, after: 0 },
    largestAnswer: tooLarge,
  });
  owner = new pg.Pool({ connectionString: world.database.url, max: 4 });
  owner.on('error', () => {});
  makers = await changesOf({ database: { sql }, rooms: world.rooms, post: world.post });
});
afterAll(async () => {
  await owner.end();
  await world.close();
  for (const proxy of proxies.values()) proxy.close();
});
const become = (mode: Mode) => {
  for (const [room, proxy] of proxies) if (room !== 'audit') proxy.mode = mode;
};
const quiet = () => {
  hooks.inside = undefined;
  hooks.after = undefined;
  hooks.loses = undefined;
  become('alive');
};
afterEach(quiet);

// ── what is sent, and what comes of it ──

interface Case extends ReadyChange {
  readonly name: string;
  readonly transaction: string;
}
/** Every mutation, or some of them, ready. */
const readied = (names = Object.keys(makers)): Promise<Case[]> =>
  Promise.all(
    names.map(async (name) => ({ ...(await makers[name]!()), name, transaction: `outcomes ${name} ${randomUUID()}` })),
  );

interface Told {
  readonly status: number;
  readonly text: string;
  readonly body: any;
  readonly retryAfter: string | null;
}
let workstations = 0;
async function send(
  { token, query, variables, transaction }: Case,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<Told> {
  workstations += 1;
  const response = await fetch(`${world.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${token}`,
      'x-transaktionsid': transaction,
      'x-forwarded-for': `198.51.${workstations >> 8}.${workstations & 255}`,
      ...headers,
    },
    body: JSON.stringify({ query, variables }),
    ...(signal && { signal }),
  });
  const text = await response.text();
  return { status: response.status, text, body: JSON.parse(text), retryAfter: response.headers.get('retry-after') };
}

interface Entry {
  readonly id: string;
  readonly follows: string | null;
  readonly outcome: string;
  readonly cases: string[];
  readonly citizens: string[];
}
async function logged(all: readonly Case[]): Promise<Map<string, Entry[]>> {
  const rows = await sql<{ leaf: string }>(
    `SELECT leaf FROM audit.entry WHERE leaf LIKE '%"transactionId":"outcomes %'
     UNION ALL SELECT leaf FROM audit.sealed_entry WHERE leaf LIKE '%"transactionId":"outcomes %'`,
  );
  const found = new Map(all.map(({ transaction }) => [transaction, [] as Entry[]]));
  for (const { leaf } of rows) {
    const entry = JSON.parse(leaf);
    found.get(entry.transactionId)?.push(entry);
  }
  return found;
}
/** The entry by which a change was begun, and the one by which it ended. */
function pairIn(entries: readonly Entry[]): { begun: Entry; end: Entry | undefined } {
  const begun = entries.filter(({ outcome }) => outcome === 'BEGUN');
  expect(begun).toHaveLength(1);
  const ends = entries.filter(({ follows }) => follows === begun[0]!.id);
  expect(ends.length).toBeLessThan(2);
  return { begun: begun[0]!, end: ends[0] };
}

const codesOf = ({ body }: Told): string[] => (body.errors ?? []).map((error: any) => error.extensions.code);
const stands: readonly string[] = ['ANSWERED', 'PARTLY_DENIED', 'MADE'];
const failed: readonly string[] = ['DENIED', 'FAILED', 'NOT_MADE'];

/** The third answer, as it is documented: 200, no data, the entry, and nothing that says "again". */
function expectMayStand(told: Told, begun: Entry) {
  expect(told).toEqual({
    status: 200,
    retryAfter: null,
    text: expect.any(String),
    body: {
      data: null,
      errors: [
        {
          message: faults.CHANGE_MAY_STAND.message,
          extensions: { code: 'CHANGE_MAY_STAND' satisfies FaultCode, entry: begun.id },
        },
      ],
    },
  });
}

async function outcomeFor(change: Case, entry: string): Promise<string | null> {
  const token = await change.again();
  const response = await world.post(
    '/graphql',
    { query: 'query ($entry: ID!) { changeOutcome(entry: $entry) }', variables: { entry } },
    { authorization: `Bearer ${token}` },
  );
  return ((await response.json()) as any).data.changeOutcome;
}

async function expectNamed({ name, about }: Case, end: Entry) {
  if (about?.cases) expect([name, end.cases]).toEqual([name, await about.cases()]);
  if (about?.citizens) expect([name, end.citizens]).toEqual([name, about.citizens]);
}

/** All of them sent at once; then each answer is held against database and log. */
async function each(
  all: readonly Case[],
  told: readonly Told[],
  check: (change: Case, told: Told, made: number, entries: Entry[]) => Promise<void> | void,
) {
  const log = await logged(all);
  await Promise.all(
    all.map(async (change, index) => {
      const given = told[index]!;
      try {
        await check(change, given, await change.made(), log.get(change.transaction)!);
      } catch (error) {
        (error as Error).message =
          `${change.name}, told ${given.status} ${given.text.slice(0, 300)}: ${(error as Error).message}`;
        throw error;
      }
    }),
  );
}
const sendAll = (all: readonly Case[], headers: Record<string, string> = {}) =>
  Promise.all(all.map((change) => send(change, headers)));

/** Told as one that may stand; once the log has found out, whoever asks is told the truth, and the log says it. */
async function expectSettled(all: readonly Case[], told: readonly Told[], made: 0 | 1) {
  quiet();
  await sql('UPDATE audit.change_outcome SET tried_at = NULL');
  await world.gateway.settling.round();
  await each(all, told, async (change, given, count, entries) => {
    const { begun, end } = pairIn(entries);
    expectMayStand(given, begun);
    expect(count).toBe(made);
    expect(end?.outcome).toBe(made ? 'MADE' : 'NOT_MADE');
    if (made) await expectNamed(change, end!);
    expect(await outcomeFor(change, begun.id)).toBe(made ? 'MADE' : 'NOT_MADE');
  });
}

it('every mutation of the supergraph is among them', () => {
  const schema = buildSchema(readFileSync('schema/api.graphql', 'utf8'));
  expect(Object.keys(makers).sort()).toEqual(Object.keys(schema.getMutationType()!.getFields()).sort());
});

describe('every mutation', () => {
  it('is made, answered, and logged with whom it is about', async () => {
    const all = await readied();
    await each(all, await sendAll(all), async (change, told, made, entries) => {
      expect([told.status, codesOf(told)]).toEqual([200, []]);
      expect(made).toBe(1);
      const { begun, end } = pairIn(entries);
      expect(end!.outcome).toBe('ANSWERED');
      await expectNamed(change, end!);
      expect(await outcomeFor(change, begun.id)).toBe('MADE');
    });
  });

  it('whose statement runs into its limit is not made, and is told so', async () => {
    const all = await readied();
    hooks.inside = async (tx) => void (await tx.rows('SELECT pg_sleep(3.6)'));
    await each(all, await sendAll(all), (_change, told, made, entries) => {
      expect(made).toBe(0);
      expect(['SUBGRAPH_UNAVAILABLE', 'INTERNAL']).toContain(codesOf(told)[0]);
      expect(codesOf(told)).toHaveLength(1);
      expect(pairIn(entries).end!.outcome).toBe('FAILED');
    });
  });

  it('that its room never heard of may stand, until the log has found out that it was not made', async () => {
    const all = await readied();
    become('deaf');
    await expectSettled(all, await sendAll(all), 0);
  });

  it('that its room made before it died may stand, until the log has found out that it does', async () => {
    const all = await readied();
    become('mute');
    await expectSettled(all, await sendAll(all), 1);
  });

  it('whose answer was lost on the way stands, and the log knows it at once', async () => {
    const all = await readied();
    become('lost');
    await each(all, await sendAll(all), async (change, told, made, entries) => {
      expect(made).toBe(1);
      const { begun, end } = pairIn(entries);
      expectMayStand(told, begun);
      expect(end!.outcome).toBe('MADE');
      await expectNamed(change, end!);
    });
  });

  it('is not made while its beginning cannot be logged, and may be repeated', async () => {
    const all = await readied();
    hooks.loses = (outcome) => outcome === 'BEGUN';
    await each(all, await sendAll(all), (_change, told, made, entries) => {
      expect([told.status, codesOf(told), told.retryAfter]).toEqual([503, ['AUDIT_UNAVAILABLE'], '1']);
      expect([made, entries.filter(({ outcome }) => outcome === 'BEGUN')]).toEqual([0, []]);
    });
  });

  it('whose end cannot be logged stands, and nobody is told to try again', async () => {
    const all = await readied();
    hooks.loses = (outcome) => outcome !== 'BEGUN';
    await expectSettled(all, await sendAll(all), 1);
  });

  it('of a caller whose session ends meanwhile stands, and is not told as one that never began', async () => {
    const all = await readied();
    const tokens = new Map<string, string>();
    for (const { token } of all) {
      const [row] = await sql<{ id: string }>('SELECT id FROM identity.session WHERE token_hash = $1', [
        createHash('sha256').update(token).digest(),
      ]);
      tokens.set(row!.id, token);
    }
    hooks.after = async ({ session }) => {
      await world.rooms.get('identity')!.internal('close-session', { token: tokens.get(session) });
    };
    await each(all, await sendAll(all), (_change, told, made, entries) => {
      expect(made).toBe(1);
      const { begun, end } = pairIn(entries);
      // What only changes the own session is answered all the same.
      if (codesOf(told).length > 0) expectMayStand(told, begun);
      expect(stands).toContain(end!.outcome);
    });
  });

  it('of a caller whose session has ended is not made', async () => {
    const all = await readied();
    for (const { token } of all) await world.rooms.get('identity')!.internal('close-session', { token });
    // For a fifth of a second the gateway believes what it has seen of a session.
    await wait(1_000);
    await each(all, await sendAll(all), (change, told, made) => {
      expect([told.status, codesOf(told)]).toEqual([401, ['UNAUTHENTICATED']]);
      // The session is over by other means.
      if (change.name !== 'signOut') expect(made).toBe(0);
    });
  });

  it('goes on without its caller, and the log says so', async () => {
    const all = await readied();
    const gone = new AbortController();
    hooks.inside = async () => gone.abort();
    await Promise.all(all.map((change) => send(change, {}, gone.signal).catch(() => null)));
    quiet();
    // Nobody is told; so it is waited for. Those that had not arrived when their caller left are not made.
    await until(async () =>
      [...(await logged(all)).values()].every(
        (entries) => entries.length === 0 || entries.some(({ follows }) => follows),
      ),
    );
    const log = await logged(all);
    let standing = 0;
    for (const change of all) {
      const entries = log.get(change.transaction)!;
      if (entries.length === 0) continue;
      const { end } = pairIn(entries);
      expect([change.name, await change.made()]).toEqual([change.name, stands.includes(end!.outcome) ? 1 : 0]);
      standing += stands.includes(end!.outcome) ? 1 : 0;
    }
    expect(standing).toBeGreaterThan(0);
  });

  it('that cannot be answered in a form that its caller accepts is not made', async () => {
    const all = await readied();
    await each(
      all,
      await sendAll(all, { accept: 'text/html, application/json;q=0' }),
      (_change, told, made, entries) => {
        expect([told.status, codesOf(told)]).toEqual([406, ['NOT_ACCEPTABLE']]);
        expect([made, entries.filter(({ outcome }) => outcome === 'BEGUN')]).toEqual([0, []]);
      },
    );
  });

  it('whose answer is too large stands', async () => {
    const all = await readied();
    become('huge');
    await each(all, await sendAll(all), (_change, told, made, entries) => {
      expect(made).toBe(1);
      expectMayStand(told, pairIn(entries).begun);
    });
  });
});

describe('under one key, every mutation', () => {
  const key = () => ({ 'idempotency-key': `"${randomUUID()}"` });

  it('that is sent again gets the first answer, and is made once', async () => {
    const all = await readied();
    const keys = all.map(key);
    const first = await Promise.all(all.map((change, index) => send(change, keys[index])));
    const second = await Promise.all(all.map((change, index) => send(change, keys[index])));
    await each(all, first, (change, told, made) => {
      expect([told.status, codesOf(told), made]).toEqual([200, [], 1]);
      const again = second[all.indexOf(change)]!;
      if (change.name === 'signOut') expect(again.status).toBe(401);
      else expect([again.status, again.text]).toEqual([told.status, told.text]);
    });
  });

  it('that is sent twice at once is made once, and both are told of the one', async () => {
    const all = await readied();
    // A few pairs at a time: forty changes at once are a test of overload, in which one of two may be told to come back.
    const pairs: Told[][] = [];
    for (let at = 0; at < all.length; at += 5)
      pairs.push(
        ...(await Promise.all(
          all.slice(at, at + 5).map(async (change) => {
            const headers = key();
            return Promise.all([send(change, headers), send(change, headers)]);
          }),
        )),
      );
    const firstOf = pairs.map(([one]) => one!);
    await each(all, firstOf, (change, _told, made) => {
      expect(made).toBe(1);
      const [one, other] = pairs[all.indexOf(change)]! as [Told, Told];
      const texts = [one, other].filter(({ body }) => body.data).map(({ text }) => text);
      // One of them has the answer; the other too, or the session that both are of is over, or it may stand.
      expect(texts.length).toBeGreaterThan(0);
      expect(new Set(texts).size).toBe(1);
      for (const told of [one, other])
        expect(['', 'CHANGE_MAY_STAND', ...(change.name === 'signOut' ? ['UNAUTHENTICATED'] : [])]).toContain(
          codesOf(told).join(),
        );
    });
  });

  it('is refused for another operation', async () => {
    const all = (await readied()).filter(({ name }) => name !== 'signOut');
    const keys = all.map(key);
    const first = await Promise.all(all.map((change, index) => send(change, keys[index])));
    const others = await Promise.all(
      all.map((change, index) =>
        send({ ...change, query: 'mutation { signOut }', variables: {}, transaction: randomUUID() }, keys[index]),
      ),
    );
    await each(all, first, (change, told, made) => {
      expect([told.status, codesOf(told), made]).toEqual([200, [], 1]);
      const other = others[all.indexOf(change)]!;
      expect([other.status, codesOf(other)]).toEqual([422, ['IDEMPOTENCY_KEY_REUSED']]);
    });
  });

  it('that was not made is made when it is sent again', async () => {
    const all = await readied();
    const keys = all.map(key);
    become('deaf');
    const first = await Promise.all(all.map((change, index) => send(change, keys[index])));
    await expectSettledFirst(all, first);
    const second = await Promise.all(all.map((change, index) => send(change, keys[index])));
    await Promise.all(
      all.map(async (change, index) => {
        expect([change.name, second[index]!.status, codesOf(second[index]!), await change.made()]).toEqual([
          change.name,
          200,
          [],
          1,
        ]);
      }),
    );
  });
  const expectSettledFirst = (all: readonly Case[], told: readonly Told[]) => expectSettled(all, told, 0);

  it('belongs to who sent it: the same key of somebody else is another', async () => {
    const [one, other] = await Promise.all([makers.enterCase!(), makers.reportForm!()]);
    const headers = key();
    for (const change of [one, other]) {
      const told = await send({ ...change!, name: '', transaction: randomUUID() }, headers);
      expect([told.status, codesOf(told), await change!.made()]).toEqual([200, [], 1]);
    }
  });

  it('is not shown again to a caller who may see other things by now: it is told as made', async () => {
    const id = await hire({ sql }, 'drug-treatment', ['SMDB_REPORTER', 'SMDB_LEADER']);
    const { token } = await signIn(world, id, 'SMDB_REPORTER');
    const [change] = await readied(['reportForm']);
    const mine = { ...change!, token };
    const headers = key();
    const first = await send(mine, headers);
    expect([first.status, codesOf(first)]).toEqual([200, []]);
    await send({
      ...mine,
      query: 'mutation { actIn(right: SMDB_LEADER) { actingIn { code } } }',
      variables: {},
      transaction: randomUUID(),
    });
    const [begun] = (await logged([mine])).get(mine.transaction)!.filter(({ outcome }) => outcome === 'BEGUN');
    expectMayStand(await send({ ...mine, transaction: randomUUID() }, headers), begun!);
    expect(await change!.made()).toBe(1);
  });

  it('is refused where it is no key', async () => {
    for (const wrong of ['""', 'a b', 'x'.repeat(256)]) {
      const [change] = await readied(['enterCase']);
      const told = await send(change!, { 'idempotency-key': wrong });
      expect([wrong, told.status, codesOf(told), await change!.made()]).toEqual([wrong, 400, ['MALFORMED_REQUEST'], 0]);
    }
  });
});

describe('what became of a change', () => {
  it('is for whoever made it and for readers of its entry; to anybody else there is no such change', async () => {
    const [change] = await readied(['enterCase']);
    await send(change!);
    const { begun } = pairIn((await logged([change!])).get(change!.transaction)!);
    const ask = async (person: string) =>
      (await world.ask(person, `{ changeOutcome(entry: "${begun.id}") }`)).body.data.changeOutcome;
    expect(await outcomeFor(change!, begun.id)).toBe('MADE');
    expect([await ask('security-officer'), await ask('cleared-security-officer')]).toEqual(['MADE', 'MADE']);
    expect([await ask('guidance-worker'), await ask('manager'), await ask('citizen')]).toEqual([null, null, null]);
  });

  it('of a shielded case is not there for a reader who is not cleared for it, and is for one who is', async () => {
    const [citizen] = await sql<{ id: string }>('SELECT id FROM identity.citizen LIMIT 1');
    const transaction = `outcomes shielded ${randomUUID()}`;
    const told = await world.ask(
      'placement-secretary',
      'mutation ($input: EnterCaseInput!) { enterCase(input: $input) { id } }',
      {
        input: {
          category: 'CHILD_CONCERN',
          kle: '34.10.30',
          title: 'Underretning',
          parties: [{ citizen: citizen!.id, role: 'PRIMARY' }],
        },
      },
      { 'x-transaktionsid': transaction },
    );
    expect([told.body.errors, told.status]).toEqual([undefined, 200]);
    const { begun, end } = pairIn((await logged([{ transaction } as Case])).get(transaction)!);
    expect(end!.cases).toEqual([told.body.data.enterCase.id]);
    const ask = async (person: string) => (await world.ask(person, `{ changeOutcome(entry: "${begun.id}") }`)).text;
    const unknown = (await world.ask('security-officer', `{ changeOutcome(entry: "${randomUUID()}") }`)).text;
    expect(await ask('placement-secretary')).toContain('"MADE"');
    expect(await ask('security-officer')).toBe(unknown);
    // What lies in the room lies apart, too.
    const rows = async (table: string) => (await sql(`SELECT FROM cases.${table} WHERE entry = $1`, [begun.id])).length;
    expect([await rows('change_made'), await rows('shielded_change_made')]).toEqual([0, 1]);
  });
});

it('a change that was told as not made is never made afterwards', async () => {
  const [change] = await readied(['enterCase']);
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  let entry: string | null = null;
  // The room is about to begin its transaction when somebody else closes the entry.
  proxies.get('cases')!.hold = held;
  const told = send(change!);
  await until(async () => {
    entry = (await logged([change!])).get(change!.transaction)![0]?.id ?? null;
    return entry !== null;
  });
  await world.rooms.get('cases')!.internal('close-change', { municipality: '0999', entry });
  release();
  const given = await told;
  proxies.get('cases')!.hold = null;
  expect([codesOf(given), await change!.made()]).toEqual([['SUBGRAPH_UNAVAILABLE'], 0]);
  expect(failed).toContain(pairIn((await logged([change!])).get(change!.transaction)!).end!.outcome);
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('it did not come to pass within 20 s');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
