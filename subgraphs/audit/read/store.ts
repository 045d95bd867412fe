/**
 * All SQL that reads the log. `relations.ts` decides which tables and views a viewer's statements name. The citizen's own view reads
 * `entry_citizen` only, for everybody.
 */
import type { Paging } from '../../kit/paging.js';
import type { Transaction } from '../../postgres/database.js';
import { commandOperations } from '../../protocol/commands.js';
import type { AuditOutcome, UseType } from '../../protocol/log-entry.js';
import type { PersonKind } from '../../protocol/viewer.js';
import type { Log } from '../tree/log-store.js';
import type { Relations } from './relations.js';

export interface EntryRow {
  id: string;
  at: Date;
  log: string;
  /** Canonical JSON: see `tree/leaf.ts`. */
  leaf: string;
}

export interface AccessRow {
  citizen: string;
  at: Date;
  entry: string;
  organisation: string | null;
  use: UseType;
  purpose: string | null;
  employee: string | null;
}

export interface EntryCriteria {
  /**
   * `SIGNED_IN`: entries of known persons. `REJECTED`: denied and failed attempts, including callers who were not signed in.
   * `STRANGERS`: only attempts of callers who were not signed in. `LEDGER`: events of the log itself.
   */
  readonly kind: 'SIGNED_IN' | 'REJECTED' | 'STRANGERS' | 'LEDGER';
  readonly actor?: string | undefined;
  readonly citizen?: string | undefined;
  readonly case?: string | undefined;
  /** Organisation acted for. */
  readonly actingFor?: string | undefined;
  readonly from?: string | undefined;
  /** Exclusive. */
  readonly to?: string | undefined;
  readonly uses?: readonly UseType[] | undefined;
  readonly outcomes?: readonly AuditOutcome[] | undefined;
  /** Name or hash. */
  readonly operation?: string | undefined;
  /** A value that was searched for, in full. */
  readonly criterion?: string | undefined;
}

/** One page, newest first, with one row more than `size` if there is one. */
export function entryPage(
  tx: Transaction,
  from: Relations,
  municipality: string,
  criteria: EntryCriteria,
  { size, after }: Paging,
): Promise<EntryRow[]> {
  const { found, place, where, values, bind } = conditions(from, municipality, criteria);
  if (after) where.push(`(${place}) < (${bind(after.key)}, ${bind(after.id)})`);
  const order = place
    .split(', ')
    .map((column) => `${column} DESC`)
    .join(', ');
  return tx.rows(
    `SELECT ${entryColumns} FROM ${found} WHERE ${where.join(' AND ')} ORDER BY ${order} LIMIT ${bind(size + 1)}`,
    values,
  );
}

/** Number of all entries that meet the criteria, over all pages. */
export async function countEntries(
  tx: Transaction,
  from: Relations,
  municipality: string,
  criteria: EntryCriteria,
): Promise<number> {
  const { found, where, values } = conditions(from, municipality, criteria);
  const rows = await tx.rows<{ count: number }>(
    `SELECT count(*) AS count FROM ${found} WHERE ${where.join(' AND ')}`,
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

/** Definitions of operations, by log and hash. */
export const definitions = (
  tx: Transaction,
  from: Relations,
  municipality: string,
  wanted: readonly { log: string; hash: string }[],
): Promise<{ log: string; hash: string; definition: string }[]> =>
  tx.rows(
    `SELECT o.log, o.hash, o.definition
     FROM unnest($2::text[], $3::text[]) AS wanted (log, hash)
     JOIN ${from.operation} o ON o.municipality = $1 AND o.log = wanted.log AND o.hash = wanted.hash`,
    [municipality, wanted.map(({ log }) => log), wanted.map(({ hash }) => hash)],
  );

/** Rejected attempts by person and address, most recent first. */
export interface RejectedSourceRow {
  actorKind: PersonKind | null;
  actorId: string | null;
  workstation: string | null;
  attempts: number;
  first: Date;
  last: Date;
  faults: string[];
}

export const rejectedSources = (
  tx: Transaction,
  from: Relations,
  municipality: string,
  period: { readonly from: string; readonly to: string },
  size: number,
): Promise<RejectedSourceRow[]> =>
  tx.rows(
    `SELECT leaf #>> '{actor,kind}' AS "actorKind", leaf #>> '{actor,id}' AS "actorId", leaf ->> 'workstation' AS workstation,
            least(sum(attempts), 2147483647)::int AS attempts, min(first) AS first, max(last) AS last,
            ARRAY(SELECT DISTINCT fault FROM unnest(string_to_array(string_agg(faults, chr(31)), chr(31))) AS fault WHERE fault <> '' ORDER BY 1) AS faults
     FROM (
       SELECT leaf, coalesce((leaf #>> '{counted,attempts}')::bigint, 1) AS attempts,
              coalesce((leaf #>> '{counted,first}')::timestamptz, at) AS first,
              coalesce((leaf #>> '{counted,last}')::timestamptz, at) AS last,
              (SELECT string_agg(fault, chr(31)) FROM json_array_elements_text(leaf -> 'faults') AS fault) AS faults
       FROM (
         SELECT e.at, e.leaf::json AS leaf FROM ${from.entry} e
         WHERE e.municipality = $1 AND ${kinds.REJECTED} AND e.at >= $2 AND e.at < $3
       ) AS rejected
     ) AS attempt
     GROUP BY 1, 2, 3 ORDER BY last DESC, 1, 2, 3 LIMIT $4`,
    [municipality, period.from, period.to, size],
  );

// ── the log, as its readers see it ─────────────────────────────────────────────────────────────────────────

const logColumns = `l.municipality, l.name, l.month, l.sealed_by AS "sealedBy", l.size, l.opened_at AS "openedAt",
  l.closed_at AS "closedAt", l.dropped_at AS "droppedAt"`;

/** The logs that the viewer may read: newest first, ordinary ones before sealed ones. */
export const logs = (tx: Transaction, from: Relations, municipality: string, name: string | null): Promise<Log[]> =>
  tx.rows(
    `SELECT ${logColumns} FROM ${from.log} AS l WHERE l.municipality = $1 AND ($2::text IS NULL OR l.name = $2)
     ORDER BY l.month DESC, l.name`,
    [municipality, name],
  );

/** The log and index of an entry. */
export const placeOf = async (
  tx: Transaction,
  from: Relations,
  municipality: string,
  id: string,
): Promise<{ log: string; seq: number; leaf: string } | null> =>
  (
    await tx.rows<{ log: string; seq: number; leaf: string }>(
      `SELECT e.log, e.seq, e.leaf FROM ${from.entry} e WHERE e.municipality = $1 AND e.id = $2`,
      [municipality, id],
    )
  )[0] ?? null;

/** A page of each citizen's view, newest first, with one row more than `size` if there is one. */
export const accessPages = (
  tx: Transaction,
  from: Relations,
  municipality: string,
  citizens: readonly string[],
  { size, after }: Paging,
): Promise<AccessRow[]> =>
  tx.rows(
    `SELECT wanted.citizen, page.at, page.entry, page.organisation, page.use, page.purpose, page.employee
     FROM unnest($2::text[]) AS wanted (citizen)
     CROSS JOIN LATERAL (
       SELECT a.at, a.entry, a.organisation, a.use, a.purpose, a.employee FROM ${from.accessLog} a
       WHERE a.municipality = $1 AND a.citizen = wanted.citizen AND a.shown
         ${after ? 'AND (a.at, a.entry) < ($4, $5)' : ''}
       ORDER BY a.at DESC, a.entry DESC LIMIT $3
     ) page
     ORDER BY wanted.citizen, page.at DESC, page.entry DESC`,
    [municipality, citizens, size + 1, ...(after ? [after.key, after.id] : [])],
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

const entryColumns = 'e.log, e.leaf, e.id, e.at';

/** Constant text: names and hashes of ours. */
const byCommand = commandOperations
  .map(({ name, hash }) => `(e.operation_name = '${name}' AND e.operation_hash = '${hash}')`)
  .join(' OR ');

const kinds: Readonly<Record<EntryCriteria['kind'], string>> = {
  SIGNED_IN: 'e.actor_id IS NOT NULL',
  REJECTED: `e.outcome IN ('DENIED', 'FAILED')`,
  STRANGERS: `e.actor_id IS NULL AND e.outcome IN ('DENIED', 'FAILED')`,
  LEDGER: `e.actor_id IS NULL AND e.outcome = 'ANSWERED'
    AND ((e.operation_name = 'ledger' AND e.operation_hash = '') OR ${byCommand})`,
};

/**
 * Conditions from constant SQL; every value is a parameter. An entry that names a citizen, a case or a searched value is found
 * through the list of that value, entry by entry until the page is full, so the time that a page takes does not grow with the log.
 * `place`: the columns that order the page.
 */
function conditions(from: Relations, municipality: string, criteria: EntryCriteria) {
  const values: unknown[] = [municipality];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const where: string[] = [];
  const lists: { relation: string; condition(alias: string): string }[] = [];
  const listed = (relation: string, condition: (alias: string) => string) => lists.push({ relation, condition });
  if (criteria.citizen !== undefined) {
    const citizen = bind(criteria.citizen);
    listed(from.byCitizen, (alias) => `${alias}.citizen = ${citizen}`);
  }
  for (const [kind, value] of [
    ['CASE', criteria.case],
    ['CRITERION', criteria.criterion],
    ['ACTING_FOR', criteria.actingFor],
  ]) {
    if (value === undefined) continue;
    const mention = bind(value);
    listed(from.byMention, (alias) => `${alias}.kind = '${kind}' AND ${alias}.value = ${mention}`);
  }
  const [first, ...others] = lists;
  if (first) where.push('l.municipality = $1', first.condition('l'));
  for (const { relation, condition } of others)
    where.push(
      `EXISTS (SELECT FROM ${relation} o WHERE o.municipality = $1 AND ${condition('o')} AND o.at = l.at AND o.entry = l.entry)`,
    );
  where.push('e.municipality = $1', kinds[criteria.kind]);
  if (criteria.actor !== undefined) where.push(`e.actor_id = ${bind(criteria.actor)}`);
  const at = first ? 'l.at' : 'e.at';
  if (criteria.from !== undefined) where.push(`${at} >= ${bind(criteria.from)}`);
  if (criteria.to !== undefined) where.push(`${at} < ${bind(criteria.to)}`);
  if (criteria.uses?.length) where.push(`e.use = ANY (${bind(criteria.uses)})`);
  if (criteria.outcomes?.length) where.push(`e.outcome = ANY (${bind(criteria.outcomes)})`);
  if (criteria.operation !== undefined) {
    const operation = bind(criteria.operation);
    where.push(`(e.operation_name = ${operation} OR e.operation_hash = ${operation})`);
  }
  const found = first
    ? `${first.relation} l JOIN ${from.entry} e ON e.municipality = l.municipality AND e.log = l.log AND e.id = l.entry`
    : `${from.entry} e`;
  return { found, place: first ? 'l.at, l.entry' : 'e.at, e.id', where, values, bind };
}
