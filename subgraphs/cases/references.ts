/** Resolves each entity from its key, as far as it exists for this viewer. */
import type { Room } from '../kit/room.js';
import type { CasesContext } from './context.js';
import type { CaseRow } from './store.js';
import { authorityById, singleCase, standing } from './to-graphql.js';
import type { Authority, Citizen, Compartment } from './types.js';

export const references: Room['references'] = {
  Case: ({ id }: { id: string }, { loaders }: CasesContext): Promise<CaseRow | null> => loaders.case.load(id),
  Citizen: ({ id }: { id: string }): Citizen => ({ id }),
  Authority: ({ id }: { id: string }, { viewer }: CasesContext): Authority | null =>
    authorityById(viewer.municipality, id),
  async Compartment({ id }: { id: string }, { viewer, loaders }: CasesContext): Promise<Compartment | null> {
    const known = standing(viewer.municipality).find((compartment) => compartment.id === id);
    if (known) return known;
    const single = (await loaders.singleCaseCompartments()).find((row) => row.id === id);
    return single ? singleCase(viewer.municipality, single) : null;
  },
};
