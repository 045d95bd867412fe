/**
 * The two edges, with random operations: put together from pieces and sent to both, and, without a network, judged by both forms of
 * wall 1.
 */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type FieldNode, type FragmentDefinitionNode, Kind, type OperationDefinitionNode, parse } from 'graphql';
import { applyTypeWall } from '../../src/authorization/type-wall.js';
import { footprint } from '../../src/execution/footprint.js';
import { type Selections, selectionsOf } from '../../src/operation/selection.js';
import { holding } from '../../subgraphs/edge/evaluate-requirement.js';
import { expanded } from '../../subgraphs/edge/inline-fragments.js';
import { introspects } from '../../subgraphs/edge/limits.js';
import { noRules, type Requirement, type Rules } from '../../subgraphs/edge/rules.js';
import { permitted } from '../../subgraphs/edge/wall.js';
import type { Fault } from '../../subgraphs/protocol/faults.js';
import { aViewer } from '../support/room.js';
import { type Asked, type DifferenceName, type Edges, expectAlike, openEdges, type RoomName, scopes } from './edges.js';
import { ourEngine } from './executors.js';
import { operations } from './operations.js';
import { testSubgraphs } from './supergraph.js';

let edges: Edges;
beforeAll(async () => {
  edges = await openEdges();
});
afterAll(() => edges.close());

/** A root field: the scope that it takes, and ways to ask it wrongly. */
interface Piece {
  readonly scope: (typeof scopes)[number] | null;
  readonly field: string;
  readonly page?: string;
  readonly value?: string;
}
const pieces: Readonly<Record<Exclude<RoomName, 'audit'>, readonly Piece[]>> = {
  cases: [
    { scope: 'employee:read', field: 'compartments { id }' },
    {
      scope: 'case:read',
      field: 'cases(first: 1) { totalCount nodes { title } }',
      page: 'cases(first: 501) { totalCount }',
      value: 'cases(filter: { openedTo: "2026-02-30" }) { totalCount }',
    },
    { scope: 'case:read', field: 'case(id: "x") { title }' },
    { scope: null, field: '__typename' },
  ],
  identity: [
    { scope: null, field: 'municipality(code: "0461") { name }' },
    {
      scope: 'citizen:read',
      field: 'citizen(cpr: "0201609995") { name address { street } }',
      value: 'citizen(cpr: "1") { name }',
    },
    {
      scope: 'employee:read',
      field: 'employees(first: 1) { nodes { name } }',
      page: 'employees(first: -1) { totalCount }',
    },
    { scope: 'admin', field: 'systemClients { name }' },
    { scope: null, field: 'viewer { clearance { level } }' },
  ],
  smdb: [
    { scope: 'smdb:read', field: 'smdbForms(first: 1) { totalCount }', page: 'smdbForms(first: 501) { totalCount }' },
    { scope: 'smdb:read', field: 'treatmentCourse(id: "x") { id }' },
    { scope: null, field: '__typename' },
  ],
};

const places = ['plain', 'inline', 'untyped', 'fragment', 'included', 'left out'] as const;
type Place = (typeof places)[number];
type Wrong = 'page' | 'value' | 'unknown';

interface Put {
  readonly piece: Piece;
  readonly place: Place;
}
interface Operation {
  readonly room: RoomName;
  readonly puts: readonly Put[];
  /** One of the pieces is asked wrongly. */
  readonly wrong: { readonly at: number; readonly how: Wrong } | null;
  readonly named: boolean;
  readonly as: readonly string[];
}

const operation: fc.Arbitrary<Operation> = fc
  .constantFrom(...(Object.keys(pieces) as (keyof typeof pieces)[]))
  .chain((room) =>
    fc.record({
      room: fc.constant(room),
      puts: fc.array(fc.record({ piece: fc.constantFrom(...pieces[room]), place: fc.constantFrom(...places) }), {
        minLength: 1,
        maxLength: 4,
      }),
      wrong: fc.option(fc.record({ at: fc.nat(3), how: fc.constantFrom<Wrong>('page', 'value', 'unknown') })),
      named: fc.boolean(),
      as: fc.subarray([...scopes], { minLength: 1 }),
    }),
  );

/** How the piece is asked: wrongly, if it is the one and can be. */
function wrongIn({ puts, wrong }: Operation, at: number): Wrong | null {
  if (!wrong || wrong.at % puts.length !== at) return null;
  return wrong.how === 'unknown' || puts[at]!.piece[wrong.how] ? wrong.how : null;
}

function asked(given: Operation): Asked {
  const { room, puts, named, as } = given;
  const fragments: string[] = [];
  const parts = puts.map(({ piece, place }, at) => {
    const how = wrongIn(given, at);
    const field = how === null ? piece.field : how === 'unknown' ? 'nothing { here }' : piece[how]!;
    const [, head, rest] = /^(\w+(?:\([^)]*\))?)(.*)$/.exec(field)!;
    const text = (directive = '') => `a${at}: ${head}${directive}${rest}`;
    if (place === 'inline') return `... on Query { ${text()} }`;
    if (place === 'untyped') return `... { ${text()} }`;
    if (place === 'included') return text(' @include(if: $yes)');
    if (place === 'left out') return text(' @skip(if: $yes)');
    if (place === 'plain') return text();
    fragments.push(`fragment F${at} on Query { ${text()} }`);
    return `...F${at}`;
  });
  const isConditional = puts.some(({ place }) => place === 'included' || place === 'left out');
  const head = `query Asked${isConditional ? '($yes: Boolean!)' : ''}`;
  const query = `${head} { ${parts.join(' ')} } ${fragments.join(' ')} ${named ? 'query Other { __typename }' : ''}`;
  const body = { query, variables: { yes: true }, ...(named && { operationName: 'Asked' }) };
  return { room, body, as: as.join(' ') };
}

/** What the pieces let expect. */
function expected(given: Operation): DifferenceName | undefined {
  const { puts, as } = given;
  const isAsked = ({ place }: Put) => place !== 'left out';
  const at = puts.findIndex((_put, index) => wrongIn(given, index) !== null);
  const how = at < 0 ? null : wrongIn(given, at);
  if (how === 'unknown') return undefined;
  const isDenied = puts.filter(isAsked).some(({ piece: { scope } }) => scope !== null && !as.includes(scope));
  if (how === 'value') return isAsked(puts[at]!) ? 'wording' : 'leftOut';
  if (how === 'page' && isAsked(puts[at]!)) return isDenied ? 'judgedEarly' : 'loggedWithText';
  return isDenied ? 'denied' : undefined;
}

it('answer random operations alike, or differ as their pieces let expect', async () => {
  const found = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(operation, async (given) => {
      const differs = expected(given);
      found.set(differs ?? 'alike', (found.get(differs ?? 'alike') ?? 0) + 1);
      await expectAlike(edges, asked(given), differs);
    }),
    { numRuns: 150 },
  );
  expect([...found.keys()].sort()).toEqual(expect.arrayContaining(['alike', 'denied', 'wording']));
});

const requirements: readonly (Requirement | undefined)[] = [
  undefined,
  undefined,
  undefined,
  { authenticated: true, scopes: null, policies: null },
  { authenticated: false, scopes: [['a']], policies: null },
  { authenticated: false, scopes: [['a', 'b'], ['c']], policies: null },
  { authenticated: false, scopes: null, policies: [['fresh-login']] },
  { authenticated: false, scopes: [['b']], policies: [['fresh-login'], ['unknown']] },
];

it('wall 1 denies a field at the gateway exactly if it refuses the operation at a room; both have the same footprint', () => {
  const schema = ourEngine(testSubgraphs().supergraphSdl).apiSchema;
  const coordinates = Object.values(schema.getTypeMap()).flatMap((type) =>
    type.name.startsWith('__')
      ? []
      : [
          type.name,
          ...('getFields' in type ? Object.keys(type.getFields()).map((name) => `${type.name}.${name}`) : []),
        ],
  );
  const rulesOn: fc.Arbitrary<Rules> = fc
    .array(fc.constantFrom(...requirements), { minLength: coordinates.length, maxLength: coordinates.length })
    .map((chosen) => ({
      ...noRules,
      requirements: new Map(coordinates.flatMap((one, at) => (chosen[at] ? [[one, chosen[at]!] as const] : []))),
    }));
  const now = 1_000_000;
  const viewers = fc
    .record({ scopes: fc.subarray(['a', 'b', 'c']), age: fc.constantFrom(0, 900, 901) })
    .map(({ scopes, age }) => aViewer({ scopes, authenticatedAt: now - age }));
  const seen = { allowed: 0, refused: 0 };
  fc.assert(
    fc.property(operations(schema), rulesOn, viewers, fc.nat(99), ({ query, variables }, all, viewer, share) => {
      // Most operations must pass now and then: only a part of the rules is in force.
      const rules = {
        ...all,
        requirements: new Map([...all.requirements].filter((_rule, at) => (at * 37) % 100 < share)),
      };
      const document = parse(query);
      // Both edges decide about introspection before wall 1.
      fc.pre(!introspects(document));
      const operation = document.definitions.find(
        (one) => one.kind === Kind.OPERATION_DEFINITION,
      ) as OperationDefinitionNode;
      const fragments = new Map(
        document.definitions
          .filter((one) => one.kind === Kind.FRAGMENT_DEFINITION)
          .map((one): [string, FragmentDefinitionNode] => [one.name.value, one]),
      );
      const rawKey = ({ alias, name }: FieldNode) => (alias ?? name).value;
      const selections = selectionsOf(schema, operation, fragments, variables as never, rawKey);
      const gateway = applyTypeWall(schema, rules, selections, (one) => holding(one, viewer, now));
      const room = (): ReturnType<typeof permitted> | null => {
        try {
          return permitted(schema, rules, viewer, expanded(operation, fragments, variables), variables, now, false);
        } catch (error) {
          if ((error as Fault).code !== 'FORBIDDEN') throw error;
          return null;
        }
      };
      const allowed = room();
      if (allowed === null && gateway.denied.length === 0) {
        const isDenied = (type: string) => {
          const requirement = rules.requirements.get(type);
          return requirement !== undefined && holding(requirement, viewer, now) !== 'yes';
        };
        expect([query, namesDeniedType(selections, isDenied)]).toEqual([query, true]);
        return;
      }
      expect([query, gateway.denied.length > 0]).toEqual([query, allowed === null]);
      seen[allowed ? 'allowed' : 'refused'] += 1;
      if (allowed) expect(allowed.footprint).toEqual(footprint(schema, rules, operation, gateway.selections, false));
    }),
    { numRuns: 2_000 },
  );
  expect(seen.allowed).toBeGreaterThan(200);
  expect(seen.refused).toBeGreaterThan(200);
});

/**
 * The one exception: a denied root type, or a condition on a denied type, under which no field is asked for. The gateway has no field
 * to deny there; a room refuses it.
 */
function namesDeniedType({ parent, items }: Selections, isDenied: (type: string) => boolean): boolean {
  if (isDenied(parent.name)) return true;
  return items.some(({ selections }) => selections !== null && namesDeniedType(selections, isDenied));
}
