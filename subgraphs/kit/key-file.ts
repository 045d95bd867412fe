/** Private keys in files of their own, made at first use and readable by their owner only. */
import { createPrivateKey, generateKeyPairSync, type JsonWebKey, type KeyObject, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** An Ed25519 key, in PEM. */
export async function keyFile(path: string): Promise<KeyObject> {
  const pem = await kept(path, () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    return privateKey.export({ type: 'pkcs8', format: 'pem' });
  });
  return createPrivateKey(pem);
}

/** A P-256 key of a system client, as a JWK with a name; answers with its private half. */
export async function clientKeyFile(path: string): Promise<ClientKey> {
  const text = await kept(path, () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return `${JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid: randomUUID() })}\n`;
  });
  return JSON.parse(text) as ClientKey;
}

export interface ClientKey extends JsonWebKey {
  readonly kid: string;
}

async function kept(path: string, make: () => string | Buffer): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text !== null) return text;
  const made = String(make());
  await mkdir(dirname(path), { recursive: true });
  // Under another name first: a start that is killed here must leave no half of a key.
  await writeFile(`${path}.new`, made, { mode: 0o600 });
  await rename(`${path}.new`, path);
  return made;
}
