/**
 * Whether vendors' subgraphs answer, for `/health/ready`. A vendor that does not makes nothing else fail: its fields are
 * null with an error. So the gateway stays ready without it, and never waits for it long.
 */
import type { Logger } from 'pino';
import { request } from 'undici';
import { once } from '../../subgraphs/process/once.js';

/** By name of the vendor's subgraph. */
export type VendorStates = Readonly<Record<string, 'ready' | 'not ready'>>;

export interface VendorCheckOptions {
  readonly vendors: () => readonly string[];
  readonly urlOf: (subgraph: string) => URL;
  readonly log: Logger;
}

/** Milliseconds. A vendor that hangs must not make the gateway's own health check late. */
const patience = 500;

/** Asks each vendor, at most twice a second however many callers ask. */
export function openVendorChecks({ vendors, urlOf, log }: VendorCheckOptions): () => Promise<VendorStates> {
  let last: VendorStates = {};
  return once(async () => {
    const entries = await Promise.all(
      vendors().map(async (name) => [name, (await answers(urlOf(name))) ? 'ready' : 'not ready'] as const),
    );
    const states: VendorStates = Object.fromEntries(entries);
    for (const [name, state] of entries)
      if (state !== (last[name] ?? 'ready'))
        log.warn({ subgraph: name }, `the subgraph of a vendor is ${state}${state === 'ready' ? ' again' : ''}`);
    last = states;
    return states;
  });
}

/** By which a vendor refuses who shows no token, in whatever form. */
const refusals: ReadonlySet<number> = new Set([401, 403]);

/** Carries no token: nobody asks. A vendor that refuses strangers is there. */
async function answers(url: URL): Promise<boolean> {
  try {
    const { statusCode, headers, body } = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: '{"query":"{ __typename }"}',
      signal: AbortSignal.timeout(patience),
      reset: true,
    });
    body.on('error', () => {}).destroy();
    return refusals.has(statusCode) || (statusCode < 500 && /json/i.test(String(headers['content-type'])));
  } catch {
    return false;
  }
}
