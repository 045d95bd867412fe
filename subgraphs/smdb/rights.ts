/**
 * Who may read and report what (rights as assigned in FBRS, "SMDB - …"). The policies in 001_smdb.sql and 002_acting.sql hold the
 * same rules again; a test compares the two, right by right and kind by kind.
 *
 * A right that is not listed (a guidance worker's, a citizen's, the SMDB administrator's) reads and reports nothing.
 */
import type { Viewer } from '../protocol/viewer.js';
import { type FormKind, healthKinds, kinds, otherKinds } from './forms.js';
import type { Scope } from './store.js';

export interface SmdbRight {
  readonly reads: readonly FormKind[];
  readonly reports: readonly FormKind[];
  /** "Forvaltende": reports on behalf of the authority, under its power of attorney, and sees only what they reported themselves. */
  readonly delegated: boolean;
}

const nothing: SmdbRight = { reads: [], reports: [], delegated: false };

export const rights: ReadonlyMap<string, SmdbRight> = new Map([
  ['SMDB_REPORTER', { reads: otherKinds, reports: otherKinds, delegated: false }],
  ['SMDB_LEADER', { reads: kinds, reports: [], delegated: false }],
  ['SMDB_HEALTH', { reads: healthKinds, reports: healthKinds, delegated: false }],
  ['SMDB_DELEGATED_REPORTER', { reads: otherKinds, reports: otherKinds, delegated: true }],
  ['SMDB_DELEGATED_HEALTH', { reads: healthKinds, reports: healthKinds, delegated: true }],
]);

/** The viewer's SMDB right. Only employees have one, and a delegated right counts only while acting for somebody. */
export function rightOf({ actor, right, actingFor }: Viewer): SmdbRight {
  const held = (actor.kind === 'Employee' && rights.get(right ?? '')) || nothing;
  return held.delegated && actingFor === null ? nothing : held;
}

/** The forms that the viewer may see. */
export function scopeOf(viewer: Viewer): Scope {
  const { reads, delegated } = rightOf(viewer);
  return { municipality: viewer.municipality, kinds: reads, reportedBy: delegated ? viewer.actor.id : null };
}
