/**
 * The bare gateway as a process, over three small subgraphs that know nothing of Sluse: what Federation promises, cases of our own in the
 * manner of public suites. Nothing that is Sluse's own may reach a supergraph of somebody else.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execute, GraphQLError, type GraphQLSchema, parse, validate } from 'graphql';
import { isLeafOf } from '../../src/execution/leaf-value.js';
import { parseWithDigits, withDigits } from '../../src/operation/digits.js';
import type { Json, JsonObject } from '../../src/operation/json.js';
import { endAll, type Started, start } from '../support/processes.js';
import { compose } from './supergraph.js';

const head = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
    import: ["@key", "@shareable", "@interfaceObject"])
  directive @trace(label: String) on FIELD | QUERY | INLINE_FRAGMENT | FRAGMENT_SPREAD | FRAGMENT_DEFINITION
  directive @spread on FRAGMENT_SPREAD
  scalar Long scalar Date`;

const sdls: Readonly<Record<string, string>> = {
  yard: `${head}
    type Query {
      houses: [House!]! house: House things: [Thing] boxed: Box ghost: Ghost must: Ghost! meter: Meter
      listing(first: Int, after: String, on: Date): String leaks: String
    }
    interface House @key(fields: "id") { id: ID! plan: Plan near: House }
    type Barn implements House @key(fields: "id") { id: ID! plan: Plan near: House }
    type Shed implements House @key(fields: "id") { id: ID! plan: Plan near: House door: String }
    union Thing = Barn | Shed | Cart
    type Cart { id: ID! plan: Plan }
    type Plan @key(fields: "id") { id: ID! }
    interface Ghost @key(fields: "id") { id: ID! }
    type Box @key(fields: "id") { id: ID! parts: [Part!] @shareable }
    union Part = Nail | Bolt
    type Nail @shareable { size: Int }
    type Bolt { size: Int }
    type Meter @key(fields: "serial") { serial: Long! }`,
  plans: `${head}
    type Query { anyBox: Box }
    type Plan @key(fields: "id") {
      id: ID! drawn(scale: Int): Int! alt: String credit: String strict: Int! deep: Plan serial: Long real: Float
    }
    type Box @key(fields: "id") { id: ID! parts: [Part!] @shareable }
    union Part = Nail | Screw
    type Nail @shareable { size: Int }
    type Screw { size: Int }
    type Meter @key(fields: "serial") { serial: Long! reading(of: Long): String }`,
  taxes: `${head}
    type Query { ghosts: Ghost }
    type House @interfaceObject @key(fields: "id") { id: ID! tax(year: Int): Int levy: Int! book: Plan }
    type Plan @key(fields: "id") { id: ID! }
    type Ghost @interfaceObject @key(fields: "id", resolvable: false) { id: ID! field: String }`,
};

const barn = { __typename: 'Barn', id: 'b', plan: { id: 'pb' } };
const shed = { __typename: 'Shed', id: 's', plan: { id: 'ps' }, door: 'oak' };
const cart = { __typename: 'Cart', id: 'c', plan: { id: 'pc' } };
const byId = (given: JsonObject) => given;
/** Behind it stand digits that are sent as a number. */
const digits = (text: string) => `#${text}`;

const resolvers: Readonly<Record<string, Record<string, Record<string, unknown>>>> = {
  yard: {
    Query: {
      houses: () => [barn, shed],
      house: () => ({ ...barn, near: { ...shed, near: barn } }),
      things: () => [barn, shed, cart],
      boxed: () => ({
        id: 'x',
        parts: [
          { __typename: 'Nail', size: 1 },
          { __typename: 'Bolt', size: 2 },
        ],
      }),
      meter: () => ({ serial: digits('9223372036854775807') }),
      listing: (_: unknown, { first, after, on }: JsonObject) => `${first} ${after} ${on}`,
      leaks: () => {
        throw new GraphQLError('the roof of 0201609995 leaks', { extensions: { code: 'LEAK' } });
      },
    },
    House: {
      __resolveReference: ({ id }: JsonObject) => (id === 'b' ? barn : shed),
      __resolveType: ({ __typename }: { __typename: string }) => __typename,
    },
    Barn: { __resolveReference: () => barn },
    Shed: { __resolveReference: () => shed },
    Box: { __resolveReference: byId },
  },
  plans: {
    Plan: {
      __resolveReference: byId,
      drawn: (_: unknown, { scale }: JsonObject) => scale,
      alt: ({ id }: JsonObject) => `alt of ${id}`,
      credit: ({ id }: JsonObject) => `credit of ${id}`,
      strict: ({ id }: JsonObject) => {
        if (id !== 'pb') throw new GraphQLError(`nobody asked for strict of ${id}`);
        return 7;
      },
      deep: ({ id }: JsonObject) => ({ id: `${id}d` }),
      serial: () => digits('9007199254740993'),
      // Sent with more digits than this.
      real: () => 0.5,
    },
    Box: { __resolveReference: byId },
    Meter: {
      __resolveReference: byId,
      reading: ({ serial }: JsonObject) => `of ${serial}`,
    },
  },
  taxes: {
    Query: { ghosts: () => ({ id: 'g', field: 'boo' }) },
    House: {
      __resolveReference: byId,
      tax: (_: unknown, { year }: JsonObject) => year,
      levy: ({ id }: JsonObject) => {
        if (id !== 'b') throw new GraphQLError(`nobody asked for levy of ${id}`);
        return 9;
      },
      book: ({ id }: JsonObject) => ({ id: `book-${id}` }),
    },
  },
};

let asked: string[];
let servers: Server[];
let bare: Started;
let url: string;
const directory = mkdtempSync(join(tmpdir(), 'sluse-bare-'));

async function serve(name: string, sdl: string): Promise<Server> {
  const schema: GraphQLSchema = buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: resolvers[name] as never });
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const { query, variables } = JSON.parse(text.replace(/"serial":(\d{16,})/g, '"serial":"$1"'));
    asked.push(`${name} ${query}`);
    const document = parse(query);
    const errors = validate(schema, document);
    const result = errors.length > 0 ? { errors } : await execute({ schema, document, variableValues: variables });
    response.setHeader('content-type', 'application/json');
    const sent = JSON.stringify(result).replace('"real":0.5', '"real":0.12345678901234567891');
    response.end(sent.replace(/"#(\d+)"/g, '$1'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

beforeAll(async () => {
  asked = [];
  servers = await Promise.all(Object.entries(sdls).map(([name, sdl]) => serve(name, sdl)));
  const file = join(directory, 'supergraph.graphql');
  const urls = new Map(
    Object.keys(sdls).map((name, at) => [
      `http://${name}.test/graphql`,
      `http://127.0.0.1:${(servers[at]!.address() as AddressInfo).port}/graphql`,
    ]),
  );
  writeFileSync(
    file,
    compose(sdls).replace(/http:\/\/\w+\.test\/graphql/g, (one) => urls.get(one)!),
  );
  bare = start('src/bare.js', {}, ['--supergraph', file, '--port', '0']);
  url = (await bare.says(/ready at (http\S+)/))[1]!;
});
afterAll(async () => {
  await endAll();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(directory, { recursive: true, force: true });
});

async function text(query: string, variables: JsonObject = {}): Promise<string> {
  asked = [];
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return response.text();
}

const both = (barns: string, sheds: string, above = 'houses') =>
  `${above} { __typename ... on Barn { ${barns} } ... on Shed { ${sheds} } }`;

interface Case {
  readonly query: string;
  readonly variables?: JsonObject;
  readonly data: Json;
  readonly calls?: number;
}

const named = (over: JsonObject[]): Json =>
  over.map((one, at) => ({ __typename: ['Barn', 'Shed', 'Cart'][at]!, ...one }));

const cases: Readonly<Record<string, Case>> = {
  'arguments that differ': {
    query: `{ ${both('plan { drawn(scale: 100) }', 'plan { drawn(scale: 200) }')} }`,
    data: { houses: named([{ plan: { drawn: 100 } }, { plan: { drawn: 200 } }]) },
  },
  'arguments that differ, from variables': {
    query: `query ($a: Int, $b: Int) { ${both('plan { drawn(scale: $a) }', 'plan { drawn(scale: $b) }')} }`,
    variables: { a: 3, b: 4 },
    data: { houses: named([{ plan: { drawn: 3 } }, { plan: { drawn: 4 } }]) },
  },
  'names that branches would be given': {
    query: `{ ${both('branch1_plan: id plan { drawn(scale: 1) }', 'branch0_plan: id plan { drawn(scale: 2) }')} }`,
    data: {
      houses: named([
        { branch1_plan: 'b', plan: { drawn: 1 } },
        { branch0_plan: 's', plan: { drawn: 2 } },
      ]),
    },
  },
  'other fields under one key': {
    query: `{ ${both('plan { t: alt }', 'plan { t: credit }')} }`,
    data: { houses: named([{ plan: { t: 'alt of pb' } }, { plan: { t: 'credit of ps' } }]) },
  },
  'what is asked of one and must not be null': {
    query: `{ ${both('plan { alt strict }', 'plan { alt }')} }`,
    data: { houses: named([{ plan: { alt: 'alt of pb', strict: 7 } }, { plan: { alt: 'alt of ps' } }]) },
  },
  'what is asked of all, and more of one': {
    query: '{ houses { plan { alt } ... on Barn { plan { strict } } } }',
    data: { houses: [{ plan: { alt: 'alt of pb', strict: 7 } }, { plan: { alt: 'alt of ps' } }] },
  },
  'members of a union': {
    query: `{ things { __typename ... on Barn { p: plan { drawn(scale: 1) } } ... on Shed { p: plan { drawn(scale: 2) } }
      ... on Cart { p: plan { drawn(scale: 3) } } } }`,
    data: { things: named([{ p: { drawn: 1 } }, { p: { drawn: 2 } }, { p: { drawn: 3 } }]) },
  },
  'named fragments': {
    query: `{ houses { ...B ...S } } fragment B on Barn { plan { ...P } } fragment S on Shed { plan { t: credit } }
      fragment P on Plan { t: alt }`,
    data: { houses: [{ plan: { t: 'alt of pb' } }, { plan: { t: 'credit of ps' } }] },
  },
  'what a condition takes away': {
    query: `query ($no: Boolean!) { houses { plan { drawn(scale: 1) } ... on Shed @skip(if: $no) { plan { alt strict } } } }`,
    variables: { no: true },
    data: { houses: [{ plan: { drawn: 1 } }, { plan: { drawn: 1 } }] },
    calls: 2,
  },
  'what a condition leaves': {
    query: `query ($no: Boolean!) { houses { plan @skip(if: $no) { drawn(scale: 1) } ... on Shed @skip(if: $no) { door }
      ... on Barn @include(if: $no) { id } } }`,
    variables: { no: false },
    data: { houses: [{ plan: { drawn: 1 } }, { plan: { drawn: 1 }, door: 'oak' }] },
  },
  'branches within branches': {
    query: `{ ${both(
      `plan { deep { drawn(scale: 1) } } near { ${both('plan { drawn(scale: 2) }', 'plan { drawn(scale: 3) }', 'near')} }`,
      'plan { deep { drawn(scale: 4) alt } }',
      'house',
    )} }`,
    data: {
      house: {
        __typename: 'Barn',
        plan: { deep: { drawn: 1 } },
        near: { near: { __typename: 'Barn', plan: { drawn: 2 } } },
      },
    },
  },
  'arguments that differ on an @interfaceObject': {
    query: `{ ${both('tax(year: 1)', 'tax(year: 2)')} }`,
    data: { houses: named([{ tax: 1 }, { tax: 2 }]) },
  },
  'what must not be null of one, on an @interfaceObject': {
    query: `{ ${both('levy', 'tax(year: 5)')} }`,
    data: { houses: named([{ levy: 9 }, { tax: 5 }]) },
  },
  'entities below an @interfaceObject': {
    query: `{ ${both('book { drawn(scale: 6) }', 'book { drawn(scale: 7) }')} }`,
    data: { houses: named([{ book: { drawn: 6 } }, { book: { drawn: 7 } }]) },
  },
  'the same in both branches, in one call': {
    query: `{ ${both('plan { alt drawn(scale: 1) }', 'plan { drawn(scale: 1) alt }')} }`,
    data: {
      houses: named([{ plan: { alt: 'alt of pb', drawn: 1 } }, { plan: { drawn: 1, alt: 'alt of ps' } }]),
    },
    calls: 2,
  },
  'an alias that is called like the name of the type': {
    query: '{ houses { __typename: id t: __typename ... on Shed { door } } }',
    data: {
      houses: [
        { __typename: 'b', t: 'Barn' },
        { __typename: 's', t: 'Shed', door: 'oak' },
      ],
    },
  },
  'what the subgraph that is asked knows of a union': {
    query: '{ boxed { parts { __typename ... on Nail { size } ... on Bolt { size } ... on Screw { size } } } }',
    data: {
      boxed: {
        parts: [
          { __typename: 'Nail', size: 1 },
          { __typename: 'Bolt', size: 2 },
        ],
      },
    },
  },
  'an @interfaceObject that cannot be found again': {
    query: '{ ghosts { id field } }',
    data: { ghosts: { id: 'g', field: 'boo' } },
  },
  'arguments as their subgraph wants them': {
    query: '{ listing(first: 100000, after: "no cursor", on: "tomorrow") }',
    data: { listing: '100000 no cursor tomorrow' },
  },
};

describe('answered as the specification says:', () => {
  test.each(Object.entries(cases))('%s', async (_what, { query, variables, data, calls }) => {
    const answer = JSON.parse(await text(query, variables));
    expect(answer).toEqual({ data });
    if (calls !== undefined) expect(asked).toHaveLength(calls);
    expect(asked.join()).not.toMatch(/@(skip|include)/);
    // Asked again it takes the other way.
    expect(JSON.parse(await text(query, variables))).toEqual({ data });
  });
});

test.each(['{ ghost { field } }', '{ ghost { field } listing }', '{ must { field } }'])(
  'a root field that no subgraph can be asked for is no null: the whole operation is refused: %s',
  async (query) => {
    expect(JSON.parse(await text(query))).toEqual({
      data: null,
      errors: [expect.objectContaining({ path: [query.includes('must') ? 'must' : 'ghost'] })],
    });
    expect(asked).toEqual([]);
  },
);

describe('directives that all subgraphs define', () => {
  test('reach them', async () => {
    const query = `query ($l: String) @trace(label: "q") { houses @trace(label: $l) { id ...F @trace(label: "s")
      ... on Shed @trace(label: "i") { door } } } fragment F on House { plan { alt @trace(label: "f") } }`;
    const { data, errors } = JSON.parse(await text(query, { l: 'v' }));
    expect([data.houses.length, errors]).toEqual([2, undefined]);
    expect(asked[0]).toMatch(
      /@trace\(label:"q"\).*houses@trace\(label:\$l\).*@trace\(label:"s"\).*on Shed@trace\(label:"i"\)/,
    );
    expect(asked[1]).toMatch(/@trace\(label:"q"\).*alt@trace\(label:"f"\)/);
  });

  test.each<[string, string, RegExp[]]>([
    [
      'of objects that another subgraph finds again',
      '{ houses { id ... @trace(label: "o") { plan { id ... @trace(label: $l) { a: alt ... on Plan @trace { credit } } c: credit } } } }',
      [
        /^yard .*@trace\(label:"o"\)\{plan/,
        /^plans query\(.*\$l:String.*on Plan\{c:credit \.\.\.@trace\(label:\$l\)\{a:alt\}\.\.\.@trace\(label:\$l\)\{\.\.\.@trace\{credit\}\}\}/,
      ],
    ],
    [
      'beside the same without them',
      '{ house { plan { alt ... @trace(label: $l) { alt } } } }',
      [/^yard/, /^plans .*\{alt \.\.\.@trace\(label:\$l\)\{alt\}\}/],
    ],
    [
      'of some of the objects of an @interfaceObject',
      '{ houses { ... on Barn { tax(year: 1) } ... on Shed @trace(label: $l) { tax(year: 1) } } }',
      [
        /^yard/,
        /^taxes .*on House\{tax\(year:1\)\}\}\}$/,
        /^taxes .*on House\{\.\.\.@trace\(label:\$l\)\{\w+:tax\(year:1\)\}\}/,
      ],
    ],
  ])('on fragments reach every subgraph that is asked for their fields: %s', async (_what, query, texts) => {
    const { data, errors } = JSON.parse(await text(`query ($l: String) ${query}`, { l: 'v' }));
    expect([Object.keys(data).length, errors]).toEqual([1, undefined]);
    expect(asked.sort().reverse()).toEqual(texts.map((one) => expect.stringMatching(one)));
  });

  test('of a fragment are those of its definition too, and those of one branch are no other’s', async () => {
    const query = `{ ${both('plan { alt @trace(label: "b") }', 'plan { ...P }')} } fragment P on Plan @trace(label: "d") { alt }`;
    expect(JSON.parse(await text(query)).errors).toBeUndefined();
    const [, ...plans] = asked.sort().reverse();
    expect(plans).toEqual([
      expect.stringMatching(/on Plan\{alt@trace\(label:"b"\)\}\}\}$/),
      expect.stringMatching(/on Plan\{\.\.\.@trace\(label:"d"\)\{alt\}\}\}\}$/),
    ]);
  });

  test('are refused where a fragment and the place where it is spread both have one that may stand there once', async () => {
    const { errors } = JSON.parse(await text('{ houses { ...F @trace } } fragment F on House @trace { id }'));
    expect(errors).toEqual([
      {
        message: 'Directive "@trace": the fragment and its spread are sent on as one, where it may stand only once.',
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ]);
    expect(asked).toEqual([]);
  });

  test('and are refused where they would be lost', async () => {
    const { data, errors } = JSON.parse(await text('{ houses { ...F @spread } } fragment F on House { id }'));
    expect(data).toBeUndefined();
    expect(errors).toEqual([
      {
        message:
          'Directive "@spread": named fragments are sent on as inline fragments, where it may not stand. Use it on fields.',
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ]);
    expect(asked).toEqual([]);
  });
});

describe('numbers that JavaScript cannot hold keep their digits', () => {
  const twice = async (query: string, variables?: JsonObject) => [
    await text(query, variables),
    await text(query, variables),
  ];

  test('in an answer', async () => {
    for (const answer of await twice('{ house { plan { serial real } } }'))
      expect(answer).toBe('{"data":{"house":{"plan":{"serial":9007199254740993,"real":0.12345678901234567891}}}}');
  });

  test('in a key', async () => {
    for (const answer of await twice('{ meter { serial reading } }'))
      expect(answer).toBe('{"data":{"meter":{"serial":9223372036854775807,"reading":"of 9223372036854775807"}}}');
  });

  test('in the text of an operation', async () => {
    const query = 'query ($n: Long = 9007199254740995) { meter { reading(of: 9007199254740993) x: reading(of: $n) } }';
    expect(JSON.parse(await text(query)).errors).toBeUndefined();
    // Whatever the operation calls its variables.
    const other = 'query ($literal0: Long) { meter { reading(of: 9007199254740993) x: reading(of: $literal0) } }';
    expect(JSON.parse(await text(other, { literal0: 5 })).errors).toBeUndefined();
    expect(asked.at(-1)).toMatch(/reading\(of:9007199254740993\)x:reading\(of:\$literal0\)/);
    expect(JSON.parse(await text(query)).errors).toBeUndefined();
    expect(asked.at(-1)).toMatch(/\$n:Long=9007199254740995.*reading\(of:9007199254740993\)x:reading\(of:\$n\)/);
  });
});

describe('numbers that JavaScript cannot hold are told apart', () => {
  const read = (text: string) => (parseWithDigits(`[${text}]`) as Json[])[0]!;

  test('from digits in a text, whatever is escaped there', () => {
    for (const given of ['"12345678901234567890"', '"a\\" 12345678901234567890"', '"\\\\", 12345678901234567890'])
      expect(withDigits(JSON.stringify(parseWithDigits(`[${given}]`)))).toBe(`[${given}]`.replace(', ', ','));
    expect(read('"a\\" 12345678901234567890"')).toBe('a" 12345678901234567890');
  });

  test('by what kind of value they may be', () => {
    const kinds = ['Int', 'Float', 'String', 'Boolean', 'ID', 'any'] as const;
    const fits = (text: string) => kinds.filter((kind) => isLeafOf(kind, read(text)));
    expect(fits('9007199254740993')).toEqual(['Float', 'ID', 'any']);
    expect(fits('0.12345678901234567891')).toEqual(['Float', 'any']);
  });
});

describe('what is Sluse’s alone is nobody else’s:', () => {
  test('messages, codes and paths are told as the subgraph told them', async () => {
    expect(JSON.parse(await text('{ wet: leaks }'))).toEqual({
      data: { wet: null },
      errors: [{ message: 'the roof of 0201609995 leaks', path: ['wet'], extensions: { code: 'LEAK' } }],
    });
  });

  test('operations are of any size', async () => {
    const many = Array.from({ length: 100 }, (_, at) => `a${at}: listing(first: ${at})`).join(' ');
    expect(Object.keys(JSON.parse(await text(`{ ${many} }`)).data)).toHaveLength(100);
    const deep = `{ house { plan { ${'deep { '.repeat(20)} id ${'} '.repeat(20)} } } }`;
    expect(JSON.parse(await text(deep)).errors).toBeUndefined();
  });
});
