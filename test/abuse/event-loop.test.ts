/**
 * Load: what is long works in slices. Measured between two turns of the event loop; what other programs of a busy machine take in that
 * time is left out, as far as the processor's clock tells. Gateway, rooms and client share this process: what it uses is an upper bound.
 */
import { connect } from 'node:net';
import { PerformanceObserver, performance } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Agent, request } from 'undici';
import { goingFirst, Pace, pass, smallBegins } from '../../subgraphs/process/precedence.js';
import { openWorld, type World } from '../support/world.js';
import { expectAlive } from './attack.js';

let world: World;
beforeAll(async () => {
  world = await openWorld({ shielded: true });
  await expectAlive(world);
});
afterAll(() => world.close());

/** As dear as a guidance worker's budget lets it be. */
const inFull =
  'id name cpr address { street postcode city } relatives { kind citizen { name cpr } } treatmentCourses { id } cases(first: 15) { nodes { id title number kle category progress } }';
const dear = `{ ${['nsen', 'gaar']
  .map((part) => `${part}: citizens(filter: { nameContains: "${part}" }, first: 250) { nodes { ${inFull} } }`)
  .join(' ')} }`;

/**
 * Milliseconds of work at a stretch while `work` runs, the longest last: what passed between two turns of the event loop, and no more
 * than the processor was used meanwhile. Collecting garbage is left out: the heap of a test worker holds what other files left in it,
 * and takes half a second. `bench:fairness` measures a process of Sluse's own.
 */
async function stretches(work: () => Promise<unknown>): Promise<number[]> {
  const turns: { began: number; ended: number; used: number }[] = [];
  const collected: { startTime: number; duration: number }[] = [];
  const observer = new PerformanceObserver((list) => collected.push(...list.getEntries()));
  observer.observe({ entryTypes: ['gc'] });
  let began = performance.now();
  let before = process.cpuUsage();
  const clock = setInterval(() => {
    const { user, system } = process.cpuUsage(before);
    const ended = performance.now();
    turns.push({ began, ended, used: (user + system) / 1000 });
    [began, before] = [ended, process.cpuUsage()];
  }, 1);
  await work();
  clearInterval(clock);
  // The observer is told of the last ones later.
  await new Promise((resolve) => setTimeout(resolve, 50));
  observer.disconnect();
  return turns
    .map(({ began, ended, used }) => {
      const garbage = collected.filter(({ startTime }) => startTime >= began && startTime < ended);
      return Math.min(ended - began, used) - garbage.reduce((sum, { duration }) => sum + duration, 0);
    })
    .sort((one, other) => one - other);
}

const agent = new Agent({ connections: 8 });
afterAll(() => agent.close());
/** The answer is read and thrown away: parsing it here would be the client's own stretch. */
async function discarded(person: string, query: string): Promise<{ status: number; bytes: number }> {
  const { statusCode, body } = await request(`${world.url}/graphql`, {
    dispatcher: agent,
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await world.tokenOf(person)}` },
    body: JSON.stringify({ query }),
  });
  let bytes = 0;
  for await (const chunk of body) bytes += chunk.length;
  return { status: statusCode, bytes };
}

describe('the dearest operation that is allowed', () => {
  it('lets the event loop turn: 100 ms of processor at a stretch typically, 500 ms at worst', async () => {
    // Once, so that what is measured has been compiled and planned.
    const { status, bytes } = await discarded('guidance-worker', dear);
    expect([status, bytes > 300_000]).toEqual([200, true]);
    const found = await stretches(() => Promise.all([1, 2].map(() => discarded('guidance-worker', dear))));
    expect(found.length).toBeGreaterThan(20);
    expect(found[Math.floor(found.length * 0.9)]).toBeLessThan(100);
    expect(found.at(-1)).toBeLessThan(500);
  });

  it('lets small ones pass: these are answered before it is', async () => {
    let answered = 0;
    let isOver = false;
    const long = discarded('guidance-worker', dear).finally(() => (isOver = true));
    while (!isOver) {
      const { status } = await discarded('records-officer', '{ viewer { actingIn { code } } }');
      expect(status).toBe(200);
      if (!isOver) answered += 1;
    }
    expect((await long).status).toBe(200);
    expect(answered).toBeGreaterThan(2);
    expect(goingFirst()).toBe(0);
  });

  it('health is answered meanwhile', async () => {
    let isOver = false;
    const long = discarded('guidance-worker', dear).finally(() => (isOver = true));
    let answered = 0;
    while (!isOver) {
      expect((await fetch(`${world.url}/health/live`)).status).toBe(200);
      answered += 1;
    }
    await long;
    expect(answered).toBeGreaterThan(5);
  });
});

describe('who goes first', () => {
  it('is nobody who is long', async () => {
    await discarded('guidance-worker', dear);
    const found: number[] = [];
    const clock = setInterval(() => found.push(goingFirst()), 5);
    expect((await discarded('guidance-worker', dear)).status).toBe(200);
    clearInterval(clock);
    expect(found.length).toBeGreaterThan(10);
    // It is counted only until it is known to be long, and while its session is looked up.
    expect(found.filter((count) => count > 0).length).toBeLessThan(found.length / 2);
  });

  it('is nobody who still sends: whoever sends slowly would hold up what is long', async () => {
    const body = JSON.stringify({ query: '{ viewer { actingIn { code } } }' });
    const socket = connect(Number(new URL(world.url).port), '127.0.0.1');
    const answer = new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data))));
    socket.write(
      `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n` +
        `authorization: Bearer ${await world.tokenOf('records-officer')}\r\ncontent-length: ${body.length}\r\n\r\n${body.slice(0, 9)}`,
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(goingFirst()).toBe(0);
    socket.write(body.slice(9));
    expect(await answer).toMatch(/^HTTP\/1.1 200 /);
    socket.destroy();
  });

  it('is let by at the turnstile that everything long in the process passes', async () => {
    const busyUntil = performance.now() + 20;
    while (performance.now() < busyUntil);
    const began = performance.now();
    setTimeout(smallBegins(), 60);
    await pass();
    expect(performance.now() - began).toBeGreaterThan(50);
  });

  it('is waited for, but not without end', async () => {
    const ended = smallBegins();
    const pace = new Pace();
    const began = performance.now();
    setTimeout(ended, 60);
    await pace.rest();
    expect(performance.now() - began).toBeGreaterThan(50);
    const never = smallBegins();
    await pace.rest();
    never();
  });

  it('is counted, and an end counts once', () => {
    const before = goingFirst();
    const ends = [smallBegins(), smallBegins()];
    expect(goingFirst()).toBe(before + 2);
    ends[0]!();
    ends[0]!();
    expect(goingFirst()).toBe(before + 1);
    ends[1]!();
    expect(goingFirst()).toBe(before);
  });
});
