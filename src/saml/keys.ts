/**
 * The service provider's own keys. There can be several, so that keys can be changed without interruption: the first
 * one signs and is published for encryption, all of them decrypt, and all are published for signing before they are
 * used for it.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';

export interface KeyPair {
  readonly privatePem: string;
  readonly certificatePem: string;
  /** Base64 of the DER, as metadata contains it. */
  readonly certificate: string;
}

export interface Keys {
  readonly first: KeyPair;
  readonly all: readonly KeyPair[];
}

/**
 * Reads a PEM text with private keys and their certificates. The order of the keys matters; certificates may be
 * anywhere. Throws with a message that never quotes the text.
 */
export function readKeys(pem: string): Keys {
  const blocks = pem.match(/-----BEGIN ([A-Z0-9 ]+)-----[\s\S]+?-----END \1-----/g) ?? [];
  const certificates = blocks.filter((block) => block.includes('BEGIN CERTIFICATE')).map(certificateIn);
  const all = blocks.filter((block) => block.includes('PRIVATE KEY')).map((block) => pairOf(block, certificates));
  const [first] = all;
  if (!first) throw new Error('it holds no private key');
  if (Date.now() >= Date.parse(new X509Certificate(first.certificatePem).validTo))
    throw new Error('the certificate of the first key has expired');
  return { first, all };
}

function certificateIn(block: string): X509Certificate {
  try {
    return new X509Certificate(block);
  } catch {
    throw new Error('it holds a certificate that cannot be read');
  }
}

function pairOf(block: string, certificates: readonly X509Certificate[]): KeyPair {
  const key = privateKeyIn(block);
  if (key.asymmetricKeyType !== 'rsa' || (key.asymmetricKeyDetails?.modulusLength ?? 0) < 2048)
    throw new Error('it holds a key that is not RSA of 2048 bits or more');
  const certificate = certificates.find((candidate) => candidate.checkPrivateKey(key));
  if (!certificate) throw new Error('it holds a private key without its certificate');
  return {
    privatePem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificatePem: certificate.toString(),
    certificate: certificate.raw.toString('base64'),
  };
}

function privateKeyIn(block: string) {
  try {
    return createPrivateKey(block);
  } catch {
    throw new Error('it holds a private key that cannot be read');
  }
}
