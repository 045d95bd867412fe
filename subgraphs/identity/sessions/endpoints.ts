/**
 * Sessions: the boundary between signing in and everything else. However somebody proved who they are (the demo's sign-in page,
 * NemLog-in, a system's key), the gateway opens a session here, and from then on there is a token and a viewer.
 *
 * A viewer is computed anew from rights and grants each time, so that a withdrawal takes effect at once. Only the gateway reaches
 * these endpoints (`Room.internal`).
 */
import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Room, RoomServices } from '../../kit/room.js';
import type { Transaction } from '../../postgres/database.js';
import type { FaultCode } from '../../protocol/faults.js';
import { isUuid } from '../../protocol/text.js';
import type { PersonReference, Viewer } from '../../protocol/viewer.js';
import type { SessionLife } from '../context.js';
import { childrenOf } from '../people/custody-store.js';
import * as sessionStore from './store.js';
import { findPerson, powerMeant, rightsOf, viewerOf } from './viewer-of.js';

/** Whether the municipality lets parents see for the children of whom they hold custody. */
export type ParentsSee = (municipality: string) => boolean;

export const sessionEndpoints = (life: SessionLife, parentsSee: ParentsSee): NonNullable<Room['internal']> => ({
  'open-session': (services, body) => open(services, life, body),
  'resolve-session': (services, body) => resolve(services, { ...life, parentsSee }, body),
  'close-session': close,
  'access-changes': changes,
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
  /** A person who exists in the register. */
  readonly person: PersonReference;
  /** The right to act in. For `null`, or a right that is not held, it is the one held longest. */
  readonly right: string | null;
  /** The power of attorney to act under. If none is named, `powerMeant` chooses. */
  readonly power?: string | null;
  readonly assurance: Viewer['assurance'];
  /** The identity provider's names for the person and for its own session. */
  readonly nameId?: string | null;
  readonly sessionIndex?: string | null;
  /** When the person proved who they are; now by default. */
  readonly authenticatedAt?: Date;
  /** When the identity provider's own session ends, if it says so. This session ends with it. */
  readonly notAfter?: Date | null;
}

/** Opens a session for somebody who has proved who they are. Its token is random and not stored; only its hash is. */
export async function openSessionFor(
  tx: Transaction,
  services: Pick<RoomServices, 'now' | 'newId'>,
  life: SessionLife,
  asked: SessionAsked,
): Promise<{ token: string; expiresAt: string }> {
  const { municipality, person, assurance } = asked;
  const now = services.now();
  const token = randomBytes(32).toString('base64url');
  const held = await rightsOf(tx, municipality, person);
  const right = asked.right && held.includes(asked.right) ? asked.right : (held[0] ?? null);
  const session: sessionStore.SessionRow = {
    id: services.newId(),
    municipality,
    personKind: person.kind,
    person: person.id,
    right,
    power: asked.power === undefined ? await powerMeant(tx, municipality, person, right) : asked.power,
    assurance,
    nameId: asked.nameId ?? null,
    sessionIndex: asked.sessionIndex ?? null,
    authenticatedAt: asked.authenticatedAt ?? now,
    lastUsedAt: now,
    expiresAt: new Date(
      Math.min(now.getTime() + life.absoluteHours * 3_600_000, asked.notAfter?.getTime() ?? Infinity),
    ),
    closedAt: null,
  };
  await sessionStore.insertSession(tx, session, hashOf(token));
  return { token, expiresAt: session.expiresAt.toISOString() };
}

const resolveBody = z.object({ token: z.string(), touch: z.boolean().default(false) });

/** Why a token opens nothing. The gateway uses it to send somebody back to sign in; a caller is never told. */
export type Ended = 'UNKNOWN' | 'CLOSED' | 'IDLE' | 'EXPIRED';

export type Resolved =
  | { readonly viewer: null; readonly ended: Ended }
  | {
      readonly viewer: Viewer;
      /** The last change of access that this viewer takes into account (`access-changes`). */
      readonly revision: number;
      /** Milliseconds until time alone changes the viewer: the session becomes idle or ends, a grant begins or lapses, or a child turns 15. */
      readonly goodFor: number;
      /** Milliseconds until a use must be reported (`touch`), so that the session does not become idle while it is used. */
      readonly touchIn: number;
    };

/**
 * Upper bound in milliseconds, however far off the next change by time is. No viewer is trusted for longer without a look at the
 * database.
 */
const longest = 60_000;

interface Rules extends SessionLife {
  readonly parentsSee: ParentsSee;
}

async function resolve(services: RoomServices, rules: Rules, body: unknown): Promise<Resolved> {
  const asked = resolveBody.safeParse(body);
  if (!asked.success) return { viewer: null, ended: 'UNKNOWN' };
  const now = services.now();
  const hash = hashOf(asked.data.token);
  const idle = rules.idleMinutes * 60_000;
  // Not at every request, so that requests of one session do not wait for each other's lock: at most once in 1/60 of the idle time.
  const touchAfter = idle / 60;
  // One snapshot: if the revision were read later than the data that it changed, outdated data would be trusted for good.
  const look = (tx: Transaction) => lookAt(tx, { hash, idle, touchAfter, now, parentsSee: rules.parentsSee });
  const seen = await services.database.asTask('session', '', look, 'read');
  if (!asked.data.touch || !seen.viewer || seen.touchIn > 0) return seen;
  await services.database.asTask('session', '', (tx) =>
    sessionStore.touchSession(tx, hash, now, new Date(now.getTime() - idle), new Date(now.getTime() - touchAfter)),
  );
  return services.database.asTask('session', '', look, 'read');
}

interface Look {
  readonly hash: Buffer;
  readonly idle: number;
  readonly touchAfter: number;
  readonly now: Date;
  readonly parentsSee: ParentsSee;
}

async function lookAt(tx: Transaction, { hash, idle, touchAfter, now, parentsSee }: Look): Promise<Resolved> {
  // The municipality is not known before the session is found: `findSession` sets it.
  const session = await sessionStore.findSession(tx, hash);
  if (!session) return { viewer: null, ended: 'UNKNOWN' };
  if (session.closedAt) return { viewer: null, ended: 'CLOSED' };
  if (session.expiresAt <= now) return { viewer: null, ended: 'EXPIRED' };
  const idleAt = session.lastUsedAt.getTime() + idle;
  if (idleAt <= now.getTime()) return { viewer: null, ended: 'IDLE' };
  const { municipality, person, personKind } = session;
  const sees = personKind === 'Citizen' && parentsSee(municipality);
  const children = sees ? await childrenOf(tx, municipality, person, now) : [];
  const [found, revision] = await Promise.all([
    viewerOf(
      tx,
      session,
      now,
      children.map(({ id }) => id),
    ),
    sessionStore.accessRevision(tx, municipality),
  ]);
  if (!found) return { viewer: null, ended: 'CLOSED' };
  const ends = [
    ...[idleAt, session.expiresAt.getTime(), found.nextTurn],
    ...children.map(({ until }) => until.getTime()),
  ];
  return {
    viewer: found.viewer,
    revision,
    goodFor: Math.min(longest, Math.min(...ends) - now.getTime()),
    touchIn: Math.max(0, session.lastUsedAt.getTime() + touchAfter - now.getTime()),
  };
}

const changesBody = z.object({
  municipality: z.string().regex(/^\d{4}$/),
  since: z.number().int().min(0).nullable(),
});

/**
 * Persons whose access changed after revision `since`. `persons` is `null` if that is no longer known, so that everybody's access may
 * have changed.
 */
async function changes(
  { database }: RoomServices,
  body: unknown,
): Promise<{ revision: number; persons: string[] | null } | { error: FaultCode }> {
  const asked = changesBody.safeParse(body);
  if (!asked.success) return { error: 'BAD_USER_INPUT' };
  const { municipality, since } = asked.data;
  return database.asTask(
    'session',
    municipality,
    async (tx) => {
      const revision = await sessionStore.accessRevision(tx, municipality);
      if (since === null || since > revision) return { revision, persons: null };
      if (since === revision) return { revision, persons: [] };
      const recorded = await sessionStore.accessChanges(tx, municipality, since);
      const whole = new Set(recorded.map((change) => change.revision)).size === revision - since;
      return { revision, persons: whole ? [...new Set(recorded.map((change) => change.person))] : null };
    },
    'read',
  );
}

const closeBody = z.object({ token: z.string() });

/** Closing an unknown token is not an error: the caller wanted it closed. */
async function close(services: RoomServices, body: unknown): Promise<object> {
  const asked = closeBody.safeParse(body);
  if (!asked.success) return {};
  await services.database.asTask('session', '', (tx) =>
    sessionStore.closeSession(tx, hashOf(asked.data.token), services.now()),
  );
  return {};
}

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();
