/**
 * SQL of people and organisations. Every query names the municipality, so that the key's index is used. The policies
 * (001_identity.sql) make sure that a row of another one is never returned.
 *
 * Times come from the room's clock, never from the database's, so that tests and replicas share one.
 */
import type { Paging } from '../../kit/paging.js';
import type { Transaction } from '../../postgres/database.js';
import { isLockedOut, lacksCourse, usedSince } from '../accounts/store.js';
import type { CitizenOrder, OrganisationKind, RelativeKind, RightCode, RightSource } from '../enums.js';

export interface CitizenRow {
  readonly __typename: 'Citizen';
  readonly id: string;
  readonly cpr: string;
  readonly name: string;
  readonly municipalityCode: string;
  /** `null`: none is registered, or it is protected. */
  readonly address: { readonly street: string; readonly postcode: string; readonly city: string } | null;
}
export interface EmployeeRow {
  readonly __typename: 'Employee';
  readonly id: string;
  readonly name: string;
  readonly organisationId: string;
}
export interface SystemClientRow {
  readonly __typename: 'SystemClient';
  readonly id: string;
  readonly name: string;
  readonly organisationId: string;
  readonly scopes: string[];
}
export type PersonRow = CitizenRow | EmployeeRow | SystemClientRow;
export interface OrganisationRow {
  readonly id: string;
  readonly cvr: string;
  readonly pNumber: string | null;
  readonly name: string;
  readonly kind: OrganisationKind;
  readonly partOf: string | null;
}
export interface RightRow {
  readonly employee: string;
  readonly code: RightCode;
  readonly organisationId: string;
  readonly source: RightSource;
  /** Whether it is held for the employee's own company, not on behalf of another. */
  readonly own: boolean;
}
export interface RelationRow {
  readonly citizen: string;
  readonly relative: string;
  readonly kind: RelativeKind;
}
export interface MunicipalityRow {
  readonly code: string;
  readonly name: string;
}
/** A row of a list, with the value by which the list is sorted. */
export type SortedPerson<Row> = Row & { readonly sortKey: string };

const oneself = `((SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Citizen'
    AND id::text = (SELECT nullif(current_setting('sluse.person', true), '')))`;
/** A protected name is not shown to private parties. Whoever may see it: 018_custody.sql. */
const nameShown = `(NOT name_protected OR (SELECT sees_protected_names()) OR ${oneself})`;
/** A protected address is shown to whose task needs it. That it is missing tells nothing: others have none. */
const addressShown = `((NOT address_protected OR (SELECT sees_protected_addresses()) OR ${oneself}) AND ${nameShown})`;

const citizenColumns = `'Citizen' AS "__typename", id, cpr, municipality AS "municipalityCode",
  CASE WHEN ${nameShown} THEN name ELSE 'Navnebeskyttet' END AS name,
  CASE WHEN street <> '' AND ${addressShown}
    THEN json_build_object('street', street, 'postcode', postcode, 'city', city) END AS address`;
const employeeColumns = `'Employee' AS "__typename", id, name, organisation AS "organisationId"`;

// ── rows by key: what the loaders ask for ──

export const citizensById = (tx: Transaction, municipality: string, ids: readonly string[]): Promise<CitizenRow[]> =>
  tx.rows(`SELECT ${citizenColumns} FROM citizen WHERE municipality = $1 AND id = ANY ($2::uuid[])`, [
    municipality,
    ids,
  ]);

/** `cpr`: ten digits. */
export async function citizenByCpr(tx: Transaction, municipality: string, cpr: string): Promise<CitizenRow | null> {
  const [row] = await tx.rows<CitizenRow>(
    `SELECT ${citizenColumns} FROM citizen WHERE municipality = $1 AND cpr = $2`,
    [municipality, cpr],
  );
  return row ?? null;
}

/** Those of the CPR numbers and ids who are in the register, with what each was asked for by. */
export const matchedCitizens = (
  tx: Transaction,
  municipality: string,
  cprs: readonly string[],
  ids: readonly string[],
): Promise<{ asked: string; id: string }[]> =>
  tx.rows(
    `SELECT cpr AS asked, id FROM citizen WHERE municipality = $1 AND cpr = ANY ($2::text[])
     UNION ALL
     SELECT id::text, id FROM citizen WHERE municipality = $1 AND id = ANY ($3::uuid[])`,
    [municipality, cprs, ids],
  );

export const employeesById = (tx: Transaction, municipality: string, ids: readonly string[]): Promise<EmployeeRow[]> =>
  tx.rows(`SELECT ${employeeColumns} FROM employee WHERE municipality = $1 AND id = ANY ($2::uuid[])`, [
    municipality,
    ids,
  ]);

export const systemClientsById = (
  tx: Transaction,
  municipality: string,
  ids: readonly string[],
): Promise<SystemClientRow[]> =>
  tx.rows(
    `SELECT 'SystemClient' AS "__typename", id, name, organisation AS "organisationId", scopes
     FROM system_client WHERE municipality = $1 AND id = ANY ($2::uuid[])`,
    [municipality, ids],
  );

export const organisationsById = (
  tx: Transaction,
  municipality: string,
  ids: readonly string[],
): Promise<OrganisationRow[]> =>
  tx.rows(
    `SELECT id, cvr, p_number AS "pNumber", name, kind, part_of AS "partOf"
     FROM organisation WHERE municipality = $1 AND id = ANY ($2::uuid[])`,
    [municipality, ids],
  );

export const municipalitiesByCode = (tx: Transaction, codes: readonly string[]): Promise<MunicipalityRow[]> =>
  tx.rows(`SELECT municipality AS code, name FROM municipality WHERE municipality = ANY ($1::text[])`, [codes]);

export const rightsOfEmployees = (
  tx: Transaction,
  municipality: string,
  employees: readonly string[],
): Promise<RightRow[]> =>
  tx.rows(
    `SELECT held.employee, held.code, held.organisation AS "organisationId", held.source, place.cvr = unit.cvr AS own
     FROM right_assignment held
     JOIN organisation place ON place.municipality = held.municipality AND place.id = held.organisation
     JOIN employee holder ON holder.municipality = held.municipality AND holder.id = held.employee
     JOIN organisation unit ON unit.municipality = held.municipality AND unit.id = holder.organisation
     WHERE held.municipality = $1 AND held.employee = ANY ($2::uuid[])
     ORDER BY held.employee, held.assigned_at, held.code COLLATE "C", held.organisation`,
    [municipality, employees],
  );

export const relationsOfCitizens = (
  tx: Transaction,
  municipality: string,
  citizens: readonly string[],
): Promise<RelationRow[]> =>
  tx.rows(
    `SELECT citizen, relative, kind FROM relation WHERE municipality = $1 AND citizen = ANY ($2::uuid[])
     ORDER BY citizen, kind COLLATE "C", relative`,
    [municipality, citizens],
  );

// ── searching ──

export interface CitizenCriteria {
  readonly nameContains: string | null;
  readonly cpr: string | null;
  readonly bornFrom: string | null;
  readonly bornTo: string | null;
  readonly street: string | null;
}

/** Whose name is not shown is not found either: conditions, order and cursors would tell it. */
const citizenMatches = `municipality = $1 AND ${nameShown}
  AND ($2::text IS NULL OR strpos(name_folded, folded($2)) > 0)
  AND ($3::text IS NULL OR cpr = $3)
  AND ($4::date IS NULL OR born_on >= $4)
  AND ($5::date IS NULL OR born_on <= $5)
  AND ($6::text IS NULL OR (${addressShown} AND starts_with(folded(street), folded($6))))`;

/** Column, type and direction of the sort key, by order. Constant text: no caller's value becomes SQL. */
const citizenOrders = {
  NAME_ASC: { key: 'name_folded', type: 'text', beyond: '>', direction: 'ASC' },
  NAME_DESC: { key: 'name_folded', type: 'text', beyond: '<', direction: 'DESC' },
  BORN_ON_ASC: { key: 'born_on', type: 'date', beyond: '>', direction: 'ASC' },
  BORN_ON_DESC: { key: 'born_on', type: 'date', beyond: '<', direction: 'DESC' },
} as const satisfies Record<CitizenOrder, object>;

const citizenValues = (municipality: string, criteria: CitizenCriteria) => [
  municipality,
  criteria.nameContains,
  criteria.cpr,
  criteria.bornFrom,
  criteria.bornTo,
  criteria.street,
];

/** Returns one row more than the page holds, if there is one. */
export function findCitizens(
  tx: Transaction,
  municipality: string,
  criteria: CitizenCriteria,
  order: CitizenOrder,
  { size, after }: Paging,
): Promise<SortedPerson<CitizenRow>[]> {
  const { key, type, beyond, direction } = citizenOrders[order];
  return tx.rows(
    `SELECT ${citizenColumns}, ${key}::text AS "sortKey" FROM citizen
     WHERE ${citizenMatches} AND ($7::${type} IS NULL OR (${key}, id) ${beyond} ($7::${type}, $8::uuid))
     ORDER BY ${key} ${direction}, id ${direction} LIMIT $9`,
    [...citizenValues(municipality, criteria), after?.key, after?.id, size + 1],
  );
}

export const countCitizens = (tx: Transaction, municipality: string, criteria: CitizenCriteria): Promise<number> =>
  counted(tx, `SELECT count(*) FROM citizen WHERE ${citizenMatches}`, citizenValues(municipality, criteria));

export interface EmployeeCriteria {
  readonly organisation: string | null;
  readonly nameContains: string | null;
  readonly right: RightCode | null;
  /** Holds at least one of these. */
  readonly rights: readonly RightCode[] | null;
  /** Only of units that the viewer leads. */
  readonly led: boolean;
  readonly notUsedSince: Date | null;
  readonly lacksCourse: boolean | null;
  readonly lockedOut: boolean | null;
  readonly now: Date;
}

const holds = (codes: string) => `EXISTS (
    SELECT FROM right_assignment held
    WHERE held.municipality = e.municipality AND held.employee = e.id AND held.code = ANY (${codes}))`;

/** Whoever has left is found no more, and is still named where the log or a case names them (`employeesById`). */
const employeeMatches = `e.municipality = $1 AND e.left_at IS NULL
  AND ($2::uuid IS NULL OR e.organisation = $2)
  AND ($3::text IS NULL OR strpos(e.name_folded, folded($3)) > 0)
  AND ($4::text IS NULL OR ${holds('ARRAY[$4]')})
  AND ($5::text[] IS NULL OR ${holds('$5')})
  AND (NOT $6::boolean OR e.organisation = ANY ((SELECT led_units())::uuid[]))
  AND ($7::timestamptz IS NULL OR NOT ${usedSince('$7')})
  AND ($8::boolean IS NULL OR $8 = ${lacksCourse('$10::timestamptz')})
  AND ($9::boolean IS NULL OR $9 = ${isLockedOut})`;

const employeeValues = (municipality: string, criteria: EmployeeCriteria) => [
  ...[municipality, criteria.organisation, criteria.nameContains, criteria.right, criteria.rights, criteria.led],
  ...[criteria.notUsedSince, criteria.lacksCourse, criteria.lockedOut, criteria.now],
];

/** By name. Returns one row more than the page holds, if there is one. */
export const findEmployees = (
  tx: Transaction,
  municipality: string,
  criteria: EmployeeCriteria,
  { size, after }: Paging,
): Promise<SortedPerson<EmployeeRow>[]> =>
  tx.rows(
    `SELECT ${employeeColumns}, name_folded AS "sortKey" FROM employee e
     WHERE ${employeeMatches} AND ($11::text IS NULL OR (name_folded, id) > ($11, $12::uuid))
     ORDER BY name_folded, id LIMIT $13`,
    [...employeeValues(municipality, criteria), after?.key, after?.id, size + 1],
  );

export const countEmployees = (tx: Transaction, municipality: string, criteria: EmployeeCriteria): Promise<number> =>
  counted(tx, `SELECT count(*) FROM employee e WHERE ${employeeMatches}`, employeeValues(municipality, criteria));

async function counted(tx: Transaction, sql: string, values: readonly unknown[]): Promise<number> {
  const [row] = await tx.rows<{ count: number }>(sql, values);
  return row!.count;
}

// ── notices ──

/** When the next notice is due: two months after the last one was acknowledged. `null` if none was ever acknowledged. */
export async function noticeDueAt(tx: Transaction, municipality: string, employee: string): Promise<Date | null> {
  const [row] = await tx.rows<{ dueAt: Date | null }>(
    `SELECT max(acknowledged_at) + interval '2 months' AS "dueAt" FROM notice_acknowledgement
     WHERE municipality = $1 AND employee = $2`,
    [municipality, employee],
  );
  return row?.dueAt ?? null;
}

export const acknowledgeNotice = (
  tx: Transaction,
  municipality: string,
  employee: string,
  at: Date,
): Promise<unknown> =>
  tx.rows(`INSERT INTO notice_acknowledgement VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, [
    municipality,
    employee,
    at,
  ]);
