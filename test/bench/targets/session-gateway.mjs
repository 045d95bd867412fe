/** A gateway of Sluse as server mode starts it, in front of the benchmark's identity and audit rooms; with or without Redis. */
import { createPrivateKey } from 'node:crypto';
import { createRequire } from 'node:module';
import { ready, services, supergraphFile } from './settings.mjs';

const { BENCH_BUILD, BENCH_KEY, BENCH_REDIS, BENCH_SCOPE } = process.env;
const { startGateway } = await import(`${BENCH_BUILD}/src/gateway.js`);
const { openRevocations } = await import(`${BENCH_BUILD}/src/sessions/revocations.js`);
const { openViewerCache } = await import(`${BENCH_BUILD}/src/sessions/viewer-cache.js`);
const { viewerSigner } = await import(`${BENCH_BUILD}/subgraphs/protocol/viewer.js`);
const { pino } = createRequire(`${BENCH_BUILD}/src/gateway.js`)('pino');

const log = pino({ level: 'error' });
const viewerKey = createPrivateKey(BENCH_KEY);
const gateway = await startGateway({
  host: '127.0.0.1',
  port: 0,
  supergraph: supergraphFile,
  municipality: '0999',
  subgraphs: new Map(Object.entries(services)),
  signer: viewerSigner(viewerKey),
  revocations: BENCH_REDIS ? await openRevocations(BENCH_REDIS, BENCH_SCOPE, log) : null,
  viewerCache: BENCH_REDIS ? openViewerCache({ url: BENCH_REDIS, scope: BENCH_SCOPE, viewerKey, log }) : null,
  closedSchema: true,
  log,
});
ready(gateway.url);
