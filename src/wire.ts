/**
 * Gateway → subgraph: one keep-alive pool per subgraph, time and size limits on every answer, one error for all that can
 * go wrong on the way. What a broken subgraph says never reaches a caller.
 */
import { Pool } from 'undici';
import type { JsonObject } from './execution/own.js';

export interface Wire {
  /** Posts JSON; answers with the parsed JSON object whatever the status, or throws `WireError`. */
  post(url: URL, token: string, body: string, signal?: AbortSignal): Promise<{ status: number; body: JsonObject }>;
  close(): Promise<void>;
}

/** The subgraph did not answer in time, or not with JSON, or not at all. `message` is for our own log. */
class WireError extends Error {}

export interface WireOptions {
  /** Milliseconds until the first byte of the answer, and again between any two. */
  readonly timeout: number;
  /** Bytes. */
  readonly maxResponseSize: number;
}

export function openWire(options: WireOptions = { timeout: 5_000, maxResponseSize: 64 * 1024 * 1024 }): Wire {
  const pools = new Map<string, Pool>();
  const poolOf = (origin: string) => {
    const pool =
      pools.get(origin) ??
      new Pool(origin, {
        connections: 64,
        connect: { timeout: 2_000 },
        headersTimeout: options.timeout,
        bodyTimeout: options.timeout,
        maxResponseSize: options.maxResponseSize,
      });
    pools.set(origin, pool);
    return pool;
  };
  return {
    async post(url, token, body, signal) {
      const headers: Record<string, string> = { 'content-type': 'application/json', accept: 'application/json' };
      if (token) headers.authorization = `Bearer ${token}`;
      try {
        const response = await poolOf(url.origin).request({
          method: 'POST',
          path: `${url.pathname}${url.search}`,
          headers,
          body,
          ...(signal && { signal }),
        });
        const parsed: unknown = JSON.parse(await response.body.text());
        if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
          throw new Error('the answer is no JSON object');
        return { status: response.statusCode, body: parsed as JsonObject };
      } catch (error) {
        throw new WireError(`${url.origin}${url.pathname}: ${(error as Error).message}`);
      }
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
    },
  };
}
