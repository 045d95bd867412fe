/**
 * SQL of what time makes of a grant: lapse after six months, validity, agreement, secretariat and course. The room's clock decides in
 * each query, and no job has to run for it.
 */
import type { Transaction } from '../../postgres/database.js';
import type { CaseLevel, CaseOperation, Clearance } from '../../protocol/viewer.js';

export type GrantState = 'REQUESTED' | 'IN_FORCE' | 'WAITING_FOR_COURSE' | 'REFUSED' | 'WITHDRAWN' | 'LAPSED';

const authority = `split_part(g.compartment, '.', 2)`;

/** Whether the holder may be in a compartment of that authority at all, at the time `at` (an expression). */
export const lawful = (at: string) => `(${authority} IN ('MUNICIPALITY', 'CASE')
  OR CASE WHEN g.agreement IS NULL THEN EXISTS (
       SELECT FROM secretariat s JOIN employee e ON e.municipality = s.municipality AND e.organisation = s.unit
       WHERE s.municipality = g.municipality AND s.authority = ${authority} AND e.id = g.holder)
     ELSE EXISTS (
       SELECT FROM disclosure_agreement a WHERE a.municipality = g.municipality AND a.id = g.agreement
         AND a.ended_at IS NULL AND a.begins_at <= ${at} AND (a.ends_at IS NULL OR a.ends_at > ${at})) END)`;

/** Whose grant it is: the row's holder, or the one that the whole query is about, whose rights and courses are then asked for once. */
interface Whose {
  readonly municipality: string;
  readonly holder: string;
}
const ofRow: Whose = { municipality: 'g.municipality', holder: 'g.holder' };

/** Whether the holder works in a citizen service and has not passed the course, or it has expired. */
const waits = (at: string, { municipality, holder }: Whose) => `((g.status = 'WAITING_FOR_COURSE' OR EXISTS (
      SELECT FROM right_assignment r
      WHERE r.municipality = ${municipality} AND r.employee = ${holder} AND r.code = 'CITIZEN_SERVICE'))
    AND NOT EXISTS (
      SELECT FROM course_record c WHERE c.municipality = ${municipality} AND c.employee = ${holder} AND c.kind = 'DATA_SECURITY'
        AND c.begins_at <= ${at} AND (c.ends_at IS NULL OR c.ends_at > ${at})))`;

/** The status of a grant `g` at the time `at`. */
export const statusAt = (at: string, whose = ofRow) => `CASE
  WHEN g.status NOT IN ('IN_FORCE', 'WAITING_FOR_COURSE') THEN g.status
  WHEN g.confirm_by <= ${at} OR g.valid_to <= ${at} OR NOT ${lawful(at)} THEN 'LAPSED'
  WHEN ${waits(at, whose)} THEN 'WAITING_FOR_COURSE'
  ELSE 'IN_FORCE' END`;

const ofHolder = (table: string) => `
  SELECT g.compartment, g.level, g.operations, g.shielded, ${statusAt('$3', { municipality: '$1', holder: '$2' })} = 'IN_FORCE' AS "inForce", g.id
  FROM ${table} g
  WHERE g.municipality = $1 AND g.holder = $2 AND g.valid_from <= $3
    AND (g.status IN ('IN_FORCE', 'WAITING_FOR_COURSE', 'LAPSED')
         OR (g.status = 'WITHDRAWN' AND g.decided_by IS NOT NULL))`;

/**
 * Grants that were given to somebody, and whether each is in force now. What seals a person's entries follows from all of them: a
 * grant that waited, lapsed or was withdrawn may have been in force.
 */
export const grantsEverInForce = (
  tx: Transaction,
  municipality: string,
  holder: string,
  now: Date,
): Promise<(Clearance & { level: CaseLevel; operations: CaseOperation[]; inForce: boolean })[]> =>
  tx.rows(
    `SELECT compartment, level, operations, shielded, "inForce"
     FROM (${ofHolder('clearance_grant')} UNION ALL ${ofHolder('single_case_grant')}) given
     ORDER BY compartment COLLATE "C", level COLLATE "C", operations COLLATE "C", id`,
    [municipality, holder, now],
  );

/** The next time at which time alone may change what somebody's grants give. */
export async function nextTurnOfGrants(
  tx: Transaction,
  municipality: string,
  holder: string,
  now: Date,
): Promise<Date | null> {
  const [row] = await tx.rows<{ at: Date | null }>(
    `WITH held AS (
       SELECT valid_from, confirm_by, valid_to, agreement FROM clearance_grant
       WHERE municipality = $1 AND holder = $2 AND status IN ('IN_FORCE', 'WAITING_FOR_COURSE')
       UNION ALL
       SELECT valid_from, confirm_by, valid_to, NULL FROM single_case_grant
       WHERE municipality = $1 AND holder = $2 AND status IN ('IN_FORCE', 'WAITING_FOR_COURSE'))
     SELECT min(turn.at) AS at FROM (
       SELECT unnest(ARRAY[valid_from, confirm_by, valid_to]) AS at FROM held
       UNION ALL
       SELECT unnest(ARRAY[begins_at, ends_at]) FROM disclosure_agreement
       WHERE municipality = $1 AND id IN (SELECT agreement FROM held)
       UNION ALL
       SELECT unnest(ARRAY[begins_at, ends_at]) FROM course_record WHERE municipality = $1 AND employee = $2) turn
     WHERE turn.at > $3`,
    [municipality, holder, now],
  );
  return row?.at ?? null;
}
