/** Checks the arguments of lists of grants before the database sees them (people/criteria.ts). */
import { isStorable } from '../../protocol/text.js';
import { idOrNone } from '../people/criteria.js';
import type { ReviewCriteria } from './review-store.js';
import type { GrantCriteria } from './store.js';
import type { GrantFilter } from './types.js';

export const grantCriteria = (
  filter: GrantFilter | null | undefined,
  dueBefore: Date | null = null,
): GrantCriteria => ({
  holder: idOrNone(filter?.holder),
  unit: idOrNone(filter?.unit),
  compartment: compartmentGiven(filter?.compartment),
  statuses: filter?.status?.length ? filter.status : null,
  dueBefore,
});

/** The last six months by default. */
export const reviewPeriod = (
  unit: string | null | undefined,
  since: string | null | undefined,
  until: string | null | undefined,
  now: Date,
): ReviewCriteria => ({
  unit: idOrNone(unit),
  since: since ? new Date(since) : new Date(now.getTime() - 184 * 86_400_000),
  // What was done this very moment is in it.
  until: until ? new Date(until) : new Date(now.getTime() + 1),
});

/** A text that cannot be stored is no compartment's id. */
const compartmentGiven = (id: string | null | undefined): string | null =>
  id === null || id === undefined ? null : isStorable(id) ? id : '';
