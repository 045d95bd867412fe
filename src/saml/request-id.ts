/**
 * Ids of AuthnRequests. An id contains when the request was made and what it asked for. The identity provider signs the
 * id into its answer, and the identity room confirms that it is ours, so the answer can be checked without keeping
 * state here.
 */
import { randomBytes } from 'node:crypto';

export interface Requested {
  /** Whether the person must authenticate again. */
  readonly forceAuthn: boolean;
  readonly kind: 'professional' | 'person';
}

export const newRequestId = ({ forceAuthn, kind }: Requested, now: Date): string => {
  const seconds = Math.floor(now.getTime() / 1_000)
    .toString(16)
    .padStart(10, '0');
  return `_${seconds}${forceAuthn ? 'f' : 'a'}${kind === 'person' ? 'c' : 'b'}${randomBytes(20).toString('hex')}`;
};

/** Returns what an id contains; `at` is in milliseconds since the epoch. `null` for an id that is not ours. */
export function readRequestId(id: string): (Requested & { readonly at: number }) | null {
  const parts = /^_([0-9a-f]{10})([af])([bc])[0-9a-f]{40}$/.exec(id);
  if (!parts) return null;
  return {
    at: Number.parseInt(parts[1]!, 16) * 1_000,
    forceAuthn: parts[2] === 'f',
    kind: parts[3] === 'c' ? 'person' : 'professional',
  };
}
