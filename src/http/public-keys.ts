/**
 * `/.well-known/jwks.json`: the keys by which others verify what this gateway signs. A vendor's subgraph verifies viewer
 * tokens with them, a case system that is called directly verifies access tokens.
 */
import type { KeyObject } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { publicJwks } from '../../subgraphs/protocol/public-keys.js';

/** Seconds for which the keys may be kept. A new key is published for longer than that before it signs. */
const keptFor = 300;

export function publicKeysRoute(app: FastifyInstance, keys: readonly KeyObject[]): void {
  const published = publicJwks(keys);
  app.get('/.well-known/jwks.json', async (_request, reply) =>
    reply.header('cache-control', `public, max-age=${keptFor}`).send(published),
  );
}
