/** Hive Gateway with its Rust query planner and the executor that belongs to it (`unifiedGraphHandler`), on Node's HTTP server. */

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { unifiedGraphHandler } from '@graphql-hive/router-runtime';
import { ready, supergraphFile } from './settings.mjs';

const gateway = createGatewayRuntime({
  supergraph: readFileSync(supergraphFile, 'utf8'),
  unifiedGraphHandler,
  logging: 'error',
  landingPage: false,
});
const server = createServer(gateway);
server.listen(0, '127.0.0.1', () => ready(`http://127.0.0.1:${server.address().port}/graphql`));
