/**
 * All SQL of the log. Reading: whoever has no shielded clearance reads `entry` alone, in statements that do not name the
 * sealed tables; whoever has some reads the `every_*` views, in which row-level security leaves the entries whose seals the
 * reader holds all of. The citizen's own view reads `entry_citizen` and nothing else, for everybody.
 */
import type { Database, Transaction } from '../kit/database.js';
import type { AuditOutcome, LogEntry, UseType } from '../kit/entry.js';
import { type PersonKind, shieldedCompartments, type Viewer } from '../kit/viewer.js';

/** An entry as `append.ts` made it storable: the criterion is JSON text. */
export type StorableEntry = Omit<LogEntry, 'criterion'> & { readonly criterion: string | null };

export interface EntryRow {
  id: string;
  at: Date;
  actorKind: PersonKind | null;
  actorId: string | null;
  subjectKind: PersonKind | null;
  subjectId: string | null;
  organisation: string | null;
  right: string | null;
  use: UseType;
  outcome: AuditOutcome;
  operationHash: string;
  operationName: string | null;
  operationText: string | null;
  fields: string[];
  citizens: string[];
  cases: string[];
  criterion: string | null;
  faults: string[];
  purpose: string | null;
  workstation: string | null;
  transactionId: string | null;
}

export interface AccessRow {
  citizen: string;
  at: Date;
  entry: string;
  organisation: string | null;
  use: UseType;
  purpose: string | null;
}

/** Place in the order newest first: everything before this moment, or at it with a smaller id. */
export interface Position {
  readonly at: string;
  readonly id: string;
}

export interface Criteria {
  /** `SIGNED_IN`: entries of known persons. `REJECTED`: denied and failed attempts, also of callers who were not signed in. */
  readonly kind: 'SIGNED_IN' | 'REJECTED';
  readonly actor?: string | undefined;
  readonly citizen?: string | undefined;
  readonly case?: string | undefined;
  readonly from?: string | undefined;
  /** Exclusive. */
  readonly to?: string | undefined;
  readonly uses?: readonly UseType[] | undefined;
  readonly outcomes?: readonly AuditOutcome[] | undefined;
  /** Name or hash. */
  readonly operation?: string | undefined;
}

/** Tables or views that a viewer's statements name. */
interface Relations {
  readonly entry: string;
  readonly byCitizen: string;
  readonly byCase: string;
  readonly accessLog: string;
}

const ordinary: Relations = {
  entry: 'entry',
  byCitizen: 'entry_citizen',
  byCase: 'entry_case',
  accessLog: 'entry_citizen',
};
const ordinaryAndSealed: Relations = {
  ...ordinary,
  entry: 'every_entry',
  byCitizen: 'every_entry_citizen',
  byCase: 'every_entry_case',
};
/** Both walls down: views that a test creates. See `makeAuditRoom`. */
const leaky: Relations = {
  ...ordinary,
  entry: 'leaky_entry',
  byCitizen: 'leaky_entry_citizen',
  accessLog: 'leaky_entry_citizen',
};

export interface AuditFaults {
  readonly withoutSealFilter?: boolean;
}

/** What this viewer's statements may name: the wall in front of row-level security. */
export function relationsFor(viewer: Viewer, { withoutSealFilter }: AuditFaults = {}): Relations {
  if (withoutSealFilter) return leaky;
  return shieldedCompartments(viewer).length > 0 ? ordinaryAndSealed : ordinary;
}

/** Writes entries of one municipality in a transaction of their own; one that is there already stays as it is. */
export async function appendEntries(
  database: Database,
  municipality: string,
  entries: readonly StorableEntry[],
): Promise<void> {
  const open = entries.filter((entry) => !isSealed(entry));
  await database.statement('SELECT append_entries($1, $2, $3, $4)', [
    municipality,
    json(operationsOf(open)),
    json(open.map((entry) => ({ ...columns(entry), operation_text: null }))),
    json(entries.filter(isSealed).map(columns)),
  ]);
}

/** `null` for no rows at all. */
const json = (rows: readonly object[]): string | null => (rows.length > 0 ? JSON.stringify(rows) : null);

/** One page, newest first, with one row more than `size` where there is one. */
export function entryPage(
  tx: Transaction,
  from: Relations,
  municipality: string,
  criteria: Criteria,
  after: Position | null,
  size: number,
): Promise<EntryRow[]> {
  const { where, values, bind } = conditions(from, municipality, criteria);
  if (after) where.push(`(e.at, e.id) < (${bind(after.at)}, ${bind(after.id)})`);
  return tx.rows(
    `SELECT ${entryColumns} FROM ${from.entry} e WHERE ${where.join(' AND ')}
     ORDER BY e.at DESC, e.id DESC LIMIT ${bind(size + 1)}`,
    values,
  );
}

export async function countEntries(
  tx: Transaction,
  from: Relations,
  municipality: string,
  criteria: Criteria,
): Promise<number> {
  const { where, values } = conditions(from, municipality, criteria);
  const rows = await tx.rows<{ count: number }>(
    `SELECT count(*) AS count FROM ${from.entry} e WHERE ${where.join(' AND ')}`,
    values,
  );
  return rows[0]?.count ?? 0;
}

export const entriesById = (
  tx: Transaction,
  from: Relations,
  municipality: string,
  ids: readonly string[],
): Promise<EntryRow[]> =>
  tx.rows(
    `SELECT ${entryColumns} FROM ${from.entry} e
     WHERE e.municipality = $1 AND e.id = ANY ($2::uuid[]) AND e.actor_id IS NOT NULL`,
    [municipality, ids],
  );

export const operationTexts = (
  tx: Transaction,
  municipality: string,
  hashes: readonly string[],
): Promise<{ hash: string; text: string }[]> =>
  tx.rows(`SELECT hash, text FROM operation WHERE municipality = $1 AND hash = ANY ($2)`, [municipality, hashes]);

/** A page of each citizen's view, newest first, with one row more than `size` where there is one. */
export const accessPages = (
  tx: Transaction,
  from: Relations,
  municipality: string,
  citizens: readonly string[],
  after: Position | null,
  size: number,
): Promise<AccessRow[]> =>
  tx.rows(
    `SELECT wanted.citizen, page.at, page.entry, page.organisation, page.use, page.purpose
     FROM unnest($2::text[]) AS wanted (citizen)
     CROSS JOIN LATERAL (
       SELECT a.at, a.entry, a.organisation, a.use, a.purpose FROM ${from.accessLog} a
       WHERE a.municipality = $1 AND a.citizen = wanted.citizen AND a.shown
         ${after ? 'AND (a.at, a.entry) < ($4, $5)' : ''}
       ORDER BY a.at DESC, a.entry DESC LIMIT $3
     ) page
     ORDER BY wanted.citizen, page.at DESC, page.entry DESC`,
    [municipality, citizens, size + 1, ...(after ? [after.at, after.id] : [])],
  );

export const accessCounts = (
  tx: Transaction,
  from: Relations,
  municipality: string,
  citizens: readonly string[],
): Promise<{ citizen: string; count: number }[]> =>
  tx.rows(
    `SELECT a.citizen, count(*) AS count FROM ${from.accessLog} a
     WHERE a.municipality = $1 AND a.citizen = ANY ($2) AND a.shown GROUP BY a.citizen`,
    [municipality, citizens],
  );

/**
 * Settings under which a committed entry would not survive a power cut, as `name = value`; empty when all is well. Ask
 * before the room opens: an answer leaves only once its entry is durable, and here is where that word gets its meaning.
 */
export async function checkDurability(tx: Transaction): Promise<string[]> {
  const settings = await tx.rows<{ name: string; value: string }>(
    `SELECT name, current_setting(name) AS value
     FROM unnest(ARRAY['fsync', 'full_page_writes', 'synchronous_commit']) AS name`,
  );
  return settings.filter(({ value }) => value === 'off').map(({ name, value }) => `${name} = ${value}`);
}

const isSealed = (entry: StorableEntry): boolean => entry.sealedBy.length > 0;

/** Each text once, however many of the entries came with it. */
function operationsOf(entries: readonly StorableEntry[]) {
  const byHash = new Map<string, object>();
  for (const { municipality, operation } of entries)
    if (operation.text !== null)
      byHash.set(operation.hash, { municipality, hash: operation.hash, text: operation.text });
  return [...byHash.values()];
}

const columns = (entry: StorableEntry) => ({
  municipality: entry.municipality,
  id: entry.id,
  at: entry.at,
  session: entry.session,
  actor_kind: entry.actor?.kind ?? null,
  actor_id: entry.actor?.id ?? null,
  subject_kind: entry.subject?.kind ?? null,
  subject_id: entry.subject?.id ?? null,
  organisation: entry.organisation,
  acting_right: entry.right,
  use: entry.use,
  outcome: entry.outcome,
  operation_hash: entry.operation.hash,
  operation_name: entry.operation.name,
  operation_text: entry.operation.text,
  fields: entry.fields,
  citizens: entry.citizens,
  cases: entry.cases,
  criterion: entry.criterion,
  faults: entry.faults,
  purpose: entry.purpose,
  workstation: entry.workstation,
  transaction_id: entry.transactionId,
  sealed_by: entry.sealedBy,
});

const entryColumns = `e.id, e.at, e.actor_kind AS "actorKind", e.actor_id AS "actorId", e.subject_kind AS "subjectKind",
  e.subject_id AS "subjectId", e.organisation, e.acting_right AS "right", e.use, e.outcome,
  e.operation_hash AS "operationHash", e.operation_name AS "operationName", e.operation_text AS "operationText",
  e.fields, e.citizens, e.cases, e.criterion, e.faults, e.purpose, e.workstation, e.transaction_id AS "transactionId"`;

/** Conditions from constant pieces; every value is a parameter. */
function conditions(from: Relations, municipality: string, criteria: Criteria) {
  const values: unknown[] = [municipality];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const where = ['e.municipality = $1'];
  where.push(criteria.kind === 'REJECTED' ? `e.outcome IN ('DENIED', 'FAILED')` : 'e.actor_id IS NOT NULL');
  if (criteria.actor !== undefined) where.push(`e.actor_id = ${bind(criteria.actor)}`);
  if (criteria.citizen !== undefined)
    where.push(
      `(e.at, e.id) IN (SELECT c.at, c.entry FROM ${from.byCitizen} c
         WHERE c.municipality = $1 AND c.citizen = ${bind(criteria.citizen)})`,
    );
  if (criteria.case !== undefined)
    where.push(
      `(e.at, e.id) IN (SELECT c.at, c.entry FROM ${from.byCase} c
         WHERE c.municipality = $1 AND c.case_id = ${bind(criteria.case)})`,
    );
  if (criteria.from !== undefined) where.push(`e.at >= ${bind(criteria.from)}`);
  if (criteria.to !== undefined) where.push(`e.at < ${bind(criteria.to)}`);
  if (criteria.uses?.length) where.push(`e.use = ANY (${bind(criteria.uses)})`);
  if (criteria.outcomes?.length) where.push(`e.outcome = ANY (${bind(criteria.outcomes)})`);
  if (criteria.operation !== undefined) {
    const operation = bind(criteria.operation);
    where.push(`(e.operation_name = ${operation} OR e.operation_hash = ${operation})`);
  }
  return { where, values, bind };
}
