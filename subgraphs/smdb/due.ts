/**
 * Deadlines for reporting a form (Danmarks Statistik's reporting rules): at the latest 15 days after the end of the month of its
 * event. The form on the quality of medical treatment is due when that treatment ends, or within 12 months of its start.
 *
 * Deadlines depend on the form's own answers alone: a deadline computed from somebody else's form would reveal it.
 */
import type { Answers, FormKind } from './forms.js';

/** Days from request to start that the treatment guarantee allows. */
const guaranteeDays = 14;

/** Last day for reporting a form whose event was on `happenedOn`. All dates are YYYY-MM-DD. */
export function dueDate(kind: FormKind, answers: Answers, happenedOn: string): string {
  if (kind !== 'MEDICAL_QUALITY') return fifteenDaysAfterMonthOf(happenedOn);
  const { medicalTreatmentStartedOn, medicalTreatmentEndedOn } = answers as Answers<'MEDICAL_QUALITY'>;
  const latest = twelveMonthsAfter(medicalTreatmentStartedOn);
  return medicalTreatmentEndedOn && medicalTreatmentEndedOn < latest ? medicalTreatmentEndedOn : latest;
}

export const guaranteeDueOn = (requestedOn: string): string => shifted(requestedOn, guaranteeDays);

/** The calendar date in Denmark at `now`. */
export const danishDate = (now: Date): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Copenhagen', dateStyle: 'short' }).format(now);

function fifteenDaysAfterMonthOf(date: string): string {
  const day = new Date(`${date}T00:00:00Z`);
  return iso(new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 15)));
}

/** 29 February becomes 28 February. */
function twelveMonthsAfter(date: string): string {
  const [year, rest] = [Number(date.slice(0, 4)) + 1, date.slice(4)];
  return rest === '-02-29' ? `${year}-02-28` : `${year}${rest}`;
}

function shifted(date: string, days: number): string {
  const day = new Date(`${date}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + days);
  return iso(day);
}

const iso = (day: Date): string => day.toISOString().slice(0, 10);
