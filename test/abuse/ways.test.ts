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

/** Weighs one kind of answer against another, which only Apollo's pipeline does. */
const throughApollo = { accept: 'application/json;q=0.9, */*;q=0.1' };

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

async function bothWays(person: string, request: object | string, direct = true): Promise<Way> {
  const body = typeof request === 'string' ? request : JSON.stringify(request);
  const { ways } = world.gateway.pipeline;
  const first = await went(person, body, {});
  const before = { ...ways };
  const again = await went(person, body, {});
  expect({ direct: ways.direct - before.direct, apollo: ways.apollo - before.apollo }).toEqual({
    direct: direct ? 1 : 0,
    apollo: direct ? 0 : 1,
  });
  const apollo = await went(person, body, throughApollo);
  expect(ways.apollo - before.apollo).toBe(direct ? 1 : 2);
  expect(again).toEqual(apollo);
  expect(first).toEqual(apollo);
  return again;
}

const citizen = `query Look($cpr: CPR!, $with: Boolean = true) { citizen(cpr: $cpr) { id name cases @include(if: $with) { totalCount nodes { id category clearance } } } }`;
const variables = { cpr: fixedCitizen };

describe('past the pipeline as through it', () => {
  it.each([
    ['an answer', 'manager', { query: citizen, variables }, 200],
    ['an answer to somebody with a seal', 'placement-secretary', { query: citizen, variables }, 200],
    ['a condition', 'manager', { query: citizen, variables: { ...variables, with: false } }, 200],
    [
      'one of two operations',
      'manager',
      { query: `${citizen} query Other { compartments { id } }`, operationName: 'Other' },
      200,
    ],
    [
      'a field that is denied by type',
      'manager',
      { query: '{ auditEntries { totalCount } compartments { id } }' },
      200,
    ],
    ['a row that is hidden', 'manager', { query: '{ case(id: "x") { id } }' }, 200],
    ['a variable that does not fit', 'manager', { query: citizen, variables: { cpr: '1' } }, 400],
    ['a variable that is missing', 'manager', { query: citizen }, 400],
    ['a malformed argument', 'manager', { query: '{ cases(first: 600) { totalCount } }' }, 400],
    [
      'an argument that only its field can judge',
      'manager',
      { query: '{ cases(filter: { kle: "27.2*.1" }) { totalCount } }' },
      400,
    ],
    ['a change that finds nothing', 'housing-caseworker', { query: 'mutation { deleteCase(id: "x") }' }, 200],
    ['the schema, asked by somebody who may', 'administrator', { query: '{ __schema { queryType { name } } }' }, 200],
    ['no variables', 'manager', { query: '{ viewer { actingIn { code } } }', variables: null }, 200],
    ['a key of the prototype', 'manager', { query: '{ __proto__: viewer { constructor: actingIn { code } } }' }, 200],
  ])('%s', async (_what, person, request, status) => {
    expect((await bothWays(person, request)).status).toBe(status);
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
  it.each([
    ['a text that it refused', { query: '{ viewer { nothing } }' }, 400],
    [
      'an extension of the request',
      { query: citizen, variables, extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } } },
      200,
    ],
    ['variables that are no object', { query: citizen, variables: 'x' }, 400],
  ])('%s', async (_what, request, status) => {
    expect((await bothWays('manager', request, false)).status).toBe(status);
  });

  it('nobody gets past who would not get in: introspection of a text that an administrator made known', async () => {
    const query = '{ __schema { queryType { name } } }';
    expect((await bothWays('administrator', { query })).status).toBe(200);
    const { direct } = world.gateway.pipeline.ways;
    const refused = await raw(world, 'manager', JSON.stringify({ query }));
    expect([refused.status, refused.body.errors[0].extensions.code]).toEqual([400, 'INTROSPECTION_NOT_ALLOWED']);
    expect(world.gateway.pipeline.ways.direct).toBe(direct);
  });

  it('a kind of answer that is negotiated', async () => {
    const body = JSON.stringify({ query: citizen, variables });
    const headers = { accept: 'application/graphql-response+json' };
    await went('manager', body, headers);
    const answer = await went('manager', body, headers);
    expect(answer.headers).toContainEqual(['content-type', 'application/graphql-response+json; charset=utf-8']);
  });
});
