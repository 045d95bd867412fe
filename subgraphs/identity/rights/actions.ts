/** Assigning and withdrawing a right of the municipality, as an administrator. Nobody changes an own right. */
import { change } from '../../kit/context.js';
import type { Transaction } from '../../postgres/database.js';
import { Fault } from '../../protocol/faults.js';
import { isUuid } from '../../protocol/text.js';
import type { IdentityContext } from '../context.js';
import { RightCode } from '../enums.js';
import { type EmployeeRow, organisationsById } from '../people/store.js';
import * as store from './store.js';

type Place = string | null | undefined;

/** Throws `BAD_USER_INPUT` for a right of SMDB, which is assigned in FBRS, and `CONFLICT` for one that is held already. */
export async function assign(
  context: IdentityContext,
  employee: string,
  right: RightCode,
  place: Place,
): Promise<EmployeeRow | null> {
  if (right.startsWith('SMDB_'))
    throw new Fault(
      'BAD_USER_INPUT',
      'Argument "right": expected a right of the municipality. SMDB’s are assigned in FBRS.',
    );
  const by = { employee: context.viewer.actor.id, at: context.services.now() };
  return make(context, employee, right, place, async (tx, held, left) => {
    if (left) throw new Fault('CONFLICT', 'The employee has left.');
    if (!(await store.assignRight(tx, context.viewer.municipality, held, by)))
      throw new Fault('CONFLICT', 'The right is held there already.');
  });
}

/** Throws `CONFLICT` for a right that is not held there, comes from NemLog-in, or is that of the last administrator. */
export async function withdraw(
  context: IdentityContext,
  employee: string,
  right: RightCode,
  place: Place,
): Promise<EmployeeRow | null> {
  const { municipality } = context.viewer;
  return make(context, employee, right, place, async (tx, held) => {
    if (right === RightCode.ADMINISTRATOR) await store.lockAdministrators(tx, municipality);
    const source = await store.sourceOf(tx, municipality, held);
    if (source === null) throw new Fault('CONFLICT', 'The right is not held there.');
    if (source !== 'LOCAL') throw new Fault('CONFLICT', 'The right comes from NemLog-in: have it withdrawn in FBRS.');
    if (!(await store.withdrawRight(tx, municipality, held))) throw new Fault('CONFLICT');
    // Thrown in the transaction: nothing was changed.
    if (right === RightCode.ADMINISTRATOR && (await store.countAdministrators(tx, municipality)) === 0)
      throw new Fault('CONFLICT', 'It is the last administrator. Assign the right to somebody else first.');
  });
}

async function make(
  context: IdentityContext,
  given: string,
  right: RightCode,
  place: Place,
  work: (tx: Transaction, held: store.Held, left: boolean) => Promise<void>,
): Promise<EmployeeRow | null> {
  const { municipality, actor } = context.viewer;
  if (actor.kind !== 'Employee') throw new Fault('FORBIDDEN');
  if (!isUuid(given) || (place != null && !isUuid(place))) throw new Fault('NOT_FOUND');
  const employee = given.toLowerCase();
  if (employee === actor.id)
    throw new Fault(
      'BAD_USER_INPUT',
      'Argument "employee": expected somebody else. Nobody assigns or withdraws an own right.',
    );
  await change(context, async (tx) => {
    const found = await store.assigneeOf(tx, municipality, employee);
    if (!found) throw new Fault('NOT_FOUND');
    const organisation = place?.toLowerCase() ?? found.organisation;
    if ((await organisationsById(tx, municipality, [organisation])).length === 0) throw new Fault('NOT_FOUND');
    await work(tx, { employee, right, organisation }, found.left);
  });
  return context.loaders.employee.load(employee);
}
