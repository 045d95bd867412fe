/**
 * SQL of taking a step. The policies decide who may take it (013_grants.sql, 015_single_cases.sql). The code here asks the same SQL
 * functions only to say why a step is refused.
 */
import type { Transaction } from '../../postgres/database.js';
import { isOfSingleCase } from '../../protocol/compartments.js';
import type { GrantKey, GrantRow, StepRow } from './store.js';

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
