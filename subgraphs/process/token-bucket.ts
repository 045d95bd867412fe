/** A token bucket: it refills steadily up to its size, and each use takes one token. Keep one per caller. */
export interface TokenBucket {
  left: number;
  /** Milliseconds of the monotonic clock, when `left` was true. */
  at: number;
}

export interface BucketRate {
  /** Tokens that it holds at most. */
  readonly size: number;
  readonly perMinute: number;
}

/** Takes one token if there is one, and says whether there was. */
export function takeToken(bucket: TokenBucket, { size, perMinute }: BucketRate, now: number): boolean {
  bucket.left = Math.min(size, bucket.left + ((now - bucket.at) * perMinute) / 60_000);
  bucket.at = now;
  if (bucket.left < 1) return false;
  bucket.left -= 1;
  return true;
}
