/** The HTTP-Redirect binding (SAML 2.0 Bindings §3.4), in both directions: a message in the query, and a signature over the query. */
import { createVerify, type KeyObject, sign } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { algorithm } from './names.js';
import { MessageRefused } from './refused.js';

type MessageParameter = 'SAMLRequest' | 'SAMLResponse';

export interface Received {
  readonly xml: string;
  readonly relayState: string | null;
}

/** The URL that carries a message to `location`. */
export function redirectTo(
  location: string,
  field: MessageParameter,
  { xml, relayState }: Received,
  privateKey: KeyObject,
): string {
  const parts = [[field, deflateRawSync(xml).toString('base64')]];
  if (relayState !== null) parts.push(['RelayState', relayState]);
  parts.push(['SigAlg', algorithm.rsaSha256]);
  const query = parts.map(([name, value]) => `${name}=${encodeURIComponent(value!)}`).join('&');
  const signature = encodeURIComponent(sign('sha256', Buffer.from(query), privateKey).toString('base64'));
  return `${location}${location.includes('?') ? '&' : '?'}${query}&Signature=${signature}`;
}

/** The message in the query of `url`. Throws `MessageRefused` unless the key of one of the sender's certificates (PEM) signed it. */
export function readRedirect(url: string, field: MessageParameter, certificates: readonly string[]): Received {
  const raw = rawQuery(url);
  const message = raw.get(field);
  if (message === undefined) throw new MessageRefused(`Expected ${field} in the query.`);
  verify(raw, field, certificates);
  const relayState = raw.get('RelayState');
  return { xml: inflated(decoded(message)), relayState: relayState === undefined ? null : decoded(relayState) };
}

/** The query's parameters without decoding, because the signature covers the query as it was written. */
function rawQuery(url: string): Map<string, string> {
  const raw = new Map<string, string>();
  for (const pair of url.replace(/^[^?]*\??/, '').split('&')) {
    const [name, value] = pair.split(/=(.*)/s);
    if (raw.has(name!)) throw new MessageRefused(`${name}: expected once in the query.`);
    raw.set(name!, value ?? '');
  }
  return raw;
}

/** SHA-1 is not included: OIOSAML 3 requires SHA-256 or better. */
const digests: Readonly<Record<string, string>> = {
  [algorithm.rsaSha256]: 'sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha384': 'sha384',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512': 'sha512',
};

function verify(raw: ReadonlyMap<string, string>, field: MessageParameter, certificates: readonly string[]): void {
  const signature = raw.get('Signature');
  if (signature === undefined) throw new MessageRefused('Expected a signature (SigAlg, Signature) in the query.');
  const digest = digests[decoded(raw.get('SigAlg') ?? '')];
  if (!digest) throw new MessageRefused(`SigAlg: expected one of ${Object.keys(digests).join(', ')}.`);
  const signed = [field, 'RelayState', 'SigAlg']
    .filter((name) => raw.has(name))
    .map((name) => `${name}=${raw.get(name)}`)
    .join('&');
  const bytes = Buffer.from(decoded(signature), 'base64');
  if (!certificates.some((certificate) => createVerify(digest).update(signed).verify(certificate, bytes)))
    throw new MessageRefused('Signature: expected one by a certificate in the metadata of the service provider.');
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value.replace(/\+/g, '%20'));
  } catch {
    throw new MessageRefused('Expected a query in percent-encoding.');
  }
}

const longest = 100_000; // bytes of a message, so that a small query cannot fill the memory

function inflated(message: string): string {
  try {
    return inflateRawSync(Buffer.from(message, 'base64'), { maxOutputLength: longest }).toString('utf8');
  } catch {
    throw new MessageRefused('Expected a message that is deflated and in base64.');
  }
}
