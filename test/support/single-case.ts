/** Cases with a compartment of their own, and grants for them. */
import { idFor } from '../../subgraphs/demo/random.js';
import type { TestDatabase } from './database.js';

export interface SingleCase {
  readonly id: string;
  readonly number: string;
  readonly title: string;
  readonly compartment: string;
}

/** Gives the citizen's case of a category a compartment of its own. */
export async function setApart(database: TestDatabase, cpr: string, category: string): Promise<SingleCase> {
  const [found] = await database.sql<Omit<SingleCase, 'compartment'>>(
    `SELECT c.id, c.number, c.title FROM cases.shielded_case c
       JOIN cases.shielded_party p ON p.case_id = c.id JOIN identity.citizen z ON z.id = p.citizen
      WHERE z.cpr = $1 AND c.category = $2 ORDER BY c.id LIMIT 1`,
    [cpr, category],
  );
  const compartment = `0999.CASE.${found!.id}`;
  // In one statement: keys lead from the rows below to the case by its compartment.
  await database.sql(
    `WITH party AS (UPDATE cases.shielded_party SET compartment = $1 WHERE case_id = $2),
          document AS (UPDATE cases.shielded_document SET compartment = $1 WHERE case_id = $2)
     UPDATE cases.shielded_case SET compartment = $1 WHERE id = $2`,
    [compartment, found!.id],
  );
  return { ...found!, compartment };
}

/** Grants it to somebody who holds some grant already. */
export const grant = (database: TestDatabase, holder: string, { id, compartment }: SingleCase) =>
  database.sql(
    `INSERT INTO identity.single_case_grant (municipality, id, holder, compartment, level, operations, reason, status,
                                             requested_by, decided_by, valid_from, confirm_by, requested_at, unit)
     SELECT municipality, $2, holder, $3, 'DOCUMENTS', operations, reason, status, requested_by, decided_by, valid_from, confirm_by,
            requested_at, unit
       FROM identity.clearance_grant g WHERE g.holder = $1 LIMIT 1`,
    [holder, idFor(`grant/${holder}/${id}`), compartment],
  );

/** As if there had never been a case of the citizen in this category. */
export const never = (database: TestDatabase, cpr: string, category: string) =>
  database.sql(
    `DELETE FROM cases.shielded_case c USING cases.shielded_party p, identity.citizen z
      WHERE p.case_id = c.id AND z.id = p.citizen AND z.cpr = $1 AND c.category = $2`,
    [cpr, category],
  );
