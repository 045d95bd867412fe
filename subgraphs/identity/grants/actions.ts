/**
 * The steps of a grant. A colleague of the holder, or who leads the holder's unit, requests it with a reason. The manager of the unit
 * decides, or the nearest one above who neither holds nor requested it. The manager confirms it half-yearly, and who leads the unit, an
 * administrator or the holder withdraws it.
 *
 * Into a single case's compartment, whoever holds a grant takes these steps for the others: nobody else may know of it.
 *
 * The policies refuse a step by somebody who may not take it (013_grants.sql, 015_single_cases.sql). The checks here choose the right
 * answer: what the viewer may not know of is not found, and what is not the viewer's to change is forbidden.
 */

import { change } from '../../kit/context.js';
import type { Transaction } from '../../postgres/database.js';
import { isOfSingleCase, standingCompartments } from '../../protocol/compartments.js';
import { Fault } from '../../protocol/faults.js';
import { isUuid } from '../../protocol/text.js';
import type { CaseLevel, CaseOperation, Viewer } from '../../protocol/viewer.js';
import { agreementFor } from '../agreements/store.js';
import type { IdentityContext } from '../context.js';
import { reasonOf } from '../written.js';
import { grantKey } from './key.js';
import { decisionOn, periodOf, wantedOperations } from './requested.js';
import * as steps from './steps-store.js';
import * as store from './store.js';
import type { GrantState } from './time-store.js';

export interface GrantRequest {
  readonly holder: string;
  readonly compartment: string;
  readonly level: `${CaseLevel}`;
  readonly operations: readonly `${CaseOperation}`[];
  readonly validFrom?: string | null;
  readonly validTo?: string | null;
  readonly reason: string;
}

/**
 * Requests a grant. Throws `BAD_USER_INPUT` for oneself, for an end that is not after the beginning, and without an operation;
 * `NOT_FOUND` for an unknown holder or compartment; `FORBIDDEN` unless the viewer is a colleague or leads the unit; and `CONFLICT` if
 * the holder has left, nobody could decide, or another authority's compartment is not open to the holder.
 */
export async function request(context: IdentityContext, asked: GrantRequest): Promise<store.GrantRow> {
  const { viewer, services } = context;
  const { municipality, actor } = viewer;
  if (actor.kind !== 'Employee') throw new Fault('FORBIDDEN');
  const now = services.now();
  const reason = reasonOf(asked.reason, 'input.reason');
  const operations = wantedOperations(asked.operations);
  const { validFrom, validTo } = periodOf(asked, now);
  if (!isUuid(asked.holder)) throw new Fault('NOT_FOUND');
  const holder = asked.holder.toLowerCase();
  if (holder === actor.id)
    throw new Fault(
      'BAD_USER_INPUT',
      'Argument "input.holder": expected somebody else. Nobody requests a grant for oneself.',
    );
  const compartment = compartmentOf(viewer, asked.compartment);
  const key = { id: services.newId(), compartment: compartment.single ? compartment.id : null };
  return change(context, async (tx) => {
    const found = await steps.holderOf(tx, municipality, holder);
    if (!found) throw new Fault('NOT_FOUND');
    if (!compartment.single && found.unit !== viewer.organisation && !found.led)
      throw new Fault('FORBIDDEN', 'A grant is requested by a colleague of the holder, or by who leads the unit.');
    if (found.left) throw new Fault('CONFLICT', 'The holder has left.');
    const agreementId = await agreementNeeded(tx, municipality, { ...compartment, holder, unit: found.unit, now });
    const decider = { unit: found.unit, holder, requestedBy: actor.id };
    if (!compartment.single && (await steps.deciderOf(tx, municipality, decider)) === null)
      throw new Fault(
        'CONFLICT',
        'Nobody can decide: the unit and those above it have no other manager. Have one registered.',
      );
    await steps.insertGrant(tx, municipality, {
      ...{
        id: key.id,
        holder,
        unit: found.unit,
        compartmentId: compartment.id,
        level: asked.level,
        operations,
        reason,
      },
      ...{ shielded: compartment.shielded, requestedBy: actor.id, requestedAt: now, validFrom, validTo, agreementId },
    });
    return (await store.grantByKey(tx, municipality, key, now))!;
  });
}

/** A compartment that the viewer may know of. All others are not there, and of single cases' nothing is asked of the database. */
function compartmentOf(viewer: Viewer, id: string) {
  if (isOfSingleCase(id)) {
    if (!store.singlesOf(viewer).includes(id)) throw new Fault('NOT_FOUND');
    return { id, authority: 'CASE', shielded: true, single: true };
  }
  const standing = standingCompartments(viewer.municipality).find((known) => known.id === id);
  if (!standing) throw new Fault('NOT_FOUND');
  return { id, authority: standing.authority as string, shielded: standing.shielded, single: false };
}

/** The agreement under which somebody may be let into another authority's compartment; `null` where none is needed. */
async function agreementNeeded(
  tx: Transaction,
  municipality: string,
  { authority, holder, unit, now }: { authority: string; holder: string; unit: string; now: Date },
): Promise<string | null> {
  if (authority === 'MUNICIPALITY' || authority === 'CASE') return null;
  if (await steps.serves(tx, municipality, holder, authority)) return null;
  const agreement = await agreementFor(tx, municipality, authority, unit, now);
  if (agreement === null) throw new Fault('CONFLICT', noAgreement);
  return agreement;
}

const noAgreement =
  'It is a compartment of another authority: the holder has to be of its secretariat, or of a unit with a disclosure agreement in force.';

export const decide = (
  context: IdentityContext,
  id: string,
  isGiven: boolean,
  given: string,
): Promise<store.GrantRow> => {
  const reason = reasonOf(given, 'reason');
  return take(context, id, reason, async ({ tx, grant, isSingle, oneself, now }) => {
    if (grant.holder === oneself || grant.requestedBy === oneself)
      throw new Fault('FORBIDDEN', 'Whoever requested a grant, or is to hold it, never decides.');
    if (!isSingle && !(await decides(tx, context.viewer, grant)))
      throw new Fault('FORBIDDEN', 'The manager of the holder’s unit decides.');
    return decisionOn(grant, isGiven, now, noAgreement);
  });
};

export const confirm = (context: IdentityContext, id: string): Promise<store.GrantRow> =>
  take(context, id, null, async ({ tx, grant, isSingle, oneself }) => {
    if (grant.holder === oneself) throw new Fault('FORBIDDEN', 'Nobody confirms an own grant.');
    if (!isSingle && !(await decides(tx, context.viewer, { ...grant, requestedBy: null })))
      throw new Fault('FORBIDDEN', 'The manager of the holder’s unit confirms.');
    if (grant.status !== 'IN_FORCE' && grant.status !== 'WAITING_FOR_COURSE')
      throw new Fault('CONFLICT', 'The grant is not in force. A grant that lapsed is requested anew.');
    return 'CONFIRMED';
  });

export const withdraw = (context: IdentityContext, id: string, given: string): Promise<store.GrantRow> => {
  const reason = reasonOf(given, 'reason');
  return take(context, id, reason, async ({ tx, grant, isSingle, oneself }) => {
    const may =
      isSingle ||
      grant.holder === oneself ||
      context.viewer.scopes.includes('admin') ||
      (await steps.leads(tx, grant.unit));
    if (!may) throw new Fault('FORBIDDEN', 'Who leads the unit, an administrator or the holder withdraws a grant.');
    if (ended.includes(grant.status)) throw new Fault('CONFLICT', 'The grant is not in force any more.');
    return 'WITHDRAWN';
  });
};

/** Whether it is the viewer's to decide, acting as a manager. */
const decides = async (
  tx: Transaction,
  { municipality, actor, scopes }: Viewer,
  grant: { readonly unit: string; readonly holder: string; readonly requestedBy: string | null },
): Promise<boolean> => scopes.includes('grant:decide') && (await steps.deciderOf(tx, municipality, grant)) === actor.id;

const ended: readonly GrantState[] = ['REFUSED', 'WITHDRAWN', 'LAPSED'];

interface StepRequest {
  readonly tx: Transaction;
  readonly grant: store.GrantRow;
  readonly isSingle: boolean;
  readonly oneself: string;
  readonly now: Date;
}

/** Takes one step of one grant. `next` returns the step, or throws. */
async function take(
  context: IdentityContext,
  id: string,
  reason: string | null,
  next: (asked: StepRequest) => Promise<store.GrantStep>,
): Promise<store.GrantRow> {
  const { viewer, services } = context;
  if (viewer.actor.kind !== 'Employee') throw new Fault('FORBIDDEN');
  const key = grantKey(viewer, id);
  if (!key) throw new Fault('NOT_FOUND');
  const { municipality, actor } = viewer;
  const now = services.now();
  return change(context, async (tx) => {
    await steps.lockGrant(tx, municipality, key.id);
    const grant = await store.grantByKey(tx, municipality, key, now);
    if (!grant) throw new Fault('NOT_FOUND');
    const step = await next({ tx, grant, isSingle: key.compartment !== null, oneself: actor.id, now });
    await steps.insertStep(tx, municipality, key, { step, takenBy: actor.id, takenAt: now, reason });
    return (await store.grantByKey(tx, municipality, key, now))!;
  });
}
