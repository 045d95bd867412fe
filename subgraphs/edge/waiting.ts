/**
 * What waits for its turn, in two lines. Honest callers go first: whoever is known does not stand behind a crowd that is not. The
 * second line is served a share of each turn, so that it ends, and it is short, so that it cannot fill the whole.
 */
export interface TwoLineQueue<Item> {
  readonly length: number;
  /** `false` where the line is full. */
  push(item: Item, isKnown: boolean): boolean;
  /** At most `count` items, those that are known first. */
  take(count: number): Item[];
}

/** The part of a turn that is kept for the second line while the first one could fill it. */
const share = 0.1;

export function openTwoLineQueue<Item>(limits: {
  readonly known: number;
  readonly unknown: number;
}): TwoLineQueue<Item> {
  const known: Item[] = [];
  const unknown: Item[] = [];
  return {
    get length() {
      return known.length + unknown.length;
    },
    push(item, isKnown) {
      const [line, limit] = isKnown ? [known, limits.known] : [unknown, limits.unknown];
      if (line.length >= limit) return false;
      line.push(item);
      return true;
    },
    take(count) {
      const kept = Math.min(unknown.length, Math.ceil(count * share));
      const first = known.splice(0, Math.max(0, count - kept));
      return [...first, ...unknown.splice(0, count - first.length)];
    },
  };
}
