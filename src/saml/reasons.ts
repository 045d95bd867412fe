/**
 * Why a message was refused: a closed list, for the log. The browser is never told the reason, because it would only
 * help an attacker.
 */
export const reasons = {
  SAML_MALFORMED: 'not base64 of well-formed XML in UTF-8, or two of what must be one',
  SAML_TOO_LARGE: 'too large, too deep or too many elements',
  SAML_DOCTYPE: 'holds a document type or entity declaration',
  SAML_MARKUP: 'holds a comment, CDATA section or processing instruction',
  SAML_DUPLICATE_ID: 'two elements share an ID',
  SAML_STRUCTURE: 'an element stands where the profile knows none, or one is missing',
  SAML_STATUS: 'the identity provider says that the sign-in failed',
  SAML_CANCELLED: 'the identity provider says that nobody was authenticated: the person cancelled',
  SAML_PLAIN_ASSERTION: 'holds an assertion that is not encrypted',
  SAML_ASSERTION_COUNT: 'does not hold exactly one assertion',
  SAML_ENCRYPTION_ALGORITHM: 'encrypted by an algorithm that is not allowed',
  SAML_DECRYPTION: 'cannot be decrypted with a key of ours',
  SAML_UNSIGNED: 'not signed',
  SAML_SIGNATURE_STRUCTURE: 'the signature holds more or less than it must, or stands elsewhere than it must',
  SAML_SIGNATURE_ALGORITHM: 'signed or digested by an algorithm that is not allowed',
  SAML_SIGNATURE_REFERENCE: 'the signature is not over the element that it stands in',
  SAML_SIGNATURE: 'the signature does not verify with a certificate of the metadata',
  SAML_ISSUER: 'issued by somebody else than the identity provider',
  SAML_DESTINATION: 'sent to another address',
  SAML_RECIPIENT: 'meant for another recipient',
  SAML_AUDIENCE: 'meant for another audience',
  SAML_IN_RESPONSE_TO: 'answers no request, or two',
  SAML_SUBJECT: 'does not confirm exactly one subject as its bearer',
  SAML_NAME_ID: 'the name of the subject has no known form',
  SAML_CONDITIONS: 'conditions are missing, or not understood',
  SAML_TIME: 'a time is missing, or is none with `Z` or an offset of at most 14 hours',
  SAML_NOT_YET_VALID: 'not valid yet',
  SAML_EXPIRED: 'not valid any more',
  SAML_AUTHN_STATEMENT: 'does not hold exactly one authentication statement',
  SAML_AUTHN_INSTANT: 'authenticated at a time that does not fit, or before the request that asked to do it anew',
  SAML_ATTRIBUTE_STATEMENT: 'does not hold exactly one attribute statement',
  SAML_ATTRIBUTE: 'an attribute is there twice, or contradicts another',
  SAML_SPEC_VERSION: 'neither OIOSAML 3 nor OIOSAML 2.0.9',
  SAML_ASSURANCE: 'the level of assurance is too low, or not said',
  SAML_ORGANISATION: 'a professional without a CVR number of 8 digits and the name of the organisation',
  SAML_PROFILE: 'another kind of identity than was asked for',
  SAML_IDENTITY_PROVIDER: 'the metadata of the identity provider holds nothing that is valid now',
} as const;

export type Reason = keyof typeof reasons;

export class SamlRefused extends Error {
  constructor(readonly reason: Reason) {
    super(reasons[reason]);
    this.name = 'SamlRefused';
  }
}

/** Throws `SamlRefused` with this reason unless `holds` is truthy. */
export function demand(holds: unknown, reason: Reason): asserts holds {
  if (!holds) throw new SamlRefused(reason);
}

export type Outcome<Value> = { readonly ok: Value } | { readonly refused: Reason };

/** Returns what was read, or the reason why not. Anything unforeseen that the libraries throw counts as malformed. */
export async function outcomeOf<Value>(read: () => Promise<Value> | Value): Promise<Outcome<Value>> {
  try {
    return { ok: await read() };
  } catch (error) {
    return { refused: error instanceof SamlRefused ? error.reason : 'SAML_MALFORMED' };
  }
}
