/** Limits how often a route may be called that does work for unidentified callers. */
import type { FastifyRequest } from 'fastify';
import { openFairLimit } from '../../subgraphs/edge/fair-limit.js';
import { sourceOf } from '../../subgraphs/edge/source.js';
import { Fault } from '../../subgraphs/protocol/faults.js';
import type { WorkstationOf } from './client-address.js';

/**
 * Counts in this process, because it is this process's work that is limited. Each source has a limit, and so do all
 * together, with a share reserved for rare callers.
 *
 * `address` and `all` are requests per second. `cost` is for a request that takes several times the usual work. Throws
 * `TOO_MANY_REQUESTS`.
 */
export function rateLimit(
  { address, all }: { readonly address: number; readonly all: number },
  workstationOf: WorkstationOf,
): (request: FastifyRequest, cost?: number) => void {
  const limit = openFairLimit({ source: address, all });
  return (request, cost) => {
    if (!limit.take(sourceOf(workstationOf(request.raw)), cost)) throw new Fault('TOO_MANY_REQUESTS');
  };
}
