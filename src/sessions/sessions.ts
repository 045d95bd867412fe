/**
 * Resolves the cookie or bearer token of a request to its viewer. The identity room is the authority on sessions. Its
 * answer is cached here until the person's access changes (`access-revision.ts`) or the session expires.
 *
 * A viewer is checked twice: when a request arrives and when its answer is about to leave.
 */
import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { parseCookie } from 'cookie';
import { LRUCache } from 'lru-cache';
import { lease, viewerBytes } from '../../subgraphs/edge/clients.js';
import { standingOf, type ViewerStanding } from '../../subgraphs/edge/release.js';
import { bearerOf } from '../../subgraphs/edge/request.js';
import { Fault } from '../../subgraphs/protocol/faults.js';
import type { Viewer } from '../../subgraphs/protocol/viewer.js';
import type { CallRoom } from '../subgraph-client/internal-calls.js';
import { openAccessRevision } from './access-revision.js';
import type { Revocations } from './revocations.js';
import type { FoundSession, ViewerCache } from './viewer-cache.js';

export interface Sessions {
  /**
   * Resolves to the viewer, or to `null` for a token that is not valid. Throws `SESSION_UNAVAILABLE` if that cannot be
   * determined, and `TOO_MANY_REQUESTS` if `mayLookUp` denies.
   */
  viewerOf(token: string, use?: SessionUse, mayLookUp?: MayLookUp): Promise<Viewer | null> | Viewer;
  /** Compares a viewer of a moment ago with the current one. Called before an answer leaves. */
  stillHolds(token: string, viewer: Viewer): Promise<ViewerStanding> | ViewerStanding;
  open(person: { kind: string; id: string }): Promise<{ token: string; expiresAt: string }>;
  close(token: string): Promise<void>;
  /**
   * Call before a change, and call the returned function after it. If the change altered anybody's access, that
   * function resolves once no gateway can answer by the old access any more. So a revocation holds as soon as it is
   * acknowledged.
   */
  changing(): () => Promise<void>;
}

/**
 * Asked before a token that was never valid here is looked up at the identity room: anybody can make up tokens. Tokens
 * that were valid before are exempt.
 */
export type MayLookUp = () => boolean;

/** Only a person's own actions keep a session alive. Requests that a page sends by itself (`x-polling`) do not. */
export type SessionUse = 'person' | 'polling';

interface KnownSession {
  readonly viewer: Viewer;
  readonly text: string;
  /** Milliseconds of the monotonic clock. */
  readonly until: number;
  readonly touchAt: number;
}

/** Maximum bytes of cached viewers: enough for some ten thousand people with one right each. */
export const sessionCacheBytes = 64 * 1024 * 1024;

/** Milliseconds after the end of a lease by which an answer released under it has reached its caller. */
const margin = 300;

export interface SessionOptions {
  readonly municipality: string;
  readonly revocations: Revocations | null;
  /** Shared with other gateways. */
  readonly cache: ViewerCache | null;
  /** Whether no other gateway uses the same rooms. Then there are no other leases to wait for. */
  readonly alone?: boolean;
}

/** Opens the sessions of one municipality, with a cache in memory. */
export function openSessions(
  identity: CallRoom,
  { municipality, revocations, cache, alone }: SessionOptions,
): Sessions {
  const known = new LRUCache<string, KnownSession>({
    // Limited by size, because some people hold hundreds of grants.
    maxSize: sessionCacheBytes,
    sizeCalculation: ({ text }) => viewerBytes(text),
    // Access changes name the session's own person, which is the actor.
    dispose: ({ viewer }, key, reason) => {
      if (reason !== 'set') forget(keysOf, viewer.actor.id, key);
    },
  });
  const keysOf = new Map<string, Set<string>>();
  /** Tokens that were valid here at some time. */
  const seen = new LRUCache<string, true>({ max: 50_000 });
  const pending = new Map<string, Promise<Viewer | null>>();
  const accessRevision = openAccessRevision(identity, {
    municipality,
    onChange(person) {
      if (person === null) known.clear();
      else for (const key of [...(keysOf.get(person) ?? [])]) known.delete(key);
    },
  });
  revocations?.onRevoked(() => accessRevision.lapse());

  const keep = (key: string, found: FoundSession): Viewer | null => {
    const before = known.get(key);
    // Keep the same object for the same viewer, so that what is cached per viewer (signed tokens) stays valid.
    const viewer = before?.text === found.text ? before.viewer : deepFreeze(JSON.parse(found.text) as Viewer);
    const now = performance.now();
    const person = viewer.actor.id;
    known.set(key, { viewer, text: found.text, until: now + found.goodFor, touchAt: now + found.touchIn });
    keysOf.set(person, (keysOf.get(person) ?? new Set()).add(key));
    seen.set(key, true);
    return viewer;
  };

  const ask = async (token: string, key: string, use: SessionUse): Promise<Viewer | null> => {
    const shared = known.has(key) ? null : ((await cache?.get(key)) ?? null);
    const isEnough = shared && (use === 'polling' || shared.touchIn > 0);
    let found = isEnough ? shared : await resolve(identity, token, use);
    // The person's access changed while the answer was on its way or in the cache.
    while (found && accessRevision.changedSince(found.revision, found.person))
      found = await resolve(identity, token, use);
    if (!found) {
      known.delete(key);
      return null;
    }
    if (found !== shared) void cache?.set(key, found);
    return keep(key, found);
  };

  const confirmed = async (): Promise<void> => {
    if (accessRevision.holds()) return;
    await accessRevision.confirm().catch(() => {
      throw new Fault('SESSION_UNAVAILABLE');
    });
  };

  const askOnce = (token: string, key: string, use: SessionUse) => {
    const name = `${use} ${key}`;
    const underWay = pending.get(name) ?? ask(token, key, use).finally(() => pending.delete(name));
    pending.set(name, underWay);
    return underWay;
  };

  const believed = (key: string, use: SessionUse): Viewer | null => {
    const hit = known.get(key);
    const now = performance.now();
    return hit && now < hit.until && (use === 'polling' || now < hit.touchAt) ? hit.viewer : null;
  };

  const viewerOf: Sessions['viewerOf'] = (token, use = 'person', mayLookUp = () => true) => {
    const key = keyOf(token);
    const hit = accessRevision.holds() ? believed(key, use) : null;
    if (hit) return hit;
    if (!seen.has(key) && !mayLookUp()) throw new Fault('TOO_MANY_REQUESTS');
    return confirmed().then(() => believed(key, use) ?? askOnce(token, key, use));
  };

  const changing = () => {
    const before = accessRevision.revision();
    return async () => {
      const isKnown = await accessRevision.confirmAnew().then(
        () => true,
        // The change stands. Whether it altered access cannot be known now, so wait as if it had.
        () => false,
      );
      if (isKnown && accessRevision.revision() === before) return;
      revocations?.announce();
      // The message may get lost, but leases expire: after this time no other gateway holds one from before the change.
      if (!alone) await wait(lease + margin);
    };
  };

  return {
    viewerOf,
    stillHolds(token, viewer) {
      const now = viewerOf(token, 'polling');
      return now instanceof Promise ? now.then((later) => standingOf(later, viewer)) : standingOf(now, viewer);
    },
    async open(person) {
      const opened = await identity('open-session', { municipality, person });
      if (typeof opened.token !== 'string') throw new Fault('NOT_FOUND');
      seen.set(keyOf(opened.token), true);
      return { token: opened.token, expiresAt: String(opened.expiresAt) };
    },
    async close(token) {
      const settle = changing();
      await identity('close-session', { token });
      await settle();
    },
    changing,
  };
}

async function resolve(identity: CallRoom, token: string, use: SessionUse): Promise<FoundSession | null> {
  const answer = await identity('resolve-session', { token, touch: use === 'person' }).catch(() => {
    throw new Fault('SESSION_UNAVAILABLE');
  });
  const viewer = answer.viewer as unknown as Viewer | null;
  if (!viewer) return null;
  const { revision, goodFor, touchIn } = answer as unknown as FoundSession;
  return { text: JSON.stringify(viewer), person: viewer.actor.id, revision, goodFor, touchIn };
}

function forget(keysOf: Map<string, Set<string>>, person: string, key: string): void {
  const keys = keysOf.get(person);
  keys?.delete(key);
  if (keys?.size === 0) keysOf.delete(person);
}

function deepFreeze<Value extends object>(value: Value): Value {
  for (const part of Object.values(value)) if (part && typeof part === 'object') deepFreeze(part);
  return Object.freeze(value);
}

/** Tokens are secrets, so only their digests are kept in memory. */
const keyOf = (token: string): string => hash('sha256', token, 'base64url');

/**
 * Browsers accept `__Host-` cookies only from this host: no other host of the domain can sign somebody in as somebody
 * else.
 */
export const sessionCookie = (secure: boolean): string => `${secure ? '__Host-' : ''}sluse_session`;

/** Returns the token of a request: a bearer token, or else the session cookie. `null` if there is none. */
export function tokenOf(headers: IncomingHttpHeaders, secureCookie: boolean): string | null {
  const bearer = bearerOf(headers.authorization);
  if (bearer && /^[\w-]{20,200}$/.test(bearer)) return bearer;
  const cookie = headers.cookie ? parseCookie(headers.cookie)[sessionCookie(secureCookie)] : undefined;
  return cookie && /^[\w-]{20,200}$/.test(cookie) ? cookie : null;
}

/** A page's own requests say so and keep nobody signed in. */
export const useOf = (headers: IncomingHttpHeaders): SessionUse =>
  headers['x-polling'] === 'true' ? 'polling' : 'person';
