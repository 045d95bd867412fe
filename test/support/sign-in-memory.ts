/**
 * The identity room's part of signing in, kept in this process: the same contract, atomic because nothing in it waits. It outlives
 * the gateways that ask it, as the room's database does.
 */
import { randomBytes } from 'node:crypto';
import type { CallRoom } from '../../src/subgraph-client/internal-calls.js';
import { aViewer } from './room.js';

export interface SignInMemory {
  readonly internal: CallRoom;
  /** Bodies of what was asked, by endpoint. */
  asked(name: string): any[];
  /** Sessions that are open. */
  sessions(): { token: string; nameId: string; sessionIndex: string | null }[];
  /** All sessions are over. */
  forget(): void;
  /** What `finish-sign-in` says beside the token. */
  link: boolean;
  /** While set, the room does not answer. */
  down: boolean;
  /** What it refuses with, whoever comes. */
  refuses: string | null;
}

interface Begun {
  readonly browser: string;
  readonly returnTo: string;
  used: boolean;
}

export function signInMemory(): SignInMemory {
  const begun = new Map<string, Begun>();
  const seen = new Set<string>();
  const open = new Map<string, { nameId: string; sessionIndex: string | null }>();
  const calls: [string, any][] = [];

  const finish = (body: any) => {
    const request = begun.get(body.request);
    if (!request) return { refused: 'UNKNOWN_REQUEST', unknown: [] };
    if (request.browser !== body.browser) return { refused: 'WRONG_BROWSER', unknown: [] };
    if (request.used) return { refused: 'USED_REQUEST', unknown: [] };
    request.used = true;
    if (seen.has(body.assertion.id)) return { refused: 'REPLAYED_ASSERTION', unknown: [] };
    seen.add(body.assertion.id);
    if (memory.refuses) return { refused: memory.refuses, unknown: [] };
    if (body.continues) open.delete(body.continues);
    const token = randomBytes(32).toString('base64url');
    open.set(token, { nameId: body.nameId, sessionIndex: body.sessionIndex });
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    return { token, expiresAt, returnTo: request.returnTo, link: memory.link, unknown: [] };
  };

  const endpoints: Record<string, (body: any) => object | null> = {
    'begin-sign-in': ({ request, browser, returnTo }) => {
      begun.set(request, { browser, returnTo, used: false });
      return {};
    },
    'finish-sign-in': finish,
    'logout-by-name': ({ nameId, sessionIndex }) => {
      const ended = [...open].filter(
        ([, known]) => known.nameId === nameId && (sessionIndex === undefined || known.sessionIndex === sessionIndex),
      );
      for (const [token] of ended) open.delete(token);
      return { closed: ended.length };
    },
    'sign-in-of': ({ token }) => open.get(token) ?? null,
    'close-session': ({ token }) => {
      open.delete(token);
      return {};
    },
    'resolve-session': ({ token }) =>
      open.has(token)
        ? { viewer: aViewer(), revision: 0, goodFor: 60_000, touchIn: 60_000 }
        : { viewer: null, ended: 'CLOSED' },
    // Nothing is believed for longer than a question takes.
    'access-changes': () => ({ revision: 0, persons: null }),
  };

  const memory: SignInMemory = {
    link: false,
    down: false,
    refuses: null,
    async internal(name, body) {
      if (memory.down) throw new Error('the room does not answer');
      calls.push([name, body]);
      return (endpoints[name]!(body) ?? {}) as never;
    },
    forget: () => open.clear(),
    asked: (name) => calls.filter(([called]) => called === name).map(([, body]) => body),
    sessions: () => [...open].map(([token, known]) => ({ token, ...known })),
  };
  return memory;
}
