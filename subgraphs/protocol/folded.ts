/**
 * Text as it is searched: without regard to case, compatibility forms (full-width letters, ligatures) and characters that are not
 * seen. The function `folded` of the rooms' SQL is the same one; a test holds the two against each other on both databases.
 *
 * By way of upper case, because "ß" and "SS", "ς" and "σ" meet there (full case folding).
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

/** Soft hyphens, joiners, marks of direction, word joiners, selectors of variants, and the byte order mark. */
const unseen = /[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]|\u034f|[\ufe00-\ufe0f]/g;
