/** What somebody else waits for, asked in a thread of its own: the load's answers are large, and reading them is not the gateway's time. */
import { setTimeout as wait } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { Agent, request } from 'undici';

const { url, token, query, milliseconds } = workerData;
const agents = [1, 2].map(() => new Agent({ connections: 1, pipelining: 1 }));
const until = performance.now() + milliseconds;

async function timed(pause, work) {
  const times = [];
  while (performance.now() < until) {
    const began = performance.now();
    await work();
    times.push(performance.now() - began);
    await wait(pause);
  }
  return times;
}

const asked = async () => {
  const { statusCode, body } = await request(`${url}/graphql`, {
    method: 'POST',
    dispatcher: agents[0],
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
  });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`The small query was answered ${statusCode}: ${text}`);
};
const alive = async () => (await request(`${url}/health/live`, { dispatcher: agents[1] })).body.text();

const [small, health] = await Promise.all([timed(10, asked), timed(5, alive)]);
await Promise.all(agents.map((agent) => agent.close()));
parentPort.postMessage({ small, health });
