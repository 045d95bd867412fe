/** What the verifier brings along: trusted keys, checkpoints kept outside the database, and a clock. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Hash } from '../tree/merkle.js';
import { checkpointIn, openCheckpoint, publicKeyOf, verifierKey } from '../tree/note.js';
import { printable } from './findings.js';

export interface Trust {
  readonly keys: readonly KeyObject[];
  readonly retained: Retained;
  readonly now: Date;
}

/** Retained checkpoints of each log. */
export type Retained = ReadonlyMap<string, RetainedOfLog>;

export interface RetainedOfLog {
  /** Signed roots by number of leaves. More than one root for a number is already a fork. */
  readonly roots: ReadonlyMap<number, readonly Hash[]>;
  /** Sizes of the checkpoints that no trusted key has signed. */
  readonly unsigned: readonly number[];
}

/**
 * A public key from a verifier key (`<name>+<key id>+<base64>`) or a PEM text. A private key gives its public half. Throws for
 * anything else.
 */
export function trustedKey(text: string): KeyObject {
  const verifier = text.trim();
  const named = publicKeyOf(verifier);
  const key = named ?? pemKey(text);
  if (key?.asymmetricKeyType !== 'ed25519') throw new Error('expected a verifier key, or PEM with an Ed25519 key');
  const name = /^(\S+)\+[0-9a-f]{8}\+\S+$/.exec(verifier)?.[1] ?? '';
  if (named && verifierKey(name, named) !== verifier)
    throw new Error('the id in the verifier key is not that of its key: one of them was mistyped');
  return key;
}

function pemKey(text: string): KeyObject | null {
  try {
    return createPublicKey(text);
  } catch {
    return null;
  }
}

/** Reads signed notes that follow one another: a note ends with its signatures, and the next begins with its origin. */
export async function retainedIn(lines: AsyncIterable<string>, keys: readonly KeyObject[]): Promise<Retained> {
  const logs = new Map<string, Keeping>();
  for await (const note of notesIn(lines)) {
    const { origin, size, root } = checkpointIn(note);
    const name = logIn(origin);
    if (name === null) throw new Error(`the origin of a checkpoint names no log: ${printable(origin)}`);
    const log: Keeping = logs.get(name) ?? { roots: new Map(), unsigned: [] };
    logs.set(name, log);
    if (!isSigned(note, keys)) log.unsigned.push(size);
    else if (!log.roots.get(size)?.some((known) => known.equals(root)))
      log.roots.set(size, [...(log.roots.get(size) ?? []), root]);
  }
  return logs;
}

interface Keeping extends RetainedOfLog {
  readonly roots: Map<number, Hash[]>;
  readonly unsigned: number[];
}

/** The name of the log with which an origin ends. */
export const logIn = (origin: string): string | null =>
  /\/(\d{4}\/\d{4}-\d\d(?:\/[0-9a-f]{32})?)$/.exec(origin)?.[1] ?? null;

/** Whether one of `keys` (public) has signed the note. */
export function isSigned(note: string, keys: readonly KeyObject[]): boolean {
  try {
    openCheckpoint(note, keys);
    return true;
  } catch {
    return false;
  }
}

/** Whether a note of the log holds only its text and signatures, each once, exactly as they were written. */
export function isExact(note: string): boolean {
  const { origin } = checkpointIn(note);
  const lines = note.slice(note.indexOf('\n\n') + 2).split('\n');
  return (
    lines.pop() === '' && new Set(lines).size === lines.length && lines.every((line) => isSignatureOf(origin, line))
  );
}

function isSignatureOf(origin: string, line: string): boolean {
  const begins = `— ${origin} `;
  const bytes = Buffer.from(line.slice(begins.length), 'base64');
  // Four bytes identify the key; the rest are the signature.
  return bytes.length === 68 && line === `${begins}${bytes.toString('base64')}`;
}

async function* notesIn(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let note: string[] = [];
  for await (const line of lines) {
    const signed = note.at(-1)?.startsWith('— ');
    if (signed && !line.startsWith('— ')) {
      yield `${note.join('\n')}\n`;
      note = [];
    }
    // Notes that were appended with an extra line break are followed by an empty line.
    if (line !== '' || note.length > 0) note.push(line);
  }
  if (note.length > 0) yield `${note.join('\n')}\n`;
}
