/** All SQL of changes: what became of them, and the keys under which they are sent. Tables: 006_changes.sql. */
import type { Database, Transaction } from '../../postgres/database.js';
import type { StorableEntry } from '../tree/leaf.js';

type State = 'OPEN' | 'MADE' | 'NOT_MADE';

/** Values for `note_changes` of a flush; `null` if no entry in it begins or ends a change. */
export function changeNotes(
  municipality: string,
  log: string,
  sealedBy: readonly string[],
  entries: readonly StorableEntry[],
): unknown[] | null {
  const begun = entries.filter(({ outcome }) => outcome === 'BEGUN');
  const ended = entries.filter(({ follows }) => follows);
  if (begun.length + ended.length === 0) return null;
  return [
    municipality,
    log,
    sealedBy,
    begun.map(({ id }) => id),
    begun.map(({ actor }) => actor?.id ?? null),
    begun.map(({ criterion }) => rootFields(criterion).join()),
    ended.map(({ follows }) => follows),
    ended.map(({ outcome }): State => (stands.has(outcome) ? 'MADE' : 'NOT_MADE')),
  ];
}

/** Outcomes of a change that was made. */
const stands: ReadonlySet<StorableEntry['outcome']> = new Set(['ANSWERED', 'PARTLY_DENIED', 'MADE']);

/** Names of the root fields. Empty if the criterion was too long to be kept whole. */
function rootFields(criterion: string | null): string[] {
  const fields: unknown = criterion === null ? [] : JSON.parse(criterion);
  return Array.isArray(fields) ? fields.map(({ field }: { field: string }) => field) : [];
}

// ── settling ──

/** Prefix of the tables in which an entry's rows are stored. */
type EntryStorage = '' | 'sealed_';
const storages: readonly EntryStorage[] = ['', 'sealed_'];

export interface OpenChange {
  readonly entry: string;
  readonly fields: readonly string[];
}

/**
 * Changes that have been open for longer than any operation takes. Each is returned at most every ten seconds, whoever asks. After
 * thirty days the rooms may have forgotten what they made: such a change stays open, so that nothing wrong is told about it.
 */
export const takeOpenChanges = (database: Database, municipality: string, after: number): Promise<OpenChange[]> =>
  database.asTask('settle', municipality, async (tx) => {
    const found: OpenChange[] = [];
    for (const storage of storages)
      found.push(
        ...(await tx.rows<OpenChange>(
          `UPDATE ${storage}change_outcome SET tried_at = clock_timestamp()
           WHERE municipality = $1 AND entry IN (
             SELECT entry FROM ${storage}change_outcome
             WHERE municipality = $1 AND state = 'OPEN' AND since > clock_timestamp() - interval '30 days'
               AND since < clock_timestamp() - $2 * interval '1 millisecond'
               AND (tried_at IS NULL OR tried_at < clock_timestamp() - interval '10 seconds')
             ORDER BY tried_at NULLS FIRST, since LIMIT 50 FOR UPDATE SKIP LOCKED
           ) RETURNING entry, fields`,
          [municipality, after],
        )),
      );
    return found;
  });

/** The leaf of the entry by which a change was begun, and the definition that it names. */
export const begunEntry = (
  database: Database,
  municipality: string,
  entry: string,
): Promise<{ leaf: string; definition: string; state: State } | null> =>
  database.asTask('settle', municipality, async (tx) => {
    for (const storage of storages) {
      const [row] = await tx.rows<{ leaf: string; definition: string; state: State }>(
        `SELECT e.leaf, d.definition, o.state FROM ${storage}change_outcome o
         JOIN ${storage}entry e ON e.municipality = o.municipality AND e.log = o.log AND e.id = o.entry
         JOIN ${storage}operation d ON d.municipality = o.municipality AND d.log = o.log
           AND d.hash = e.leaf::json #>> '{operation,definition}'
         WHERE o.municipality = $1 AND o.entry = $2`,
        [municipality, entry],
      );
      if (row) return row;
    }
    return null;
  });

/** Removes records that are of no more use. */
export const forgetOutcomes = (database: Database, municipality: string): Promise<void> =>
  database.asTask('settle', municipality, async (tx) => {
    await tx.rows(`DELETE FROM change_key WHERE municipality = $1 AND at < clock_timestamp() - interval '1 day'`, [
      municipality,
    ]);
    for (const storage of storages)
      await tx.rows(
        `DELETE FROM ${storage}change_outcome WHERE municipality = $1 AND since < clock_timestamp() - interval '60 days'`,
        [municipality],
      );
  });

// ── asking ──

/** What became of a change that the viewer may ask about. `sealed`: include changes under seal. */
export async function outcomeOf(
  tx: Transaction,
  municipality: string,
  entry: string,
  sealed: boolean,
): Promise<State | null> {
  for (const storage of sealed ? storages : storages.slice(0, 1)) {
    const [row] = await tx.rows<{ state: State }>(
      `SELECT state FROM ${storage}change_outcome WHERE municipality = $1 AND entry = $2`,
      [municipality, entry],
    );
    if (row) return row.state;
  }
  return null;
}

// ── keys ──

export interface KeyClaim {
  readonly municipality: string;
  readonly key: string;
  readonly request: string;
  /** Id of the entry by which the change that claims the key is begun. */
  readonly entry: string;
}

export type Claimed =
  | { readonly claim: 'FREE' }
  | { readonly claim: 'REUSED' }
  | { readonly claim: 'ANSWERED'; readonly entry: string; readonly answer: string }
  | { readonly claim: 'MADE' | 'OPEN'; readonly entry: string };

/**
 * Whether the change may be made: nobody holds the key, or its holder made nothing. The key's row is locked before anything is
 * decided, so that of two simultaneous claims the second sees the first.
 */
export const claimKey = (database: Database, { municipality, key, request, entry }: KeyClaim): Promise<Claimed> =>
  database.asTask('change-keys', municipality, async (tx): Promise<Claimed> => {
    const [made] = await tx.rows(
      `INSERT INTO change_key AS held (municipality, key, request, entry) VALUES ($1, $2, $3, $4)
       ON CONFLICT (municipality, key) DO UPDATE
         SET request = $3, entry = $4, answer = NULL, at = clock_timestamp() WHERE held.at < clock_timestamp() - interval '1 day'
       RETURNING entry`,
      [municipality, key, request, entry],
    );
    if (made) return { claim: 'FREE' };
    const [held] = await tx.rows<{ request: string; entry: string; answer: string | null }>(
      'SELECT request, entry, answer FROM change_key WHERE municipality = $1 AND key = $2 FOR UPDATE',
      [municipality, key],
    );
    if (!held || held.request !== request) return { claim: 'REUSED' };
    if (held.answer !== null) return { claim: 'ANSWERED', entry: held.entry, answer: held.answer };
    const state = await outcomeOf(tx, municipality, held.entry, true);
    if (state !== 'NOT_MADE') return { claim: state ?? 'OPEN', entry: held.entry };
    await tx.rows('UPDATE change_key SET entry = $3, at = clock_timestamp() WHERE municipality = $1 AND key = $2', [
      municipality,
      key,
      entry,
    ]);
    return { claim: 'FREE' };
  });

export const keepAnswer = (
  database: Database,
  { municipality, key, entry, answer }: Omit<KeyClaim, 'request'> & { readonly answer: string },
): Promise<void> =>
  database.asTask('change-keys', municipality, async (tx) => {
    await tx.rows('UPDATE change_key SET answer = $4 WHERE municipality = $1 AND key = $2 AND entry = $3', [
      municipality,
      key,
      entry,
      answer,
    ]);
  });
