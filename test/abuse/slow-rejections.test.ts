/** Load: whoever is refused again and again waits for the next refusal; whoever is served does not, behind the same address too. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openSlowRejections } from '../../subgraphs/edge/slow-rejections.js';
import { openWorld, type World } from '../support/world.js';

const options = { perSecond: 2, burst: 4, pause: 60, waitingOfSource: 3, waiting: 5 };

describe('refusals of one source', () => {
  it('are answered at once until there are too many, and again when it has been quiet', async () => {
    let now = 0;
    const slow = openSlowRejections(options, () => now);
    expect([1, 2, 3, 4].map(() => slow.pause('a'))).toEqual([null, null, null, null]);
    const began = performance.now();
    await slow.pause('a');
    expect(performance.now() - began).toBeGreaterThan(options.pause - 5);
    now += 1_000;
    expect([1, 2].map(() => slow.pause('a'))).toEqual([null, null]);
    expect(slow.pause('a')).not.toBeNull();
  });

  it('hold up nobody else’s', () => {
    const slow = openSlowRejections(options, () => 0);
    for (let nth = 0; nth < 20; nth += 1) void slow.pause('a');
    expect(slow.pause('b')).toBeNull();
  });

  it('wait in bounded numbers, of one source and of all', async () => {
    const slow = openSlowRejections({ ...options, burst: 0 }, () => 0);
    const waits = (source: string, times: number) => Array.from({ length: times }, () => slow.pause(source));
    const all = [...waits('a', 5), ...waits('b', 5)];
    expect(all.filter((one) => one !== null)).toHaveLength(options.waiting);
    expect(all.slice(0, 5).filter((one) => one !== null)).toHaveLength(options.waitingOfSource);
    await Promise.all(all);
    expect(slow.pause('a')).not.toBeNull();
  });
});

describe('at the gateway', () => {
  let world: World;
  const pause = 1_000;
  beforeAll(async () => {
    world = await openWorld({ shielded: true, gateway: { slowRejections: { ...options, perSecond: 0.01, pause } } });
  });
  afterAll(() => world.close());

  /** Waited or not: whether a pause that began before it was over first. */
  const timed = async (work: () => Promise<Response>): Promise<[status: number, waited: boolean]> => {
    let isOver = false;
    const over = setTimeout(() => (isOver = true), pause);
    const { status } = await work();
    clearTimeout(over);
    return [status, isOver];
  };
  const asked = (headers: Record<string, string>) =>
    fetch(`${world.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: '{"query":"{ viewer { actingIn { code } } }"}',
    });

  it('every kind of refusal counts, and the next waits; who has signed in is answered at once', async () => {
    const token = await world.tokenOf('manager');
    for (const path of ['/no-such-page', '/log/export', '/no-other-page', '/log/export?x=1'])
      expect((await fetch(`${world.url}${path}`)).status).toBeGreaterThanOrEqual(400);
    expect(await timed(() => asked({}))).toEqual([401, true]);
    expect(await timed(() => asked({ authorization: 'Bearer made-up' }))).toEqual([401, true]);
    expect(await timed(() => fetch(`${world.url}/no-such-page`))).toEqual([404, true]);
    expect(await timed(() => asked({ authorization: `Bearer ${token}` }))).toEqual([200, false]);
    expect(await timed(() => fetch(`${world.url}/health/live`))).toEqual([200, false]);
  });

  it('and what somebody asks wrongly who is known is refused at once', async () => {
    const token = await world.tokenOf('manager');
    const wrong = () =>
      fetch(`${world.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: '{"query":"{ noSuchField }"}',
      });
    expect(await timed(wrong)).toEqual([400, false]);
  });
});
