/**
 * The exact strings of SAML 2.0, XML signature, XML encryption and OIOSAML. They are defined once and compared as a
 * whole.
 */

export const namespaces = {
  protocol: 'urn:oasis:names:tc:SAML:2.0:protocol',
  assertion: 'urn:oasis:names:tc:SAML:2.0:assertion',
  metadata: 'urn:oasis:names:tc:SAML:2.0:metadata',
  signature: 'http://www.w3.org/2000/09/xmldsig#',
  encryption: 'http://www.w3.org/2001/04/xmlenc#',
  encryption11: 'http://www.w3.org/2009/xmlenc11#',
} as const;

export const redirectBinding = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';
export const postBinding = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST';
export const successStatus = 'urn:oasis:names:tc:SAML:2.0:status:Success';
/** Second-level status under `Responder`: nobody was authenticated. NemLog-in sends it when the person cancels. */
export const cancelledStatus = 'urn:oasis:names:tc:SAML:2.0:status:AuthnFailed';
export const schemaInstance = 'http://www.w3.org/2001/XMLSchema-instance';
export const bearerMethod = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
export const nameFormats = {
  persistent: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  subjectName: 'urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName',
  unspecified: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
} as const;

/** RSA with SHA-256 or better. SHA-1 can be forged, and an HMAC would accept the public certificate as its secret. */
export const signatureAlgorithms: ReadonlySet<string> = new Set([
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
  'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
]);
export const digestAlgorithms: ReadonlySet<string> = new Set([
  'http://www.w3.org/2001/04/xmlenc#sha256',
  'http://www.w3.org/2001/04/xmlenc#sha512',
]);
export const exclusiveC14n = 'http://www.w3.org/2001/10/xml-exc-c14n#';
export const envelopedTransform = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';

/** AES in GCM only: with CBC, an attacker who can send many messages can decrypt one (padding oracle). */
export const contentAlgorithms: readonly string[] = [
  'http://www.w3.org/2009/xmlenc11#aes256-gcm',
  'http://www.w3.org/2009/xmlenc11#aes128-gcm',
];
/** RSA-OAEP only: `rsa-1_5` has the oldest such oracle. */
export const keyAlgorithms: readonly string[] = [
  'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
  'http://www.w3.org/2009/xmlenc11#rsa-oaep',
];

/** Contexts that an AuthnRequest asks for. */
export const requestedContexts = {
  substantial: 'https://data.gov.dk/concept/core/nsis/loa/Substantial',
  professional: 'https://data.gov.dk/eid/Professional',
  person: 'https://data.gov.dk/eid/Person',
} as const;

const eid = 'https://data.gov.dk/model/core/eid/';

/** OIOSAML 3 attributes. Everything that is read is passed on under these names. */
export const attributes = {
  specVersion: 'https://data.gov.dk/model/core/specVersion',
  loa: 'https://data.gov.dk/concept/core/nsis/loa',
  privileges: `${eid}privilegesIntermediate`,
  fullName: `${eid}fullName`,
  email: `${eid}email`,
  cprNumber: `${eid}cprNumber`,
  cprUuid: `${eid}cprUuid`,
  professionalUuid: `${eid}professional/uuid/persistent`,
  rid: `${eid}professional/rid`,
  cvr: `${eid}professional/cvr`,
  orgName: `${eid}professional/orgName`,
  productionUnit: `${eid}professional/productionUnit`,
  seNumber: `${eid}professional/seNumber`,
  authorizedToRepresent: `${eid}professional/authorizedToRepresent`,
} as const;

const oio2 = 'dk:gov:saml:attribute:';

/** OIOSAML 2.0.9 attributes with the same meaning as one of OIOSAML 3. */
export const olderNames: ReadonlyMap<string, string> = new Map([
  [`${oio2}CprNumberIdentifier`, attributes.cprNumber],
  [`${oio2}CvrNumberIdentifier`, attributes.cvr],
  [`${oio2}RidNumberIdentifier`, attributes.rid],
  [`${oio2}ProductionUnitIdentifier`, attributes.productionUnit],
  [`${oio2}SENumberIdentifier`, attributes.seNumber],
  [`${oio2}Privileges_intermediate`, attributes.privileges],
  ['urn:oid:2.5.4.10', attributes.orgName],
  ['urn:oid:2.5.4.3', attributes.fullName],
  ['urn:oid:0.9.2342.19200300.100.1.3', attributes.email],
]);
/** OIOSAML 2.0.9 attributes without a successor, or without one that has the same values. */
export const olderAttributes = {
  specVersion: `${oio2}SpecVer`,
  assuranceLevel: `${oio2}AssuranceLevel`,
  pid: `${oio2}PidNumberIdentifier`,
  uniqueAccountKey: `${oio2}UniqueAccountKey`,
} as const;
