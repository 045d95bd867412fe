/**
 * Turns bytes into text, in the same way for every edge: the gateway, a room that is called directly, the token endpoint, the
 * sign-in. Bodies and addresses are UTF-8 or are refused: replacing malformed bytes (U+FFFD) could make two different texts equal,
 * and would store something that nobody sent. Headers have no charset: they are read as UTF-8 where valid, and as ISO-8859-1 (RFC
 * 9110 §5.5) otherwise. The result is in normalization form C.
 */
import { isUtf8 } from 'node:buffer';
import { parse as parseJson } from 'secure-json-parse';
import { nfc, nfcJson, nfcOperation, perhapsOtherForm } from './canonical.js';
import { Fault } from './faults.js';

const notUtf8 = (what: string): Fault => new Fault('MALFORMED_REQUEST', `Expected ${what} in valid UTF-8.`);

/** The text of a request body, as it was sent. `what` names the source in the error. */
export function utf8In(bytes: Buffer, what = 'a request body'): string {
  if (!isUtf8(bytes)) throw notUtf8(what);
  return bytes.toString('utf8');
}

/**
 * The JSON of a request, with texts in normalization form C. Keys that reach for an object's prototype are refused. Throws a fault of
 * the table for anything malformed.
 */
export function jsonIn(text: string): unknown {
  const body = parsed(text);
  if (!perhapsOtherForm(text)) return body;
  const composed = nfcJson(body);
  if (!isObject(composed) || typeof composed.query !== 'string') return composed;
  return { ...composed, query: nfcOperation(composed.query) };
}

function parsed(text: string): unknown {
  try {
    return parseJson(text, undefined, { protoAction: 'error', constructorAction: 'error' });
  } catch {
    throw new Fault('MALFORMED_REQUEST');
  }
}

/** A header's value. Node hands over its bytes as ISO-8859-1. */
export function headerText(value: string): string {
  if (!beyondAscii.test(value)) return value;
  const bytes = Buffer.from(value, 'latin1');
  return nfc(isUtf8(bytes) ? bytes.toString('utf8') : value);
}

/** Names and values of a form or a query string, in their order. */
export const pairsIn = (text: string): [string, string][] =>
  text
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const at = pair.indexOf('=');
      const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
      return [formText(name), formText(value)];
    });

/** The parameters of an address. A name that occurs more than once has all its values. */
export function queryIn(text: string): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of pairsIn(text)) {
    const before = query[name];
    query[name] = before === undefined ? value : [before, value].flat();
  }
  return query;
}

/** Throws for an address whose path or query, percent-decoded, is not UTF-8. */
export function checkAddress(url: string): void {
  if (!isUtf8(percentDecoded(url))) throw notUtf8('an address');
}

function formText(text: string): string {
  const bytes = percentDecoded(text.replaceAll('+', ' '));
  if (!isUtf8(bytes)) throw notUtf8('form fields and query parameters');
  return nfc(bytes.toString('utf8'));
}

/** The decoded bytes. A percent sign that begins no escape stands for itself, as in the URL standard. */
function percentDecoded(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  if (!text.includes('%')) return bytes;
  return Buffer.from(
    bytes
      .toString('latin1')
      .replace(/%([0-9a-f]{2})/gi, (_escape, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
}

const beyondAscii = /[\x80-\xff]/;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
