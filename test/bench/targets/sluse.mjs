/** Sluse as server mode starts it, walls and all, signed in as somebody who is cleared for shielded cases: the longest way. */
import { createPrivateKey } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { ready, services, supergraphFile } from './settings.mjs';

const { BENCH_BUILD, BENCH_KEY, BENCH_PORT, BENCH_UNLOGGED } = process.env;
await import(`${BENCH_BUILD}/subgraphs/process/heap.js`);
const { startGateway } = await import(`${BENCH_BUILD}/src/gateway.js`);
const { viewerSigner } = await import(`${BENCH_BUILD}/subgraphs/protocol/viewer.js`);
const { demoPeople } = await import(`${BENCH_BUILD}/subgraphs/demo/identity.js`);
const { pino } = createRequire(`${BENCH_BUILD}/src/gateway.js`)('pino');

const subgraphs = new Map(Object.entries(services));
if (BENCH_UNLOGGED) subgraphs.set('audit', await acknowledging());
const gateway = await startGateway({
  host: '127.0.0.1',
  port: Number(BENCH_PORT ?? 0),
  supergraph: supergraphFile,
  municipality: '0999',
  subgraphs,
  signer: viewerSigner(createPrivateKey(BENCH_KEY)),
  revocations: null,
  closedSchema: true,
  log: pino({ level: 'error' }),
});
const { kind, id } = demoPeople.find((person) => person.key === 'placement-secretary');
const { token } = await gateway.sessions.open({ kind, id });
ready(`${gateway.url}/graphql`, token);

/** In place of the audit room: says at once that everything is written. */
async function acknowledging() {
  const server = createServer((request, response) => {
    request
      .resume()
      .on('end', () => response.setHeader('content-type', 'application/json').end('{"appended":1,"refused":[]}'));
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  return `http://127.0.0.1:${server.address().port}/graphql`;
}
