/**
 * What counts as a line of text, and as text of several lines. A title of one invisible character looks like none; a bidirectional
 * control shows a text in another order than the one in which it is searched and sealed; U+2028 breaks a line where no line feed stands.
 *
 * An argument that is no such line is refused. A header is cleaned instead: its caller is often a system that hands on what a
 * person typed, and an entry of the log must be written whatever it holds.
 */

/** Unicode's explicit bidirectional controls and marks. */
const bidi = '\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069';
const breaking = '\\p{Cc}\\p{Zl}\\p{Zp}';

/** Something that is seen. Fillers of Hangul and the empty Braille pattern are letters and symbols that show nothing. */
const visible = /(?![\p{Default_Ignorable_Code_Point}\u2800])[\p{L}\p{N}\p{P}\p{S}]/u;
const notInLines = new RegExp(`[${breaking}\\p{Cs}\\p{Noncharacter_Code_Point}${bidi}]`, 'u');
const notInProse = new RegExp(`(?![\\t\\n\\r])[${breaking}\\p{Cs}\\p{Noncharacter_Code_Point}${bidi}]`, 'u');

/** One line of at most `longest` characters, with something in it that can be seen. */
export const isLine = (text: string, longest: number): boolean =>
  [...text].length <= longest && visible.test(text) && !notInLines.test(text);

/** The same, where line breaks and tabs are allowed. */
export const isProse = (text: string, longest: number): boolean =>
  [...text].length <= longest && visible.test(text) && !notInProse.test(text);

/** A header's text as a line: what breaks it becomes a space, what is not seen or turns the order of reading is left out. */
export function lineOf(text: string, longest: number): string | null {
  const line = text.replace(breaks, ' ').replace(unseen, '').trim();
  return visible.test(line) ? cut(line, longest) : null;
}

/** At most so many UTF-16 units, and no half of a character at the end. */
export const cut = (text: string, longest: number): string => text.slice(0, longest).replace(/[\ud800-\udbff]$/, '');

const breaks = new RegExp(`[${breaking}]+`, 'gu');
const unseen = new RegExp(`[\\p{Default_Ignorable_Code_Point}\\p{Noncharacter_Code_Point}\\p{Cs}${bidi}]`, 'gu');
