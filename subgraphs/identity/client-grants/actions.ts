/**
 * The steps of a case system's grant. An administrator requests it with a reason. Another administrator, or the manager of the
 * organisation that runs the system, decides; either confirms it half-yearly, and either withdraws it at once. No system takes a step.
 *
 * Never into a single case's compartment: whoever holds one may request and decide on the next grant into it, and a system is not
 * somebody who could answer for that. The policies refuse what is not somebody's step (017_overviews.sql); the checks here choose the
 * right answer.
 */
import { change } from '../../kit/context.js';
import type { Transaction } from '../../postgres/database.js';
import { standingCompartments } from '../../protocol/compartments.js';
import { Fault } from '../../protocol/faults.js';
import { isUuid } from '../../protocol/text.js';
import { agreementFor } from '../agreements/store.js';
import type { IdentityContext } from '../context.js';
import { decisionOn, periodOf, wantedOperations } from '../grants/requested.js';
import { insertStep, lockGrant } from '../grants/steps-store.js';
import type { GrantStep } from '../grants/store.js';
import { reasonOf } from '../written.js';
import * as store from './store.js';
import type { RequestSystemClientGrantInput } from './types.js';

const noAgreement = 'It is a compartment of another authority: its agreement with the organisation has to be in force.';

/** Throws `BAD_USER_INPUT` as `requestGrant` does, `NOT_FOUND` for an unknown system or compartment, and `CONFLICT` without an agreement. */
export async function request(
  context: IdentityContext,
  asked: RequestSystemClientGrantInput,
): Promise<store.ClientGrantRow> {
  const { viewer, services } = context;
  const { municipality, actor } = viewer;
  if (actor.kind !== 'Employee') throw new Fault('FORBIDDEN');
  const now = services.now();
  const reason = reasonOf(asked.reason, 'input.reason');
  const operations = wantedOperations(asked.operations);
  const { validFrom, validTo } = periodOf(asked, now);
  const compartment = standingCompartments(municipality).find(({ id }) => id === asked.compartment);
  if (!compartment || !isUuid(asked.client)) throw new Fault('NOT_FOUND');
  const client = asked.client.toLowerCase();
  const authority: string = compartment.authority;
  const id = services.newId();
  return change(context, async (tx) => {
    const runner = await store.runnerOf(tx, municipality, client);
    if (runner === null) throw new Fault('NOT_FOUND');
    const agreementId =
      authority === 'MUNICIPALITY' ? null : await agreementFor(tx, municipality, authority, runner, now);
    if (authority !== 'MUNICIPALITY' && agreementId === null) throw new Fault('CONFLICT', noAgreement);
    await store.insertClientGrant(tx, municipality, {
      ...{ id, holder: client, compartmentId: compartment.id, level: asked.level, operations, reason },
      ...{ shielded: compartment.shielded, requestedBy: actor.id, requestedAt: now, validFrom, validTo, agreementId },
    });
    return (await store.clientGrantById(tx, municipality, id, now))!;
  });
}

export function decide(
  context: IdentityContext,
  id: string,
  isGiven: boolean,
  given: string,
): Promise<store.ClientGrantRow> {
  const reason = reasonOf(given, 'reason');
  return take(context, id, reason, async ({ tx, grant, now }) => {
    if (grant.requestedBy === context.viewer.actor.id)
      throw new Fault('FORBIDDEN', 'Whoever requested a grant never decides: it takes two.');
    const decision = decisionOn(grant, isGiven, now, noAgreement);
    if (decision === 'GIVEN' && (await store.runnerOf(tx, context.viewer.municipality, grant.holder)) === null)
      throw new Fault('CONFLICT', 'The system is not in use any more: refuse it.');
    return decision;
  });
}

export const confirm = (context: IdentityContext, id: string): Promise<store.ClientGrantRow> =>
  take(context, id, null, async ({ grant }) => {
    if (grant.status !== 'IN_FORCE')
      throw new Fault('CONFLICT', 'The grant is not in force. A grant that lapsed is requested anew.');
    return 'CONFIRMED';
  });

export function withdraw(context: IdentityContext, id: string, given: string): Promise<store.ClientGrantRow> {
  const reason = reasonOf(given, 'reason');
  return take(context, id, reason, async ({ grant }) => {
    if (grant.status !== 'REQUESTED' && grant.status !== 'IN_FORCE')
      throw new Fault('CONFLICT', 'The grant is not in force any more.');
    return 'WITHDRAWN';
  });
}

interface StepRequest {
  readonly tx: Transaction;
  readonly grant: store.ClientGrantRow;
  readonly now: Date;
}

/** Takes one step of one grant, for whoever looks after the system. `next` returns the step, or throws. */
async function take(
  context: IdentityContext,
  given: string,
  reason: string | null,
  next: (asked: StepRequest) => Promise<GrantStep>,
): Promise<store.ClientGrantRow> {
  const { viewer, services } = context;
  const { municipality, actor } = viewer;
  if (actor.kind !== 'Employee') throw new Fault('FORBIDDEN');
  if (!isUuid(given)) throw new Fault('NOT_FOUND');
  const id = given.toLowerCase();
  const now = services.now();
  return change(context, async (tx) => {
    await lockGrant(tx, municipality, id);
    const grant = await store.clientGrantById(tx, municipality, id, now);
    if (!grant || !(await store.looksAfter(tx, municipality, grant.holder))) throw new Fault('NOT_FOUND');
    const step = await next({ tx, grant, now });
    await insertStep(tx, municipality, { id, compartment: null }, { step, takenBy: actor.id, takenAt: now, reason });
    return (await store.clientGrantById(tx, municipality, id, now))!;
  });
}
