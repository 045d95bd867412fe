/**
 * Ids of grants as callers see them. The id of a grant into a single case's compartment begins with that case's code, so that whatever
 * speaks of the grant names the case, and is sealed in the log as everything that names it is (edge/seal.ts). Under a plain id, an
 * entry of the ordinary log would tell of a grant that its readers cannot find.
 */
import { caseOf, isOfSingleCase } from '../../protocol/compartments.js';
import { isUuid } from '../../protocol/text.js';
import type { Viewer } from '../../protocol/viewer.js';
import { type GrantKey, singlesOf } from './store.js';

export const grantId = ({
  id,
  compartmentId,
}: {
  readonly id: string;
  readonly compartmentId: string | null;
}): string => (compartmentId !== null && isOfSingleCase(compartmentId) ? `${caseOf(compartmentId)}.${id}` : id);

/** The grant that an id means; `null` if it means none that the viewer could know of. */
export function grantKey(viewer: Viewer, given: string): GrantKey | null {
  const parts = given.toLowerCase().split('.');
  const [first, id] = parts;
  if (!parts.every(isUuid) || first === undefined || parts.length > 2) return null;
  if (id === undefined) return { id: first, compartment: null };
  const compartment = singlesOf(viewer).find((held) => caseOf(held) === first);
  return compartment === undefined ? null : { id, compartment };
}
