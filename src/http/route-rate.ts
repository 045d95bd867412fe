/** How often a route may be asked that does work for nobody in particular. */
import type { FastifyRequest } from 'fastify';
import { openFairLimit } from '../../subgraphs/edge/fair-limit.js';
import { sourceOf } from '../../subgraphs/edge/source.js';
import { Fault } from '../../subgraphs/protocol/faults.js';
import type { WorkstationOf } from './client-address.js';

/**
 * Counted in this process, whose work it is that has to be rationed: by source first, and in all with a share for those who come rarely.
 * `cost`: for work that is worth several times the usual.
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
