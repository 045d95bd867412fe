/** Connections that strangers open, and requests that they leave half sent; and how much one who is known may ask for. */
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { openRequestRate } from '../../src/http/request-rate.js';
import { openSharedUse } from '../../src/http/shared-use.js';
import { type ConnectionBounds, guardConnections, httpOptions } from '../../subgraphs/edge/connections.js';
import { openFairLimit } from '../../subgraphs/edge/fair-limit.js';
import { faultBody } from '../../subgraphs/protocol/faults.js';
import { openWorld, type World } from '../support/world.js';

const opened: Client[] = [];
const servers: Server[] = [];
afterEach(async () => {
  for (const client of opened.splice(0)) client.socket.destroy();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});

interface Client {
  readonly socket: Socket;
  text(): string;
  /** Whether it was closed within so many milliseconds. */
  closes(within?: number): Promise<boolean>;
  says(pattern: RegExp, within?: number): Promise<boolean>;
}

async function client(port: number, sends = ''): Promise<Client> {
  const socket = connect(port, '127.0.0.1');
  let [text, closed] = ['', false];
  socket.on('data', (chunk) => (text += chunk));
  socket.on('error', () => {});
  socket.on('close', () => (closed = true));
  await new Promise((done) => socket.once('connect', done).once('close', done));
  if (sends) socket.write(sends);
  const until = async (holds: () => boolean, within: number) => {
    for (const end = Date.now() + within; !holds() && Date.now() < end; ) await wait(5);
    return holds();
  };
  const made: Client = {
    socket,
    text: () => text,
    closes: (within = 20_000) => until(() => closed, within),
    says: (pattern, within = 20_000) => until(() => pattern.test(text), within),
  };
  opened.push(made);
  return made;
}

const unfinished = (path: string, more = '') =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n${more}\r\n{"query":`;

describe('a request that is answered before it has arrived', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ shielded: true });
  });
  afterAll(() => world.close());
  const portOf = (url: string) => Number(new URL(url).port);

  it.each<[string, () => Promise<Client>, RegExp]>([
    ['by nobody', () => client(portOf(world.url), unfinished('/graphql')), /^HTTP\/1\.1 401 /],
    [
      'with a token that opens nothing',
      () => client(portOf(world.url), unfinished('/graphql', `Authorization: Bearer ${'a'.repeat(43)}\r\n`)),
      /^HTTP\/1\.1 401 /,
    ],
    [
      'to a room, by nobody',
      () => client(portOf(world.origins.get('cases')!), unfinished('/graphql')),
      /^HTTP\/1\.1 401 /,
    ],
    [
      'to what rooms ask each other',
      () => client(portOf(world.origins.get('audit')!), unfinished('/internal/append')),
      /^HTTP\/1\.1 401 /,
    ],
    [
      'in another way than POST',
      () => client(portOf(world.url), unfinished('/graphql').replace('POST', 'PUT')),
      /^HTTP\/1\.1 405 /,
    ],
  ])('%s is answered at once, and its connection ends soon after, not after a minute', async (_what, open, status) => {
    const one = await open();
    expect(await one.says(status)).toBe(true);
    expect(await one.closes(15_000)).toBe(true);
  });

  it('in full leaves its connection open for the next', async () => {
    const whole = `POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`;
    const one = await client(portOf(world.url), whole);
    expect(await one.says(/401 [\s\S]*UNAUTHENTICATED/)).toBe(true);
    expect(await one.closes(2_500)).toBe(false);
    one.socket.write(whole);
    expect(await one.says(/401 [\s\S]*UNAUTHENTICATED[\s\S]*401 [\s\S]*UNAUTHENTICATED/)).toBe(true);
  });

  it('whose head never ends is cut off', async () => {
    const one = await client(portOf(world.url), 'POST /graphql HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    const drip = setInterval(() => one.socket.write('x'), 500);
    expect(await one.closes(25_000)).toBe(true);
    clearInterval(drip);
  });
});

describe('where there are as many connections as there may be', () => {
  async function listen(bounds: ConnectionBounds): Promise<{ port: number; release(): void; answered(): number }> {
    const waiting: (() => void)[] = [];
    let answered = 0;
    const server = createServer(httpOptions, (request, response) => {
      const answer = () => {
        answered += 1;
        response.end('done');
      };
      if (request.url === '/wait') waiting.push(answer);
      else request.on('end', answer).resume();
    });
    guardConnections(server, bounds);
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    return { port, release: () => waiting.splice(0).map((go) => go()), answered: () => answered };
  }
  const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;

  it('the one that has been idle longest goes, and the new one is served', async () => {
    const { port } = await listen({ all: 3, ofAddress: 100 });
    const first = await client(port, get('/'));
    expect(await first.says(/done/)).toBe(true);
    const second = await client(port, get('/'));
    expect(await second.says(/done/)).toBe(true);
    const third = await client(port);
    // The first is used again: the second has been idle longer now.
    first.socket.write(get('/again'));
    expect(await first.says(/done[\s\S]*done/)).toBe(true);
    await wait(50);
    const fourth = await client(port, get('/'));
    expect(await fourth.says(/done/)).toBe(true);
    expect(await second.closes()).toBe(true);
    expect([first.socket.destroyed, third.socket.destroyed]).toEqual([false, false]);
  });

  it('one that is still sending goes next, and nobody who waits for an answer', async () => {
    const { port, release } = await listen({ all: 3, ofAddress: 100 });
    const waits = [await client(port, get('/wait')), await client(port, get('/wait'))];
    const slow = await client(port, unfinished('/'));
    await wait(100);
    const next = await client(port, get('/wait'));
    expect(await slow.closes()).toBe(true);
    // All of them wait: the new one is refused.
    await wait(100);
    expect(await (await client(port, get('/'))).closes()).toBe(true);
    release();
    for (const one of [...waits, next]) expect(await one.says(/done/)).toBe(true);
  });

  it('a thousand idle ones keep nobody out', async () => {
    const { port } = await listen({ all: 40, ofAddress: 1_000 });
    for (let n = 0; n < 300; n += 1) await client(port);
    const one = await client(port, get('/'));
    expect(await one.says(/200 OK[\s\S]*done/)).toBe(true);
  });

  it('from one address they are that address’s to lose, unless it is a proxy', async () => {
    const few = await listen({ all: 1_000, ofAddress: 5 });
    const many = await listen({ all: 1_000, ofAddress: 5, exempt: (address) => address === '127.0.0.1' });
    const open = async (port: number) => {
      const all = [];
      for (let n = 0; n < 20; n += 1) all.push(await client(port));
      await wait(200);
      return all.filter(({ socket }) => !socket.destroyed).length;
    };
    expect([await open(few.port), await open(many.port)]).toEqual([5, 20]);
  });
});

describe('requests of one who is known', () => {
  const employee = (id: string) => ({ kind: 'Employee', id }) as const;
  const system = { kind: 'SystemClient', id: 'a system' } as const;

  it('are as many as the setting says, refilled by the second, each person’s and each system’s by themselves', () => {
    let now = 0;
    const rate = openRequestRate({ person: 600, client: 1_200 }, null, () => now);
    const served = (who: Parameters<typeof rate.take>[0], tries = 1_000) =>
      Array.from({ length: tries }, () => rate.take(who)).filter(Boolean).length;
    expect(served(employee('one'))).toBe(100);
    expect(served(employee('two'))).toBe(100);
    expect(served(system)).toBe(200);
    now += 1_000;
    expect([served(employee('one')), served(system)]).toEqual([10, 20]);
    now += 3_600_000;
    expect(served(employee('one'))).toBe(100);
    const any = openRequestRate({ person: 0, client: 0 }, null);
    expect(Array.from({ length: 100_000 }, () => any.take(system)).every(Boolean)).toBe(true);
  });

  it('beyond it are answered 429 with Retry-After whatever they ask for, the same in both worlds, and others are served', async () => {
    const statuses: string[][] = [];
    for (const shielded of [true, false]) {
      const world = await openWorld({ shielded, gateway: { rates: { person: 60, client: 60 } } });
      try {
        const own: string[] = [];
        for (let n = 0; n < 14; n += 1) {
          const answer = await world.ask('guidance-worker', '{ citizen(cpr: "0201609995") { cases { totalCount } } }');
          own.push(`${answer.status} ${answer.text} ${answer.headers.get('retry-after')}`);
        }
        expect(own.at(-1)).toBe(`429 ${JSON.stringify(faultBody('TOO_MANY_REQUESTS'))} 1`);
        expect(own.filter((one) => one.startsWith('200')).length).toBeGreaterThanOrEqual(10);
        statuses.push(own.filter((one) => one.startsWith('429')));
        expect((await world.ask('manager', '{ viewer { __typename } }')).status).toBe(200);
      } finally {
        await world.close();
      }
    }
    expect(new Set(statuses.flat()).size).toBe(1);
  });

  const redis = process.env.REDIS_URL;
  (redis ? it : it.skip)('are shared by gateways that have one Redis', async () => {
    const scope = `rate-${process.pid}-${Date.now()}`;
    const uses = [0, 1].map(() => openSharedUse({ url: redis!, scope, log: pino({ level: 'silent' }) }));
    // Stands still: nothing is refilled.
    const [one, other] = uses.map((use) => openRequestRate({ person: 600, client: 600 }, use, () => 0));
    try {
      const who = employee('one');
      for (let n = 0; n < 60; n += 1) expect(one!.take(who)).toBe(true);
      await wait(800);
      for (let n = 0; n < 5; n += 1) expect(other!.take(who)).toBe(true);
      let served = 5;
      for (const end = Date.now() + 20_000; Date.now() < end && other!.take(who); served += 1) await wait(100);
      expect(served).toBeLessThan(60);
    } finally {
      for (const rate of [one, other]) rate!.close();
      for (const use of uses) use.close();
    }
  });

  it('are counted by each gateway itself while Redis is gone', async () => {
    const use = openSharedUse({ url: 'redis://127.0.0.1:1', scope: 'nowhere', log: pino({ level: 'silent' }) });
    expect(await use.tell('key', 5)).toBe(0);
    const rate = openRequestRate({ person: 600, client: 600 }, use, () => 0);
    expect(Array.from({ length: 300 }, () => rate.take(employee('one'))).filter(Boolean)).toHaveLength(100);
    rate.close();
    use.close();
  });
});

describe('a limit for all', () => {
  const rate = { source: 20, all: 80 };
  /** Ten seconds in which some ask all the time; what each was given. */
  function contest(sources: Readonly<Record<string, number>>, seconds = 10) {
    let now = 0;
    const limit = openFairLimit(rate, () => now);
    const given: Record<string, number> = {};
    for (let tick = 0; tick < seconds * 100; tick += 1) {
      now += 10;
      for (const [source, perSecond] of Object.entries(sources)) {
        const due = Math.floor(((tick + 1) * perSecond) / 100) - Math.floor((tick * perSecond) / 100);
        for (let n = 0; n < due; n += 1) if (limit.take(source)) given[source] = (given[source] ?? 0) + 1;
      }
    }
    return given;
  }
  const flood = (count: number, perSecond: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`10.0.0.${n}`, perSecond]));

  it('is not used up from twelve addresses: whoever comes rarely is served each time', () => {
    const given = contest({ ...flood(12, 100), victim: 0.5 });
    expect(given.victim).toBe(5);
  });

  it('is not used up from two hundred addresses either: a part is kept for those who come rarely', () => {
    expect(contest({ ...flood(200, 5), victim: 0.5 }).victim).toBe(5);
  });

  it('is shared by those who ask much: a crowd behind one address has its part', () => {
    const given = contest({ ...flood(12, 100), crowd: 3 });
    expect(given.crowd).toBeGreaterThanOrEqual(25);
    const attackers = Object.entries(given).filter(([source]) => source !== 'crowd');
    for (const [, got] of attackers) expect(got).toBeLessThan(100);
  });

  it('is one source’s to use where nobody else asks, up to its own limit, and no more than all in all', () => {
    expect(contest({ one: 100 }).one).toBeGreaterThanOrEqual(180);
    expect(contest({ one: 100 }).one).toBeLessThanOrEqual(210);
    const total = Object.values(contest(flood(200, 5))).reduce((sum, one) => sum + one, 0);
    expect(total).toBeLessThanOrEqual(800);
    expect(total).toBeGreaterThan(500);
  });

  it('counts work that is worth several times the usual as such', () => {
    const now = 0;
    const limit = openFairLimit({ source: 6, all: 100 }, () => now);
    expect([3, 3, 3].map((cost) => limit.take('one', cost))).toEqual([true, true, false]);
    // One that is worth more than a second's share is done alone.
    expect([limit.take('other', 9), limit.take('other', 1)]).toEqual([true, false]);
  });
});
