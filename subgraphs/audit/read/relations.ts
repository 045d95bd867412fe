/**
 * Which tables and views one viewer's statements name. For a viewer without shielded clearance these are the ordinary tables only; the
 * statements do not name the sealed ones. For a viewer with some, they are the `every_*` views, in which row-level security leaves the
 * entries for whose seals the reader holds every compartment.
 */
import { shieldedCompartments, type Viewer } from '../../protocol/viewer.js';

/** Tables or views that a viewer's statements name. */
export interface Relations {
  readonly entry: string;
  readonly byCitizen: string;
  readonly byMention: string;
  readonly operation: string;
  readonly log: string;
  readonly checkpoint: string;
  readonly subtree: string;
  readonly accessLog: string;
}

const ordinary: Relations = {
  entry: 'entry',
  byCitizen: 'entry_citizen',
  byMention: 'entry_mention',
  operation: 'operation',
  log: `(SELECT *, '{}'::text[] AS sealed_by FROM log)`,
  checkpoint: 'checkpoint',
  subtree: 'subtree',
  accessLog: 'entry_citizen',
};
const ordinaryAndSealed: Relations = {
  ...ordinary,
  entry: 'every_entry',
  byCitizen: 'every_entry_citizen',
  byMention: 'every_entry_mention',
  operation: 'every_operation',
  log: 'every_log',
  checkpoint: 'every_checkpoint',
  subtree: 'every_subtree',
};
/** Both walls down: views that a test creates. See `makeAuditRoom`. */
const leaky: Relations = {
  ...ordinary,
  entry: 'leaky_entry',
  byCitizen: 'leaky_entry_citizen',
  accessLog: 'leaky_entry_citizen',
};

/** Walls that a test takes down, to check that another test notices. */
export interface DisabledWalls {
  readonly withoutSealFilter?: boolean;
}

/** The relations that this viewer's statements may name. This check stands before row-level security. */
export function relationsFor(viewer: Viewer, { withoutSealFilter }: DisabledWalls = {}): Relations {
  if (withoutSealFilter) return leaky;
  return shieldedCompartments(viewer).length > 0 ? ordinaryAndSealed : ordinary;
}
