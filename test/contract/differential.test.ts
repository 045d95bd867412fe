/**
 * Our executor against the stock one of @apollo/gateway: the same random operations over the same subgraphs must be answered
 * with the same data and the same errors. SLUSE_DIFFERENTIAL_RUNS sets how many, SLUSE_SEED repeats a run.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type DocumentNode, parse, validate } from 'graphql';
import type { Engine, EngineAnswer } from '../../src/execution/engine.js';
import { unavailable } from '../../src/execution/execute-plan.js';
import type { Json, JsonObject } from '../../src/operation/json.js';
import {
  inOrder,
  nulledAs,
  positions,
  type Trouble,
  unordered,
  upToLists,
  withoutConditions,
  withTypeNames,
} from './compare.js';
import { ask, ourEngine, type Stock, type StockAnswer, stockGateway } from './executors.js';
import { operations } from './operations.js';
import { subgraphSdl, type TestSubgraphs, testSubgraphs, type World } from './supergraph.js';

const runs = Number(process.env.SLUSE_DIFFERENTIAL_RUNS ?? 5_000);
const seed = process.env.SLUSE_SEED === undefined ? undefined : Number(process.env.SLUSE_SEED);

const names = Object.keys(subgraphSdl);
/** One plan serves six worlds: nothing wrong, nulls, faults, both, entities lost, a subgraph down. */
const worlds = (seed: number): (() => World)[] =>
  [
    { nulls: 0, faults: 0, lost: 0, down: [] },
    { nulls: 80, faults: 0, lost: 0, down: [] },
    { nulls: 0, faults: 60, lost: 0, down: [] },
    { nulls: 30, faults: 30, lost: 30, down: [] },
    { nulls: 0, faults: 0, lost: 250, down: [] },
    { nulls: 20, faults: 0, lost: 0, down: [names[seed % names.length]!] },
  ].map((rates, index) => () => ({ seed: seed + index, ...rates, changes: 0 }));
const worldsPerOperation = worlds(0).length;

let subgraphs: TestSubgraphs;
let stock: Stock;
let engine: Engine;

beforeAll(async () => {
  subgraphs = testSubgraphs();
  stock = await stockGateway(subgraphs.supergraphSdl, unnamed);
  engine = ourEngine(subgraphs.supergraphSdl);
});
afterAll(() => stock.stop());

let stockTexts: string[] = [];
/** Answers without the name of the `@interfaceObject` (difference 9). */
const unnamed: TestSubgraphs['ask'] = async (service, request, world) => {
  stockTexts.push(`${service} ${request.query}`);
  const answer = await subgraphs.ask(service, request, world);
  for (const entity of (answer.data as any)?._entities ?? [])
    if (entity?.__typename === 'Media') Reflect.deleteProperty(entity, '__typename');
  return answer;
};

const ours = (
  document: DocumentNode,
  variables: JsonObject,
  world: World,
  texts: string[] = [],
): Promise<EngineAnswer> =>
  ask(
    engine,
    document,
    (service, request) => {
      texts.push(`${service} ${request.query}`);
      return subgraphs.ask(service, request, world);
    },
    { variables },
  );

/** Whether ours keeps apart what stock asks of all objects of a place (difference 11). */
const keptApart = (texts: readonly string[]): boolean =>
  texts.some((text) => /\bbranch\d+_/.test(text)) ||
  texts.filter((text) => /^reviews .*_entities.*on Media ?\{/.test(text)).length > 1;

/**
 * Whether stock asked of a media what ours did not ask of it (difference 11), and an error of that may have removed the media. The
 * texts that were sent do not show two branches where all objects are of one of them.
 */
const askedLess = (texts: readonly string[], stocks: readonly string[], { nulls, faults }: World): boolean => {
  const wordsOf = (all: readonly string[]) =>
    new Set(
      all.filter((text) => /^reviews .*_entities.*on Media ?\{/.test(text)).flatMap((text) => text.match(/\w+/g)!),
    );
  const asked = wordsOf(texts);
  return nulls + faults > 0 && [...wordsOf(stocks)].some((word) => !asked.has(word));
};

/** `undefined` where stock's planner gives up (difference 5). `texts`: what it sends. */
async function stocks(
  document: DocumentNode,
  variables: JsonObject,
  world: World,
  texts: string[] = [],
): Promise<StockAnswer | undefined> {
  try {
    stockTexts = texts;
    return await stock.answer(document, variables, world);
  } catch (error) {
    if (/^We should have an edge from/.test((error as Error).message)) return undefined;
    throw error;
  }
}

const pathsOf = (answer: EngineAnswer) =>
  answer.errors.flatMap((error) => (error.path && error.code !== unavailable ? [error.path] : []));
const stockPathsOf = (answer: StockAnswer) =>
  (answer.errors ?? []).flatMap((error) => (error.path ? [error.path] : []));

const callsThatFailed = (errors: readonly { message: string }[] = []) =>
  errors.filter(({ message }) => message.endsWith(' is down')).length;

/** Where errors are felt, and which subgraphs could not be reached. */
const troubleOf = (
  data: Json | undefined,
  paths: readonly (readonly (string | number)[])[],
  errors: readonly { message: string }[] = [],
): Trouble => ({
  felt: positions(data, paths),
  down: [...new Set(errors.map(({ message }) => message).filter((message) => message.endsWith(' is down')))].sort(),
});

test(`${runs} random operations are answered as the stock gateway answers them`, async () => {
  const tally = { same: 0, reordered: 0, misplaced: 0, unplanned: 0, otherwise: 0, apart: 0 };
  await fc.assert(
    fc.asyncProperty(operations(stock.schema), fc.nat(1_000_000), async ({ query, variables }, seed) => {
      const document = parse(query);
      expect(validate(stock.schema, document)).toEqual([]);
      for (const world of worlds(seed)) {
        let asked = document;
        let theirs = await stocks(document, variables, world());
        const texts: string[] = [];
        let answer = await ours(document, variables, world(), texts);
        if (keptApart(texts)) {
          tally.apart += 1;
          continue;
        }
        if (theirs && JSON.stringify(answer.data) !== JSON.stringify(theirs.data)) {
          const unnamed = answer.data;
          asked = withTypeNames(document);
          const [ourTexts, theirTexts]: string[][] = [[], []];
          theirs = await stocks(withoutConditions(asked, variables), variables, world(), theirTexts);
          answer = await ours(asked, variables, world(), ourTexts);
          if (askedLess(ourTexts!, theirTexts!, world())) {
            tally.apart += 1;
            continue;
          }
          const inGraphQLsOrder = await inOrder(stock.schema, document, variables, answer.data);
          expect(JSON.stringify(nulledAs(inGraphQLsOrder, unnamed))).toBe(JSON.stringify(inGraphQLsOrder));
          if (theirs && callsThatFailed(answer.errors) !== callsThatFailed(theirs.errors)) {
            tally.otherwise += 1;
            continue;
          }
          if (theirs) expect(unordered(answer.data)).toBe(unordered(theirs.data));
          tally.reordered += 1;
        } else if (theirs) tally.same += 1;
        if (theirs === undefined) {
          tally.unplanned += 1;
          continue;
        }
        expect(theirs).toHaveProperty('data');
        expectOwnPlaces(answer);
        const ourTrouble = troubleOf(answer.data, pathsOf(answer), answer.errors);
        if (
          JSON.stringify(ourTrouble) !== JSON.stringify(troubleOf(theirs.data, stockPathsOf(theirs), theirs.errors))
        ) {
          tally.misplaced += 1;
          const again = await stocks(withoutConditions(asked, variables), variables, world());
          if (again)
            expect(upToLists(ourTrouble)).toEqual(upToLists(troubleOf(answer.data, stockPathsOf(again), again.errors)));
        }
        // The only values of a wrong form here are inaccessible enum values: null, as stock's, and nobody is told of them.
        expect([answer.misshapen, answer.unplanned]).toEqual([[], []]);
      }
    }),
    {
      numRuns: Math.ceil(runs / worldsPerOperation),
      // Leaves a failure time to shrink, and then reports it.
      interruptAfterTimeLimit: 300_000,
      markInterruptAsFailure: true,
      ...(seed !== undefined && { seed }),
    },
  );
  // Known differences are exceptions: were they many, the comparison would prove little.
  expect(tally.same).toBeGreaterThan(0.8 * (tally.same + tally.reordered + tally.unplanned));
  expect(tally.misplaced).toBeLessThan(0.05 * runs);
  expect(tally.otherwise).toBeLessThan(0.01 * runs);
  expect(tally.apart).toBeLessThan(0.15 * runs);
  expect(Object.prototype).not.toHaveProperty('polluted');
}, 600_000);

/** A fault names the entity it is of: where the answer names the entity at its path, it must be that one. */
function expectOwnPlaces(answer: EngineAnswer) {
  for (const error of answer.errors) {
    const [, of, field] = /^fault of ([pmur]\d) in (\w+)$/.exec(error.message) ?? [];
    // Of a field that only the planner asked for, the path ends at the object, which may be null.
    if (!of || !error.path || requiredFields.has(field!)) continue;
    const at = (path: readonly (string | number)[]): any =>
      path.reduce((value: any, part) => value?.[part], answer.data);
    const id = at(error.path.slice(0, -1))?.id;
    if (typeof id === 'string' && id[0] === of[0] && at(error.path)?.id !== of)
      expect([error.path, id]).toEqual([error.path, of]);
  }
}

const requiredFields = new Set(['weight', 'dimensions', 'internalCode', 'cost']);

describe('where the two differ, ours is right:', () => {
  const healthy: World = { seed: 3, nulls: 0, faults: 0, lost: 0, down: [], changes: 0 };
  type Call = { query: string; variables?: any };
  type Answers = Record<string, (call: Call) => object>;

  /** Both executors over subgraphs that answer with what a test says. */
  async function both(query: string, answers: Answers) {
    const call = async (service: string, request: Call) => JSON.parse(JSON.stringify(answers[service]!(request)));
    const gateway = await stockGateway(subgraphs.supergraphSdl, call);
    const theirs = await gateway.answer(parse(query), {}, healthy).catch(() => ({}) as StockAnswer);
    await gateway.stop();
    return { theirs, answer: await ask(engine, query, call) };
  }
  const entity = (fields: object, ...errors: object[]) => ({ data: { _entities: [fields] }, errors });

  test('1. keys come in the order of the operation, though a type condition is repeated', async () => {
    const document = parse('{ node(id: "p1") { ... on Product { sku } id ... on Product { region } } }');
    const theirs = await stock.answer(document, {}, healthy);
    const answer = await ours(document, {}, healthy);
    expect(Object.keys(answer.data!.node!)).toEqual(['sku', 'id', 'region']);
    expect(Object.keys(theirs.data!.node!)).toEqual(['sku', 'region', 'id']);
  });

  test('2. of two fields that remove the same parent the first in the operation is blamed', async () => {
    const answers: Answers = {
      inventory: ({ query }) => {
        const first = /(\w+): ?count/.exec(query)![1]!;
        return { data: { line: null }, errors: [{ message: 'no count', path: ['line', first] }] };
      },
    };
    const { theirs, answer } = await both(
      '{ line { a: count ...F warehouse { code } } } fragment F on StockLine { b: count warehouse { code } }',
      answers,
    );
    expect(answer.data).toEqual({ line: null });
    expect(answer.errors.map(({ path }) => path)).toEqual([['line', 'a']]);
    expect(stockPathsOf(theirs)).toEqual([['line', 'b']]);
  });

  test('3. a path ends where the caller could not know what the planner asked for', async () => {
    const { theirs, answer } = await both('{ firstProduct { cost } }', {
      catalog: () => ({
        data: { firstProduct: { __typename: 'Product', id: 'p1', weight: null } },
        errors: [{ message: 'no scales', path: ['firstProduct', 'weight'] }],
      }),
      inventory: () => entity({ cost: 5 }),
    });
    expect(answer.data).toEqual({ firstProduct: { cost: 5 } });
    expect(answer.errors.map(({ path }) => path)).toEqual([['firstProduct']]);
    expect(stockPathsOf(theirs)).toEqual([['firstProduct', 'weight']]);
  });

  test('4. an error of an entity is placed at that entity, though an object before it had nothing to ask for', async () => {
    const { theirs, answer } = await both('{ search { ... on Person { since } } }', {
      catalog: () => ({
        data: { search: [{ __typename: 'Book' }, { __typename: 'Person', id: 'u1' }] },
      }),
      accounts: () => entity({ since: null }, { message: 'forgotten', path: ['_entities', 0, 'since'] }),
    });
    expect(answer.data).toEqual({ search: [{}, { since: null }] });
    expect(answer.errors.map(({ path }) => path)).toEqual([['search', 1, 'since']]);
    expect(stockPathsOf(theirs)).toEqual([['search', 0, 'since']]);
  });

  test('5. a fragment on another interface is planned on an @interfaceObject too', async () => {
    const document = parse('{ topRated { __typename rating ... on Titled { title } } }');
    await expect(stock.answer(document, {}, healthy)).rejects.toThrow('We should have an edge from Media(reviews)');
    const { data } = await ours(document, {}, healthy);
    expect(data).toEqual({
      topRated: {
        __typename: expect.stringMatching(/^(Book|Film)$/),
        rating: expect.any(Number),
        title: expect.any(String),
      },
    });
  });

  test('6. a call that fails as a whole is told of at the place that it was made for', async () => {
    const { theirs, answer } = await both('{ search { ... on Person { since } } }', {
      catalog: () => ({ data: { search: [{ __typename: 'Person', id: 'u1' }] } }),
      accounts: () => {
        throw new Error('accounts is down');
      },
    });
    expect(answer.data).toEqual({ search: [{ since: null }] });
    expect(answer.errors).toEqual([
      { message: 'accounts is down', code: unavailable, service: 'accounts', path: ['search'] },
    ]);
    expect(theirs.errors?.map(({ message, path }) => [message, path])).toEqual([['accounts is down', undefined]]);
  });

  test('7. no field is lost in a fragment within a fragment', async () => {
    const document = parse('{ firstProduct { id ... on Node { ... on Titled { title } } } }');
    const theirs = await stock.answer(document, {}, healthy);
    const answer = await ours(document, {}, healthy);
    expect(answer.data).toEqual({ firstProduct: { id: expect.any(String), title: expect.any(String) } });
    expect(theirs.data).toEqual({ firstProduct: { id: expect.any(String) } });
  });

  test('8. what is excluded is not fetched', async () => {
    const query = '{ line { keeper { since ... on Found @include(if: false) { ... on Owner { name } } } } }';
    const queries: string[] = [];
    const { answer } = await both(query, {
      inventory: () => ({ data: { line: { keeper: { __typename: 'Person', email: '1@example.dk' } } } }),
      accounts: ({ query }) => {
        queries.push(query);
        return entity({ since: 1 });
      },
    });
    expect(answer.data).toEqual({ line: { keeper: { since: 1 } } });
    expect(queries.map((text) => text.includes('name'))).toEqual([true, false]);
  });

  test('9. an object stays what its owner said it is', async () => {
    const document = parse(`query ($c: Boolean = true) {
      latest { media { __typename ... on Film { ... on Node { ... { id @skip(if: $c) __typename } x: id } } id } }
    }`);
    const films: World = { ...healthy, seed: 422429 };
    const plain = await stockGateway(subgraphs.supergraphSdl, subgraphs.ask);
    const theirs = await plain.answer(document, {}, films);
    await plain.stop();
    const answer = await ours(document, {}, films);
    expect((answer.data as any).latest[0]).toEqual({ media: { __typename: 'Film', x: 'm3', id: 'm3' } });
    expect((theirs.data as any).latest[0]).toEqual({ media: null });
  });

  test('but a fragment that is spread twice asks what it asks once, though one of its objects is lost', async () => {
    const lost: World = { ...healthy, seed: 21106, lost: 250 };
    const of = (spread: string) =>
      `{ latest { ${spread} } } fragment F on Review { media { id ...G } } fragment G on Media { id }`;
    const texts: string[][] = [];
    for (const query of [of('...F'), of('...F ...F'), of('...F media { ...G ...G } ... on Review { ...F }')]) {
      const sent: string[] = [];
      const answer = await ours(parse(query), {}, lost, sent);
      expect(answer).toMatchObject({ data: { latest: [{ media: { id: 'm4' } }] }, errors: [], misshapen: [] });
      texts.push(sent);
    }
    expect(texts[1]).toEqual(texts[0]);
    expect(texts[2]).toEqual(texts[0]);
  });

  test('but a fragment that always holds costs no call', async () => {
    const { answer } = await both('{ topMedia { ... on Node { id } ... on Found { ... on Media { id } } } }', {
      reviews: () => ({ data: { topMedia: [{ __typename: 'Media', id: 'm1' }] } }),
      catalog: () => {
        throw new Error('not to be asked');
      },
    });
    expect(answer.data).toEqual({ topMedia: [{ id: 'm1' }] });
    expect(answer.errors).toEqual([]);
  });
});
