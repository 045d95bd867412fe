/** Grants as fields: the lists, the steps, the review, and the parts of a grant. */
import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, FieldResolver, ID, Info, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { isTimeKey, pagingOf } from '../../kit/paging.js';
import { afterDescription, type Connection, connection, firstDescription } from '../../protocol/connection.js';
import { ListSize, OwnSession, PageSize, Policy, RequiresScopes, Sealing, Use } from '../../protocol/directives.js';
import { DateTime } from '../../protocol/scalars.js';
import type { IdentityContext } from '../context.js';
import { GrantDecision, Reminder } from '../enums.js';
import { Employee } from '../types.js';
import * as actions from './actions.js';
import { grantCriteria, reviewPeriod } from './criteria.js';
import { isGrantId, stepIn } from './cursor.js';
import { type Event, eventOf, historyOf } from './history.js';
import { grantId } from './key.js';
import type { ReviewedStep } from './review-store.js';
import { openSingleCase } from './single-cases.js';
import type { SingleCaseRow } from './single-cases-store.js';
import type * as store from './store.js';
import {
  Grant,
  GrantConnection,
  GrantEvent,
  GrantFilter,
  OpenSingleCaseInput,
  RequestGrantInput,
  ReviewedGrant,
  ReviewedGrantConnection,
  ReviewItem,
  ReviewItemConnection,
  SingleCaseCompartment,
} from './types.js';

const idDescription = 'Id of the grant.';
const colleagues = ['employee:read'];

@Resolver(() => Grant)
export class GrantResolver {
  @RequiresScopes(colleagues)
  @Use('search')
  @PageSize()
  @Query(() => GrantConnection, {
    nullable: true,
    description:
      'Grants of employees, the newest request first: one’s own and those that one requested, those of the units that one leads, and for administrators and readers of the log all. Grants into a single case’s compartment are shown to those who hold it only.',
  })
  async grants(
    @Arg('filter', () => GrantFilter, { nullable: true, description: 'All by default.' })
    filter: GrantFilter | null | undefined,
    @Arg('first', () => Int, { nullable: true, description: firstDescription }) first: number | undefined,
    @Arg('after', () => String, { nullable: true, description: afterDescription })
    after: string | undefined,
    @Ctx() { loaders }: IdentityContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Connection<store.GrantRow>> {
    const paging = pagingOf({ first, after }, info, isTimeKey, undefined, isGrantId);
    return connection(await loaders.grants(grantCriteria(filter), 'newest', paging), after);
  }

  @RequiresScopes(colleagues)
  @Use('read')
  @Query(() => Grant, { nullable: true, description: 'A grant; null if there is none that the viewer may know of.' })
  grant(@Arg('id', () => ID, { description: idDescription }) id: string, @Ctx() { loaders }: IdentityContext) {
    return loaders.grant.load(id);
  }

  @RequiresScopes(colleagues)
  @Use('search')
  @PageSize()
  @Query(() => ReviewItemConnection, {
    nullable: true,
    description:
      'Grants that lapse unless they are confirmed, the most urgent first (Datasikkerhed i borgerservicecentre §3.3). Of the same grants as `grants`.',
  })
  async authorisationReview(
    @Arg('dueBefore', () => DateTime, {
      nullable: true,
      description: 'Lapsing before this; within 30 days by default.',
    })
    dueBefore: string | null | undefined,
    @Arg('unit', () => ID, { nullable: true, description: 'Of this unit only.' }) unit: string | null | undefined,
    @Arg('first', () => Int, { nullable: true, description: firstDescription }) first: number | undefined,
    @Arg('after', () => String, { nullable: true, description: afterDescription })
    after: string | undefined,
    @Ctx() { services, loaders }: IdentityContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Connection<store.GrantRow>> {
    const paging = pagingOf({ first, after }, info, isTimeKey, undefined, isGrantId);
    const until = dueBefore ? new Date(dueBefore) : inDays(services.now(), 30);
    return connection(await loaders.grants(grantCriteria({ unit: unit ?? null }, until), 'soonest', paging), after);
  }

  @RequiresScopes(colleagues)
  @Use('search')
  @PageSize()
  @Query(() => ReviewedGrantConnection, {
    nullable: true,
    description:
      'The report on grants: who gave, confirmed or withdrew which of them, and when, the latest first. Of the same grants as `grants`.',
  })
  async authorisationReport(
    @Arg('unit', () => ID, { nullable: true, description: 'Of this unit only.' }) unit: string | null | undefined,
    @Arg('since', () => DateTime, {
      nullable: true,
      description: 'Done at this time or later; within six months by default.',
    })
    since: string | null | undefined,
    @Arg('until', () => DateTime, { nullable: true, description: 'Done before this time; until now by default.' })
    until: string | null | undefined,
    @Arg('first', () => Int, { nullable: true, description: firstDescription }) first: number | undefined,
    @Arg('after', () => String, { nullable: true, description: afterDescription })
    after: string | undefined,
    @Ctx() { services, loaders }: IdentityContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Connection<ReviewedStep>> {
    const paging = pagingOf({ first, after }, info, isTimeKey, undefined, (id) => stepIn(id) !== null);
    return connection(await loaders.stepsTaken(reviewPeriod(unit, since, until, services.now()), paging), after);
  }

  @RequiresScopes(['grant:request'])
  @Use('enter')
  @Mutation(() => Grant, {
    nullable: true,
    description:
      'Requests a grant for a colleague, or for somebody in a unit that one leads. `BAD_USER_INPUT`: it is for oneself, has no operation, or ends before it begins. `NOT_FOUND`: no such holder or compartment. `FORBIDDEN`: neither colleague nor leader. `CONFLICT`: the holder has left, nobody could decide, or another authority does not let the holder in.',
  })
  requestGrant(
    @Arg('input', () => RequestGrantInput, { description: 'What is requested, and why.' }) input: RequestGrantInput,
    @Ctx() context: IdentityContext,
  ) {
    return actions.request(context, input);
  }

  @RequiresScopes(['grant:decide'], ['grant:request'])
  @Policy(['fresh-login'])
  @Use('change')
  @Mutation(() => Grant, {
    nullable: true,
    description:
      'Gives or refuses a requested grant, as the manager of the holder’s unit, or the nearest one above who neither holds nor requested it. Into a single case’s compartment, another holder decides. Requires a recent sign-in (`FRESH_LOGIN_REQUIRED`). `FORBIDDEN`: it is not the caller’s to decide. `CONFLICT`: it was decided or withdrawn already, or its validity or agreement has ended.',
  })
  decideGrant(
    @Arg('grant', () => ID, { description: idDescription }) grant: string,
    @Arg('decision', () => GrantDecision, { description: 'What is decided.' }) decision: GrantDecision,
    @Arg('reason', () => String, { description: 'Why, in 10 to 2,000 characters.' }) reason: string,
    @Ctx() context: IdentityContext,
  ) {
    return actions.decide(context, grant, decision === GrantDecision.GIVE, reason);
  }

  @RequiresScopes(['grant:decide'], ['grant:request'])
  @Use('change')
  @Mutation(() => Grant, {
    nullable: true,
    description:
      'Confirms that the holder still needs a grant, for another six calendar months, as the manager who would decide on it. `FORBIDDEN`: it is the caller’s own, or not the caller’s to confirm. `CONFLICT`: it is not in force, for example because it lapsed.',
  })
  confirmGrant(@Arg('grant', () => ID, { description: idDescription }) grant: string, @Ctx() context: IdentityContext) {
    return actions.confirm(context, grant);
  }

  @RequiresScopes(colleagues)
  @Use('change')
  @Mutation(() => Grant, {
    nullable: true,
    description:
      'Withdraws a grant or a request permanently and with immediate effect: who leads the unit, an administrator, or the holder. A holder’s own access changes with it, so that the holder is answered `CHANGE_MAY_STAND`. `FORBIDDEN`: it is not the caller’s to withdraw. `CONFLICT`: it is not in force any more.',
  })
  withdrawGrant(
    @Arg('grant', () => ID, { description: idDescription }) grant: string,
    @Arg('reason', () => String, { description: 'Why, in 10 to 2,000 characters.' }) reason: string,
    @Ctx() context: IdentityContext,
  ) {
    return actions.withdraw(context, grant, reason);
  }

  @FieldResolver()
  id(@Root() grant: store.GrantRow) {
    return grantId(grant);
  }

  @FieldResolver()
  holder(@Root() { holder }: store.GrantRow, @Ctx() { loaders }: IdentityContext) {
    return loaders.employee.load(holder);
  }

  @FieldResolver()
  unit(@Root() { unit }: store.GrantRow, @Ctx() { loaders }: IdentityContext) {
    return loaders.organisation.load(unit);
  }

  @FieldResolver()
  compartment(@Root() { compartmentId }: store.GrantRow) {
    return { id: compartmentId };
  }

  @FieldResolver()
  requestedBy(@Root() { requestedBy }: store.GrantRow, @Ctx() { loaders }: IdentityContext) {
    return loaders.employee.load(requestedBy);
  }

  @FieldResolver()
  decidedBy(@Root() { decidedBy }: store.GrantRow, @Ctx() { loaders }: IdentityContext) {
    return decidedBy && loaders.employee.load(decidedBy);
  }

  @FieldResolver()
  async decidedAt(@Root() grant: store.GrantRow, @Ctx() { loaders }: IdentityContext) {
    const taken = await loaders.stepsOfGrant.load(grantId(grant));
    return taken.find(({ step }) => step === 'GIVEN' || step === 'REFUSED')?.takenAt ?? null;
  }

  @FieldResolver()
  agreement(@Root() { agreementId }: store.GrantRow, @Ctx() { loaders }: IdentityContext) {
    return agreementId && loaders.agreement.load(agreementId);
  }

  @FieldResolver()
  async history(@Root() grant: store.GrantRow, @Ctx() { loaders }: IdentityContext): Promise<Event[]> {
    return historyOf(grant, await loaders.stepsOfGrant.load(grantId(grant)));
  }
}

@Resolver(() => GrantEvent)
export class GrantEventResolver {
  @FieldResolver()
  by(@Root() { takenBy }: Event, @Ctx() { loaders }: IdentityContext) {
    return takenBy && loaders.employee.load(takenBy);
  }
}

@Resolver(() => ReviewItem)
export class ReviewItemResolver {
  @FieldResolver()
  grant(@Root() grant: store.GrantRow) {
    return grant;
  }

  @FieldResolver()
  dueAt(@Root() { confirmBy }: store.GrantRow) {
    return confirmBy;
  }

  @FieldResolver()
  reminder(@Root() { confirmBy }: store.GrantRow, @Ctx() { services }: IdentityContext): Reminder | null {
    const now = services.now();
    if (confirmBy <= inDays(now, 7)) return Reminder.SEVEN_DAYS;
    return confirmBy <= inDays(now, 30) ? Reminder.THIRTY_DAYS : null;
  }

  @FieldResolver()
  async confirmer(@Root() grant: store.GrantRow, @Ctx() { loaders }: IdentityContext) {
    const confirmer = await loaders.confirmer.load(grant);
    return confirmer && loaders.employee.load(confirmer);
  }
}

@Resolver(() => ReviewedGrant)
export class ReviewedGrantResolver {
  @FieldResolver()
  unit(@Root() { unit }: ReviewedStep, @Ctx() { loaders }: IdentityContext) {
    return loaders.organisation.load(unit);
  }

  @FieldResolver()
  grant(@Root() { grant: id, compartmentId }: ReviewedStep, @Ctx() { loaders }: IdentityContext) {
    return loaders.grant.load(grantId({ id, compartmentId }));
  }

  @FieldResolver()
  event(@Root() taken: ReviewedStep): Event {
    return eventOf(taken);
  }
}

@Resolver(() => Employee)
export class EmployeeGrantsResolver {
  @ListSize(20)
  @FieldResolver(() => [Grant], {
    description:
      'The employee’s grants, the newest request first, as far as the viewer may know of them (see `grants`).',
  })
  grants(@Root() { id }: Employee, @Ctx() { loaders }: IdentityContext) {
    return loaders.grantsOfHolder.load(id);
  }
}

@Resolver(() => SingleCaseCompartment)
export class SingleCaseResolver {
  @RequiresScopes(colleagues)
  @Sealing()
  @Use('read')
  @ListSize(20)
  @Query(() => [SingleCaseCompartment], {
    nullable: true,
    description: 'Compartments opened for single cases that the viewer holds, the latest first.',
  })
  singleCaseCompartments(@Ctx() { loaders }: IdentityContext) {
    return loaders.singleCases();
  }

  @RequiresScopes(['grant:request'])
  @Policy(['fresh-login'])
  // It adds to the caller's own access, and its answer is the code alone.
  @OwnSession()
  @Sealing()
  @Use('enter')
  @Mutation(() => ID, {
    nullable: true,
    description:
      'Opens the compartment of a single case, together with a colleague, and answers with its id. Both have to hold `ENTER` in the compartment that the case would otherwise lie in, and hold the new one from then on. `BAD_USER_INPUT`: the category is not a shielded one of that authority. `FORBIDDEN`: the caller may not enter there. `NOT_FOUND`: no such colleague. `CONFLICT`: the colleague may not enter there.',
  })
  openSingleCaseCompartment(
    @Arg('input', () => OpenSingleCaseInput, { description: 'Which, with whom, and why.' }) input: OpenSingleCaseInput,
    @Ctx() context: IdentityContext,
  ) {
    return openSingleCase(context, input);
  }

  @FieldResolver()
  openedBy(@Root() { openedBy }: SingleCaseRow, @Ctx() { loaders }: IdentityContext) {
    return loaders.employee.load(openedBy);
  }
}

const inDays = (now: Date, days: number) => new Date(now.getTime() + days * 86_400_000);
