/** Changes by a case system that calls a room directly, where the room is the edge; and what every edge keeps to. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { performance } from 'node:perf_hooks';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { pino } from 'pino';
import { type CloseChange, FollowedChange } from '../../src/changes/follow-change.js';
import type { SubgraphAnswer } from '../../src/execution/execute-plan.js';
import { audit } from '../../subgraphs/audit/index.js';
import { cases } from '../../subgraphs/cases/index.js';
import { beginChange } from '../../subgraphs/edge/begin-change.js';
import { isLost } from '../../subgraphs/edge/direct-change.js';
import { changeKey } from '../../subgraphs/edge/idempotency.js';
import type { LogClient } from '../../subgraphs/edge/log-client.js';
import { released, type StillHolds } from '../../subgraphs/edge/release.js';
import { type RequestRecord, requestRecordOf } from '../../subgraphs/edge/request-record.js';
import { changing } from '../../subgraphs/kit/make-change.js';
import type { Database } from '../../subgraphs/postgres/database.js';
import { ChangeUnderWay, checkNested, timeLimits } from '../../subgraphs/protocol/change.js';
import { faults } from '../../subgraphs/protocol/faults.js';
import type { Internal } from '../../subgraphs/protocol/internal.js';
import { packed } from '../../subgraphs/protocol/log-entry.js';
import type { Viewer } from '../../subgraphs/protocol/viewer.js';
import { drawToken, newKey, registered } from '../support/client.js';
import { aViewer } from '../support/room.js';
import { openWorld, type World } from '../support/world.js';

let world: World;
const key = newKey('ES256');
const another = newKey('ES256');
const now = () => new Date();
let token: string;
const gates: {
  /** Before the log takes entries. */
  log?: ((outcomes: readonly string[]) => Promise<void> | void) | undefined;
  /** In a change's transaction, before it is committed. */
  inside?: string | undefined;
} = {};
const gated = {
  ...audit,
  internal: {
    ...audit.internal,
    append: async (services: any, body: any) => {
      await gates.log?.(body.entries.map(({ outcome }: { outcome: string }) => outcome));
      return audit.internal!.append!(services, body);
    },
  },
};
const slow: typeof cases = {
  ...cases,
  context: (services, viewer, workstation) => {
    const { database } = services;
    const asViewer: Database['asViewer'] = (as, work, mode) =>
      database.asViewer(
        as,
        async (tx) => {
          const result = await work(tx);
          if (mode === 'change' && gates.inside) await tx.rows(gates.inside);
          return result;
        },
        mode,
      );
    return cases.context({ ...services, database: { ...database, asViewer } }, viewer, workstation);
  },
};

beforeAll(async () => {
  world = await openWorld({
    shielded: true,
    now,
    rooms: { audit: gated, cases: slow },
    settling: { every: 3_600_000, after: 0 },
  });
  await registered(world, { keys: [key.jwk, another.jwk] });
  token = await drawToken(world, key, now());
});
afterAll(() => world.close());
afterEach(() => {
  gates.log = undefined;
  gates.inside = undefined;
});

const enter = 'mutation Enter($input: EnterCaseInput!) { enterCase(input: $input) { id } }';
let citizen: string;
const aCase = async (title: string) => {
  citizen ??= (await world.database.sql<{ id: string }>('SELECT id FROM identity.citizen ORDER BY id LIMIT 1'))[0]!.id;
  return { input: { category: 'HOUSING_BENEFIT', kle: '32.03.12', title, parties: [{ citizen, role: 'PRIMARY' }] } };
};
const titled = async (title: string) =>
  (await world.database.sql<{ id: string }>('SELECT id FROM cases.ordinary_case WHERE title = $1', [title])).map(
    ({ id }) => id,
  );
async function ask(
  query: string,
  variables: object,
  headers: Record<string, string> = {},
  { room = 'cases', as = token } = {},
) {
  const response = await fetch(`${world.origins.get(room)}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${as}`, ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const text = await response.text();
  return { status: response.status, text, body: JSON.parse(text), retryAfter: response.headers.get('retry-after') };
}
const entries = async (transaction: string): Promise<any[]> =>
  (
    await world.database.sql<{ leaf: string }>('SELECT leaf FROM audit.entry WHERE leaf LIKE $1 ORDER BY log, seq', [
      `%"transactionId":"${transaction}"%`,
    ])
  ).map(({ leaf }) => JSON.parse(leaf));
const mayStand = (entry: string) => ({
  status: 200,
  retryAfter: null,
  text: expect.any(String),
  body: {
    data: null,
    errors: [{ message: faults.CHANGE_MAY_STAND.message, extensions: { code: 'CHANGE_MAY_STAND', entry } }],
  },
});
const outcomeOf = async (entry: string) =>
  (await ask('query ($entry: ID!) { changeOutcome(entry: $entry) }', { entry }, {}, { room: 'audit' })).body.data
    .changeOutcome;

describe('a change of which every part is left out', () => {
  it('is ended in the log as it was begun: nobody has to look into it', async () => {
    const answer = await world.ask('manager', 'mutation LeftOut { signOutEverywhere @skip(if: true) }');
    expect([answer.status, answer.body]).toEqual([200, { data: {} }]);
    const rows = await world.database.sql<{ outcome: string }>(
      "SELECT outcome FROM audit.entry_details WHERE operation_name = 'LeftOut' ORDER BY at, outcome DESC",
    );
    expect(rows.map(({ outcome }) => outcome).sort()).toEqual(['ANSWERED', 'BEGUN']);
  });
});

describe('at a room that is called directly, a change', () => {
  it('whose end cannot be logged stands, and can be asked for', async () => {
    const transaction = randomUUID();
    gates.log = (outcomes) => {
      if (!outcomes.includes('BEGUN')) throw new Error('gone');
    };
    const told = await ask(enter, await aCase(transaction), { 'x-transaktionsid': transaction });
    gates.log = undefined;
    const [begun, ...rest] = await entries(transaction);
    expect([begun.outcome, rest]).toEqual(['BEGUN', []]);
    expect(told).toEqual(mayStand(begun.id));
    expect(await outcomeOf(begun.id)).toBe('OPEN');
    await world.gateway.settling.round();
    const [, end] = await entries(transaction);
    expect(end).toMatchObject({
      ...{ follows: begun.id, outcome: 'MADE', cases: await titled(transaction), citizens: [citizen] },
      ...{ operation: begun.operation, criterion: begun.criterion, actor: begun.actor },
    });
    expect([await outcomeOf(begun.id), (await titled(transaction)).length]).toEqual(['MADE', 1]);
    // An edge that writes its own end late is kept, and changes nothing of what was told.
    const { salt, ...written } = end;
    const operation = { ...end.operation, text: null };
    const late = { ...written, id: randomUUID(), outcome: 'FAILED', operation, fields: [] };
    await world.rooms.get('audit')!.internal('append', packed([late]));
    expect([await outcomeOf(begun.id), (await entries(transaction)).length]).toEqual(['MADE', 3]);
  });

  it('that nobody can look into any more stays open, rather than be told wrongly', async () => {
    const transaction = randomUUID();
    gates.log = (outcomes) => {
      if (!outcomes.includes('BEGUN')) throw new Error('gone');
    };
    await ask(enter, await aCase(transaction), { 'x-transaktionsid': transaction });
    gates.log = undefined;
    const [begun] = await entries(transaction);
    // The rooms may have forgotten by then what they made.
    await world.database.sql("UPDATE audit.change_outcome SET since = now() - interval '31 days' WHERE entry = $1", [
      begun.id,
    ]);
    await world.gateway.settling.round();
    expect([await outcomeOf(begun.id), (await entries(transaction)).length]).toEqual(['OPEN', 1]);
  });

  it('that has an end gets no other, whatever a gateway believes that it has found out', async () => {
    const transaction = randomUUID();
    await ask(enter, await aCase(transaction), { 'x-transaktionsid': transaction });
    const [begun] = await entries(transaction);
    const found = { municipality: '0999', entry: begun.id, made: false, cases: [], citizens: [], compartments: [] };
    await world.rooms.get('audit')!.internal('settle-change', found);
    expect((await entries(transaction)).map(({ outcome }) => outcome)).toEqual(['BEGUN', 'ANSWERED']);
    expect(await outcomeOf(begun.id)).toBe('MADE');
  });

  it('of a caller whose key is withdrawn meanwhile stands', async () => {
    const [transaction, as] = [randomUUID(), await drawToken(world, another, now())];
    gates.log = async (outcomes) => {
      if (!outcomes.includes('BEGUN')) return;
      await world.database.sql('UPDATE identity.system_client_key SET withdrawn_at = now() WHERE kid = $1', [
        another.kid,
      ]);
      // What is believed of a token is believed for a fifth of a second.
      await new Promise((resolve) => setTimeout(resolve, 400));
    };
    const told = await ask(enter, await aCase(transaction), { 'x-transaktionsid': transaction }, { as });
    const [begun, end] = await entries(transaction);
    expect(told).toEqual(mayStand(begun.id));
    expect([end.outcome, end.cases]).toEqual(['ANSWERED', await titled(transaction)]);
  });

  it('whose statement runs into its limit is not made, and may be repeated', async () => {
    const transaction = randomUUID();
    gates.inside = 'SELECT pg_sleep(3.6)';
    const told = await ask(enter, await aCase(transaction), { 'x-transaktionsid': transaction });
    expect([told.status, told.body.errors[0].extensions.code]).toEqual([200, 'SUBGRAPH_UNAVAILABLE']);
    expect(await titled(transaction)).toEqual([]);
    expect((await entries(transaction)).map(({ outcome }) => outcome)).toEqual(['BEGUN', 'FAILED']);
  });

  it('under a key is made once, told alike, and refused for another', async () => {
    const transaction = randomUUID();
    const headers = { 'idempotency-key': transaction, 'x-transaktionsid': transaction };
    const variables = await aCase(transaction);
    const both = await Promise.all([ask(enter, variables, headers), ask(enter, variables, headers)]);
    const again = await ask(enter, variables, headers);
    const [id, ...others] = await titled(transaction);
    expect(others).toEqual([]);
    for (const told of [...both, again])
      expect([told.status, told.text]).toEqual([200, `{"data":{"enterCase":{"id":"${id}"}}}`]);
    const other = await ask(enter, await aCase(`${transaction} and another`), headers);
    expect([other.status, other.body.errors[0].extensions.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    expect(await titled(`${transaction} and another`)).toEqual([]);
    // What is kept tells nothing of it.
    const kept = JSON.stringify(await world.database.sql('SELECT * FROM audit.change_key'));
    expect([kept.includes(transaction), kept.includes(id!)]).toEqual([false, false]);
  });
});

describe('the key of a change', () => {
  const sent = { query: 'mutation { a }', operationName: null as string | null, variables: { x: 1 } };
  const keyed = (viewer: Viewer, what: typeof sent, ownSession: boolean, internal: Internal) =>
    changeKey({ 'idempotency-key': 'a-key' }, viewer, what, { ownSession }, internal)!;
  const digests = async (viewer: Viewer, what = sent, ownSession = false): Promise<string> => {
    let asked: any;
    const internal: Internal = async (_name, body) => {
      asked = body;
      return { claim: 'FREE' };
    };
    await keyed(viewer, what, ownSession, internal).claim('an entry');
    return `${asked.key} ${asked.request}`;
  };

  it('stands for one operation with its variables, and for whom it is made', async () => {
    const own = aViewer();
    const forAnother = aViewer({ actor: own.actor, subject: { kind: 'Citizen', id: 'another' } });
    const all = await Promise.all([
      digests(own),
      digests(own, { ...sent, query: 'mutation { b }' }),
      digests(own, { ...sent, variables: { x: 2 } }),
      digests(own, { ...sent, operationName: 'A' }),
      digests(forAnother),
    ]);
    expect(new Set(all).size).toBe(5);
    expect(await digests(own, { ...sent, variables: { x: 1 } })).toBe(all[0]);
    // For whom one acts may be what a change of the own session is about.
    expect(await digests(own, sent, true)).toBe(await digests(forAnother, sent, true));
  });

  it('opens the answer that it closed, for the change that was answered with it', async () => {
    const held = { entry: 'an entry', answer: '' };
    const internal: Internal = async (name, body) => {
      if (name === 'keep-answer') held.answer = (body as { answer: string }).answer;
      return { claim: 'ANSWERED', ...held };
    };
    const change = keyed(aViewer(), sent, false, internal);
    const kept = { status: 200, contentType: 'application/json', body: '{}', named: [], access: '' };
    await change.keep('an entry', kept);
    expect(await change.claim('another')).toMatchObject({ claim: 'ANSWERED', kept });
    held.entry = 'a third';
    expect(await change.claim('another')).toMatchObject({ claim: 'ANSWERED', kept: null });
  });

  it('is free again after a day', async () => {
    const transaction = randomUUID();
    const headers = { 'idempotency-key': transaction };
    const variables = await aCase(transaction);
    await ask(enter, variables, headers);
    await world.database.sql("UPDATE audit.change_key SET at = now() - interval '25 hours'");
    await ask(enter, variables, headers);
    expect(await titled(transaction)).toHaveLength(2);
  });
});

describe('every edge', () => {
  it('is refused limits that do not nest', () => {
    expect(checkNested(timeLimits)).toEqual(timeLimits);
    for (const wrong of [
      { ...timeLimits, statement: timeLimits.room },
      { ...timeLimits, room: timeLimits.gateway },
      { ...timeLimits, gateway: timeLimits.operation },
      { ...timeLimits, statement: 0 },
    ])
      expect(() => checkNested(wrong)).toThrow(/^Time limits: expected statement < room < gateway < operation/);
  });
});

describe('a change in its transaction', () => {
  const tx = { rows: async () => [{ open: true }] as never[] };
  const at = (until: number) => {
    const change = new ChangeUnderWay(randomUUID(), until);
    change.part = 'made';
    return change;
  };
  const committing = (commit: () => Promise<void>): Database =>
    ({
      asTask: async (_task: string, _municipality: string, work: (given: typeof tx) => Promise<unknown>) => {
        const result = await work(tx);
        await commit();
        return result;
      },
    }) as unknown as Database;
  const soon = () => performance.now() + timeLimits.room;

  it('is made once the commit is acknowledged, and in doubt where it is not', async () => {
    const made = at(soon());
    await changing(
      committing(async () => {}),
      made,
    ).asTask('t', '0999', async () => 1, 'change');
    expect(made.report()).toMatchObject({ parts: ['made'], inDoubt: [] });
    const lost = at(soon());
    const cut = changing(
      committing(async () => {
        throw new Error('Connection terminated unexpectedly');
      }),
      lost,
    );
    await expect(cut.asTask('t', '0999', async () => 1, 'change')).rejects.toThrow('terminated');
    expect(lost.report()).toMatchObject({ parts: [], inDoubt: ['made'] });
  });

  it('is not committed after its time, nor begun where it could not end in time', async () => {
    let commits = 0;
    const database = committing(async () => {
      commits += 1;
    });
    const late = at(performance.now() - 1);
    await expect(changing(database, late).asTask('t', '0999', async () => 1, 'change')).rejects.toMatchObject({
      code: 'SUBGRAPH_UNAVAILABLE',
    });
    const slowly = at(performance.now() + timeLimits.statement + 50);
    const work = () => new Promise((resolve) => setTimeout(resolve, timeLimits.statement + 100));
    await expect(changing(database, slowly).asTask('t', '0999', work, 'change')).rejects.toMatchObject({
      code: 'SUBGRAPH_UNAVAILABLE',
    });
    expect([commits, late.report().parts, slowly.report().inDoubt]).toEqual([0, [], []]);
  });

  it('begins no statement that could not end before its time', async () => {
    const statements: string[] = [];
    const noting = {
      rows: async (sql: string) => {
        statements.push(sql);
        return [{ open: true }];
      },
    };
    const database = {
      asTask: (_task: string, _municipality: string, work: (given: typeof noting) => Promise<unknown>) => work(noting),
    } as unknown as Database;
    const change = at(performance.now() + timeLimits.statement - 1);
    await expect(
      changing(database, change).asTask('t', '0999', (given) => given.rows('SELECT'), 'change'),
    ).rejects.toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE' });
    expect(statements).toEqual([]);
  });
});

describe('before and after a change, its edge', () => {
  const footprint = { use: 'CHANGE', fields: [], audited: true, sealing: false, ownSession: false } as const;
  const change = { footprint, criterion: () => [] };
  const log = pino({ level: 'silent' });
  const aTrail = (over: Partial<RequestRecord> = {}): RequestRecord => ({
    ...requestRecordOf({ headers: {} } as IncomingMessage, null),
    viewer: aViewer(),
    ...over,
  });
  const noting = () => {
    const noted: string[] = [];
    const logClient: LogClient = {
      begin: async () => void noted.push('begin'),
      write: async () => void noted.push('write'),
      close: async () => {},
    };
    return { noted, logClient };
  };

  it.each<[what: string, stillHolds: StillHolds, code: string]>([
    ['whose session has ended', () => 'ended', 'UNAUTHENTICATED'],
    ['who may see other things by now', () => 'changed', 'ACCESS_CHANGED'],
    [
      'of whom that cannot be known',
      () => {
        throw new Error('the room is gone');
      },
      'SESSION_UNAVAILABLE',
    ],
  ])('looks once more at the caller: for one %s none is begun', async (_what, stillHolds, code) => {
    const { noted, logClient } = noting();
    const record = aTrail();
    await expect(beginChange(change, record, null, { logClient, log, stillHolds })).rejects.toMatchObject({ code });
    expect([noted, record.begun]).toEqual([[], undefined]);
  });

  it('tells one whose fate nobody knows as one that may stand, and logs no end of it', async () => {
    for (const fate of [undefined, 'UNKNOWN'] as const) {
      const { noted, logClient } = noting();
      const record = aTrail({ begun: 'an entry', ...(fate && { fate }) });
      const options = { logClient, log, stillHolds: () => 'same' as const };
      const told = await released('an answer', record, {
        ...options,
        refusal: (code) => `refused: ${code}`,
        mayStand: (entry) => `may stand: ${entry}`,
      });
      expect([told, noted]).toEqual(['may stand: an entry', []]);
    }
  });

  describe('asks what was made, where that was not said', () => {
    const mutation = '{"query":"mutation { enter }"}';
    const follow = (close: CloseChange = async () => ({ parts: [], cases: [], citizens: [], compartments: [] })) =>
      new FollowedChange(aTrail({ begun: 'an entry' }), { trusted: new Set(['ours']), close });
    const fateAfter = async (service: string, answer: unknown, close?: CloseChange) => {
      const followed = follow(close);
      await followed.following(async () => answer as SubgraphAnswer)(service, mutation, 0);
      return (await followed.settle()).fate;
    };
    const report = (inDoubt: string[]) => ({ extensions: { change: { parts: [], inDoubt, cases: [], citizens: [] } } });

    it('by a room of ours', async () => {
      const made: CloseChange = async () => ({ parts: ['enter'], cases: [], citizens: [], compartments: [] });
      const gone: CloseChange = async () => {
        throw new Error('gone');
      };
      expect(await fateAfter('ours', report([]), made)).toBe('NOT_MADE');
      expect(await fateAfter('ours', report(['enter']), made)).toBe('MADE');
      expect(await fateAfter('ours', report(['enter']), gone)).toBe('UNKNOWN');
      expect(await fateAfter('ours', { data: null }, made)).toBe('MADE');
    });

    it('by a subgraph of somebody else’s, which cannot be asked', async () => {
      expect(await fateAfter('theirs', { data: { enter: 1 } })).toBe('MADE');
      expect(await fateAfter('theirs', { data: { enter: null } })).toBe('NOT_MADE');
      expect(await fateAfter('theirs', { data: { enter: null }, errors: [{ message: 'no' }] })).toBe('UNKNOWN');
      // What it says of itself beside its answer is not believed.
      expect(await fateAfter('theirs', { errors: [{ message: 'no' }], ...report([]) })).toBe('UNKNOWN');
    });

    it('and asks for no part of it that it could not wait for', async () => {
      const followed = follow();
      let sent = 0;
      const send = followed.following(async () => {
        sent += 1;
        return { data: {} };
      });
      const clock = jest
        .spyOn(Date, 'now')
        .mockReturnValue(Date.now() + timeLimits.operation - timeLimits.gateway + 50);
      try {
        await expect(send('ours', mutation, 0)).rejects.toThrow('no time was left for a change');
      } finally {
        clock.mockRestore();
      }
      // It was never asked for, so nothing of it can stand.
      expect([sent, (await followed.settle()).fate]).toEqual([0, 'NOT_MADE']);
    });

    it('by the room itself: a commit that was not acknowledged', async () => {
      const lost = new ChangeUnderWay('an entry', 0);
      lost.inDoubt.add('enter');
      const disclosed = { ...change, named: new Map(), parts: null, hasData: true };
      const errors = [new GraphQLError('gone', { path: ['enter'] })];
      const result = { data: { enter: null }, errors };
      const made = async () => ({ parts: ['enter'], cases: [], citizens: [], compartments: [] });
      const record = aTrail({ begun: 'an entry', disclosed });
      expect([await isLost(lost, made, result, record), record.fate]).toEqual([true, 'MADE']);
      const never = new ChangeUnderWay('an entry', 0);
      never.inDoubt.add('enter');
      const nothing = async () => ({ parts: [], cases: [], citizens: [], compartments: [] });
      expect([await isLost(never, nothing, result, record), record.fate]).toEqual([false, 'NOT_MADE']);
    });
  });
});
