/**
 * Decides which log an entry goes to, also when it is stored already or when the month has changed. A **lane** is one municipality
 * and one seal. It has one open log at a time, that of the newest month.
 */
import { createHash } from 'node:crypto';
import type { RoomServices } from '../../kit/room.js';
import { type StorableEntry, writeLeaf } from '../tree/leaf.js';
import { logsUnder, openLog } from '../tree/log-store.js';
import { type GroupCommit, openGroupCommit } from './group-commit.js';
import { appendEntries, type Batch, idsIn, isThere, type LogPlace, notOpen } from './store.js';

export interface WriterOptions {
  /** A value that nobody can guess, of at least 122 random bits. Called once per entry. */
  readonly salt: (id: string) => string;
  /** Whether the citizens of a municipality may know which employee looked them up. */
  readonly employeesShown: (municipality: string) => boolean;
}

/** An open log, as this process knows it. */
interface OpenLog extends LogPlace {
  readonly month: string;
  /** Hashes of the definitions that the log has. */
  readonly definitions: Set<string>;
}

/** Most definition hashes remembered, over all logs. */
const mostDefinitions = 10_000;
/** How often a flush is tried. A retry means that another process was faster. */
const mostTries = 5;
/** Milliseconds after its opening during which a log may receive entries that already went to the previous log. */
const turn = 3_600_000;

export function openWriter(services: RoomServices, options: WriterOptions): GroupCommit<StorableEntry> {
  const { database, now, log } = services;
  const lanes = new Map<string, OpenLog>();

  const placeOf = async (lane: string, entry: StorableEntry): Promise<OpenLog> => {
    const month = monthOf(now());
    const known = lanes.get(lane);
    // A clock that was set back changes nothing: the newest log stays open.
    if (known && known.month >= month) return known;
    const opened = await openedFor(services, entry.municipality, entry.sealedBy, month);
    lanes.set(lane, opened);
    return opened;
  };

  const write = async (lane: string, entries: readonly StorableEntry[]): Promise<void> => {
    let wanted = once(entries);
    for (let tries = 1; wanted.length > 0; tries += 1) {
      const place = await placeOf(lane, wanted[0]!);
      const batch = batchOf(wanted, place, options);
      try {
        await appendEntries(database, place, batch);
        // The total over all logs. There is one log per seal.
        const remembered = [...lanes.values()].reduce((sum, { definitions }) => sum + definitions.size, 0);
        if (remembered > mostDefinitions) for (const { definitions } of lanes.values()) definitions.clear();
        for (const hash of batch.definitions.keys()) place.definitions.add(hash);
        return;
      } catch (error) {
        lanes.delete(lane);
        const code = (error as { code?: unknown } | null)?.code;
        if (tries === mostTries || !(code === notOpen || code === isThere || (tries === 1 && isCut(error))))
          throw error;
        // There are three causes. An edge has sent the entry before, perhaps to another process: the stored entry stays. Or another
        // process has opened the next month: look again. Or the connection was cut, and it is not known whether the flush was
        // committed: an entry that was committed is found.
        const there =
          code === isThere
            ? await idsIn(
                database,
                place,
                wanted.map(({ id }) => id),
              )
            : new Set();
        wanted = wanted.filter(({ id }) => !there.has(id));
      }
    }
  };

  const openQueue = () =>
    openGroupCommit<StorableEntry>({
      laneOf: ({ municipality, sealedBy }) =>
        sealedBy.length === 0 ? municipality : `${municipality} ${sealedBy.join(' ')}`,
      write,
      // The number of rows in the tables.
      weightOf: ({ citizens, cases, searched }) => 1 + citizens.length + cases.length + searched.length,
      // The message of a database error may quote the row.
      onFailure: (error) =>
        log.error({ code: (error as { code?: unknown })?.code }, 'log entries could not be written'),
    });
  // One bound each: the weight of a sealed entry depends on what was found, and must not cause an ordinary entry to be refused.
  const [ordinary, sealed] = [openQueue(), openQueue()];
  return {
    async append(entries) {
      const under = entries.filter(({ sealedBy }) => sealedBy.length > 0);
      if (under.length === 0) return ordinary.append(entries);
      const open = entries.filter(({ sealedBy }) => sealedBy.length === 0);
      // Waits for all of them, successful or not: a caller must not be told of a failure while another write is still under way.
      const done = await Promise.allSettled([
        sealed.append(under),
        open.length > 0 ? ordinary.append(open) : undefined,
      ]);
      const failed = done.find((one) => one.status === 'rejected');
      if (failed) throw failed.reason;
    },
  };
}

/** Whether the connection was cut during a statement while the server is available. False if the server merely did not answer in time. */
const isCut = (error: unknown): boolean => {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return (
    /^(57P01|57P02|08\d{3}|ECONNRESET|EPIPE)$/.test(String(code)) || message === 'Connection terminated unexpectedly'
  );
};

/** `2026-11`, in UTC: a month that depended on daylight saving or on the municipality would be confusing. */
export const monthOf = (time: Date): string => time.toISOString().slice(0, 7);

/** The name of a log. The seal itself is stored only in the database, where row-level security protects it. */
export function logName(municipality: string, month: string, sealedBy: readonly string[]): string {
  const period = `${municipality}/${month}`;
  if (sealedBy.length === 0) return period;
  return `${period}/${createHash('sha256').update(sealedBy.join('\n')).digest('hex').slice(0, 32)}`;
}

async function openedFor(
  { database, now }: RoomServices,
  municipality: string,
  sealedBy: readonly string[],
  month: string,
): Promise<OpenLog> {
  let wanted = month;
  for (let tries = 0; tries < 3; tries += 1) {
    await openLog(database, municipality, wanted, logName(municipality, wanted, sealedBy), sealedBy, now());
    const [newest, before] = await logsUnder(database, municipality, sealedBy);
    if (newest && newest.closedAt === null) {
      const fresh = now().getTime() - newest.openedAt.getTime() < turn;
      return {
        municipality,
        log: newest.name,
        month: newest.month,
        sealedBy,
        before: fresh && before && !before.droppedAt ? before.name : null,
        definitions: new Set(),
      };
    }
    // It is closed already, by a process whose clock is ahead of ours: the next month has begun.
    if (newest) wanted = following(newest.month);
  }
  throw new Error(`no log is open for ${municipality}`);
}

/** The next month. */
export const following = (month: string): string => {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return monthOf(new Date(Date.UTC(year, number, 1)));
};

/** Removes repeated ids; the first entry of each stays. */
const once = (entries: readonly StorableEntry[]): readonly StorableEntry[] => {
  const byId = new Map<string, StorableEntry>();
  for (const entry of entries) if (!byId.has(entry.id)) byId.set(entry.id, entry);
  return byId.size === entries.length ? entries : [...byId.values()];
};

function batchOf(entries: readonly StorableEntry[], place: OpenLog, options: WriterOptions): Batch {
  const definitions = new Map<string, string>();
  for (const { operation } of entries)
    if (!place.definitions.has(operation.definition.hash))
      definitions.set(operation.definition.hash, operation.definition.text);
  return {
    entries,
    leaves: entries.map((entry) => writeLeaf(entry, options.salt(entry.id))),
    definitions,
    employeesShown: options.employeesShown(place.municipality),
  };
}
