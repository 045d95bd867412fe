/**
 * What the log keeps of an operation's text. It is kept once a log, whatever comes after; so a caller who sends another text each time,
 * with a comment of 88 kB in it, must not be able to fill the log with them.
 *
 * A text of a usual length is kept as it was. Of a longer one only what GraphQL reads is kept, without comments and blanks; and if that is
 * still too long, its beginning and its end. The hash that an entry names is always that of the whole text.
 */
import { stripIgnoredCharacters } from 'graphql';
import { LRUCache } from 'lru-cache';

/** Characters of a text that is kept as it was, and of what is kept of a longer one. */
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
