/** The same as load.lua, for where wrk is not installed: URL, connections and seconds are its arguments. */
import { readFileSync } from 'node:fs';
import autocannon from 'autocannon';

const [url, connections, seconds] = process.argv.slice(2);
const { BENCH_BODIES, BENCH_TOKEN } = process.env;
const result = await autocannon({
  url,
  connections: Number(connections),
  duration: Number(seconds),
  timeout: 20,
  method: 'POST',
  requests: readFileSync(BENCH_BODIES, 'utf8')
    .split('\n')
    .map((body) => ({ body })),
  headers: { 'content-type': 'application/json', ...(BENCH_TOKEN && { authorization: `Bearer ${BENCH_TOKEN}` }) },
});
const { latency, errors, non2xx, requests, throughput, duration } = result;
const line = {
  requests: requests.total,
  seconds: duration,
  p50Ms: latency.p50,
  p99Ms: latency.p99,
  failed: errors + non2xx,
  bytes: throughput.total,
};
process.stdout.write(`RESULT ${JSON.stringify(line)}\n`);
