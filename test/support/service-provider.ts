/**
 * A service provider of its own, made with node-saml and nothing of ours: it signs what it sends, decrypts what it gets, and
 * believes only the certificate in the identity provider's metadata.
 */
import { generateKeyPairSync, type KeyObject, type X509Certificate } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Profile, SAML, type SamlConfig, ValidateInResponseTo } from '@node-saml/node-saml';
import type { Credentials } from '../../subgraphs/nemlogin/credentials.js';

export interface ServiceProvider {
  readonly url: string;
  readonly entityId: string;
  readonly acs: string;
  readonly metadata: string;
  readonly credentials: Credentials;
  /** Whom it learned of at `/acs`, in order. */
  readonly signedIn: Profile[];
  /** Names and session indexes that the identity provider asked it to log out. */
  readonly loggedOut: Profile[];
  /** node-saml, set up for the identity provider; `options` over its settings. */
  saml(options?: Partial<SamlConfig>): SAML;
  close(): Promise<void>;
}

export async function openServiceProvider(
  credentials: Credentials,
  idp: () => { readonly url: string; readonly entityId: string; readonly certificate: X509Certificate },
): Promise<ServiceProvider> {
  const signedIn: Profile[] = [];
  const loggedOut: Profile[] = [];
  const server = createServer(async (request, response) => {
    const { pathname, search, searchParams } = new URL(request.url!, url);
    const page = (status: number, text: string) =>
      response
        .writeHead(status, { 'content-type': 'text/html; charset=utf-8' })
        .end(`<!doctype html><title>${text}</title><link rel="icon" href="data:,"><h1>${text}</h1>`);
    try {
      if (pathname === '/login') {
        const saml = options.saml({ forceAuthn: searchParams.has('force') });
        const location = await saml.getAuthorizeUrlAsync(searchParams.get('to') ?? '', undefined, {});
        return response.writeHead(303, { location }).end();
      }
      if (pathname === '/acs') {
        const body = Object.fromEntries(new URLSearchParams((await request.toArray()).join('')));
        const { profile } = await options.saml().validatePostResponseAsync(body as { SAMLResponse: string });
        if (profile) signedIn.push(profile);
        return page(200, profile ? 'signed in' : 'nobody');
      }
      if (pathname === '/logout') {
        const location = await options.saml().getLogoutUrlAsync(signedIn.at(-1)!, 'bye', {});
        return response.writeHead(303, { location }).end();
      }
      if (pathname === '/slo') {
        const query = Object.fromEntries(searchParams);
        const { profile } = await options.saml().validateRedirectAsync(query, search.slice(1));
        if (!query.SAMLRequest) return page(200, 'signed out');
        loggedOut.push(profile!);
        const location = await options.saml().getLogoutResponseUrlAsync(profile!, query.RelayState ?? '', {}, true);
        return response.writeHead(303, { location }).end();
      }
      return page(404, 'not found');
    } catch (error) {
      return page(403, (error as Error).message);
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const entityId = 'https://service.example';
  const acs = `${url}/acs`;
  const privateKey = credentials.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const requests = new Map<string, string>();
  const options = {
    saml: (over: Partial<SamlConfig> = {}) =>
      new SAML({
        issuer: entityId,
        callbackUrl: acs,
        audience: entityId,
        entryPoint: `${idp().url}/sso`,
        logoutUrl: `${idp().url}/slo`,
        idpCert: idp().certificate.toString(),
        idpIssuer: idp().entityId,
        privateKey,
        decryptionPvk: privateKey,
        signatureAlgorithm: 'sha256',
        digestAlgorithm: 'sha256',
        wantAssertionsSigned: true,
        wantAuthnResponseSigned: false,
        identifierFormat: null,
        authnContext: ['https://data.gov.dk/concept/core/nsis/loa/Substantial'],
        racComparison: 'minimum',
        acceptedClockSkewMs: 0,
        validateInResponseTo: ValidateInResponseTo.always,
        cacheProvider: {
          saveAsync: async (key, value) => {
            requests.set(key, value);
            return { value, createdAt: Date.now() };
          },
          getAsync: async (key) => requests.get(key) ?? null,
          removeAsync: async (key) => (requests.delete(key ?? '') ? key : null),
        },
        ...over,
      }),
  };
  return {
    url,
    entityId,
    acs,
    credentials,
    metadata: serviceProviderMetadata(entityId, url, [credentials.certificate]),
    signedIn,
    loggedOut,
    saml: options.saml,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** `signing`: certificates in PEM; the first one is for encryption too. */
export const serviceProviderMetadata = (entityId: string, url: string, signing: readonly string[]): string => {
  const key = (use: string, pem: string) =>
    `<KeyDescriptor use="${use}"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>
${pem.replace(/-----[^-]+-----\n?/g, '')}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>`;
  return `<?xml version="1.0"?><EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entityId}">
<SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol" AuthnRequestsSigned="true">
${signing.map((pem) => key('signing', pem)).join('')}${key('encryption', signing[0]!)}
<SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="${url}/slo"/>
<AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="${url}/other" index="2"/>
<AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="${url}/acs" index="1" isDefault="true"/>
</SPSSODescriptor></EntityDescriptor>`;
};

/** A key that nobody knows. */
export const strangersKey = (): KeyObject => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
