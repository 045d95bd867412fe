/** Whether a requirement holds for a viewer. That depends on the viewer and the clock, never on data or on the operation. */

import type { Viewer } from '../protocol/viewer.js';
import type { Requirement } from './rules.js';

/** `again`: it would hold for somebody who has just signed in again. */
export type Holding = 'yes' | 'no' | 'again';

/** `now`: seconds since the epoch, on the clock that records sign-ins. */
export function holding(requirement: Requirement, viewer: Viewer, now: number): Holding {
  if (holds(requirement, viewer, now)) return 'yes';
  return holds(requirement, { ...viewer, authenticatedAt: now }, now) ? 'again' : 'no';
}

function holds(requirement: Requirement, viewer: Viewer, now: number): boolean {
  // Every operation needs a session, so a viewer is always authenticated; an anonymous caller never gets this far.
  if (requirement.scopes && !someList(requirement.scopes, (scope) => viewer.scopes.includes(scope))) return false;
  if (requirement.policies && !someList(requirement.policies, (policy) => policyHolds(policy, viewer, now)))
    return false;
  return true;
}

const someList = (lists: readonly (readonly string[])[], test: (name: string) => boolean): boolean =>
  lists.some((list) => list.every(test));

const freshLoginSeconds = 15 * 60;

/** Whether a policy holds. An unknown policy never does: `log-only` is one, for fields that only the log may select. */
function policyHolds(policy: string, viewer: Viewer, now: number): boolean {
  switch (policy) {
    case 'fresh-login':
      return now - viewer.authenticatedAt <= freshLoginSeconds;
    default:
      return false;
  }
}
