/**
 * Decides which texts each kind of caller may send. An operator who knows all frontends can leave other texts a small
 * share of memory and planning, or none.
 */
import { Fault } from '../../subgraphs/protocol/faults.js';
import type { Viewer } from '../../subgraphs/protocol/viewer.js';

/**
 * `any`: any text. `first`: trusted documents, and others within a small cache and budget. `only`: trusted documents.
 */
export type DocumentMode = 'any' | 'first' | 'only';

export interface DocumentPolicy {
  readonly citizen: DocumentMode;
  readonly employee: DocumentMode;
  readonly client: DocumentMode;
}

export const anyText: DocumentPolicy = { citizen: 'any', employee: 'any', client: 'any' };

/** By the actor, not the subject, because the caller's program is what is trusted. */
export const modeOf = ({ actor: { kind } }: Viewer, policy: DocumentPolicy): DocumentMode =>
  ({ Citizen: policy.citizen, Employee: policy.employee, SystemClient: policy.client })[kind];

export interface Budget {
  /** Throws `TOO_MANY_REQUESTS` if nothing is left. */
  demand(): void;
  spend(bytes: number): void;
}

/**
 * Limits the bytes of documents, plans and programs that may be built per minute. The count depends on texts and rights
 * only, so what is left reveals no data.
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
