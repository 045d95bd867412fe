/** Promises and denials of the log: nothing is lost on its way in, and nobody learns from it what they may not know. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { audit, checkDurability, makeAuditRoom } from '../../subgraphs/audit/index.js';
import { openGroupCommit } from '../../subgraphs/audit/ingest/group-commit.js';
import { openWriter } from '../../subgraphs/audit/ingest/log-router.js';
import { makeLoaders } from '../../subgraphs/audit/loaders.js';
import { definitionOf, type StorableEntry } from '../../subgraphs/audit/tree/leaf.js';
import { makeLog } from '../../subgraphs/demo/log.js';
import { citizenId, demoNow, employeeId, makeCitizens, makeEmployees } from '../../subgraphs/demo/people.js';
import { idFor } from '../../subgraphs/demo/random.js';
import { roomSchema } from '../../subgraphs/kit/room-schema.js';
import { type Database, openDatabase } from '../../subgraphs/postgres/database.js';
import { roleOf, roomUrl } from '../../subgraphs/postgres/migrate.js';
import { cursorPosition, encodeCursor, malformedCursor } from '../../subgraphs/protocol/connection.js';
import { Fault, faults } from '../../subgraphs/protocol/faults.js';
import { type Append, type LogEntry, packed } from '../../subgraphs/protocol/log-entry.js';
import { storableCriterion } from '../../subgraphs/protocol/text.js';
import type { Viewer } from '../../subgraphs/protocol/viewer.js';
import { type TestDatabase, testSecret } from '../support/database.js';
import { aLogEntry } from '../support/entry.js';
import { aViewer, openRoom, type RoomUnderTest } from '../support/room.js';
import { likeAnyOther } from '../support/world.js';

const fraud = '0999.MUNICIPALITY.SOCIAL_FRAUD';
const placement = '0999.MUNICIPALITY.PLACEMENT';

const officer = aViewer({ right: 'SECURITY_OFFICER', scopes: ['citizen:read', 'audit:read'] });
const officerClearedFor = (...compartments: string[]) =>
  aViewer({
    ...officer,
    clearance: compartments.map((compartment) => ({
      compartment,
      level: 'EXISTENCE',
      operations: ['SEARCH'],
      shielded: true,
    })),
  });
const theCitizen = (id: string, over: Partial<Viewer> = {}) =>
  aViewer({
    subject: { kind: 'Citizen', id },
    actor: { kind: 'Citizen', id },
    right: null,
    scopes: ['citizen:self', 'case:read'],
    ...over,
  });

const guide = { kind: 'Employee', id: employeeId('guidance-worker') } as const;
const anEntry = (over: Partial<LogEntry> = {}): LogEntry =>
  aLogEntry({
    session: 'a session',
    actor: guide,
    subject: guide,
    organisation: idFor('organisation/housing'),
    operation: { hash: 'hash of A', name: 'A', text: 'query A { viewer { actor { __typename } } }' },
    purpose: 'a purpose',
    ...over,
  });

const entriesQuery = `query ($filter: AuditEntryFilter, $first: Int, $after: String) {
  auditEntries(filter: $filter, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor }
    nodes {
      id at use outcome right fields faults criterion purpose workstation transactionId requestId onBehalfOf organisation { id }
      operation { hash name text } citizens { id } cases { id }
      actor { __typename ... on Employee { id } ... on Citizen { id } ... on SystemClient { id } }
      subject { __typename ... on Employee { id } ... on Citizen { id } }
    }
  }
}`;
const rejectedQuery = `{ rejectedAttempts(first: 500) {
  totalCount pageInfo { hasNextPage endCursor }
  nodes { id at outcome faults operation { name text } actor { __typename ... on Employee { id } } }
} }`;
const accessQuery = `query ($of: [_Any!]!, $first: Int, $after: String) { _entities(representations: $of) { ... on Citizen {
  id accessLog(first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } edges { cursor }
    nodes { at use purpose organisation { id } employee { id } }
  }
} } }`;
const citizens = (...ids: string[]) => ids.map((id) => ({ __typename: 'Citizen', id }));

const rooms: RoomUnderTest[] = [];
async function room(prepare?: (database: TestDatabase) => Promise<void>, of = audit): Promise<RoomUnderTest> {
  const opened = await openRoom(of, prepare);
  rooms.push(opened);
  return opened;
}
/** Rooms that a test opened go with it: each holds connections. */
let before = 0;
beforeEach(() => {
  before = rooms.length;
});
afterEach(() => closeDownTo(before));
afterAll(() => closeDownTo(0));
async function closeDownTo(count: number) {
  while (rooms.length > count) await rooms.pop()!.close();
}

const append = async (to: RoomUnderTest, ...entries: LogEntry[]) =>
  expect(await to.internal('append', packed(entries))).toEqual({ appended: entries.length, refused: [] });
const entries = async (from: RoomUnderTest, viewer: Viewer, filter: object = {}, page: object = { first: 500 }) => {
  const { data, errors } = await from.ask(viewer, entriesQuery, { filter, ...page });
  expect(errors).toBeUndefined();
  return data.auditEntries;
};
const idsOf = (list: { nodes: { id: string }[] }) => list.nodes.map(({ id }) => id);
const accessLog = async (from: RoomUnderTest, viewer: Viewer, citizen: string, page: object = {}) => {
  const { data, errors } = await from.ask(viewer, accessQuery, { of: citizens(citizen), ...page });
  expect(errors).toBeUndefined();
  return data._entities[0].accessLog;
};
/** A connection as the room's own login role. */
async function asRole<T>(database: TestDatabase, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: roomUrl(database.url, roleOf(database.name, 'audit'), testSecret),
  });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
const roleDatabase = (database: TestDatabase): Database =>
  openDatabase(roomUrl(database.url, roleOf(database.name, 'audit'), testSecret));

describe('the way in', () => {
  let log: RoomUnderTest;
  beforeAll(async () => {
    log = await room();
  });

  it('an entry that was acknowledged is committed, and read back in full', async () => {
    const citizen = randomUUID();
    const entry = anEntry({
      citizens: [citizen],
      cases: [randomUUID()],
      criterion: [{ field: 'citizen', arguments: { cpr: '0201609995' } }],
      outcome: 'PARTLY_DENIED',
      faults: ['FORBIDDEN_FIELD'],
      workstation: 'KB-101',
      transactionId: 'a transaction',
      requestId: 'a request',
      onBehalfOf: 'a user',
    });
    await append(log, entry);
    const { nodes, totalCount } = await entries(log, officer, { citizen });
    expect(totalCount).toBe(1);
    const person = { __typename: 'Employee', id: entry.actor?.id };
    expect(nodes[0]).toEqual({
      id: entry.id,
      at: entry.at,
      use: 'SEARCH',
      outcome: 'PARTLY_DENIED',
      right: 'CASEWORKER',
      fields: ['Query.viewer'],
      faults: ['FORBIDDEN_FIELD'],
      criterion: entry.criterion,
      purpose: 'a purpose',
      workstation: 'KB-101',
      transactionId: 'a transaction',
      requestId: 'a request',
      onBehalfOf: 'a user',
      organisation: { id: entry.organisation },
      operation: entry.operation,
      citizens: [{ id: citizen }],
      cases: [{ id: entry.cases[0] }],
      actor: person,
      subject: person,
    });
  });

  it.each([
    ['ordinary', []],
    ['sealed', [fraud]],
  ])('appending an %s entry twice keeps it once, as it was first', async (_kind, sealedBy) => {
    const citizen = randomUUID();
    const entry = anEntry({ citizens: [citizen, citizen], sealedBy });
    await append(log, entry, entry);
    await append(log, { ...entry, purpose: 'another', citizens: [citizen, randomUUID()] });
    const found = await entries(log, officerClearedFor(fraud), { citizen });
    expect(found).toMatchObject({ totalCount: 1, nodes: [{ id: entry.id, purpose: 'a purpose' }] });
    const [{ count }] = (await log.database.sql(
      `SELECT (SELECT count(*) FROM audit.entry_citizen WHERE entry = $1)
            + (SELECT count(*) FROM audit.sealed_entry_citizen WHERE entry = $1) AS count`,
      [entry.id],
    )) as [{ count: string }];
    expect(Number(count)).toBe(1);
  });

  it.each(['length', 'map', '__proto__', 'at', '0', 0.5, -1, 2, null])(
    'an entry whose definition is %j is refused alone',
    async (definition) => {
      const { operations, entries: packedEntries } = packed([anEntry(), anEntry()]) as { [Name in keyof Append]: any };
      packedEntries[1].operation.definition = definition;
      expect(await log.internal('append', { operations, entries: packedEntries })).toEqual({
        appended: 1,
        refused: [{ index: 1, reason: 'operation.definition: expected a place in `operations`' }],
      });
    },
  );

  it.each([
    '2026-02-30T00:00:00.000Z',
    '2026-10-01T24:00:00.000Z',
    '2026-13-01T00:00:00.000Z',
    '2026-10-01T::::::::.000Z',
  ])('an entry of %s, which no clock shows, is refused alone', async (at) => {
    expect(await log.internal('append', packed([anEntry({ at }), anEntry()]))).toEqual({
      appended: 1,
      refused: [{ index: 0, reason: 'at: expected a time such as 2026-11-25T09:00:00.000Z, from 1970 on' }],
    });
  });

  it('an entry is found by a UUID that an edge wrote in upper case; any other id stays as it is', async () => {
    const [citizen, aCase, person, principal, organisation] = Array.from({ length: 5 }, () => randomUUID());
    const upper = (id: string | undefined) => id!.toUpperCase();
    const actor = { kind: 'Employee', id: upper(person) } as const;
    const entry = anEntry({
      ...{ actor, subject: actor, citizens: [upper(citizen), 'A Citizen'], cases: [upper(aCase), 'A Case'] },
      ...{ actingFor: upper(principal), organisation: upper(organisation) },
    });
    await append(log, entry);
    for (const filter of [{ citizen }, { case: aCase }, { actor: person }, { actingFor: principal }])
      expect([filter, idsOf(await entries(log, officer, filter))]).toEqual([filter, [entry.id]]);
    for (const filter of [{ citizen: 'A Citizen' }, { case: 'A Case' }])
      expect([filter, idsOf(await entries(log, officer, filter))]).toEqual([filter, [entry.id]]);
    const { nodes } = await entries(log, officer, { citizen });
    expect(nodes[0]).toMatchObject({
      ...{ citizens: [{ id: citizen }, { id: 'A Citizen' }], cases: [{ id: aCase }, { id: 'A Case' }] },
      ...{ organisation: { id: organisation }, subject: { id: person } },
    });
  });

  it('no character, length or depth that a caller can send keeps an attempt out of the log', async () => {
    const citizen = randomUUID();
    const bad = 'a\0b\ud800c';
    const good = 'a\ufffdb\ufffdc';
    let deep: unknown = 'core';
    for (let level = 0; level < 1_000; level++) deep = [deep];
    const texts = {
      purpose: bad,
      workstation: bad,
      transactionId: bad.repeat(1_000),
      operation: { hash: 'h', name: bad, text: null },
      fields: [bad],
      citizens: [citizen, bad, 'no uuid'],
      cases: ['no uuid either'],
    };
    const criteria = [{ [bad]: bad, kept: '\\u0000' }, { big: 'æ'.repeat(30_000) }, deep];
    await append(log, ...criteria.map((criterion) => anEntry({ ...texts, criterion })));
    const { nodes } = await entries(log, officer, { citizen });
    expect(nodes).toHaveLength(3);
    for (const node of nodes) {
      expect(node).toMatchObject({ purpose: good, workstation: good, fields: [good], operation: { name: good } });
      expect(node.transactionId).toHaveLength(200);
      expect(node.citizens.map(({ id }: { id: string }) => id)).toEqual([citizen, good, 'no uuid']);
    }
    const kept = nodes.map(({ criterion }: { criterion: unknown }) => criterion);
    expect(kept).toContainEqual({ [good]: good, kept: '\\u0000' });
    expect(kept).toContainEqual({
      truncated: true,
      bytes: 60_010,
      start: expect.stringMatching(/^\{"big":"æ+$/),
    });
    expect(kept).toContainEqual({
      truncated: true,
      bytes: 2_006,
      start: `${'['.repeat(1_000)}"core"${']'.repeat(994)}`,
    });
    expect((await entries(log, officer, { operation: bad })).totalCount).toBe(3);
  });

  it('a criterion nested too deeply to be written down is marked rather than failing its entry', () => {
    let deep: unknown = 'core';
    for (let level = 0; level < 100_000; level++) deep = [deep];
    expect(storableCriterion(deep)).toEqual({ truncated: true });
  });

  it.each<[string, object]>([
    ['id: expected a UUID', { id: 'no uuid' }],
    ['at: expected a time such as 2026-11-25T09:00:00.000Z, from 1970 on', { at: 'yesterday' }],
    ['at: expected a time such as 2026-11-25T09:00:00.000Z, from 1970 on', { at: '0000-01-01T00:00:00.000Z' }],
    ['municipality: expected 4 digits', { municipality: '999' }],
    ['use: expected SEARCH, READ, ENTER, CHANGE, DELETE, EXTRACT', { use: 'GUESS' }],
    ['outcome: expected BEGUN, ANSWERED, PARTLY_DENIED, DENIED, FAILED, MADE, NOT_MADE', { outcome: 'MAYBE' }],
    ['actor.kind: expected Citizen, Employee, SystemClient', { actor: { kind: 'Ghost', id: 'x' } }],
    ['sealedBy: expected ids of compartments', { sealedBy: ['{},"'] }],
    ['purpose: expected text of at most 500 characters, without NUL or a lone surrogate', { purpose: 'a\0b' }],
    ['purpose: expected text of at most 500 characters, without NUL or a lone surrogate', { purpose: 'a\ud800b' }],
    ['purpose: expected text of at most 500 characters, without NUL or a lone surrogate', { purpose: 'x'.repeat(501) }],
    ['citizens: expected text of at most 200 characters, without NUL or a lone surrogate', { citizens: ['\0'] }],
    ['cases: expected a list of at most 20000', { cases: Array(20_001).fill('x') }],
    ['criterion: expected JSON of at most 20000 bytes, without NUL or a lone surrogate', { criterion: ['a\0b'] }],
    [
      'criterion: expected JSON of at most 20000 bytes, without NUL or a lone surrogate',
      { criterion: 'x'.repeat(30_000) },
    ],
    ['operation.definition: expected a place in `operations`', { operation: { hash: 'h', name: null, definition: 7 } }],
    ['operation: expected an object', { operation: null }],
  ])('an entry that no edge makes is refused alone, and told why: %s', async (reason, flaw) => {
    const citizen = randomUUID();
    const { operations, entries: sent } = packed([
      anEntry({ citizens: [citizen] }),
      anEntry(),
      anEntry({ citizens: [citizen] }),
    ]);
    const body = { operations, entries: [sent[0], { ...sent[1], ...flaw }, sent[2]] };
    expect(await log.internal('append', body)).toEqual({ appended: 2, refused: [{ index: 1, reason }] });
    expect((await entries(log, officer, { citizen })).totalCount).toBe(2);
  });

  it.each([[null], [[]], [{ entries: [] }], [{ operations: {}, entries: [] }]])(
    'what is no list of entries is refused as a whole: %j',
    async (body) => {
      expect(await log.internal('append', body as unknown as Append)).toEqual({
        errors: [{ message: faults.BAD_USER_INPUT.message, extensions: { code: 'BAD_USER_INPUT' } }],
      });
    },
  );

  it('nobody appends without the gateway’s own token', async () => {
    const response = await log.post('/internal/append', packed([anEntry()]));
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({
      errors: [{ message: faults.UNAUTHENTICATED.message, extensions: { code: 'UNAUTHENTICATED' } }],
    });
  });

  it('what cannot be written is answered with AUDIT_UNAVAILABLE, and can be appended later', async () => {
    const role = roleOf(log.database.name, 'audit');
    const entry = anEntry({ citizens: [randomUUID()] });
    await log.database.sql(`REVOKE INSERT ON audit.entry FROM ${role}`);
    expect(await log.internal('append', packed([entry]))).toEqual({
      errors: [{ message: faults.AUDIT_UNAVAILABLE.message, extensions: { code: 'AUDIT_UNAVAILABLE' } }],
    });
    await log.database.sql(`GRANT INSERT ON audit.entry TO ${role}`);
    await append(log, entry);
    expect((await entries(log, officer, { citizen: entry.citizens[0] })).totalCount).toBe(1);
  });

  it('not even the room itself can change or delete an entry, append as a viewer, or put a sealed one with the others', async () => {
    await append(log, anEntry(), anEntry({ sealedBy: [fraud] }));
    await asRole(log.database, async (client) => {
      for (const table of [
        'entry',
        'sealed_entry',
        'entry_citizen',
        'sealed_entry_citizen',
        'entry_mention',
        'operation',
        'checkpoint',
        'subtree',
      ]) {
        const denied = { code: '42501', message: `permission denied for table ${table}` };
        await expect(client.query(`UPDATE ${table} SET municipality = '0101'`)).rejects.toMatchObject(denied);
        await expect(client.query(`DELETE FROM ${table}`)).rejects.toMatchObject(denied);
        await expect(client.query(`TRUNCATE ${table}`)).rejects.toMatchObject(denied);
      }
    });
    const { rows } = await asRole(log.database, (client) => client.query('SELECT FROM entry'));
    expect(rows).toEqual([]);
    const [{ name: of }] = (await log.database.sql(`SELECT name FROM audit.log WHERE municipality = '0999'`)) as [
      { name: string },
    ];
    const insert = (
      sealed: string,
    ) => `INSERT INTO entry (municipality, log, seq, id, at, use, outcome, operation_hash, leaf)
      VALUES ('0999', '${of}', 99999, gen_random_uuid(), now(), 'READ', 'ANSWERED', 'h', '{"salt":"","sealedBy":${sealed},"x":0}')`;
    const database = roleDatabase(log.database);
    await expect(database.asViewer(officer, (tx) => tx.rows(insert('[]')), 'write')).rejects.toMatchObject({
      code: '42501',
      message: 'new row violates row-level security policy for table "entry"',
    });
    await expect(database.asTask('append', '0101', (tx) => tx.rows(insert('[]')))).rejects.toMatchObject({
      code: '42501',
      message: 'new row violates row-level security policy for table "entry"',
    });
    await expect(database.asTask('append', '0999', (tx) => tx.rows(insert('["a"]')))).rejects.toMatchObject({
      code: '23514',
      message: expect.stringMatching(
        /^new row for relation "entry_0999_\d{4}_\d\d" violates check constraint "entry_leaf_check"$/,
      ),
    });
    await database.close();
  });

  it('a database that would lose a committed entry in a power cut is called by name', async () => {
    const database = roleDatabase(log.database);
    expect(await database.asTask('durability', '0999', checkDurability)).toEqual([]);
    await database.close();
    await log.database.sql(`ALTER ROLE ${roleOf(log.database.name, 'audit')} SET synchronous_commit = off`);
    const careless = roleDatabase(log.database);
    expect(await careless.asTask('durability', '0999', checkDurability)).toEqual(['synchronous_commit = off']);
    await careless.close();
    await log.database.sql(`ALTER ROLE ${roleOf(log.database.name, 'audit')} RESET synchronous_commit`);
  });
});

describe('the queue', () => {
  type Line = { municipality: string; name: string };
  const line = (name: string, municipality = '0999') => ({ municipality, name });
  const laneOf = ({ municipality }: Line) => municipality;
  const unavailable = { code: 'AUDIT_UNAVAILABLE', message: faults.AUDIT_UNAVAILABLE.message };
  /** Writes that wait until they are let go. */
  function heldWrites() {
    const batches: string[][] = [];
    const letGo: (() => void)[] = [];
    return {
      batches,
      async release() {
        letGo.shift()?.();
        await new Promise((resolve) => setImmediate(resolve));
      },
      write: (_municipality: string, batch: readonly Line[]) => {
        batches.push(batch.map(({ name }) => name));
        return new Promise<void>((resolve) => letGo.push(resolve));
      },
    };
  }

  it('what queues while a flush is in flight goes as one flush, and nobody is answered before theirs is done', async () => {
    const { batches, release, write } = heldWrites();
    const ledger = openGroupCommit<Line>({ laneOf, write, onFailure: () => {} });
    const settled: string[] = [];
    const appends = ['a', 'b', 'c', 'd'].map((name) => ledger.append([line(name)]).then(() => settled.push(name)));
    expect(batches).toEqual([['a']]);
    await release();
    expect(settled).toEqual(['a']);
    expect(batches).toEqual([['a'], ['b', 'c', 'd']]);
    await release();
    await Promise.all(appends);
    expect(settled).toEqual(['a', 'b', 'c', 'd']);
  });

  it('one municipality never waits for the flush of another', async () => {
    const { batches, write } = heldWrites();
    const ledger = openGroupCommit<Line>({ laneOf, write, onFailure: () => {} });
    void ledger.append([line('a', '0999'), line('b', '0101'), line('c', '0999')]);
    expect(batches).toEqual([['a', 'c'], ['b']]);
  });

  it('a full queue refuses at once, and takes entries again when it has drained', async () => {
    const { batches, release, write } = heldWrites();
    const ledger = openGroupCommit<Line>({ laneOf, write, onFailure: () => {}, limit: 2 });
    const held = ledger.append([line('a'), line('b')]);
    await expect(ledger.append([line('c')])).rejects.toMatchObject(unavailable);
    await release();
    await held;
    void ledger.append([line('d'), line('e')]);
    expect(batches).toEqual([
      ['a', 'b'],
      ['d', 'e'],
    ]);
  });

  it('a flush holds as many entries as it can carry, and a heavy one goes alone rather than take others down', async () => {
    const { batches, release, write } = heldWrites();
    const weightOf = ({ name }: Line) => (name.startsWith('heavy') ? 15_000 : 1);
    const ledger = openGroupCommit<Line>({ laneOf, write, onFailure: () => {}, weightOf });
    const names = ['first', 'a', 'heavy 1', 'b', 'heavy 2', 'c', 'heavy 3', 'd'];
    const appends = names.map((name) => ledger.append([line(name)]));
    const together = ledger.append([line('heavy 4'), line('heavy 5')]);
    while (batches.flat().length < names.length + 2) await release();
    await release();
    await Promise.all([...appends, together]);
    expect(batches).toEqual([
      ['first'],
      ['a', 'heavy 1', 'b'],
      ['heavy 2', 'c'],
      ['heavy 3', 'd'],
      ['heavy 4', 'heavy 5'],
    ]);
  });

  it('a queue is full by what its entries hold, and what would never fit is taken when nobody waits', async () => {
    const { release, write } = heldWrites();
    const ledger = openGroupCommit<Line>({ laneOf, write, onFailure: () => {}, weightOf: () => 20_000 });
    const held = Array.from({ length: 10 }, () => ledger.append([line('a')]));
    await expect(ledger.append([line('b')])).rejects.toMatchObject(unavailable);
    for (let flushes = 0; flushes < 10; flushes += 1) await release();
    await Promise.all(held);
    const heavy = ledger.append(Array.from({ length: 11 }, () => line('c')));
    await expect(ledger.append([line('d')])).rejects.toMatchObject(unavailable);
    await release();
    await heavy;
  });

  it('an entry weighs what it names and what was searched for', async () => {
    const flushes: number[] = [];
    const log = await room();
    const { database } = log.services;
    const counting: Database = {
      ...database,
      async statement(sql, values) {
        if (sql.includes('append_entries')) flushes.push(String(values[3]).split(',').length);
        await database.statement(sql, values);
      },
    };
    const ledger = openWriter(
      { ...log.services, database: counting },
      { salt: () => 'salt', employeesShown: () => false },
    );
    const storable = (over: Partial<StorableEntry>): StorableEntry => ({
      ...anEntry(),
      ...{ operation: { hash: 'h', name: null, definition: definitionOf({ text: null, fields: [] }) } },
      ...{ criterion: null, searched: [] },
      ...over,
    });
    const many = (count: number) => Array.from({ length: count }, (_, index) => `value ${index}`);
    await Promise.all(
      [{}, { citizens: many(9_000) }, { cases: many(9_000) }, { searched: many(9_000) }, {}].map((over) =>
        ledger.append([storable(over)]),
      ),
    );
    expect(flushes).toEqual([1, 2, 2]);
  });

  it('a poison entry takes no other entry of its batch down', async () => {
    const written: string[] = [];
    const failures: unknown[] = [];
    const ledger = openGroupCommit<Line>({
      laneOf,
      write: async (_municipality, batch) => {
        if (batch.some(({ name }) => name === 'poison')) throw Object.assign(new Error('bad row'), { code: '22P02' });
        written.push(...batch.map(({ name }) => name));
      },
      onFailure: (error) => failures.push(error),
    });
    const outcomes = await Promise.allSettled(['first', 'a', 'poison', 'b'].map((name) => ledger.append([line(name)])));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect((outcomes[2] as PromiseRejectedResult).reason).toMatchObject(unavailable);
    expect((outcomes[2] as PromiseRejectedResult).reason).toBeInstanceOf(Fault);
    expect(written).toEqual(['first', 'a', 'b']);
    expect(failures).toHaveLength(2);
  });

  it('a database that went away is not asked again for every entry', async () => {
    let asked = 0;
    const ledger = openGroupCommit({
      laneOf,
      write: async () => {
        asked++;
        throw Object.assign(new Error('gone'), { code: '57P01' });
      },
      onFailure: () => {},
    });
    const outcomes = await Promise.allSettled(Array.from({ length: 500 }, () => ledger.append([line('a')])));
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    expect(asked).toBe(2);
  });

  it('five hundred entries at once are all there', async () => {
    const log = await room();
    const citizen = randomUUID();
    const made = Array.from({ length: 500 }, () => anEntry({ citizens: [citizen] }));
    await Promise.all(made.map((entry) => append(log, entry)));
    const found = await entries(log, officer, { citizen });
    expect(found.totalCount).toBe(500);
    expect(idsOf(found).sort()).toEqual(made.map(({ id }) => id).sort());
  });
});

describe('sealed entries', () => {
  const citizen = randomUUID();
  const aCase = randomUUID();
  const actor = { kind: 'Employee', id: randomUUID() } as const;
  const about = { citizens: [citizen], cases: [aCase], actor, subject: actor };
  const open = anEntry(about);
  const operation = { hash: 'sealed hash', name: 'Sealed', text: 'query Sealed { compartments { id } }' };
  const byFraud = anEntry({ ...about, operation, sealedBy: [fraud] });
  const byBoth = anEntry({ ...about, sealedBy: [fraud, placement] });
  const failed = anEntry({ ...about, outcome: 'FAILED', faults: ['DEPTH_LIMIT'], sealedBy: [fraud] });
  let log: RoomUnderTest;
  beforeAll(async () => {
    log = await room();
    await append(log, open, byFraud, byBoth, failed);
  });

  it.each([
    ['citizen', { citizen }],
    ['case', { case: aCase }],
    ['actor', { actor: actor.id }],
    ['time', { from: '2026-10-01T09:00:00Z', to: '2026-10-01T09:00:00.001Z' }],
    ['nothing', {}],
  ])(
    'are there for those cleared for every compartment that was searched, and for nobody else (by %s)',
    async (_by, filter) => {
      const seenBy = async (viewer: Viewer) => {
        const found = await entries(log, viewer, filter);
        expect(found.totalCount).toBe(found.nodes.length);
        return idsOf(found).sort();
      };
      expect(await seenBy(officer)).toEqual([open.id]);
      expect(await seenBy(officerClearedFor(placement))).toEqual([open.id]);
      expect(await seenBy(officerClearedFor(fraud))).toEqual([open.id, byFraud.id, failed.id].sort());
      expect(await seenBy(officerClearedFor(fraud, placement))).toEqual(
        [open.id, byFraud.id, byBoth.id, failed.id].sort(),
      );
    },
  );

  it('are not found by id, by operation name or by its hash', async () => {
    const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on AuditEntry { id } } }`;
    const of = [byFraud.id, open.id, randomUUID(), 'no uuid'].map((id) => ({ __typename: 'AuditEntry', id }));
    expect(await log.ask(officer, query, { of })).toEqual({ data: { _entities: [null, { id: open.id }, null, null] } });
    const { data } = await log.ask(officerClearedFor(fraud), query, { of });
    expect(data._entities).toEqual([{ id: byFraud.id }, { id: open.id }, null, null]);
    for (const operation of ['Sealed', 'sealed hash']) {
      expect((await entries(log, officer, { operation })).totalCount).toBe(0);
      expect(await entries(log, officerClearedFor(fraud), { operation })).toMatchObject({
        nodes: [{ operation: byFraud.operation }],
      });
    }
  });

  it('give no text away to an ordinary entry that came without one', async () => {
    const textless = anEntry({ citizens: [randomUUID()], operation: { ...operation, text: null } });
    await append(log, textless);
    const { nodes } = await entries(log, officerClearedFor(fraud, placement), { citizen: textless.citizens[0] });
    expect(nodes[0].operation).toEqual({ ...operation, text: null });
  });

  it('are in the rejected attempts of those cleared for them only', async () => {
    const seenBy = async (viewer: Viewer) => (await log.ask(viewer, rejectedQuery)).data.rejectedAttempts;
    expect(await seenBy(officer)).toMatchObject({ totalCount: 0, nodes: [] });
    expect(await seenBy(officerClearedFor(fraud))).toMatchObject({ totalCount: 1, nodes: [{ id: failed.id }] });
  });

  it('are in nobody’s access log, not even for a reader who is cleared for them', async () => {
    for (const viewer of [theCitizen(citizen), officer, officerClearedFor(fraud, placement)]) {
      const seen = await accessLog(log, viewer, citizen);
      expect(seen.totalCount).toBe(1);
      expect(seen.edges.map(({ cursor }: { cursor: string }) => cursorPosition(cursor))).toEqual([[open.at, open.id]]);
    }
  });

  it('lie in tables that statements for a reader without shielded clearance never name', async () => {
    const statementsFor = async (viewer: Viewer) => {
      const said: string[] = [];
      const transaction = {
        rows: async (sql: string) => {
          said.push(sql);
          return [];
        },
      };
      const recording = { asViewer: (_viewer: Viewer, work: any) => work(transaction) } as unknown as Database;
      const signer = { round: async () => {}, checkpointOf: async () => '' };
      const loaders = makeLoaders({ database: recording, now: () => new Date() }, viewer, signer, {});
      const paging = { size: 5, after: null, counted: true };
      await loaders.entries({ kind: 'SIGNED_IN', citizen, case: aCase }, paging);
      await loaders.entries({ kind: 'REJECTED' }, paging);
      await loaders.entry.load(open.id);
      await loaders.definition.load({ log: 'l', hash: 'h' });
      await loaders.rejectedSources({ from: '2026-01-01', to: '2027-01-01' }, 5);
      await loaders.logs();
      await loaders.checkpoint(null);
      await loaders.inclusion(open.id);
      await loaders.consistency(null, 0, 0);
      await loaders.accessLog.load({ citizen, paging });
      return said;
    };
    const said = await statementsFor(officer);
    expect(said).toHaveLength(13);
    expect(said.join()).not.toMatch(/sealed_(?!by)|every_/);
    const cleared = await statementsFor(officerClearedFor(fraud));
    expect(cleared.join()).toMatch(/every_entry/);
    expect(cleared.filter((sql) => sql.includes('entry_citizen a')).join()).not.toMatch(/sealed_(?!by)|every_/);
  });

  it('stay hidden by row-level security alone when a statement does name them', async () => {
    const database = roleDatabase(log.database);
    const count = (viewer: Viewer, relation: string) =>
      database
        .asViewer(viewer, (tx) => tx.rows<{ count: number }>(`SELECT count(*) AS count FROM ${relation}`))
        .then(([row]) => row?.count);
    for (const relation of ['sealed_entry', 'sealed_entry_citizen', 'sealed_entry_mention']) {
      expect(await count(officer, relation)).toBe(0);
      expect(await count(officerClearedFor(placement), relation)).toBe(0);
      expect(await count(theCitizen(citizen), relation)).toBe(0);
      expect(await count(officerClearedFor(fraud), relation)).toBe(2);
      expect(await count(officerClearedFor(fraud, placement), relation)).toBe(3);
      expect(await count({ ...officerClearedFor(fraud), scopes: [] }, relation)).toBe(0);
      expect(await count({ ...officerClearedFor(fraud), municipality: '0101' }, relation)).toBe(0);
    }
    expect(await count(officer, 'every_entry')).toBe(2);
    await database.close();
    await asRole(log.database, async (client) => {
      const { rows } = await client.query(
        'SELECT (SELECT count(*) FROM every_entry) + (SELECT count(*) FROM operation) AS count',
      );
      expect(rows).toEqual([{ count: '0' }]);
    });
  });
});

describe('two worlds', () => {
  const people = { citizens: makeCitizens(), employees: makeEmployees() };
  const ordinary = Array.from({ length: 900 }, (_, index) => ({
    id: idFor(`case/ordinary/${index}`),
    citizen: citizenId(index < 4 ? index % 2 : 2 + (index % 700)),
    compartment: `0999.MUNICIPALITY.${['HOUSING_BENEFIT', 'RELOCATION', 'CASH_BENEFIT', 'DRUG_TREATMENT'][index % 4]}`,
  }));
  const compartments = [
    '0999.MUNICIPALITY.CHILD_CONCERN',
    fraud,
    '0999.CHILDREN_AND_YOUTH_COMMITTEE.BOARD_MATTER',
    '0999.MUNICIPALITY.SSP',
  ];
  const shieldedCases = Array.from({ length: 80 }, (_, index) => ({
    id: idFor(`case/shielded/${index}`),
    citizen: citizenId(index < 3 ? 0 : 2 + index),
    compartment: compartments[index % 4]!,
  }));
  const world = async (
    shielded: boolean,
    of = makeAuditRoom(likeAnyOther),
    prepare?: (database: TestDatabase) => Promise<void>,
  ) => {
    const opened = await room(prepare, of);
    await append(opened, ...makeLog({ shielded, ...people, ordinary, shieldedCases }));
    return opened;
  };
  const officers = [officer, { ...officer, scopes: [] }, officerClearedFor('0999.MARRIAGE_AUTHORITY.BOARD_MATTER')];
  const questions: [Viewer, string, object][] = [
    ...officers.flatMap((viewer): [Viewer, string, object][] => [
      [viewer, entriesQuery, { first: 500 }],
      [viewer, entriesQuery, { first: 3, filter: { citizen: citizenId(0) } }],
      [viewer, entriesQuery, { filter: { case: shieldedCases[0]!.id } }],
      [viewer, entriesQuery, { filter: { actor: employeeId('fraud-investigator') } }],
      [viewer, entriesQuery, { filter: { operation: 'OpenCase', uses: ['READ'] } }],
      [viewer, rejectedQuery, {}],
      [viewer, accessQuery, { of: citizens(...people.citizens.slice(0, 90).map(({ id }) => id)), first: 2 }],
    ]),
    [theCitizen(citizenId(0)), accessQuery, { of: citizens(citizenId(0), citizenId(1)) }],
    [theCitizen(citizenId(0)), entriesQuery, {}],
    [aViewer({ scopes: ['citizen:read'] }), accessQuery, { of: citizens(citizenId(0)) }],
  ];
  const answers = async (from: RoomUnderTest) => {
    const given: string[] = [];
    for (const [viewer, query, variables] of questions)
      given.push(JSON.stringify(await from.ask(viewer, query, variables)));
    return given;
  };
  let shieldedWorld: RoomUnderTest;
  let withoutCases: string[];
  beforeAll(async () => {
    shieldedWorld = await world(true);
    withoutCases = await answers(await world(false));
  });

  it('no reader who is not cleared can tell the world with sealed entries from the one without', async () => {
    expect(withoutCases.join()).not.toContain('"errors"');
    expect(await answers(shieldedWorld)).toEqual(withoutCases);
  });

  it('and this test can fail: with both walls down it does', async () => {
    const leaky = await world(
      true,
      makeAuditRoom({ ...likeAnyOther, disabled: { withoutSealFilter: true } }),
      async (database) => {
        await database.sql(`
        CREATE VIEW audit.leaky_entry AS
          SELECT municipality, log, seq, id, at, actor_id, use, outcome, operation_hash, operation_name, leaf FROM audit.entry
          UNION ALL
          SELECT municipality, log, seq, id, at, actor_id, use, outcome, operation_hash, operation_name, leaf FROM audit.sealed_entry;
        CREATE VIEW audit.leaky_entry_citizen AS
          SELECT municipality, log, citizen, at, entry, organisation, use, purpose, employee, shown FROM audit.entry_citizen
          UNION ALL SELECT c.municipality, c.log, c.citizen, c.at, c.entry, e.organisation, e.use, e.purpose, NULL, true
          FROM audit.sealed_entry_citizen c JOIN audit.sealed_entry_details e ON e.municipality = c.municipality AND e.id = c.entry;
        GRANT SELECT ON audit.leaky_entry, audit.leaky_entry_citizen TO ${roleOf(database.name, 'audit')}`);
      },
    );
    const leaked = await answers(leaky);
    expect(leaked[0]).not.toBe(withoutCases[0]);
    expect(leaked[1]).not.toBe(withoutCases[1]);
    expect(leaked[6]).not.toBe(withoutCases[6]);
  });

  it('the demo’s log has what its people expect to find', async () => {
    const everything = await entries(
      shieldedWorld,
      officerClearedFor(...compartments, placement, '0999.MUNICIPALITY.FAMILY_RESIDENCE'),
    );
    expect(everything.totalCount).toBe(1_800 + 150 + 6);
    expect(await entries(shieldedWorld, officer)).toMatchObject({ totalCount: 1_806 });
    expect(await accessLog(shieldedWorld, theCitizen(citizenId(0)), citizenId(0))).toMatchObject({ totalCount: 6 });
    expect(await accessLog(shieldedWorld, theCitizen(citizenId(1)), citizenId(1))).toMatchObject({ totalCount: 3 });
    const { data } = await shieldedWorld.ask(officer, rejectedQuery);
    expect(data.rejectedAttempts.totalCount).toBe(10);
    const kept = demoNow.getTime() - 153 * 24 * 60 * 60 * 1000;
    for (const { at, operation } of everything.nodes) {
      expect(Date.parse(at)).toBeGreaterThan(kept);
      expect(Date.parse(at)).toBeLessThan(demoNow.getTime());
      expect(operation.text).toContain(operation.name);
    }
  });
});

describe('reading', () => {
  const citizen = randomUUID();
  const other = randomUUID();
  const self = { kind: 'Citizen', id: citizen } as const;
  const helper = { kind: 'Citizen', id: other } as const;
  // Two to each moment, so that the id decides.
  const shown = Array.from({ length: 7 }, (_, index) =>
    anEntry({ at: `2026-10-01T09:00:0${Math.floor(index / 2)}.000Z`, citizens: [citizen] }),
  );
  const own = anEntry({ actor: self, subject: self, citizens: [citizen, other] });
  const onBehalf = anEntry({ at: '2026-10-02T00:00:00.000Z', actor: helper, subject: self, citizens: [citizen] });
  const denied = anEntry({ outcome: 'DENIED', citizens: [citizen], faults: ['FORBIDDEN'] });
  const unknown = anEntry({
    outcome: 'DENIED',
    actor: null,
    subject: null,
    session: null,
    faults: ['UNAUTHENTICATED'],
  });
  const foreign = anEntry({ municipality: '0101', citizens: [citizen] });
  let log: RoomUnderTest;
  beforeAll(async () => {
    log = await room();
    await append(log, ...shown, own, onBehalf, denied, unknown, foreign);
  });

  it('is newest first, and page after page gives every entry once', async () => {
    const all = await entries(log, officer, { citizen });
    const order = all.nodes.map(({ at, id }: { at: string; id: string }) => `${at} ${id}`);
    expect(order).toEqual([...order].sort().reverse());
    const paged: string[] = [];
    let after: string | null = null;
    for (let pages = 0; pages < 20; pages++) {
      const page: any = await entries(log, officer, { citizen }, { first: 3, after });
      expect(page.totalCount).toBe(10);
      paged.push(...idsOf(page));
      after = page.pageInfo.endCursor;
      if (!page.pageInfo.hasNextPage) break;
    }
    expect(paged).toEqual(idsOf(all));
    expect(paged).toHaveLength(10);
    expect(await entries(log, officer, { citizen }, { first: 0 })).toMatchObject({
      nodes: [],
      totalCount: 10,
      pageInfo: { hasNextPage: true, endCursor: null },
    });
  });

  it('takes a cursor for a position, whether or not anything is there', async () => {
    const cursor = encodeCursor(['2026-10-01T09:00:02.000Z', '00000000-0000-4000-8000-000000000000']);
    const page = await entries(log, officer, { citizen }, { after: cursor, first: 500 });
    expect(idsOf(page).sort()).toEqual([...shown.slice(0, 4), own, denied].map(({ id }) => id).sort());
  });

  it.each([
    ['nonsense', 'nonsense!'],
    ['of another length', encodeCursor(['2026-10-01T09:00:02.000Z'])],
    ['without a time', encodeCursor(['x', randomUUID()])],
    ['without an id', encodeCursor(['2026-10-01T09:00:02.000Z', 'x'])],
    ['of numbers', encodeCursor([1, 2])],
  ])('refuses a cursor that is %s', async (_what, after) => {
    const refused = { message: malformedCursor, extensions: { code: 'BAD_USER_INPUT' } };
    expect((await log.ask(officer, entriesQuery, { after })).errors).toMatchObject([refused]);
    expect((await log.ask(officer, accessQuery, { of: citizens(citizen), after })).errors).toMatchObject([refused]);
  });

  it('refuses pages over 500', async () => {
    for (const first of [501, -1])
      expect((await log.ask(officer, entriesQuery, { first })).errors).toMatchObject([
        { message: faults.PAGE_LIMIT.message, extensions: { code: 'PAGE_LIMIT' } },
      ]);
  });

  it('finds nothing, and breaks nothing, by values that nobody has', async () => {
    const strange = ['no uuid', 'a\0b', '', randomUUID()];
    for (const value of strange)
      for (const key of ['citizen', 'case', 'actor', 'operation'])
        expect(await entries(log, officer, { [key]: value })).toMatchObject({ totalCount: 0, nodes: [] });
    expect((await entries(log, officer, { from: '9999-12-31T23:59:59-14:00' })).totalCount).toBe(0);
    expect((await entries(log, officer, { to: '0001-01-01T00:00:00+14:00' })).totalCount).toBe(0);
    expect((await entries(log, officer, { citizen: citizen.toUpperCase() })).totalCount).toBe(10);
  });

  it('filters by time, type of use, outcome and operation together', async () => {
    const filter = {
      from: '2026-10-01T09:00:01Z',
      to: '2026-10-01T09:00:03Z',
      uses: ['SEARCH'],
      outcomes: ['ANSWERED'],
      operation: 'A',
    };
    expect(idsOf(await entries(log, officer, filter)).sort()).toEqual(
      shown
        .slice(2, 6)
        .map(({ id }) => id)
        .sort(),
    );
    expect((await entries(log, officer, { ...filter, uses: ['DELETE'] })).totalCount).toBe(0);
    expect((await entries(log, officer, { outcomes: [], uses: [] })).totalCount).toBe(10);
  });

  it('has callers who were not signed in among the rejected attempts only', async () => {
    expect(idsOf(await entries(log, officer))).not.toContain(unknown.id);
    const { data } = await log.ask(officer, rejectedQuery);
    expect(data.rejectedAttempts.totalCount).toBe(2);
    expect(data.rejectedAttempts.nodes).toContainEqual(
      expect.objectContaining({ id: unknown.id, actor: null, faults: ['UNAUTHENTICATED'] }),
    );
    expect(data.rejectedAttempts.nodes.map(({ id }: { id: string }) => id)).toContain(denied.id);
  });

  it('a viewer without the scope reads nothing of the log, and nobody reads that of another municipality', async () => {
    const caseworker = aViewer({ scopes: ['citizen:read', 'case:read', 'employee:read', 'admin'] });
    for (const viewer of [caseworker, theCitizen(citizen)]) {
      expect(await entries(log, viewer)).toMatchObject({ totalCount: 0, nodes: [] });
      expect((await log.ask(viewer, rejectedQuery)).data.rejectedAttempts).toMatchObject({ totalCount: 0, nodes: [] });
    }
    const elsewhere = { ...officer, municipality: '0101' };
    expect(idsOf(await entries(log, elsewhere))).toEqual([foreign.id]);
    expect((await entries(log, officer)).nodes.map(({ id }: { id: string }) => id)).not.toContain(foreign.id);
  });

  it('a citizen sees when, which unit and what for, never by whom; not own look-ups, and not what was refused', async () => {
    const seen = await accessLog(log, theCitizen(citizen), citizen);
    expect(seen.totalCount).toBe(8);
    expect(seen.nodes).toHaveLength(8);
    expect(seen.nodes[0].at).toBe(onBehalf.at);
    for (const node of seen.nodes)
      expect(node).toMatchObject({
        use: 'SEARCH',
        purpose: 'a purpose',
        organisation: { id: idFor('organisation/housing') },
        employee: null,
      });
    const first = await accessLog(log, theCitizen(citizen), citizen, { first: 5 });
    const second = await accessLog(log, theCitizen(citizen), citizen, { first: 5, after: first.pageInfo.endCursor });
    expect([...first.edges, ...second.edges]).toEqual(seen.edges);
    expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false]);
  });

  it('a look-up beside which something failed is told to the citizen all the same; one that named nobody is not', async () => {
    const peeked = randomUUID();
    await append(
      log,
      anEntry({ municipality: '0147', outcome: 'FAILED', citizens: [peeked], faults: ['SUBGRAPH_UNAVAILABLE'] }),
      anEntry({ municipality: '0147', outcome: 'FAILED', faults: ['SUBGRAPH_UNAVAILABLE'] }),
    );
    const seen = await accessLog(log, theCitizen(peeked, { municipality: '0147' }), peeked);
    expect(seen.totalCount).toBe(1);
  });

  it('one’s own look-up is still news to the others it was about', async () => {
    expect((await accessLog(log, theCitizen(other), other)).totalCount).toBe(1);
  });

  it('an access log is for the citizen and for readers of the log; for anybody else it is empty, whoever it is about', async () => {
    const nothing = { totalCount: 0, nodes: [], edges: [], pageInfo: { hasNextPage: false, endCursor: null } };
    expect((await accessLog(log, officer, citizen)).totalCount).toBe(8);
    const caseworker = aViewer({ scopes: ['citizen:read', 'case:read', 'employee:read'] });
    const employeeOfThatId = aViewer({ subject: { kind: 'Employee', id: citizen } });
    const actingForOther = theCitizen(other, { actor: self });
    for (const viewer of [caseworker, employeeOfThatId, theCitizen(other), actingForOther])
      for (const id of [citizen, randomUUID(), 'no uuid', 'a\0b'])
        expect(await accessLog(log, viewer, id)).toEqual(nothing);
    for (const id of ['no uuid', 'a\0b']) expect(await accessLog(log, officer, id)).toEqual(nothing);
  });

  it('an access log stays closed by row-level security alone', async () => {
    const database = roleDatabase(log.database);
    const count = (viewer: Viewer) =>
      database
        .asViewer(viewer, (tx) => tx.rows<{ count: number }>('SELECT count(*) AS count FROM entry_citizen'))
        .then(([row]) => row?.count);
    expect(await count(theCitizen(citizen))).toBe(8);
    expect(await count(theCitizen(other))).toBe(1);
    expect(await count(aViewer({ subject: { kind: 'Employee', id: citizen } }))).toBe(0);
    expect(await count(officer)).toBe(11);
    await database.close();
  });

  it('several pages of several citizens come in one request, each its own', async () => {
    const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Citizen {
      all: accessLog { totalCount nodes { at } } two: accessLog(first: 2) { totalCount pageInfo { hasNextPage } nodes { at } } } } }`;
    const { data } = await log.ask(officer, query, { of: citizens(citizen, other, randomUUID(), citizen) });
    const [first, second, third, again] = data._entities;
    expect(first).toMatchObject({ all: { totalCount: 8 }, two: { totalCount: 8, pageInfo: { hasNextPage: true } } });
    expect(first.two.nodes).toEqual(first.all.nodes.slice(0, 2));
    expect(second).toMatchObject({ all: { totalCount: 1 }, two: { totalCount: 1, pageInfo: { hasNextPage: false } } });
    expect(third).toMatchObject({ all: { totalCount: 0, nodes: [] } });
    expect(again).toEqual(first);
  });
});

describe('the schema', () => {
  it('puts both queries behind audit:read, lets the type of use be logged, and gives what is protected a nullable place', async () => {
    const { sdl } = await roomSchema(audit);
    for (const [field, type] of [
      ['auditEntries', 'AuditEntryConnection'],
      ['rejectedAttempts', 'RejectedAttemptConnection'],
    ])
      expect(sdl).toMatch(
        new RegExp(
          `${field}\\([^)]*\\): ${type} @requiresScopes\\(scopes: \\[\\["audit:read"\\]\\]\\) @tag\\(name: "use-search"\\) @tag\\(name: "sealing"\\)`,
        ),
      );
    expect(sdl).toContain('type Case @key(fields: "id", resolvable: false)');
  });
});
