/**
 * The viewer: who asks, for whom, in which right, and what they may know to exist. The gateway signs it and the subgraphs verify it,
 * both in this file so that the two ends cannot drift apart.
 *
 * Terminology. *Actor*: the person who acts, at the keyboard; "oneself" always means the actor. *Subject*: the person on whose
 * authority that happens: under a power of attorney the employee of the giver who gave it, otherwise the actor. *Compartment*:
 * (owning authority × case category), or one single case. *Clearance*: a compartment with a level and the operations allowed in it.
 *
 * A token names one subgraph as its audience, so that a compromised subgraph cannot replay it at another.
 */

import { createPublicKey, type KeyObject } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import { LRUCache } from 'lru-cache';
import { isOfSingleCase } from './compartments.js';
import { thumbprint } from './public-keys.js';

export type CaseLevel = 'EXISTENCE' | 'METADATA' | 'DOCUMENTS';
export type CaseOperation = 'SEARCH' | 'ENTER' | 'DELETE';
export type PersonKind = 'Citizen' | 'Employee' | 'SystemClient';

export interface PersonReference {
  readonly kind: PersonKind;
  readonly id: string;
}

export interface Clearance {
  readonly compartment: string;
  readonly level: CaseLevel;
  readonly operations: readonly CaseOperation[];
  /** Whether the very existence of the compartment's cases is secret. */
  readonly shielded: boolean;
}

/**
 * Compartments that seal this person's entries, from every grant ever held. A person still knows what a lapsed grant showed, also in
 * another right and under a power of attorney.
 */
export interface Seal {
  /** Shielded compartments. */
  readonly compartments: readonly string[];
  /** Whether the person works with shielded cases only. */
  readonly always: boolean;
  /**
   * Compartments of single cases. That such a compartment exists tells that the case does, so it seals entries that name the case,
   * and no others: the rest of the holder's work is logged as if the case did not exist.
   */
  readonly singleCases: readonly string[];
}

export interface Viewer {
  readonly session: string;
  /** Four digits. Everything the viewer can reach lies in this municipality. */
  readonly municipality: string;
  readonly subject: PersonReference;
  readonly actor: PersonReference;
  /** Where the actor works. */
  readonly organisation: string | null;
  /** The right acted in; `null` for citizens. */
  readonly right: string | null;
  /** The organisation acted for under a power of attorney. */
  readonly actingFor: string | null;
  /** That power of attorney. It is in force, and the actor is entitled to use it. */
  readonly powerOfAttorney: string | null;
  readonly scopes: readonly string[];
  readonly clearance: readonly Clearance[];
  readonly seal: Seal;
  /** Of a citizen: the children under 15 of whom they hold custody, if the municipality lets parents see for them. */
  readonly children?: readonly string[];
  /** Seconds since the epoch. */
  readonly authenticatedAt: number;
  readonly assurance: 'Low' | 'Substantial' | 'High';
}

/** Seconds. Short, because a token cannot be revoked; long enough that signing is not needed for every request. */
const lifetime = 60;
const issuer = 'sluse-gateway';
const viewerType = 'sluse-viewer+jwt';
const internalType = 'sluse-internal+jwt';

export interface ViewerSigner {
  /** A token for one subgraph, cached until half its lifetime is over. */
  sign(viewer: Viewer, subgraph: string): Promise<string> | string;
  /** A token for the gateway's own calls (`/internal/…`): sessions and the log. It carries no viewer. */
  signInternal(subgraph: string): Promise<string> | string;
  /** What verifiers are to trust: the key that signs, and those that signed before or will sign next. */
  readonly publicKeys: readonly KeyObject[];
}

export interface ViewerVerifier {
  /** Throws unless the token is a viewer token for `subgraph`, valid now, and signed by a known key. */
  verify(token: string, subgraph: string): Promise<Viewer>;
  verifyInternal(token: string, subgraph: string): Promise<void>;
}

/** `privateKey`: the gateway's Ed25519 key. `others`: private keys that sign nothing here and are trusted too. */
export function viewerSigner(privateKey: KeyObject, ...others: readonly KeyObject[]): ViewerSigner {
  const keyName = thumbprint(privateKey);
  // The cache is bounded by size: a token of somebody with hundreds of grants is fifty times as long as a citizen's.
  const openCache = () =>
    new LRUCache<string, string>({
      maxSize: tokenCacheBytes,
      sizeCalculation: tokenBytes,
      ttl: (lifetime / 2) * 1000,
    });
  const [shared, apart] = [openCache(), openCache()];
  const underWay = new Map<string, Promise<string>>();
  /** A number for each viewer, so that cache keys can name a viewer without keeping the object alive. */
  const numbers = new WeakMap<Viewer, number>();
  let last = 0;
  const numberOf = (viewer: Viewer): number => {
    const known = numbers.get(viewer);
    if (known !== undefined) return known;
    last += 1;
    numbers.set(viewer, last);
    return last;
  };
  const cached = (key: Viewer | string, subgraph: string, make: () => Promise<string>) => {
    const cache = typeof key !== 'string' && isCleared(key) ? apart : shared;
    const place = `${typeof key === 'string' ? key : numberOf(key)} ${subgraph}`;
    const known = cache.get(place) ?? underWay.get(place);
    if (known !== undefined) return known;
    const making = make();
    underWay.set(place, making);
    making
      .then((token) => void cache.set(place, token))
      .catch(() => {})
      .finally(() => underWay.delete(place));
    return making;
  };
  const signed = (typ: string, claims: Record<string, unknown>, subgraph: string) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'EdDSA', typ, kid: keyName })
      .setIssuer(issuer)
      .setAudience(subgraph)
      .setIssuedAt()
      .setExpirationTime(`${lifetime}s`)
      .sign(privateKey);
  return {
    sign: (viewer, subgraph) => cached(viewer, subgraph, () => signed(viewerType, { viewer }, subgraph)),
    publicKeys: [privateKey, ...others].map((key) => createPublicKey(key)),
    signInternal: (subgraph) => cached('internal', subgraph, () => signed(internalType, {}, subgraph)),
  };
}

/** Bytes of tokens, and of viewers read from tokens, that are kept at either end. */
export const tokenCacheBytes = 16 * 1024 * 1024;
const tokenBytes = (token: string, place: string): number => 900 + Math.ceil(1.25 * token.length) + place.length;
/** Estimated bytes of a viewer read from a token: its objects take several times the size of its text. */
const verifiedBytes = (_viewer: unknown, place: string): number => 1_500 + 4 * place.length;

/** `publicKeys`: several while the gateway's key is being replaced. */
export function viewerVerifier(...publicKeys: readonly KeyObject[]): ViewerVerifier {
  const openCache = () =>
    new LRUCache<string, { viewer: Viewer; expires: number }>({
      maxSize: tokenCacheBytes,
      sizeCalculation: verifiedBytes,
    });
  const [shared, apart] = [openCache(), openCache()];
  /** Verified tokens of the gateway's own calls, with the second at which each ends. */
  const internals = new LRUCache<string, number>({ max: 100 });
  const check = async (token: string, subgraph: string, typ: string) => {
    const { payload } = await verifiedByOne(publicKeys, (publicKey) =>
      jwtVerify(token, publicKey, {
        algorithms: ['EdDSA'],
        issuer,
        typ,
        requiredClaims: ['exp', 'iat', 'aud'],
        maxTokenAge: `${lifetime}s`,
      }),
    );
    // jose accepts a list of audiences that contains ours. A token must be for one subgraph only.
    if (payload.aud !== subgraph) throw new Error('the token is for another subgraph');
    return payload;
  };
  return {
    async verify(token, subgraph) {
      const key = `${subgraph} ${token}`;
      const known = shared.get(key) ?? apart.get(key);
      if (known && known.expires > Date.now() / 1000) return known.viewer;
      const payload = await check(token, subgraph, viewerType);
      const viewer = Object.freeze(payload.viewer as Viewer);
      (isCleared(viewer) ? apart : shared).set(key, { viewer, expires: payload.exp as number });
      return viewer;
    },
    async verifyInternal(token, subgraph) {
      const key = `internal ${subgraph} ${token}`;
      const known = internals.get(key);
      if (known && known > Date.now() / 1000) return;
      internals.set(key, (await check(token, subgraph, internalType)).exp as number);
    },
  };
}

/**
 * Verifies with each key in turn, until one has signed the token. Any other error ends the search, because it would be the same under
 * every key.
 */
async function verifiedByOne<Result>(keys: readonly KeyObject[], verify: (key: KeyObject) => Promise<Result>) {
  let failure: unknown = new Error('there is no key to verify with');
  for (const key of keys) {
    try {
      return await verify(key);
    } catch (error) {
      failure = error;
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) break;
    }
  }
  throw failure;
}

/** Compartments in which the viewer may do `operation` at `level` or above. */
export function compartments(viewer: Viewer, operation: CaseOperation, level: CaseLevel = 'EXISTENCE'): string[] {
  const least = levels.indexOf(level);
  return viewer.clearance
    .filter((held) => held.operations.includes(operation) && levels.indexOf(held.level) >= least)
    .map((held) => held.compartment);
}

/** Shielded compartments in which the viewer may do anything at all. */
export const shieldedCompartments = (viewer: Viewer): string[] =>
  viewer.clearance.filter((held) => held.shielded).map((held) => held.compartment);

/**
 * Whether work done for this viewer may depend on a hidden case, for example whether a room is asked at all. Bounded resources are
 * then not shared with other viewers, who could otherwise tell from what is left for them (docs/threat-model.md).
 */
export const isCleared = (viewer: Viewer): boolean => viewer.clearance.some((held) => held.shielded);

/** The seal that follows from all grants that a person ever held. */
export function sealBy(grants: readonly Pick<Clearance, 'compartment' | 'shielded'>[]): Seal {
  const shielded = [...new Set(grants.filter((grant) => grant.shielded).map(({ compartment }) => compartment))];
  const compartments = shielded.filter((compartment) => !isOfSingleCase(compartment));
  return {
    compartments,
    always: compartments.length > 0 && grants.every((grant) => grant.shielded || isOfSingleCase(grant.compartment)),
    singleCases: shielded.filter(isOfSingleCase),
  };
}

const levels: readonly CaseLevel[] = ['EXISTENCE', 'METADATA', 'DOCUMENTS'];

/** The highest of these levels; `null` if there are none. */
export const highestLevel = (found: readonly CaseLevel[]): CaseLevel | null =>
  levels.findLast((level) => found.includes(level)) ?? null;
