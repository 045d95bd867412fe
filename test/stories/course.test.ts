/**
 * The course as an employee of the citizen service takes it (Datasikkerhed i borgerservicecentre §4): questions, one answer to each, and
 * at once what one waited for. And what it refuses: a second judgement, another's attempt, an attempt too many, answers that are none.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { faults } from '../../subgraphs/protocol/faults.js';
import { answersTo, compartment, grantIn, type Team, team, verbs } from '../support/grants.js';
import { administratorsOf, done, hire, powerIn, type Somebody, signIn, signInAs } from '../support/powers.js';
import { openWorld, type World } from '../support/world.js';

const fault = (path: string, code: keyof typeof faults, message: string = faults[code].message) => ({
  data: { [path]: null },
  faults: [{ path, code, message }],
});
const start = new Date('2026-11-02T08:00:00.000Z');

let world: World;
let service: Team;
let now = start;
beforeAll(async () => {
  world = await openWorld({ shielded: true, now: () => now });
  service = await team(world, 'citizen-service', 'CITIZEN_SERVICE');
});
afterAll(() => world.close());

const begin = (who: Somebody) => done(who, verbs.startCourse, {});
const answer = (who: Somebody, attempt: any, answers: unknown = answersTo(attempt.questions)) =>
  who.ask(verbs.attemptCourse, { attempt: attempt.id, answers });
/** Somebody new in the citizen service. */
const newcomer = async () =>
  signIn(world, await hire(world.database, 'citizen-service', ['CITIZEN_SERVICE']), 'CITIZEN_SERVICE');
const coursesOf = async ({ id }: Somebody) =>
  world.database.sql('SELECT evidence, recorded_by FROM identity.course_record WHERE employee = $1', [id]);
const attemptsOf = async ({ id }: Somebody) =>
  world.database.sql('SELECT right_count FROM identity.course_attempt WHERE employee = $1 ORDER BY begun_at, id', [id]);
async function at<T>(time: string, work: () => Promise<T>): Promise<T> {
  now = new Date(time);
  try {
    return await work();
  } finally {
    now = start;
  }
}

describe('an employee of the citizen service', () => {
  it('is asked questions of the bank, and never told which options are right', async () => {
    const attempt = await begin(await newcomer());
    expect(attempt).toMatchObject({ kind: 'DATA_SECURITY', needed: 8, judgedAt: null, right: null, passed: null });
    expect(attempt).toMatchObject({ begunAt: '2026-11-02T08:00:00.000Z', expiresAt: '2026-11-02T09:00:00.000Z' });
    expect(attempt.questions.map(({ number }: any) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(new Set(attempt.questions.map(({ text }: any) => text)).size).toBe(10);
    const letters = answersTo(attempt.questions).map(({ letter }) => letter);
    expect(new Set(letters).size).toBeGreaterThan(1);
    const fields = await done(
      await signInAs(world, 'administrator'),
      '{ __type(name: "CourseOption") { fields { name } } }',
      {},
    );
    expect(fields).toEqual({ fields: [{ name: 'letter' }, { name: 'text' }] });
  });

  it('who passes has the course, and what waited for it is in force at once', async () => {
    const { holder, manager } = service;
    const clearance = async () => (await done(holder, '{ viewer { clearance { compartment { id } } } }', {})).clearance;
    const grant = await grantIn('given', service);
    expect(await clearance()).toEqual([]);
    const attempt = await begin(holder);
    // Two of ten may be wrong.
    expect((await answer(holder, attempt, answersTo(attempt.questions, 2))).data.attemptCourse).toEqual({
      ...{ id: attempt.id, judgedAt: '2026-11-02T08:00:00.000Z', right: 8, passed: true },
      course: { evidence: attempt.id, passedOn: '2026-11-02', expiresOn: '2028-11-02', recordedBy: null },
    });
    expect(await clearance()).toEqual([{ compartment: { id: compartment('HOUSING_BENEFIT') } }]);
    const seen = await done(
      manager,
      'query Grant($id: ID!) { grant(id: $id) { status holder { courses { evidence } } } }',
      {
        id: grant,
      },
    );
    expect(seen).toEqual({ status: 'IN_FORCE', holder: { courses: [{ evidence: attempt.id }] } });
  });

  it('who fails is told how many answers were right, waits on, and may try again', async () => {
    const who = await newcomer();
    const attempt = await begin(who);
    const { data, faults: none } = await answer(who, attempt, answersTo(attempt.questions, 3));
    expect([data.attemptCourse, none]).toEqual([
      { id: attempt.id, judgedAt: '2026-11-02T08:00:00.000Z', right: 7, passed: false, course: null },
      [],
    ]);
    expect(await coursesOf(who)).toEqual([]);
    const again = await begin(who);
    expect(again.questions).not.toEqual(attempt.questions);
    expect((await answer(who, again)).data.attemptCourse).toMatchObject({ right: 10, passed: true });
    const own = await done(who, '{ courseAttempts { id right passed course { evidence } questions { number } } }', {});
    const [last, first] = own.sort((one: any) => (one.id === again.id ? -1 : 1));
    expect(last).toMatchObject({ id: again.id, right: 10, passed: true, course: { evidence: again.id } });
    expect(first).toMatchObject({ id: attempt.id, right: 7, passed: false, course: null });
  });

  it('begins three attempts a day, however they end, and again on the next', async () => {
    const who = await newcomer();
    const [first] = [await begin(who), await begin(who), await begin(who)];
    const tooMany = 'No more attempts can be begun today. Expected the next one on another day.';
    expect(await who.ask(verbs.startCourse)).toEqual(fault('startCourse', 'CONFLICT', tooMany));
    // An attempt that was begun can still be judged.
    expect((await answer(who, first)).data.attemptCourse.passed).toBe(true);
    const later = async () => signIn(world, who.id, 'CITIZEN_SERVICE');
    // Midnight in Denmark is 23:00 UTC.
    await at('2026-11-02T22:59:59Z', async () =>
      expect(await (await later()).ask(verbs.startCourse)).toEqual(fault('startCourse', 'CONFLICT', tooMany)),
    );
    await at('2026-11-02T23:00:00Z', async () => expect((await begin(await later())).id).toBeTruthy());
  });

  it('of three who begin at once beside two begun before, one goes through', async () => {
    const who = await newcomer();
    await begin(who);
    await begin(who);
    const told = await Promise.all([1, 2, 3].map(() => who.ask(verbs.startCourse)));
    expect(told.filter(({ data }) => data.startCourse !== null)).toHaveLength(1);
    expect(await attemptsOf(who)).toHaveLength(3);
  });
});

describe('an attempt', () => {
  const bad = (expected: string) =>
    fault('attemptCourse', 'BAD_USER_INPUT', `Argument "answers": expected ${expected}`);

  it('is judged once: of two at once one wins, and the other is told', async () => {
    const who = await newcomer();
    const attempt = await begin(who);
    const told = await Promise.all([answer(who, attempt), answer(who, attempt)]);
    const lost = fault(
      'attemptCourse',
      'CONFLICT',
      'The attempt was judged already. Expected one that was not: begin another.',
    );
    expect(told.filter(({ data }) => data.attemptCourse?.passed)).toHaveLength(1);
    expect(told).toContainEqual(lost);
    expect(await answer(who, attempt, [])).toEqual(lost);
    expect(await coursesOf(who)).toEqual([{ evidence: attempt.id, recorded_by: null }]);
  });

  it('takes no answers but one to each question; after an error it can still be judged', async () => {
    const who = await newcomer();
    const attempt = await begin(who);
    const all = answersTo(attempt.questions);
    const unknown = bad('the number of a question of the attempt and the letter of one of its options.');
    for (const wrong of [
      { number: 0, letter: 'a' },
      { number: 11, letter: 'a' },
      { number: -1, letter: 'a' },
      { number: 1, letter: 'e' },
      { number: 1, letter: 'A' },
      { number: 1, letter: '' },
      { number: 1, letter: '__proto__' },
    ])
      expect(await answer(who, attempt, [...all.slice(1), wrong])).toEqual(unknown);
    expect(await answer(who, attempt, all.slice(1))).toEqual(bad('an answer to every question of the attempt.'));
    expect(await answer(who, attempt, [])).toEqual(bad('an answer to every question of the attempt.'));
    expect(await answer(who, attempt, [...all, all[0]])).toEqual(bad('each question once.'));
    expect([await coursesOf(who), await attemptsOf(who)]).toEqual([[], [{ right_count: null }]]);
    expect((await answer(who, attempt, all.reverse())).data.attemptCourse.passed).toBe(true);
  });

  it('expires', async () => {
    const who = await newcomer();
    const attempt = await begin(who);
    await at('2026-11-02T09:00:00.000Z', async () =>
      expect(await answer(await signIn(world, who.id, 'CITIZEN_SERVICE'), attempt)).toEqual(
        fault('attemptCourse', 'CONFLICT', 'The attempt has expired. Expected answers within its time: begin another.'),
      ),
    );
    await at('2026-11-02T08:59:59.999Z', async () => {
      const back = await signIn(world, who.id, 'CITIZEN_SERVICE');
      expect((await answer(back, attempt)).data.attemptCourse.passed).toBe(true);
    });
  });

  it('is the employee’s own: nobody else finds, sees or judges it', async () => {
    const who = await newcomer();
    const attempt = await begin(who);
    const unknown = await answer(who, { ...attempt, id: '00000000-0000-4000-8000-00000000dead' });
    expect(unknown).toEqual(fault('attemptCourse', 'NOT_FOUND'));
    expect(await answer(who, { ...attempt, id: 'no id' })).toEqual(unknown);
    for (const other of [service.holder, service.manager, await signInAs(world, 'administrator')]) {
      expect(await answer(other, attempt)).toEqual(unknown);
      const seen = await done(other, '{ courseAttempts { id } }', {});
      expect(seen.map(({ id }: any) => id)).not.toContain(attempt.id);
    }
    expect(await attemptsOf(who)).toEqual([{ right_count: null }]);
  });

  it('keeps its questions as they were asked, whatever the bank becomes', async () => {
    const who = await newcomer();
    const attempt = await begin(who);
    await world.database.sql(
      `INSERT INTO identity.course_question VALUES ('0999', 'K1', 'Må du slå en nabo op?', '§ 4', 'Nej', 'Ja', 'Måske', NULL)`,
    );
    try {
      const { questions, needed } = await begin(who);
      expect({ questions, needed }).toEqual({
        needed: 1,
        questions: [{ number: 1, text: 'Må du slå en nabo op?', source: '§ 4', options: expect.any(Array) }],
      });
      expect(questions[0].options.map(({ text }: any) => text).sort()).toEqual(['Ja', 'Måske', 'Nej']);
      expect((await answer(who, attempt)).data.attemptCourse).toMatchObject({ right: 10, passed: true });
    } finally {
      await world.database.sql('DELETE FROM identity.course_question');
    }
  });
});

describe('nobody takes the course for another', () => {
  it('neither a system nor a citizen', async () => {
    const citizen = await signInAs(world, 'citizen');
    expect(await citizen.ask(verbs.startCourse)).toEqual(fault('startCourse', 'FORBIDDEN_FIELD'));
    // Its scopes include `employee:read`.
    const system = await signInAs(world, 'case-system');
    expect(await system.ask(verbs.startCourse)).toEqual(fault('startCourse', 'FORBIDDEN'));
    const who = await newcomer();
    const attempt = await begin(who);
    expect(await answer(system, attempt)).toEqual(fault('attemptCourse', 'FORBIDDEN'));
    expect(await system.ask('{ courseAttempts { id } }')).toEqual({ data: { courseAttempts: [] }, faults: [] });
    expect(await attemptsOf(who)).toEqual([{ right_count: null }]);
  });

  it('nor somebody who acts under a power of attorney', async () => {
    const people = await administratorsOf(world);
    const sides = { giver: 'municipality', receiver: 'centre', gives: people.municipality, receives: people.centre };
    const id = await hire(world.database, 'centre', ['SMDB_DELEGATED_REPORTER']);
    await powerIn('marked', sides, ['SMDB_DELEGATED_REPORTER'], id);
    const who = await signIn(world, id, 'SMDB_DELEGATED_REPORTER');
    expect(await who.ask(verbs.startCourse)).toEqual(fault('startCourse', 'FORBIDDEN'));
    const attempt = await begin(await newcomer());
    await world.database.sql('UPDATE identity.course_attempt SET employee = $1 WHERE id = $2', [id, attempt.id]);
    expect(await answer(who, attempt)).toEqual(fault('attemptCourse', 'FORBIDDEN'));
    expect(await coursesOf(who)).toEqual([]);
  });

  it('nor somebody who has left, even if the gateway has not heard of it yet', async () => {
    const who = await newcomer();
    const attempt = await begin(who);
    await world.database.sql('UPDATE identity.employee SET left_at = now() WHERE id = $1', [who.id]);
    const told = [await who.ask(verbs.startCourse), await answer(who, attempt)];
    for (const { data } of told) expect(Object.values(data ?? { none: null })).toEqual([null]);
    expect([await coursesOf(who), await attemptsOf(who)]).toEqual([[], [{ right_count: null }]]);
  });
});

it('is logged: the beginning, the judgement and what was refused', async () => {
  const who = await newcomer();
  const attempt = await begin(who);
  await answer(who, attempt, []);
  await answer(who, attempt);
  const entries = await world.database.sql<{ leaf: string }>('SELECT leaf FROM audit.entry ORDER BY log, seq');
  const own = entries
    .map(({ leaf }) => JSON.parse(leaf))
    .filter(({ actor, outcome }) => JSON.stringify(actor ?? '').includes(who.id) && outcome !== 'BEGUN');
  const said = own.map(({ operation, outcome }) => [operation.name, outcome]);
  expect(said).toEqual(
    expect.arrayContaining([
      ['StartCourse', 'ANSWERED'],
      ['AttemptCourse', 'FAILED'],
      ['AttemptCourse', 'ANSWERED'],
    ]),
  );
});
