/**
 * One spelling for one text: Unicode normalization form C (UAX #15). "é" can be sent as one character or as two. Every edge
 * normalizes what it reads before any rule looks at it, so that a search, a seal or a limit never meets the other spelling.
 */
import { Lexer, Source, TokenKind } from 'graphql';
import { Fault } from './faults.js';

/** Every character below U+0300 is in this form already, and most requests hold nothing else. */
const perhapsOther = /[\u0300-\uffff]/;

export const nfc = (text: string): string => (perhapsOther.test(text) ? text.normalize('NFC') : text);

/** Whether the source of a JSON document may hold text that is not in this form, directly or as an escape. */
export const perhapsOtherForm = (source: string): boolean => perhapsOther.test(source) || source.includes('\\u');

/** Levels of a JSON value that are walked: more than any edge accepts. */
const deepest = 100;

/** Normalizes all texts and names of a JSON value. Two names that become equal are refused, because either could be the one meant. */
export function nfcJson(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return nfc(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > deepest) throw new Fault('VARIABLE_LIMIT');
  if (Array.isArray(value)) return value.map((item) => nfcJson(item, depth + 1));
  const pairs = Object.entries(value).map(([name, held]) => [nfc(name), nfcJson(held, depth + 1)] as const);
  if (new Set(pairs.map(([name]) => name)).size < pairs.length)
    throw new Fault('MALFORMED_REQUEST', 'Expected each name once in a JSON object: two of them are one in Unicode.');
  return Object.fromEntries(pairs);
}

/** Normalizes the text of an operation, including strings spelled with escapes (`"e\u0301"`). */
export function nfcOperation(text: string): string {
  const composed = nfc(text);
  return composed.includes('\\u') ? withStringsComposed(composed) : composed;
}

function withStringsComposed(text: string): string {
  const lexer = new Lexer(new Source(text));
  let done = '';
  let end = 0;
  try {
    for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
      if (token.kind !== TokenKind.STRING || token.value === nfc(token.value)) continue;
      done += text.slice(end, token.start) + JSON.stringify(nfc(token.value));
      end = token.end;
    }
  } catch {
    // The text is not valid GraphQL. The parser reports that, with the place.
    return text;
  }
  return done + text.slice(end);
}
