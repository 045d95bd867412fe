/**
 * Which texts a caller may ask, by kind of caller. An operator who knows all frontends can leave strangers' texts a small share of
 * memory and planning, or none.
 */
import { Fault } from '../../subgraphs/protocol/faults.js';
import type { Viewer } from '../../subgraphs/protocol/viewer.js';

/** `any`: any text. `first`: trusted documents, and others within a small cache and budget. `only`: trusted documents. */
export type DocumentMode = 'any' | 'first' | 'only';

export interface DocumentPolicy {
  readonly citizen: DocumentMode;
  readonly employee: DocumentMode;
  readonly client: DocumentMode;
}

export const anyText: DocumentPolicy = { citizen: 'any', employee: 'any', client: 'any' };

/** By who acts, not for whom: it is the caller's program that is trusted. */
export const modeOf = ({ actor: { kind } }: Viewer, policy: DocumentPolicy): DocumentMode =>
  ({ Citizen: policy.citizen, Employee: policy.employee, SystemClient: policy.client })[kind];

export interface Budget {
  /** Throws TOO_MANY_REQUESTS where nothing is left. */
  demand(): void;
  spend(bytes: number): void;
}

/**
 * So many bytes of documents, plans and programs may be made anew in a minute. What is counted depends on texts and rights alone, so
 * that what is left tells of no data.
 */
export function openBudget(perMinute: number, now: () => number = () => performance.now()): Budget {
  let left = perMinute;
  let at = now();
  const refill = () => {
    const moment = now();
    left = Math.min(perMinute, left + (perMinute * (moment - at)) / 60_000);
    at = moment;
  };
  return {
    demand() {
      refill();
      if (left <= 0)
        throw new Fault(
          'TOO_MANY_REQUESTS',
          'Too many new texts. Wait before you try again, or ask trusted documents.',
        );
    },
    spend(bytes) {
      refill();
      left -= bytes;
    },
  };
}
