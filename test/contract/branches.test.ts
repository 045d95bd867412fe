/**
 * One response key in several type conditions of one place may stand for other fields, arguments and selections. Whatever lies above
 * an entity of another subgraph, the answer is the one that the specification gives: that of graphql-js over the same data in one piece.
 * SLUSE_DIFFERENTIAL_RUNS sets how many random operations are tried, SLUSE_SEED repeats a run.
 */
import { readFileSync } from 'node:fs';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { execute, type OperationDefinitionNode, parse } from 'graphql';
import type { Engine } from '../../src/execution/engine.js';
import type { JsonObject } from '../../src/operation/json.js';
import { selectionsOf } from '../../src/operation/selection.js';
import { withBranches } from '../../src/planning/branches.js';
import { composeWith, federationHeader } from '../abuse/vendor.js';
import { aViewer } from '../support/room.js';
import { positions } from './compare.js';
import { ask, ourEngine } from './executors.js';
import { type Estate, openFarm } from './farm.js';
import { clashingOperations } from './operations.js';

const runs = Math.ceil((Number(process.env.SLUSE_DIFFERENTIAL_RUNS ?? 5_000) * 2) / 5);
const seed = Number(process.env.SLUSE_SEED ?? 2);

const farm = openFarm();
const engines = { compiled: ourEngine(farm.supergraphSdl), general: ourEngine(farm.supergraphSdl, false) };

const estates: readonly Omit<Estate, 'seed'>[] = [
  { nulls: 0, faults: 0 },
  { nulls: 60, faults: 0 },
  { nulls: 0, faults: 60 },
];

test(`${runs} random answers are those of graphql-js over the same data in one piece (seed ${seed})`, async () => {
  let clashing = 0;
  await fc.assert(
    fc.asyncProperty(clashingOperations(farm.schema), fc.nat(1_000_000), async ({ query, variables }, of) => {
      const document = parse(query);
      let texts = '';
      for (const [nth, rates] of estates.entries()) {
        const estate = { seed: of, ...rates };
        const expected = await farm.inOnePiece(document, variables, estate);
        const wanted = JSON.parse(JSON.stringify(expected.data ?? null)) as JsonObject | null;
        const engine = nth === 1 ? engines.general : engines.compiled;
        const answer = await ask(
          engine,
          document,
          (service, request) => {
            texts += request.query;
            return farm.ask(service, request, estate);
          },
          { variables },
        );
        const placed = (errors: readonly { readonly path?: readonly (string | number)[] | undefined }[] = []) =>
          positions(
            wanted,
            errors.map(({ path = [] }) => path),
          );
        expect(JSON.stringify(answer.data)).toBe(JSON.stringify(wanted));
        expect(placed(answer.errors)).toEqual(placed(expected.errors));
        expect([answer.misshapen, answer.unplanned]).toEqual([[], []]);
      }
      expect(texts).not.toMatch(/\bsecret\b/);
      if (/\bbranch\d/.test(texts)) clashing += 1;
    }),
    { numRuns: Math.ceil(runs / estates.length), seed, interruptAfterTimeLimit: 300_000, markInterruptAsFailure: true },
  );
  process.stdout.write(`${runs} answers, seed ${seed}, ${clashing} operations with branches\n`);
  expect(clashing).toBeGreaterThan(runs / estates.length / 20);
}, 600_000);

describe('on an @interfaceObject', () => {
  const estate = { seed: 17, nulls: 0, faults: 0 };

  test.each([
    ['another interface as a condition', '{ lots { building { ... on Owned { owner { id } } } } }'],
    ['a union as a condition', '{ lots { building { ... on Thing { ... on Shed { damp } ... on Barn { herd } } } } }'],
    [
      'branches of an object that no owner named',
      '{ lots { building { plan { alt } ... on Barn { plan { credit } } } } }',
    ],
    ['leaves with arguments', '{ buildings { ... on Barn { v: value(year: 1) } ... on Shed { v: worth(year: 2) } } }'],
    ['the same for all, and more for one', '{ buildings { value ... on Barn { worth(year: 3) lot { size } } } }'],
  ])('%s is answered as in one piece', async (_what, text) => {
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const estate = { seed, nulls: 0, faults: 0 };
      const { data } = await farm.inOnePiece(parse(text), {}, estate);
      for (const engine of Object.values(engines)) {
        const answer = await ask(engine, text, (service, request) => farm.ask(service, request, estate));
        expect([answer.data, answer.errors, answer.unplanned]).toEqual([JSON.parse(JSON.stringify(data)), [], []]);
      }
    }
  });

  test('where nobody tells what an object is, and what is asked of it depends on that, it is no object at all', async () => {
    for (const engine of Object.values(engines)) {
      const { data, misshapen } = await ask(
        engine,
        '{ best { plan { alt } ... on Barn { plan { credit } } } }',
        async (service, request) =>
          service === 'buildings' ? { data: { _entities: [null] } } : farm.ask(service, request, estate),
      );
      expect([data, misshapen]).toEqual([{ best: null }, [['best']]]);
    }
  });
});

describe('walls stand in every branch: over the rooms and a subgraph of a vendor', () => {
  const vendor = `${federationHeader}
    type Query { folders: [Folder!] }
    interface Folder { id: ID! top: Case owner: Citizen }
    type Red implements Folder { id: ID! top: Case owner: Citizen }
    type Blue implements Folder { id: ID! top: Case owner: Citizen }
    type Case @key(fields: "id") { id: ID! }
    type Citizen @key(fields: "id") { id: ID! }`;
  const folder = (type: string, id: string) => ({ __typename: type, id: `${type}-${id}`, top: { id }, owner: { id } });
  const sdlOf = (room: string) => (room === 'vendor' ? vendor : readFileSync(`schema/${room}.graphql`, 'utf8'));
  const schemas = new Map(
    ['identity', 'cases', 'vendor'].map((room) => [
      room,
      buildSubgraphSchema({
        typeDefs: parse(sdlOf(room)),
        resolvers: {
          // The owner vouches for every case but one.
          Case: {
            __resolveReference: ({ id }: JsonObject) => (id === 'hidden' ? null : { id, clearance: 'METADATA' }),
          },
          Citizen: { __resolveReference: ({ id }: JsonObject) => ({ id }) },
        },
      }),
    ]),
  );
  const engines = [true, false].map((compile) => ourEngine(composeWith(vendor).supergraph!, compile));
  let asked: string[];
  const answered = async (engine: Engine, query: string, folders: readonly object[], scopes: string[] = []) => {
    asked = [];
    return ask(
      engine,
      query,
      async (service, { query: text, variables }) => {
        asked.push(`${service} ${text}`);
        const result = await execute({
          schema: schemas.get(service)!,
          document: parse(text),
          variableValues: variables as JsonObject,
          fieldResolver: (source: any, _args, _context, { fieldName }) => {
            if (fieldName === 'folders') return folders;
            if (fieldName === 'street') return 'Skolegade 1';
            if (fieldName === 'loggedParty') return { id: `party of ${source.id}` };
            return source[fieldName] ?? (fieldName === 'address' ? {} : `${fieldName} of ${source.id}`);
          },
        });
        return JSON.parse(JSON.stringify(result));
      },
      { viewer: aViewer({ scopes }) },
    );
  };
  const branches = `{ folders { ... on Red { top { t: title } owner { name } }
    ... on Blue { top { t: number } owner { name address { street } } } } }`;

  test('what is protected in one of them is fetched in none, and told of once', async () => {
    for (const engine of engines) {
      const folders = [folder('Red', '1'), folder('Blue', '2'), folder('Blue', '3')];
      const { data, denied, errors } = await answered(engine, branches, folders);
      expect(data).toEqual({
        folders: [
          { top: { t: 'title of 1' }, owner: { name: 'name of 1' } },
          { top: { t: 'number of 2' }, owner: { name: 'name of 2', address: null } },
          { top: { t: 'number of 3' }, owner: { name: 'name of 3', address: null } },
        ],
      });
      expect([denied, errors]).toEqual([[{ path: ['folders', 'owner', 'address'], again: false }], []]);
      expect(asked.join()).not.toMatch(/address|street/);
    }
  });

  test('who may have it gets it, from the same engine, and in its branch only', async () => {
    for (const engine of engines) {
      await answered(engine, branches, []);
      const folders = [folder('Red', '1'), folder('Blue', '2')];
      const { data, denied, named } = await answered(engine, branches, folders, ['citizen:read']);
      expect(data).toEqual({
        folders: [
          { top: { t: 'title of 1' }, owner: { name: 'name of 1' } },
          { top: { t: 'number of 2' }, owner: { name: 'name of 2', address: { street: 'Skolegade 1' } } },
        ],
      });
      expect(denied).toEqual([]);
      // Whom the answer is about is known in every branch.
      expect([...named].map(([type, ids]) => [type, [...ids].sort()]).sort()).toEqual([
        ['Case', ['1', '2']],
        ['Citizen', ['1', '2', 'party of 1', 'party of 2']],
      ]);
    }
  });

  test.each(['Red', 'Blue'])(
    'a shielded case is gone in the branch of %s, without an error, and is not named',
    async (type) => {
      for (const engine of engines) {
        const folders = [folder('Red', '1'), folder('Blue', '2'), { ...folder(type, '3'), top: { id: 'hidden' } }];
        const { data, errors, misshapen, unplanned, named } = await answered(engine, branches, folders);
        expect((data as any).folders.map(({ top }: any) => top)).toEqual([
          { t: 'title of 1' },
          { t: 'number of 2' },
          null,
        ]);
        expect([errors, misshapen, unplanned]).toEqual([[], [], []]);
        expect([...named.get('Case')!].sort()).toEqual(['1', '2']);
      }
    },
  );

  test('an error of one branch stands there under the key that the caller chose', async () => {
    for (const engine of engines) {
      const folders = [folder('Red', '1'), { ...folder('Blue', '2'), top: new Error('no top') }];
      const { data, errors } = await answered(engine, branches, folders);
      expect((data as any).folders[1].top).toBeNull();
      expect(errors.map(({ path }) => path)).toEqual([['folders', 1, 'top']]);
    }
  });
});

describe('work for branches is bounded', () => {
  /** Of each building the next, by type: the branches double with every level. */
  const nested = (depth: number): string =>
    depth === 0
      ? 'id'
      : `id next { ${nested(depth - 1)} } ... on Barn { next { id b${depth}: id } } ... on Shed { next { id s${depth}: id } }`;

  test('what multiplies without end is refused, at once', async () => {
    const asked: string[] = [];
    await expect(
      // Made one by one, 2 to the power of 40 branches would never end.
      ask(engines.compiled, `{ building { ${nested(40)} } }`, async (service) => {
        asked.push(service);
        return { data: null };
      }),
    ).rejects.toMatchObject({ code: 'FIELD_LIMIT' });
    expect(asked).toEqual([]);
  });

  test('operations without a difference are left as they are, down to the very object', () => {
    const { schema } = farm;
    const text = `{ buildings { plan { alt } ... on Barn { plan { alt } herd owner { name } } ... on Shed { damp owner { name } } }
      things { ... on Barn { name } ... on Tool { name } } }`;
    const operation = parse(text).definitions[0] as OperationDefinitionNode;
    const selections = selectionsOf(schema, operation, new Map(), {}, ({ alias, name }) => (alias ?? name).value);
    const options = { schema, prefix: 'branch', interfaceObjects: new Set(['Building']) };
    expect(withBranches(options, selections)).toBe(selections);
  });
});
