/** What we send: AuthnRequest, LogoutRequest and LogoutResponse, signed (RSA-SHA256), with the redirect binding (node-saml). */
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

/** `null` where the identity provider has no place to sign out. */
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

/** `relayState` is the identity provider's own: it gets it back, and nobody follows it. */
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
    // Nothing is verified with it here; the library wants one.
    idpCert: key.certificatePem,
    privateKey: key.privatePem,
    signatureAlgorithm: 'sha256',
    digestAlgorithm: 'sha256',
    identifierFormat: nameFormats.persistent,
    // A level is a minimum: who signs in with High must not be turned away.
    racComparison: 'minimum',
    ...more,
  });

function formatOf(nameId: string): string {
  if (readNameId(nameId)) return nameFormats.persistent;
  return nameId.includes('=') ? nameFormats.subjectName : nameFormats.unspecified;
}
