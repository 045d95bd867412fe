/**
 * Counts repeated rejections. A stranger who is refused thousands of times a second must not fill a log that nobody can empty, nor
 * delay callers whose answers wait for the log.
 *
 * A **kind** is what rejections have in common: the person (or the address of an unknown caller), the operation, the outcome and the
 * codes. The first rejections of a kind get entries of their own, written before their answer leaves. Further ones are **counted**:
 * one entry at the end of each interval says how many there were, from when to when. The number of kinds is bounded, per source and
 * in all. Beyond that, rejections of one source, or of all other strangers, share one count. So it is never lost that they happened,
 * only which of them came when. A process that is stopped writes its counts before it ends; one that is killed loses at most those of
 * one interval.
 *
 * Only requests that were refused before they were executed are counted. None of that depends on any row, so no count tells of a
 * hidden one. Sealed entries are counted separately.
 */
import { type LogEntry, strangersEntry } from '../protocol/log-entry.js';
import { hashOf } from './request-record.js';
import { sourceOf } from './source.js';

export interface Rejections {
  /** Counts the entry if possible. True if it was counted, and needs no entry of its own. */
  counted(entry: LogEntry): boolean;
  /** Writes the counts so far. From then on nothing is counted any more. */
  close(): Promise<void>;
}

export interface RejectionOptions {
  readonly append: (entry: LogEntry) => Promise<void>;
  readonly now: () => Date;
  readonly newId: () => string;
  /** Milliseconds. `Infinity`: write only when closed. 0: each rejection is an entry. */
  readonly interval: number;
}

interface Bounds {
  /** Entries of one kind that are written at once, until the kind has been quiet for an interval. */
  readonly first: number;
  /** Entries of all kinds that are written at once in one interval. */
  readonly atOnce: number;
  readonly kindsOfSource: number;
  readonly kinds: number;
}

/** With these bounds a flood from any number of addresses adds less than a megabyte a minute. */
const ofStrangers: Bounds = { first: 3, atOnce: 300, kindsOfSource: 4, kinds: 250 };
/** Persons are known, and so is their number: beyond these bounds each rejection is an entry. */
const ofPersons: Bounds = { first: 20, atOnce: Number.POSITIVE_INFINITY, kindsOfSource: 8, kinds: 2_000 };
/** Sources that are told apart in one count. */
const mostSources = 10_000;

/** What is kept for one municipality under one seal, of strangers or of persons. */
interface RejectionLane {
  readonly bounds: Bounds;
  readonly tallies: Map<string, Tally>;
  /** Number of kinds per source. */
  readonly kindsOf: Map<string, number>;
  atOnce: number;
}

interface Tally {
  readonly entry: LogEntry;
  readonly source: string;
  /** Whether the count covers several kinds. It then names no source, operation or text. */
  readonly isMixed: boolean;
  readonly sources: Set<string>;
  readonly faults: Set<string>;
  written: number;
  attempts: number;
  first: string;
  last: string;
  hash: string;
}

export function openRejections({ append, now, newId, interval }: RejectionOptions): Rejections {
  const lanes = new Map<string, RejectionLane>();
  let closed = interval === 0;
  /** The last counts could not be written. Until the log is back, nothing is counted. */
  let failing = false;

  const laneOf = (entry: LogEntry): RejectionLane => {
    const isStranger = strangersEntry(entry);
    const key = JSON.stringify([isStranger, entry.municipality, entry.sealedBy]);
    const lane = lanes.get(key) ?? {
      bounds: isStranger ? ofStrangers : ofPersons,
      tallies: new Map(),
      kindsOf: new Map(),
      atOnce: 0,
    };
    lanes.set(key, lane);
    return lane;
  };

  const write = async (tally: Tally): Promise<void> => {
    const written = { attempts: tally.attempts, first: tally.first, last: tally.last };
    const entry = countedEntry(tally, newId(), now().toISOString());
    tally.attempts = 0;
    tally.sources.clear();
    try {
      await append(entry);
    } catch (error) {
      // They stay counted, together with what came meanwhile.
      if (tally.attempts === 0 || written.last > tally.last) tally.last = written.last;
      if (tally.attempts === 0 || written.first < tally.first) tally.first = written.first;
      tally.attempts += written.attempts;
      throw error;
    }
  };

  const flush = async (): Promise<void> => {
    const due: Tally[] = [];
    for (const [key, lane] of lanes) {
      lane.atOnce = 0;
      for (const [name, tally] of lane.tallies) {
        if (tally.attempts > 0) due.push(tally);
        else {
          // The kind has been quiet: its next rejection is a first one.
          lane.tallies.delete(name);
          if (!tally.isMixed) less(lane.kindsOf, tally.source);
        }
      }
      if (lane.tallies.size === 0) lanes.delete(key);
    }
    const written = await Promise.allSettled(due.map(write));
    failing = written.some(({ status }) => status === 'rejected');
  };

  let flushing = Promise.resolve();
  const flushNext = () => {
    flushing = flushing.then(flush);
    return flushing;
  };
  const timer = interval > 0 && Number.isFinite(interval) ? setInterval(() => void flushNext(), interval) : null;
  timer?.unref();

  return {
    counted(entry) {
      if (closed || failing) return false;
      const lane = laneOf(entry);
      const tally = tallyOf(lane, entry);
      if (!tally) return false;
      if (tally.written < lane.bounds.first && lane.atOnce < lane.bounds.atOnce) {
        tally.written += 1;
        lane.atOnce += 1;
        return false;
      }
      note(tally, entry);
      return true;
    },
    async close() {
      closed = true;
      if (timer) clearInterval(timer);
      await flushNext();
    },
  };
}

/** `null` if there is no room for the kind, and no count that it could share. */
function tallyOf({ tallies, kindsOf, bounds }: RejectionLane, entry: LogEntry): Tally | null {
  const { actor, workstation } = entry;
  const source = actor ? `${actor.kind} ${actor.id}` : sourceOf(workstation);
  const kind = JSON.stringify([
    source,
    entry.operation.name,
    entry.use,
    entry.outcome,
    entry.faults,
    ...(actor ? [workstation, entry.session, entry.right, entry.actingFor] : []),
  ]);
  const known = tallies.get(kind);
  if (known) return known;
  const kinds = kindsOf.get(source) ?? 0;
  const isRoom = tallies.size < bounds.kinds;
  const open = (key: string, isMixed: boolean): Tally => {
    const tally = newTally(entry, source, isMixed);
    tallies.set(key, tally);
    return tally;
  };
  if (kinds < bounds.kindsOfSource && isRoom) {
    kindsOf.set(source, kinds + 1);
    return open(kind, false);
  }
  const several = JSON.stringify([source]);
  if (tallies.has(several) || (isRoom && kinds > 0)) return tallies.get(several) ?? open(several, true);
  // Strangers beyond the bound share one count. A person never shares one.
  return actor ? null : (tallies.get('') ?? open('', true));
}

const newTally = (entry: LogEntry, source: string, isMixed: boolean): Tally => ({
  ...{ entry, source, isMixed },
  ...{ sources: new Set<string>(), faults: new Set<string>() },
  ...{ written: 0, attempts: 0, first: entry.at, last: entry.at, hash: entry.operation.hash },
});

function note(tally: Tally, entry: LogEntry): void {
  // A clock may be set back.
  if (tally.attempts === 0) [tally.first, tally.last] = [entry.at, entry.at];
  if (entry.at < tally.first) tally.first = entry.at;
  if (entry.at > tally.last) tally.last = entry.at;
  tally.attempts += 1;
  if (tally.sources.size < mostSources) tally.sources.add(sourceOf(entry.workstation));
  for (const code of entry.faults) if (tally.faults.size < 30) tally.faults.add(code);
  if (entry.operation.hash !== tally.hash) tally.hash = hashOf('');
}

/**
 * Leaves out everything that differs from one rejection to the next, above all the caller's own words: the entry would state it of
 * all of them.
 */
function countedEntry({ entry, isMixed, sources, ...tally }: Tally, id: string, at: string): LogEntry {
  const isOfOne = sources.size <= 1;
  return {
    ...entry,
    ...{ id, at: at > tally.last ? at : tally.last, follows: null },
    operation: { hash: tally.hash, name: isMixed ? null : entry.operation.name, text: null },
    faults: [...tally.faults].sort(),
    // A person is identified by the actor; a stranger by the address only.
    workstation: isOfOne ? entry.workstation : null,
    ...{ purpose: null, transactionId: null, requestId: null, onBehalfOf: null },
    counted: { attempts: tally.attempts, first: tally.first, last: tally.last, sources: Math.max(1, sources.size) },
  };
}

function less(counts: Map<string, number>, name: string): void {
  const left = (counts.get(name) ?? 0) - 1;
  if (left > 0) counts.set(name, left);
  else counts.delete(name);
}
