/**
 * Runs the same execution over any supergraph, without walls, sessions or a log. It serves conformance suites and
 * benchmarks, and refuses to start under `NODE_ENV=production`.
 *
 * `npm run gateway:bare -- --supergraph FILE --port N [--health /health] [--budget N]`
 */

// This import comes first because packages read their environment while they load.
import '../subgraphs/process/environment.js';
import '../subgraphs/process/heap.js';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { givenEnvironment } from '../subgraphs/process/environment.js';
import { sealBy, type Viewer } from '../subgraphs/protocol/viewer.js';
import { executeWith } from './http/execute-operation.js';
import { openPipeline } from './http/pipeline.js';
import { createServer } from './http/server.js';
import { openSubgraphTransport } from './subgraph-client/subgraph-transport.js';
import { loadSupergraph } from './supergraph/supergraph.js';

const nobody: Viewer = {
  session: 'bare',
  municipality: '0000',
  subject: { kind: 'SystemClient', id: 'bare' },
  actor: { kind: 'SystemClient', id: 'bare' },
  organisation: null,
  right: null,
  actingFor: null,
  powerOfAttorney: null,
  scopes: [],
  clearance: [],
  seal: sealBy([]),
  authenticatedAt: 0,
  assurance: 'Low',
};

async function main() {
  if (givenEnvironment === 'production')
    throw new Error('NODE_ENV: the bare gateway protects nothing and does not run in production.');
  const { values } = parseArgs({
    options: {
      supergraph: { type: 'string' },
      port: { type: 'string' },
      health: { type: 'string' },
      budget: { type: 'string' },
    },
  });
  const port = Number(values.port);
  if (!values.supergraph || !Number.isInteger(port))
    throw new Error('Say --supergraph FILE --port N [--health /health] [--budget N].');

  const budget = values.budget === undefined ? null : Number(values.budget);
  if (budget !== null && !(budget > 0)) throw new Error('Say what one operation may cost: --budget 10000.');

  const log = pino({ level: 'error' });
  const transport = openSubgraphTransport();
  const supergraph = await loadSupergraph({
    file: values.supergraph,
    urls: new Map(),
    walls: false,
    rooms: new Set(),
    log,
  });
  const { urlOf } = supergraph;
  const pipeline = await openPipeline({
    supergraph,
    execute: executeWith({
      ...{ urlOf, transport, signer: null, log, operationTimeout: 60_000, trusted: null },
      // Weights of fields come from the supergraph, if it defines any.
      ...(budget !== null && { budgetOf: () => budget }),
    }),
    log,
    // Any supergraph may be tested here, so its subgraphs decide what to refuse and what to say in errors.
    isForeign: true,
    mayIntrospect: () => true,
    changing: () => async () => {},
  });
  const server = createServer({
    identify: async () => nobody,
    stillHolds: () => 'same',
    workstationOf: () => null,
    answer: pipeline.answer,
    logClient: { begin: async () => {}, write: async () => {}, close: async () => {} },
    log,
    ready: async () => true,
    pages: (app) => {
      if (values.health) app.get(values.health, async () => ({ status: 'ok' }));
    },
  });
  const url = await server.app.listen({ host: '127.0.0.1', port });
  process.stdout.write(`The bare gateway is ready at ${url}/graphql\n`);
  const stop = () => void server.close().then(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

main().catch((error: Error) => {
  process.stderr.write(`The bare gateway could not start.\n${error.message}\n`);
  process.exit(1);
});
