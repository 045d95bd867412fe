/** A case system: its keys, the assertions that it makes (right ones, and any other), and the tokens that it draws. */
import {
  constants,
  createHmac,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomUUID,
  sign as signBytes,
} from 'node:crypto';
import { systemClientId } from '../../subgraphs/demo/identity.js';
import type { World } from './world.js';

export const caseSystem = systemClientId('case-system');

/** `alg` as it will stand in the header; what is signed with is what the key can do. */
export type Alg = 'ES256' | 'EdDSA' | 'PS256' | 'RS256';

export interface ClientKey {
  readonly alg: Alg;
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: JsonWebKey & { kid: string };
}

export function newKey(alg: Alg, kid: string = randomUUID()): ClientKey {
  const pair =
    alg === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : alg === 'EdDSA'
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...pair, alg, kid, jwk: { ...pair.publicKey.export({ format: 'jwk' }), kid } };
}

export const part = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A JWT in its compact form, whatever header and claims say; both as objects or as the very text. */
export function signed(key: KeyObject, alg: Alg, header: unknown, claims: unknown): string {
  const text = `${part(header)}.${part(claims)}`;
  const bytes = Buffer.from(text);
  const signature =
    alg === 'EdDSA'
      ? signBytes(null, bytes, key)
      : alg === 'ES256'
        ? signBytes('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' })
        : alg === 'PS256'
          ? signBytes('sha256', bytes, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 })
          : signBytes('sha256', bytes, key);
  return `${text}.${signature.toString('base64url')}`;
}

export function hmacSigned(secret: string | Buffer, header: unknown, claims: unknown): string {
  const text = `${part(header)}.${part(claims)}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

/** A gateway under test, by its origin. */
type Origin = Pick<World, 'url'>;

export const tokenEndpoint = (world: Origin): string => `${world.url}/oauth/token`;
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export const registered = async (world: World, jwks: object, client: string = caseSystem) =>
  world.ask(
    'administrator',
    `mutation Register($client: ID!, $jwks: JSON) {
       registerSystemClientKey(client: $client, jwks: $jwks) { id keys { id kid algorithms source withdrawnAt } } }`,
    { client, jwks },
  );

export interface TokenAnswer {
  readonly status: number;
  readonly body: {
    access_token?: string;
    scope?: string;
    error?: string;
    error_description?: string;
    [name: string]: unknown;
  };
  readonly headers: Headers;
}

let addresses = 0;
/** Each attempt from a workstation of its own, unless a test says otherwise: wrong ones lock out the one that they come from. */
const elsewhere = (): string => {
  addresses += 1;
  return `10.0.${addresses >> 8}.${addresses & 255}`;
};

export async function postToken(
  world: Origin,
  form: Record<string, string> | string,
  headers: Record<string, string> = {},
): Promise<TokenAnswer> {
  const response = await fetch(tokenEndpoint(world), {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-forwarded-for': elsewhere(),
      ...headers,
    },
    body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
  });
  return { status: response.status, body: (await response.json()) as TokenAnswer['body'], headers: response.headers };
}

export const present = (
  world: Origin,
  assertion: string,
  more: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<TokenAnswer> =>
  postToken(
    world,
    {
      grant_type: 'client_credentials',
      client_assertion_type: assertionType,
      client_assertion: assertion,
      ...more,
    },
    headers,
  );

/** Claims that are right at `now`. */
export const claimsFor = (world: Origin, now: Date, client: string = caseSystem) => {
  const at = Math.floor(now.getTime() / 1000);
  return { iss: client, sub: client, aud: tokenEndpoint(world), jti: randomUUID(), iat: at, exp: at + 60 };
};

/** An access token, drawn in the right way. */
export async function drawToken(
  world: World,
  key: ClientKey,
  now: Date,
  more: Record<string, string> = {},
  client: string = caseSystem,
): Promise<string> {
  const answer = await present(
    world,
    signed(key.privateKey, key.alg, { alg: key.alg, kid: key.kid, typ: 'JWT' }, claimsFor(world, now, client)),
    more,
  );
  if (!answer.body.access_token) throw new Error(JSON.stringify(answer.body));
  return answer.body.access_token;
}
