/**
 * Limits how much work is done per second, and shares it fairly between those who ask for it.
 *
 * The threat: a dozen addresses could use up a limit for all, and then nobody else would be served. So the limit per **source** comes
 * first, and the rest is shared: while many ask, each has an equal part. A quarter is kept for sources that have asked only a few
 * times in the last minute, so that a rare caller is served however many others ask all the time.
 */
import { LRUCache } from 'lru-cache';

export interface FairLimit {
  /** Takes `cost` units if there is room for them, and says whether there was. `cost`: for work that is worth several units. */
  take(source: string, cost?: number): boolean;
}

export interface Rate {
  /** Units per second of one source. */
  readonly source: number;
  /** Units per second of all sources. */
  readonly all: number;
}

/** The part that is kept for sources that ask rarely, and how many requests a minute still count as rare. */
const keptShare = 0.25;
const rarely = 5;
/** Sources remembered. A forgotten source counts as new. */
const mostSources = 20_000;
const [second, minute] = [1_000, 60_000];

interface SourceUse {
  /** Start of the second in which the next two were counted: all units, and those from the general part. */
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
  /** Sources that shared the general part in the previous second, and in this one. */
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
    // One unit a second per source. Otherwise sources that have just begun to ask all the time would use up this part before they are
    // recognised.
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
