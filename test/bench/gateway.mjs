/**
 * `npm run bench:gateway [-- --quick] [--json FILE] [--only a,b] [--shapes small,…]`: Sluse with all its walls, and with
 * none, beside the gateways that one would take otherwise. All answer the same bytes or the benchmark fails.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { askAll, difference } from './ask.mjs';
import { buildSluse, installPeers } from './install.mjs';
import { load, loadTool } from './load.mjs';
import { canPin, coreBusyMs, cpuMs, forgetPeak, otherCore, peakMb, settled } from './processes.mjs';
import { shapes } from './shapes.mjs';
import { goals, table } from './table.mjs';

const { values: given } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    only: { type: 'string' },
    shapes: { type: 'string' },
    rounds: { type: 'string' },
  },
});
const rounds = Number(given.rounds ?? (given.quick ? 1 : 3));
const seconds = given.quick ? 3 : 10;
const warmUp = given.quick ? 2 : 5;
const connections = 64;
const say = (text) => process.stdout.write(`${text}\n`);

const unavailable = await installPeers();
const { openWorld, targetNames } = await import('./world.mjs');
const chosen = given.only?.split(',') ?? targetNames;
const world = await openWorld(await buildSluse());
try {
  say(
    `${cpus()[0].model} × ${cpus().length}, Node ${process.version}, ${loadTool}, ${connections} connections, ` +
      `${rounds} round(s) of ${seconds} s, ${canPin ? 'gateway on core 0, all else on core 1' : 'not pinned'}\n`,
  );
  const targets = [];
  const refused = new Map();
  for (const name of targetNames.filter((one) => chosen.includes(one))) {
    try {
      targets.push(await world.open(name));
    } catch (error) {
      refused.set(name, firstLine(unavailable ?? error.message));
    }
  }
  const result = {};
  let answered = 0; // by Sluse with its walls: each must stand in the log
  const before = await world.logEntries();
  for (const shape of given.shapes?.split(',') ?? Object.keys(shapes)) {
    const able = await compared(shape, targets, new Map(refused));
    const measured = await rounded(able.targets, shapes[shape]);
    const rows = able.targets.map(({ name }) => ({ name, ...medians(measured.get(name)) }));
    answered += (measured.get('sluse') ?? []).reduce((sum, one) => sum + one.requests, 0);
    say(table(shape, able.bytes, rows, able.refused));
    const sluse = rows.find((row) => row.name === 'sluse');
    if (sluse) say(`Beside Sluse, rooms and PostgreSQL took ${sluse.roomsMs.toFixed(3)} CPU ms per request.\n`);
    result[shape] = Object.fromEntries(
      rows.map(({ name, rps, p50Ms, p99Ms, cpuMs, rssMb }) => [name, { rps, p50Ms, p99Ms, cpuMs, rssMb }]),
    );
  }
  const entries = (await world.logEntries()) - before;
  say(`${answered} answers of Sluse in the rounds, ${entries} log entries in all.`);
  if (entries < answered) throw new Error('Sluse answered more than it logged.');
  say(`\n${goals(result)}`);
  if (given.json) writeFileSync(given.json, `${JSON.stringify({ shapes: result }, null, 2)}\n`);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
} finally {
  await world.close();
}

/** Which of the targets can answer at all, and that they answer alike. */
async function compared(shape, candidates, without) {
  const able = [];
  let expected = null;
  for (const target of candidates) {
    try {
      const texts = await askAll(target, shapes[shape]);
      expected ??= { by: target.name, texts };
      for (const [index, text] of texts.entries()) {
        const differs = difference(expected.texts[index], text);
        if (differs)
          throw Object.assign(new Error(`${shape}: ${expected.by} and ${target.name} differ ${differs}`), {
            fatal: true,
          });
      }
      able.push(target);
    } catch (error) {
      if (error.fatal) throw error;
      without.set(target.name, firstLine(error.message));
    }
  }
  if (!expected)
    throw new Error(`${shape}: nobody could answer.\n${[...without].map((pair) => pair.join(': ')).join('\n')}`);
  return { targets: able, refused: without, bytes: Buffer.byteLength(expected.texts[0]) };
}

/** A B C … A B C …, so that whatever else the machine does meets them all alike. */
async function rounded(able, requests) {
  const measured = new Map(able.map(({ name }) => [name, []]));
  for (const target of able) {
    await load({ ...target, requests, seconds: warmUp, connections });
    await settled(target.pid);
  }
  for (let round = 0; round < rounds; round += 1)
    for (const target of able) measured.get(target.name).push(await measure(target, requests));
  return measured;
}

async function measure(target, requests) {
  forgetPeak(target.pid);
  const cpu = cpuMs(target.pid);
  const rooms = world.roomsCpuMs();
  const other = coreBusyMs(otherCore);
  const calls = await world.fetches();
  const {
    requests: asked,
    seconds: took,
    p50Ms,
    p99Ms,
    failed,
  } = await load({ ...target, requests, seconds, connections });
  const used = cpuMs(target.pid) - cpu;
  const measured = {
    otherBusy: canPin ? (coreBusyMs(otherCore) - other) / (took * 1000) : 0,
    roomsMs: (world.roomsCpuMs() - rooms) / asked,
    fetches: ((await world.fetches()) - calls) / asked,
    rssMb: peakMb(target.pid),
  };
  await settled(target.pid);
  if (asked === failed)
    throw new Error(`${target.name}: no answer within ${seconds} s. Is the machine busy with something else?`);
  if (failed > 0) say(`  ${target.name}: ${failed} of ${asked} requests failed`);
  return {
    requests: asked,
    rps: (asked - failed) / took,
    p50Ms,
    p99Ms,
    cpuMs: used / asked,
    busy: used / (took * 1000),
    ...measured,
  };
}

function medians(measurements) {
  const middle = (key) => {
    const sorted = measurements.map((one) => one[key]).sort((a, b) => a - b);
    const half = sorted.length >> 1;
    return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  };
  const keys = ['rps', 'p50Ms', 'p99Ms', 'cpuMs', 'busy', 'otherBusy', 'roomsMs', 'fetches'];
  return {
    ...Object.fromEntries(keys.map((key) => [key, middle(key)])),
    rssMb: Math.max(...measurements.map((one) => one.rssMb)),
  };
}

/** Of a stack trace, what went wrong. */
function firstLine(text) {
  return (/^\w*Error.*$/m.exec(text)?.[0] ?? text.trim().split('\n').slice(0, 3).join(' ')).slice(0, 300);
}
