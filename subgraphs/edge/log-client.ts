/**
 * Writes what an answer discloses to the log before the answer leaves. It is used by every edge: the gateway, and a room that a case
 * system calls directly. There is one entry per answer that names a person or a case or searched for one, and one per attempt that
 * was refused or failed.
 */
import type { Logger } from 'pino';
import { Fault } from '../protocol/faults.js';
import { type Internal, InternalRefused } from '../protocol/internal.js';
import { type Appended, type LogEntry, packed, strangersEntry } from '../protocol/log-entry.js';
import { openRejections } from './rejections.js';
import { type EntryOptions, entriesOf, entryOf, type IntendedChange, type RequestRecord } from './request-record.js';
import { openTwoLineQueue } from './waiting.js';

export interface LogClient {
  /** Resolves once the beginning of a change is durable. Throws if it cannot be written. */
  begin(record: RequestRecord, change: IntendedChange): Promise<void>;
  /** Resolves once the entry is durable, or when there is nothing to log. Throws if it cannot be written. */
  write(record: RequestRecord): Promise<void>;
  /** Writes the counts that have no entry yet. Later rejections are written one by one. */
  close(): Promise<void>;
}

export interface LogClientOptions extends EntryOptions {
  /** Milliseconds between entries that count rejections of a kind; a minute by default. 0: nothing is counted. */
  readonly interval?: number;
}

export function openLogClient(audit: Internal, options: LogClientOptions): LogClient {
  const queue = () => batched(async (entries) => (await audit('append', packed(entries))) as unknown as Appended);
  // Two queues: the number of sealed entries may depend on a hidden case, so no ordinary entry waits behind them.
  const [ordinary, sealed] = [queue(), queue()];
  const append = (entry: LogEntry) => (entry.sealedBy.length > 0 ? sealed : ordinary)(entry);
  const rejections = openRejections({ append, ...options, interval: options.interval ?? 60_000 });
  return {
    close: () => rejections.close(),
    async begin(record, change) {
      const entry = entryOf({ ...record, disclosed: { ...change, named: new Map(), hasData: false } }, options);
      await append({ ...entry, outcome: 'BEGUN' });
      record.begun = entry.id;
    },
    async write(record) {
      // A change that was begun always gets a final entry, even if nothing came of it. Otherwise its fate would be investigated.
      const isLogged = record.disclosed?.footprint.audited || record.faults.length > 0 || record.begun !== undefined;
      if (!isLogged) return;
      const entries = entriesOf(record, options);
      // A request that was executed is never counted: its entry says what was found or searched for.
      const isLookedAt = record.disclosed !== null || record.begun !== undefined;
      await Promise.all(entries.map((entry) => (!isLookedAt && rejections.counted(entry) ? undefined : append(entry))));
    },
  };
}

/** Nothing is changed unlogged: a change whose beginning cannot be logged is not made. */
export async function beginLogged(
  change: IntendedChange,
  record: RequestRecord,
  { logClient, log }: { readonly logClient: LogClient; readonly log: Logger },
): Promise<void> {
  try {
    await logClient.begin(record, change);
  } catch (error) {
    log.error({ err: error }, 'the log could not be written; the change is not made');
    throw new Fault('AUDIT_UNAVAILABLE');
  }
}

/** Most entries in one call to the audit room, and most entries that may wait for one: from known callers, and from strangers. */
const batchSize = 500;
const queueSize = { known: 10_000, unknown: 1_000 };
/** Calls at once. While the room waits for its disk, it can read the next batch. */
const callsAtOnce = 2;

/**
 * Batches entries. Those that queued while earlier calls were under way go with the next call, so no timer is needed and a single
 * caller never waits. Answers that become ready in the same turn of the event loop share a call. Free calls divide the waiting
 * entries among themselves: otherwise callers who were answered together would come back together, and wait behind the first of them.
 * An entry that the room refuses fails alone. A batch that is refused as a whole (too large) is retried one by one, so that no entry
 * keeps another out of the log.
 */
function batched(send: (entries: readonly LogEntry[]) => Promise<Appended>): (entry: LogEntry) => Promise<void> {
  const waiting = openTwoLineQueue<PendingEntry>(queueSize);
  let underWay = 0;
  let starting = false;

  const sendAll = async (batch: readonly PendingEntry[]) => {
    const { appended, refused } = await send(batch.map(({ entry }) => entry));
    if (appended !== batch.length - refused.length)
      throw new Error('the audit room did not say that it took every entry');
    for (const { index, reason } of refused)
      batch[index]!.failed(new Error(`the audit room refused an entry: ${reason}`));
    for (const { done } of batch) done();
  };

  const flush = async (batch: readonly PendingEntry[]) => {
    underWay += 1;
    await sendAll(batch).catch(async (error) => {
      if (error instanceof InternalRefused && batch.length > 1) {
        for (const one of batch) await sendAll([one]).catch(one.failed);
        return;
      }
      for (const one of batch) one.failed(error);
      // If the room does not answer, all waiting entries fail now. Otherwise they would find out one call after the other.
      if (!(error instanceof InternalRefused)) for (const one of waiting.take(waiting.length)) one.failed(error);
    });
    underWay -= 1;
    start();
  };

  const start = () => {
    if (starting || underWay === callsAtOnce || waiting.length === 0) return;
    starting = true;
    setImmediate(() => {
      starting = false;
      while (underWay < callsAtOnce && waiting.length > 0) {
        const share = Math.ceil(waiting.length / (callsAtOnce - underWay));
        void flush(waiting.take(Math.min(share, batchSize)));
      }
    });
  };

  return (entry) =>
    new Promise((done, failed) => {
      if (!waiting.push({ entry, done, failed }, !strangersEntry(entry)))
        return failed(new Error('too many entries wait for the audit room'));
      start();
    });
}

interface PendingEntry {
  readonly entry: LogEntry;
  done(): void;
  failed(error: unknown): void;
}
