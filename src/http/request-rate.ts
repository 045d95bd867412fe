/**
 * Limits how many requests one person or one case system may send to `/graphql`. Every request counts as one, whatever
 * it asks and whatever it finds: a refusal must depend on nothing but how often somebody asked.
 *
 * This is a token bucket that refills by the second; its size is the burst allowed after a quiet period. With Redis,
 * gateways tell each other about busy callers, and each subtracts from its own bucket what the others served. Without
 * Redis, each gateway counts only what it served itself.
 */
import { LRUCache } from 'lru-cache';
import { type TokenBucket, takeToken } from '../../subgraphs/process/token-bucket.js';
import type { PersonReference } from '../../subgraphs/protocol/viewer.js';
import type { SharedUse } from './shared-use.js';

export interface RequestRate {
  /** Whether one more request may be served. Takes a token if so. */
  take(who: PersonReference): boolean;
  close(): void;
}

export interface RequestRates {
  /** Requests per minute. 0: no limit. */
  readonly person: number;
  readonly client: number;
}

/** Bucket size, in seconds' worth of requests. */
const burst = 10;
/**
 * `every`: milliseconds between exchanges with Redis. `worthTelling`: the smallest share of a bucket that is reported.
 */
const every = 500;
const worthTelling = 0.01;
const mostBuckets = 50_000;

interface Bucket extends TokenBucket {
  readonly perMinute: number;
  /** Requests served here and not reported to the others yet. */
  untold: number;
}

export function openRequestRate(
  { person, client }: RequestRates,
  shared: SharedUse | null,
  clock: () => number = () => performance.now(),
): RequestRate {
  const buckets = new LRUCache<string, Bucket>({ max: mostBuckets });
  const size = (perMinute: number) => Math.max(1, (perMinute * burst) / 60);

  const tell = async (use: SharedUse) => {
    for (const [key, bucket] of buckets.entries()) {
      if (bucket.untold < size(bucket.perMinute) * worthTelling) continue;
      const served = bucket.untold;
      bucket.untold = 0;
      void use.tell(key, served).then((byOthers) => {
        bucket.left = Math.max(0, bucket.left - byOthers);
      });
    }
  };
  const timer = shared && setInterval(() => void tell(shared), every).unref();

  return {
    take({ kind, id }) {
      const perMinute = kind === 'SystemClient' ? client : person;
      if (perMinute === 0) return true;
      const now = clock();
      const key = `${kind} ${id}`;
      const bucket = buckets.get(key) ?? { perMinute, left: size(perMinute), at: now, untold: 0 };
      buckets.set(key, bucket);
      if (!takeToken(bucket, { size: size(perMinute), perMinute }, now)) return false;
      bucket.untold += 1;
      return true;
    },
    close() {
      if (timer) clearInterval(timer);
    },
  };
}
