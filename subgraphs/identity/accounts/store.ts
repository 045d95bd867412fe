/** SQL of accounts: when an employee last used the system, and whether a course is missing. Policies: 017_overviews.sql. */
import type { Transaction } from '../../postgres/database.js';
import type { Viewer } from '../../protocol/viewer.js';

export interface AccountRow {
  readonly employee: string;
  readonly lastSignedInAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly lacksCourse: boolean;
}

/** Whether the employee `e` works in a citizen service and has no course in force at the time `at` (an expression). */
export const lacksCourse = (at: string) => `(EXISTS (
    SELECT FROM right_assignment r
    WHERE r.municipality = e.municipality AND r.employee = e.id AND r.code = 'CITIZEN_SERVICE')
  AND NOT EXISTS (
    SELECT FROM course_record c WHERE c.municipality = e.municipality AND c.employee = e.id AND c.kind = 'DATA_SECURITY'
      AND c.begins_at <= ${at} AND (c.ends_at IS NULL OR c.ends_at > ${at})))`;

/** Whether the employee `e` has used the system since the time `at` (an expression). */
export const usedSince = (at: string) => `EXISTS (
    SELECT FROM last_use u WHERE u.municipality = e.municipality AND u.employee = e.id AND u.used_at >= ${at})`;

export const isLockedOut = `EXISTS (
    SELECT FROM access_block b WHERE b.municipality = e.municipality AND b.person = e.id AND b.lifted_at IS NULL)`;

/**
 * Of those employees whose account is the viewer's to know: one's own, those of units that one leads, and for administrators all. Of
 * others nothing is returned, because a course that may not be seen would look like a missing one.
 */
export const accountsOf = (
  tx: Transaction,
  { municipality, actor, scopes }: Viewer,
  employees: readonly string[],
  now: Date,
): Promise<AccountRow[]> =>
  tx.rows(
    `SELECT e.id AS employee, u.signed_in_at AS "lastSignedInAt", u.used_at AS "lastUsedAt", ${lacksCourse('$3')} AS "lacksCourse"
     FROM employee e LEFT JOIN last_use u ON u.municipality = e.municipality AND u.employee = e.id
     WHERE e.municipality = $1 AND e.id = ANY ($2::uuid[])
       AND ($4 OR e.id::text = $5 OR e.organisation = ANY ((SELECT led_units())::uuid[]))`,
    [
      municipality,
      employees,
      now,
      actor.kind === 'Employee' && scopes.includes('admin'),
      actor.kind === 'Employee' ? actor.id : '',
    ],
  );
