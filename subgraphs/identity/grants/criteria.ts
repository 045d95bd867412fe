/** Checks the arguments of lists of grants before the database sees them (people/criteria.ts). */
import { decodeCursor, malformedCursor } from '../../protocol/connection.js';
import { Fault } from '../../protocol/faults.js';
import { malformed } from '../../protocol/scalars.js';
import { isStorable, isUuid } from '../../protocol/text.js';
import { idOrNone } from '../people/criteria.js';
import type { PersonPosition } from '../people/store.js';
import type { GrantCriteria, ReviewCriteria } from './store.js';
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

/** The position after which a page of grants begins. */
export function grantPosition(after: string | null | undefined): PersonPosition | null {
  const decoded = decodeCursor(after, 2);
  return decoded && { sortKey: timeIn(decoded[0]), id: idIn(decoded[1]) };
}

export function stepPosition(
  after: string | null | undefined,
): { readonly at: string; readonly grant: string; readonly number: number } | null {
  const decoded = decodeCursor(after, 3);
  if (!decoded) return null;
  const [at, grant, number] = decoded;
  if (typeof number !== 'number' || !Number.isInteger(number) || Math.abs(number) > 1_000_000)
    throw new Fault('BAD_USER_INPUT', malformedCursor);
  return { at: timeIn(at), grant: idIn(grant), number };
}

function timeIn(part: unknown): string {
  if (typeof part !== 'string' || malformed('DateTime', part) !== undefined)
    throw new Fault('BAD_USER_INPUT', malformedCursor);
  return part;
}

/** The row's own id: that of a single case's grant has the case before it (key.ts). */
function idIn(part: unknown): string {
  const ids = typeof part === 'string' ? part.split('.') : [];
  if (ids.length > 2 || !ids.every(isUuid) || ids.length === 0) throw new Fault('BAD_USER_INPUT', malformedCursor);
  return ids.at(-1)!;
}

/** A text that cannot be stored is no compartment's id. */
const compartmentGiven = (id: string | null | undefined): string | null =>
  id === null || id === undefined ? null : isStorable(id) ? id : '';
