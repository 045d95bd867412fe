/**
 * Delays repeated refusals. A flood of refused requests costs a busy process as much as the work for callers who are served, and most
 * attackers wait for an answer before they ask again.
 *
 * Only refusals wait, and only those of a **source** that has had many. A caller who authenticates is answered at once, even from the
 * same address. The number of waiting refusals is bounded; beyond the bound a refusal is answered at once, as it would be without
 * this.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { type TokenBucket, takeToken } from '../process/token-bucket.js';

export interface SlowRejections {
  /** Call it before an unknown caller is refused. `null`: the refusal may be sent at once. */
  pause(source: string): Promise<void> | null;
}

export interface SlowRejectionOptions {
  /** Refusals per second of one source that are answered at once, and how many of them may come together. */
  readonly perSecond: number;
  readonly burst: number;
  /** Milliseconds for which each further refusal waits. */
  readonly pause: number;
  /** Refusals that may wait at one time: of one source, and of all. */
  readonly waitingOfSource: number;
  readonly waiting: number;
}

/** Whether a status says that the caller did something wrong. */
export const isRefusal = (status: number): boolean => status >= 400 && status < 500;

/** Generous, because behind one address there may be a whole municipality whose sessions have just ended. */
export const slowRejections: SlowRejectionOptions = {
  perSecond: 20,
  burst: 200,
  pause: 500,
  waitingOfSource: 200,
  waiting: 1_000,
};

const mostSources = 20_000;

/** Holds the refusals that may be answered at once. */
interface Source extends TokenBucket {
  waiting: number;
}

/** `clock`: monotonic milliseconds. */
export function openSlowRejections(
  options: SlowRejectionOptions = slowRejections,
  clock: () => number = () => performance.now(),
): SlowRejections {
  const { perSecond, burst, pause, waitingOfSource } = options;
  const atOnce = { size: burst, perMinute: perSecond * 60 };
  const sources = new LRUCache<string, Source>({ max: mostSources });
  let waiting = 0;

  return {
    pause(name) {
      const now = clock();
      const source = sources.get(name) ?? { left: burst, at: now, waiting: 0 };
      sources.set(name, source);
      if (takeToken(source, atOnce, now)) return null;
      if (source.waiting >= waitingOfSource || waiting >= options.waiting) return null;
      source.waiting += 1;
      waiting += 1;
      return wait(pause, undefined, { ref: false }).then(() => {
        source.waiting -= 1;
        waiting -= 1;
      });
    },
  };
}
