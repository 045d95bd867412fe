/**
 * How much work may be done a second, shared fairly between those who ask for it.
 *
 * The threat: a limit for all is used up by a dozen addresses, and then nobody else is served. So the limit of one **source** comes
 * first, and what is left is shared: while many ask, each has an equal part of it. A quarter is kept for those who have asked
 * a few times only in the last minute: whoever comes rarely is served, however many ask all the time.
 */
import { LRUCache } from 'lru-cache';

export interface FairLimit {
  /** Whether there is room for it. `cost`: for work that is worth several times the usual. */
  take(source: string, cost?: number): boolean;
}

export interface Rate {
  /** A second, of one source. */
  readonly source: number;
  /** A second, of all. */
  readonly all: number;
}

/** The part of all that is kept for those who ask rarely, and how often in a minute that is. */
const keptShare = 0.25;
const rarely = 5;
/** Sources remembered: of one that is forgotten it is not known that it asked before. */
const mostSources = 20_000;
const [second, minute] = [1_000, 60_000];

interface SourceUse {
  /** Begin of the second in which the two were: all of it, and what of it came from the general part. */
  second: number;
  used: number;
  general: number;
  minute: number;
  inMinute: number;
}

/** `clock`: monotonic milliseconds. */
export function openFairLimit(rate: Rate, clock: () => number = () => performance.now()): FairLimit {
  const kept = Math.max(1, Math.floor(rate.all * keptShare));
  const general = Math.max(1, rate.all - kept);
  const uses = new LRUCache<string, SourceUse>({ max: mostSources });
  let began = clock();
  let [usedOfKept, usedOfGeneral] = [0, 0];
  /** Sources that shared the general part in the second before, and in this one. */
  let [before, here] = [0, new Set<string>()];

  const turn = (now: number) => {
    if (now - began < second) return;
    before = now - began < 2 * second ? here.size : 0;
    [usedOfKept, usedOfGeneral, here] = [0, 0, new Set()];
    began = now;
  };

  const useOf = (source: string, now: number): SourceUse => {
    const use = uses.get(source) ?? { second: began, used: 0, general: 0, minute: now, inMinute: 0 };
    if (use.second !== began) [use.second, use.used, use.general] = [began, 0, 0];
    if (now - use.minute >= minute) [use.minute, use.inMinute] = [now, 0];
    uses.set(source, use);
    return use;
  };

  const takeKept = (use: SourceUse, cost: number): boolean => {
    // One a second: otherwise those who begin to ask all the time would use it up while they are not known as such yet.
    if (use.inMinute > rarely || use.used > 0 || usedOfKept + cost > kept) return false;
    usedOfKept += cost;
    return true;
  };

  const takeGeneral = (source: string, use: SourceUse, cost: number): boolean => {
    if (here.size < mostSources) here.add(source);
    const part = general / Math.max(before, here.size);
    if (usedOfGeneral + cost > general || (use.general > 0 && use.general + cost > part)) return false;
    usedOfGeneral += cost;
    use.general += cost;
    return true;
  };

  return {
    take(source, cost = 1) {
      const now = clock();
      turn(now);
      const use = useOf(source, now);
      use.inMinute += 1;
      if (use.used > 0 && use.used + cost > rate.source) return false;
      if (!takeKept(use, cost) && !takeGeneral(source, use, cost)) return false;
      use.used += cost;
      return true;
    },
  };
}
