/**
 * How reading by citizen grows with the log. The log is filled with entries over six months, some fifty a citizen at every size,
 * so that what is answered stays the same and only the log grows; then `auditEntries` is asked, page of 20, through the room.
 */
import { randomInt } from 'node:crypto';
import { quantile } from './ledger-load.mjs';

const perCitizen = 50;

export async function growth({ owner, sizes, audit, build, signingKey, say }) {
  const { viewerSigner } = await import(`${build}/subgraphs/protocol/viewer.js`);
  const officer = { kind: 'Employee', id: '00000000-0000-4000-8000-000000000001' };
  const signer = viewerSigner(signingKey);
  const reader = {
    session: 's',
    municipality: '0147',
    subject: officer,
    actor: officer,
    organisation: null,
    right: 'SECURITY_OFFICER',
    actingFor: null,
    powerOfAttorney: null,
    scopes: ['audit:read'],
    clearance: [],
    seal: { compartments: [], always: false, singleCases: [] },
    authenticatedAt: 0,
    assurance: 'Substantial',
  };
  const ask = async (citizen) => {
    const response = await fetch(`${audit}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await signer.sign(reader, 'audit')}` },
      body: JSON.stringify({
        query:
          'query ($citizen: ID!) { auditEntries(filter: { citizen: $citizen }, first: 20) { nodes { id at use actor { __typename } purpose } } }',
        variables: { citizen },
      }),
    });
    const { data } = await response.json();
    if (data.auditEntries.nodes.length !== 20)
      throw new Error(`expected 20 entries, found ${data.auditEntries.nodes.length}`);
  };
  // The last six: what is older would have expired, and be dropped while this runs.
  const now = new Date();
  const months = [5, 4, 3, 2, 1, 0].map((ago) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - ago, 1)).toISOString().slice(0, 7),
  );
  for (const month of months)
    await owner.query('SELECT audit.open_log($1, $2, $3, $4)', ['0147', month, `0147/${month}`, []]);
  const table = [];
  let filled = 0;
  for (const size of sizes) {
    for (; filled < size; filled += step) await fill(owner, months, filled, Math.min(step, size - filled));
    await owner.query('ANALYZE audit.entry, audit.entry_citizen');
    await owner.query('CHECKPOINT');
    const citizens = Array.from({ length: 400 }, () => citizenOf(randomInt(Math.floor(size / perCitizen))));
    for (const citizen of citizens.slice(0, 50)) await ask(citizen);
    const latencies = [];
    for (const citizen of citizens) {
      const before = performance.now();
      await ask(citizen);
      latencies.push(performance.now() - before);
    }
    const byCitizenP50Ms = quantile(latencies, 0.5);
    table.push({ entries: size, byCitizenP50Ms });
    say(
      `a citizen's entries among ${size.toLocaleString('en')}: ${byCitizenP50Ms.toFixed(2)} ms, p99 ${quantile(latencies, 0.99).toFixed(2)} ms`,
    );
  }
  const ratio = table.at(-1).byCitizenP50Ms / table[0].byCitizenP50Ms;
  say(
    `${sizes.at(-1).toLocaleString('en')} entries ÷ ${sizes[0].toLocaleString('en')} (goal 1.5): ${ratio.toFixed(2)}`,
  );
  return table;
}

const step = 100_000;

const citizenOf = (number) => `00000000-0000-4000-9000-${String(number).padStart(12, '0')}`;

/** Rows as the ledger writes them, past the ledger: ten million would take it a quarter of an hour. */
async function fill(owner, months, from, count) {
  const month = months[Math.floor(from / step) % months.length];
  const log = `0147/${month}`;
  // Each hundred thousand holds two thousand citizens' entries; half of the citizens are named in the hundred thousand after it.
  await owner.query(
    `WITH made AS (
       SELECT n, gen_random_uuid() AS id, ($3 || '-01')::timestamptz + n * interval '20 seconds' AS at,
              '00000000-0000-4000-9000-' || lpad(((n / ${step}) * ${step / perCitizen} + n % ${step / perCitizen})::text, 12, '0') AS citizen,
              '00000000-0000-4000-8000-' || lpad((n % 500)::text, 12, '0') AS actor
       FROM generate_series($4::bigint, $4::bigint + $5::bigint - 1) AS n
     ), kept AS (
       INSERT INTO audit.entry
       SELECT $1, $2, n, id, at, actor, 'SEARCH', 'ANSWERED', 'hash', 'LookUp',
         '{"actor":{"id":"' || actor || '","kind":"Employee"},"at":"' || at || '","cases":[],"citizens":["' || citizen || '"],"criterion":[{"arguments":{"cpr":"0201609995"},"field":"citizen"}],"faults":[],"id":"' || id || '","municipality":"0147","onBehalfOf":null,"operation":{"definition":"0000000000000000000000000000000000000000000000000000000000000000","hash":"hash","name":"LookUp"},"organisation":"00000000-0000-4000-a000-000000000001","outcome":"ANSWERED","purpose":"Telefonisk henvendelse","requestId":null,"right":"CITIZEN_SERVICE","salt":"' || md5(n::text) || '","sealedBy":[],"session":"c0ffee00-0000-4000-8000-000000000000","subject":{"id":"' || actor || '","kind":"Employee"},"transactionId":null,"use":"SEARCH","workstation":"10.0.0.7"}'
       FROM made
     )
     INSERT INTO audit.entry_citizen SELECT $1, $2, citizen, at, id, NULL, 'SEARCH', 'Telefonisk henvendelse', NULL, true, n FROM made`,
    ['0147', log, month, from, count],
  );
}
