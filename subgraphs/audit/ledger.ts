/**
 * Group commit. Whatever queued for a municipality while its last flush was in flight goes to the database as one
 * transaction: no timer, so that a lone entry waits for nobody, and a crowd shares one write to disk.
 *
 * An entry is settled only once its transaction is committed. The queue is bounded: what cannot be queued is refused at
 * once, and the answer it was about never leaves.
 */
import { Fault } from '../kit/faults.js';

export interface Ledger<Entry> {
  /** Returns when all of `entries` are durable; throws `AUDIT_UNAVAILABLE` unless every one of them is. */
  append(entries: readonly Entry[]): Promise<void>;
}

export interface LedgerOptions<Entry> {
  /** Writes a batch of one municipality in one transaction; the same entry twice must do no harm. */
  write(municipality: string, batch: readonly Entry[]): Promise<void>;
  /** Told of every failed write. The error may quote a row: log its code, not its text. */
  onFailure(error: unknown): void;
  /** Entries that may wait, over all municipalities. */
  limit?: number;
}

interface Waiting<Entry> {
  entry: Entry;
  kept(): void;
  lost(): void;
}

/** Keeps one transaction to a size that cannot run into the statement's time limit. */
const largestFlush = 1_000;

export function openLedger<Entry extends { readonly municipality: string }>({
  write,
  onFailure,
  limit = 10_000,
}: LedgerOptions<Entry>): Ledger<Entry> {
  /** A lane is there while a flush of its municipality is in flight. */
  const lanes = new Map<string, Waiting<Entry>[]>();
  let waiting = 0;

  const drain = async (municipality: string, lane: Waiting<Entry>[]) => {
    while (lane.length > 0) {
      const batch = lane.splice(0, largestFlush);
      await flush(municipality, batch);
      waiting -= batch.length;
    }
    lanes.delete(municipality);
  };

  /** Never throws: it settles every entry of the batch. */
  const flush = async (municipality: string, batch: Waiting<Entry>[]): Promise<void> => {
    try {
      await write(
        municipality,
        batch.map(({ entry }) => entry),
      );
      for (const { kept } of batch) kept();
    } catch (error) {
      onFailure(error);
      if (batch.length === 1 || !liesInTheData(error)) for (const { lost } of batch) lost();
      else await oneByOne(municipality, batch);
    }
  };

  /** One poison entry must not take the others of its batch down; a database that went away takes them all. */
  const oneByOne = async (municipality: string, batch: Waiting<Entry>[]): Promise<void> => {
    for (const [index, { entry, kept, lost }] of batch.entries()) {
      try {
        await write(municipality, [entry]);
        kept();
      } catch (error) {
        onFailure(error);
        lost();
        if (liesInTheData(error)) continue;
        for (const later of batch.slice(index + 1)) later.lost();
        return;
      }
    }
  };

  return {
    async append(entries) {
      if (waiting + entries.length > limit) throw new Fault('AUDIT_UNAVAILABLE');
      waiting += entries.length;
      const idle = new Map<string, Waiting<Entry>[]>();
      const all = entries.map(
        (entry) =>
          new Promise<void>((kept, reject) => {
            const { municipality } = entry;
            let lane = lanes.get(municipality);
            if (!lane) {
              lane = [];
              lanes.set(municipality, lane);
              idle.set(municipality, lane);
            }
            lane.push({ entry, kept, lost: () => reject(new Fault('AUDIT_UNAVAILABLE')) });
          }),
      );
      for (const [municipality, lane] of idle) void drain(municipality, lane);
      await Promise.all(all);
    },
  };
}

/** SQLSTATE classes that blame a row: data exception, integrity violation, program limit exceeded. */
const liesInTheData = (error: unknown): boolean => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^(22|23|54)[0-9A-Z]{3}$/.test(code);
};
