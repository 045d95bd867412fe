/** Reads messages of the service provider, and checks that they are addressed to the stand-in, recent, and from the known provider. */
import type { Element } from '@xmldom/xmldom';
import { childrenOf, rootOf, textOf } from './element.js';
import type { KnownServiceProvider } from './metadata.js';
import { type Assurance, assurances, binding, context, ns, status } from './names.js';
import type { NemLoginPerson } from './people.js';
import { MessageRefused } from './refused.js';

export interface AuthnRequest {
  readonly id: string;
  /** Where the answer goes. */
  readonly consumer: string;
  readonly forceAuthn: boolean;
  readonly isPassive: boolean;
  /** Kinds of identity that are asked for; `null` for any. */
  readonly kinds: ReadonlySet<'professional' | 'person'> | null;
  /** The least assurance that is asked for. */
  readonly assurance: Assurance;
  /** Whether the request names contexts, none of which is known here. */
  readonly impossible: boolean;
}

/** `destination`: where it was received. `now`: for its age. */
export function readAuthnRequest(
  xml: string,
  from: KnownServiceProvider,
  destination: string,
  now: Date,
): AuthnRequest {
  const root = rootOf(xml, ns.protocol, 'AuthnRequest');
  const id = checked(root, from, destination, now);
  const wanted = root.getAttribute('ProtocolBinding');
  if (wanted && wanted !== binding.post) throw new MessageRefused(`ProtocolBinding: expected ${binding.post}.`);
  const requested = childrenOf(root, ns.protocol, 'RequestedAuthnContext')[0];
  const contexts = requested
    ? childrenOf(requested, ns.assertion, 'AuthnContextClassRef').map((one) => one.textContent?.trim() ?? '')
    : [];
  const kinds = new Set((['professional', 'person'] as const).filter((kind) => contexts.includes(context[kind])));
  const levels = assurances.filter((level) => contexts.includes(`${context.loa}${level}`));
  return {
    id,
    consumer: consumerOf(root, from),
    forceAuthn: flag(root, 'ForceAuthn'),
    isPassive: flag(root, 'IsPassive'),
    kinds: kinds.size > 0 ? kinds : null,
    assurance: levels[0] ?? 'Low',
    impossible: contexts.length > 0 && kinds.size === 0 && levels.length === 0,
  };
}

/** Whether a person meets the request, with the assurance that everybody here has. */
export const meets = (request: AuthnRequest, { professional }: NemLoginPerson): boolean =>
  !request.impossible &&
  assurances.indexOf(request.assurance) <= assurances.indexOf('Substantial') &&
  (request.kinds === null || request.kinds.has(professional ? 'professional' : 'person'));

export interface LogoutRequest {
  readonly id: string;
  readonly nameId: string;
  /** Empty for all sessions of that name. */
  readonly sessionIndexes: readonly string[];
}

export function readLogoutRequest(
  xml: string,
  from: KnownServiceProvider,
  destination: string,
  now: Date,
): LogoutRequest {
  const root = rootOf(xml, ns.protocol, 'LogoutRequest');
  const id = checked(root, from, destination, now);
  const until = root.getAttribute('NotOnOrAfter');
  if (until && Date.parse(until) + skew <= now.getTime())
    throw new MessageRefused('NotOnOrAfter: expected a time to come.');
  const nameId = textOf(root, ns.assertion, 'NameID');
  if (!nameId) throw new MessageRefused('Expected a NameID.');
  return {
    id,
    nameId,
    sessionIndexes: childrenOf(root, ns.protocol, 'SessionIndex').map((one) => one.textContent?.trim() ?? ''),
  };
}

export interface LogoutResponse {
  readonly inResponseTo: string;
  readonly success: boolean;
}

export function readLogoutResponse(
  xml: string,
  from: KnownServiceProvider,
  destination: string,
  now: Date,
): LogoutResponse {
  const root = rootOf(xml, ns.protocol, 'LogoutResponse');
  checked(root, from, destination, now);
  const code = childrenOf(root, ns.protocol, 'Status').flatMap((one) => childrenOf(one, ns.protocol, 'StatusCode'))[0];
  return {
    inResponseTo: root.getAttribute('InResponseTo') ?? '',
    success: code?.getAttribute('Value') === status.success,
  };
}

const skew = 5 * 60_000; // milliseconds that two clocks may differ, and that a message may be old

/** Its id. Throws `MessageRefused` unless version, destination, issuer and age are right. */
function checked(root: Element, from: KnownServiceProvider, destination: string, now: Date): string {
  const id = root.getAttribute('ID') ?? '';
  if (!/^[A-Za-z_][\w.-]{0,199}$/.test(id))
    throw new MessageRefused('ID: expected an XML id of at most 200 characters.');
  if (root.getAttribute('Version') !== '2.0') throw new MessageRefused('Version: expected 2.0.');
  if (root.getAttribute('Destination') !== destination)
    throw new MessageRefused(`Destination: expected ${destination}.`);
  if (textOf(root, ns.assertion, 'Issuer') !== from.entityId)
    throw new MessageRefused(`Issuer: expected ${from.entityId}.`);
  const age = now.getTime() - Date.parse(root.getAttribute('IssueInstant') ?? '');
  // The age is NaN for a time that cannot be read.
  if (!(Math.abs(age) <= skew)) throw new MessageRefused('IssueInstant: expected a time within 5 minutes of now.');
  return id;
}

/** Only an address in the metadata: an assertion sent elsewhere would let somebody else in. */
function consumerOf(root: Element, { consumers }: KnownServiceProvider): string {
  const location = root.getAttribute('AssertionConsumerServiceURL');
  const index = root.getAttribute('AssertionConsumerServiceIndex');
  const found = location
    ? consumers.find((one) => one.location === location)
    : index
      ? consumers.find((one) => one.index === index)
      : consumers[0];
  if (!found)
    throw new MessageRefused(
      'AssertionConsumerServiceURL, …Index: expected one of the metadata of the service provider.',
    );
  return found.location;
}

const flag = (root: Element, name: string): boolean => ['true', '1'].includes(root.getAttribute(name) ?? '');
