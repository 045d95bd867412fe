/**
 * Passwords of old SMDB accounts: which hashes are accepted, and how a password is compared with one. Only hashes of bounded cost are
 * accepted, because anybody who is signed in can make the server compute them.
 *
 * | scheme                 | form                                                         | bounds                    |
 * |------------------------|--------------------------------------------------------------|---------------------------|
 * | argon2id               | `$argon2id$v=19$m=…,t=…,p=…$salt$hash` (PHC)                 | m ≤ 256 MiB, t ≤ 10, p ≤ 8 |
 * | PBKDF2 (SHA-256, -512) | `$pbkdf2-sha256$rounds$salt$hash` (as Python's passlib)      | 1,000 to 2,000,000 rounds |
 */
import { pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { parseOptions, verify } from '@node-rs/argon2';

/** Whether a password matches a hash that `isUsableHash` accepts. */
export async function passwordFits(password: string, hash: string): Promise<boolean> {
  const old = pbkdf2Of(hash);
  if (!old) return verify(hash, password);
  const derived = await promisify(pbkdf2)(password, old.salt, old.rounds, old.key.length, old.digest);
  return timingSafeEqual(derived, old.key);
}

/** Whether a hash can be taken over. */
export function isUsableHash(hash: string): boolean {
  const old = pbkdf2Of(hash);
  if (old) return old.rounds >= 1_000 && old.rounds <= 2_000_000 && old.salt.length >= 8 && old.key.length >= 16;
  if (!/^\$argon2id\$v=19\$m=\d{1,7},t=\d{1,2},p=\d\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{22,}$/.test(hash)) return false;
  try {
    const { memoryCost, timeCost, parallelism } = parseOptions(hash);
    return memoryCost <= 256 * 1024 && timeCost <= 10 && parallelism <= 8;
  } catch {
    return false;
  }
}

/** A hash of nobody's password. A password is compared with it if there is no account at all. */
export const hashOfNobody =
  '$argon2id$v=19$m=19456,t=2,p=1$68AJ8uH02D/ae0sPqiYbzQ$6bAnA5tMzdpKTcVolJpBHLe71Dx9vOWtPX1LMNTTiPc';

function pbkdf2Of(hash: string) {
  const [, digest, rounds, salt, key] =
    /^\$pbkdf2-(sha256|sha512)\$(\d{1,7})\$([A-Za-z0-9./]{1,200})\$([A-Za-z0-9./]{1,200})$/.exec(hash) ?? [];
  if (!digest || !salt || !key) return null;
  // passlib writes "." for "+", and no padding.
  const bytes = (text: string) => Buffer.from(text.replaceAll('.', '+'), 'base64');
  return { digest, rounds: Number(rounds), salt: bytes(salt), key: bytes(key) };
}
