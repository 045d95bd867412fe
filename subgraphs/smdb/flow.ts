/**
 * The order of a course of treatment (Danmarks Statistik's description of SMDB): request, start, centre, enrolment, interviews and
 * services, discharge, end. It says why a form contradicts what the reporter may know of the course.
 *
 * It uses nothing else. A missing step is a contradiction only if its absence can be seen. A delegated reporter sees only the forms
 * they reported themselves, so the request may well be somebody else's; to say that there is none would tell whether the person is in
 * treatment. Delegated reporters may end only what they started.
 */
import type { FormKind } from './forms.js';

export interface CourseEvent {
  readonly kind: FormKind;
  /** YYYY-MM-DD */
  readonly happenedOn: string;
}

/** The step that must come before a form of this kind. */
const needs: Readonly<Record<FormKind, FormKind | null>> = {
  REQUEST: null,
  START_TREATMENT: 'REQUEST',
  CENTRE_ASSIGNMENT: 'START_TREATMENT',
  HEPATITIS_C: 'START_TREATMENT',
  MEDICAL_QUALITY: 'START_TREATMENT',
  ENROLMENT: 'CENTRE_ASSIGNMENT',
  ASI: 'ENROLMENT',
  SERVICE: 'ENROLMENT',
  DISCHARGE: 'ENROLMENT',
  END_TREATMENT: 'START_TREATMENT',
};

/** Steps that a course has once. */
const once: readonly FormKind[] = ['REQUEST', 'START_TREATMENT', 'END_TREATMENT'];

/**
 * Why `event` cannot be added to a course with `known` events; `undefined` if it can. `knowsAll`: an event that is not known did not
 * happen.
 */
export function contradiction(
  event: CourseEvent,
  known: readonly CourseEvent[],
  knowsAll: boolean,
): string | undefined {
  const { kind, happenedOn } = event;
  const days = (wanted: FormKind) =>
    known
      .filter((one) => one.kind === wanted)
      .map((one) => one.happenedOn)
      .sort();
  const needed = needs[kind];
  const first = needed && days(needed)[0];
  const end = days('END_TREATMENT').at(-1);
  const openEnrolments = days('ENROLMENT').length - days('DISCHARGE').length;

  if (kind === 'REQUEST' && days('REQUEST').length > 0)
    return 'The citizen has an open course of treatment: it has a REQUEST already.';
  if (once.includes(kind) && days(kind).length > 0) return `The course of treatment has a form ${kind} already.`;
  if (needed && !first && (knowsAll || kind === 'END_TREATMENT')) return `${kind} needs a form ${needed} first.`;
  if (first && happenedOn < first) return `${kind} may not lie before ${needed}.`;
  // The quality of medical treatment is reported at its end or later.
  if (end && happenedOn > end && kind !== 'MEDICAL_QUALITY') return `${kind} may not lie after END_TREATMENT.`;
  if (kind === 'DISCHARGE' && knowsAll && openEnrolments < 1) return 'DISCHARGE needs an ENROLMENT that is still open.';
  if (kind === 'END_TREATMENT' && knowsAll && openEnrolments > 0)
    return 'END_TREATMENT needs a DISCHARGE for every ENROLMENT first.';

  const last = days('DISCHARGE').at(-1);
  if (kind === 'END_TREATMENT' && last && happenedOn < last) return 'END_TREATMENT may not lie before DISCHARGE.';
  const follows = known.find((one) => needs[one.kind] === kind && one.happenedOn < happenedOn);
  if (once.includes(kind) && follows) return `${kind} may not lie after ${follows.kind}.`;
  return undefined;
}
