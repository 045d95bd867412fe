/**
 * SQL of powers of attorney (digital fuldmagt). The policies (004_powers_of_attorney.sql) decide who may see them and take which
 * step. The code here asks the same SQL functions only to say why a step is refused.
 */
import type { Paging } from '../../kit/paging.js';
import type { Transaction } from '../../postgres/database.js';
import type { RightCode } from '../enums.js';

export type PowerState = 'REQUESTED' | 'GIVEN' | 'REFUSED' | 'WITHDRAWN';
export type Seat = 'ADDED' | 'REMOVED' | 'MARKED' | 'UNMARKED';
export type PowerStep = Exclude<PowerState, 'REQUESTED'> | Seat;

export interface PowerRow {
  readonly id: string;
  readonly giver: string;
  readonly receiver: string;
  readonly rights: RightCode[];
  readonly standing: PowerState;
  /** Whether the employee who decided has left since. */
  readonly deciderHasLeft: boolean;
  readonly requestedBy: string;
  readonly requestedAt: Date;
}

export interface StepRow {
  readonly power: string;
  readonly step: PowerStep;
  readonly employee: string | null;
  /** `null` for what the register did. */
  readonly takenBy: string | null;
  readonly takenAt: Date;
}

/** A power under which somebody may act now. */
export interface UsablePower {
  readonly id: string;
  readonly giver: string;
  /** The employee of the giver who gave it. */
  readonly givenBy: string;
}

const deciderHasLeft = `EXISTS (
  SELECT FROM power_step s JOIN employee e ON e.municipality = s.municipality AND e.id = s.taken_by
   WHERE s.municipality = p.municipality AND s.power = p.id AND s.step IN ('GIVEN', 'REFUSED') AND e.left_at IS NOT NULL)`;

const powerColumns = `p.id, p.giver, p.receiver, p.rights, standing(p.municipality, p.id) AS standing, ${deciderHasLeft} AS "deciderHasLeft",
  p.requested_by AS "requestedBy", p.requested_at AS "requestedAt"`;

export const powersById = (tx: Transaction, municipality: string, ids: readonly string[]): Promise<PowerRow[]> =>
  tx.rows(`SELECT ${powerColumns} FROM power_of_attorney p WHERE p.municipality = $1 AND p.id = ANY ($2::uuid[])`, [
    municipality,
    ids,
  ]);

/** In the order in which they were taken, as far as the viewer may know of them. */
export const stepsOfPowers = (tx: Transaction, municipality: string, powers: readonly string[]): Promise<StepRow[]> =>
  tx.rows(
    `SELECT power, step, employee, taken_by AS "takenBy", taken_at AS "takenAt"
     FROM power_step WHERE municipality = $1 AND power = ANY ($2::uuid[]) ORDER BY power, number`,
    [municipality, powers],
  );

export interface PowerCriteria {
  readonly giver: string | null;
  readonly receiver: string | null;
  readonly employee: string | null;
  readonly standings: readonly PowerState[] | null;
  readonly deciderHasLeft: boolean | null;
}

const matches = `p.municipality = $1
  AND ($2::uuid IS NULL OR p.giver = $2)
  AND ($3::uuid IS NULL OR p.receiver = $3)
  AND ($4::uuid IS NULL OR seat(p.municipality, p.id, $4) <> 'REMOVED')
  AND ($5::text[] IS NULL OR standing(p.municipality, p.id) = ANY ($5))
  AND ($6::boolean IS NULL OR ${deciderHasLeft} = $6)`;

const values = (municipality: string, { giver, receiver, employee, standings, deciderHasLeft }: PowerCriteria) => [
  municipality,
  giver,
  receiver,
  employee,
  standings,
  deciderHasLeft,
];

/** Newest request first. Returns one row more than the page holds, if there is one. */
export const findPowers = (
  tx: Transaction,
  municipality: string,
  criteria: PowerCriteria,
  { size, after }: Paging,
): Promise<PowerRow[]> =>
  tx.rows(
    `SELECT ${powerColumns} FROM power_of_attorney p
     WHERE ${matches} AND ($7::timestamptz IS NULL OR (p.requested_at, p.id) < ($7, $8::uuid))
     ORDER BY p.requested_at DESC, p.id DESC LIMIT $9`,
    [...values(municipality, criteria), after?.key, after?.id, size + 1],
  );

export async function countPowers(tx: Transaction, municipality: string, criteria: PowerCriteria): Promise<number> {
  const [row] = await tx.rows<{ count: number }>(
    `SELECT count(*) FROM power_of_attorney p WHERE ${matches}`,
    values(municipality, criteria),
  );
  return row!.count;
}

/** Powers that employees are on, as far as the viewer may know of it, the newest request first. */
export const powersOfEmployees = (
  tx: Transaction,
  municipality: string,
  employees: readonly string[],
): Promise<(PowerRow & { readonly employee: string })[]> =>
  tx.rows(
    `SELECT ${powerColumns}, on_it.employee
     FROM (SELECT DISTINCT power, employee FROM power_step WHERE municipality = $1 AND employee = ANY ($2::uuid[])) on_it
     JOIN power_of_attorney p ON p.municipality = $1 AND p.id = on_it.power
     WHERE seat(p.municipality, p.id, on_it.employee) <> 'REMOVED'
     ORDER BY p.requested_at DESC, p.id DESC`,
    [municipality, employees],
  );

// ── taking a step ──

/** Makes steps of one power wait for each other until the transaction ends. */
export const lockPower = (tx: Transaction, municipality: string, power: string): Promise<unknown> =>
  tx.rows('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`power ${municipality} ${power}`]);

/** The organisations for which the viewer speaks, in the right acted in. */
export interface Spoken {
  readonly administers: readonly string[];
  readonly administersSmdb: readonly string[];
}

export async function spokenFor(tx: Transaction): Promise<Spoken> {
  const [row] = await tx.rows<Spoken>(
    `SELECT coalesce(speaks_for('ADMINISTRATOR'), '{}') AS administers,
            coalesce(speaks_for('SMDB_ADMINISTRATOR'), '{}') AS "administersSmdb"`,
  );
  return row!;
}

/** An employee's state on a power, and whether they work for its receiver. */
export async function seatOf(
  tx: Transaction,
  municipality: string,
  power: PowerRow,
  employee: string,
): Promise<{ seat: Seat; worksThere: boolean }> {
  const [row] = await tx.rows<{ seat: Seat; worksThere: boolean }>(
    'SELECT seat($1, $2, $3) AS seat, works_for($1, $3, $4) AS "worksThere"',
    [municipality, power.id, employee, power.receiver],
  );
  return row!;
}

export type NewPower = Omit<PowerRow, 'standing' | 'deciderHasLeft'>;

export const insertPower = (tx: Transaction, municipality: string, power: NewPower): Promise<unknown> =>
  tx.rows(
    `INSERT INTO power_of_attorney (municipality, id, giver, receiver, rights, requested_by, requested_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [municipality, power.id, power.giver, power.receiver, power.rights, power.requestedBy, power.requestedAt],
  );

export const insertStep = (
  tx: Transaction,
  municipality: string,
  { id, giver, receiver }: PowerRow,
  { step, employee, takenBy, takenAt }: Omit<StepRow, 'power'>,
): Promise<unknown> =>
  tx.rows(
    `INSERT INTO power_step (municipality, power, number, giver, receiver, step, employee, taken_by, taken_at)
     VALUES ($1, $2, next_step($1, $2), $3, $4, $5, $6, $7, $8)`,
    [municipality, id, giver, receiver, step, employee, takenBy, takenAt],
  );

// ── acting under one ──

/** The oldest first. */
export const usablePowers = (
  tx: Transaction,
  municipality: string,
  employee: string,
  right: string,
): Promise<UsablePower[]> =>
  tx.rows('SELECT id, giver, given_by AS "givenBy" FROM usable_powers($1, $2, $3)', [municipality, employee, right]);

export interface HeldRight {
  readonly code: string;
  /** Held for the employee's own company, not only on behalf of another. */
  readonly own: boolean;
  /** Held in the municipality itself, by somebody who works there. */
  readonly atHome: boolean;
}

/** Each right once, the one held longest first. */
export const heldRights = (tx: Transaction, municipality: string, employee: string): Promise<HeldRight[]> =>
  tx.rows(
    `SELECT held.code, bool_or(place.cvr = unit.cvr) AS own, bool_or(coalesce(place.part_of = held.municipality AND unit.part_of = held.municipality, false)) AS "atHome"
     FROM right_assignment held
     JOIN organisation place ON place.municipality = held.municipality AND place.id = held.organisation
     JOIN employee ON employee.municipality = held.municipality AND employee.id = held.employee
     JOIN organisation unit ON unit.municipality = employee.municipality AND unit.id = employee.organisation
     WHERE held.municipality = $1 AND held.employee = $2
     GROUP BY held.code ORDER BY min(held.assigned_at), held.code COLLATE "C"`,
    [municipality, employee],
  );
