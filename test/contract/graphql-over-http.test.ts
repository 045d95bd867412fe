/**
 * GraphQL over HTTP, at both edges: the audit of the standard's own package, and what it does not look at. What it finds wrong is listed
 * with the reason why it stays so; the list is exact, so that a new finding fails here, and so does one that is no longer there.
 */
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getIntrospectionQuery } from 'graphql';
import { serverAudits } from 'graphql-http';
import { raw } from '../abuse/attack.js';
import { drawToken, newKey, registered } from '../support/client.js';
import { openWorld, type World } from '../support/world.js';

const now = () => new Date();
let world: World;
let person: string;
let system: string;
beforeAll(async () => {
  world = await openWorld({ shielded: true, now });
  person = await world.tokenOf('manager');
  const key = newKey('ES256');
  await registered(world, { keys: [key.jwk] });
  system = await drawToken(world, key, now());
});
afterAll(() => world.close());

const edges = {
  'the gateway': () => ({ url: world.url, token: person }),
  'a room that is called directly': () => ({ url: world.origins.get('cases')!, token: system }),
};
type Edge = keyof typeof edges;
const each = Object.keys(edges) as Edge[];

/** A request written byte by byte, as no client library would. */
async function written(edge: Edge, head: readonly string[], body = '') {
  const { hostname, port } = new URL(edges[edge]().url);
  const socket = connect(Number(port), hostname);
  socket.write([...head, `content-length: ${Buffer.byteLength(body)}`, 'connection: close', '', body].join('\r\n'));
  const [answer, ...rest] = (await text(socket)).split('\r\n\r\n');
  const [status, ...lines] = answer!.split('\r\n');
  const headers = new Map(lines.map((line) => line.toLowerCase().split(': ') as [string, string]));
  return { status: Number(status!.split(' ')[1]), headers, body: rest.join('\r\n\r\n') };
}

const query = JSON.stringify({ query: '{ __typename }' });
const told = '{"data":{"__typename":"Query"}}';
const json = 'application/json; charset=utf-8';
const graphql = 'application/graphql-response+json; charset=utf-8';

const get = 'An address is written down on its way, and any page can have it opened: nothing is asked by GET.';
const refused =
  'What was refused as a whole has no data. Its status says so in either type, to proxies and monitors too; every client reads the errors of a 400.';
const introspection =
  'The audit asks about the schema, and a room answers nobody about it. Letters of other alphabets and variables are tried below.';

/** Findings that stay, by the id of the audit. */
const exceptions: Readonly<Record<Edge, Readonly<Record<string, string>>>> = {
  'the gateway': { '5A70': get, D6D5: get, '6A70': get, '572B': refused, FDE2: refused, '7B9B': refused },
  'a room that is called directly': {
    ...{ '5A70': get, D6D5: get, '6A70': get, '572B': refused, FDE2: refused, '7B9B': refused },
    ...{ BF61: introspection, '2EA1': introspection, '28B9': introspection },
  },
};

describe('the audit of graphql-http', () => {
  it.each(each)('%s: finds what is listed, and nothing else', async (edge) => {
    const { url, token } = edges[edge]();
    const fetchFn = (address: string, { headers, ...init }: RequestInit = {}) =>
      fetch(address, { ...init, headers: { ...(headers as object), authorization: `Bearer ${token}` } });
    const audits = serverAudits({ url: `${url}/graphql`, fetchFn });
    expect(audits.length).toBeGreaterThan(60);
    const results = await Promise.all(audits.map((audit) => audit.fn()));
    const found = results.filter((result) => result.status !== 'ok').map(({ id }) => id);
    expect(found.sort()).toEqual(Object.keys(exceptions[edge]).sort());
  });

  it.each(each)('%s: letters of other alphabets, and variables', async (edge) => {
    const { url, token } = edges[edge]();
    for (const accept of ['application/json', 'application/graphql-response+json']) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8', accept, authorization: `Bearer ${token}` },
        body: JSON.stringify({
          query: 'query A($title: String) { cases(filter: { titleContains: $title }) { totalCount } }',
          variables: { title: 'Run🏃Swim🏊' },
        }),
      });
      expect([response.status, await response.json()]).toEqual([200, { data: { cases: { totalCount: 0 } } }]);
    }
  });
});

describe('one route, however its address is written', () => {
  const post = (edge: Edge, target: string, more: readonly string[] = []) =>
    written(
      edge,
      [
        `POST ${target} HTTP/1.1`,
        'host: sluse.example',
        'content-type: application/json',
        `authorization: Bearer ${edges[edge]().token}`,
        ...more,
      ],
      query,
    );
  const spellings = [
    '/graphql',
    '/graphql?x=%2F',
    'http://sluse.example/graphql',
    'HTTP://sluse.example:80/graphql?x=y',
    'https://sluse.example/graphql',
    '/graph%71l',
    '/%67raphql',
    'http://sluse.example/graph%71%6c',
  ];
  describe.each(each)('%s', (edge) => {
    it.each(spellings)('%s', async (target) => {
      const answer = await post(edge, target);
      expect([answer.status, answer.body]).toEqual([200, told]);
    });

    it.each(['/graphql%2F', '/GRAPHQL', '/graphqlx', '/%2567raphql', 'ftp://sluse.example/graphql', '//x/graphql'])(
      '%s is another',
      async (target) => {
        const answer = await post(edge, target);
        expect([answer.status, JSON.parse(answer.body).errors[0].extensions.code]).toEqual([404, 'NOT_FOUND']);
      },
    );
  });

  it.each(['http://sluse.example/health/live', '/health/%6Cive', 'http://sluse.example?x'])(
    'pages too: %s',
    async (target) => {
      const answer = await written('the gateway', [`GET ${target} HTTP/1.1`, 'host: sluse.example']);
      expect(answer.status).toBe(200);
    },
  );
});

describe('who asks, however it is written', () => {
  it.each(each)('%s', async (edge) => {
    const { token } = edges[edge]();
    const ask = async (authorization: string) =>
      written(
        edge,
        ['POST /graphql HTTP/1.1', 'host: x', 'content-type: application/json', `authorization: ${authorization}`],
        query,
      );
    for (const authorization of [`Bearer  ${token}`, `bearer     ${token}`, `BEARER ${token}  `])
      expect((await ask(authorization)).status).toBe(200);
    for (const authorization of [
      `Bearer${token}`,
      `Bearer\t${token}`,
      `Bearer ${token} x`,
      `Bearer , ${token}`,
      `Bearer "${token}"`,
      `Bearer ${token}=`,
    ])
      expect((await ask(authorization)).status).toBe(401);
  });
});

describe('a refusal comes in the type that the caller accepts, wherever it is made', () => {
  const asked = (edge: Edge, accept: string, over: RequestInit & { path?: string } = {}) => {
    const { url, token } = edges[edge]();
    return fetch(`${url}${over.path ?? '/graphql'}`, {
      method: 'POST',
      body: over.method === 'GET' ? null : query,
      ...over,
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${token}`,
        ...(over.headers as object),
        accept,
      },
    });
  };
  const refusals: [what: string, status: number, code: string, over: RequestInit & { path?: string }][] = [
    ['nobody', 401, 'UNAUTHENTICATED', { headers: { authorization: 'Bearer x' } }],
    ['another method', 405, 'METHOD_NOT_ALLOWED', { method: 'GET' }],
    ['another address', 404, 'NOT_FOUND', { path: '/nothing' }],
    ['no JSON', 400, 'MALFORMED_REQUEST', { body: '{' }],
    ['a batch', 400, 'BATCHING_NOT_ALLOWED', { body: '[]' }],
    ['a body over 100 kB', 400, 'BODY_TOO_LARGE', { body: query.padEnd(110_000) }],
    ['another charset', 400, 'MALFORMED_REQUEST', { headers: { 'content-type': 'application/json; charset=latin1' } }],
    ['a limit', 400, 'DEPTH_LIMIT', { body: JSON.stringify({ query: `${'{a'.repeat(20)}${'}'.repeat(20)}` }) }],
    [
      'only a hash',
      400,
      'PERSISTED_QUERY_NOT_SUPPORTED',
      { body: JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } }) },
    ],
    ['only an id', 400, 'PERSISTED_QUERY_NOT_SUPPORTED', { body: JSON.stringify({ documentId: 'sha256:abc' }) }],
    ['a value', 400, 'PAGE_LIMIT', { body: JSON.stringify({ query: '{ cases(first: 501) { totalCount } }' }) }],
  ];
  describe.each(each)('%s', (edge) => {
    it.each(refusals)('%s', async (_what, status, code, over) => {
      const modern = await asked(edge, 'application/graphql-response+json, application/json;q=0.9', over);
      expect([modern.status, modern.headers.get('content-type')]).toEqual([status, graphql]);
      const body = (await modern.json()) as any;
      expect(body.errors[0].extensions.code).toBe(code);
      const old = await asked(edge, 'application/json', over);
      // What clients of persisted operations know is a 200.
      expect(old.status).toBe(code === 'PERSISTED_QUERY_NOT_SUPPORTED' ? 200 : status);
      expect(old.headers.get('content-type')).toBe(json);
      expect(await old.json()).toEqual(body);
      for (const answer of [modern, old]) expect(answer.headers.get('cache-control')).toBe('no-store');
    });
  });

  it('and so does an answer, by what the caller likes better', async () => {
    for (const [accept, type] of [
      ['*/*', json],
      ['application/*', json],
      ['text/html,application/xhtml+xml,*/*;q=0.8', json],
      ['application/json, application/graphql-response+json', json],
      ['application/graphql-response+json, application/json', graphql],
      ['application/graphql-response+json;q=0.1, application/json;q=0.2', json],
      ['application/graphql-response+json;q=0, */*', json],
      ['application/json;q=0, */*;q=0.1', graphql],
      ['application/json;q=0.5, application/*', graphql],
      ['APPLICATION/GraphQL-Response+JSON; charset=utf-8', graphql],
      ['application/json;q=0', json],
      ['image/png', json],
      [',;q=x,', json],
    ] as const) {
      const answer = await asked('the gateway', accept);
      expect([accept, answer.status, answer.headers.get('content-type')]).toEqual([accept, 200, type]);
    }
  });

  it('a GET that only names a hash is told so, and any other GET is told the method', async () => {
    const hash = JSON.stringify({ persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } });
    const by = async (parameters: Record<string, string>) => {
      const response = await fetch(`${world.url}/graphql?${new URLSearchParams(parameters)}`);
      return ((await response.json()) as any).errors[0].extensions.code;
    };
    expect(await by({ extensions: hash, operationName: 'A', variables: '{}' })).toBe('PERSISTED_QUERY_NOT_SUPPORTED');
    expect(await by({ documentId: 'sha256:abc' })).toBe('PERSISTED_QUERY_NOT_SUPPORTED');
    for (const other of [{ extensions: hash, query: '{ __typename }' }, { extensions: '{' }, { extensions: '{}' }, {}])
      expect(await by(other as Record<string, string>)).toBe('METHOD_NOT_ALLOWED');
  });
});

describe("a tool's introspection is within the limits", () => {
  it.each([9, 10, 20])('with %i types in one another', async (typeDepth) => {
    const everything = {
      ...{ descriptions: true, specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true },
      ...{ inputValueDeprecation: true, oneOf: true, typeDepth },
    };
    const answer = await raw(world, 'manager', JSON.stringify({ query: getIntrospectionQuery(everything) }));
    expect([answer.status, answer.body.errors]).toEqual([200, undefined]);
  });

  it.each([
    [
      'fields of types of fields',
      '{ __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'sixty types in one another',
      `{ __type(name: "Case") { ${'ofType { '.repeat(60)} name ${'}'.repeat(60)} } }`,
      'DEPTH_LIMIT',
    ],
    [
      'a field of that name which is none of the schema',
      `{ viewer { ${'ofType { '.repeat(16)} name ${'}'.repeat(16)} } }`,
      'DEPTH_LIMIT',
    ],
  ])('%s are not', async (_what, deep, code) => {
    const answer = await raw(world, 'manager', JSON.stringify({ query: deep }));
    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([400, code]);
  });
});
