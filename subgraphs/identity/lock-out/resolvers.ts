/** Blocks after too many rejected attempts: what administrators see of them, and how they lift one. */
import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import {
  afterDescription,
  type Connection,
  connection,
  decodeCursor,
  encodeCursor,
  firstDescription,
  malformedCursor,
  pageSize,
} from '../../protocol/connection.js';
import { PageSize, Policy, RequiresScopes, Use } from '../../protocol/directives.js';
import { Fault } from '../../protocol/faults.js';
import { isProse } from '../../protocol/lines.js';
import { isUuid } from '../../protocol/text.js';
import type { IdentityContext } from '../context.js';
import * as store from './store.js';
import { AccessBlock, AccessBlockConnection } from './types.js';

@Resolver(() => AccessBlock)
export class AccessBlockResolver {
  @RequiresScopes(['admin'])
  @Use('read')
  @PageSize()
  @Query(() => AccessBlockConnection, {
    nullable: true,
    description: 'Users and workstations that are locked out, the latest first.',
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
    @Ctx() { viewer, services }: IdentityContext,
  ): Promise<Connection<store.BlockRow>> {
    const size = pageSize(first);
    const position = positionOf(after);
    const { municipality } = viewer;
    return services.database.asViewer(viewer, async (tx) => {
      const rows = await store.blocks(tx, municipality, includeLifted, position, size + 1);
      const page = {
        nodes: rows.slice(0, size),
        cursorOf: ({ blockedAt, id }: store.BlockRow) => encodeCursor([blockedAt.toISOString(), id]),
        hasNextPage: rows.length > size,
        totalCount: await store.countBlocks(tx, municipality, includeLifted),
      };
      return connection(page, after);
    });
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
    @Ctx() { viewer, services }: IdentityContext,
  ): Promise<store.BlockRow> {
    const text = clarification.trim();
    if (text.length < 10 || !isProse(text, 2_000))
      throw new Fault('BAD_USER_INPUT', 'Argument "clarification": expected 10 to 2,000 characters.');
    if (viewer.actor.kind !== 'Employee') throw new Fault('FORBIDDEN');
    if (!isUuid(block)) throw new Fault('NOT_FOUND');
    return services.database.asViewer(
      viewer,
      async (tx) => {
        const lifted = await store.liftBlock(tx, viewer, block, text, services.now());
        // Thrown in the transaction: nothing was changed.
        if (!lifted) throw new Fault('NOT_FOUND');
        return lifted;
      },
      'change',
    );
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

function positionOf(after: string | undefined): { at: Date; id: string } | null {
  const position = decodeCursor(after, 2);
  if (!position) return null;
  const [at, id] = [new Date(String(position[0])), String(position[1])];
  if (Number.isNaN(at.getTime()) || !isUuid(id)) throw new Fault('BAD_USER_INPUT', malformedCursor);
  return { at, id };
}
