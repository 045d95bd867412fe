/**
 * Shares between gateways, through Redis, how much each served of one key. Redis holds only expiring counts under
 * hashes of ids, and nothing depends on it: if Redis is gone, flushed or slow, each gateway uses its own counts.
 */
import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { RateLimiterRedis } from 'rate-limiter-flexible';

export interface SharedUse {
  /**
   * Adds what was served here. Resolves to what the other gateways have served since the last call. Never rejects:
   * resolves to 0 on failure.
   */
  tell(key: string, served: number): Promise<number>;
  close(): void;
}

/** Seconds for which a count is kept. */
const kept = 10;

export interface SharedUseOptions {
  readonly url: string;
  /** Separates municipalities and tests that share one Redis. */
  readonly scope: string;
  readonly log: Logger;
}

export function openSharedUse({ url, scope, log }: SharedUseOptions): SharedUse {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 500,
    connectTimeout: 1_000,
    autoResendUnfulfilledCommands: false,
  });
  redis.on('error', (error) => log.warn({ reason: error.message }, 'redis'));
  const counts = new RateLimiterRedis({
    storeClient: redis,
    keyPrefix: `sluse:${scope}:rate`,
    points: Number.MAX_SAFE_INTEGER,
    duration: kept,
  });
  /** For each count being kept: what this process has added, and what the others had added when last seen. */
  const known = new Map<string, { own: number; others: number; until: number }>();
  const forget = setInterval(() => {
    for (const [key, { until }] of known) if (until < Date.now()) known.delete(key);
  }, kept * 1_000).unref();
  return {
    async tell(key, served) {
      try {
        const place = createHash('sha256').update(key).digest('base64url');
        const { consumedPoints, msBeforeNext, isFirstInDuration } = await counts.penalty(place, served);
        const before = isFirstInDuration ? undefined : known.get(key);
        const own = (before?.own ?? 0) + served;
        const others = Math.max(0, consumedPoints - own);
        known.set(key, { own, others, until: Date.now() + msBeforeNext });
        return Math.max(0, others - (before?.others ?? 0));
      } catch {
        // The error listener has reported it, or Redis was slow.
        return 0;
      }
    },
    close() {
      clearInterval(forget);
      redis.disconnect();
    },
  };
}
