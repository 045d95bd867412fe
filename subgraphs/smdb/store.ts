/**
 * All SQL of the smdb room. Row-level security (001_smdb.sql) decides which rows there are; `Scope` repeats the rule where forms are
 * read. The contents of a course come from the forms and milestones that this viewer may see.
 */
import type { Paging } from '../kit/paging.js';
import type { Transaction } from '../postgres/database.js';
import type { CourseEvent } from './flow.js';
import type { FormKind } from './forms.js';

export interface CourseRow {
  id: string;
  citizen: string;
  municipality: string;
  requestedOn: string;
  /** Whether `requestedOn` comes from a request, and is not merely the earliest day known. */
  requestKnown: boolean;
  startedOn: string | null;
  endedOn: string | null;
  outcome: string | null;
}

export interface FormRow {
  id: string;
  course: string;
  kind: FormKind;
  status: string;
  due: string;
  reportedBy: string;
  onBehalfOf: string | null;
  reportedAt: Date;
  answers: unknown;
}

export interface VersionRow {
  form: string;
  number: number;
  answers: unknown;
  recordedBy: string;
  recordedAt: Date;
  reason: string | null;
}

/** The forms a viewer may see: of these kinds, and if `reportedBy` is set, that person's only. */
export interface Scope {
  readonly municipality: string;
  readonly kinds: readonly FormKind[];
  readonly reportedBy: string | null;
}

// ── Courses ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export const coursesById = (tx: Transaction, municipality: string, ids: readonly string[]): Promise<CourseRow[]> =>
  tx.rows(`${selectCourse} WHERE c.municipality = $1 AND c.id = ANY ($2::uuid[])`, [municipality, ids]);

/** Newest request first. */
export const coursesOfCitizens = (
  tx: Transaction,
  municipality: string,
  ids: readonly string[],
): Promise<CourseRow[]> =>
  tx.rows(
    `${selectCourse} WHERE c.municipality = $1 AND c.citizen = ANY ($2::uuid[]) ORDER BY "requestedOn" DESC, c.id`,
    [municipality, ids],
  );

// A viewer who sees neither a request nor a form of the course sees everybody's courses, so its opening day may be shown to them.
const selectCourse = `
  SELECT c.id, c.citizen, c.municipality,
         coalesce(days.requested_on, shown.first_on, c.opened_on) AS "requestedOn",
         days.requested_on IS NOT NULL AS "requestKnown",
         days.started_on AS "startedOn", days.ended_on AS "endedOn", shown.outcome
    FROM course c
    LEFT JOIN LATERAL (
      SELECT min(happened_on) FILTER (WHERE kind = 'REQUEST') AS requested_on,
             min(happened_on) FILTER (WHERE kind = 'START_TREATMENT') AS started_on,
             max(happened_on) FILTER (WHERE kind = 'END_TREATMENT') AS ended_on
        FROM milestone WHERE milestone.municipality = c.municipality AND milestone.course = c.id) days ON true
    LEFT JOIN LATERAL (
      SELECT min(happened_on) AS first_on,
             (array_agg(answers ->> 'outcome' ORDER BY happened_on DESC, id)
                FILTER (WHERE kind = 'END_TREATMENT'))[1] AS outcome
        FROM form WHERE form.municipality = c.municipality AND form.course = c.id AND status <> 'WITHDRAWN') shown ON true`;

// ── Forms ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const formColumns = `id, course, kind, status, due, reported_by AS "reportedBy", on_behalf_of AS "onBehalfOf",
  reported_at AS "reportedAt", answers`;
const inScope = 'municipality = $1 AND kind = ANY ($2) AND ($3::uuid IS NULL OR reported_by = $3)';
const scopeValues = (scope: Scope): unknown[] => [scope.municipality, scope.kinds, scope.reportedBy];

export const formsById = (tx: Transaction, scope: Scope, ids: readonly string[]): Promise<FormRow[]> =>
  tx.rows(`SELECT ${formColumns} FROM form WHERE ${inScope} AND id = ANY ($4::uuid[])`, [...scopeValues(scope), ids]);

/** In the order of their events. */
export const formsOfCourses = (tx: Transaction, scope: Scope, courses: readonly string[]): Promise<FormRow[]> =>
  tx.rows(
    `SELECT ${formColumns} FROM form WHERE ${inScope} AND course = ANY ($4::uuid[])
      ORDER BY happened_on, reported_at, id`,
    [...scopeValues(scope), courses],
  );

export interface FormCriteria {
  readonly kinds: readonly FormKind[] | null;
  readonly statuses: readonly string[] | null;
  readonly reportedFrom: string | null;
  readonly reportedTo: string | null;
  readonly overdue: boolean | null;
  readonly course: string | null;
}

const formMatches = `${inScope}
  AND ($4::text[] IS NULL OR kind = ANY ($4))
  AND ($5::text[] IS NULL OR status = ANY ($5))
  AND ($6::timestamptz IS NULL OR reported_at >= $6)
  AND ($7::timestamptz IS NULL OR reported_at < $7)
  AND ($8::boolean IS NULL OR ((reported_at AT TIME ZONE 'Europe/Copenhagen')::date > due) = $8)
  AND ($9::uuid IS NULL OR course = $9)`;

const formValues = (scope: Scope, criteria: FormCriteria): unknown[] => [
  ...scopeValues(scope),
  criteria.kinds,
  criteria.statuses,
  criteria.reportedFrom,
  criteria.reportedTo,
  criteria.overdue,
  criteria.course,
];

/** Newest report first. Returns one row more than the page holds, if there is one. */
export const findForms = (
  tx: Transaction,
  scope: Scope,
  criteria: FormCriteria,
  { size, after }: Paging,
): Promise<FormRow[]> =>
  tx.rows(
    `SELECT ${formColumns} FROM form WHERE ${formMatches}
        AND ($10::timestamptz IS NULL OR (reported_at, id) < ($10, $11::uuid))
      ORDER BY reported_at DESC, id DESC LIMIT $12`,
    [...formValues(scope, criteria), after?.key ?? null, after?.id ?? null, size + 1],
  );

export async function countForms(tx: Transaction, scope: Scope, criteria: FormCriteria): Promise<number> {
  const [row] = await tx.rows<{ count: number }>(
    `SELECT count(*) FROM form WHERE ${formMatches}`,
    formValues(scope, criteria),
  );
  return row!.count;
}

export const versionsOfForms = (
  tx: Transaction,
  municipality: string,
  forms: readonly string[],
): Promise<VersionRow[]> =>
  tx.rows(
    `SELECT form, number, answers, recorded_by AS "recordedBy", recorded_at AS "recordedAt", reason
       FROM form_version WHERE municipality = $1 AND form = ANY ($2::uuid[]) ORDER BY form, number`,
    [municipality, forms],
  );

// ── The case of a course ─────────────────────────────────────────────────────────────────────────────────────────────

export interface CaseLink {
  course: string;
  case: string;
}

/**
 * The case of each course, an ordinary one before a shielded one. Without a shielded compartment in `sees` the SQL does not name the
 * shielded links, so that a hidden one costs no time.
 */
export function caseLinks(
  tx: Transaction,
  municipality: string,
  courses: readonly string[],
  sees: { readonly ordinary: readonly string[]; readonly shielded: readonly string[] },
): Promise<CaseLink[]> {
  const ordinary = `SELECT 1 AS rank, course, case_id, compartment FROM course_ordinary_case
    WHERE municipality = $1 AND course = ANY ($2::uuid[]) AND compartment = ANY ($3)`;
  const shielded = `SELECT 2, course, case_id, compartment FROM course_shielded_case
    WHERE municipality = $1 AND course = ANY ($2::uuid[]) AND compartment = ANY ($4)`;
  const reaches = sees.shielded.length > 0;
  return tx.rows(
    `SELECT DISTINCT ON (course) course, case_id AS "case"
       FROM (${reaches ? `${ordinary} UNION ALL ${shielded}` : ordinary}) link
      ORDER BY course, rank, compartment, case_id`,
    [municipality, courses, sees.ordinary, ...(reaches ? [sees.shielded] : [])],
  );
}

/** For the tests that take this wall down. Only such a test creates the function. */
export const leakyCaseLinks = (
  tx: Transaction,
  municipality: string,
  courses: readonly string[],
): Promise<CaseLink[]> =>
  tx.rows('SELECT course, case_id AS "case" FROM leaky_course_case($1, $2::uuid[])', [municipality, courses]);

// ── Reporting ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Makes reports on one citizen wait for each other until the transaction ends. */
export const lockCitizen = (tx: Transaction, municipality: string, citizen: string) =>
  tx.rows('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`smdb ${municipality} ${citizen}`]);

/** Finds the open course whether or not the viewer may see it. report.ts decides what may follow from that. */
export async function openCourseOf(tx: Transaction, municipality: string, citizen: string): Promise<string | null> {
  const rows = await tx.rows<{ course: string }>(
    'SELECT course FROM open_course WHERE municipality = $1 AND citizen = $2',
    [municipality, citizen],
  );
  return rows[0]?.course ?? null;
}

/**
 * The course that a delegated reporter takes for the citizen's open one: of the courses they reported on and did not end, the one
 * with their latest event. There is no time limit: to apply one, the shared open course would have to be looked up, and whether it is
 * still this one depends on what others reported.
 */
export async function ownOpenCourseOf(tx: Transaction, scope: Scope, citizen: string): Promise<string | null> {
  const rows = await tx.rows<{ id: string }>(
    `SELECT course.id FROM course JOIN form ON form.municipality = course.municipality AND form.course = course.id
      WHERE course.municipality = $1 AND form.kind = ANY ($2) AND form.reported_by = $3
        AND course.citizen = $4 AND form.status <> 'WITHDRAWN'
      GROUP BY course.id
     HAVING count(*) FILTER (WHERE form.kind = 'END_TREATMENT') = 0
      ORDER BY max(form.happened_on) DESC, course.id LIMIT 1`,
    [...scopeValues(scope), citizen],
  );
  return rows[0]?.id ?? null;
}

/** The events of the course that this viewer may know of. */
export const eventsOf = (tx: Transaction, scope: Scope, course: string): Promise<CourseEvent[]> =>
  tx.rows(
    `SELECT kind, happened_on AS "happenedOn" FROM form WHERE ${inScope} AND course = $4 AND status <> 'WITHDRAWN'
     UNION ALL
     SELECT kind, happened_on FROM milestone WHERE municipality = $1 AND course = $4 AND kind <> ALL ($2)`,
    [...scopeValues(scope), course],
  );

export async function openCourse(
  tx: Transaction,
  course: { municipality: string; id: string; citizen: string; openedOn: string },
) {
  const { municipality, id, citizen, openedOn } = course;
  await tx.rows('INSERT INTO course (municipality, id, citizen, opened_on) VALUES ($1, $2, $3, $4)', [
    municipality,
    id,
    citizen,
    openedOn,
  ]);
  await tx.rows('INSERT INTO open_course (municipality, citizen, course) VALUES ($1, $2, $3)', [
    municipality,
    citizen,
    id,
  ]);
}

export interface NewForm {
  readonly municipality: string;
  readonly id: string;
  readonly course: string;
  readonly kind: FormKind;
  readonly happenedOn: string;
  readonly due: string;
  readonly reportedBy: string;
  readonly onBehalfOf: string | null;
  readonly reportedAt: Date;
  readonly answers: object;
}

/** Inserts the form, its first version, and its milestone if it is one. An END_TREATMENT closes the course. */
export async function insertForm(tx: Transaction, form: NewForm) {
  const { municipality, id, course, kind, happenedOn, reportedBy, reportedAt } = form;
  const answers = JSON.stringify(form.answers);
  await tx.rows(
    `INSERT INTO form (municipality, id, course, kind, status, happened_on, due, reported_by, on_behalf_of, reported_at, answers)
     VALUES ($1, $2, $3, $4, 'REPORTED', $5, $6, $7, $8, $9, $10)`,
    [municipality, id, course, kind, happenedOn, form.due, reportedBy, form.onBehalfOf, reportedAt, answers],
  );
  await tx.rows(
    `INSERT INTO form_version (municipality, form, number, answers, recorded_by, recorded_at) VALUES ($1, $2, 1, $3, $4, $5)`,
    [municipality, id, answers, reportedBy, reportedAt],
  );
  if (milestones.includes(kind))
    await tx.rows(
      'INSERT INTO milestone (municipality, course, form, kind, happened_on, reported_by) VALUES ($1, $2, $3, $4, $5, $6)',
      [municipality, course, id, kind, happenedOn, reportedBy],
    );
  if (kind === 'END_TREATMENT')
    await tx.rows('DELETE FROM open_course WHERE municipality = $1 AND course = $2', [municipality, course]);
}

const milestones: readonly FormKind[] = ['REQUEST', 'START_TREATMENT', 'END_TREATMENT'];
