/**
 * What the log keeps of an operation's text. Each text is kept once and never removed, so a caller who sends a new text every time,
 * with a comment of 88 kB in it, must not be able to fill the log.
 *
 * A text of usual length is kept as it is. A longer one is kept without comments and insignificant white space. If it is still too
 * long, only its beginning and its end are kept. The hash in an entry is always that of the whole text.
 */
import { stripIgnoredCharacters } from 'graphql';
import { LRUCache } from 'lru-cache';

/** Most characters of a text that is kept as it is, and of what is kept of a longer one. */
const asItWas = 4_000;
export const longestKept = 8_000;
const [beginning, end] = [6_000, 1_500];

const shortened = new LRUCache<string, string>({ maxSize: 4_000_000, sizeCalculation: (text) => text.length + 100 });

/** `hash`: of the whole text. */
export function keptText(text: string, hash: string): string {
  if (text.length <= asItWas) return text;
  const known = shortened.get(hash);
  if (known !== undefined) return known;
  const kept = shorten(text);
  shortened.set(hash, kept);
  return kept;
}

function shorten(text: string): string {
  const read = withoutIgnored(text);
  if (read.length <= longestKept) return read;
  const left = read.length - beginning - end;
  return `${read.slice(0, beginning)}\n# … ${left} characters are left out …\n${read.slice(-end)}`;
}

function withoutIgnored(text: string): string {
  try {
    return stripIgnoredCharacters(text);
  } catch {
    return text;
  }
}
