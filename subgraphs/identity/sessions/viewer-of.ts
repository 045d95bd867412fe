/**
 * The viewer of a session, computed anew from rights, grants and powers of attorney each time, so that a withdrawal takes effect.
 *
 * Somebody who acts for another organisation acts on the authority of the employee who gave the power: that employee of the giver is
 * the subject, and the person at the keyboard is the actor. A power lends SMDB's rights to people who hold these rights themselves.
 * It lends no clearance, and the actor's own clearance was granted for the actor's own tasks, so under a power there is none.
 */
import type { Transaction } from '../../postgres/database.js';
import { type CaseOperation, type PersonReference, sealBy, type Viewer } from '../../protocol/viewer.js';
import { grantsOf } from '../grants/time-store.js';
import * as store from '../people/store.js';
import { lendable } from '../powers/rights.js';
import { type HeldRight, heldRights, type UsablePower, usablePowers } from '../powers/store.js';
import { narrowedBy } from '../sign-in/privileges-narrow.js';
import { narrowingOf } from '../sign-in/store.js';
import { scopesOf } from './rights.js';
import type * as sessionStore from './store.js';

export interface ViewerNow {
  readonly viewer: Viewer;
  /** Milliseconds since 1970: the next time at which time alone may change the viewer's clearance. */
  readonly nextTurn: number;
}

/** `children`: those for whom a parent sees. `null` if the session's person does not exist any more. */
export async function viewerOf(
  tx: Transaction,
  session: sessionStore.SessionRow,
  now: Date,
  children: readonly string[] = [],
): Promise<ViewerNow | null> {
  const { municipality } = session;
  const actor: PersonReference = { kind: session.personKind, id: session.person };
  // None of them waits for another's answer, so they are sent together.
  const [person, acting, { given, nextTurn }, narrowings] = await Promise.all([
    findPerson(tx, municipality, actor),
    actor.kind === 'Employee' ? actingAs(tx, session) : nothing,
    grantsOf(tx, municipality, actor.id, now),
    session.right === null ? [] : narrowingOf(tx, municipality, actor.id, session.right),
  ]);
  if (!person) return null;
  const { right, power } = acting;
  const scopes =
    actor.kind === 'Employee'
      ? acting.scopes
      : scopesOf(actor.kind, null, person.__typename === 'SystemClient' ? person.scopes : []);
  const cleared = usesGrants({ ...acting, scopes });
  // One entry per grant: two grants of one compartment must not lend each other their level or operations.
  const clearance = given
    .filter(({ inForce }) => cleared && inForce)
    .map(({ inForce: _inForce, ...grant }) => ({ ...grant, operations: inOrder(grant.operations) }));
  const viewer: Viewer = {
    session: session.id,
    municipality,
    subject: power ? { kind: 'Employee', id: power.givenBy } : actor,
    actor,
    organisation: person.__typename === 'Citizen' ? null : person.organisationId,
    right,
    actingFor: power?.giver ?? null,
    powerOfAttorney: power?.id ?? null,
    scopes,
    seal: sealBy(given),
    ...(children.length > 0 && { children }),
    clearance: right === null ? clearance : narrowedBy(narrowings, clearance),
    authenticatedAt: Math.floor(session.authenticatedAt.getTime() / 1000),
    assurance: session.assurance,
  };
  return { viewer, nextTurn };
}

interface Acting {
  readonly right: string | null;
  readonly power: UsablePower | null;
  readonly scopes: readonly string[];
}

const nothing: Acting = { right: null, power: null, scopes: [] };

/** Whoever acts for somebody else, or in a right that opens nothing, uses no grant. */
export const usesGrants = ({ scopes, power }: Acting): boolean => scopes.length > 0 && power === null;

/** What an employee's session results in. A withdrawn right is not replaced by another one: acting in it was a choice. */
async function actingAs(
  tx: Transaction,
  { municipality, person, right, power }: sessionStore.SessionRow,
): Promise<Acting> {
  const held = (await heldRights(tx, municipality, person)).find(({ code }) => code === right);
  if (!held) return nothing;
  if (power === null) return actingWith(held, null);
  const usable = (await usablePowers(tx, municipality, person, held.code)).find(({ id }) => id === power);
  return usable ? actingWith(held, usable) : nothing;
}

/** What acting in a right that is held results in, for oneself or under a power that can be used. */
export function actingWith(held: HeldRight, power: UsablePower | null): Acting {
  const scopes = scopesOf('Employee', held.code).filter((scope) => held.atHome || !atHomeOnly.includes(scope));
  return { right: held.code, power, scopes: power === null && needsPower(held) ? [] : scopes };
}

/** Scopes for the municipality's own people: whoever runs this system, and whoever asks for grants and decides on them. */
const atHomeOnly: readonly string[] = [
  ...['admin', 'grant:request', 'grant:decide', 'disclosure:agree'],
  'citizen:protected-address',
];

/**
 * A right that opens the municipality's reports to somebody who does not work for the municipality does so under a power only. A
 * right that is held on behalf of another company opens nothing by itself, because that is what a power is for.
 */
export const needsPower = ({ code, own, atHome }: HeldRight): boolean =>
  !own || code.startsWith('SMDB_DELEGATED_') || (lendable.includes(code) && !atHome);

/** The power to use if none is named: the only one there is, for a right that opens nothing without a power. */
export async function powerMeant(
  tx: Transaction,
  municipality: string,
  { kind, id }: PersonReference,
  right: string | null,
): Promise<string | null> {
  if (kind !== 'Employee' || right === null) return null;
  const held = (await heldRights(tx, municipality, id)).find(({ code }) => code === right);
  if (!held || !needsPower(held)) return null;
  const usable = await usablePowers(tx, municipality, id, right);
  return usable.length === 1 ? usable[0]!.id : null;
}

export async function findPerson(tx: Transaction, municipality: string, { kind, id }: PersonReference) {
  if (kind === 'Citizen') return (await store.citizensById(tx, municipality, [id]))[0];
  if (kind === 'Employee') return (await store.employeesById(tx, municipality, [id]))[0];
  return (await store.systemClientsById(tx, municipality, [id]))[0];
}

/** Only employees hold rights. Each right once, the one held longest first. */
export const rightsOf = async (
  tx: Transaction,
  municipality: string,
  { kind, id }: PersonReference,
): Promise<string[]> => (kind === 'Employee' ? (await heldRights(tx, municipality, id)).map(({ code }) => code) : []);

const operationsInOrder: readonly CaseOperation[] = ['SEARCH', 'ENTER', 'DELETE'];
const inOrder = (operations: readonly CaseOperation[]) =>
  operationsInOrder.filter((operation) => operations.includes(operation));
