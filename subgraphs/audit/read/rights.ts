/** Who may read what of the log. These checks stand before row-level security. */
import type { Viewer } from '../../protocol/viewer.js';

/** Who may read the log of the municipality. */
export const readsLog = (viewer: Viewer): boolean => viewer.scopes.includes('audit:read');

/** Who may read one citizen's view of it: readers of the log, and that citizen, but not on somebody else's behalf. */
export const readsAccessLog = (viewer: Viewer, citizen: string): boolean =>
  readsLog(viewer) ||
  [viewer.actor, viewer.subject].every(({ kind, id }) => kind === 'Citizen' && id === citizen) ||
  (viewer.actor.kind === 'Citizen' && (viewer.children ?? []).includes(citizen));
