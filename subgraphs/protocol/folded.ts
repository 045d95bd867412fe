/**
 * Folds a text for searching: ignores case, compatibility forms (full-width letters, ligatures) and invisible characters. The SQL
 * function `folded` of the rooms must give the same result; a test compares the two on both databases.
 *
 * Folding goes through upper case, because "ß" and "SS", and "ς" and "σ", meet there (full case folding).
 */
export const folded = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .replaceAll('ς', 'σ')
    .replace(unseen, '')
    .normalize('NFKC');

/** Soft hyphens, joiners, direction marks, word joiners, variation selectors, and the byte order mark. */
const unseen = /[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]|\u034f|[\ufe00-\ufe0f]/g;
