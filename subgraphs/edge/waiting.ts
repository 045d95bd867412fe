/**
 * A queue with two lines. Known callers go first and never stand behind a crowd of strangers. The strangers' line is served a share
 * of each turn, so that it drains, and it is short, so that it cannot fill the whole queue.
 */
export interface TwoLineQueue<Item> {
  readonly length: number;
  /** `false` if the line is full. */
  push(item: Item, isKnown: boolean): boolean;
  /** At most `count` items, those of known callers first. */
  take(count: number): Item[];
}

/** The part of each turn that is kept for strangers while known callers could fill it. */
const share = 0.1;

/** `limits`: most items in each line. */
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
