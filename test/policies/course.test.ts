/**
 * The course in SQL, as the identity room's own login role: nobody reads the bank or a key, judges twice or for another, or records a
 * course that was not passed, whatever the code above asks for. Each policy is taken down once, to see that it is what refuses.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { organisationId } from '../../subgraphs/demo/people.js';
import { roleOf, roomUrl } from '../../subgraphs/postgres/migrate.js';
import { freshDatabase, type TestDatabase, testSecret } from '../support/database.js';

const template = process.env.SLUSE_TEST_WORLD!;
const denied = '42501';
const [employee, colleague, leaver] = Array.from({ length: 3 }, (): string => randomUUID());
const attempt = randomUUID();

let database: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await freshDatabase(template);
  for (const [id, left] of [
    [employee, null],
    [colleague, null],
    [leaver, '2026-01-01'],
  ])
    await database.sql(
      `INSERT INTO identity.employee (municipality, id, name, organisation, left_at) VALUES ('0999', $1, 'Vikar', $2, $3)`,
      [id, organisationId('citizen-service'), left],
    );
  await database.sql(
    `INSERT INTO identity.course_question VALUES ('0999', 'K1', 'Må du slå en nabo op?', NULL, 'Nej', 'Ja', NULL, NULL)`,
  );
  client = new pg.Client({ connectionString: roomUrl(database.url, roleOf(template, 'identity'), testSecret) });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

type Settings = Record<string, string>;
const as = (person: string, over: Settings = {}): Settings => ({
  ...{ municipality: '0999', person, person_kind: 'Employee', organisation: organisationId('citizen-service') },
  ...{ scopes: '{employee:read}', right: '', acting_for: '', sees: '{}', enters: '{}', deletes: '{}', task: '' },
  ...over,
});
const me = as(employee!);
const other = as(colleague!);
const room = as('', { person_kind: '', scopes: '{}', task: 'course' });
/** Nobody who takes the course for oneself. */
const strangers = [
  other,
  as(employee!, { person_kind: 'SystemClient' }),
  as(employee!, { person_kind: 'Citizen' }),
  as(employee!, { acting_for: organisationId('municipality') }),
  as(employee!, { municipality: '0101' }),
  room,
];

type Statement = readonly [as: Settings, sql: string, values?: readonly unknown[]];

/** All in one transaction, rolled back. Answers with the SQLSTATE of the last, or how many rows it met; others have to succeed. */
async function outcome(...statements: readonly Statement[]): Promise<string | number> {
  await client.query('BEGIN');
  try {
    for (const [place, [settings, sql, values = []]] of statements.entries()) {
      const isLast = place === statements.length - 1;
      for (const [name, value] of Object.entries(settings))
        await client.query('SELECT set_config($1, $2, true)', [`sluse.${name}`, value]);
      try {
        const { rowCount } = await client.query(sql, [...values]);
        if (isLast) return rowCount ?? 0;
      } catch (error) {
        const { code } = error as { code: string };
        return isLast ? code : `before the last: ${code}`;
      }
    }
    throw new Error('nothing was asked');
  } finally {
    await client.query('ROLLBACK');
  }
}

/** With the policy open to everybody, the same statements come through. */
async function guards(table: string, policy: string, statements: readonly Statement[], withIt: string | number) {
  expect([policy, await outcome(...statements)]).toEqual([policy, withIt]);
  const [found] = await database.sql<{ using: string | null; checking: string | null }>(
    `SELECT pg_get_expr(polqual, polrelid) AS using, pg_get_expr(polwithcheck, polrelid) AS checking
     FROM pg_policy WHERE polrelid = $1::regclass AND polname = $2`,
    [`identity.${table}`, policy],
  );
  const alter = (using: string, checking: string) =>
    database.sql(
      `SET search_path = identity; ALTER POLICY ${policy} ON ${table}
       ${found!.using === null ? '' : `USING (${using})`} ${found!.checking === null ? '' : `WITH CHECK (${checking})`}`,
    );
  await alter('true', 'true');
  try {
    expect([policy, await outcome(...statements)]).toEqual([policy, 1]);
  } finally {
    await alter(found!.using ?? '', found!.checking ?? '');
  }
  expect([policy, await outcome(...statements)]).toEqual([policy, withIt]);
}

const begun = (by: Settings, whose: string | undefined = by.person): Statement => [
  by,
  `INSERT INTO course_attempt (municipality, id, employee, kind, questions, needed, begun_at, expires_at)
   VALUES ('0999', $1, $2, 'DATA_SECURITY', '[{}, {}]', 2, '2026-11-02T08:00Z', '2026-11-02T09:00Z')`,
  [attempt, whose],
];
const keyed = (by: Settings): Statement => [by, `INSERT INTO course_key VALUES ('0999', $1, '{1,2}')`, [attempt]];
const judged = (by: Settings, right = 2): Statement => [
  by,
  `UPDATE course_attempt SET judged_at = '2026-11-02T08:30Z', right_count = $2 WHERE id = $1`,
  [attempt, right],
];
const passed = (
  by: Settings,
  over: { employee?: string; recordedBy?: string; attempt?: string | null } = {},
): Statement => [
  by,
  `INSERT INTO course_record (municipality, id, employee, kind, passed_on, evidence, recorded_by, recorded_at, attempt)
   VALUES ('0999', $1, $2, 'DATA_SECURITY', '2026-11-02', 'evidence', $3, '2026-11-02T08:30Z', $4)`,
  [
    randomUUID(),
    over.employee ?? employee,
    over.recordedBy ?? null,
    over.attempt === undefined ? attempt : over.attempt,
  ],
];

it('the bank and the keys are read by the room itself, and by no viewer', async () => {
  const bank = (by: Settings): Statement => [by, 'SELECT FROM course_question'];
  const key = (by: Settings): Statement => [by, 'SELECT FROM course_key WHERE attempt = $1', [attempt]];
  expect([await outcome(bank(room)), await outcome(begun(me), keyed(me), key(room))]).toEqual([1, 1]);
  for (const by of [me, other, as(employee!, { scopes: '{admin}' }), as('', { task: 'session', person_kind: '' })]) {
    await guards('course_question', 'drawing', [bank(by)], 0);
    await guards('course_key', 'judging', [begun(me), keyed(me), key(by)], 0);
  }
  for (const sql of [
    `UPDATE course_key SET right_options = '{1,1}'`,
    'DELETE FROM course_key',
    'DELETE FROM course_question',
  ])
    expect(await outcome([me, sql])).toBe(denied);
});

it('an attempt is begun by oneself, who has not left, and is not judged with it', async () => {
  expect(await outcome(begun(me))).toBe(1);
  for (const by of strangers) await guards('course_attempt', 'begun', [begun(by, employee)], denied);
  await guards('course_attempt', 'begun', [begun(as(leaver!))], denied);
  const [by, sql, values = []] = begun(me);
  const finished = sql
    .replace('expires_at)', 'expires_at, judged_at, right_count)')
    .replace("09:00Z')", "09:00Z', '2026-11-02T08:30Z', 2)");
  expect(await outcome([by, finished, values])).toBe(denied);
  for (const by of strangers.filter((by) => by !== room)) {
    await guards(
      'course_attempt',
      'ones_own',
      [begun(me), [by, 'SELECT FROM course_attempt WHERE id = $1', [attempt]]],
      0,
    );
    expect(await outcome(begun(me), keyed(by))).toBe(denied);
  }
  // A key comes with the attempt, and no second one.
  expect(await outcome(begun(me), keyed(me), keyed(me))).toBe('23505');
  expect(await outcome(begun(me), judged(me), keyed(me))).toBe(denied);
});

it('an attempt is judged once, by oneself, in its time', async () => {
  expect(await outcome(begun(me), judged(me))).toBe(1);
  for (const by of strangers) expect(await outcome(begun(me), judged(by))).toBe(0);
  await guards('course_attempt', 'judged', [begun(me), judged(me), judged(me)], 0);
  expect(await outcome(begun(me), judged(me, 3))).toBe('23514');
  for (const time of ['2026-11-02T07:59Z', '2026-11-02T09:00Z'])
    expect(
      await outcome(begun(me), [
        me,
        'UPDATE course_attempt SET judged_at = $2, right_count = 2 WHERE id = $1',
        [attempt, time],
      ]),
    ).toBe('23514');
  for (const what of ['needed = 1', `questions = '[]'`, `expires_at = '2027-01-01'`, 'employee = employee'])
    expect(await outcome(begun(me), [me, `UPDATE course_attempt SET ${what} WHERE id = '${attempt}'`])).toBe(denied);
  expect(await outcome([me, 'DELETE FROM course_attempt'])).toBe(denied);
});

it('a course is recorded by an own attempt that was passed, once, and in nobody’s name', async () => {
  const done = [begun(me), judged(me)] as const;
  expect(await outcome(...done, passed(me))).toBe(1);
  await guards('course_record', 'passed', [begun(me), judged(me, 1), passed(me)], denied);
  await guards('course_record', 'passed', [begun(me), passed(me)], denied);
  await guards('course_record', 'passed', [...done, passed(other)], denied);
  await guards('course_record', 'passed', [...done, passed(other, { employee: colleague! })], denied);
  expect(await outcome(...done, passed(me, { recordedBy: employee! }))).toBe(denied);
  expect(await outcome(...done, passed(me, { recordedBy: colleague!, attempt: null }))).toBe(denied);
  expect(await outcome(...done, passed(me, { attempt: null }))).toBe(denied);
  expect(await outcome(...done, passed(me), passed(me))).toBe('23505');
});
