/** Powers of attorney as fields: the list, the steps, and the parts of a power. */
import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, FieldResolver, ID, Info, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { isTimeKey, pagingOf } from '../../kit/paging.js';
import { afterDescription, type Connection, connection, firstDescription } from '../../protocol/connection.js';
import { PageSize, RequiresScopes, Use } from '../../protocol/directives.js';
import type { IdentityContext } from '../context.js';
import * as actions from './actions.js';
import { criteriaOf } from './criteria.js';
import { PowerOfAttorneyStatus, type PowerOfAttorneyStep } from './enums.js';
import { PowerOfAttorneyFilter, RequestPowerOfAttorneyInput } from './inputs.js';
import type * as store from './store.js';
import { PowerOfAttorney, PowerOfAttorneyConnection, PowerOfAttorneyEvent } from './types.js';

const idDescription = 'Id of the power of attorney.';
const administers = ['power:administer'];

@Resolver(() => PowerOfAttorney)
export class PowerOfAttorneyResolver {
  @Use('search')
  @PageSize()
  @Query(() => PowerOfAttorneyConnection, {
    nullable: true,
    description:
      'Powers of attorney (fuldmagter) that the viewer’s organisation gave or received, the newest request first. Readers of the log see all of them.',
  })
  async powersOfAttorney(
    @Arg('filter', () => PowerOfAttorneyFilter, { nullable: true, description: 'All by default.' })
    filter: PowerOfAttorneyFilter | null | undefined,
    @Arg('first', () => Int, { nullable: true, description: firstDescription }) first: number | undefined,
    @Arg('after', () => String, { nullable: true, description: afterDescription })
    after: string | undefined,
    @Ctx() { loaders }: IdentityContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Connection<store.PowerRow>> {
    return connection(await loaders.powers(criteriaOf(filter), pagingOf({ first, after }, info, isTimeKey)), after);
  }

  @RequiresScopes(administers)
  @Use('enter')
  @Mutation(() => PowerOfAttorney, {
    nullable: true,
    description:
      'Requests a power of attorney, as an administrator of the receiver. `FORBIDDEN`: the caller administers another organisation. `BAD_USER_INPUT`: a right cannot be lent.',
  })
  requestPowerOfAttorney(
    @Arg('input', () => RequestPowerOfAttorneyInput, { description: 'What is requested.' })
    input: RequestPowerOfAttorneyInput,
    @Ctx() context: IdentityContext,
  ) {
    return actions.request(context, input);
  }

  @RequiresScopes(administers)
  @Use('change')
  @Mutation(() => PowerOfAttorney, {
    nullable: true,
    description:
      'Gives or refuses a requested power of attorney, as an administrator of the giver. `FORBIDDEN`: the caller administers another organisation, or requested it. `CONFLICT`: it was decided or withdrawn already.',
  })
  decidePowerOfAttorney(
    @Arg('id', () => ID, { description: idDescription }) id: string,
    @Arg('approve', () => Boolean, { description: 'True gives it, false refuses it.' }) approve: boolean,
    @Ctx() context: IdentityContext,
  ) {
    return actions.decide(context, id, approve);
  }

  @RequiresScopes(administers)
  @Use('change')
  @Mutation(() => PowerOfAttorney, {
    nullable: true,
    description:
      'Adds an employee of the receiver, as the receiver’s administrator. `FORBIDDEN`: the caller administers another organisation, or is the employee. `CONFLICT`: it is not in force, or the employee is on it already or does not work for the receiver.',
  })
  addToPowerOfAttorney(
    @Arg('id', () => ID, { description: idDescription }) id: string,
    @Arg('employee', () => ID, { description: 'Id of the employee who is to act under it.' }) employee: string,
    @Ctx() context: IdentityContext,
  ) {
    return actions.add(context, id, employee);
  }

  @RequiresScopes(administers)
  @Use('change')
  @Mutation(() => PowerOfAttorney, {
    nullable: true,
    description:
      'Removes an employee, as the receiver’s administrator, with immediate effect. `FORBIDDEN`: the caller administers another organisation. `CONFLICT`: the employee is not on it.',
  })
  removeFromPowerOfAttorney(
    @Arg('id', () => ID, { description: idDescription }) id: string,
    @Arg('employee', () => ID, { description: 'Id of the employee who is no longer to act under it.' })
    employee: string,
    @Ctx() context: IdentityContext,
  ) {
    return actions.remove(context, id, employee);
  }

  @RequiresScopes(['power:mark'])
  @Use('change')
  @Mutation(() => PowerOfAttorney, {
    nullable: true,
    description:
      'Marks an employee as entitled to use it, or removes the mark, as the receiver’s SMDB administrator. `FORBIDDEN`: the caller administers another organisation, or is the employee. `CONFLICT`: it is not in force, the employee is not on it, or the mark is as requested already.',
  })
  markInSmdb(
    @Arg('powerOfAttorney', () => ID, { description: idDescription }) id: string,
    @Arg('employee', () => ID, { description: 'Id of an employee who is on it.' }) employee: string,
    @Arg('marked', () => Boolean, {
      defaultValue: true,
      description: 'True marks the employee. False removes the mark, with immediate effect.',
    })
    marked: boolean,
    @Ctx() context: IdentityContext,
  ) {
    return actions.mark(context, id, employee, marked);
  }

  @RequiresScopes(administers)
  @Use('change')
  @Mutation(() => PowerOfAttorney, {
    nullable: true,
    description:
      'Withdraws it permanently and with immediate effect, as an administrator of either side. Only the receiver may withdraw a request. `FORBIDDEN`: the caller administers another organisation. `CONFLICT`: it was refused or withdrawn already.',
  })
  withdrawPowerOfAttorney(
    @Arg('id', () => ID, { description: idDescription }) id: string,
    @Ctx() context: IdentityContext,
  ) {
    return actions.withdraw(context, id);
  }

  @FieldResolver()
  giver(@Root() { giver }: store.PowerRow, @Ctx() { loaders }: IdentityContext) {
    return loaders.organisation.load(giver);
  }

  @FieldResolver()
  receiver(@Root() { receiver }: store.PowerRow, @Ctx() { loaders }: IdentityContext) {
    return loaders.organisation.load(receiver);
  }

  @FieldResolver()
  status(@Root() { standing }: store.PowerRow): PowerOfAttorneyStatus {
    return standing === 'GIVEN' ? PowerOfAttorneyStatus.IN_FORCE : PowerOfAttorneyStatus[standing];
  }

  @FieldResolver()
  async employees(@Root() power: store.PowerRow, @Ctx() context: IdentityContext) {
    return onIt(context, power, (seat) => seat !== 'REMOVED');
  }

  @FieldResolver()
  async markedInSmdb(@Root() power: store.PowerRow, @Ctx() context: IdentityContext) {
    return onIt(context, power, (seat) => seat === 'MARKED');
  }

  @FieldResolver()
  requestedBy(@Root() { requestedBy }: store.PowerRow, @Ctx() { loaders }: IdentityContext) {
    return loaders.employee.load(requestedBy);
  }

  @FieldResolver()
  async decidedBy(@Root() power: store.PowerRow, @Ctx() context: IdentityContext) {
    const decided = await lastOf(context, power, ['GIVEN', 'REFUSED']);
    return decided?.takenBy ? context.loaders.employee.load(decided.takenBy) : null;
  }

  @FieldResolver()
  async decidedAt(@Root() power: store.PowerRow, @Ctx() context: IdentityContext) {
    return (await lastOf(context, power, ['GIVEN', 'REFUSED']))?.takenAt ?? null;
  }

  @FieldResolver()
  async withdrawnBy(@Root() power: store.PowerRow, @Ctx() context: IdentityContext) {
    const withdrawn = await lastOf(context, power, ['WITHDRAWN']);
    return withdrawn?.takenBy ? context.loaders.employee.load(withdrawn.takenBy) : null;
  }

  @FieldResolver()
  async withdrawnAt(@Root() power: store.PowerRow, @Ctx() context: IdentityContext) {
    return (await lastOf(context, power, ['WITHDRAWN']))?.takenAt ?? null;
  }

  @FieldResolver()
  async history(@Root() power: store.PowerRow, @Ctx() { loaders }: IdentityContext): Promise<Event[]> {
    const { requestedBy, requestedAt } = power;
    const steps = await loaders.stepsOfPower.load(power.id);
    return [
      { step: 'REQUESTED', takenBy: requestedBy, at: requestedAt, about: null },
      ...steps.map(({ step, takenBy, takenAt, employee }) => ({ step, takenBy, at: takenAt, about: employee })),
    ];
  }
}

interface Event {
  readonly step: `${PowerOfAttorneyStep}`;
  readonly takenBy: string | null;
  readonly at: Date;
  readonly about: string | null;
}

@Resolver(() => PowerOfAttorneyEvent)
export class PowerOfAttorneyEventResolver {
  @FieldResolver()
  by(@Root() { takenBy }: Event, @Ctx() { loaders }: IdentityContext) {
    return takenBy && loaders.employee.load(takenBy);
  }

  @FieldResolver()
  employee(@Root() { about }: Event, @Ctx() { loaders }: IdentityContext) {
    return about && loaders.employee.load(about);
  }
}

async function lastOf({ loaders }: IdentityContext, { id }: store.PowerRow, wanted: readonly store.PowerStep[]) {
  return (await loaders.stepsOfPower.load(id)).findLast(({ step }) => wanted.includes(step)) ?? null;
}

/** Employees whose last step satisfies `counts`, in the order in which they were added. */
async function onIt({ loaders }: IdentityContext, { id }: store.PowerRow, counts: (seat: store.PowerStep) => boolean) {
  const seats = new Map<string, store.PowerStep>();
  for (const { employee, step } of await loaders.stepsOfPower.load(id)) if (employee) seats.set(employee, step);
  const ids = [...seats].filter(([, seat]) => counts(seat)).map(([employee]) => employee);
  return (await Promise.all(ids.map((one) => loaders.employee.load(one)))).filter((row) => row !== null);
}
