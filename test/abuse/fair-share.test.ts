/** Load: one person who asks without end. They wait behind themselves; nobody else waits for them. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { type FairShareOptions, openFairShare } from '../../src/http/fair-share.js';
import { goingFirst } from '../../subgraphs/process/precedence.js';
import { until } from '../support/processes.js';
import { aViewer } from '../support/room.js';
import { openWorld, type World } from '../support/world.js';
import { expectAlive, expectRefused, send } from './attack.js';

const person = (id: string, kind: 'Employee' | 'SystemClient' = 'Employee') => aViewer({ actor: { kind, id } });
const options: FairShareOptions = {
  small: { atOnce: 3, waiting: 10 },
  long: { atOnce: 2, waiting: 2 },
  longTogether: 3,
  patience: 200,
};

describe('a share', () => {
  const order: string[] = [];
  const enter = (share: ReturnType<typeof openFairShare>, id: string, isLong = true) => {
    const waiting = share.enter(person(id), isLong);
    return waiting ? waiting.then(() => void order.push(id)) : null;
  };

  it('is so many at once, and who waits is let in when one ends', async () => {
    const share = openFairShare(options);
    expect([enter(share, 'a'), enter(share, 'a')]).toEqual([null, null]);
    const third = enter(share, 'a')!;
    expect(third).toBeInstanceOf(Promise);
    // Somebody else does not wait for them.
    expect(enter(share, 'b')).toBeNull();
    share.leave(person('a'), true);
    await third;
  });

  it('has a bound on those who wait, and a time', async () => {
    const share = openFairShare(options);
    for (let n = 0; n < 2; n += 1) enter(share, 'a');
    const waiting = [enter(share, 'a')!, enter(share, 'a')!];
    expect(() => share.enter(person('a'), true)).toThrow(expect.objectContaining({ code: 'TOO_MANY_REQUESTS' }));
    for (const one of waiting) await expect(one).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    // Whoever gave up does not hold the place.
    share.leave(person('a'), true);
    expect(share.enter(person('a'), true)).toBeNull();
  });

  it('of long operations together goes round: one of each in turn', async () => {
    const share = openFairShare({ ...options, longTogether: 1, patience: 5_000 });
    order.length = 0;
    expect(enter(share, 'a')).toBeNull();
    const waiting = ['a', 'a', 'b', 'c'].map((id) => ({ id, turn: enter(share, id)! }));
    for (let left = waiting.length, last = 'a'; left > 0; left -= 1) {
      share.leave(person(last), true);
      await until('the next has its turn', () => order.length === waiting.length - left + 1);
      last = order.at(-1)!;
    }
    await Promise.all(waiting.map(({ turn }) => turn));
    expect([...order].sort()).toEqual(['a', 'a', 'b', 'c']);
    // Nobody had two turns before everybody had one.
    expect(new Set(order.slice(0, 3)).size).toBe(3);
  });

  it('of small operations is another than that of long ones, and each client has its own', () => {
    const share = openFairShare(options);
    for (let n = 0; n < 2; n += 1) share.enter(person('a'), true);
    expect(share.enter(person('a'), false)).toBeNull();
    expect(share.enter(person('a', 'SystemClient'), true)).toBeNull();
  });

  it('is that of whoever is at the keyboard, for how many others they may act', async () => {
    const share = openFairShare(options);
    const actingFor = (id: string) =>
      aViewer({ actor: { kind: 'Citizen', id: 'a' }, subject: { kind: 'Citizen', id } });
    for (const id of ['x', 'y']) expect(share.enter(actingFor(id), true)).toBeNull();
    await expect(share.enter(actingFor('z'), true)).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
  });
});

describe('at the gateway', () => {
  let world: World;
  let lock: pg.Client;
  beforeAll(async () => {
    const shares = { ...options, small: { atOnce: 1, waiting: 1 }, patience: 1_000 };
    world = await openWorld({ shielded: true, bounds: { shares } });
    await expectAlive(world);
    lock = new pg.Client({ connectionString: world.database.url });
    await lock.connect();
  });
  afterAll(async () => {
    await lock.end();
    await world.close();
  });

  it('who has too much under way is told to wait, and others are answered', async () => {
    const ask = (who: string) => send(world, who, '{ cases(first: 1) { nodes { id } } }');
    await ask('records-officer');
    await lock.query('BEGIN');
    await lock.query('LOCK TABLE cases.ordinary_case IN ACCESS EXCLUSIVE MODE');
    const three = [ask('records-officer'), ask('records-officer'), ask('records-officer')];
    const first = await Promise.race(three);
    expectRefused(first, 'TOO_MANY_REQUESTS');
    // The one that runs, here and in its room. Whoever waits for their turn goes before nobody.
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(goingFirst()).toBe(2);
    expect([first.status, first.headers.get('retry-after')]).toEqual([429, '1']);
    expect((await send(world, 'guidance-worker', '{ viewer { actingIn { code } } }')).status).toBe(200);
    await lock.query('ROLLBACK');
    const statuses = (await Promise.all(three)).map(({ status }) => status).sort();
    expect([statuses[0], statuses.at(-1)]).toEqual([200, 429]);
    expect((await ask('records-officer')).status).toBe(200);
  });
});
