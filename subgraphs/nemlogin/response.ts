/** The stand-in's answer to a sign-in request: an assertion, signed and then encrypted, or a status that says why there is none. */
import { randomUUID, X509Certificate } from 'node:crypto';
import { SignedXml } from 'xml-crypto';
import { encrypt } from 'xml-encryption';
import type { Credentials } from './credentials.js';
import { Markup, markup } from './markup.js';
import { type Assurance, algorithm, context, format, ns, status } from './names.js';
import { attributesOf, type NemLoginPerson, nameIdOf } from './people.js';

/** Whom an answer goes to, and who signs it. */
interface Envelope {
  readonly credentials: Credentials;
  /** Entity id of the identity provider. */
  readonly issuer: string;
  /** Assertion consumer service of the service provider. */
  readonly recipient: string;
  /** Id of the request that is answered; `null` for an unsolicited answer. */
  readonly inResponseTo: string | null;
  readonly now: Date;
  readonly responseId?: string;
  /** Destination of the response; the recipient by default. */
  readonly destination?: string;
}

/** Everything that an assertion says. Defaults are as NemLog-in does it; tests override them. */
export interface Issue extends Envelope {
  /** Entity id of the service provider. */
  readonly audience: string;
  /** Its certificate for encryption, in PEM; `null` leaves the assertion readable. */
  readonly encryptFor: string | null;
  readonly person: NemLoginPerson;
  readonly sessionIndex: string;
  readonly authnInstant: Date;
  readonly assertionId?: string;
  readonly assertionIssuer?: string;
  readonly nameId?: string;
  readonly assurance?: Assurance;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly notBefore?: Date;
  readonly notOnOrAfter?: Date;
  readonly keyEncryption?: string;
  readonly contentEncryption?: string;
  /** Applied to the assertion before it is signed, to the signed one, and to the whole response. */
  readonly beforeSigning?: (assertion: string) => string;
  readonly afterSigning?: (assertion: string) => string;
  readonly beforeSending?: (response: string) => string;
}

const lifetime = 5 * 60_000; // milliseconds

/** The value of the form field `SAMLResponse`. */
export async function issue(asked: Issue): Promise<string> {
  const { beforeSigning = same, afterSigning = same, beforeSending = same } = asked;
  const assertion = afterSigning(signed(beforeSigning(assertionOf(asked)), asked.credentials));
  const content = asked.encryptFor
    ? markup`<saml:EncryptedAssertion>${new Markup(await encrypted(assertion, asked, asked.encryptFor))}</saml:EncryptedAssertion>`
    : new Markup(assertion);
  return encoded(beforeSending(responseOf(asked, markup`<samlp:StatusCode Value="${status.success}"/>`, content)));
}

/** The same for a request that cannot be met. `why`: the second-level status. The response itself is signed. */
export function decline(envelope: Envelope, why: string): string {
  const code = markup`<samlp:StatusCode Value="${status.responder}"><samlp:StatusCode Value="${why}"/></samlp:StatusCode>`;
  return encoded(signed(responseOf(envelope, code, markup``), envelope.credentials));
}

function responseOf(envelope: Envelope, code: Markup, content: Markup): string {
  const { issuer, recipient, inResponseTo, now, responseId = newId(), destination = recipient } = envelope;
  return markup`<samlp:Response xmlns:samlp="${ns.protocol}" xmlns:saml="${ns.assertion}" ID="${responseId}" Version="2.0" IssueInstant="${now.toISOString()}" Destination="${destination}"${inResponse(inResponseTo)}><saml:Issuer>${issuer}</saml:Issuer><samlp:Status>${code}</samlp:Status>${content}</samlp:Response>`
    .text;
}

function assertionOf(asked: Issue): string {
  const { person, audience, recipient, sessionIndex, authnInstant, now, assurance = 'Substantial' } = asked;
  const {
    assertionId = newId(),
    assertionIssuer = asked.issuer,
    nameId = nameIdOf(person),
    attributes = attributesOf(person, assurance),
    notBefore = now,
    notOnOrAfter = new Date(now.getTime() + lifetime),
  } = asked;
  const until = notOnOrAfter.toISOString();
  return markup`<saml:Assertion xmlns:saml="${ns.assertion}" ID="${assertionId}" Version="2.0" IssueInstant="${now.toISOString()}"><saml:Issuer>${assertionIssuer}</saml:Issuer><saml:Subject><saml:NameID Format="${format.persistent}">${nameId}</saml:NameID><saml:SubjectConfirmation Method="${format.bearer}"><saml:SubjectConfirmationData NotOnOrAfter="${until}" Recipient="${recipient}"${inResponse(asked.inResponseTo)}/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="${notBefore.toISOString()}" NotOnOrAfter="${until}"><saml:AudienceRestriction><saml:Audience>${audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="${authnInstant.toISOString()}" SessionIndex="${sessionIndex}"><saml:AuthnContext><saml:AuthnContextClassRef>${context.loa}${assurance}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>${Object.entries(
    attributes,
  ).map(
    ([name, value]) =>
      markup`<saml:Attribute Name="${name}" NameFormat="${format.uri}"><saml:AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">${value}</saml:AttributeValue></saml:Attribute>`,
  )}</saml:AttributeStatement></saml:Assertion>`.text;
}

const inResponse = (request: string | null): Markup =>
  request === null ? markup`` : markup` InResponseTo="${request}"`;

/** Signs the whole element. The signature follows the issuer, as the schema requires. */
function signed(xml: string, { privateKey, certificate }: Credentials): string {
  const signature = new SignedXml({
    privateKey,
    publicCert: certificate,
    signatureAlgorithm: algorithm.rsaSha256,
    canonicalizationAlgorithm: algorithm.exclusive,
  });
  signature.addReference({
    xpath: '/*',
    transforms: [algorithm.enveloped, algorithm.exclusive],
    digestAlgorithm: algorithm.sha256,
  });
  signature.computeSignature(xml, { prefix: 'ds', location: { reference: '/*/*[1]', action: 'after' } });
  return signature.getSignedXml();
}

function encrypted(assertion: string, asked: Issue, certificate: string): Promise<string> {
  const { keyEncryption = algorithm.rsaOaep, contentEncryption = algorithm.aes256Gcm } = asked;
  const options = {
    pem: certificate,
    rsa_pub: new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'pem' }),
    encryptionAlgorithm: contentEncryption,
    keyEncryptionAlgorithm: keyEncryption,
    ...(keyEncryption === algorithm.rsaOaep && { keyEncryptionDigest: 'sha256', keyEncryptionMgf: 'sha256' }),
    // Weak algorithms are used only when a test asks for them, to see them refused.
    disallowEncryptionWithInsecureAlgorithm: false,
    warnInsecureAlgorithm: false,
    // The published types describe an older version of the library.
  } as Parameters<typeof encrypt>[1];
  return new Promise((resolve, reject) =>
    encrypt(assertion, options, (error, xml) => (error ? reject(error) : resolve(xml.trim()))),
  );
}

/** An XML id must not begin with a digit. */
export const newId = (): string => `_${randomUUID()}`;
const same = (xml: string): string => xml;
const encoded = (xml: string): string => Buffer.from(xml).toString('base64');
