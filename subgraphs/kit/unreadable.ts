/** `frameworkErrors` of both edges: an address that cannot be read comes to no handler, and Fastify's own answer repeats it. */
import type { FastifyReply } from 'fastify';
import { faultBody } from './faults.js';

export function unreadable(_error: unknown, _request: unknown, reply: unknown): void {
  (reply as FastifyReply)
    .status(400)
    .header('cache-control', 'no-store')
    .send(faultBody('MALFORMED_REQUEST', 'The address of the request cannot be read.'));
}
