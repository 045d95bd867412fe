/**
 * Checkpoints: what a log says of itself, signed. A checkpoint is a signed note (C2SP `signed-note`) whose text is that of
 * `tlog-checkpoint`: origin, number of leaves, root hash, and one extension line with the time.
 *
 *     sluse/0999/2026-11
 *     20852163
 *     CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
 *     time 2026-11-25T12:00:00.000Z
 *
 *     — sluse/0999/2026-11 Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
 *
 * The name of the key is the origin, so that a signature under one log's checkpoint is none under another's.
 */
import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { Hash } from './merkle.js';

export interface Checkpoint {
  readonly origin: string;
  /** Number of leaves. */
  readonly size: number;
  readonly root: Hash;
  /** RFC 3339, UTC. */
  readonly at: string;
}

/** Signs with every key. While keys are being replaced: the old one and the new one. */
export function signCheckpoint(checkpoint: Checkpoint, keys: readonly KeyObject[]): string {
  const text = textOf(checkpoint);
  const signatures = keys.map((key) => {
    const id = keyId(checkpoint.origin, rawPublicKey(key));
    return `— ${checkpoint.origin} ${Buffer.concat([id, sign(null, Buffer.from(text), key)]).toString('base64')}\n`;
  });
  return `${text}\n${signatures.join('')}`;
}

/** The checkpoint in a note that one of `keys` (public) signed. Throws, with the reason, for any other note. */
export function openCheckpoint(note: string, keys: readonly KeyObject[]): Checkpoint {
  const { end, text, ...checkpoint } = parts(note);
  const signed = note
    .slice(end + 2)
    .split('\n')
    .some((line) => {
      const [, name, signature] = /^— (\S+) (\S+)$/.exec(line) ?? [];
      return name === checkpoint.origin && keys.some((key) => isSignature(signature!, text, checkpoint.origin, key));
    });
  if (!signed) throw new Error('not signed by a key that was given');
  return checkpoint;
}

/** The checkpoint in a note of our own, whose signature is not checked. */
export function checkpointIn(note: string): Checkpoint {
  const { origin, size, root, at } = parts(note);
  return { origin, size, root, at };
}

/** The form in which verifiers of signed notes receive a key: `<name>+<key id>+<algorithm and key>`. */
export function verifierKey(origin: string, key: KeyObject): string {
  const raw = rawPublicKey(key);
  return `${origin}+${keyId(origin, raw).toString('hex')}+${Buffer.concat([ed25519, raw]).toString('base64')}`;
}

/** The public key in a verifier key, for whichever log; `null` if it is malformed. */
export function publicKeyOf(verifier: string): KeyObject | null {
  const bytes = Buffer.from(/\+[0-9a-f]{8}\+(\S+)$/.exec(verifier)?.[1] ?? '', 'base64');
  if (bytes.length !== 33 || bytes[0] !== 1) return null;
  return createPublicKey({ key: Buffer.concat([spkiHead, bytes.subarray(1)]), format: 'der', type: 'spki' });
}

const textOf = ({ origin, size, root, at }: Checkpoint): string =>
  `${origin}\n${size}\n${root.toString('base64')}\ntime ${at}\n`;

function parts(note: string): Checkpoint & { end: number; text: string } {
  const end = note.indexOf('\n\n');
  if (end < 0) throw new Error('not a signed note');
  const text = note.slice(0, end + 1);
  return { ...parseText(text), end, text };
}

function parseText(text: string): Checkpoint {
  const [, origin, size, root, at] = /^(\S+)\n(0|[1-9]\d{0,15})\n([\w+/]{43}=)\ntime (\S+)\n$/.exec(text) ?? [];
  if (!origin || !size || !root || !at) throw new Error('not a checkpoint');
  return { origin, size: Number(size), root: Buffer.from(root, 'base64'), at };
}

function isSignature(signature: string, text: string, origin: string, key: KeyObject): boolean {
  const bytes = Buffer.from(signature, 'base64');
  return (
    bytes.subarray(0, 4).equals(keyId(origin, rawPublicKey(key))) &&
    verify(null, Buffer.from(text), key, bytes.subarray(4))
  );
}

const ed25519 = Buffer.of(1);
/** The bytes before the 32 bytes of an Ed25519 key in its SubjectPublicKeyInfo (RFC 8410). */
const spkiHead = Buffer.from('302a300506032b6570032100', 'hex');

const keyId = (name: string, raw: Buffer): Buffer =>
  createHash('sha256').update(`${name}\n`).update(ed25519).update(raw).digest().subarray(0, 4);

const rawPublicKey = (key: KeyObject): Buffer =>
  (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'der', type: 'spki' }).subarray(-32);
