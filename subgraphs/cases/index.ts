/**
 * The cases room: which cases there are, what they are about, their parties, and their documents. In this room the very existence of
 * a row may be secret.
 */

import type { Room } from '../kit/room.js';
import { shieldedHeader } from '../protocol/directives.js';
import { makeContext } from './context.js';
import { ExternalIdResolver, ImportedCaseResolver, ImportResolver } from './import-resolvers.js';
import { type KleTables, shippedTables } from './kle-table.js';
import { references } from './references.js';
import { CaseChangesResolver, CaseResolver, CasesResolver, CitizenResolver } from './resolvers.js';
import type { DisabledWalls } from './sight.js';
import { Authority, Citizen, Compartment } from './types.js';

/**
 * `disabled`: single walls that a test takes down, to check whether the other tests notice. `tables`: the KLE tables of the
 * municipalities.
 */
export const makeCasesRoom = (disabled: DisabledWalls = {}, tables: KleTables = shippedTables): Room => ({
  name: 'cases',
  migrations: new URL('.', import.meta.url),
  resolvers: [
    CasesResolver,
    CaseChangesResolver,
    CaseResolver,
    CitizenResolver,
    ImportResolver,
    ImportedCaseResolver,
    ExternalIdResolver,
  ],
  orphanedTypes: [Authority, Citizen, Compartment],
  header: shieldedHeader,
  references,
  context: (services, viewer) => makeContext(services, viewer, disabled, tables),
});

export const cases = makeCasesRoom();
