/**
 * Reads the gateway's settings from the environment once, checks them and freezes them. A missing or invalid setting
 * stops the start, and the error names it.
 */
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
  /** Origins of subgraphs, by name. Required in server mode. */
  readonly subgraphs: ReadonlyMap<string, string>;
  /**
   * The first key signs viewer tokens and access tokens; tokens signed with the others are still accepted. Empty in
   * embedded mode, which makes a key at start.
   */
  readonly viewerKeys: readonly KeyObject[];
  readonly demoShielded: boolean;
  /** Whether the pages offer Apollo Sandbox, which loads from Apollo's servers, beside the explorer. */
  readonly apolloSandbox: boolean;
  /** Port of the embedded mode's NemLog-in stand-in. 0: any free port. */
  readonly demoIdpPort: number;
  readonly idleMinutes: number;
  /**
   * The URL at which callers reach the gateway, without a trailing slash. It is also the issuer of access tokens.
   * `null`: the address it listens on.
   */
  readonly publicUrl: string | null;
  /** Whether browsers reach the gateway over HTTPS. If so, the session cookie is `Secure`. */
  readonly secureCookie: boolean;
  /** Addresses and networks whose `X-Forwarded-For` header is trusted. */
  readonly trustedProxies: readonly string[];
  /** Requests to `/graphql` per minute, for one person and for one case system. 0: no limit. */
  readonly rates: { readonly person: number; readonly client: number };
  /** Maximum number of simultaneous connections, over all callers. */
  readonly connections: number;
  /** The SAML service provider, in server mode. `null`: no identity provider is configured. */
  readonly saml: SamlSettings | null;
  /** Folder with manifests of trusted documents. `null`: no document is trusted. */
  readonly trustedDocuments: string | null;
  /** Which texts each kind of caller may send. */
  readonly documentPolicy: DocumentPolicy;
  /** Cost budget of one operation, by the right that the caller acts in. */
  readonly costBudgets: ReadonlyMap<string, number>;
  readonly logLevel: string;
}

export interface SamlSettings {
  readonly publicUrl: string;
  /** Path of the identity provider's metadata. */
  readonly identityProvider: string;
  /** The identity provider's entity id. Needed where the metadata describes several. */
  readonly identityProviderId: string | null;
  /** Path of a PEM file, or the PEM text itself. */
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

/** Reads and checks all settings. Throws `SettingRefused`, which names each setting that is missing or invalid. */
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
  // Settings of the other mode are refused, not ignored. Otherwise an operator could expect the demo in front of real
  // data, or the real identity provider, real subgraphs or another municipality in the demo.
  const unheard = (server ? demoNames : serverNames).filter((name) => value[name] !== undefined);
  if (!server && value.SLUSE_MUNICIPALITY !== demoMunicipality) unheard.push('SLUSE_MUNICIPALITY');
  if (unheard.length > 0)
    throw new SettingRefused(
      unheard.map((name) => `${name}: expected not to be set ${server ? 'with' : 'without'} DATABASE_URL.`).join('\n'),
    );
  const documentPolicy = policyOf(value.SLUSE_DOCUMENT_POLICY);
  // Without trusted documents nobody could send anything under this policy.
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

/** Parses one mode for all callers, or modes by kind of caller. A kind that is not named may send any text. */
function policyOf(text: string): DocumentPolicy {
  const all = text.includes('=') ? 'any' : (text as DocumentMode);
  const named = text.includes('=') ? text.split(',').map((part) => part.split('=') as [string, DocumentMode]) : [];
  return { citizen: all, employee: all, client: all, ...Object.fromEntries(named) };
}

const samlNames = ['SLUSE_SAML_IDP_METADATA', 'SLUSE_SAML_IDP_ENTITY_ID', 'SLUSE_SAML_KEYS'] as const;

type Name = keyof typeof settings;
/** Settings that only one of the two modes uses. */
const demoNames: Name[] = ['SLUSE_DEMO_SHIELDED', 'SLUSE_DEMO_IDP_PORT'];
const serverNames: Name[] = ['SLUSE_SUBGRAPHS', 'SLUSE_VIEWER_KEY', ...samlNames];
/** The municipality that the demo's people and cases belong to. */
const demoMunicipality = '0999';

/** Returns all SAML settings, or `null` if none is set. Throws `SettingRefused` if only some are set. */
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
  // SAML needs cross-site cookies, and browsers accept those only if they are `Secure`. Without TLS, an eavesdropper
  // could also read the assertions.
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
