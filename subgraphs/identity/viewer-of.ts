/**
 * The viewer of a session, computed anew from rights and grants each time, so that what was withdrawn is gone.
 */
import type { Transaction } from '../kit/database.js';
import type { CaseOperation, PersonReference, Viewer } from '../kit/viewer.js';
import { narrowed } from './privileges-narrow.js';
import { scopesOf } from './rights.js';
import * as store from './store.js';

export async function viewerOf(tx: Transaction, session: store.SessionRow, now: Date): Promise<Viewer | null> {
  const { municipality } = session;
  const subject: PersonReference = { kind: session.personKind, id: session.person };
  const person = await findPerson(tx, municipality, subject);
  if (!person) return null;
  // A right that was withdrawn since is not replaced by another: acting in it was a choice.
  const held = await rightsOf(tx, municipality, subject);
  const right = session.right !== null && held.includes(session.right) ? session.right : null;
  const scopes = scopesOf(subject.kind, right, person.__typename === 'SystemClient' ? person.scopes : []);
  const grants = scopes.length > 0 ? await store.grantsInForce(tx, municipality, subject.id, now) : [];
  // One entry per grant: two grants of one compartment must not lend each other their level or operations.
  const clearance = grants.map((grant) => ({ ...grant, operations: inOrder(grant.operations) }));
  return {
    session: session.id,
    municipality,
    subject,
    actor: subject,
    organisation: person.__typename === 'Citizen' ? null : person.organisationId,
    right,
    actingFor: null,
    scopes,
    clearance: right === null ? clearance : await narrowed(tx, municipality, subject.id, right, clearance),
    authenticatedAt: Math.floor(session.authenticatedAt.getTime() / 1000),
    assurance: session.assurance,
  };
}

export async function findPerson(tx: Transaction, municipality: string, { kind, id }: PersonReference) {
  if (kind === 'Citizen') return (await store.citizensById(tx, municipality, [id]))[0];
  if (kind === 'Employee') return (await store.employeesById(tx, municipality, [id]))[0];
  return (await store.systemClientsById(tx, municipality, [id]))[0];
}

/**
 * Only employees hold rights; of several in one code the first counts. One that is held on behalf of another company opens
 * nothing by itself: that is what a power of attorney is for.
 */
export async function rightsOf(
  tx: Transaction,
  municipality: string,
  { kind, id }: PersonReference,
): Promise<string[]> {
  if (kind !== 'Employee') return [];
  return (await store.rightsOfEmployees(tx, municipality, [id])).flatMap((held) => (held.own ? [held.code] : []));
}

const operationsInOrder: readonly CaseOperation[] = ['SEARCH', 'ENTER', 'DELETE'];
const inOrder = (operations: readonly CaseOperation[]) =>
  operationsInOrder.filter((operation) => operations.includes(operation));
