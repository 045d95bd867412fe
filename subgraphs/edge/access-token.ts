/**
 * The access token of a case system (RFC 9068). The gateway signs it; the gateway and every room that is called directly verify it.
 * Both are in this file so that the two ends cannot drift apart.
 *
 * The token says who the client is and which of its scopes it asked for. What these open is looked up at each use. The same key signs
 * the gateway's own tokens; `typ`, issuer and audience keep the two apart.
 */
import { createPublicKey, hash, type KeyObject } from 'node:crypto';
import { compactVerify, SignJWT } from 'jose';
import { LRUCache } from 'lru-cache';
import { type ReadJwt, readJwt, seconds } from '../protocol/jwt.js';
import { thumbprint } from '../protocol/public-keys.js';
import { isUuid } from '../protocol/text.js';
import { bearerOf } from './request.js';

export interface AccessGrant {
  readonly municipality: string;
  readonly client: string;
  /** Id of the registered key by which the client authenticated. The token ends when that key is withdrawn. */
  readonly key: string;
  readonly scopes: readonly string[];
}

export interface AccessClaims extends AccessGrant {
  readonly id: string;
  /** Seconds since the epoch. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** Seconds. */
export const accessLifetime = 300;
const accessType = 'at+jwt';
const audience = 'sluse';
/** Seconds by which the clocks of gateway and rooms may differ. */
const skew = 5;

export interface AccessVerifier {
  /** Throws unless it is an access token that is in force at `now`. */
  verify(token: string, now: Date): Promise<AccessClaims> | AccessClaims;
}

export const signAccess = (
  key: KeyObject,
  issuer: string,
  { client, municipality, key: clientKey, scopes }: AccessGrant,
  { now, id }: { readonly now: Date; readonly id: string },
): Promise<string> => {
  const issuedAt = Math.floor(now.getTime() / 1000);
  return new SignJWT({ client_id: client, client_key: clientKey, municipality, scope: scopes.join(' ') })
    .setProtectedHeader({ alg: 'EdDSA', typ: accessType, kid: thumbprint(createPublicKey(key)) })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(client)
    .setJti(id)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + accessLifetime)
    .sign(key);
};

/** Most bytes of claims kept. */
export const accessCacheBytes = 8 * 1024 * 1024;

/**
 * `keys`: the public keys that may have signed; several while they are being replaced. `issuer` is a function because it may be known
 * only once all servers listen.
 */
export function accessVerifier(keys: readonly KeyObject[], issuer: () => string): AccessVerifier {
  const byId = new Map(keys.map((key) => [thumbprint(key), key]));
  const verified = new LRUCache<string, AccessClaims>({
    maxSize: accessCacheBytes,
    sizeCalculation: ({ scopes }) => 1_200 + scopes.reduce((sum, scope) => sum + 40 + 2 * scope.length, 0),
  });
  const check = async (token: string): Promise<AccessClaims> => {
    const { header, claims } = readJwt(token, ['EdDSA']);
    const key = byId.get(String(header.kid));
    if (header.typ !== accessType || !key) throw new Error('not an access token of this gateway');
    await compactVerify(token, key, { algorithms: ['EdDSA'] });
    return claimsOf(claims, issuer());
  };
  return {
    verify(token, now) {
      const key = hash('sha256', token, 'base64url');
      const known = verified.get(key);
      if (known) return inForce(known, now);
      return check(token).then((claims) => {
        verified.set(key, claims);
        return inForce(claims, now);
      });
    },
  };
}

function inForce(claims: AccessClaims, now: Date): AccessClaims {
  const at = now.getTime() / 1000;
  if (claims.expiresAt <= at || claims.issuedAt > at + skew) throw new Error('not in force');
  return claims;
}

function claimsOf(payload: ReadJwt['claims'], issuer: string): AccessClaims {
  const { iss, aud, sub, jti, scope, municipality, client_id: client, client_key: key } = payload;
  const [issuedAt, expiresAt, notBefore] = [seconds(payload, 'iat'), seconds(payload, 'exp'), seconds(payload, 'nbf')];
  const isText = (value: unknown): value is string => typeof value === 'string';
  if (iss !== issuer || aud !== audience || !isText(sub) || sub !== client || !isUuid(sub))
    throw new Error('of another issuer, for another audience or without a client');
  if (!isText(jti) || !isUuid(jti) || !isText(key) || !isUuid(key) || !isText(scope))
    throw new Error('a claim is missing');
  if (!isText(municipality) || !/^\d{4}$/.test(municipality)) throw new Error('of no municipality');
  if (issuedAt === undefined || expiresAt === undefined || expiresAt - issuedAt > accessLifetime)
    throw new Error('its life is not that of an access token');
  if (notBefore !== undefined && notBefore > issuedAt) throw new Error('not yet in force when it was issued');
  return Object.freeze({
    municipality,
    client: sub,
    key,
    scopes: scope.split(' ').filter(Boolean),
    id: jti,
    issuedAt,
    expiresAt,
  });
}

/** The access token of a request: a bearer token in three parts. `null` for anything else. */
export const accessTokenOf = (authorization: string | undefined): string | null =>
  /^[\w-]+\.[\w-]+\.[\w-]+$/.exec(bearerOf(authorization) ?? '')?.[0] ?? null;
