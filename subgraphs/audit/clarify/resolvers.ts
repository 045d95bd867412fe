/** A lock-out with the rejected attempts that led to it, for whoever has to clarify it. */
import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, FieldResolver, Info, Int, Resolver, Root } from 'type-graphql';
import { isTimeKey, pagingOf } from '../../kit/paging.js';
import { afterDescription, type Connection, connection, firstDescription } from '../../protocol/connection.js';
import { PageSize, Requires, RequiresScopes } from '../../protocol/directives.js';
import type { AuditContext } from '../context.js';
import type { EntryRow } from '../read/store.js';
import { readLeaf } from '../tree/leaf.js';
import { AccessBlock, type AttemptToClarify, AttemptToClarifyConnection } from './types.js';

@Resolver(() => AccessBlock)
export class AccessBlockResolver {
  @RequiresScopes(['admin'], ['audit:read'])
  @Requires('employee { id } workstation blockedAt liftedAt')
  @PageSize()
  @FieldResolver(() => AttemptToClarifyConnection, {
    nullable: true,
    description:
      'Rejected attempts that may explain the block, the latest first: those of the employee in the thirty days before it, and those from the workstation by callers who were not signed in, in the day before it; and until it was lifted, for at most a day. Empty from thirty days after it was lifted. Of the ordinary log only.',
  })
  async rejectedAttempts(
    @Root() block: AccessBlock,
    @Arg('first', () => Int, { nullable: true, description: firstDescription }) first: number | null,
    @Arg('after', () => String, { nullable: true, description: afterDescription }) after: string | null,
    @Ctx() { loaders }: AuditContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Connection<AttemptToClarify>> {
    const paging = pagingOf({ first, after }, info, isTimeKey);
    return connection(await loaders.attemptsToClarify.load({ block, paging }), after, attemptOf);
  }
}

function attemptOf({ id, at, leaf }: EntryRow): AttemptToClarify {
  const { actor, use, outcome, operation, faults, workstation, counted } = readLeaf(leaf);
  return {
    ...{ id, at, use, outcome, faults: [...faults], workstation },
    ...{ operationName: operation.name, signedIn: actor !== null, attempts: counted?.attempts ?? 1 },
  };
}
