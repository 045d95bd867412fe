/** Promises of `npx sluse verify-log`: whoever holds a key and a few checkpoints finds out what was done to a log, and where. */
import { execFile } from 'node:child_process';
import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeAuditRoom } from '../../subgraphs/audit/index.js';
import { logName } from '../../subgraphs/audit/ingest/log-router.js';
import { canonicalJson, definitionOf, readLeaf, writeLeaf } from '../../subgraphs/audit/tree/leaf.js';
import { checkpointIn, signCheckpoint, verifierKey } from '../../subgraphs/audit/tree/note.js';
import { readArchive } from '../../subgraphs/audit/verify/archive.js';
import { lineOf, recordsIn } from '../../subgraphs/audit/verify/archive-form.js';
import { openIdSet } from '../../subgraphs/audit/verify/id-set.js';
import { retainedIn, trustedKey } from '../../subgraphs/audit/verify/trust.js';
import { lineOfVerdict, verify } from '../../subgraphs/audit/verify/verify.js';
import { asOwner } from '../../subgraphs/postgres/owner.js';
import { type LogEntry, packed } from '../../subgraphs/protocol/log-entry.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { aLogEntry } from '../support/entry.js';
import { aViewer, openRoom, type RoomUnderTest } from '../support/room.js';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const thief = generateKeyPairSync('ed25519');
const officer = aViewer({ right: 'SECURITY_OFFICER', scopes: ['audit:read'] });
const fraud = '0999.MUNICIPALITY.SOCIAL_FRAUD';
const october = '0999/2026-10';
const november = '0999/2026-11';
const sealedOctober = logName('0999', '2026-10', [fraud]);
const sealedNovember = logName('0999', '2026-11', [fraud]);

const citizen = randomUUID();
const entry = (number: number, over: Partial<LogEntry> = {}): LogEntry =>
  aLogEntry({
    at: time.toISOString(),
    outcome: number % 7 === 0 ? 'DENIED' : 'ANSWERED',
    operation: { hash: `hash ${number % 3}`, name: 'A', text: `query A { viewer { __typename } } # ${number % 3}` },
    citizens: [citizen, randomUUID(), citizen],
    cases: [randomUUID()],
    criterion: [
      { field: 'citizens', arguments: { filter: { name: `Damm\u2028🦋 ${number}`, postcodes: [4000, 1.5] } } },
    ],
    purpose: 'a purpose',
    ...over,
  });
const some = (count: number, over: Partial<LogEntry> = {}) =>
  Array.from({ length: count }, (_, number) => entry(number, over));

let time = new Date('2026-10-05T09:00:00.000Z');
const append = async (to: RoomUnderTest, entries: LogEntry[]) =>
  expect(await to.internal('append', packed(entries))).toEqual({ appended: entries.length, refused: [] });
/** What `checkpoint { note }` answers now. */
const noteOf = async (of: RoomUnderTest): Promise<string> => {
  const { data, errors } = await of.ask(officer, '{ checkpoint { note } }');
  expect(errors).toBeUndefined();
  return data.checkpoint.note;
};

const databases: TestDatabase[] = [];
const copyOf = async (database: TestDatabase): Promise<TestDatabase> => {
  const copy = await freshDatabase(database.name);
  databases.push(copy);
  return copy;
};
const opened = async (on: TestDatabase, retention = 6) => {
  const room = makeAuditRoom({ keys: [privateKey], retention: () => retention });
  const running = await openRoom(room, undefined, { now: () => time, on });
  return { ...running, maintenance: () => room.maintenance(running.services) };
};

/** Two months, ordinary and sealed; a copy of it as it was in the first; and what was retained meanwhile. */
let world: TestDatabase;
let backup: TestDatabase;
/** Notes one appended after the other, as they came. */
let retained = '';
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluse-verify-'));
  world = await freshDatabase();
  time = new Date('2026-10-05T09:00:00.000Z');
  let room = await opened(world);
  await append(room, some(100));
  await append(room, some(20, { sealedBy: [fraud] }));
  retained += await noteOf(room);
  const many = Array.from({ length: 80 }, (_, number) => `value ${number}`);
  const lengths = [199, 200, 201].flatMap((length) => ['x'.repeat(length), `${'x'.repeat(length - 2)}🦋`]);
  await append(room, [
    ...some(198),
    entry(1, { criterion: { many } }),
    entry(1, { criterion: { field: 'none', deep: [{ field: [1], at: lengths }, '', 1e21, -0.5, true, null] } }),
  ]);
  retained += await noteOf(room);
  await room.maintenance().round();
  await room.close();
  backup = await copyOf(world);
  room = await opened(world);
  await append(room, some(60));
  await append(room, some(20, { sealedBy: [fraud] }));
  time = new Date('2026-11-05T09:00:00.000Z');
  await append(room, some(30));
  await append(room, some(10, { sealedBy: [fraud] }));
  await room.maintenance().round();
  retained += `${await noteOf(room)}\n`;
  await append(room, some(270, { actingFor: 'a giver', powerOfAttorney: 'a power' }));
  retained += await noteOf(room);
  // Every log is signed at its end.
  await untilSigned(world);
  await room.close();
}, 120_000);

afterAll(async () => {
  // The roles of the first are named in the copies.
  for (const database of databases.reverse()) await database.drop();
  await world?.drop();
  await rm(folder, { recursive: true, force: true });
});

async function untilSigned(database: TestDatabase) {
  for (let tries = 0; tries < 100; tries += 1) {
    const late = await database.sql(
      `SELECT FROM audit.every_log l WHERE size <> coalesce((SELECT max(size) FROM audit.every_checkpoint c WHERE c.log = l.name), -1)`,
    );
    if (late.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the logs were not signed');
}

async function* linesIn(text: string) {
  yield* text.split('\n');
}

/** What verify-log prints of a database. */
async function verified(
  database: TestDatabase,
  kept = '',
  keys: KeyObject[] = [publicKey],
  now = new Date(),
): Promise<string> {
  const trust = { keys, retained: await retainedIn(linesIn(kept), keys), now };
  const verdicts = await asOwner(database.url, 'audit', (query) => verify(readArchive(query, { beside: true }), trust));
  return verdicts.map(lineOfVerdict).join('');
}

async function exported(database: TestDatabase, only = {}): Promise<string> {
  return asOwner(database.url, 'audit', async (query) => {
    let text = '';
    for await (const record of readArchive(query, { only })) text += lineOf(record);
    return text;
  });
}

async function verifiedExport(text: string, kept = '', now = new Date()): Promise<string> {
  const keys = [publicKey];
  const lines = linesIn(text.replace(/\n$/, ''));
  const verdicts = await verify(recordsIn(lines), { keys, retained: await retainedIn(linesIn(kept), keys), now });
  return verdicts.map(lineOfVerdict).join('');
}

/** The command as it is built, in an environment with no more than this. */
const sluse = (args: string[], environment: Record<string, string> = {}) =>
  new Promise<{ code: number; out: string; err: string }>((resolve) => {
    execFile(
      process.execPath,
      ['bin/sluse.mjs', ...args],
      { env: { PATH: process.env.PATH!, ...environment }, maxBuffer: 2 ** 26 },
      (error, out, err) => resolve({ code: error ? Number(error.code) : 0, out, err }),
    );
  });
const fileOf = async (name: string, text: string): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
};

const ordinary = (log: string) => `municipality = '0999' AND log = '${log}'`;
/** Leaf and columns of an entry, changed alike. */
async function rewrite(
  database: TestDatabase,
  log: string,
  seq: number,
  over: Partial<Omit<LogEntry, 'operation' | 'fields'>>,
) {
  const [row] = await database.sql<{ leaf: string }>(
    `SELECT leaf FROM audit.entry WHERE ${ordinary(log)} AND seq = ${seq}`,
  );
  const leaf = { ...readLeaf(row!.leaf), ...over };
  const changed = writeLeaf(
    {
      ...leaf,
      operation: { ...leaf.operation, definition: { hash: leaf.operation.definition, text: '' } },
      criterion: JSON.stringify(leaf.criterion),
      searched: [],
    },
    leaf.salt,
  );
  await database.sql(
    `UPDATE audit.entry SET leaf = $1, use = $2, actor_id = $3 WHERE ${ordinary(log)} AND seq = ${seq}`,
    [changed, leaf.use, leaf.actor?.id ?? null],
  );
}

/** An event that no maintenance wrote, as the last entry of an open log. */
async function forgeEvent(database: TestDatabase, into: string, criterion: object) {
  const definition = definitionOf({ text: null, fields: [] });
  const forged = aLogEntry({ actor: null, subject: null, organisation: null, right: null, use: 'DELETE' });
  const operation = { hash: '', name: 'ledger', definition };
  const leaf = writeLeaf({ ...forged, operation, criterion: canonicalJson(criterion), searched: [] }, 'salt');
  await database.sql(`INSERT INTO audit.operation VALUES ('0999', $1, $2, $3) ON CONFLICT DO NOTHING`, [
    into,
    definition.hash,
    definition.text,
  ]);
  await database.sql(
    `INSERT INTO audit.entry SELECT municipality, name, size, $2, $3, NULL, 'DELETE', 'ANSWERED', '', 'ledger', $4
     FROM audit.log WHERE name = $1`,
    [into, forged.id, forged.at, leaf],
  );
  await database.sql('UPDATE audit.log SET size = size + 1 WHERE name = $1', [into]);
}

const lastNoteOf = async (database: TestDatabase, log: string): Promise<string> => {
  const [row] = await database.sql<{ note: string }>(
    'SELECT note FROM audit.every_checkpoint WHERE log = $1 ORDER BY size DESC LIMIT 1',
    [log],
  );
  return row!.note;
};

describe('a log that nobody touched', () => {
  const whole = (log: string, count: number) =>
    new RegExp(
      `^ok {3}${log.replaceAll('/', '\\/')} {2}${count} entries, \\d+ checkpoints?, last signed 2026-1\\d-05T09:00:00.000Z$`,
      'm',
    );
  const expectWhole = (printed: string) => {
    expect(printed).not.toContain('FAIL');
    expect(printed).toMatch(whole(october, 360));
    expect(printed).toMatch(whole(sealedOctober, 40));
    expect(printed).toMatch(whole(november, 301));
    expect(printed).toMatch(whole(sealedNovember, 11));
    expect(printed.trim().split('\n')).toHaveLength(4);
  };

  it('is found whole in the database, against every checkpoint that was retained', async () => {
    expectWhole(await verified(world, retained));
  });

  it('is found whole in its export, in which a leaf may hold what ends a line elsewhere', async () => {
    expectWhole(await verifiedExport(await exported(world), retained));
  });

  it('is printed without anything that stands in it', async () => {
    const copy = await copyOf(world);
    await copy.sql(`UPDATE audit.entry SET leaf = replace(leaf, 'a purpose', 'a propose') WHERE ${ordinary(october)}`);
    await copy.sql('DELETE FROM audit.entry_citizen WHERE citizen = $1', [citizen]);
    const printed = await verified(copy, retained);
    expect(printed).toContain('FAIL');
    for (const told of [citizen, 'Damm', 'purpose', 'an employee', fraud, '__typename'])
      expect(printed).not.toContain(told);
  });

  it('may have grown since it was last signed', async () => {
    const copy = await copyOf(world);
    await copy.sql(`DELETE FROM audit.checkpoint WHERE ${ordinary(november)} AND size > 100`);
    await copy.sql(`DELETE FROM audit.subtree WHERE ${ordinary(november)}`);
    expect(await verified(copy)).toMatch(/^ok {3}0999\/2026-11 {2}301 entries, .*, \d+ entries since then$/m);
  });

  it('that has expired is verified by what stayed of it', async () => {
    const own = await freshDatabase();
    try {
      time = new Date('2025-03-10T09:00:00.000Z');
      const room = await opened(own);
      await append(room, some(300));
      await append(room, some(3, { sealedBy: [fraud] }));
      const kept = await noteOf(room);
      await append(room, some(5));
      time = new Date('2025-10-10T09:00:00.000Z');
      await append(room, some(2));
      await room.maintenance().round();
      await untilSigned(own);
      await room.close();
      const printed = await verified(own, kept);
      expect(printed).not.toContain('FAIL');
      expect(printed).toMatch(/^ok {3}0999\/2025-03 {2}305 entries dropped 2\S+ after their retention, /m);
      expect(printed).toMatch(/^ok {3}0999\/2025-03\/[0-9a-f]{32} {2}3 entries dropped /m);
      expect(await verifiedExport(await exported(own), kept)).toBe(printed);
      expect(await verifiedExport(await exported(own, { logs: ['0999/2025-03'] }), kept)).toMatch(
        /^ok {3}0999\/2025-03 {2}305 entries dropped/m,
      );

      // Its last checkpoint is exchanged for an earlier one, and the size goes with it.
      await own.sql("DELETE FROM audit.checkpoint WHERE log = '0999/2025-03' AND size = 305");
      await own.sql("UPDATE audit.log SET size = 300 WHERE name = '0999/2025-03'");
      expect(await verified(own, kept)).toMatch(
        /^FAIL 0999\/2025-03 {2}has 300 entries where entry \d of 0999\/2025-10 \(LOG_DROPPED\) holds a last checkpoint of 305$/m,
      );
      // Dropped by somebody else, who told nobody.
      await own.sql(
        "UPDATE audit.log SET dropped_at = now(), closed_at = now() WHERE name = '0999/2025-10'; TRUNCATE audit.entry",
      );
      expect(await verified(own)).toContain('FAIL 0999/2025-10  was dropped, and no later log tells of it\n');
    } finally {
      await own.drop();
    }
  }, 120_000);
});

describe('a log that is not signed yet', () => {
  const fails = 'FAIL 0999/2026-10  has no checkpoint that a given key has signed\n';
  const at = (seconds: number) => new Date(Date.parse('2026-10-05T09:00:00.000Z') + seconds * 1_000);

  it('is whole for ten seconds after its first entry, and no longer', async () => {
    const own = await freshDatabase();
    try {
      time = at(0);
      const room = await opened(own);
      await append(room, some(3));
      time = at(20);
      await append(room, some(1));
      const kept = await noteOf(room);
      await room.close();
      await own.sql('DELETE FROM audit.checkpoint');
      // An older entry, though the newest is of this moment: somebody took the checkpoints away.
      expect(await verified(own, '', [publicKey], at(20))).toContain(fails);
      await own.sql(`DELETE FROM audit.entry WHERE seq = 3; DELETE FROM audit.entry_citizen WHERE seq = 3;
        DELETE FROM audit.entry_mention WHERE at = '2026-10-05T09:00:20Z'; UPDATE audit.log SET size = 3`);
      const yet = 'ok   0999/2026-10  3 entries, 0 checkpoints, not signed yet, 3 entries since then\n';
      expect(await verified(own, '', [publicKey], at(1))).toBe(yet);
      expect(await verified(own, '', [publicKey], at(11))).toBe(fails);
      expect(await verified(own, kept, [publicKey], at(1))).toContain(fails);
    } finally {
      await own.drop();
    }
  });
});

describe('somebody at the tables', () => {
  const begins = (log: string) =>
    new RegExp(
      `^FAIL ${log.replaceAll('/', '\\/')} {2}entr(y|ies) \\d+( to \\d+)?: the log does not begin as it did when this was signed`,
      'm',
    );

  const ofNoLog = 'holds what is of no log: none is there, or it was dropped, or is of another municipality or month';
  /** A row of a log once more, with something else in one column; where there is no partition for it, one is made. */
  const moved = async (database: TestDatabase, table: string, log: string, over: Record<string, string>) => {
    const [[column, value]] = Object.entries(over) as [[string, string]];
    if (column === 'log') await database.sql(`SELECT audit.prepare_month('0999', '${value.slice(5)}')`);
    await database.sql(`CREATE TEMPORARY TABLE one AS SELECT * FROM audit.${table} WHERE log = '${log}' LIMIT 1;
      UPDATE one SET ${column} = '${value}'; INSERT INTO audit.${table} SELECT * FROM one`);
  };

  it.each<[string, (database: TestDatabase) => Promise<unknown>, (string | RegExp)[]]>([
    [
      'flips a letter in a leaf',
      (database) =>
        database.sql(
          `UPDATE audit.entry SET leaf = replace(leaf, '"outcome":"DENIED"', '"outcome":"FAILED"') WHERE ${ordinary(october)} AND seq = 142`,
        ),
      [
        'FAIL 0999/2026-10  entry 142: has a column outcome that says something else than its leaf\n',
        /^FAIL 0999\/2026-10 {2}entries 100 to 299: the log does not begin as it did/m,
        'FAIL 0999/2026-10  entries 0 to 255: have another hash than the stored subtree\n',
        /^FAIL 0999\/2026-10 {2}has another root than the last checkpoint: entry \d+ of 0999\/2026-11 \(LOG_CLOSED\) holds it$/m,
        'FAIL 0999/2026-10  entry 142 (2 rows): entry_citizen says something else than the leaf\n',
      ],
    ],
    [
      'writes into a leaf what is no JSON',
      (database) =>
        database.sql(`UPDATE audit.entry SET leaf = leaf || ' x' WHERE ${ordinary(october)} AND seq IN (7, 9)`),
      [
        'FAIL 0999/2026-10  entry 7: is not the canonical JSON of an entry (and 1 more)\n',
        'FAIL 0999/2026-10  entry_citizen cannot be compared: a leaf is no JSON\n',
        begins(october),
      ],
    ],
    [
      'changes an entry in leaf and columns alike',
      (database) => rewrite(database, october, 310, { use: 'READ', actor: { kind: 'Employee', id: 'somebody else' } }),
      [/^FAIL 0999\/2026-10 {2}entries 300 to 359: the log does not begin as it did/m],
    ],
    [
      'takes an entry out and moves the later ones up',
      async (database) => {
        await database.sql(`DELETE FROM audit.entry_citizen WHERE entry IN (SELECT id FROM audit.entry WHERE ${ordinary(november)} AND seq = 12);
          DELETE FROM audit.entry_mention WHERE entry IN (SELECT id FROM audit.entry WHERE ${ordinary(november)} AND seq = 12);
          DELETE FROM audit.entry WHERE ${ordinary(november)} AND seq = 12`);
        await database.sql(`UPDATE audit.entry SET seq = seq - 1001 WHERE ${ordinary(november)} AND seq > 12;
          UPDATE audit.entry SET seq = seq + 1000 WHERE ${ordinary(november)} AND seq < 0;
          UPDATE audit.log SET size = size - 1 WHERE name = '${november}'`);
      },
      [
        begins(november),
        /^FAIL 0999\/2026-11 {2}checkpoint of 301 entries, and there are 300: is of more entries than there are/m,
      ],
    ],
    [
      'takes an entry out and leaves the gap',
      (database) => database.sql(`DELETE FROM audit.entry WHERE ${ordinary(october)} AND seq = 200`),
      [
        'FAIL 0999/2026-10  entry 200: is missing, and later ones are there\n',
        'FAIL 0999/2026-10  359 entries are there, and the log says that it has 360\n',
        'FAIL 0999/2026-10  2 rows: entry_citizen has a row that no leaf speaks of\n',
        'FAIL 0999/2026-10  4 rows: entry_mention has a row that no leaf speaks of\n',
      ],
    ],
    [
      'lets two entries change places',
      (database) =>
        database.sql(`UPDATE audit.entry SET seq = -1 WHERE ${ordinary(october)} AND seq = 20;
          UPDATE audit.entry SET seq = 20 WHERE ${ordinary(october)} AND seq = 21;
          UPDATE audit.entry SET seq = 21 WHERE ${ordinary(october)} AND seq = -1`),
      [/^FAIL 0999\/2026-10 {2}entries 0 to 99: the log does not begin as it did/m],
    ],
    [
      'puts an entry in between',
      async (database) => {
        await database.sql(`UPDATE audit.entry SET seq = seq - 1000 WHERE ${ordinary(october)} AND seq >= 330;
          UPDATE audit.entry SET seq = seq + 1001 WHERE ${ordinary(october)} AND seq < 0;
          UPDATE audit.log SET size = size + 1 WHERE name = '${october}';
          INSERT INTO audit.entry SELECT municipality, log, 330, '${randomUUID()}', at, actor_id, use, outcome, operation_hash, operation_name, leaf
          FROM audit.entry WHERE ${ordinary(october)} AND seq = 5`);
      },
      [
        'FAIL 0999/2026-10  entry 330: has the id of an earlier one\n',
        'FAIL 0999/2026-10  entry 330: has a column id that says something else than its leaf\n',
        /^FAIL 0999\/2026-10 {2}entries 300 to 359: the log does not begin/m,
        /^FAIL 0999\/2026-10 {2}has 361 entries where entry \d+ of 0999\/2026-11 \(LOG_CLOSED\) holds a last checkpoint of 360$/m,
      ],
    ],
    [
      'changes a sealed entry',
      (database) =>
        database.sql(
          `UPDATE audit.sealed_entry SET leaf = replace(leaf, 'a purpose', 'a propose') WHERE log = '${sealedOctober}' AND seq = 30`,
        ),
      [begins(sealedOctober)],
    ],
    [
      'signs with a key of their own',
      async (database) => {
        const rows = await database.sql<{ note: string; size: string }>(
          `SELECT note, size FROM audit.checkpoint WHERE ${ordinary(october)}`,
        );
        for (const { note, size } of rows)
          await database.sql(`UPDATE audit.checkpoint SET note = $1 WHERE ${ordinary(october)} AND size = $2`, [
            signCheckpoint(checkpointIn(note), [thief.privateKey]),
            size,
          ]);
      },
      [
        /^FAIL 0999\/2026-10 {2}checkpoint of \d+ entries: not signed by a key that was given: the signer was swapped/m,
        'FAIL 0999/2026-10  has no checkpoint that a given key has signed\n',
      ],
    ],
    [
      'changes the text of an operation',
      (database) =>
        database.sql(
          `UPDATE audit.operation SET definition = replace(definition, 'viewer', 'citizen') WHERE ${ordinary(october)} AND definition LIKE '%# 1%'`,
        ),
      [
        /^FAIL 0999\/2026-10 {2}entry 1: names the definition of an operation that is missing or was changed \(and \d+ more\)$/m,
        'FAIL 0999/2026-10  1 row: operation holds a text that is not the one of its hash\n',
      ],
    ],
    [
      'changes a column by which entries are found',
      (database) =>
        database.sql(`UPDATE audit.entry SET actor_id = 'nobody' WHERE ${ordinary(october)} AND seq IN (44, 45)`),
      ['FAIL 0999/2026-10  entry 44: has a column actor_id that says something else than its leaf (and 1 more)\n'],
    ],
    [
      'takes a look-up from a citizen’s view',
      (database) =>
        database.sql(`DELETE FROM audit.entry_citizen WHERE ${ordinary(november)} AND citizen = '${citizen}' AND shown
          AND entry = (SELECT id FROM audit.entry WHERE ${ordinary(november)} AND seq = 3)`),
      ['FAIL 0999/2026-11  entry 3 (1 row): entry_citizen lacks what the leaf says\n'],
    ],
    [
      'hides a look-up in a citizen’s view',
      (database) =>
        database.sql(`UPDATE audit.entry_citizen SET shown = false WHERE ${ordinary(november)} AND citizen = '${citizen}'
          AND entry = (SELECT id FROM audit.entry WHERE ${ordinary(november)} AND seq = 3)`),
      ['FAIL 0999/2026-11  entry 3 (1 row): entry_citizen says something else than the leaf\n'],
    ],
    [
      'takes away what sealed entries are found by',
      (database) =>
        database.sql(`DELETE FROM audit.sealed_entry_citizen WHERE log = '${sealedNovember}';
          DELETE FROM audit.sealed_entry_mention WHERE kind = 'CASE' AND period = '${november}'`),
      [
        `FAIL ${sealedNovember}  entry 0 (20 rows): sealed_entry_citizen lacks what the leaf says\n`,
        `FAIL ${sealedNovember}  entry 0 (10 rows): sealed_entry_mention lacks what the leaf says\n`,
      ],
    ],
    [
      'takes away a value by which an entry is found, and adds another',
      (database) =>
        database.sql(`UPDATE audit.entry_mention SET value = 'Dam' WHERE ${ordinary(october)} AND kind = 'CRITERION' AND value LIKE 'Damm%'
          AND entry = (SELECT id FROM audit.entry WHERE ${ordinary(october)} AND seq = 8)`),
      [
        'FAIL 0999/2026-10  entry 8 (1 row): entry_mention lacks what the leaf says\n',
        'FAIL 0999/2026-10  1 row: entry_mention has a row that no leaf speaks of\n',
      ],
    ],
    [
      'takes away for whom somebody acted',
      (database) =>
        database.sql(`DELETE FROM audit.entry_mention WHERE ${ordinary(november)} AND kind = 'ACTING_FOR'
          AND entry = (SELECT id FROM audit.entry WHERE ${ordinary(november)} AND seq = 100)`),
      ['FAIL 0999/2026-11  entry 100 (1 row): entry_mention lacks what the leaf says\n'],
    ],
    [
      'says another power of attorney, in the leaf',
      (database) => rewrite(database, november, 100, { powerOfAttorney: 'another power' }),
      [/^FAIL 0999\/2026-11 {2}entr(y|ies) [^:]*: the log does not begin as it did/m],
    ],
    [
      'takes out of a leaf that somebody acted for another',
      (database) => rewrite(database, november, 100, { actingFor: null, powerOfAttorney: null }),
      [
        /^FAIL 0999\/2026-11 {2}entr(y|ies) [^:]*: the log does not begin as it did/m,
        'FAIL 0999/2026-11  1 row: entry_mention has a row that no leaf speaks of\n',
      ],
    ],
    [
      'opens sealed entries to those who are not cleared',
      (database) =>
        database.sql(`UPDATE audit.sealed_entry SET sealed_by = '{other}' WHERE log = '${sealedOctober}' AND seq = 4;
          UPDATE audit.sealed_entry_citizen SET sealed_by = '{other}' WHERE log = '${sealedOctober}' AND citizen = '${citizen}';
          UPDATE audit.sealed_entry_mention SET sealed_by = '{other}' WHERE period = '${october}' AND value = '4000'`),
      [
        `FAIL ${sealedOctober}  entry 4: has a column sealed_by that says something else than its leaf\n`,
        `FAIL ${sealedOctober}  entry 0 (40 rows): sealed_entry_citizen says something else than the leaf\n`,
        `FAIL ${sealedOctober}  entry 0 (40 rows): sealed_entry_mention says something else than the leaf\n`,
      ],
    ],
    [
      'takes the stored subtrees away',
      (database) => database.sql(`DELETE FROM audit.subtree WHERE ${ordinary(october)}`),
      ['FAIL 0999/2026-10  subtrees of 256 entries: are missing\n'],
    ],
    [
      'moves an entry into another seal’s log',
      (database) =>
        database.sql(
          `UPDATE audit.sealed_entry SET leaf = replace(leaf, 'SOCIAL_FRAUD', 'OTHER') WHERE log = '${sealedNovember}' AND seq = 2`,
        ),
      [`FAIL ${sealedNovember}  entry 2: is of another seal than its log\n`],
    ],
    [
      'takes a whole month away',
      (database) =>
        database.sql(`DROP TABLE audit.entry_0999_2026_10, audit.entry_citizen_0999_2026_10, audit.entry_mention_0999_2026_10, audit.operation_0999_2026_10;
          DELETE FROM audit.log WHERE name = '${october}'; DELETE FROM audit.checkpoint WHERE log = '${october}'; DELETE FROM audit.subtree WHERE log = '${october}'`),
      [
        /^FAIL 0999\/2026-10 {2}the log is missing: entry \d+ of 0999\/2026-11 \(LOG_CLOSED\) holds its last checkpoint$/m,
      ],
    ],
    [
      'moves what citizens are shown to where the patrol does not look',
      (database) =>
        database.sql(`UPDATE audit.entry_citizen SET seq = seq + 100000 WHERE ${ordinary(october)} AND seq = 3;
          UPDATE audit.sealed_entry_citizen SET seq = seq + 100000 WHERE log = '${sealedOctober}' AND seq = 5`),
      [
        'FAIL 0999/2026-10  entry 3 (2 rows): entry_citizen says something else than the leaf\n',
        `FAIL ${sealedOctober}  entry 5 (2 rows): sealed_entry_citizen says something else than the leaf\n`,
      ],
    ],
    [
      'opens what lies beside sealed entries to those who are not cleared',
      (database) =>
        database.sql(`INSERT INTO audit.sealed_subtree VALUES ('0999', '${sealedOctober}', 1, 0, sha256('x'), '{other}');
          UPDATE audit.sealed_operation SET sealed_by = '{other}' WHERE log = '${sealedOctober}' AND definition LIKE '%# 1%';
          UPDATE audit.sealed_checkpoint SET sealed_by = '{other}' WHERE log = '${sealedOctober}' AND size = 40`),
      ['sealed_operation', 'sealed_checkpoint', 'sealed_subtree'].map(
        (table) => `FAIL ${sealedOctober}  1 row: ${table} lies under another seal than its log\n`,
      ),
    ],
    [
      'changes what stands beside a signed note, adds to one, and moves one',
      (database) =>
        database.sql(`UPDATE audit.checkpoint SET at = at - interval '1 day' WHERE ${ordinary(october)} AND size = 100;
          UPDATE audit.checkpoint SET note = note || 'x' WHERE ${ordinary(october)} AND size = 300;
          UPDATE audit.sealed_checkpoint SET log = '${november}' WHERE log = '${sealedOctober}' AND size = 40`),
      [
        'FAIL 0999/2026-10  checkpoint of 100 entries: has a column at that says something else than its note\n',
        'FAIL 0999/2026-10  checkpoint of 300 entries: holds more than what was signed\n',
        `FAIL 0999/2026-11  1 row: sealed_checkpoint ${ofNoLog}\n`,
      ],
    ],
    [
      'shows entries of a month that has no log',
      async (database) => {
        for (const table of ['entry', 'entry_citizen', 'entry_mention', 'operation'])
          await moved(database, table, november, { log: '0999/2026-09' });
      },
      ['entry', 'entry_citizen', 'entry_mention', 'operation'].map(
        (table) => `FAIL 0999/2026-09  1 row: ${table} ${ofNoLog}\n`,
      ),
    ],
    [
      'shows entries to the readers of another municipality',
      async (database) => {
        for (const table of ['entry', 'entry_citizen', 'entry_mention', 'operation', 'checkpoint', 'subtree'])
          await moved(database, table, november, { municipality: '0101' });
      },
      ['entry', 'entry_citizen', 'entry_mention', 'operation', 'checkpoint', 'subtree'].map(
        (table) => `FAIL ${november}  1 row: ${table} ${ofNoLog}\n`,
      ),
    ],
    [
      'shows sealed entries in another month’s partition',
      async (database) => {
        for (const table of ['sealed_entry', 'sealed_entry_citizen', 'sealed_entry_mention', 'sealed_operation'])
          await moved(database, table, sealedNovember, { period: october });
      },
      ['sealed_entry', 'sealed_entry_citizen', 'sealed_entry_mention', 'sealed_operation'].map(
        (table) => `FAIL ${sealedNovember}  1 row: ${table} ${ofNoLog}\n`,
      ),
    ],
    [
      'takes a sealed log away and leaves its entries',
      (database) =>
        database.sql(
          'DELETE FROM audit.sealed_log; DELETE FROM audit.sealed_checkpoint; DELETE FROM audit.sealed_subtree',
        ),
      [
        `FAIL ${sealedOctober}  40 rows: sealed_entry ${ofNoLog}\n`,
        `FAIL ${sealedNovember}  11 rows: sealed_entry ${ofNoLog}\n`,
      ],
    ],
    [
      'keeps what citizens are shown of a month that was dropped',
      (database) =>
        database.sql(`UPDATE audit.log SET dropped_at = '2027-05-02' WHERE name = '${october}';
          DELETE FROM audit.entry WHERE log = '${october}'; DELETE FROM audit.operation WHERE log = '${october}'`),
      [
        `FAIL ${october}  720 rows: entry_citizen ${ofNoLog}\n`,
        new RegExp(`^FAIL ${october} {2}[\\d,]+ rows: entry_mention ${ofNoLog}$`, 'm'),
      ],
    ],
    [
      'forgets the checkpoints of a month that is gone',
      (database) => database.sql(`DELETE FROM audit.sealed_log WHERE name = '${sealedNovember}'`),
      [new RegExp(`^FAIL ${sealedNovember} {2}\\d rows?: sealed_checkpoint ${ofNoLog}$`, 'm')],
    ],
  ])('who %s is found out', async (_what, tamper, expected) => {
    const copy = await copyOf(world);
    await tamper(copy);
    const printed = await verified(copy);
    for (const line of expected) expect(printed).toMatch(typeof line === 'string' ? literally(line) : line);
    // What was not touched is still whole.
    expect(printed).toMatch(/^ok /m);
  });

  const literally = (line: string) => new RegExp(`^${line.trimEnd().replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}$`, 'm');

  it('who destroys a month before its time is found out, whatever is written of it', async () => {
    const copy = await copyOf(world);
    const early = 'FAIL 0999/2026-10  was dropped before six whole months had passed since it ended\n';
    const untold = 'FAIL 0999/2026-10  was dropped, and no later log tells of it\n';
    const checkpoint = await lastNoteOf(copy, october);
    await forgeEvent(copy, november, { event: 'LOG_DROPPED', log: october, size: 360, checkpoint });
    await copy.sql(
      `DROP TABLE audit.entry_0999_2026_10, audit.entry_citizen_0999_2026_10, audit.entry_mention_0999_2026_10, audit.operation_0999_2026_10`,
    );
    const soon = new Date('2026-11-05T10:00:00.000Z');
    for (const droppedAt of ['2026-11-05T09:00:02.000Z', '2027-05-01T00:00:00.000Z']) {
      await copy.sql(`UPDATE audit.log SET dropped_at = $1 WHERE name = $2`, [droppedAt, october]);
      const printed = await verified(copy, retained, [publicKey], soon);
      expect(printed).toContain(early);
      expect(printed).toContain(untold);
      const part = await verifiedExport(await exported(copy, { logs: [october] }), '', soon);
      expect(part).toContain(early);
      expect(part).not.toContain(untold);
    }
    // Half a year later it looks as if it had been time, but the month that tells of it is too early.
    const later = await verified(copy, retained, [publicKey], new Date('2027-05-02T00:00:00.000Z'));
    expect(later).not.toContain(early);
    expect(later).toContain(untold);
  });

  it('who writes lines and escapes of a terminal where names should be puts none of them into the verdict', async () => {
    const copy = await copyOf(world);
    const injected = '0999/2026-10  all is well\nok   0999/2026-10  all is well \u001b[8m\u009b8m\u2028\u202e';
    const checkpoint = await lastNoteOf(copy, october);
    await forgeEvent(copy, november, { event: 'LOG_CLOSED', log: injected, checkpoint });
    await forgeEvent(copy, november, { event: injected, log: '0999/2026-08', checkpoint });
    await forgeEvent(copy, november, { event: 'LOG_CLOSED', log: '0999/2026-09', checkpoint });
    await copy.sql('UPDATE audit.log SET name = $1 WHERE name = $2', [injected, october]);
    await copy.sql('UPDATE audit.checkpoint SET log = $1 WHERE log = $2', [`${injected} more`, october]);
    const printed = await verified(copy, retained);
    expect(printed.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(printed).not.toMatch(/^ok .*all is well/m);
    expect(printed).toMatch(/^FAIL 0999\/2026-11 {2}entry 303: tells of a log with the checkpoint of another one$/m);
    const named = signCheckpoint(
      { origin: 'sluse\u001b[8m', size: 1, root: Buffer.alloc(32), at: time.toISOString() },
      [privateKey],
    );
    await expect(verified(copy, named)).rejects.toThrow('names no log: sluse\uFFFD[8m');
  });

  describe('who adapts everything to it is found out by a checkpoint that was retained', () => {
    it('cutting off the tail', async () => {
      const copy = await copyOf(world);
      const [{ size }] = (await copy.sql(
        `SELECT max(size)::int AS size FROM audit.checkpoint WHERE ${ordinary(november)} AND size < 256`,
      )) as [{ size: number }];
      await copy.sql(`DELETE FROM audit.entry_citizen WHERE entry IN (SELECT id FROM audit.entry WHERE ${ordinary(november)} AND seq >= ${size});
        DELETE FROM audit.entry_mention WHERE entry IN (SELECT id FROM audit.entry WHERE ${ordinary(november)} AND seq >= ${size});
        DELETE FROM audit.entry WHERE ${ordinary(november)} AND seq >= ${size};
        DELETE FROM audit.checkpoint WHERE ${ordinary(november)} AND size > ${size};
        DELETE FROM audit.subtree WHERE ${ordinary(november)};
        UPDATE audit.log SET size = ${size} WHERE name = '${november}'`);
      expect(await verified(copy)).not.toContain('FAIL');
      expect(await verified(copy, retained)).toContain(
        `FAIL 0999/2026-11  retained checkpoint of 301 entries, and there are ${size}: is of more entries than there are: a truncated tail, or rolled back to an older state\n`,
      );
    });

    it('going back to an old backup', async () => {
      expect(await verified(backup)).not.toContain('FAIL');
      const printed = await verified(backup, retained);
      expect(printed).toMatch(/^ok {3}0999\/2026-10 {2}300 entries/m);
      expect(printed).toContain('FAIL 0999/2026-11  the log is missing here: a checkpoint of it was retained\n');
    });

    it('writing the log anew with other entries, signed with the same key: a fork', async () => {
      const other = await freshDatabase();
      try {
        time = new Date('2026-10-05T09:00:00.000Z');
        const room = await opened(other);
        await append(room, some(100));
        const fork = await noteOf(room);
        await append(room, some(260));
        await untilSigned(other);
        await room.close();
        expect(await verified(other)).not.toContain('FAIL');
        const printed = await verified(other, retained.slice(0, retained.indexOf(`sluse/${november}`)));
        expect(printed).toMatch(
          /^FAIL 0999\/2026-10 {2}checkpoint of 100 entries: another one of the same size has another root, and both are signed: a fork$/m,
        );
        expect(printed).toMatch(begins(october));
        // Two auditors who lay their checkpoints beside each other need no database for that.
        expect(await verified(world, retained + fork)).toContain('a fork\n');
      } finally {
        await other.drop();
      }
    });

    it('which counts only if a trusted key has signed it', async () => {
      const forged = signCheckpoint(
        { origin: `sluse/${october}`, size: 5, root: Buffer.alloc(32), at: time.toISOString() },
        [thief.privateKey],
      );
      expect(await verified(world, forged)).toMatch(
        /^FAIL 0999\/2026-10 {2}retained checkpoint of 5 entries: not signed by a key that was given/m,
      );
      expect(await verified(world, retained, [publicKey, thief.publicKey])).not.toContain('FAIL');
    });
  });
});

describe('an export', () => {
  const without = (text: string, log: string): string[] => {
    let isWanted = true;
    return text.split('\n').filter((line) => {
      const header: unknown = line && JSON.parse(line).log;
      if (header) isWanted = header !== log;
      return isWanted;
    });
  };
  const missing = /^FAIL 0999\/2026-10 {2}the log is missing: entry \d+ of 0999\/2026-11 \(LOG_CLOSED\) holds/m;

  it.each([[{ municipality: '' }], [{ logs: [] }], [{ municipality: '999' }], [{ logs: ['all'] }]])(
    'that says of itself %j hides no month',
    async (only) => {
      const lines = without(await exported(world), october);
      const printed = await verifiedExport([JSON.stringify({ only }), ...lines].join('\n'));
      expect(printed).toContain('FAIL -  line 1: cannot be read: the export is broken or cut off\n');
      expect(printed).toMatch(missing);
      expect(printed).not.toContain('of a part only');
    },
  );

  it('that says at its end that it is of a part only hides no month', async () => {
    const lines = without(await exported(world), october);
    const only = JSON.stringify({ only: { logs: [november] } });
    for (const text of [
      [...lines.slice(0, -1), only],
      [only, ...lines.slice(0, -1), only],
    ]) {
      const printed = await verifiedExport(text.join('\n'));
      expect(printed).toContain('FAIL -  the export says that it is of a part only, and not at its beginning\n');
      if (text[0] !== only) expect(printed).toMatch(missing);
    }
  });
});

describe('the command', () => {
  it('verifies the database of DATABASE_URL, and says by its exit code what it found', async () => {
    const key = await fileOf('key.pem', publicKey.export({ type: 'spki', format: 'pem' }) as string);
    const kept = await fileOf('checkpoints', retained);
    const whole = await sluse(['verify-log', '--key', key, '--checkpoints', kept], { DATABASE_URL: world.url });
    expect(whole).toEqual({ code: 0, out: await verified(world, retained), err: '' });
    const copy = await copyOf(world);
    await rewrite(copy, october, 3, { purpose: 'another' });
    const changed = await sluse(['verify-log', '--key', key], { DATABASE_URL: copy.url });
    expect(changed.code).toBe(1);
    expect(changed.out).toMatch(/^FAIL 0999\/2026-10 {2}entries 0 to 99: the log does not begin as it did/m);
  });

  it('verifies an export on a machine that has no database, with a verifier key', async () => {
    const written = await sluse(['export-log'], { DATABASE_URL: world.url });
    expect(written).toMatchObject({ code: 0, err: '' });
    expect(written.out).toBe(await exported(world));
    const file = await fileOf('export', written.out);
    const key = verifierKey(`sluse/${october}`, publicKey);
    const whole = await sluse(['verify-log', '--export', file, '--key', key]);
    expect(whole).toEqual({ code: 0, out: await verified(world), err: '' });
    const cut = await fileOf('cut', written.out.slice(0, written.out.length / 2));
    const found = await sluse(['verify-log', '--export', cut, '--key', key]);
    expect(found.code).toBe(1);
    expect(found.out).toMatch(/: cannot be read: the export is broken or cut off$/m);
    const replaced = await fileOf('replaced', (await readFile(file, 'utf8')).replace('an employee', 'an Employee'));
    expect((await sluse(['verify-log', '--export', replaced, '--key', key])).out).toContain('does not begin as it did');
  });

  it('exports a part, which says of itself that it is one', async () => {
    const part = await sluse(['export-log', '--log', november], { DATABASE_URL: world.url });
    const printed = await verifiedExport(part.out);
    expect(printed).toMatch(
      /^ok {3}- {2}the export is of a part only: 0999\/2026-11\nok {3}0999\/2026-11 {2}301 entries/,
    );
    const none = await sluse(['export-log', '--municipality', '0101'], { DATABASE_URL: world.url });
    expect(await verifiedExport(none.out)).toContain('FAIL -  there is no log: nothing was verified\n');
  });

  it.each<[string, string[], string]>([
    ['no command', [], 'Which command?'],
    ['a command that is none', ['verify'], 'There is no command verify.'],
    ['no key', ['verify-log'], 'Without a key nobody is trusted'],
    ['a key that is no file', ['verify-log', '--key', '/none'], '--key /none: ENOENT'],
    ['a key that is none', ['verify-log', '--key', 'package.json'], 'expected a verifier key, or PEM'],
    ['checkpoints that are none', ['verify-log', '--key', 'KEY', '--checkpoints', 'package.json'], 'not a signed note'],
    ['no database', ['verify-log', '--key', 'KEY'], 'DATABASE_URL is not set'],
    ['no database to export', ['export-log'], 'DATABASE_URL is not set'],
    ['a municipality that is none', ['export-log', '--municipality', ''], 'Say --municipality with four digits'],
    ['a log that is none', ['export-log', '--log', 'all'], 'and --log as in 0999/2026-11'],
    ['an option that is none', ['verify-log', '--all'], "Unknown option '--all'"],
    ['an export that is no file', ['verify-log', '--key', 'KEY', '--export', '/none'], 'ENOENT'],
  ])('refuses %s with exit code 2', async (_what, args, message) => {
    const key = verifierKey('sluse', publicKey);
    const { code, out, err } = await sluse(args.map((arg) => (arg === 'KEY' ? key : arg)));
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
  });

  it('is not content with an owner from whom row-level security hides rows', async () => {
    const copy = await copyOf(world);
    const role = `${copy.name}_reader`;
    await copy.sql(`CREATE ROLE ${role} LOGIN PASSWORD 'only-for-tests'; GRANT USAGE ON SCHEMA audit TO ${role};
      GRANT SELECT ON ALL TABLES IN SCHEMA audit TO ${role}`);
    const url = new URL(copy.url);
    url.username = role;
    url.password = 'only-for-tests';
    const { code, err } = await sluse(['verify-log', '--key', verifierKey('sluse', publicKey)], {
      DATABASE_URL: url.toString(),
    });
    expect({ code, err }).toEqual({
      code: 2,
      err: 'The owner of DATABASE_URL does not see all rows: connect as a superuser, or ALTER ROLE … BYPASSRLS.\n',
    });
  });

  it('helps', async () => {
    const { code, out } = await sluse(['--help']);
    expect(code).toBe(0);
    for (const option of ['verify-log', 'export-log', '--key', '--checkpoints', '--export', '--municipality', '--log'])
      expect(out).toContain(option);
  });
});

describe('keys and ids', () => {
  it('a verifier key whose id is not that of the key is refused', () => {
    const key = verifierKey('sluse', publicKey);
    expect(trustedKey(key).equals(publicKey)).toBe(true);
    expect(trustedKey(privateKey.export({ type: 'pkcs8', format: 'pem' }) as string).equals(publicKey)).toBe(true);
    expect(() => trustedKey(key.replace('sluse', 'other'))).toThrow('one of them was mistyped');
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
    expect(() => trustedKey(rsa.export({ type: 'spki', format: 'pem' }) as string)).toThrow('expected a verifier key');
  });

  it('an id is new once', () => {
    const ids = openIdSet();
    const some = Array.from({ length: 5_000 }, () => randomUUID());
    for (const id of some) expect(ids.add(id)).toBe(true);
    for (const id of some) expect(ids.add(id)).toBe(false);
    expect(ids.add('00000000-0000-4000-8000-000000000000')).toBe(true);
    expect(ids.add('00000000-0000-4000-8000-000000000000')).toBe(false);
  });
});
