/** Rights that an administrator assigns and withdraws. Those of NemLog-in come with a sign-in and go the same way. */
import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import type { Transaction } from '../../postgres/database.js';
import { Policy, RequiresScopes, Use } from '../../protocol/directives.js';
import { Fault } from '../../protocol/faults.js';
import { isUuid } from '../../protocol/text.js';
import type { IdentityContext } from '../context.js';
import { RightCode } from '../enums.js';
import { organisationsById } from '../people/store.js';
import { Employee } from '../types.js';
import * as store from './store.js';

const administrators = ['admin'];
const organisationDescription = 'Where it is held; where the employee works by default.';

@Resolver(() => Employee)
export class RightAssignmentResolver {
  @RequiresScopes(administrators)
  @Policy(['fresh-login'])
  @Use('enter')
  @Mutation(() => Employee, {
    nullable: true,
    description:
      'Assigns a right, with immediate effect. Requires a recent sign-in (`FRESH_LOGIN_REQUIRED`). `BAD_USER_INPUT`: it is for oneself, or a right of SMDB, which is assigned in FBRS. `NOT_FOUND`: no such employee or organisation. `CONFLICT`: it is held already, or the employee has left.',
  })
  assignRight(
    @Arg('employee', () => ID, { description: 'Id of the employee; never the caller.' }) employee: string,
    @Arg('right', () => RightCode, { description: 'Which right.' }) right: RightCode,
    @Arg('organisation', () => ID, { nullable: true, description: organisationDescription })
    organisation: string | null | undefined,
    @Ctx() context: IdentityContext,
  ) {
    if (right.startsWith('SMDB_'))
      throw new Fault(
        'BAD_USER_INPUT',
        'Argument "right": expected a right of the municipality. SMDB’s are assigned in FBRS.',
      );
    return change(context, employee, right, organisation, async (tx, held, left) => {
      if (left) throw new Fault('CONFLICT', 'The employee has left.');
      const by = { employee: context.viewer.actor.id, at: context.services.now() };
      if (!(await store.assignRight(tx, context.viewer.municipality, held, by)))
        throw new Fault('CONFLICT', 'The right is held there already.');
    });
  }

  @RequiresScopes(administrators)
  @Policy(['fresh-login'])
  @Use('change')
  @Mutation(() => Employee, {
    nullable: true,
    description:
      'Withdraws a right that was assigned here, with immediate effect. Requires a recent sign-in (`FRESH_LOGIN_REQUIRED`). `BAD_USER_INPUT`: it is one’s own. `NOT_FOUND`: no such employee or organisation. `CONFLICT`: it is not held there, comes from NemLog-in, or is that of the last administrator.',
  })
  withdrawRight(
    @Arg('employee', () => ID, { description: 'Id of the employee; never the caller.' }) employee: string,
    @Arg('right', () => RightCode, { description: 'Which right.' }) right: RightCode,
    @Arg('organisation', () => ID, { nullable: true, description: organisationDescription })
    organisation: string | null | undefined,
    @Ctx() context: IdentityContext,
  ) {
    const { municipality } = context.viewer;
    return change(context, employee, right, organisation, async (tx, held) => {
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
}

async function change(
  { viewer, services, loaders }: IdentityContext,
  given: string,
  right: RightCode,
  place: string | null | undefined,
  make: (tx: Transaction, held: store.Held, left: boolean) => Promise<void>,
) {
  const { municipality, actor } = viewer;
  if (actor.kind !== 'Employee') throw new Fault('FORBIDDEN');
  if (!isUuid(given) || (place != null && !isUuid(place))) throw new Fault('NOT_FOUND');
  const employee = given.toLowerCase();
  if (employee === actor.id)
    throw new Fault(
      'BAD_USER_INPUT',
      'Argument "employee": expected somebody else. Nobody assigns or withdraws an own right.',
    );
  await services.database.asViewer(
    viewer,
    async (tx) => {
      const found = await store.assigneeOf(tx, municipality, employee);
      if (!found) throw new Fault('NOT_FOUND');
      const organisation = place?.toLowerCase() ?? found.organisation;
      if ((await organisationsById(tx, municipality, [organisation])).length === 0) throw new Fault('NOT_FOUND');
      await make(tx, { employee, right, organisation }, found.left);
    },
    'change',
  );
  loaders.rights.clear(employee);
  return loaders.employee.load(employee);
}
