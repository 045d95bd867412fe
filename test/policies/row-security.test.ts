/**
 * Wall 2 by itself, in SQL, as the room's own login role: what is left to somebody who can make the room run any SQL, but not
 * choose whose clearance it carries.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { standing } from '../../subgraphs/cases/to-graphql.js';
import { citizenId } from '../../subgraphs/demo/people.js';
import { roleOf, roomUrl } from '../../subgraphs/postgres/migrate.js';
import { ordinaryCategories } from '../../subgraphs/protocol/compartments.js';
import { freshDatabase, type TestDatabase, testSecret } from '../support/database.js';

const rooms = ['identity', 'cases', 'smdb', 'audit'] as const;
type RoomName = (typeof rooms)[number];
const template = process.env.SLUSE_TEST_WORLD!;
const concern = '0999.MUNICIPALITY.CHILD_CONCERN';
const housing = '0999.MUNICIPALITY.HOUSING_BENEFIT';

let database: TestDatabase;
let client: pg.Client;
const login = async (room: RoomName) => {
  client = new pg.Client({ connectionString: roomUrl(database.url, roleOf(template, room), testSecret) });
  await client.connect();
};
beforeAll(async () => {
  database = await freshDatabase(template);
});
afterAll(() => database.drop());
afterEach(() => client?.end());

type Settings = Record<string, string>;
const caseworker: Settings = { municipality: '0999', person_kind: 'Employee', sees: `{${housing}}` };
const secretary: Settings = { ...caseworker, sees: `{${housing},${concern}}` };

/** In one transaction with these settings, rolled back. */
async function as<Row extends pg.QueryResultRow>(
  settings: Settings,
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  await client.query('BEGIN');
  try {
    for (const [name, value] of Object.entries(settings))
      await client.query('SELECT set_config($1, $2, true)', [`sluse.${name}`, value]);
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.query('ROLLBACK');
  }
}
const count = async (settings: Settings, from: string) =>
  Number((await as<{ n: string }>(settings, `SELECT count(*) AS n FROM ${from}`))[0]!.n);
const codeOf = (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(
    () => undefined,
    (error: { code: string }) => error.code,
  );
const tablesOf = (room: RoomName) =>
  database.sql<{ name: string }>(
    `SELECT relname AS name FROM pg_class c WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'p', 'v')
       AND has_any_column_privilege($2, c.oid, 'SELECT')`,
    [room, roleOf(template, room)],
  );

describe.each(rooms)('in the %s room', (room) => {
  beforeEach(() => login(room));

  it('no table shows a row where nothing is said of who asks, nor where it is said with empty words', async () => {
    const tables = await tablesOf(room);
    expect(tables.length).toBeGreaterThan(2);
    const empty = Object.fromEntries(
      [
        'municipality',
        'person',
        'person_kind',
        'organisation',
        'right',
        'scopes',
        'sees',
        'sees_documents',
        'enters',
        'children',
        'task',
      ].map((name) => [name, '']),
    );
    for (const { name } of tables) {
      expect([name, await count({}, name)]).toEqual([name, 0]);
      expect([name, await count(empty, name)]).toEqual([name, 0]);
    }
  });

  it('no table shows a row of another municipality', async () => {
    for (const { name } of await tablesOf(room)) {
      // The list of the country's municipalities is everybody's.
      if (name === 'municipality') continue;
      const elsewhere = {
        ...secretary,
        municipality: '0101',
        scopes: '{audit:read,citizen:read,case:read,admin}',
        task: 'append',
      };
      expect([name, await count(elsewhere, name)]).toEqual([name, 0]);
    }
  });

  it('the role cannot become another, nor put row-level security aside', async () => {
    const [{ owner }] = (await database.sql('SELECT current_user AS owner')) as [{ owner: string }];
    const [table] = await tablesOf(room);
    for (const sql of [
      `SET ROLE ${owner}`,
      `SET SESSION AUTHORIZATION ${owner}`,
      `SET ROLE ${roleOf(template, rooms.find((other) => other !== room)!)}`,
      `ALTER TABLE ${table!.name} DISABLE ROW LEVEL SECURITY`,
      `ALTER TABLE ${table!.name} NO FORCE ROW LEVEL SECURITY`,
      `CREATE POLICY all_of_it ON ${table!.name} USING (true)`,
      `ALTER ROLE current_user BYPASSRLS`,
      `TRUNCATE ${table!.name}`,
      `CREATE TABLE ${room}.mine (stolen text)`,
      `SET session_replication_role = replica`,
    ])
      expect([sql, await codeOf(client.query(sql))]).toEqual([sql, '42501']);
    await client.query('RESET ROLE');
    await client.query('RESET SESSION AUTHORIZATION');
    for (const { name } of await tablesOf(room)) expect([name, await count({}, name)]).toEqual([name, 0]);
    // To switch it off is allowed; every question is then refused instead of answered.
    const refused = [];
    await client.query('SET row_security = off');
    for (const { name } of await tablesOf(room))
      refused.push(await codeOf(client.query(`SELECT * FROM ${name} LIMIT 1`)));
    expect(new Set(refused)).toEqual(new Set(['42501']));
  });

  it("PostgreSQL's statistics tell nothing of the values in its tables", async () => {
    await database.sql(`ANALYZE`);
    expect((await client.query('SELECT * FROM pg_stats WHERE schemaname = $1', [room])).rows).toEqual([]);
  });
});

describe('a shielded case', () => {
  beforeEach(() => login('cases'));
  const shielded = ['shielded_case', 'shielded_party', 'shielded_document'];

  it('is there for the cleared, in the cleared compartment only', async () => {
    const seen = await as<{ compartment: string }>(secretary, 'SELECT DISTINCT compartment FROM shielded_case');
    expect(seen).toEqual([{ compartment: concern }]);
    const [{ n }] = (await database.sql('SELECT count(*)::int AS n FROM cases.shielded_case WHERE compartment = $1', [
      concern,
    ])) as [{ n: number }];
    expect(await count(secretary, 'shielded_case')).toBe(n);
    expect(n).toBeGreaterThan(0);
  });

  it.each(shielded)('is not there for the uncleared: %s', async (table) => {
    expect(await count(caseworker, 'ordinary_case')).toBeGreaterThan(0);
    expect(await count(caseworker, table)).toBe(0);
    expect(await count({ ...caseworker, sees: '{}' }, table)).toBe(0);
    // A right to enter or delete is none to know.
    expect(await count({ ...caseworker, enters: `{${concern}}`, deletes: `{${concern}}` }, table)).toBe(0);
  });

  it('is not there for a citizen, whatever compartments the settings name: not for the one whom it is about', async () => {
    const [{ citizen }] = (await database.sql('SELECT citizen FROM cases.shielded_party LIMIT 1')) as [
      { citizen: string },
    ];
    const self = { ...secretary, sees_documents: `{${concern}}`, person_kind: 'Citizen', person: citizen };
    for (const table of shielded) expect([table, await count(self, table)]).toEqual([table, 0]);
  });

  it.each(['COMMIT', 'ROLLBACK'])(
    'is gone again after %s: no setting of an earlier transaction survives',
    async (end) => {
      await client.query('BEGIN');
      for (const [name, value] of Object.entries(secretary))
        await client.query('SELECT set_config($1, $2, true)', [`sluse.${name}`, value]);
      expect((await client.query('SELECT 1 FROM shielded_case')).rowCount).toBeGreaterThan(0);
      await client.query(end);
      expect((await client.query('SELECT 1 FROM shielded_case')).rowCount).toBe(0);
      expect(await count(caseworker, 'shielded_case')).toBe(0);
    },
  );

  it('is gone from a statement that was prepared and planned for somebody cleared (CVE-2024-10976)', async () => {
    await client.query("SET plan_cache_mode = 'force_generic_plan'");
    await client.query('PREPARE peek AS SELECT id FROM every_case WHERE municipality = $1 AND compartment = $2');
    const ask = `EXECUTE peek ('0999', '${concern}')`;
    for (let run = 0; run < 6; run += 1) expect((await as(secretary, ask)).length).toBeGreaterThan(0);
    expect(await as(caseworker, ask)).toEqual([]);
    expect(await as({}, ask)).toEqual([]);
  });

  it('does not fail a question that would fail on it: no error tells what is in a hidden row', async () => {
    for (const predicate of [
      'title::int = 1',
      '1 / length(left(title, 0)) = 1',
      'title::uuid = id',
      "to_date(title, 'YYYY') > now()",
    ])
      expect(await as(caseworker, `SELECT id FROM shielded_case WHERE ${predicate}`)).toEqual([]);
    expect(await codeOf(as(secretary, 'SELECT id FROM shielded_case WHERE title::int = 1'))).toBe('22P02');
  });

  it('23: is not told by a number that is taken: the refusal is the same for a taken number as for a free one', async () => {
    const [taken] = await database.sql<Record<string, string>>(
      'SELECT * FROM cases.shielded_case WHERE compartment = $1 LIMIT 1',
      [concern],
    );
    const insert = `INSERT INTO shielded_case (municipality, id, compartment, authority, category, number, title, kle, progress, sensitivity, opened_on, changed_at)
      VALUES ('0999', $1, $2, 'MUNICIPALITY', 'CHILD_CONCERN', $3, 'x', '27.24.00', 'OPSTAAET', 'VIP_SAGER', '2026-01-01', now())`;
    const free = '00000000-0000-4000-8000-00000000aaaa';
    const codes = [
      await codeOf(as(caseworker, insert, [free, concern, '27.24.00-G01-999999-26'])),
      await codeOf(as(caseworker, insert, [free, concern, taken!.number])),
      await codeOf(as(caseworker, insert, [taken!.id, concern, taken!.number])),
    ];
    expect(codes).toEqual(['42501', '42501', '42501']);
    expect(await codeOf(as({ ...secretary, enters: `{${concern}}` }, insert, [free, concern, taken!.number]))).toBe(
      '23505',
    );
  });

  it('25: is neither changed nor deleted by the uncleared, and no foreign key tells of it', async () => {
    const able = { ...caseworker, enters: `{${housing}}`, deletes: `{${housing}}` };
    expect(await as(able, 'UPDATE shielded_case SET title = title RETURNING id')).toEqual([]);
    expect(await as(able, 'DELETE FROM shielded_case RETURNING id')).toEqual([]);
    const [hidden] = await database.sql<{ id: string }>('SELECT id FROM cases.shielded_case LIMIT 1');
    const party = `INSERT INTO shielded_party (municipality, case_id, citizen, compartment, role) VALUES ('0999', $1, $1, '${concern}', 'OTHER')`;
    const codes = [
      await codeOf(as(able, party, [hidden!.id])),
      await codeOf(as(able, party, ['00000000-0000-4000-8000-00000000aaaa'])),
    ];
    expect(codes).toEqual(['42501', '42501']);
  });

  it('is not read through FOR UPDATE, RETURNING, COPY, a view or a function of the room', async () => {
    for (const view of ['every_case', 'every_party', 'every_document'])
      expect(await as(caseworker, `SELECT 1 FROM ${view} WHERE compartment = $1`, [concern])).toEqual([]);
    expect(await as(caseworker, 'SELECT id FROM shielded_case FOR UPDATE')).toEqual([]);
    expect(await codeOf(client.query("COPY shielded_case TO PROGRAM 'cat'"))).toBe('42501');
    expect(await codeOf(client.query("SELECT pg_read_file('PG_VERSION')"))).toBe('42501');
    const xml = await as<{ x: string }>(
      caseworker,
      "SELECT query_to_xml('SELECT id FROM shielded_case', true, true, '')::text AS x",
    );
    expect(xml[0]!.x).not.toMatch(/<id>/);
  });
});

describe('a grant of a clearance', () => {
  /** By the owner. */
  const grant = (compartment: string, shielded: boolean) =>
    database.sql(
      `INSERT INTO identity.clearance_grant VALUES ('0999', gen_random_uuid(), gen_random_uuid(), $1, 'EXISTENCE', '{SEARCH}', $2, 'test',
         'WITHDRAWN', gen_random_uuid(), NULL, now(), now())`,
      [compartment, shielded],
    );
  const refused = '23514';

  it.each([
    '0999.MUNICIPALITY.SSP',
    '0999.CHILDREN_AND_YOUTH_COMMITTEE.BOARD_MATTER',
    '0999.RENT_BOARD.HOUSING_BENEFIT',
    '0101.MUNICIPALITY.HOUSING_BENEFIT',
    '0999.MUNICIPALITY.HOUSING_BENEFIT.SSP',
    '0999.MUNICIPALITY.housing_benefit',
    '0999.MUNICIPALITY.',
    '',
  ])('of %j is refused as one of ordinary cases: work under it would be logged without a seal', async (compartment) => {
    const given = grant(compartment, false);
    expect(await codeOf(given)).toBe(refused);
    await expect(given).rejects.toThrow(/"shielded_unless_ordinary"/);
    expect(await codeOf(grant(compartment, true))).toBeUndefined();
    await expect(
      database.sql('UPDATE identity.clearance_grant SET shielded = false WHERE compartment = $1', [compartment]),
    ).rejects.toThrow(/"shielded_unless_ordinary"/);
  });

  it('of a single case lies in a table of its own, and without a shield nowhere', async () => {
    const compartment = '0999.CASE.11111111-1111-4111-8111-111111111111';
    await expect(grant(compartment, true)).rejects.toThrow(/"no_single_case"/);
    const apart = (shielded: boolean, of = compartment) =>
      database.sql(
        `INSERT INTO identity.single_case_grant VALUES ('0999', gen_random_uuid(), gen_random_uuid(), $1, 'EXISTENCE', '{SEARCH}', $2,
           'test', 'WITHDRAWN', gen_random_uuid(), NULL, now(), now())`,
        [of, shielded],
      );
    expect(await codeOf(apart(true))).toBeUndefined();
    expect(await codeOf(apart(false))).toBe(refused);
    expect(await codeOf(apart(true, '0999.MUNICIPALITY.SSP'))).toBe(refused);
  });

  it('may be without a shield for just those compartments whose cases the cases room keeps as ordinary', async () => {
    for (const { id, shielded } of standing('0999'))
      expect([id, await codeOf(grant(id, false))]).toEqual([id, shielded ? refused : undefined]);
    const categories = async (where: string) => {
      const [constraint] = await database.sql<{ text: string }>(
        `SELECT pg_get_constraintdef(oid) AS text FROM pg_constraint WHERE contype = 'c' AND ${where}`,
      );
      return [...constraint!.text.matchAll(/'([A-Z]+(?:_[A-Z]+)*)'/g)].map(([, category]) => category!);
    };
    const kept = await categories(`conname = 'ordinary_case_category_check'`);
    expect(kept).toEqual([...ordinaryCategories]);
    expect(await categories(`conname = 'shielded_unless_ordinary'`)).toEqual(kept);
  });
});

describe('a sealed entry of the log', () => {
  beforeEach(() => login('audit'));
  const officer: Settings = {
    municipality: '0999',
    person_kind: 'Employee',
    scopes: '{audit:read}',
    sees: `{${housing}}`,
  };
  const tables = ['sealed_log', 'sealed_entry', 'sealed_entry_citizen', 'sealed_entry_mention', 'sealed_operation'];

  it.each(tables)(
    'is not there for a reader of the log who is not cleared, or cleared for a part of it: %s',
    async (table) => {
      const [{ all }] = (await database.sql(
        `SELECT array_agg(DISTINCT s) AS all FROM audit.${table}, unnest(sealed_by) s`,
      )) as [{ all: string[] }];
      expect(await count({ ...officer, sees: `{${all.join(',')}}` }, table)).toBeGreaterThan(0);
      expect(await count(officer, table)).toBe(0);
      expect(await count({ ...officer, sees: `{${all.join(',')}}`, scopes: '{case:read}' }, table)).toBe(0);
      const partial = await as<{ sealed_by: string[] }>(
        { ...officer, sees: `{${all[0]}}` },
        `SELECT sealed_by FROM ${table}`,
      );
      expect(partial.filter(({ sealed_by }) => sealed_by.some((one) => one !== all[0]))).toEqual([]);
    },
  );

  it('that begins a change is told of, as to what became of it, to whoever made it and to readers cleared for its whole seal', async () => {
    const table = 'sealed_change_outcome';
    const [maker, another] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'];
    await database.sql(
      `INSERT INTO audit.${table} (municipality, entry, log, actor_id, fields, state, sealed_by)
       VALUES ('0999', gen_random_uuid(), 'a log', $1, '{}', 'MADE', $2)`,
      [maker, [concern, housing]],
    );
    expect(await count({ ...officer, person: another, sees: `{${concern},${housing}}` }, table)).toBe(1);
    expect(await count({ ...officer, person: another }, table)).toBe(0);
    expect(await count({ ...officer, person: another, sees: `{${concern},${housing}}`, scopes: '{}' }, table)).toBe(0);
    expect(await count({ ...officer, person: maker, sees: '{}', scopes: '{}' }, table)).toBe(1);
    expect(await count({ ...officer, person: maker, municipality: '0998' }, table)).toBe(0);
  });

  it('is not changed or deleted by anybody, nor is an ordinary one: not by the task that appends', async () => {
    for (const table of ['entry', 'sealed_entry', 'operation', 'checkpoint', 'subtree', 'log'])
      for (const task of ['append', 'ledger'])
        for (const sql of [`UPDATE ${table} SET municipality = '0999'`, `DELETE FROM ${table}`])
          expect([sql, await codeOf(as({ municipality: '0999', task }, sql))]).toEqual([sql, '42501']);
  });

  it('is not read in the partition in which it lies, nor is a month opened or dropped by a name that is none', async () => {
    const parts = await database.sql<{ name: string }>(
      "SELECT relname AS name FROM pg_class WHERE relnamespace = 'audit'::regnamespace AND relispartition AND relkind = 'r'",
    );
    expect(parts).toHaveLength(8);
    for (const { name } of parts)
      expect([name, await codeOf(as({ municipality: '0999', task: 'ledger' }, `SELECT FROM ${name}`))]).toEqual([
        name,
        '42501',
      ]);
    for (const sql of [
      `SELECT prepare_month('0999', '2026-13')`,
      `SELECT prepare_month('x', '2026-11')`,
      `SELECT open_log('0999', '2099-01', '0999/2099-02', '{}')`,
      `SELECT open_log('0999', '2099-01', '0999/2099-01', '{${concern}}')`,
      `SELECT drop_month('0999', to_char(now() - interval '5 months', 'YYYY-MM'))`,
      `SELECT drop_month('0999', 'x')`,
      `SELECT check_expired('0999', to_char(now() - interval '5 months', 'YYYY-MM'))`,
      `SELECT check_expired('0999', 'x')`,
    ])
      expect([sql, await codeOf(client.query(sql))]).toEqual([sql, '22023']);
  });
});

describe('a child of whom a parent holds custody', () => {
  const [parent, child] = [citizenId(0), citizenId(600)];
  const seeing: Settings = { municipality: '0999', person_kind: 'Citizen', person: parent, children: `{${child}}` };
  const about = `SELECT * FROM ordinary_party WHERE citizen = '${child}'`;

  it('is shown with the cases that are about the child: no others, none to anybody else, and no shielded one', async () => {
    await login('cases');
    const shown = await as<{ role: string; case_id: string }>(seeing, about);
    expect(shown.map(({ role }) => role)).toEqual(['PRIMARY']);
    expect(await count(seeing, `ordinary_case WHERE id = '${shown[0]!.case_id}'`)).toBe(1);
    const own = await count({ ...seeing, children: '' }, 'ordinary_case');
    expect(await count(seeing, 'ordinary_case')).toBe(own + 1);
    expect(await as({ ...seeing, children: '' }, about)).toEqual([]);
    expect(await as({ ...seeing, municipality: '0101' }, about)).toEqual([]);
    expect(await as({ ...seeing, person_kind: 'Employee' }, about)).toEqual([]);
    const [{ n }] = (await database.sql('SELECT count(*)::int AS n FROM cases.shielded_party WHERE citizen = $1', [
      child,
    ])) as [{ n: number }];
    expect(n).toBeGreaterThan(0);
    for (const table of ['shielded_case', 'shielded_party', 'shielded_document'])
      expect([table, await count({ ...seeing, sees: `{${concern}}` }, table)]).toEqual([table, 0]);
    // With the wall down, the same question tells of the others.
    await database.sql(`CREATE POLICY wall_down ON cases.ordinary_party FOR SELECT USING (true)`);
    expect((await as(seeing, about)).length).toBeGreaterThan(1);
    await database.sql(`DROP POLICY wall_down ON cases.ordinary_party`);
  });

  it('is a citizen to the parent only while the register has the custody, whatever the setting says', async () => {
    await login('identity');
    const seen = () => count(seeing, `citizen WHERE id = '${child}'`);
    expect(await seen()).toBe(1);
    expect(await count({ ...seeing, children: '' }, `citizen WHERE id = '${child}'`)).toBe(0);
    expect(await count({ ...seeing, person_kind: 'Employee' }, `citizen WHERE id = '${child}'`)).toBe(0);
    await database.sql('UPDATE identity.relation SET custody = false WHERE citizen = $1', [parent]);
    expect(await seen()).toBe(0);
    await database.sql(`UPDATE identity.relation SET custody = true WHERE citizen = $1 AND kind = 'CHILD'`, [parent]);
  });

  it('is shown with the log that the child would be shown', async () => {
    await login('audit');
    const log = `entry_citizen WHERE citizen = '${child}'`;
    const [{ n }] = (await database.sql(
      'SELECT count(*)::int AS n FROM audit.entry_citizen WHERE citizen = $1 AND shown',
      [child],
    )) as [{ n: number }];
    expect(await count(seeing, log)).toBe(n);
    expect(await count({ ...seeing, children: '' }, log)).toBe(0);
    expect(await count({ ...seeing, person_kind: 'Employee' }, log)).toBe(0);
    expect(await count(seeing, `sealed_entry_citizen WHERE citizen = '${child}'`)).toBe(0);
  });
});
