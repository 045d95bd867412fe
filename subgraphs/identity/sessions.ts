/**
 * Sessions: the seam between signing in and everything else. However somebody proved who they are (the demo's sign-in
 * page, NemLog-in, a system's key), the gateway ends here, and from here on there is a token and a viewer.
 *
 * A viewer is computed anew from rights and grants at every resolving, so that what was withdrawn is gone at once. Only
 * the gateway reaches these endpoints (`Room.internal`).
 */
import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Transaction } from '../kit/database.js';
import type { FaultCode } from '../kit/faults.js';
import type { Room, RoomServices } from '../kit/subgraph.js';
import type { PersonReference, Viewer } from '../kit/viewer.js';
import type { SessionLife } from './context.js';
import { isUuid } from './criteria.js';
import * as store from './store.js';
import { findPerson, rightsOf, viewerOf } from './viewer-of.js';

export const sessionEndpoints = (life: SessionLife): NonNullable<Room['internal']> => ({
  'open-session': (services, body) => open(services, life, body),
  'resolve-session': (services, body) => resolve(services, life, body),
  'close-session': close,
});

type Opened = { token: string; expiresAt: string } | { error: FaultCode };

const openBody = z.object({
  municipality: z.string().regex(/^\d{4}$/),
  person: z.object({ kind: z.enum(['Citizen', 'Employee', 'SystemClient']), id: z.string().refine(isUuid) }),
  right: z.string().nullish(),
  assurance: z.enum(['Low', 'Substantial', 'High']).default('Substantial'),
});

async function open(services: RoomServices, life: SessionLife, body: unknown): Promise<Opened> {
  const asked = openBody.safeParse(body);
  if (!asked.success) return { error: 'BAD_USER_INPUT' };
  const { municipality, person, right, assurance } = asked.data;
  return services.database.asTask('session', municipality, async (tx): Promise<Opened> => {
    if (!(await findPerson(tx, municipality, person))) return { error: 'NOT_FOUND' };
    if (right && !(await rightsOf(tx, municipality, person)).includes(right)) return { error: 'FORBIDDEN' };
    return openSessionFor(tx, services, life, { municipality, person, right: right ?? null, assurance });
  });
}

export interface SessionAsked {
  readonly municipality: string;
  /** Somebody who is there. */
  readonly person: PersonReference;
  /** The right to act in; the one held longest for `null` and for one that is not held. */
  readonly right?: string | null;
  /** The power of attorney acted under; whether it is in force is found out whenever the session is resolved. */
  readonly power?: string | null;
  readonly assurance: Viewer['assurance'];
  readonly nameId?: string | null;
  readonly sessionIndex?: string | null;
  /** When the person proved who it is; now where not said. */
  readonly authenticatedAt?: Date;
}

/** Opens a session in a transaction of the task `session`. */
export async function openSessionFor(
  tx: Transaction,
  services: RoomServices,
  life: SessionLife,
  asked: SessionAsked,
): Promise<{ token: string; expiresAt: string }> {
  const { municipality, person, right, power, assurance, nameId, sessionIndex, authenticatedAt } = asked;
  const now = services.now();
  const token = randomBytes(32).toString('base64url');
  const held = await rightsOf(tx, municipality, person);
  const session: store.NewSession = {
    id: services.newId(),
    municipality,
    personKind: person.kind,
    person: person.id,
    right: right && (power || held.includes(right)) ? right : (held[0] ?? null),
    power: power ?? null,
    assurance,
    authenticatedAt: authenticatedAt ?? now,
    lastUsedAt: now,
    expiresAt: new Date(now.getTime() + life.absoluteHours * 3_600_000),
    nameId: nameId ?? null,
    sessionIndex: sessionIndex ?? null,
  };
  await store.insertSession(tx, session, hashOf(token));
  return { token, expiresAt: session.expiresAt.toISOString() };
}

const resolveBody = z.object({ token: z.string(), touch: z.boolean().default(false) });

async function resolve(services: RoomServices, life: SessionLife, body: unknown): Promise<{ viewer: Viewer | null }> {
  const asked = resolveBody.safeParse(body);
  if (!asked.success) return { viewer: null };
  const now = services.now();
  const idle = life.idleMinutes * 60_000;
  // The municipality is not known before the session is found: `openSession` sets it.
  return services.database.asTask('session', '', async (tx) => {
    const idleSince = new Date(now.getTime() - idle);
    const session = await store.openSession(tx, hashOf(asked.data.token), now, idleSince);
    if (!session) return { viewer: null };
    const viewer = await viewerOf(tx, session, now);
    // Not at every request, lest those of one session wait for each other's lock: within 1/60 of the idle time.
    const stale = now.getTime() - session.lastUsedAt.getTime() >= idle / 60;
    if (viewer && asked.data.touch && stale) await store.touchSession(tx, session, now);
    return { viewer };
  });
}

const closeBody = z.object({ token: z.string() });

/** Closing an unknown token is no error: the caller wanted it closed. */
async function close(services: RoomServices, body: unknown): Promise<object> {
  const asked = closeBody.safeParse(body);
  if (!asked.success) return {};
  await services.database.asTask('session', '', (tx) =>
    store.closeSession(tx, hashOf(asked.data.token), services.now()),
  );
  return {};
}

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();
