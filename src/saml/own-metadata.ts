/** Makes our metadata, which an operator gives to the identity provider. */
import type { Keys } from './keys.js';
import {
  attributes,
  contentAlgorithms,
  keyAlgorithms,
  nameFormats,
  namespaces,
  postBinding,
  redirectBinding,
} from './names.js';
import { xml } from './xml.js';

export interface Addresses {
  readonly entityId: string;
  readonly acs: string;
  readonly logout: string;
}

export const ownMetadata = ({ entityId, acs, logout }: Addresses, keys: Keys): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${
    xml`<md:EntityDescriptor xmlns:md="${namespaces.metadata}" xmlns:ds="${namespaces.signature}" entityID="${entityId}">
<md:SPSSODescriptor protocolSupportEnumeration="${namespaces.protocol}" AuthnRequestsSigned="true" WantAssertionsSigned="true">
${keys.all.map(({ certificate }) => xml`<md:KeyDescriptor use="signing">${keyInfo(certificate)}</md:KeyDescriptor>\n`)}<md:KeyDescriptor use="encryption">${keyInfo(keys.first.certificate)}
${[...contentAlgorithms, ...keyAlgorithms].map((algorithm) => xml`<md:EncryptionMethod Algorithm="${algorithm}"/>\n`)}</md:KeyDescriptor>
<md:SingleLogoutService Binding="${redirectBinding}" Location="${logout}"/>
<md:SingleLogoutService Binding="${postBinding}" Location="${logout}"/>
${Object.values(nameFormats).map((format) => xml`<md:NameIDFormat>${format}</md:NameIDFormat>\n`)}<md:AssertionConsumerService index="0" isDefault="true" Binding="${postBinding}" Location="${acs}"/>
<md:AttributeConsumingService index="0" isDefault="true">
<md:ServiceName xml:lang="da">Sluse</md:ServiceName>
${Object.entries(attributes).map(([name, uri]) => xml`<md:RequestedAttribute Name="${uri}" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri" isRequired="${String(required.has(name))}"/>\n`)}</md:AttributeConsumingService>
</md:SPSSODescriptor>
</md:EntityDescriptor>`.text
  }\n`;

/** Attributes that everybody has. The others belong to professionals or to persons. */
const required: ReadonlySet<string> = new Set(['specVersion', 'loa']);

const keyInfo = (certificate: string) =>
  xml`<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`;
