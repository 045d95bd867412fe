/**
 * `node test/bench/profile.mjs [sluse|sluse-open|…] [small|medium|large] [seconds]`: where a gateway's processor time goes,
 * by function and by package, as V8's sampling profiler sees it.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askAll } from './ask.mjs';
import { buildSluse, installPeers } from './install.mjs';
import { load } from './load.mjs';
import { shapes } from './shapes.mjs';

const [name = 'sluse', shape = 'medium', seconds = '8'] = process.argv.slice(2);
await installPeers();
const { openWorld } = await import('./world.mjs');
const world = await openWorld(await buildSluse());
const folder = mkdtempSync(join(tmpdir(), 'sluse-bench-profile-'));
try {
  const flags = ['--cpu-prof', '--cpu-prof-interval', '500', '--cpu-prof-dir', folder];
  const target = await world.open(name, { flags });
  await askAll(target, shapes[shape]);
  const { requests, seconds: took } = await load({
    ...target,
    requests: shapes[shape],
    seconds: Number(seconds),
    connections: 64,
  });
  await target.stop();
  const profile = JSON.parse(readFileSync(join(folder, readdirSync(folder)[0]), 'utf8'));
  process.stdout.write(
    `${name}, ${shape}: ${(requests / took).toFixed(1)} rps under the profiler\n\n${summary(profile)}\n`,
  );
} finally {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
}

/** Shares of the time under load, by who was on top of the stack; built-ins such as `JSON.parse` count for their caller. */
function summary({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const byFunction = new Map();
  const byPackage = new Map();
  let total = 0;
  // The last seconds are the load; start-up and the filling of caches lie before.
  const span = Number(seconds) * 1e6;
  let behind = timeDeltas.reduce((sum, delta) => sum + delta, 0);
  for (const [index, id] of samples.entries()) {
    const delta = timeDeltas[index];
    behind -= delta;
    const { functionName, url, lineNumber } = byId.get(id).callFrame;
    if (behind > span || functionName === '(idle)') continue;
    total += delta;
    const where = placeOf(url);
    const label = `${functionName || '(anonymous)'}  ${where.file ? `${where.file}:${lineNumber + 1}` : ''}`;
    byFunction.set(label, (byFunction.get(label) ?? 0) + delta);
    byPackage.set(where.owner, (byPackage.get(where.owner) ?? 0) + delta);
  }
  const top = (map, count) =>
    [...map]
      .sort((a, b) => b[1] - a[1])
      .slice(0, count)
      .map(([label, time]) => `${((100 * time) / total).toFixed(1).padStart(5)} %  ${label}`)
      .join('\n');
  return `by package\n${top(byPackage, 14)}\n\nby function (self)\n${top(byFunction, 40)}`;
}

function placeOf(url) {
  const own = /\/sluse-bench\/(.+)$/.exec(url)?.[1];
  if (own) return { owner: 'sluse', file: own };
  const inPackage = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\/(.+)$/.exec(url);
  if (inPackage) return { owner: inPackage[1], file: `${inPackage[1]}/${inPackage[2]}` };
  if (url.startsWith('node:')) return { owner: url.split('/').slice(0, 2).join('/'), file: url };
  return { owner: url ? 'bench' : 'native and gc', file: url.split('/').pop() };
}
