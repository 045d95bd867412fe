/** What our executor promises beyond the stock one: keys of the caller's choosing, wall 1 and wall 3. */

import type { PlanNode } from '@apollo/query-planner';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { buildSchema, execute, parse, validate } from 'graphql';
import type { Engine } from '../../src/execution/engine.js';
import { runPlan, type SubgraphAnswer } from '../../src/execution/execute-plan.js';
import type { Json, JsonObject } from '../../src/operation/json.js';
import { readSupergraph } from '../../src/supergraph/rules.js';
import { aViewer } from '../support/room.js';
import { ask, ourEngine } from './executors.js';
import { compose, type SubgraphRequest } from './supergraph.js';

const link = (imports: string) =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [${imports}])`;
const shieldedLink = `
  extend schema @link(url: "https://sluse.example/shielded/v1.0", import: ["@shielded"]) @composeDirective(name: "@shielded")
  directive @shielded(by: String!) on OBJECT`;

/** The owner: knows which cases there are for whom. */
const owner = `${link('"@key", "@shareable", "@composeDirective", "@requiresScopes"')} ${shieldedLink}
  type Query { case(id: ID!): Case list: CaseConnection vault: Vault vaults: [Vault] holder: Holder guarded: [Guarded]! }
  type Case implements Titled @key(fields: "id") @shielded(by: "clearance") { id: ID! clearance: String title: String }
  type CaseEdge { cursor: String! node: Case }
  type CaseConnection { edges: [CaseEdge!]! nodes: [Case!]! }
  interface Titled { title: String }
  type Open implements Titled { title: String plain: String }
  type Vault @requiresScopes(scopes: [["vault"]]) { gold: Int! name: String }
  type Holder { vault: Vault name: String! must: Vault! secret: String @requiresScopes(scopes: [["secret"]]) }
  interface Guarded { code: String open: String }
  type Safe implements Guarded { code: String @requiresScopes(scopes: [["secret"]]) open: String }
  type Box implements Guarded { code: String open: String }`;

/** A vendor's: hands out references to whatever it likes. */
const vendor = `${link('"@key"')}
  type Query { entries: [Entry!]! anything: [Thing] matters: [[Case]] strict: [Strict!] }
  type Entry { case: Case cases: [Case!] text: String }
  type Strict { case: Case cases: [Case!]! must: String! }
  type Case @key(fields: "id") { id: ID! note: String }
  type Other { name: String }
  union Thing = Case | Other`;

type Answers = Record<string, (request: { query: string; variables: any }) => SubgraphAnswer>;

const sdl = compose({ owner, vendor });
let engine: Engine;
let asked: string[];
beforeEach(() => {
  engine = ourEngine(sdl);
  asked = [];
});

const sendTo = (answers: Answers) => async (service: string, request: SubgraphRequest) => {
  asked.push(request.query);
  return answers[service]!(request as { query: string; variables: any });
};

/** Vouches for every case but `hidden`. */
const vouching = (request: { query: string; variables: any }): SubgraphAnswer => ({
  data: {
    _entities: request.variables.representations.map(({ id }: JsonObject) =>
      id === 'hidden' ? null : { clearance: 'READ', title: `title of ${id}` },
    ),
  },
});
const case_ = (id: string, over: JsonObject = {}): JsonObject => ({ __typename: 'Case', id, ...over });

describe('a key that the caller chose', () => {
  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    '%s is an own key of the answer',
    async (key) => {
      const data = JSON.parse(`{ "${key}": { "${key}": "yes", "polluted": "yes" } }`);
      const answer = await ask(
        engine,
        `{ ${key}: holder { ${key}: name polluted: name } }`,
        sendTo({ owner: () => ({ data }) }),
      );
      expect(JSON.stringify(answer.data)).toBe(`{"${key}":{"${key}":"yes","polluted":"yes"}}`);
      expect(({} as any).polluted).toBeUndefined();
      expect(Object.getPrototypeOf(answer.data)).toBe(Object.prototype);
    },
  );

  test('a subgraph that answers with __proto__ where nobody asked for it pollutes nothing', async () => {
    const data = JSON.parse(
      '{ "holder": { "__proto__": { "polluted": 1 }, "name": "a" }, "__proto__": { "polluted": 1 } }',
    );
    const answer = await ask(engine, '{ holder { name } }', sendTo({ owner: () => ({ data }) }));
    expect(JSON.stringify(answer.data)).toBe('{"holder":{"name":"a"}}');
    expect(({} as any).polluted).toBeUndefined();
  });

  test('__typename may mean another field, which does not let data choose their own type', async () => {
    const answer = await ask(
      engine,
      '{ anything { t: __typename ... on Other { __typename: name } } }',
      sendTo({
        owner: vouching,
        vendor: ({ query }) => {
          const [, key] = /(\w+): ?name/.exec(query)!;
          expect(key).not.toBe('__typename');
          return { data: { anything: [{ __typename: 'Other', [key!]: 'Case' }, case_('hidden')] } };
        },
      }),
    );
    expect(answer.data).toEqual({ anything: [{ t: 'Other', __typename: 'Case' }] });
  });
});

describe('what the viewer may not have', () => {
  const nothing: Answers = {
    owner: () => ({ data: { holder: { name: 'a' }, guarded: [{ __typename: 'Safe', open: 'o' }] } }),
  };

  test.each<[string, string, Json, string[][]]>([
    ['a field', '{ holder { name secret } }', { holder: { name: 'a', secret: null } }, [['holder', 'secret']]],
    [
      'a field twice under one key',
      '{ holder { secret secret name } }',
      { holder: { secret: null, name: 'a' } },
      [['holder', 'secret']],
    ],
    [
      'a field in a fragment',
      '{ holder { ...F } } fragment F on Holder { s: secret name }',
      { holder: { s: null, name: 'a' } },
      [['holder', 's']],
    ],
    [
      'a type',
      '{ holder { name vault { gold name } } }',
      { holder: { name: 'a', vault: null } },
      [['holder', 'vault']],
    ],
    ['a type that must not be null', '{ holder { name must { gold } } }', { holder: null }, [['holder', 'must']]],
    [
      'a field of an interface',
      '{ guarded { code open } }',
      { guarded: [{ code: null, open: 'o' }] },
      [['guarded', 'code']],
    ],
    [
      'a field of a type behind an interface',
      '{ guarded { open ... on Safe { code } } }',
      { guarded: [{ open: 'o', code: null }] },
      [['guarded', 'code']],
    ],
  ])('%s is null, told of once and never fetched', async (_, query, data, denied) => {
    const answer = await ask(engine, query, sendTo(nothing));
    expect(answer.data).toEqual(data);
    expect(JSON.stringify(answer.data)).toBe(JSON.stringify(data));
    expect(answer.denied.map(({ path }) => path)).toEqual(denied);
    expect(answer.errors).toEqual([]);
    expect(asked).toHaveLength(1);
    expect(asked[0]).not.toMatch(/secret|vault|must|gold|code/);
  });

  test('where all is denied no subgraph is asked', async () => {
    const answer = await ask(engine, '{ vault { gold } vaults { name } }', sendTo(nothing));
    expect(answer.data).toEqual({ vault: null, vaults: null });
    expect(asked).toEqual([]);
  });

  test('the same document for two viewers is answered to each by their own scopes, in either order', async () => {
    const document = parse('query Same { holder { name secret } }');
    const answers: Answers = {
      owner: ({ query }) => ({ data: { holder: { name: 'a', ...(query.includes('secret') && { secret: 's' }) } } }),
    };
    const viewers = [
      aViewer({ scopes: ['secret'] }),
      aViewer(),
      aViewer({ scopes: ['other'] }),
      aViewer({ scopes: ['secret'] }),
    ];
    const both = await Promise.all(viewers.map((viewer) => ask(engine, document, sendTo(answers), { viewer })));
    expect(both.map(({ data }) => data)).toEqual([
      { holder: { name: 'a', secret: 's' } },
      { holder: { name: 'a', secret: null } },
      { holder: { name: 'a', secret: null } },
      { holder: { name: 'a', secret: 's' } },
    ]);
    expect(asked.filter((query) => query.includes('secret'))).toHaveLength(2);
  });
});

describe('a case that its owner does not vouch for', () => {
  const entries = (...list: JsonObject[]): Answers => ({
    owner: vouching,
    vendor: () => ({ data: { entries: list } }),
  });

  test('is gone from lists and null elsewhere, without an error', async () => {
    const answer = await ask(
      engine,
      '{ entries { text case { title } cases { id title } } }',
      sendTo(
        entries(
          { text: 'a', case: case_('hidden'), cases: [case_('hidden'), case_('open'), case_('hidden')] },
          { text: 'b', case: case_('open'), cases: [case_('hidden')] },
        ),
      ),
    );
    expect(JSON.stringify(answer.data)).toBe(
      JSON.stringify({
        entries: [
          { text: 'a', case: null, cases: [{ id: 'open', title: 'title of open' }] },
          { text: 'b', case: { title: 'title of open' }, cases: [] },
        ],
      }),
    );
    expect(answer.errors).toEqual([]);
    expect(answer.misshapen).toEqual([]);
  });

  test('is gone from a union and from lists of lists', async () => {
    const answer = await ask(
      engine,
      '{ anything { __typename ... on Other { name } } matters { id } }',
      sendTo({
        owner: vouching,
        vendor: () => ({
          data: {
            anything: [case_('hidden'), { __typename: 'Other', name: 'n' }, case_('open'), null],
            matters: [[case_('hidden')], null, [case_('open'), case_('hidden'), null]],
          },
        }),
      }),
    );
    expect(answer.data).toEqual({
      anything: [{ __typename: 'Other', name: 'n' }, { __typename: 'Case' }, null],
      matters: [[], null, [{ id: 'open' }, null]],
    });
  });

  test('takes its errors along, and the indices of later errors close up', async () => {
    const list = [case_('hidden', { note: null }), case_('open', { note: null })];
    const answer = await ask(
      engine,
      '{ entries { case { note } cases { id note } } }',
      sendTo({
        owner: vouching,
        vendor: () => ({
          data: { entries: [{ case: case_('hidden', { note: null }), cases: list }] },
          errors: [
            { message: 'of a hidden one', path: ['entries', 0, 'case', 'note'] },
            { message: 'of a hidden one', path: ['entries', 0, 'cases', 0, 'note'] },
            { message: 'of an open one', path: ['entries', 0, 'cases', 1, 'note'] },
          ],
        }),
      }),
    );
    expect(answer.errors.map(({ message, path }) => [message, path])).toEqual([
      ['of an open one', ['entries', 0, 'cases', 0, 'note']],
    ]);
  });

  test('leaves no trace in errors of a part that is null for another reason', async () => {
    const answer = await ask(
      engine,
      '{ strict { must cases { note } } }',
      sendTo({
        owner: vouching,
        vendor: () => ({
          data: { strict: [{ must: null, cases: [case_('hidden', { note: null }), case_('open', { note: null })] }] },
          errors: [
            { message: 'hidden', path: ['strict', 0, 'cases', 0, 'note'] },
            { message: 'open', path: ['strict', 0, 'cases', 1, 'note'] },
          ],
        }),
      }),
    );
    expect(answer.data).toEqual({ strict: null });
    expect(answer.errors.map(({ message, path }) => [message, path])).toEqual([
      ['open', ['strict', 0, 'cases', 0, 'note']],
    ]);
  });

  test('takes its Relay edge along', async () => {
    const answer = await ask(
      engine,
      '{ list { edges { cursor } nodes { title } } }',
      sendTo({
        owner: () => ({
          data: {
            list: {
              edges: [
                { cursor: '1', node: null },
                { cursor: '2', node: { clearance: null, title: 'x' } },
                { cursor: '3', node: { clearance: 'READ', title: 'y' } },
              ],
              nodes: [
                { clearance: null, title: 'x' },
                { clearance: 'READ', title: 'y' },
              ],
            },
          },
        }),
      }),
    );
    expect(answer.data).toEqual({ list: { edges: [{ cursor: '3' }], nodes: [{ title: 'y' }] } });
  });

  test('stays gone when its owner cannot be reached', async () => {
    const answer = await ask(
      engine,
      '{ entries { case { id } cases { id } } }',
      sendTo({
        ...entries({ case: case_('open'), cases: [case_('open')] }),
        owner: () => {
          throw new Error('down');
        },
      }),
    );
    expect(answer.data).toEqual({ entries: [{ case: null, cases: [] }] });
  });

  test('cannot vouch for itself through a key of the operation', async () => {
    const answer = await ask(
      engine,
      '{ entries { case { clearance: note id } } }',
      sendTo({
        owner: ({ variables }) => ({ data: { _entities: variables.representations.map(() => null) } }),
        vendor: () => ({ data: { entries: [{ case: case_('hidden', { clearance: 'READ' }) }] } }),
      }),
    );
    expect(answer.data).toEqual({ entries: [{ case: null }] });
  });

  test.each([
    ['compiled', true],
    ['by the general executor', false],
  ])('is not vouched for by what a subgraph brings along that was not asked for it, %s', async (_way, compile) => {
    const cases = [case_('hidden', { clearance: 'READ', note: 'a secret' }), case_('open', { note: 'a note' })];
    const answer = await ask(
      ourEngine(sdl, compile),
      '{ entries { case { note } cases { note } } }',
      sendTo({
        owner: vouching,
        vendor: () => ({ data: { entries: [{ case: cases[0]!, cases }], clearance: 'READ' } }),
      }),
    );
    expect(asked[0]).not.toContain('clearance');
    expect(answer.data).toEqual({ entries: [{ case: null, cases: [{ note: 'a note' }] }] });
  });
});

test('a later answer cannot make an object into another', async () => {
  const fetch = (serviceName: string, operation: string, requires?: object[]) =>
    ({ kind: 'Fetch', serviceName, operation, operationKind: 'query', requires }) as unknown as PlanNode;
  const key = [
    { kind: 'Field', name: '__typename' },
    { kind: 'Field', name: 'id' },
  ];
  const plan: PlanNode = {
    kind: 'Sequence',
    nodes: [
      fetch('first', '{ thing { __typename id } }'),
      { kind: 'Flatten', path: ['thing'], node: fetch('second', '{ _entities { __typename note } }', key) },
    ],
  };
  const schema = buildSchema(
    'type Query { thing: Thing } interface Thing { id: ID } type Safe implements Thing { id: ID }',
  );
  const { data } = await runPlan(schema, plan, {}, async (service) => ({
    data:
      service === 'first'
        ? { thing: { __typename: 'Safe', id: '1' } }
        : { _entities: [{ __typename: 'Thing', note: 'n' }] },
  }));
  expect(data).toEqual({ thing: { __typename: 'Safe', id: '1', note: 'n' } });
});

describe('a supergraph that could not be enforced is refused', () => {
  const refusal =
    (...change: [from: string, to: string]) =>
    () =>
      readSupergraph(sdl.replace(...change));

  test('for a security feature that is not known', () => {
    expect(
      refusal(
        '@link(url: "https://specs.apollo.dev/join',
        '@link(url: "https://example.com/seal/v1.0", for: SECURITY) @link(url: "https://specs.apollo.dev/join',
      ),
    ).toThrow(
      'The supergraph asks for the security feature https://example.com/seal/v1.0, which this gateway does not enforce. Compose without it.',
    );
  });

  test('for a shielded type where a value is promised', () => {
    const promising = vendor.replace('type Entry { case: Case ', 'type Entry { case: Case! ');
    expect(() => readSupergraph(compose({ owner, vendor: promising }))).toThrow(
      'Entry.case must be nullable: it leads to Case, whose existence may be secret.',
    );
  });

  test('for a vouching field that two subgraphs resolve', () => {
    const second = vendor
      .replace('"@key"', '"@key", "@shareable"')
      .replace('note: String }', 'note: String clearance: String @shareable }');
    const first = owner.replace('clearance: String', 'clearance: String @shareable');
    expect(() => readSupergraph(compose({ owner: first, vendor: second }))).toThrow(
      'Case.clearance vouches for a shielded type and must be resolved by exactly one subgraph.',
    );
  });
});

describe.each([
  ['compiled', true],
  ['by the general executor', false],
])('what is kept from callers, %s', (_way, compile) => {
  const sdl = compose({
    people: `${link('"@key", "@inaccessible"')}
      type Query { person: Person people: [Person!]! }
      type Person { name: String role: Role roles: [Role!] pet: Pet pets: [Pet] }
      enum Role { GUEST SPY @inaccessible }
      union Pet = Cat | Dragon
      type Cat { name: String }
      type Dragon @inaccessible { name: String }`,
  });
  const answered = (person: object, query: string) =>
    ask(ourEngine(sdl, compile), query, async () => ({ data: { person } as JsonObject }));

  test('is null, whether a value or a type, and no error tells of it', async () => {
    const { data, errors, misshapen } = await answered(
      {
        role: 'SPY',
        roles: null,
        pet: { __typename: 'Dragon' },
        pets: [{ __typename: 'Cat' }, { __typename: 'Dragon' }],
      },
      '{ person { role roles pet { __typename } pets { __typename } } }',
    );
    expect(data).toEqual({ person: { role: null, roles: null, pet: null, pets: [{ __typename: 'Cat' }, null] } });
    expect([errors, misshapen]).toEqual([[], []]);
  });

  test('is null where a list may hold no null', async () => {
    const { data, misshapen } = await answered({ roles: ['GUEST', 'SPY'] }, '{ person { roles } }');
    expect([data, misshapen]).toEqual([{ person: { roles: null } }, []]);
  });

  test('is not what no schema knows', async () => {
    const { data, misshapen } = await answered(
      { role: 'KING', pet: { __typename: 'Person' } },
      '{ person { role pet { __typename } } }',
    );
    expect(data).toEqual({ person: { role: null, pet: null } });
    expect(misshapen).toEqual([
      ['person', 'role'],
      ['person', 'pet'],
    ]);
  });
});

describe.each([
  ['compiled', true],
  ['by the general executor', false],
])('of a field that two subgraphs share and answer with other types, %s', (_way, compile) => {
  const a = `${link('"@key", "@shareable", "@external", "@requires"')}
    type Query { box: Box holder: Holder }
    type Holder { own: Box }
    type Box @key(fields: "id") { id: ID! things: [Thing] @shareable }
    union Thing = Common | Red
    type Common @shareable { name: String! }
    type Red @key(fields: "code") { code: ID! name: String shout(loud: Boolean! = false): String in: [Common!] twin: Red
      far: String @external near: String @requires(fields: "far") }`;
  const b = `${link('"@key", "@shareable"')}
    type Query { anywhere: Box }
    type Box @key(fields: "id") { id: ID! things: [Thing] @shareable }
    union Thing = Common | Blue
    type Common @shareable { name: String }
    type Blue { name: String }
    type Red @key(fields: "code") { code: ID! far: String }`;
  const entry = `${link('"@key"')} type Query { entries: [Box] } type Box @key(fields: "id") { id: ID! label: String }`;
  const engine = ourEngine(compose({ a, b, entry }), compile);
  const common = { __typename: 'Common', name: 'c' };
  const red = {
    __typename: 'Red',
    code: '1',
    name: 'r',
    shout: ({ loud }: { loud: boolean }) => (loud ? 'RED' : 'red'),
    in: [common],
    twin: { code: '2', name: 'twin' },
  };
  const box = { __typename: 'Box', id: '1', things: [common, red] };
  const schema = buildSubgraphSchema({
    typeDefs: parse(a),
    resolvers: {
      Query: { box: () => box, holder: () => ({ own: box }) },
      Box: { __resolveReference: () => box },
    } as any,
  });
  const answered = (query: string, variables: JsonObject = {}) =>
    ask(
      engine,
      query,
      async (service, request) => {
        if (service === 'entry') return { data: { entries: [{ __typename: 'Box', id: '1', label: 'first' }] } };
        if (service !== 'a') throw new Error(`${service} is not asked`);
        const document = parse(request.query);
        expect(validate(schema, document)).toEqual([]);
        const answer = await execute({ schema, document, variableValues: request.variables as JsonObject });
        return JSON.parse(JSON.stringify(answer));
      },
      { variables },
    );
  const thingsIn = (data: JsonObject | null, ...path: (string | number)[]): unknown =>
    path.reduce<any>((value, key) => value[key], data).things;

  const things = `things { __typename ... on Common { name } ... on Red { x: name shout(loud: $loud) in { name } }
    ... on Blue { name } }`;
  test.each([
    ['at the root', `box { ${things} }`, ['box']],
    ['further down', `holder { own { ${things} } }`, ['holder', 'own']],
    ['in an entity of another subgraph', `entries { label ${things} }`, ['entries', 0]],
  ])('what the subgraph asked knows of such an object is in the answer: %s', async (_where, asked, path) => {
    const query = `query ($loud: Boolean!) { ${asked} }`;
    const { data, errors, unplanned, compiled } = await answered(query, { loud: true });
    expect([errors, unplanned]).toEqual([[], []]);
    expect(thingsIn(data, ...path)).toEqual([
      { __typename: 'Common', name: 'c' },
      { __typename: 'Red', x: 'r', shout: 'RED', in: [{ name: 'c' }] },
    ]);
    expect(compiled).toBe(compile);
  });

  test.each([
    ['a field of another subgraph', 'far', 'far'],
    ['one that needs such a field', 'near', 'near'],
    ['one below which there is such a field', 'twin { name far }', 'twin'],
    // Of `Common` the subgraph promises a name, of `Red` it does not: no operation may ask for both under one key.
    ['one whose key is taken', 'name', 'name'],
  ])('what it does not know by itself is no null: it is told of: %s', async (_what, field, key) => {
    const { data, unplanned } = await answered(
      `{ box { things { ... on Common { name } ... on Red { ${field} } ... on Blue { name } } } }`,
    );
    expect(thingsIn(data, 'box')).toEqual([{ name: 'c' }, { [key]: null }]);
    expect(unplanned).toEqual([['box', 'things', 1, key]]);
  });

  test('a shielded case that the planner left out is gone, whoever knows of it, unless its owner vouches for it', async () => {
    const shared = (only: string) => `${link('"@key", "@shareable"')}
      type Query { from${only}: Crate }
      type Crate @key(fields: "id") { id: ID! things: [Thing] @shareable }
      union Thing = Common | ${only}
      type Common @shareable { name: String }
      type ${only} @key(fields: "id") { id: ID! note: String }`;
    const asked: string[] = [];
    const { data } = await ask(
      ourEngine(compose({ owner, a: shared('Case'), b: shared('Blue') }), compile),
      '{ fromCase { things { ... on Common { name } ... on Case { note } ... on Blue { note } } } }',
      async (service, { query }) => {
        asked.push(`${service} ${query}`);
        const things = [common, { __typename: 'Case', id: 'hidden', note: 'a secret' }];
        return { data: { fromCase: { __typename: 'Crate', id: '1', things } } };
      },
    );
    expect(asked).toEqual([expect.stringMatching(/^a .*note/)]);
    expect(data).toEqual({ fromCase: { things: [{ name: 'c' }] } });
  });

  test('what the planner did not overlook is asked for once', async () => {
    const asked: string[] = [];
    await ask(
      engine,
      '{ box { things { ... on Common { name } ... on Red { x: name } } } }',
      async (_name, request) => {
        asked.push(request.query);
        return { data: { box: null } };
      },
    );
    expect(asked).toEqual([expect.not.stringMatching(/on Common.*on Common/)]);
    expect(asked).toEqual([expect.stringMatching(/on Common\{name\}.*on Red\{x:name\}/)]);
  });

  test('what nobody asked for is not', async () => {
    const { data, unplanned } = await answered('{ box { things { __typename ... on Common { name } } } }');
    expect([thingsIn(data, 'box'), unplanned]).toEqual([
      [{ __typename: 'Common', name: 'c' }, { __typename: 'Red' }],
      [],
    ]);
  });
});
