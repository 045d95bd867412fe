/**
 * Making and ending an agreement with another authority, as a member of its secretariat. The policies refuse anybody else
 * (013_grants.sql); the checks here choose the right answer.
 */
import { change } from '../../kit/context.js';
import { Fault } from '../../protocol/faults.js';
import { isUuid } from '../../protocol/text.js';
import type { IdentityContext } from '../context.js';
import { serves } from '../grants/steps-store.js';
import { organisationsById } from '../people/store.js';
import { dayOf, lineGiven, reasonOf } from '../written.js';
import * as store from './store.js';
import type { AgreeDisclosureInput } from './types.js';

export async function agree(context: IdentityContext, input: AgreeDisclosureInput): Promise<store.AgreementRow> {
  const { viewer, services } = context;
  const { municipality, actor } = viewer;
  if (actor.kind !== 'Employee') throw new Fault('FORBIDDEN');
  const { authority, kind } = input;
  if (authority === 'MUNICIPALITY')
    throw new Fault(
      'BAD_USER_INPUT',
      'Argument "input.authority": expected another authority than the municipality itself.',
    );
  const basis = lineGiven(input.basis, 'input.basis', 500);
  if ((kind === 'PROCESSING') !== (input.processingAgreement != null))
    throw new Fault(
      'BAD_USER_INPUT',
      'Argument "input.processingAgreement": expected for PROCESSING, and for nothing else.',
    );
  const processingAgreement =
    input.processingAgreement == null ? null : lineGiven(input.processingAgreement, 'input.processingAgreement', 200);
  const now = services.now();
  const today = dayOf(now);
  const validFrom = input.validFrom ?? today;
  const validTo = input.validTo ?? null;
  if (validTo !== null && (validTo < validFrom || validTo < today))
    throw new Fault(
      'BAD_USER_INPUT',
      'Argument "input.validTo": expected a day to come, not before "input.validFrom".',
    );
  if (!isUuid(input.receiver)) throw new Fault('NOT_FOUND');
  const receiver = input.receiver.toLowerCase();
  const id = services.newId();
  return change(context, async (tx) => {
    if (!(await serves(tx, municipality, actor.id, authority))) throw new Fault('FORBIDDEN', notOfTheSecretariat);
    if ((await organisationsById(tx, municipality, [receiver])).length === 0) throw new Fault('NOT_FOUND');
    await store.insertAgreement(tx, municipality, {
      ...{ id, authorityCode: authority, receiver, kind, basis, processingAgreement, validFrom, validTo },
      ...{ agreedBy: actor.id, agreedAt: now },
    });
    return (await store.agreementsById(tx, municipality, [id]))[0]!;
  });
}

/** Ends an agreement at once. Throws `FORBIDDEN` for anybody but the secretariat, and `CONFLICT` if it was ended already. */
export async function end(context: IdentityContext, agreement: string, given: string): Promise<store.AgreementRow> {
  const { viewer, services } = context;
  const { municipality, actor } = viewer;
  if (actor.kind !== 'Employee') throw new Fault('FORBIDDEN');
  const reason = reasonOf(given, 'reason');
  if (!isUuid(agreement)) throw new Fault('NOT_FOUND');
  const id = agreement.toLowerCase();
  return change(context, async (tx) => {
    const [found] = await store.agreementsById(tx, municipality, [id]);
    if (!found) throw new Fault('NOT_FOUND');
    if (!(await serves(tx, municipality, actor.id, found.authorityCode)))
      throw new Fault('FORBIDDEN', notOfTheSecretariat);
    const isEnded = await store.endAgreement(tx, municipality, id, { by: actor.id, at: services.now(), reason });
    if (!isEnded) throw new Fault('CONFLICT', 'The agreement was ended already.');
    return (await store.agreementsById(tx, municipality, [id]))[0]!;
  });
}

const notOfTheSecretariat = 'The authority’s own secretariat makes and ends its agreements.';
