/**
 * Text that can be stored, and the form of ids. PostgreSQL stores no NUL, and canonical JSON (RFC 8785) has no lone surrogates. A
 * caller must not be able to keep an attempt out of the log with such a character, so the edge replaces them with U+FFFD and cuts
 * what is too long. The audit room refuses text that was not made storable.
 */
import { cut } from './lines.js';

/** `value` made storable, and at most `max` characters long. */
export function storable(value: string, max = Number.POSITIVE_INFINITY): string {
  if (isStorable(value) && value.length <= max) return value;
  const clean = value.replace(unstorable, replacement);
  return clean.length > max ? `${cut(clean, max - 1)}…` : clean;
}

export const isStorable = (value: string): boolean => !suspect.test(value) || value.replace(unstorable, '') === value;

/** Whether PostgreSQL accepts the text as a `uuid`, in the one form in which we write them. */
export const isUuid = (value: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value);

/** Most bytes and most levels of nesting kept of a search criterion, so that every reader of the log can serialize it. */
export const longestCriterion = 20_000;
const deepestCriterion = 64;

/** A criterion that can be stored. One that is too long or too deep is replaced by its beginning, marked as truncated. */
export function storableCriterion(criterion: unknown): unknown {
  if (criterion === null || criterion === undefined) return null;
  const text = jsonOf(criterion);
  if (text === undefined) return { truncated: true };
  const bytes = Buffer.byteLength(text);
  const shallow = !isDeeper(criterion, deepestCriterion);
  if (bytes <= longestCriterion && shallow && !unstorableEscape.test(text)) return criterion;
  // JSON escapes exactly the characters that we replace. An escaped backslash is consumed as a pair, so that the text `\\u0000` (a
  // backslash and five letters) stays what it is.
  const clean = text.replace(escapes, (found) => (found.length > 2 ? replacement : found));
  if (bytes <= longestCriterion && shallow) return JSON.parse(clean);
  return { truncated: true, bytes, start: storable(cut(clean, 2_000)) };
}

function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
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
/** Such a character as JSON escapes it. Also matches text that only looks like it. */
export const unstorableEscape = /\\u(?:0000|d[89a-f][0-9a-f]{2})/;
const escapes = /\\(?:u0000|ud[89a-f][0-9a-f]{2}|.)/g;
