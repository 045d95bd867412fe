/** Private keys in files of their own, made at first use and readable by their owner only. */
import { createPrivateKey, generateKeyPairSync, type JsonWebKey, type KeyObject, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Reads or makes an Ed25519 key, in PEM. */
export async function keyFile(path: string): Promise<KeyObject> {
  const pem = await kept(path, () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    return privateKey.export({ type: 'pkcs8', format: 'pem' });
  });
  const key = privateKeyIn(() => createPrivateKey(pem));
  if (key?.asymmetricKeyType !== 'ed25519') throw damaged(path, 'an Ed25519 private key in PEM');
  return key;
}

/** Reads or makes a P-256 key of a system client, as a JWK with a `kid`. Returns its private half. */
export async function clientKeyFile(path: string): Promise<ClientKey> {
  const text = await kept(path, () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return `${JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid: randomUUID() })}\n`;
  });
  const jwk = jwkIn(text);
  const key = jwk && privateKeyIn(() => createPrivateKey({ key: jwk, format: 'jwk' }));
  if (!key || jwk.crv !== 'P-256' || typeof jwk.kid !== 'string' || jwk.kid === '')
    throw damaged(path, 'a P-256 private key as a JWK with a kid');
  return jwk;
}

export interface ClientKey extends JsonWebKey {
  readonly kid: string;
}

/**
 * The error for a key file that exists but cannot be used. The start ends and names the file: a new key in its place would no longer
 * match the log or the metadata that the old key signed. The parser's message is left out, because it may quote the key.
 */
export const damaged = (path: string, expected: string): Error =>
  new Error(
    `${path}: expected ${expected}. Put the file back from a backup, or move it away: then a new key is made at the next start.`,
  );

/** The text of a key file, or `null` if there is none. */
export const readKeyFile = (path: string): Promise<string | null> =>
  readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new Error(`${path}: the key file cannot be read (${error.code}). Expected a file that this user may read.`);
  });

/** The private key that `read` returns, or `null` if it is not one. */
export function privateKeyIn(read: () => KeyObject): KeyObject | null {
  try {
    return read();
  } catch {
    return null;
  }
}

function jwkIn(text: string): ClientKey | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? (value as ClientKey | null) : null;
  } catch {
    return null;
  }
}

async function kept(path: string, make: () => string | Buffer): Promise<string> {
  const text = await readKeyFile(path);
  if (text !== null) return text;
  const made = String(make());
  await mkdir(dirname(path), { recursive: true });
  // The key is written under a temporary name first, so that a start that is killed here leaves no half-written key.
  await writeFile(`${path}.new`, made, { mode: 0o600 });
  await rename(`${path}.new`, path);
  return made;
}
