/** SQL of the lock-out: counters of attempts, blocks, and the lifting of blocks (006_lock_out.sql). */
import type { Paging } from '../../kit/paging.js';
import type { Transaction } from '../../postgres/database.js';
import type { Viewer } from '../../protocol/viewer.js';
import type { AccessBlockKind } from './enums.js';

/** The user or workstation that an attempt is counted for. */
export interface CountedFor {
  readonly kind: AccessBlockKind;
  readonly key: string;
}

/** Attempts that have been under way for this long were never answered, because their process died. They count as rejected. */
const stale = `interval '1 minute'`;

/**
 * Counts an attempt as under way, for each of `counted`; each must still have one left of `limit`. The rows stay locked until the
 * transaction ends. They are locked in one order, so that two attempts can neither pass nor deadlock each other. A refused attempt
 * does not change the time of the last one: otherwise repeated tries would keep the attempts of a dead process from becoming stale.
 */
export async function reserve(
  tx: Transaction,
  municipality: string,
  counted: readonly CountedFor[],
  limit: number,
  now: Date,
): Promise<'reserved' | 'under way' | readonly CountedFor[]> {
  const counters = await tx.rows<CountedFor & { rejected: number; tries: number }>(
    `INSERT INTO access_attempt AS known (municipality, kind, key, under_way, last_at)
     SELECT $1, kind, key, 1, $4 FROM unnest($2::text[], $3::text[]) AS given (kind, key) ORDER BY kind, key
     ON CONFLICT (municipality, kind, key) DO UPDATE SET
       rejected = known.rejected + CASE WHEN known.last_at < $4 - ${stale} THEN known.under_way ELSE 0 END,
       under_way = 1 + CASE WHEN known.last_at < $4 - ${stale} THEN 0 ELSE known.under_way END,
       last_at = CASE WHEN known.rejected + known.under_way < $5 THEN $4 ELSE known.last_at END
     RETURNING kind, key, rejected, rejected + under_way AS tries`,
    [municipality, ...columns(counted), now, limit],
  );
  if (counters.every(({ tries }) => tries <= limit)) return 'reserved';
  await tx.rows(`UPDATE access_attempt SET under_way = under_way - 1 WHERE ${chosen}`, [
    municipality,
    ...columns(counted),
  ]);
  const exhausted = counters.filter(({ rejected }) => rejected >= limit);
  return exhausted.length > 0 ? exhausted : 'under way';
}

/** The attempt was accepted: the counters start again. */
export async function accepted(tx: Transaction, municipality: string, counted: readonly CountedFor[]): Promise<void> {
  await lock(tx, municipality, counted);
  const values = [municipality, ...columns(counted)];
  await tx.rows(
    `UPDATE access_attempt SET rejected = 0, under_way = greatest(under_way - 1, 0) WHERE ${chosen}`,
    values,
  );
  await tx.rows(`DELETE FROM access_attempt WHERE ${chosen} AND rejected = 0 AND under_way = 0`, values);
}

/** The attempt was rejected. Returns the counters that have no attempt left. */
export async function rejected(
  tx: Transaction,
  municipality: string,
  counted: readonly CountedFor[],
  limit: number,
): Promise<readonly CountedFor[]> {
  await lock(tx, municipality, counted);
  const counters = await tx.rows<CountedFor & { rejected: number }>(
    `UPDATE access_attempt SET rejected = rejected + 1, under_way = greatest(under_way - 1, 0) WHERE ${chosen}
     RETURNING kind, key, rejected`,
    [municipality, ...columns(counted)],
  );
  return counters.filter((counter) => counter.rejected >= limit);
}

const lock = (tx: Transaction, municipality: string, counted: readonly CountedFor[]) =>
  tx.rows(`SELECT FROM access_attempt WHERE ${chosen} ORDER BY kind, key FOR UPDATE`, [
    municipality,
    ...columns(counted),
  ]);

const chosen = `municipality = $1 AND (kind, key) IN (SELECT * FROM unnest($2::text[], $3::text[]))`;
const columns = (counted: readonly CountedFor[]) => [counted.map(({ kind }) => kind), counted.map(({ key }) => key)];

// ── blocks ──

export async function isBlocked(
  tx: Transaction,
  municipality: string,
  counted: readonly CountedFor[],
): Promise<boolean> {
  const found = await tx.rows(`SELECT FROM access_block WHERE ${chosen} AND lifted_at IS NULL LIMIT 1`, [
    municipality,
    ...columns(counted),
  ]);
  return found.length > 0;
}

export interface NewBlock extends CountedFor {
  readonly municipality: string;
  readonly id: string;
  readonly workstation: string | null;
  readonly person: string | null;
  readonly at: Date;
}

/** Adds a block, unless there is one already. */
export const insertBlock = (tx: Transaction, block: NewBlock): Promise<unknown> =>
  tx.rows(
    `INSERT INTO access_block (municipality, id, kind, key, workstation, person, blocked_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (municipality, kind, key) WHERE lifted_at IS NULL DO NOTHING`,
    [block.municipality, block.id, block.kind, block.key, block.workstation, block.person, block.at],
  );

export const closeSessionsOf = (tx: Transaction, municipality: string, person: string, at: Date): Promise<unknown> =>
  tx.rows(`UPDATE session SET closed_at = $3 WHERE municipality = $1 AND person = $2 AND closed_at IS NULL`, [
    municipality,
    person,
    at,
  ]);

/** A lock until the transaction ends, so that a person is either being blocked or being signed in. */
export const takeTurns = (tx: Transaction, municipality: string, person: string): Promise<unknown> =>
  tx.rows(`SELECT pg_advisory_xact_lock(hashtextextended('lock-out ' || $1 || ' ' || $2, 0))`, [municipality, person]);

// ── what administrators see and do ──

export interface BlockRow {
  readonly id: string;
  readonly kind: AccessBlockKind;
  readonly workstation: string | null;
  readonly person: string | null;
  readonly blockedAt: Date;
  readonly liftedAt: Date | null;
  readonly liftedBy: string | null;
  readonly clarification: string | null;
}

const blockColumns = `id, kind, workstation, person, blocked_at AS "blockedAt", lifted_at AS "liftedAt",
  lifted_by AS "liftedBy", clarification`;
const listed = `municipality = $1 AND ($2 OR lifted_at IS NULL)`;

/** The latest first. Returns one row more than the page holds, if there is one. */
export const blocks = (
  tx: Transaction,
  municipality: string,
  includeLifted: boolean,
  { size, after }: Paging,
): Promise<BlockRow[]> =>
  tx.rows(
    `SELECT ${blockColumns} FROM access_block
     WHERE ${listed} AND ($3::timestamptz IS NULL OR (blocked_at, id) < ($3, $4::uuid))
     ORDER BY blocked_at DESC, id DESC LIMIT $5`,
    [municipality, includeLifted, after?.key ?? null, after?.id ?? null, size + 1],
  );

export async function countBlocks(tx: Transaction, municipality: string, includeLifted: boolean): Promise<number> {
  const [row] = await tx.rows<{ count: number }>(`SELECT count(*) FROM access_block WHERE ${listed}`, [
    municipality,
    includeLifted,
  ]);
  return row!.count;
}

export const blocksById = (tx: Transaction, municipality: string, ids: readonly string[]): Promise<BlockRow[]> =>
  tx.rows(`SELECT ${blockColumns} FROM access_block WHERE municipality = $1 AND id = ANY ($2::uuid[])`, [
    municipality,
    ids,
  ]);

/** Those in force, the earliest first. */
export const blocksOfPersons = (
  tx: Transaction,
  municipality: string,
  persons: readonly string[],
): Promise<BlockRow[]> =>
  tx.rows(
    `SELECT ${blockColumns} FROM access_block
     WHERE municipality = $1 AND person = ANY ($2::uuid[]) AND lifted_at IS NULL ORDER BY blocked_at, id`,
    [municipality, persons],
  );

/** Lifts a block and resets its counters; `null` if there is no such block. */
export async function liftBlock(
  tx: Transaction,
  { municipality, actor }: Viewer,
  id: string,
  clarification: string,
  at: Date,
): Promise<BlockRow | null> {
  const [found] = await tx.rows<CountedFor>(
    `SELECT kind, key FROM access_block WHERE municipality = $1 AND id = $2 AND lifted_at IS NULL`,
    [municipality, id],
  );
  if (!found) return null;
  // Counters before blocks, in the same order as counting does it. The other order could cause a deadlock.
  await tx.rows(`DELETE FROM access_attempt WHERE municipality = $1 AND kind = $2 AND key = $3`, [
    municipality,
    found.kind,
    found.key,
  ]);
  const [lifted] = await tx.rows<BlockRow>(
    `UPDATE access_block SET lifted_at = $3, lifted_by = $4, clarification = $5
     WHERE municipality = $1 AND id = $2 AND lifted_at IS NULL RETURNING ${blockColumns}`,
    [municipality, id, at, actor.id, clarification],
  );
  return lifted ?? null;
}
