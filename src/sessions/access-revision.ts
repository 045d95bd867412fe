/**
 * Tracks how fresh the gateway's knowledge of sessions is. What was learned of a session stays true until its person's
 * access changes. Access changes are numbered in commit order, so one small request for all sessions together tells
 * which cached viewers to drop. Nothing is trusted that was not confirmed within a *lease* (a fifth of a second).
 *
 * The clock is monotonic, and a lease counts from before the request was sent: a slow answer or a stopped process can
 * only shorten it.
 */
import { performance } from 'node:perf_hooks';
import { LRUCache } from 'lru-cache';
import { lease } from '../../subgraphs/edge/clients.js';
import type { CallRoom } from '../subgraph-client/internal-calls.js';

export interface AccessRevision {
  /** Whether cached knowledge may be trusted now. If not, call `confirm` first. */
  holds(): boolean;
  /** Asks what has changed. Concurrent callers share one request. Rejects if the room does not answer. */
  confirm(): Promise<void>;
  /**
   * Does the same with a request that starts now: one already under way may be too old to include a change just made.
   */
  confirmAnew(): Promise<void>;
  /** Ends the current lease, because something is known to have changed. */
  lapse(): void;
  /** Number of the last known access change. -1 before the first answer. */
  revision(): number;
  /** Whether something that was true of a person at `revision` may have changed since. */
  changedSince(revision: number, person: string): boolean;
}

export interface AccessRevisionOptions {
  readonly municipality: string;
  /** Called for each person whose access changed. `null`: anybody's may have changed. */
  readonly onChange: (person: string | null) => void;
}

/** Persons whose last change is remembered, to check answers that were on their way when it happened. */
const remembered = 10_000;

/** Starts without a lease, so the first use must `confirm`. */
export function openAccessRevision(
  identity: CallRoom,
  { municipality, onChange }: AccessRevisionOptions,
): AccessRevision {
  let until = Number.NEGATIVE_INFINITY;
  let revision = -1;
  /** Below this number it is not known whose access changed. */
  let floor = -1;
  let underWay: Promise<void> | null = null;
  const lastChange = new LRUCache<string, number>({
    max: remembered,
    dispose: (number, _person, reason) => {
      if (reason === 'evict') floor = Math.max(floor, number);
    },
  });

  const ask = async () => {
    const asked = performance.now();
    const answer = await identity('access-changes', { municipality, since: revision < 0 ? null : revision });
    const persons = answer.persons as readonly string[] | null;
    if (typeof answer.revision !== 'number') throw new Error('the identity room did not say what has changed');
    revision = answer.revision;
    if (persons === null) {
      floor = revision;
      lastChange.clear();
      onChange(null);
    } else {
      for (const person of persons) {
        lastChange.set(person, revision);
        onChange(person);
      }
    }
    until = asked + lease;
  };

  const confirm = (): Promise<void> => {
    underWay ??= ask().finally(() => {
      underWay = null;
    });
    return underWay;
  };

  return {
    holds: () => performance.now() < until,
    confirm,
    async confirmAnew() {
      await underWay?.catch(() => {});
      await confirm();
    },
    lapse: () => {
      until = Number.NEGATIVE_INFINITY;
    },
    revision: () => revision,
    changedSince: (number, person) => number < floor || (lastChange.get(person) ?? -1) > number,
  };
}
