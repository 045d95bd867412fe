/**
 * Signing in through an identity provider: the state behind the gateway's SAML. The gateway has validated everything of an answer
 * that can be validated without state. This file decides whether the answer was asked for, by this browser and for the first time,
 * whom it is about, and what that person may act as from now on.
 *
 * One sign-in is one transaction. A refusal is stored too: a used request or assertion stays used.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Room, RoomServices } from '../../kit/subgraph.js';
import type { Transaction } from '../../postgres/database.js';
import { Fault } from '../../protocol/faults.js';
import type { PersonReference } from '../../protocol/viewer.js';
import type { SessionLife } from '../context.js';
import type { LockOut } from '../lock-out/lock-out.js';
import { openSessionFor } from '../sessions/sessions.js';
import * as sessionStore from '../sessions/store.js';
import { legacyQuestion } from './linking-store.js';
import { type AssertedIdentity, assertedPerson, identityOf, isAdministrator, type PersonRefusal } from './person.js';
import type { PrivilegeMap } from './privileges-map.js';
import * as store from './store.js';

/** Why nobody was signed in. For the log only: the browser is not told. */
export type SignInRefusal =
  | 'MALFORMED'
  | 'UNKNOWN_REQUEST'
  | 'WRONG_BROWSER'
  | 'USED_REQUEST'
  | 'EXPIRED_REQUEST'
  | 'EXPIRED_ASSERTION'
  | 'REPLAYED_ASSERTION'
  | 'NOT_REAUTHENTICATED'
  | 'ASSURANCE_TOO_LOW'
  | 'NO_IDENTITY'
  | 'LOCKED'
  | PersonRefusal;

export type Finished = { readonly unknown: readonly string[] } & (
  | {
      readonly token: string;
      readonly expiresAt: string;
      readonly returnTo: string;
      /** Whether the person is to be asked for an old SMDB account. */
      readonly link: boolean;
    }
  | { readonly refused: SignInRefusal; readonly person?: PersonReference }
);

export interface SignInOptions {
  readonly life: SessionLife;
  readonly privileges: PrivilegeMap;
  readonly lockOut: LockOut;
}

export const signInEndpoints = (options: SignInOptions): NonNullable<Room['internal']> => ({
  'begin-sign-in': begin,
  'finish-sign-in': (services, body) => finish(services, options, body),
  'logout-by-name': logoutByName,
  'sign-in-of': signInOf,
});

const municipality = z.string().regex(/^\d{4}$/);
const short = z.string().min(1).max(200);

/** Minutes within which a request must be answered. */
const answerWithin = 10;
/** Milliseconds by which clocks may differ: five minutes at most (DOMAIN, "Validation"). */
const skew = 5 * 60_000;

const beginBody = z.object({
  municipality,
  request: short,
  browser: z.string().min(20).max(200),
  // A path on this site that no browser could take for another site.
  returnTo: z.string().regex(/^\/(?![/\\])[^\\\p{Cc}]{0,1999}$/u),
  forceAuthn: z.boolean(),
  contexts: z.array(short).max(10),
});

async function begin(services: RoomServices, body: unknown): Promise<object> {
  const { browser, ...asked } = read(beginBody, body);
  const begunAt = services.now();
  const expiresAt = new Date(begunAt.getTime() + answerWithin * 60_000);
  await services.database.asTask('session', asked.municipality, async (tx) => {
    await store.sweep(tx, asked.municipality, new Date(begunAt.getTime() - skew));
    const isNew = await store.insertRequest(tx, { ...asked, browserHash: hashOf(browser), begunAt, expiresAt });
    if (!isNew) throw new Error('the id of a sign-in request was used before');
  });
  return {};
}

const finishBody = z.object({
  municipality,
  request: short,
  browser: z.string().max(200),
  assertion: z.object({ id: short, notOnOrAfter: z.iso.datetime({ offset: true }) }),
  issuer: z.string().min(1).max(1_000),
  nameId: z.string().min(1).max(1_000),
  sessionIndex: z.string().max(1_000).nullish(),
  authnInstant: z.iso.datetime({ offset: true }),
  sessionNotOnOrAfter: z.iso.datetime({ offset: true }).nullish(),
  assurance: z.enum(['Low', 'Substantial', 'High']),
  attributes: z.record(z.string(), z.string()),
  workstation: z.string().nullish(),
  continues: z.string().nullish(),
});
type FinishBody = z.output<typeof finishBody>;

async function finish(services: RoomServices, options: SignInOptions, body: unknown): Promise<Finished> {
  const parsed = finishBody.safeParse(body);
  if (!parsed.success) return { refused: 'MALFORMED', unknown: [] };
  const answer = parsed.data;
  const identity = identityOf(answer);
  const finished = await services.database.asTask('session', answer.municipality, (tx) =>
    finishIn(tx, services, options, answer, identity),
  );
  await settle(services, options.lockOut, answer, identity, finished);
  return finished;
}

async function finishIn(
  tx: Transaction,
  services: RoomServices,
  { life, privileges, lockOut }: SignInOptions,
  answer: FinishBody,
  identity: AssertedIdentity | null,
): Promise<Finished> {
  const now = services.now();
  const { municipality, issuer, assertion, assurance } = answer;
  const refuse = (refused: SignInRefusal): Finished => ({ refused, unknown: [] });

  await store.sweep(tx, municipality, new Date(now.getTime() - skew));
  const browserHash = hashOf(answer.browser);
  const asked = await store.useRequest(tx, municipality, answer.request, browserHash, now);
  if (!asked) return refuse(unusable(await store.requestState(tx, municipality, answer.request, browserHash)));
  const until = new Date(Date.parse(assertion.notOnOrAfter) + skew);
  // An expired assertion is not remembered, so it could be replayed.
  if (until <= now) return refuse('EXPIRED_ASSERTION');
  if (!(await store.rememberAssertion(tx, municipality, issuer, assertion.id, until)))
    return refuse('REPLAYED_ASSERTION');
  const authenticatedAt = new Date(Math.min(Date.parse(answer.authnInstant), now.getTime()));
  if (asked.forceAuthn && authenticatedAt.getTime() < asked.begunAt.getTime() - skew)
    return refuse('NOT_REAUTHENTICATED');
  if (levels.indexOf(assurance) < levels.indexOf(levelAsked(asked.contexts))) return refuse('ASSURANCE_TOO_LOW');
  if (!identity) return refuse('NO_IDENTITY');

  // Locked before anything that others wait for: code that closes this session locks it first as well.
  const before = answer.continues
    ? await sessionStore.continuedSession(tx, municipality, hashOf(answer.continues), now)
    : null;
  const who = { municipality, identity: identity.key };
  // Somebody must be able to lift blocks, including their own. An assertion is not a guess, and guesses stay blocked.
  const always = await isAdministrator(tx, privileges, municipality, identity);
  if (!always && (await lockOut.isLocked(tx, { ...who, person: null }))) return refuse('LOCKED');
  const found = await assertedPerson(tx, services, privileges, municipality, identity);
  if (found.person && !always && (await lockOut.isLocked(tx, { ...who, person: found.person.id })))
    return { ...refuse('LOCKED'), person: found.person };
  if (found.refused) return found;

  const same = before?.person === found.person.id ? before : null;
  const opened = await openSessionFor(tx, services, life, {
    municipality,
    person: found.person,
    right: same?.right ?? null,
    ...(same && { power: same.power }),
    assurance,
    nameId: answer.nameId,
    sessionIndex: answer.sessionIndex ?? null,
    authenticatedAt,
    notAfter: answer.sessionNotOnOrAfter ? new Date(answer.sessionNotOnOrAfter) : null,
  });
  // Its id is not reused: somebody who knew it before the sign-in must not be signed in by it (session fixation).
  if (before) await sessionStore.closeSessionById(tx, municipality, before.id, now);
  const link = await legacyQuestion(tx, municipality, found.person);
  return { ...opened, returnTo: asked.returnTo, link, unknown: found.unknown };
}

function unusable(state: store.RequestState | null): SignInRefusal {
  if (!state) return 'UNKNOWN_REQUEST';
  if (!state.ofBrowser) return 'WRONG_BROWSER';
  return state.used ? 'USED_REQUEST' : 'EXPIRED_REQUEST';
}

const levels = ['Low', 'Substantial', 'High'] as const;

/** The level of assurance that a request asked for; Substantial by default. */
const levelAsked = (contexts: readonly string[]): (typeof levels)[number] =>
  levels.find((level) => contexts.includes(`https://data.gov.dk/concept/core/nsis/loa/${level}`)) ?? 'Substantial';

/** A person with a proven identity but without access counts as a rejected attempt of that person. */
async function settle(
  services: RoomServices,
  lockOut: LockOut,
  { municipality, workstation }: FinishBody,
  identity: AssertedIdentity | null,
  finished: Finished,
): Promise<void> {
  if (!identity) return;
  const refused = 'refused' in finished;
  if (refused && !ofPerson.has(finished.refused)) return;
  const person = (refused && finished.person?.id) || null;
  const who = { municipality, workstation: workstation ?? null, identity: identity.key, person };
  await lockOut.settled(services, who, refused ? 'rejected' : 'accepted');
}

const ofPerson: ReadonlySet<SignInRefusal> = new Set<PersonRefusal>([
  'UNKNOWN_CITIZEN',
  'AMBIGUOUS_CITIZEN',
  'UNKNOWN_ORGANISATION',
  'OTHER_ORGANISATION',
  'HAS_LEFT',
  'MALFORMED_PRIVILEGES',
  'NO_PRIVILEGES',
]);

const logoutBody = z.object({ municipality, nameId: z.string().min(1), sessionIndex: z.string().nullish() });

/** A log-out that began at the identity provider. */
async function logoutByName(services: RoomServices, body: unknown): Promise<{ closed: number }> {
  const { municipality, nameId, sessionIndex } = read(logoutBody, body);
  const closed = await services.database.asTask('session', municipality, (tx) =>
    sessionStore.closeByName(tx, municipality, nameId, sessionIndex ?? null, services.now()),
  );
  return { closed };
}

const signInOfBody = z.object({ token: z.string() });

/** The name by which the identity provider is told that the session of this token ends. */
async function signInOf(services: RoomServices, body: unknown): Promise<sessionStore.ProviderSession | null> {
  const { token } = read(signInOfBody, body);
  return services.database.asTask('session', '', (tx) => sessionStore.providerSession(tx, hashOf(token)));
}

function read<Body extends z.ZodType>(form: Body, body: unknown): z.output<Body> {
  const parsed = form.safeParse(body);
  if (!parsed.success) throw new Fault('BAD_USER_INPUT');
  return parsed.data;
}

const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();
