/**
 * The clients that people use, as they come: each is answered, shows its user the code of a refusal, and goes on to the text where it first
 * sent a hash. No client is set up in a way of ours, but for where it asks and as whom.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, fetchExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import apollo3 from 'apollo-client-3/core/core.cjs';
import persisted3 from 'apollo-client-3/link/persisted-queries/persisted-queries.cjs';
import { buildSchema } from 'graphql';
import { ClientError, GraphQLClient } from 'graphql-request';
import { openWorld, type World } from '../support/world.js';

let world: World;
let url: string;
let authorization: string;
beforeAll(async () => {
  world = await openWorld({ shielded: true });
  url = `${world.url}/graphql`;
  authorization = `Bearer ${await world.tokenOf('manager')}`;
});
afterAll(() => world.close());

const question = '{ viewer { __typename actingIn { __typename code } } }';
const answer = { viewer: { __typename: 'Viewer', actingIn: { __typename: 'Right', code: 'MANAGER' } } };

/** What is refused at different places on the way of a request, and the code that its user is to see. */
const refusals: readonly (readonly [code: string, query: string, authorization?: string])[] = [
  ['UNAUTHENTICATED', question, `Bearer ${'x'.repeat(40)}`],
  ['ALIAS_LIMIT', `{ viewer { ${Array.from({ length: 31 }, (_, at) => `a${at}: __typename`).join(' ')} } }`],
  ['GRAPHQL_VALIDATION_FAILED', '{ viewer { nothing } }'],
  ['BAD_USER_INPUT', '{ citizen(cpr: "1") { id } }'],
  ['PAGE_LIMIT', '{ cases(first: 501) { totalCount } }'],
  ['FORBIDDEN_FIELD', '{ auditEntries { totalCount } }'],
];

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

interface Sent {
  readonly method: string;
  /** Whether the text went along. */
  readonly isText: boolean;
}

/** A `fetch` that keeps what was sent. */
function watched(): { fetch: typeof fetch; sent: Sent[] } {
  const sent: Sent[] = [];
  return {
    sent,
    fetch: (input, init) => {
      const body = typeof init?.body === 'string' ? (JSON.parse(init.body) as { query?: unknown }) : {};
      const isText = typeof body.query === 'string' || new URL(String(input)).searchParams.has('query');
      sent.push({ method: init?.method ?? 'GET', isText });
      return fetch(input, init);
    },
  };
}

describe('Apollo Client 4', () => {
  const client = (link: ApolloLink) => new ApolloClient({ link, cache: new InMemoryCache() });
  const http = (as = authorization, fetcher = fetch) =>
    new HttpLink({ uri: url, headers: { authorization: as }, fetch: fetcher });

  it('is answered', async () => {
    const { data } = await client(http()).query({ query: gql(question) });
    expect(data).toEqual(answer);
  });

  it.each(refusals)('shows %s', async (code, query, ...[as]) => {
    const error = await client(http(as))
      .query({ query: gql(query) })
      .catch((thrown: unknown) => thrown);
    expect(CombinedGraphQLErrors.is(error)).toBe(true);
    expect((error as CombinedGraphQLErrors).errors[0]!.extensions!.code).toBe(code);
  });

  it.each([
    ['POST', false],
    ['GET', true],
  ])('that sends a hash by %s sends the text, and no hash again', async (method, useGETForHashedQueries) => {
    const { fetch: fetcher, sent } = watched();
    const one = client(
      ApolloLink.from([new PersistedQueryLink({ sha256, useGETForHashedQueries }), http(undefined, fetcher)]),
    );
    expect((await one.query({ query: gql(question) })).data).toEqual(answer);
    expect(sent).toEqual([
      { method, isText: false },
      { method: 'POST', isText: true },
    ]);
    await one.query({ query: gql('{ viewer { actor { __typename } } }') });
    expect(sent.slice(2)).toEqual([{ method: 'POST', isText: true }]);
  });
});

describe('Apollo Client 3', () => {
  const client = (link: InstanceType<typeof apollo3.ApolloLink>) =>
    new apollo3.ApolloClient({ link, cache: new apollo3.InMemoryCache() });
  const http = (as = authorization, fetcher = fetch) =>
    new apollo3.HttpLink({ uri: url, headers: { authorization: as }, fetch: fetcher });

  it('is answered', async () => {
    expect((await client(http()).query({ query: apollo3.gql(question) })).data).toEqual(answer);
  });

  it.each(refusals)('shows %s', async (code, query, ...[as]) => {
    const error = (await client(http(as))
      .query({ query: apollo3.gql(query) })
      .catch((thrown: unknown) => thrown)) as any;
    const errors = error.graphQLErrors.length > 0 ? error.graphQLErrors : error.networkError.result.errors;
    expect(errors[0].extensions.code).toBe(code);
  });

  it.each([
    ['POST', false],
    ['GET', true],
  ])('that sends a hash by %s sends the text', async (method, useGETForHashedQueries) => {
    const { fetch: fetcher, sent } = watched();
    const persisted = persisted3.createPersistedQueryLink({ sha256, useGETForHashedQueries });
    const one = client(apollo3.ApolloLink.from([persisted, http(undefined, fetcher)]));
    expect((await one.query({ query: apollo3.gql(question) })).data).toEqual(answer);
    expect(sent).toEqual([
      { method, isText: false },
      { method: 'POST', isText: true },
    ]);
  });
});

describe('urql', () => {
  const client = (as = authorization, more: Partial<ConstructorParameters<typeof Client>[0]> = {}) =>
    new Client({
      url,
      exchanges: [fetchExchange],
      fetchOptions: { headers: { authorization: as } },
      preferGetMethod: false,
      ...more,
    });

  it('is answered', async () => {
    expect((await client().query(question, {})).data).toEqual(answer);
  });

  it.each(refusals)('shows %s', async (code, query, ...[as]) => {
    const { error } = await client(as).query(query, {});
    expect(error?.graphQLErrors[0]?.extensions.code).toBe(code);
  });

  it('that sends a hash sends the text', async () => {
    const { fetch: fetcher, sent } = watched();
    const persisted = persistedExchange({ preferGetForPersistedQueries: false });
    const one = client(undefined, { exchanges: [persisted, fetchExchange], fetch: fetcher });
    expect((await one.query(question, {})).data).toEqual(answer);
    expect(sent).toEqual([
      { method: 'POST', isText: false },
      { method: 'POST', isText: true },
    ]);
  });

  it('that would go on by GET is told to use POST', async () => {
    const one = client(undefined, { exchanges: [persistedExchange(), fetchExchange] });
    const { error } = await one.query(question, {});
    expect(error?.graphQLErrors[0]?.message).toBe('Use POST with `Content-Type: application/json`.');
  });
});

describe('graphql-request', () => {
  const client = (as = authorization) => new GraphQLClient(url, { headers: { authorization: as } });

  it('is answered', async () => {
    expect(await client().request(question)).toEqual(answer);
  });

  it.each(refusals)('shows %s', async (code, query, ...[as]) => {
    const error = await client(as)
      .request(query)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ClientError);
    expect((error as ClientError).response.errors?.[0]?.extensions?.code).toBe(code);
  });
});

it('graphql-codegen reads the schema from the address', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluse-codegen-'));
  try {
    const target = join(folder, 'schema.graphql');
    const config = join(folder, 'codegen.json');
    await writeFile(
      config,
      JSON.stringify({
        schema: [{ [url]: { headers: { authorization } } }],
        generates: { [target]: { plugins: ['schema-ast'] } },
      }),
    );
    const codegen = 'node_modules/@graphql-codegen/cli/esm/bin.js';
    await promisify(execFile)(process.execPath, [codegen, '--config', config], { timeout: 160_000 });
    const schema = buildSchema(await readFile(target, 'utf8'));
    expect(schema.getType('Case')).toBeDefined();
    expect(schema.getQueryType()!.getFields().viewer).toBeDefined();
  } finally {
    await rm(folder, { recursive: true });
  }
}, 180_000);
