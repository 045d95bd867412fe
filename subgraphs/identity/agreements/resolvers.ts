/** Agreements with other authorities: the list, making one, ending one. */
import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, FieldResolver, ID, Info, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { isTimeKey, pagingOf } from '../../kit/paging.js';
import { type AuthorityCode as Code, compartmentId } from '../../protocol/compartments.js';
import { afterDescription, type Connection, connection, firstDescription } from '../../protocol/connection.js';
import { PageSize, Policy, RequiresScopes, Use } from '../../protocol/directives.js';
import type { IdentityContext } from '../context.js';
import { idOrNone } from '../people/criteria.js';
import { agree, end } from './actions.js';
import { isInForce } from './in-force.js';
import type * as store from './store.js';
import {
  AgreeDisclosureInput,
  DisclosureAgreement,
  DisclosureAgreementConnection,
  DisclosureAgreementFilter,
} from './types.js';

const agrees = ['disclosure:agree'];

@Resolver(() => DisclosureAgreement)
export class DisclosureAgreementResolver {
  @RequiresScopes(['employee:read'])
  @Use('read')
  @PageSize()
  @Query(() => DisclosureAgreementConnection, {
    nullable: true,
    description: 'Agreements by which other authorities let employees into their compartments, the newest first.',
  })
  async disclosureAgreements(
    @Arg('filter', () => DisclosureAgreementFilter, { nullable: true, description: 'All by default.' })
    filter: DisclosureAgreementFilter | null | undefined,
    @Arg('first', () => Int, { nullable: true, description: firstDescription }) first: number | undefined,
    @Arg('after', () => String, { nullable: true, description: afterDescription })
    after: string | undefined,
    @Ctx() { loaders }: IdentityContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Connection<store.AgreementRow>> {
    const criteria = {
      authority: filter?.authority ?? null,
      receiver: idOrNone(filter?.receiver),
      inForce: filter?.inForce ?? null,
    };
    return connection(await loaders.agreements(criteria, pagingOf({ first, after }, info, isTimeKey)), after);
  }

  @RequiresScopes(agrees)
  @Policy(['fresh-login'])
  @Use('enter')
  @Mutation(() => DisclosureAgreement, {
    nullable: true,
    description:
      'Makes an agreement, as a member of the authority’s secretariat. Requires a recent sign-in (`FRESH_LOGIN_REQUIRED`). `FORBIDDEN`: the caller is not of that secretariat. `NOT_FOUND`: no such unit. `BAD_USER_INPUT`: it ends before it begins or has ended, the municipality itself is named, or the data-processing agreement is missing or out of place.',
  })
  agreeDisclosure(
    @Arg('input', () => AgreeDisclosureInput, { description: 'What is agreed to.' }) input: AgreeDisclosureInput,
    @Ctx() context: IdentityContext,
  ): Promise<store.AgreementRow> {
    return agree(context, input);
  }

  @RequiresScopes(agrees)
  @Use('change')
  @Mutation(() => DisclosureAgreement, {
    nullable: true,
    description:
      'Ends an agreement at once, and every grant under it, as a member of the authority’s secretariat. `FORBIDDEN`: the caller is not of that secretariat. `CONFLICT`: it was ended already.',
  })
  endDisclosure(
    @Arg('agreement', () => ID, { description: 'Id of the agreement.' }) agreement: string,
    @Arg('reason', () => String, { description: 'Why, in 10 to 2,000 characters.' }) reason: string,
    @Ctx() context: IdentityContext,
  ): Promise<store.AgreementRow> {
    return end(context, agreement, reason);
  }

  @FieldResolver()
  authority(@Root() { authorityCode }: store.AgreementRow, @Ctx() { viewer }: IdentityContext) {
    return { id: `${viewer.municipality}.${authorityCode}` };
  }

  @FieldResolver()
  receiver(@Root() { receiver }: store.AgreementRow, @Ctx() { loaders }: IdentityContext) {
    return loaders.organisation.load(receiver);
  }

  @FieldResolver()
  compartments(@Root() { authorityCode }: store.AgreementRow, @Ctx() { viewer }: IdentityContext) {
    return [{ id: compartmentId(viewer.municipality, authorityCode as Code, 'BOARD_MATTER') }];
  }

  @FieldResolver()
  agreedBy(@Root() { agreedBy }: store.AgreementRow, @Ctx() { loaders }: IdentityContext) {
    return loaders.employee.load(agreedBy);
  }

  @FieldResolver()
  endedBy(@Root() { endedBy }: store.AgreementRow, @Ctx() { loaders }: IdentityContext) {
    return endedBy && loaders.employee.load(endedBy);
  }

  @FieldResolver()
  inForce(@Root() agreement: store.AgreementRow, @Ctx() { services }: IdentityContext) {
    return isInForce(agreement, services.now());
  }
}
