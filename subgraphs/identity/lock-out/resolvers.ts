/** Blocks after too many rejected attempts: what administrators see of them, and how they lift one. */
import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, FieldResolver, ID, Info, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { isTimeKey, pagingOf } from '../../kit/paging.js';
import { afterDescription, type Connection, connection, firstDescription } from '../../protocol/connection.js';
import { PageSize, Policy, RequiresScopes, Use } from '../../protocol/directives.js';
import type { IdentityContext } from '../context.js';
import { liftBlock } from './actions.js';
import type * as store from './store.js';
import { AccessBlock, AccessBlockConnection } from './types.js';

@Resolver(() => AccessBlock)
export class AccessBlockResolver {
  @RequiresScopes(['admin'], ['audit:read'])
  @Use('read')
  @PageSize()
  @Query(() => AccessBlockConnection, {
    nullable: true,
    description:
      'Users and workstations that are locked out, the latest first. Administrators lift blocks (`unlockAccess`); readers of the log see them.',
  })
  async accessBlocks(
    @Arg('includeLifted', () => Boolean, {
      defaultValue: false,
      description: 'If true: include blocks that were lifted.',
    })
    includeLifted: boolean,
    @Arg('first', () => Int, { nullable: true, description: firstDescription }) first: number | undefined,
    @Arg('after', () => String, { nullable: true, description: afterDescription })
    after: string | undefined,
    @Ctx() { loaders }: IdentityContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Connection<store.BlockRow>> {
    return connection(await loaders.blocks(includeLifted, pagingOf({ first, after }, info, isTimeKey)), after);
  }

  @RequiresScopes(['admin'])
  @Policy(['fresh-login'])
  @Use('change')
  @Mutation(() => AccessBlock, {
    nullable: true,
    description:
      'Lifts a block, once its cause has been clarified. Requires a recent sign-in (`FRESH_LOGIN_REQUIRED`). `NOT_FOUND` if there is no such block in force.',
  })
  async unlockAccess(
    @Arg('block', () => ID, { description: 'Id of the block.' }) block: string,
    @Arg('clarification', () => String, {
      description: 'The cause, in 10 to 2,000 characters. It is stored with the block.',
    })
    clarification: string,
    @Ctx() context: IdentityContext,
  ): Promise<store.BlockRow> {
    return liftBlock(context, block, clarification);
  }

  @FieldResolver()
  employee(@Root() { person }: store.BlockRow, @Ctx() { loaders }: IdentityContext) {
    return person && loaders.employee.load(person);
  }

  @FieldResolver()
  liftedBy(@Root() { liftedBy }: store.BlockRow, @Ctx() { loaders }: IdentityContext) {
    return liftedBy && loaders.employee.load(liftedBy);
  }
}
