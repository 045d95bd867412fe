/** mercurius as a gateway. It knows Federation 1 only, and so is given the subgraphs' SDL in that form. */
import mercuriusGateway from '@mercuriusjs/gateway';
import Fastify from 'fastify';
import { federation1Sdl } from '../schema.mjs';
import { ready, services } from './settings.mjs';

const app = Fastify();
await app.register(mercuriusGateway, {
  jit: 1,
  gateway: {
    services: Object.entries(services).map(([name, url]) => ({
      name,
      url,
      schema: federation1Sdl(name),
      connections: 64,
    })),
  },
});
ready(`${await app.listen({ host: '127.0.0.1', port: 0 })}/graphql`);
