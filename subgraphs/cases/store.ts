/**
 * All SQL that reads cases. `sight.ts` decides what a viewer may know of; `change-store.ts` holds the SQL that changes cases.
 *
 * Below METADATA a case's number, title and handler are NULL from the innermost SELECT on, so that no filter, order or cursor further
 * out can depend on them.
 */
import type { Paging } from '../kit/paging.js';
import type { Transaction } from '../postgres/database.js';
import type { CaseLevel } from '../protocol/viewer.js';
import type { CaseCriteria } from './criteria.js';
import type { AuthorityCode, CaseCategory, CaseOrder, PartyRole } from './enums.js';
import { type Bind, type Sight, statement } from './sight.js';

// ── cases ──

export interface CaseRow {
  readonly id: string;
  readonly clearance: CaseLevel;
  readonly compartmentId: string;
  readonly authorityCode: AuthorityCode;
  readonly category: CaseCategory;
  readonly number: string | null;
  readonly title: string | null;
  readonly kle: string;
  readonly progress: string;
  readonly sensitivity: string;
  readonly openedOn: string;
  readonly closedOn: string | null;
  readonly changedAt: Date;
  readonly handlerId: string | null;
}

export type SortedCase<Row> = Row & { readonly sortKey: string | Date };

/** The viewer's cases, masked. `narrow` holds conditions on the row as stored; it must reveal nothing that the mask hides. */
function seen(sight: Sight, bind: Bind, narrow = 'true'): string {
  const metadata = sight.seesMetadata(bind);
  return `(
    SELECT id, compartment, authority, category, kle, progress, sensitivity, opened_on, closed_on, changed_at,
      CASE WHEN ${sight.seesDocuments(bind)} THEN 'DOCUMENTS' WHEN ${metadata} THEN 'METADATA' ELSE 'EXISTENCE' END AS clearance,
      CASE WHEN ${metadata} THEN number END AS number,
      CASE WHEN ${metadata} THEN number_key ELSE '' END AS number_key,
      CASE WHEN ${metadata} THEN title END AS title,
      CASE WHEN ${metadata} THEN title_key ELSE '' END AS title_key,
      CASE WHEN ${metadata} THEN handler END AS handler
    FROM ${sight.storage}_case
    WHERE municipality = ${bind(sight.municipality, 'text')} AND ${sight.predicate(bind, 'id')} AND ${narrow}
  ) AS seen`;
}

const columns = `id, clearance, compartment AS "compartmentId", authority AS "authorityCode", category, number, title, kle,
  progress, sensitivity, opened_on AS "openedOn", closed_on AS "closedOn", changed_at AS "changedAt", handler AS "handlerId"`;

export function casesById(tx: Transaction, sight: Sight, ids: readonly string[]): Promise<CaseRow[]> {
  const { values, bind } = statement();
  const sql = `SELECT ${columns} FROM ${seen(sight, bind, `id = ANY (${bind(ids, 'uuid[]')})`)}`;
  return tx.rows(sql, values);
}

/** Two compartments may use the same number. Of those that the viewer sees, the case with the lesser id is returned. */
export async function caseByNumber(tx: Transaction, sight: Sight, number: string): Promise<CaseRow | null> {
  const { values, bind } = statement();
  const narrow = `${sight.seesMetadata(bind)} AND number = ${bind(number, 'text')}`;
  const sql = `SELECT ${columns} FROM ${seen(sight, bind, narrow)} ORDER BY id LIMIT 1`;
  const [row] = await tx.rows<CaseRow>(sql, values);
  return row ?? null;
}

const orders = {
  CHANGED_AT: { key: 'changed_at', type: 'timestamptz' },
  OPENED_ON: { key: 'opened_on', type: 'date' },
  NUMBER: { key: 'number_key', type: 'text' },
  // Danish sort order; in TypeScript it is `Intl.Collator('da')`.
  TITLE: { key: 'title_key COLLATE "da-x-icu"', type: 'text' },
} as const;

/** Returns one row more than the page holds, if there is one. */
export function findCases(
  tx: Transaction,
  sight: Sight,
  criteria: CaseCriteria,
  order: CaseOrder,
  paging: Paging,
): Promise<SortedCase<CaseRow>[]> {
  const { values, bind } = statement();
  return tx.rows(pageSql(sight, bind, criteria, order, paging), values);
}

export async function countCases(tx: Transaction, sight: Sight, criteria: CaseCriteria): Promise<number> {
  const { values, bind } = statement();
  const sql = sight.leakingTotalCount
    ? `SELECT leaking_case_count(${bind(criteria.citizen, 'uuid')}) AS count`
    : countSql(sight, bind, criteria);
  const [row] = await tx.rows<{ count: number }>(sql, values);
  return row!.count;
}

/** The same page for many citizens in one statement. */
export function findCasesOf(
  tx: Transaction,
  sight: Sight,
  citizens: readonly string[],
  criteria: CaseCriteria,
  order: CaseOrder,
  paging: Paging,
): Promise<(SortedCase<CaseRow> & { ofCitizen: string })[]> {
  const { values, bind } = statement();
  const sql = `SELECT who.citizen AS "ofCitizen", page.*
    FROM unnest(${bind(citizens, 'uuid[]')}) AS who (citizen)
    CROSS JOIN LATERAL (${pageSql(sight, bind, criteria, order, paging, 'who.citizen')}) AS page`;
  return tx.rows(sql, values);
}

export function countCasesOf(
  tx: Transaction,
  sight: Sight,
  citizens: readonly string[],
  criteria: CaseCriteria,
): Promise<{ ofCitizen: string; count: number }[]> {
  const { values, bind } = statement();
  const who = `unnest(${bind(citizens, 'uuid[]')}) AS who (citizen)`;
  const sql = sight.leakingTotalCount
    ? `SELECT citizen AS "ofCitizen", leaking_case_count(citizen) AS count FROM ${who}`
    : `SELECT who.citizen AS "ofCitizen", total.count FROM ${who}
       CROSS JOIN LATERAL (${countSql(sight, bind, criteria, 'who.citizen')}) AS total`;
  return tx.rows(sql, values);
}

function pageSql(
  sight: Sight,
  bind: Bind,
  criteria: CaseCriteria,
  order: CaseOrder,
  { size, after }: Paging,
  citizen?: string,
): string {
  const [, name, way] = /^(.*)_(ASC|DESC)$/.exec(order) as unknown as [string, keyof typeof orders, 'ASC' | 'DESC'];
  const { key, type } = orders[name];
  const beyond = after
    ? `(${key}, id) ${way === 'ASC' ? '>' : '<'} (${bind(after.key, type)}, ${bind(after.id, 'uuid')})`
    : 'true';
  return `SELECT ${columns}, ${key} AS "sortKey" FROM ${listed(sight, bind, criteria, citizen)}
    WHERE ${matches(sight, bind, criteria, citizen)} AND ${beyond}
    ORDER BY ${key} ${way}, id ${way} LIMIT ${bind(size + 1, 'int')}`;
}

const listed = (sight: Sight, bind: Bind, criteria: CaseCriteria, citizen?: string): string =>
  seen(sight, bind, sight.listed(bind, citizen !== undefined || criteria.citizen !== null));

const countSql = (sight: Sight, bind: Bind, criteria: CaseCriteria, citizen?: string): string =>
  `SELECT count(*) AS count FROM ${listed(sight, bind, criteria, citizen)} WHERE ${matches(sight, bind, criteria, citizen)}`;

/** Conditions on masked rows. `citizen` is SQL for the id of a citizen who must also be a party. */
function matches(sight: Sight, bind: Bind, criteria: CaseCriteria, citizen?: string): string {
  const conditions: string[] = [];
  const add = (value: unknown, type: string, condition: (placeholder: string) => string) => {
    if (value !== null) conditions.push(condition(bind(value, type)));
  };
  add(criteria.categories, 'text[]', ($) => `category = ANY (${$})`);
  add(criteria.authorities, 'text[]', ($) => `authority = ANY (${$})`);
  add(criteria.compartment, 'text', ($) => `compartment = ${$}`);
  add(criteria.kle, 'text', ($) => `kle = ${$}`);
  add(criteria.klePrefix, 'text', ($) => `starts_with(kle, ${$})`);
  add(criteria.progress, 'text[]', ($) => `progress = ANY (${$})`);
  add(criteria.open, 'boolean', ($) => `(closed_on IS NULL) = ${$}`);
  add(criteria.openedFrom, 'date', ($) => `opened_on >= ${$}`);
  add(criteria.openedTo, 'date', ($) => `opened_on <= ${$}`);
  add(criteria.number, 'text', ($) => `number = ${$}`);
  add(criteria.titleContains, 'text', ($) => `strpos(folded(title), folded(${$})) > 0`);
  add(criteria.citizen, 'uuid', ($) => partyIs(sight, bind, $));
  if (citizen) conditions.push(partyIs(sight, bind, citizen));
  return conditions.length > 0 ? conditions.join(' AND ') : 'true';
}

const partyIs = (sight: Sight, bind: Bind, citizen: string): string =>
  `(compartment, id) IN (SELECT compartment, case_id FROM ${sight.storage}_party
    WHERE municipality = ${bind(sight.municipality, 'text')} AND ${sight.predicate(bind, 'case_id')}
      AND ${sight.partyShown(bind)} AND citizen = ${citizen})`;

// ── what hangs on a case ──

/** A case that the viewer was shown. Its rows are found by compartment first. */
export interface CaseKey {
  readonly id: string;
  readonly compartmentId: string;
}

export interface PartyRow {
  readonly caseId: string;
  readonly citizen: string;
  readonly role: PartyRole;
}

/** Everybody, for the log and for a change. What a viewer is shown are `shownPartiesOf`. */
export const partiesOf = (tx: Transaction, sight: Sight, cases: readonly CaseKey[]): Promise<PartyRow[]> =>
  parties(tx, sight, cases, () => 'true');

export const shownPartiesOf = (tx: Transaction, sight: Sight, cases: readonly CaseKey[]): Promise<PartyRow[]> =>
  parties(tx, sight, cases, sight.partyShown);

function parties(
  tx: Transaction,
  sight: Sight,
  cases: readonly CaseKey[],
  shown: Sight['partyShown'],
): Promise<PartyRow[]> {
  const { values, bind } = statement();
  const sql = `SELECT case_id AS "caseId", citizen, role FROM ${sight.storage}_party
    WHERE municipality = ${bind(sight.municipality, 'text')} AND ${among(bind, cases)} AND ${sight.predicate(bind, 'case_id')}
      AND ${shown(bind)}
    ORDER BY case_id, array_position(ARRAY['PRIMARY', 'SECONDARY', 'PARTNER', 'CHILD', 'OTHER'], role), citizen`;
  return tx.rows(sql, values);
}

export interface DocumentRow {
  readonly id: string;
  readonly caseId: string;
  readonly title: string;
  readonly kind: string;
  readonly recordedAt: Date;
  readonly mediaType: string;
  readonly text: string | null;
}

/** A page per case, newest first, with one row more than the page holds, if there is one. */
export function documentsOf(
  tx: Transaction,
  sight: Sight,
  cases: readonly CaseKey[],
  { size, after }: Paging,
): Promise<DocumentRow[]> {
  const { values, bind } = statement();
  const beyond = after ? `(recorded_at, id) < (${bind(after.key, 'timestamptz')}, ${bind(after.id, 'uuid')})` : 'true';
  const sql = `SELECT page.* FROM ${pairs(bind, cases)} CROSS JOIN LATERAL (
      SELECT id, case_id AS "caseId", title, kind, recorded_at AS "recordedAt", media_type AS "mediaType", text
      FROM ${sight.storage}_document
      WHERE municipality = ${bind(sight.municipality, 'text')} AND compartment = asked.compartment AND case_id = asked.id
        AND ${sight.seesDocuments(bind)} AND ${beyond}
      ORDER BY recorded_at DESC, id DESC LIMIT ${bind(size + 1, 'int')}) AS page`;
  return tx.rows(sql, values);
}

export function countDocumentsOf(
  tx: Transaction,
  sight: Sight,
  cases: readonly CaseKey[],
): Promise<{ caseId: string; count: number }[]> {
  const { values, bind } = statement();
  const sql = `SELECT case_id AS "caseId", count(*) AS count FROM ${sight.storage}_document
    WHERE municipality = ${bind(sight.municipality, 'text')} AND ${among(bind, cases)} AND ${sight.seesDocuments(bind)}
    GROUP BY case_id`;
  return tx.rows(sql, values);
}

const pairs = (bind: Bind, cases: readonly CaseKey[]): string =>
  `unnest(${bind(
    cases.map(({ compartmentId }) => compartmentId),
    'text[]',
  )}, ${bind(
    cases.map(({ id }) => id),
    'uuid[]',
  )}) AS asked (compartment, id)`;

/** Compartments are also listed by themselves, so that the indexes, which begin with them, can be used. */
const among = (bind: Bind, cases: readonly CaseKey[]): string =>
  `compartment = ANY (${bind([...new Set(cases.map(({ compartmentId }) => compartmentId))], 'text[]')})
    AND case_id = ANY (${bind(
      cases.map(({ id }) => id),
      'uuid[]',
    )})`;

// ── compartments of a single case ──

export interface SingleCaseRow {
  readonly id: string;
  readonly authority: AuthorityCode;
  readonly category: CaseCategory;
}

export const singleCaseCompartments = (
  tx: Transaction,
  municipality: string,
  ids: readonly string[],
): Promise<SingleCaseRow[]> =>
  tx.rows(
    `SELECT id, authority, category FROM single_case_compartment
     WHERE municipality = $1 AND id = ANY ($2::text[]) ORDER BY id COLLATE "C"`,
    [municipality, ids],
  );
