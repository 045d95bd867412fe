/** SQL of courses that employees have passed. Policies: 013_grants.sql, 019_questions.sql. What follows for grants: grants/time-store.ts. */
import type { Transaction } from '../../postgres/database.js';
import type { CourseKind } from '../enums.js';

export interface CourseRow {
  readonly id: string;
  readonly employee: string;
  readonly kind: CourseKind;
  readonly passedOn: string;
  readonly expiresOn: string | null;
  readonly evidence: string;
  /** `null` for a course that was passed here. */
  readonly recordedById: string | null;
  readonly recordedAt: Date;
  /** The attempt by which it was passed here. */
  readonly attempt: string | null;
}

const columns = `id, employee, kind, passed_on AS "passedOn", expires_on AS "expiresOn", evidence, recorded_by AS "recordedById",
  recorded_at AS "recordedAt", attempt`;

/** Of employees, the latest first. */
export const coursesOfEmployees = (
  tx: Transaction,
  municipality: string,
  employees: readonly string[],
): Promise<CourseRow[]> =>
  tx.rows(
    `SELECT ${columns} FROM course_record WHERE municipality = $1 AND employee = ANY ($2::uuid[])
     ORDER BY passed_on DESC, recorded_at DESC, id`,
    [municipality, employees],
  );

/** `months`: how long it is good; 0 for a course that does not expire. */
export async function insertCourse(
  tx: Transaction,
  municipality: string,
  passed: Omit<CourseRow, 'expiresOn'>,
  months: number,
): Promise<CourseRow> {
  const [row] = await tx.rows<CourseRow>(
    `INSERT INTO course_record (municipality, id, employee, kind, passed_on, expires_on, evidence, recorded_by, recorded_at,
       attempt)
     VALUES ($1, $2, $3, $4, $5, CASE WHEN $9::int > 0 THEN ($5::date + make_interval(months => $9::int))::date END, $6, $7, $8,
       $10)
     RETURNING ${columns}`,
    [
      ...[municipality, passed.id, passed.employee, passed.kind, passed.passedOn, passed.evidence],
      ...[passed.recordedById, passed.recordedAt, months, passed.attempt],
    ],
  );
  return row!;
}
