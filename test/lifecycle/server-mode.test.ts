import { execFileSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { demoPeople, systemClientId } from '../../subgraphs/demo/identity.js';
import { makeDemo } from '../../subgraphs/demo/index.js';
import { seed } from '../../subgraphs/demo/seed.js';
import { makeAssertion } from '../../subgraphs/protocol/client-assertion.js';
import { viewerSigner } from '../../subgraphs/protocol/viewer.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { endAll, isAlive, type RunningSluse, type Started, start, startSluse, until } from '../support/processes.js';

/** As docs/operations.md says under "Server mode", with a database of the test run's server and ports of the system's choice. */
let database: TestDatabase;
let sluse: RunningSluse;
let keys: Record<string, string>;
let gatewaySettings: Record<string, string>;
const rooms = new Map<string, Started>();
const origins = new Map<string, string>();
const publicUrl = 'https://sluse.example';

const startRoom = async (name: string, port = '0', more: Record<string, string> = {}) => {
  const room = start('subgraphs/main.js', {
    SLUSE_ROOM: name,
    DATABASE_URL: database.url,
    SLUSE_SECRET: keys.SLUSE_SECRET!,
    SLUSE_VIEWER_PUBLIC_KEY: keys.SLUSE_VIEWER_PUBLIC_KEY!,
    ...(name === 'audit' && { SLUSE_LOG_KEY: keys.SLUSE_LOG_KEY! }),
    ...more,
    SLUSE_LOG_LEVEL: 'info',
    HOST: '127.0.0.1',
    PORT: port,
  });
  rooms.set(name, room);
  origins.set(name, (await room.says(/"url":"(http[^"]+)"/))[1]!);
};

beforeAll(async () => {
  database = await freshDatabase();
  const lines = execFileSync(process.execPath, ['dist/subgraphs/protocol/keys.js'], { encoding: 'utf8' });
  keys = Object.fromEntries(lines.split('\n').map((line) => line.split(/=(.*)/).slice(0, 2)));
  await Promise.all(['identity', 'smdb', 'audit'].map((name) => startRoom(name)));
  await startRoom('cases', '0', {
    SLUSE_IDENTITY_URL: origins.get('identity')!,
    SLUSE_AUDIT_URL: origins.get('audit')!,
    SLUSE_PUBLIC_URL: publicUrl,
  });
  await seed(database.url, { shielded: true }, makeDemo);
  gatewaySettings = {
    DATABASE_URL: 'postgres://the-gateway/opens-no-database',
    ...(process.env.REDIS_URL && { REDIS_URL: process.env.REDIS_URL }),
    SLUSE_SUBGRAPHS: [...origins].map(([name, origin]) => `${name}=${origin}`).join(),
    SLUSE_VIEWER_KEY: keys.SLUSE_VIEWER_KEY!,
    SLUSE_PUBLIC_URL: publicUrl,
  };
  sluse = await startSluse(gatewaySettings);
}, 60_000);
afterAll(async () => {
  await endAll();
  await database?.drop();
});

const caseSystem = systemClientId('case-system');

/** A session as the identity provider's end of the identity room would open it. */
async function sessionOf(key: string): Promise<string> {
  const person = demoPeople.find((one) => one.key === key)!;
  const signer = viewerSigner(createPrivateKey(Buffer.from(keys.SLUSE_VIEWER_KEY!, 'base64').toString()));
  const response = await fetch(`${origins.get('identity')}/internal/open-session`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await signer.signInternal('identity')}`,
    },
    body: JSON.stringify({ municipality: '0999', person: { kind: person.kind, id: person.id } }),
  });
  return ((await response.json()) as { token: string }).token;
}

const health = async (path: string) => {
  const response = await fetch(`${sluse.url}/health/${path}`);
  return [response.status, await response.json()];
};

describe('a gateway and four rooms as processes of their own', () => {
  it('answer one question across all rooms, and log it', async () => {
    const guide = await sessionOf('guidance-worker');
    const answer = await sluse.ask(guide, 'query Lookup { citizen(cpr: "0201609995") { name cases { totalCount } } }');
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { data: { citizen: { name: expect.any(String), cases: { totalCount: 1 } } } },
    ]);
    const logged = await database.sql(`SELECT FROM audit.entry_details WHERE operation_name = 'Lookup'`);
    expect(logged).toHaveLength(1);
  });

  it('serve a case system: a token from the gateway, good there and at a room that is called directly, and both are logged', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const registered = await sluse.ask(
      await sessionOf('administrator'),
      'mutation R($client: ID!, $jwks: JSON) { registerSystemClientKey(client: $client, jwks: $jwks) { keys { kid } } }',
      { client: caseSystem, jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'test' }] } },
    );
    expect(await registered.json()).toEqual({ data: { registerSystemClientKey: { keys: [{ kid: 'test' }] } } });
    const assertion = await makeAssertion(privateKey, {
      ...{ algorithm: 'EdDSA' as const, keyName: 'test', client: caseSystem, now: new Date() },
      audience: `${publicUrl}/oauth/token`,
    });
    const drawn = await fetch(`${sluse.url}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
      }),
    });
    const { access_token: token, scope } = (await drawn.json()) as Record<string, string>;
    expect([drawn.status, scope]).toEqual([200, 'case:read case:write citizen:match employee:read']);
    for (const [name, url] of [
      ['AtTheGateway', `${sluse.url}/graphql`],
      ['AtTheRoom', `${origins.get('cases')}/graphql`],
    ]) {
      const answer = await fetch(url!, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ query: `query ${name} { cases(first: 1) { nodes { title } } }` }),
      });
      expect([answer.status, await answer.json()]).toEqual([
        200,
        { data: { cases: { nodes: [{ title: expect.any(String) }] } } },
      ]);
      const [entry] = await database.sql(
        'SELECT actor_id AS actor, cardinality(cases) AS cases FROM audit.entry_details WHERE operation_name = $1',
        [name],
      );
      expect(entry).toEqual({ actor: caseSystem, cases: 1 });
    }
    const elsewhere = await fetch(`${origins.get('smdb')}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: '{"query":"{ __typename }"}',
    });
    expect(elsewhere.status).toBe(401);
  });

  it('know no demo sign-in, and say why', async () => {
    const response = await fetch(`${sluse.url}/demo/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"person":"guidance-worker"}',
    });
    expect([response.status, response.headers.getSetCookie(), await response.json()]).toEqual([
      403,
      [],
      {
        errors: [
          {
            message:
              'The demo sign-in exists in embedded mode only. DATABASE_URL is set, so this server holds real sessions; sign in through the identity provider.',
            extensions: { code: 'FORBIDDEN' },
          },
        ],
      },
    ]);
  });

  it('show the schema to administrators alone', async () => {
    const query = '{ __schema { queryType { name } } }';
    const denied = await sluse.ask(await sessionOf('guidance-worker'), query);
    expect([denied.status, await denied.json()]).toEqual([
      400,
      {
        errors: [
          {
            message: 'Only administrators may introspect the schema of this server.',
            extensions: { code: 'INTROSPECTION_NOT_ALLOWED' },
          },
        ],
      },
    ]);
    const shown = await sluse.ask(await sessionOf('administrator'), query);
    expect(await shown.json()).toEqual({ data: { __schema: { queryType: { name: 'Query' } } } });
  });

  it('are alive and ready; without the audit room nothing is ready, nothing answered, and all is well once it is back', async () => {
    expect(await health('ready')).toEqual([200, { status: 'ready' }]);
    const guide = await sessionOf('guidance-worker');
    const port = new URL(origins.get('audit')!).port;
    const down = rooms.get('audit')!;
    down.kill('SIGTERM');
    expect(await down.exit).toEqual({ code: 0, signal: null });

    // What was found holds for half a second.
    await until('it is told', async () => (await health('ready'))[0] === 503);
    expect(await health('ready')).toEqual([503, { status: 'not ready' }]);
    expect(await health('live')).toEqual([200, { status: 'live' }]);
    const withheld = await sluse.ask(guide, '{ citizen(cpr: "0201609995") { name } }');
    expect([withheld.status, await withheld.json()]).toEqual([
      503,
      {
        errors: [
          {
            message: 'The answer could not be logged, so it was withheld. Try again later.',
            extensions: { code: 'AUDIT_UNAVAILABLE' },
          },
        ],
      },
    ]);

    await startRoom('audit', port);
    await until('ready again', async () => (await health('ready'))[0] === 200);
    expect((await sluse.ask(guide, '{ citizen(cpr: "0201609995") { name } }')).status).toBe(200);
  });

  it('outlive a restart of the database: connections are lost, no process is', async () => {
    const guide = await sessionOf('guidance-worker');
    const ask = () =>
      sluse.ask(guide, '{ citizen(cpr: "0201609995") { name cases { totalCount } treatmentCourses { id } } }');
    const under = Array.from({ length: 20 }, () => ask().then((answer) => answer.status));
    for (let round = 0; round < 5; round += 1)
      await database.sql(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE starts_with(usename, '${database.name}_')`,
      );
    for (const status of await Promise.all(under)) expect([200, 503]).toContain(status);
    for (const [name, room] of rooms) expect([name, isAlive(room.pid)]).toEqual([name, true]);
    await until('answers again', async () => (await ask()).status === 200);
  });

  it('end on SIGTERM, each with 0', async () => {
    sluse.kill('SIGTERM');
    expect(await sluse.exit).toEqual({ code: 0, signal: null });
    for (const [name, room] of rooms) {
      room.kill('SIGTERM');
      expect([name, await room.exit]).toEqual([name, { code: 0, signal: null }]);
    }
  });
});
