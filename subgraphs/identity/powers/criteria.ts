/** Checks a caller's filter. Nothing here depends on which powers exist. */
import { idOrNone } from '../people/criteria.js';
import type { PowerOfAttorneyFilter } from './inputs.js';
import type { PowerCriteria } from './store.js';

export const criteriaOf = (filter: PowerOfAttorneyFilter | null | undefined): PowerCriteria => ({
  giver: idOrNone(filter?.giver),
  receiver: idOrNone(filter?.receiver),
  employee: idOrNone(filter?.employee),
  deciderHasLeft: filter?.deciderHasLeft ?? null,
  standings: filter?.status?.length ? filter.status.map((status) => (status === 'IN_FORCE' ? 'GIVEN' : status)) : null,
});
