/** All SQL that writes, signs and drops the log. `read/store.ts` is for its readers. */
import type { Database, Tasks, Transaction } from '../../postgres/database.js';
import { changeNotes } from '../changes/store.js';
import { DamagedLog } from './damage.js';
import type { StorableEntry } from './leaf.js';
import type { Subtrees } from './merkle.js';

/** One append-only list of entries with a tree of its own. */
export interface Log {
  readonly municipality: string;
  /** `0999/2026-11`, or that and the hash of the seal. */
  readonly name: string;
  readonly month: string;
  readonly sealedBy: readonly string[];
  readonly size: number;
  readonly openedAt: Date;
  readonly closedAt: Date | null;
  readonly droppedAt: Date | null;
}

/** What identifies a log: its name, and its seal, which tells in which tables it is stored. */
type LogKey = Pick<Log, 'municipality' | 'name' | 'sealedBy'>;

/** The log that a flush goes to, and the one before it, where an edge may have put the same entry. */
export interface LogPlace {
  readonly municipality: string;
  readonly log: string;
  readonly sealedBy: readonly string[];
  readonly before: string | null;
}

export interface Batch {
  readonly entries: readonly StorableEntry[];
  /** One leaf per entry. */
  readonly leaves: readonly string[];
  /** Definitions that the log may not have yet: canonical JSON by hash. */
  readonly definitions: ReadonlyMap<string, string>;
  /** Whether citizens of this municipality may know which employee looked them up. */
  readonly employeesShown: boolean;
}

/** SQLSTATE of `append_entries`: a newer log has replaced this one. */
export const notOpen = 'LG001';
/** SQLSTATE of `append_entries`: some or all of the entries are stored already. */
export const isThere = '23505';

/** Appends a batch to a log in one transaction. Fails with SQLSTATE `notOpen` or `isThere`; then nothing of the batch is written. */
export async function appendEntries(database: Database, place: LogPlace, batch: Batch): Promise<void> {
  const { municipality, log, sealedBy, before } = place;
  const { entries } = batch;
  const rows = [
    words(entries.map(({ id }) => id)),
    words(entries.map(({ at }) => at)),
    texts(entries.map(({ actor }) => actor?.id ?? null)),
    words(entries.map(({ use }) => use)),
    words(entries.map(({ outcome }) => outcome)),
    texts(entries.map(({ operation }) => operation.hash)),
    texts(entries.map(({ operation }) => operation.name)),
    batch.leaves.join('\n'),
    words([...batch.definitions.keys()]),
    texts([...batch.definitions.values()]),
  ];
  const about: { n: number; entry: StorableEntry; citizen: string }[] = [];
  const mentions: { n: number; kind: string; value: string }[] = [];
  for (const [index, entry] of entries.entries()) {
    const n = index + 1;
    for (const citizen of distinct(entry.citizens)) about.push({ n, entry, citizen });
    for (const value of distinct(entry.cases)) mentions.push({ n, kind: 'CASE', value });
    for (const value of entry.searched) mentions.push({ n, kind: 'CRITERION', value });
    if (entry.actingFor) mentions.push({ n, kind: 'ACTING_FOR', value: entry.actingFor });
  }
  const citizens = [words(about.map(({ n }) => n)), texts(about.map(({ citizen }) => citizen))];
  const mentioned = [
    words(mentions.map(({ n }) => n)),
    words(mentions.map(({ kind }) => kind)),
    texts(mentions.map(({ value }) => value)),
  ];
  const notes = changeNotes(municipality, log, sealedBy, entries);
  if (sealedBy.length === 0)
    await append(tasksOf(database, place), notes, 'append_entries', [
      municipality,
      log,
      before,
      ...rows,
      ...citizens,
      texts(about.map(({ entry }) => entry.organisation)),
      words(about.map(({ entry }) => entry.use)),
      texts(about.map(({ entry }) => entry.purpose)),
      texts(
        about.map(({ entry }) => (batch.employeesShown && entry.actor?.kind === 'Employee' ? entry.actor.id : null)),
      ),
      words(about.map(({ entry, citizen }) => isShown(entry, citizen))),
      ...mentioned,
    ]);
  else
    await append(tasksOf(database, place), notes, 'append_sealed_entries', [
      municipality,
      periodOf(log),
      log,
      before && periodOf(before),
      before,
      texts(sealedBy),
      ...rows,
      ...citizens,
      ...mentioned,
    ]);
}

/** A PostgreSQL array literal of values that need no quotes: ids, times, numbers, our own names. */
const words = (values: readonly (string | number | boolean)[]): string => `{${values.join()}}`;

/** A PostgreSQL array literal of any texts. */
const texts = (values: readonly (string | null)[]): string =>
  `{${values.map((value) => (value === null ? 'NULL' : `"${special.test(value) ? value.replace(everySpecial, '\\$&') : value}"`)).join()}}`;
const special = /["\\]/;
const everySpecial = /["\\]/g;

/** Appends in one statement, and so in one transaction, together with the records of changes that the entries begin and end. */
function append(
  tasks: Tasks,
  notes: readonly unknown[] | null,
  name: string,
  values: readonly unknown[],
): Promise<void> {
  const from = (first: number, count: number) => Array.from({ length: count }, (_, index) => `$${first + index}`);
  const noted = notes ? `, note_changes(${from(values.length + 1, notes.length)})` : '';
  return tasks.statement(`SELECT ${name}(${from(1, values.length)})${noted}`, [...values, ...(notes ?? [])]);
}

/** Whether the citizen's own view shows it: something was disclosed, to somebody else. */
const isShown = ({ outcome, actor }: Pick<StorableEntry, 'outcome' | 'actor'>, citizen: string): boolean =>
  outcome !== 'DENIED' && !(actor?.kind === 'Citizen' && actor.id === citizen);

const distinct = (values: readonly string[]): readonly string[] => (values.length < 2 ? values : [...new Set(values)]);

/** Prefix of a log's tables: ordinary and sealed ones are stored separately. */
const storageOf = ({ sealedBy }: Pick<Log, 'sealedBy'>): '' | 'sealed_' => (sealedBy.length === 0 ? '' : 'sealed_');

/** The month's partition of a log: the first two parts of its name. */
const periodOf = (log: string): string => log.split('/', 2).join('/');

/**
 * The connections for work on a log. There may be more work on sealed logs if a hidden case was found, and no ordinary entry must
 * wait for that.
 */
const tasksOf = (database: Database, log: Pick<Log, 'sealedBy'>): Tasks =>
  storageOf(log) === '' ? database : database.apart;

/** Which of these ids are in one of these logs. */
export const idsIn = (database: Database, place: LogPlace, ids: readonly string[]): Promise<Set<string>> =>
  tasksOf(database, place).asTask('append', place.municipality, async (tx) => {
    const logs = [place.log, place.before].filter((log) => log !== null);
    const [from, periods] = place.sealedBy.length === 0 ? ['entry', ''] : ['sealed_entry', 'AND period = ANY ($4)'];
    const rows = await tx.rows<{ id: string }>(
      `SELECT id FROM ${from} WHERE municipality = $1 AND log = ANY ($2) AND id = ANY ($3::uuid[]) ${periods}`,
      [place.municipality, logs, ids, ...(periods ? [logs.map(periodOf)] : [])],
    );
    return new Set(rows.map(({ id }) => id));
  });

// ── logs ──────────────────────────────────────────────────────────────────────────────────────────────────────

const logColumns = `municipality, name, month, sealed_by AS "sealedBy", size, opened_at AS "openedAt", closed_at AS "closedAt",
  dropped_at AS "droppedAt"`;

/** Opens the log of a month unless that or a later one is open. */
export const openLog = (
  database: Database,
  municipality: string,
  month: string,
  name: string,
  sealedBy: readonly string[],
  at: Date,
) =>
  tasksOf(database, { sealedBy }).statement('SELECT open_log($1, $2, $3, $4, $5)', [
    municipality,
    month,
    name,
    sealedBy,
    at,
  ]);

export const prepareMonth = (database: Database, municipality: string, month: string) =>
  database.statement('SELECT prepare_month($1, $2)', [municipality, month]);

export const closeLogs = (database: Database, municipality: string, beforeMonth: string, at: Date) =>
  database.statement('SELECT close_logs($1, $2, $3)', [municipality, beforeMonth, at]);

/** Throws unless the database, by its own clock, would let `dropMonth` drop the month. */
export const checkExpired = (database: Database, municipality: string, month: string) =>
  database.statement('SELECT check_expired($1, $2)', [municipality, month]);

/** The database refuses unless the month ended at least six months ago. */
export const dropMonth = (database: Database, municipality: string, month: string) =>
  database.statement('SELECT drop_month($1, $2)', [municipality, month]);

/** The newest logs under a seal, newest first. */
export const logsUnder = (database: Database, municipality: string, sealedBy: readonly string[]): Promise<Log[]> =>
  tasksOf(database, { sealedBy }).asTask('append', municipality, (tx) =>
    tx.rows(
      `SELECT ${logColumns} FROM every_log WHERE municipality = $1 AND sealed_by = $2::text[] ORDER BY month DESC LIMIT 2`,
      [municipality, sealedBy],
    ),
  );

/** Every log of every municipality, oldest first. */
export const allLogs = (database: Database): Promise<Log[]> =>
  database.asTask('ledger', '*', (tx) =>
    tx.rows(`SELECT ${logColumns} FROM every_log ORDER BY municipality, month, name`),
  );

export const logNamed = async (tx: Transaction, municipality: string, name: string): Promise<Log | null> =>
  (
    await tx.rows<Log>(`SELECT ${logColumns} FROM every_log WHERE municipality = $1 AND name = $2`, [
      municipality,
      name,
    ])
  )[0] ?? null;

// ── signing ───────────────────────────────────────────────────────────────────────────────────────────────────

/** Runs `work` as the log's own task, on one log. */
export const asLedger = <T>(
  database: Database,
  log: Pick<Log, 'municipality' | 'sealedBy'>,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> => tasksOf(database, log).asTask('ledger', log.municipality, work);

/** Hashes of leaves (RFC 6962 §2.1) from an index on, in order. */
export const leafHashes = (
  tx: Transaction,
  log: LogKey,
  from: number,
  to: number,
): Promise<{ seq: number; hash: Buffer }[]> => {
  const { where, values } = partOf(log, from, to);
  return tx.rows(
    `SELECT t.seq, sha256('\\x00'::bytea || convert_to(t.leaf, 'UTF8')) AS hash FROM ${storageOf(log)}entry t ${where} ORDER BY t.seq`,
    values,
  );
};

/** The condition for a part of a log, in a table `t`. For a sealed log it includes the partition. */
function partOf(log: LogKey, from: number, to: number): { where: string; values: unknown[] } {
  const where = 'WHERE t.municipality = $1 AND t.log = $2 AND t.seq >= $3 AND t.seq < $4';
  const values = [log.municipality, log.name, from, to];
  return storageOf(log) === ''
    ? { where, values }
    : { where: `${where} AND t.period = $5`, values: [...values, periodOf(log.name)] };
}

export interface StoredSubtree {
  readonly level: number;
  readonly index: number;
  readonly hash: Buffer;
}

const subtreesOf = (tx: Transaction, log: LogKey, level: number, from: number, to: number): Promise<StoredSubtree[]> =>
  tx.rows(
    `SELECT level, index, hash FROM ${storageOf(log)}subtree
     WHERE municipality = $1 AND log = $2 AND level = $3 AND index >= $4 AND index < $5 ORDER BY index`,
    [log.municipality, log.name, level, from, to],
  );

/** How many subtrees of 256 entries are stored. */
export const storedSubtrees = async (tx: Transaction, log: LogKey): Promise<number> => {
  const [row] = await tx.rows<{ count: number }>(
    `SELECT coalesce(max(index) + 1, 0) AS count FROM ${storageOf(log)}subtree
     WHERE municipality = $1 AND log = $2 AND level = 1`,
    [log.municipality, log.name],
  );
  return row!.count;
};

/** Stores a checkpoint, and the subtrees that have become full since the last one. Existing ones stay as they are. */
export async function keepCheckpoint(
  tx: Transaction,
  log: LogKey,
  subtrees: readonly StoredSubtree[],
  checkpoint: { readonly size: number; readonly at: string; readonly note: string },
): Promise<void> {
  const prefix = storageOf(log);
  const [column, seal] = prefix === '' ? ['', []] : [', sealed_by', [log.sealedBy]];
  const value = column && ', $6';
  if (subtrees.length > 0)
    await tx.rows(
      `INSERT INTO ${prefix}subtree (municipality, log, level, index, hash${column})
       SELECT $1, $2, s.level, s.index, s.hash${value}
       FROM unnest($3::smallint[], $4::bigint[], $5::bytea[]) AS s (level, index, hash) ON CONFLICT DO NOTHING`,
      [
        log.municipality,
        log.name,
        subtrees.map(({ level }) => level),
        subtrees.map(({ index }) => index),
        subtrees.map(({ hash }) => hash),
        ...seal,
      ],
    );
  await tx.rows(
    `INSERT INTO ${prefix}checkpoint (municipality, log, size, at, note${column}) VALUES ($1, $2, $3, $4, $5${value})
     ON CONFLICT DO NOTHING`,
    [log.municipality, log.name, checkpoint.size, checkpoint.at, checkpoint.note, ...seal],
  );
}

/** The checkpoint of the greatest size. */
export const lastCheckpoint = async (tx: Transaction, log: LogKey): Promise<{ size: number; note: string } | null> =>
  (
    await tx.rows<{ size: number; note: string }>(
      `SELECT size, note FROM ${storageOf(log)}checkpoint
       WHERE municipality = $1 AND log = $2 ORDER BY size DESC LIMIT 1`,
      [log.municipality, log.name],
    )
  )[0] ?? null;

/** Subtrees of a log, read as they are needed: subtrees of 256 leaves and more from their own table, smaller ones from the leaves. */
export function subtreesIn(tx: Transaction, log: LogKey, fold: (hashes: Buffer[]) => Buffer): Subtrees {
  return {
    async at(height, index) {
      const level = Math.floor(height / 8);
      const width = 2 ** (height - 8 * level);
      const hashes =
        level === 0
          ? await leafHashes(tx, log, index * width, (index + 1) * width)
          : await subtreesOf(tx, log, level, index * width, (index + 1) * width);
      if (hashes.length !== width)
        throw new DamagedLog(`the log ${log.name} is not whole: a part of its tree is missing`);
      return fold(hashes.map(({ hash }) => hash));
    },
  };
}

// ── checks ────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Settings under which a committed entry would not survive a power cut, as `name = value`; empty if all is well. Check before the
 * room opens: an answer leaves only once its entry is durable, and these settings decide what durable means.
 */
export async function checkDurability(tx: Transaction): Promise<string[]> {
  const settings = await tx.rows<{ name: string; value: string }>(
    `SELECT name, current_setting(name) AS value
     FROM unnest(ARRAY['fsync', 'full_page_writes', 'synchronous_commit']) AS name`,
  );
  return settings.filter(({ value }) => value === 'off').map(({ name, value }) => `${name} = ${value}`);
}

/**
 * Throws if nothing can be made durable: on a standby, a read-only database, a full disk. It writes to the server's write-ahead log
 * only.
 */
export const checkWritable = async (tx: Transaction): Promise<void> =>
  void (await tx.rows(`SELECT pg_logical_emit_message(true, 'sluse', 'ready')`));

/**
 * Citizens for whom the projections do not match the leaves, in a part of a log. The number of times they are shown in the citizen's
 * own view and withheld from it must add up to the number of times the leaves name them, and each must match the leaves.
 */
export function unreconciled(tx: Transaction, log: LogKey, from: number, to: number): Promise<{ citizen: string }[]> {
  const prefix = storageOf(log);
  // Sealed entries are never shown.
  const [toBeShown, isShown] = prefix === '' ? [shownByLeaf, 't.shown'] : ['false', 'false'];
  const { where, values } = partOf(log, from, to);
  return tx.rows(
    // Parses each leaf once, and not again for every citizen in it.
    `WITH part AS MATERIALIZED (
       SELECT t.seq, leaf.citizens, leaf.outcome, leaf.actor
       FROM ${prefix}entry t CROSS JOIN LATERAL json_to_record(t.leaf::json) AS leaf (citizens json, outcome text, actor json) ${where}
     ), named AS (
       SELECT citizen, count(*) FILTER (WHERE shown) AS shown, count(*) FILTER (WHERE NOT shown) AS withheld
       FROM (
         SELECT DISTINCT p.seq, c.citizen, ${toBeShown} AS shown
         FROM part p CROSS JOIN LATERAL json_array_elements_text(p.citizens) AS c (citizen)
       ) AS one GROUP BY citizen
     ), projected AS (
       SELECT t.citizen, count(*) FILTER (WHERE ${isShown}) AS shown, count(*) FILTER (WHERE NOT ${isShown}) AS withheld
       FROM ${prefix}entry_citizen t ${where} GROUP BY t.citizen
     )
     SELECT citizen FROM named n FULL JOIN projected p USING (citizen)
     WHERE (n.shown, n.withheld) IS DISTINCT FROM (p.shown, p.withheld)`,
    values,
  );
}

/** `isShown`, in SQL. */
const shownByLeaf = `p.outcome <> 'DENIED' AND NOT coalesce(p.actor ->> 'kind' = 'Citizen' AND p.actor ->> 'id' = c.citizen, false)`;
