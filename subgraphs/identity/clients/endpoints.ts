/**
 * How case systems sign in: `use-assertion` for the gateway's token endpoint, and `resolve-client` for an edge that is shown an
 * access token. What a token opens is computed anew from keys, scopes and grants each time, so that a withdrawal takes effect at
 * once.
 */
import { randomBytes } from 'node:crypto';
import { compactVerify, importJWK } from 'jose';
import { z } from 'zod';
import type { Room, RoomServices } from '../../kit/room.js';
import type { Transaction } from '../../postgres/database.js';
import { type AssertionSays, readAssertion } from '../../protocol/client-assertion.js';
import { MalformedToken } from '../../protocol/jwt.js';
import { isUuid } from '../../protocol/text.js';
import type { Viewer } from '../../protocol/viewer.js';
import { viewerOf } from '../sessions/viewer-of.js';
import { algorithmsOf, type PublicJwk } from './keys.js';
import * as store from './store.js';

export const clientEndpoints: NonNullable<Room['internal']> = {
  'use-assertion': useAssertion,
  'resolve-client': resolveClient,
};

const municipality = z.string().regex(/^\d{4}$/);
const uuid = z.string().refine(isUuid);

const assertionBody = z.object({
  municipality,
  assertion: z.string(),
  /** What the assertion may name as its audience: the token endpoint or the issuer. */
  audiences: z.array(z.string()).min(1),
});

/**
 * `expected`: what was wrong with the assertion itself. It is missing if the reason is known only here (an unknown client, another
 * key, a withdrawn key, an assertion that was used before). All of these get the same answer.
 */
type Used =
  | { readonly client: string; readonly key: string; readonly scopes: readonly string[] }
  | { readonly refused: true; readonly expected?: string };

/**
 * Nothing is counted for the lock-out (identity/lock-out/lock-out.ts), because a signature is not a guess. Whoever has the key never
 * fails, and whoever has not never succeeds, however often they try. A block would only hit the honest client and everybody behind
 * the same address.
 */
async function useAssertion(services: RoomServices, body: unknown): Promise<Used> {
  const asked = assertionBody.safeParse(body);
  if (!asked.success) return { refused: true, expected: 'a client assertion' };
  const now = services.now();
  let says: AssertionSays;
  try {
    says = readAssertion(asked.data.assertion, asked.data.audiences, now);
  } catch (error) {
    if (error instanceof MalformedToken) return { refused: true, expected: error.message };
    throw error;
  }
  const { municipality, assertion } = asked.data;
  const proven = await services.database.asTask('session', municipality, (tx) =>
    prove(tx, municipality, assertion, says, now),
  );
  return proven ?? { refused: true };
}

/** Checks in one transaction that the key is the client's and in force, the signature is right, and the assertion was not used before. */
async function prove(tx: Transaction, municipality: string, assertion: string, says: AssertionSays, now: Date) {
  const registered = await store.keysInForce(tx, municipality, says.client, now);
  const fitting = registered.filter(
    ({ kid, jwk }) => (says.keyName === null || kid === says.keyName) && algorithmsOf(jwk).includes(says.algorithm),
  );
  const key = await signedBy(assertion, says, fitting);
  if (!key) return null;
  await store.forgetAssertions(tx, municipality, new Date(now.getTime() - 5 * 60_000));
  const scopes = await store.useUp(tx, municipality, { ...says, key }, now);
  return scopes && { client: says.client, key, scopes };
}

/**
 * Id of the key that signed. If the client has no key, a decoy is verified instead, so that the time taken does not reveal which
 * clients exist.
 */
async function signedBy(
  assertion: string,
  { algorithm }: AssertionSays,
  keys: readonly { readonly id: string | null; readonly jwk: PublicJwk }[],
): Promise<string | null> {
  for (const { id, jwk } of keys.length > 0 ? keys : [{ id: null, jwk: decoys[algorithm] }]) {
    const right = await importJWK(jwk, algorithm)
      .then((key) => compactVerify(assertion, key, { algorithms: [algorithm] }))
      .then(
        () => true,
        () => false,
      );
    if (right) return id;
  }
  return null;
}

/** Public keys whose private halves nobody ever had. */
const decoys: Readonly<Record<AssertionSays['algorithm'], PublicJwk>> = decoyKeys();

function decoyKeys() {
  const modulus = randomBytes(256);
  modulus[0] = 0xc0 | modulus[0]!;
  modulus[255] = 1 | modulus[255]!;
  const rsa: PublicJwk = { kty: 'RSA', n: modulus.toString('base64url'), e: 'AQAB' };
  // The base points of the curves.
  const ec: PublicJwk = {
    kty: 'EC',
    crv: 'P-256',
    x: 'axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY',
    y: 'T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU',
  };
  const okp: PublicJwk = { kty: 'OKP', crv: 'Ed25519', x: 'WGZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmY' };
  return { PS256: rsa, RS256: rsa, ES256: ec, EdDSA: okp };
}

const clientBody = z.object({
  municipality,
  client: uuid,
  key: uuid,
  scopes: z.array(z.string()),
  id: uuid,
  issuedAt: z.number().int(),
  expiresAt: z.number().int(),
});

/** The viewer of an access token, with those scopes of the token that the client still has. */
async function resolveClient(services: RoomServices, body: unknown): Promise<{ viewer: Viewer | null }> {
  const asked = clientBody.safeParse(body);
  if (!asked.success) return { viewer: null };
  const { municipality, client, key, id, issuedAt, expiresAt } = asked.data;
  const now = services.now();
  return services.database.asTask('session', municipality, async (tx) => {
    if (!(await store.isKeyInForce(tx, municipality, { id: key, client }, now))) return { viewer: null };
    const authenticatedAt = new Date(issuedAt * 1000);
    const session = {
      id,
      municipality,
      personKind: 'SystemClient' as const,
      person: client,
      right: null,
      power: null,
      nameId: null,
      sessionIndex: null,
      assurance: 'Substantial' as const,
      authenticatedAt,
      lastUsedAt: authenticatedAt,
      expiresAt: new Date(expiresAt * 1000),
      closedAt: null,
    };
    const found = await viewerOf(tx, session, now);
    if (!found) return { viewer: null };
    const { viewer } = found;
    const scopes = viewer.scopes.filter((scope) => asked.data.scopes.includes(scope));
    return { viewer: { ...viewer, scopes, clearance: scopes.length > 0 ? viewer.clearance : [] } };
  });
}
