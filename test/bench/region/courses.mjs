/** Courses of treatment as the demo has them: one per citizen, with one to six forms each in the order that SMDB requires. */
import { adultsOf, dateOf, day, now } from './places.mjs';
import { drawsFor, idsFor } from './random.mjs';

const plans = [
  ['REQUEST'],
  ['REQUEST', 'START_TREATMENT'],
  ['REQUEST', 'START_TREATMENT', 'HEPATITIS_C'],
  ['REQUEST', 'START_TREATMENT', 'CENTRE_ASSIGNMENT', 'ENROLMENT'],
  ['REQUEST', 'START_TREATMENT', 'MEDICAL_QUALITY', 'END_TREATMENT'],
  ['REQUEST', 'START_TREATMENT', 'CENTRE_ASSIGNMENT', 'ENROLMENT', 'ASI'],
  ['REQUEST', 'START_TREATMENT', 'CENTRE_ASSIGNMENT', 'ENROLMENT', 'SERVICE', 'DISCHARGE'],
  ['REQUEST', 'START_TREATMENT', 'CENTRE_ASSIGNMENT', 'ENROLMENT', 'DISCHARGE', 'END_TREATMENT'],
];
const longest = 6;
const milestones = ['REQUEST', 'START_TREATMENT', 'END_TREATMENT'];
/** Percent of the courses that belong to an ordinary case, and to a shielded one. */
const links = { ordinary: 75, shielded: 3 };
const ofFamilies = ['CHILD_CONCERN', 'PLACEMENT', 'FAMILY_RESIDENCE'];

export const columns = {
  course: 'municipality, id, citizen, opened_on',
  form: 'municipality, id, course, kind, status, happened_on, due, reported_by, reported_at, answers',
  form_version: 'municipality, form, number, answers, recorded_by, recorded_at',
  milestone: 'municipality, course, form, kind, happened_on, reported_by',
  open_course: 'municipality, citizen, course',
  course_ordinary_case: 'municipality, course, case_id, compartment',
  course_shielded_case: 'municipality, course, case_id, compartment',
};

/** `add(table, row)`: where rows go. The result is told of every case as it is made, and then ends the place. */
export function coursesOf(seed, { people, add }) {
  const [courseId, formId] = [idsFor(seed, 'course'), idsFor(seed, 'form')];
  const drawsOf = drawsFor(seed, 'course');

  return function treatedIn(place) {
    // A bit for each citizen: somebody has one course.
    const inTreatment = new Uint8Array(Math.ceil(place.citizens / 8));
    const isTreated = (citizen) => (inTreatment[citizen >> 3] >> (citizen & 7)) & 1;
    const left = {
      ordinary: Math.floor((place.courses * links.ordinary) / 100),
      shielded: Math.floor((place.courses * links.shielded) / 100),
      all: place.courses,
    };
    const treat = (citizen) => {
      inTreatment[citizen >> 3] |= 1 << (citizen & 7);
      left.all -= 1;
      return write(place, citizen);
    };
    const link = (table, citizen, made) => add(table, [place.code, treat(citizen), made.id, made.compartment]);
    return {
      tell(made) {
        if (made.category === 'DRUG_TREATMENT' && left.ordinary > 0) {
          const [[citizen]] = made.parties;
          if (isTreated(citizen)) return;
          left.ordinary -= 1;
          link('course_ordinary_case', citizen, made);
        } else if (ofFamilies.includes(made.category) && left.shielded > 0) {
          const parent = made.parties.find(([citizen]) => citizen % 4 < 2)[0];
          if (isTreated(parent)) return;
          left.shielded -= 1;
          link('course_shielded_case', parent, made);
        }
      },
      /** The others have no case. Writes one, and pauses. */
      *end() {
        const adults = adultsOf(place);
        for (let nth = 0; left.all > 0 && nth < adults.count; nth += 1)
          if (!isTreated(adults.at(nth))) yield treat(adults.at(nth));
      },
    };
  };

  /** Returns the course's id. */
  function write(place, citizen) {
    const number = place.firstCitizen + citizen;
    const draw = drawsOf(number);
    const id = courseId(number);
    const who = people.citizen(place, citizen);
    const plan = plans[draw(plans.length)];
    let happened = now - (now % day) - (300 + draw(700)) * day;
    let reported = happened;
    let startedOn = dateOf(happened);
    add('course', [place.code, id, who, dateOf(happened)]);
    for (const [step, kind] of plan.entries()) {
      if (step > 0) happened += (1 + draw(20)) * day;
      const on = dateOf(happened);
      if (kind === 'START_TREATMENT') startedOn = on;
      reported = Math.max(happened + draw(35) * day + 9 * 3_600_000, reported + 3_600_000);
      const at = new Date(reported).toISOString();
      const by = people.handler(place, 'MUNICIPALITY.DRUG_TREATMENT', draw);
      const answers = JSON.stringify(answersOf[kind](on, startedOn, (...from) => from[draw(from.length)]));
      const form = formId(number * longest + step);
      add('form', [place.code, form, id, kind, 'REPORTED', on, dueOf(kind, on, startedOn), by, at, answers]);
      add('form_version', [place.code, form, 1, answers, by, at]);
      if (milestones.includes(kind)) add('milestone', [place.code, id, form, kind, on, by]);
    }
    if (plan.at(-1) !== 'END_TREATMENT') add('open_course', [place.code, who, id]);
    return id;
  }
}

const answersOf = {
  REQUEST: (day, _start, pick) => ({ requestedOn: day, referredBy: pick('SELF', 'FAMILY', 'DOCTOR', 'PROBATION') }),
  START_TREATMENT: (day, _start, pick) => ({ startedOn: day, treatment: pick('OUTPATIENT', 'DAY', 'INPATIENT') }),
  CENTRE_ASSIGNMENT: (day) => ({ assignedOn: day, centre: '1000000009' }),
  HEPATITIS_C: (day, _start, pick) => ({ testedOn: day, result: pick('NEGATIVE', 'POSITIVE', 'DECLINED') }),
  MEDICAL_QUALITY: (day, start, pick) => ({
    ...{ assessedOn: day, medicalTreatmentStartedOn: start },
    medicine: pick('METHADONE', 'BUPRENORPHINE'),
  }),
  ENROLMENT: (day, _start, pick) => ({ enrolledOn: day, diagnosis: pick('F10.2', 'F11.2', 'F12.2', 'F14.2') }),
  ASI: (day, _start, pick) => ({ interviewedOn: day, drugs: pick(4, 5, 6, 7), employment: pick(2, 3, 5, 8) }),
  SERVICE: (day, _start, pick) => ({
    ...{ startedOn: day, service: pick('COUNSELLING', 'SUBSTITUTION', 'FAMILY_THERAPY') },
    sessions: pick(5, 10),
  }),
  DISCHARGE: (day, _start, pick) => ({ dischargedOn: day, reason: pick('COMPLETED', 'OWN_WISH', 'MOVED') }),
  END_TREATMENT: (day, _start, pick) => ({
    endedOn: day,
    outcome: pick('DRUG_FREE', 'REDUCED_OR_STABILISED', 'OTHER'),
  }),
};

/** As the room computes it: the 15th of the following month; for MEDICAL_QUALITY 12 months after the treatment started. */
function dueOf(kind, on, startedOn) {
  if (kind === 'MEDICAL_QUALITY')
    return `${Number(startedOn.slice(0, 4)) + 1}${startedOn.slice(4).replace('-02-29', '-02-28')}`;
  return dateOf(Date.UTC(Number(on.slice(0, 4)), Number(on.slice(5, 7)), 15));
}
