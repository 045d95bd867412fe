/**
 * SQL of explanations. Everything is read as the asker: the policies (016_explain.sql) decide what may be part of one. What a grant, an
 * agreement or a power comes to is asked of the stores that sessions ask too.
 */
import type { Transaction } from '../../postgres/database.js';

export interface SubjectRow {
  readonly id: string;
  readonly unit: string;
  readonly left: boolean;
  readonly locked: boolean;
  /** Whether the asker leads the unit. */
  readonly led: boolean;
}

export async function subjectOf(tx: Transaction, municipality: string, employee: string): Promise<SubjectRow | null> {
  const [row] = await tx.rows<SubjectRow>(
    `SELECT e.id, e.organisation AS unit, e.left_at IS NOT NULL AS "left", e.organisation = ANY (led_units()) AS led,
            EXISTS (SELECT FROM access_block b
              WHERE b.municipality = e.municipality AND b.person = e.id AND b.kind = 'PERSON' AND b.lifted_at IS NULL) AS locked
     FROM employee e WHERE e.municipality = $1 AND e.id = $2`,
    [municipality, employee],
  );
  return row ?? null;
}

/** Authorities whose secretariat the asker belongs to, and all of whose grants the asker sees. */
export async function servedAuthorities(tx: Transaction): Promise<readonly string[]> {
  const [row] = await tx.rows<{ served: string[] | null }>('SELECT served_authorities() AS served');
  return row?.served ?? [];
}

/** Whether the viewer works for the municipality itself. */
export async function isOfMunicipality(tx: Transaction): Promise<boolean> {
  const [row] = await tx.rows<{ other: boolean }>('SELECT of_another_company() AS other');
  return row?.other === false;
}

/** Most people who are named for one role. */
const mostNamed = 20;

/** Administrators of this system: people of the municipality. */
export const administrators = (tx: Transaction, municipality: string): Promise<string[]> =>
  idsOf(
    tx,
    `SELECT DISTINCT e.id FROM right_assignment held
     JOIN organisation place ON place.municipality = held.municipality AND place.id = held.organisation
     JOIN employee e ON e.municipality = held.municipality AND e.id = held.employee
     JOIN organisation unit ON unit.municipality = e.municipality AND unit.id = e.organisation
     WHERE held.municipality = $1 AND held.code = 'ADMINISTRATOR' AND e.left_at IS NULL
       AND place.part_of = $1 AND unit.part_of = $1
     ORDER BY e.id LIMIT ${mostNamed}`,
    [municipality],
  );

/** Administrators of an organisation's company, who speak for it in powers of attorney. */
export const administratorsOf = (tx: Transaction, municipality: string, organisation: string): Promise<string[]> =>
  idsOf(
    tx,
    `SELECT DISTINCT e.id FROM right_assignment held
     JOIN organisation place ON place.municipality = held.municipality AND place.id = held.organisation
     JOIN employee e ON e.municipality = held.municipality AND e.id = held.employee
     WHERE held.municipality = $1 AND held.code = 'ADMINISTRATOR' AND e.left_at IS NULL 
       AND place.cvr = (SELECT cvr FROM organisation WHERE municipality = $1 AND id = $2)
     ORDER BY e.id LIMIT ${mostNamed}`,
    [municipality, organisation],
  );

/** Those of an authority's secretariat who hold one of these rights. */
export const secretariatOf = (
  tx: Transaction,
  municipality: string,
  authority: string,
  rights: readonly string[],
): Promise<string[]> =>
  idsOf(
    tx,
    `SELECT DISTINCT e.id FROM secretariat s
     JOIN employee e ON e.municipality = s.municipality AND e.organisation = s.unit AND e.left_at IS NULL
     JOIN right_assignment held ON held.municipality = e.municipality AND held.employee = e.id
     WHERE s.municipality = $1 AND s.authority = $2 AND held.code = ANY ($3::text[])
     ORDER BY e.id LIMIT ${mostNamed}`,
    [municipality, authority, rights],
  );

async function idsOf(tx: Transaction, sql: string, values: readonly unknown[]): Promise<string[]> {
  const rows = await tx.rows<{ id: string }>(sql, values);
  return rows.map(({ id }) => id);
}
