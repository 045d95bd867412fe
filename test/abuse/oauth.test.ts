/**
 * Session and token, of case systems: client assertions at the token endpoint, and access tokens wherever they are shown. Each is built
 * with real keys, and is right but for what its name says.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { accessVerifier, signAccess } from '../../subgraphs/edge/access-token.js';
import { faultBody } from '../../subgraphs/protocol/faults.js';
import { roomTokens } from '../../subgraphs/protocol/internal.js';
import { publicJwks } from '../../subgraphs/protocol/public-keys.js';
import { viewerSigner, viewerVerifier } from '../../subgraphs/protocol/viewer.js';
import {
  caseSystem,
  claimsFor,
  drawToken,
  hmacSigned,
  newKey,
  part,
  postToken,
  present,
  registered,
  signed,
  type TokenAnswer,
  tokenEndpoint,
} from '../support/client.js';
import { testSecret } from '../support/database.js';
import { aViewer } from '../support/room.js';
import { openWorld, type World } from '../support/world.js';
import { ledgerText, median } from './attack.js';

let world: World;
let ahead = 0; // milliseconds by which the clock of gateway and rooms was turned
const now = () => new Date(Date.now() + ahead);
const seconds = () => Math.floor(now().getTime() / 1000);

const keys = { ES256: newKey('ES256'), EdDSA: newKey('EdDSA'), RSA: newKey('RS256') };
const stranger = { ES256: newKey('ES256'), RSA: newKey('RS256') };
const right = { alg: 'ES256', typ: 'JWT', kid: keys.ES256.kid };

beforeAll(async () => {
  world = await openWorld({ shielded: true, now, trustedProxies: ['127.0.0.1'] });
  const { text } = await registered(world, { keys: [keys.ES256.jwk, keys.EdDSA.jwk, keys.RSA.jwk] });
  expect(JSON.parse(text).data.registerSystemClientKey.keys).toHaveLength(3);
});
afterAll(() => world.close());

const claims = (over: Record<string, unknown> = {}) => ({ ...claimsFor(world, now()), ...over });
const assertion = (header: Record<string, unknown> = {}, over: Record<string, unknown> = {}) =>
  signed(keys.ES256.privateKey, 'ES256', { ...right, ...header }, claims(over));
const neutral = 'The client could not be authenticated.';

function expectRefused({ status, body, headers }: TokenAnswer, description: string | RegExp = neutral) {
  expect([status, body.error, headers.get('cache-control')]).toEqual([401, 'invalid_client', 'no-store']);
  expect(body.error_description).toMatch(
    typeof description === 'string' ? new RegExp(`^${description}$`) : description,
  );
  expect(Object.keys(body).sort()).toEqual(['error', 'error_description']);
}

describe('the right assertion', () => {
  it.each([
    ['ES256', keys.ES256],
    ['EdDSA', keys.EdDSA],
    ['PS256', keys.RSA],
    ['RS256', keys.RSA],
  ] as const)('by %s draws a token, so that the refusals below mean something', async (alg, key) => {
    for (const kid of [key.kid, undefined]) {
      const answer = await present(world, signed(key.privateKey, alg, { alg, kid }, claims()));
      expect(answer).toMatchObject({
        status: 200,
        body: { token_type: 'Bearer', expires_in: 300, scope: 'case:read case:write citizen:match employee:read' },
      });
      expect(answer.headers.get('cache-control')).toBe('no-store');
      const [header, body] = answer.body
        .access_token!.split('.')
        .map((text) => Buffer.from(text, 'base64url').toString());
      expect(JSON.parse(header!)).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: expect.any(String) });
      const { iat, exp, ...said } = JSON.parse(body!);
      expect(exp - iat).toBe(300);
      expect(said).toEqual({
        iss: world.url,
        aud: 'sluse',
        sub: caseSystem,
        client_id: caseSystem,
        client_key: expect.any(String),
        municipality: '0999',
        scope: 'case:read case:write citizen:match employee:read',
        jti: expect.any(String),
      });
    }
  });

  it('may be for the issuer instead of the endpoint', async () => {
    expect((await present(world, assertion({}, { aud: world.url }))).status).toBe(200);
  });

  it('may be for a list of these', async () => {
    const [issuer, endpoint] = [world.url, tokenEndpoint(world)];
    for (const aud of [[endpoint], [issuer], [issuer, endpoint], [endpoint, issuer], [endpoint, endpoint]])
      expect((await present(world, assertion({}, { aud }))).status).toBe(200);
  });

  it.each(['JWT', 'jwt', 'Jwt', 'application/jwt', 'APPLICATION/JWT', 'client-authentication+jwt'])(
    'may say that its type is %s',
    async (typ) => {
      expect((await present(world, assertion({ typ }))).status).toBe(200);
    },
  );

  it('may come from a clock that is a quarter of a minute slow or fast', async () => {
    for (const off of [-15, 15]) {
      const at = seconds() + off;
      for (const life of [10, 300])
        expect((await present(world, assertion({}, { iat: at, nbf: at, exp: at + life }))).status).toBe(200);
    }
  });

  it('is asked for narrower scopes, and gets these', async () => {
    const answer = await present(world, assertion(), { scope: 'case:read' });
    expect([answer.status, answer.body.scope]).toEqual([200, 'case:read']);
  });

  it('is signed by a key that the published one verifies', async () => {
    const token = await drawToken(world, keys.ES256, now());
    const kid = JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()).kid;
    const jwks = (await (await fetch(`${world.url}/.well-known/jwks.json`)).json()) as { keys: object[] };
    expect(jwks.keys).toEqual([{ kty: 'OKP', crv: 'Ed25519', x: expect.any(String), kid, alg: 'EdDSA', use: 'sig' }]);
  });
});

describe('an assertion is refused', () => {
  const publicPem = keys.RSA.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const big = 'A'.repeat(1024 * 1024);
  const expected = (text: string) => new RegExp(`^client_assertion: expected ${text}`);
  const algs = expected('alg to be ES256, EdDSA, PS256, RS256\\.$');
  const rows: [string, () => string, (string | RegExp)?][] = [
    ...['none', 'None', 'NONE', 'nOnE', ''].flatMap((alg): [string, () => string, RegExp][] => [
      [
        `not signed, algorithm "${alg}"`,
        () => `${part({ ...right, alg })}.${part(claims())}.`,
        expected('a signed JWT'),
      ],
      [`algorithm "${alg}", with a signature`, () => assertion({ alg }), algs],
    ]),
    ['without an algorithm', () => assertion({ alg: undefined }), algs],
    [
      'by HS256 with the public key as its secret',
      () => hmacSigned(publicPem, { alg: 'HS256', kid: keys.RSA.kid }, claims()),
      algs,
    ],
    ['signed by HS256 and called RS256', () => hmacSigned(publicPem, { alg: 'RS256', kid: keys.RSA.kid }, claims())],
    [
      'by an RSA key called ES256',
      () => signed(keys.RSA.privateKey, 'RS256', { alg: 'ES256', kid: keys.RSA.kid }, claims()),
    ],
    ['by RS384', () => assertion({ alg: 'RS384' }), algs],
    ['by a key that nobody registered', () => signed(stranger.ES256.privateKey, 'ES256', { alg: 'ES256' }, claims())],
    ['by another key under a registered name', () => signed(stranger.ES256.privateKey, 'ES256', right, claims())],
    [
      'with a key that it brings along',
      () => signed(stranger.ES256.privateKey, 'ES256', { alg: 'ES256', jwk: stranger.ES256.jwk }, claims()),
      expected('no jwk'),
    ],
    [
      'with a key to be fetched (jku)',
      () => assertion({ jku: `${world.url}/.well-known/jwks.json` }),
      expected('no jku'),
    ],
    ['with a certificate to be fetched (x5u)', () => assertion({ x5u: 'http://127.0.0.1:1/' }), expected('no x5u')],
    ['with a certificate that it brings along (x5c)', () => assertion({ x5c: ['MIIB'] }), expected('no x5c')],
    ['with a key named by a path', () => assertion({ kid: '../../../../dev/null' })],
    ['with a key named in SQL', () => assertion({ kid: "' OR true --" })],
    ['with a key that is unknown', () => assertion({ kid: randomUUID() })],
    ['with the name of another of its keys', () => assertion({ kid: keys.EdDSA.kid })],
    ['with a key named by a number', () => assertion({ kid: 1 }), expected('kid to be text')],
    ['with an unknown critical extension', () => assertion({ crit: ['sudo'], sudo: true }), expected('no crit')],
    ['with its payload declared to be raw', () => assertion({ b64: false, crit: ['b64'] }), expected('no crit')],
    [
      'encrypted and not signed',
      () => `${part({ alg: 'dir', enc: 'A256GCM' })}..${part('iv')}.${part('text')}.${part('tag')}`,
      expected('a signed JWT'),
    ],
    ['of another type', () => assertion({ typ: 'at+jwt' }), expected('typ to be JWT, or none')],
    ['of another media type', () => assertion({ typ: 'text/jwt' }), expected('typ to be JWT, or none')],
    ['of a type that is no text', () => assertion({ typ: ['JWT'] }), expected('typ to be JWT, or none')],
    [
      'whose audience is a list, ours in it',
      () => assertion({}, { aud: [tokenEndpoint(world), 'https://other.example'] }),
      expected('aud to be'),
    ],
    [
      'whose audience is a list with none of ours',
      () => assertion({}, { aud: ['https://other.example'] }),
      expected('aud to be'),
    ],
    ['whose audience is a list of nobody', () => assertion({}, { aud: [] }), expected('aud to be')],
    [
      'whose audience is a list with what is no text',
      () => assertion({}, { aud: [tokenEndpoint(world), null] }),
      expected('aud to be'),
    ],
    [
      'whose audience is a list in a list',
      () => assertion({}, { aud: [[tokenEndpoint(world)]] }),
      expected('aud to be'),
    ],
    ['whose audience is a name', () => assertion({}, { aud: { [tokenEndpoint(world)]: 1 } }), expected('aud to be')],
    [
      'whose audience in a list begins like ours',
      () => assertion({}, { aud: [`${tokenEndpoint(world)}/x`] }),
      expected('aud to be'),
    ],
    [
      'whose audience begins like ours',
      () => assertion({}, { aud: `${tokenEndpoint(world)}/x` }),
      expected('aud to be'),
    ],
    [
      'whose audience is the beginning of ours',
      () => assertion({}, { aud: world.url.slice(0, -1) }),
      expected('aud to be'),
    ],
    ['for another audience', () => assertion({}, { aud: 'https://other.example/oauth/token' }), expected('aud to be')],
    ['for no audience', () => assertion({}, { aud: undefined }), expected('aud to be')],
    ['of another issuer than subject', () => assertion({}, { iss: randomUUID() }), expected('iss and sub')],
    ['without a subject', () => assertion({}, { sub: undefined, iss: undefined }), expected('iss and sub')],
    [
      'of an unknown client',
      () => assertion({}, { sub: '00000000-0000-4000-8000-000000000000', iss: '00000000-0000-4000-8000-000000000000' }),
    ],
    ['that never ends', () => assertion({}, { exp: undefined }), expected('exp to be in the future')],
    ['that ended half a minute ago', () => assertion({}, { exp: seconds() - 31 }), expected('exp to be in the future')],
    [
      'that ends in more than five minutes and a half',
      () => assertion({}, { exp: seconds() + 360 }),
      expected('exp to be in the future, by 300'),
    ],
    ['whose end is a fraction', () => assertion({}, { exp: seconds() + 30.5 }), expected('exp to be whole seconds')],
    ['whose end is before the epoch', () => assertion({}, { exp: -1 }), expected('exp to be whole seconds')],
    ['whose end is a text', () => assertion({}, { exp: `${seconds() + 60}` }), expected('exp to be whole seconds')],
    [
      'whose end is beyond all numbers',
      () => signed(keys.ES256.privateKey, 'ES256', right, JSON.stringify(claims()).replace(/"exp":\d+/, '"exp":1e400')),
      expected('exp to be whole seconds'),
    ],
    ['not yet in force', () => assertion({}, { nbf: seconds() + 60 }), expected('nbf to be in the past')],
    ['issued in the future', () => assertion({}, { iat: seconds() + 50 }), expected('iat to be in the past')],
    ['issued six minutes ago', () => assertion({}, { iat: seconds() - 360 }), expected('iat to be in the past')],
    ['issued an hour ago', () => assertion({}, { iat: seconds() - 3600 }), expected('iat to be in the past')],
    ['without an id', () => assertion({}, { jti: undefined }), expected('jti to be text')],
    ['with an empty id', () => assertion({}, { jti: '' }), expected('jti to be text')],
    ['with an id that no database keeps', () => assertion({}, { jti: 'a\0b' }), expected('jti to be text')],
    ['with an id without end', () => assertion({}, { jti: 'x'.repeat(201) }), expected('jti to be text')],
    [
      'with one claim twice',
      () =>
        signed(keys.ES256.privateKey, 'ES256', right, JSON.stringify(claims()).replace('{', `{"sub":"${caseSystem}",`)),
      expected('a JSON object with each name once in the claims'),
    ],
    [
      'with one claim twice, once in disguise',
      () => signed(keys.ES256.privateKey, 'ES256', right, JSON.stringify(claims()).replace('{', '{"s\\u0075b":"x",')),
      expected('a JSON object with each name once in the claims'),
    ],
    [
      'with one member of its header twice',
      () => signed(keys.ES256.privateKey, 'ES256', JSON.stringify(right).replace('{', '{"alg":"none",'), claims()),
      expected('a JSON object with each name once in the header'),
    ],
    [
      'with claims that are a list',
      () => signed(keys.ES256.privateKey, 'ES256', right, [claims()]),
      expected('a JSON object'),
    ],
    [
      'with a reach for the prototype',
      () =>
        signed(
          keys.ES256.privateKey,
          'ES256',
          right,
          JSON.stringify(claims()).replace('{', '{"__proto__":{"sub":"x"},'),
        ),
      expected('a JSON object'),
    ],
    [
      'with its claims changed after it was signed',
      () => assertion().replace(/\.[^.]+\./, `.${part(claims({ iat: seconds() - 1 }))}.`),
    ],
    ['with its signature cut off', () => assertion().replace(/[^.]+$/, ''), expected('a signed JWT')],
    [
      'with a signature of zeros (CVE-2022-21449)',
      () => assertion().replace(/[^.]+$/, Buffer.alloc(64).toString('base64url')),
    ],
    ['that is an access token', () => 'eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.e30.AA', expected('typ to be JWT')],
    [
      'of 9 kB',
      () => `${assertion().split('.').slice(0, 2).join('.')}.${big.slice(0, 9_000)}`,
      expected('at most 8192 characters'),
    ],
    ['that is none', () => 'garbage', expected('a signed JWT')],
    ['of dots', () => '..', expected('a signed JWT')],
  ];
  // Jest takes a third parameter that a row does not have for its own `done`.
  it.each(rows.map(([what, make, description]) => [what, { make, description }] as const))(
    '%s',
    async (_what, { make, description }) => {
      expectRefused(await present(world, make()), description);
    },
  );

  it('of 1 MB, as a body that is too large', async () => {
    const answer = await present(world, big);
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
  });

  it('the second time', async () => {
    const used = assertion();
    expect((await present(world, used)).status).toBe(200);
    expectRefused(await present(world, used));
    expectRefused(
      await present(
        world,
        assertion({}, { jti: JSON.parse(Buffer.from(used.split('.')[1]!, 'base64url').toString()).jti }),
      ),
    );
  });

  it('that was used before, for as long as a slow clock would let it in', async () => {
    const used = assertion({}, { exp: seconds() + 10 });
    expect((await present(world, used)).status).toBe(200);
    const before = ahead;
    ahead += 25_000;
    try {
      // What is forgotten is forgotten when the next one comes.
      expect((await present(world, assertion())).status).toBe(200);
      expectRefused(await present(world, used));
    } finally {
      ahead = before;
    }
  });

  it('of twenty that come at once all but one', async () => {
    const used = assertion();
    const answers = await Promise.all(Array.from({ length: 20 }, () => present(world, used)));
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused).toHaveLength(19);
    for (const answer of refused) expectRefused(answer);
  });

  it('once it has ended, though nobody used it', async () => {
    const late = assertion();
    // A minute, and the half of one that clocks may differ.
    ahead += 91_000;
    expectRefused(await present(world, late), expected('exp to be in the future'));
  });

  it('and a used one is forgotten only when it could not be used any more', async () => {
    await present(world, assertion());
    const count = async () => (await world.database.sql('SELECT FROM identity.used_assertion')).length;
    expect(await count()).toBeGreaterThan(1);
    ahead += 11 * 60_000;
    expect((await present(world, assertion())).status).toBe(200);
    expect(await count()).toBe(1);
  });

  it('in the same words, and no slower, for a client that is unknown', async () => {
    const unknown = randomUUID();
    const time = async (make: () => string) => {
      const start = performance.now();
      expectRefused(await present(world, make()));
      return performance.now() - start;
    };
    const wrong: number[] = [];
    const none: number[] = [];
    for (let turn = 0; turn < 60; turn += 1) {
      wrong.push(await time(() => signed(stranger.ES256.privateKey, 'ES256', right, claims())));
      none.push(
        await time(() => signed(stranger.ES256.privateKey, 'ES256', right, claims({ sub: unknown, iss: unknown }))),
      );
    }
    // In pairs: what else the machine does meets both of a pair.
    const differences = wrong.map((one, turn) => one - none[turn]!).sort((one, other) => one - other);
    expect(Math.abs(differences[30]!)).toBeLessThan(median(none) / 2);
  });

  it('and is in the log, with nothing of what it was', async () => {
    const before = (await world.database.sql('SELECT FROM audit.entry_details')).length;
    const secret = `secret-${randomUUID()}`;
    // From an address of its own: repeated refusals of one source are counted.
    expectRefused(await present(world, assertion({ kid: secret }), {}, { 'x-forwarded-for': '192.0.2.99' }));
    const entries = await world.database.sql<any>(
      'SELECT * FROM audit.entry_details ORDER BY at DESC, seq DESC LIMIT 1',
    );
    expect((await world.database.sql('SELECT FROM audit.entry_details')).length).toBe(before + 1);
    expect(entries[0]).toMatchObject({
      outcome: 'DENIED',
      faults: ['UNAUTHENTICATED'],
      operation_name: 'POST /oauth/token',
    });
    expect(await ledgerText(world)).not.toContain(secret);
  });
});

describe('failing', () => {
  const from = (workstation: string) => ({ 'x-forwarded-for': workstation });
  const refusedAlike = { error: 'invalid_client', error_description: 'The client could not be authenticated.' };
  const elsewhere = () => signed(newKey('ES256').privateKey, 'ES256', { alg: 'ES256' }, claimsFor(world, now()));
  const unknown = () => {
    const somebody = randomUUID();
    return signed(
      newKey('ES256').privateKey,
      'ES256',
      { alg: 'ES256' },
      { ...claimsFor(world, now()), iss: somebody, sub: somebody },
    );
  };

  it.each([
    ['clients that nobody knows', unknown],
    ['a wrong key of the client itself', elsewhere],
  ])(
    'by %s is refused each time, and the good client that sits behind the same address draws its token',
    async (_what, wrong) => {
      const answers = await Promise.all(
        Array.from({ length: 12 }, () => present(world, wrong(), {}, from('192.0.2.66'))),
      );
      for (const { status, body } of answers) expect([status, body]).toEqual([401, refusedAlike]);
      expect((await present(world, assertion(), {}, from('192.0.2.66'))).status).toBe(200);
      expect((await present(world, assertion(), {}, from('192.0.2.67'))).status).toBe(200);
    },
  );

  it('with an assertion that was used before keeps nobody out either', async () => {
    const used = assertion();
    expect((await present(world, used, {}, from('192.0.2.68'))).status).toBe(200);
    for (let n = 0; n < 4; n += 1) expect((await present(world, used, {}, from('192.0.2.68'))).status).toBe(401);
    expect((await present(world, assertion(), {}, from('192.0.2.68'))).status).toBe(200);
  });

  it('leaves nothing behind that grows with the names that strangers think of', async () => {
    expect(await world.database.sql('SELECT FROM identity.access_attempt')).toEqual([]);
    expect(await world.database.sql('SELECT FROM identity.access_block')).toEqual([]);
  });
});

describe('the token endpoint', () => {
  const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
  const form = (over: Record<string, string | undefined>) =>
    Object.fromEntries(
      Object.entries({
        grant_type: 'client_credentials',
        client_assertion_type: type,
        client_assertion: assertion(),
        ...over,
      }).filter((pair): pair is [string, string] => pair[1] !== undefined),
    );
  it.each<[string, Record<string, string | undefined>, number, string]>([
    ['without a grant type', { grant_type: undefined }, 400, 'invalid_request'],
    ['with an empty grant type', { grant_type: '' }, 400, 'invalid_request'],
    ['with another grant type', { grant_type: 'password' }, 400, 'unsupported_grant_type'],
    [
      'with another kind of assertion',
      { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' },
      401,
      'invalid_client',
    ],
    ['without an assertion', { client_assertion: undefined }, 401, 'invalid_client'],
    ['with a secret beside it', { client_secret: 'x' }, 401, 'invalid_client'],
    ['in the name of another client', { client_id: '00000000-0000-4000-8000-000000000000' }, 401, 'invalid_client'],
    ['for a scope that the client may not use', { scope: 'case:read admin' }, 400, 'invalid_scope'],
    ['for scopes with two spaces between', { scope: 'case:read  case:write' }, 400, 'invalid_scope'],
    ['for a scope in other letters', { scope: 'CASE:READ' }, 400, 'invalid_scope'],
  ])('refuses a request %s', async (_what, over, status, error) => {
    const answer = await postToken(world, form(over));
    expect([answer.status, answer.body.error, answer.body.access_token]).toEqual([status, error, undefined]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('refuses a parameter that is given twice, JSON, a GET, and Basic authentication', async () => {
    const twice = await postToken(world, `${new URLSearchParams(form({}))}&grant_type=client_credentials`);
    expect([twice.status, twice.body.error]).toEqual([400, 'invalid_request']);
    const json = await postToken(world, JSON.stringify(form({})), { 'content-type': 'application/json' });
    expect([json.status, json.body.error]).toEqual([400, 'invalid_request']);
    expect((await fetch(`${tokenEndpoint(world)}?${new URLSearchParams(form({}))}`)).status).toBe(404);
    const basic = await postToken(world, form({}), { authorization: 'Basic eDp4' });
    expect([basic.status, basic.body.error, basic.headers.get('www-authenticate')]).toEqual([
      401,
      'invalid_client',
      'private_key_jwt',
    ]);
  });

  it('says where it is (RFC 8414)', async () => {
    const metadata = await (await fetch(`${world.url}/.well-known/oauth-authorization-server`)).json();
    expect(metadata).toMatchObject({
      issuer: world.url,
      token_endpoint: tokenEndpoint(world),
      jwks_uri: `${world.url}/.well-known/jwks.json`,
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
    });
  });
});

describe.each(['gateway', 'cases'] as const)('an access token shown to the %s', (place) => {
  const shut = { status: 401, body: faultBody('UNAUTHENTICATED') };
  const show = async (token: string, headers: Record<string, string> = {}) => {
    const origin = place === 'gateway' ? world.url : world.origins.get(place)!;
    const response = await fetch(`${origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
      body: '{"query":"{ cases(first: 1) { totalCount } }"}',
    });
    return { status: response.status, body: (await response.json()) as any };
  };
  let drawn: { header: Record<string, unknown>; claims: Record<string, unknown>; token: string };
  beforeAll(async () => {
    const token = await drawToken(world, keys.ES256, now());
    const [header, body] = token.split('.').map((text) => Buffer.from(text, 'base64url').toString());
    drawn = { token, header: JSON.parse(header!), claims: JSON.parse(body!) };
  });
  const forged = (header: Record<string, unknown> = {}, over: Record<string, unknown> = {}, key = world.gatewayKey) =>
    signed(key, 'EdDSA', { ...drawn.header, ...header }, { ...drawn.claims, ...over });

  it('opens, so that the refusals below mean something', async () => {
    for (const token of [drawn.token, forged()])
      expect(await show(token)).toEqual({ status: 200, body: { data: { cases: { totalCount: expect.any(Number) } } } });
  });

  const other = newKey('EdDSA');
  const rows: [string, () => string | Promise<string>][] = [
    ['signed by another key', () => forged({}, {}, other.privateKey)],
    ['signed by a key that it brings along', () => forged({ jwk: other.jwk }, {}, other.privateKey)],
    ['right, but with a key beside it', () => forged({ jwk: other.jwk })],
    ['with a key to be fetched (jku)', () => forged({ jku: `${world.url}/.well-known/jwks.json` })],
    ['with a certificate to be fetched (x5u)', () => forged({ x5u: 'http://127.0.0.1:1/' })],
    ['with a key named by a path', () => forged({ kid: '../../../../dev/null' })],
    ['with a key that is unknown', () => forged({ kid: other.kid })],
    ['with no key named', () => forged({ kid: undefined })],
    ...['none', 'None', 'NONE', 'nOnE', ''].map((alg): [string, () => string] => [
      `not signed, algorithm "${alg}"`,
      () => `${part({ ...drawn.header, alg })}.${part(drawn.claims)}.`,
    ]),
    [
      'by HS256 with the raw public key as its secret',
      () =>
        hmacSigned(
          Buffer.from(String(world.gatewayKey.export({ format: 'jwk' }).x), 'base64url'),
          { ...drawn.header, alg: 'HS256' },
          drawn.claims,
        ),
    ],
    [
      'by HS256 with the published key as its secret',
      async () =>
        hmacSigned(
          await (await fetch(`${world.url}/.well-known/jwks.json`)).text(),
          { ...drawn.header, alg: 'HS256' },
          drawn.claims,
        ),
    ],
    [
      'signed by HS256 with the published key and called EdDSA',
      async () =>
        hmacSigned(await (await fetch(`${world.url}/.well-known/jwks.json`)).text(), drawn.header, drawn.claims),
    ],
    ['with an unknown critical extension', () => forged({ crit: ['sudo'], sudo: true })],
    [
      'encrypted and not signed',
      () => `${part({ alg: 'dir', enc: 'A256GCM' })}..${part('iv')}.${part('text')}.${part('tag')}`,
    ],
    ['of a plain type', () => forged({ typ: 'JWT' })],
    ['of the type of viewer tokens', () => forged({ typ: 'sluse-viewer+jwt' })],
    ['of no type', () => forged({ typ: undefined })],
    ['of another issuer', () => forged({}, { iss: 'https://other.example' })],
    ['of an issuer that begins like ours', () => forged({}, { iss: `${world.url}/` })],
    ['whose audience is a list, ours in it', () => forged({}, { aud: ['sluse', 'other'] })],
    ['whose audience is a list of ours alone', () => forged({}, { aud: ['sluse'] })],
    ['whose audience begins like ours', () => forged({}, { aud: 'sluse2' })],
    ['for no audience', () => forged({}, { aud: undefined })],
    ['that never ends', () => forged({}, { exp: undefined })],
    ['that ended a second ago', () => forged({}, { iat: seconds() - 60, exp: seconds() - 1 })],
    ['that ends in an hour', () => forged({}, { exp: seconds() + 3600 })],
    ['whose end is a fraction', () => forged({}, { exp: seconds() + 60.5 })],
    ['whose end is before the epoch', () => forged({}, { exp: -1 })],
    ['whose end is a text', () => forged({}, { exp: `${seconds() + 60}` })],
    ['issued in the future', () => forged({}, { iat: seconds() + 60, exp: seconds() + 120 })],
    ['without a time of issue', () => forged({}, { iat: undefined })],
    ['not yet in force', () => forged({}, { nbf: seconds() + 60 })],
    ['without an id', () => forged({}, { jti: undefined })],
    ['without a client', () => forged({}, { sub: undefined, client_id: undefined })],
    ['of another client than it says', () => forged({}, { client_id: randomUUID() })],
    ['of another municipality', () => forged({}, { municipality: '0101' })],
    ['of a key that is not the client’s', () => forged({}, { client_key: randomUUID() })],
    [
      'with one claim twice',
      () =>
        signed(world.gatewayKey, 'EdDSA', drawn.header, JSON.stringify(drawn.claims).replace('{', '{"scope":"admin",')),
    ],
    [
      'with its scope changed after it was signed',
      () => drawn.token.replace(/\.[^.]+\./, `.${part({ ...drawn.claims, scope: 'admin' })}.`),
    ],
    ['with its signature cut off', () => drawn.token.replace(/[^.]+$/, '')],
    ['that is an assertion', () => assertion()],
    ['that is a token of the gateway for a room', () => world.signer.signInternal('cases')],
    ['that is a token for calls between rooms', () => roomTokens(testSecret).sign('cases')],
    ['of 9 kB', () => `${drawn.token}${'A'.repeat(9_000)}`],
  ];
  it.each(rows)('is refused: %s', async (_what, make) => {
    expect(await show(await make())).toEqual(shut);
  });

  it('of 1 MB is refused before it is read, and the next caller is served', async () => {
    const answer = await show(`${'A'.repeat(1024 * 1024)}.e30.AA`).then(
      ({ status }) => status,
      () => 'the connection was closed',
    );
    expect([431, 'the connection was closed']).toContain(answer);
    expect((await show(drawn.token)).status).toBe(200);
  });

  it('with another scope than the client has gives nothing of it', async () => {
    const answer = await show(forged({}, { scope: 'admin audit:read' }));
    expect(answer.body.errors[0].extensions.code).toBe(place === 'gateway' ? 'FORBIDDEN_FIELD' : 'FORBIDDEN');
    expect(answer.body.data?.cases ?? null).toBeNull();
  });

  it('that is bad is not helped by a good cookie beside it', async () => {
    const cookie = `sluse_session=${await world.tokenOf('manager')}`;
    expect(await show(forged({}, {}, other.privateKey), { cookie })).toEqual(shut);
  });

  it('ends with its five minutes, though it was let in a moment before', async () => {
    const token = await drawToken(world, keys.ES256, now());
    expect((await show(token)).status).toBe(200);
    ahead += 301_000;
    expect(await show(token)).toEqual(shut);
    drawn = { ...drawn, claims: { ...drawn.claims, iat: seconds(), exp: seconds() + 300 } };
  });
});

describe('a client behind an address where guesses are still looked at, or locked', () => {
  it('draws its token all the same', async () => {
    await world.database.sql(
      `INSERT INTO identity.access_attempt VALUES ('0999', 'WORKSTATION', '10.9.9.9', 0, 3, $1)`,
      [now()],
    );
    await world.database.sql(
      `INSERT INTO identity.access_block (municipality, id, kind, key, workstation, blocked_at)
       VALUES ('0999', gen_random_uuid(), 'WORKSTATION', '10.9.9.9', '10.9.9.9', now())`,
    );
    try {
      expect((await present(world, assertion(), {}, { 'x-forwarded-for': '10.9.9.9' })).status).toBe(200);
    } finally {
      await world.database.sql(`DELETE FROM identity.access_attempt; DELETE FROM identity.access_block`);
    }
  });
});

describe('while the gateway changes its key', () => {
  const [old, next] = [newKey('EdDSA'), newKey('EdDSA')];
  const issuer = 'https://sluse.example';
  const draw = (key: typeof old) =>
    signAccess(
      key.privateKey,
      issuer,
      { municipality: '0999', client: caseSystem, key: randomUUID(), scopes: ['case:read'] },
      { now: now(), id: randomUUID() },
    );
  const opens = async (keys: (typeof old)[], token: string) =>
    Promise.resolve(
      accessVerifier(
        keys.map(({ publicKey }) => publicKey),
        () => issuer,
      ).verify(token, now()),
    ).then(
      ({ client }) => client,
      () => null,
    );

  it('tokens of both are believed, both are published, and once the old one is gone so are its tokens', async () => {
    const [before, after] = [await draw(old), await draw(next)];
    expect([await opens([next, old], before), await opens([next, old], after)]).toEqual([caseSystem, caseSystem]);
    expect([await opens([next], before), await opens([next], after)]).toEqual([null, caseSystem]);
    expect(await opens([], after)).toBeNull();
    const published = publicJwks([next.publicKey, old.publicKey]).keys.map(({ kid }) => kid);
    const named = [after, before].map(
      (token) => JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()).kid,
    );
    expect(published).toEqual(named);
  });

  it('so are the tokens for viewers, at a room that was told of both', async () => {
    const viewer = aViewer();
    const token = await viewerSigner(old.privateKey).sign(viewer, 'cases');
    await expect(viewerVerifier(next.publicKey, old.publicKey).verify(token, 'cases')).resolves.toEqual(viewer);
    await expect(viewerVerifier(next.publicKey).verify(token, 'cases')).rejects.toThrow(
      'signature verification failed',
    );
    await expect(viewerVerifier().verify(token, 'cases')).rejects.toThrow('no key');
  });
});
