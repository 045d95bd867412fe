/**
 * A log that nobody can empty must not be filled by strangers, nor by one citizen: repeated rejections are counted, texts are shortened,
 * and those who are known do not wait behind those who are not. And all that happened is told of.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readArchive } from '../../subgraphs/audit/verify/archive.js';
import { trustedKey } from '../../subgraphs/audit/verify/trust.js';
import { verify } from '../../subgraphs/audit/verify/verify.js';
import { keptText, longestKept } from '../../subgraphs/edge/kept-text.js';
import { type LogClient, openLogClient } from '../../subgraphs/edge/log-client.js';
import { hashOf, type RequestRecord } from '../../subgraphs/edge/request-record.js';
import { openTwoLineQueue } from '../../subgraphs/edge/waiting.js';
import { asOwner } from '../../subgraphs/postgres/owner.js';
import { type Append, type AppendedEntry, packed, strangersEntry } from '../../subgraphs/protocol/log-entry.js';
import { aLogEntry } from '../support/entry.js';
import { aViewer } from '../support/room.js';
import { openWorld, type World } from '../support/world.js';

const record = (over: Partial<RequestRecord> = {}): RequestRecord => ({
  ...{ viewer: null, text: null, hash: null, operationName: 'POST /oauth/token', disclosed: null },
  ...{ faults: ['UNAUTHENTICATED'], workstation: '192.0.2.1', purpose: 'x'.repeat(500) },
  ...{ transactionId: 't'.repeat(200), requestId: null, onBehalfOf: null },
  ...over,
});

/** A log that can be read, and that can be down. */
function openLog(interval = Number.POSITIVE_INFINITY) {
  const entries: AppendedEntry[] = [];
  const log = { down: false, time: Date.parse('2026-11-25T09:00:00Z') };
  const tick = () => {
    log.time += 1;
    return log.time;
  };
  const ledger: LogClient = openLogClient(
    async (_name, body) => {
      if (log.down) throw new Error('the log is down');
      const { entries: appended } = body as Append;
      entries.push(...appended);
      return { appended: appended.length, refused: [] };
    },
    { municipality: '0999', newId: randomUUID, interval, now: () => new Date(tick()) },
  );
  /** How many attempts the log tells of. */
  const told = () => entries.reduce((sum, { counted }) => sum + (counted?.attempts ?? 1), 0);
  return { log, ledger, entries, told, bytes: () => Buffer.byteLength(JSON.stringify(entries)) };
}
const inAll = (writes: Promise<void>[]) => Promise.all(writes);
const times = <Value>(count: number, make: (n: number) => Value) => Array.from({ length: count }, (_, n) => make(n));

describe('rejections of one source', () => {
  it('are written at first, and then counted: how many, from when to when', async () => {
    const { ledger, entries, told } = openLog();
    await inAll(times(10_000, () => ledger.write(record())));
    expect(entries).toHaveLength(3);
    expect(entries.every(({ counted }) => counted == null)).toBe(true);
    await ledger.close();
    expect(entries).toHaveLength(4);
    expect(entries[3]).toMatchObject({
      ...{ outcome: 'DENIED', faults: ['UNAUTHENTICATED'], workstation: '192.0.2.1', actor: null },
      // What callers wrote differs from one to the next, and is that of none of them.
      ...{ purpose: null, transactionId: null },
      operation: { name: 'POST /oauth/token' },
      counted: { attempts: 9_997, sources: 1 },
    });
    const { first, last } = entries[3]!.counted!;
    expect(first > entries[2]!.at && first < last && last <= entries[3]!.at).toBe(true);
    expect(told()).toBe(10_000);
  });

  it.each<[string, (n: number) => Partial<RequestRecord>]>([
    ['whatever their headers say', (n) => ({ purpose: `purpose ${n}`, transactionId: `${n}`, requestId: `${n}` })],
    ['of ever other codes', (n) => ({ faults: ['SIGN_IN_REFUSED', `REASON_${n}`] })],
    ['at ever other routes', (n) => ({ operationName: `GET /log/export/${n}` })],
    ['from all addresses of one IPv6 network', (n) => ({ workstation: `2001:db8::${(n % 65_536).toString(16)}` })],
  ])('%s are a handful of entries', async (_what, over) => {
    const { ledger, entries, told } = openLog();
    await inAll(times(5_000, (n) => ledger.write(record(over(n)))));
    await ledger.close();
    expect(entries.length).toBeLessThan(25);
    expect(told()).toBe(5_000);
  });

  it('that is a person are counted as that person’s, and only what was refused before it was looked at', async () => {
    const { ledger, entries, told } = openLog();
    const viewer = aViewer();
    const refused = { viewer, operationName: null, faults: ['MALFORMED_REQUEST'] };
    await inAll(times(500, (n) => ledger.write(record({ ...refused, text: `{ ${n} `, hash: hashOf(`${n}`) }))));
    const footprint = { use: 'READ', fields: ['Query.x'], audited: true, sealing: false, ownSession: false } as const;
    const disclosed = { footprint, criterion: () => [], named: new Map(), hasData: false };
    await inAll(times(100, () => ledger.write(record({ viewer, disclosed, faults: ['FORBIDDEN_FIELD'] }))));
    await ledger.close();
    expect(told()).toBe(600);
    const counts = entries.filter(({ counted }) => counted);
    expect(counts).toMatchObject([{ actor: viewer.actor, session: viewer.session, counted: { attempts: 480 } }]);
    // Of texts that differ it says the hash of none.
    expect(counts[0]!.operation.hash).toBe(hashOf(''));
    expect(entries.filter(({ faults }) => faults[0] === 'FORBIDDEN_FIELD')).toHaveLength(100);
  });

  it('under a seal are counted under it, and change nothing in what is told outside of it', async () => {
    const seal = (always: boolean) => ({ always, compartments: ['placement'], singleCases: [] });
    const asked = async (withSealed: boolean) => {
      const { ledger, entries, log } = openLog();
      const open = aViewer();
      for (let n = 0; n < 300; n += 1) {
        await ledger.write(record({ viewer: open, faults: [`CODE_${n % 12}`] }));
        if (withSealed)
          await ledger.write(record({ viewer: { ...open, seal: seal(true) }, faults: [`CODE_${n % 20}`] }));
      }
      log.time = Date.parse('2026-11-25T10:00:00Z');
      await ledger.close();
      const timeless = ({ id: _id, at: _at, counted, ...rest }: AppendedEntry) => ({ ...rest, of: counted?.attempts });
      return entries.filter(({ sealedBy }) => sealedBy.length === 0).map(timeless);
    };
    expect(await asked(true)).toEqual(await asked(false));
  });
});

describe('rejections of very many sources', () => {
  it('are bounded in all, and one count tells of those that are too many', async () => {
    const { ledger, entries, told, bytes } = openLog();
    await inAll(
      times(20_000, (n) => ledger.write(record({ workstation: `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}` }))),
    );
    await inAll(
      times(20_000, (n) => ledger.write(record({ workstation: `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}` }))),
    );
    await ledger.close();
    expect(told()).toBe(40_000);
    expect(entries.length).toBeLessThan(600);
    expect(bytes()).toBeLessThan(1_000_000);
    expect(entries.find(({ counted }) => (counted?.sources ?? 0) > 1_000)).toMatchObject({
      ...{ workstation: null, operation: { name: null } },
    });
  });

  it('that are persons are never lumped together', async () => {
    const { ledger, entries, told } = openLog();
    const person = (n: number) => aViewer({ actor: { kind: 'Employee', id: `employee ${n}` } });
    for (let n = 0; n < 3_000; n += 1) await ledger.write(record({ viewer: person(n) }));
    await ledger.close();
    expect(told()).toBe(3_000);
    expect(new Set(entries.map(({ actor }) => actor?.id)).size).toBe(3_000);
  });
});

describe('an interval', () => {
  it('ends with the count, goes on with the next, and who was quiet begins anew', async () => {
    const { ledger, entries, told } = openLog(40);
    const until = async (holds: () => boolean) => {
      for (const end = Date.now() + 20_000; !holds() && Date.now() < end; )
        await new Promise((done) => setTimeout(done, 5));
      expect(holds()).toBe(true);
    };
    let sent = 0;
    const send = async (count: number) => {
      await inAll(times(count, () => ledger.write(record())));
      sent += count;
    };
    await send(10);
    await until(() => told() === sent);
    const before = entries.length;
    await send(1);
    await until(() => told() === sent);
    expect(entries.length).toBe(before + 1);
    // Quiet for an interval: then the first one stands for itself again, at once.
    await until(() => true);
    await new Promise((done) => setTimeout(done, 400));
    await send(1);
    expect(told()).toBe(sent);
    expect(entries.at(-1)!.counted ?? null).toBeNull();
    await ledger.close();
  });

  it('in which the log is down loses nothing, and until it is back nobody is answered by a count', async () => {
    const { ledger, log, told } = openLog(20);
    await inAll(times(50, () => ledger.write(record())));
    log.down = true;
    // Counted until it is known that the log is down; then each has to be written before its answer leaves.
    let counted = 50;
    for (const end = Date.now() + 20_000; Date.now() < end; counted += 1) {
      const failed = await ledger.write(record()).catch((error: Error) => error);
      if (failed) break;
      await new Promise((done) => setTimeout(done, 2));
    }
    await expect(ledger.write(record())).rejects.toThrow('the log is down');
    log.down = false;
    for (const end = Date.now() + 20_000; told() < counted && Date.now() < end; )
      await new Promise((done) => setTimeout(done, 5));
    expect(told()).toBe(counted);
    await ledger.close();
  });

  it('is over when the process ends in order, and what comes after that is written one by one', async () => {
    const { ledger, entries, told } = openLog(3_600_000);
    await inAll(times(30, () => ledger.write(record())));
    await ledger.close();
    expect([entries.length, told()]).toEqual([4, 30]);
    await inAll(times(5, () => ledger.write(record())));
    expect([entries.length, told()]).toEqual([9, 35]);
  });
});

describe('the queue for the log', () => {
  it('takes those who are known first, leaves a part of each turn to the others, and never fills up with them', () => {
    const waiting = openTwoLineQueue<string>({ known: 1_000, unknown: 20 });
    const took = times(30, (n) => waiting.push(`stranger ${n}`, false));
    expect(took.filter(Boolean)).toHaveLength(20);
    for (let n = 0; n < 30; n += 1) expect(waiting.push(`known ${n}`, true)).toBe(true);
    const first = waiting.take(20);
    expect(first.slice(0, 18)).toEqual(times(18, (n) => `known ${n}`));
    expect(first.slice(18)).toEqual(['stranger 0', 'stranger 1']);
    expect(waiting.take(100)).toHaveLength(30);
    expect(waiting.length).toBe(0);
  });

  it('has an answer’s entry in the next call, however many strangers came before', async () => {
    const calls: AppendedEntry[][] = [];
    const gates: (() => void)[] = [];
    const open = () => {
      for (const go of gates.splice(0)) go();
    };
    const ledger = openLogClient(
      async (_name, body) => {
        const { entries } = body as Append;
        calls.push([...entries]);
        await new Promise<void>((go) => gates.push(go));
        return { appended: entries.length, refused: [] };
      },
      { municipality: '0999', newId: randomUUID, interval: Number.POSITIVE_INFINITY, now: () => new Date() },
    );
    // Of ever other sources, so that each is an entry of its own.
    const writes = times(250, (n) => ledger.write(record({ workstation: `10.0.0.${n}` })));
    await new Promise((done) => setImmediate(done));
    await new Promise((done) => setImmediate(done));
    const later = times(40, (n) => ledger.write(record({ workstation: `10.0.0.${n}` })));
    const honest = ledger.write(record({ viewer: aViewer() }));
    open();
    for (const end = Date.now() + 20_000; calls.length < 3 && Date.now() < end; )
      await new Promise((done) => setTimeout(done, 2));
    expect(strangersEntry(calls[2]![0]!)).toBe(false);
    const opening = setInterval(open, 2);
    await inAll([...writes, ...later, honest]);
    clearInterval(opening);
  });
});

describe('a text in the log', () => {
  const operation = 'query Q($cpr: CPR!) {\n  citizen(cpr: $cpr) { name }\n}';
  it('of a usual length is kept as it was, comments and all', () => {
    const text = `# what for\n${operation}`;
    expect(keptText(text, hashOf(text))).toBe(text);
  });

  it.each([
    ['a comment of 88 kB', (n: number) => `# ${'x'.repeat(88_000)}${n}\n${operation}`],
    ['ten thousand short comments', (n: number) => `${'# a comment\n'.repeat(8_000)}# ${n}\n${operation}`],
    ['88 kB of blanks and commas', (n: number) => `${' ,\n'.repeat(29_000)}${' '.repeat(n)}${operation}`],
  ])('with %s keeps what GraphQL reads of it, once', (_what, make) => {
    const kept = [1, 2, 3].map((n) => keptText(make(n), hashOf(make(n))));
    expect(new Set(kept).size).toBe(1);
    expect(kept[0]).toBe('query Q($cpr:CPR!){citizen(cpr:$cpr){name}}');
  });

  it.each([
    ['a literal of 88 kB', `{ citizens(filter: { nameContains: "${'y'.repeat(88_000)}" }) { totalCount } }`],
    ['hundreds of fields', `{ viewer { ${times(3_000, (n) => `a${n}: __typename`).join(' ')} } }`],
    ['what is no GraphQL at all', `"${'z'.repeat(88_000)}`],
  ])('with %s is cut in its middle', (_what, text) => {
    const kept = keptText(text, hashOf(text));
    expect(kept.length).toBeLessThanOrEqual(longestKept);
    expect(kept).toMatch(/# … \d+ characters are left out …/);
    expect(kept.slice(0, 20)).toBe(text.replace(/[\s,]+(?=\{)|(?<=[{:])\s+/g, '').slice(0, 20));
  });
});

describe('through the whole', () => {
  let world: World;
  const openFlooded = (countInterval: number) =>
    openWorld({ shielded: true, trustedProxies: ['127.0.0.1'], now: () => new Date(), countInterval });
  beforeAll(async () => {
    world = await openFlooded(Number.POSITIVE_INFINITY);
  });
  afterAll(() => world.close());
  let begun: Date;
  let before: number;
  const rows = async () =>
    world.database.sql<{ leaf: any; bytes: number }>(
      'SELECT leaf::json AS leaf, pg_column_size(e.*) AS bytes FROM audit.entry e WHERE at >= $1',
      [begun],
    );
  beforeEach(async () => {
    begun = new Date();
    [{ count: before }] = (await world.database.sql<{ count: number }>('SELECT count(*)::int FROM audit.entry')) as [
      { count: number },
    ];
  });
  afterEach(() => expect(before).toBeGreaterThan(0));

  const from = (n: number) => ({ 'x-forwarded-for': `198.51.100.${n}`, 'x-purpose': 'p'.repeat(500) });
  const graphql = (n: number, headers: object = {}) =>
    world.post('/graphql', { query: '{ viewer { __typename } }' }, { ...from(n), ...headers });
  const routes: [string, number, (n: number) => Promise<Response>][] = [
    ['/graphql by nobody', 401, (n) => graphql(n)],
    ['/graphql with a token that nobody has', 401, (n) => graphql(n, { authorization: `Bearer ${'a'.repeat(43)}` })],
    ['an export', 401, (n) => fetch(`${world.url}/log/export/${'a'.repeat(43)}`, { headers: from(n) })],
    [
      'a token for a client',
      401,
      (n) =>
        fetch(`${world.url}/oauth/token`, {
          method: 'POST',
          headers: { ...from(n), 'content-type': 'application/x-www-form-urlencoded' },
          body: 'grant_type=client_credentials',
        }),
    ],
    ['the sign-in of the demo', 400, (n) => world.post('/demo/sign-in', { person: 'nobody' }, from(n))],
    ['signing out', 400, (n) => world.post('/sign-out', '{', from(n))],
    [
      'a room that is called directly',
      401,
      () =>
        fetch(`${world.origins.get('cases')}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{}',
        }),
    ],
  ];
  const each = 60;

  it('a flood at every route from four addresses is some entries, and all of it is told: in the log, its answers and its exports', async () => {
    for (const [what, status, ask] of routes)
      for (let n = 0; n < each; n += 1) {
        const response = await ask(n % 4);
        await response.text();
        expect([what, response.status]).toEqual([what, status]);
      }
    const flood = await rows();
    // Seven routes, four addresses, three of each at first.
    expect(flood.length).toBeLessThanOrEqual(routes.length * 4 * 3);
    const { body } = await world.ask('security-officer', '{ checkpoint { keys } }');
    const keys = body.data.checkpoint.keys.map(trustedKey);
    // Ends in order: what was counted is written, by the gateway and by the rooms.
    await world.gateway.close();
    for (const [name, room] of world.rooms) if (name !== 'audit') await room.close();
    const all = await rows();
    expect(all.length - flood.length).toBeLessThanOrEqual(routes.length * 4 + 1);
    const told = all.reduce(
      (sum, { leaf }) => sum + (leaf.outcome === 'ANSWERED' ? 0 : (leaf.counted?.attempts ?? 1)),
      0,
    );
    expect(told).toBe(routes.length * each);
    const verdicts = await asOwner(world.database.url, 'audit', (query) =>
      verify(readArchive(query, { beside: true }), { keys, retained: new Map(), now: new Date() }),
    );
    expect(verdicts.filter(({ ok }) => !ok)).toEqual([]);
    const counted = all.reduce((sum, { leaf }) => sum + (leaf.counted?.attempts ?? 0), 0);
    expect(verdicts.flatMap(({ says }) => says).join()).toContain(`${counted} rejections counted`);
    await world.rooms.get('audit')!.close();
    await world.database.drop();
    world = await openFlooded(2_000);
  });

  it('and is read as such: by whom, from where, how many', async () => {
    const ask = (query: string, variables: object = {}) => world.ask('security-officer', query, variables);
    for (let n = 0; n < 40; n += 1) await (await graphql(7)).text();
    const [start, deadline] = [new Date(Date.now() - 3_600_000).toISOString(), Date.now() + 30_000];
    const sources = async () =>
      (
        await ask(
          `query ($from: DateTime) { rejectedSources(from: $from) { workstation attempts first last faults } }`,
          { from: start },
        )
      ).body.data.rejectedSources.find(({ workstation }: any) => workstation === '198.51.100.7');
    let source = await sources();
    while (source.attempts < 40 && Date.now() < deadline) {
      await new Promise((done) => setTimeout(done, 50));
      source = await sources();
    }
    expect(source).toMatchObject({ attempts: 40, faults: ['UNAUTHENTICATED'] });
    expect(source.first <= source.last).toBe(true);

    const query = `{ rejectedAttempts(strangers: true, first: 20) {
      nodes { workstation counted { attempts first last sources } } } }`;
    const { nodes } = (await ask(query)).body.data.rejectedAttempts;
    const ours = nodes.filter((node: any) => node.workstation === '198.51.100.7');
    const sumOf = (counts: (number | undefined)[]) => counts.reduce<number>((sum, one) => sum + (one ?? 0), 0);
    const counted = sumOf(ours.map((node: any) => node.counted?.attempts));
    expect(counted).toBeGreaterThan(0);
    expect(counted + ours.filter((node: any) => node.counted === null).length).toBe(40);

    for (const [format, says] of [
      ['NDJSON', (line: any) => line.counted?.attempts],
      ['OCSF', (line: any) => line.count],
      [
        'FHIR',
        (line: any) => {
          const details = (line.entity ?? []).flatMap(({ detail = [] }: any) => detail);
          return Number(details.find(({ type }: any) => type === 'attempts')?.valueString ?? 0);
        },
      ],
    ] as const) {
      const { path } = (await ask(`{ auditExport(format: ${format}) { path } }`)).body.data.auditExport;
      const headers = { authorization: `Bearer ${await world.tokenOf('security-officer')}` };
      const text = await (await fetch(`${world.url}${path}`, { headers })).text();
      const lines = text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect([format, sumOf(lines.map(says))]).toEqual([format, counted]);
    }
    const { path } = (await ask('{ auditExport(format: CSV) { path } }')).body.data.auditExport;
    const headers = { authorization: `Bearer ${await world.tokenOf('security-officer')}` };
    const csv = await (await fetch(`${world.url}${path}`, { headers })).text();
    expect(csv.split('\r\n')[0]!.endsWith(',attempts,attempts_first,attempts_last,attempts_sources')).toBe(true);
  });

  it('a citizen who sends another comment of 88 kB each time adds little, and the hash is that of the whole', async () => {
    const texts = times(
      12,
      (n) => `# ${'c'.repeat(88_000)} ${n}\nquery Mine { viewer { __typename person { ... on Citizen { name } } } }`,
    );
    for (const text of texts) expect((await world.ask('citizen', text)).body.errors).toBeUndefined();
    const kept = await world.database.sql<{ definition: string }>(
      `SELECT definition FROM audit.operation WHERE definition LIKE '%query Mine%'`,
    );
    expect(kept).toHaveLength(1);
    expect(kept[0]!.definition.length).toBeLessThan(1_000);
    const hashes = (await rows()).map(({ leaf }) => leaf.operation.hash);
    for (const text of texts) expect(hashes).toContain(hashOf(text));
  });
});

describe('the audit room', () => {
  it('is told what an edge counted, as it was', () => {
    const counted = { attempts: 5, first: '2026-11-25T09:00:00.000Z', last: '2026-11-25T09:00:01.000Z', sources: 2 };
    expect(packed([aLogEntry({ outcome: 'DENIED', counted })]).entries[0]).toMatchObject({ counted });
  });
});
