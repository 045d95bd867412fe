/**
 * Reads a response, from the bytes of the form to a trusted assertion, in this order: check the structure of the
 * response, decrypt the assertion, check its structure, verify its signature (node-saml), and last check what it says,
 * read from the signed bytes only.
 */
import { SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import { type Assertion, readAssertion, skew } from './assertion.js';
import { decrypted } from './decrypt.js';
import type { IdentityProvider } from './identity-provider.js';
import type { Keys } from './keys.js';
import { cancelledStatus, namespaces, successStatus } from './names.js';
import { demand, SamlRefused } from './reasons.js';
import { signatureOf, verifiedRoot } from './signature.js';
import {
  attribute,
  childrenOf,
  type Element,
  elementsOf,
  idsOf,
  instantOf,
  is,
  only,
  parseMessage,
  textOf,
  xml,
} from './xml.js';

export interface Reading {
  readonly provider: IdentityProvider;
  readonly keys: Keys;
  readonly entityId: string;
  readonly acs: string;
  readonly now: Date;
}

/** `encoded`: the form's `SAMLResponse`. Throws `SamlRefused`. */
export async function readResponse(encoded: string, reading: Reading): Promise<Assertion> {
  const response = parseMessage(decodedText(encoded));
  const { request, encrypted } = readEnvelope(response, reading);
  const text = await decrypted(encrypted, reading.keys);
  const assertion = parseMessage(text);
  checkUniqueIds([...idsOf(response), ...idsOf(assertion)]);
  checkAssertionLook(assertion);
  const signed = parseMessage(await signedText(text, reading));
  demand(attribute(signed, 'ID') === attribute(assertion, 'ID'), 'SAML_SIGNATURE_REFERENCE');
  return readAssertion(signed, {
    issuer: reading.provider.entityId,
    audience: reading.entityId,
    recipient: reading.acs,
    request,
    now: reading.now,
  });
}

/** Decodes strict base64 and strict UTF-8. Node would skip what it does not understand. */
export function decodedText(encoded: string): string {
  const compact = encoded.replace(/[\r\n \t]/g, '');
  demand(compact !== '' && compact.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(compact), 'SAML_MALFORMED');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(compact, 'base64'));
  } catch {
    throw new SamlRefused('SAML_MALFORMED');
  }
}

function readEnvelope(response: Element, reading: Reading): { request: string; encrypted: Element } {
  demand(is(response, namespaces.protocol, 'Response') && attribute(response, 'Version') === '2.0', 'SAML_STRUCTURE');
  demand(attribute(response, 'ID'), 'SAML_STRUCTURE');
  checkUniqueIds(idsOf(response));
  const all = elementsOf(response);
  demand(!all.some(({ localName }) => localName === 'Assertion'), 'SAML_PLAIN_ASSERTION');
  const count = all.filter(({ localName }) => localName === 'EncryptedAssertion').length;
  if (statusOf(response) === 'cancelled') {
    demand(count === 0, 'SAML_STATUS');
    // A cancellation counts only if it comes from the identity provider in answer to a request. Otherwise the sender
    // learns only that the message is refused.
    checkSender(response, null, reading);
    throw new SamlRefused('SAML_CANCELLED');
  }
  demand(count === 1, 'SAML_ASSERTION_COUNT');
  const encrypted = only(response, namespaces.assertion, 'EncryptedAssertion');
  demand(encrypted, 'SAML_STRUCTURE');
  return { request: checkSender(response, encrypted, reading), encrypted };
}

/** Requires a message from the identity provider, to us, in answer to a request. Returns the id of that request. */
function checkSender(response: Element, encrypted: Element | null, { provider, acs, now }: Reading): string {
  const issuer = only(response, namespaces.assertion, 'Issuer');
  demand(textOf(issuer) === provider.entityId, 'SAML_ISSUER');
  const known = [encrypted, issuer, only(response, namespaces.protocol, 'Status')];
  const rest = childrenOf(response).filter((child) => !known.includes(child));
  // Extensions are refused: none of them is ours, and something could be hidden in them.
  demand(
    rest.every((child) => is(child, namespaces.signature, 'Signature')),
    'SAML_STRUCTURE',
  );
  demand(attribute(response, 'Destination') === acs, 'SAML_DESTINATION');
  const request = attribute(response, 'InResponseTo');
  demand(request, 'SAML_IN_RESPONSE_TO');
  const issued = instantOf(attribute(response, 'IssueInstant'));
  demand(issued !== null, 'SAML_TIME');
  demand(issued <= now.getTime() + skew, 'SAML_NOT_YET_VALID');
  // The response need not be signed, because the assertion is. If it is signed, the signature must be valid.
  const signature = signatureOf(response);
  if (signature) verifiedRoot(response, signature, provider.keys(now));
  return request;
}

function statusOf(response: Element): 'success' | 'cancelled' {
  const status = only(response, namespaces.protocol, 'Status');
  const code = status && only(status, namespaces.protocol, 'StatusCode');
  demand(code, 'SAML_STRUCTURE');
  if (attribute(code, 'Value') === successStatus) return 'success';
  const why = only(code, namespaces.protocol, 'StatusCode');
  demand(why && attribute(why, 'Value') === cancelledStatus, 'SAML_STATUS');
  return 'cancelled';
}

const checkUniqueIds = (ids: readonly string[]): void => demand(new Set(ids).size === ids.length, 'SAML_DUPLICATE_ID');

function checkAssertionLook(assertion: Element): void {
  demand(is(assertion, namespaces.assertion, 'Assertion'), 'SAML_STRUCTURE');
  const wrapped = ['Assertion', 'EncryptedAssertion', 'Response'];
  demand(
    elementsOf(assertion).filter(({ localName }) => wrapped.includes(localName ?? '')).length === 1,
    'SAML_ASSERTION_COUNT',
  );
  demand(signatureOf(assertion), 'SAML_UNSIGNED');
}

/**
 * Verifies the signature with node-saml and returns the signed text. The library gets the assertion in an envelope that
 * we make, which contains nothing else that it could pick. We check audience, time and request ourselves, each with its
 * own reason.
 */
async function signedText(text: string, { provider, entityId, acs, now }: Reading): Promise<string> {
  const saml = new SAML({
    callbackUrl: acs,
    issuer: entityId,
    audience: false,
    idpCert: [...provider.certificates(now)],
    wantAssertionsSigned: true,
    wantAuthnResponseSigned: false,
    acceptedClockSkewMs: -1,
    validateInResponseTo: ValidateInResponseTo.never,
  });
  const [before, after] = xml`<samlp:Response xmlns:samlp="${namespaces.protocol}">|</samlp:Response>`.text.split('|');
  try {
    const { profile } = await saml.validatePostResponseAsync({
      SAMLResponse: Buffer.from(`${before}${text}${after}`).toString('base64'),
    });
    const signed = profile?.getAssertionXml?.();
    demand(signed, 'SAML_SIGNATURE');
    return signed;
  } catch (error) {
    if (error instanceof SamlRefused || /signature/i.test((error as Error).message))
      throw new SamlRefused('SAML_SIGNATURE');
    // The signature is valid; what the library rejected is a time that cannot be parsed.
    throw new SamlRefused('SAML_CONDITIONS');
  }
}
