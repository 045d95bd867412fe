/** The gateway's settings: the environment, read once, checked, frozen. What is wrong or missing refuses to start, by name. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { areBudgets, budgetsExpected, budgetTable } from '../subgraphs/edge/budgets.js';
import { decoded, ed25519Key, readSettings, SettingRefused } from '../subgraphs/process/settings.js';
import { origin, originOf, postgresUrl, redisUrl } from '../subgraphs/process/urls.js';
import type { DocumentMode, DocumentPolicy } from './documents/policy.js';
import { isNetwork } from './http/client-address.js';

export interface Config {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  /** `null`: embedded mode. */
  readonly databaseUrl: string | null;
  readonly redisUrl: string | null;
  readonly supergraph: string;
  readonly municipality: string;
  /** Origins of subgraphs, by name; required in server mode. */
  readonly subgraphs: ReadonlyMap<string, string>;
  /** The first one signs viewer tokens and access tokens, the others are still believed; none in embedded mode, where a key is made at start. */
  readonly viewerKeys: readonly KeyObject[];
  readonly demoShielded: boolean;
  /** Whether Apollo's Sandbox, which is loaded from Apollo's servers, is offered beside the explorer. */
  readonly apolloSandbox: boolean;
  /** Of the embedded mode's stand-in of NemLog-in; 0 for any that is free. */
  readonly demoIdpPort: number;
  readonly idleMinutes: number;
  /** Where callers reach the gateway, without a slash at the end: the issuer of access tokens, too. `null`: where it listens. */
  readonly publicUrl: string | null;
  /** Whether browsers reach the gateway over HTTPS; then the session cookie is `Secure`. */
  readonly secureCookie: boolean;
  /** Addresses and networks whose `X-Forwarded-For` says where a request came from. */
  readonly trustedProxies: readonly string[];
  /** Requests to `/graphql` a minute, of one person and of one case system; 0: any number. */
  readonly rates: { readonly person: number; readonly client: number };
  /** Connections at once, of all callers. */
  readonly connections: number;
  /** Of server mode: the service provider; `null` where no identity provider is configured. */
  readonly saml: SamlSettings | null;
  /** A folder with manifests; `null`: no document is trusted more than another. */
  readonly trustedDocuments: string | null;
  /** Which texts a kind of caller may ask. */
  readonly documentPolicy: DocumentPolicy;
  /** What one operation may cost, by who asks. */
  readonly costBudgets: ReadonlyMap<string, number>;
  readonly logLevel: string;
}

export interface SamlSettings {
  readonly publicUrl: string;
  /** Path of the identity provider's metadata. */
  readonly identityProvider: string;
  /** Its entity id, where the file describes several. */
  readonly identityProviderId: string | null;
  /** Path of a PEM file, or PEM. */
  readonly keys: string;
}

const rateOf = (usual: number) =>
  z.coerce
    .number()
    .int()
    .min(0)
    .max(10_000_000)
    .default(usual)
    .refine((rate) => rate === 0 || rate >= 60)
    .describe('requests a minute from 60 to 10000000, or 0 for any number');

export const settings = {
  PORT: z.coerce.number().int().min(0).max(65_535).default(4000).describe('a port number, 0 to 65535'),
  HOST: z.string().min(1).optional().describe('an address to listen on'),
  SLUSE_DATA_DIR: z.string().min(1).default('.data').describe('a directory'),
  DATABASE_URL: postgresUrl.optional().describe('a URL such as postgres://user@host:5432/database?sslmode=verify-full'),
  REDIS_URL: redisUrl.optional().describe('a URL such as redis://host:6379'),
  SLUSE_SUPERGRAPH: z
    .string()
    .min(1)
    .default('schema/supergraph.graphql')
    .describe('the path of a composed supergraph'),
  SLUSE_MUNICIPALITY: z
    .string()
    .regex(/^\d{4}$/)
    .default('0999')
    .describe('a municipality code of 4 digits'),
  SLUSE_SUBGRAPHS: z
    .string()
    .transform((text) => text.split(',').map((pair) => pair.split(/=(.*)/s).slice(0, 2) as [string, string]))
    .refine((pairs) => pairs.every(([name, url]) => /^\w+$/.test(name) && originOf(url ?? '') !== null))
    .refine((pairs) => new Set(pairs.map(([name]) => name)).size === pairs.length)
    .optional()
    .describe('name=origin pairs such as identity=http://identity:4001,cases=http://cases:4002'),
  SLUSE_VIEWER_KEY: z
    .string()
    .optional()
    .describe(
      'an Ed25519 private key in PEM, base64-encoded (npm run keys); while keys change, the new one and after a comma the old',
    ),
  SLUSE_DEMO_SHIELDED: z.enum(['true', 'false']).optional().describe('true or false'),
  SLUSE_DEMO_IDP_PORT: z.coerce.number().int().min(0).max(65_535).optional().describe('a port number, 0 to 65535'),
  SLUSE_IDLE_MINUTES: z.coerce.number().int().min(15).max(20).default(15).describe('whole minutes from 15 to 20'),
  SLUSE_PUBLIC_URL: origin
    .optional()
    .describe('the URL under which browsers reach the gateway, such as https://sluse.example, without a path'),
  SLUSE_TRUSTED_PROXIES: z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .refine((parts) => parts.every(isNetwork))
    .optional()
    .describe('addresses and networks, separated by commas, such as 10.0.0.0/8,::1'),
  SLUSE_PERSON_RATE: rateOf(12_000),
  SLUSE_CLIENT_RATE: rateOf(60_000),
  SLUSE_CONNECTIONS: z.coerce
    .number()
    .int()
    .min(100)
    .max(100_000)
    .default(10_000)
    .describe('a whole number from 100 to 100000'),
  SLUSE_SAML_IDP_METADATA: z.string().min(1).optional().describe("the path of the identity provider's metadata"),
  SLUSE_SAML_IDP_ENTITY_ID: z
    .string()
    .min(1)
    .max(1_024)
    .optional()
    .describe("the identity provider's entity id, where its metadata describes several"),
  SLUSE_SAML_KEYS: z
    .string()
    .min(1)
    .optional()
    .describe('the path of a PEM file with RSA private keys and their certificates, or such PEM, base64-encoded'),
  SLUSE_APOLLO_SANDBOX: z.enum(['true', 'false']).optional().describe('true or false'),
  SLUSE_TRUSTED_DOCUMENTS: z.string().min(1).optional().describe('a folder with manifests of trusted documents'),
  SLUSE_DOCUMENT_POLICY: z
    .string()
    .regex(
      /^((any|first|only)|(citizen|employee|client)=(any|first|only)(,(citizen|employee|client)=(any|first|only))*)$/,
    )
    .default('any')
    .describe('any, first or only, for all or by kind of caller: any or citizen=only,employee=first,client=any'),
  SLUSE_COST_BUDGETS: z.string().refine(areBudgets).optional().describe(budgetsExpected),
  SLUSE_LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent'])
    .default('info')
    .describe('fatal, error, warn, info, debug or silent'),
} as const;

export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const value = readSettings(settings, environment);
  const server = value.DATABASE_URL !== undefined;
  const viewerKeys = value.SLUSE_VIEWER_KEY?.split(',').map(viewerKey) ?? [];
  const missing = server
    ? (['SLUSE_SUBGRAPHS', 'SLUSE_VIEWER_KEY'] as const).filter((name) => value[name] === undefined)
    : [];
  if (missing.length > 0) {
    throw new SettingRefused(
      missing.map((name) => `${name}: required with DATABASE_URL; expected ${settings[name].description}.`).join('\n'),
    );
  }
  // Said aloud, lest somebody waits for what never comes: a demo in front of real data, or the real identity provider, real
  // subgraphs or another municipality in the demo.
  const unheard = (server ? demoNames : serverNames).filter((name) => value[name] !== undefined);
  if (!server && value.SLUSE_MUNICIPALITY !== demoMunicipality) unheard.push('SLUSE_MUNICIPALITY');
  if (unheard.length > 0)
    throw new SettingRefused(
      unheard.map((name) => `${name}: expected not to be set ${server ? 'with' : 'without'} DATABASE_URL.`).join('\n'),
    );
  const documentPolicy = policyOf(value.SLUSE_DOCUMENT_POLICY);
  // Without a document that is trusted nobody could ask anything.
  if (value.SLUSE_TRUSTED_DOCUMENTS === undefined && Object.values(documentPolicy).some((mode) => mode !== 'any'))
    throw new SettingRefused(
      `SLUSE_TRUSTED_DOCUMENTS: required with SLUSE_DOCUMENT_POLICY; expected ${settings.SLUSE_TRUSTED_DOCUMENTS.description}.`,
    );
  return Object.freeze({
    port: value.PORT,
    host: value.HOST ?? (server ? '0.0.0.0' : '127.0.0.1'),
    dataDir: value.SLUSE_DATA_DIR,
    databaseUrl: value.DATABASE_URL ?? null,
    redisUrl: value.REDIS_URL ?? null,
    supergraph: value.SLUSE_SUPERGRAPH,
    municipality: value.SLUSE_MUNICIPALITY,
    subgraphs: new Map((value.SLUSE_SUBGRAPHS ?? []).map(([name, url]) => [name, originOf(url)!])),
    viewerKeys,
    demoShielded: value.SLUSE_DEMO_SHIELDED !== 'false',
    apolloSandbox: value.SLUSE_APOLLO_SANDBOX === undefined ? !server : value.SLUSE_APOLLO_SANDBOX === 'true',
    idleMinutes: value.SLUSE_IDLE_MINUTES,
    demoIdpPort: value.SLUSE_DEMO_IDP_PORT ?? 0,
    publicUrl: value.SLUSE_PUBLIC_URL ?? null,
    secureCookie: value.SLUSE_PUBLIC_URL ? value.SLUSE_PUBLIC_URL.startsWith('https:') : server,
    trustedProxies: value.SLUSE_TRUSTED_PROXIES ?? [],
    rates: { person: value.SLUSE_PERSON_RATE, client: value.SLUSE_CLIENT_RATE },
    connections: value.SLUSE_CONNECTIONS,
    saml: samlSettings(value),
    trustedDocuments: value.SLUSE_TRUSTED_DOCUMENTS ?? null,
    documentPolicy,
    costBudgets: budgetTable(value.SLUSE_COST_BUDGETS),
    logLevel: value.SLUSE_LOG_LEVEL,
  });
}

/** One word for all, or by kind; a kind that is not named may ask any text. */
function policyOf(text: string): DocumentPolicy {
  const all = text.includes('=') ? 'any' : (text as DocumentMode);
  const named = text.includes('=') ? text.split(',').map((part) => part.split('=') as [string, DocumentMode]) : [];
  return { citizen: all, employee: all, client: all, ...Object.fromEntries(named) };
}

const samlNames = ['SLUSE_SAML_IDP_METADATA', 'SLUSE_SAML_IDP_ENTITY_ID', 'SLUSE_SAML_KEYS'] as const;

type Name = keyof typeof settings;
/** Settings of one mode that the other would not honour. */
const demoNames: Name[] = ['SLUSE_DEMO_SHIELDED', 'SLUSE_DEMO_IDP_PORT'];
const serverNames: Name[] = ['SLUSE_SUBGRAPHS', 'SLUSE_VIEWER_KEY', ...samlNames];
/** Whose people and cases the demo is made of. */
const demoMunicipality = '0999';

/** All that are needed, or none. */
function samlSettings(
  value: Partial<Record<(typeof samlNames)[number] | 'SLUSE_PUBLIC_URL', string | undefined>>,
): SamlSettings | null {
  if (samlNames.every((name) => value[name] === undefined)) return null;
  const {
    SLUSE_SAML_IDP_METADATA: identityProvider,
    SLUSE_SAML_KEYS: keys,
    SLUSE_PUBLIC_URL: publicUrl,
    SLUSE_SAML_IDP_ENTITY_ID: identityProviderId = null,
  } = value;
  const given = {
    SLUSE_SAML_IDP_METADATA: identityProvider,
    SLUSE_SAML_KEYS: keys,
    SLUSE_PUBLIC_URL: publicUrl,
  };
  const missing = (Object.keys(given) as (keyof typeof given)[]).filter((name) => given[name] === undefined);
  if (missing.length > 0)
    throw new SettingRefused(
      missing
        .map((name) => `${name}: required to sign in through SAML; expected ${settings[name].description}.`)
        .join('\n'),
    );
  const { protocol, hostname } = new URL(publicUrl!);
  // Cookies that cross sites are `Secure`; and what is sent to an address without TLS can be read on the way.
  if (protocol !== 'https:' && !['127.0.0.1', 'localhost', '[::1]'].includes(hostname))
    throw new SettingRefused('SLUSE_PUBLIC_URL: expected an https URL, to sign in through SAML.');
  const pem = decoded(keys!);
  return {
    publicUrl: publicUrl!,
    identityProvider: identityProvider!,
    identityProviderId,
    keys: pem.includes('-----BEGIN') ? pem : keys!,
  };
}

const viewerKey = (text: string): KeyObject =>
  ed25519Key(() => createPrivateKey(decoded(text)), 'SLUSE_VIEWER_KEY', settings.SLUSE_VIEWER_KEY.description!);
