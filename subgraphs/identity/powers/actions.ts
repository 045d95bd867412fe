/**
 * The steps of a power of attorney (digital fuldmagt). The receiver's administrator requests it, the giver's administrator decides,
 * the receiver's administrator adds employees, and the receiver's SMDB administrator marks each of them in SMDB. Without any one of
 * these steps there is no access.
 *
 * The policies refuse a step by somebody who may not take it (004_powers_of_attorney.sql). The checks here choose the right answer: a
 * power that the viewer may not know of is not found, and one that is not the viewer's to change is forbidden.
 */
import { change } from '../../kit/context.js';
import { Fault } from '../../protocol/faults.js';
import { isUuid } from '../../protocol/text.js';
import type { IdentityContext } from '../context.js';
import { organisationsById } from '../people/store.js';
import type { RequestPowerOfAttorneyInput } from './inputs.js';
import { lendable } from './rights.js';
import * as store from './store.js';

/**
 * Requests a power of attorney. Throws `BAD_USER_INPUT` for rights that cannot be lent, `NOT_FOUND` for an unknown organisation, and
 * `FORBIDDEN` unless the viewer administers the receiver.
 */
export async function request(context: IdentityContext, asked: RequestPowerOfAttorneyInput): Promise<store.PowerRow> {
  const { viewer, services } = context;
  const { municipality } = viewer;
  const rights = [...new Set(asked.rights)];
  if (rights.length === 0 || !rights.every((right) => lendable.includes(right)))
    throw new Fault(
      'BAD_USER_INPUT',
      'Argument "input.rights": expected one or more of SMDB’s rights to read and report.',
    );
  if (!isUuid(asked.giver) || !isUuid(asked.receiver)) throw new Fault('NOT_FOUND');
  const [giver, receiver] = [asked.giver.toLowerCase(), asked.receiver.toLowerCase()];
  if (giver === receiver)
    throw new Fault('BAD_USER_INPUT', 'Argument "input.giver": expected another organisation than the receiver.');
  const id = services.newId();
  return change(context, async (tx) => {
    if ((await organisationsById(tx, municipality, [giver, receiver])).length < 2) throw new Fault('NOT_FOUND');
    if (!(await store.spokenFor(tx)).administers.includes(receiver)) throw new Fault('FORBIDDEN');
    const requested = { id, giver, receiver, rights, requestedBy: viewer.actor.id, requestedAt: services.now() };
    await store.insertPower(tx, municipality, requested);
    return (await store.powersById(tx, municipality, [id]))[0]!;
  });
}

export const decide = (context: IdentityContext, id: string, approve: boolean): Promise<store.PowerRow> =>
  take(context, id, null, ({ power, spoken, oneself }) => {
    if (!spoken.administers.includes(power.giver)) throw new Fault('FORBIDDEN');
    if (power.requestedBy === oneself)
      throw new Fault('FORBIDDEN', 'Whoever requested a power of attorney never decides.');
    if (power.standing !== 'REQUESTED') throw new Fault('CONFLICT', 'The power of attorney is no request any more.');
    return approve ? 'GIVEN' : 'REFUSED';
  });

export const withdraw = (context: IdentityContext, id: string): Promise<store.PowerRow> =>
  take(context, id, null, ({ power, spoken }) => {
    const { giver, receiver, standing } = power;
    if (!spoken.administers.includes(giver) && !spoken.administers.includes(receiver)) throw new Fault('FORBIDDEN');
    if (standing === 'REFUSED' || standing === 'WITHDRAWN')
      throw new Fault('CONFLICT', 'The power of attorney was refused or withdrawn already.');
    if (standing === 'REQUESTED' && !spoken.administers.includes(receiver))
      throw new Fault('CONFLICT', 'The power of attorney is a request: decide on it.');
    return 'WITHDRAWN';
  });

export const add = (context: IdentityContext, id: string, employee: string): Promise<store.PowerRow> =>
  take(context, id, employee, ({ power, spoken, oneself, about }) => {
    if (!spoken.administers.includes(power.receiver)) throw new Fault('FORBIDDEN');
    if (about.employee === oneself) throw new Fault('FORBIDDEN', letsOneselfIn);
    if (power.standing !== 'GIVEN') throw new Fault('CONFLICT', notInForce);
    if (!about.worksThere) throw new Fault('CONFLICT', 'Only employees of the receiver act under a power of attorney.');
    if (about.seat !== 'REMOVED') throw new Fault('CONFLICT', 'The employee is on the power of attorney already.');
    return 'ADDED';
  });

export const remove = (context: IdentityContext, id: string, employee: string): Promise<store.PowerRow> =>
  take(context, id, employee, ({ power, spoken, about }) => {
    if (!spoken.administers.includes(power.receiver)) throw new Fault('FORBIDDEN');
    if (about.seat === 'REMOVED') throw new Fault('CONFLICT', notOnIt);
    return 'REMOVED';
  });

export const mark = (
  context: IdentityContext,
  id: string,
  employee: string,
  marked: boolean,
): Promise<store.PowerRow> =>
  take(context, id, employee, ({ power, spoken, oneself, about }) => {
    if (!spoken.administersSmdb.includes(power.receiver)) throw new Fault('FORBIDDEN');
    if (marked && about.employee === oneself) throw new Fault('FORBIDDEN', letsOneselfIn);
    if (marked && power.standing !== 'GIVEN') throw new Fault('CONFLICT', notInForce);
    if (about.seat === 'REMOVED') throw new Fault('CONFLICT', notOnIt);
    if (marked === (about.seat === 'MARKED'))
      throw new Fault('CONFLICT', marked ? 'The employee is marked already.' : 'The employee is not marked.');
    return marked ? 'MARKED' : 'UNMARKED';
  });

const letsOneselfIn = 'Nobody lets oneself act under a power of attorney.';
const notInForce = 'The power of attorney is not in force.';
const notOnIt = 'The employee is not on the power of attorney.';

interface StepRequest {
  readonly power: store.PowerRow;
  readonly spoken: store.Spoken;
  readonly oneself: string;
  readonly about: { readonly employee: string; readonly seat: store.Seat; readonly worksThere: boolean };
}

/** Takes one step of one power. `next` returns the step, or throws. */
async function take(
  context: IdentityContext,
  id: string,
  about: string | null,
  next: (asked: StepRequest) => store.PowerStep,
): Promise<store.PowerRow> {
  const { viewer, services, loaders } = context;
  if (!isUuid(id) || (about !== null && !isUuid(about))) throw new Fault('NOT_FOUND');
  const { municipality } = viewer;
  const [power, employee, oneself] = [id.toLowerCase(), about?.toLowerCase() ?? null, viewer.actor.id];
  // Before the transaction, because the look-up would wait for the same connection.
  if (employee !== null && !(await loaders.employee.load(employee))) throw new Fault('NOT_FOUND');
  return change(context, async (tx) => {
    await store.lockPower(tx, municipality, power);
    const [found] = await store.powersById(tx, municipality, [power]);
    if (!found) throw new Fault('NOT_FOUND');
    const spoken = await store.spokenFor(tx);
    const seat = employee === null ? nobody : await store.seatOf(tx, municipality, found, employee);
    const step = next({ power: found, spoken, oneself, about: { employee: employee ?? '', ...seat } });
    const taken = { step, employee, takenBy: oneself, takenAt: services.now() };
    await store.insertStep(tx, municipality, found, taken);
    return (await store.powersById(tx, municipality, [power]))[0]!;
  });
}

const nobody = { seat: 'REMOVED', worksThere: false } as const;
