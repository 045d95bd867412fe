/**
 * Reads rows from a register file as it streams in: CSV (RFC 4180, separated by commas, semicolons or tabs) or NDJSON. Memory is
 * bounded by one row, which may hold a megabyte: in a file with a quotation mark too many, a row would otherwise be all that follows.
 */
import { Readable } from 'node:stream';
import { type CsvError, type InfoRecord, parse } from 'csv-parse';
import { parse as parseJson } from 'secure-json-parse';
import type { Kind } from './kinds.js';
import { FileRefused } from './refused.js';

export interface RawRow {
  readonly line: number;
  /** In the order of the kind's columns. Empty: not given. `null`: not even text. */
  readonly values: readonly (string | null)[];
  /** Set if the row has the wrong number of fields, or is no row at all. */
  readonly malformed: string | null;
}

export type Format = 'csv' | 'ndjson';

const longestRow = 1_048_576;

/** Throws `FileRefused` where nothing more can be read. */
export const rowsIn = (text: AsyncIterable<string>, format: Format, kind: Kind): AsyncGenerator<RawRow> =>
  format === 'csv' ? csvRows(text, kind) : jsonRows(text, kind);

async function* csvRows(text: AsyncIterable<string>, kind: Kind): AsyncGenerator<RawRow> {
  const ending = { isWhole: true };
  const pieces = watched(text, ending);
  const first = await firstLine(pieces);
  if (first === null) throw new FileRefused(1, null, headExpected(kind));
  const parser = parse({
    delimiter: separatorOf(first.line),
    info: true,
    relax_column_count: true,
    record_delimiter: ['\r\n', '\n'],
    max_record_size: longestRow,
  });
  const source = Readable.from(joined(first.text, pieces));
  // An error of the source ends the parser, whose reader then sees it.
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  let places: readonly number[] | null = null;
  let line = 1;
  let fields = 0;
  let last = 1;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: InfoRecord }>) {
      const begins = line;
      line = info.lines + 1;
      if (record.length === 1 && record[0]!.trim() === '') continue;
      last = begins;
      if (places === null) {
        places = placesIn(record, kind);
        fields = record.length;
        continue;
      }
      const values = places.map((place) => (place === -1 ? '' : (record[place] ?? '').trim()));
      const isMalformed = record.length !== fields;
      yield { line: begins, values, malformed: isMalformed ? `${fields} fields, as in the first line` : null };
    }
  } catch (error) {
    if (error instanceof FileRefused) throw error;
    throw refusedBy(error as CsvError, line);
  } finally {
    source.destroy();
  }
  if (places === null) throw new FileRefused(1, null, headExpected(kind));
  if (!ending.isWhole) throw new FileRefused(last, null, cutOff);
}

const cutOff = 'a line break at the end of the last line: the file may be cut off';

/** The parser's own messages quote the row. */
function refusedBy(error: CsvError, line: number): Error {
  if (error.code === 'CSV_QUOTE_NOT_CLOSED')
    return new FileRefused(line, null, 'a closing quotation mark: the file may be cut off');
  if (error.code === 'CSV_MAX_RECORD_SIZE')
    return new FileRefused(line, null, 'a row of at most 1 MiB: a closing quotation mark may be missing');
  if (error.code === 'INVALID_OPENING_QUOTE')
    return new FileRefused(line, null, 'a field with a quotation mark to be quoted as a whole, the mark being doubled');
  if (error.code === 'CSV_INVALID_CLOSING_QUOTE')
    return new FileRefused(line, null, 'a separator or the end of the line after a closing quotation mark');
  return error;
}

const headExpected = ({ columns }: Kind): string =>
  `a first line with the columns ${columns.map(({ name }) => name).join(', ')}`;

/** For each column of the kind, its place in the file; -1 if it is missing. A name is not repeated: it may be a row without a head. */
function placesIn(head: readonly string[], kind: Kind): number[] {
  const given = head.map((name) => name.trim().toLowerCase());
  const known = kind.columns.map(({ name }) => name);
  const unknown = given.findIndex((name) => !known.includes(name));
  if (unknown !== -1) throw new FileRefused(1, `number ${unknown + 1}`, `one of ${known.join(', ')}`);
  const twice = given.find((name, index) => given.indexOf(name) !== index);
  if (twice) throw new FileRefused(1, twice, 'each column once');
  const missing = kind.columns.find(({ name, required }) => required && !given.includes(name));
  if (missing) throw new FileRefused(1, missing.name, 'this column, which is required');
  return known.map((name) => given.indexOf(name));
}

/** The separator that the first line has most of. No column's name holds one. */
function separatorOf(line: string): string {
  const count = (separator: string) => line.split(separator).length;
  return [',', ';', '\t'].reduce((best, one) => (count(one) > count(best) ? one : best));
}

async function firstLine(pieces: AsyncIterator<string>): Promise<{ line: string; text: string } | null> {
  let text = '';
  for (let next = await pieces.next(); !next.done; next = await pieces.next()) {
    text += next.value;
    if (text.includes('\n')) return { line: text.slice(0, text.indexOf('\n')), text };
    if (text.length > longestRow) throw new FileRefused(1, null, 'a row of at most 1 MiB');
  }
  return text.trim() === '' ? null : { line: text, text };
}

async function* joined(first: string, pieces: AsyncGenerator<string>): AsyncGenerator<string> {
  yield first;
  yield* pieces;
}

/** Passes text on, and sees whether it ends with a line break. */
async function* watched(text: AsyncIterable<string>, ending: { isWhole: boolean }): AsyncGenerator<string> {
  for await (const piece of text) {
    if (piece === '') continue;
    ending.isWhole = piece.endsWith('\n');
    yield piece;
  }
}

async function* jsonRows(text: AsyncIterable<string>, kind: Kind): AsyncGenerator<RawRow> {
  let line = 0;
  let rest = '';
  for await (const piece of text) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop()!;
    if (rest.length > longestRow) throw new FileRefused(line + lines.length + 1, null, 'a line of at most 1 MiB');
    for (const one of lines) {
      line += 1;
      if (one.trim() !== '') yield jsonRow(one, line, kind);
    }
  }
  if (rest.trim() !== '') throw new FileRefused(line + 1, null, cutOff);
}

function jsonRow(text: string, line: number, { columns }: Kind): RawRow {
  const none = columns.map(() => '');
  const malformed = { line, values: none, malformed: 'a JSON object' };
  let row: unknown;
  try {
    row = parseJson(text, undefined, { protoAction: 'error', constructorAction: 'error' });
  } catch {
    return malformed;
  }
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return malformed;
  const members = row as Record<string, unknown>;
  const known = columns.map(({ name }) => name);
  if (Object.keys(members).some((name) => !known.includes(name)))
    return { ...malformed, malformed: `members of the names ${known.join(', ')}, and no others` };
  return { line, values: known.map((name) => memberText(members[name])), malformed: null };
}

/** A number is no text: as a number, a CPR number would lose its leading zero. */
function memberText(value: unknown): string | null {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value.trim();
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return null;
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(' ');
  return JSON.stringify(value);
}
