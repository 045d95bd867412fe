/** All SQL that appends entries to a log. */
import type { Database, Tasks } from '../../postgres/database.js';
import { changeNotes } from '../changes/store.js';
import type { StorableEntry } from '../tree/leaf.js';
import { periodOf, tasksOf } from '../tree/log-store.js';

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
