/**
 * The cases room: which cases there are, what they are about, their parties, and their documents. In this room the very existence of
 * a row may be secret.
 */

import type { Room } from '../kit/subgraph.js';
import { shieldedHeader } from '../protocol/directives.js';
import { contextFor } from './context.js';
import { CaseFields, CaseMutations, CaseQueries, CitizenFields, references } from './resolvers.js';
import type { Faults } from './store.js';
import { Authority, Citizen, Compartment } from './types.js';

/** `faults` takes single walls down, for tests that check whether the other tests notice. */
export const makeCasesRoom = (faults: Faults = {}): Room => ({
  name: 'cases',
  migrations: new URL('.', import.meta.url),
  resolvers: [CaseQueries, CaseMutations, CaseFields, CitizenFields],
  orphanedTypes: [Authority, Citizen, Compartment],
  header: shieldedHeader,
  references,
  context: (services, viewer) => contextFor(services, viewer, faults),
});

export const cases = makeCasesRoom();
