/**
 * Turns the bytes of a register file into text as they stream in. A file is UTF-8, with or without a byte order mark. ISO-8859-1 is
 * read only where the operator says so: guessed wrongly, Søren would be stored as SÃ¸ren, and nobody would find him.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { FileRefused } from './refused.js';

export type Encoding = 'utf-8' | 'iso-8859-1';

/** The text of a file, without a byte order mark. Throws `FileRefused` for bytes that are not of this encoding. */
export async function* decoded(bytes: AsyncIterable<Buffer>, encoding: Encoding): AsyncGenerator<string> {
  // Windows-1252 has the letters of ISO-8859-1, and what files by that name hold between 0x80 and 0x9F.
  const decoder = new TextDecoder(encoding === 'utf-8' ? 'utf-8' : 'windows-1252', { fatal: true });
  const probe = encoding === 'iso-8859-1' ? utf8Probe() : null;
  let lines = 0;
  let isFirst = true;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of bytes) {
    if (isFirst) checkStart(chunk, encoding);
    isFirst = false;
    probe?.take(chunk);
    try {
      yield decoder.decode(chunk, { stream: true });
    } catch {
      throw notUtf8(lines + lineOfFault(Buffer.concat([rest, chunk])));
    }
    lines += countOf(chunk);
    rest = tailOf(chunk);
  }
  if (isFirst) return;
  try {
    const last = decoder.decode();
    if (last) yield last;
  } catch {
    throw new FileRefused(lines + 1, null, 'a file that is not cut off: its last character is incomplete');
  }
  if (probe?.isCertain())
    throw new FileRefused(1, null, 'ISO-8859-1, as --encoding says, but the file is in UTF-8: leave --encoding out');
}

function checkStart(chunk: Buffer, encoding: Encoding): void {
  const [first, second, third] = chunk;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    throw new FileRefused(1, null, 'UTF-8, but the file is in UTF-16: save it as UTF-8');
  if (encoding !== 'utf-8' && first === 0xef && second === 0xbb && third === 0xbf)
    throw new FileRefused(1, null, 'ISO-8859-1, as --encoding says, but the file is in UTF-8: leave --encoding out');
}

const notUtf8 = (line: number) =>
  new FileRefused(line, null, 'UTF-8. If the file is in ISO-8859-1 or Windows-1252, say --encoding iso-8859-1');

/** Lines before the first malformed character in `bytes`, plus one. */
function lineOfFault(bytes: Buffer): number {
  let line = 1;
  for (let from = 0; ; line += 1) {
    const end = bytes.indexOf(0x0a, from);
    if (end === -1 || !isUtf8(bytes.subarray(from, end))) return line;
    from = end + 1;
  }
}

/** What may be the beginning of a character that the next chunk completes. A line feed is never part of one. */
function tailOf(chunk: Buffer): Buffer {
  const tail = chunk.subarray(Math.max(0, chunk.length - 3));
  const begins = tail.findIndex((byte) => byte >= 0xc0);
  return begins === -1 || tail.includes(0x0a, begins) ? tail.subarray(tail.length) : tail.subarray(begins);
}

function countOf(chunk: Buffer): number {
  let lines = 0;
  for (let at = chunk.indexOf(0x0a); at !== -1; at = chunk.indexOf(0x0a, at + 1)) lines += 1;
  return lines;
}

/** Finds a file that is UTF-8 although it was said to be something else: real ISO-8859-1 with Danish letters is never valid UTF-8. */
function utf8Probe() {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let isPossible = true;
  let isBeyondAscii = false;
  const attempt = (work: () => unknown) => {
    try {
      if (isPossible) work();
    } catch {
      isPossible = false;
    }
  };
  return {
    take(chunk: Buffer) {
      isBeyondAscii ||= !isAscii(chunk);
      attempt(() => decoder.decode(chunk, { stream: true }));
    },
    isCertain() {
      attempt(() => decoder.decode());
      return isPossible && isBeyondAscii;
    },
  };
}
