/**
 * SQL of grants. The policies (013_grants.sql, 015_single_cases.sql) decide who may see them and take which step. The code here asks
 * the same SQL functions only to say why a step is refused.
 *
 * Grants into compartments of single cases lie in tables of their own. SQL for a viewer who holds no such compartment does not name
 * them: row-level security alone was measured to tell a hidden row from an absent one.
 */

import type { Paging } from '../../kit/paging.js';
import type { Transaction } from '../../postgres/database.js';
import { isOfSingleCase } from '../../protocol/compartments.js';
import type { CaseLevel, CaseOperation, Clearance, Viewer } from '../../protocol/viewer.js';
import { rowIdIn, stepIn } from './cursor.js';

export type GrantState = 'REQUESTED' | 'IN_FORCE' | 'WAITING_FOR_COURSE' | 'REFUSED' | 'WITHDRAWN' | 'LAPSED';
export type GrantStep = 'GIVEN' | 'REFUSED' | 'CONFIRMED' | 'WITHDRAWN' | 'MOVED' | 'LEFT';

export interface GrantRow {
  /** Unique among grants of one table (`isSingle`). */
  readonly id: string;
  readonly holder: string;
  readonly unit: string;
  readonly compartmentId: string;
  readonly level: CaseLevel;
  readonly operations: CaseOperation[];
  readonly reason: string;
  /** As of the time that was asked about. */
  readonly status: GrantState;
  readonly requestedBy: string;
  readonly requestedAt: Date;
  readonly decidedBy: string | null;
  readonly validFrom: Date;
  readonly validTo: Date | null;
  readonly confirmBy: Date;
  readonly agreementId: string | null;
  /** Whether the holder may be in the compartment at all: the municipality's own, or another authority's that lets them in. */
  readonly isOpen: boolean;
}

export interface StepRow {
  readonly grant: string;
  readonly compartmentId: string;
  readonly step: GrantStep;
  readonly takenBy: string | null;
  readonly takenAt: Date;
  readonly reason: string | null;
}

/** Compartments of single cases that the viewer holds. */
export const singlesOf = ({ clearance }: Viewer): string[] => [
  ...new Set(clearance.map(({ compartment }) => compartment).filter(isOfSingleCase)),
];

// ── what time makes of a grant ──

const authority = `split_part(g.compartment, '.', 2)`;

/** Whether the holder may be in a compartment of that authority at all, at the time `at` (an expression). */
const lawful = (at: string) => `(${authority} IN ('MUNICIPALITY', 'CASE')
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
const statusAt = (at: string, whose = ofRow) => `CASE
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

// ── reading ──

export const grantColumns = (
  at: string,
) => `g.id, g.holder, g.unit, g.compartment AS "compartmentId", g.level, g.operations, g.reason,
  ${statusAt(at)} AS status, g.requested_by AS "requestedBy", g.requested_at AS "requestedAt", g.decided_by AS "decidedBy",
  g.valid_from AS "validFrom", g.valid_to AS "validTo", g.confirm_by AS "confirmBy", g.agreement AS "agreementId",
  ${lawful(at)} AS "isOpen"`;

export interface GrantCriteria {
  readonly holder: string | null;
  readonly unit: string | null;
  readonly compartment: string | null;
  readonly statuses: readonly GrantState[] | null;
  /** In force, and to be confirmed before this. */
  readonly dueBefore: Date | null;
}

/** Grants of employees. Those of systems are shown with the systems. */
const matches = `g.municipality = $1 AND g.unit IS NOT NULL
  AND ($3::uuid IS NULL OR g.holder = $3)
  AND ($4::uuid IS NULL OR g.unit = $4)
  AND ($5::text IS NULL OR g.compartment = $5)
  AND ($6::text[] IS NULL OR ${statusAt('$2::timestamptz')} = ANY ($6))
  AND ($7::timestamptz IS NULL OR (g.confirm_by < $7
       AND ${statusAt('$2::timestamptz')} IN ('IN_FORCE', 'WAITING_FOR_COURSE')))`;

const values = (municipality: string, now: Date, { holder, unit, compartment, statuses, dueBefore }: GrantCriteria) => [
  municipality,
  now,
  holder,
  unit,
  compartment,
  statuses,
  dueBefore,
];

/** The viewer's part of both tables. `more`: a condition on `g`. Values of the query end with the compartments held, if there are any. */
function found(what: string, singles: readonly string[], place: number, more = 'true'): string {
  const ordinary = `SELECT ${what} FROM clearance_grant g WHERE ${matches} AND ${more}`;
  if (singles.length === 0) return ordinary;
  return `${ordinary} UNION ALL SELECT ${what} FROM single_case_grant g
    WHERE ${matches} AND g.compartment = ANY ($${place}::text[]) AND ${more}`;
}

const orders = {
  newest: { key: 'g.requested_at', comes: '<', sorted: '"requestedAt" DESC, id DESC' },
  soonest: { key: 'g.confirm_by', comes: '>', sorted: '"confirmBy", id' },
} as const;
export type GrantOrder = keyof typeof orders;

export function findGrants(
  tx: Transaction,
  viewer: Viewer,
  now: Date,
  criteria: GrantCriteria,
  order: GrantOrder,
  { after, size }: Paging,
): Promise<GrantRow[]> {
  const singles = singlesOf(viewer);
  const { key, comes, sorted } = orders[order];
  const more = `($8::timestamptz IS NULL OR (${key}, g.id) ${comes} ($8, $9::uuid))`;
  return tx.rows(`${found(grantColumns('$2::timestamptz'), singles, 11, more)} ORDER BY ${sorted} LIMIT $10`, [
    ...values(viewer.municipality, now, criteria),
    after?.key,
    after && rowIdIn(after.id),
    size + 1,
    ...(singles.length > 0 ? [singles] : []),
  ]);
}

export async function countGrants(
  tx: Transaction,
  viewer: Viewer,
  now: Date,
  criteria: GrantCriteria,
): Promise<number> {
  const singles = singlesOf(viewer);
  const [row] = await tx.rows<{ count: number }>(`SELECT count(*) FROM (${found('g.id', singles, 8)}) found`, [
    ...values(viewer.municipality, now, criteria),
    ...(singles.length > 0 ? [singles] : []),
  ]);
  return row!.count;
}

/** Which grant is meant. `compartment`: of a single case that the viewer holds; `null` for all other grants. */
export interface GrantKey {
  readonly id: string;
  readonly compartment: string | null;
}

/** The grants that are there, in no order. A viewer who holds no single case's compartment has no key that names its table. */
export async function grantsByKey(
  tx: Transaction,
  municipality: string,
  keys: readonly GrantKey[],
  now: Date,
): Promise<GrantRow[]> {
  const single = keys.filter(({ compartment }) => compartment !== null);
  const ordinary = keys.filter(({ compartment }) => compartment === null);
  const found = (table: string, meant: string, values: readonly unknown[]) =>
    tx.rows<GrantRow>(
      `SELECT ${grantColumns('$2::timestamptz')} FROM ${table} g WHERE g.municipality = $1 AND g.unit IS NOT NULL AND ${meant}`,
      [municipality, now, ...values],
    );
  const idsOf = (meant: readonly GrantKey[]) => meant.map(({ id }) => id);
  return [
    ...(ordinary.length > 0 ? await found('clearance_grant', 'g.id = ANY ($3::uuid[])', [idsOf(ordinary)]) : []),
    ...(single.length > 0
      ? await found('single_case_grant', '(g.id, g.compartment) IN (SELECT * FROM unnest($3::uuid[], $4::text[]))', [
          idsOf(single),
          single.map(({ compartment }) => compartment),
        ])
      : []),
  ];
}

export const grantByKey = async (
  tx: Transaction,
  municipality: string,
  key: GrantKey,
  now: Date,
): Promise<GrantRow | null> => (await grantsByKey(tx, municipality, [key], now))[0] ?? null;

/** Of employees, the newest request first. */
export function grantsOfHolders(
  tx: Transaction,
  viewer: Viewer,
  now: Date,
  holders: readonly string[],
): Promise<GrantRow[]> {
  const singles = singlesOf(viewer);
  const of = (table: string) => `SELECT ${grantColumns('$2::timestamptz')} FROM ${table} g
    WHERE g.municipality = $1 AND g.unit IS NOT NULL AND g.holder = ANY ($3::uuid[])`;
  const single = `UNION ALL ${of('single_case_grant')} AND g.compartment = ANY ($4::text[])`;
  return tx.rows(`${of('clearance_grant')} ${singles.length > 0 ? single : ''} ORDER BY "requestedAt" DESC, id DESC`, [
    viewer.municipality,
    now,
    holders,
    ...(singles.length > 0 ? [singles] : []),
  ]);
}

const stepColumns = (compartment: string) => `s.grant_id AS "grant", ${compartment} AS "compartmentId", s.step,
  s.taken_by AS "takenBy", s.taken_at AS "takenAt", s.reason, s.number`;

/** In the order in which they were taken. */
export function stepsOfGrants(tx: Transaction, viewer: Viewer, grants: readonly string[]): Promise<StepRow[]> {
  const singles = singlesOf(viewer);
  const single = `UNION ALL SELECT ${stepColumns('s.compartment')} FROM single_case_step s
    WHERE s.municipality = $1 AND s.grant_id = ANY ($2::uuid[]) AND s.compartment = ANY ($3::text[])`;
  return tx.rows(
    `SELECT ${stepColumns('NULL::text')} FROM grant_step s WHERE s.municipality = $1 AND s.grant_id = ANY ($2::uuid[])
     ${singles.length > 0 ? single : ''} ORDER BY "grant", number`,
    [viewer.municipality, grants, ...(singles.length > 0 ? [singles] : [])],
  );
}

// ── what was reviewed ──

export interface ReviewCriteria {
  readonly unit: string | null;
  readonly since: Date;
  readonly until: Date;
}

export type ReviewedStep = StepRow & { readonly unit: string; readonly number: number };

const reviewed = (at: { steps: string; grants: string; same: string }) => `
  FROM ${at.steps} s JOIN ${at.grants} g ON g.municipality = s.municipality AND g.id = s.grant_id ${at.same}
  WHERE s.municipality = $1 AND g.unit IS NOT NULL AND ($2::uuid IS NULL OR g.unit = $2)
    AND s.taken_at >= $3 AND s.taken_at < $4`;
const ordinarySteps = { steps: 'grant_step', grants: 'clearance_grant', same: '' };
const singleSteps = {
  steps: 'single_case_step',
  grants: 'single_case_grant',
  same: 'AND g.compartment = s.compartment',
};

/** Steps that were taken, the latest first: who gave, confirmed or took back what, and when. */
export function findSteps(
  tx: Transaction,
  viewer: Viewer,
  { unit, since, until }: ReviewCriteria,
  { after, size }: Paging,
): Promise<ReviewedStep[]> {
  const step = after && stepIn(after.id);
  const singles = singlesOf(viewer);
  const later = `AND ($5::timestamptz IS NULL OR (s.taken_at, s.grant_id, s.number) < ($5, $6::uuid, $7::int))`;
  const single = `UNION ALL SELECT ${stepColumns('s.compartment')}, g.unit ${reviewed(singleSteps)} ${later}
    AND s.compartment = ANY ($9::text[])`;
  return tx.rows(
    `SELECT ${stepColumns('NULL::text')}, g.unit ${reviewed(ordinarySteps)} ${later}
     ${singles.length > 0 ? single : ''} ORDER BY "takenAt" DESC, "grant" DESC, number DESC LIMIT $8`,
    [
      ...[viewer.municipality, unit, since, until, after?.key, step?.grant, step?.number, size + 1],
      ...(singles.length > 0 ? [singles] : []),
    ],
  );
}

export async function countSteps(
  tx: Transaction,
  viewer: Viewer,
  { unit, since, until }: ReviewCriteria,
): Promise<number> {
  const singles = singlesOf(viewer);
  const single = `UNION ALL SELECT s.number ${reviewed(singleSteps)} AND s.compartment = ANY ($5::text[])`;
  const [row] = await tx.rows<{ count: number }>(
    `SELECT count(*) FROM (SELECT s.number ${reviewed(ordinarySteps)} ${singles.length > 0 ? single : ''}) taken`,
    [viewer.municipality, unit, since, until, ...(singles.length > 0 ? [singles] : [])],
  );
  return row!.count;
}

// ── taking a step ──

/** Makes steps of one grant wait for each other until the transaction ends. */
export const lockGrant = (tx: Transaction, municipality: string, grant: string): Promise<unknown> =>
  tx.rows('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`grant ${municipality} ${grant}`]);

export interface HolderRow {
  readonly unit: string;
  readonly left: boolean;
  /** Whether the unit is one that the viewer leads. */
  readonly led: boolean;
}

export async function holderOf(tx: Transaction, municipality: string, employee: string): Promise<HolderRow | null> {
  const [row] = await tx.rows<HolderRow>(
    `SELECT organisation AS unit, left_at IS NOT NULL AS "left", organisation = ANY (led_units()) AS led
     FROM employee WHERE municipality = $1 AND id = $2`,
    [municipality, employee],
  );
  return row ?? null;
}

interface Decision {
  readonly unit: string;
  readonly holder: string;
  readonly requestedBy: string | null;
}

/** Who decides on each of these, in their order; `null` where nobody can. */
export async function decidersOf(
  tx: Transaction,
  municipality: string,
  asked: readonly Decision[],
): Promise<(string | null)[]> {
  const rows = await tx.rows<{ decider: string | null }>(
    `SELECT decider_of($1, asked.unit, asked.holder, asked.requested_by) AS decider
     FROM unnest($2::uuid[], $3::uuid[], $4::uuid[]) WITH ORDINALITY AS asked (unit, holder, requested_by, place) ORDER BY place`,
    [
      municipality,
      asked.map(({ unit }) => unit),
      asked.map(({ holder }) => holder),
      asked.map(({ requestedBy }) => requestedBy),
    ],
  );
  return rows.map(({ decider }) => decider);
}

/** Who decides on a grant of somebody in that unit; `null` if nobody can. */
export const deciderOf = async (tx: Transaction, municipality: string, asked: Decision): Promise<string | null> =>
  (await decidersOf(tx, municipality, [asked]))[0]!;

/** Whether the viewer leads that unit. */
export async function leads(tx: Transaction, unit: string): Promise<boolean> {
  const [row] = await tx.rows<{ led: boolean }>('SELECT $1 = ANY (led_units()) AS led', [unit]);
  return row!.led;
}

export async function serves(
  tx: Transaction,
  municipality: string,
  employee: string,
  authority: string,
): Promise<boolean> {
  const [row] = await tx.rows<{ serves: boolean }>('SELECT serves($1, $2, $3) AS serves', [
    municipality,
    employee,
    authority,
  ]);
  return row!.serves;
}

export type NewGrant = Omit<GrantRow, 'status' | 'decidedBy' | 'confirmBy' | 'isOpen'> & { readonly shielded: boolean };

/** A request. `given`: a single case's compartment is opened with it, and the grant is in force at once, given by this person. */
export const insertGrant = (
  tx: Transaction,
  municipality: string,
  grant: NewGrant,
  given: string | null = null,
): Promise<unknown> =>
  tx.rows(
    `INSERT INTO ${isOfSingleCase(grant.compartmentId) ? 'single_case_grant' : 'clearance_grant'}
       (municipality, id, holder, unit, compartment, level, operations, shielded, reason, status, requested_by, requested_at,
        decided_by, valid_from, valid_to, confirm_by, agreement${given === null ? '' : ', opening'})
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, CASE WHEN $15::uuid IS NULL THEN 'REQUESTED' ELSE 'IN_FORCE' END, $10, $11,
        $15, $12, $13, six_months_after($11), $14${given === null ? '' : ', true'})`,
    [
      ...[municipality, grant.id, grant.holder, grant.unit, grant.compartmentId, grant.level, grant.operations],
      ...[grant.shielded, grant.reason, grant.requestedBy, grant.requestedAt, grant.validFrom, grant.validTo],
      ...[grant.agreementId, given],
    ],
  );

export const insertStep = (
  tx: Transaction,
  municipality: string,
  { id, compartment }: GrantKey,
  { step, takenBy, takenAt, reason }: Omit<StepRow, 'grant' | 'compartmentId'>,
): Promise<unknown> =>
  compartment === null
    ? tx.rows(
        `INSERT INTO grant_step (municipality, grant_id, number, step, taken_by, taken_at, reason)
         VALUES ($1, $2, next_grant_step($1, $2), $3, $4, $5, $6)`,
        [municipality, id, step, takenBy, takenAt, reason],
      )
    : tx.rows(
        `INSERT INTO single_case_step (municipality, compartment, grant_id, number, step, taken_by, taken_at, reason)
         VALUES ($1, $7, $2, next_single_case_step($1, $7, $2), $3, $4, $5, $6)`,
        [municipality, id, step, takenBy, takenAt, reason, compartment],
      );

// ── compartments of single cases ──

export interface SingleCaseRow {
  readonly id: string;
  readonly authority: string;
  readonly category: string;
  readonly reason: string;
  readonly openedBy: string;
  readonly openedWith: string;
  readonly openedAt: Date;
}

export const insertSingleCase = (tx: Transaction, municipality: string, opened: SingleCaseRow): Promise<unknown> =>
  tx.rows(
    `INSERT INTO single_case_compartment (municipality, compartment, authority, category, reason, opened_by, opened_with, opened_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      ...[municipality, opened.id, opened.authority, opened.category, opened.reason],
      ...[opened.openedBy, opened.openedWith, opened.openedAt],
    ],
  );

/** Those that the viewer holds, the latest first. Nothing is asked for a viewer who holds none. */
export async function singleCases(tx: Transaction, viewer: Viewer): Promise<SingleCaseRow[]> {
  const singles = singlesOf(viewer);
  if (singles.length === 0) return [];
  return tx.rows(
    `SELECT compartment AS id, authority, category, reason, opened_by AS "openedBy", opened_with AS "openedWith",
            opened_at AS "openedAt"
     FROM single_case_compartment WHERE municipality = $1 AND compartment = ANY ($2::text[])
     ORDER BY opened_at DESC, compartment`,
    [viewer.municipality, singles],
  );
}
