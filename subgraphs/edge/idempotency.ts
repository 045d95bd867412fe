/**
 * `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a change that is sent twice under one key is made once, and the
 * second request gets the first answer.
 *
 * A key belongs to its sender. For a day, the audit room keeps digests under the key itself and the answer encrypted under it. Nobody
 * can use what is stored there to read an answer or to try out what was asked.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import canonicalize from 'canonicalize';
import { Fault } from '../protocol/faults.js';
import type { Internal } from '../protocol/internal.js';
import type { Viewer } from '../protocol/viewer.js';
import type { Footprint } from './footprint.js';

/** What was sent, as far as it identifies the change. */
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
  /** Access of the viewers to whom it may be given again: see `accessOf`. */
  readonly access: string;
}

export type Claim =
  | { readonly claim: 'FREE' }
  | { readonly claim: 'REUSED' }
  | { readonly claim: 'ANSWERED'; readonly entry: string; readonly kept: KeptAnswer | null }
  /** `MADE`: made, without an answer that could be given again. `OPEN`: under way. */
  | { readonly claim: 'MADE' | 'OPEN'; readonly entry: string };

/** The key under which one person sent one change. */
export interface ChangeKey {
  /** Asks that the change be made under this entry. */
  claim(entry: string): Promise<Claim>;
  keep(entry: string, answer: KeptAnswer): Promise<void>;
}

/**
 * Most bytes of an answer that is kept. A change with a larger answer is still made only once; a repeated request is told that it was
 * made.
 */
const largestKept = 1_000_000;

/**
 * The key of a request; `null` without one. Whom somebody acts for is part of what is asked, except for a change of the own session
 * (`ownSession`), which may change just that.
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
  // In quotes, as the draft writes it, or without.
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

/** Everything about a viewer that decides what an answer holds. A viewer whose access has changed is not shown the earlier answer. */
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

/** `null` if this key cannot decrypt it: then it is only known that the change was made. */
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
