/**
 * Makes the messages that we send: AuthnRequest, LogoutRequest and LogoutResponse, signed (RSA-SHA256), with the
 * redirect binding (node-saml).
 */
import { type Profile, SAML, type SamlConfig } from '@node-saml/node-saml';
import type { IdentityProvider } from './identity-provider.js';
import type { KeyPair } from './keys.js';
import { readNameId } from './name-id.js';
import { nameFormats, requestedContexts } from './names.js';
import type { Requested } from './request-id.js';

export interface Sender {
  readonly provider: IdentityProvider;
  readonly key: KeyPair;
  readonly entityId: string;
  readonly acs: string;
}

export const authnRequestUrl = (
  sender: Sender,
  { id, forceAuthn, kind }: Requested & { id: string },
): Promise<string> =>
  samlOf(sender, { generateUniqueId: () => id, forceAuthn, authnContext: contextsOf(kind) }).getAuthorizeUrlAsync(
    '',
    undefined,
    {},
  );

export const contextsOf = (kind: Requested['kind']): string[] => [
  requestedContexts[kind],
  requestedContexts.substantial,
];

export interface SignedIn {
  readonly nameId: string;
  readonly sessionIndex: string | null;
}

/** Resolves to `null` if the identity provider has no sign-out URL. */
export async function logoutRequestUrl(
  sender: Sender,
  id: string,
  { nameId, sessionIndex }: SignedIn,
): Promise<string | null> {
  const { logout } = sender.provider;
  if (!logout) return null;
  const saml = samlOf(sender, { generateUniqueId: () => id, logoutUrl: logout.requests });
  const profile = { nameID: nameId, nameIDFormat: formatOf(nameId), ...(sessionIndex !== null && { sessionIndex }) };
  return saml.getLogoutUrlAsync(profile as Profile, '', {});
}

/**
 * `relayState` belongs to the identity provider: it gets it back, and nobody here uses it as a redirect. Resolves to
 * `null` if the identity provider has no sign-out URL.
 */
export async function logoutResponseUrl(sender: Sender, request: string, relayState: string): Promise<string | null> {
  const { logout } = sender.provider;
  if (!logout) return null;
  return samlOf(sender, { logoutUrl: logout.responses }).getLogoutResponseUrlAsync(
    { ID: request } as Profile,
    relayState,
    {},
    true,
  );
}

const samlOf = ({ provider, key, entityId, acs }: Sender, more: Partial<SamlConfig>): SAML =>
  new SAML({
    callbackUrl: acs,
    issuer: entityId,
    entryPoint: provider.signOn,
    // Not used for verification here, but the library requires one.
    idpCert: key.certificatePem,
    privateKey: key.privatePem,
    signatureAlgorithm: 'sha256',
    digestAlgorithm: 'sha256',
    identifierFormat: nameFormats.persistent,
    // The level is a minimum: a sign-in with High must not be refused.
    racComparison: 'minimum',
    ...more,
  });

function formatOf(nameId: string): string {
  if (readNameId(nameId)) return nameFormats.persistent;
  return nameId.includes('=') ? nameFormats.subjectName : nameFormats.unspecified;
}
