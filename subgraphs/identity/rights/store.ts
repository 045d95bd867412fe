/** SQL of rights that the municipality assigns (source `LOCAL`). Policies: 001_identity.sql, 013_grants.sql. */
import type { Transaction } from '../../postgres/database.js';

export interface AssigneeRow {
  readonly organisation: string;
  readonly left: boolean;
}

export async function assigneeOf(tx: Transaction, municipality: string, employee: string): Promise<AssigneeRow | null> {
  const [row] = await tx.rows<AssigneeRow>(
    `SELECT organisation, left_at IS NOT NULL AS "left" FROM employee WHERE municipality = $1 AND id = $2`,
    [municipality, employee],
  );
  return row ?? null;
}

export interface Held {
  readonly employee: string;
  readonly right: string;
  readonly organisation: string;
}

/** `NEMLOGIN` or `LOCAL`; `null` if it is not held there. */
export async function sourceOf(
  tx: Transaction,
  municipality: string,
  { employee, right, organisation }: Held,
): Promise<string | null> {
  const [row] = await tx.rows<{ source: string }>(
    `SELECT source FROM right_assignment WHERE municipality = $1 AND employee = $2 AND code = $3 AND organisation = $4`,
    [municipality, employee, right, organisation],
  );
  return row?.source ?? null;
}

/** Returns whether it was assigned: `false` if it is held there already, whoever assigned it. */
export async function assignRight(
  tx: Transaction,
  municipality: string,
  { employee, right, organisation }: Held,
  by: { readonly employee: string; readonly at: Date },
): Promise<boolean> {
  const rows = await tx.rows(
    `INSERT INTO right_assignment (municipality, employee, code, organisation, source, assigned_at, assigned_by)
     VALUES ($1, $2, $3, $4, 'LOCAL', $5, $6) ON CONFLICT DO NOTHING RETURNING code`,
    [municipality, employee, right, organisation, by.at, by.employee],
  );
  return rows.length > 0;
}

export async function withdrawRight(
  tx: Transaction,
  municipality: string,
  { employee, right, organisation }: Held,
): Promise<boolean> {
  const rows = await tx.rows(
    `DELETE FROM right_assignment
     WHERE municipality = $1 AND employee = $2 AND code = $3 AND organisation = $4 AND source = 'LOCAL' RETURNING code`,
    [municipality, employee, right, organisation],
  );
  return rows.length > 0;
}

/** Makes those who withdraw administrators wait for each other until the transaction ends: two could withdraw one another. */
export const lockAdministrators = (tx: Transaction, municipality: string): Promise<unknown> =>
  tx.rows('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`administrators ${municipality}`]);

/** Administrators of this system: employees of the municipality who hold the right there and have not left. */
export async function countAdministrators(tx: Transaction, municipality: string): Promise<number> {
  const [row] = await tx.rows<{ count: number }>(
    `SELECT count(DISTINCT e.id) FROM right_assignment held
     JOIN organisation place ON place.municipality = held.municipality AND place.id = held.organisation
     JOIN employee e ON e.municipality = held.municipality AND e.id = held.employee
     JOIN organisation unit ON unit.municipality = e.municipality AND unit.id = e.organisation
     WHERE held.municipality = $1 AND held.code = 'ADMINISTRATOR' AND e.left_at IS NULL
       AND place.part_of = $1 AND unit.part_of = $1`,
    [municipality],
  );
  return row!.count;
}
