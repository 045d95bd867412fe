/**
 * A case system may ask the gateway or the room itself, and gets the same: status, headers and bytes, and the same entries in the
 * log. The differences that there are have a name and a reason in `edges.ts`.
 */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { signAccess } from '../../subgraphs/edge/access-token.js';
import { caseSystem } from '../support/client.js';
import {
  type Asked,
  codesOf,
  type DifferenceName,
  differences,
  type Edges,
  expectAlike,
  openEdges,
  type RoomName,
} from './edges.js';

let edges: Edges;
/** A case that the system may change. */
let someCase: string;
beforeAll(async () => {
  edges = await openEdges();
  const { room } = await edges.ask({ room: 'cases', body: { query: '{ cases(first: 1) { nodes { id } } }' } });
  someCase = JSON.parse(room.text).data.cases.nodes[0].id;
});
afterAll(() => edges.close());

/** Differences that were found. */
const met = new Set<DifferenceName>();

/** By the code expected at the room; none: it answers. */
type Row = readonly [
  what: string,
  code: string | null,
  body: unknown,
  more?: Omit<Asked, 'room' | 'body'>,
  differs?: DifferenceName,
];
const rows = (room: RoomName, list: readonly Row[]) =>
  it.each(list)('%s: %s', async (...[_what, code, body, more, differs]: Row) => {
    const heard = await expectAlike(edges, { room, body, ...more }, differs);
    if (differs) met.add(differs);
    expect([...new Set(codesOf(heard))]).toEqual(code === null ? [] : [code]);
  });

const some = '{ cases(first: 1) { totalCount } }';
const asks = (query: string, variables?: unknown, operationName?: unknown) => ({ query, variables, operationName });
const list = (length: number, make: (index: number) => string) =>
  Array.from({ length }, (_, index) => make(index)).join(' ');

describe('a body', () => {
  const text = JSON.stringify({ query: some });
  rows('cases', [
    ['as it should be', null, { query: some }],
    [
      'with everything that may be left out',
      null,
      { ...asks(some), variables: null, operationName: null, extensions: {} },
    ],
    ['with an empty name', null, { query: some, operationName: '' }],
    ['with members that nobody knows', null, { query: some, other: [1] }],
    ['after a byte order mark', null, `\ufeff${text}`],
    ['whose text begins with a byte order mark', null, { query: `\ufeff${some}` }],
    ['of 100 kB', null, text.padEnd(100 * 1024, ' ')],
    ['of one byte more', 'BODY_TOO_LARGE', text.padEnd(100 * 1024 + 1, ' ')],
    ['of 100 kB, in chunks', null, text.padEnd(100 * 1024, ' '), { inChunks: true }],
    ['of one byte more, in chunks', 'BODY_TOO_LARGE', text.padEnd(100 * 1024 + 1, ' '), { inChunks: true }],
    ['that names its query twice: the last counts', null, `{"query":"{ nothing }",${text.slice(1)}`],
    [
      'that gives a variable twice',
      null,
      '{"query":"query($n: Int) { cases(first: $n) { totalCount } }","variables":{"n":"x","n":1}}',
    ],
    ['that is no JSON', 'MALFORMED_REQUEST', 'garbage'],
    ['that is empty', 'MALFORMED_REQUEST', ''],
    ['that is null', 'MALFORMED_REQUEST', 'null'],
    ['that is a number', 'MALFORMED_REQUEST', '1'],
    ['that is a text', 'MALFORMED_REQUEST', JSON.stringify(some)],
    ['that is a list', 'BATCHING_NOT_ALLOWED', [{ query: some }]],
    ['that is an empty list', 'BATCHING_NOT_ALLOWED', []],
    [
      'that is no UTF-8',
      'MALFORMED_REQUEST',
      Buffer.concat([Buffer.from('{"query":"'), Buffer.from([0xff]), Buffer.from('"}')]),
    ],
    ['that reaches for the prototype', 'MALFORMED_REQUEST', '{"query":"{ __typename }","__proto__":{}}'],
    [
      'that reaches for it in a variable',
      'MALFORMED_REQUEST',
      '{"query":"{ __typename }","variables":{"a":{"constructor":{"prototype":{}}}}}',
    ],
    ['without a query', 'MALFORMED_REQUEST', {}],
    ['with null for a query', 'MALFORMED_REQUEST', { query: null }],
    ['with a number for a query', 'MALFORMED_REQUEST', { query: 1 }],
    ['with an empty query', 'MALFORMED_REQUEST', { query: '' }],
    ['with a list of variables', 'MALFORMED_REQUEST', { query: some, variables: [] }],
    ['with variables as text', 'MALFORMED_REQUEST', { query: some, variables: '{}' }],
    ['with a number for a name', 'MALFORMED_REQUEST', { query: some, operationName: 1 }],
    ['with extensions as text', 'MALFORMED_REQUEST', { query: some, extensions: 'x' }],
    ['with a list of extensions', 'MALFORMED_REQUEST', { query: some, extensions: [] }],
    [
      'with the hash of a text only',
      'PERSISTED_QUERY_NOT_SUPPORTED',
      { extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } },
    ],
    ['with the id of a document only', 'PERSISTED_QUERY_NOT_SUPPORTED', { documentId: `sha256:${'a'.repeat(64)}` }],
  ]);
});

describe('headers', () => {
  const body = { query: some };
  const headers = (given: Asked['headers']) => ({ headers: given! });
  rows('cases', [
    ['no content type', 'MALFORMED_REQUEST', Buffer.from(JSON.stringify(body)), headers({ 'content-type': undefined })],
    ['plain text', 'MALFORMED_REQUEST', body, headers({ 'content-type': 'text/plain' })],
    ['a form', 'MALFORMED_REQUEST', body, headers({ 'content-type': 'application/x-www-form-urlencoded' })],
    ['JSON of another kind', 'MALFORMED_REQUEST', body, headers({ 'content-type': 'application/json-seq' })],
    ['another charset', 'MALFORMED_REQUEST', body, headers({ 'content-type': 'application/json; charset=utf-16' })],
    [
      'the charset in capitals and quotes',
      null,
      body,
      headers({ 'content-type': 'APPLICATION/JSON; charset="UTF-8"' }),
    ],
    ['compressed', 'MALFORMED_REQUEST', body, headers({ 'content-encoding': 'gzip' })],
    ['GraphQL’s own type accepted', null, body, headers({ accept: 'application/graphql-response+json' })],
    [
      'the same, for a refusal',
      'GRAPHQL_VALIDATION_FAILED',
      asks('{ nothing }'),
      headers({ accept: 'application/graphql-response+json' }),
    ],
    ['HTML accepted, for a query', null, body, headers({ accept: 'text/html' })],
    [
      'HTML accepted, for a change',
      'NOT_ACCEPTABLE',
      asks('mutation { deleteCase(id: "x") }'),
      { ...headers({ accept: 'text/html' }), isChange: true },
    ],
    [
      'a purpose, and whose request it is',
      null,
      body,
      headers({
        'x-purpose': 'case 27',
        'x-TransaktionsId': 't-1',
        'x-RequestId': 'r-1',
        'x-OnBehalfOfUser': 'somebody',
      }),
    ],
    ['a purpose beyond ASCII', null, body, headers({ 'x-purpose': 'sag \u00e6' })],
    ['no token', 'UNAUTHENTICATED', body, { as: null }],
    ['no token, and no JSON', 'UNAUTHENTICATED', 'garbage', { as: null }],
    ['no token, and far too much', 'UNAUTHENTICATED', 'x'.repeat(110_000), { as: null }],
    ['a token that is none', 'UNAUTHENTICATED', body, { as: 'garbage' }],
    ['a token that only looks like one', 'UNAUTHENTICATED', body, { as: 'a.b.c' }],
    ['another scheme', 'UNAUTHENTICATED', body, { as: null, ...headers({ authorization: 'Basic YTpi' }) }],
  ]);

  it('a token whose time is over', async () => {
    const { world } = edges;
    const claims = { client: caseSystem, municipality: '0999', key: randomUUID(), scopes: ['case:read'] };
    const then = new Date(Date.now() - 301_000);
    const as = await signAccess(world.gatewayKey, world.url, claims, { now: then, id: randomUUID() });
    expect(codesOf(await expectAlike(edges, { room: 'cases', body, as }))).toEqual(['UNAUTHENTICATED']);
  });
});

describe('a text', () => {
  rows('cases', [
    ['that is no GraphQL', 'MALFORMED_REQUEST', asks('{ cases(')],
    ['with a comment', null, asks(`# a comment\n${some}`)],
    ['with a name that is given too', null, asks(`query A ${some}`, {}, 'A')],
    ['without the operation that is named', 'MALFORMED_REQUEST', asks(`query A ${some}`, {}, 'B')],
    ['with several operations, of which none is named', 'MALFORMED_REQUEST', asks(`query A ${some} query B ${some}`)],
    [
      'with several operations, of which one is named',
      null,
      asks(`query A ${some} query B { compartments { id } }`, {}, 'B'),
    ],
    ['with two operations of one name', 'GRAPHQL_VALIDATION_FAILED', asks(`query A ${some} query A ${some}`, {}, 'A')],
    ['without an operation', 'MALFORMED_REQUEST', asks('fragment F on Case { id }')],
    ['with a subscription', 'MALFORMED_REQUEST', asks('subscription { cases { totalCount } }')],
    [
      'that asks about the schema',
      'INTROSPECTION_NOT_ALLOWED',
      asks('{ __schema { types { name } } }'),
      { as: 'case:read' },
    ],
    [
      'that asks about it in a fragment',
      'INTROSPECTION_NOT_ALLOWED',
      asks('{ ...F } fragment F on Query { __type(name: "Case") { name } }'),
      { as: 'case:read' },
    ],
    [
      'that asks about it in another operation',
      'INTROSPECTION_NOT_ALLOWED',
      asks(`query A ${some} query B { __schema { types { name } } }`, {}, 'A'),
      { as: 'case:read' },
    ],
    [
      'that asks about it, as an administrator',
      'INTROSPECTION_NOT_ALLOWED',
      asks('{ __type(name: "Case") { name } }'),
      { as: 'admin' },
      'schema',
    ],
    ['that asks for names of types', null, asks('{ __typename cases(first: 1) { __typename } }')],
    [
      'that asks for what the gateway asks',
      null,
      asks('query($r: [_Any!]!) { _entities(representations: $r) { __typename } }', { r: [] }),
      {},
      'federation',
    ],
    ['that asks for the SDL', 'FORBIDDEN', asks('{ _service { sdl } }'), {}, 'federation'],
    [
      '16 levels deep',
      'DEPTH_LIMIT',
      asks(`{ cases ${'{ nodes { primaryParty { cases '.repeat(6)}{ totalCount }${' } } }'.repeat(6)} }`),
    ],
    [
      'with 31 names for one field',
      'ALIAS_LIMIT',
      asks(`{ ${list(31, (index) => `a${index}: cases(first: 1) { totalCount }`)} }`),
    ],
    ['with 1,001 fields', 'FIELD_LIMIT', asks(`{ ${'__typename '.repeat(1_001)} }`)],
    ['with 12,001 tokens', 'TOO_MANY_TOKENS', asks(`{ ${'a '.repeat(12_001)} }`)],
    ['with 201 directives', 'DIRECTIVE_LIMIT', asks(`{ cases { totalCount ${'@include(if: true) '.repeat(201)} } }`)],
    ['with deep variables', 'VARIABLE_LIMIT', asks(some, { a: JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`) })],
    [
      'that defines a fragment twice',
      'MALFORMED_REQUEST',
      asks('{ ...F } fragment F on Query { __typename } fragment F on Query { __typename }'),
    ],
    [
      'that costs too much',
      'COST_LIMIT',
      asks('{ cases(first: 500) { nodes { primaryParty { cases(first: 500) { nodes { title } } } } } }'),
    ],
    ['with a field that does not exist', 'GRAPHQL_VALIDATION_FAILED', asks('{ nothing cases { totalCoun } }')],
    ['with an argument that does not exist', 'GRAPHQL_VALIDATION_FAILED', asks('{ cases(nothing: 1) { totalCount } }')],
    ['with a directive that does not exist', 'GRAPHQL_VALIDATION_FAILED', asks('{ cases @nothing { totalCount } }')],
    ['with a fragment that does not exist', 'GRAPHQL_VALIDATION_FAILED', asks('{ ...A }')],
    ['with a fragment within itself', 'GRAPHQL_VALIDATION_FAILED', asks('{ ...A } fragment A on Query { ...A }')],
    [
      'with a variable that is not declared',
      'GRAPHQL_VALIDATION_FAILED',
      asks('{ cases(first: $n) { totalCount } }', { n: 1 }),
    ],
    [
      'with a variable of no type',
      'GRAPHQL_VALIDATION_FAILED',
      asks('query($v: Nothing) { cases(first: $v) { totalCount } }'),
    ],
    [
      'with a variable of a type for answers',
      'GRAPHQL_VALIDATION_FAILED',
      asks('query($v: Case) { cases(first: $v) { totalCount } }'),
    ],
    [
      'with a variable in the wrong place',
      'GRAPHQL_VALIDATION_FAILED',
      asks('query($v: String) { cases(first: $v) { totalCount } }'),
    ],
    ['without a selection where one belongs', 'GRAPHQL_VALIDATION_FAILED', asks('{ cases }')],
    [
      'with two meanings of one name',
      'GRAPHQL_VALIDATION_FAILED',
      asks('{ a: cases(first: 1) { totalCount } a: cases(first: 2) { totalCount } }'),
    ],
    [
      'that leaves all of itself out',
      null,
      asks(`query($no: Boolean!) { cases(first: 1) @skip(if: $no) { totalCount } }`, { no: true }),
    ],
    ['with names of the prototype', null, asks('{ __proto__: cases(first: 1) { constructor: totalCount } }')],
  ]);
});

describe('arguments', () => {
  const paged = 'query($n: Int) { cases(first: $n) { totalCount } }';
  const filtered = (type: string, filter: string) =>
    `query($v: ${type}) { cases(filter: { ${filter}: $v }, first: 1) { totalCount } }`;
  rows('cases', [
    ['a page of 501', 'PAGE_LIMIT', asks('{ cases(first: 501) { totalCount } }'), {}, 'loggedWithText'],
    ['a page of -1, as a variable', 'PAGE_LIMIT', asks(paged, { n: -1 }), {}, 'loggedWithText'],
    ['a page of 501, as a default', 'PAGE_LIMIT', asks(paged.replace('Int', 'Int = 501')), {}, 'loggedWithText'],
    [
      'a page of 501 of a case',
      'PAGE_LIMIT',
      asks('{ cases(first: 2) { nodes { documents(first: 501) { totalCount } } } }'),
      {},
      'loggedWithText',
    ],
    [
      'a page of 501 of no case',
      null,
      asks('{ case(id: "x") { documents(first: 501) { totalCount } } }'),
      {},
      'judgedEarly',
    ],
    [
      'a page of 501 of what is not allowed',
      'FORBIDDEN',
      asks('{ cases(first: 501) { totalCount } }'),
      { as: 'employee:read' },
      'judgedEarly',
    ],
    ['a page that is no whole number', 'BAD_USER_INPUT', asks(paged, { n: 1.5 }), {}, 'wording'],
    ['a page as text', 'BAD_USER_INPUT', asks(paged, { n: '1' }), {}, 'wording'],
    ['a page as text, in the text', 'GRAPHQL_VALIDATION_FAILED', asks('{ cases(first: "0201609995") { totalCount } }')],
    ['a cursor that is none', 'BAD_USER_INPUT', asks('{ cases(after: "x") { totalCount } }'), {}, 'loggedWithText'],
    [
      'a cursor of another list',
      'BAD_USER_INPUT',
      asks('query($v: String) { cases(after: $v) { totalCount } }', {
        v: Buffer.from('[1,2,3,4]').toString('base64url'),
      }),
    ],
    [
      'a date that does not exist',
      'BAD_USER_INPUT',
      asks('{ cases(filter: { openedFrom: "2026-02-30" }) { totalCount } }'),
      {},
      'wording',
    ],
    [
      'the same, as a variable',
      'BAD_USER_INPUT',
      asks(filtered('Date', 'openedFrom'), { v: '2026-02-30' }),
      {},
      'wording',
    ],
    [
      'the same, in an input',
      'BAD_USER_INPUT',
      asks('query($f: CaseFilter) { cases(filter: $f) { totalCount } }', { f: { openedFrom: '2026-02-30' } }),
      {},
      'wording',
    ],
    [
      'a member that an input does not have',
      'BAD_USER_INPUT',
      asks('query($f: CaseFilter) { cases(filter: $f) { totalCount } }', { f: { nothing: 1 } }),
      {},
      'wording',
    ],
    ['the same, in the text', 'GRAPHQL_VALIDATION_FAILED', asks('{ cases(filter: { nothing: 1 }) { totalCount } }')],
    ['half a KLE number', 'BAD_USER_INPUT', asks('{ cases(filter: { kle: "27.2" }) { totalCount } }'), {}, 'wording'],
    [
      'no value of an enum',
      'GRAPHQL_VALIDATION_FAILED',
      asks('{ cases(filter: { categories: [NOTHING] }) { totalCount } }'),
    ],
    [
      'the same, as a variable',
      'BAD_USER_INPUT',
      asks(filtered('[CaseCategory!]', 'categories'), { v: ['NOTHING'] }),
      {},
      'wording',
    ],
    ['null in a list', 'BAD_USER_INPUT', asks(filtered('[CaseCategory!]', 'categories'), { v: [null] }), {}, 'wording'],
    [
      'one value for a list',
      null,
      asks(filtered('[CaseCategory!]', 'categories'), { v: 'HOUSING_BENEFIT' }),
      {},
      'asSent',
    ],
    ['the same, as a default', null, asks(filtered('[CaseCategory!] = HOUSING_BENEFIT', 'categories')), {}, 'asSent'],
    ['a text that is too long', 'BAD_USER_INPUT', asks(filtered('String', 'titleContains'), { v: 'x'.repeat(301) })],
    ['a text that no database holds', 'BAD_USER_INPUT', asks(filtered('String', 'titleContains'), { v: 'a\u0000b' })],
    ['a text in another normalization form', null, asks(filtered('String', 'titleContains'), { v: 'a\u030a' })],
    [
      'a condition that is no boolean',
      'BAD_USER_INPUT',
      asks('query($b: Boolean!) { cases(first: 1) @include(if: $b) { totalCount } }', { b: 'yes' }),
      {},
      'wording',
    ],
    [
      'a date that does not exist, left out',
      'BAD_USER_INPUT',
      asks('{ compartments { id } cases(filter: { openedFrom: "x" }) @skip(if: true) { totalCount } }'),
      {},
      'leftOut',
    ],
    ['variables that are not declared', null, asks(some, { a: 1 })],
  ]);
  const citizen = 'query($v: CPR!) { citizen(cpr: $v) { name } }';
  rows('identity', [
    ['a CPR number with a hyphen', null, asks('{ citizen(cpr: "020160-9995") { name } }')],
    ['a CPR number with spaces, as a variable', null, asks(citizen, { v: ' 020160 9995' })],
    ['half a CPR number', 'BAD_USER_INPUT', asks('{ citizen(cpr: "020160") { name } }'), {}, 'wording'],
    ['the same, as a variable', 'BAD_USER_INPUT', asks(citizen, { v: '020160' }), {}, 'wording'],
    ['the same, as a default', 'BAD_USER_INPUT', asks(citizen.replace('CPR!', 'CPR! = "020160"')), {}, 'wording'],
    [
      'the same, of what is not allowed',
      'BAD_USER_INPUT',
      asks('{ citizen(cpr: "020160") { name } }'),
      { as: 'employee:read' },
      'wording',
    ],
    ['a number for a CPR number', 'BAD_USER_INPUT', asks(citizen, { v: 201609995 }), {}, 'wording'],
    ['null for a CPR number', 'BAD_USER_INPUT', asks(citizen, { v: null }), {}, 'wording'],
    ['no CPR number', 'BAD_USER_INPUT', asks(citizen)],
    ['no CPR number, in the text', 'GRAPHQL_VALIDATION_FAILED', asks('{ citizen { name } }')],
    [
      'a name that is too long',
      'BAD_USER_INPUT',
      asks('query($v: String) { citizens(filter: { nameContains: $v }) { totalCount } }', { v: 'x'.repeat(201) }),
    ],
    ['a municipality’s code as people write it', null, asks('{ municipality(code: "461") { name code } }')],
  ]);
  rows('audit', [
    ['no time', 'BAD_USER_INPUT', asks('{ auditEntries(filter: { from: "x" }) { totalCount } }'), {}, 'wording'],
  ]);
});

// A case system's token lives for five minutes, so a sign-in of the last fifteen is never what it lacks. edges-random.test.ts asks
// that of both walls.
describe('wall 1', () => {
  const employee = { as: 'employee:read' };
  rows('cases', [
    ['a field', 'FORBIDDEN', asks(some), employee, 'denied'],
    ['a field beside an allowed one', 'FORBIDDEN', asks(`{ compartments { id } ${some.slice(1)}`), employee, 'denied'],
    [
      'a field under the name of an allowed one',
      'FORBIDDEN',
      asks('{ compartments: cases(first: 1) { totalCount } }'),
      employee,
      'denied',
    ],
    ['nothing but a type’s name', 'FORBIDDEN', asks('{ cases(first: 1) { __typename } }'), employee, 'denied'],
    ['a field in a fragment', 'FORBIDDEN', asks(`{ ...F } fragment F on Query ${some}`), employee, 'denied'],
    [
      'a field in GraphQL’s own media type',
      'FORBIDDEN',
      asks(some),
      { ...employee, headers: { accept: 'application/graphql-response+json' } },
      'denied',
    ],
    ['a field that is left out', null, asks('{ cases(first: 1) @skip(if: true) { totalCount } }'), employee],
    ['a change', 'FORBIDDEN', asks('mutation { deleteCase(id: "x") }'), { as: 'case:read', isChange: true }, 'denied'],
    ['an allowed field', null, asks('{ compartments { id } }'), employee],
  ]);
  rows('identity', [
    [
      'behind a union',
      'FORBIDDEN',
      asks('{ viewer { person { ... on Citizen { address { street } } } } }'),
      employee,
      'denied',
    ],
    ['of administrators', 'FORBIDDEN', asks('{ systemClients { id } }'), employee, 'denied'],
    ['of administrators, as one', null, asks('{ systemClients { id name } }'), { as: 'admin' }],
    [
      'a change of administrators',
      'FORBIDDEN',
      asks(`mutation { registerSystemClientKey(client: "${caseSystem}", jwks: {}) { id } }`),
      { ...employee, isChange: true },
      'denied',
    ],
    [
      'a change of administrators, as one',
      'BAD_USER_INPUT',
      asks(`mutation { registerSystemClientKey(client: "${caseSystem}", jwks: {}) { id } }`),
      { as: 'admin', isChange: true },
      'located',
    ],
    [
      'people',
      null,
      asks(
        '{ citizen(cpr: "0201609995") { name address { street } relatives { citizen { name } } } citizens(filter: { cpr: "0201609995" }, first: 2) { nodes { name } } }',
      ),
    ],
    [
      'the caller',
      null,
      asks('{ viewer { person { __typename ... on SystemClient { scopes } } clearance { level } } }'),
      employee,
    ],
  ]);
  rows('smdb', [
    ['reports', 'FORBIDDEN', asks('{ smdbForms(first: 1) { totalCount } }'), { as: 'case:read' }, 'denied'],
    [
      'reports, as who may read them',
      null,
      asks('{ smdbForms(first: 1) { totalCount } treatmentCourse(id: "x") { id } }'),
    ],
    [
      'a report',
      'FORBIDDEN',
      asks('mutation { reportForm(input: { kind: REQUEST, citizen: "0", answers: {} }) { id } }'),
      { as: 'smdb:read', isChange: true },
      'denied',
    ],
  ]);
  rows('audit', [
    ['the log', 'FORBIDDEN', asks('{ auditEntries(first: 1) { totalCount } }'), { as: 'case:read' }, 'denied'],
  ]);
});

describe('a change', () => {
  const isChange = { isChange: true };
  const titled = 'mutation($id: ID!, $title: String) { changeCase(id: $id, input: { title: $title }) { title } }';
  rows('cases', [
    ['of no case', 'NOT_FOUND', asks('mutation { deleteCase(id: "x") }'), isChange, 'located'],
    [
      'of several',
      'NOT_FOUND',
      asks('mutation { a: deleteCase(id: "x") b: changeCase(id: "x", input: { title: "a" }) { id } }'),
      isChange,
      'located',
    ],
    [
      'to no title',
      'BAD_USER_INPUT',
      asks('mutation { changeCase(id: "x", input: { title: "" }) { id } }'),
      isChange,
      'located',
    ],
    [
      'to no date',
      'BAD_USER_INPUT',
      asks('mutation { changeCase(id: "x", input: { openedOn: "x" }) { id } }'),
      isChange,
      'wording',
    ],
  ]);

  it('that is made', async () => {
    const made = await expectAlike(edges, {
      room: 'cases',
      body: asks(titled, { id: someCase, title: 'the same' }),
      isChange: true,
    });
    expect(made.text).toBe('{"data":{"changeCase":{"title":"the same"}}}');
    expect(made.logged.map(({ outcome, cases }) => [outcome, cases])).toEqual([
      ['BEGUN', []],
      ['ANSWERED', [someCase]],
    ]);
  });

  it('that was made at the gateway is not made again at the room', async () => {
    const sent = { room: 'cases' as const, headers: { 'idempotency-key': 'once-at-both' }, isChange: true };
    await expectAlike(edges, { ...sent, body: asks(titled, { id: someCase, title: 'first' }) });
    const { world } = edges;
    await world.database.sql("UPDATE cases.ordinary_case SET title = 'meanwhile' WHERE id = $1", [someCase]);
    const { room } = await edges.ask({ ...sent, body: asks(titled, { id: someCase, title: 'first' }) });
    expect(room.text).toBe('{"data":{"changeCase":{"title":"first"}}}');
    const [{ title }] = (await world.database.sql('SELECT title FROM cases.ordinary_case WHERE id = $1', [
      someCase,
    ])) as [{ title: string }];
    expect(title).toBe('meanwhile');
    const { gateway, room: other } = await edges.ask({
      ...sent,
      body: asks(titled, { id: someCase, title: 'second' }),
    });
    expect([gateway.status, other.status, other.text]).toEqual([422, 422, gateway.text]);
  });
});

it('every difference that has a name is there', () => {
  expect([...met].sort()).toEqual(Object.keys(differences).sort());
});
