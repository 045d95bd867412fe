/**
 * SQL that checks staged rows against each other and against the register. Each check finds the lines that break one rule.
 *
 * $1: the municipality. $2: the kinds whose file is a full one: what such a file does not have is known no longer.
 */
import type { Query } from '../../postgres/owner.js';
import type { Kind, KindName } from './kinds.js';
import type { Problem } from './refused.js';

export interface CheckScope {
  readonly municipality: string;
  readonly full: readonly KindName[];
}

interface Check {
  readonly kind: KindName;
  readonly column: string;
  readonly expected: string;
  /** Yields the lines. */
  readonly sql: string;
}

/** Organisations as a whole, by CVR number, as they will be. */
const knownOrganisations = `SELECT cvr FROM staged_organisations
  UNION ALL SELECT cvr FROM organisation
  WHERE municipality = $1 AND registered AND code IS NULL AND left_at IS NULL AND NOT 'organisations' = ANY ($2)`;

/** Units as they will be: code, CVR number, parent's code. */
const knownUnits = `SELECT s.code, s.cvr, CASE WHEN 'parent' = ANY (s.absent) THEN above.code ELSE s.parent END AS parent
  FROM staged_units s
  LEFT JOIN organisation unit ON unit.municipality = $1 AND unit.code = s.code
  LEFT JOIN organisation above ON above.municipality = $1 AND above.id = unit.parent
  UNION ALL SELECT unit.code, unit.cvr, above.code FROM organisation unit
  LEFT JOIN organisation above ON above.municipality = unit.municipality AND above.id = unit.parent
  WHERE unit.municipality = $1 AND unit.code IS NOT NULL AND unit.left_at IS NULL AND NOT 'units' = ANY ($2)
    AND NOT EXISTS (SELECT FROM staged_units s WHERE s.code = unit.code)`;

/** Employees as they will be, by NemLog-in's UUID. Whoever the import does not keep stays, whatever a full file has. */
const knownEmployees = `SELECT uuid FROM staged_employees WHERE left_on IS NULL
  UNION ALL SELECT n.uuid FROM nemlogin_identity n
  JOIN employee e ON e.municipality = n.municipality AND e.id = n.employee
  WHERE n.municipality = $1 AND e.left_at IS NULL AND NOT (e.registered AND 'employees' = ANY ($2))
    AND NOT EXISTS (SELECT FROM staged_employees s WHERE s.uuid = n.uuid)`;

const unknown = (kind: KindName, column: string, known: string, by: string) =>
  `SELECT s.line FROM staged_${kind} s
   WHERE s.${column} IS NOT NULL AND NOT EXISTS (SELECT FROM (${known}) known WHERE known.${by} = s.${column})`;

const unknownCitizen = (column: string) =>
  `SELECT s.line FROM staged_relatives s
   WHERE NOT EXISTS (SELECT FROM staged_citizens c WHERE c.cpr = s.${column})
     AND NOT EXISTS (SELECT FROM citizen c WHERE c.municipality = $1 AND c.cpr = s.${column})`;

const inRegister = (column: string) =>
  `EXISTS (SELECT FROM citizen c WHERE c.municipality = $1 AND c.cpr = s.${column})`;

const anOrganisation = 'a CVR number of an organisation that is in the register or in this import';
const aUnit = 'a code of a unit that is in the register or in this import';
const aCitizen = 'a CPR number of a citizen who is in the register or in this import';

const repeated = (kind: KindName, columns: readonly string[]): string =>
  `SELECT line FROM (
     SELECT line, row_number() OVER (PARTITION BY ${columns.join(', ')} ORDER BY line) AS place FROM staged_${kind}
     WHERE ${columns.map((column) => `${column} IS NOT NULL`).join(' AND ')}
   ) numbered WHERE place > 1`;

const checks: readonly Check[] = [
  { kind: 'units', column: 'cvr', expected: anOrganisation, sql: unknown('units', 'cvr', knownOrganisations, 'cvr') },
  { kind: 'units', column: 'parent', expected: aUnit, sql: unknown('units', 'parent', knownUnits, 'code') },
  {
    kind: 'units',
    column: 'parent',
    expected: 'a unit above this one: by its parents, this unit is above itself',
    sql: `WITH RECURSIVE units AS (${knownUnits}),
      above AS (
        SELECT line, code, parent FROM staged_units WHERE parent IS NOT NULL
        UNION SELECT above.line, above.code, units.parent FROM above JOIN units ON units.code = above.parent
        WHERE units.parent IS NOT NULL
      ) SELECT line FROM above WHERE parent = code`,
  },
  {
    kind: 'units',
    column: 'manager',
    expected: 'the NemLog-in UUID of an employee who is in the register or in this import, and has not left',
    sql: unknown('units', 'manager', knownEmployees, 'uuid'),
  },
  {
    kind: 'employees',
    column: 'cvr',
    expected: anOrganisation,
    sql: unknown('employees', 'cvr', knownOrganisations, 'cvr'),
  },
  { kind: 'employees', column: 'unit', expected: aUnit, sql: unknown('employees', 'unit', knownUnits, 'code') },
  {
    kind: 'employees',
    column: 'unit',
    expected: 'a unit of the organisation that cvr names',
    sql: `SELECT s.line FROM staged_employees s JOIN (${knownUnits}) known ON known.code = s.unit WHERE known.cvr <> s.cvr`,
  },
  {
    kind: 'citizens',
    column: 'uuid',
    expected: 'a UUID that stands in no line before',
    sql: repeated('citizens', ['uuid']),
  },
  {
    kind: 'citizens',
    column: 'previous_cpr',
    expected: 'a number that stands in no other line',
    sql: `${repeated('citizens', ['previous_cpr'])}
      UNION SELECT s.line FROM staged_citizens s JOIN staged_citizens other ON other.cpr = s.previous_cpr`,
  },
  {
    kind: 'citizens',
    column: 'previous_cpr',
    expected: 'one person: the register has both numbers, as two citizens',
    sql: `SELECT s.line FROM staged_citizens s
      WHERE s.previous_cpr IS NOT NULL AND ${inRegister('cpr')} AND ${inRegister('previous_cpr')}`,
  },
  {
    kind: 'citizens',
    column: 'cpr',
    expected:
      'the number that the register has for this person: a citizen has one. For a new number, give the old one as previous_cpr',
    sql: `SELECT s.line FROM staged_citizens s
      JOIN citizen_identity i ON i.municipality = $1 AND i.uuid = s.uuid
      JOIN citizen c ON c.municipality = $1 AND c.id = i.citizen
      WHERE c.cpr <> s.cpr AND c.cpr IS DISTINCT FROM s.previous_cpr`,
  },
  {
    kind: 'citizens',
    column: 'uuid',
    expected: 'the UUID that the register has for this citizen',
    sql: `SELECT s.line FROM staged_citizens s
      JOIN citizen c ON c.municipality = $1 AND c.cpr = coalesce(s.previous_cpr, s.cpr)
      WHERE s.uuid IS NOT NULL
        AND EXISTS (SELECT FROM citizen_identity i WHERE i.municipality = $1 AND i.citizen = c.id)
        AND NOT EXISTS (SELECT FROM citizen_identity i WHERE i.municipality = $1 AND i.citizen = c.id AND i.uuid = s.uuid)`,
  },
  { kind: 'relatives', column: 'cpr', expected: aCitizen, sql: unknownCitizen('cpr') },
  { kind: 'relatives', column: 'relative_cpr', expected: aCitizen, sql: unknownCitizen('relative_cpr') },
  {
    kind: 'relatives',
    column: 'relative_cpr',
    expected: 'somebody else than the citizen',
    sql: 'SELECT line FROM staged_relatives WHERE cpr = relative_cpr',
  },
  {
    kind: 'relatives',
    column: 'custody',
    expected: 'nothing or false beside a spouse',
    sql: `SELECT line FROM staged_relatives WHERE kind = 'SPOUSE' AND custody = 'true'`,
  },
  {
    kind: 'clients',
    column: 'cvr',
    expected: anOrganisation,
    sql: unknown('clients', 'cvr', knownOrganisations, 'cvr'),
  },
  {
    kind: 'clients',
    column: 'jwks',
    expected: 'a kid that names no other key of this client, and none that was withdrawn',
    sql: `SELECT s.line FROM staged_clients s
      CROSS JOIN LATERAL json_to_recordset(s.jwks::json) AS given (kid text, jwk jsonb)
      JOIN system_client_key k ON k.municipality = $1 AND k.client = s.id::uuid AND k.kid = given.kid
      WHERE k.jwk <> given.jwk OR k.withdrawn_at IS NOT NULL`,
  },
  { kind: 'secretariats', column: 'unit', expected: aUnit, sql: unknown('secretariats', 'unit', knownUnits, 'code') },
  {
    kind: 'questions',
    column: 'wrong_1',
    expected: 'options that differ from each other',
    sql: `SELECT s.line FROM staged_questions s
      LEFT JOIN course_question t ON t.municipality = $1 AND t.code = s.code
      CROSS JOIN LATERAL unnest(ARRAY[s.right_answer, s.wrong_1,
        CASE WHEN 'wrong_2' = ANY (s.absent) THEN t.wrong_2 ELSE s.wrong_2 END,
        CASE WHEN 'wrong_3' = ANY (s.absent) THEN t.wrong_3 ELSE s.wrong_3 END]) AS option
      WHERE option IS NOT NULL GROUP BY s.line HAVING count(*) > count(DISTINCT option)`,
  },
];

/** Finds what is wrong among the staged rows, at most `most` lines of each rule. */
export async function problemsOf(
  query: Query,
  { municipality, full }: CheckScope,
  kinds: readonly Kind[],
  most: number,
): Promise<{ kind: KindName; problem: Problem }[]> {
  const found: { kind: KindName; problem: Problem }[] = [];
  const byKey = kinds.map(
    ({ name, key }): Check => ({
      kind: name,
      column: key.at(-1)!,
      expected: `${key.length > 1 ? `${key.join(' and ')} that stand` : `a ${key[0]} that stands`} in no line before`,
      sql: repeated(name, key),
    }),
  );
  const isStaged = new Set(kinds.map(({ name }) => name));
  for (const { kind, column, expected, sql } of [...byKey, ...checks.filter((check) => isStaged.has(check.kind))]) {
    // PostgreSQL cannot tell the type of a parameter that a statement does not name.
    const rows = await query<{ line: number }>(
      `WITH given AS (SELECT $1::text, $2::text[]) SELECT DISTINCT line FROM (${sql}) found ORDER BY line LIMIT ${most}`,
      [municipality, full],
    );
    found.push(...rows.map(({ line }) => ({ kind, problem: { line, column, expected } })));
  }
  return found;
}

/** Whether the municipality itself is known: with another's code by mistake, nobody would find these people again. */
export async function hasMunicipality(query: Query, municipality: string): Promise<boolean> {
  const [row] = await query<{ known: boolean }>(
    `SELECT EXISTS (SELECT FROM staged_organisations WHERE kind = 'MUNICIPALITY')
         OR EXISTS (SELECT FROM organisation WHERE municipality = $1 AND kind = 'MUNICIPALITY' AND left_at IS NULL) AS known`,
    [municipality],
  );
  return row!.known;
}

/** Takes rows out again. */
export const unstage = (query: Query, kind: KindName, lines: readonly number[]): Promise<unknown> =>
  query(`DELETE FROM staged_${kind} WHERE line = ANY ($1::int[])`, [lines]);
