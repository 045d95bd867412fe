/**
 * The cost of an operation against examples worked by hand, after the GraphQL cost specification and Federation 2.9. Each expectation is
 * written as the sum that a reader would do.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import {
  buildSchema,
  type FragmentDefinitionNode,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
} from 'graphql';
import { costReader } from '../../subgraphs/edge/cost.js';
import { costsOf } from '../../subgraphs/edge/cost-rules.js';

const sdl = `
  directive @cost(weight: Int!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR
  directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION
  type Query {
    book(id: ID): Book
    books(first: Int, filter: Filter, sorted: Boolean @cost(weight: 7)): Books
      @listSize(assumedSize: 20, slicingArguments: ["first"], sizedFields: ["nodes", "edges"], requireOneSlicingArgument: false)
    shelf(first: Int = 6, last: Int): [Book] @listSize(slicingArguments: ["first", "last"], requireOneSlicingArgument: false)
    strict(first: Int, last: Int): [Book] @listSize(slicingArguments: ["first", "last"])
    paged(page: Page): [Book] @listSize(slicingArguments: ["page.size"], requireOneSlicingArgument: false, assumedSize: 3)
    things: [Thing] @listSize(assumedSize: 4, requireOneSlicingArgument: false)
    named: Named
    words: [String]
    all: [Book]
    _entities(representations: [ID]): [Thing]
  }
  type Mutation { add(book: NewBook): Book  light: Book @cost(weight: 1) }
  input Filter { text: String @cost(weight: 5) inner: Filter }
  input NewBook { title: String }
  input Page { size: Int }
  type Books { nodes: [Book] edges: [Edge] total: Int @cost(weight: 2) }
  type Edge { node: Book cursor: String }
  type Author implements Named @cost(weight: 3) { name: String parent: Named books: [Book] @listSize(assumedSize: 5, requireOneSlicingArgument: false) }
  interface Named { name: String parent: Named }
  type Book implements Named { name: String parent: Named author: Author score: Score tags: [String] }
  type Map { place: String author: Author }
  union Thing = Book | Author | Map
  scalar Score @cost(weight: 4)
`;
const document = parse(sdl);
const schema = buildSchema(sdl);
const costs = costsOf(document);

function readerOf(text: string) {
  const { definitions } = parse(text);
  const operation = definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION) as OperationDefinitionNode;
  const fragments = new Map(
    definitions
      .filter((one): one is FragmentDefinitionNode => one.kind === Kind.FRAGMENT_DEFINITION)
      .map((one) => [one.name.value, one]),
  );
  return costReader(schema, costs, operation, fragments);
}
const costOf = (text: string, variables = {}) => readerOf(text)(variables);

describe('weights', () => {
  it.each([
    ['an object is 1, a leaf nothing', '{ book { name } }', 1],
    ['__typename nothing', '{ __typename book { __typename } }', 1],
    ['a type says what it weighs', '{ book { author { name } } }', 1 + 3],
    ['a scalar says what it weighs', '{ book { score } }', 1 + 4],
    ['a field says what it weighs', '{ books(first: 0) { total } }', 1 + 2],
    ['an argument weighs where it is given', '{ books(first: 0, sorted: true) { total } }', 1 + 2 + 7],
    [
      'an input object is 1, its fields what they say',
      '{ books(first: 0, filter: { text: "x" }) { total } }',
      1 + 2 + 1 + 5,
    ],
    [
      'within one another, each',
      '{ books(first: 0, filter: { text: "x", inner: { text: "y" } }) { total } }',
      1 + 2 + 2 * (1 + 5),
    ],
    ['a list of leaves nothing', '{ words book { tags } }', 1],
    ['a mutation is 10 and its input', 'mutation { add(book: { title: "x" }) { name } }', 10 + 1],
    ['unless it says otherwise', 'mutation { light { author { name } } }', 1 + 3],
  ])('%s', (_name, text, cost) => expect(costOf(text)).toBe(cost));
});

describe('sizes', () => {
  it.each([
    [
      'a connection multiplies what its sized fields hold',
      '{ books(first: 10) { nodes { author { name } } } }',
      1 + 10 * (1 + 3),
    ],
    ['each of them', '{ books(first: 10) { nodes { name } edges { node { name } } } }', 1 + 10 + 10 * (1 + 1)],
    ['and as much as is assumed where nobody says', '{ books { nodes { name } } }', 1 + 20],
    ['or null is said', '{ books(first: null) { nodes { name } } }', 1 + 20],
    ['a list by its argument', '{ shelf(first: 2) { name } }', 2],
    ['by the default of its argument', '{ shelf { name } }', 6],
    ['by the larger of two', '{ shelf(first: 2, last: 9) { name } }', 9],
    ['within an input object', '{ paged(page: { size: 8 }) { name } }', 1 + 8],
    ['which says nothing', '{ paged(page: {}) { name } }', 1 + 3],
    ['a list of which nothing is said: 10', '{ all { name } }', 10],
    [
      'lists in lists multiply',
      '{ all { author { books { author { books { name } } } } } }',
      10 * (1 + 3 + 5 * (1 + 3 + 5)),
    ],
    [
      'entities as many as are asked for',
      '{ _entities(representations: ["a", "b", "c"]) { ... on Book { name } } }',
      3 * 3,
    ],
    ['a negative size is none', '{ shelf(first: -5) { name } }', 0],
  ])('%s', (_name, text, cost) => expect(costOf(text)).toBe(cost));

  it.each([['{ strict { name } }'], ['{ strict(first: 1, last: 2) { name } }']])(
    '%s: exactly one is required there',
    (text) => expect(() => costOf(text)).toThrow('Field "strict": expected exactly one of the arguments first, last.'),
  );
  it('and with one it is that', () => expect(costOf('{ strict(last: 4) { name } }')).toBe(4));
});

describe('variables', () => {
  const page = 'query ($n: Int = 3) { books(first: $n) { nodes { name } } }';
  it('count as what they are, each time anew', () => {
    const read = readerOf(page);
    expect([read({ n: 5 }), read({ n: 7 }), read({ n: 7 }), read({ n: 5 })]).toEqual([1 + 5, 1 + 7, 1 + 7, 1 + 5]);
  });
  it('that are missing leave the argument out', () => expect(costOf(page)).toBe(1 + 20));
  it('within an input object', () =>
    expect(costOf('query ($n: Int) { paged(page: { size: $n }) { name } }', { n: 6 })).toBe(1 + 6));
  it('that are whole objects, each time anew', () => {
    const read = readerOf('query ($p: Page) { paged(page: $p) { name } }');
    const given = { p: { size: 6 } };
    expect(read(given)).toBe(1 + 6);
    given.p.size = 9;
    expect(read(given)).toBe(1 + 9);
  });
  it('that steer @skip and @include', () => {
    const read = readerOf(
      'query ($a: Boolean!) { all @include(if: $a) { name } book @skip(if: $a) { name } ... @skip(if: true) { all { name } } }',
    );
    expect([read({ a: true }), read({ a: false })]).toEqual([10, 1]);
  });
  it('representations as a variable', () =>
    expect(
      costOf('query ($r: [ID]) { _entities(representations: $r) { ... on Map { place } } }', {
        r: Array(40).fill('x'),
      }),
    ).toBe(40 * 3));
});

describe('aliases, fragments and abstract types', () => {
  it.each([
    ['each alias counts', '{ a: all { name } b: all { name } }', 20],
    [
      'a fragment counts at each place',
      '{ a: book { ...F } b: book { ...F } } fragment F on Book { author { name } }',
      2 * (1 + 3),
    ],
    ['but once beside itself', '{ book { ...F ...F } } fragment F on Book { author { name } }', 1 + 3],
    [
      'with the size of its place',
      '{ a: books(first: 2) { ...F } b: books(first: 3) { ...F } } fragment F on Books { nodes { name } }',
      1 + 2 + 1 + 3,
    ],
    [
      'of a union the dearest member counts',
      '{ things { ... on Book { name } ... on Map { author { name } } ... on Author { books { name } } } }',
      4 * (3 + 5),
    ],
    [
      'of an interface too',
      '{ named { name ... on Book { author { name } } ... on Author { books { name } } } }',
      3 + 5,
    ],
    ['what cannot apply is nothing', '{ book { ... on Named { ... on Author { books { name } } } } }', 1],
    [
      'what always applies is counted',
      '{ book { ... on Named { parent { name } } ... { author { name } } } }',
      1 + 3 + 3,
    ],
  ])('%s', (_name, text, cost) => expect(costOf(text)).toBe(cost));

  it('a bomb of fragments is counted in no time, and told in full', () => {
    const levels = 200;
    const bomb = Array.from(
      { length: levels },
      (_none, n) =>
        `fragment F${n} on Author { a: books { author { ...F${n + 1} } } b: books { author { ...F${n + 1} } } }`,
    ).join('\n');
    const read = readerOf(`{ book { author { ...F0 } } } ${bomb} fragment F${levels} on Author { name }`);
    // One by one it would be 2 to the power of 200, and never end.
    expect(read({})).toBeGreaterThan(10 ** levels);
  });

  it('interfaces within interfaces too', () => {
    const levels = 200;
    const text = `{ named { ${'parent { ... on Book { name } ... on Author { name } '.repeat(levels)} ${'}'.repeat(levels)} } }`;
    // One by one it would be 2 to the power of 200, and never end.
    expect(costOf(text)).toBe(3 * (levels + 1));
  });

  it('a fragment within itself comes to an end', () =>
    expect(costOf('{ book { ...F } } fragment F on Book { author { books { ...F } } }')).toBeGreaterThan(0));
});

describe('our own schema', () => {
  const text = readFileSync('schema/api.graphql', 'utf8');
  const own = buildSchema(text, { assumeValid: true });
  const { sizes } = costsOf(parse(text));

  it('says of every list of objects how long it is, and shows it to frontends', () => {
    const unsaid: string[] = [];
    for (const type of Object.values(own.getTypeMap())) {
      if (!isObjectType(type) || type.name.startsWith('__') || type.name.endsWith('Connection')) continue;
      for (const { name, type: ofField, args } of Object.values(type.getFields())) {
        const isList = isListType(getNullableType(ofField)) && isCompositeType(getNamedType(ofField));
        const isPage = args.some((one) => one.name === 'first');
        const size = sizes.get(`${type.name}.${name}`);
        if (
          (isList || isPage) &&
          (size === undefined || size.assumed === null || isPage !== size.slicing.includes('first'))
        )
          unsaid.push(`${type.name}.${name}`);
      }
    }
    expect(unsaid).toEqual([]);
    expect(sizes.size).toBeGreaterThan(20);
  });
});
