/**
 * Which KLE number belongs to which authority and category, and so to which compartment. The longest pattern decides. A number that no
 * pattern covers has no place: a case is never open because nobody thought of its class.
 */
import {
  type AuthorityCode,
  authorityCodes,
  type CaseCategory,
  kleOf,
  standingCompartments,
} from '../protocol/compartments.js';
import { malformed } from '../protocol/scalars.js';

export interface Place {
  readonly authority: AuthorityCode;
  readonly category: CaseCategory;
}

export interface KleTable {
  /** Where cases of a full KLE number belong; `null` if no pattern covers it. */
  placeOf(kle: string): Place | null;
  /** A full number of the place, for messages; `null` if the table has patterns of it only, or nothing. */
  exampleOf(place: Place): string | null;
}

/** The table of each municipality. */
export type KleTables = (municipality: string) => KleTable;

interface Row extends Place {
  readonly pattern: string;
}

function tableOf(rows: readonly Row[]): KleTable {
  const places = new Map(rows.map((row) => [row.pattern, row]));
  const examples = new Map<string, string>();
  for (const { pattern, authority, category } of rows)
    if (!pattern.endsWith('*') && !examples.has(`${authority}.${category}`))
      examples.set(`${authority}.${category}`, pattern);
  return {
    placeOf(kle) {
      const pattern = [kle, ...[7, 6, 4, 3].map((length) => `${kle.slice(0, length)}*`)].find((one) => places.has(one));
      if (pattern === undefined) return null;
      const { authority, category } = places.get(pattern)!;
      return { authority, category };
    },
    exampleOf: ({ authority, category }) => examples.get(`${authority}.${category}`) ?? null,
  };
}

/**
 * Numbers of before 1 January 2024, when the Child's Act brought main group 34, and of the places where children are placed. What is
 * not known more exactly belongs where fewer may see it.
 */
const older: readonly (readonly [pattern: string, authority: AuthorityCode, category: CaseCategory])[] = [
  ['27.12.*', 'MUNICIPALITY', 'CHILD_CONCERN'],
  ['27.24.*', 'MUNICIPALITY', 'CHILD_CONCERN'],
  ['27.24.16', 'MUNICIPALITY', 'FAMILY_RESIDENCE'],
  ['27.24.36', 'MUNICIPALITY', 'PLACEMENT'],
  ['27.24.40', 'CHILDREN_AND_YOUTH_COMMITTEE', 'BOARD_MATTER'],
  ['34.30.*', 'MUNICIPALITY', 'PLACEMENT'],
];

const shipped = tableOf([
  ...standingCompartments('').flatMap(({ authority, category }) =>
    kleOf(authority, category).map((pattern) => ({ pattern, authority, category })),
  ),
  ...older.map(([pattern, authority, category]) => ({ pattern, authority, category })),
]);

/** The table that Sluse comes with, for every municipality. */
export const shippedTables: KleTables = () => shipped;

/**
 * Reads the tables of municipalities from CSV with the columns of `columns`. A municipality in the file has what the file says and
 * nothing of the shipped table; any other has the shipped table. Throws with the line and what was expected.
 */
export function kleTablesIn(text: string): KleTables {
  const [head = '', ...lines] = text.replace(/^\ufeff/, '').split(/\r?\n/);
  if (cells(head).join() !== columns.join()) throw new Error(`line 1: expected the columns ${columns.join(',')}`);
  const rows = new Map<string, Map<string, Row & { readonly line: number }>>();
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const { municipality, ...row } = rowIn(cells(line), index + 2);
    const own = rows.get(municipality) ?? new Map();
    rows.set(municipality, own);
    const other = own.get(row.pattern);
    if (other && (other.authority !== row.authority || other.category !== row.category))
      throw new Error(`lines ${other.line} and ${row.line}: expected one place for one pattern`);
    own.set(row.pattern, row);
  }
  if (rows.size === 0) throw new Error('expected at least one row');
  const tables = new Map([...rows].map(([municipality, own]) => [municipality, tableOf([...own.values()])]));
  return (municipality) => tables.get(municipality) ?? shipped;
}

const columns = ['municipality', 'kle', 'authority', 'category'];
const cells = (line: string): string[] => line.split(/[,;]/).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));

function rowIn(given: readonly string[], line: number) {
  const [municipality = '', pattern = '', authority, category] = given;
  const expected = (what: string) => new Error(`line ${line}: expected ${what}`);
  if (given.length !== columns.length) throw expected(`${columns.length} columns`);
  if (!/^\d{4}$/.test(municipality)) throw expected('a municipality code of 4 digits');
  if (malformed('KLE', pattern)) throw expected('a KLE number such as "27.24.00", or a pattern such as "27.24.*"');
  const place = standingCompartments(municipality).find(
    (one) => one.authority === authority && one.category === category,
  );
  if (!place)
    throw expected(
      `BOARD_MATTER for one of ${authorityCodes.slice(1).join(', ')}; any other category for MUNICIPALITY`,
    );
  return { municipality, pattern, authority: place.authority, category: place.category, line };
}
