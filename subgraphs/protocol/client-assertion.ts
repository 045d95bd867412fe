/**
 * The assertion by which a case system authenticates (RFC 7523, `private_key_jwt`). The system makes it, here for `npx sluse
 * assertion`, and the identity room reads it.
 */
import { type KeyObject, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { MalformedToken, readJwt, seconds } from './jwt.js';
import { isStorable, isUuid } from './text.js';

export const assertionAlgorithms = ['ES256', 'EdDSA', 'PS256', 'RS256'] as const;
export type AssertionAlgorithm = (typeof assertionAlgorithms)[number];

/**
 * Seconds. `longestLife`: an assertion ends at most this long from now. `skew`: how far a client's clock may differ from ours, in
 * either direction.
 */
const longestLife = 300;
const skew = 30;
const longestId = 200;

/** What an assertion claims, before its signature has been checked. */
export interface AssertionSays {
  readonly algorithm: AssertionAlgorithm;
  readonly keyName: string | null;
  readonly client: string;
  readonly id: string;
  readonly expiresAt: Date;
}

export const makeAssertion = (
  key: KeyObject,
  {
    algorithm,
    keyName,
    client,
    audience,
    now,
  }: Pick<AssertionSays, 'algorithm' | 'keyName' | 'client'> & { audience: string; now: Date },
): Promise<string> => {
  const at = Math.floor(now.getTime() / 1000);
  return new SignJWT()
    .setProtectedHeader({ alg: algorithm, typ: 'JWT', ...(keyName !== null && { kid: keyName }) })
    .setIssuer(client)
    .setSubject(client)
    .setAudience(audience)
    .setJti(randomUUID())
    .setIssuedAt(at)
    .setExpirationTime(at + 60)
    .sign(key);
};

/**
 * Reads an assertion meant for one of `audiences`. Throws `MalformedToken`, which says what was expected, for every fault of the
 * assertion itself. That tells a caller nothing about which clients are registered.
 */
export function readAssertion(assertion: string, audiences: readonly string[], now: Date): AssertionSays {
  const { header, claims } = readJwt(assertion, assertionAlgorithms);
  if (header.typ !== undefined && !types.has(typeOf(header.typ))) throw new MalformedToken('typ to be JWT, or none');
  const { iss, sub, aud, jti } = claims;
  if (typeof sub !== 'string' || iss !== sub || !isUuid(sub))
    throw new MalformedToken('iss and sub both to be the id of the client');
  // RFC 7523 would accept a list that contains our audience. Any other audience in that list could then use the assertion here, so
  // all of them must be ours.
  const meant: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (meant.length === 0 || !meant.every((one) => typeof one === 'string' && audiences.includes(one)))
    throw new MalformedToken(`aud to be ${audiences.join(' or ')}, or a list of these, and nothing beside them`);
  const at = now.getTime() / 1000;
  const [exp, iat, nbf] = [seconds(claims, 'exp'), seconds(claims, 'iat'), seconds(claims, 'nbf')];
  if (exp === undefined || exp <= at - skew || exp > at + longestLife + skew)
    throw new MalformedToken(`exp to be in the future, by ${longestLife} seconds at most`);
  if (iat !== undefined && (iat > at + skew || iat < at - longestLife - skew || iat > exp))
    throw new MalformedToken(`iat to be in the past, by ${longestLife} seconds at most`);
  if (nbf !== undefined && nbf > at + skew) throw new MalformedToken('nbf to be in the past');
  if (typeof jti !== 'string' || jti.length === 0 || jti.length > longestId || !isStorable(jti))
    throw new MalformedToken(`jti to be text of 1 to ${longestId} characters, another one each time`);
  return {
    algorithm: header.alg as AssertionAlgorithm,
    keyName: (header.kid as string | undefined) ?? null,
    client: sub.toLowerCase(),
    id: jti,
    // The assertion must be remembered as used until then: with the allowed skew, it could otherwise be accepted again.
    expiresAt: new Date((exp + skew) * 1000),
  };
}

/**
 * A media type (RFC 7519 §5.1), in any case, with or without `application/`. The longer one is the type made for this use (RFC
 * 7523bis).
 */
const typeOf = (typ: unknown): string =>
  typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : '';
const types: ReadonlySet<string> = new Set(['jwt', 'client-authentication+jwt']);
