/** Lifting a block, once its cause has been clarified. */
import { change } from '../../kit/context.js';
import { Fault } from '../../protocol/faults.js';
import { isProse } from '../../protocol/lines.js';
import { isUuid } from '../../protocol/text.js';
import type { IdentityContext } from '../context.js';
import * as store from './store.js';

/** Throws `BAD_USER_INPUT` for a clarification that is too short or too long, and `NOT_FOUND` if no such block is in force. */
export async function liftBlock(
  context: IdentityContext,
  block: string,
  clarification: string,
): Promise<store.BlockRow> {
  const { viewer, services } = context;
  const text = clarification.trim();
  if (text.length < 10 || !isProse(text, 2_000))
    throw new Fault('BAD_USER_INPUT', 'Argument "clarification": expected 10 to 2,000 characters.');
  if (viewer.actor.kind !== 'Employee') throw new Fault('FORBIDDEN');
  if (!isUuid(block)) throw new Fault('NOT_FOUND');
  return change(context, async (tx) => {
    const lifted = await store.liftBlock(tx, viewer, block, text, services.now());
    // Thrown in the transaction: nothing was changed.
    if (!lifted) throw new Fault('NOT_FOUND');
    return lifted;
  });
}
