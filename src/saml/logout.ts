/** Reads incoming log-out messages, with either binding. They must be signed. */
import type { KeyObject } from 'node:crypto';
import { skew } from './assertion.js';
import { decrypted } from './decrypt.js';
import type { IdentityProvider } from './identity-provider.js';
import type { Keys } from './keys.js';
import { namespaces, successStatus } from './names.js';
import { demand } from './reasons.js';
import { readRedirect } from './redirect.js';
import { decodedText } from './response.js';
import { signatureOf, verifiedRoot } from './signature.js';
import { attribute, type Element, idsOf, instantOf, is, only, parseMessage, textOf } from './xml.js';

/** A message as it arrived. */
export type Arrived =
  | { readonly binding: 'redirect'; readonly query: string }
  | { readonly binding: 'post'; readonly form: ReadonlyMap<string, string> };

export type Logout =
  | {
      readonly kind: 'request';
      readonly id: string;
      readonly nameId: string;
      readonly sessionIndex: string | null;
      readonly relayState: string;
    }
  | { readonly kind: 'response'; readonly request: string; readonly succeeded: boolean };

export interface LogoutReading {
  readonly provider: IdentityProvider;
  readonly keys: Keys;
  /** Our log-out URL. */
  readonly address: string;
  readonly now: Date;
}

/** Returns a verified log-out message. Throws `SamlRefused`. */
export async function readLogout(arrived: Arrived, reading: LogoutReading): Promise<Logout> {
  const { root, relayState } = signedMessage(arrived, reading.provider.keys(reading.now));
  const isRequest = is(root, namespaces.protocol, 'LogoutRequest');
  demand(isRequest || is(root, namespaces.protocol, 'LogoutResponse'), 'SAML_STRUCTURE');
  checkHead(root, reading);
  if (isRequest) return readRequest(root, relayState, reading);
  const request = attribute(root, 'InResponseTo');
  demand(request, 'SAML_IN_RESPONSE_TO');
  const status = only(root, namespaces.protocol, 'Status');
  const code = status && only(status, namespaces.protocol, 'StatusCode');
  demand(code, 'SAML_STRUCTURE');
  return { kind: 'response', request, succeeded: attribute(code, 'Value') === successStatus };
}

function signedMessage(arrived: Arrived, keys: readonly KeyObject[]): { root: Element; relayState: string } {
  if (arrived.binding === 'redirect') {
    const name = /(?:^|&)SAMLRequest=/.test(arrived.query) ? 'SAMLRequest' : 'SAMLResponse';
    return readRedirect(arrived.query, name, keys);
  }
  const [request, response] = [arrived.form.get('SAMLRequest'), arrived.form.get('SAMLResponse')];
  demand((request === undefined) !== (response === undefined), 'SAML_MALFORMED');
  const root = parseMessage(decodedText(request ?? response!));
  const ids = idsOf(root);
  demand(new Set(ids).size === ids.length, 'SAML_DUPLICATE_ID');
  const signature = signatureOf(root);
  demand(signature, 'SAML_UNSIGNED');
  return { root: parseMessage(verifiedRoot(root, signature, keys)), relayState: arrived.form.get('RelayState') ?? '' };
}

/**
 * Requires a message made within the last minutes. Nobody remembers which of these were seen, so an old one must not
 * count.
 */
function checkHead(root: Element, { provider, address, now }: LogoutReading): void {
  demand(attribute(root, 'Version') === '2.0' && attribute(root, 'ID'), 'SAML_STRUCTURE');
  demand(textOf(only(root, namespaces.assertion, 'Issuer')) === provider.entityId, 'SAML_ISSUER');
  demand(attribute(root, 'Destination') === address, 'SAML_DESTINATION');
  const issued = instantOf(attribute(root, 'IssueInstant'));
  demand(issued !== null, 'SAML_TIME');
  demand(issued <= now.getTime() + skew, 'SAML_NOT_YET_VALID');
  demand(issued > now.getTime() - skew, 'SAML_EXPIRED');
  const ends = attribute(root, 'NotOnOrAfter');
  const end = ends === null ? Number.POSITIVE_INFINITY : instantOf(ends);
  demand(end !== null, 'SAML_TIME');
  demand(end > now.getTime() - skew, 'SAML_EXPIRED');
}

async function readRequest(root: Element, relayState: string, { keys }: LogoutReading): Promise<Logout> {
  const plain = only(root, namespaces.assertion, 'NameID');
  const encrypted = only(root, namespaces.assertion, 'EncryptedID');
  demand((plain === null) !== (encrypted === null), 'SAML_NAME_ID');
  const named = plain ?? parseMessage(await decrypted(encrypted!, keys));
  demand(is(named, namespaces.assertion, 'NameID'), 'SAML_NAME_ID');
  const nameId = textOf(named);
  demand(nameId && nameId.length <= 512, 'SAML_NAME_ID');
  const sessionIndex = textOf(only(root, namespaces.protocol, 'SessionIndex'));
  // SAML Bindings 3.4.3: at most 80 bytes. It is sent back to where it came from.
  demand(Buffer.byteLength(relayState) <= 80, 'SAML_MALFORMED');
  return { kind: 'request', id: attribute(root, 'ID')!, nameId, sessionIndex: sessionIndex || null, relayState };
}
