/** The exact strings of SAML 2.0, XML Signature and Encryption, and OIOSAML 3. */
export const ns = {
  protocol: 'urn:oasis:names:tc:SAML:2.0:protocol',
  assertion: 'urn:oasis:names:tc:SAML:2.0:assertion',
  metadata: 'urn:oasis:names:tc:SAML:2.0:metadata',
  signature: 'http://www.w3.org/2000/09/xmldsig#',
} as const;

export const binding = {
  redirect: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect',
  post: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
} as const;

const statusPrefix = 'urn:oasis:names:tc:SAML:2.0:status:';
export const status = {
  success: `${statusPrefix}Success`,
  responder: `${statusPrefix}Responder`,
  noPassive: `${statusPrefix}NoPassive`,
  noAuthnContext: `${statusPrefix}NoAuthnContext`,
  authnFailed: `${statusPrefix}AuthnFailed`,
} as const;

export const format = {
  persistent: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  uri: 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri',
  bearer: 'urn:oasis:names:tc:SAML:2.0:cm:bearer',
} as const;

export const algorithm = {
  rsaSha256: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  sha256: 'http://www.w3.org/2001/04/xmlenc#sha256',
  exclusive: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  enveloped: 'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
  aes256Gcm: 'http://www.w3.org/2009/xmlenc11#aes256-gcm',
  rsaOaep: 'http://www.w3.org/2009/xmlenc11#rsa-oaep',
} as const;

/** OIOSAML 3: how somebody may be asked to sign in, and what is asserted about them. */
export const context = {
  professional: 'https://data.gov.dk/eid/Professional',
  person: 'https://data.gov.dk/eid/Person',
  loa: 'https://data.gov.dk/concept/core/nsis/loa/',
} as const;

export const core = 'https://data.gov.dk/model/core/';
export const eid = `${core}eid/`;
export const nsis = 'https://data.gov.dk/concept/core/nsis/';

export const assurances = ['Low', 'Substantial', 'High'] as const;
export type Assurance = (typeof assurances)[number];
