/**
 * An identity provider that says whatever a test wants, with real signatures and real encryption: assertions and responses as
 * text, each step of which can be replaced.
 */
import { constants, randomBytes, sign as signBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { SignedXml } from 'xml-crypto';
import { encrypt } from 'xml-encryption';
import { type Certified, selfSigned } from './certificate.js';

const eid = 'https://data.gov.dk/model/core/eid/';
export const uuid = '3b9f1c52-7d3e-4f1a-9c55-0a6f2f7b1d10';

/** An employee, as OIOSAML 3 says it. */
export const employee: Readonly<Record<string, string>> = {
  'https://data.gov.dk/model/core/specVersion': 'OIO-SAML-3.0',
  'https://data.gov.dk/concept/core/nsis/loa': 'Substantial',
  [`${eid}professional/uuid/persistent`]: uuid,
  [`${eid}professional/cvr`]: '11111111',
  [`${eid}professional/orgName`]: 'Korsbæk Kommune',
  [`${eid}fullName`]: 'Mads Skjern',
};
/** A citizen. */
export const citizen: Readonly<Record<string, string>> = {
  'https://data.gov.dk/model/core/specVersion': 'OIO-SAML-3.0',
  'https://data.gov.dk/concept/core/nsis/loa': 'High',
  [`${eid}cprNumber`]: '0201609995',
  [`${eid}cprUuid`]: uuid,
};
/** An employee, as OIOSAML 2.0.9 says it. */
export const olderEmployee: Readonly<Record<string, string>> = {
  'dk:gov:saml:attribute:SpecVer': 'DK-SAML-2.0',
  'dk:gov:saml:attribute:AssuranceLevel': '3',
  'dk:gov:saml:attribute:CvrNumberIdentifier': '11111111',
  'dk:gov:saml:attribute:RidNumberIdentifier': '12345678',
  'urn:oid:2.5.4.10': 'Korsbæk Kommune',
  'urn:oid:2.5.4.3': 'Mads Skjern',
};

/** What an assertion says; `null` leaves it out. Times are milliseconds from now. */
export interface Said {
  readonly id: string;
  readonly issued: number | string;
  readonly issuer: string | null;
  readonly nameId: string;
  readonly recipient: string | null;
  readonly inResponseTo: string | null;
  readonly confirmedUntil: number | null;
  readonly method: string;
  readonly from: number | null;
  readonly until: number | null;
  readonly audience: string | null;
  readonly authenticated: number | null;
  readonly sessionIndex: string | null;
  readonly attributes: Readonly<Record<string, string | readonly string[]>>;
  /** XML put at the end. */
  readonly more: string;
}

export interface Service {
  readonly entityId: string;
  readonly acs: string;
  readonly logout: string;
  readonly key: Certified;
}

export interface Steps {
  /** Said by the assertion. */
  readonly said?: Partial<Said>;
  /** The assertion before it is signed, after, and instead of its encryption. */
  readonly unsigned?: (assertion: string) => string;
  readonly signed?: (assertion: string) => string;
  readonly signing?: Signing | null;
  readonly wrapped?: (assertion: string, encryptIt: (assertion: string) => Promise<string>) => Promise<string> | string;
  readonly encryption?: Encryption;
  /** Attributes of the response; `null` leaves one out. */
  readonly response?: Readonly<Record<string, string | null>>;
  readonly responseIssuer?: string | null;
  readonly status?: string;
  /** The response before it is signed, if it is. */
  readonly envelope?: (response: string) => string;
  readonly responseSigning?: Signing;
  /** The response as it is sent. */
  readonly sent?: (response: string) => string;
}

export interface Signing {
  readonly key?: Certified;
  readonly algorithm?: string;
  readonly digest?: string;
  readonly c14n?: string;
  readonly transforms?: readonly string[];
  /** The key info that the signature brings along. */
  readonly keyInfo?: string;
  /** HMAC with this text as its secret. */
  readonly hmac?: string;
}

export interface Encryption {
  readonly to?: Certified;
  readonly content?: string;
  readonly key?: string;
}

const enveloped = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';
const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const at = (offset: number | string): string =>
  typeof offset === 'string' ? offset : new Date(Date.now() + offset).toISOString();
const minute = 60_000;
export const newId = (): string => `_${randomBytes(16).toString('hex')}`;

export class EvilProvider {
  readonly entityId = 'https://idp.example/saml';
  readonly signOn = 'https://idp.example/sso';
  readonly logout = 'https://idp.example/slo';
  constructor(readonly key: Certified = selfSigned('the identity provider')) {}

  metadata({
    keys = [this.key],
    validUntil = null,
    entityId = this.entityId,
  }: {
    keys?: readonly Certified[];
    validUntil?: string | null;
    entityId?: string;
  } = {}): string {
    return `<?xml version="1.0" encoding="UTF-8"?>
<!-- A comment, as operators leave them. -->
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entityId}"${validUntil ? ` validUntil="${validUntil}"` : ''}>
<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
${keys.map((key) => `<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${key.certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`).join('\n')}
<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="${this.logout}" ResponseLocation="${this.logout}/answer"/>
<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="${this.signOn}"/>
</md:IDPSSODescriptor>
</md:EntityDescriptor>`;
  }

  /** The base64 of a response to this request. */
  async respond(service: Service, request: string, steps: Steps = {}): Promise<string> {
    const plain = (steps.unsigned ?? same)(this.assertion(service, request, steps.said));
    const signed = (steps.signed ?? same)(steps.signing === null ? plain : sign(plain, this.key, steps.signing));
    const encryptIt = (assertion: string) => encrypted(assertion, service.key, steps.encryption);
    const wrapped = await (steps.wrapped ?? ((assertion, encryptOne) => encryptOne(assertion)))(signed, encryptIt);
    const response = (steps.envelope ?? same)(this.envelope(service, request, wrapped, steps));
    const sent = steps.responseSigning ? sign(response, this.key, steps.responseSigning) : response;
    return Buffer.from((steps.sent ?? same)(sent)).toString('base64');
  }

  assertion(service: Service, request: string, over: Partial<Said> = {}): string {
    const said: Said = {
      id: newId(),
      issued: 0,
      issuer: this.entityId,
      nameId: `${eid}professional/uuid/${uuid}`,
      recipient: service.acs,
      inResponseTo: request,
      confirmedUntil: 5 * minute,
      method: 'urn:oasis:names:tc:SAML:2.0:cm:bearer',
      from: -minute,
      until: 60 * minute,
      audience: service.entityId,
      authenticated: -minute / 2,
      sessionIndex: 'session-1',
      attributes: employee,
      more: '',
      ...over,
    };
    const given = (name: string, value: number | string | null, how: (value: any) => string = String) =>
      value === null ? '' : ` ${name}="${how(value)}"`;
    const attributes = Object.entries(said.attributes).map(
      ([name, values]) =>
        `<saml:Attribute Name="${name}" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri">${[values]
          .flat()
          .map((value) => `<saml:AttributeValue>${value}</saml:AttributeValue>`)
          .join('')}</saml:Attribute>`,
    );
    return `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${said.id}" Version="2.0" IssueInstant="${at(said.issued)}">${
      said.issuer === null ? '' : `<saml:Issuer>${said.issuer}</saml:Issuer>`
    }<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">${said.nameId}</saml:NameID><saml:SubjectConfirmation Method="${said.method}"><saml:SubjectConfirmationData${given('InResponseTo', said.inResponseTo)}${given('NotOnOrAfter', said.confirmedUntil, at)}${given('Recipient', said.recipient)}/></saml:SubjectConfirmation></saml:Subject><saml:Conditions${given('NotBefore', said.from, at)}${given('NotOnOrAfter', said.until, at)}>${
      said.audience === null
        ? ''
        : `<saml:AudienceRestriction><saml:Audience>${said.audience}</saml:Audience></saml:AudienceRestriction>`
    }</saml:Conditions><saml:AuthnStatement${given('AuthnInstant', said.authenticated, at)}${given('SessionIndex', said.sessionIndex)}><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:X509</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>${attributes.join('')}</saml:AttributeStatement>${said.more}</saml:Assertion>`;
  }

  private envelope(service: Service, request: string, content: string, steps: Steps): string {
    const given: Record<string, string | null> = {
      ID: newId(),
      Version: '2.0',
      IssueInstant: at(0),
      Destination: service.acs,
      InResponseTo: request,
      ...steps.response,
    };
    const attributes = Object.entries(given).map(([name, value]) => (value === null ? '' : ` ${name}="${value}"`));
    const issuer = steps.responseIssuer === undefined ? this.entityId : steps.responseIssuer;
    const status = steps.status ?? 'urn:oasis:names:tc:SAML:2.0:status:Success';
    return `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"${attributes.join('')}>${
      issuer === null ? '' : `<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${issuer}</saml:Issuer>`
    }<samlp:Status><samlp:StatusCode Value="${status}"/></samlp:Status>${content}</samlp:Response>`;
  }

  redirect(message: string, name: 'SAMLRequest' | 'SAMLResponse', over: Redirecting = {}): string {
    const algorithm = over.algorithm ?? 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
    const query = [
      [name, deflateRawSync(message).toString('base64')],
      ...(over.relayState === undefined ? [] : [['RelayState', over.relayState]]),
      ['SigAlg', algorithm],
    ].map(([key, value]) => `${key}=${encodeURIComponent(value!)}`);
    const padding = over.pss ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
    const key = (over.key ?? this.key).privateKey;
    const signature = signBytes(over.hash ?? 'sha256', Buffer.from(query.join('&')), { key, padding });
    return [...query, `Signature=${encodeURIComponent(signature.toString('base64'))}`].join('&');
  }

  /** A message in a form, with a signature inside. */
  posted(message: string, signing: Signing = {}): string {
    return Buffer.from(sign(message, this.key, signing)).toString('base64');
  }

  encryptedData(text: string, service: Service, over: Encryption = {}): Promise<string> {
    return encryptedData(text, service.key, over);
  }

  /** A log-out message. */
  logoutMessage(
    service: Service,
    kind: 'Request' | 'Response',
    over: {
      issued?: number;
      issuer?: string;
      destination?: string;
      inside?: string;
      id?: string;
      inResponseTo?: string;
    } = {},
  ): string {
    const inside =
      over.inside ??
      (kind === 'Request'
        ? `<saml:NameID>${eid}professional/uuid/${uuid}</saml:NameID><samlp:SessionIndex>session-1</samlp:SessionIndex>`
        : '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>');
    const reply = over.inResponseTo === undefined ? '' : ` InResponseTo="${over.inResponseTo}"`;
    return `<samlp:Logout${kind} xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${over.id ?? newId()}" Version="2.0" IssueInstant="${at(over.issued ?? 0)}" Destination="${over.destination ?? service.logout}"${reply}><saml:Issuer>${over.issuer ?? this.entityId}</saml:Issuer>${inside}</samlp:Logout${kind}>`;
  }
}

const same = (text: string): string => text;

/** A message in an address: what stands behind the `?`. */
export interface Redirecting {
  readonly relayState?: string;
  readonly key?: Certified;
  readonly algorithm?: string;
  readonly hash?: string;
  readonly pss?: boolean;
}

/** With an enveloped signature behind the issuer, as SAML wants it. */
function sign(text: string, by: Certified, signing: Signing = {}): string {
  const { key = by, hmac } = signing;
  const signer = new SignedXml({
    privateKey: hmac ?? key.privatePem,
    signatureAlgorithm: signing.algorithm ?? 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: signing.c14n ?? exclusive,
    getKeyInfoContent: () =>
      signing.keyInfo ?? `<X509Data><X509Certificate>${key.certificate}</X509Certificate></X509Data>`,
  } as ConstructorParameters<typeof SignedXml>[0]);
  if (hmac) signer.enableHMAC();
  signer.addReference({
    xpath: '/*',
    transforms: [...(signing.transforms ?? [enveloped, exclusive])],
    digestAlgorithm: signing.digest ?? 'http://www.w3.org/2001/04/xmlenc#sha256',
  });
  signer.computeSignature(text, {
    location: { reference: "/*/*[local-name(.)='Issuer']", action: 'after' },
    prefix: 'ds',
  });
  return signer.getSignedXml();
}

async function encrypted(assertion: string, to: Certified, over: Encryption = {}): Promise<string> {
  return `<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${await encryptedData(assertion, to, over)}</saml:EncryptedAssertion>`;
}

const encryptedData = (text: string, to: Certified, over: Encryption = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    encrypt(
      text,
      {
        rsa_pub: (over.to ?? to).publicPem,
        pem: (over.to ?? to).certificatePem,
        encryptionAlgorithm: (over.content ?? 'http://www.w3.org/2009/xmlenc11#aes256-gcm') as never,
        keyEncryptionAlgorithm: (over.key ?? 'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p') as never,
        disallowEncryptionWithInsecureAlgorithm: false,
        warnInsecureAlgorithm: false,
      },
      (error, result) => (error ? reject(error) : resolve(result)),
    );
  });
