/**
 * Metadata in both directions: what the stand-in publishes about itself, and what it reads about the one service provider that it
 * knows.
 */
import type { Element } from '@xmldom/xmldom';
import { childrenOf, rootOf, textOf } from './element.js';
import { type Markup, markup } from './markup.js';
import { binding, format, ns } from './names.js';
import { MessageRefused } from './refused.js';

export interface KnownServiceProvider {
  readonly entityId: string;
  /** PEM; more than one while a key is being replaced. */
  readonly signing: readonly string[];
  /** PEM; `null` if it asks for none. */
  readonly encryption: string | null;
  /** Where assertions may be sent (HTTP-POST), the default first. */
  readonly consumers: readonly { readonly index: string; readonly location: string }[];
  /** Where log-out requests go (HTTP-Redirect), and where answers to them go. */
  readonly logout: { readonly location: string; readonly responseLocation: string } | null;
}

export const identityProviderMetadata = (entityId: string, origin: string, certificate: string): string =>
  markup`<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="${ns.metadata}" entityID="${entityId}">
  <md:IDPSSODescriptor protocolSupportEnumeration="${ns.protocol}" WantAuthnRequestsSigned="true">
    ${keyDescriptor('signing', certificate)}
    <md:SingleLogoutService Binding="${binding.redirect}" Location="${origin}/slo"/>
    <md:NameIDFormat>${format.persistent}</md:NameIDFormat>
    <md:SingleSignOnService Binding="${binding.redirect}" Location="${origin}/sso"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>
`.text;

const keyDescriptor = (use: string, certificate: string): Markup =>
  markup`<md:KeyDescriptor use="${use}"><ds:KeyInfo xmlns:ds="${ns.signature}"><ds:X509Data><ds:X509Certificate>${certificate.replace(/-----[^-]+-----|\s/g, '')}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`;

export function readServiceProvider(xml: string): KnownServiceProvider {
  const root = rootOf(xml, ns.metadata, 'EntityDescriptor');
  const entityId = root.getAttribute('entityID');
  const descriptor = childrenOf(root, ns.metadata, 'SPSSODescriptor')[0];
  if (!entityId || !descriptor)
    throw new MessageRefused('Metadata: expected the entityID and the SPSSODescriptor of one entity.');
  const consumers = childrenOf(descriptor, ns.metadata, 'AssertionConsumerService')
    .filter((service) => service.getAttribute('Binding') === binding.post)
    .sort((one, other) => Number(isDefault(other)) - Number(isDefault(one)))
    .map((service) => ({ index: service.getAttribute('index') ?? '', location: locationOf(service) }));
  if (consumers.length === 0) throw new MessageRefused('Metadata: expected an AssertionConsumerService for HTTP-POST.');
  const logout = childrenOf(descriptor, ns.metadata, 'SingleLogoutService').find(
    (service) => service.getAttribute('Binding') === binding.redirect,
  );
  return {
    entityId,
    signing: certificatesOf(descriptor, 'signing'),
    encryption: certificatesOf(descriptor, 'encryption')[0] ?? null,
    consumers,
    logout: logout
      ? {
          location: locationOf(logout),
          responseLocation: logout.getAttribute('ResponseLocation') ?? locationOf(logout),
        }
      : null,
  };
}

const isDefault = (service: Element): boolean => service.getAttribute('isDefault') === 'true';

/** The address that becomes the target of a form and of a redirect, so it is checked. */
function locationOf(service: Element): string {
  const location = service.getAttribute('Location') ?? '';
  if (!/^https?:\/\//.test(location))
    throw new MessageRefused(`Metadata: expected a Location that begins with http(s)://.`);
  return location;
}

/** A descriptor without `use` is for both uses. */
const certificatesOf = (descriptor: Element, use: string): string[] =>
  childrenOf(descriptor, ns.metadata, 'KeyDescriptor')
    .filter((key) => [use, null, ''].includes(key.getAttribute('use')))
    .flatMap((key) => childrenOf(key, ns.signature, 'KeyInfo'))
    .flatMap((info) => childrenOf(info, ns.signature, 'X509Data'))
    .map((data) => textOf(data, ns.signature, 'X509Certificate') ?? '')
    .filter(Boolean)
    .map((base64) =>
      ['-----BEGIN CERTIFICATE-----', base64.replace(/\s/g, ''), '-----END CERTIFICATE-----', ''].join('\n'),
    );
