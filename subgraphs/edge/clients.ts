/**
 * Finds the viewer for a case system's access token. The token says who the client is; the identity room says what that opens. Its
 * answer is reused for a fifth of a second, as for a session, so that a withdrawn client, key or grant takes effect within that time.
 */
import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { Fault } from '../protocol/faults.js';
import type { Internal } from '../protocol/internal.js';
import type { Viewer } from '../protocol/viewer.js';
import type { AccessClaims, AccessVerifier } from './access-token.js';

export interface Clients {
  /** `null` for a token that opens nothing, or no longer does. Throws SESSION_UNAVAILABLE if that cannot be known. */
  viewerOf(token: string): Promise<Viewer | null>;
}

/** Milliseconds for which every edge reuses an answer of the identity room. */
export const lease = 200;

/** Most bytes of viewers kept. */
export const clientCacheBytes = 16 * 1024 * 1024;

/** Estimated bytes of a viewer: its objects take several times the size of its text. */
export const viewerBytes = (text: string): number => 1_500 + 4 * text.length;

interface KnownClient {
  readonly viewer: Viewer;
  readonly text: string;
  readonly asked: number;
}

/** `identity`: internal calls to the identity room. */
export function openClients(tokens: AccessVerifier, identity: Internal, now: () => Date): Clients {
  const known = new LRUCache<string, KnownClient>({
    maxSize: clientCacheBytes,
    sizeCalculation: ({ text }) => viewerBytes(text),
  });
  const pending = new Map<string, { readonly asked: number; readonly answer: Promise<Viewer | null> }>();

  const ask = async (claims: AccessClaims, key: string, asked: number): Promise<Viewer | null> => {
    const answer = await identity('resolve-client', claims).catch(() => {
      throw new Fault('SESSION_UNAVAILABLE');
    });
    const text = JSON.stringify(answer.viewer ?? null);
    const before = known.get(key);
    // An unchanged viewer stays the same object, so that signed tokens cached per viewer are reused.
    const viewer = before?.text === text ? before.viewer : (Object.freeze(JSON.parse(text)) as Viewer | null);
    if (viewer) known.set(key, { viewer, text, asked });
    else known.delete(key);
    return viewer;
  };

  return {
    async viewerOf(token) {
      const claims = await verified(tokens, token, now());
      if (!claims) return null;
      // Tokens are secrets: only their digests are kept in memory.
      const key = hash('sha256', token, 'base64url');
      // Monotonic time, so that setting a clock has no effect. It is measured from the call, because the answer was true then.
      const moment = performance.now();
      const isFresh = ({ asked }: { asked: number }) => moment - asked < lease;
      const hit = known.get(key);
      if (hit && isFresh(hit)) return hit.viewer;
      const underWay = pending.get(key);
      if (underWay && isFresh(underWay)) return underWay.answer;
      const asking = {
        asked: moment,
        answer: ask(claims, key, moment).finally(() => {
          if (pending.get(key) === asking) pending.delete(key);
        }),
      };
      pending.set(key, asking);
      return asking.answer;
    },
  };
}

async function verified(tokens: AccessVerifier, token: string, now: Date): Promise<AccessClaims | null> {
  try {
    return await tokens.verify(token, now);
  } catch {
    return null;
  }
}
