/** Resolves each entity from its key, as far as it exists for this viewer. */
import type { Room } from '../kit/room.js';
import type { AccessBlock } from './clarify/types.js';
import type { AuditContext } from './context.js';
import { entryOf } from './read/to-graphql.js';

export const references: Room['references'] = {
  AccessBlock: (block: AccessBlock) => block,
  Citizen: ({ id }: { id: string }) => ({ id }),
  AuditEntry: async ({ id }: { id: string }, { loaders }: AuditContext) => {
    const row = await loaders.entry.load(id);
    return row && entryOf(row);
  },
};
