/**
 * How many cases a second a case system pushes through the gateway, with the log on: new ones, the same again, newer versions, and
 * older ones. Needs a Sluse of the demo that runs (`npm start`), whose data directory holds the case system's key.
 *
 *   node test/bench/push.mjs [--url http://127.0.0.1:4000] [--data .data] [--batches 10] [--size 1000] [--workers 2]
 */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClientId } from '../../dist/subgraphs/demo/identity.js';
import { makeCitizens } from '../../dist/subgraphs/demo/people.js';

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:4000' },
    data: { type: 'string', default: '.data' },
    batches: { type: 'string', default: '10' },
    size: { type: 'string', default: '1000' },
    workers: { type: 'string', default: '2' },
  },
});
const { url } = values;
const [batches, size, workers] = [values.batches, values.size, values.workers].map(Number);
const people = makeCitizens();
const client = systemClientId('case-system');

async function drawToken() {
  const key = join(values.data, 'case-system.jwk.json');
  const told = ['--key', key, '--client', client, '--audience', `${url}/oauth/token`];
  const assertion = execFileSync(process.execPath, ['bin/sluse.mjs', 'assertion', ...told], { encoding: 'utf8' });
  const response = await fetch(`${url}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion.trim(),
    }),
  });
  return (await response.json()).access_token;
}

const query = `mutation Push($batch: [ImportCaseInput!]!) {
  importCases(batch: $batch) { index outcome case { id } problems { path message } } }`;
const run = randomUUID();
const rowsOf = (batch, version) =>
  Array.from({ length: size }, (_, n) => ({
    externalId: { source: 'bench', id: `${run} ${batch} ${n}` },
    sourceVersion: String(version),
    ...{ category: 'HOUSING_BENEFIT', kle: '32.03.12', progress: 'OPLYST', openedOn: '2026-01-02' },
    title: `Boligstøtte ${batch}.${n}, udgave ${version}`,
    parties: [
      { cpr: people[(batch * 7 + n) % people.length].cpr, role: 'PRIMARY' },
      ...(n % 3 === 0 ? [{ citizen: people[(batch * 7 + n + 1) % people.length].id, role: 'PARTNER' }] : []),
    ],
  }));

async function pass(name, version, token) {
  const bodies = Array.from({ length: batches }, (_, batch) =>
    JSON.stringify({ query, variables: { batch: rowsOf(batch, version) } }),
  );
  const times = [];
  const outcomes = {};
  const started = performance.now();
  const worker = async () => {
    for (let body = bodies.pop(); body; body = bodies.pop()) {
      const from = performance.now();
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body,
      });
      const { data, errors } = await response.json();
      if (errors) throw new Error(JSON.stringify(errors));
      times.push(performance.now() - from);
      for (const { outcome } of data.importCases) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
  const perSecond = Math.round((batches * size * 1000) / (performance.now() - started));
  const median = Math.round(times.sort((a, b) => a - b)[times.length >> 1]);
  process.stdout.write(
    `${name.padEnd(10)} ${String(perSecond).padStart(6)} cases/s, ${median} ms a batch ${JSON.stringify(outcomes)}\n`,
  );
}

const token = await drawToken();
await pass('new', 1, token);
await pass('the same', 1, token);
await pass('newer', 2, token);
await pass('older', 1, token);
