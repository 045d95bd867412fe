/**
 * Converts a text to plain spelling, as somebody would read it out: resolves full-width and Arabic digits, soft hyphens and
 * zero-width characters between digits, percent-encoding, and escapes of JSON, GraphQL and HTML. Use it for rules that ask what a
 * text says, never for what is stored.
 */
import { isUtf8 } from 'node:buffer';

export function plain(text: string): string {
  let read = text;
  // Text that was encoded twice (a link in a link) is decoded twice. Beyond three rounds nobody would read a number in it.
  for (let round = 0; round < 3 && escaped.test(read); round += 1) read = unescaped(read);
  return read
    .normalize('NFKC')
    .replace(unseen, '')
    .replace(/(?![0-9])\p{Nd}/gu, (digit) => String(digitOf(digit.codePointAt(0)!)));
}

const escaped = /%[0-9a-f]{2}|\\u\{?[0-9a-f]|&#x?[0-9a-f]/i;
const unseen = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Mn}\p{Me}]/gu;

const unescaped = (text: string): string =>
  text
    .replace(/(?:%[0-9a-f]{2})+/gi, (run) => textOf(Buffer.from(run.replaceAll('%', ''), 'hex')))
    .replace(/\\u(?:\{([0-9a-f]{1,6})\}|([0-9a-f]{4}))/gi, (whole, long, short) => character(long ?? short, 16, whole))
    .replace(/&#(?:x([0-9a-f]{1,6})|(\d{1,7}));?/gi, (whole, hex, decimal) =>
      hex ? character(hex, 16, whole) : character(decimal, 10, whole),
    );

const textOf = (bytes: Buffer): string => bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');

function character(digits: string, base: number, otherwise: string): string {
  const code = Number.parseInt(digits, base);
  return code <= 0x10ffff ? String.fromCodePoint(code) : otherwise;
}

/** Unicode's decimal digits stand in runs of ten, from zero to nine. */
function digitOf(code: number): number {
  let zero = code;
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return (code - zero) % 10;
}
