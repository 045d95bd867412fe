/** Queries over the log, and the citizen's own view of it. */
import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, FieldResolver, Info, Int, Query, Resolver, Root } from 'type-graphql';
import { connection, pageSize } from '../kit/connection.js';
import { RequiresScopes, Sealing, Use } from '../kit/directives.js';
import { criteriaOf, cursorAt, positionOf, selects } from './arguments.js';
import type { Loaders } from './loaders.js';
import { accessOf, attemptOf, entryOf } from './present.js';
import { storable } from './text.js';
import {
  AuditEntryConnection,
  AuditEntryFilter,
  AuditedOperation,
  Citizen,
  CitizenAccessConnection,
  RejectedAttemptConnection,
} from './types.js';

export interface AuditContext {
  readonly loaders: Loaders;
}

const firstDescription = 'Page size: 0 to 500, 50 when not said.';
const afterDescription = 'Cursor of the item before the page.';

@Resolver()
export class LogResolver {
  @RequiresScopes(['audit:read'])
  @Use('search')
  @Sealing()
  @Query(() => AuditEntryConnection, {
    nullable: true,
    description:
      'The log of the municipality, newest first: every use by a person who was signed in, of those that the reader may know of.',
  })
  async auditEntries(
    @Arg('filter', () => AuditEntryFilter, { nullable: true }) filter: AuditEntryFilter | null,
    @Arg('first', () => Int, { nullable: true, description: firstDescription }) first: number | null,
    @Arg('after', () => String, { nullable: true, description: afterDescription }) after: string | null,
    @Ctx() { loaders }: AuditContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<AuditEntryConnection> {
    const counted = selects('totalCount', info);
    const { rows, ...page } = await loaders.entries(criteriaOf(filter), positionOf(after), pageSize(first), counted);
    return connection({ ...page, nodes: rows.map(entryOf), cursorOf: ({ at, id }) => cursorAt(at, id) }, after);
  }

  @RequiresScopes(['audit:read'])
  @Use('search')
  @Sealing()
  @Query(() => RejectedAttemptConnection, {
    nullable: true,
    description: 'Attempts that were denied or that failed, newest first; also of callers who were not signed in.',
  })
  async rejectedAttempts(
    @Arg('first', () => Int, { nullable: true, description: firstDescription }) first: number | null,
    @Arg('after', () => String, { nullable: true, description: afterDescription }) after: string | null,
    @Ctx() { loaders }: AuditContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<RejectedAttemptConnection> {
    const counted = selects('totalCount', info);
    const { rows, ...page } = await loaders.entries({ kind: 'REJECTED' }, positionOf(after), pageSize(first), counted);
    return connection({ ...page, nodes: rows.map(attemptOf), cursorOf: ({ at, id }) => cursorAt(at, id) }, after);
  }
}

@Resolver(() => AuditedOperation)
export class AuditedOperationResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description: 'Its text; none if it was no valid GraphQL, because then it could be anything.',
  })
  text(@Root() { hash, ownText }: AuditedOperation, @Ctx() { loaders }: AuditContext): unknown {
    return ownText ?? loaders.operationText.load(hash);
  }
}

@Resolver(() => Citizen)
export class CitizenResolver {
  @FieldResolver(() => CitizenAccessConnection, {
    description:
      'Who looked the citizen up, newest first: for the citizen, and for readers of the log; empty for anybody else. Own look-ups are not in it, nor attempts that disclosed nothing.',
  })
  async accessLog(
    @Root() { id }: Citizen,
    @Arg('first', () => Int, { nullable: true, description: firstDescription }) first: number | null,
    @Arg('after', () => String, { nullable: true, description: afterDescription }) after: string | null,
    @Ctx() { loaders }: AuditContext,
  ): Promise<CitizenAccessConnection> {
    const key = { citizen: storable(id), after: positionOf(after), size: pageSize(first) };
    const { rows, ...page } = await loaders.accessLog.load(key);
    return connection({ ...page, nodes: rows.map(accessOf), cursorOf: ({ at, entry }) => cursorAt(at, entry) }, after);
  }
}
