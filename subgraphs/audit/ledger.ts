/**
 * Group commit. Whatever queued for a log while its last flush was in flight goes to the database as one transaction: no timer,
 * so that a lone entry waits for nobody, and a crowd shares one write to disk.
 *
 * Entries are settled only once their transaction is committed. The queue is bounded: what cannot be queued is refused at
 * once, and the answer it was about never leaves.
 */
import { Fault } from '../kit/faults.js';

export interface Ledger<Entry> {
  /** Returns when all of `entries` are durable; throws `AUDIT_UNAVAILABLE` unless every one of them is. */
  append(entries: readonly Entry[]): Promise<void>;
}

export interface LedgerOptions<Entry> {
  /** The log that an entry goes to: those of one name are written in the order in which they came. */
  laneOf(entry: Entry): string;
  /** Writes entries of one lane in one transaction; the same entry twice must do no harm. */
  write(lane: string, entries: readonly Entry[]): Promise<void>;
  /** Told of every failed write. The error may quote a row: log its code, not its text. */
  onFailure(error: unknown): void;
  /** Entries that may wait, over all lanes. */
  limit?: number;
}

/** Entries that came together. */
interface Waiting<Entry> {
  readonly entries: readonly Entry[];
  settle(failure: unknown): void;
}

/** Keeps one transaction to a size that cannot run into the statement's time limit. */
const largestFlush = 1_000;

export function openLedger<Entry>({ laneOf, write, onFailure, limit = 10_000 }: LedgerOptions<Entry>): Ledger<Entry> {
  /** A lane is there while a flush of it is in flight. */
  const lanes = new Map<string, Waiting<Entry>[]>();
  let waiting = 0;

  const drain = async (name: string, lane: Waiting<Entry>[]) => {
    while (lane.length > 0) {
      const batch = nextBatch(lane);
      await flush(name, batch);
      for (const { entries } of batch) waiting -= entries.length;
    }
    lanes.delete(name);
  };

  /** Never throws: it settles everybody in the batch. */
  const flush = async (name: string, batch: Waiting<Entry>[]): Promise<void> => {
    try {
      await write(
        name,
        batch.flatMap(({ entries }) => entries),
      );
      for (const { settle } of batch) settle(null);
    } catch (error) {
      onFailure(error);
      if (batch.length === 1 || !liesInTheData(error)) for (const { settle } of batch) settle(error);
      // One who brings poison must not take the others down; a database that went away takes them all.
      else for (const one of batch) await flush(name, [one]);
    }
  };

  return {
    async append(entries) {
      if (waiting + entries.length > limit) throw new Fault('AUDIT_UNAVAILABLE');
      waiting += entries.length;
      const written = [...byLane(entries, laneOf)].map(
        ([name, together]) =>
          new Promise<void>((kept, lost) => {
            const settle = (failure: unknown) => (failure ? lost(new Fault('AUDIT_UNAVAILABLE')) : kept());
            const lane = lanes.get(name);
            if (lane) lane.push({ entries: together, settle });
            else {
              const opened = [{ entries: together, settle }];
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

/** Takes from the front of the lane what fits into one flush, and at least one. */
function nextBatch<Entry>(lane: Waiting<Entry>[]): Waiting<Entry>[] {
  let size = 0;
  let count = 0;
  for (const { entries } of lane) {
    if (count > 0 && size + entries.length > largestFlush) break;
    size += entries.length;
    count += 1;
  }
  return lane.splice(0, count);
}

/** SQLSTATE classes that blame a row: data exception, integrity violation, program limit exceeded. */
const liesInTheData = (error: unknown): boolean => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^(22|23|54)[0-9A-Z]{3}$/.test(code);
};
