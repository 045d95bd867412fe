/** A case system of a vendor: an administrator registers its key, it draws a token, and works; at the gateway, and at a room itself. */

import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemClientId } from '../../subgraphs/demo/identity.js';
import { caseSystem, newKey, present, registered, tokenEndpoint } from '../support/client.js';
import { openWorld, type World } from '../support/world.js';

let world: World;
let directory: string;
beforeAll(async () => {
  world = await openWorld({ shielded: true, now: () => new Date(), trustedProxies: ['127.0.0.1'] });
  directory = await mkdtemp(join(tmpdir(), 'sluse-client-'));
});
afterAll(async () => {
  await world.close();
  await rm(directory, { recursive: true });
});

const ask = async (url: string, token: string, query: string, variables?: object) => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, 'x-purpose': 'nightly run' },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as any;
};

const key = newKey('ES256', 'case-system-2026');
let token: string;

describe('a case system', () => {
  it('is found by an administrator, who registers the public half of its key', async () => {
    const found = await world.ask('administrator', '{ systemClients { id name organisation { cvr } keys { id } } }');
    expect(found.body.data.systemClients).toEqual([
      { id: systemClientId('register-system'), name: 'Borgerregister', organisation: { cvr: '11111111' }, keys: [] },
      { id: caseSystem, name: expect.any(String), organisation: { cvr: '33333333' }, keys: [] },
    ]);
    const { body } = await registered(world, { keys: [key.jwk] });
    expect(body.data.registerSystemClientKey).toEqual({
      id: caseSystem,
      keys: [
        { id: expect.any(String), kid: 'case-system-2026', algorithms: ['ES256'], source: 'JWK', withdrawnAt: null },
      ],
    });
  });

  it.each([
    ['a JWK', () => JSON.stringify({ ...key.privateKey.export({ format: 'jwk' }), kid: key.kid })],
    ['PEM', () => key.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string],
  ])('draws a token with what `npx sluse assertion` prints for its key as %s', async (_form, write) => {
    const file = join(directory, 'key');
    await writeFile(file, write());
    const assertion = execFileSync(
      process.execPath,
      ['bin/sluse.mjs', 'assertion', '--key', file, '--client', caseSystem, '--audience', tokenEndpoint(world)],
      { encoding: 'utf8' },
    ).trim();
    const answer = await present(world, assertion);
    expect([answer.status, answer.body.token_type, answer.body.expires_in]).toEqual([200, 'Bearer', 300]);
    token = answer.body.access_token!;
  });

  it('enters a case at the gateway and finds it again at the cases room, as itself and within its own clearance', async () => {
    const me =
      '{ viewer { person { ... on SystemClient { id keys { kid } } } actingIn { code } clearance { level } session { expiresAt } } }';
    expect((await ask(`${world.url}/graphql`, token, me)).data.viewer).toEqual({
      person: { id: caseSystem, keys: [{ kid: 'case-system-2026' }] },
      actingIn: null,
      clearance: [{ level: 'DOCUMENTS' }],
      session: { expiresAt: null },
    });
    const [citizen] = await world.database.sql<{ id: string }>('SELECT id FROM identity.citizen ORDER BY id LIMIT 1');
    const input = {
      category: 'HOUSING_BENEFIT',
      kle: '32.03.12',
      title: 'From the case system',
      parties: [{ citizen: citizen!.id, role: 'PRIMARY' }],
    };
    const entered = await ask(
      `${world.url}/graphql`,
      token,
      'mutation($input: EnterCaseInput!) { enterCase(input: $input) { id } }',
      { input },
    );
    const { id } = entered.data.enterCase;
    const room = `${world.origins.get('cases')}/graphql`;
    const query = 'query($id: ID!) { case(id: $id) { title } }';
    expect(await ask(room, token, query, { id })).toEqual({ data: { case: { title: 'From the case system' } } });
    const [hidden] = await world.database.sql<{ id: string }>('SELECT id FROM cases.shielded_case LIMIT 1');
    for (const url of [room, `${world.url}/graphql`])
      expect(await ask(url, token, query, { id: hidden!.id })).toEqual({ data: { case: null } });
  });

  it('stands in the log as who it is, whichever door it took', async () => {
    const entries = await world.database.sql<any>(
      "SELECT actor_kind, actor_id, purpose, fields FROM audit.entry_details WHERE purpose = 'nightly run' AND 'Query.case' = ANY (fields)",
    );
    expect(entries).toHaveLength(3);
    for (const entry of entries) expect(entry).toMatchObject({ actor_kind: 'SystemClient', actor_id: caseSystem });
  });

  it('cannot sign out, switch rights or administer, and that changes nothing', async () => {
    const url = `${world.url}/graphql`;
    expect(
      (await ask(url, token, 'mutation { actIn(right: CASEWORKER) { __typename } }')).errors[0].extensions.code,
    ).toBe('FORBIDDEN');
    expect(await ask(url, token, 'mutation { signOut }')).toEqual({ data: { signOut: true } });
    const { errors } = await ask(
      url,
      token,
      `mutation { registerSystemClientKey(client: "${caseSystem}", jwks: {}) { id } }`,
    );
    expect(errors[0].extensions.code).toBe('FORBIDDEN_FIELD');
    expect((await ask(url, token, '{ viewer { __typename } }')).data.viewer).toEqual({ __typename: 'Viewer' });
  });
});
