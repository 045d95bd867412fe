/**
 * Numbers of a subgraph that JavaScript cannot hold, such as a 64-bit `9007199254740993`, keep their digits on the way through. While they
 * are in hand each is a text behind a mark that nobody outside of this process knows; what is sent has the digits again.
 */
import { randomBytes } from 'node:crypto';
import type { Json } from './json.js';

const mark = `digits:${randomBytes(16).toString('hex')}:`;
const written = new RegExp(`"${mark}([-.\\d]+)"`, 'g');
/** Whether there was ever one: until then nothing is looked for. */
let met = false;

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/g;

/** Whether a number, as it is written, is another once JavaScript has read it. */
export function isLongNumber(text: string): boolean {
  if (text.length < 16 || /[eE]/.test(text)) return false;
  if (!text.includes('.')) return !Number.isSafeInteger(Number(text));
  return text.replace(/^-?[0.]*|\.|0+$/g, '').length > 15;
}

/** `JSON.parse`, but for numbers that JavaScript cannot hold. */
export function parseWithDigits(text: string): unknown {
  return JSON.parse(hasLongRun(text) ? marked(text) : text);
}

/** Whether 16 digits stand in a row: looking at every 16th character finds them, at a tenth of what a pattern costs. */
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

/** Or a decimal point. */
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

/** Behind the quote that ends a text; it is not JSON if there is none. */
function endOfText(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 0) return end + 1;
  }
  return text.length;
}

/** JSON with the digits in it. */
export const withDigits = (json: string): string => (met ? json.replace(written, '$1') : json);

export const isDigits = (value: Json | undefined): value is string =>
  met && typeof value === 'string' && value.startsWith(mark);

/** Of whole numbers only: no point, no id. */
export const isWhole = (value: string): boolean => !value.includes('.');
