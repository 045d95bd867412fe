/**
 * Text that PostgreSQL can always store. A caller must not be able to keep an attempt out of the log with a character that
 * the database refuses, so NUL and lone surrogates become U+FFFD and what is too long is cut, never rejected.
 */

/** `value`, storable, and at most `max` characters long. */
export function storable(value: string, max = Number.POSITIVE_INFINITY): string {
  if (value.length <= max && !suspect.test(value)) return value;
  const cut = value.length > max ? `${value.slice(0, max - 1)}…` : value;
  return cut.replace(unstorable, replacement);
}

/** Whether PostgreSQL takes it for a `uuid`, in the one form in which we write them. */
export const isUuid = (value: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value);

/** At most this many bytes of JSON are kept of a search criterion, nested this deep: whoever reads it must be able to write it. */
const longestCriterion = 20_000;
const deepestCriterion = 64;

/** The JSON text of a criterion; of one that is too long or too deep its beginning, marked as truncated. */
export function criterionText(criterion: unknown): string | null {
  if (criterion === null || criterion === undefined) return null;
  const text = jsonOf(criterion);
  if (text === undefined) return JSON.stringify({ truncated: true });
  const bytes = Buffer.byteLength(text);
  if (bytes <= longestCriterion && !isDeeper(criterion, deepestCriterion)) return text;
  return jsonOf({ truncated: true, bytes, start: text.slice(0, 2_000) }) ?? null;
}

function jsonOf(value: unknown): string | undefined {
  try {
    // JSON escapes exactly the characters that we replace. An escaped backslash is consumed as a pair, so that the
    // text `\\u0000` (a backslash and five letters) stays what it is.
    return JSON.stringify(value)?.replace(escapes, (found) => (found.length > 2 ? replacement : found));
  } catch {
    return undefined;
  }
}

const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((part) => isDeeper(part, levels - 1)));

const replacement = '\uFFFD';
/** NUL, or a surrogate that may have lost its other half. */
const suspect = /[\0\ud800-\udfff]/;
const unstorable = /\0|\p{Surrogate}/gu;
const escapes = /\\(?:u0000|ud[89a-f][0-9a-f]{2}|.)/g;
