/** What the routes of the stand-in share. */
import type { Credentials } from './credentials.js';
import type { KnownServiceProvider } from './metadata.js';
import type { NemLoginPerson } from './people.js';
import type { SsoSessions } from './sessions.js';

export interface StandIn {
  readonly entityId: string;
  readonly origin: string;
  readonly people: readonly NemLoginPerson[];
  readonly credentials: Credentials;
  readonly sessions: SsoSessions;
  readonly serviceProvider: () => Promise<KnownServiceProvider>;
  readonly now: () => Date;
}
