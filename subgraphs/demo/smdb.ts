/**
 * Demo rows of the smdb room: 400 courses of treatment, one per citizen, with one to six forms each in the order that SMDB requires.
 *
 * Every 16th course is reported by `centre-reporter` on behalf of the municipality. Most courses belong to an ordinary drug-treatment
 * case of the citizen, a dozen to a shielded one. Without `shielded` those twelve links are missing, and nothing else differs.
 */
import {
  type DemoCitizen,
  type DemoEmployee,
  demoNow,
  employeeId,
  municipality,
  namedCitizens,
  organisationId,
} from './people.js';
import { profileOf, worksIn } from './profiles.js';
import { idFor, numberFor } from './random.js';

interface CaseOfCitizen {
  readonly id: string;
  readonly citizen: string;
  readonly compartment: string;
}

export interface SmdbDemo {
  readonly shielded: boolean;
  readonly citizens: readonly DemoCitizen[];
  readonly employees: readonly DemoEmployee[];
  readonly drugTreatmentCases: readonly CaseOfCitizen[];
  /** All of them, in both worlds: which citizens are in treatment must not depend on the world. */
  readonly shieldedCases: readonly CaseOfCitizen[];
}

const courses = 400;
const ordinaryLinks = 300;
const shieldedLinks = 12;

/** The forms of a course. Each kind comes after those that it needs. */
const plans = [
  ['REQUEST'],
  ['REQUEST', 'START_TREATMENT'],
  ['REQUEST', 'START_TREATMENT', 'HEPATITIS_C'],
  ['REQUEST', 'START_TREATMENT', 'CENTRE_ASSIGNMENT', 'ENROLMENT'],
  ['REQUEST', 'START_TREATMENT', 'MEDICAL_QUALITY', 'END_TREATMENT'],
  ['REQUEST', 'START_TREATMENT', 'CENTRE_ASSIGNMENT', 'ENROLMENT', 'ASI'],
  ['REQUEST', 'START_TREATMENT', 'CENTRE_ASSIGNMENT', 'ENROLMENT', 'SERVICE', 'DISCHARGE'],
  ['REQUEST', 'START_TREATMENT', 'CENTRE_ASSIGNMENT', 'ENROLMENT', 'DISCHARGE', 'END_TREATMENT'],
] as const;
type Kind = (typeof plans)[number][number];
const healthKinds: readonly Kind[] = ['HEPATITIS_C', 'MEDICAL_QUALITY'];
const milestoneKinds: readonly Kind[] = ['REQUEST', 'START_TREATMENT', 'END_TREATMENT'];

export function makeSmdb(demo: SmdbDemo): Record<string, object[]> {
  const { inTreatment, drugCase, shieldedCase } = choose(demo);
  const staff = demo.employees.filter((employee) => worksIn('drug-treatment')(employee) && employee.leftOn === null);
  const made = inTreatment.map((citizen, place) => makeCourse(citizen, place % 16 === 3, staff));
  const link = (cases: ReadonlyMap<string, CaseOfCitizen>) =>
    inTreatment.flatMap((citizen) => {
      const found = cases.get(citizen.id);
      return found
        ? [{ municipality, course: courseId(citizen), case_id: found.id, compartment: found.compartment }]
        : [];
    });
  const forms = made.flatMap((course) => course.forms);
  return {
    course: made.map((course) => course.row),
    form: forms,
    form_version: forms.map((form) => ({
      municipality,
      form: form.id,
      number: 1,
      answers: form.answers,
      recorded_by: form.reported_by,
      recorded_at: form.reported_at,
    })),
    milestone: forms
      .filter((form) => milestoneKinds.includes(form.kind))
      .map(({ id, course, kind, happened_on, reported_by }) => ({
        ...{ municipality, course, form: id, kind, happened_on, reported_by },
      })),
    open_course: made
      .filter((course) => course.forms.at(-1)!.kind !== 'END_TREATMENT')
      .map(({ row }) => ({ municipality, citizen: row.citizen, course: row.id })),
    course_ordinary_case: link(drugCase),
    course_shielded_case: demo.shielded ? link(shieldedCase) : [],
  };
}

const courseId = (citizen: DemoCitizen): string => idFor(`smdb/course/${citizen.index}`);

/** Adults who cannot sign in. Somebody with a link to a shielded case has none to an ordinary one. */
function choose({ citizens, drugTreatmentCases, shieldedCases }: SmdbDemo) {
  const firstOf = (cases: readonly CaseOfCitizen[]) => new Map([...cases].reverse().map((one) => [one.citizen, one]));
  const drugCase = firstOf(drugTreatmentCases);
  const shieldedCase = firstOf(shieldedCases);
  const signsIn = Object.values(namedCitizens);
  const adults = citizens
    .filter((citizen) => citizen.role !== 'CHILD' && !signsIn.includes(citizen.index))
    .sort((one, other) => order(one) - order(other) || one.index - other.index);

  const ordinary = adults.filter((citizen) => drugCase.has(citizen.id)).slice(0, ordinaryLinks);
  const alsoShielded = adults.filter((citizen) => shieldedCase.has(citizen.id) && !drugCase.has(citizen.id));
  const shielded = alsoShielded.slice(0, shieldedLinks);
  const others = adults.filter((citizen) => !drugCase.has(citizen.id) && !shieldedCase.has(citizen.id));
  const rest = others.slice(0, courses - ordinary.length - shielded.length);
  const only = (cases: ReadonlyMap<string, CaseOfCitizen>, of: readonly DemoCitizen[]) =>
    new Map(of.map((citizen) => [citizen.id, cases.get(citizen.id)!]));
  return {
    inTreatment: [...ordinary, ...shielded, ...rest].sort((one, other) => one.index - other.index),
    drugCase: only(drugCase, ordinary),
    shieldedCase: only(shieldedCase, shielded),
  };
}

const order = (citizen: DemoCitizen): number => numberFor(`smdb/order/${citizen.index}`, 1_000_000);

function makeCourse(citizen: DemoCitizen, delegated: boolean, staff: readonly DemoEmployee[]) {
  const purpose = `smdb/course/${citizen.index}`;
  const course = courseId(citizen);
  const plan: readonly Kind[] = plans[numberFor(`${purpose}/plan`, plans.length)]!;
  const firstDay = daysBefore(demoNow, 300 + numberFor(`${purpose}/day`, 700));
  const row = { municipality, id: course, citizen: citizen.id, opened_on: isoDate(firstDay) };

  let day = firstDay;
  let reported = firstDay;
  let startedOn = isoDate(firstDay);
  const forms = plan.map((kind, step) => {
    const each = `${purpose}/${step}`;
    if (step > 0) day = daysAfter(day, 1 + numberFor(`${each}/gap`, 20));
    const happenedOn = isoDate(day);
    if (kind === 'START_TREATMENT') startedOn = happenedOn;
    // Most are on time, some late, and none before the step that it needs.
    const soonest = daysAfter(day, numberFor(`${each}/delay`, 35));
    reported = new Date(Math.max(soonest.getTime() + 9 * hour, reported.getTime() + hour));
    const byCentre = delegated && !healthKinds.includes(kind);
    return {
      municipality,
      id: idFor(each),
      course,
      kind,
      status: 'REPORTED',
      happened_on: happenedOn,
      due: dueDate(kind, happenedOn, startedOn),
      reported_by: byCentre ? employeeId('centre-reporter') : reporter(kind, each, staff),
      on_behalf_of: byCentre ? organisationId('municipality') : null,
      reported_at: reported.toISOString(),
      answers: answers(kind, happenedOn, startedOn, each),
    };
  });
  return { row, forms };
}

/** Two of three forms are reported by the people one can sign in as, the others by colleagues with the same right. */
function reporter(kind: Kind, purpose: string, staff: readonly DemoEmployee[]): string {
  const isHealth = healthKinds.includes(kind);
  const right = isHealth ? 'SMDB_HEALTH' : 'SMDB_REPORTER';
  const colleagues = staff.filter((employee) => profileOf(employee).rights.includes(right));
  if (colleagues.length > 0 && numberFor(`${purpose}/reporter`, 3) === 0) {
    return colleagues[numberFor(`${purpose}/colleague`, colleagues.length)]!.id;
  }
  return employeeId(isHealth ? 'smdb-health' : 'smdb-reporter');
}

function answers(kind: Kind, day: string, startedOn: string, purpose: string): object {
  const pick = <T>(...choices: readonly T[]): T => choices[numberFor(`${purpose}/pick`, choices.length)]!;
  switch (kind) {
    case 'REQUEST':
      return { requestedOn: day, referredBy: pick('SELF', 'FAMILY', 'DOCTOR', 'PROBATION') };
    case 'START_TREATMENT':
      return { startedOn: day, treatment: pick('OUTPATIENT', 'OUTPATIENT', 'DAY', 'INPATIENT') };
    case 'CENTRE_ASSIGNMENT':
      return { assignedOn: day, centre: '1000000009' };
    case 'HEPATITIS_C':
      return { testedOn: day, result: pick('NEGATIVE', 'NEGATIVE', 'POSITIVE', 'DECLINED') };
    case 'MEDICAL_QUALITY':
      return { assessedOn: day, medicalTreatmentStartedOn: startedOn, medicine: pick('METHADONE', 'BUPRENORPHINE') };
    case 'ENROLMENT':
      return { enrolledOn: day, diagnosis: pick('F10.2', 'F11.2', 'F12.2', 'F14.2') };
    case 'ASI':
      return { interviewedOn: day, drugs: pick(4, 5, 6, 7), employment: pick(2, 3, 5, 8) };
    case 'SERVICE':
      return { startedOn: day, service: pick('COUNSELLING', 'SUBSTITUTION', 'FAMILY_THERAPY'), sessions: pick(5, 10) };
    case 'DISCHARGE':
      return { dischargedOn: day, reason: pick('COMPLETED', 'OWN_WISH', 'MOVED') };
    case 'END_TREATMENT':
      return { endedOn: day, outcome: pick('DRUG_FREE', 'REDUCED_OR_STABILISED', 'OTHER') };
  }
}

/** As the room computes it: the 15th of the following month; for MEDICAL_QUALITY 12 months after the treatment started. */
function dueDate(kind: Kind, happenedOn: string, startedOn: string): string {
  if (kind !== 'MEDICAL_QUALITY')
    return isoDate(new Date(Date.UTC(Number(happenedOn.slice(0, 4)), Number(happenedOn.slice(5, 7)), 15)));
  return `${Number(startedOn.slice(0, 4)) + 1}${startedOn.slice(4).replace('-02-29', '-02-28')}`;
}

const hour = 3_600_000;
const midnight = (time: Date) => Date.UTC(time.getUTCFullYear(), time.getUTCMonth(), time.getUTCDate());
const daysAfter = (day: Date, days: number): Date => new Date(midnight(day) + days * 24 * hour);
const daysBefore = (day: Date, days: number): Date => daysAfter(day, -days);
const isoDate = (day: Date): string => day.toISOString().slice(0, 10);
