/**
 * `npm run bench:scale [-- --quick] [--open]`: Sluse with one and with two processes, with few and with very many connections,
 * and with answers from 10 kB to 5 MB. There should be no cliff, and memory should stay bounded.
 */
import { parseArgs } from 'node:util';
import { askAll } from './ask.mjs';
import { buildSluse, installPeers } from './install.mjs';
import { load } from './load.mjs';
import { canPin, cpuMs, forgetPeak, gatewayCore, otherCore, peakMb, settled } from './processes.mjs';
import { shapes, treesOf } from './shapes.mjs';

const { values: given } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, open: { type: 'boolean', default: false } },
});
const seconds = given.quick ? 3 : 10;
const name = given.open ? 'sluse-open' : 'sluse';
const say = (text) => process.stdout.write(`${text}\n`);
const cells = (...values) => say(values.map((value) => String(value).padStart(11)).join(' '));

await installPeers();
const { openWorld } = await import('./world.mjs');
const world = await openWorld(await buildSluse());
try {
  const first = await world.open(name, { core: gatewayCore });
  await askAll(first, shapes.medium);
  await load({ ...first, requests: shapes.medium, seconds, connections: 32 });
  say(`${name}, medium shape${canPin ? '; a second process shares its core with subgraphs, rooms and load' : ''}\n`);
  cells('processes', 'connections', 'rps', 'p50 ms', 'p99 ms', 'failed', 'peak MB');
  await crowds([first]);
  const second = await world.open(name, { core: otherCore });
  await crowds([first, second]);
  await second.stop();
  say('\none process, 4 connections, answers that grow\n');
  cells('kB', 'rps', 'MB/s', 'p99 ms', 'CPU ms', 'CPU ms/MB', 'failed', 'peak MB');
  for (const citizens of [1, 7, 72, 362]) await growth(first, citizens);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
} finally {
  await world.close();
}

async function crowds(gateways) {
  for (const connections of [32, 256, 2_000]) {
    for (const { pid } of gateways) forgetPeak(pid);
    const results = await Promise.all(
      gateways.map((gateway) =>
        load({ ...gateway, requests: shapes.medium, seconds, connections: connections / gateways.length }),
      ),
    );
    for (const { pid } of gateways) await settled(pid);
    const sum = (value) => results.reduce((total, one) => total + value(one), 0);
    const most = (key) => Math.max(...results.map((one) => one[key])).toFixed(1);
    cells(
      gateways.length,
      connections,
      sum((one) => (one.requests - one.failed) / one.seconds).toFixed(0),
      most('p50Ms'),
      most('p99Ms'),
      sum((one) => one.failed),
      gateways.map(({ pid }) => peakMb(pid).toFixed(0)).join(' + '),
    );
  }
}

async function growth(gateway, citizens) {
  const requests = treesOf(citizens, 6);
  const texts = await askAll(gateway, requests);
  const megabytes = Buffer.byteLength(texts[0]) / 1e6;
  forgetPeak(gateway.pid);
  const before = cpuMs(gateway.pid);
  const result = await load({ ...gateway, requests, seconds, connections: 4 });
  const used = (cpuMs(gateway.pid) - before) / result.requests;
  await settled(gateway.pid);
  if (result.requests === 0) {
    say(`${(megabytes * 1000).toFixed(0).padStart(11)} no answer within ${seconds} s`);
    return;
  }
  const rps = (result.requests - result.failed) / result.seconds;
  cells(
    (megabytes * 1000).toFixed(0),
    rps.toFixed(1),
    (rps * megabytes).toFixed(1),
    result.p99Ms.toFixed(0),
    used.toFixed(1),
    (used / megabytes).toFixed(1),
    result.failed,
    peakMb(gateway.pid).toFixed(0),
  );
}
