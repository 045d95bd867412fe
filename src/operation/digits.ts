/**
 * Keeps the digits of subgraph numbers that JavaScript cannot represent, such as the 64-bit `9007199254740993`. Inside
 * this process such a number is a string with a random prefix that nobody outside knows. When JSON is sent, the digits
 * are written again.
 */
import { randomBytes } from 'node:crypto';
import type { Json } from './json.js';

const mark = `digits:${randomBytes(16).toString('hex')}:`;
const written = new RegExp(`"${mark}([-.\\d]+)"`, 'g');
/** Whether such a number has ever occurred. Until then nothing needs to be searched. */
let met = false;

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/g;

/**
 * Whether a number in this notation would change its value when JavaScript parses it.
 *
 * @example
 * isLongNumber('9007199254740993'); // true
 * isLongNumber('42.5'); // false
 */
export function isLongNumber(text: string): boolean {
  if (text.length < 16 || /[eE]/.test(text)) return false;
  if (!text.includes('.')) return !Number.isSafeInteger(Number(text));
  return text.replace(/^-?[0.]*|\.|0+$/g, '').length > 15;
}

/** Parses JSON like `JSON.parse`, but keeps the digits of numbers that JavaScript cannot represent. */
export function parseWithDigits(text: string): unknown {
  return JSON.parse(hasLongRun(text) ? marked(text) : text);
}

/**
 * Whether the text has 16 digits in a row. Checking every 16th character finds them at a tenth of the cost of a regular
 * expression.
 */
function hasLongRun(text: string): boolean {
  for (let at = 15; at < text.length; at += 16) {
    if (!isDigit(text.charCodeAt(at))) continue;
    let start = at;
    let end = at;
    while (isDigit(text.charCodeAt(start - 1))) start -= 1;
    while (isDigit(text.charCodeAt(end + 1))) end += 1;
    if (end - start >= 15) return true;
  }
  return false;
}

/** Whether a character code is a digit or a decimal point. */
const isDigit = (code: number): boolean => (code >= 48 && code <= 57) || code === 46;

function marked(text: string): string {
  const parts: string[] = [];
  let at = 0;
  while (at < text.length) {
    const quote = text.indexOf('"', at);
    const start = quote < 0 ? text.length : quote;
    parts.push(text.slice(at, start).replace(number, markedNumber));
    at = endOfText(text, start);
    parts.push(text.slice(start, at));
  }
  return parts.join('');
}

function markedNumber(digits: string): string {
  if (!isLongNumber(digits)) return digits;
  met = true;
  return `"${mark}${digits}"`;
}

/**
 * Returns the index after the closing quote of a string. Without a closing quote the text is not JSON, and its length
 * is returned.
 */
function endOfText(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 0) return end + 1;
  }
  return text.length;
}

/** Replaces the marked strings in a JSON text by their digits. */
export const withDigits = (json: string): string => (met ? json.replace(written, '$1') : json);

export const isDigits = (value: Json | undefined): value is string =>
  met && typeof value === 'string' && value.startsWith(mark);

/** Whether the digits are a whole number. Only whole numbers are valid ids. */
export const isWhole = (value: string): boolean => !value.includes('.');
