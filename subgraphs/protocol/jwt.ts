/**
 * Checks the form of a JWT from outside, before anybody asks whose it is (RFC 7519, RFC 8725). A library takes the last of two equal
 * names, accepts a list of audiences that contains the right one, and accepts an expiry with half a second. All of these are refused
 * here.
 */
import { parse as parseJson } from 'secure-json-parse';
import { utf8In } from './reading.js';

export interface ReadJwt {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** A token refused for what it says itself. Nothing known only to us went into the check, so the reason may be told to the caller. */
export class MalformedToken extends Error {}

/** Characters: several times the length of our own tokens, and short enough to parse for a stranger. */
const longestToken = 8_192;

/** Reads header and claims of a signed token, without trusting them. Throws `MalformedToken` unless the form is right. */
export function readJwt(token: string, algorithms: readonly string[]): ReadJwt {
  if (token.length > longestToken) throw new MalformedToken(`at most ${longestToken} characters`);
  // An encrypted token has five parts.
  const [, head, body] = /^([\w-]+)\.([\w-]+)\.[\w-]+$/.exec(token) ?? [];
  if (!head || !body) throw new MalformedToken('a signed JWT in its compact form');
  const header = objectIn(head, 'header');
  if (typeof header.alg !== 'string' || !algorithms.includes(header.alg))
    throw new MalformedToken(`alg to be ${algorithms.join(', ')}`);
  const extension = foreign.find((name) => header[name] !== undefined);
  if (extension) throw new MalformedToken(`no ${extension} in the header`);
  if (header.kid !== undefined && typeof header.kid !== 'string') throw new MalformedToken('kid to be text');
  return { header, claims: objectIn(body, 'claims') };
}

/**
 * A key that the token brings along, or a place to fetch one from, would be the attacker's choice. Critical extensions are unknown
 * here.
 */
const foreign = ['jwk', 'jku', 'x5u', 'x5c', 'crit', 'b64', 'enc', 'zip'] as const;

/** A time in whole seconds. Throws for a fraction, a text, or a time before the epoch. */
export function seconds(claims: ReadJwt['claims'], name: string): number | undefined {
  const value = claims[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw new MalformedToken(`${name} to be whole seconds since 1970`);
  return value;
}

function objectIn(part: string, place: string): Readonly<Record<string, unknown>> {
  const expected = new MalformedToken(`a JSON object with each name once in the ${place}`);
  let text = '';
  let value: unknown;
  try {
    text = utf8In(Buffer.from(part, 'base64url'));
    value = parseJson(text, undefined, { protoAction: 'error', constructorAction: 'error' });
  } catch {
    throw expected;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || repeatsName(text)) throw expected;
  return value as Record<string, unknown>;
}

/** Whether any object in a valid JSON text has one name twice, however the name is escaped. */
function repeatsName(text: string): boolean {
  const open: Set<string>[] = [];
  let last: string | null = null;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}:]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (token === ':') {
      const name = JSON.parse(last!) as string;
      const names = open.at(-1)!;
      if (names.has(name)) return true;
      names.add(name);
    }
    last = token;
  }
  return false;
}
