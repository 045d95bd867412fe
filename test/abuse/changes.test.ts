/** Changes by a case system that calls a room directly, where the room is the edge; and what every edge keeps to. */
import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { audit } from '../../subgraphs/audit/index.js';
import { cases } from '../../subgraphs/cases/index.js';
import { changing } from '../../subgraphs/kit/make-change.js';
import type { Database } from '../../subgraphs/postgres/database.js';
import { ChangeUnderWay, checkNested, timeLimits } from '../../subgraphs/protocol/change.js';
import { faults } from '../../subgraphs/protocol/faults.js';
import { drawToken, newKey, registered } from '../support/client.js';
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
    await world.database.sql<{ leaf: string }>('SELECT leaf FROM audit.entry WHERE leaf LIKE $1', [
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
});
