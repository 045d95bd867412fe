/** Appenders as they are in life: the gateway's own client of the log, in a process of its own if need be, against the room's endpoint. */
export async function appendersOn(build, audit, signingKey) {
  const { openLogClient } = await import(`${build}/subgraphs/edge/log-client.js`);
  const { internalCalls } = await import(`${build}/src/subgraph-client/internal-calls.js`);
  const { openSubgraphTransport } = await import(`${build}/src/subgraph-client/subgraph-transport.js`);
  const { viewerSigner } = await import(`${build}/subgraphs/protocol/viewer.js`);
  const { randomUUID } = await import('node:crypto');
  const wire = openSubgraphTransport();
  const ledger = openLogClient(
    internalCalls(wire, viewerSigner(signingKey), 'audit', () => new URL(`${audit}/graphql`)),
    { municipality: '0999', now: () => new Date(), newId: randomUUID },
  );
  const trails = Array.from({ length: 997 }, trailOf);
  let turn = 0;
  const append = () => ledger.write(trails[turn++ % trails.length]);
  return { append, run: (appenders, seconds) => together(append, appenders, seconds), close: () => wire.close() };
}

/** What a look-up of one citizen leaves behind. */
function trailOf(_none, nth) {
  const person = { kind: 'Employee', id: `00000000-0000-4000-8000-${String(nth % 60).padStart(12, '0')}` };
  const citizen = `00000000-0000-4000-9000-${String(nth).padStart(12, '0')}`;
  const fields = lookUp.fields;
  return {
    viewer: {
      session: 'c0ffee00-0000-4000-8000-000000000000',
      municipality: '0999',
      subject: person,
      actor: person,
      organisation: '00000000-0000-4000-a000-000000000001',
      right: 'CITIZEN_SERVICE',
      seal: { compartments: [], always: false, singleCases: [] },
      clearance: [
        {
          compartment: '0999.MUNICIPALITY.HOUSING_BENEFIT',
          level: 'EXISTENCE',
          operations: ['SEARCH'],
          shielded: false,
        },
      ],
    },
    text: lookUp.text,
    hash: lookUp.hash,
    operationName: 'LookUp',
    disclosed: {
      footprint: { audited: true, use: 'SEARCH', sealing: false, fields },
      criterion: () => [{ field: 'citizen', arguments: { cpr: `61${String(10_000_000 + nth).slice(-8)}` } }],
      named: new Map([['Citizen', new Set([citizen])]]),
      hasData: true,
    },
    faults: [],
    workstation: '10.0.0.7',
    purpose: 'Telefonisk henvendelse',
    transactionId: '4f6f3b1a-0000-4000-8000-000000000000',
    requestId: null,
    onBehalfOf: null,
  };
}

const lookUp = {
  text: 'query LookUp($cpr: CPR!) { citizen(cpr: $cpr) { id name address { street postcode city } } }',
  hash: 'b7a1d3c0f3f1b7a1d3c0f3f1b7a1d3c0f3f1b7a1d3c0f3f1b7a1d3c0f3f1b7a1',
  fields: [
    'Address.city',
    'Address.postcode',
    'Address.street',
    'Citizen.address',
    'Citizen.id',
    'Citizen.name',
    'Query.citizen',
  ],
};

/** So many at once, each with the next as soon as its last is kept. */
async function together(work, appenders, seconds) {
  const latencies = [];
  const started = performance.now();
  const until = started + seconds * 1_000;
  await Promise.all(
    Array.from({ length: appenders }, async () => {
      while (performance.now() < until) {
        const before = performance.now();
        await work();
        latencies.push(performance.now() - before);
      }
    }),
  );
  return { perS: (latencies.length * 1_000) / (performance.now() - started), latencies };
}

export async function sequentially(work, times) {
  const latencies = [];
  for (let done = 0; done < times; done += 1) {
    const before = performance.now();
    await work();
    latencies.push(performance.now() - before);
  }
  return { latencies };
}

export const quantile = (values, q) => [...values].sort((one, other) => one - other)[Math.floor(values.length * q)];
