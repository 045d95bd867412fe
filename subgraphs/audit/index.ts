/**
 * The audit room: the log of who looked at what, and what may be read of it.
 *
 * `append.ts` takes entries in, `ledger.ts` commits them in groups, `store.ts` and `001_audit.sql` keep them and decide who
 * reads them; `arguments.ts` and `present.ts` stand between the graph and the rows.
 */
import type { Room } from '../kit/subgraph.js';
import { appendEndpoint } from './append.js';
import { makeLoaders } from './loaders.js';
import { entryOf } from './present.js';
import { type AuditContext, AuditedOperationResolver, CitizenResolver, LogResolver } from './resolvers.js';
import { type AuditFaults, checkDurability } from './store.js';
import { AuditEntry, Case, Citizen, Employee, Organisation, SystemClient } from './types.js';

export { checkDurability } from './store.js';

/**
 * `withoutSealFilter` is for the test that takes the walls down and must then see the leak: sealed entries are read for
 * everyone through two views that the test creates as the owner, who bypasses row-level security:
 *
 *     CREATE VIEW audit.leaky_entry AS SELECT * FROM audit.entry UNION ALL SELECT * FROM audit.sealed_entry;
 *     CREATE VIEW audit.leaky_entry_citizen AS SELECT * FROM audit.entry_citizen
 *       UNION ALL SELECT c.municipality, c.citizen, c.at, c.entry, e.organisation, e.use, e.purpose, true
 *       FROM audit.sealed_entry_citizen c JOIN audit.sealed_entry e ON e.municipality = c.municipality AND e.id = c.entry;
 *     GRANT SELECT ON audit.leaky_entry, audit.leaky_entry_citizen TO <role of the room>;
 */
export function makeAuditRoom(faults: AuditFaults = {}): Room {
  return {
    name: 'audit',
    migrations: new URL('./', import.meta.url),
    resolvers: [LogResolver, AuditedOperationResolver, CitizenResolver],
    orphanedTypes: [AuditEntry, Citizen, Employee, SystemClient, Organisation, Case],
    references: {
      Citizen: ({ id }) => ({ id }),
      AuditEntry: async ({ id }: { id: string }, { loaders }: AuditContext) => {
        const row = await loaders.entry.load(id);
        return row && entryOf(row);
      },
    },
    context: ({ database }, viewer): AuditContext => ({ loaders: makeLoaders(database, viewer, faults) }),
    check: async ({ database }) => {
      const unsafe = await database.asTask('check', '', checkDurability);
      if (unsafe.length > 0)
        throw new Error(
          `PostgreSQL setting ${unsafe.join(', ')}: expected on. An entry of the log would not survive a power cut.`,
        );
    },
    internal: { append: appendEndpoint() },
  };
}

export const audit = makeAuditRoom();
