/** Grants of case systems as fields: the list, the steps, and the parts of one. */
import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, FieldResolver, ID, Info, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { isTimeKey, pagingOf } from '../../kit/paging.js';
import { afterDescription, type Connection, connection, firstDescription } from '../../protocol/connection.js';
import { PageSize, Policy, RequiresScopes, Use } from '../../protocol/directives.js';
import type { IdentityContext } from '../context.js';
import { GrantDecision } from '../enums.js';
import { historyOf } from '../grants/history.js';
import { idOrNone } from '../people/criteria.js';
import * as actions from './actions.js';
import type { ClientGrantRow } from './store.js';
import { RequestSystemClientGrantInput, SystemClientGrant, SystemClientGrantConnection } from './types.js';

const idDescription = 'Id of the grant.';
const [administrators, managers] = [['admin'], ['grant:decide']];

@Resolver(() => SystemClientGrant)
export class SystemClientGrantResolver {
  @RequiresScopes(administrators, managers)
  @Use('search')
  @PageSize()
  @Query(() => SystemClientGrantConnection, {
    nullable: true,
    description:
      'Grants of case systems, the newest request first: for administrators all, for managers those of systems that an organisation which they lead runs.',
  })
  async systemClientGrants(
    @Arg('client', () => ID, { nullable: true, description: 'Of this system only.' }) client: string | null | undefined,
    @Arg('first', () => Int, { nullable: true, description: firstDescription }) first: number | undefined,
    @Arg('after', () => String, { nullable: true, description: afterDescription })
    after: string | undefined,
    @Ctx() { loaders }: IdentityContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Connection<ClientGrantRow>> {
    return connection(await loaders.clientGrants(idOrNone(client), pagingOf({ first, after }, info, isTimeKey)), after);
  }

  @RequiresScopes(administrators)
  @Use('enter')
  @Mutation(() => SystemClientGrant, {
    nullable: true,
    description:
      'Requests a grant for a case system, as an administrator. `BAD_USER_INPUT`: it has no operation, or ends before it begins. `NOT_FOUND`: no such system or compartment. `CONFLICT`: another authority has no agreement with the organisation that runs the system.',
  })
  requestSystemClientGrant(
    @Arg('input', () => RequestSystemClientGrantInput, { description: 'What is requested, and why.' })
    input: RequestSystemClientGrantInput,
    @Ctx() context: IdentityContext,
  ) {
    return actions.request(context, input);
  }

  @RequiresScopes(administrators, managers)
  @Policy(['fresh-login'])
  @Use('change')
  @Mutation(() => SystemClientGrant, {
    nullable: true,
    description:
      'Gives or refuses a requested grant of a case system, as another administrator than who requested it, or as the manager of the organisation that runs the system. Requires a recent sign-in (`FRESH_LOGIN_REQUIRED`). `NOT_FOUND`: no such grant. `FORBIDDEN`: the caller requested it. `CONFLICT`: it was decided or withdrawn already, or its validity or agreement has ended.',
  })
  decideSystemClientGrant(
    @Arg('grant', () => ID, { description: idDescription }) grant: string,
    @Arg('decision', () => GrantDecision, { description: 'What is decided.' }) decision: GrantDecision,
    @Arg('reason', () => String, { description: 'Why, in 10 to 2,000 characters.' }) reason: string,
    @Ctx() context: IdentityContext,
  ) {
    return actions.decide(context, grant, decision === GrantDecision.GIVE, reason);
  }

  @RequiresScopes(administrators, managers)
  @Use('change')
  @Mutation(() => SystemClientGrant, {
    nullable: true,
    description:
      'Confirms that a case system still needs a grant, for another six calendar months. `NOT_FOUND`: no such grant. `CONFLICT`: it is not in force.',
  })
  confirmSystemClientGrant(
    @Arg('grant', () => ID, { description: idDescription }) grant: string,
    @Ctx() context: IdentityContext,
  ) {
    return actions.confirm(context, grant);
  }

  @RequiresScopes(administrators, managers)
  @Use('change')
  @Mutation(() => SystemClientGrant, {
    nullable: true,
    description:
      'Withdraws a grant or a request of a case system permanently and with immediate effect. `NOT_FOUND`: no such grant. `CONFLICT`: it is not in force any more.',
  })
  withdrawSystemClientGrant(
    @Arg('grant', () => ID, { description: idDescription }) grant: string,
    @Arg('reason', () => String, { description: 'Why, in 10 to 2,000 characters.' }) reason: string,
    @Ctx() context: IdentityContext,
  ) {
    return actions.withdraw(context, grant, reason);
  }

  @FieldResolver()
  client(@Root() { holder }: ClientGrantRow, @Ctx() { loaders }: IdentityContext) {
    return loaders.systemClient.load(holder);
  }

  @FieldResolver()
  compartment(@Root() { compartmentId }: ClientGrantRow) {
    return { id: compartmentId };
  }

  @FieldResolver()
  requestedBy(@Root() { requestedBy }: ClientGrantRow, @Ctx() { loaders }: IdentityContext) {
    return loaders.employee.load(requestedBy);
  }

  @FieldResolver()
  decidedBy(@Root() { decidedBy }: ClientGrantRow, @Ctx() { loaders }: IdentityContext) {
    return decidedBy && loaders.employee.load(decidedBy);
  }

  @FieldResolver()
  agreement(@Root() { agreementId }: ClientGrantRow, @Ctx() { loaders }: IdentityContext) {
    return agreementId && loaders.agreement.load(agreementId);
  }

  @FieldResolver()
  async history(@Root() grant: ClientGrantRow, @Ctx() { loaders }: IdentityContext) {
    return historyOf(grant, await loaders.stepsOfGrant.load(grant.id));
  }
}
