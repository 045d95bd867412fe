/**
 * Apollo's query planner knows a field that it adds itself (of a `@key`, of a `@requires`) by its name alone. What it makes of
 * that by itself is shown first, so that a version that knows better is noticed; then what we promise all the same.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import { type FetchNode, type PlanNode, QueryPlanner } from '@apollo/query-planner';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { execute, type GraphQLSchema, parse, validate } from 'graphql';
import { pino } from 'pino';
import type { Engine, EngineAnswer } from '../../src/execution/engine.js';
import type { SubgraphAnswer } from '../../src/execution/execute-plan.js';
import { type Json, type JsonObject, mergeInto } from '../../src/operation/json.js';
import { rawKeys } from '../../src/planning/field-sets.js';
import { readSupergraph } from '../../src/supergraph/rules.js';
import { loadSupergraph } from '../../src/supergraph/supergraph.js';
import { ask, ourEngine } from './executors.js';
import { operations } from './operations.js';
import { compose, type SubgraphRequest, testSubgraphs } from './supergraph.js';

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
  import: ["@key", "@external", "@requires", "@shareable", "@composeDirective", "@interfaceObject"])`;
const currency = 'enum Currency { DKK EUR USD }';

const catalog = `${link} ${currency}
  type Query { product: Product things: [Thing!]! node: Node }
  interface Node { id: ID! }
  type Product implements Node @key(fields: "id") {
    id: ID! name: String price(currency: Currency): String fails(why: String): String box: Box
  }
  type Box { width(unit: String): String tag: String }
  type Gift { id: ID! price: Int }
  union Thing = Product | Gift`;

/** `fields` stand on the product and say of themselves what they require. */
const shop = (fields: string) => `${link} ${currency}
  type Query { offer: Product }
  type Product @key(fields: "id") { id: ID! ${fields}
    ${fields.includes('price') ? 'price(currency: Currency): String @external' : ''}
    ${fields.includes('box') ? 'box: Box @external' : ''} }
  ${fields.includes('box') ? 'type Box { width(unit: String): String @external }' : ''}`;

const requiring = (field: string, requires: string) => `${field}: String @requires(fields: "${requires}")`;
const plain = shop(`${requiring('shipping', 'price')} ${requiring('parcel', 'box { width }')}`);
const oneWithArguments = shop(requiring('shipping', 'price(currency: DKK)'));
const twoWithArguments = shop(
  `${requiring('shipping', 'price(currency: DKK)')} ${requiring('customs', 'price(currency: EUR)')}`,
);
/** Of the requirements any may meet any other in an operation. */
const allThatDiffer = shop(
  [
    requiring('shipping(to: String)', 'price(currency: DKK)'),
    requiring('customs(to: String)', 'price(currency: EUR)'),
    requiring('levy', 'price'),
    requiring('parcel', 'box { width(unit: \\"cm\\") }'),
    requiring('crate', 'box { width(unit: \\"in\\") }'),
    requiring('duty', 'price(currency: EUR) box { width(unit: \\"in\\") }'),
    'note: String',
  ].join(' '),
);

const product = { __typename: 'Product', id: 'p1' };
/** What the shop answers names what it was given. */
const from = (name: string, required: string) => (given: JsonObject) =>
  `${name} from ${JSON.stringify(given[required])}`;
const resolvers: Record<string, any> = {
  catalog: {
    Query: { product: () => product, node: () => product, things: () => [product, { __typename: 'Gift', price: 7 }] },
    Product: {
      name: () => 'a name',
      price: (_: unknown, { currency = 'no currency' }) => `price in ${currency}`,
      fails() {
        throw new Error('it fails');
      },
      box: () => ({}),
    },
    Box: { width: (_: unknown, { unit = 'no unit' }) => `width in ${unit}`, tag: () => 'a tag' },
  },
  shop: {
    Query: { offer: () => product },
    Product: {
      shipping: from('shipping', 'price'),
      customs: from('customs', 'price'),
      levy: from('levy', 'price'),
      parcel: from('parcel', 'box'),
      crate: from('crate', 'box'),
      duty: ({ price, box }: JsonObject) => `duty from ${JSON.stringify([price, box])}`,
      note: () => 'a note',
    },
  },
};

interface Served {
  readonly engine: Engine;
  readonly representations: JsonObject[];
  send(service: string, request: SubgraphRequest): Promise<SubgraphAnswer>;
}

function serve(shopSdl: string, engineOf: (sdl: string) => Engine): Served {
  const subgraphs: Record<string, string> = { catalog, shop: shopSdl };
  const schemas = new Map<string, GraphQLSchema>();
  for (const [name, sdl] of Object.entries(subgraphs)) {
    // A map of resolvers may name no field that the schema lacks.
    const own = Object.entries(resolvers[name]).map(([type, fields]) => [
      type,
      Object.fromEntries(Object.entries(fields as object).filter(([field]) => sdl.includes(field))),
    ]);
    const known = Object.fromEntries(own);
    known.Product.__resolveReference = (given: JsonObject) => given;
    schemas.set(name, buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: known }));
  }
  const representations: JsonObject[] = [];
  return {
    engine: engineOf(compose(subgraphs)),
    representations,
    async send(service, { query, variables }) {
      const variableValues = JSON.parse(JSON.stringify(variables ?? {}));
      if (service === 'shop') representations.push(...(variableValues.representations ?? []));
      const schema = schemas.get(service)!;
      const document = parse(query);
      expect(validate(schema, document)).toEqual([]);
      return JSON.parse(JSON.stringify(await execute({ schema, document, variableValues })));
    },
  };
}

const ways: [string, boolean][] = [
  ['compiled', true],
  ['by the general executor', false],
];

describe('the planner by itself', () => {
  const planned = (shopSdl: string, operation: string): string[] => {
    const supergraph = Supergraph.build(compose({ catalog, shop: shopSdl }));
    const fetches: FetchNode[] = [];
    const walk = (node: PlanNode) => {
      if (node.kind === 'Fetch') fetches.push(node);
      else if (node.kind === 'Flatten') walk(node.node);
      else if (node.kind === 'Sequence' || node.kind === 'Parallel') node.nodes.forEach(walk);
    };
    const { node } = new QueryPlanner(supergraph).buildQueryPlan(
      operationFromDocument(supergraph.apiSchema(), parse(operation)),
    );
    walk(node as PlanNode);
    return fetches.filter(({ serviceName }) => serviceName === 'catalog').map(({ operation }) => operation);
  };
  test.each([
    ['{ product { price(currency: USD) shipping } }', '{product{__typename id price(currency:USD)}}'],
    ['{ product { shipping price(currency: USD) } }', '{product{__typename id price(currency:DKK)}}'],
    ['{ product { price shipping } }', '{product{__typename id price}}'],
    ['{ product { price: name shipping } }', '{product{__typename id price:name}}'],
  ])('takes what the caller asked for and what is required for one: %s', (operation, fetched) => {
    expect(planned(oneWithArguments, operation)).toEqual([fetched]);
  });

  test('does so with a requirement without arguments and with a key', () => {
    expect(planned(plain, '{ product { price(currency: USD) shipping } }')).toEqual([
      '{product{__typename id price(currency:USD)}}',
    ]);
    expect(planned(plain, '{ product { id: name shipping } }')).toEqual(['{product{__typename id price}}']);
  });

  test('makes two requirements that differ into one', () => {
    expect(planned(twoWithArguments, '{ product { shipping customs } }')).toEqual([
      '{product{__typename id price(currency:EUR)}}',
    ]);
  });
});

describe.each(ways)('every field is handed what it requires, whatever the others require, %s', (_way, compile) => {
  const served = serve(allThatDiffer, (sdl) => ourEngine(sdl, compile));
  const required: Record<string, string> = {
    shipping: 'shipping from "price in DKK"',
    customs: 'customs from "price in EUR"',
    levy: 'levy from "price in no currency"',
    parcel: 'parcel from {"width":"width in cm"}',
    crate: 'crate from {"width":"width in in"}',
    duty: 'duty from ["price in EUR",{"width":"width in in"}]',
    note: 'a note',
  };
  const names = Object.keys(required);
  const subsets = Array.from({ length: 2 ** names.length - 1 }, (_, bits) =>
    names.filter((_name, index) => ((bits + 1) >> index) & 1),
  );
  const the = (fields: readonly string[]) => Object.fromEntries(fields.map((name) => [name, required[name]]));

  test.each(['product', 'offer'])('any of them together: %s', async (root) => {
    for (const fields of subsets) {
      const { data, errors } = await ask(served.engine, `{ ${root} { ${fields.join(' ')} } }`, served.send);
      expect([data, errors]).toEqual([{ [root]: the(fields) }, []]);
    }
  });

  test('and nothing else', async () => {
    served.representations.length = 0;
    const { compiled } = await ask(served.engine, '{ product { shipping customs levy note } }', served.send);
    expect(new Set(served.representations.map((one) => JSON.stringify(one)))).toEqual(
      new Set(
        ['price in DKK', 'price in EUR', 'price in no currency'].map((price) => JSON.stringify({ ...product, price })),
      ),
    );
    expect(compiled).toBe(compile);
  });

  test.each([
    ['price(currency: USD)', { price: 'price in USD' }],
    ['price', { price: 'price in no currency' }],
    ['price: name', { price: 'a name' }],
    ['x: price(currency: DKK) price(currency: EUR)', { x: 'price in DKK', price: 'price in EUR' }],
    [
      'required0_price: name required1_price: price',
      { required0_price: 'a name', required1_price: 'price in no currency' },
    ],
    [
      'box { width width_: width(unit: "in") tag }',
      { box: { width: 'width in no unit', width_: 'width in in', tag: 'a tag' } },
    ],
    ['box { width: tag required2_width: tag }', { box: { width: 'a tag', required2_width: 'a tag' } }],
    ['required3_width: box { width(unit: "m") }', { required3_width: { width: 'width in m' } }],
    ['shipping: note note: shipping', { shipping: 'a note', note: required.shipping }],
  ])('and the caller what was asked for: %s', async (asked, value) => {
    const fields = names.filter((name) => !(name in value));
    for (const root of ['product', 'offer'])
      for (const selection of [`${asked} ${fields.join(' ')}`, `${fields.join(' ')} ${asked}`]) {
        const { data, errors } = await ask(served.engine, `{ ${root} { ${selection} } }`, served.send);
        expect([data, errors]).toEqual([{ [root]: { ...the(fields), ...value } }, []]);
      }
  });

  test('with variables, of the caller and of the fields that require', async () => {
    const operation = `query ($c: Currency = USD, $here: String!, $there: String) {
      product { a: shipping(to: $here) customs(to: $there) price(currency: $c) ...More } }
      fragment More on Product { price(currency: $c) levy }`;
    for (const [given, currency] of [
      [{}, 'USD'],
      [{ c: 'DKK', there: 'there' }, 'DKK'],
    ] as const) {
      const variables = { here: 'here', ...given };
      const { data, errors } = await ask(served.engine, operation, served.send, { variables });
      const { shipping: a, ...others } = the(['shipping', 'customs', 'levy']);
      expect([data, errors]).toEqual([{ product: { a, ...others, price: `price in ${currency}` } }, []]);
    }
  });

  test('whatever the fields of the supergraph are called', async () => {
    const lookalike = catalog.replace(
      'price(currency: Currency): String',
      '$& required0_price: String required1_x: Int',
    );
    const sdl = compose({ catalog: lookalike, shop: oneWithArguments });
    const { data } = await ask(
      ourEngine(sdl, compile),
      '{ product { required0_price price shipping } }',
      async (service, { query, variables }) => {
        if (service === 'shop') {
          const { representations } = variables as { representations: JsonObject[] };
          return { data: { _entities: representations.map((one) => ({ shipping: `from ${one.price}` })) } };
        }
        const keys = [...query.matchAll(/(?:(\w+):)?(required0_price|price)(\(currency:DKK\))?/g)];
        const found = keys.map(([text, key, name, given]) => [key ?? name, given ? 'in DKK' : text]);
        return { data: { product: { ...product, ...Object.fromEntries(found) } } };
      },
    );
    expect(data).toEqual({
      product: { required0_price: 'required0_price', price: 'price', shipping: 'from in DKK' },
    });
  });

  test('where one of the calls fails, the others stand', async () => {
    const { data, errors } = await ask(
      served.engine,
      '{ product { shipping customs note } }',
      async (service, request) => {
        if (request.query.includes('customs')) throw new Error('down');
        return served.send(service, request);
      },
    );
    expect(data).toEqual({ product: { ...the(['shipping', 'note']), customs: null } });
    expect(errors.map(({ message, path }) => [message, path])).toEqual([['down', ['product']]]);
  });

  test('where what is required fails, it is told of at the object', async () => {
    const { data, errors } = await ask(served.engine, '{ product { shipping note } }', async (service, request) => {
      const answer = await served.send(service, request);
      if (service !== 'catalog') return answer;
      const [key] = /required\d+_price/.exec(request.query)!;
      const { product: found } = answer.data as { product: JsonObject };
      return {
        data: { product: { ...found, [key]: null } },
        errors: [{ message: 'no price', path: ['product', key] }],
      };
    });
    expect(data).toEqual({ product: { shipping: 'shipping from null', note: 'a note' } });
    expect(errors.map(({ message, path }) => [message, path])).toEqual([['no price', ['product']]]);
  });

  test('of one type of many, and on an interface whose objects others know', async () => {
    const media = `${link} type Query { media: [Media] }
      interface Media @key(fields: "id") { id: ID! size(unit: String): String }
      type Book implements Media @key(fields: "id") { id: ID! size(unit: String): String }
      type Film implements Media @key(fields: "id") { id: ID! size(unit: String): String }`;
    const post = `${link} type Media @key(fields: "id") @interfaceObject { id: ID! size(unit: String): String @external
      ${requiring('stamp', 'size(unit: \\"cm\\")')} ${requiring('duty', 'size')} ${requiring('fee', 'size(unit: \\"in\\")')} }`;
    const size = (_: unknown, { unit = 'no unit' }) => `size in ${unit}`;
    const schemas = {
      media: buildSubgraphSchema({
        typeDefs: parse(media),
        resolvers: {
          Query: { media: () => ['Book', 'Film'].map((__typename) => ({ __typename, id: __typename })) },
          Book: { size },
          Film: { size },
        } as any,
      }),
      post: buildSubgraphSchema({
        typeDefs: parse(post),
        resolvers: {
          Media: {
            __resolveReference: (given: JsonObject) => given,
            stamp: from('stamp', 'size'),
            duty: from('duty', 'size'),
            fee: from('fee', 'size'),
          },
        } as any,
      }),
    };
    const { data, errors } = await ask(
      ourEngine(compose({ media, post }), compile),
      '{ media { id duty size(unit: "m") ... on Book { stamp duty } ... on Film { fee } } }',
      async (service, { query, variables }) => {
        const schema = schemas[service as keyof typeof schemas];
        const variableValues = variables as JsonObject;
        return JSON.parse(JSON.stringify(await execute({ schema, document: parse(query), variableValues })));
      },
    );
    const both = { duty: 'duty from "size in no unit"', size: 'size in m' };
    expect([data, errors]).toEqual([
      {
        media: [
          { id: 'Book', ...both, stamp: 'stamp from "size in cm"' },
          { id: 'Film', ...both, fee: 'fee from "size in in"' },
        ],
      },
      [],
    ]);
  });

  test.each([
    ['with arguments', (first: number) => `beds(first: ${first})`],
    ['without', () => 'beds'],
  ])(
    'of an object of which one subgraph marks a part as external and the other the rest, %s',
    async (_what, bedsOf) => {
      const declared = bedsOf(1) === 'beds' ? 'beds: [Bed]' : 'beds(first: Int!): [Bed]';
      const wards = `${link} type Query { wards: [Ward] }
      type Ward @key(fields: "id") { id: ID! ${declared} @external }
      type Bed @key(fields: "id") { id: ID! nurse: ID twins: [Ward] @external
        ${requiring('crowded', `twins { ${bedsOf(1)} { id } }`)} }`;
      const rooms = `${link} type Ward @key(fields: "id") { id: ID! ${declared}
        ${requiring('chief', `${bedsOf(1)} { nurse }`)} ${requiring('deputies', `${bedsOf(3)} { nurse }`)} }
      type Bed @key(fields: "id") { id: ID! nurse: ID @external twins: [Ward] }`;
      const beds = ({ id }: JsonObject, { first = 1 }: { first?: number }) =>
        ['1', '2', '3', '4'].slice(0, first).map((bed) => ({ id: `${id}.${bed}` }));
      const reference = (given: JsonObject) => given;
      const schemas = {
        wards: buildSubgraphSchema({
          typeDefs: parse(wards),
          resolvers: {
            Query: { wards: () => [{ id: 'a' }, { id: 'b' }] },
            Ward: { __resolveReference: reference },
            Bed: {
              __resolveReference: reference,
              nurse: ({ id }: JsonObject) => `nurse of ${id}`,
              crowded: from('crowded', 'twins'),
            },
          } as any,
        }),
        rooms: buildSubgraphSchema({
          typeDefs: parse(rooms),
          resolvers: {
            Ward: {
              __resolveReference: reference,
              beds,
              chief: from('chief', 'beds'),
              deputies: from('deputies', 'beds'),
            },
            Bed: { __resolveReference: reference, twins: () => [{ id: 'c' }] },
          } as any,
        }),
      };
      const { data, errors } = await ask(
        ourEngine(compose({ wards, rooms }), compile),
        `{ wards { chief ${bedsOf(2)} { id crowded } deputies } }`,
        async (service, { query, variables }) => {
          const schema = schemas[service as keyof typeof schemas];
          const variableValues = variables as JsonObject;
          return JSON.parse(JSON.stringify(await execute({ schema, document: parse(query), variableValues })));
        },
      );
      const first = (many: number) => ['1', '2', '3'].slice(0, bedsOf(1) === 'beds' ? 1 : many);
      const ward = (id: string) => ({
        chief: `chief from [{"nurse":"nurse of ${id}.1"}]`,
        beds: first(2).map((bed) => ({ id: `${id}.${bed}`, crowded: 'crowded from [{"beds":[{"id":"c.1"}]}]' })),
        deputies: `deputies from ${JSON.stringify(first(3).map((bed) => ({ nurse: `nurse of ${id}.${bed}` })))}`,
      });
      expect([data, errors]).toEqual([{ wards: [ward('a'), ward('b')] }, []]);
    },
  );
});

describe('a field that requires one field with arguments that differ', () => {
  const asComposed = (requires: string) =>
    compose({ catalog, shop: oneWithArguments }).replace('price(currency: DKK)', requires);
  const refusal = (requires: string) =>
    `Product.shipping requires "${requires}": the same field with arguments that differ, of which a subgraph can be handed only one. Require it with the same arguments, or under another name.`;

  test.each(['price(currency: DKK) price(currency: EUR)', 'price ... on Product { price(currency: EUR) }'])(
    'is refused: %s',
    (requires) => {
      expect(() => readSupergraph(asComposed(requires))).toThrow(new Error(refusal(requires)));
    },
  );

  test('is refused when it is loaded', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'sluse-')), 'supergraph.graphql');
    const requires = 'price(currency: DKK) price';
    writeFileSync(file, asComposed(requires));
    await expect(loadSupergraph({ file, urls: new Map(), log: pino({ enabled: false }) })).rejects.toThrow(
      refusal(requires),
    );
  });

  test.each(['price(currency: DKK) price(currency: DKK)', 'price(currency: DKK) box { width }'])(
    'and not where they are the same, or the fields two: %s',
    (requires) => {
      expect(() => readSupergraph(asComposed(requires))).not.toThrow();
    },
  );
});

describe('what is required is handed over with a key by which the entity is found', () => {
  const names = `${link} type Product @key(fields: "id") @key(fields: "sku", resolvable: false) { id: ID! sku: ID! name: String }`;
  const labels = `${link} type Query { product: Product }
    type Product @key(fields: "sku", resolvable: false) @key(fields: "id") { id: ID! sku: ID! name: String @external
      ${requiring('label', 'name')} }`;

  test.each(ways)('not with one that the subgraph says it cannot resolve, %s', async (_way, compile) => {
    const sent: JsonObject[] = [];
    const { data } = await ask(
      ourEngine(compose({ names, labels }), compile),
      '{ product { label } }',
      async (service, { query, variables }) => {
        if (!query.includes('_entities')) return { data: { product: { __typename: 'Product', id: '1', sku: 's' } } };
        const { representations } = variables as { representations: JsonObject[] };
        if (service === 'labels') sent.push(...representations);
        return { data: { _entities: [service === 'names' ? { name: 'a name' } : { label: 'a label' }] } };
      },
    );
    expect(sent).toEqual([{ __typename: 'Product', id: '1', name: 'a name' }]);
    expect(data).toEqual({ product: { label: 'a label' } });
  });
});

describe.each(ways)('what is required with arguments and what the caller asks for are two, %s', (_way, compile) => {
  const sdl = shop(
    `${requiring('shipping', 'price(currency: DKK)')} ${requiring('customs', 'price(currency: DKK)')} ${requiring('parcel', 'box { width(unit: \\"cm\\") }')}`,
  );
  const served = serve(sdl, (supergraph) => ourEngine(supergraph, compile));
  const required = {
    shipping: 'shipping from "price in DKK"',
    customs: 'customs from "price in DKK"',
    parcel: 'parcel from {"width":"width in cm"}',
  };
  const fields = {
    price: 'price in no currency',
    'price(currency: USD)': 'price in USD',
    'price(currency: DKK)': 'price in DKK',
    name: 'a name',
  };
  const cases = ['price', 'x', 'box', 'width', 'own_price'].flatMap((key) =>
    Object.entries(fields).map(([field, value]) => [`${key}: ${field}`, key, value] as const),
  );
  test.each([
    ...cases,
    ['price', 'price', fields.price] as const,
    ['price(currency: EUR)', 'price', 'price in EUR'] as const,
    ['box { width }', 'box', { width: 'width in no unit' }] as const,
    ['box { width(unit: "in") tag }', 'box', { width: 'width in in', tag: 'a tag' }] as const,
    ['box { x: width(unit: "cm") width: tag }', 'box', { x: 'width in cm', width: 'a tag' }] as const,
  ])('%s', async (asked, key, value) => {
    for (const root of ['product', 'offer'])
      for (const selection of [`${asked} shipping customs parcel`, `parcel customs shipping ${asked}`]) {
        const { data, errors } = await ask(served.engine, `{ ${root} { ${selection} } }`, served.send);
        expect(data).toEqual({ [root]: { [key]: value, ...required } });
        expect(errors).toEqual([]);
      }
  });

  test('with arguments from variables', async () => {
    const operation =
      'query ($c: Currency = USD) { product { shipping price(currency: $c) ...More } } fragment More on Product { price(currency: $c) }';
    for (const [variables, currency] of [
      [{}, 'USD'],
      [{ c: 'EUR' }, 'EUR'],
    ] as const)
      expect((await ask(served.engine, operation, served.send, { variables })).data).toEqual({
        product: { shipping: required.shipping, price: `price in ${currency}` },
      });
  });
});

describe.each(ways)('the caller gets what was asked for, and a subgraph what it requires, %s', (_way, compile) => {
  const served = serve(plain, (sdl) => ourEngine(sdl, compile));
  const shipping = 'shipping from "price in no currency"';
  const parcel = 'parcel from {"width":"width in no unit"}';
  const answered = async (operation: string, variables: JsonObject = {}) => {
    served.representations.length = 0;
    return ask(served.engine, operation, served.send, { variables });
  };

  test('where only the requiring field is asked for', async () => {
    const answer = await answered('{ product { shipping } }');
    expect(answer.data).toEqual({ product: { shipping } });
    expect(answer.compiled).toBe(compile);
    expect(served.representations).toEqual([{ ...product, price: 'price in no currency' }]);
  });

  const fields = {
    id: 'p1',
    name: 'a name',
    price: 'price in no currency',
    'price(currency: USD)': 'price in USD',
    shipping,
    parcel,
  };
  const keys = ['id', 'price', 'box', 'width', 'own_id', 'own_price', 'x'];
  test.each(
    keys.flatMap((key) => Object.entries(fields).map(([field, value]) => [`${key}: ${field}`, key, value] as const)),
  )('where another key means %s', async (asked, key, value) => {
    for (const root of ['product', 'offer']) {
      for (const selection of [`${asked} shipping parcel`, `shipping parcel ${asked}`]) {
        const answer = await answered(`{ ${root} { ${selection} } }`);
        expect(answer.data).toEqual({ [root]: { [key]: value, shipping, parcel } });
        expect(answer.errors).toEqual([]);
        expect(new Set(served.representations.map(({ id }) => id))).toEqual(new Set(['p1']));
      }
    }
  });

  test.each<[string, JsonObject, JsonObject]>([
    ['{ product { price(currency: USD) shipping } }', {}, { product: { price: 'price in USD', shipping } }],
    ['{ product { shipping price(currency: USD) } }', {}, { product: { shipping, price: 'price in USD' } }],
    [
      'query ($c: Currency) { product { price(currency: $c) shipping } }',
      { c: 'EUR' },
      { product: { price: 'price in EUR', shipping } },
    ],
    [
      '{ product { box { width(unit: "in") tag } parcel } }',
      {},
      { product: { box: { width: 'width in in', tag: 'a tag' }, parcel } },
    ],
    ['{ product { parcel box { width: tag } } }', {}, { product: { parcel, box: { width: 'a tag' } } }],
    ['{ product { parcel id: box { width: tag } } }', {}, { product: { parcel, id: { width: 'a tag' } } }],
    [
      '{ product { own_price: name price(currency: USD) shipping } }',
      {},
      { product: { own_price: 'a name', price: 'price in USD', shipping } },
    ],
    ['{ id: product { price(currency: USD) shipping } }', {}, { id: { price: 'price in USD', shipping } }],
    [
      '{ node { id: __typename ... on Product { price: name shipping } } }',
      {},
      { node: { id: 'Product', price: 'a name', shipping } },
    ],
    [
      '{ things { ... on Product { price(currency: USD) shipping } ... on Gift { x: price } } }',
      {},
      { things: [{ price: 'price in USD', shipping }, { x: 7 }] },
    ],
    [
      '{ things { ... on Product { id: name } ... on Gift { id: price } } }',
      {},
      { things: [{ id: 'a name' }, { id: 7 }] },
    ],
  ])('%s', async (operation, variables, data) => {
    const answer = await answered(operation, variables);
    expect(answer.errors).toEqual([]);
    expect(JSON.stringify(answer.data)).toBe(JSON.stringify(data));
  });

  test('a question about the schema keeps its keys', async () => {
    const { data } = await answered('{ __type(name: "Gift") { id: name price: fields { box: name } } }');
    expect(data).toEqual({ __type: { id: 'Gift', price: [{ box: 'id' }, { box: 'price' }] } });
  });

  test('an error stands under the key that the caller chose', async () => {
    const { data, errors } = await answered('{ box: product { price: fails(why: "so") shipping } }');
    expect(data).toEqual({ box: { price: null, shipping } });
    expect(errors.map(({ message, path }) => [message, path])).toEqual([['it fails', ['box', 'price']]]);
  });

  test('an error of a whole call stands there too', async () => {
    const { data, errors } = await ask(
      served.engine,
      '{ box: product { price: shipping } }',
      async (service, request) => {
        if (service === 'shop') throw new Error('down');
        return served.send(service, request);
      },
    );
    expect(data).toEqual({ box: { price: null } });
    expect(errors.map(({ path }) => path)).toEqual([['box']]);
  });

  test('no key of the caller leads to another case than the one that is shown', async () => {
    const shielded = `${link} @link(url: "https://sluse.example/shielded/v1.0", import: ["@shielded"])
      @composeDirective(name: "@shielded") directive @shielded(by: String!) on OBJECT`;
    const owner = `${shielded} type Query { case(id: ID!): Case }
      type Case @key(fields: "id branch") @shielded(by: "clearance") { id: ID! branch: ID! @shareable clearance: String }`;
    const vendor = `${link} type Query { case_: Case } type Case @key(fields: "id") { id: ID! note: String }`;
    const branches = `${link}
      type Case @key(fields: "id") { id: ID! branch: ID! @shareable echo(text: ID): ID }`;
    const requested: JsonObject[] = [];
    const { data } = await ask(
      ourEngine(compose({ owner, vendor, branches }), compile),
      '{ case_ { id: echo(text: "open") note } }',
      async (service, { query, variables }) => {
        if (service === 'vendor') return { data: { case_: { __typename: 'Case', id: 'hidden', note: 'a secret' } } };
        const { representations } = variables as { representations: JsonObject[] };
        if (service === 'branches') {
          const echoed = Object.fromEntries([...query.matchAll(/(\w+):echo/g)].map(([, key]) => [key, 'open']));
          return { data: { _entities: representations.map(() => ({ branch: 'b1', ...echoed })) } };
        }
        requested.push(...representations);
        const clearance = ({ id }: JsonObject) => (id === 'open' ? { clearance: 'READ' } : null);
        return { data: { _entities: representations.map(clearance) } };
      },
    );
    expect(requested).toEqual([{ __typename: 'Case', id: 'hidden', branch: 'b1' }]);
    expect(data).toEqual({ case_: null });
  });
});

/** For aliases of the random operations: names of keys and requirements in their supergraph. */
const added = new Map([
  ['constructor', 'id'],
  ['toString', 'weight'],
  ['hasOwnProperty', 'dimensions'],
  ['valueOf', 'sku'],
  ['then', 'email'],
  ['length', 'cost'],
  ['a0', 'w'],
  ['a1', 'product'],
  ['a2', 'warehouse'],
  ['a3', 'own_id'],
]);

const nameOf = (key: string) => (key.startsWith('free_') ? added.get(key.slice('free_'.length))! : key);

/** Under the names that were taken; what then stands under one name is merged, as GraphQL does it. */
function renamed(value: Json): Json {
  if (Array.isArray(value)) return value.map(renamed);
  if (value === null || typeof value !== 'object') return value;
  const result: JsonObject = {};
  for (const [key, inner] of Object.entries(value)) mergeInto(result, { [nameOf(key)]: renamed(inner) });
  return result;
}

test('random operations are answered the same, whatever the caller names what is asked for', async () => {
  const numRuns = Number(process.env.SLUSE_DIFFERENTIAL_RUNS ?? 5_000) / 20;
  const { supergraphSdl, ask: send } = testSubgraphs();
  const schema = Supergraph.build(supergraphSdl).apiSchema().toGraphQLJSSchema();
  const engine = ourEngine(supergraphSdl);
  const aliases = new RegExp(`\\b(${[...added.keys()].join('|')})(?=: )`, 'g');
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(operations(schema), fc.nat(1_000_000), async ({ query, variables }, seed) => {
      const nameAt = (part: string | number) => (typeof part === 'string' ? nameOf(part) : part);
      const free = query.replace(aliases, (alias) => `free_${alias}`);
      const taken = query.replace(aliases, (alias) => added.get(alias)!);
      if (free === taken || validate(schema, parse(taken)).length > 0) return;
      const answered = async (operation: string) => {
        const world = { seed, nulls: 0, faults: 0, lost: 0, down: [], changes: 0 };
        return ask(engine, operation, (service, request) => send(service, request, world), { variables });
      };
      const [expected, answer] = [await answered(free), await answered(taken)];
      expect(answer.data).toEqual(renamed(expected.data));
      const places = ({ errors }: EngineAnswer) => new Set(errors.map(({ path }) => JSON.stringify(path?.map(nameAt))));
      expect(places(answer)).toEqual(places(expected));
      compared += 1;
    }),
    { numRuns },
  );
  expect(compared).toBeGreaterThan(numRuns / 5);
});

test('a changed key is no key of another field, whatever the fields of the schema are called', () => {
  const rawKey = rawKeys(
    parse('type T @join__type(graph: A, key: "id own_id { _own_id }") { id: ID } enum join__Graph { A }'),
  );
  const names = ['id', 'own_id', '_own_id', '__own_id', '__own___own_id', 'x'];
  const keys = names.map((name) => {
    const [definition] = parse(`{ ${name}: other }`).definitions;
    return rawKey((definition as any).selectionSet.selections[0]);
  });
  expect(new Set(keys).size).toBe(names.length);
  expect(keys.filter((key) => ['id', 'own_id', '_own_id'].includes(key))).toEqual([]);
});
