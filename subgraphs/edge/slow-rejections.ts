/**
 * Whoever is refused again and again waits longer and longer for the next refusal: a flood of requests that are refused costs a busy
 * process as much as the work of those who are served, and most floods wait for an answer before they ask again.
 *
 * Only refusals wait, and only those of a **source** that has had many: whoever proves who they are is answered at once, behind the same
 * address too. What waits is bounded; beyond the bound a refusal is answered at once, as it would be without this.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';

export interface SlowRejections {
  /** Called before somebody who is not known is refused. `null`: it may be answered at once. */
  pause(source: string): Promise<void> | null;
}

export interface SlowRejectionOptions {
  /** Refusals a second of one source that are answered at once, and how many of them may come together. */
  readonly perSecond: number;
  readonly burst: number;
  /** Milliseconds for which any further one waits. */
  readonly pause: number;
  /** Refusals of one source, and of all, that wait at a time. */
  readonly waitingOfSource: number;
  readonly waiting: number;
}

/** Whether an answer says that whoever asked did something wrong. */
export const isRefusal = (status: number): boolean => status >= 400 && status < 500;

/** Behind one address there may be a whole municipality whose sessions have just ended. */
export const slowRejections: SlowRejectionOptions = {
  perSecond: 20,
  burst: 200,
  pause: 500,
  waitingOfSource: 200,
  waiting: 1_000,
};

const mostSources = 20_000;

interface Source {
  /** Refusals that may be answered at once, as of `at`. */
  left: number;
  at: number;
  waiting: number;
}

/** `clock`: monotonic milliseconds. */
export function openSlowRejections(
  options: SlowRejectionOptions = slowRejections,
  clock: () => number = () => performance.now(),
): SlowRejections {
  const { perSecond, burst, pause, waitingOfSource } = options;
  const sources = new LRUCache<string, Source>({ max: mostSources });
  let waiting = 0;

  const refilled = (name: string): Source => {
    const now = clock();
    const source = sources.get(name) ?? { left: burst, at: now, waiting: 0 };
    source.left = Math.min(burst, source.left + ((now - source.at) / 1_000) * perSecond);
    source.at = now;
    sources.set(name, source);
    return source;
  };

  return {
    pause(name) {
      const source = refilled(name);
      if (source.left >= 1) {
        source.left -= 1;
        return null;
      }
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
