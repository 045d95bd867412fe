/** Load: what an operation may cost. Each limit holds at its last allowed value, refuses the next, and refuses it cheaply. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getIntrospectionQuery } from 'graphql';
import { parseWithin } from '../../subgraphs/edge/limits.js';
import { type FaultCode, faults } from '../../subgraphs/protocol/faults.js';
import { openWorld, type World } from '../support/world.js';
import { expectAlive, expectCheap, expectRefused, raw, send, unknownCitizen } from './attack.js';

let world: World;
beforeAll(async () => {
  world = await openWorld({ shielded: true });
  await expectAlive(world);
});
afterAll(() => world.close());

const who = 'records-officer';

/** Refused with its own code and cheaply; and the next caller is served. */
async function refusedCheaply(body: string, code: FaultCode) {
  expectRefused(await raw(world, who, body), code);
  await expectCheap(world, () => raw(world, who, body));
  await expectAlive(world);
}
const refusedQuery = (query: string, code: FaultCode, variables?: unknown) =>
  refusedCheaply(JSON.stringify({ query, variables }), code);

/** `{ citizen { cases { edges { … } } } }`, so many levels deep (at most 16), no field more than three times within itself. */
function deep(levels: number): string {
  const path = [
    `citizen(cpr: "${unknownCitizen}")`,
    ...Array(3).fill(['cases(first: 1)', 'edges', 'node', 'primaryParty']).flat(),
    'relatives',
    'citizen',
  ].slice(0, levels - 1);
  return `{ ${path.join(' { ')} { __typename ${'} '.repeat(levels)}`;
}
const viewerOf = (inside: string) => `{ viewer { ${inside} } }`;
const names = (count: number) => Array.from({ length: count }, (_, index) => `a${index}: actingIn { code }`).join(' ');

describe('an operation is refused one step past each limit, and answered at the limit', () => {
  it('depth: 15 levels are answered, 16 are not', async () => {
    expect((await send(world, who, deep(15))).text).toBe('{"data":{"citizen":null}}');
    await refusedQuery(deep(16), 'DEPTH_LIMIT');
  });

  it('depth counts through named and inline fragments', async () => {
    const inline = deep(16)
      .replaceAll('node {', 'node { ... {')
      .replace(/} $/, `${'} '.repeat(4)}`);
    await refusedQuery(inline, 'DEPTH_LIMIT');
    const cases = 'cases { edges { node { primaryParty {';
    const named = `{ citizen(cpr: "${unknownCitizen}") { ...A } } fragment A on Citizen { ${cases} ${cases} ...B ${'} '.repeat(9)}
      fragment B on Citizen { ${cases} relatives { citizen { name ${'} '.repeat(7)}`;
    await refusedQuery(named, 'DEPTH_LIMIT');
  });

  /** `citizen` so many times within itself, each time under another name. */
  const within = (times: number, last = 'name') =>
    Array.from({ length: times }).reduce<string>(
      (inside, _none, index) => (index === 0 ? inside : `r${index}: relatives { c${index}: citizen { ${inside} } }`),
      last,
    );

  it('one field: 3 times within itself is answered, 4 times is not, whatever it is called', async () => {
    const ask = (inside: string) => `{ citizen(cpr: "${unknownCitizen}") { ${inside} } }`;
    expect((await send(world, who, ask(within(3)))).text).toBe('{"data":{"citizen":null}}');
    await refusedQuery(ask(within(4)), 'DEPTH_LIMIT');
    const beside = `x: relatives { citizen { name } } `.repeat(10);
    expect((await send(world, who, ask(`${within(3)} ${beside}`))).status).toBe(200);
  });

  it('one field within itself is counted through fragments, and each of them once', async () => {
    const ask = (times: number) =>
      `{ citizen(cpr: "${unknownCitizen}") { ${within(2, '...F')} } } fragment F on Citizen { ... { ${within(times)} } }`;
    expect((await send(world, who, ask(2))).text).toBe('{"data":{"citizen":null}}');
    await refusedQuery(ask(3), 'DEPTH_LIMIT');
  });

  it('the standard introspection query, which nests one field nine times, is no such thing; nor does it hide one', () => {
    expect(() => parseWithin(getIntrospectionQuery())).not.toThrow();
    const beside = getIntrospectionQuery().replace('__schema', `citizen(cpr: "0") { ${within(4)} } __schema`);
    expect(() => parseWithin(beside)).toThrow(faults.DEPTH_LIMIT.message);
    // As the bare gateway reads it, for supergraphs in which a type may well lead to itself.
    expect(() => parseWithin(beside, Number.POSITIVE_INFINITY)).not.toThrow();
  });

  it('a fragment that is defined twice is refused: which of the two is measured is not which is executed', async () => {
    const twice = `{ viewer { ...F } } fragment F on Viewer { __typename } fragment F on Viewer { actingIn { code } }`;
    expectRefused(
      await send(world, who, twice),
      'MALFORMED_REQUEST',
      'Define each fragment once: two of the operation have one name.',
    );
  });

  it('fields: 1,000 after fragments are answered, 1,001 are not', async () => {
    const fragment = `fragment F on Viewer { ${'__typename '.repeat(100)} }`;
    const passes = `${viewerOf(`${'...F '.repeat(9)} ${'__typename '.repeat(99)}`)} ${fragment}`;
    expect((await send(world, who, passes)).text).toBe('{"data":{"viewer":{"__typename":"Viewer"}}}');
    await refusedQuery(`${viewerOf(`${'...F '.repeat(10)}`)} ${fragment}`, 'FIELD_LIMIT');
  });

  it('names: 30 of one field are answered, 31 are not, wherever they stand', async () => {
    const passes = await send(world, who, viewerOf(names(30)));
    expect([passes.status, Object.keys(passes.body.data.viewer)]).toEqual([
      200,
      Array.from({ length: 30 }, (_, index) => `a${index}`),
    ]);
    await refusedQuery(viewerOf(names(31)), 'ALIAS_LIMIT');
    const scattered = `{ a: viewer { ${names(16)} } b: viewer { ${names(31).replaceAll(/a\d: /g, '')} } }`;
    await refusedQuery(scattered, 'ALIAS_LIMIT');
  });

  it('52: a hundred names of one heavy field are refused before any of them is fetched', async () => {
    const heavy = Array.from(
      { length: 100 },
      (_, index) => `c${index}: cases(first: 500) { totalCount nodes { id title } }`,
    );
    const answer = await world.ask(who, `{ ${heavy.join(' ')} }`);
    expectRefused(answer, 'ALIAS_LIMIT');
    expect(answer.fetches).toEqual([]);
    await refusedQuery(`{ ${heavy.join(' ')} }`, 'ALIAS_LIMIT');
  });

  it.each([
    ['literal', (first: number) => [`{ cases(first: ${first}) { totalCount } }`]],
    ['variable', (first: number) => ['query($n: Int) { cases(first: $n) { totalCount } }', { n: first }]],
    ['default of a variable', (first: number) => [`query($n: Int = ${first}) { cases(first: $n) { totalCount } }`]],
    [
      'nested, as a variable',
      (first: number) => [
        `query($n: Int) { citizen(cpr: "${unknownCitizen}") { cases(first: $n) { totalCount } } }`,
        { n: first },
      ],
    ],
  ] as const)('a page as a %s: 0 and 500 are answered, 501 and -1 are not', async (_how, ask) => {
    for (const size of [0, 500]) {
      const [query, variables] = ask(size);
      const answer = await send(world, who, query as string, variables);
      expect([answer.status, answer.body.errors]).toEqual([200, undefined]);
    }
    for (const size of [501, -1, 2_147_483_647]) {
      const [query, variables] = ask(size);
      await refusedQuery(query as string, 'PAGE_LIMIT', variables);
    }
  });

  it('body: 100 kB are read, one byte more is not', async () => {
    const small = JSON.stringify({ query: viewerOf('actingIn { code }') });
    const passes = await raw(world, who, small.padEnd(100 * 1024, ' '));
    expect([passes.status, passes.body]).toEqual([200, { data: { viewer: { actingIn: { code: 'CASEWORKER' } } } }]);
    await refusedCheaply(small.padEnd(100 * 1024 + 1, ' '), 'BODY_TOO_LARGE');
  });

  it('54: a batch is refused, whether it holds one operation, many or none', async () => {
    const one = { query: viewerOf('actingIn { code }') };
    for (const batch of [[one], Array(1_000).fill(one), []])
      await refusedCheaply(JSON.stringify(batch), 'BATCHING_NOT_ALLOWED');
  });

  it('directives: 200 are read, 201 are not', async () => {
    const flood = (count: number) => viewerOf(`__typename ${'@include(if: true) '.repeat(count)}`);
    // GraphQL allows each of them once: refused too, but by the schema's rules and not by a limit.
    const answer = await send(world, who, flood(200));
    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([400, 'GRAPHQL_VALIDATION_FAILED']);
    await refusedQuery(flood(201), 'DIRECTIVE_LIMIT');
  });

  it('variables: 15 levels or 5,000 values are the most', async () => {
    const nested = (levels: number) => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);
    const query = viewerOf('actingIn { code }');
    expect((await send(world, who, query, { unused: nested(14) })).status).toBe(200);
    await refusedQuery(query, 'VARIABLE_LIMIT', { unused: nested(16) });
    await refusedQuery(query, 'VARIABLE_LIMIT', { unused: Array(5_000).fill(0) });
  });
});

describe('a flood is refused in under 50 ms, and the next request is answered', () => {
  const bomb = (width: number, depth: number) =>
    `{ ${'...F0 '.repeat(width)} } ${Array.from({ length: depth }, (_, index) => `fragment F${index} on Query { ${index === depth - 1 ? 'viewer { __typename }' : `...F${index + 1} `.repeat(width)} }`).join(' ')}`;

  it('a bomb of fragments, 1 kB that stand for 2^30 fields', async () => {
    expect(bomb(2, 30).length).toBeLessThan(2_000);
    await refusedQuery(bomb(2, 30), 'FIELD_LIMIT');
  });

  it('the same bomb with its fragments inside one another and no field in them that exists', async () => {
    await refusedQuery(bomb(2, 30).replaceAll('viewer { __typename }', 'nothing { of: kind }'), 'FIELD_LIMIT');
  });

  it('10,000 levels of nesting, closed and not, of fields, lists and objects', async () => {
    await refusedQuery(`${'{ a '.repeat(10_000)}${'} '.repeat(10_000)}`, 'DEPTH_LIMIT');
    await refusedQuery(`${'{ a '.repeat(10_000)}`, 'DEPTH_LIMIT');
    await refusedQuery(`${'{ a '.repeat(1_000)}${'} '.repeat(1_000)}`, 'DEPTH_LIMIT');
    await refusedQuery(`{ cases(filter: ${'['.repeat(10_000)}${']'.repeat(10_000)}) { totalCount } }`, 'DEPTH_LIMIT');
    await refusedQuery(
      `{ cases(filter: ${'{ a: '.repeat(10_000)}1 ${'}'.repeat(10_000)}) { totalCount } }`,
      'DEPTH_LIMIT',
    );
    await refusedQuery(`{ viewer ${'{ ... '.repeat(1_000)}{ __typename } ${'} '.repeat(1_000)} }`, 'DEPTH_LIMIT');
  });

  // The planner of Apollo visits a list of lists 2^depth times: 25 levels took it half a minute.
  it.each([14, 25, 500])('an input of any form, nested %i levels of lists in the text', async (levels) => {
    const answers = `${'['.repeat(levels)}1${']'.repeat(levels)}`;
    const report = (value: string) => `reportForm(input: { kind: REQUEST, citizen: "0", answers: ${value} }) { id }`;
    await refusedQuery(`mutation { ${report(answers)} }`, 'VARIABLE_LIMIT');
    await refusedQuery(`mutation($a: JSON! = ${answers}) { ${report('$a')} }`, 'VARIABLE_LIMIT');
    await refusedQuery(`{ viewer @include(if: ${answers}) { __typename } }`, 'VARIABLE_LIMIT');
  });

  it('values in the text are counted as often as their fragment is spread', async () => {
    const list = `fragment L on Query { auditEntries(filter: { uses: [${'READ '.repeat(500)}] }) { totalCount } }`;
    await refusedQuery(`{ ${'...L '.repeat(20)} } ${list}`, 'VARIABLE_LIMIT');
  });

  it('10,000 directives on one field', async () => {
    await refusedQuery(viewerOf(`__typename ${'@a '.repeat(5_000)}`), 'DIRECTIVE_LIMIT');
    await refusedQuery(viewerOf(`__typename ${'@a '.repeat(10_000)}`), 'TOO_MANY_TOKENS');
  });

  it('10,000 times the same field', async () => {
    await refusedQuery(viewerOf('__typename '.repeat(7_000)), 'FIELD_LIMIT');
  });

  it('50,000 levels of variables', async () => {
    const head = `{"query":"{ viewer { __typename } }","variables":{"v":`;
    await refusedCheaply(`${head}${'['.repeat(50_000)}${']'.repeat(50_000)}}}`, 'VARIABLE_LIMIT');
  });

  it('a list of 10,000 inputs, as a variable and in the text', async () => {
    const query = 'query($f: AuditEntryFilter) { auditEntries(filter: $f) { totalCount } }';
    await refusedQuery(query, 'VARIABLE_LIMIT', { f: { uses: Array(10_000).fill('READ') } });
    const literal = `{ auditEntries(filter: { uses: [${'READ '.repeat(12_000)}] }) { totalCount } }`;
    await refusedQuery(literal, 'TOO_MANY_TOKENS');
  });
});
