/**
 * Checks an assertion whose signature has been verified against what it must say. Whether it was seen before cannot be
 * known here.
 */
import { type AssuranceLevel, readClaims } from './attributes.js';
import { bearerMethod, namespaces } from './names.js';
import { demand } from './reasons.js';
import { readRequestId } from './request-id.js';
import { attribute, childrenOf, type Element, instantOf, is, only, textOf } from './xml.js';

export interface Assertion {
  readonly id: string;
  /** Id of the request that it answers, as the signed assertion itself says. */
  readonly request: string;
  readonly issuer: string;
  /** As it was sent, because a log-out at the identity provider must name it like that. */
  readonly nameId: string;
  readonly sessionIndex: string | null;
  /** RFC 3339. */
  readonly authnInstant: string;
  /** RFC 3339. Latest end of the session, if the identity provider gives one. */
  readonly sessionNotOnOrAfter: string | null;
  /** RFC 3339. From then on the assertion is refused here, whichever clock is slow. */
  readonly notOnOrAfter: string;
  readonly assurance: AssuranceLevel;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Expected {
  readonly issuer: string;
  readonly audience: string;
  readonly recipient: string;
  /** `InResponseTo` of the enclosing response. */
  readonly request: string;
  readonly now: Date;
}

/** Milliseconds that two clocks may differ. */
export const skew = 180_000;
/**
 * Tolerance in milliseconds for a fresh authentication: no person authenticates before being asked, but a clock may be
 * a little slow.
 */
const forcedSkew = 60_000;
/** Maximum age of an authentication at the identity provider, in milliseconds: one working day. */
const oldestAuthentication = 12 * 3_600_000;

/** Returns what a verified assertion says. Throws `SamlRefused` if it does not meet `expected`. */
export function readAssertion(assertion: Element, expected: Expected): Assertion {
  const parts = partsOf(assertion);
  const now = expected.now.getTime();
  demand(textOf(parts.issuer) === expected.issuer, 'SAML_ISSUER');
  const issued = instantOf(attribute(assertion, 'IssueInstant'));
  demand(issued !== null, 'SAML_TIME');
  demand(issued <= now + skew, 'SAML_NOT_YET_VALID');
  const { nameId, until: confirmedUntil } = readSubject(parts.subject, expected);
  const until = Math.min(readConditions(parts.conditions, expected), confirmedUntil);
  const { sessionIndex, authnInstant, sessionEnds } = readAuthentication(parts.authn, now);
  const claims = readClaims(parts.attributes, nameId);
  const asked = readRequestId(expected.request);
  demand(asked, 'SAML_IN_RESPONSE_TO');
  demand(!asked.forceAuthn || authnInstant >= asked.at - forcedSkew, 'SAML_AUTHN_INSTANT');
  demand(asked.kind === claims.kind, 'SAML_PROFILE');
  return {
    id: attribute(assertion, 'ID')!,
    request: expected.request,
    issuer: expected.issuer,
    nameId,
    sessionIndex,
    authnInstant: new Date(authnInstant).toISOString(),
    sessionNotOnOrAfter: sessionEnds === null ? null : new Date(sessionEnds).toISOString(),
    notOnOrAfter: new Date(until + skew).toISOString(),
    assurance: claims.assurance,
    attributes: claims.attributes,
  };
}

/**
 * Requires one of each part and nothing else: an `Advice` could contain whole assertions that nobody meant to be read.
 */
function partsOf(assertion: Element) {
  demand(
    is(assertion, namespaces.assertion, 'Assertion') && attribute(assertion, 'Version') === '2.0',
    'SAML_STRUCTURE',
  );
  demand(attribute(assertion, 'ID'), 'SAML_STRUCTURE');
  const authn = only(assertion, namespaces.assertion, 'AuthnStatement');
  demand(authn, 'SAML_AUTHN_STATEMENT');
  const attributes = only(assertion, namespaces.assertion, 'AttributeStatement');
  demand(attributes, 'SAML_ATTRIBUTE_STATEMENT');
  const conditions = only(assertion, namespaces.assertion, 'Conditions');
  demand(conditions, 'SAML_CONDITIONS');
  const subject = only(assertion, namespaces.assertion, 'Subject');
  demand(subject, 'SAML_SUBJECT');
  const issuer = only(assertion, namespaces.assertion, 'Issuer');
  demand(issuer, 'SAML_ISSUER');
  const rest = childrenOf(assertion).filter(
    (child) => ![authn, attributes, conditions, subject, issuer].includes(child),
  );
  demand(
    rest.every((child) => is(child, namespaces.signature, 'Signature')),
    'SAML_STRUCTURE',
  );
  return { authn, attributes, conditions, subject, issuer };
}

function readSubject(subject: Element, expected: Expected): { nameId: string; until: number } {
  const nameId = textOf(only(subject, namespaces.assertion, 'NameID'));
  demand(nameId && nameId.length <= 512, 'SAML_NAME_ID');
  const confirmation = only(subject, namespaces.assertion, 'SubjectConfirmation');
  demand(childrenOf(subject).length === 2 && confirmation, 'SAML_SUBJECT');
  demand(attribute(confirmation, 'Method') === bearerMethod, 'SAML_SUBJECT');
  const data = only(confirmation, namespaces.assertion, 'SubjectConfirmationData');
  demand(data && childrenOf(confirmation).length === 1, 'SAML_SUBJECT');
  demand(attribute(data, 'Recipient') === expected.recipient, 'SAML_RECIPIENT');
  demand(attribute(data, 'InResponseTo') === expected.request, 'SAML_IN_RESPONSE_TO');
  return { nameId, until: readPeriod(data, expected.now.getTime(), 'SAML_SUBJECT') };
}

function readConditions(conditions: Element, expected: Expected): number {
  const audiences = only(conditions, namespaces.assertion, 'AudienceRestriction');
  demand(audiences, 'SAML_AUDIENCE');
  demand(
    childrenOf(audiences).some((one) => is(one, namespaces.assertion, 'Audience') && textOf(one) === expected.audience),
    'SAML_AUDIENCE',
  );
  // An unknown condition makes the assertion invalid (SAML Core 2.5.1.1).
  const understood = ['AudienceRestriction', 'OneTimeUse', 'ProxyRestriction'];
  demand(
    childrenOf(conditions).every((one) => understood.some((name) => is(one, namespaces.assertion, name))),
    'SAML_CONDITIONS',
  );
  return readPeriod(conditions, expected.now.getTime(), 'SAML_CONDITIONS');
}

/** Returns the end of the period in milliseconds. The end is required; a start is optional. */
function readPeriod(element: Element, now: number, missing: 'SAML_SUBJECT' | 'SAML_CONDITIONS'): number {
  const from = attribute(element, 'NotBefore');
  const begins = from === null ? Number.NEGATIVE_INFINITY : instantOf(from);
  const ends = instantOf(attribute(element, 'NotOnOrAfter'));
  demand(begins !== null && ends !== null, missing);
  demand(now + skew >= begins, 'SAML_NOT_YET_VALID');
  demand(now - skew < ends, 'SAML_EXPIRED');
  return ends;
}

interface Authentication {
  readonly sessionIndex: string | null;
  readonly authnInstant: number;
  readonly sessionEnds: number | null;
}

function readAuthentication(statement: Element, now: number): Authentication {
  const authnInstant = instantOf(attribute(statement, 'AuthnInstant'));
  demand(authnInstant !== null, 'SAML_AUTHN_STATEMENT');
  demand(authnInstant <= now + skew && authnInstant >= now - oldestAuthentication, 'SAML_AUTHN_INSTANT');
  const ends = attribute(statement, 'SessionNotOnOrAfter');
  const sessionEnds = instantOf(ends);
  demand(ends === null || sessionEnds !== null, 'SAML_AUTHN_STATEMENT');
  // Compared with our clock and without tolerance, because our sessions end by our clock. A session that is over would
  // be useless.
  demand(sessionEnds === null || now < sessionEnds, 'SAML_EXPIRED');
  const sessionIndex = attribute(statement, 'SessionIndex');
  demand(sessionIndex === null || (sessionIndex !== '' && sessionIndex.length <= 512), 'SAML_AUTHN_STATEMENT');
  return { sessionIndex, authnInstant, sessionEnds };
}
