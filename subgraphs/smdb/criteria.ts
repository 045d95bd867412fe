/** Checks a caller's filter. Nothing here depends on which forms exist. */
import { isUuid } from '../protocol/text.js';
import type { SmdbFormFilter } from './inputs.js';
import type { FormCriteria } from './store.js';

export function criteriaOf(filter: SmdbFormFilter | null): FormCriteria {
  const course = filter?.course?.toLowerCase() ?? null;
  return {
    kinds: filter?.kinds ?? null,
    statuses: filter?.status ?? null,
    reportedFrom: instant(filter?.reportedFrom),
    reportedTo: instant(filter?.reportedTo),
    overdue: filter?.overdue ?? null,
    course: course === null || isUuid(course) ? course : noCourse,
  };
}

/** A course without forms. */
const noCourse = '00000000-0000-0000-0000-000000000000';

/** In UTC, and within the years that both PostgreSQL and RFC 3339 can write. No form was reported outside them. */
function instant(time: string | null | undefined): string | null {
  if (!time) return null;
  const { min, max } = Math;
  return new Date(max(firstInstant, min(Date.parse(time), lastInstant))).toISOString();
}
const firstInstant = Date.parse('0001-01-02T00:00:00Z');
const lastInstant = Date.parse('9999-12-30T00:00:00Z');
