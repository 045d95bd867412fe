/**
 * Describes the identity provider from its metadata. The file is trusted, because an operator put it there. Its
 * contents are checked all the same, and each certificate is checked again at every use, because it can expire while
 * the file stays.
 */
import { type KeyObject, X509Certificate } from 'node:crypto';
import { namespaces, redirectBinding } from './names.js';
import { demand } from './reasons.js';
import {
  attribute,
  childrenOf,
  durationOf,
  type Element,
  elementsOf,
  instantOf,
  is,
  named,
  only,
  parseFile,
  textOf,
} from './xml.js';

export interface IdentityProvider {
  readonly entityId: string;
  /** URL where the browser is sent to sign in. */
  readonly signOn: string;
  /** URLs for sign-out requests and for answers to a log-out. `null` if there are none. */
  readonly logout: { readonly requests: string; readonly responses: string } | null;
  /** Milliseconds after which its metadata is to be fetched anew (`cacheDuration`). Until when it may be used `validUntil` says. */
  readonly freshFor: number;
  /** What signatures are verified with at this time; throws if nothing is valid any more. */
  keys(now: Date): readonly KeyObject[];
  /** The same keys as PEM certificates. */
  certificates(now: Date): readonly string[];
}

/**
 * `wanted`: entity id of the identity provider to use, if the file describes several. Throws with a reason if the
 * metadata cannot be used.
 */
export function readIdentityProvider(text: string, wanted: string | null, now: Date = new Date()): IdentityProvider {
  const { entity, around } = entityIn(text, wanted);
  const entityId = attribute(entity, 'entityID');
  if (!entityId) throw new Error('it has no entityID');
  const role = only(entity, namespaces.metadata, 'IDPSSODescriptor');
  if (!role) throw new Error('it does not hold exactly one IDPSSODescriptor');
  const descriptors = [...around, entity, role];
  const until = Math.min(...descriptors.map(validUntil));
  if (now.getTime() >= until) throw new Error('its validUntil has passed');
  const known = certificatesOf(role);
  const valid = (at: Date) => {
    const found = known.filter((certificate) => isValid(certificate, at));
    demand(found.length > 0 && at.getTime() < until, 'SAML_IDENTITY_PROVIDER');
    return found;
  };
  if (!known.some((certificate) => isValid(certificate, now)))
    throw new Error('it holds no certificate for signing that is valid now and RSA of 2048 bits or more');
  const signOn = endpointOf(role, 'SingleSignOnService');
  if (!signOn) throw new Error('it has no SingleSignOnService with the redirect binding');
  return {
    entityId,
    signOn: signOn.requests,
    logout: endpointOf(role, 'SingleLogoutService'),
    freshFor: Math.min(...descriptors.map(cacheDuration)),
    keys: (at) => valid(at).map(({ publicKey }) => publicKey),
    certificates: (at) => valid(at).map(String),
  };
}

interface FoundEntity {
  readonly entity: Element;
  /** The enclosing `EntitiesDescriptor` elements. Their validity period applies to this entity too. */
  readonly around: readonly Element[];
}

/** Finds the one entity to use. Federations describe all of theirs in one file. */
function entityIn(text: string, wanted: string | null): FoundEntity {
  const root = parsedRoot(text);
  const all = entitiesIn(root, []);
  if (wanted !== null) {
    const [found, ...more] = all.filter(({ entity }) => attribute(entity, 'entityID') === wanted);
    if (!found) throw new Error('it describes no entity with the id that SLUSE_SAML_IDP_ENTITY_ID names');
    // One of the two would be chosen by its position, and whoever adds to the file could replace the other.
    if (more.length > 0) throw new Error('it describes the entity that SLUSE_SAML_IDP_ENTITY_ID names more than once');
    return found;
  }
  const providers = all.filter(({ entity }) => named(entity, namespaces.metadata, 'IDPSSODescriptor').length > 0);
  if (providers.length > 1)
    throw new Error('it describes several identity providers: name the entity id of one in SLUSE_SAML_IDP_ENTITY_ID');
  const found = providers[0] ?? all[0];
  if (!found) throw new Error('it describes no entity');
  return found;
}

function entitiesIn(element: Element, around: readonly Element[]): FoundEntity[] {
  if (is(element, namespaces.metadata, 'EntityDescriptor')) return [{ entity: element, around }];
  return childrenOf(element)
    .filter((child) => ['EntityDescriptor', 'EntitiesDescriptor'].some((name) => is(child, namespaces.metadata, name)))
    .flatMap((child) => entitiesIn(child, [...around, element]));
}

function parsedRoot(text: string): Element {
  let root: Element;
  try {
    root = parseFile(text);
  } catch {
    throw new Error('it is not well-formed XML without a document type');
  }
  const known = ['EntityDescriptor', 'EntitiesDescriptor'].some((name) => is(root, namespaces.metadata, name));
  if (!known) throw new Error('it is no EntityDescriptor, and no EntitiesDescriptor');
  return root;
}

function validUntil(element: Element): number {
  const text = attribute(element, 'validUntil');
  if (text === null) return Number.POSITIVE_INFINITY;
  const instant = instantOf(text);
  if (instant === null) throw new Error('its validUntil is no time in UTC or with an offset');
  return instant;
}

function cacheDuration(element: Element): number {
  const text = attribute(element, 'cacheDuration');
  if (text === null) return Number.POSITIVE_INFINITY;
  const duration = durationOf(text);
  if (duration === null) throw new Error('its cacheDuration is no duration');
  return duration;
}

/** Several while the provider changes its key. */
const certificatesOf = (role: Element): X509Certificate[] =>
  named(role, namespaces.metadata, 'KeyDescriptor')
    .filter((descriptor) => (attribute(descriptor, 'use') ?? 'signing') === 'signing')
    .flatMap((descriptor) => elementsOf(descriptor))
    .filter((element) => is(element, namespaces.signature, 'X509Certificate'))
    .map((element) => {
      try {
        return new X509Certificate(Buffer.from(textOf(element) ?? '', 'base64'));
      } catch {
        throw new Error('it holds a certificate that cannot be read');
      }
    })
    .filter(
      ({ publicKey }) =>
        publicKey.asymmetricKeyType === 'rsa' && (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) >= 2048,
    );

const isValid = (certificate: X509Certificate, at: Date): boolean =>
  Date.parse(certificate.validFrom) <= at.getTime() && at.getTime() < Date.parse(certificate.validTo);

function endpointOf(role: Element, name: string): { requests: string; responses: string } | null {
  const found = named(role, namespaces.metadata, name).find(
    (endpoint) => attribute(endpoint, 'Binding') === redirectBinding,
  );
  if (!found) return null;
  const requests = webAddress(attribute(found, 'Location'));
  const responses = attribute(found, 'ResponseLocation');
  return { requests, responses: responses === null ? requests : webAddress(responses) };
}

function webAddress(text: string | null): string {
  if (text === null || !/^https?:\/\//.test(text) || !URL.canParse(text))
    throw new Error('an endpoint of it is no http(s) URL');
  return text;
}
