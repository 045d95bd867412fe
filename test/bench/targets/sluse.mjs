/** Sluse as server mode starts it, walls and all, signed in as somebody who is cleared for shielded cases: the longest way. */
import { createPrivateKey } from 'node:crypto';
import { createRequire } from 'node:module';
import { ready, services, supergraphFile } from './settings.mjs';

const { BENCH_BUILD, BENCH_KEY, BENCH_PORT } = process.env;
const { startGateway } = await import(`${BENCH_BUILD}/src/start.js`);
const { viewerSigner } = await import(`${BENCH_BUILD}/subgraphs/kit/viewer.js`);
const { demoPeople } = await import(`${BENCH_BUILD}/subgraphs/demo/identity.js`);
const { pino } = createRequire(`${BENCH_BUILD}/src/start.js`)('pino');

const gateway = await startGateway({
  host: '127.0.0.1',
  port: Number(BENCH_PORT ?? 0),
  supergraph: supergraphFile,
  municipality: '0999',
  subgraphs: new Map(Object.entries(services)),
  signer: viewerSigner(createPrivateKey(BENCH_KEY)),
  revocations: null,
  closedSchema: true,
  log: pino({ level: 'error' }),
});
const { kind, id } = demoPeople.find((person) => person.key === 'placement-secretary');
const { token } = await gateway.sessions.open({ kind, id });
ready(`${gateway.url}/graphql`, token);
