/** Stofmisbrugsdatabasen (SMDB): each right reads and reports what it is for, and nobody else learns who is in treatment. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SmdbFormKind } from '../../schema/generated/graphql.js';
import { graphql } from '../../schema/generated/index.js';
import { demoPeople } from '../../subgraphs/demo/identity.js';
import { organisationId } from '../../subgraphs/demo/people.js';
import { idFor } from '../../subgraphs/demo/random.js';
import { faults } from '../../subgraphs/protocol/faults.js';
import { answer, ask, everyPage } from '../support/typed.js';
import { openWorld, type World } from '../support/world.js';

const forms = graphql(`
  query SmdbForms($first: Int, $after: String, $filter: SmdbFormFilter) {
    smdbForms(first: $first, after: $after, filter: $filter) {
      totalCount
      nodes { id kind reportedBy { id } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
const course = graphql(`
  query SmdbCourse($id: ID!) {
    treatmentCourse(id: $id) {
      id requestedOn startedOn endedOn outcome
      guarantee { dueOn }
      citizen { cpr }
      forms { kind answers reportedBy { id } versions { number } }
    }
  }
`);
const ofCitizen = graphql(`
  query SmdbCoursesOfCitizen($cpr: CPR!) { citizen(cpr: $cpr) { name treatmentCourses { id } } }
`);
const report = graphql(`
  mutation ReportForm($input: ReportFormInput!) {
    reportForm(input: $input) { id kind due status course { id requestedOn endedOn } reportedBy { id } onBehalfOf { id } }
  }
`);

const health: SmdbFormKind[] = ['HEPATITIS_C', 'MEDICAL_QUALITY'];
const other: SmdbFormKind[] = [
  ...(['REQUEST', 'START_TREATMENT', 'CENTRE_ASSIGNMENT', 'ENROLMENT'] as const),
  ...(['ASI', 'SERVICE', 'DISCHARGE', 'END_TREATMENT'] as const),
];
const readers: [person: string, kinds: SmdbFormKind[]][] = [
  ['smdb-reporter', other],
  ['smdb-health', health],
  ['smdb-leader', [...other, ...health]],
  ['centre-reporter', other],
];
const outsiders = demoPeople.map(({ key }) => key).filter((key) => !readers.some(([person]) => person === key));
const centreReporter = idFor('employee/centre-reporter');
const day = '2026-10-05';
/** Answers that each kind takes, on that day. */
const answersOf: Record<SmdbFormKind, object> = {
  REQUEST: { requestedOn: day },
  START_TREATMENT: { startedOn: day },
  CENTRE_ASSIGNMENT: { assignedOn: day, centre: '1000000009' },
  HEPATITIS_C: { testedOn: day, result: 'NEGATIVE' },
  MEDICAL_QUALITY: { assessedOn: day, medicalTreatmentStartedOn: day, medicine: 'METHADONE' },
  ENROLMENT: { enrolledOn: day, diagnosis: 'F11.2' },
  ASI: { interviewedOn: day, drugs: 5 },
  SERVICE: { startedOn: day, service: 'COUNSELLING' },
  DISCHARGE: { dischargedOn: day, reason: 'COMPLETED' },
  END_TREATMENT: { endedOn: day, outcome: 'DRUG_FREE' },
};
/** Why the course `enrolled` does not take these: it has them, or it was entered twice and left once. */
const conflicts: Partial<Record<SmdbFormKind, string>> = {
  REQUEST: 'The citizen has an open course of treatment: it has a REQUEST already.',
  START_TREATMENT: 'The course of treatment has a form START_TREATMENT already.',
  END_TREATMENT: 'END_TREATMENT needs a DISCHARGE for every ENROLMENT first.',
};

let world: World;
/** Open and enrolled, so that every form but REQUEST, START_TREATMENT and END_TREATMENT fits. */
let enrolled: string;
/** Ended, with a form of every sort that health staff may not read. */
let ended: string;
/** Citizens who are in no treatment. */
let healthy: { id: string; cpr: string }[];

beforeAll(async () => {
  world = await openWorld({ shielded: true });
  const courseWhere = async (having: string) => {
    const [row] = await world.database.sql<{ course: string }>(
      `SELECT course FROM smdb.form GROUP BY course HAVING ${having} AND NOT bool_or(reported_by = $1)
        ORDER BY course LIMIT 1`,
      [centreReporter],
    );
    return row!.course;
  };
  enrolled = await courseWhere(`max(kind) FILTER (WHERE kind = 'ASI') IS NOT NULL`);
  ended = await courseWhere(`bool_or(kind = 'END_TREATMENT') AND bool_or(kind = 'MEDICAL_QUALITY')`);
  healthy = await world.database.sql(
    'SELECT id, cpr FROM identity.citizen WHERE id NOT IN (SELECT citizen FROM smdb.course) ORDER BY id LIMIT 20',
  );
});
afterAll(() => world.close());

describe('reading', () => {
  it.each(readers)('%s reads every form of the kinds of the right, and no other', async (person, kinds) => {
    const own = person === 'centre-reporter' ? centreReporter : null;
    const stored = await world.database.sql<{ id: string }>(
      'SELECT id FROM smdb.form WHERE kind = ANY ($1) AND ($2::uuid IS NULL OR reported_by = $2) ORDER BY id',
      [kinds, own],
    );
    const { nodes, totals } = await everyPage(
      async (after) => (await ask(world, person, forms, { first: 400, after })).smdbForms,
    );
    expect(stored.length).toBeGreaterThan(20);
    expect(totals[0]).toBe(stored.length);
    expect(nodes.map(({ id }) => id).sort()).toEqual(stored.map(({ id }) => id));
    const denied = [...other, ...health].filter((kind) => !kinds.includes(kind));
    const { smdbForms } = await ask(world, person, forms, { filter: { kinds: denied } });
    expect(smdbForms!.totalCount).toBe(0);
  });

  it('the leader sees a whole course; the reporter not its health forms, the health professional nothing but these', async () => {
    const kindsSeen = async (person: string) =>
      (await ask(world, person, course, { id: ended })).treatmentCourse!.forms.map(({ kind }) => kind);
    expect(await kindsSeen('smdb-leader')).toEqual(['REQUEST', 'START_TREATMENT', 'MEDICAL_QUALITY', 'END_TREATMENT']);
    expect(await kindsSeen('smdb-reporter')).toEqual(['REQUEST', 'START_TREATMENT', 'END_TREATMENT']);
    expect(await kindsSeen('smdb-health')).toEqual(['MEDICAL_QUALITY']);
  });

  it('a health professional knows the days of a course, and not how it ended', async () => {
    const seen = (await ask(world, 'smdb-health', course, { id: ended })).treatmentCourse!;
    const whole = (await ask(world, 'smdb-leader', course, { id: ended })).treatmentCourse!;
    expect(whole.outcome).toMatch(/^(DRUG_FREE|REDUCED_OR_STABILISED|OTHER)$/);
    expect(seen).toMatchObject({ requestedOn: whole.requestedOn, endedOn: whole.endedOn, outcome: null });
  });

  it('a centre’s reporter sees the courses reported on, with the own forms alone', async () => {
    const [mixed] = await world.database.sql<{ course: string }>(
      `SELECT course FROM smdb.form GROUP BY course
       HAVING bool_or(reported_by = $1) AND bool_or(reported_by <> $1) ORDER BY course LIMIT 1`,
      [centreReporter],
    );
    const { treatmentCourse } = await ask(world, 'centre-reporter', course, { id: mixed!.course });
    expect(new Set(treatmentCourse!.forms.map(({ reportedBy }) => reportedBy.id))).toEqual(new Set([centreReporter]));
    const whole = await ask(world, 'smdb-leader', course, { id: mixed!.course });
    expect(whole.treatmentCourse!.forms.length).toBeGreaterThan(treatmentCourse!.forms.length);
    const foreign = await answer(world, 'centre-reporter', course, { id: enrolled });
    expect(foreign.data).toEqual({ treatmentCourse: null });
    expect(foreign.text).toBe((await answer(world, 'centre-reporter', course, { id: idFor('no course') })).text);
  });

  it('a centre’s reporter cannot look up citizens', async () => {
    const given = await answer(world, 'centre-reporter', ofCitizen, { cpr: healthy[0]!.cpr });
    expect(given.data).toEqual({ citizen: null });
    expect(given.faults).toEqual([
      { path: 'citizen', code: 'FORBIDDEN_FIELD', message: faults.FORBIDDEN_FIELD.message },
    ]);
  });

  it.each(outsiders)('%s never learns who is in treatment', async (person) => {
    const { message } = faults.FORBIDDEN_FIELD;
    const one = await answer(world, person, course, { id: ended });
    expect(one).toMatchObject({ status: 200, data: { treatmentCourse: null } });
    expect(one.faults).toEqual([{ path: 'treatmentCourse', code: 'FORBIDDEN_FIELD', message }]);
    const list = await answer(world, person, forms, {});
    expect(list).toMatchObject({ status: 200, data: { smdbForms: null } });
    expect(list.faults).toEqual([{ path: 'smdbForms', code: 'FORBIDDEN_FIELD', message }]);
    const [treated] = await world.database.sql<{ cpr: string }>(
      'SELECT z.cpr FROM smdb.course c JOIN identity.citizen z ON z.id = c.citizen WHERE c.id = $1',
      [ended],
    );
    const shapeOf = async (cpr: string) => {
      const { status, data, faults: told } = await answer(world, person, ofCitizen, { cpr });
      return JSON.stringify([status, data?.citizen && { ...data.citizen, name: '' }, told]);
    };
    expect(await shapeOf(treated!.cpr)).toBe(await shapeOf(healthy[0]!.cpr));
  });
});

describe('reporting', () => {
  it.each([
    ['smdb-reporter', other],
    ['smdb-health', health],
  ])('%s may report the kinds of the right, and is refused the others', async (person, kinds) => {
    for (const kind of [...other, ...health]) {
      const given = await answer(world, person, report, {
        input: { kind, course: enrolled, answers: answersOf[kind] },
      });
      if (!kinds.includes(kind)) {
        expect(given.data).toEqual({ reportForm: null });
        expect(given.faults).toEqual([{ path: 'reportForm', code: 'FORBIDDEN', message: faults.FORBIDDEN.message }]);
      } else if (conflicts[kind]) {
        // The right reaches; the course says no.
        expect(given.faults).toEqual([{ path: 'reportForm', code: 'CONFLICT', message: conflicts[kind] }]);
      } else {
        expect(given.faults).toEqual([]);
        expect(given.data!.reportForm).toMatchObject({ kind, status: 'REPORTED', course: { id: enrolled } });
        expect(given.data!.reportForm!.reportedBy.id).toBe(idFor(`employee/${person}`));
      }
    }
  });

  it('opens a course with a request, due on the 15th of the month after it', async () => {
    const [citizen] = healthy;
    const { reportForm } = await ask(world, 'smdb-reporter', report, {
      input: { kind: 'REQUEST', citizen: citizen!.id, answers: answersOf.REQUEST },
    });
    expect(reportForm).toMatchObject({
      due: '2026-11-15',
      course: { requestedOn: day, endedOn: null },
      onBehalfOf: null,
    });
    const { treatmentCourse } = await ask(world, 'smdb-leader', course, { id: reportForm!.course.id });
    expect(treatmentCourse).toMatchObject({
      ...{ citizen: { cpr: citizen!.cpr }, guarantee: { dueOn: '2026-10-19' } },
      forms: [{ kind: 'REQUEST', answers: { requestedOn: day }, versions: [{ number: 1 }] }],
    });
  });

  it('is done by a centre on behalf of the authority, which sees it; other kinds and no authority are refused', async () => {
    const municipality = organisationId('municipality');
    const [, citizen] = healthy;
    const input = { kind: 'REQUEST', citizen: citizen!.id, answers: answersOf.REQUEST } as const;
    const nobody = await answer(world, 'centre-reporter', report, { input });
    const message = 'Argument "input.onBehalfOf": name the authority that you report for.';
    expect(nobody.faults).toEqual([{ path: 'reportForm', code: 'BAD_USER_INPUT', message }]);
    for (const kind of health) {
      const given = await answer(world, 'centre-reporter', report, {
        input: { kind, citizen: citizen!.id, answers: answersOf[kind], onBehalfOf: municipality },
      });
      expect(given.faults).toEqual([{ path: 'reportForm', code: 'FORBIDDEN', message: faults.FORBIDDEN.message }]);
    }
    const { reportForm } = await ask(world, 'centre-reporter', report, {
      input: { ...input, onBehalfOf: municipality },
    });
    expect(reportForm).toMatchObject({ onBehalfOf: { id: municipality }, reportedBy: { id: centreReporter } });
    const seen = await ask(world, 'smdb-leader', course, { id: reportForm!.course.id });
    expect(seen.treatmentCourse!.forms.map(({ kind }) => kind)).toEqual(['REQUEST']);
  });

  it('tells a centre nothing of a course that others opened', async () => {
    const onBehalfOf = organisationId('municipality');
    const [treated] = await world.database.sql<{ citizen: string }>('SELECT citizen FROM smdb.course WHERE id = $1', [
      enrolled,
    ]);
    const reported = async (citizen: string) => {
      const input = { kind: 'SERVICE', citizen, answers: answersOf.SERVICE, onBehalfOf } as const;
      const { reportForm } = await ask(world, 'centre-reporter', report, { input });
      const { treatmentCourse } = await ask(world, 'centre-reporter', course, { id: reportForm!.course.id });
      return { ...treatmentCourse!, id: '', citizen: null };
    };
    expect(await reported(treated!.citizen)).toEqual(await reported(healthy[2]!.id));
  });

  it.each([...outsiders, 'smdb-leader'])('%s may report nothing', async (person) => {
    const given = await answer(world, person, report, {
      input: { kind: 'REQUEST', citizen: healthy[3]!.id, answers: answersOf.REQUEST },
    });
    const { message } = faults.FORBIDDEN_FIELD;
    expect(given).toMatchObject({ status: 200, data: { reportForm: null } });
    expect(given.faults).toEqual([{ path: 'reportForm', code: 'FORBIDDEN_FIELD', message }]);
  });
});
