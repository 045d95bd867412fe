/**
 * `npm run bench:ledger [-- --quick] [--json FILE]`: what the log costs. In one interleaved run: how often this disk can be made to
 * keep something, how fast PostgreSQL takes the log's rows with COPY and no index, how fast one by one, and what the
 * ledger does with 64 and 256 appenders, through the client of the gateway and the endpoint of the audit room. Then what it adds to
 * a request, what signing costs, and how reading by citizen grows with the log.
 */
import { closeSync, fdatasyncSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { buildSluse, installPeers } from './install.mjs';
import { growth } from './ledger-growth.mjs';
import { appendersOn, quantile, sequentially } from './ledger-load.mjs';
import { shapes } from './shapes.mjs';

const { values: given } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    rounds: { type: 'string' },
    sizes: { type: 'string' },
  },
});
const rounds = Number(given.rounds ?? 3);
const seconds = given.quick ? 2 : 6;
const sizes = (given.sizes?.split(',') ?? (given.quick ? ['100000', '500000'] : ['100000', '1000000', '10000000'])).map(
  Number,
);
const say = (text) => process.stdout.write(`${text}\n`);
const median = (values) => [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)];

await installPeers();
const build = await buildSluse();
const { openWorld } = await import('./world.mjs');
const { from: copyFrom } = (await import('pg-copy-streams')).default;
const world = await openWorld(build, { pinned: false });
const owner = new pg.Client({ connectionString: world.ownerUrl });
await owner.connect();
try {
  say(
    `${cpus()[0].model} × ${cpus().length}, Node ${process.version}, ${rounds} rounds of ${seconds} s each, nothing pinned\n`,
  );
  const signed = await appendersOn(build, world.audit, world.signingKey);
  const unsigned = await appendersOn(build, await world.openUnsigned(), world.signingKey);
  await signed.run(64, 2); // warm
  await unsigned.run(64, 2);
  const rows = await copyRows(20_000);
  const measures = {
    fdatasync: () => fdatasyncs(join(world.folder, 'data', 'probe'), seconds / 2),
    copy: () => copied(rows, seconds, rows.length),
    copyBy64: () => copied(rows, seconds, 64),
    oneByOne: () => oneByOne(seconds / 2),
    ledger64: () => signed.run(64, seconds),
    unsigned64: () => unsigned.run(64, seconds),
    ledger256: () => signed.run(256, seconds),
  };
  const results = Object.fromEntries(Object.keys(measures).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1)
    for (const [name, measure] of Object.entries(measures)) results[name].push(await measure());
  const perS = Object.fromEntries(
    Object.entries(results).map(([name, runs]) => [name, median(runs.map((run) => run.perS))]),
  );
  const latency = (name, q) => median(results[name].map((run) => quantile(run.latencies, q)));
  const ledger = (name) => ({ perS: Math.round(perS[name]), p50Ms: latency(name, 0.5), p99Ms: latency(name, 0.99) });
  const flushMs = quantile((await sequentially(signed.append, 300)).latencies, 0.5);
  await signed.close();
  await unsigned.close();
  const gatewayAddedMs = await added();
  const result = {
    fdatasyncPerS: Math.round(perS.fdatasync),
    copyRowsPerS: Math.round(perS.copy),
    copyBy64RowsPerS: Math.round(perS.copyBy64),
    oneByOnePerS: Math.round(perS.oneByOne),
    ledger64: ledger('ledger64'),
    ledger256: ledger('ledger256'),
    signingCost: 1 - perS.ledger64 / perS.unsigned64,
    flushMs,
    gatewayAddedMs,
  };
  show(result);
  result.readGrowth = await growth({ owner, sizes, audit: world.audit, build, signingKey: world.signingKey, say });
  if (given.json) writeFileSync(given.json, `${JSON.stringify(result, null, 2)}\n`);
} finally {
  await owner.end();
  await world.close();
}

function show(result) {
  const {
    fdatasyncPerS,
    copyRowsPerS,
    copyBy64RowsPerS,
    oneByOnePerS,
    ledger64,
    ledger256,
    signingCost,
    flushMs,
    gatewayAddedMs,
  } = result;
  const line = (what, value, rest = '') => say(`${what.padEnd(44)} ${String(value).padStart(9)}  ${rest}`);
  const latencies = ({ p50Ms, p99Ms }) => `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`;
  line('fdatasync of 8 kB, per second', fdatasyncPerS);
  line('COPY without indexes, rows per second', copyRowsPerS, '20,000 rows a commit');
  line('the same, 64 rows a commit', copyBy64RowsPerS);
  line('one entry a commit, per second', oneByOnePerS);
  line('ledger, 64 appenders, entries per second', ledger64.perS, latencies(ledger64));
  line('ledger, 256 appenders, entries per second', ledger256.perS, latencies(ledger256));
  line(
    '÷ COPY (goal 0.6)',
    (ledger256.perS / copyRowsPerS).toFixed(2),
    `÷ COPY by 64: ${(ledger64.perS / copyBy64RowsPerS).toFixed(2)}`,
  );
  line('÷ one by one (goal 8)', (ledger64.perS / oneByOnePerS).toFixed(1));
  line('signing costs (goal 5 %)', `${(signingCost * 100).toFixed(1)} %`);
  line(
    'a gateway request is slower by, ms',
    gatewayAddedMs.toFixed(2),
    `one flush, alone, takes ${flushMs.toFixed(2)} ms`,
  );
}

async function fdatasyncs(path, forSeconds) {
  const file = openSync(path, 'w');
  const block = Buffer.alloc(8_192, 1);
  const until = performance.now() + forSeconds * 1_000;
  let count = 0;
  const started = performance.now();
  while (performance.now() < until) {
    writeSync(file, block);
    fdatasyncSync(file);
    count += 1;
  }
  closeSync(file);
  return { perS: (count * 1_000) / (performance.now() - started) };
}

/** Rows of the log as COPY takes them. */
async function copyRows(count) {
  const { rows } = await owner.query(
    "SELECT * FROM audit.sealed_entry UNION ALL SELECT municipality, log, log, seq, id, at, actor_id, use, outcome, operation_hash, operation_name, leaf, '{}' FROM audit.entry LIMIT 5000",
  );
  const escaped = (value) =>
    value === null
      ? '\\N'
      : String(value instanceof Date ? value.toISOString() : value).replace(
          /[\\\t\n\r]/g,
          (found) => ({ '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' })[found],
        );
  const lines = rows.map(
    ({ sealed_by: _none, period: _same, ...row }) => `${Object.values(row).map(escaped).join('\t')}\n`,
  );
  await owner.query(`CREATE TABLE copied (municipality text, log text, seq bigint, id uuid, at timestamptz, actor_id text, use text,
    outcome text, operation_hash text, operation_name text, leaf text)`);
  return Array.from({ length: count }, (_, index) => lines[index % lines.length]);
}

async function copied(lines, forSeconds, batch) {
  const until = performance.now() + forSeconds * 1_000;
  const started = performance.now();
  let count = 0;
  for (let at = 0; performance.now() < until; at = (at + batch) % (lines.length - batch + 1)) {
    await pipeline([lines.slice(at, at + batch).join('')], owner.query(copyFrom('COPY copied FROM STDIN')));
    count += batch;
  }
  const perS = (count * 1_000) / (performance.now() - started);
  await owner.query('TRUNCATE copied');
  return { perS };
}

/** One ordered connection, one entry a transaction, into a table with the log's columns and its indexes. */
async function oneByOne(forSeconds) {
  await owner.query(`CREATE TABLE IF NOT EXISTS one_by_one (LIKE audit.entry INCLUDING ALL)`);
  const { rows } = await owner.query('SELECT * FROM audit.entry WHERE actor_id IS NOT NULL LIMIT 1');
  const row = rows[0];
  const until = performance.now() + forSeconds * 1_000;
  const started = performance.now();
  let count = 0;
  while (performance.now() < until) {
    await owner.query({
      name: 'one',
      text: 'INSERT INTO one_by_one SELECT $1, $2, $3, gen_random_uuid(), $4, $5, $6, $7, $8, $9, $10',
      values: [
        row.municipality,
        row.log,
        count,
        row.at,
        row.actor_id,
        row.use,
        row.outcome,
        row.operation_hash,
        row.operation_name,
        row.leaf,
      ],
    });
    count += 1;
  }
  const perS = (count * 1_000) / (performance.now() - started);
  await owner.query('TRUNCATE one_by_one');
  return { perS };
}

/** Milliseconds that the log adds to a small request, one after the other: against a gateway whose appends are acknowledged at once. */
async function added() {
  const logged = await world.open('sluse', { core: null });
  const unlogged = await world.open('sluse-unlogged', { core: null });
  const asking = ({ url, token }) => {
    let turn = 0;
    return async () => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify(shapes.small[turn++ % shapes.small.length]),
      });
      await response.arrayBuffer();
    };
  };
  const [withLog, without] = [asking(logged), asking(unlogged)];
  await sequentially(withLog, 300);
  await sequentially(without, 300);
  const differences = [];
  for (let round = 0; round < rounds; round += 1) {
    const on = quantile((await sequentially(withLog, 500)).latencies, 0.5);
    const off = quantile((await sequentially(without, 500)).latencies, 0.5);
    differences.push(on - off);
  }
  await logged.stop();
  await unlogged.stop();
  return median(differences);
}
