/** The GraphQL endpoint by itself: whatever goes wrong with the log, nothing leaves, and the next caller is answered. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { openGraphqlEndpoint } from '../../src/http/graphql-endpoint.js';
import type { LogClient } from '../../subgraphs/edge/log-client.js';
import { faultBody } from '../../subgraphs/protocol/faults.js';
import { aViewer } from '../support/room.js';

const broken: [string, LogClient['write']][] = [
  ['that refuses', () => Promise.reject(new Error('refused'))],
  [
    'that breaks while an entry is made',
    () => {
      throw new Error('broken');
    },
  ],
];

test.each(broken)('with a log %s the answer is 503 and holds nothing', async (_what, write) => {
  let works = false;
  const endpoint = openGraphqlEndpoint({
    identify: () => aViewer(),
    stillHolds: () => 'same',
    workstationOf: () => null,
    answer: async () => ({ status: 200, body: '{"data":"secret"}' }),
    logClient: {
      begin: async () => {},
      write: (record) => (works ? Promise.resolve() : write(record)),
      close: async () => {},
    },
    log: pino({ level: 'silent' }),
  });
  const server = createServer((request, response) => void endpoint(request, response));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const ask = async () => {
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ __typename }"}',
    });
    return [answer.status, answer.headers.get('retry-after'), await answer.json()];
  };
  expect(await ask()).toEqual([503, '1', faultBody('AUDIT_UNAVAILABLE')]);
  works = true;
  expect(await ask()).toEqual([200, null, { data: 'secret' }]);
  server.closeAllConnections();
  server.close();
});
