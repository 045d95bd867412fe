/** However long the log is, an export of it takes no more memory than a page. */
import { createHash } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { idFor } from '../../subgraphs/demo/random.js';
import { type LogEntry, packed } from '../../subgraphs/protocol/log-entry.js';
import { fetchAs, ticketFor } from '../support/export.js';
import type { World } from '../support/world.js';

const size = 50_000;
/** All of the flood, and nothing else. */
const flooded = { from: '2026-11-01T00:00:00.000Z', to: '2026-11-01T00:01:00.000Z' };
const text = 'query Flood($cpr: CPR!) { citizen(cpr: $cpr) { id name address { street } } }';
const fields = ['Citizen.address', 'Citizen.name', 'Query.citizen'];
const employees = ['guidance-worker', 'housing-caseworker', 'manager', 'smdb-reporter'].map((key) =>
  idFor(`employee/${key}`),
);

const anEntry = (index: number): LogEntry => {
  const employee = { kind: 'Employee', id: employees[index % employees.length]! } as const;
  return {
    id: `00000000-0000-4000-9000-${index.toString(16).padStart(12, '0')}`,
    at: new Date(Date.parse(flooded.from) + index).toISOString(),
    municipality: '0999',
    session: 'a session',
    actor: employee,
    subject: employee,
    organisation: idFor('organisation/citizen-service'),
    ...{ right: 'CITIZEN_SERVICE', use: 'SEARCH', outcome: 'ANSWERED' },
    operation: { hash: createHash('sha256').update(text).digest('hex'), name: 'Flood', text },
    ...{ fields, citizens: [idFor(`citizen/${index % 2_000}`)], cases: [] },
    criterion: [{ field: 'citizen', arguments: { cpr: '0201609995' } }],
    ...{ faults: [], purpose: null, workstation: '10.0.0.1', transactionId: null, requestId: null, onBehalfOf: null },
    sealedBy: [],
  };
};

let world: World;
beforeAll(async () => {
  // As where it counts: graphql reads this while it is loaded, and otherwise checks every value for a second copy of itself.
  process.env.NODE_ENV = 'production';
  const { openWorld } = await import('../support/world.js');
  world = await openWorld({ shielded: true });
  for (let start = 0; start < size; start += 500)
    await world.rooms
      .get('audit')!
      .internal('append', packed(Array.from({ length: 500 }, (_, at) => anEntry(start + at))));
});
afterAll(() => world?.close());

it(`${size} entries are handed over with less than 60 MB more than before`, async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const heap = () => {
    collect();
    return process.memoryUsage().heapUsed / 1e6;
  };
  const { path } = await ticketFor(world, 'security-officer', 'NDJSON', flooded);
  const start = performance.now();
  const before = heap();
  const response = await fetchAs(world, 'security-officer', path);
  let [most, lines, bytes, next] = [0, 0, 0, 0];
  for await (const chunk of response.body!) {
    bytes += chunk.length;
    for (const byte of chunk) if (byte === 10) lines += 1;
    if (bytes < next) continue;
    next = bytes + 10_000_000;
    most = Math.max(most, heap() - before);
  }
  const seconds = (performance.now() - start) / 1000;
  expect(lines).toBe(size);
  expect(most).toBeLessThan(60);
  if (process.env.SLUSE_TEST_FIGURES)
    process.stderr.write(
      `${lines} entries, ${(bytes / 1e6).toFixed(0)} MB in ${seconds.toFixed(1)} s: ${(lines / seconds).toFixed(0)}/s; heap at most ${most.toFixed(1)} MB above\n`,
    );
}, 120_000);
