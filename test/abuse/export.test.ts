/** The log handed over: to whom it belongs and nobody else, never before it is logged, and never more of it in memory than a page. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { makeAuditRoom } from '../../subgraphs/audit/index.js';
import { idFor } from '../../subgraphs/demo/random.js';
import { type FaultCode, faultBody } from '../../subgraphs/protocol/faults.js';
import { type LogEntry, packed } from '../../subgraphs/protocol/log-entry.js';
import { csvOf, drawn, fetchAs, linesOf, ticketFor } from '../support/export.js';
import { likeAnyOther, openWorld, type World } from '../support/world.js';
import { expectAlive } from './attack.js';

/** As in production: a ticket that nobody can guess. */
const { ticket: _, ...withChance } = likeAnyOther;
const audit = makeAuditRoom(withChance);
/** What happens to entries before the room takes them. */
let gate: () => Promise<void> = async () => {};
const gated = {
  ...audit,
  internal: {
    ...audit.internal,
    append: async (services: any, body: any) => {
      await gate();
      return audit.internal!.append!(services, body);
    },
  },
};

let world: World;
beforeAll(async () => {
  world = await openWorld({ shielded: true, rooms: { audit: gated } });
});
afterAll(() => world?.close());
afterEach(() => {
  gate = async () => {};
});

const anEntry = (index: number, over: Partial<LogEntry> = {}): LogEntry => ({
  id: `00000000-0000-4000-9000-${index.toString(16).padStart(12, '0')}`,
  at: new Date(Date.parse('2026-11-01T00:00:00Z') + index).toISOString(),
  municipality: '0999',
  session: 'a session',
  actor: { kind: 'Employee', id: idFor('employee/guidance-worker') },
  subject: { kind: 'Employee', id: idFor('employee/guidance-worker') },
  organisation: idFor('organisation/citizen-service'),
  ...{ right: 'CITIZEN_SERVICE', use: 'SEARCH', outcome: 'ANSWERED' },
  operation: {
    hash: 'f'.repeat(64),
    name: 'Flood',
    text: `query Flood { viewer { actor { __typename } } } # ${'x'.repeat(600)}`,
  },
  ...{
    fields: ['Citizen.name', 'Citizen.address', 'Query.citizen'],
    citizens: [idFor(`citizen/${index % 2_000}`)],
    cases: [],
  },
  criterion: [{ field: 'citizen', arguments: { cpr: '0201609995' } }],
  ...{ faults: [], purpose: null, workstation: null, transactionId: null, requestId: null, onBehalfOf: null },
  ...{ sealedBy: [], ...over },
});

/** What every entry of the flood has in common is one object, as at an edge. */
const fields = anEntry(0).fields;
async function flood(to: World, from: number, count: number): Promise<void> {
  for (let start = from; start < from + count; start += 500) {
    const entries = Array.from({ length: Math.min(500, from + count - start) }, (_, at) =>
      anEntry(start + at, { fields }),
    );
    expect(await to.rooms.get('audit')!.internal('append', packed(entries))).toMatchObject({ refused: [] });
  }
}

/** A client that reads when it is told to. */
interface Reader {
  readonly response: IncomingMessage;
  read(): Promise<{ text: string; whole: boolean }>;
}
async function slowly(person: string, path: string): Promise<Reader> {
  const token = await world.tokenOf(person);
  const response = await new Promise<IncomingMessage>((resolve, reject) =>
    httpRequest(`${world.url}${path}`, { headers: { authorization: `Bearer ${token}` } }, resolve)
      .on('error', reject)
      .end(),
  );
  response.pause();
  return {
    response,
    read: () =>
      new Promise((resolve) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', () => {});
        response.on('close', () => resolve({ text: Buffer.concat(chunks).toString(), whole: response.complete }));
        response.resume();
      }),
  };
}

const refusedWith = async (response: Response, status: number, code: FaultCode) => {
  expect([response.status, await response.json()]).toEqual([status, faultBody(code)]);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('content-disposition')).toBeNull();
};
const pagesLogged = async (): Promise<number> =>
  (
    await world.database.sql<{ n: number }>(
      "SELECT count(*)::int AS n FROM audit.entry WHERE operation_name = 'ExportLog' AND outcome = 'ANSWERED'",
    )
  )[0]!.n;
/** The entries of the flood. */
const flooded = { from: '2026-11-01T00:00:00.000Z', to: '2026-11-01T00:01:00.000Z' };

async function until(fits: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 10_000; !(await fits()) && Date.now() < end; ) await wait(20);
}

describe('a ticket', () => {
  it('is asked for by readers of the log only', async () => {
    for (const person of ['manager', 'administrator', 'citizen', 'guidance-worker', 'case-system']) {
      const { body } = await world.ask(person, '{ auditExport(format: CSV) { path } }');
      expect([person, body.data, body.errors![0]!.extensions.code]).toEqual([
        person,
        { auditExport: null },
        'FORBIDDEN_FIELD',
      ]);
    }
  });

  it('opens nothing without a session, or with one that is none', async () => {
    const { path } = await ticketFor(world, 'security-officer', 'NDJSON');
    await refusedWith(await fetch(`${world.url}${path}`), 401, 'UNAUTHENTICATED');
    const headers = { authorization: `Bearer ${'A'.repeat(43)}` };
    await refusedWith(await fetch(`${world.url}${path}`, { headers }), 401, 'UNAUTHENTICATED');
  });

  it('of somebody else looks like one that never was: to readers of the log and to others', async () => {
    const { path } = await ticketFor(world, 'security-officer', 'NDJSON');
    for (const person of ['cleared-security-officer', 'manager', 'citizen', 'case-system']) {
      await refusedWith(await fetchAs(world, person, path), 404, 'NOT_FOUND');
      await refusedWith(await fetchAs(world, person, `/log/export/${'A'.repeat(43)}`), 404, 'NOT_FOUND');
    }
    expect((await fetchAs(world, 'security-officer', path)).status).toBe(200);
  });

  it('is of no use in another municipality, nor to somebody who reads the log no more', async () => {
    const { path } = await ticketFor(world, 'security-officer', 'NDJSON');
    const ticket = path.split('/').at(-1)!;
    const viewer = (await world.gateway.sessions.viewerOf(await world.tokenOf('security-officer')))!;
    const redeemed = (over: object) =>
      world.rooms.get('audit')!.internal('export-ticket', { viewer: { ...viewer, ...over }, ticket });
    expect(await redeemed({})).toEqual({ format: 'NDJSON', filter: {} });
    expect(await redeemed({ municipality: '0101' })).toEqual({});
    expect(await redeemed({ scopes: ['citizen:read'] })).toEqual({});
    expect(await redeemed({ actor: { kind: 'Citizen', id: viewer.actor.id } })).toEqual({});
  });

  it('that has expired is none, and is removed when the next is issued', async () => {
    const { path } = await ticketFor(world, 'security-officer', 'NDJSON');
    await world.database.sql("UPDATE audit.export_ticket SET expires_at = expires_at - interval '5 minutes'");
    await refusedWith(await fetchAs(world, 'security-officer', path), 404, 'NOT_FOUND');
    await ticketFor(world, 'cleared-security-officer', 'NDJSON');
    expect(await world.database.sql('SELECT count(*)::int AS n FROM audit.export_ticket')).toEqual([{ n: 1 }]);
  });

  it('cannot be guessed, and is kept nowhere but with its holder: not in the database, not in the log', async () => {
    const tickets = new Set<string>();
    for (let run = 0; run < 20; run += 1)
      tickets.add((await ticketFor(world, 'security-officer', 'NDJSON')).path.slice('/log/export/'.length));
    expect(tickets.size).toBe(20);
    for (const ticket of tickets) expect(Buffer.from(ticket, 'base64url')).toHaveLength(32);
    const [ticket] = tickets;
    await drawn(world, 'security-officer', 'NDJSON', flooded);
    const stored = await world.database.sql<{ row: string }>(
      'SELECT to_json(t)::text AS row FROM audit.export_ticket t UNION ALL SELECT leaf FROM audit.entry',
    );
    expect(stored.some(({ row }) => row.includes(ticket!))).toBe(false);
  });

  it.each([
    ['a traversal', '/log/export/..%2f..%2fgraphql'],
    ['SQL', `/log/export/${encodeURIComponent("' OR true --")}`],
    ['nothing', '/log/export/'],
    ['too long', `/log/export/${'A'.repeat(90)}`],
  ])('that is %s is none, and a guess is in the log as a failed extract', async (_what, path) => {
    const response = await fetchAs(world, 'security-officer', path);
    expect(response.status).toBe(404);
    expect(((await response.json()) as any).errors[0].extensions.code).toBe('NOT_FOUND');
    await refusedWith(await fetchAs(world, 'guidance-worker', `/log/export/${'B'.repeat(43)}`), 404, 'NOT_FOUND');
    const { body } = await world.ask(
      'security-officer',
      '{ rejectedAttempts(first: 1) { nodes { use outcome faults operation { name text } actor { ... on Employee { id } } } } }',
    );
    expect(body.data.rejectedAttempts.nodes[0]).toEqual({
      ...{ use: 'EXTRACT', outcome: 'FAILED', faults: ['NOT_FOUND'] },
      operation: { name: 'ExportLog', text: null },
      actor: { id: idFor('employee/guidance-worker') },
    });
  });

  it('is not drawn by HEAD, nor by POST; and a page of another site learns nothing from the address', async () => {
    const { path } = await ticketFor(world, 'security-officer', 'NDJSON');
    for (const method of ['HEAD', 'POST', 'OPTIONS'])
      expect([method, (await fetchAs(world, 'security-officer', path, { method })).status]).toEqual([method, 404]);
    const response = await fetchAs(world, 'security-officer', path);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'content-disposition': expect.stringMatching(/^attachment;/),
    });
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    await response.body!.cancel();
  });

  it('works with the cookie that a browser brings', async () => {
    const { path } = await ticketFor(world, 'security-officer', 'CSV', flooded);
    const cookie = `sluse_session=${await world.tokenOf('security-officer')}`;
    expect((await fetch(`${world.url}${path}`, { headers: { cookie } })).status).toBe(200);
  });
});

describe('a cell', () => {
  it('of a spreadsheet is never a formula, whatever a caller sent, signed in or not', async () => {
    const evil = ['=HYPERLINK("http://x")', '+1', '-1', '@SUM(A1)', 'a;=1+1', '\t=1', '"=1"', 'x;"=1+1;y', 'x;""+1'];
    const entries = evil.map((text, index) =>
      anEntry(9_000_000 + index, {
        ...{ purpose: text, requestId: text, workstation: text },
        operation: { hash: text, name: text, text: `"""\n=1+1\n""" query` },
        criterion: text,
      }),
    );
    const strangers = evil.map((text, index) =>
      anEntry(9_100_000 + index, {
        ...{
          actor: null,
          subject: null,
          session: null,
          outcome: 'DENIED',
          use: 'READ',
          right: null,
          organisation: null,
        },
        ...{ transactionId: text, citizens: [], fields: [], criterion: null, faults: ['UNAUTHENTICATED'] },
        operation: { hash: 'f', name: null, text: null },
      }),
    );
    await world.rooms.get('audit')!.internal('append', packed([...entries, ...strangers]));
    const filter = { from: entries[0]!.at, to: '2026-11-02T00:00:00Z' };
    const { text } = await drawn(world, 'security-officer', 'CSV', filter);
    const rows = csvOf(text.slice(1));
    expect(rows.length).toBeGreaterThanOrEqual(2 * evil.length + 1);
    for (const row of rows)
      for (const cell of row) {
        expect(cell).not.toMatch(/^[=+\-@\t\r]/);
        expect(cell).not.toMatch(/[;\r\n][=+\-@\t]/);
      }
    // Nor for a reader who takes `;` for what parts the cells, and the quotes that follow one for those around a cell.
    expect(text).not.toMatch(/[;\r\n]"*[=+\-@\t]/);
    const lines = linesOf((await drawn(world, 'security-officer', 'NDJSON', filter)).text);
    for (const one of evil) {
      expect(lines.some(({ purpose }) => purpose === one)).toBe(true);
      expect(lines.some(({ transactionId }) => transactionId === one)).toBe(true);
    }
  });
});

describe('a download', () => {
  beforeAll(() => flood(world, 0, 12_000));

  it('sends no byte of a page before that page is in the log', async () => {
    let held: (() => void)[] = [];
    const { path } = await ticketFor(world, 'security-officer', 'NDJSON', flooded);
    const before = await pagesLogged();
    gate = () => new Promise((resolve) => held.push(resolve));
    let response: Response | undefined;
    const responding = fetchAs(world, 'security-officer', path).then((given) => (response = given));
    await until(() => held.length === 1);
    await wait(200);
    // Not even the headers.
    expect([response, held.length, await pagesLogged()]).toEqual([undefined, 1, before]);
    for (const release of held.splice(0)) release();
    const reader = (await responding).body!.getReader();
    let received = 0;
    const reading = (async () => {
      for (;;) {
        const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
        if (done) return;
        received += Buffer.from(value!).toString().split('\n').length - 1;
      }
    })();
    await until(() => held.length === 1);
    await wait(200);
    expect([received, held.length, await pagesLogged()]).toEqual([500, 1, before + 1]);
    for (const release of held.splice(0)) release();
    await until(() => held.length === 1);
    await wait(200);
    expect([received, held.length, await pagesLogged()]).toEqual([1_000, 1, before + 2]);
    gate = async () => {};
    await reader.cancel();
    for (const release of held.splice(0)) release();
    held = [];
    await reading;
  });

  it('ends without a further entry when the log cannot be written: NDJSON says so, the others break', async () => {
    for (const format of ['NDJSON', 'CSV', 'FHIR', 'OCSF'] as const) {
      const { path } = await ticketFor(world, 'security-officer', format, flooded);
      let pages = 0;
      gate = async () => {
        pages += 1;
        if (pages > 3) throw new Error('the disk is full');
      };
      const { text, whole } = await (await slowly('security-officer', path)).read();
      gate = async () => {};
      const lines = text.trimEnd().split(format === 'CSV' ? '\r\n' : '\n');
      expect([format, whole]).toEqual([format, format === 'NDJSON']);
      expect([format, lines.length]).toEqual([format, format === 'NDJSON' || format === 'CSV' ? 1_501 : 1_500]);
      if (format === 'NDJSON')
        expect(JSON.parse(lines.at(-1)!)).toEqual({ incomplete: true, reason: 'AUDIT_UNAVAILABLE' });
    }
  });

  it('is withheld with 503 when not even its first page can be logged', async () => {
    const { path } = await ticketFor(world, 'security-officer', 'CSV', flooded);
    gate = async () => {
      throw new Error('the disk is full');
    };
    const response = await fetchAs(world, 'security-officer', path);
    expect(response.headers.get('retry-after')).toBe('1');
    await refusedWith(response, 503, 'AUDIT_UNAVAILABLE');
    await refusedWith(await fetchAs(world, 'security-officer', `${path.slice(0, -1)}_`), 503, 'AUDIT_UNAVAILABLE');
  });

  it('ends when the session does: what has left has left, and the last line says that the rest is missing', async () => {
    const other = await openSession('security-officer');
    const response = await fetch(
      `${world.url}${(await ticketFor(world, 'security-officer', 'NDJSON', flooded)).path}`,
      {
        headers: { authorization: `Bearer ${other}` },
      },
    );
    const reader = response.body!.getReader();
    let text = '';
    let pages = 0;
    const read = (async () => {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        text += Buffer.from(value).toString();
      }
    })();
    // Slows the pages down, so that the session ends between two.
    gate = async () => {
      pages += 1;
      if (pages === 3) await world.gateway.sessions.close(other);
    };
    await read;
    const lines = linesOf(text);
    expect(lines.at(-1)).toEqual({ incomplete: true, reason: 'UNAUTHENTICATED' });
    expect(lines.length).toBeLessThanOrEqual(5 * 500);
    expect(lines.length).toBeGreaterThan(500);
  });

  it('waits for a client that does not read: nothing more is fetched, and so nothing more is kept', async () => {
    const before = await pagesLogged();
    const reader = await slowly(
      'security-officer',
      (await ticketFor(world, 'security-officer', 'NDJSON', flooded)).path,
    );
    let fetched = -1;
    for (let now = 0; now !== fetched; now = (await pagesLogged()) - before) {
      fetched = now;
      await wait(1_500);
    }
    await wait(1_000);
    expect((await pagesLogged()) - before).toBe(fetched);
    // What the system keeps for a socket, and one page.
    expect(fetched).toBeLessThan(16);
    const { text, whole } = await reader.read();
    expect([whole, linesOf(text).length]).toEqual([true, 12_000]);
    expect((await pagesLogged()) - before).toBe(25);
  }, 30_000);

  it('ends when the client goes away', async () => {
    const before = await pagesLogged();
    const reader = await slowly(
      'security-officer',
      (await ticketFor(world, 'security-officer', 'NDJSON', flooded)).path,
    );
    await wait(500);
    reader.response.destroy();
    await wait(500);
    const fetched = await pagesLogged();
    await wait(700);
    expect(await pagesLogged()).toBe(fetched);
    expect(fetched - before).toBeLessThan(20);
    await expectAlive(world);
  });

  it('runs at most twice at once in a session: the third is 429, and may come when one has ended', async () => {
    const path = (await ticketFor(world, 'security-officer', 'NDJSON', flooded)).path;
    const running = [await slowly('security-officer', path), await slowly('security-officer', path)];
    const third = await fetchAs(world, 'security-officer', path);
    expect(third.headers.get('retry-after')).toBe('1');
    await refusedWith(third, 429, 'TOO_MANY_REQUESTS');
    running[0]!.response.destroy();
    await wait(500);
    const again = await slowly('security-officer', path);
    expect(again.response.statusCode).toBe(200);
    for (const one of [running[1]!, again]) one.response.destroy();
    await wait(500);
  });
});

async function openSession(person: string): Promise<string> {
  const viewer = (await world.gateway.sessions.viewerOf(await world.tokenOf(person)))!;
  return (await world.gateway.sessions.open(viewer.subject)).token;
}
