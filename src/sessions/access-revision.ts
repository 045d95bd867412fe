/**
 * How fresh what the gateway believes is. What was learned of a session stays true until its person's access changes, and
 * changes are numbered in the order of their commits; so one small question, asked for all sessions together, says which
 * beliefs to drop. Nothing is believed that was not confirmed within a *lease* (a fifth of a second).
 *
 * The clock is monotonic, and a lease counts from before the question was sent: a slow answer or a process that was
 * stopped can only shorten it.
 */
import { performance } from 'node:perf_hooks';
import { LRUCache } from 'lru-cache';
import { lease } from '../../subgraphs/edge/clients.js';
import type { CallRoom } from '../subgraph-client/internal-calls.js';

export interface Freshness {
  /** Whether what was believed a moment ago may still be believed; otherwise `confirm` first. */
  holds(): boolean;
  /** Asks what has changed; all that ask meanwhile share the question. Throws when the room does not answer. */
  confirm(): Promise<void>;
  /** The same with a question that is asked from now on: one that is under way may be too old to know of what was just done. */
  confirmAnew(): Promise<void>;
  /** The last lease is over: something is known to have changed. */
  lapse(): void;
  /** Number of the last change heard of; -1 before anything was. */
  revision(): number;
  /** Whether something that was true at `revision` of a person may have changed by now. */
  changedSince(revision: number, person: string): boolean;
}

export interface FreshnessOptions {
  readonly municipality: string;
  /** Called for each person whose access changed, and with `null` when anybody's may have. */
  readonly onChange: (person: string | null) => void;
}

/** Persons whose last change is remembered: for answers that were on their way when they changed. */
const remembered = 10_000;

export function openFreshness(identity: CallRoom, { municipality, onChange }: FreshnessOptions): Freshness {
  let until = Number.NEGATIVE_INFINITY;
  let revision = -1;
  /** Before this number it is not known who changed. */
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
