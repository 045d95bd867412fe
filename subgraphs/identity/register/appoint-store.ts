/** SQL that gives a right to an employee on behalf of whoever runs the installation. */
import type { Query } from '../../postgres/owner.js';

export interface Appointee {
  readonly id: string;
  readonly organisation: string;
  readonly cvr: string;
  /** Whether the organisation is part of the municipality: only there a right to administer Sluse opens anything. */
  readonly atHome: boolean;
  readonly hasLeft: boolean;
}

/** `uuid`: NemLog-in's. */
export async function appointeeOf(query: Query, municipality: string, uuid: string): Promise<Appointee | null> {
  const [row] = await query<Appointee>(
    `SELECT e.id, o.id AS organisation, o.cvr, coalesce(o.part_of = $1, false) AS "atHome",
       e.left_at IS NOT NULL OR o.left_at IS NOT NULL AS "hasLeft"
     FROM nemlogin_identity n
     JOIN employee e ON e.municipality = n.municipality AND e.id = n.employee
     JOIN organisation o ON o.municipality = e.municipality AND o.id = e.organisation
     WHERE n.municipality = $1 AND n.uuid = $2`,
    [municipality, uuid],
  );
  return row ?? null;
}

/** How many others hold the right in the municipality itself, and could sign in and use it. */
export async function countOthers(
  query: Query,
  municipality: string,
  right: string,
  employee: string,
): Promise<number> {
  const [row] = await query<{ count: number }>(
    `SELECT count(DISTINCT held.employee) FROM right_assignment held
     JOIN organisation place ON place.municipality = held.municipality AND place.id = held.organisation
     JOIN employee e ON e.municipality = held.municipality AND e.id = held.employee
     JOIN organisation unit ON unit.municipality = e.municipality AND unit.id = e.organisation
     WHERE held.municipality = $1 AND held.code = $2 AND held.employee <> $3
       AND place.part_of = $1 AND unit.part_of = $1 AND e.left_at IS NULL`,
    [municipality, right, employee],
  );
  return row!.count;
}

/**
 * True if the right is new. A right that NemLog-in asserted becomes one of the municipality's own: it would otherwise end with the next
 * sign-in that does not assert it.
 */
export async function assignRight(
  query: Query,
  municipality: string,
  { id, organisation }: Appointee,
  right: string,
  now: Date,
): Promise<boolean> {
  const assigned = await query(
    `INSERT INTO right_assignment AS held (municipality, employee, code, organisation, source, assigned_at)
     VALUES ($1, $2, $3, $4, 'LOCAL', $5)
     ON CONFLICT (municipality, employee, code, organisation)
       DO UPDATE SET source = 'LOCAL', constraints = '[[]]' WHERE held.source <> 'LOCAL'
     RETURNING employee`,
    [municipality, id, right, organisation, now],
  );
  return assigned.length > 0;
}
