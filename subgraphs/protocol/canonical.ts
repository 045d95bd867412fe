/**
 * One spelling for one text: Unicode's normalization form C (UAX #15). "é" can be sent as one character or as two. Every edge brings
 * what it reads into this form before any rule looks at it, so that a search, a seal or a limit never meets the other spelling.
 */
import { Lexer, Source, TokenKind } from 'graphql';
import { Fault } from './faults.js';

/** Below U+0300 every character is in this form by itself, and most requests hold nothing else. */
const perhapsOther = /[\u0300-\uffff]/;

export const nfc = (text: string): string => (perhapsOther.test(text) ? text.normalize('NFC') : text);

/** Whether the source of a JSON document can hold a text that is not in this form, also by an escape. */
export const perhapsOtherForm = (source: string): boolean => perhapsOther.test(source) || source.includes('\\u');

/** Levels of a JSON value that are walked: more than any edge accepts. */
const deepest = 100;

/** A JSON value whose texts and names are all in this form. Two names that become one are refused: each could be the one meant. */
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

/** The text of an operation in this form, the strings that are spelled with escapes (`"e\u0301"`) among them. */
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
    // It is no GraphQL: the parser says so, and where.
    return text;
  }
  return done + text.slice(end);
}
