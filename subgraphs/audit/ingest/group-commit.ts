/**
 * Group commit. All entries that queued for a log while its last flush was in flight go to the database in one transaction. No timer
 * is needed: a lone entry waits for nobody, and many entries share one write to disk.
 *
 * Entries are settled only once their transaction is committed. The queue is bounded: an entry that does not fit is refused at once,
 * and the answer it was about never leaves.
 */
import { Fault } from '../../protocol/faults.js';

export interface GroupCommit<Entry> {
  /** Resolves when all of `entries` are durable. Throws `AUDIT_UNAVAILABLE` unless every one of them is. */
  append(entries: readonly Entry[]): Promise<void>;
}

export interface GroupCommitOptions<Entry> {
  /** The name of the log that an entry goes to. Entries of one lane are written in the order in which they came. */
  laneOf(entry: Entry): string;
  /** Writes entries of one lane in one transaction. Writing the same entry twice must do no harm. */
  write(lane: string, entries: readonly Entry[]): Promise<void>;
  /** Called for every failed write. The error may quote a row: log its code, not its text. */
  onFailure(error: unknown): void;
  /** Weight of an entry: the number of rows it makes, and so what it costs to keep in memory and to write. 1 by default. */
  weightOf?(entry: Entry): number;
  /** Most entries that may wait, over all lanes. */
  limit?: number;
  /** Greatest total weight of waiting entries. A heavier call is accepted when nobody waits, because it would never fit. */
  weightLimit?: number;
}

/** Entries that were appended in one call. */
interface QueuedEntries<Entry> {
  readonly entries: readonly Entry[];
  readonly weight: number;
  settle(failure: unknown): void;
}

/** Keeps a transaction small enough for the statement's time limit. Entries of one call are never split. */
const largestFlush = 1_000;
const heaviestFlush = 20_000;

/** `limit`: entries that may wait. `weightLimit`: their total weight. */
export function openGroupCommit<Entry>({
  laneOf,
  write,
  onFailure,
  weightOf = () => 1,
  limit = 10_000,
  weightLimit = 200_000,
}: GroupCommitOptions<Entry>): GroupCommit<Entry> {
  /** A lane exists while a flush of it is in flight. */
  const lanes = new Map<string, QueuedEntries<Entry>[]>();
  let waiting = 0;
  let waitingWeight = 0;

  const drain = async (name: string, lane: QueuedEntries<Entry>[]) => {
    while (lane.length > 0) {
      const batch = nextBatch(lane);
      await flush(name, batch);
      for (const { entries, weight } of batch) {
        waiting -= entries.length;
        waitingWeight -= weight;
      }
    }
    lanes.delete(name);
  };

  /** Never throws: it settles every entry of the batch. */
  const flush = async (name: string, batch: QueuedEntries<Entry>[]): Promise<void> => {
    try {
      await write(
        name,
        batch.flatMap(({ entries }) => entries),
      );
      for (const { settle } of batch) settle(null);
    } catch (error) {
      onFailure(error);
      if (batch.length === 1 || !liesInTheData(error)) for (const { settle } of batch) settle(error);
      // An entry with bad data must not fail the others, so they are retried one by one. If the database is gone, all of them fail.
      else for (const one of batch) await flush(name, [one]);
    }
  };

  const total = (entries: readonly Entry[]) => entries.reduce((sum, entry) => sum + weightOf(entry), 0);

  return {
    async append(entries) {
      const queued = [...byLane(entries, laneOf)].map(([name, together]) => ({
        name,
        together,
        weight: total(together),
      }));
      const weight = queued.reduce((sum, lane) => sum + lane.weight, 0);
      if (waiting + entries.length > limit || (waiting > 0 && waitingWeight + weight > weightLimit))
        throw new Fault('AUDIT_UNAVAILABLE');
      waiting += entries.length;
      waitingWeight += weight;
      const written = queued.map(
        ({ name, together, weight }) =>
          new Promise<void>((kept, lost) => {
            const settle = (failure: unknown) => (failure ? lost(new Fault('AUDIT_UNAVAILABLE')) : kept());
            const lane = lanes.get(name);
            if (lane) lane.push({ entries: together, weight, settle });
            else {
              const opened = [{ entries: together, weight, settle }];
              lanes.set(name, opened);
              void drain(name, opened);
            }
          }),
      );
      await Promise.all(written);
    },
  };
}

function byLane<Entry>(entries: readonly Entry[], laneOf: (entry: Entry) => string): Map<string, Entry[]> {
  const lanes = new Map<string, Entry[]>();
  for (const entry of entries) {
    const lane = lanes.get(laneOf(entry));
    if (lane) lane.push(entry);
    else lanes.set(laneOf(entry), [entry]);
  }
  return lanes;
}

/** Removes from the front of the lane what fits into one flush, and at least one call's entries. */
function nextBatch<Entry>(lane: QueuedEntries<Entry>[]): QueuedEntries<Entry>[] {
  let size = 0;
  let heavy = 0;
  let count = 0;
  for (const { entries, weight } of lane) {
    if (count > 0 && (size + entries.length > largestFlush || heavy + weight > heaviestFlush)) break;
    size += entries.length;
    heavy += weight;
    count += 1;
  }
  return lane.splice(0, count);
}

/** Whether the error blames a row. SQLSTATE classes: data exception, integrity violation, program limit exceeded. */
const liesInTheData = (error: unknown): boolean => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^(22|23|54)[0-9A-Z]{3}$/.test(code);
};
