/** Rights that an administrator assigns and withdraws. Those of NemLog-in come with a sign-in and go the same way. */
import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import { Policy, RequiresScopes, Use } from '../../protocol/directives.js';
import type { IdentityContext } from '../context.js';
import { RightCode } from '../enums.js';
import { Employee } from '../types.js';
import { assign, withdraw } from './actions.js';

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
    return assign(context, employee, right, organisation);
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
    return withdraw(context, employee, right, organisation);
  }
}
