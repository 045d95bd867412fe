/** One measurement: so many connections ask these requests in turn for so long. wrk if it is installed, else autocannon. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { otherCore, run } from './processes.mjs';

export const hasWrk = spawnSync('wrk', ['--version']).error === undefined;
export const loadTool = hasWrk ? 'wrk' : 'autocannon';

const here = (file) => fileURLToPath(new URL(file, import.meta.url));

// Bodies of every load lie in one folder, which goes with the harness however that ends.
const folder = mkdtempSync(join(tmpdir(), 'sluse-bench-load-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
let loads = 0;

export async function load({ url, token, requests, seconds, connections, core = otherCore }) {
  const bodies = join(folder, String(++loads));
  writeFileSync(bodies, requests.map((request) => JSON.stringify(request)).join('\n'));
  const env = { BENCH_BODIES: bodies, BENCH_TOKEN: token ?? '' };
  const args = hasWrk
    ? ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '20s', '-s', here('load.lua'), url]
    : [here('autocannon.mjs'), url, String(connections), String(seconds)];
  const output = await run(loadTool, { program: hasWrk ? 'wrk' : process.execPath, args, core, env });
  const found = /RESULT (\{.*\})/.exec(output);
  if (!found) throw new Error(`${loadTool} said:\n${output}`);
  return JSON.parse(found[1]);
}
