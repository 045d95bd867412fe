/** SQL of signing in through an identity provider (005_sign_in.sql): requests, assertions, and whom an assertion is about. */
import type { Transaction } from '../../postgres/database.js';
import type { Alternatives, AssertedRight } from './privileges-map.js';

// ── requests and assertions ──

export interface SignInRequest {
  readonly municipality: string;
  readonly request: string;
  readonly browserHash: Buffer;
  readonly returnTo: string;
  readonly forceAuthn: boolean;
  readonly contexts: readonly string[];
  readonly begunAt: Date;
  readonly expiresAt: Date;
}

/** Stores a request. True if it is new. */
export async function insertRequest(tx: Transaction, asked: SignInRequest): Promise<boolean> {
  const inserted = await tx.rows(
    `INSERT INTO sign_in_request (municipality, request, browser_hash, return_to, force_authn, contexts, begun_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING request`,
    [
      asked.municipality,
      asked.request,
      asked.browserHash,
      asked.returnTo,
      asked.forceAuthn,
      asked.contexts,
      asked.begunAt,
      asked.expiresAt,
    ],
  );
  return inserted.length > 0;
}

export type UsedRequest = Pick<SignInRequest, 'returnTo' | 'forceAuthn' | 'contexts' | 'begunAt'>;

/** Uses up a request: of two simultaneous attempts exactly one succeeds. `null` if there is no usable request. */
export async function useRequest(
  tx: Transaction,
  municipality: string,
  request: string,
  browserHash: Buffer,
  now: Date,
): Promise<UsedRequest | null> {
  const [row] = await tx.rows<UsedRequest>(
    `UPDATE sign_in_request SET used_at = $4
     WHERE municipality = $1 AND request = $2 AND browser_hash = $3 AND used_at IS NULL AND expires_at > $4
     RETURNING return_to AS "returnTo", force_authn AS "forceAuthn", contexts, begun_at AS "begunAt"`,
    [municipality, request, browserHash, now],
  );
  return row ?? null;
}

export interface RequestState {
  readonly ofBrowser: boolean;
  readonly used: boolean;
}

/** Why a request could not be used; `null` if it is unknown. */
export async function requestState(
  tx: Transaction,
  municipality: string,
  request: string,
  browserHash: Buffer,
): Promise<RequestState | null> {
  const [row] = await tx.rows<RequestState>(
    `SELECT browser_hash = $3 AS "ofBrowser", used_at IS NOT NULL AS used FROM sign_in_request
     WHERE municipality = $1 AND request = $2`,
    [municipality, request, browserHash],
  );
  return row ?? null;
}

/** Records an assertion. True if it was not seen before. */
export async function rememberAssertion(
  tx: Transaction,
  municipality: string,
  issuer: string,
  assertion: string,
  until: Date,
): Promise<boolean> {
  const inserted = await tx.rows(
    `INSERT INTO assertion_seen VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING assertion`,
    [municipality, issuer, assertion, until],
  );
  return inserted.length > 0;
}

/** Removes outdated rows, a few at a time, and only for one sign-in at a time, so that no two wait for each other. */
export async function sweep(tx: Transaction, municipality: string, now: Date): Promise<void> {
  const [row] = await tx.rows<{ mine: boolean }>(
    `SELECT pg_try_advisory_xact_lock(hashtextextended('sweep sign-ins ' || $1, 0)) AS mine`,
    [municipality],
  );
  if (!row!.mine) return;
  await tx.rows(
    `DELETE FROM sign_in_request WHERE municipality = $1 AND request IN (
       SELECT request FROM sign_in_request WHERE municipality = $1 AND expires_at < $2 ORDER BY expires_at LIMIT 100)`,
    [municipality, now],
  );
  await tx.rows(
    `DELETE FROM assertion_seen WHERE municipality = $1 AND (issuer, assertion) IN (
       SELECT issuer, assertion FROM assertion_seen WHERE municipality = $1 AND until < $2 ORDER BY until LIMIT 100)`,
    [municipality, now],
  );
}

// ── whom an assertion is about ──

export interface KnownEmployee {
  readonly id: string;
  readonly name: string;
  readonly organisation: string;
  readonly cvr: string;
}

/** `uuid`: the identity provider's name of the professional. */
export async function employeeOf(tx: Transaction, municipality: string, uuid: string): Promise<KnownEmployee | null> {
  const [row] = await tx.rows<KnownEmployee>(
    `SELECT e.id, e.name, e.organisation, o.cvr
     FROM nemlogin_identity n
     JOIN employee e ON e.municipality = n.municipality AND e.id = n.employee
     JOIN organisation o ON o.municipality = e.municipality AND o.id = e.organisation
     WHERE n.municipality = $1 AND n.uuid = $2`,
    [municipality, uuid],
  );
  return row ?? null;
}

/** Whether an identity belongs to somebody who has left: known, but not to be seen (012_register.sql). */
export async function hasLeft(tx: Transaction, municipality: string, uuid: string): Promise<boolean> {
  const found = await tx.rows(
    `SELECT FROM nemlogin_identity n WHERE n.municipality = $1 AND n.uuid = $2
       AND NOT EXISTS (SELECT FROM employee e WHERE e.municipality = n.municipality AND e.id = n.employee)`,
    [municipality, uuid],
  );
  return found.length > 0;
}

/** Adds an employee; `false` if somebody with this identity was added at the same moment. */
export async function enterEmployee(
  tx: Transaction,
  municipality: string,
  uuid: string,
  employee: { readonly id: string; readonly name: string; readonly organisation: string },
): Promise<boolean> {
  // Of two simultaneous first sign-ins, the second waits here and finds the employee that the first has added.
  await tx.rows(`SELECT pg_advisory_xact_lock(hashtextextended('first sign-in ' || $1 || ' ' || $2, 0))`, [
    municipality,
    uuid,
  ]);
  if (await employeeOf(tx, municipality, uuid)) return false;
  await tx.rows(`INSERT INTO employee (municipality, id, name, organisation) VALUES ($1, $2, $3, $4)`, [
    municipality,
    employee.id,
    employee.name,
    employee.organisation,
  ]);
  await tx.rows(`INSERT INTO nemlogin_identity VALUES ($1, $2, $3)`, [municipality, uuid, employee.id]);
  return true;
}

export const updateEmployee = (
  tx: Transaction,
  municipality: string,
  { id, name, organisation }: { readonly id: string; readonly name: string; readonly organisation: string },
): Promise<unknown> =>
  tx.rows(
    `UPDATE employee SET name = $3, organisation = $4
     WHERE municipality = $1 AND id = $2 AND (name, organisation) IS DISTINCT FROM ($3, $4::uuid)`,
    [municipality, id, name, organisation],
  );

/** Ids of the citizens with this number and this UUID: none, one, or two that contradict each other. */
export async function citizensOf(
  tx: Transaction,
  municipality: string,
  cpr: string | null,
  uuid: string | null,
): Promise<string[]> {
  const rows = await tx.rows<{ id: string }>(
    `SELECT id FROM citizen WHERE municipality = $1 AND cpr = $2
     UNION SELECT c.id FROM citizen_identity i JOIN citizen c ON c.municipality = i.municipality AND c.id = i.citizen
     WHERE i.municipality = $1 AND i.uuid = $3`,
    [municipality, cpr, uuid],
  );
  return rows.map(({ id }) => id);
}

export const rememberCitizen = (tx: Transaction, municipality: string, uuid: string, citizen: string) =>
  tx.rows(`INSERT INTO citizen_identity VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, [municipality, uuid, citizen]);

export interface OrganisationOf {
  readonly id: string;
  readonly cvr: string;
  readonly pNumber: string | null;
}

/** Those of these companies and units that are in the register, the company as a whole before its units. */
export const organisationsOf = (
  tx: Transaction,
  municipality: string,
  cvrs: readonly string[],
  pNumbers: readonly string[],
): Promise<OrganisationOf[]> =>
  tx.rows(
    `SELECT id, cvr, p_number AS "pNumber" FROM organisation
     WHERE municipality = $1 AND (cvr = ANY ($2) OR p_number = ANY ($3))
     ORDER BY p_number COLLATE "C" NULLS FIRST, id`,
    [municipality, cvrs, pNumbers],
  );

// ── rights ──

/**
 * Replaces the rights that NemLog-in asserted before with those it asserts now. Rights that the municipality assigned itself stay as
 * they are.
 */
export async function syncRights(
  tx: Transaction,
  municipality: string,
  employee: string,
  rights: readonly AssertedRight[],
  now: Date,
): Promise<void> {
  const asserted = [municipality, employee, rights.map(({ code }) => code), rights.map((held) => held.organisation)];
  const constraints = rights.map((held) => JSON.stringify(held.constraints));
  await tx.rows(
    `DELETE FROM right_assignment WHERE municipality = $1 AND employee = $2 AND source = 'NEMLOGIN'
       AND (code, organisation) NOT IN (SELECT * FROM unnest($3::text[], $4::uuid[]))`,
    asserted,
  );
  await tx.rows(
    `UPDATE right_assignment held SET constraints = given.constraints
     FROM unnest($3::text[], $4::uuid[], $5::jsonb[]) AS given (code, organisation, constraints)
     WHERE held.municipality = $1 AND held.employee = $2 AND held.source = 'NEMLOGIN'
       AND held.code = given.code AND held.organisation = given.organisation
       AND held.constraints <> given.constraints`,
    [...asserted, constraints],
  );
  await tx.rows(
    `INSERT INTO right_assignment (municipality, employee, code, organisation, source, assigned_at, constraints)
     SELECT $1, $2, code, organisation, 'NEMLOGIN', $6, constraints
     FROM unnest($3::text[], $4::uuid[], $5::jsonb[]) AS given (code, organisation, constraints)
     ON CONFLICT DO NOTHING`,
    [...asserted, constraints, now],
  );
}

/** Whether an employee has a right that was assigned here, and not by the identity provider. */
export async function hasOwnRight(
  tx: Transaction,
  municipality: string,
  employee: string,
  code: string,
): Promise<boolean> {
  const found = await tx.rows(
    `SELECT FROM right_assignment WHERE municipality = $1 AND employee = $2 AND code = $3 AND source = 'LOCAL' LIMIT 1`,
    [municipality, employee, code],
  );
  return found.length > 0;
}

export interface Narrowing {
  readonly constraints: Alternatives;
  /** The unit where the employee works. */
  readonly id: string;
  readonly pNumber: string | null;
  /** Whether the right is held for the employee's own company. */
  readonly own: boolean;
}

export const narrowingOf = (
  tx: Transaction,
  municipality: string,
  employee: string,
  right: string,
): Promise<Narrowing[]> =>
  tx.rows(
    `SELECT r.constraints, u.id, u.p_number AS "pNumber", o.cvr = u.cvr AS own
     FROM right_assignment r
     JOIN organisation o ON o.municipality = r.municipality AND o.id = r.organisation
     JOIN employee e ON e.municipality = r.municipality AND e.id = r.employee
     JOIN organisation u ON u.municipality = e.municipality AND u.id = e.organisation
     WHERE r.municipality = $1 AND r.employee = $2 AND r.code = $3`,
    [municipality, employee, right],
  );
