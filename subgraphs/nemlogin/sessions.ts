/** Who is signed in at the stand-in, by the cookie of the browser. In memory: it knows nobody after a restart. */
import { randomBytes } from 'node:crypto';
import { type NemLoginPerson, nameIdOf } from './people.js';
import { newId } from './response.js';

export interface SsoSession {
  readonly person: NemLoginPerson;
  /** What assertions and log-outs call it; no secret. */
  readonly index: string;
  readonly authnInstant: Date;
  readonly until: number;
}

export interface SsoSessions {
  of(cookie: string | undefined): SsoSession | null;
  /** The cookie's value, which is the secret. The session that the browser had before is over. */
  open(before: string | undefined, person: NemLoginPerson): { cookie: string; session: SsoSession };
  close(cookie: string | undefined): SsoSession | null;
  /** Ends the sessions of a name, or those of them with one of these indexes. */
  closeNamed(nameId: string, indexes: readonly string[]): number;
}

const lifetime = 60 * 60_000; // milliseconds
/** Anyone may sign in as anyone, as often as they like: the oldest go first. */
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
      // Whoever confirms who they are goes on with the same session; somebody else begins another.
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
