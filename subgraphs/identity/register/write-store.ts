/**
 * SQL that brings the register up to what is staged, kind by kind. A row that is as it should be is not touched, so that an import
 * which is run twice changes nothing the second time.
 *
 * $1: the municipality. $2: the time.
 */
import type { Query } from '../../postgres/owner.js';
import type { KindName } from './kinds.js';
import { questions } from './questions-store.js';
import { relatives } from './relatives-store.js';
import { counted, ids, kept, type Write } from './upsert-store.js';

const organisations: Write = async (query, municipality) => {
  await query(
    `INSERT INTO municipality (municipality, name) SELECT $1, name FROM staged_organisations WHERE kind = 'MUNICIPALITY' LIMIT 1
     ON CONFLICT DO NOTHING`,
    [municipality],
  );
  const wanted = `SELECT cvr, name, kind, p_number, CASE WHEN kind = 'MUNICIPALITY' THEN $1 END AS part_of, absent
    FROM staged_organisations`;
  const changed = await ids(
    query,
    `UPDATE organisation t SET name = s.name, kind = s.kind, p_number = ${kept('p_number')}, part_of = s.part_of, left_at = NULL
     FROM (${wanted}) s
     WHERE t.municipality = $1 AND t.registered AND t.code IS NULL AND t.cvr = s.cvr
       AND (t.name, t.kind, t.p_number, t.part_of, t.left_at)
           IS DISTINCT FROM (s.name, s.kind, ${kept('p_number')}, s.part_of, NULL)
     RETURNING t.id`,
    [municipality],
  );
  // Whether an organisation is part of the municipality decides what its employees may (powers/store.ts).
  await query(
    `SELECT tell_access_change($1, array_agg(e.id)) FROM employee e
     WHERE e.municipality = $1 AND e.organisation = ANY ($2::uuid[])`,
    [municipality, changed],
  );
  const added = await ids(
    query,
    `INSERT INTO organisation (municipality, id, cvr, p_number, name, kind, part_of, registered)
     SELECT $1, gen_random_uuid(), s.cvr, s.p_number, s.name, s.kind, s.part_of, true FROM (${wanted}) s
     WHERE NOT EXISTS (SELECT FROM organisation o
                       WHERE o.municipality = $1 AND o.registered AND o.code IS NULL AND o.cvr = s.cvr)
     RETURNING id`,
    [municipality],
  );
  return { added: added.length, changed: changed.length };
};

/** A unit of the municipality is a department of it. A unit of another organisation is what that organisation is. */
const wantedUnits = `SELECT s.absent, s.code, s.cvr, s.p_number, s.name, company.part_of,
    CASE WHEN company.kind = 'MUNICIPALITY' THEN 'DEPARTMENT' ELSE company.kind END AS kind
  FROM staged_units s
  JOIN organisation company
    ON company.municipality = $1 AND company.registered AND company.code IS NULL AND company.cvr = s.cvr`;

/** Before the employees. Managers follow after them. */
const units: Write = async (query, municipality) => {
  const changed = await ids(
    query,
    `UPDATE organisation t SET cvr = s.cvr, p_number = ${kept('p_number')}, name = s.name, kind = s.kind, part_of = s.part_of,
       left_at = NULL
     FROM (${wantedUnits}) s
     WHERE t.municipality = $1 AND t.code = s.code
       AND (t.cvr, t.p_number, t.name, t.kind, t.part_of, t.left_at)
           IS DISTINCT FROM (s.cvr, ${kept('p_number')}, s.name, s.kind, s.part_of, NULL)
     RETURNING t.id`,
    [municipality],
  );
  await query(
    `SELECT tell_access_change($1, array_agg(e.id)) FROM employee e
     WHERE e.municipality = $1 AND e.organisation = ANY ($2::uuid[])`,
    [municipality, changed],
  );
  const added = await ids(
    query,
    `INSERT INTO organisation (municipality, id, code, cvr, p_number, name, kind, part_of, registered)
     SELECT $1, gen_random_uuid(), s.code, s.cvr, s.p_number, s.name, s.kind, s.part_of, true FROM (${wantedUnits}) s
     WHERE NOT EXISTS (SELECT FROM organisation o WHERE o.municipality = $1 AND o.code = s.code)
     RETURNING id`,
    [municipality],
  );
  const moved = await ids(
    query,
    `UPDATE organisation o SET parent = above.id
     FROM staged_units s LEFT JOIN organisation above ON above.municipality = $1 AND above.code = s.parent
     WHERE o.municipality = $1 AND o.code = s.code AND o.parent IS DISTINCT FROM above.id
       AND NOT coalesce('parent' = ANY (s.absent), false)
     RETURNING o.id`,
    [municipality],
  );
  return { added: added.length, changed: new Set([...changed, ...moved].filter((id) => !added.includes(id))).size };
};

/** Returns how many units have another manager now. */
export const writeManagers = async (query: Query, municipality: string): Promise<number> =>
  counted(
    query,
    `UPDATE organisation o SET manager = n.employee
     FROM staged_units s LEFT JOIN nemlogin_identity n ON n.municipality = $1 AND n.uuid = s.manager
     WHERE o.municipality = $1 AND o.code = s.code AND o.manager IS DISTINCT FROM n.employee
       AND NOT coalesce('manager' = ANY (s.absent), false)
     RETURNING o.id`,
    [municipality],
  );

/** Where each employee works: the unit, or the organisation as a whole. Without the column: where they do, if the employer is the same. */
const wantedEmployees = `SELECT s.absent, s.uuid, s.name, s.email, s.left_on IS NOT NULL AS has_left, s.cvr,
    coalesce(unit.id, CASE WHEN 'unit' = ANY (s.absent) AND now.cvr = s.cvr THEN now.id END, company.id) AS organisation
  FROM staged_employees s
  JOIN organisation company
    ON company.municipality = $1 AND company.registered AND company.code IS NULL AND company.cvr = s.cvr
  LEFT JOIN organisation unit ON unit.municipality = $1 AND unit.code = s.unit
  LEFT JOIN nemlogin_identity known ON known.municipality = $1 AND known.uuid = s.uuid
  LEFT JOIN employee ON employee.municipality = $1 AND employee.id = known.employee
  LEFT JOIN organisation now ON now.municipality = $1 AND now.id = employee.organisation`;

const employees: Write = async (query, municipality, now) => {
  // Whoever changes work keeps no right in another company. The table ends the grants (015_single_cases.sql).
  await query(
    `WITH moved AS (
       SELECT e.id, s.cvr FROM (${wantedEmployees}) s
       JOIN nemlogin_identity n ON n.municipality = $1 AND n.uuid = s.uuid
       JOIN employee e ON e.municipality = $1 AND e.id = n.employee
       WHERE e.organisation <> s.organisation
     )
     DELETE FROM right_assignment held USING moved, organisation place
     WHERE held.municipality = $1 AND held.employee = moved.id
       AND place.municipality = $1 AND place.id = held.organisation AND place.cvr <> moved.cvr`,
    [municipality],
  );
  const changed = await counted(
    query,
    `UPDATE employee t SET name = s.name, organisation = s.organisation, email = ${kept('email')}, registered = true, left_at = NULL
     FROM (${wantedEmployees}) s JOIN nemlogin_identity n ON n.municipality = $1 AND n.uuid = s.uuid
     WHERE t.municipality = $1 AND t.id = n.employee
       AND ((t.name, t.organisation, t.email, t.registered) IS DISTINCT FROM (s.name, s.organisation, ${kept('email')}, true)
            OR (t.left_at IS NOT NULL AND NOT s.has_left))
       AND NOT (t.left_at IS NOT NULL AND s.has_left)
     RETURNING t.id`,
    [municipality],
  );
  const [entered] = await query<{ count: number }>(
    `WITH fresh AS MATERIALIZED (
       SELECT gen_random_uuid() AS id, s.* FROM (${wantedEmployees}) s
       WHERE NOT EXISTS (SELECT FROM nemlogin_identity n WHERE n.municipality = $1 AND n.uuid = s.uuid)
     ), entered AS (
       INSERT INTO employee (municipality, id, name, organisation, email, registered, left_at)
       SELECT $1, id, name, organisation, email, true, CASE WHEN has_left THEN $2::timestamptz END FROM fresh
     ), named AS (
       INSERT INTO nemlogin_identity (municipality, uuid, employee) SELECT $1, uuid, id FROM fresh RETURNING employee
     )
     SELECT count(*) FROM named`,
    [municipality, now],
  );
  return { added: entered!.count, changed };
};

const wantedCitizens = `SELECT absent, cpr, previous_cpr, uuid, name, born_on::date, coalesce(street, '') AS street,
    coalesce(postcode, '') AS postcode, coalesce(city, '') AS city, coalesce(name_protected, 'false')::boolean AS name_protected,
    coalesce(address_protected, 'false')::boolean AS address_protected, moved_away_on::date, died_on::date
  FROM staged_citizens`;
const citizenColumns =
  'name, born_on, street, postcode, city, name_protected, address_protected, moved_away_on, died_on';
const citizenValues = (value: (column: string) => string) => citizenColumns.split(', ').map(value).join(', ');
const of = (row: string) => citizenValues((column) => `${row}.${column}`);

const citizens: Write = async (query, municipality) => {
  const renumbered = await ids(
    query,
    `UPDATE citizen c SET cpr = s.cpr FROM staged_citizens s
     WHERE c.municipality = $1 AND s.previous_cpr IS NOT NULL AND c.cpr = s.previous_cpr
       AND NOT EXISTS (SELECT FROM citizen other WHERE other.municipality = $1 AND other.cpr = s.cpr)
     RETURNING c.id`,
    [municipality],
  );
  const changed = await counted(
    query,
    `UPDATE citizen t SET (${citizenColumns}, left_at) = ROW (${citizenValues(kept)}, NULL) FROM (${wantedCitizens}) s
     WHERE t.municipality = $1 AND t.cpr = s.cpr
       AND (${of('t')}, t.left_at, t.id = ANY ($2::uuid[])) IS DISTINCT FROM (${citizenValues(kept)}, NULL, false)
     RETURNING t.id`,
    [municipality, renumbered],
  );
  const added = await counted(
    query,
    `INSERT INTO citizen (municipality, id, cpr, ${citizenColumns})
     SELECT $1, gen_random_uuid(), s.cpr, ${of('s')} FROM (${wantedCitizens}) s
     WHERE NOT EXISTS (SELECT FROM citizen c WHERE c.municipality = $1 AND c.cpr = s.cpr)
     RETURNING id`,
    [municipality],
  );
  await query(
    `INSERT INTO citizen_identity (municipality, uuid, citizen)
     SELECT $1, s.uuid, c.id FROM staged_citizens s JOIN citizen c ON c.municipality = $1 AND c.cpr = s.cpr
     WHERE s.uuid IS NOT NULL ON CONFLICT DO NOTHING`,
    [municipality],
  );
  return { added, changed };
};

const wantedClients = `SELECT s.id::uuid, s.name, string_to_array(s.scopes, ' ') AS scopes, company.id AS organisation, s.jwks::json,
    s.left_on IS NOT NULL AS has_left
  FROM staged_clients s
  JOIN organisation company
    ON company.municipality = $1 AND company.registered AND company.code IS NULL AND company.cvr = s.cvr`;

const clients: Write = async (query, municipality, now) => {
  const changed = await ids(
    query,
    `UPDATE system_client c SET name = s.name, scopes = s.scopes, organisation = s.organisation,
       left_at = CASE WHEN s.has_left THEN c.left_at END
     FROM (${wantedClients}) s
     WHERE c.municipality = $1 AND c.id = s.id
       AND ((c.name, c.scopes, c.organisation) IS DISTINCT FROM (s.name, s.scopes, s.organisation)
            OR (c.left_at IS NOT NULL AND NOT s.has_left))
     RETURNING c.id`,
    [municipality],
  );
  const added = await ids(
    query,
    `INSERT INTO system_client (municipality, id, name, organisation, scopes, left_at)
     SELECT $1, s.id, s.name, s.organisation, s.scopes, CASE WHEN s.has_left THEN $2::timestamptz END FROM (${wantedClients}) s
     WHERE NOT EXISTS (SELECT FROM system_client c WHERE c.municipality = $1 AND c.id = s.id)
     RETURNING id`,
    [municipality, now],
  );
  // Where the file gives keys, it gives all of them.
  const given = `SELECT s.id AS client, k.kid, k.jwk FROM (${wantedClients}) s
    CROSS JOIN LATERAL json_to_recordset(s.jwks) AS k (kid text, jwk jsonb) WHERE s.jwks IS NOT NULL`;
  const withdrawn = await ids(
    query,
    `UPDATE system_client_key k SET withdrawn_at = $2
     WHERE k.municipality = $1 AND k.withdrawn_at IS NULL
       AND EXISTS (SELECT FROM (${wantedClients}) s WHERE s.id = k.client AND s.jwks IS NOT NULL)
       AND NOT EXISTS (SELECT FROM (${given}) g WHERE g.client = k.client AND g.kid = k.kid)
     RETURNING k.client AS id`,
    [municipality, now],
  );
  const registered = await ids(
    query,
    `INSERT INTO system_client_key (municipality, id, client, kid, jwk, source, registered_at)
     SELECT $1, gen_random_uuid(), g.client, g.kid, g.jwk, 'JWK', $2 FROM (${given}) g
     ON CONFLICT DO NOTHING RETURNING client AS id`,
    [municipality, now],
  );
  const touched = [...changed, ...withdrawn, ...registered].filter((id) => !added.includes(id));
  return { added: added.length, changed: new Set(touched).size };
};

const secretariats: Write = async (query, municipality) => ({
  added: await counted(
    query,
    `INSERT INTO secretariat (municipality, authority, unit)
     SELECT $1, s.authority, o.id FROM staged_secretariats s JOIN organisation o ON o.municipality = $1 AND o.code = s.unit
     ON CONFLICT DO NOTHING RETURNING unit`,
    [municipality],
  ),
  changed: 0,
});

/** An account that was linked stays as it is. */
const accounts: Write = async (query, municipality) => ({
  changed: await counted(
    query,
    `UPDATE legacy_account t SET password_hash = s.hash, cvr = ${kept('cvr')} FROM staged_accounts s
     WHERE t.municipality = $1 AND t.user_name = s.user_name AND t.employee IS NULL
       AND (t.password_hash, t.cvr) IS DISTINCT FROM (s.hash, ${kept('cvr')})
     RETURNING t.user_name`,
    [municipality],
  ),
  added: await counted(
    query,
    `INSERT INTO legacy_account (municipality, user_name, password_hash, cvr)
     SELECT $1, user_name, hash, cvr FROM staged_accounts ON CONFLICT DO NOTHING RETURNING user_name`,
    [municipality],
  ),
});

export const writers: Readonly<Record<KindName, Write>> = {
  ...{ organisations, units, employees, citizens },
  ...{ relatives, clients, secretariats, accounts, questions },
};
