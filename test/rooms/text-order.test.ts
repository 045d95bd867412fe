/**
 * Text in the rooms' databases: how it is searched, and in which order it comes. What PostgreSQL does and what TypeScript does is one
 * definition, on the embedded database and on a server alike.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cases } from '../../subgraphs/cases/index.js';
import { identity } from '../../subgraphs/identity/index.js';
import type { Room } from '../../subgraphs/kit/room.js';
import { migrate } from '../../subgraphs/postgres/migrate.js';
import { compartmentId } from '../../subgraphs/protocol/compartments.js';
import { folded } from '../../subgraphs/protocol/folded.js';
import { freshDatabase, type TestDatabase, testSecret } from '../support/database.js';
import { aViewer, openRoom, type RoomUnderTest } from '../support/room.js';

/** In Danish order. Aa is Å, Ä is Æ, Ü is Y; among them, names of elsewhere. */
const inOrder = [
  'Anders And',
  'Česká Anna',
  'Ǆemal',
  'Eva Straße',
  'João Loïc',
  'Mygind Ib',
  'Müller Ib',
  'Oestergaard',
  'Šimić Ana',
  'Zoë',
  'Æble',
  'Ärla Zeta',
  'Øl',
  'Ål',
  'Aalborg',
];
const danish = new Intl.Collator('da');
const byDanish = [...inOrder].sort((left, right) => danish.compare(folded(left), folded(right)));
const idOf = (index: number) => `aaaaaaaa-0000-4000-8000-${index.toString(16).padStart(12, '0')}`;

/** A room as it was before its text was brought to one form, with `sql` run in it; then brought up to date and opened. */
async function upgraded(room: Room, before: string, sql: (database: TestDatabase) => Promise<unknown>) {
  const folder = await mkdtemp(join(tmpdir(), 'sluse-text-'));
  await cp(room.migrations, folder, { recursive: true, filter: (path) => !path.includes(before) });
  const database = await freshDatabase();
  const older = { ownerUrl: database.url, room: room.name, folder: pathToFileURL(`${folder}/`), secret: testSecret };
  await migrate(older);
  await sql(database);
  await rm(folder, { recursive: true });
  const opened = await openRoom(room, undefined, { on: database });
  return { room: opened, database };
}

async function pages(ask: (after: string | null) => Promise<any>): Promise<string[]> {
  const found: string[] = [];
  for (let after: string | null = null; ; ) {
    const { edges, pageInfo } = await ask(after);
    found.push(...edges.map(({ node }: any) => node.name ?? node.title));
    if (!pageInfo.hasNextPage) return found;
    after = pageInfo.endCursor;
  }
}

describe('citizens and employees', () => {
  let room: RoomUnderTest;
  let database: TestDatabase;
  const clerk = aViewer({
    organisation: idOf(900),
    scopes: ['citizen:read', 'citizen:browse', 'employee:read', 'admin'],
  });
  const names = async (filter: string): Promise<string[]> =>
    (await room.ask(clerk, `{ citizens(filter: ${filter}, first: 100) { nodes { name } } }`)).data.citizens.nodes.map(
      ({ name }: { name: string }) => name,
    );

  beforeAll(async () => {
    // As they may have come from another system before: in decomposed characters.
    const rows = [...inOrder].reverse().map((name, index) => ({ id: idOf(index), name: name.normalize('NFD') }));
    ({ room, database } = await upgraded(identity, '011_text', async (before) => {
      await before.sql(
        `INSERT INTO identity.citizen (municipality, id, cpr, name, born_on, street, postcode, city)
         SELECT '0999', id, lpad(row_number() OVER ()::text, 10, '0'), name, '1980-01-01', normalize('Åvej 1', NFD), '9999', 'By'
         FROM json_to_recordset($1) AS given (id uuid, name text)`,
        [JSON.stringify(rows)],
      );
      const [unit, client] = [idOf(900), idOf(901)];
      await before.sql(`INSERT INTO identity.organisation (municipality, id, cvr, name, kind, part_of) VALUES
        ('0999', '${unit}', '29190909', normalize('Ældre', NFD), 'DEPARTMENT', '0999')`);
      await before.sql(`INSERT INTO identity.system_client (municipality, id, name, organisation, scopes) VALUES
        ('0999', '${client}', 'Ål', '${unit}', '{}'), ('0999', '${idOf(902)}', 'zebra', '${unit}', '{}'),
        ('0999', '${idOf(903)}', 'Beta', '${unit}', '{}')`);
      await before.sql(
        `INSERT INTO identity.employee (municipality, id, name, organisation)
         SELECT '0999', id, name, '${unit}' FROM json_to_recordset($1) AS given (id uuid, name text)`,
        [JSON.stringify(rows)],
      );
      await before.sql(`INSERT INTO identity.legacy_account (municipality, user_name, password_hash) VALUES
        ('0999', 'šimić', 'x'), ('0999', normalize('åse', NFD), 'x'), ('0999', 'straße', 'x'), ('0999', 'strasse', 'x')`);
    }));
  });
  afterAll(async () => {
    await room.close();
    await database.drop();
  });

  it('what was there before is kept in one form from now on', async () => {
    const rows = await database.sql<{ name: string; street: string }>('SELECT name, street FROM identity.citizen');
    for (const { name, street } of rows) expect([name, street]).toEqual([name.normalize('NFC'), 'Åvej 1']);
    expect(rows.map(({ name }) => name).sort()).toEqual([...inOrder].sort());
    const accounts = await database.sql<{ user_name: string }>(
      'SELECT user_name FROM identity.legacy_account ORDER BY user_name COLLATE "C"',
    );
    // Two that would become one stay two.
    expect(accounts.map((row) => row.user_name)).toEqual(['strasse', 'straße', 'åse', 'šimić']);
  });

  it.each([
    ['JOÃO', 'João Loïc'],
    ['LOÏC', 'João Loïc'],
    ['ŠIMIĆ', 'Šimić Ana'],
    ['ČESKÁ', 'Česká Anna'],
    ['STRASSE', 'Eva Straße'],
    ['ǆEMAL', 'Ǆemal'],
    ['ＭＹＧＩＮＤ', 'Mygind Ib'],
    ['ZO\u00adE\u0308', 'Zoë'],
    ['o\u0308', 'none'],
  ])('a search for %s finds %s', async (text, name) => {
    expect(await names(`{ nameContains: ${JSON.stringify(text)} }`)).toEqual(name === 'none' ? [] : [name]);
  });

  it('streets are found by their beginning alike', async () => {
    expect(await names('{ street: "ÅV" }')).toHaveLength(inOrder.length);
    expect(await names('{ street: "a\\u030Av" }')).toHaveLength(inOrder.length);
  });

  it('stand in Danish order, and every page goes on where the one before ended', async () => {
    expect(byDanish).toEqual(inOrder);
    for (const [order, expected] of [
      ['NAME_ASC', inOrder],
      ['NAME_DESC', [...inOrder].reverse()],
    ] as const)
      expect(
        await pages(
          async (after) =>
            (
              await room.ask(
                clerk,
                `query ($after: String) { citizens(orderBy: ${order}, first: 2, after: $after) {
                   edges { node { name } } pageInfo { hasNextPage endCursor } } }`,
                { after },
              )
            ).data.citizens,
        ),
      ).toEqual(expected);
    const employees = (after: string | null) =>
      room.ask(
        clerk,
        `query ($after: String) { employees(first: 4, after: $after) {
           edges { node { name } } pageInfo { hasNextPage endCursor } } }`,
        { after },
      );
    expect(await pages(async (after) => (await employees(after)).data.employees)).toEqual(inOrder);
  });

  it('so do the systems', async () => {
    const { data } = await room.ask(clerk, '{ systemClients { name } }');
    expect(data.systemClients.map(({ name }: { name: string }) => name)).toEqual(['Beta', 'zebra', 'Ål']);
  });

  it('SQL and TypeScript fold and sort every letter alike', async () => {
    const ranges = [
      [0x20, 0x24f],
      [0x370, 0x52f],
      [0x1e00, 0x1fff],
      [0x2000, 0x206f],
      [0xff01, 0xffee],
    ];
    const letters = ranges.flatMap(([from, to]) =>
      Array.from({ length: to! - from! + 1 }, (_, index) => String.fromCodePoint(from! + index)),
    );
    const texts = [
      ...letters,
      ...letters.map((letter) => `x${letter}y`),
      'ΟΔΟΣ',
      'ὈΔΥΣΣΕΎΣ',
      'STRAẞE',
      'İstanbul',
      'ﬁn',
    ];
    for (const schema of ['identity'])
      expect(
        (
          await database.sql<{ f: string }>(
            `SELECT ${schema}.folded(t) AS f FROM unnest($1::text[]) WITH ORDINALITY AS given (t, n) ORDER BY n`,
            [texts],
          )
        ).map(({ f }) => f),
      ).toEqual(texts.map(folded));

    const danishLetters = [...'abcdefghijklmnopqrstuvwxyzæøåäöüéèáàóòíìúùýðþñçëêâôûîšćčžłđ'];
    const words = [...danishLetters.flatMap((one) => [one, `${one}b`, `a${one}`, `å${one}`]), 'aa', 'aab', 'år', 'aar'];
    const unique = [...new Set(words)];
    const sorted = await database.sql<{ t: string }>(
      'SELECT t FROM unnest($1::text[]) AS given (t) ORDER BY t COLLATE "da-x-icu"',
      [unique],
    );
    expect(sorted.map(({ t }) => t)).toEqual([...unique].sort(danish.compare));
  });
});

describe('titles of cases', () => {
  let room: RoomUnderTest;
  let database: TestDatabase;
  const compartment = compartmentId('0999', 'MUNICIPALITY', 'HOUSING_BENEFIT');
  const shielded = compartmentId('0999', 'MUNICIPALITY', 'PLACEMENT');
  const officer = aViewer({
    scopes: ['case:read', 'case:write'],
    clearance: [compartment, shielded].map((one) => ({
      compartment: one,
      level: 'DOCUMENTS',
      operations: ['SEARCH', 'ENTER', 'DELETE'],
      shielded: one === shielded,
    })),
  });

  beforeAll(async () => {
    ({ room, database } = await upgraded(cases, '003_text', async (before) => {
      const of = (table: string, from: number, titles: readonly string[], category: string) =>
        before.sql(
          `INSERT INTO cases.${table} (municipality, id, compartment, authority, category, number, title, kle, progress,
                                       sensitivity, opened_on, changed_at)
           SELECT '0999', id, '0999.MUNICIPALITY.${category}', 'MUNICIPALITY', '${category}', '32.03.12-G01-' || n || '-25', title,
                  '32.03.12', 'OPSTAAET', 'IKKE_FORTROLIGE_DATA', '2025-01-01', '2025-01-01'
           FROM json_to_recordset($1) AS given (id uuid, n int, title text)`,
          [JSON.stringify(titles.map((title, index) => ({ id: idOf(from - index), n: index + 1, title })))],
        );
      const even = (_: string, index: number) => index % 2 === 0;
      const decomposed = inOrder.map((title) => title.normalize('NFD'));
      await of('ordinary_case', 100, decomposed.filter(even), 'HOUSING_BENEFIT');
      await of(
        'shielded_case',
        200,
        decomposed.filter((title, index) => !even(title, index)),
        'PLACEMENT',
      );
    }));
  });
  afterAll(async () => {
    await room.close();
    await database.drop();
  });

  it.each(['TITLE_ASC', 'TITLE_DESC'])('by %s come in Danish order, ordinary and shielded in one', async (order) => {
    const found = await pages(
      async (after) =>
        (
          await room.ask(
            officer,
            `query ($after: String) { cases(orderBy: ${order}, first: 2, after: $after) {
               edges { node { title } } pageInfo { hasNextPage endCursor } } }`,
            { after },
          )
        ).data.cases,
    );
    expect(found).toEqual(order === 'TITLE_ASC' ? inOrder : [...inOrder].reverse());
  });

  it.each([
    ['ŠIMIĆ', 'Šimić Ana'],
    ['loi\u0308c', 'João Loïc'],
    ['ÆBLE', 'Æble'],
  ])('a search for %s finds %s', async (text, title) => {
    const { data } = await room.ask(
      officer,
      'query ($text: String) { cases(filter: { titleContains: $text }) { totalCount nodes { title } } }',
      { text },
    );
    expect(data.cases).toEqual({ totalCount: 1, nodes: [{ title }] });
  });

  it('folds as the other room does', async () => {
    const texts = ['ΟΔΟΣ', 'STRAẞE', 'Ａ\u200bÅ', 'ǅ'];
    const rows = await database.sql<{ f: string }>(
      'SELECT cases.folded(t) AS f FROM unnest($1::text[]) WITH ORDINALITY AS given (t, n) ORDER BY n',
      [texts],
    );
    expect(rows.map(({ f }) => f)).toEqual(texts.map(folded));
  });
});
