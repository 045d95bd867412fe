/**
 * The SAML service provider: makes what the gateway sends to the identity provider, and reads what comes back. It keeps
 * no state: the identity room knows which requests are under way and which assertions were seen.
 */
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { Assertion } from './assertion.js';
import { readIdentityProvider } from './identity-provider.js';
import { readKeys } from './keys.js';
import type { Arrived, Logout } from './logout.js';
import { type Addresses, ownMetadata } from './own-metadata.js';
import { type Reader, readHere } from './reader.js';
import type { Outcome } from './reasons.js';
import { newRequestId, type Requested } from './request-id.js';
import { authnRequestUrl, contextsOf, logoutRequestUrl, logoutResponseUrl, type SignedIn } from './requests.js';
import { watched } from './watched.js';

export interface ServiceProvider {
  readonly addresses: Addresses;
  metadata(): string;
  /** Resolves to the URL for the browser. Rejects while the identity provider's metadata is not valid. */
  authnRequest(requested: Requested, now: Date): Promise<{ id: string; contexts: string[]; url: string }>;
  /** `response`: the form's `SAMLResponse`. */
  readResponse(response: string, now: Date): Promise<Outcome<Assertion>>;
  readLogout(arrived: Arrived, now: Date): Promise<Outcome<Logout>>;
  /** Resolves to `null` if the identity provider has no sign-out URL. */
  logoutRequest(signedIn: SignedIn): Promise<{ id: string; url: string } | null>;
  logoutResponse(request: string, relayState: string): Promise<string | null>;
  close(): void;
}

export interface ServiceProviderOptions {
  /**
   * URL at which browsers reach the gateway. Entity id and addresses are derived from it. A function if it becomes
   * known later.
   */
  readonly publicUrl: string | (() => string);
  /** Path of the identity provider's metadata. */
  readonly identityProvider: string;
  /** The identity provider's entity id, if that file describes several. */
  readonly identityProviderId?: string | null;
  /** Path of a PEM file with our keys and certificates, or the PEM text itself. */
  readonly keys: string;
  readonly log: Logger;
  /** Reads the messages. Default: in this thread. It is closed with the provider. */
  readonly reader?: Reader;
  /** Milliseconds between two checks of the files. */
  readonly every?: number;
}

/**
 * Opens the service provider and starts watching its files. Rejects with the setting's name if a file cannot be used.
 */
export async function openServiceProvider(options: ServiceProviderOptions): Promise<ServiceProvider> {
  const { publicUrl } = options;
  const addresses = () => addressesOf(typeof publicUrl === 'string' ? publicUrl : publicUrl());
  const { log, every } = options;
  const more = { log, ...(every !== undefined && { every }) };
  const keys = options.keys.includes('-----BEGIN')
    ? fixed(named('SLUSE_SAML_KEYS', () => readKeys(options.keys)))
    : await opened(
        `SLUSE_SAML_KEYS: ${options.keys}`,
        watched(options.keys, readKeys, { what: 'SLUSE_SAML_KEYS', ...more }),
      );
  const provider = await opened(
    `SLUSE_SAML_IDP_METADATA: ${options.identityProvider}`,
    watched(options.identityProvider, (text) => readIdentityProvider(text, options.identityProviderId ?? null), {
      what: 'SLUSE_SAML_IDP_METADATA',
      freshFor: (provider) => provider.freshFor,
      ...more,
    }),
  ).catch((error) => {
    keys.close();
    throw error;
  });
  const sender = () => ({ ...addresses(), provider: provider.current(), key: keys.current().first });
  const reader = options.reader ?? readHere;
  const reading = (now: Date) => ({ ...addresses(), provider: provider.current(), keys: keys.current(), now });
  return {
    get addresses() {
      return addresses();
    },
    metadata: () => ownMetadata(addresses(), keys.current()),
    async authnRequest(requested, now) {
      // Throws if the answer could not be verified. Then nobody is sent there in vain.
      provider.current().keys(now);
      const id = newRequestId(requested, now);
      return { id, contexts: contextsOf(requested.kind), url: await authnRequestUrl(sender(), { ...requested, id }) };
    },
    readResponse: (response, now) => reader.response(response, () => reading(now)),
    readLogout: (arrived, now) => reader.logout(arrived, () => ({ ...reading(now), address: addresses().logout })),
    async logoutRequest(signedIn) {
      const id = `_${randomBytes(20).toString('hex')}`;
      const url = await logoutRequestUrl(sender(), id, signedIn);
      return url === null ? null : { id, url };
    },
    logoutResponse: (request, relayState) => logoutResponseUrl(sender(), request, relayState),
    close() {
      reader.close();
      keys.close();
      provider.close();
    },
  };
}

function addressesOf(publicUrl: string): Addresses {
  const base = publicUrl.replace(/\/+$/, '');
  return { entityId: `${base}/saml/metadata`, acs: `${base}/saml/acs`, logout: `${base}/saml/logout` };
}

const fixed = <Value>(value: Value) => ({ current: () => value, close: () => {} });

/** Rewrites an error about a file in terms of the setting that names it, with its path. */
const opened = <Value>(setting: string, opening: Promise<Value>): Promise<Value> =>
  opening.catch((error: NodeJS.ErrnoException) => {
    throw refusal(setting, error);
  });

function named<Value>(setting: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw refusal(setting, error as NodeJS.ErrnoException);
  }
}

const refusal = (setting: string, error: NodeJS.ErrnoException): Error =>
  new Error(`${setting}: ${error.code ? `the file cannot be read (${error.code})` : error.message}.`);
