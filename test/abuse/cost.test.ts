/** Load: one permitted request that is everybody's. What it may cost is known before it is planned, and no spelling of it costs less. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { budgetsOf, budgetTable, defaultBudgets } from '../../subgraphs/edge/budgets.js';
import { faults } from '../../subgraphs/protocol/faults.js';
import { drawToken, newKey, registered } from '../support/client.js';
import { aViewer } from '../support/room.js';
import { openWorld, type World } from '../support/world.js';
import { expectAlive, expectCheap, send } from './attack.js';

let world: World;
beforeAll(async () => {
  world = await openWorld({ shielded: true, now: () => new Date() });
  await expectAlive(world);
});
afterAll(() => world.close());

const worker = 'guidance-worker';
const budget = defaultBudgets.CITIZEN_SERVICE;

/** Refused for its cost before any subgraph is asked. */
async function refused(query: string, variables?: object, person = worker, over = budget as number): Promise<number> {
  const answer = await world.ask(person, query, variables);
  const [error] = answer.body.errors ?? [];
  expect([answer.status, error?.extensions.code, error?.message]).toEqual([
    400,
    'COST_LIMIT',
    faults.COST_LIMIT.message,
  ]);
  expect(answer.body.data ?? null).toBeNull();
  expect(answer.fetches).toEqual([]);
  const { cost, budget: said } = error!.extensions as unknown as { cost: number; budget: number };
  expect(said).toBe(over);
  expect(cost).toBeGreaterThan(over);
  return cost;
}
async function answered(query: string, variables?: object, person = worker) {
  const answer = await world.ask(person, query, variables);
  expect([answer.status, answer.body.errors]).toEqual([200, undefined]);
}

const tree = (inside = 'name') =>
  `citizens(first: 500) { nodes { relatives { citizen { relatives { citizen { cases(first: 470) { nodes { parties { citizen { ${inside} } } } } } } } } } }`;
const thirty = Array.from({ length: 30 }, (_none, n) => n);

describe('what one request may cost', () => {
  it('thirty trees over all citizens are refused at once, and cost what they say', async () => {
    const query = `{ ${thirty.map((n) => `c${n}: ${tree()}`).join(' ')} }`;
    const inside = 1 + 470 * (2 + 4 * (1 + 1));
    const one = 1 + 500 * (1 + 4 * (1 + 1 + 4 * (1 + 1 + inside)));
    expect(await refused(query)).toBe(30 * one);
    await expectCheap(world, () => send(world, worker, query), 15);
    await expectAlive(world);
  });

  it('so is one mild one that multiplies two pages', async () => {
    expect(await refused('{ citizens(first: 500) { nodes { cases(first: 500) { nodes { title } } } } }')).toBe(
      1 + 500 * (1 + 1 + 500 * 2),
    );
  });

  it('two pages of an ordinary size are answered', () =>
    answered(
      '{ citizens(filter: { nameContains: "nsen" }, first: 50) { nodes { name cases(first: 50) { nodes { title } totalCount } } } }',
    ));

  it('a refusal is logged as one, without a plan', async () => {
    await refused(`query Costly { ${tree('id')} }`);
    const [row] = await world.database.sql<any>(
      "SELECT outcome, faults FROM audit.entry_details WHERE operation_name = 'Costly'",
    );
    expect(row).toEqual({ outcome: 'FAILED', faults: ['COST_LIMIT'] });
  });

  it('by both ways through the gateway: the second time it is a known text', async () => {
    const query = `query Twice { ${tree('cpr')} }`;
    const before = world.gateway.pipeline.ways.direct;
    await refused(query);
    await refused(query);
    await refused(query);
    expect(world.gateway.pipeline.ways.direct).toBeGreaterThan(before);
  });
});

describe('no spelling costs less', () => {
  const dear = 'citizens(first: 300) { nodes { cases(first: 300) { nodes { title } } } }';
  const nodes = 'nodes { cases(first: 300) { nodes { title } } }';
  const rows: [string, string, object?][] = [
    [
      'edges instead of nodes',
      '{ citizens(first: 300) { edges { node { cases(first: 300) { edges { node { title } } } } } } }',
    ],
    [
      'a variable',
      `query ($n: Int) { citizens(first: $n) { nodes { cases(first: $n) { nodes { title } } } } }`,
      { n: 300 },
    ],
    [
      'a default of a variable',
      `query ($n: Int = 300) { citizens(first: $n) { nodes { cases(first: $n) { nodes { title } } } } }`,
    ],
    ['a fragment', `{ citizens(first: 300) { ...F } } fragment F on CitizenConnection { ${nodes} }`],
    ['fragments in fragments', `{ ...A } fragment A on Query { ...B } fragment B on Query { ${dear} }`],
    ['an inline fragment without a type', `{ ... { ... on Query { ${dear} } } }`],
    ['@include by a variable', `query ($a: Boolean!) { ... @include(if: $a) { ${dear} } }`, { a: true }],
    ['@skip by a variable that is not given', `query ($a: Boolean = false) { ... @skip(if: $a) { ${dear} } }`],
    [
      'no page size at all, deep enough',
      '{ citizens { nodes { cases { nodes { parties { citizen { cases { nodes { parties { citizen { name } } } } } } } } } } }',
    ],
    [
      'null as a page size',
      '{ citizens(first: null) { nodes { cases(first: null) { nodes { parties { citizen { cases { nodes { title } } } } } } } } }',
    ],
    [
      'many aliases of something mild',
      `{ ${thirty.map((n) => `c${n}: citizens(first: 500) { nodes { relatives { citizen { name } } } }`).join(' ')} }`,
    ],
    [
      'a fragment at thirty places',
      `{ ${thirty.map((n) => `c${n}: citizens(first: 500) { ...F }`).join(' ')} } fragment F on CitizenConnection { nodes { relatives { citizen { name } } } }`,
    ],
    [
      'the dearest of a union',
      '{ viewer { person { __typename ... on Employee { name } ... on Citizen { cases(first: 500) { nodes { parties { citizen { cases(first: 500) { nodes { title } } } } } } } } } }',
    ],
  ];
  it.each(rows.map(([what, query, variables]) => ({ what, query, variables })))(
    '$what',
    async ({ query, variables }) => {
      expect(await refused(query, variables)).toBeGreaterThan(budget);
    },
  );

  it('what is left out by @skip costs nothing, in either order', async () => {
    const query = `query ($a: Boolean!) { few: citizens(filter: { nameContains: "nsen" }, first: 1) { nodes { name } } ... @skip(if: $a) { ${dear} } }`;
    await answered(query, { a: true });
    await refused(query, { a: false });
    await answered(query, { a: true });
  });

  it('the same text with another page size is counted anew', async () => {
    const query =
      'query ($n: Int!) { citizens(filter: { nameContains: "nsen" }, first: $n) { nodes { cases(first: $n) { nodes { title } } } } }';
    await answered(query, { n: 5 });
    await refused(query, { n: 400 });
    await answered(query, { n: 5 });
  });

  it('a page that is too large is told as that', async () => {
    const answer = await world.ask(worker, '{ citizens(first: 1000000000) { nodes { name } } }');
    expect(answer.body.errors?.[0]?.extensions.code).toBe('PAGE_LIMIT');
  });
});

describe('budgets', () => {
  it('a citizen has a smaller one', async () => {
    const query =
      '{ viewer { person { ... on Citizen { cases(first: 300) { nodes { parties { citizen { cases { nodes { title } } } } } } } } } }';
    await refused(query, undefined, 'citizen', defaultBudgets.CITIZEN);
  });

  it("are each right's own, and settings change them", () => {
    const budgets = budgetsOf(budgetTable('CITIZEN=7,CASEWORKER=9'));
    const of = (kind: 'Citizen' | 'Employee' | 'SystemClient', right: string | null = null) =>
      budgets(aViewer({ actor: { kind, id: 'x' }, right }));
    expect([of('Citizen'), of('Employee', 'CASEWORKER'), of('Employee', 'MANAGER')]).toEqual([
      7,
      9,
      defaultBudgets.MANAGER,
    ]);
    expect([of('Employee'), of('Employee', 'UNHEARD_OF'), of('SystemClient')]).toEqual([
      defaultBudgets.EMPLOYEE,
      defaultBudgets.EMPLOYEE,
      defaultBudgets.SYSTEM,
    ]);
  });
});

describe('a room that is called directly', () => {
  let token: string;
  beforeAll(async () => {
    const key = newKey('ES256');
    await registered(world, { keys: [key.jwk] });
    token = await drawToken(world, key, new Date());
  });
  const direct = async (query: string, variables?: object) => {
    const response = await fetch(`${world.origins.get('cases')}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
    });
    return { status: response.status, body: (await response.json()) as any };
  };
  const pages = 'cases(first: $n) { nodes { parties { citizen { cases(first: $n) { nodes { number } } } } } }';

  it('counts too', async () => {
    const { status, body } = await direct(`query ($n: Int!) { ${pages} }`, { n: 200 });
    expect([status, body.errors[0].extensions, body.data]).toEqual([
      400,
      { code: 'COST_LIMIT', cost: 1 + 200 * (2 + 4 * (1 + 1 + 1 + 200 * 2)), budget: defaultBudgets.SYSTEM },
      undefined,
    ]);
    expect((await direct(`query ($n: Int!) { ${pages} }`, { n: 5 })).status).toBe(200);
  });

  it('and counts entities by how many are asked for', async () => {
    const query =
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Citizen { cases(first: 50) { nodes { number } } } } }';
    const representations = (count: number) =>
      Array.from({ length: count }, () => ({ __typename: 'Citizen', id: '00000000-0000-4000-8000-000000000000' }));
    expect((await direct(query, { r: representations(1_000) })).body.errors[0].extensions.code).toBe('COST_LIMIT');
    expect((await direct(query, { r: representations(10) })).status).toBe(200);
  });
});
