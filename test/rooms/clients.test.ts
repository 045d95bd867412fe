/** Keys of system clients: who may register and withdraw them, and what is taken for a key. */
import { execFileSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { identity } from '../../subgraphs/identity/index.js';
import { makeAssertion } from '../../subgraphs/protocol/client-assertion.js';
import { faults } from '../../subgraphs/protocol/faults.js';
import { newKey } from '../support/client.js';
import { aViewer, openRoom, type RoomUnderTest } from '../support/room.js';

const client = '00000000-0000-4000-8000-0000000000c1';
const organisation = '00000000-0000-4000-8000-0000000000a1';
let ahead = 0;
let room: RoomUnderTest;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sluse-certificates-'));
  room = await openRoom(
    identity,
    async ({ sql }) => {
      await sql('INSERT INTO identity.organisation VALUES ($1, $2, $3, NULL, $4, $5, NULL)', [
        '0999',
        organisation,
        '33333333',
        'Sagsystem A/S',
        'VENDOR',
      ]);
      await sql('INSERT INTO identity.system_client VALUES ($1, $2, $3, $4, $5)', [
        '0999',
        client,
        'Sagsystem',
        organisation,
        ['case:read'],
      ]);
    },
    { now: () => new Date(Date.now() + ahead) },
  );
});
afterAll(async () => {
  await room.close();
  rmSync(directory, { recursive: true });
});

const administrator = aViewer({ right: 'ADMINISTRATOR', scopes: ['employee:read', 'admin'] });
const register = (over: Record<string, unknown>, viewer = administrator) =>
  room.ask(
    viewer,
    `mutation($client: ID!, $jwks: JSON, $certificate: String) {
       registerSystemClientKey(client: $client, jwks: $jwks, certificate: $certificate) { keys { id kid algorithms source validTo withdrawnAt } } }`,
    { client, ...over },
  );
const keys = async () => (await room.database.sql('SELECT FROM identity.system_client_key')).length;
async function expectRefused(
  answer: Promise<any>,
  code: keyof typeof faults,
  message: string | RegExp = faults[code].message,
) {
  const before = await keys();
  const { data, errors } = await answer;
  expect(errors).toHaveLength(1);
  expect([data?.registerSystemClientKey ?? null, errors[0].extensions.code]).toEqual([null, code]);
  expect(errors[0].message).toMatch(message);
  expect(await keys()).toBe(before);
}

describe('a key handed in as a JWK', () => {
  it('is registered, alone or in a set, named by its kid or by its thumbprint', async () => {
    const one = newKey('EdDSA', 'one');
    const { kid: _unnamed, ...two } = newKey('RS256').jwk;
    const alone = await register({ jwks: one.jwk });
    expect(alone.data.registerSystemClientKey.keys).toMatchObject([
      { kid: 'one', algorithms: ['EdDSA'], source: 'JWK', validTo: null },
    ]);
    const set = await register({ jwks: { keys: [two] } });
    expect(set.data.registerSystemClientKey.keys[1]).toMatchObject({
      kid: expect.stringMatching(/^[\w-]{43}$/),
      algorithms: ['PS256', 'RS256'],
    });
  });

  it('keeps nothing but what verifies', async () => {
    await register({ jwks: { ...newKey('ES256', 'chatty').jwk, note: 'x', use: 'sig', alg: 'ES256' } });
    const [row] = await room.database.sql<any>("SELECT jwk FROM identity.system_client_key WHERE kid = 'chatty'");
    expect(Object.keys(row.jwk).sort()).toEqual(['alg', 'crv', 'kty', 'x', 'y']);
  });

  it('is seen by the next change of the same request', async () => {
    const { data } = await room.ask(
      administrator,
      `mutation ($client: ID!, $one: JSON, $two: JSON) {
         one: registerSystemClientKey(client: $client, jwks: $one) { keys { kid } }
         two: registerSystemClientKey(client: $client, jwks: $two) { keys { kid } } }`,
      { client, one: newKey('EdDSA', 'of-one-request').jwk, two: newKey('EdDSA', 'of-the-same-request').jwk },
    );
    const kids = (registered: { keys: { kid: string }[] }) => registered.keys.map(({ kid }) => kid);
    expect(kids(data.one)).not.toContain('of-the-same-request');
    expect(kids(data.two)).toEqual(expect.arrayContaining(['of-one-request', 'of-the-same-request']));
  });

  const jwkOf = (type: string, options: object) =>
    (generateKeyPairSync(type as 'ed25519', options as never).publicKey as unknown as KeyObject).export({
      format: 'jwk',
    });
  it.each<[string, () => unknown]>([
    ['a private key', () => newKey('ES256').privateKey.export({ format: 'jwk' })],
    ['a shared secret', () => ({ kty: 'oct', k: 'AAAA' })],
    ['an RSA key of 1024 bits', () => jwkOf('rsa', { modulusLength: 1024 })],
    ['an RSA key that anybody could sign for', () => ({ ...newKey('RS256').jwk, e: 'AQ' })],
    ['a key on another curve', () => jwkOf('ec', { namedCurve: 'P-384' })],
    ['a key that does not sign', () => jwkOf('x25519', {})],
    ['a key for encryption', () => ({ ...newKey('RS256').jwk, use: 'enc' })],
    ['a key for an algorithm that it is not of', () => ({ ...newKey('ES256').jwk, alg: 'RS256' })],
    ['a key for an algorithm that is not taken', () => ({ ...newKey('RS256').jwk, alg: 'RS512' })],
    [
      'a point that is not on the curve',
      () => ({ ...newKey('ES256').jwk, y: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }),
    ],
    ['an empty set', () => ({ keys: [] })],
    ['eleven keys', () => ({ keys: Array.from({ length: 11 }, () => newKey('EdDSA').jwk) })],
    ['a name with a line break', () => ({ ...newKey('EdDSA').jwk, kid: 'a\nb' })],
    ['text', () => 'x'],
  ])('is refused as %s', async (_what, make) => {
    await expectRefused(register({ jwks: make() }), 'BAD_USER_INPUT', /^Argument "jwks": expected /);
  });

  it('is refused under a name that is taken, with all others of its set', async () => {
    await register({ jwks: newKey('EdDSA', 'taken').jwk });
    await expectRefused(
      register({ jwks: { keys: [newKey('EdDSA', 'new').jwk, newKey('EdDSA', 'taken').jwk] } }),
      'CONFLICT',
    );
  });
});

describe('a key handed in as a certificate', () => {
  const certificate = (subject: string, days = 30): string => {
    const out = join(directory, `${randomUUID()}.pem`);
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        '/dev/null',
        '-out',
        out,
        '-days',
        String(days),
        '-subj',
        subject,
        '-utf8',
      ],
      { stdio: 'ignore' },
    );
    return readFileSync(out, 'utf8');
  };
  const serial = `serialNumber=UI:DK-O:G:${randomUUID()}`;
  const good = () =>
    certificate(`/C=DK/organizationIdentifier=NTRDK-33333333/O=Sagsystem A\\/S/${serial}/CN=Sagsystem`);

  it('of the organisation that runs the client is registered, and ends with it', async () => {
    const pem = good();
    const answer = await register({ certificate: pem });
    const registered = answer.data.registerSystemClientKey.keys.at(-1);
    expect(registered).toMatchObject({ source: 'CERTIFICATE', algorithms: ['PS256', 'RS256'] });
    expect(Date.parse(registered.validTo) - Date.now()).toBeLessThan(31 * 86_400_000);
    const base64 = good().replace(/-----[^-]+-----|\s/g, '');
    expect((await register({ certificate: base64 })).errors).toBeUndefined();
  });

  it.each<[string, () => string, RegExp]>([
    [
      'of another organisation',
      () => certificate(`/organizationIdentifier=NTRDK-11111111/${serial}/CN=x`),
      /2\.5\.4\.97/,
    ],
    [
      'of an organisation whose number begins like it',
      () => certificate(`/organizationIdentifier=NTRDK-333333331/${serial}/CN=x`),
      /2\.5\.4\.97/,
    ],
    [
      'that names the organisation elsewhere',
      () => certificate(`/${serial}/CN=x, organizationIdentifier=NTRDK-33333333`),
      /2\.5\.4\.97/,
    ],
    [
      'that names two organisations',
      () => certificate(`/organizationIdentifier=NTRDK-33333333/organizationIdentifier=NTRDK-11111111/${serial}/CN=x`),
      /2\.5\.4\.97/,
    ],
    [
      'of an employee',
      () => certificate(`/organizationIdentifier=NTRDK-33333333/serialNumber=UI:DK-E:G:${randomUUID()}/CN=x`),
      /UI:DK-O:G/,
    ],
    ['without a serial number', () => certificate('/organizationIdentifier=NTRDK-33333333/CN=x'), /UI:DK-O:G/],
    ['that is none', () => 'garbage', /X\.509/],
  ])('%s is refused', async (_what, make, expected) => {
    await expectRefused(register({ certificate: make() }), 'BAD_USER_INPUT', expected);
  });

  it('signs in until its certificate ends', async () => {
    const [secret, out] = [join(directory, 'secret.pem'), join(directory, 'certificate.pem')];
    const subject = `/organizationIdentifier=NTRDK-33333333/serialNumber=UI:DK-O:G:${randomUUID()}/CN=x`;
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        secret,
        '-out',
        out,
        '-days',
        '30',
        '-subj',
        subject,
      ],
      { stdio: 'ignore' },
    );
    await register({ certificate: readFileSync(out, 'utf8') });
    const key = createPrivateKey(readFileSync(secret));
    const audience = 'https://sluse.example/oauth/token';
    const use = async () => {
      const now = new Date(Date.now() + ahead);
      const assertion = await makeAssertion(key, { algorithm: 'PS256', keyName: null, client, audience, now });
      return room.internal('use-assertion', { municipality: '0999', assertion, audiences: [audience] });
    };
    expect(await use()).toEqual({ client, key: expect.any(String), scopes: ['case:read'] });
    const { key: id } = await use();
    const resolve = () =>
      room.internal('resolve-client', {
        municipality: '0999',
        client,
        key: id,
        scopes: ['case:read'],
        id,
        issuedAt: 0,
        expiresAt: 300,
      });
    expect((await resolve()).viewer).toMatchObject({
      subject: { kind: 'SystemClient', id: client },
      scopes: ['case:read'],
    });
    ahead = 31 * 86_400_000;
    expect([await use(), await resolve()]).toEqual([{ refused: true }, { viewer: null }]);
    ahead = 0;
  });

  it('that has ended, or has not begun, is refused', async () => {
    const pem = good();
    for (const days of [31, -1]) {
      ahead = days * 86_400_000;
      await expectRefused(register({ certificate: pem }), 'BAD_USER_INPUT', /valid now/);
    }
    ahead = 0;
  });
});

describe('registering and withdrawing', () => {
  it('takes one of the two, for a client that there is', async () => {
    const { jwk } = newKey('EdDSA');
    await expectRefused(register({}), 'BAD_USER_INPUT', /either "jwks" or "certificate"/);
    await expectRefused(register({ jwks: jwk, certificate: 'x' }), 'BAD_USER_INPUT', /either "jwks" or "certificate"/);
    for (const unknown of [randomUUID(), 'x'])
      await expectRefused(register({ client: unknown, jwks: jwk }), 'NOT_FOUND');
  });

  it('is the database’s to refuse, to all but administrators of the municipality who are employees', async () => {
    const others = [
      aViewer({ scopes: ['employee:read'] }),
      aViewer({
        scopes: ['employee:read', 'admin'],
        subject: { kind: 'SystemClient', id: client },
        actor: { kind: 'SystemClient', id: client },
      }),
    ];
    for (const viewer of others) await expectRefused(register({ jwks: newKey('EdDSA').jwk }, viewer), 'INTERNAL');
    await expectRefused(
      register({ jwks: newKey('EdDSA').jwk }, aViewer({ ...administrator, municipality: '0101' })),
      'NOT_FOUND',
    );
  });

  it('once withdrawn a key stays so: withdrawing again changes nothing, and its name cannot be taken again', async () => {
    const key = newKey('EdDSA', 'short-lived');
    const registered = (await register({ jwks: key.jwk })).data.registerSystemClientKey.keys;
    const { id } = registered.find(({ kid }: { kid: string }) => kid === 'short-lived');
    const withdraw = () =>
      room.ask(administrator, `mutation { withdrawSystemClientKey(key: "${id}") { keys { id withdrawnAt } } }`);
    const withdrawnAt = async () =>
      (await withdraw()).data.withdrawSystemClientKey.keys.find((one: { id: string }) => one.id === id).withdrawnAt;
    const first = await withdrawnAt();
    expect(first).toEqual(expect.any(String));
    ahead = 60_000;
    expect(await withdrawnAt()).toBe(first);
    ahead = 0;
    await expectRefused(register({ jwks: key.jwk }), 'CONFLICT');
    const [row] = await room.database.sql<any>('SELECT withdrawn_by FROM identity.system_client_key WHERE id = $1', [
      id,
    ]);
    expect(row.withdrawn_by).toBe(administrator.actor.id);
    const unknown = await room.ask(
      administrator,
      `mutation { withdrawSystemClientKey(key: "${randomUUID()}") { id } }`,
    );
    expect(unknown.errors?.[0].extensions.code).toBe('NOT_FOUND');
  });

  it('is told as a change of the client’s access', async () => {
    const [before] = await room.database.sql<any>(
      'SELECT max(revision) AS n FROM identity.access_change WHERE person = $1',
      [client],
    );
    await register({ jwks: newKey('EdDSA').jwk });
    const [after] = await room.database.sql<any>(
      'SELECT max(revision) AS n FROM identity.access_change WHERE person = $1',
      [client],
    );
    expect(Number(after.n)).toBe(Number(before.n) + 1);
  });
});
