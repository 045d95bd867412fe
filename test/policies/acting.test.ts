/**
 * Powers of attorney in SQL, as the rooms' own login roles: the tables refuse what is not somebody's step, and the delegated
 * rights without one, whatever the code above them asks for.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { employeeId, organisationId } from '../../subgraphs/demo/people.js';
import { centrePowerId } from '../../subgraphs/demo/powers.js';
import { roleOf, roomUrl } from '../../subgraphs/postgres/migrate.js';
import { freshDatabase, type TestDatabase, testSecret } from '../support/database.js';

const template = process.env.SLUSE_TEST_WORLD!;
const municipality = organisationId('municipality');
const centre = organisationId('centre');
const colleague = '00000000-0000-4000-8000-00000000c011';

let database: TestDatabase;
let identity: pg.Client;
let smdb: pg.Client;
beforeAll(async () => {
  database = await freshDatabase(template);
  await database.sql(
    `INSERT INTO identity.employee (municipality, id, name, organisation) VALUES ('0999', $1, 'Vikar', $2)`,
    [colleague, centre],
  );
  const login = async (room: string) => {
    const client = new pg.Client({ connectionString: roomUrl(database.url, roleOf(template, room), testSecret) });
    await client.connect();
    return client;
  };
  [identity, smdb] = [await login('identity'), await login('smdb')];
});
afterAll(async () => {
  await identity.end();
  await smdb.end();
  await database.drop();
});

type Settings = Record<string, string>;
const acting = (key: string, organisation: string, right: string, over: Settings = {}): Settings => ({
  ...{ municipality: '0999', person: employeeId(key), person_kind: 'Employee' },
  ...{ organisation: organisationId(organisation), right, scopes: '{employee:read}', acting_for: '' },
  ...over,
});
const theirs = acting('centre-administrator', 'centre', 'ADMINISTRATOR');
const theirSmdb = acting('centre-administrator', 'centre', 'SMDB_ADMINISTRATOR');
const ours = acting('administrator', 'it', 'ADMINISTRATOR');
const ourSmdb = acting('smdb-leader', 'drug-treatment', 'SMDB_ADMINISTRATOR');

type Statement = readonly [as: Settings, sql: string, values: readonly unknown[]];

/** All in one transaction, rolled back. Answers with the SQLSTATE of the last; those before it must succeed. */
async function codeOf(client: pg.Client, ...statements: readonly Statement[]): Promise<string> {
  const last = statements.at(-1)!;
  await client.query('BEGIN');
  try {
    for (const statement of statements) {
      const [settings, sql, values] = statement;
      for (const [name, value] of Object.entries(settings))
        await client.query('SELECT set_config($1, $2, true)', [`sluse.${name}`, value]);
      try {
        const { rowCount } = await client.query(sql, [...values]);
        if (statement === last) return rowCount === 0 ? 'no row' : 'done';
      } catch (error) {
        if (statement !== last) throw error;
        return (error as { code: string }).code;
      }
    }
    throw new Error('nothing was asked');
  } finally {
    await client.query('ROLLBACK');
  }
}

const power = randomUUID();
const requested = (as: Settings, rights = '{SMDB_LEADER}', by = as.person): Statement => [
  as,
  `INSERT INTO power_of_attorney VALUES ('0999', $1, $2, $3, $4, $5, now())`,
  [power, municipality, centre, rights, by],
];
const step = (
  as: Settings,
  what: string,
  employee: string | null = null,
  over: { by?: string; number?: number } = {},
): Statement => [
  as,
  `INSERT INTO power_step VALUES ('0999', $1, coalesce($2, next_step('0999', $1)), $3, $4, $5, $6, $7, now())`,
  [power, over.number ?? null, municipality, centre, what, employee, over.by ?? as.person],
];
const denied = '42501';

describe('a power of attorney', () => {
  const asked = requested(theirs);
  const given = step(ours, 'GIVEN');
  const added = step(theirs, 'ADDED', colleague);
  const marked = step(theirSmdb, 'MARKED', colleague);

  it('is requested by an administrator of the receiver, acting as one, in the own name, for SMDB’s rights', async () => {
    expect(await codeOf(identity, asked)).toBe('done');
    expect(await codeOf(identity, requested(ours))).toBe(denied);
    expect(await codeOf(identity, requested(theirSmdb))).toBe(denied);
    expect(await codeOf(identity, requested({ ...theirs, person_kind: 'Citizen' }))).toBe(denied);
    expect(await codeOf(identity, requested({ ...theirs, municipality: '0101' }))).toBe(denied);
    expect(await codeOf(identity, requested(theirs, '{SMDB_LEADER}', employeeId('administrator')))).toBe(denied);
    for (const rights of ['{}', '{CASEWORKER}', '{SMDB_LEADER,SMDB_ADMINISTRATOR}'])
      expect(await codeOf(identity, requested(theirs, rights))).toBe('23514');
    // A token that claims the right is not enough: whoever claims it has to hold it.
    expect(await codeOf(identity, requested(acting('centre-reporter', 'centre', 'ADMINISTRATOR')))).toBe(denied);
  });

  it('is decided by an administrator of the giver, once, and never by whoever requested it', async () => {
    expect(await codeOf(identity, asked, given)).toBe('done');
    for (const who of [theirs, theirSmdb, ourSmdb])
      expect(await codeOf(identity, asked, step(who, 'GIVEN'))).toBe(denied);
    expect(await codeOf(identity, asked, given, step(ours, 'REFUSED'))).toBe(denied);
    expect(await codeOf(identity, asked, step(theirs, 'WITHDRAWN'), given)).toBe(denied);
    expect(await codeOf(identity, asked, step(ours, 'GIVEN', null, { by: employeeId('manager') }))).toBe(denied);
    await database.sql(
      `INSERT INTO identity.right_assignment VALUES ('0999', $1, 'ADMINISTRATOR', $2, 'LOCAL', now())`,
      [theirs.person, municipality],
    );
    try {
      // An administrator of both sides.
      expect(await codeOf(identity, asked, step(theirs, 'GIVEN'))).toBe(denied);
      expect(await codeOf(identity, requested(theirs), given)).toBe('done');
    } finally {
      await database.sql('DELETE FROM identity.right_assignment WHERE employee = $1 AND organisation = $2', [
        theirs.person,
        municipality,
      ]);
    }
  });

  it('takes employees of the receiver only, from its administrator, while it is in force', async () => {
    expect(await codeOf(identity, asked, given, added)).toBe('done');
    expect(await codeOf(identity, asked, added)).toBe(denied);
    expect(await codeOf(identity, asked, step(ours, 'REFUSED'), added)).toBe(denied);
    expect(await codeOf(identity, asked, given, step(ours, 'WITHDRAWN'), added)).toBe(denied);
    for (const who of [ours, theirSmdb])
      expect(await codeOf(identity, asked, given, step(who, 'ADDED', colleague))).toBe(denied);
    for (const employee of [employeeId('smdb-reporter'), randomUUID()])
      expect(await codeOf(identity, asked, given, step(theirs, 'ADDED', employee))).toBe(denied);
    expect(await codeOf(identity, asked, given, step(theirs, 'ADDED', theirs.person))).toBe('23514');
    expect(await codeOf(identity, asked, given, added, step(theirs, 'ADDED', colleague))).toBe(denied);
  });

  it('is marked by the receiver’s SMDB administrator, for those who are on it, and anew for those who come back', async () => {
    expect(await codeOf(identity, asked, given, added, marked)).toBe('done');
    expect(await codeOf(identity, asked, given, marked)).toBe(denied);
    for (const who of [theirs, ours, ourSmdb])
      expect(await codeOf(identity, asked, given, added, step(who, 'MARKED', colleague))).toBe(denied);
    const back = [marked, step(theirs, 'REMOVED', colleague), added] as const;
    const usable: Statement = [
      { municipality: '0999', task: 'session' },
      `SELECT FROM power_step WHERE power = $1 AND seat('0999', $1, $2) = 'MARKED' LIMIT 1`,
      [power, colleague],
    ];
    expect(await codeOf(identity, asked, given, added, marked, usable)).toBe('done');
    expect(await codeOf(identity, asked, given, added, ...back, usable)).toBe('no row');
    expect(await codeOf(identity, asked, given, added, marked, step(theirSmdb, 'UNMARKED', colleague), usable)).toBe(
      'no row',
    );
  });

  it('is withdrawn by either side, a request by the receiver', async () => {
    for (const who of [theirs, ours]) expect(await codeOf(identity, asked, given, step(who, 'WITHDRAWN'))).toBe('done');
    expect(await codeOf(identity, asked, step(theirs, 'WITHDRAWN'))).toBe('done');
    expect(await codeOf(identity, asked, step(ours, 'WITHDRAWN'))).toBe(denied);
    for (const who of [theirSmdb, ourSmdb])
      expect(await codeOf(identity, asked, given, step(who, 'WITHDRAWN'))).toBe(denied);
    expect(await codeOf(identity, asked, given, step(theirs, 'WITHDRAWN'), step(ours, 'WITHDRAWN'))).toBe(denied);
  });

  it('keeps its history: no step is changed, removed, put in between, or taken for another power’s sides', async () => {
    for (const table of ['power_of_attorney', 'power_step'])
      for (const sql of [`UPDATE ${table} SET municipality = '0999'`, `DELETE FROM ${table}`])
        expect([sql, await codeOf(identity, [theirs, sql, []])]).toEqual([sql, denied]);
    for (const number of [1, 7])
      expect(await codeOf(identity, asked, given, step(theirs, 'ADDED', colleague, { number }))).toBe(denied);
    const [as, sql, values] = given;
    const swapped = [...values];
    [swapped[2], swapped[3]] = [organisationId('it'), municipality];
    expect(await codeOf(identity, asked, [as, sql, swapped])).toBe('23503');
  });

  it('is seen by both sides and readers of the log, its employees by administrators and oneself', async () => {
    const counted = async (as: Settings) => {
      const counts: string[] = [];
      for (const what of ['power_of_attorney', 'power_step', 'power_step WHERE employee IS NOT NULL']) {
        await identity.query('BEGIN');
        for (const [name, value] of Object.entries(as))
          await identity.query('SELECT set_config($1, $2, true)', [`sluse.${name}`, value]);
        counts.push((await identity.query(`SELECT count(*) AS n FROM ${what}`)).rows[0].n);
        await identity.query('ROLLBACK');
      }
      return counts.join(' ');
    };
    for (const who of [theirs, ours, theirSmdb]) expect(await counted(who)).toBe('1 3 2');
    expect(await counted(acting('security-officer', 'security', 'SECURITY_OFFICER', { scopes: '{audit:read}' }))).toBe(
      '1 3 2',
    );
    expect(await counted(acting('centre-reporter', 'centre', 'SMDB_DELEGATED_REPORTER', { scopes: '{}' }))).toBe(
      '1 3 2',
    );
    expect(await counted(acting('manager', 'citizen-service', 'MANAGER'))).toBe('1 1 0');
    expect(await counted(acting('manager', 'vendor', 'MANAGER'))).toBe('0 0 0');
    expect(await counted({ ...ours, person_kind: 'Citizen' })).toBe('0 0 0');
    expect(await counted({ ...ours, person_kind: 'SystemClient' })).toBe('0 0 0');
  });

  it('tells of a change whoever it concerns, and nobody else', async () => {
    const toldAfter = async (...statements: Statement[]) => {
      await identity.query('BEGIN');
      let before = 0;
      for (const statement of statements) {
        const [settings, sql, values] = statement;
        for (const [name, value] of Object.entries(settings))
          await identity.query('SELECT set_config($1, $2, true)', [`sluse.${name}`, value]);
        before = Number((await identity.query('SELECT coalesce(max(revision), 0) AS n FROM access_change')).rows[0].n);
        await identity.query(sql, [...values]);
      }
      const { rows } = await identity.query('SELECT person FROM access_change WHERE revision > $1', [before]);
      await identity.query('ROLLBACK');
      return rows.map(({ person }) => person);
    };
    expect(await toldAfter(asked, given)).toEqual([]);
    expect(await toldAfter(asked, given, added)).toEqual([colleague]);
    expect(await toldAfter(asked, given, added, marked)).toEqual([colleague]);
    for (const who of [theirs, ours])
      expect(await toldAfter(asked, given, added, marked, step(who, 'WITHDRAWN'))).toEqual([colleague]);
    expect(await toldAfter(asked, given, added, step(theirs, 'REMOVED', colleague))).toEqual([colleague]);
  });

  it('can be used by those for whom it is complete, in its own rights', async () => {
    const usable = async (employee: string, right: string) => {
      await identity.query('BEGIN');
      await identity.query(
        "SELECT set_config('sluse.municipality', '0999', true), set_config('sluse.task', 'session', true)",
      );
      const { rows } = await identity.query('SELECT id, giver, given_by FROM usable_powers($1, $2, $3)', [
        ...['0999', employee, right],
      ]);
      await identity.query('ROLLBACK');
      return rows;
    };
    const reporter = employeeId('centre-reporter');
    const whole = [{ id: centrePowerId, giver: municipality, given_by: employeeId('administrator') }];
    expect(await usable(reporter, 'SMDB_DELEGATED_REPORTER')).toEqual(whole);
    // Covered, and not held.
    expect(await usable(reporter, 'SMDB_DELEGATED_HEALTH')).toEqual([]);
    expect(await usable(colleague, 'SMDB_DELEGATED_REPORTER')).toEqual([]);
    const move = (unit: string) =>
      database.sql('UPDATE identity.employee SET organisation = $2 WHERE id = $1', [reporter, organisationId(unit)]);
    await move('vendor');
    expect(await usable(reporter, 'SMDB_DELEGATED_REPORTER')).toEqual([]);
    await move('centre');
    // The seat went with the work.
    expect(await usable(reporter, 'SMDB_DELEGATED_REPORTER')).toEqual([]);
  });

  it('loses whom the register takes away, by a step that is nobody’s and that only the register takes', async () => {
    const register: Settings = { ...theirs, person: '', person_kind: '', right: '', scopes: '{}', task: 'session' };
    const byNobody = (as: Settings, what: string): Statement => [
      as,
      `INSERT INTO power_step VALUES ('0999', $1, next_step('0999', $1), $2, $3, $4, $5, NULL, now())`,
      [power, municipality, centre, what, what === 'WITHDRAWN' ? null : colleague],
    ];
    const before = [asked, given, added, marked].map(([as, ...rest]): Statement => [{ ...as, task: '' }, ...rest]);
    expect(await codeOf(identity, ...before, byNobody(register, 'REMOVED'))).toBe('done');
    expect(await codeOf(identity, ...before.slice(0, 2), byNobody(register, 'REMOVED'))).toBe(denied);
    for (const what of ['UNMARKED', 'WITHDRAWN', 'MARKED'])
      expect(['23514', denied]).toContain(await codeOf(identity, ...before, byNobody(register, what)));
    for (const as of [theirs, ours, theirSmdb, { ...register, task: 'linking' }])
      expect(await codeOf(identity, ...before, byNobody({ task: '', ...as }, 'REMOVED'))).toBe(denied);
    await database.sql('UPDATE identity.employee SET left_at = now() WHERE id = $1', [colleague]);
    try {
      expect(await codeOf(identity, asked, given, added)).toBe(denied);
    } finally {
      await database.sql('UPDATE identity.employee SET left_at = NULL WHERE id = $1', [colleague]);
    }
  });
});

describe('a form', () => {
  let course: string;
  beforeEach(async () => {
    const [found] = await database.sql<{ course: string }>(
      'SELECT course FROM smdb.form WHERE reported_by = $1 ORDER BY id LIMIT 1',
      [employeeId('centre-reporter')],
    );
    course = found!.course;
  });
  const scopes = '{smdb:read,smdb:report}';
  const reporter = acting('centre-reporter', 'centre', 'SMDB_DELEGATED_REPORTER', { scopes, acting_for: municipality });
  const own = acting('smdb-reporter', 'drug-treatment', 'SMDB_REPORTER', { scopes });
  const read = (as: Settings, table: string): Statement => [as, `SELECT FROM ${table} LIMIT 1`, []];
  const insert = (as: Settings, behalf: string | null, by = as.person): Statement => [
    as,
    `INSERT INTO form VALUES ('0999', gen_random_uuid(), $1, 'ASI', 'REPORTED', '2026-04-01', '2026-05-15', $2, $3, now(), '{}')`,
    [course, by, behalf],
  ];

  it.each(['form', 'course', 'milestone', 'form_version'])(
    'is there in a delegated right for whoever acts for somebody, and for nobody else: %s',
    async (table) => {
      expect(await codeOf(smdb, read(reporter, table))).toBe('done');
      expect(await codeOf(smdb, read({ ...reporter, acting_for: '' }, table))).toBe('no row');
      // What was reported for the municipality is not there for another giver.
      expect(await codeOf(smdb, read({ ...reporter, acting_for: organisationId('housing') }, table))).toBe('no row');
      expect(await codeOf(smdb, read({ ...reporter, person: employeeId('administrator') }, table))).toBe('no row');
      // A right that opens nothing.
      expect(await codeOf(smdb, read({ ...reporter, scopes: '{}' }, table))).toBe('no row');
      expect(await codeOf(smdb, read(own, table))).toBe('done');
      expect(await codeOf(smdb, read({ ...own, scopes: '{}' }, table))).toBe('no row');
    },
  );

  it('is reported for the one acted for, and for nobody else', async () => {
    expect(await codeOf(smdb, insert(reporter, municipality))).toBe('done');
    for (const behalf of [null, organisationId('housing')])
      expect(await codeOf(smdb, insert(reporter, behalf))).toBe(denied);
    expect(await codeOf(smdb, insert({ ...reporter, acting_for: '' }, municipality))).toBe(denied);
    expect(await codeOf(smdb, insert(reporter, municipality, employeeId('administrator')))).toBe(denied);
    expect(await codeOf(smdb, insert(own, null))).toBe('done');
    expect(await codeOf(smdb, insert(own, municipality))).toBe(denied);
    expect(await codeOf(smdb, insert({ ...own, acting_for: centre }, null))).toBe(denied);
    expect(await codeOf(smdb, insert({ ...own, acting_for: centre }, centre))).toBe('done');
  });
});
