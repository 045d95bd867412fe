/** Public keys as they are handed in for registration: a JWK Set (RFC 7517), or an OCES3 certificate of an organisation. */
import { createHash, createPublicKey, type JsonWebKey, type KeyObject, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { type AssertionAlgorithm, assertionAlgorithms } from '../../protocol/client-assertion.js';
import { Fault } from '../../protocol/faults.js';

/** What is stored of a key: only what verification needs. */
export interface PublicJwk extends Pick<JsonWebKey, 'crv' | 'x' | 'y' | 'n' | 'e'> {
  readonly kty: string;
  /** The only algorithm with which the key may be used, if its owner named one. */
  readonly alg?: AssertionAlgorithm;
}

export interface HandedIn {
  readonly kid: string;
  readonly jwk: PublicJwk;
  readonly source: 'JWK' | 'CERTIFICATE';
  readonly validFrom: Date | null;
  readonly validTo: Date | null;
}

/** The algorithms that a key can be used with. */
export function algorithmsOf({ kty, crv, alg }: PublicJwk): readonly AssertionAlgorithm[] {
  const fitting: readonly AssertionAlgorithm[] =
    kty === 'RSA'
      ? ['PS256', 'RS256']
      : kty === 'EC' && crv === 'P-256'
        ? ['ES256']
        : crv === 'Ed25519'
          ? ['EdDSA']
          : [];
  return alg ? fitting.filter((one) => one === alg) : fitting;
}

const mostKeys = 10;
const handedIn = z.looseObject({
  kty: z.enum(['RSA', 'EC', 'OKP']),
  kid: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[\x21-\x7e]+$/)
    .optional(),
  alg: z.enum(assertionAlgorithms).optional(),
  use: z.literal('sig').optional(),
  key_ops: z.array(z.literal('verify')).optional(),
});
const jwkSet = z.union([
  z.object({ keys: z.array(handedIn).min(1).max(mostKeys) }).transform(({ keys }) => keys),
  handedIn.transform((key) => [key]),
]);

const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const;

/** Reads a JWK Set or a single JWK. Throws `BAD_USER_INPUT` for anything but public keys that are strong enough. */
export function keysOf(jwks: unknown): HandedIn[] {
  const read = jwkSet.safeParse(jwks);
  if (!read.success)
    throw refused('jwks', `a JWK Set of 1 to ${mostKeys} public keys for signatures, of kty RSA, EC or OKP`);
  return read.data.map((given) => {
    if (secretMembers.some((name) => given[name] !== undefined))
      throw refused('jwks', 'public keys: this is a private one. Make another; this one is known to others now');
    const jwk = publicJwk(publicKeyOf(given as JsonWebKey), 'jwks', given.alg);
    return { kid: given.kid ?? thumbprint(jwk), jwk, source: 'JWK', validFrom: null, validTo: null };
  });
}

/**
 * `certificate`: PEM, or its base64 alone. The issuer vouches for the organisation's identity, but no chain is verified here: an
 * administrator registers only certificates that were received from the organisation itself.
 */
export function keyOfCertificate(certificate: string, cvr: string, now: Date): HandedIn {
  const read = certificateIn(certificate);
  // Attributes are read by the names that OpenSSL gives them. In the subject as one text, a value could look like another attribute.
  const subject = read.toLegacyObject().subject as unknown as Record<string, unknown>;
  if (!/^UI:DK-O:G:[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(String(subject.serialNumber)))
    throw refused('certificate', 'an OCES3 certificate of an organisation or system (serialNumber UI:DK-O:G:…)');
  if ((subject.organizationIdentifier ?? subject['2.5.4.97']) !== `NTRDK-${cvr}`)
    throw refused(
      'certificate',
      'one whose organisation identifier (2.5.4.97) is the CVR number of the organisation that runs the client',
    );
  const [validFrom, validTo] = [new Date(read.validFrom), new Date(read.validTo)];
  if (!(validFrom <= now && now < validTo)) throw refused('certificate', 'one that is valid now');
  const jwk = publicJwk(read.publicKey, 'certificate');
  return { kid: thumbprint(jwk), jwk, source: 'CERTIFICATE', validFrom, validTo };
}

function certificateIn(text: string): X509Certificate {
  const pem = text.includes('-----BEGIN') ? text : Buffer.from(text, 'base64');
  try {
    return new X509Certificate(pem);
  } catch {
    throw refused('certificate', 'an X.509 certificate in PEM or base64');
  }
}

function publicKeyOf(key: JsonWebKey): KeyObject {
  try {
    return createPublicKey({ key, format: 'jwk' });
  } catch {
    throw refused('jwks', 'keys that are what their kty says');
  }
}

/** Only members that were read here are kept, and only of a key that is strong enough (RFC 7518 §3.3, §3.4). */
function publicJwk(key: KeyObject, argument: string, alg?: AssertionAlgorithm): PublicJwk {
  const { modulusLength: bits = 2048, publicExponent = 65_537n } = key.asymmetricKeyDetails ?? {};
  const exported = exportedJwk(key);
  const jwk = exported && { ...exported, ...(alg && { alg }) };
  if (!jwk || algorithmsOf(jwk).length === 0 || bits < 2048 || bits > 8192 || publicExponent < 3n)
    throw refused(argument, 'an RSA key of 2048 to 8192 bits, or one on P-256 or Ed25519, for the alg that it names');
  return jwk;
}

function exportedJwk(key: KeyObject): PublicJwk | null {
  try {
    return key.export({ format: 'jwk' }) as PublicJwk;
  } catch {
    return null;
  }
}

/** Thumbprint (RFC 7638). */
function thumbprint({ kty, crv, x, y, n, e }: PublicJwk): string {
  const members = kty === 'RSA' ? { e, kty, n } : kty === 'EC' ? { crv, kty, x, y } : { crv, kty, x };
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}

const refused = (argument: string, expected: string) =>
  new Fault('BAD_USER_INPUT', `Argument "${argument}": expected ${expected}.`);
