/**
 * Rejections that repeat themselves are counted: a stranger who is refused thousands of times a second must not fill a log that nobody
 * can empty, nor hold up those whose answers wait for it.
 *
 * A **kind** is what rejections have in common: whose they are (the person, or the address of somebody who is not known), the operation,
 * the outcome and the codes. The first ones of a kind are entries of their own, written before their answer leaves, as ever. Further
 * ones are **counted**: one entry at the end of each interval says how many there were, from when to when. What is kept is bounded
 * for each source and in all; beyond that, rejections of one source, or of all the other strangers, share one count. So that
 * they happened is never lost, only which of them came when. A process that is stopped writes its counts before it ends;
 * one that is killed loses those of one interval at most.
 *
 * Only what was refused before it was looked at is counted. Nothing of that depends on any row, and so no count tells of a hidden one;
 * what lies under a seal is counted apart.
 */
import { type LogEntry, strangersEntry } from '../protocol/log-entry.js';
import { hashOf } from './request-record.js';
import { sourceOf } from './source.js';

export interface Rejections {
  /** Whether it was counted, and needs no entry of its own. */
  counted(entry: LogEntry): boolean;
  /** Writes what was counted so far; from then on nothing is counted any more. */
  close(): Promise<void>;
}

export interface RejectionOptions {
  readonly append: (entry: LogEntry) => Promise<void>;
  readonly now: () => Date;
  readonly newId: () => string;
  /** Milliseconds; `Infinity`: only when it is closed; 0: each rejection is an entry. */
  readonly interval: number;
}

interface Bounds {
  /** Entries of one kind that are written at once, until it has been quiet for an interval. */
  readonly first: number;
  /** Entries of all kinds that are written at once in one interval. */
  readonly atOnce: number;
  readonly kindsOfSource: number;
  readonly kinds: number;
}

/** By these a flood from anywhere is less than a megabyte a minute. */
const ofStrangers: Bounds = { first: 3, atOnce: 300, kindsOfSource: 4, kinds: 250 };
/** Of persons it is known who they are, and so how many: beyond the bounds each rejection is an entry. */
const ofPersons: Bounds = { first: 20, atOnce: Number.POSITIVE_INFINITY, kindsOfSource: 8, kinds: 2_000 };
/** Sources that are told apart in one count. */
const mostSources = 10_000;

/** What is kept for one municipality under one seal, of strangers or of persons. */
interface RejectionLane {
  readonly bounds: Bounds;
  readonly tallies: Map<string, Tally>;
  /** How many kinds there are of a source. */
  readonly kindsOf: Map<string, number>;
  atOnce: number;
}

interface Tally {
  readonly entry: LogEntry;
  readonly source: string;
  /** Of which source, operation and text it is; one that is of many says none. */
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
  /** The last counts could not be written: until the log is back, nothing is taken as counted. */
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
    const told = { attempts: tally.attempts, first: tally.first, last: tally.last };
    const entry = countedEntry(tally, newId(), now().toISOString());
    tally.attempts = 0;
    tally.sources.clear();
    try {
      await append(entry);
    } catch (error) {
      // They stay counted, beside what came meanwhile.
      if (tally.attempts === 0 || told.last > tally.last) tally.last = told.last;
      if (tally.attempts === 0 || told.first < tally.first) tally.first = told.first;
      tally.attempts += told.attempts;
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
          // It has been quiet: its next one is a first one.
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

/** `null`: there is no place for it, and nothing that it could share. */
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
  // Strangers that are too many share one count; a person is somebody.
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

/** What differs from one rejection to the next is left out, what callers wrote first of all: it would be told of all of them. */
function countedEntry({ entry, isMixed, sources, ...tally }: Tally, id: string, at: string): LogEntry {
  const isOfOne = sources.size <= 1;
  return {
    ...entry,
    ...{ id, at: at > tally.last ? at : tally.last, follows: null },
    operation: { hash: tally.hash, name: isMixed ? null : entry.operation.name, text: null },
    faults: [...tally.faults].sort(),
    // Persons are known by themselves; strangers by nothing but where they are.
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
