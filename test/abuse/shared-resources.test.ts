/**
 * What is bounded and shared must not be used more because a hidden row exists: whoever comes after would be told by what is left.
 * Counted here, in the world with the shielded cases and in the one without (docs/threat-model.md, "Shared resources").
 */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { openSubgraphTransport } from '../../src/subgraph-client/subgraph-transport.js';
import { openLogClient } from '../../subgraphs/edge/log-client.js';
import { entriesOf, type RequestRecord } from '../../subgraphs/edge/request-record.js';
import type { Append } from '../../subgraphs/protocol/log-entry.js';
import { sealBy, type Viewer, viewerSigner, viewerVerifier } from '../../subgraphs/protocol/viewer.js';
import { openWorld, type World } from '../support/world.js';

let world: World;
let other: World;
const both = () => [world, other] as const;
beforeAll(async () => {
  [world, other] = await Promise.all([openWorld({ shielded: true }), openWorld({ shielded: false })]);
});
afterAll(() => Promise.all([world?.close(), other?.close()]));

const cpr = '0201609995';
const nobody: Viewer = {
  session: randomUUID(),
  municipality: '0999',
  subject: { kind: 'Employee', id: randomUUID() },
  actor: { kind: 'Employee', id: randomUUID() },
  organisation: null,
  right: null,
  actingFor: null,
  powerOfAttorney: null,
  scopes: [],
  clearance: [],
  seal: sealBy([]),
  authenticatedAt: 0,
  assurance: 'High',
};
const clearance = {
  compartment: '0999.MUNICIPALITY.PLACEMENT',
  level: 'DOCUMENTS',
  operations: ['SEARCH'],
  shielded: true,
} as const;
const secretary: Viewer = { ...nobody, session: randomUUID(), clearance: [clearance], seal: sealBy([clearance]) };

interface Sent {
  readonly database: string;
  readonly role: string;
  readonly name: string | null;
  readonly text: string;
}
/** Every statement that anything here sends with parameters, and the name under which its connection keeps it. */
const sent: Sent[] = [];
const { query } = pg.Client.prototype;
beforeAll(() => {
  pg.Client.prototype.query = function (this: pg.Client, config: any, ...rest: unknown[]) {
    if (typeof config?.text === 'string')
      sent.push({ database: this.database!, role: this.user!, name: config.name ?? null, text: config.text });
    return (query as any).call(this, config, ...rest);
  } as typeof query;
});
afterAll(() => {
  pg.Client.prototype.query = query;
});
const statementsOf = (one: World, room: string) =>
  sent.filter(({ database, role }) => database === one.database.name && role.endsWith(room));
/** Names in use at a room, and for which text. */
const namesOf = (one: World, room: string): Record<string, string> =>
  Object.fromEntries(
    statementsOf(one, room).flatMap(({ name, text }) => (name === null ? [] : [[name, text] as const])),
  );
/** What viewers run: what else is named is the room's own work, of which the clock decides some. */
const viewers = (one: World, room: string) =>
  Object.entries(namesOf(one, room)).filter(([name]) => name.startsWith('viewer '));

/** Shapes that meet more where a case is found: its parties and their names, its handler, its documents. */
const shapes = Array.from({ length: 12 }, (_, n) => {
  const page = `documents(first: ${n + 1}${n % 3 === 0 ? ', after: "WyJSRUNPUkRFRF9BVCIsIjIwMjYtMDEtMDFUMDA6MDA6MDAuMDAwWiIsIjAwMDAwMDAwLTAwMDAtNDAwMC04MDAwLTAwMDAwMDAwMDAwMCJd"' : ''})`;
  return `{ citizen(cpr: "${cpr}") { cases(first: 20) { nodes { id parties { role citizen { id ${n % 2 ? 'address { street }' : 'name relatives { kind }'} } } handler { id name } ${page} { ${n % 2 ? 'totalCount' : ''} nodes { title } } } } } }`;
});
/** One that nobody asked before, of somebody who is not cleared. */
const later = `{ citizen(cpr: "${cpr}") { cases(first: 3, orderBy: TITLE_ASC) { nodes { id parties { role } documents { nodes { id } } } } } employees(first: 2) { nodes { id name } } }`;

describe('names of prepared statements', () => {
  it("after a cleared person's work are those of before, and what comes later is named alike in both worlds", async () => {
    const before = both().map((one) => viewers(one, 'cases'));
    const counts = await Promise.all(
      both().map(async (one) => {
        for (const shape of shapes) {
          const { body } = await one.ask('placement-secretary', shape);
          expect(body.errors).toBeUndefined();
          // In one world there is a case to be found, and more is asked of the database for it.
          expect(body.data.citizen.cases.nodes).toHaveLength(one === world ? 1 : 0);
        }
        return statementsOf(one, 'cases').length;
      }),
    );
    expect(counts[0]).toBeGreaterThan(counts[1]!);
    expect(both().map((one) => viewers(one, 'cases'))).toEqual(before);

    for (const one of both()) expect((await one.ask('housing-caseworker', later)).body.data.citizen).not.toBeNull();
    for (const room of ['cases', 'identity', 'smdb']) {
      const [here, there] = both().map((one) => viewers(one, room));
      // Which of two statements that run at once is named first is the clock's to say.
      const parts = (named: typeof here) => [
        named!.map(([name]) => name).sort(),
        named!.map(([, text]) => text).sort(),
      ];
      expect(parts(here)).toEqual(parts(there));
      expect(JSON.stringify(here)).not.toMatch(/every_|shielded_(case|party|document)/);
    }
    expect(viewers(world, 'cases').length).toBeGreaterThan(before[0]!.length);
  });

  it('are none for a cleared viewer, but for what everybody runs first', async () => {
    const text = `SELECT 'of a cleared viewer' AS said`;
    await world.databases.get('cases')!.asViewer(secretary, (tx) => tx.rows(text));
    await world.databases.get('cases')!.asViewer(nobody, (tx) => tx.rows(text));
    expect(
      statementsOf(world, 'cases')
        .filter((one) => one.text === text)
        .map(({ name }) => name),
    ).toEqual([null, expect.stringMatching(/^viewer \d+$/)]);
  });

  it('of the room itself are fewer than there is room for: no text of a task varies', async () => {
    for (const room of ['identity', 'audit', 'cases']) {
      const names = Object.keys(namesOf(world, room)).filter((name) => name.startsWith('task '));
      expect(names.length).toBeGreaterThan(0);
      expect(names.length).toBeLessThan(100);
    }
  });
});

describe('connections', () => {
  it('to PostgreSQL of cleared viewers are no others’, and leave these what they had', async () => {
    const database = world.databases.get('cases')!;
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const pidOf = (viewer: Viewer, until: Promise<void>) =>
      database.asViewer(viewer, async (tx) => {
        const [row] = await tx.rows<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        await until;
        return row!.pid;
      });
    // More than there are connections of either kind: the rest waits in line.
    const waiting = Array.from({ length: 12 }, () => pidOf(secretary, held));
    const free = await Promise.all([pidOf(nobody, Promise.resolve()), pidOf(nobody, Promise.resolve())]);
    release();
    const pids = new Set(await Promise.all(waiting));
    expect(pids.size).toBeLessThanOrEqual(4);
    expect(free.filter((pid) => pids.has(pid))).toEqual([]);
  });

  it('from the gateway to a room neither', async () => {
    const { createServer } = await import('node:http');
    const sockets = new Map<unknown, string>();
    const server = createServer((request, response) => {
      sockets.set(request.socket, String(request.headers.authorization));
      request.resume().on('end', () => setTimeout(() => response.end('{"data":{}}'), 50));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const url = new URL(`http://127.0.0.1:${(server.address() as { port: number }).port}/graphql`);
    const wire = openSubgraphTransport();
    try {
      const call = (token: string, apart: boolean) => wire.call(url, token, '{}', wire.operation(5_000, apart));
      await Promise.all(Array.from({ length: 40 }, () => call('cleared', true)));
      const used = sockets.size;
      await Promise.all(Array.from({ length: 40 }, () => call('other', false)));
      expect([used, sockets.size]).toEqual([16, 56]);
    } finally {
      await wire.close();
      server.close();
    }
  });
});

describe('the log', () => {
  const trailOf = (viewer: Viewer): RequestRecord => ({
    viewer,
    text: '{ a }',
    hash: null,
    operationName: null,
    disclosed: null,
    faults: ['BAD_USER_INPUT'],
    workstation: null,
    purpose: null,
    transactionId: null,
    requestId: null,
    onBehalfOf: null,
  });
  const options = { municipality: '0999', now: () => new Date(), newId: randomUUID };

  it('of ordinary entries does not wait in line behind sealed ones', async () => {
    const always: Viewer = {
      ...secretary,
      seal: { compartments: [clearance.compartment], always: true, singleCases: [] },
    };
    expect(entriesOf(trailOf(always), options)[0]!.sealedBy).toEqual([clearance.compartment]);
    // A room that takes no sealed entry for as long as this lasts.
    const ledger = openLogClient(async (_name, body) => {
      const { entries } = body as unknown as Append;
      if (entries.some(({ sealedBy }) => sealedBy.length > 0)) return new Promise(() => {});
      return { appended: entries.length, refused: [] };
    }, options);
    for (let count = 0; count < 2_000; count += 1) void ledger.write(trailOf(always)).catch(() => {});
    await new Promise((later) => setImmediate(later));
    await expect(ledger.write(trailOf(nobody))).resolves.toBeUndefined();
  });

  it('is answered for by the room while a sealed log is locked', async () => {
    const name = 'query Sealed { cases(first: 1) { nodes { id } } }';
    await world.ask('placement-secretary', name);
    const owner = new pg.Client({ connectionString: world.database.url });
    await owner.connect();
    try {
      await owner.query('BEGIN; SELECT FROM audit.sealed_log FOR UPDATE');
      const stuck = Promise.all(Array.from({ length: 24 }, () => world.ask('placement-secretary', name)));
      for (let count = 0; count < 5; count += 1) {
        const { status } = await world.ask('guidance-worker', `{ citizen(cpr: "${cpr}") { id } }`);
        expect(status).toBe(200);
      }
      const [waits] = await world.database.sql<{ n: number }>(
        `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      expect(waits!.n).toBeGreaterThan(0);
      await owner.query('ROLLBACK');
      expect((await stuck).map(({ status }) => status)).toEqual(Array(24).fill(200));
    } finally {
      await owner.end();
    }
  });
});

describe('what is kept in memory', () => {
  it('of tokens of cleared viewers pushes none of others out', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const [signer, verifier] = [viewerSigner(privateKey), viewerVerifier(publicKey)];
    const [token, verified] = await (async () => {
      const signed = await signer.sign(nobody, 'cases');
      return [signed, await verifier.verify(signed, 'cases')] as const;
    })();
    for (let count = 0; count < 5_100; count += 1) {
      const one = { ...secretary, session: String(count) };
      await verifier.verify(await signer.sign(one, 'cases'), 'cases');
    }
    // The very same object: neither was signed or verified again.
    expect(await verifier.verify(token, 'cases')).toBe(verified);
    expect(await signer.sign(nobody, 'cases')).toBe(token);
  }, 120_000);
});

describe('sequences and locks', () => {
  const schemas = `('identity', 'cases', 'smdb', 'audit')`;
  it('there is no sequence, whose gaps would count what is hidden', async () => {
    const found = await world.database.sql(
      `SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'S' AND nspname IN ${schemas}`,
    );
    expect(found).toEqual([]);
  });

  it('an ordinary case is entered while every shielded row, and every series of their numbers, is locked', async () => {
    const citizen = (await world.ask('housing-caseworker', `{ citizen(cpr: "${cpr}") { id } }`)).body.data.citizen.id;
    const owner = new pg.Client({ connectionString: world.database.url });
    await owner.connect();
    try {
      await owner.query(`BEGIN; SELECT FROM cases.shielded_case FOR UPDATE; SELECT FROM cases.shielded_party FOR UPDATE;
        SELECT FROM cases.number_series WHERE compartment NOT LIKE '%HOUSING_BENEFIT' FOR UPDATE`);
      const { body } = await world.ask(
        'housing-caseworker',
        `mutation ($citizen: ID!) { enterCase(input: { category: HOUSING_BENEFIT, kle: "32.03.12", title: "A case", parties: [{ citizen: $citizen, role: PRIMARY }] }) { id } }`,
        { citizen },
      );
      expect(body.data.enterCase.id).toEqual(expect.any(String));
    } finally {
      await owner.query('ROLLBACK');
      await owner.end();
    }
  });
});
