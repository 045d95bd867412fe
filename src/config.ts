/** The gateway's settings: the environment, read once, checked, frozen. What is wrong or missing refuses to start, by name. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { areBudgets, budgetsExpected, budgetTable } from '../subgraphs/kit/budgets.js';
import { decoded, ed25519Key, readSettings, SettingRefused } from '../subgraphs/kit/settings.js';
import { isNetwork } from './workstation.js';

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
  /** Of the embedded mode's stand-in of NemLog-in; 0 for any that is free. */
  readonly demoIdpPort: number;
  readonly idleMinutes: number;
  /** Where callers reach the gateway, without a slash at the end: the issuer of access tokens, too. `null`: where it listens. */
  readonly publicUrl: string | null;
  /** Whether browsers reach the gateway over HTTPS; then the session cookie is `Secure`. */
  readonly secureCookie: boolean;
  /** Addresses and networks whose `X-Forwarded-For` says where a request came from. */
  readonly trustedProxies: readonly string[];
  /** Of server mode: the service provider; `null` where no identity provider is configured. */
  readonly saml: SamlSettings | null;
  /** What one operation may cost, by who asks. */
  readonly costBudgets: ReadonlyMap<string, number>;
  readonly logLevel: string;
}

export interface SamlSettings {
  readonly publicUrl: string;
  /** Path of the identity provider's metadata. */
  readonly identityProvider: string;
  /** Path of a PEM file, or PEM. */
  readonly keys: string;
}

export const settings = {
  PORT: z.coerce.number().int().min(0).max(65_535).default(4000).describe('a port number, 0 to 65535'),
  HOST: z.string().min(1).optional().describe('an address to listen on'),
  SLUSE_DATA_DIR: z.string().min(1).default('.data').describe('a directory'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\/.+/)
    .optional()
    .describe('a URL such as postgres://user@host:5432/database'),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\/.+/)
    .optional()
    .describe('a URL such as redis://host:6379'),
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
    .regex(/^(\w+=https?:\/\/[^,\s]+)(,\w+=https?:\/\/[^,\s]+)*$/)
    .optional()
    .describe('name=origin pairs such as identity=http://identity:4001,cases=http://cases:4002'),
  SLUSE_VIEWER_KEY: z
    .string()
    .optional()
    .describe(
      'an Ed25519 private key in PEM, base64-encoded (npm run keys); while keys change, the new one and after a comma the old',
    ),
  SLUSE_DEMO_SHIELDED: z.enum(['true', 'false']).default('true').describe('true or false'),
  SLUSE_DEMO_IDP_PORT: z.coerce.number().int().min(0).max(65_535).default(0).describe('a port number, 0 to 65535'),
  SLUSE_IDLE_MINUTES: z.coerce.number().int().min(15).max(20).default(15).describe('whole minutes from 15 to 20'),
  SLUSE_PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('the URL under which browsers reach the gateway'),
  SLUSE_TRUSTED_PROXIES: z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .refine((parts) => parts.every(isNetwork))
    .optional()
    .describe('addresses and networks, separated by commas, such as 10.0.0.0/8,::1'),
  SLUSE_SAML_IDP_METADATA: z.string().min(1).optional().describe("the path of the identity provider's metadata"),
  SLUSE_SAML_KEYS: z
    .string()
    .min(1)
    .optional()
    .describe('the path of a PEM file with RSA private keys and their certificates, or such PEM, base64-encoded'),
  SLUSE_COST_BUDGETS: z.string().refine(areBudgets).optional().describe(budgetsExpected),
  SLUSE_LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent'])
    .default('info')
    .describe('fatal, error, warn, info, debug or silent'),
} as const;

export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const value = readSettings(settings, environment);
  const server = value.DATABASE_URL !== undefined;
  const missing = server
    ? (['SLUSE_SUBGRAPHS', 'SLUSE_VIEWER_KEY'] as const).filter((name) => value[name] === undefined)
    : [];
  if (missing.length > 0) {
    throw new SettingRefused(
      missing.map((name) => `${name}: required with DATABASE_URL; expected ${settings[name].description}.`).join('\n'),
    );
  }
  // Said aloud, lest somebody waits for a sign-in without a password in front of real data.
  if (server && value.SLUSE_DEMO_IDP_PORT !== 0)
    throw new SettingRefused('SLUSE_DEMO_IDP_PORT: expected not to be set with DATABASE_URL.');
  // Nor for a sign-in through the real identity provider: in embedded mode the stand-in is the only one.
  const unheard = server ? [] : samlNames.filter((name) => value[name] !== undefined);
  if (unheard.length > 0)
    throw new SettingRefused(unheard.map((name) => `${name}: expected not to be set without DATABASE_URL.`).join('\n'));
  return Object.freeze({
    port: value.PORT,
    host: value.HOST ?? (server ? '0.0.0.0' : '127.0.0.1'),
    dataDir: value.SLUSE_DATA_DIR,
    databaseUrl: value.DATABASE_URL ?? null,
    redisUrl: value.REDIS_URL ?? null,
    supergraph: value.SLUSE_SUPERGRAPH,
    municipality: value.SLUSE_MUNICIPALITY,
    subgraphs: new Map(
      (value.SLUSE_SUBGRAPHS ?? '')
        .split(',')
        .filter(Boolean)
        .map((pair) => pair.split(/=(.*)/s).slice(0, 2) as [string, string]),
    ),
    viewerKeys: value.SLUSE_VIEWER_KEY === undefined ? [] : value.SLUSE_VIEWER_KEY.split(',').map(viewerKey),
    demoShielded: value.SLUSE_DEMO_SHIELDED === 'true',
    idleMinutes: value.SLUSE_IDLE_MINUTES,
    demoIdpPort: value.SLUSE_DEMO_IDP_PORT,
    publicUrl: value.SLUSE_PUBLIC_URL?.replace(/\/+$/, '') ?? null,
    secureCookie: value.SLUSE_PUBLIC_URL ? value.SLUSE_PUBLIC_URL.startsWith('https:') : server,
    trustedProxies: value.SLUSE_TRUSTED_PROXIES ?? [],
    saml: samlSettings(value.SLUSE_SAML_IDP_METADATA, value.SLUSE_SAML_KEYS, value.SLUSE_PUBLIC_URL),
    costBudgets: budgetTable(value.SLUSE_COST_BUDGETS),
    logLevel: value.SLUSE_LOG_LEVEL,
  });
}

const samlNames = ['SLUSE_SAML_IDP_METADATA', 'SLUSE_SAML_KEYS'] as const;

/** All of them or none. */
function samlSettings(
  identityProvider: string | undefined,
  keys: string | undefined,
  publicUrl: string | undefined,
): SamlSettings | null {
  if (identityProvider === undefined && keys === undefined) return null;
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
  return { publicUrl: publicUrl!, identityProvider: identityProvider!, keys: pem.includes('-----BEGIN') ? pem : keys! };
}

const viewerKey = (text: string): KeyObject =>
  ed25519Key(() => createPrivateKey(decoded(text)), 'SLUSE_VIEWER_KEY', settings.SLUSE_VIEWER_KEY.description!);
