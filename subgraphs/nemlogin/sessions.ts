/** Who is signed in at the stand-in, by the browser's cookie. Kept in memory, so a restart ends all sessions. */
import { randomBytes } from 'node:crypto';
import { type NemLoginPerson, nameIdOf } from './people.js';
import { newId } from './response.js';

export interface SsoSession {
  readonly person: NemLoginPerson;
  /** The session index in assertions and log-outs; not a secret. */
  readonly index: string;
  readonly authnInstant: Date;
  readonly until: number;
}

export interface SsoSessions {
  of(cookie: string | undefined): SsoSession | null;
  /** Opens a session and ends the one that the browser had before. `cookie`: the cookie's value, which is the secret. */
  open(before: string | undefined, person: NemLoginPerson): { cookie: string; session: SsoSession };
  close(cookie: string | undefined): SsoSession | null;
  /** Ends all sessions of a name, or those with one of these indexes. Returns how many. */
  closeNamed(nameId: string, indexes: readonly string[]): number;
}

const lifetime = 60 * 60_000; // milliseconds
/** Anyone may sign in as anyone, as often as they like, so the oldest sessions are dropped. */
const mostSessions = 1_000;

export function openSsoSessions(now: () => Date): SsoSessions {
  const sessions = new Map<string, SsoSession>();
  const of = (cookie: string | undefined): SsoSession | null => {
    const session = sessions.get(cookie ?? '');
    return session && session.until > now().getTime() ? session : null;
  };
  const close = (cookie: string | undefined) => {
    const session = of(cookie);
    sessions.delete(cookie ?? '');
    return session;
  };
  return {
    of,
    close,
    open(before, person) {
      const at = now();
      for (const [cookie, { until }] of sessions)
        if (until <= at.getTime() || sessions.size >= mostSessions) sessions.delete(cookie);
      const known = close(before);
      const cookie = randomBytes(32).toString('base64url');
      // Somebody who confirms who they are keeps the session's index. Another person gets a new one.
      const index = known?.person.key === person.key ? known.index : newId();
      const session = { person, index, authnInstant: at, until: at.getTime() + lifetime };
      sessions.set(cookie, session);
      return { cookie, session };
    },
    closeNamed(nameId, indexes) {
      const named = [...sessions].filter(
        ([, { person, index }]) => nameIdOf(person) === nameId && (indexes.length === 0 || indexes.includes(index)),
      );
      for (const [cookie] of named) sessions.delete(cookie);
      return named.length;
    },
  };
}
