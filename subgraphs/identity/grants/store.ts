/**
 * SQL that reads grants and their steps. The policies (013_grants.sql, 015_single_cases.sql) decide who may see them.
 *
 * Grants into compartments of single cases lie in tables of their own. SQL for a viewer who holds no such compartment does not name
 * them: row-level security alone was measured to tell a hidden row from an absent one.
 */

import type { Paging } from '../../kit/paging.js';
import type { Transaction } from '../../postgres/database.js';
import { isOfSingleCase } from '../../protocol/compartments.js';
import type { CaseLevel, CaseOperation, Viewer } from '../../protocol/viewer.js';
import { rowIdIn } from './cursor.js';
import { type GrantState, lawful, statusAt } from './time-store.js';

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

export const stepColumns = (compartment: string) => `s.grant_id AS "grant", ${compartment} AS "compartmentId", s.step,
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
