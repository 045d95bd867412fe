/**
 * `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a change that is sent twice under one key is made once, and whoever sends
 * it again gets the first answer.
 *
 * A key belongs to who sends it. The audit room keeps, for a day, digests under the key itself and the answer encrypted under it: with
 * what lies there nobody can read an answer, or try out what was asked.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import canonicalize from 'canonicalize';
import { Fault } from '../protocol/faults.js';
import type { Internal } from '../protocol/internal.js';
import type { Viewer } from '../protocol/viewer.js';
import type { Footprint } from './footprint.js';

/** What was sent, as far as it makes a change the same change. */
export interface Sent {
  readonly query: string;
  readonly operationName: string | null;
  readonly variables: unknown;
}

/** An answer that was given, to be given again. */
export interface KeptAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** Ids of audited objects in it, by type. */
  readonly named: readonly (readonly [string, readonly string[]])[];
  /** Of whom it may be given to again: see `accessOf`. */
  readonly access: string;
}

export type Claim =
  | { readonly claim: 'FREE' }
  | { readonly claim: 'REUSED' }
  | { readonly claim: 'ANSWERED'; readonly entry: string; readonly kept: KeptAnswer | null }
  /** Made, without an answer that could be given again; or under way. */
  | { readonly claim: 'MADE' | 'OPEN'; readonly entry: string };

/** The key under which one change was sent by one person. */
export interface ChangeKey {
  /** Asks for the change to be made under this entry. */
  claim(entry: string): Promise<Claim>;
  keep(entry: string, answer: KeptAnswer): Promise<void>;
}

/** Bytes of an answer that is kept; what is larger is made once all the same, and told as made. */
const largestKept = 1_000_000;

/**
 * The key of a request; `null` where it has none. For whom somebody acts is part of what is asked, but for a change of the own session: that
 * may be what the change is about. `ownSession`: whether it is one.
 */
export function changeKey(
  headers: IncomingHttpHeaders,
  viewer: Viewer,
  sent: Sent,
  { ownSession }: Pick<Footprint, 'ownSession'>,
  audit: Internal,
): ChangeKey | null {
  const given = headers['idempotency-key'];
  if (given === undefined) return null;
  // As the draft writes it, in quotes, or without.
  const secret = /^"?([!#-~]{1,255}?)"?$/.exec(String(given).trim())?.[1];
  if (!secret)
    throw new Fault(
      'MALFORMED_REQUEST',
      'Header `Idempotency-Key`: expected 1 to 255 visible characters of ASCII, such as a new UUID.',
    );
  const { municipality, actor, subject } = viewer;
  const who = [municipality, actor.kind, actor.id];
  const key = createHash('sha256')
    .update(JSON.stringify([who, secret]))
    .digest('hex');
  const actsFor = ownSession ? null : [subject.kind, subject.id];
  const request = createHmac('sha256', secret)
    .update(canonicalize([sent.query, sent.operationName, sent.variables ?? {}, actsFor]) ?? '')
    .digest('hex');
  const cipherKey = Buffer.from(hkdfSync('sha256', secret, key, 'sluse kept answer', 32));
  return {
    async claim(entry) {
      const held = (await audit('claim-key', { municipality, key, request, entry })) as unknown as
        | Exclude<Claim, { claim: 'ANSWERED' }>
        | { claim: 'ANSWERED'; entry: string; answer: string };
      return held.claim === 'ANSWERED' ? { ...held, kept: opened(held.answer, cipherKey, held.entry) } : held;
    },
    async keep(entry, answer) {
      if (answer.body.length > largestKept) return;
      await audit('keep-answer', { municipality, key, entry, answer: closed(answer, cipherKey, entry) });
    },
  };
}

/** What decides what an answer holds. Whoever may see other things by now is not shown what was shown then. */
export const accessOf = ({ right, actingFor, powerOfAttorney, organisation, scopes, clearance }: Viewer): string =>
  createHash('sha256')
    .update(JSON.stringify([right, actingFor, powerOfAttorney, organisation, scopes, clearance]))
    .digest('hex');

function closed(answer: KeptAnswer, key: Buffer, entry: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(entry));
  const text = Buffer.concat([cipher.update(JSON.stringify(answer)), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64');
}

/** `null` for what this key did not close: the change was made, and that is all that can be said. */
function opened(answer: string, key: Buffer, entry: string): KeptAnswer | null {
  const bytes = Buffer.from(answer, 'base64');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 })
      .setAAD(Buffer.from(entry))
      .setAuthTag(bytes.subarray(12, 28));
    return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString()) as KeptAnswer;
  } catch {
    return null;
  }
}
