/** The smdb room on its own: who may read and report which forms, and what a report must not reveal. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { demoNow, makeCitizens, makeEmployees } from '../../subgraphs/demo/people.js';
import { seed } from '../../subgraphs/demo/seed.js';
import { makeSmdb } from '../../subgraphs/demo/smdb.js';
import { roomSchema } from '../../subgraphs/kit/room-schema.js';
import { type Database, openDatabase, type Transaction } from '../../subgraphs/postgres/database.js';
import { roleOf, roomUrl } from '../../subgraphs/postgres/migrate.js';
import type { Clearance, Viewer } from '../../subgraphs/protocol/viewer.js';
import { danishDate, dueDate } from '../../subgraphs/smdb/due.js';
import { contradiction } from '../../subgraphs/smdb/flow.js';
import { type FormKind, kinds, parseAnswers } from '../../subgraphs/smdb/forms.js';
import { makeSmdbRoom, smdb } from '../../subgraphs/smdb/index.js';
import { rightOf, rights } from '../../subgraphs/smdb/rights.js';
import { caseLinks } from '../../subgraphs/smdb/store.js';
import { testSecret } from '../support/database.js';
import { aViewer, openRoom, type RoomUnderTest } from '../support/room.js';

let room: RoomUnderTest;
let direct: Database;

beforeAll(async () => {
  room = await openRoom(smdb);
  direct = openDatabase(roomUrl(room.database.url, roleOf(room.database.name, 'smdb'), testSecret));
});
afterAll(async () => {
  await direct.close();
  await room.close();
});

const authority = randomUUID();
/** In a delegated right somebody acts for the authority, on the authority of an employee there. */
const someone = (right: string | null, over: Partial<Viewer> = {}): Viewer => {
  const actor = { kind: 'Employee' as const, id: randomUUID() };
  const acting = right?.startsWith('SMDB_DELEGATED_') && {
    ...{ actingFor: authority, powerOfAttorney: randomUUID() },
    subject: { kind: 'Employee' as const, id: randomUUID() },
  };
  return aViewer({ subject: actor, actor, right, scopes: ['smdb:read', 'smdb:report'], ...acting, ...over });
};
const reporter = someone('SMDB_REPORTER');
const leader = someone('SMDB_LEADER');
const health = someone('SMDB_HEALTH');
const delegated = someone('SMDB_DELEGATED_REPORTER');
const delegatedHealth = someone('SMDB_DELEGATED_HEALTH');
const outsiders: [string, Viewer][] = [
  ['a guidance worker', someone('CITIZEN_SERVICE')],
  ['a caseworker', someone('CASEWORKER')],
  ['the SMDB administrator', someone('SMDB_ADMINISTRATOR')],
  ['somebody who acts in no right', someone(null)],
  ['a citizen', aViewer({ subject: { kind: 'Citizen', id: randomUUID() }, right: null })],
  [
    'a citizen whose token claims a right',
    aViewer({ subject: { kind: 'Citizen', id: randomUUID() }, right: 'SMDB_LEADER' }),
  ],
  ['a reporter of another municipality', someone('SMDB_REPORTER', { municipality: '0461' })],
];

/** Well-formed answers of each kind whose event lies on `day`. */
const answersOn = (kind: FormKind, day: string): object =>
  ({
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
  })[kind];

const courseFields = `id citizen { id } case { id } municipality { code } requestedOn startedOn endedOn outcome
  guarantee { dueOn met } forms { id kind }`;
const formFields = `id kind status due answers reportedAt reportedBy { id } onBehalfOf { id }
  versions { number answers recordedBy { id } reason } course { ${courseFields} }`;
const reportForm = `mutation ($input: ReportFormInput!) { reportForm(input: $input) { ${formFields} } }`;

const tryReport = (viewer: Viewer, kind: FormKind, day: string, to: object, over: object = {}) => {
  const onBehalfOf = rightOf(viewer).delegated ? { onBehalfOf: authority } : {};
  return room.ask(viewer, reportForm, {
    input: { kind, answers: answersOn(kind, day), ...onBehalfOf, ...to, ...over },
  });
};
const report = async (viewer: Viewer, kind: FormKind, day: string, to: object, over: object = {}) => {
  const { data, errors } = await tryReport(viewer, kind, day, to, over);
  expect(errors).toBeUndefined();
  return data.reportForm;
};
const courseOf = async (viewer: Viewer, id: string) =>
  (await room.ask(viewer, `query ($id: ID!) { treatmentCourse(id: $id) { ${courseFields} } }`, { id })).data
    .treatmentCourse;
const formsOf = async (viewer: Viewer, filter: object = {}, first = 500) =>
  (
    await room.ask(
      viewer,
      'query ($filter: SmdbFormFilter, $first: Int) { smdbForms(filter: $filter, first: $first) { totalCount nodes { id kind course { id } } } }',
      { filter, first },
    )
  ).data.smdbForms;
const fault = (answer: { errors?: any[] }) => ({
  code: answer.errors?.[0]?.extensions.code,
  message: answer.errors?.[0]?.message,
});
const forbidden = { code: 'FORBIDDEN', message: 'Your rights do not include this operation.' };
const notFound = { code: 'NOT_FOUND', message: 'There is no such thing, or you may not know of it.' };

/** Every form of a course, reported by whoever reports it. */
async function wholeCourse(citizen = randomUUID()) {
  const { course } = await report(reporter, 'REQUEST', '2026-03-02', { citizen });
  const day = (kind: FormKind) =>
    ({ REQUEST: '', START_TREATMENT: '2026-03-10', END_TREATMENT: '2026-06-30' })[kind as 'REQUEST'] || '2026-04-01';
  const flow: FormKind[] = [
    'START_TREATMENT',
    'CENTRE_ASSIGNMENT',
    'HEPATITIS_C',
    'MEDICAL_QUALITY',
    'ENROLMENT',
    'ASI',
    'SERVICE',
    'DISCHARGE',
    'END_TREATMENT',
  ];
  for (const kind of flow)
    await report(rightOf(health).reports.includes(kind) ? health : reporter, kind, day(kind), { citizen });
  return { citizen, course: course.id as string };
}

describe('a course of treatment', () => {
  it('goes from request to end, form by form, and says what they say', async () => {
    const { citizen, course } = await wholeCourse();
    expect(await courseOf(leader, course)).toMatchObject({
      id: course,
      citizen: { id: citizen },
      case: null,
      municipality: { code: '0999' },
      requestedOn: '2026-03-02',
      startedOn: '2026-03-10',
      endedOn: '2026-06-30',
      outcome: 'DRUG_FREE',
      guarantee: { dueOn: '2026-03-16', met: true },
    });
    const { forms } = await courseOf(leader, course);
    expect(forms.map((form: any) => form.kind).sort()).toEqual([...kinds].sort());
    expect(forms[0].kind).toBe('REQUEST');
    expect(forms.at(-1).kind).toBe('END_TREATMENT');
  });

  it('holds a form with its deadline, its reporter and its first version', async () => {
    const form = await report(reporter, 'REQUEST', '2026-01-31', { citizen: randomUUID() });
    expect(form).toMatchObject({
      kind: 'REQUEST',
      status: 'REPORTED',
      due: '2026-02-15',
      answers: { requestedOn: '2026-01-31' },
      reportedBy: { id: reporter.subject.id },
      onBehalfOf: null,
      versions: [
        { number: 1, answers: { requestedOn: '2026-01-31' }, recordedBy: { id: reporter.subject.id }, reason: null },
      ],
    });
  });

  it('breaks the treatment guarantee on the fifteenth day', async () => {
    const late = await report(reporter, 'REQUEST', '2026-03-02', { citizen: randomUUID() });
    expect(late.course.guarantee).toEqual({ dueOn: '2026-03-16', met: false });
    const start = async (day: string) => {
      const citizen = randomUUID();
      await report(reporter, 'REQUEST', '2026-03-02', { citizen });
      return (await report(reporter, 'START_TREATMENT', day, { citizen })).course.guarantee.met;
    };
    expect(await start('2026-03-16')).toBe(true);
    expect(await start('2026-03-17')).toBe(false);
  });

  it('lists forms of the kinds asked for', async () => {
    const { course } = await wholeCourse();
    const { data } = await room.ask(
      leader,
      'query ($id: ID!) { treatmentCourse(id: $id) { forms(kinds: [ASI, SERVICE]) { kind } } }',
      { id: course },
    );
    expect(data.treatmentCourse.forms.map((form: any) => form.kind).sort()).toEqual(['ASI', 'SERVICE']);
  });
});

describe('deadlines', () => {
  it.each([
    ['REQUEST', '2026-01-01', '2026-02-15'],
    ['ASI', '2026-12-31', '2027-01-15'],
    ['END_TREATMENT', '2024-02-29', '2024-03-15'],
    ['MEDICAL_QUALITY', '2024-02-29', '2025-02-28'],
    ['MEDICAL_QUALITY', '2025-06-01', '2026-06-01'],
  ] as [FormKind, string, string][])('%s of %s is due on %s', (kind, day, due) => {
    const { answers, happenedOn } = parseAnswers(kind, answersOn(kind, day), '2027-01-01');
    expect(dueDate(kind, answers, happenedOn)).toBe(due);
  });

  it('the quality form is due when the medical treatment ends, if that is earlier', () => {
    const medical = { ...answersOn('MEDICAL_QUALITY', '2025-06-01'), medicalTreatmentEndedOn: '2025-09-01' };
    const { answers } = parseAnswers('MEDICAL_QUALITY', medical, '2027-01-01');
    expect(dueDate('MEDICAL_QUALITY', answers, '2025-06-01')).toBe('2025-09-01');
  });

  it('count in Danish days', () => {
    expect(danishDate(new Date('2026-06-30T22:30:00Z'))).toBe('2026-07-01');
    expect(danishDate(new Date('2026-12-31T22:30:00Z'))).toBe('2026-12-31');
  });
});

describe('the matrix of rights', () => {
  const everyRight = [...rights.keys(), 'SMDB_ADMINISTRATOR', 'CITIZEN_SERVICE', 'SECURITY_OFFICER'];

  it('is the same in rights.ts and in row-level security: reading', async () => {
    await wholeCourse();
    for (const right of everyRight) {
      const viewer = someone(right);
      const readable = await direct.asViewer(viewer, (tx) =>
        tx.rows<{ kind: string }>('SELECT DISTINCT kind FROM form'),
      );
      const { reads, delegated: onlyOwn } = rightOf(viewer);
      expect([right, readable.map((row) => row.kind).sort()]).toEqual([right, onlyOwn ? [] : [...reads].sort()]);
    }
  });

  it('is the same in rights.ts and in row-level security: reporting, and reading what one reported', async () => {
    const { course } = await wholeCourse();
    const insert = (viewer: Viewer, kind: FormKind, reportedBy = viewer.actor.id) =>
      direct
        .asViewer(
          viewer,
          async (tx) => {
            const id = randomUUID();
            await tx.rows(
              `INSERT INTO form VALUES ('0999', $1, $2, $3, 'REPORTED', '2026-04-01', '2026-05-15', $4, $5, now(), '{}')`,
              [id, course, kind, reportedBy, viewer.actingFor],
            );
            const seen = await tx.rows('SELECT FROM form WHERE id = $1', [id]);
            throw new Error(seen.length ? 'inserted, seen' : 'inserted');
          },
          'write',
        )
        .catch((error: Error) => error.message);
    for (const right of everyRight) {
      const viewer = someone(right);
      for (const kind of kinds) {
        const expected = rightOf(viewer).reports.includes(kind)
          ? 'inserted, seen'
          : expect.stringContaining('row-level security');
        expect([right, kind, await insert(viewer, kind)]).toEqual([right, kind, expected]);
      }
    }
    expect(await insert(reporter, 'ASI', randomUUID())).toContain('row-level security');
  });

  it.each([reporter, leader, health, delegated, delegatedHealth].map((viewer) => [viewer.right, viewer] as const))(
    '%s reports no kind outside it: FORBIDDEN, whoever it is about',
    async (_right, viewer) => {
      const { citizen } = await wholeCourse();
      for (const kind of kinds.filter((each) => !rightOf(viewer).reports.includes(each))) {
        expect(fault(await tryReport(viewer, kind, '2026-04-01', { citizen }))).toEqual(forbidden);
        expect(fault(await tryReport(viewer, kind, '2026-04-01', { citizen: randomUUID() }))).toEqual(forbidden);
      }
    },
  );

  it.each(outsiders)('%s learns nothing and reports nothing', async (_who, viewer) => {
    const { citizen, course } = await wholeCourse();
    const [form] = (await courseOf(leader, course)).forms;
    expect(await courseOf(viewer, course)).toBeNull();
    expect(await formsOf(viewer)).toEqual({ totalCount: 0, nodes: [] });
    const { data, errors } = await room.ask(
      viewer,
      `query ($of: [_Any!]!) { _entities(representations: $of) { __typename ... on Citizen { treatmentCourses { id } } } }`,
      {
        of: [
          { __typename: 'Citizen', id: citizen },
          { __typename: 'TreatmentCourse', id: course },
          { __typename: 'SmdbForm', id: form.id },
        ],
      },
    );
    expect(errors).toBeUndefined();
    expect(data._entities).toEqual([{ __typename: 'Citizen', treatmentCourses: [] }, null, null]);
    if (viewer.municipality === '0999')
      expect(fault(await tryReport(viewer, 'REQUEST', '2026-04-01', { citizen }))).toEqual(forbidden);
    else expect(fault(await tryReport(viewer, 'ASI', '2026-04-01', { course }))).toEqual(notFound);
  });

  it('a reporter reads every form but the two of health staff, whose outcome and days they read in turn', async () => {
    const { course } = await wholeCourse();
    const kindsOf = async (viewer: Viewer) =>
      (await courseOf(viewer, course)).forms.map((form: any) => form.kind).sort();
    expect(await kindsOf(reporter)).toEqual(
      kinds.filter((kind) => kind !== 'HEPATITIS_C' && kind !== 'MEDICAL_QUALITY').sort(),
    );
    expect(await kindsOf(health)).toEqual(['HEPATITIS_C', 'MEDICAL_QUALITY']);
    // Health staff need the days of a course; how it ended stands in a form that is not theirs.
    expect(await courseOf(health, course)).toMatchObject({
      startedOn: '2026-03-10',
      endedOn: '2026-06-30',
      outcome: null,
    });
    const asked = { course, kinds: ['HEPATITIS_C', 'REQUEST'] };
    expect((await formsOf(reporter, asked)).nodes.map((form: any) => form.kind)).toEqual(['REQUEST']);
    expect((await formsOf(health, asked)).nodes.map((form: any) => form.kind)).toEqual(['HEPATITIS_C']);
  });

  it('nobody finds versions or milestones of a form that they may not read', async () => {
    const { course } = await wholeCourse();
    const count = (viewer: Viewer, table: string) =>
      direct.asViewer(viewer, async (tx) => (await tx.rows(`SELECT FROM ${table}`)).length);
    for (const table of ['course', 'form', 'form_version', 'milestone', 'open_course']) {
      for (const [, viewer] of outsiders) expect([table, await count(viewer, table)]).toEqual([table, 0]);
    }
    const stranger = someone('SMDB_DELEGATED_REPORTER');
    for (const table of ['course', 'form', 'form_version', 'milestone'])
      expect([table, await count(stranger, table)]).toEqual([table, 0]);
    const versions = await direct.asViewer(health, (tx) =>
      tx.rows('SELECT FROM form_version JOIN form ON form.id = form_version.form WHERE course = $1', [course]),
    );
    expect(versions).toHaveLength(2);
  });
});

describe('the order of a course', () => {
  const cannot = async (kind: FormKind, day: string, to: object, message: string, viewer = reporter) =>
    expect(fault(await tryReport(viewer, kind, day, to))).toEqual({ code: 'CONFLICT', message });
  const noCourse = 'The citizen has no open course of treatment: report a form REQUEST first.';

  it('begins with a request', async () => {
    const citizen = randomUUID();
    await cannot('START_TREATMENT', '2026-03-10', { citizen }, noCourse);
    await cannot('HEPATITIS_C', '2026-03-10', { citizen }, noCourse, health);
  });

  it('is kept step by step', async () => {
    const citizen = randomUUID();
    await report(reporter, 'REQUEST', '2026-03-02', { citizen });
    await cannot(
      'REQUEST',
      '2026-03-03',
      { citizen },
      'The citizen has an open course of treatment: it has a REQUEST already.',
    );
    await cannot('END_TREATMENT', '2026-03-10', { citizen }, 'END_TREATMENT needs a form START_TREATMENT first.');
    await cannot('HEPATITIS_C', '2026-03-10', { citizen }, 'HEPATITIS_C needs a form START_TREATMENT first.', health);
    await cannot('START_TREATMENT', '2026-03-01', { citizen }, 'START_TREATMENT may not lie before REQUEST.');
    await report(reporter, 'START_TREATMENT', '2026-03-10', { citizen });
    await cannot(
      'START_TREATMENT',
      '2026-03-10',
      { citizen },
      'The course of treatment has a form START_TREATMENT already.',
    );
    await cannot('ENROLMENT', '2026-03-12', { citizen }, 'ENROLMENT needs a form CENTRE_ASSIGNMENT first.');
    await cannot('HEPATITIS_C', '2026-03-09', { citizen }, 'HEPATITIS_C may not lie before START_TREATMENT.', health);
    await report(reporter, 'CENTRE_ASSIGNMENT', '2026-03-12', { citizen });
    await cannot('DISCHARGE', '2026-03-13', { citizen }, 'DISCHARGE needs a form ENROLMENT first.');
    await report(reporter, 'ENROLMENT', '2026-03-13', { citizen });
    await cannot(
      'END_TREATMENT',
      '2026-03-14',
      { citizen },
      'END_TREATMENT needs a DISCHARGE for every ENROLMENT first.',
    );
    await report(reporter, 'DISCHARGE', '2026-03-20', { citizen });
    await cannot('DISCHARGE', '2026-03-21', { citizen }, 'DISCHARGE needs an ENROLMENT that is still open.');
    await cannot('END_TREATMENT', '2026-03-19', { citizen }, 'END_TREATMENT may not lie before DISCHARGE.');
    const { course } = await report(reporter, 'END_TREATMENT', '2026-03-31', { citizen });
    await cannot('ASI', '2026-04-01', { course: course.id }, 'ASI may not lie after END_TREATMENT.');
    await cannot('ASI', '2026-03-30', { citizen }, noCourse);
    await report(reporter, 'ASI', '2026-03-30', { course: course.id });
    await report(health, 'MEDICAL_QUALITY', '2026-05-01', { course: course.id });
  });

  it('begins anew after the end, in a course of its own', async () => {
    const { citizen, course } = await wholeCourse();
    const again = await report(reporter, 'REQUEST', '2026-09-01', { citizen });
    expect(again.course.id).not.toBe(course);
    const { data } = await room.ask(
      leader,
      'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Citizen { treatmentCourses { id requestedOn } } } }',
      { of: [{ __typename: 'Citizen', id: citizen }] },
    );
    expect(data._entities[0].treatmentCourses).toEqual([
      { id: again.course.id, requestedOn: '2026-09-01' },
      { id: course, requestedOn: '2026-03-02' },
    ]);
  });

  it('has one open course per citizen, however many ask at once', async () => {
    const citizen = randomUUID();
    const reporters = Array.from({ length: 6 }, () => someone('SMDB_REPORTER'));
    const delegates = Array.from({ length: 6 }, () => someone('SMDB_DELEGATED_REPORTER'));
    const answers = await Promise.all(
      [...reporters, ...delegates].map((viewer) => tryReport(viewer, 'REQUEST', '2026-03-02', { citizen })),
    );
    const refused = answers.filter((answer) => answer.errors);
    for (const answer of refused)
      expect(fault(answer)).toEqual({
        code: 'CONFLICT',
        message: 'The citizen has an open course of treatment: it has a REQUEST already.',
      });
    expect(answers.slice(6).every((answer) => !answer.errors)).toBe(true);
    expect(refused.length).toBeGreaterThanOrEqual(5);
    const [{ count }] = await room.database.sql<any>('SELECT count(*) FROM smdb.course WHERE citizen = $1', [citizen]);
    expect(Number(count)).toBe(1);
  });
});

describe('what a report may hold', () => {
  const malformed = async (input: object, message: string, viewer = reporter) => {
    const answer = await room.ask(viewer, reportForm, {
      input: { kind: 'REQUEST', citizen: randomUUID(), answers: answersOn('REQUEST', '2026-03-02'), ...input },
    });
    expect(fault(answer)).toEqual({ code: 'BAD_USER_INPUT', message });
    expect(answer.data).toEqual({ reportForm: null });
  };
  const request = (over: object) => ({ answers: { requestedOn: '2026-03-02', ...over } });
  const shape =
    'Argument "input.answers": a REQUEST form takes an object with these variables: requestedOn, referredBy, remark.';
  const badDate = 'Argument "input.answers": "requestedOn" is malformed: a calendar date YYYY-MM-DD.';
  const badText = 'Argument "input.answers": "remark" is malformed: expected well-formed Unicode without NUL.';

  it.each([
    ['an unknown variable, whose name is not repeated', request({ '0201609995': true }), shape],
    ['no object', { answers: 'requestedOn' }, shape],
    ['a list', { answers: [] }, shape],
    ['no date', { answers: {} }, badDate],
    ['a day that is none', request({ requestedOn: '2026-02-30' }), badDate],
    ['the year 0', request({ requestedOn: '0000-01-01' }), badDate],
    ['a NUL', request({ remark: 'a\0b' }), badText],
    ['a lone surrogate', request({ remark: 'a\ud800b' }), badText],
    [
      'a long text',
      request({ remark: 'x'.repeat(501) }),
      'Argument "input.answers": "remark" is malformed: Too big: expected string to have <=500 characters.',
    ],
    [
      'a day to come',
      request({ requestedOn: '2999-01-01' }),
      'Argument "input.answers": "requestedOn" may not lie in the future.',
    ],
    ['both citizen and course', { course: randomUUID() }, 'Argument "input": name either `citizen` or `course`.'],
    ['neither citizen nor course', { citizen: null }, 'Argument "input": name either `citizen` or `course`.'],
  ])('%s is refused', async (_what, input, message) => {
    await malformed(input, message);
  });

  it('a prototype is refused as any unknown variable', () => {
    const polluted = JSON.parse('{"requestedOn":"2026-03-02","__proto__":{"remark":"x"}}');
    expect(() => parseAnswers('REQUEST', polluted, '2026-12-31')).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', message: shape }),
    );
  });

  it('a smiley is text', async () => {
    const form = await report(reporter, 'REQUEST', '', { citizen: randomUUID() }, request({ remark: 'godt 😀' }));
    expect(form.answers.remark).toBe('godt 😀');
  });

  it('a delegated reporter says for whom', async () => {
    await malformed({}, 'Argument "input.onBehalfOf": name the authority that you report for.', delegated);
    const form = await report(delegated, 'REQUEST', '2026-03-02', { citizen: randomUUID() });
    expect(form.onBehalfOf).toEqual({ id: authority });
  });

  it('nobody reports for an organisation whose power of attorney they do not act under', async () => {
    const citizen = randomUUID();
    const acting = someone('SMDB_REPORTER', { actingFor: authority });
    expect(fault(await tryReport(reporter, 'REQUEST', '2026-03-02', { citizen, onBehalfOf: authority }))).toEqual(
      forbidden,
    );
    expect(fault(await tryReport(acting, 'REQUEST', '2026-03-02', { citizen, onBehalfOf: randomUUID() }))).toEqual(
      forbidden,
    );
    expect((await report(acting, 'REQUEST', '2026-03-02', { citizen })).onBehalfOf).toEqual({ id: authority });
  });
});

describe('a delegated reporter', () => {
  /** The answer without what is random in every answer, and with one id written alike wherever it stands. */
  const alike = (answer: object, citizen: string) => {
    const seen = new Map<string, string>([[citizen, 'the citizen']]);
    return JSON.stringify(answer)
      .replace(/"reportedAt":"[^"]+"/g, '"reportedAt":"now"')
      .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, (id) => seen.get(id) ?? seen.set(id, `id ${seen.size}`).get(id)!);
  };
  const openedBy = async (viewer: Viewer) => {
    const citizen = randomUUID();
    const { course } = await report(viewer, 'REQUEST', '2026-01-05', { citizen });
    await report(viewer, 'START_TREATMENT', '2026-01-12', { citizen });
    return { citizen, course: course.id as string };
  };
  const both = async (steps: (viewer: Viewer, citizen: string) => Promise<object[]>) => {
    const viewer = someone('SMDB_DELEGATED_REPORTER');
    const { citizen } = await openedBy(reporter);
    const joined = await steps(viewer, citizen);
    const free = randomUUID();
    const alone = await steps(viewer, free);
    return { joined: alike(joined, citizen), alone: alike(alone, free) };
  };

  it.each(kinds.filter((kind) => rightOf(delegated).reports.includes(kind)))(
    'never learns from %s whether the citizen is in treatment already',
    async (kind) => {
      const { joined, alone } = await both(async (viewer, citizen) => [
        await tryReport(viewer, kind, '2026-03-02', { citizen }),
      ]);
      expect(joined).toBe(alone);
    },
  );

  it('never learns it from a whole course, nor from reading it afterwards', async () => {
    const { joined, alone } = await both(async (viewer, citizen) => {
      const flow: FormKind[] = [
        'ENROLMENT',
        'REQUEST',
        'REQUEST',
        'START_TREATMENT',
        'ASI',
        'DISCHARGE',
        'END_TREATMENT',
        'ASI',
      ];
      const answers = [];
      for (const [step, kind] of flow.entries())
        answers.push(await tryReport(viewer, kind, `2026-03-${10 - step < 10 ? 10 + step : 10}`, { citizen }));
      const id = answers[0]!.data.reportForm.course.id;
      return [...answers, await courseOf(viewer, id)];
    });
    expect(joined).toBe(alone);
  });

  it('joins the open course without seeing what others reported on it', async () => {
    const { citizen, course } = await openedBy(reporter);
    const form = await report(delegated, 'REQUEST', '2026-02-20', { citizen });
    expect(form.course).toMatchObject({
      id: course,
      requestedOn: '2026-02-20',
      startedOn: null,
      guarantee: { met: null },
    });
    expect(form.course.forms).toEqual([{ id: form.id, kind: 'REQUEST' }]);
    const whole = await courseOf(reporter, course);
    expect(whole).toMatchObject({ requestedOn: '2026-01-05', startedOn: '2026-01-12' });
    expect(whole.forms).toHaveLength(3);
  });

  it('is told of a conflict with their own forms only', async () => {
    const { citizen } = await openedBy(delegated);
    expect(fault(await tryReport(delegated, 'REQUEST', '2026-02-20', { citizen }))).toEqual({
      code: 'CONFLICT',
      message: 'The citizen has an open course of treatment: it has a REQUEST already.',
    });
    await report(someone('SMDB_DELEGATED_REPORTER'), 'REQUEST', '2026-02-20', { citizen });
  });

  it('ends no course that they did not start', async () => {
    const { citizen } = await openedBy(reporter);
    expect(fault(await tryReport(delegated, 'END_TREATMENT', '2026-03-02', { citizen }))).toEqual({
      code: 'CONFLICT',
      message: 'END_TREATMENT needs a form START_TREATMENT first.',
    });
  });

  it('reports a health form for somebody who may or may not be in treatment, and is not told', async () => {
    const viewer = someone('SMDB_DELEGATED_HEALTH');
    const { citizen } = await openedBy(reporter);
    const free = randomUUID();
    const joined = await tryReport(viewer, 'HEPATITIS_C', '2026-03-02', { citizen });
    const alone = await tryReport(viewer, 'HEPATITIS_C', '2026-03-02', { citizen: free });
    expect(alike(joined, citizen)).toBe(alike(alone, free));
    expect(joined.data.reportForm.course).toMatchObject({
      requestedOn: '2026-03-02',
      startedOn: null,
      guarantee: null,
    });
    // The authority's request joins the course that the health form opened.
    const request = await report(reporter, 'REQUEST', '2026-02-01', { citizen: free });
    expect(request.course.id).toBe(alone.data.reportForm.course.id);
  });

  it('goes on with their own course although the authority has ended it, and does not learn that it has', async () => {
    const citizen = randomUUID();
    const viewer = someone('SMDB_DELEGATED_REPORTER');
    const { course } = await report(viewer, 'REQUEST', '2026-03-02', { citizen });
    await report(reporter, 'START_TREATMENT', '2026-03-03', { citizen });
    await report(reporter, 'END_TREATMENT', '2026-03-04', { citizen });
    const later = await report(viewer, 'ASI', '2026-04-01', { citizen });
    expect(later.course).toMatchObject({ id: course.id, endedOn: null, outcome: null });
  });

  describe('after more than twelve months', () => {
    type Done = (citizen: string) => Promise<unknown>;
    const nothing: Done = async () => undefined;
    const startsAndEnds: Done = async (citizen) => {
      // Refused where there is one already.
      await tryReport(reporter, 'REQUEST', '2025-01-15', { citizen });
      await report(reporter, 'START_TREATMENT', '2025-02-01', { citizen });
      await report(reporter, 'END_TREATMENT', '2025-06-01', { citizen });
    };
    const beginsAnew: Done = async (citizen) => {
      await startsAndEnds(citizen);
      await report(reporter, 'REQUEST', '2026-09-01', { citizen });
    };
    const opens: Done = (citizen) => report(reporter, 'REQUEST', '2025-01-02', { citizen });
    const opensAndEnds: Done = async (citizen) => {
      await opens(citizen);
      await startsAndEnds(citizen);
    };
    /** All that the reporter is told from their first form on, and every course that they are shown at the end. */
    const told = async (first: FormKind, again: FormKind, before: Done, between: Done) => {
      const viewer = someone('SMDB_DELEGATED_REPORTER');
      const citizen = randomUUID();
      await before(citizen);
      const answers: object[] = [await tryReport(viewer, first, '2025-01-10', { citizen })];
      await between(citizen);
      answers.push(await tryReport(viewer, again, '2026-10-20', { citizen }));
      answers.push(await tryReport(viewer, 'ASI', '2026-10-21', { citizen }));
      const courses = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Citizen { treatmentCourses { ${courseFields} } } } }`;
      answers.push(await room.ask(viewer, courses, { of: [{ __typename: 'Citizen', id: citizen }] }));
      answers.push(await formsOf(viewer));
      return alike(answers, citizen);
    };

    it.each<[string, Done, Done]>([
      ['started and ended the course in between', nothing, startsAndEnds],
      ['ended it and opened another', nothing, beginsAnew],
      ['had opened it before', opens, nothing],
      ['had opened it before, and started and ended it in between', opens, startsAndEnds],
      ['had ended one before', opensAndEnds, nothing],
    ])('is told the same as if nobody else had acted: others %s', async (_what, before, between) => {
      for (const [first, again] of [
        ['REQUEST', 'REQUEST'],
        ['SERVICE', 'SERVICE'],
        ['SERVICE', 'REQUEST'],
      ] as const)
        expect(await told(first, again, before, between)).toBe(await told(first, again, nothing, nothing));
    });

    it('has the own course still, until they end it', async () => {
      const viewer = someone('SMDB_DELEGATED_REPORTER');
      const citizen = randomUUID();
      const { course } = await report(viewer, 'REQUEST', '2025-01-10', { citizen });
      await startsAndEnds(citizen);
      expect(fault(await tryReport(viewer, 'REQUEST', '2026-10-20', { citizen }))).toEqual({
        code: 'CONFLICT',
        message: 'The citizen has an open course of treatment: it has a REQUEST already.',
      });
      await report(viewer, 'START_TREATMENT', '2025-02-01', { citizen });
      expect((await report(viewer, 'END_TREATMENT', '2025-06-01', { citizen })).course.id).toBe(course.id);
      expect((await report(viewer, 'REQUEST', '2026-10-20', { citizen })).course.id).not.toBe(course.id);
    });
  });

  it('finds an unknown, a malformed and a hidden course alike', async () => {
    const { course } = await openedBy(reporter);
    const ids = [course, randomUUID(), 'no id', "'; --", ''];
    const asked = await Promise.all(
      ids.map((id) =>
        room.ask(
          delegated,
          'query ($id: ID!) { treatmentCourse(id: $id) { id } smdbForms(filter: { course: $id }) { totalCount } }',
          { id },
        ),
      ),
    );
    for (const answer of asked)
      expect(answer).toEqual({ data: { treatmentCourse: null, smdbForms: { totalCount: 0 } } });
    for (const id of ids.slice(0, 4))
      expect(fault(await tryReport(delegated, 'ASI', '2026-03-02', { course: id }))).toEqual(notFound);
    expect(fault(await tryReport(delegated, 'ASI', '2026-03-02', { citizen: 'no id' }))).toEqual(notFound);
  });
});

describe('the list of forms', () => {
  const page = `query ($filter: SmdbFormFilter, $first: Int, $after: String) {
    smdbForms(filter: $filter, first: $first, after: $after) { totalCount pageInfo { hasNextPage hasPreviousPage endCursor } nodes { id kind reportedAt due } } }`;

  it('comes page by page, newest report first, each form once', async () => {
    const { course } = await wholeCourse();
    const seen: any[] = [];
    let after: string | null = null;
    let pages = 0;
    do {
      const { data } = await room.ask(leader, page, { filter: { course }, first: 3, after });
      expect(data.smdbForms.totalCount).toBe(10);
      expect(data.smdbForms.pageInfo.hasPreviousPage).toBe(after !== null);
      seen.push(...data.smdbForms.nodes);
      after = data.smdbForms.pageInfo.hasNextPage ? data.smdbForms.pageInfo.endCursor : null;
      pages++;
    } while (after);
    expect(pages).toBe(4);
    expect(new Set(seen.map((form) => form.id)).size).toBe(10);
    const times = seen.map((form) => form.reportedAt);
    expect(times).toEqual([...times].sort().reverse());
  });

  it('keeps forms that were reported in the same millisecond apart', async () => {
    const { course } = await wholeCourse();
    await room.database.sql('UPDATE smdb.form SET reported_at = $2 WHERE course = $1', [
      course,
      '2026-07-01T10:00:00Z',
    ]);
    const one = (await room.ask(leader, page, { filter: { course }, first: 4 })).data.smdbForms;
    const rest = (await room.ask(leader, page, { filter: { course }, after: one.pageInfo.endCursor })).data.smdbForms;
    expect(new Set([...one.nodes, ...rest.nodes].map((form: any) => form.id)).size).toBe(10);
    expect(rest.nodes).toHaveLength(6);
  });

  it('is filtered by kind, status, time and lateness', async () => {
    const { course } = await wholeCourse();
    const [first, second] = (await formsOf(leader, { course, kinds: ['ASI', 'SERVICE'] })).nodes;
    await room.database.sql("UPDATE smdb.form SET reported_at = '2026-05-15T21:59:59Z' WHERE id = $1", [first.id]);
    await room.database.sql(
      "UPDATE smdb.form SET reported_at = '2026-05-15T22:00:00Z', status = 'WITHDRAWN' WHERE id = $1",
      [second.id],
    );
    const ids = async (filter: object) =>
      (await formsOf(leader, { course, kinds: ['ASI', 'SERVICE'], ...filter })).nodes.map((form: any) => form.id);
    // Both are due on 15 May; the second came on the 16th, Danish time.
    expect(await ids({ overdue: false })).toEqual([first.id]);
    expect(await ids({ overdue: true })).toEqual([second.id]);
    expect(await ids({ status: ['WITHDRAWN'] })).toEqual([second.id]);
    expect(await ids({ reportedFrom: '2026-05-16T00:00:00+02:00' })).toEqual([second.id]);
    expect(await ids({ reportedTo: '2026-05-15T22:00:00Z' })).toEqual([first.id]);
    expect(await ids({ kinds: [] })).toEqual([]);
  });

  it('takes the ends of time for a time', async () => {
    const filter = { reportedFrom: '0001-01-01T00:00:00+14:59', reportedTo: '9999-12-31T23:59:59-14:59' };
    expect((await formsOf(leader, filter)).totalCount).toBeGreaterThan(0);
  });

  it.each([
    ['no cursor at all', 'x'],
    ['a cursor of another list', Buffer.from('["a","b"]').toString('base64url')],
    ['a cursor without a time', Buffer.from(JSON.stringify([null, randomUUID()])).toString('base64url')],
    ['a cursor without an id', Buffer.from('["2026-01-01T00:00:00Z","1"]').toString('base64url')],
  ])('refuses %s', async (_what, after) => {
    expect(fault(await room.ask(leader, page, { after }))).toEqual({
      code: 'BAD_USER_INPUT',
      message:
        'Argument "after": expected a cursor from `pageInfo.endCursor` or `edges.cursor` of the same list and order.',
    });
  });

  it('holds at most 500 a page', async () => {
    expect(fault(await room.ask(leader, page, { first: 501 }))).toEqual({
      code: 'PAGE_LIMIT',
      message: 'A page holds 0 to 500 items.',
    });
  });
});

describe('the case of a course', () => {
  const clearance = (
    compartment: string,
    shielded: boolean,
    operations: Clearance['operations'] = ['SEARCH'],
  ): Clearance => ({
    compartment,
    level: 'EXISTENCE',
    operations,
    shielded,
  });
  const drugs = '0999.MUNICIPALITY.DRUG_TREATMENT';
  const placement = '0999.MUNICIPALITY.PLACEMENT';
  const fraud = '0999.MUNICIPALITY.SOCIAL_FRAUD';
  const cleared = (...held: Clearance[]) => someone('SMDB_LEADER', { clearance: held });
  let ordinary: { course: string; case: string };
  let shielded: { course: string; case: string };

  beforeAll(async () => {
    ordinary = { course: (await wholeCourse()).course, case: randomUUID() };
    shielded = { course: (await wholeCourse()).course, case: randomUUID() };
    await room.database.sql("INSERT INTO smdb.course_ordinary_case VALUES ('0999', $1, $2, $3)", [
      ordinary.course,
      ordinary.case,
      drugs,
    ]);
    await room.database.sql("INSERT INTO smdb.course_shielded_case VALUES ('0999', $1, $2, $3)", [
      placement,
      shielded.course,
      shielded.case,
    ]);
  });
  const cases = async (viewer: Viewer) => [
    (await courseOf(viewer, ordinary.course))?.case ?? null,
    (await courseOf(viewer, shielded.course))?.case ?? null,
  ];

  it('is named to whoever is cleared for its compartment, and to nobody else', async () => {
    const one = { id: ordinary.case };
    const other = { id: shielded.case };
    expect(await cases(cleared())).toEqual([null, null]);
    expect(await cases(cleared(clearance(drugs, false)))).toEqual([one, null]);
    expect(await cases(cleared(clearance(placement, true)))).toEqual([null, other]);
    expect(await cases(cleared(clearance(drugs, false), clearance(placement, true)))).toEqual([one, other]);
    expect(await cases(cleared(clearance(fraud, true)))).toEqual([null, null]);
    expect(await cases(cleared(clearance(placement, true, ['ENTER'])))).toEqual([null, null]);
  });

  it('is not told by a clearance without an SMDB right', async () => {
    const held = [clearance(drugs, false), clearance(placement, true)];
    expect(await cases(someone('CASEWORKER', { clearance: held }))).toEqual([null, null]);
    const links = await direct.asViewer(someone('CASEWORKER', { clearance: held }), async (tx) => [
      ...(await tx.rows('SELECT FROM course_ordinary_case')),
      ...(await tx.rows('SELECT FROM course_shielded_case')),
    ]);
    expect(links).toEqual([]);
  });

  it('a shielded link is behind row-level security, whatever the SQL asks for', async () => {
    const links = (viewer: Viewer) =>
      direct.asViewer(viewer, (tx) => tx.rows('SELECT case_id FROM course_shielded_case'));
    expect(await links(cleared(clearance(fraud, true), clearance(drugs, false)))).toEqual([]);
    expect(await links(cleared(clearance(placement, true)))).toEqual([{ case_id: shielded.case }]);
  });

  it('a leader without the compartment gets, byte for byte, the answer of a world without the case', async () => {
    const ask = async () =>
      JSON.stringify(
        await room.ask(
          cleared(clearance(drugs, false)),
          `query ($id: ID!, $of: [_Any!]!) {
          treatmentCourse(id: $id) { ${courseFields} } smdbForms(first: 500) { totalCount edges { cursor node { ${formFields} } } }
          _entities(representations: $of) { ... on Citizen { treatmentCourses { ${courseFields} } } } }`,
          {
            id: shielded.course,
            of: [{ __typename: 'Citizen', id: (await courseOf(leader, shielded.course)).citizen.id }],
          },
        ),
      );
    const withCase = await ask();
    await room.database.sql('DELETE FROM smdb.course_shielded_case');
    const withoutCase = await ask();
    await room.database.sql("INSERT INTO smdb.course_shielded_case VALUES ('0999', $1, $2, $3)", [
      placement,
      shielded.course,
      shielded.case,
    ]);
    expect(withCase).toBe(withoutCase);
    expect(withCase).toContain(shielded.course);
  });

  it('the shielded links are not even named without a shielded compartment', async () => {
    const asked: string[] = [];
    const recorder: Transaction = {
      rows: async (sql) => {
        asked.push(sql);
        return [];
      },
    };
    await caseLinks(recorder, '0999', [randomUUID()], { ordinary: [drugs], shielded: [] });
    await caseLinks(recorder, '0999', [randomUUID()], { ordinary: [drugs], shielded: [placement] });
    expect(asked[0]).not.toContain('course_shielded_case');
    expect(asked[1]).toContain('course_shielded_case');
  });

  it('with this wall taken down the link is told: these tests can fail', async () => {
    const open = await openRoom(makeSmdbRoom({ withoutCaseFilter: true }), async (database) => {
      await database.sql(`INSERT INTO smdb.course VALUES ('0999', $1, $2, '2026-03-02')`, [
        shielded.course,
        randomUUID(),
      ]);
      await database.sql("INSERT INTO smdb.course_shielded_case VALUES ('0999', $1, $2, $3)", [
        placement,
        shielded.course,
        shielded.case,
      ]);
      await database.sql(`CREATE FUNCTION smdb.leaky_course_case(text, uuid[]) RETURNS TABLE (course uuid, case_id uuid)
        LANGUAGE sql SECURITY DEFINER AS 'SELECT course, case_id FROM smdb.course_shielded_case WHERE course = ANY ($2)'`);
    });
    try {
      const { data } = await open.ask(leader, 'query ($id: ID!) { treatmentCourse(id: $id) { case { id } } }', {
        id: shielded.course,
      });
      expect(data.treatmentCourse.case).toEqual({ id: shielded.case });
    } finally {
      await open.close();
    }
  });
});

describe('the demo', () => {
  const citizens = makeCitizens();
  const employees = makeEmployees();
  const adults = citizens.filter((citizen) => citizen.role !== 'CHILD');
  const some = (prefix: string, every: number, compartment: string) =>
    adults
      .filter((citizen) => citizen.index % every === 0)
      .map((citizen) => ({ id: `${prefix}${citizen.id.slice(1)}`, citizen: citizen.id, compartment }));
  const input = {
    citizens,
    employees,
    drugTreatmentCases: some('a', 4, '0999.MUNICIPALITY.DRUG_TREATMENT'),
    shieldedCases: some('b', 7, '0999.MUNICIPALITY.PLACEMENT'),
  };
  const rows = makeSmdb({ shielded: true, ...input }) as Record<string, any[]>;

  it('has 400 courses, 300 with an ordinary case and 12 with a shielded one, none about people who sign in', () => {
    expect(rows.course).toHaveLength(400);
    expect(new Set(rows.course!.map((course) => course.citizen)).size).toBe(400);
    expect(rows.course_ordinary_case).toHaveLength(300);
    expect(rows.course_shielded_case).toHaveLength(12);
    const signsIn = [citizens[0]!.id, citizens[1]!.id];
    expect(rows.course!.filter((course) => signsIn.includes(course.citizen))).toEqual([]);
    const delegatedCourses = new Set(rows.form!.filter((form) => form.on_behalf_of).map((form) => form.course));
    expect(delegatedCourses.size).toBe(25);
  });

  it('holds nothing that could not have been reported', () => {
    for (const course of rows.course!) {
      const known: { kind: FormKind; happenedOn: string }[] = [];
      const forms = rows.form!.filter((form) => form.course === course.id);
      expect(forms.length).toBeGreaterThanOrEqual(1);
      expect(forms.length).toBeLessThanOrEqual(6);
      for (const form of forms) {
        const { answers, happenedOn } = parseAnswers(form.kind, form.answers, '2026-11-02');
        expect(happenedOn).toBe(form.happened_on);
        expect([form.kind, dueDate(form.kind, answers, happenedOn)]).toEqual([form.kind, form.due]);
        expect(contradiction({ kind: form.kind, happenedOn }, known, true)).toBeUndefined();
        expect(new Date(form.reported_at) < demoNow && form.reported_at.slice(0, 10) >= happenedOn).toBe(true);
        known.push({ kind: form.kind, happenedOn });
      }
    }
  });

  it('is the same in both worlds but for the links to shielded cases', () => {
    const without = makeSmdb({ shielded: false, ...input });
    expect(without).toEqual({ ...rows, course_shielded_case: [] });
    expect(JSON.stringify(makeSmdb({ shielded: true, ...input }))).toBe(JSON.stringify(rows));
  });

  it('fits the tables, and every form of it can be read', async () => {
    const demo = await openRoom(smdb, async (database) => {
      await seed(database.url, { shielded: true }, () => ({ smdb: rows }));
    });
    try {
      const { data, errors } = await demo.ask(
        leader,
        `{ smdbForms(first: 500) { totalCount nodes { ${formFields} } } }`,
      );
      expect(errors).toBeUndefined();
      expect(data.smdbForms.totalCount).toBe(rows.form!.length);
      const open = rows.open_course![0];
      const answer = await demo.ask(someone('SMDB_REPORTER'), reportForm, {
        input: { kind: 'REQUEST', citizen: open.citizen, answers: answersOn('REQUEST', '2026-11-01') },
      });
      expect(fault(answer)).toEqual({
        code: 'CONFLICT',
        message: 'The citizen has an open course of treatment: it has a REQUEST already.',
      });
    } finally {
      await demo.close();
    }
  });
});

it('composes: fields with rules are nullable, and fields that lead to the person are marked', async () => {
  const { sdl } = await roomSchema(smdb);
  for (const line of [
    'treatmentCourses: [TreatmentCourse!]!',
    'citizen: Citizen @tag(name: "audited")',
    'course: TreatmentCourse! @tag(name: "audited")',
    'type Citizen @key(fields: "id") {',
    'type Case @key(fields: "id", resolvable: false) {',
    '): TreatmentCourse @requiresScopes(scopes: [["smdb:read"]]) @tag(name: "use-read")',
    '): SmdbFormConnection @requiresScopes(scopes: [["smdb:read"]]) @tag(name: "use-search")',
    '): SmdbForm @requiresScopes(scopes: [["smdb:report"]]) @tag(name: "use-enter")',
  ])
    expect(sdl).toContain(line);
});
