/**
 * From a request's cookie or bearer token to its viewer. The identity room holds the truth about sessions; here an answer
 * of it is believed for one second, so that a revocation takes effect within that time whatever caches lie between.
 */
import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { parseCookie } from 'cookie';
import { LRUCache } from 'lru-cache';
import { Fault } from '../subgraphs/kit/faults.js';
import type { Viewer } from '../subgraphs/kit/viewer.js';
import type { Internal } from './internal.js';
import type { Revocations } from './revocations.js';

export interface Sessions {
  /** `null` for a token that opens nothing. Throws SESSION_UNAVAILABLE when that cannot be known. */
  viewerOf(token: string): Promise<Viewer | null> | Viewer;
  open(person: { kind: string; id: string }): Promise<{ token: string; expiresAt: string }>;
  close(token: string): Promise<void>;
  /** What is believed of the session is asked anew: it may have been changed or ended. */
  changed(token: string): void;
}

const believedFor = 1_000; // milliseconds

interface Known {
  readonly viewer: Viewer;
  readonly text: string;
  readonly until: number;
}

export function openSessions(identity: Internal, municipality: string, revocations: Revocations | null): Sessions {
  const known = new LRUCache<string, Known>({ max: 20_000 });
  const pending = new Map<string, Promise<Viewer | null>>();
  revocations?.onRevoked((key) => known.delete(key));

  const ask = async (token: string, key: string): Promise<Viewer | null> => {
    const answer = await identity('resolve-session', { token, touch: true }).catch(() => {
      throw new Fault('SESSION_UNAVAILABLE');
    });
    const text = JSON.stringify(answer.viewer ?? null);
    const before = known.get(key);
    // The same viewer stays the same object: what is kept per viewer (signed tokens) is then kept too.
    const viewer = before?.text === text ? before.viewer : (Object.freeze(JSON.parse(text)) as Viewer | null);
    if (viewer) known.set(key, { viewer, text, until: Date.now() + believedFor });
    else known.delete(key);
    return viewer;
  };

  const changed = (token: string) => {
    known.delete(keyOf(token));
    revocations?.announce(keyOf(token));
  };

  return {
    changed,
    viewerOf(token) {
      const key = keyOf(token);
      const hit = known.get(key);
      if (hit && hit.until > Date.now()) return hit.viewer;
      const underWay = pending.get(key) ?? ask(token, key).finally(() => pending.delete(key));
      pending.set(key, underWay);
      return underWay;
    },
    async open(person) {
      const opened = await identity('open-session', { municipality, person });
      if (typeof opened.token !== 'string') throw new Fault('NOT_FOUND');
      return { token: opened.token, expiresAt: String(opened.expiresAt) };
    },
    async close(token) {
      await identity('close-session', { token });
      changed(token);
    },
  };
}

/** Tokens are secrets: memory keeps their digests only. */
const keyOf = (token: string): string => hash('sha256', token, 'base64url');

export const sessionCookie = 'sluse_session';

/** The token of a request: a bearer token, or the cookie that a browser brings. */
export function tokenOf(headers: IncomingHttpHeaders): string | null {
  const bearer = /^Bearer ([\w-]{20,200})$/i.exec(headers.authorization ?? '')?.[1];
  if (bearer) return bearer;
  const cookie = headers.cookie ? parseCookie(headers.cookie)[sessionCookie] : undefined;
  return cookie && /^[\w-]{20,200}$/.test(cookie) ? cookie : null;
}
