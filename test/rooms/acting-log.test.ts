/** The log of those who act for somebody: what is kept of it, and a log that began before there was any. */
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeAuditRoom } from '../../subgraphs/audit/index.js';
import { canonicalJson, readLeaf } from '../../subgraphs/audit/tree/leaf.js';
import { migrate } from '../../subgraphs/postgres/migrate.js';
import { packed } from '../../subgraphs/protocol/log-entry.js';
import { freshDatabase, type TestDatabase, testSecret } from '../support/database.js';
import { aLogEntry } from '../support/entry.js';
import { aViewer, openRoom, type RoomUnderTest } from '../support/room.js';

const audit = makeAuditRoom();
const month = '2026-10';
const seal = '0999.MUNICIPALITY.SOCIAL_FRAUD';
const officer = aViewer({
  scopes: ['audit:read'],
  clearance: [{ compartment: seal, level: 'EXISTENCE', operations: ['SEARCH'], shielded: true }],
});
const acting = { actingFor: 'a giver', powerOfAttorney: 'a power' };

let folder: string;
let database: TestDatabase;
let room: RoomUnderTest;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluse-before-'));
  for (const file of ['001_audit.sql', '002_export.sql'])
    await copyFile(new URL(file, audit.migrations), join(folder, file));
  database = await freshDatabase();
  const before = pathToFileURL(`${folder}/`);
  await migrate({ ownerUrl: database.url, room: 'audit', folder: before, secret: testSecret });
  await database.sql('SET search_path = audit; SELECT prepare_month($$0999$$, $$2026-10$$)');
  room = await openRoom(audit, undefined, { on: database, now: () => new Date(`${month}-05T09:00:00.000Z`) });
});
afterAll(async () => {
  await room.close();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

const append = (...entries: ReturnType<typeof aLogEntry>[]) => room.internal('append', packed(entries));
const found = async (filter: object) =>
  (
    await room.ask(
      officer,
      `query ($filter: AuditEntryFilter) { auditEntries(filter: $filter) { totalCount nodes { id actingFor { id } powerOfAttorney { id } } } }`,
      { filter },
    )
  ).data.auditEntries;

describe('a log from before there were powers of attorney', () => {
  it('goes on: entries of those who act for somebody are kept and found, sealed ones too', async () => {
    const entries = [aLogEntry(acting), aLogEntry({ ...acting, sealedBy: [seal] }), aLogEntry()];
    expect(await append(...entries)).toEqual({ appended: 3, refused: [] });
    const told = { actingFor: { id: 'a giver' }, powerOfAttorney: { id: 'a power' } };
    const { totalCount, nodes } = await found({ actingFor: 'a giver' });
    expect(totalCount).toBe(2);
    expect(new Set(nodes)).toEqual(new Set(entries.slice(0, 2).map(({ id }) => ({ id, ...told }))));
    expect(await found({ actingFor: 'another' })).toEqual({ totalCount: 0, nodes: [] });
    expect((await found({})).nodes).toContainEqual({ id: entries[2]!.id, actingFor: null, powerOfAttorney: null });
    expect(await database.sql('SELECT acting_for, power_of_attorney FROM audit.sealed_entry_details')).toEqual([
      { acting_for: 'a giver', power_of_attorney: 'a power' },
    ]);
  });

  it('has leaves in canonical JSON with and without them, and none that says nothing', async () => {
    const leaves = await database.sql<{ leaf: string }>('SELECT leaf FROM audit.every_entry');
    expect(leaves.length).toBeGreaterThanOrEqual(3);
    for (const { leaf } of leaves) {
      expect(canonicalJson(readLeaf(leaf))).toBe(leaf);
      expect(leaf).not.toMatch(/"(actingFor|powerOfAttorney)":null/);
    }
  });

  it.each([
    ['actingFor', { actingFor: 7 }],
    ['powerOfAttorney', { powerOfAttorney: 'a\0b' }],
  ])('refuses a malformed %s alone', async (member, flaw) => {
    const { operations, entries } = packed([aLogEntry(), aLogEntry()]);
    const reason = `${member}: expected text of at most 200 characters, without NUL or a lone surrogate`;
    expect(await room.internal('append', { operations, entries: [entries[0], { ...entries[1], ...flaw }] })).toEqual({
      ...{ appended: 1, refused: [{ index: 1, reason }] },
    });
  });
});
