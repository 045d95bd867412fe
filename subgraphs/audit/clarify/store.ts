/** SQL of attempts that led to a lock-out. It names the ordinary log only, for everybody. Policy: 007_clarifying.sql. */
import type { Paging } from '../../kit/paging.js';
import type { Transaction } from '../../postgres/database.js';
import type { EntryRow } from '../read/store.js';

/** Whose attempts: those of the person, and those that nobody signed in made from the workstation. */
export interface Suspects {
  /** `null` where a workstation was locked out. */
  readonly person: string | null;
  readonly workstation: string | null;
  /** Of the person from here on; ISO times. */
  readonly personFrom: string;
  readonly workstationFrom: string;
  /** Exclusive. */
  readonly until: string;
}

const meant = `e.municipality = $1 AND e.outcome IN ('DENIED', 'FAILED') AND e.at < $6
  AND ((e.actor_id = $2 AND e.at >= $4)
       OR (e.actor_id IS NULL AND e.at >= $5 AND e.leaf::json ->> 'workstation' = $3))`;

const values = (municipality: string, { person, workstation, personFrom, workstationFrom, until }: Suspects) => [
  ...[municipality, person, workstation, personFrom, workstationFrom, until],
];

/** Tells the policy whom the following statements of the transaction are about. */
export const nameSuspects = (tx: Transaction, { person, workstation }: Suspects): Promise<unknown> =>
  tx.rows(
    `SELECT set_config('sluse.clarifies_person', $1, true), set_config('sluse.clarifies_workstation', $2, true)`,
    [person ?? '', workstation ?? ''],
  );

/** The latest first, with one row more than the page holds if there is one. */
export const attemptsOf = (
  tx: Transaction,
  municipality: string,
  suspects: Suspects,
  { size, after }: Paging,
): Promise<EntryRow[]> =>
  tx.rows(
    `SELECT e.id, e.at, e.log, e.leaf FROM entry e
     WHERE ${meant} AND ($7::timestamptz IS NULL OR (e.at, e.id) < ($7, $8::uuid))
     ORDER BY e.at DESC, e.id DESC LIMIT $9`,
    [...values(municipality, suspects), after?.key, after?.id, size + 1],
  );

export async function countAttempts(tx: Transaction, municipality: string, suspects: Suspects): Promise<number> {
  const [row] = await tx.rows<{ count: number }>(
    `SELECT count(*) FROM entry e WHERE ${meant}`,
    values(municipality, suspects),
  );
  return row!.count;
}
