/**
 * What counts as one line of text, and as text of several lines. A title of one invisible character looks empty. A bidirectional
 * control shows a text in another order than the one in which it is searched and sealed. U+2028 breaks a line without a line feed.
 *
 * An argument that does not fit is refused. A header is cleaned instead: its sender is often a system that passes on what a person
 * typed, and an entry of the log must be written whatever the header holds.
 */

/** Unicode's explicit bidirectional controls and marks. */
const bidi = '\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069';
const breaking = '\\p{Cc}\\p{Zl}\\p{Zp}';

/** A visible character. Hangul fillers and the empty Braille pattern are letters and symbols that show nothing. */
const visible = /(?![\p{Default_Ignorable_Code_Point}\u2800])[\p{L}\p{N}\p{P}\p{S}]/u;
const notInLines = new RegExp(`[${breaking}\\p{Cs}\\p{Noncharacter_Code_Point}${bidi}]`, 'u');
const notInProse = new RegExp(`(?![\\t\\n\\r])[${breaking}\\p{Cs}\\p{Noncharacter_Code_Point}${bidi}]`, 'u');

/** One line of at most `longest` characters, with at least one visible character. */
export const isLine = (text: string, longest: number): boolean =>
  [...text].length <= longest && visible.test(text) && !notInLines.test(text);

/** The same, with line breaks and tabs allowed. */
export const isProse = (text: string, longest: number): boolean =>
  [...text].length <= longest && visible.test(text) && !notInProse.test(text);

/**
 * A header's text as one line, or `null` if nothing is left. Line-breaking characters become spaces; invisible characters and
 * bidirectional controls are removed.
 */
export function lineOf(text: string, longest: number): string | null {
  const line = text.replace(breaks, ' ').replace(unseen, '').trim();
  return visible.test(line) ? cut(line, longest) : null;
}

/** The first `longest` UTF-16 units, without half a character at the end. */
export const cut = (text: string, longest: number): string => text.slice(0, longest).replace(/[\ud800-\udbff]$/, '');

const breaks = new RegExp(`[${breaking}]+`, 'gu');
const unseen = new RegExp(`[\\p{Default_Ignorable_Code_Point}\\p{Noncharacter_Code_Point}\\p{Cs}${bidi}]`, 'gu');
