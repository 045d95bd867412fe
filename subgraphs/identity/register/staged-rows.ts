/**
 * Reads one register file, checks every value by itself, and hands on what PostgreSQL's COPY takes: the line, then the columns.
 * Checks across rows and against the register follow in the database (check-store.ts).
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { decoded, type Encoding } from './decode.js';
import type { Column, Kind } from './kinds.js';
import { FileRefused, type Problem } from './refused.js';
import { type Format, type RawRow, rowsIn } from './rows.js';

export interface RegisterFile {
  readonly path: string;
  readonly kind: Kind;
  readonly format: Format;
  readonly encoding: Encoding;
}

export interface ReadFile {
  /** Rows that were handed on. */
  readonly rows: number;
  /** What is wrong, the first `mostProblems` of it. */
  readonly problems: readonly Problem[];
  /** How many rows were found wrong. */
  readonly wrong: number;
  /** Whether reading ended before the file did. */
  readonly broken: boolean;
  /** SHA-256 of what was read, in hexadecimal. */
  readonly sha256: string;
}

/** Problems that are kept. Without `skipping`, reading ends when there are as many. */
export const mostProblems = 1_000;

/** `lines` must be consumed before `read` is asked. It never throws for a bad file: COPY has to end in order. */
export function stagedRows(
  { path, kind, format, encoding }: RegisterFile,
  skipping: boolean,
): { lines: AsyncGenerator<string>; read(): ReadFile } {
  const hash = createHash('sha256');
  const problems: Problem[] = [];
  let rows = 0;
  let wrong = 0;
  let broken = false;
  async function* hashed(): AsyncGenerator<Buffer> {
    for await (const chunk of createReadStream(path, { highWaterMark: 262_144 })) {
      hash.update(chunk as Buffer);
      yield chunk as Buffer;
    }
  }
  async function* lines(): AsyncGenerator<string> {
    let text = '';
    try {
      for await (const row of rowsIn(decoded(hashed(), encoding), format, kind)) {
        const staged = stagedRow(row, kind.columns);
        if (typeof staged === 'string') {
          rows += 1;
          text += staged;
          if (text.length < 65_536) continue;
          yield text;
          text = '';
        } else {
          wrong += 1;
          problems.push(...staged.slice(0, mostProblems - problems.length));
          if (!skipping && problems.length >= mostProblems) {
            broken = true;
            break;
          }
        }
      }
    } catch (error) {
      if (!(error instanceof FileRefused)) throw error;
      broken = true;
      problems.push(error);
    }
    if (text) yield text;
  }
  return { lines: lines(), read: () => ({ rows, problems, wrong, broken, sha256: hash.copy().digest('hex') }) };
}

/** A line for COPY, or what is wrong with the row. */
function stagedRow({ line, values, malformed }: RawRow, columns: readonly Column[]): string | Problem[] {
  if (malformed !== null) return [{ line, column: null, expected: malformed }];
  const problems: Problem[] = [];
  let text = String(line);
  for (const [index, { name, required, form }] of columns.entries()) {
    const value = values[index]!;
    if (value === '' && !required) {
      text += '\t\\N';
      continue;
    }
    const read = value === '' || value === null ? null : form.read(value);
    if (read === null) problems.push({ line, column: name, expected: form.expected });
    else text += `\t${special.test(read) ? read.replace(everySpecial, (one) => escapes[one]!) : read}`;
  }
  return problems.length > 0 ? problems : `${text}\n`;
}

/** What COPY's text format gives a meaning. */
const special = /[\\\n\r\t]/;
const everySpecial = /[\\\n\r\t]/g;
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** SHA-256 of a whole file: for one that was not read to its end. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
