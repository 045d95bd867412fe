/**
 * Two ways lead from the door to the engine: through Apollo Server's pipeline, and past it for a text that it let through
 * before. What is asked must be judged, answered and logged the same on both.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openWorld, type World } from '../support/world.js';
import { fixedCitizen, raw } from './attack.js';
import { replaceRoom, text } from './impostor.js';

let world: World;
beforeAll(async () => {
  world = await openWorld({ shielded: true, closedSchema: true });
});
afterAll(() => world.close());

interface Way {
  readonly status: number;
  readonly text: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly logged: object[];
}

/** One request, the answer with all its headers but the time of day, and what it left in the log. */
async function went(person: string, body: string, headers: Record<string, string>): Promise<Way> {
  const before = await newest();
  const start = before === null ? new Date(0) : new Date(before.getTime() + 1);
  const answer = await raw(world, person, body, headers);
  const logged = await world.database.sql(
    `SELECT use, outcome, operation_name, operation_hash, fields, citizens, cases, criterion, faults, sealed_by FROM audit.entry_details WHERE at >= $1
     UNION ALL SELECT use, outcome, operation_name, operation_hash, fields, citizens, cases, criterion, faults, sealed_by FROM audit.sealed_entry_details WHERE at >= $1`,
    [start],
  );
  return {
    status: answer.status,
    text: answer.text.replace(/"reference":"[^"]*"/g, '"reference":"…"'),
    headers: [...answer.headers].filter(([name]) => name !== 'date').sort(),
    logged,
  };
}

const newest = async (): Promise<Date | null> =>
  (
    await world.database.sql<{ at: Date | null }>(
      'SELECT max(at) AS at FROM (SELECT at FROM audit.entry_details UNION ALL SELECT at FROM audit.sealed_entry_details) AS either',
    )
  )[0]!.at;

let texts = 0;
/** A text of its own each time, so that it goes through Apollo's pipeline first, and past it when it is asked again. */
const unheard = (query: string): string => {
  texts += 1;
  return `${query}\n# ${texts}`;
};

async function bothWays(
  person: string,
  request: { query: string; [name: string]: unknown },
  { direct = true, headers = {} }: { direct?: boolean; headers?: Record<string, string> } = {},
): Promise<Way> {
  const body = JSON.stringify({ ...request, query: unheard(request.query) });
  const { ways } = world.gateway.pipeline;
  const before = { ...ways };
  const apollo = await went(person, body, headers);
  expect({ direct: ways.direct - before.direct, apollo: ways.apollo - before.apollo }).toEqual({
    direct: 0,
    apollo: 1,
  });
  const again = await went(person, body, headers);
  expect({ direct: ways.direct - before.direct, apollo: ways.apollo - before.apollo }).toEqual({
    direct: direct ? 1 : 0,
    apollo: direct ? 1 : 2,
  });
  expect(again).toEqual(apollo);
  return again;
}

const citizen = `query Look($cpr: CPR!, $with: Boolean = true) { citizen(cpr: $cpr) { id name cases @include(if: $with) { totalCount nodes { id category clearance } } } }`;
const variables = { cpr: fixedCitizen };

describe('past the pipeline as through it', () => {
  it.each([
    ['an answer', 'records-officer', { query: citizen, variables }, 200],
    ['an answer to somebody with a seal', 'placement-secretary', { query: citizen, variables }, 200],
    ['a condition', 'records-officer', { query: citizen, variables: { ...variables, with: false } }, 200],
    [
      'one of two operations',
      'records-officer',
      { query: `${citizen} query Other { compartments { id } }`, operationName: 'Other' },
      200,
    ],
    [
      'a field that is denied by type',
      'records-officer',
      { query: '{ auditEntries { totalCount } compartments { id } }' },
      200,
    ],
    ['a row that is hidden', 'records-officer', { query: '{ case(id: "x") { id } }' }, 200],
    ['a variable that does not fit', 'records-officer', { query: citizen, variables: { cpr: '1' } }, 400],
    ['a variable that is missing', 'records-officer', { query: citizen }, 400],
    ['a malformed argument', 'records-officer', { query: '{ cases(first: 600) { totalCount } }' }, 400],
    [
      'an argument that only its field can judge',
      'records-officer',
      { query: '{ cases(filter: { kle: "27.2*.1" }) { totalCount } }' },
      400,
    ],
    ['a change that finds nothing', 'housing-caseworker', { query: 'mutation { deleteCase(id: "x") }' }, 200],
    ['the schema, asked by somebody who may', 'administrator', { query: '{ __schema { queryType { name } } }' }, 200],
    ['no variables', 'records-officer', { query: '{ viewer { actingIn { code } } }', variables: null }, 200],
    [
      'a key of the prototype',
      'records-officer',
      { query: '{ __proto__: viewer { constructor: actingIn { code } } }' },
      200,
    ],
  ])('%s', async (_what, person, request, status) => {
    expect((await bothWays(person, request)).status).toBe(status);
  });

  const one = { query: '{ viewer { actingIn { code } } }' };
  const told = '{"data":{"viewer":{"actingIn":{"code":"CASEWORKER"}}}}';
  it.each<[string, object, Record<string, string>]>([
    ['an empty name', { operationName: '' }, {}],
    ['no name', { operationName: null }, {}],
    ['extensions', { extensions: { tracing: true } }, {}],
    ['no extensions', { extensions: null }, {}],
    ['a hash beside the text', { extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } }, {}],
    ['a member that nobody knows', { id: 7 }, {}],
    ['a type in capitals', {}, { 'content-type': 'Application/JSON' }],
    ['a charset in quotes', {}, { 'content-type': 'application/json ; charset="UTF-8"' }],
    ['an encoding that is none', {}, { 'content-encoding': 'identity' }],
    ['a type that is no JSON at all', {}, { accept: 'text/html' }],
    ['a type that is weighed against another', {}, { accept: 'application/json;q=0.9, */*;q=0.1' }],
    ['an answer in parts', {}, { accept: 'multipart/mixed;deferSpec=20220824, application/json' }],
    ['a client that says its name', {}, { 'apollographql-client-name': 'x', 'apollo-require-preflight': '1' }],
  ])('another spelling of the same: %s', async (_what, more, headers) => {
    const way = await bothWays('records-officer', { ...one, ...more }, { headers });
    expect([way.status, way.text]).toEqual([200, told]);
    expect(way.headers).toContainEqual(['content-type', 'application/json; charset=utf-8']);
  });

  it.each([
    ['application/graphql-response+json'],
    ['application/graphql-response+json,application/json;q=0.9'],
    ['application/graphql-response+json, application/graphql+json, application/json, text/event-stream'],
    ['application/json;q=0.5, */*'],
  ])('the type of answers and refusals alike: %s', async (accept) => {
    const type = ['content-type', 'application/graphql-response+json; charset=utf-8'];
    const headers = { accept };
    const answered = await bothWays('records-officer', one, { headers });
    expect([answered.status, answered.text]).toEqual([200, told]);
    expect(answered.headers).toContainEqual(type);
    const refused = await bothWays('records-officer', { query: '{ cases(first: 600) { totalCount } }' }, { headers });
    expect(refused.status).toBe(400);
    expect(refused.headers).toContainEqual(type);
    const invalid = await bothWays('records-officer', { query: '{ viewer { nothing } }' }, { headers, direct: false });
    expect(invalid.status).toBe(400);
    expect(invalid.headers).toContainEqual(type);
  });

  it('a subgraph that is broken', async () => {
    const impostor = await replaceRoom(world, 'smdb');
    impostor.does(text('{"data":{"smdbForms":{"nodes":"secret"}}}'));
    try {
      const { text: told } = await bothWays('smdb-leader', {
        query: '{ compartments { id } smdbForms { nodes { id } } }',
      });
      expect(told).toContain('INTERNAL');
      expect(told).not.toContain('secret');
    } finally {
      await impostor.close();
    }
  });
});

describe('what the pipeline alone may judge goes through it each time', () => {
  it('a text that it refused', async () => {
    expect((await bothWays('records-officer', { query: '{ viewer { nothing } }' }, { direct: false })).status).toBe(
      400,
    );
  });

  it.each([
    ['variables that are no object', { query: citizen, variables: 'x' }],
    ['variables that are a list', { query: citizen, variables: [] }],
    ['extensions that are no object', { query: citizen, variables, extensions: 'x' }],
    ['a name that is no text', { query: citizen, variables, operationName: 7 }],
  ])('%s: refused before either way, also with a text that is known', async (_what, request) => {
    await raw(world, 'records-officer', JSON.stringify({ query: citizen, variables }));
    const before = { ...world.gateway.pipeline.ways };
    const answer = await raw(world, 'records-officer', JSON.stringify(request));
    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([400, 'MALFORMED_REQUEST']);
    expect(world.gateway.pipeline.ways).toEqual(before);
  });

  it('nobody gets past who would not get in: introspection of a text that an administrator made known', async () => {
    const query = unheard('{ __schema { queryType { name } } }');
    for (const _ of [1, 2]) expect((await raw(world, 'administrator', JSON.stringify({ query }))).status).toBe(200);
    const { direct } = world.gateway.pipeline.ways;
    const refused = await raw(world, 'records-officer', JSON.stringify({ query }));
    expect([refused.status, refused.body.errors[0].extensions.code]).toEqual([400, 'INTROSPECTION_NOT_ALLOWED']);
    expect(world.gateway.pipeline.ways.direct).toBe(direct);
  });
});
