/** Promises of the ledger: what is in a log stays in it and can be proven to, and what has expired is really gone. */
import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import pg from 'pg';
import { pino } from 'pino';
import { type AuditOptions, makeAuditRoom } from '../../subgraphs/audit/index.js';
import { following, logName, monthOf, openWriter } from '../../subgraphs/audit/ingest/log-router.js';
import { fold } from '../../subgraphs/audit/maintain/checkpoint-signer.js';
import { isExpired, type Maintenance, openMaintenance } from '../../subgraphs/audit/maintain/maintenance.js';
import {
  consistencyPath,
  frontierOf,
  includes,
  inclusionPath,
  isConsistent,
  leafHash,
  nodeHash,
  push,
  rootAt,
  rootOf,
  type Subtree,
} from '../../subgraphs/audit/tree/merkle.js';
import { openCheckpoint, publicKeyOf, signCheckpoint, verifierKey } from '../../subgraphs/audit/tree/note.js';
import { type LogEntry, packed } from '../../subgraphs/protocol/log-entry.js';
import type { Viewer } from '../../subgraphs/protocol/viewer.js';
import { aLogEntry } from '../support/entry.js';
import { aViewer, openRoom, type RoomUnderTest } from '../support/room.js';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const officer = aViewer({ right: 'SECURITY_OFFICER', scopes: ['audit:read'] });
const fraud = '0999.MUNICIPALITY.SOCIAL_FRAUD';
const clearedOfficer: Viewer = {
  ...officer,
  clearance: [{ compartment: fraud, level: 'EXISTENCE', operations: ['SEARCH'], shielded: true }],
};

const some = (count: number, over: Partial<LogEntry> = {}) => Array.from({ length: count }, () => aLogEntry(over));

/** A clock that a test sets. */
let time = new Date('2026-10-01T09:00:00.000Z');
type LedgerUnderTest = RoomUnderTest & {
  maintenance(): Maintenance;
  journal: { msg: string; log?: string; reason?: string }[];
};
const rooms: RoomUnderTest[] = [];
async function ledger(options: AuditOptions = {}): Promise<LedgerUnderTest> {
  const room = makeAuditRoom({ keys: [privateKey], ...options });
  const journal: LedgerUnderTest['journal'] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void journal.push(JSON.parse(line)) });
  const opened = await openRoom(room, undefined, { now: () => time, log });
  rooms.push(opened);
  return { ...opened, journal, maintenance: () => room.maintenance(opened.services) };
}
/** A second process on the same database. */
async function replicaOf(room: RoomUnderTest): Promise<RoomUnderTest> {
  const opened = await openRoom(makeAuditRoom({ keys: [privateKey] }), undefined, {
    now: () => time,
    on: room.database,
  });
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

const queries = {
  checkpoint: 'query ($log: String) { checkpoint(log: $log) { log size rootHash at note keys } }',
  inclusion:
    'query ($entry: ID!) { inclusionProof(entry: $entry) { index leaf path checkpoint { log size rootHash note } } }',
  consistency:
    'query ($log: String, $from: Int!, $to: Int!) { consistencyProof(log: $log, from: $from, to: $to) { log from to path } }',
  logs: '{ auditLogs { name month size closedAt droppedAt } }',
  events: '{ ledgerEvents(first: 100) { totalCount nodes { at event log detail } } }',
};
const ask = async (of: RoomUnderTest, query: string, variables: object = {}, viewer: Viewer = officer) => {
  const { data, errors } = await of.ask(viewer, query, variables);
  expect(errors).toBeUndefined();
  return Object.values(data)[0] as any;
};
async function until(holds: () => Promise<boolean>) {
  for (let tries = 0; !(await holds()); tries += 1) {
    expect(tries).toBeLessThan(100);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
const buffers = (path: string[]) => path.map((hash) => Buffer.from(hash, 'base64'));
const hash = (text: string) => Buffer.from(text, 'base64');

describe('the tree (RFC 6962)', () => {
  // The vectors of the reference implementation (certificate-transparency, merkletree tests).
  const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
  const roots = [
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ];
  const bytes = inputs.map((hex) => createHash('sha256').update(Buffer.of(0)).update(Buffer.from(hex, 'hex')).digest());

  it('has the roots of the reference, from nothing to eight leaves', () => {
    expect(rootOf([]).toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    for (let size = 1; size <= 8; size += 1) expect(fold(bytes.slice(0, size)).toString('hex')).toBe(roots[size - 1]);
  });

  const leaves = Array.from({ length: 700 }, (_, index) => leafHash(`leaf ${index}`));
  const subtrees = {
    at: async (height: number, index: number) => {
      const part = leaves.slice(index * 2 ** height, (index + 1) * 2 ** height);
      expect(part).toHaveLength(2 ** height);
      return fold(part);
    },
  };
  const sizes = fc.integer({ min: 1, max: leaves.length });

  it('proves what is in it, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), fc.nat(), async (size, place, other) => {
        const index = place % size;
        const root = await rootAt(subtrees, size);
        const path = await inclusionPath(subtrees, index, size);
        expect(includes(leaves[index]!, index, size, path, root)).toBe(true);
        expect(includes(leafHash('forged'), index, size, path, root)).toBe(false);
        if (other % size !== index) expect(includes(leaves[index]!, other % size, size, path, root)).toBe(false);
        expect(includes(leaves[index]!, index, size, [...path, root], root)).toBe(false);
        if (path.length > 0) expect(includes(leaves[index]!, index, size, path.slice(1), root)).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  it('proves that a later tree begins with an earlier one, and refuses one that does not', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, sizes, async (one, other) => {
        const [from, to] = [Math.min(one, other), Math.max(one, other)];
        const [early, late] = [await rootAt(subtrees, from), await rootAt(subtrees, to)];
        const path = await consistencyPath(subtrees, from, to);
        expect(isConsistent(from, to, early, late, path)).toBe(true);
        expect(isConsistent(from, to, leafHash('forged'), late, path)).toBe(false);
        if (from < to) expect(isConsistent(from, to, early, leafHash('forged'), path)).toBe(false);
        expect(isConsistent(from, to, early, late, [...path, late])).toBe(false);
        if (path.length > 0) expect(isConsistent(from, to, early, late, path.slice(0, -1))).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  it('is the same tree whether it grows by leaves or by full subtrees', async () => {
    for (const size of [1, 255, 256, 257, 512, 700]) {
      const frontier: Subtree[] = [];
      for (const { height, index } of frontierOf(size))
        push(frontier, { height, hash: await subtrees.at(height, index) });
      expect(rootOf(frontier)).toEqual(fold(leaves.slice(0, size)));
    }
    expect(nodeHash(leaves[0]!, leaves[1]!)).toEqual(fold(leaves.slice(0, 2)));
  });
});

describe('a checkpoint', () => {
  const checkpoint = { origin: 'sluse/0999/2026-10', size: 3, root: leafHash('x'), at: '2026-10-01T09:00:00.000Z' };
  const note = signCheckpoint(checkpoint, [privateKey]);

  it('is a signed note that holds origin, size, root and time', () => {
    expect(note).toMatch(
      /^sluse\/0999\/2026-10\n3\n[\w+/]{43}=\ntime 2026-10-01T09:00:00\.000Z\n\n— sluse\/0999\/2026-10 [\w+/]{91}=\n$/,
    );
    expect(openCheckpoint(note, [publicKey])).toEqual(checkpoint);
  });

  it('names its key as a verifier key that reads back', () => {
    const verifier = verifierKey(checkpoint.origin, publicKey);
    expect(verifier).toMatch(/^sluse\/0999\/2026-10\+[0-9a-f]{8}\+A[\w+/]{43}$/);
    expect(openCheckpoint(note, [publicKeyOf(verifier)!])).toEqual(checkpoint);
    expect(publicKeyOf('no key')).toBeNull();
  });

  it('is refused with any byte of its text changed, under another key, or with the signature of another log', () => {
    const unsigned = 'not signed by a key that was given';
    expect(() => openCheckpoint(note.replace('\n3\n', '\n4\n'), [publicKey])).toThrow(unsigned);
    expect(() => openCheckpoint(note.replace('09:00', '09:01'), [publicKey])).toThrow(unsigned);
    expect(() => openCheckpoint(note, [generateKeyPairSync('ed25519').publicKey])).toThrow(unsigned);
    expect(() => openCheckpoint(note.replaceAll('2026-10\n', '2026-11\n'), [publicKey])).toThrow(unsigned);
    expect(() => openCheckpoint(note.replaceAll('sluse/0999/2026-10', 'sluse/0999/2026-11'), [publicKey])).toThrow(
      unsigned,
    );
    for (const broken of ['', 'x', note.slice(0, 40), note.replace('\ntime', '\n')])
      expect(() => openCheckpoint(broken, [publicKey])).toThrow(/^not a /);
  });

  it('while keys change is signed by the old and the new one', () => {
    const next = generateKeyPairSync('ed25519');
    const both = signCheckpoint(checkpoint, [next.privateKey, privateKey]);
    expect(openCheckpoint(both, [publicKey])).toEqual(checkpoint);
    expect(openCheckpoint(both, [next.publicKey])).toEqual(checkpoint);
  });
});

describe('a log', () => {
  let log: LedgerUnderTest;
  const entries = some(600);
  const sealed = some(5, { sealedBy: [fraud] });
  beforeAll(async () => {
    log = await ledger();
    await append(log, ...entries.slice(0, 300));
    await append(log, ...sealed);
    await append(log, ...entries.slice(300));
  });

  it('is one tree over the canonical JSON of its entries, in the order in which they came', async () => {
    const { size, rootHash, note, keys, log: name } = await ask(log, queries.checkpoint);
    expect({ size, name }).toEqual({ size: 600, name: '0999/2026-10' });
    const rows = await log.database.sql<{ leaf: string; id: string }>('SELECT leaf, id FROM audit.entry ORDER BY seq');
    expect(rows.map(({ id }) => id)).toEqual(entries.map(({ id }) => id));
    for (const { leaf } of rows.slice(0, 50)) expect(leaf).toBe(canonicalize(JSON.parse(leaf)));
    expect(new Set(rows.map(({ leaf }) => JSON.parse(leaf).salt)).size).toBe(600);
    expect(fold(rows.map(({ leaf }) => leafHash(leaf))).toString('base64')).toBe(rootHash);
    expect(keys).toEqual([verifierKey('sluse/0999/2026-10', publicKey)]);
    expect(openCheckpoint(note, [publicKey])).toMatchObject({ size: 600, root: hash(rootHash) });
  });

  it('proves each of its entries against a signed checkpoint', async () => {
    for (const index of [0, 1, 255, 256, 511, 512, 599]) {
      const proof = await ask(log, queries.inclusion, { entry: entries[index]!.id });
      expect(proof.index).toBe(index);
      const { size, root } = openCheckpoint(proof.checkpoint.note, [publicKey]);
      expect(includes(leafHash(proof.leaf), index, size, buffers(proof.path), root)).toBe(true);
      expect(JSON.parse(proof.leaf)).toMatchObject({
        id: entries[index]!.id,
        use: 'SEARCH',
        actor: entries[index]!.actor,
      });
    }
    for (const entry of [randomUUID(), 'no uuid', sealed[0]!.id])
      expect(await ask(log, queries.inclusion, { entry })).toBeNull();
  });

  it('proves that it only grew', async () => {
    const early = await ask(log, queries.checkpoint);
    await append(log, ...some(100));
    const late = await ask(log, queries.checkpoint);
    expect(late.size).toBe(early.size + 100);
    const proof = await ask(log, queries.consistency, { from: early.size, to: late.size });
    expect(isConsistent(early.size, late.size, hash(early.rootHash), hash(late.rootHash), buffers(proof.path))).toBe(
      true,
    );
    for (const [from, to] of [
      [0, 10],
      [1, 100],
      [256, 257],
      [300, 700],
      [700, 700],
    ])
      expect(await ask(log, queries.consistency, { from, to })).toMatchObject({ from, to });
    for (const [from, to] of [
      [-1, 5],
      [6, 5],
      [0, 1_000_000],
    ])
      expect((await log.ask(officer, queries.consistency, { from, to })).errors).toMatchObject([
        { message: 'Expected 0 ≤ `from` ≤ `to` ≤ the size of the log.', extensions: { code: 'BAD_USER_INPUT' } },
      ]);
    expect(await ask(log, queries.consistency, { log: 'no log', from: 0, to: 0 })).toBeNull();
  });

  it('under a seal is another log, of which the uncleared learn neither name, size nor proof', async () => {
    const name = logName('0999', '2026-10', [fraud]);
    expect(await ask(log, queries.logs)).toEqual([
      { name: '0999/2026-10', month: '2026-10', size: 700, closedAt: null, droppedAt: null },
    ]);
    expect(await ask(log, queries.checkpoint, { log: name })).toBeNull();
    expect(await ask(log, queries.consistency, { log: name, from: 0, to: 1 })).toBeNull();
    const seen = await ask(log, queries.logs, {}, clearedOfficer);
    expect(seen.map(({ name, size }: { name: string; size: number }) => [name, size])).toEqual([
      ['0999/2026-10', 700],
      [name, 5],
    ]);
    const proof = await ask(log, queries.inclusion, { entry: sealed[3]!.id }, clearedOfficer);
    const { size, root, origin } = openCheckpoint(proof.checkpoint.note, [publicKey]);
    expect({ size, origin }).toEqual({ size: 5, origin: `sluse/${name}` });
    expect(includes(leafHash(proof.leaf), 3, 5, buffers(proof.path), root)).toBe(true);
    expect((await ask(log, queries.checkpoint, {}, clearedOfficer)).log).toBe('0999/2026-10');
  });

  it('is nobody’s but the readers’ of the municipality', async () => {
    for (const viewer of [aViewer({ scopes: ['citizen:read', 'admin'] }), { ...officer, municipality: '0101' }]) {
      expect(await ask(log, queries.checkpoint, {}, viewer)).toBeNull();
      expect(await ask(log, queries.inclusion, { entry: entries[0]!.id }, viewer)).toBeNull();
      expect(await ask(log, queries.consistency, { from: 0, to: 1 }, viewer)).toBeNull();
      expect(await ask(log, queries.logs, {}, viewer)).toEqual([]);
    }
  });

  it('is signed anew within a second, also when nothing came, and its checkpoints agree with each other', async () => {
    const first = await ask(log, queries.checkpoint);
    time = new Date(time.getTime() + 600);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect((await ask(log, queries.checkpoint)).at).toBe(time.toISOString());
    expect(await ask(log, queries.checkpoint)).toMatchObject({ size: first.size, rootHash: first.rootHash });
    const kept = await log.database.sql<{ note: string; size: string }>(
      'SELECT note, size FROM audit.checkpoint ORDER BY size',
    );
    expect(kept.length).toBeGreaterThan(1);
    const rows = await log.database.sql<{ leaf: string }>('SELECT leaf FROM audit.entry ORDER BY seq');
    for (const { note } of kept) {
      const { size, root } = openCheckpoint(note, [publicKey]);
      expect(fold(rows.slice(0, size).map(({ leaf }) => leafHash(leaf)))).toEqual(root);
    }
  });

  it('is signed by another process that knows nothing of it with the same root', async () => {
    const other = await replicaOf(log);
    const mine = await ask(log, queries.checkpoint);
    expect(await ask(other, queries.checkpoint)).toMatchObject({ size: mine.size, rootHash: mine.rootHash });
    await append(other, ...some(10));
    await append(log, ...some(10));
    expect((await ask(other, queries.checkpoint)).rootHash).toBe((await ask(log, queries.checkpoint)).rootHash);
  });
});

describe('a log that has become shorter than it was signed', () => {
  it('is not signed again, however often that is tried, by this process or by another; grown back it is', async () => {
    const log = await ledger();
    await append(log, ...some(5));
    expect((await ask(log, queries.checkpoint)).size).toBe(5);
    const notes = () => log.database.sql('SELECT size, note FROM audit.checkpoint ORDER BY size');
    const signed = await notes();
    await log.database.sql(
      `UPDATE audit.log SET size = 4; CREATE TABLE audit.kept AS SELECT * FROM audit.entry WHERE seq = 4`,
    );
    await log.database.sql(`DELETE FROM audit.entry WHERE seq = 4`);
    time = new Date(time.getTime() + 2_000);
    const other = await replicaOf(log);
    for (const room of [log, log, other, other]) {
      const { errors } = await room.ask(officer, queries.checkpoint);
      expect(errors).toMatchObject([{ path: ['checkpoint'], extensions: { code: 'INTERNAL' } }]);
    }
    expect(await notes()).toEqual(signed);
    await log.database.sql(`INSERT INTO audit.entry SELECT * FROM audit.kept; UPDATE audit.log SET size = 5`);
    expect((await ask(log, queries.checkpoint)).size).toBe(5);
  });
});

describe('a damaged log', () => {
  const elsewhere: Viewer = { ...officer, municipality: '0101' };
  const alarms = ({ journal }: LedgerUnderTest) => journal.filter(({ msg }) => msg.startsWith('ALARM'));

  it('keeps no other log from being signed, chained and dropped in time, and is an alarm and an entry, once', async () => {
    time = new Date('2025-03-10T09:00:00.000Z');
    const log = await ledger();
    await append(log, ...some(3), ...some(3, { municipality: '0101' }));
    expect((await ask(log, queries.checkpoint, {}, elsewhere)).size).toBe(3);
    await log.database.sql("UPDATE audit.log SET size = size - 1 WHERE name = '0101/2025-03'");
    time = new Date('2025-03-10T09:00:02.000Z');
    await expect(log.maintenance().round()).rejects.toThrow('it is not signed again');
    // An entry more would have made it as long as it was, and signed.
    expect(await log.database.sql("SELECT FROM audit.entry WHERE municipality = '0101'")).toHaveLength(3);
    time = new Date('2025-10-01T09:00:00.000Z');
    await append(log, ...some(2));
    const reason = 'the log 0101/2025-03 was signed with 3 entries and has 2 now; it is not signed again';
    for (let times = 0; times < 3; times += 1) await expect(log.maintenance().round()).rejects.toThrow(reason);
    expect((await ask(log, queries.events)).nodes.map(({ event, log: name }: any) => [event, name]).sort()).toEqual([
      ['LOG_CLOSED', '0999/2025-03'],
      ['LOG_DROPPED', '0999/2025-03'],
    ]);
    const dropped = await log.database.sql<{ name: string }>('SELECT name FROM audit.log WHERE dropped_at IS NOT NULL');
    expect(dropped).toEqual([{ name: '0999/2025-03' }]);
    const [signed] = await log.database.sql<{ size: string }>(
      "SELECT max(size) AS size FROM audit.checkpoint WHERE log = '0999/2025-10'",
    );
    expect(Number(signed!.size)).toBe(4);
    expect(alarms(log)).toMatchObject([
      { msg: 'ALARM: a log cannot be signed or compared', log: '0101/2025-03', reason },
    ]);
    const { nodes } = await ask(log, queries.events, {}, elsewhere);
    expect(nodes).toMatchObject([{ event: 'LOG_DAMAGED', log: '0101/2025-03', detail: { reason } }]);
  });

  it('that is closed and was signed by this process is found all the same', async () => {
    time = new Date('2026-09-10T09:00:00.000Z');
    const log = await ledger();
    await append(log, ...some(3));
    time = new Date('2026-10-10T09:00:00.000Z');
    await append(log, ...some(3));
    await log.maintenance().round();
    await log.database.sql("UPDATE audit.log SET size = size - 1 WHERE name = '0999/2026-09'");
    await expect(log.maintenance().round()).rejects.toThrow(
      'the log 0999/2026-09 was signed with 3 entries and has 2 now',
    );
  });

  it('of which an entry is no JSON keeps no other from being compared', async () => {
    time = new Date('2026-10-01T09:00:00.000Z');
    const log = await ledger();
    const secret = randomUUID();
    await append(log, ...some(2, { municipality: '0101' }), aLogEntry({ citizens: [secret] }));
    await log.database.sql(
      `UPDATE audit.entry SET leaf = '${secret},"sealedBy":[],' WHERE municipality = '0101' AND seq = 1`,
    );
    await log.database.sql("DELETE FROM audit.entry_citizen WHERE municipality = '0999'");
    for (let times = 0; times < 3; times += 1)
      await expect(log.maintenance().reconcile()).rejects.toMatchObject({ code: '22P02' });
    expect((await ask(log, queries.events, {}, elsewhere)).nodes).toMatchObject([
      { event: 'LOG_DAMAGED', log: '0101/2026-10', detail: { reason: 'SQLSTATE 22P02' } },
    ]);
    expect((await ask(log, queries.events)).nodes[0]).toMatchObject({ event: 'RECONCILIATION_FAILED' });
    expect(alarms(log).filter(({ log: name }) => name === '0101/2026-10')).toHaveLength(1);
    expect(JSON.stringify(log.journal)).not.toContain(secret);
  });

  it('or a database that does not sign at all keeps nobody from being told what does not agree', async () => {
    const log = await ledger();
    await append(log, aLogEntry({ citizens: [randomUUID()] }));
    await log.database.sql('DELETE FROM audit.entry_citizen');
    const options = { salt: () => 'salt', employeesShown: () => false };
    const down = () => Promise.reject(new Error('no signature'));
    const maintenance = openMaintenance(log.services, {
      writer: openWriter(log.services, options),
      signer: { round: down, checkpointOf: down },
      retention: () => 6,
    });
    const running = maintenance.start();
    await until(async () => (await ask(log, queries.events)).totalCount === 1);
    await until(async () => log.journal.filter(({ reason }) => reason === 'no signature').length > 1);
    await running.stop();
    expect((await ask(log, queries.events)).nodes).toMatchObject([{ event: 'RECONCILIATION_FAILED' }]);
  });
});

describe('two processes that append to one log', () => {
  it('leave no gap, lose nothing and keep nothing twice, though they send the same', async () => {
    const one = await ledger();
    const other = await replicaOf(one);
    const entries = some(300);
    await Promise.all(entries.flatMap((entry) => [append(one, entry), append(other, entry), append(one, aLogEntry())]));
    const rows = await one.database.sql<{ seq: string; id: string }>('SELECT seq, id FROM audit.entry ORDER BY seq');
    expect(rows.map(({ seq }) => Number(seq))).toEqual(rows.map((_, index) => index));
    expect(rows).toHaveLength(600);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(600);
    expect((await ask(other, queries.checkpoint)).rootHash).toBe((await ask(one, queries.checkpoint)).rootHash);
  });
});

describe('the turn of the month', () => {
  it('closes one log and opens the next, which begins with the last checkpoint of the one before', async () => {
    time = new Date('2026-10-31T23:59:59.900Z');
    const log = await ledger();
    const retried = aLogEntry();
    await append(log, aLogEntry(), retried);
    time = new Date('2026-11-01T00:00:00.100Z');
    // The edge has not heard of the first time.
    await append(log, retried, aLogEntry({ at: '2026-10-31T23:59:59.950Z' }));
    const logs = await ask(log, queries.logs);
    expect(logs).toMatchObject([
      { name: '0999/2026-11', size: 1, closedAt: null },
      { name: '0999/2026-10', size: 2, closedAt: expect.any(String) },
    ]);
    await log.maintenance().round();
    await log.maintenance().round();
    const { nodes, totalCount } = await ask(log, queries.events);
    expect(totalCount).toBe(1);
    expect(nodes[0]).toMatchObject({ event: 'LOG_CLOSED', log: '0999/2026-10', detail: { size: 2 } });
    const final = openCheckpoint(nodes[0].detail.checkpoint, [publicKey]);
    const rows = await log.database.sql<{ leaf: string }>(
      "SELECT leaf FROM audit.entry WHERE log = '0999/2026-10' ORDER BY seq",
    );
    expect(final).toMatchObject({ size: 2, root: fold(rows.map(({ leaf }) => leafHash(leaf))) });
  });

  it.each([
    ['an hour back over midnight', '2026-10-31T23:30:00.000Z'],
    ['an hour back on the day that has 25 of them', '2026-10-25T00:30:00.000Z'],
  ])('a clock that is set %s changes nothing: entries go on where they were', async (_what, back) => {
    time = new Date(Date.parse(back) + 3_600_000);
    const log = await ledger();
    await append(log, aLogEntry());
    time = new Date(back);
    await append(log, aLogEntry());
    await log.maintenance().round();
    time = new Date(Date.parse(back) + 3_600_000);
    await append(log, aLogEntry());
    const logs = await ask(log, queries.logs);
    expect(logs).toHaveLength(1);
    expect(logs[0].size).toBe(3);
  });

  it('is prepared before it comes, and happens once, whoever is first', async () => {
    time = new Date('2026-11-29T12:00:00.000Z');
    const log = await ledger();
    await append(log, aLogEntry());
    await log.maintenance().round();
    const [{ there }] = (await log.database.sql(
      "SELECT to_regclass('audit.entry_0999_2026_12') IS NOT NULL AS there",
    )) as [{ there: boolean }];
    expect(there).toBe(true);
    const other = await replicaOf(log);
    await append(other, aLogEntry());
    time = new Date('2026-12-01T00:00:00.000Z');
    await Promise.all([
      ...some(50).map((entry) => append(log, entry)),
      ...some(50).map((entry) => append(other, entry)),
      log.maintenance().round(),
    ]);
    expect((await ask(log, queries.logs)).map(({ size, month }: any) => [month, size])).toEqual([
      ['2026-12', expect.any(Number)],
      ['2026-11', 2],
    ]);
    const [{ n }] = (await log.database.sql(
      "SELECT count(*)::int AS n FROM audit.entry WHERE actor_id IS NOT NULL AND log = '0999/2026-12'",
    )) as [{ n: number }];
    expect(n).toBe(100);
  });

  it('counts in months of the calendar', () => {
    expect(following('2026-12')).toBe('2027-01');
    expect(monthOf(new Date('2026-12-31T23:59:59.999Z'))).toBe('2026-12');
  });
});

describe('retention', () => {
  it('is counted in whole months after the month of the entry', () => {
    const log = { month: '2026-03' };
    expect(isExpired(log, 6, new Date('2026-09-30T23:59:59.999Z'))).toBe(false);
    expect(isExpired(log, 6, new Date('2026-10-01T00:00:00.000Z'))).toBe(true);
    expect(isExpired(log, 60, new Date('2031-03-31T23:59:59.999Z'))).toBe(false);
    expect(isExpired(log, 60, new Date('2031-04-01T00:00:00.000Z'))).toBe(true);
  });

  it('drops what has expired: it is gone, the dropping is logged, the last checkpoint stays, the rest still proves', async () => {
    time = new Date('2025-03-10T09:00:00.000Z');
    const log = await ledger({ retention: (municipality) => (municipality === '0101' ? 60 : 6) });
    const secret = randomUUID();
    const text = { hash: 'h', name: 'B', text: `query B { citizen(cpr: "${secret}") { id } }` };
    await append(log, ...some(3, { citizens: [secret], purpose: secret, operation: text }));
    await append(
      log,
      ...some(2, { citizens: [secret], sealedBy: [fraud] }),
      aLogEntry({ municipality: '0101', citizens: [secret] }),
    );
    time = new Date('2025-04-10T09:00:00.000Z');
    const later = some(4);
    await append(log, ...later, ...some(1, { sealedBy: [fraud] }));
    time = new Date('2025-09-30T23:59:00.000Z');
    await log.maintenance().round();
    expect((await ask(log, queries.logs)).map(({ droppedAt }: any) => droppedAt)).toEqual([null, null]);
    const before = await ask(log, queries.checkpoint, { log: '0999/2025-03' });
    const proof = await ask(log, queries.inclusion, { entry: later[2]!.id });

    time = new Date('2025-10-01T00:00:00.000Z');
    await log.maintenance().round();
    await log.maintenance().round();
    const everywhere = await log.database.sql<{ name: string }>(
      `SELECT c.oid::regclass::text AS name FROM pg_class c WHERE relnamespace = 'audit'::regnamespace AND relkind = 'r'`,
    );
    expect(everywhere.filter(({ name }) => /0999_2025_03/.test(name))).toEqual([]);
    for (const { name } of everywhere.filter(({ name }) => !/0101/.test(name))) {
      const found = await log.database.sql(`SELECT FROM ${name} t WHERE t::text LIKE $1`, [`%${secret}%`]);
      expect([name, found.length]).toEqual([name, 0]);
    }
    expect(await ask(log, queries.logs)).toMatchObject([
      { name: '0999/2025-10', size: 2 },
      { name: '0999/2025-04', droppedAt: null },
      { name: '0999/2025-03', size: 3, droppedAt: expect.any(String) },
    ]);
    // The longer retention of another municipality, and what is under a seal, stand by themselves.
    const kept = await log.database.sql('SELECT FROM audit.entry WHERE leaf LIKE $1', [`%${secret}%`]);
    expect(kept).toHaveLength(1);
    const { nodes } = await ask(log, queries.events);
    expect(nodes.map(({ event, log: name }: any) => [event, name]).sort()).toEqual([
      ['LOG_CLOSED', '0999/2025-04'],
      ['LOG_DROPPED', '0999/2025-03'],
    ]);
    const dropped = nodes.find(({ event }: any) => event === 'LOG_DROPPED');
    expect(openCheckpoint(dropped.detail.checkpoint, [publicKey])).toMatchObject({
      size: 3,
      root: hash(before.rootHash),
    });
    expect((await ask(log, queries.checkpoint, { log: '0999/2025-03' })).rootHash).toBe(before.rootHash);
    const consistency = { log: '0999/2025-03', from: 1, to: 3 };
    expect(await ask(log, queries.consistency, consistency)).toBeNull();
    const again = await ask(log, queries.inclusion, { entry: later[2]!.id });
    expect(again.path).toEqual(proof.path);
    const forCleared = await ask(log, queries.events, {}, clearedOfficer);
    expect(forCleared.nodes.filter(({ event }: any) => event === 'LOG_DROPPED')).toHaveLength(2);
  });

  it('drops nothing younger than six months, whatever clock and setting the room has', async () => {
    time = new Date();
    const log = await ledger({ retention: () => 0 });
    await append(log, aLogEntry());
    time = new Date(Date.now() + 40 * 86_400_000);
    await append(log, aLogEntry());
    time = new Date(Date.now() + 4_000 * 86_400_000);
    await expect(log.maintenance().round()).rejects.toMatchObject({
      code: '22023',
      message: 'expected a month that ended at least six months ago',
    });
    // Nor does the log say that it was.
    const { nodes } = await ask(log, queries.events);
    expect(nodes.filter(({ event }: any) => event === 'LOG_DROPPED')).toEqual([]);
    expect((await ask(log, queries.logs)).every(({ droppedAt }: any) => droppedAt === null)).toBe(true);
  });
});

describe('dropping a month', () => {
  it('keeps no append waiting while somebody reads for long, and is done once that is over', async () => {
    time = new Date('2025-03-10T09:00:00.000Z');
    const log = await ledger();
    await append(log, ...some(3));
    time = new Date('2025-10-01T00:00:00.000Z');
    await append(log, ...some(3));
    const reader = new pg.Client({ connectionString: log.database.url });
    await reader.connect();
    try {
      await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      await reader.query('SELECT count(*) FROM audit.entry');
      // Whatever is appended meanwhile queues behind who waits for the table: both end while somebody still reads.
      const dropping = log.database.sql(`SELECT audit.drop_month('0999', '2025-03')`).catch(({ code }) => code);
      await append(log, aLogEntry());
      expect(await dropping).toBe('55P03');
      await expect(log.maintenance().round()).rejects.toMatchObject({ code: '55P03' });
      await append(log, aLogEntry());
    } finally {
      await reader.end();
    }
    await log.maintenance().round();
    expect((await ask(log, queries.logs)).find(({ month }: any) => month === '2025-03').droppedAt).not.toBeNull();
  });
});

describe('what an edge sends', () => {
  it('is never an event of the ledger', async () => {
    const log = await ledger();
    const forged = aLogEntry({
      ...{ actor: null, subject: null, operation: { hash: '', name: 'ledger', text: null } },
      criterion: { event: 'LOG_DROPPED', log: '0999/2026-10', checkpoint: 'x' },
    });
    expect(await log.internal('append', packed([forged, aLogEntry()]))).toEqual({
      appended: 1,
      refused: [{ index: 0, reason: 'operation.hash: expected a hash' }],
    });
    expect((await ask(log, queries.events)).totalCount).toBe(0);
  });
});

describe('reconciliation', () => {
  const citizen = randomUUID();
  it('finds the citizens’ view and what is withheld to be all that there is', async () => {
    time = new Date('2026-10-01T09:00:00.000Z');
    const log = await ledger();
    const self = { kind: 'Citizen', id: citizen } as const;
    await append(
      log,
      ...some(3, { citizens: [citizen, citizen, randomUUID()] }),
      aLogEntry({ citizens: [citizen], outcome: 'DENIED' }),
      aLogEntry({ citizens: [citizen], actor: self, subject: self }),
      ...some(2, { citizens: [citizen], sealedBy: [fraud] }),
    );
    expect(await log.maintenance().reconcile()).toBe(0);
    expect((await ask(log, queries.events)).totalCount).toBe(0);
  });

  it.each([
    ['a look-up lost from the view', 'DELETE FROM audit.entry_citizen WHERE shown AND citizen = $1'],
    [
      'a look-up added to it',
      `INSERT INTO audit.entry_citizen SELECT municipality, log, $1, at, id, NULL, use, NULL, NULL, true, seq FROM audit.entry WHERE leaf NOT LIKE '%' || $1 || '%'`,
    ],
    ['one withheld that is to be shown', 'UPDATE audit.entry_citizen SET shown = false WHERE citizen = $1'],
    ['a withheld one lost', 'DELETE FROM audit.sealed_entry_citizen WHERE citizen = $1'],
  ])('raises an alarm for %s, and the alarm is an entry', async (_what, damage) => {
    const log = await ledger();
    await append(
      log,
      aLogEntry({ citizens: [citizen] }),
      aLogEntry({ citizens: [randomUUID()] }),
      aLogEntry({ citizens: [citizen], sealedBy: [fraud] }),
    );
    await log.database.sql(damage, [citizen]);
    expect(await log.maintenance().reconcile()).toBe(1);
    const { nodes } = await ask(log, queries.events, {}, clearedOfficer);
    expect(nodes).toMatchObject([{ event: 'RECONCILIATION_FAILED', detail: { citizens: 1 } }]);
  });
});

describe('a patrol that takes too long', () => {
  it('takes smaller steps in that log, holds no other up, and gets through', async () => {
    time = new Date('2026-10-01T09:00:00.000Z');
    const log = await ledger();
    await append(log, ...some(60, { citizens: [randomUUID()] }), aLogEntry({ municipality: '0101' }));
    await log.database.sql('DELETE FROM audit.entry_citizen WHERE seq = 59');
    const parts: [log: string, from: number, to: number][] = [];
    const { database } = log.services;
    const slow: typeof database = {
      ...database,
      asTask: (task, municipality, work, mode) =>
        database.asTask(
          task,
          municipality,
          (tx) =>
            work({
              rows(sql, values = []) {
                if (!sql.includes('json_array_elements_text')) return tx.rows(sql, values);
                const [, name, from, to] = values as [string, string, number, number];
                parts.push([name, from, to]);
                if (to - from > 20) throw Object.assign(new Error('canceling statement'), { code: '57014' });
                return tx.rows(sql, values);
              },
            }),
          mode,
        ),
    };
    const options = { salt: () => 'salt', employeesShown: () => false };
    const down = () => Promise.reject(new Error('not asked'));
    const maintenance = openMaintenance(
      { ...log.services, database: slow },
      { writer: openWriter(log.services, options), signer: { round: down, checkpointOf: down }, retention: () => 6 },
    );
    const wrong: number[] = [];
    for (let rounds = 0; rounds < 6; rounds += 1) wrong.push(await maintenance.reconcile());
    const of = (name: string) => parts.filter(([one]) => one === name).map(([, from, to]) => [from, to]);
    expect(of('0999/2026-10')).toEqual([
      [0, 60],
      [0, 30],
      [0, 15],
      [15, 30],
      [30, 45],
      [45, 60],
    ]);
    expect(wrong).toEqual([0, 0, 0, 0, 0, 1]);
    expect(of('0101/2026-10')).toEqual(Array.from({ length: 6 }, () => [0, 1]));
    // And then again from the beginning, as far as it goes.
    await maintenance.reconcile();
    expect(of('0999/2026-10').at(-1)).toEqual([0, 61]);
  });
});

describe('what citizens may know', () => {
  const access = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Citizen { accessLog { nodes { purpose employee { id } } } } } }`;
  it('of the employee is nothing, unless the municipality has turned it on; what was logged before stays as it was', async () => {
    const citizen = randomUUID();
    let shown = false;
    const log = await ledger({ employeesShown: () => shown });
    await append(log, aLogEntry({ citizens: [citizen], purpose: 'first' }));
    shown = true;
    await append(log, aLogEntry({ citizens: [citizen], purpose: 'second', at: '2026-10-01T09:00:01.000Z' }));
    const viewer = aViewer({
      subject: { kind: 'Citizen', id: citizen },
      actor: { kind: 'Citizen', id: citizen },
      scopes: ['citizen:self'],
    });
    const { data } = await log.ask(viewer, access, { of: [{ __typename: 'Citizen', id: citizen }] });
    expect(data._entities[0].accessLog.nodes).toEqual([
      { purpose: 'second', employee: { id: 'an employee' } },
      { purpose: 'first', employee: null },
    ]);
  });
});

describe('requisition', () => {
  it('finds entries by a value that was searched for, in full, and not by a name', async () => {
    time = new Date('2026-10-01T09:00:00.000Z');
    const log = await ledger();
    const criterion = [
      { field: 'citizens', arguments: { filter: { name: 'Damm', postcodes: [4000, 4100] }, first: 10 } },
    ];
    const entry = aLogEntry({ criterion });
    await append(log, entry, aLogEntry());
    const found = async (value: string) =>
      (
        await ask(log, 'query ($filter: AuditEntryFilter) { auditEntries(filter: $filter) { nodes { id } } }', {
          filter: { criterion: value },
        })
      ).nodes;
    for (const value of ['Damm', '4000', '4100', '10']) expect(await found(value)).toEqual([{ id: entry.id }]);
    for (const value of ['Dam', 'damm', 'citizens', 'name', '']) expect(await found(value)).toEqual([]);
  });

  it('groups rejected attempts by who and from where', async () => {
    const log = await ledger();
    const denied = { outcome: 'DENIED', actor: null, subject: null } as const;
    const at = (minute: number) => `2026-09-30T09:0${minute}:00.000Z`;
    await append(
      log,
      aLogEntry({ ...denied, at: at(1), workstation: '10.0.0.1', faults: ['UNAUTHENTICATED'] }),
      aLogEntry({ ...denied, at: at(3), workstation: '10.0.0.1', faults: ['TOO_MANY_REQUESTS'] }),
      aLogEntry({ ...denied, at: at(2), workstation: '10.0.0.2', faults: ['UNAUTHENTICATED'] }),
      aLogEntry({ outcome: 'FAILED', at: at(4), workstation: '10.0.0.1', faults: ['DEPTH_LIMIT'] }),
      aLogEntry({ outcome: 'FAILED', at: at(5), workstation: '10.0.0.1', faults: ['DEPTH_LIMIT'], sealedBy: [fraud] }),
      aLogEntry({ at: at(6), workstation: '10.0.0.1' }),
    );
    const query =
      '{ rejectedSources { actor { __typename ... on Employee { id } } workstation attempts first last faults } }';
    const employee = { __typename: 'Employee', id: 'an employee' };
    const rest = [
      {
        actor: null,
        workstation: '10.0.0.1',
        attempts: 2,
        first: at(1),
        last: at(3),
        faults: ['TOO_MANY_REQUESTS', 'UNAUTHENTICATED'],
      },
      { actor: null, workstation: '10.0.0.2', attempts: 1, first: at(2), last: at(2), faults: ['UNAUTHENTICATED'] },
    ];
    expect(await ask(log, query)).toEqual([
      { actor: employee, workstation: '10.0.0.1', attempts: 1, first: at(4), last: at(4), faults: ['DEPTH_LIMIT'] },
      ...rest,
    ]);
    expect(await ask(log, query, {}, clearedOfficer)).toEqual([
      { actor: employee, workstation: '10.0.0.1', attempts: 2, first: at(4), last: at(5), faults: ['DEPTH_LIMIT'] },
      ...rest,
    ]);
    expect(await ask(log, query, {}, aViewer())).toEqual([]);
  });
});
