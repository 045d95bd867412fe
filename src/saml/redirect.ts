/**
 * Reads a message from the query string: deflated XML, with a signature over the query as it was sent. node-saml would
 * accept an unsigned message as signed and any hash algorithm, so it is not used here.
 */
import { constants, type KeyObject, verify } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { signatureAlgorithms } from './names.js';
import { demand, SamlRefused } from './reasons.js';
import { type Element, parseMessage } from './xml.js';

export interface RedirectMessage {
  readonly root: Element;
  readonly relayState: string;
}

/** `query`: the text after the `?`, unchanged. Throws `SamlRefused`. */
export function readRedirect(
  query: string,
  name: 'SAMLRequest' | 'SAMLResponse',
  keys: readonly KeyObject[],
): RedirectMessage {
  const raw = parametersOf(query);
  const message = raw.get(name);
  const algorithm = raw.get('SigAlg');
  const signature = raw.get('Signature');
  demand(message, 'SAML_MALFORMED');
  demand(algorithm && signature, 'SAML_UNSIGNED');
  const signed = [name, 'RelayState', 'SigAlg']
    .filter((key) => raw.has(key))
    .map((key) => `${key}=${raw.get(key)}`)
    .join('&');
  checkSignature(signed, decoded(algorithm), Buffer.from(decoded(signature), 'base64'), keys);
  return { root: parseMessage(inflated(decoded(message))), relayState: decoded(raw.get('RelayState') ?? '') };
}

/** Requires each parameter at most once: with two of a name, the signed one and the one read could differ. */
function parametersOf(query: string): Map<string, string> {
  const raw = new Map<string, string>();
  for (const pair of query.split('&').filter(Boolean)) {
    const [key = '', value = ''] = pair.split(/=(.*)/s);
    const name = decoded(key);
    demand(!raw.has(name), 'SAML_MALFORMED');
    raw.set(name, value);
  }
  demand(!(raw.has('SAMLRequest') && raw.has('SAMLResponse')), 'SAML_MALFORMED');
  return raw;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new SamlRefused('SAML_MALFORMED');
  }
}

function checkSignature(signed: string, algorithm: string, signature: Buffer, keys: readonly KeyObject[]): void {
  demand(signatureAlgorithms.has(algorithm), 'SAML_SIGNATURE_ALGORITHM');
  const hash = algorithm.endsWith('rsa-sha512') ? 'sha512' : 'sha256';
  const padding = algorithm.endsWith('-MGF1') ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  const holds = keys.some((key) => verify(hash, Buffer.from(signed), { key, padding }, signature));
  demand(holds, 'SAML_SIGNATURE');
}

/** Inflates with a limit: a kilobyte can be made to expand to a megabyte. */
function inflated(encoded: string): string {
  try {
    const bytes = inflateRawSync(Buffer.from(encoded, 'base64'), { maxOutputLength: 100_000 });
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new SamlRefused('SAML_MALFORMED');
  }
}
