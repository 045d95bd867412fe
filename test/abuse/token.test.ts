/** Keys: the door of a subgraph. It answers nobody without a token that the gateway signed for this very subgraph, just now. */
import { createPublicKey, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, type JWTHeaderParameters, SignJWT } from 'jose';
import { pino } from 'pino';
import { audit } from '../../subgraphs/audit/index.js';
import { cases } from '../../subgraphs/cases/index.js';
import { identity } from '../../subgraphs/identity/index.js';
import { type RunningRoom, serveRoom } from '../../subgraphs/kit/serve-room.js';
import { openDatabase } from '../../subgraphs/postgres/database.js';
import { roleOf, roomUrl } from '../../subgraphs/postgres/migrate.js';
import { faultBody } from '../../subgraphs/protocol/faults.js';
import { viewerSigner, viewerVerifier } from '../../subgraphs/protocol/viewer.js';
import { smdb } from '../../subgraphs/smdb/index.js';
import { freshDatabase, type TestDatabase, testSecret } from '../support/database.js';
import { aViewer } from '../support/room.js';
import { timesAsLong } from './attack.js';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const other = generateKeyPairSync('ed25519');
const rooms = { identity, cases, smdb, audit };
type RoomName = keyof typeof rooms;
const names = Object.keys(rooms) as RoomName[];
const running = new Map<string, RunningRoom>();
let database: TestDatabase;

beforeAll(async () => {
  const template = process.env.SLUSE_TEST_WORLD!;
  database = await freshDatabase(template);
  for (const room of Object.values(rooms)) {
    const url = roomUrl(database.url, roleOf(template, room.name), testSecret);
    const services = {
      database: openDatabase(url),
      now: () => new Date(),
      newId: randomUUID,
      log: pino({ level: 'silent' }),
    };
    running.set(
      room.name,
      await serveRoom(room, services, { host: '127.0.0.1', port: 0, verifier: viewerVerifier(publicKey) }),
    );
  }
});
afterAll(async () => {
  for (const room of running.values()) await room.close();
  await database.drop();
});

// Everything that a viewer could hold, so that a token that is let in would show something.
const viewer = aViewer({
  scopes: ['case:read', 'citizen:read', 'audit:read', 'smdb:read', 'employee:read', 'admin'],
  clearance: [
    { compartment: '0999.MUNICIPALITY.CHILD_CONCERN', level: 'DOCUMENTS', operations: ['SEARCH'], shielded: true },
  ],
});
const questions: Record<RoomName, string> = {
  identity: '{ citizens(filter: { cpr: "0201609995" }, first: 1) { totalCount } }',
  cases: '{ cases(first: 1) { totalCount } }',
  smdb: '{ smdbForms(first: 1) { totalCount } }',
  audit: '{ auditEntries(first: 1) { totalCount } }',
};
const now = () => Math.floor(Date.now() / 1000);

interface Forgery {
  readonly key?: KeyObject | Uint8Array;
  readonly header?: Partial<JWTHeaderParameters>;
  readonly claims?: Record<string, unknown>;
}
/** A token that is right but for what is given. */
function forge({ key = privateKey, header, claims }: Forgery = {}, audience: RoomName = 'cases'): Promise<string> {
  const right = { viewer, iss: 'sluse-gateway', aud: audience, iat: now(), exp: now() + 60 };
  const payload = Object.fromEntries(
    Object.entries({ ...right, ...claims }).filter(([, value]) => value !== undefined),
  );
  return new SignJWT(payload)
    .setProtectedHeader({ alg: 'EdDSA', typ: 'sluse-viewer+jwt', ...header })
    .sign(key as KeyObject);
}
/** With a header that the library would not write, and the right key. */
function signedAs(header: object, payload: object): string {
  const text = `${part({ alg: 'EdDSA', typ: 'sluse-viewer+jwt', ...header })}.${part(payload)}`;
  return `${text}.${sign(null, Buffer.from(text), privateKey).toString('base64url')}`;
}
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

async function knock(
  room: RoomName,
  token: string | null,
  body: unknown = { query: questions[room] },
  path = '/graphql',
) {
  const response = await fetch(`${running.get(room)!.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token !== null && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}
const send = (room: RoomName, path: string, token: string, body: string) =>
  fetch(`${running.get(room)!.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body,
  });
const shut = { status: 401, body: faultBody('UNAUTHENTICATED') };

describe('the right token', () => {
  it.each(names)('opens %s, so that the refusals below mean something', async (room) => {
    const field = questions[room].match(/\w+/)![0];
    const answer = await knock(room, await forge({}, room));
    expect(answer).toEqual({ status: 200, body: { data: { [field]: { totalCount: expect.any(Number) } } } });
  });

  it('as the signer makes it, is for one subgraph, one minute, one type', async () => {
    const token = await viewerSigner(privateKey).sign(viewer, 'cases');
    const [header, claims] = token
      .split('.')
      .slice(0, 2)
      .map((text) => JSON.parse(Buffer.from(text, 'base64url').toString()));
    expect(header).toEqual({ alg: 'EdDSA', kid: expect.any(String), typ: 'sluse-viewer+jwt' });
    expect([claims.aud, claims.exp - claims.iat]).toEqual(['cases', 60]);
  });
});

describe.each(names)('19: %s, called directly,', (room) => {
  const doors = [
    ['_service { sdl }', { query: '{ _service { sdl } }' }],
    [
      '_entities',
      {
        query: 'query($r: [_Any!]!) { _entities(representations: $r) { __typename } }',
        variables: { r: [{ __typename: 'Citizen', id: 'x' }] },
      },
    ],
    ['introspection', { query: '{ __schema { types { name } } }' }],
    ['nothing but a name', { query: '{ __typename }' }],
    ['a malformed body', 'garbage'],
  ] as const;
  it.each(doors)('18, 20: answers 401 to %s without a token', async (_what, body) => {
    expect(await knock(room, null, body)).toEqual(shut);
    expect(await knock(room, '', body)).toEqual(shut);
    expect(await knock(room, await forge({ key: other.privateKey }, room), body)).toEqual(shut);
  });

  it('answers 401 to a GET, a cookie, a query parameter or another scheme in place of the token', async () => {
    const { url } = running.get(room)!;
    const token = await forge({}, room);
    const query = encodeURIComponent('{ _service { sdl } }');
    expect((await fetch(`${url}/graphql?query=${query}&access_token=${token}`)).status).toBe(405);
    const headers: Record<string, string>[] = [
      { cookie: `token=${token}` },
      { authorization: `Basic ${token}` },
      { authorization: token },
      { 'x-authorization': `Bearer ${token}` },
    ];
    for (const given of headers) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...given },
        body: '{"query":"{ __typename }"}',
      });
      expect([response.status, await response.json()]).toEqual([401, shut.body]);
    }
  });
});

describe('21: a token is refused', () => {
  const pem = publicKey.export({ type: 'spki', format: 'pem' });
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const claims = () => ({ viewer, iss: 'sluse-gateway', aud: 'cases', iat: now(), exp: now() + 60 });
  const unsigned = (alg: string) => `${part({ alg, typ: 'sluse-viewer+jwt' })}.${part(claims())}.`;
  const rows: [string, () => Promise<string> | string][] = [
    ['signed by another key', () => forge({ key: other.privateKey })],
    [
      'signed by a key that it brings along',
      async () => forge({ key: other.privateKey, header: { jwk: await exportJWK(other.publicKey) } }),
    ],
    [
      'signed by a key that is to be fetched',
      () => forge({ key: other.privateKey, header: { jku: 'http://127.0.0.1:1/keys', x5u: 'http://127.0.0.1:1/' } }),
    ],
    [
      'signed by a key named by a path',
      () => forge({ key: other.privateKey, header: { kid: '../../../../dev/null' } }),
    ],
    ...['none', 'None', 'NONE', 'nOnE', ''].map((alg): [string, () => string] => [
      `not signed, algorithm "${alg}"`,
      () => unsigned(alg),
    ]),
    ['HS256 with the public key as its secret', () => forge({ key: Buffer.from(pem), header: { alg: 'HS256' } })],
    ['HS256 with the raw public key as its secret', () => forge({ key: der.subarray(-32), header: { alg: 'HS256' } })],
    ['HS512 with an empty looking secret', () => forge({ key: Buffer.alloc(64), header: { alg: 'HS512' } })],
    ['for another subgraph', () => forge({}, 'smdb')],
    ['for a list of subgraphs, ours among them', () => forge({ claims: { aud: ['cases', 'smdb'] } })],
    ['for a list of ours alone', () => forge({ claims: { aud: ['cases'] } })],
    ['for a subgraph whose name begins like ours', () => forge({ claims: { aud: 'cases2' } })],
    ['for the beginning of our name', () => forge({ claims: { aud: 'case' } })],
    ['for no subgraph', () => forge({ claims: { aud: undefined } })],
    ['from another issuer', () => forge({ claims: { iss: 'sluse-gateway2' } })],
    ['from no issuer', () => forge({ claims: { iss: undefined } })],
    ['out of date', () => forge({ claims: { iat: now() - 120, exp: now() - 60 } })],
    ['out of date by one second', () => forge({ claims: { iat: now() - 30, exp: now() - 1 } })],
    ['that never ends', () => forge({ claims: { exp: undefined } })],
    [
      'that ends in a year, of a year ago',
      () => forge({ claims: { iat: now() - 31_536_000, exp: now() + 31_536_000 } }),
    ],
    ['whose end is a text', () => forge({ claims: { exp: `${now() + 60}` } })],
    ['whose end is before the epoch', () => forge({ claims: { exp: -1 } })],
    ['without a time of issue', () => forge({ claims: { iat: undefined } })],
    ['issued in the future', () => forge({ claims: { iat: now() + 30, exp: now() + 60 } })],
    ['not yet in force', () => forge({ claims: { nbf: now() + 30 } })],
    ['of the type for the gateway itself', () => forge({ header: { typ: 'sluse-internal+jwt' } })],
    ['of a plain type', () => forge({ header: { typ: 'JWT' } })],
    ['of no type', () => forge({ header: { typ: undefined as never } })],
    ['with a critical extension that nobody knows', () => signedAs({ crit: ['sudo'], sudo: true }, claims())],
    ['with its payload declared to be raw', () => signedAs({ crit: ['b64'], b64: false }, claims())],
    [
      'that is encrypted and not signed',
      () =>
        `${part({ alg: 'dir', enc: 'A256GCM', typ: 'sluse-viewer+jwt' })}..${part('iv')}.${part('text')}.${part('tag')}`,
    ],
    [
      'with its claims changed after it was signed',
      async () =>
        (await forge()).replace(/\.[^.]+\./, `.${part({ ...claims(), viewer: { ...viewer, municipality: '0101' } })}.`),
    ],
    ['with its signature cut off', async () => (await forge()).replace(/[^.]+$/, '')],
    ['of 12 kB', async () => `${'A'.repeat(12_000)}.${(await forge()).split('.').slice(1).join('.')}`],
    ['that is no token', () => 'garbage'],
    ['of dots', () => '...'],
  ];
  it.each(rows)('%s', async (_what, make) => {
    expect(await knock('cases', await make())).toEqual(shut);
  });

  it('once its minute is over, though it was let in a moment before', async () => {
    const token = await forge({ claims: { exp: now() + 2 } });
    expect((await knock('cases', token)).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 2_200));
    expect(await knock('cases', token)).toEqual(shut);
  });

  it('at the other subgraphs, after its own has let it in', async () => {
    const token = await forge({}, 'cases');
    expect((await knock('cases', token)).status).toBe(200);
    for (const room of names.filter((name) => name !== 'cases')) expect(await knock(room, token)).toEqual(shut);
  });

  it('of 1 MB, before it is read, and the next caller is served', async () => {
    const answer = await fetch(`${running.get('cases')!.url}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${'A'.repeat(1024 * 1024)}` },
      body: '{}',
    }).then(
      ({ status }) => status,
      () => 'the connection was closed',
    );
    expect([431, 'the connection was closed']).toContain(answer);
    expect((await knock('cases', await forge())).status).toBe(200);
    // What it costs grows with its length, and not with the square of it: that would be a hundred times as much.
    const verifier = viewerVerifier(createPublicKey(pem));
    const refused = (length: number) => () =>
      expect(verifier.verify(`${'A'.repeat(length)}.e30.AA`, 'cases')).rejects.toThrow();
    expect(await timesAsLong(refused(1_000_000), refused(100_000), 9)).toBeLessThan(50);
  });
});

describe("21: the gateway's own door", () => {
  const paths: [RoomName, string][] = [
    ['identity', '/internal/open-session'],
    ['identity', '/internal/resolve-session'],
    ['identity', '/internal/close-session'],
    ['audit', '/internal/append'],
  ];
  it.each(paths)(
    "of %s, %s, is shut to a viewer token, to another room's, to a forged one and to none",
    async (room, path) => {
      const body = { municipality: '0999', person: { kind: 'Employee', id: 'x' }, token: 'x', entries: [] };
      const internal = viewerSigner(privateKey);
      const tokens = [
        null,
        await forge({}, room),
        await internal.signInternal('cases'),
        await viewerSigner(other.privateKey).signInternal(room),
        await forge({ header: { typ: 'sluse-internal+jwt' }, claims: { aud: ['identity', 'audit'] } }, room),
      ];
      for (const token of tokens) expect(await knock(room, token, body, path)).toEqual(shut);
      expect((await knock(room, await internal.signInternal(room), body, path)).status).not.toBe(401);
    },
  );

  // Malformed, so that whoever parses it says so.
  it.each(['/internal/append', '/internal/no-such-endpoint', '/no-such-page'])(
    'asks who sends a body before it is parsed: at %s a stranger is not told that it is no JSON',
    async (path) => {
      const response = await send('audit', path, 'x', '[{');
      expect(response.status).toBe(path === '/internal/append' ? 401 : 404);
    },
  );

  it.each(['{"__proto__":{"a":1}}', '{"constructor":{"prototype":{"a":1}}}', '[{'])(
    'takes no %s from the gateway either',
    async (body) => {
      const token = await viewerSigner(privateKey).signInternal('audit');
      const response = await send('audit', '/internal/append', token, body);
      expect([response.status, await response.json()]).toEqual([400, faultBody('MALFORMED_REQUEST')]);
    },
  );

  it("a token of the gateway's own opens no door of viewers", async () => {
    for (const room of names)
      expect(await knock(room, await viewerSigner(privateKey).signInternal(room))).toEqual(shut);
  });
});
