/**
 * A key and its self-signed certificate in one file. They are made at the first start and kept, so that metadata stays valid. The
 * stand-in has one. In embedded mode the service provider has another; elsewhere its operator brings one.
 */
import { createPrivateKey, generateKeyPair, type KeyObject, X509Certificate } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { damaged, privateKeyIn, readKeyFile } from '../protocol/key-file.js';
import { type Holder, selfSigned } from './certificate.js';

export interface Credentials {
  readonly privateKey: KeyObject;
  /** PEM. */
  readonly certificate: string;
}

const years = 10;

/** Reads the file at `path`, which holds both in PEM. Makes it if there is none, or if the certificate has expired. */
export async function credentialsFile(path: string, commonName: string, now: Date): Promise<Credentials> {
  const pem = await readKeyFile(path);
  const known = pem === null ? null : credentialsIn(pem);
  if (pem !== null && !known) throw damaged(path, 'an RSA private key and its certificate in PEM');
  if (known && Date.parse(new X509Certificate(known.certificate).validTo) > now.getTime()) return known;
  const made = await makeCredentials(commonName, now);
  await mkdir(dirname(path), { recursive: true });
  // Written under a temporary name first, so that a start that is killed here leaves no half-written file.
  const key = made.privateKey.export({ type: 'pkcs8', format: 'pem' });
  await writeFile(`${path}.new`, `${key}${made.certificate}`, { mode: 0o600 });
  await rename(`${path}.new`, path);
  return made;
}

/** `null` unless both are there and belong together. */
function credentialsIn(pem: string): Credentials | null {
  const privateKey = privateKeyIn(() => createPrivateKey(pem));
  const certificate = certificateIn(pem);
  if (privateKey?.asymmetricKeyType !== 'rsa') return null;
  try {
    return new X509Certificate(certificate).checkPrivateKey(privateKey) ? { privateKey, certificate } : null;
  } catch {
    return null;
  }
}

async function makeCredentials(commonName: string, now: Date): Promise<Credentials> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const from = new Date(now.getTime() - 86_400_000);
  const until = new Date(from);
  until.setUTCFullYear(from.getUTCFullYear() + years);
  const holder: Holder = { commonName, organisation: 'Sluse (demo)', cvr: '99999999' };
  return { privateKey, certificate: selfSigned(privateKey, holder, from, until) };
}

const certificateIn = (pem: string): string =>
  /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/.exec(pem)?.[0] ?? '';
