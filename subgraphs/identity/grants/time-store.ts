/**
 * SQL of what time makes of a grant: lapse after six months, validity, agreement, secretariat and course. The room's clock decides in
 * each query, and no job has to run for it.
 */
import type { Transaction } from '../../postgres/database.js';
import type { CaseLevel, CaseOperation, Clearance } from '../../protocol/viewer.js';

export type GrantState = 'REQUESTED' | 'IN_FORCE' | 'WAITING_FOR_COURSE' | 'REFUSED' | 'WITHDRAWN' | 'LAPSED';

const authority = `split_part(g.compartment, '.', 2)`;

/** What decides on a grant `g` besides its own row, as SQL. `at`: the time that is asked about, an expression. */
interface Facts {
  /** Whether the holder's unit is a secretariat of the compartment's authority. */
  readonly serves: string;
  /** Whether the grant's agreement with that authority is in force. */
  readonly agreed: (at: string) => string;
  /** Whether the holder works in a citizen service. */
  readonly needsCourse: string;
  /** Whether the holder's course is passed and has not expired. */
  readonly passed: (at: string) => string;
}

const inForceAt = (row: string, at: string) =>
  `${row}.begins_at <= ${at} AND (${row}.ends_at IS NULL OR ${row}.ends_at > ${at})`;

const citizenService = (municipality: string, holder: string) => `EXISTS (
  SELECT FROM right_assignment r WHERE r.municipality = ${municipality} AND r.employee = ${holder} AND r.code = 'CITIZEN_SERVICE')`;

const passedCourse = (municipality: string, holder: string, at: string) => `EXISTS (
  SELECT FROM course_record c
  WHERE c.municipality = ${municipality} AND c.employee = ${holder} AND c.kind = 'DATA_SECURITY' AND ${inForceAt('c', at)})`;

const ofRow: Facts = {
  serves: `EXISTS (
    SELECT FROM secretariat s JOIN employee e ON e.municipality = s.municipality AND e.organisation = s.unit
    WHERE s.municipality = g.municipality AND s.authority = ${authority} AND e.id = g.holder)`,
  agreed: (at) => `EXISTS (
    SELECT FROM disclosure_agreement a
    WHERE a.municipality = g.municipality AND a.id = g.agreement AND a.ended_at IS NULL AND ${inForceAt('a', at)})`,
  needsCourse: citizenService('g.municipality', 'g.holder'),
  passed: (at) => passedCourse('g.municipality', 'g.holder', at),
};

/** Whether the holder may be in a compartment of that authority at all. */
export const lawful = (at: string, facts = ofRow) => `(${authority} IN ('MUNICIPALITY', 'CASE')
  OR CASE WHEN g.agreement IS NULL THEN ${facts.serves} ELSE ${facts.agreed(at)} END)`;

/** The status of a grant `g` at the time `at`. */
export const statusAt = (at: string, facts = ofRow) => `CASE
  WHEN g.status NOT IN ('IN_FORCE', 'WAITING_FOR_COURSE') THEN g.status
  WHEN g.confirm_by <= ${at} OR g.valid_to <= ${at} OR NOT ${lawful(at, facts)} THEN 'LAPSED'
  WHEN (g.status = 'WAITING_FOR_COURSE' OR ${facts.needsCourse}) AND NOT ${facts.passed(at)} THEN 'WAITING_FOR_COURSE'
  ELSE 'IN_FORCE' END`;

// ── all grants of one holder ──

/** For one holder each fact is asked once (`facts`), and agreements are joined (`a`): a session is resolved by this query. */
const ofHolder: Facts = {
  serves: `${authority} = ANY (facts.served)`,
  agreed: (at) => `coalesce(a.ended_at IS NULL AND ${inForceAt('a', at)}, false)`,
  needsCourse: 'facts.needs_course',
  passed: () => 'facts.passed',
};

const columns =
  'id, compartment, level, operations, shielded, status, decided_by, valid_from, confirm_by, valid_to, agreement';
const later = (time: string) => `CASE WHEN ${time} > $3 THEN ${time} END`;
const turns = ['g.valid_from', 'g.confirm_by', 'g.valid_to', 'a.begins_at', 'a.ends_at'].map(later);

const grantsOfHolder = `
  WITH g AS (
    SELECT ${columns} FROM clearance_grant WHERE municipality = $1 AND holder = $2
    UNION ALL
    SELECT ${columns} FROM single_case_grant WHERE municipality = $1 AND holder = $2),
  facts AS MATERIALIZED (
    SELECT ${citizenService('$1', '$2')} AS needs_course, ${passedCourse('$1', '$2', '$3')} AS passed,
      ARRAY(
        SELECT s.authority FROM secretariat s JOIN employee e ON e.municipality = s.municipality AND e.organisation = s.unit
        WHERE s.municipality = $1 AND e.municipality = $1 AND e.id = $2) AS served,
      (SELECT min(turn) FROM course_record c, unnest(ARRAY[c.begins_at, c.ends_at]) AS turn
        WHERE c.municipality = $1 AND c.employee = $2 AND turn > $3) AS course_turn)
  SELECT g.compartment, g.level, g.operations, g.shielded, g.valid_from <= $3 AS begun,
    ${statusAt('$3', ofHolder)} = 'IN_FORCE' AS "inForce",
    CASE WHEN g.status IN ('IN_FORCE', 'WAITING_FOR_COURSE')
      THEN date_part('epoch', least(facts.course_turn, ${turns})) * 1000 END AS turn
  FROM facts CROSS JOIN g LEFT JOIN disclosure_agreement a ON a.municipality = $1 AND a.id = g.agreement
  WHERE g.status IN ('IN_FORCE', 'WAITING_FOR_COURSE', 'LAPSED') OR (g.status = 'WITHDRAWN' AND g.decided_by IS NOT NULL)
  ORDER BY g.compartment COLLATE "C", g.level COLLATE "C", g.operations COLLATE "C", g.id`;

export interface GivenGrant extends Clearance {
  readonly level: CaseLevel;
  readonly operations: CaseOperation[];
  readonly inForce: boolean;
}

export interface GrantsOfHolder {
  /**
   * Grants that were given, and whether each is in force now. What seals a person's entries follows from all of them: a grant that
   * waited, lapsed or was withdrawn may have been in force.
   */
  readonly given: GivenGrant[];
  /** Milliseconds since 1970: the next time at which time alone may change what the grants give. */
  readonly nextTurn: number;
}

export async function grantsOf(
  tx: Transaction,
  municipality: string,
  holder: string,
  now: Date,
): Promise<GrantsOfHolder> {
  const rows = await tx.rows<GivenGrant & { begun: boolean; turn: number | null }>(grantsOfHolder, [
    municipality,
    holder,
    now,
  ]);
  return {
    given: rows.filter(({ begun }) => begun).map(({ begun: _begun, turn: _turn, ...grant }) => grant),
    nextTurn: Math.floor(Math.min(...rows.map(({ turn }) => turn ?? Number.POSITIVE_INFINITY))),
  };
}
