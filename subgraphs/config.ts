/** Settings of a room that runs as its own process. It refuses to start with wrong or missing settings, and names them. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type KleTables, kleTablesIn, shippedTables } from './cases/kle-table.js';
import { areBudgets, budgetsExpected, budgetTable } from './edge/budgets.js';
import type { CourseRules } from './identity/courses/rules.js';
import { type PrivilegeMap, privilegeMap } from './identity/sign-in/privileges-map.js';
import { decoded, ed25519Key, readSettings, SettingRefused } from './process/settings.js';
import { origin, postgresUrl } from './process/urls.js';

export interface RoomConfig {
  readonly room: string;
  readonly port: number;
  readonly host: string;
  /**
   * Connection URL of the database's owner, for migrations, or the database without a login. The room itself logs in as its own role.
   */
  readonly database: { readonly ownerUrl: string } | { readonly address: string };
  readonly secret: string;
  /** Public keys with which the gateway may have signed. */
  readonly viewerKeys: readonly KeyObject[];
  readonly idleMinutes: number;
  /** Highest cost of one operation, by the caller's right. */
  readonly costBudgets: ReadonlyMap<string, number>;
  readonly logLevel: string;
  /** For the identity room: which right each privilege of NemLog-in stands for. */
  readonly privileges: PrivilegeMap;
  /** For the identity room: rejected attempts after which a user or a workstation is locked out. */
  readonly lockAfter: number;
  /** For the identity room: the municipality's notice to its employees; `undefined` for Sluse's own text. */
  readonly notice: string | undefined;
  /** For the identity room: whether a municipality lets parents see for the children of whom they hold custody. */
  parentsSee(municipality: string): boolean;
  /** For the identity room: path of the supergraph that the gateway serves. */
  readonly supergraph: string;
  /** For the identity room: how the course is taken, and how long it is good. */
  readonly course: CourseRules;
  /** For the cases room: the KLE tables of the municipalities. */
  readonly kleTables: KleTables;
  /** For the cases room: origin of the identity room. */
  readonly identityUrl: string | null;
  /** For the audit room. */
  readonly audit: AuditConfig;
  /** For case systems that call this room directly; `null` if they are not served. */
  readonly direct: DirectConfig | null;
}

export interface DirectConfig {
  /** Origins of the two rooms that this room calls. */
  readonly identity: string;
  readonly audit: string;
  /** The gateway's public URL, which is the issuer of access tokens. */
  readonly issuer: string;
  readonly municipality: string;
}

export interface AuditConfig {
  /** Each key signs every checkpoint. */
  readonly keys: readonly KeyObject[];
  readonly origin: string;
  /** Whole months, 6 to 60. */
  retention(municipality: string): number;
  employeesShown(municipality: string): boolean;
}

const municipalities = z.string().regex(/^\d{4}(,\d{4})*$/);

export const settings = {
  SLUSE_ROOM: z.enum(['identity', 'cases', 'smdb', 'audit']).describe('identity, cases, smdb or audit'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(4001).describe('a port number, 0 to 65535'),
  HOST: z.string().min(1).default('0.0.0.0').describe('an address to listen on'),
  DATABASE_URL: postgresUrl
    .optional()
    .describe('a URL such as postgres://owner@host:5432/database?sslmode=verify-full, of PostgreSQL 15 or later'),
  SLUSE_DATABASE: postgresUrl
    .refine((url) => new URL(url).username === '' && new URL(url).pathname.length > 1)
    .optional()
    .describe(
      'a URL without a login such as postgres://host:5432/database?sslmode=verify-full, in place of DATABASE_URL',
    ),
  SLUSE_SECRET: z.string().min(32).describe('at least 32 characters, the same for all rooms of one database'),
  SLUSE_VIEWER_PUBLIC_KEY: z
    .string()
    .describe(
      'the Ed25519 public key of the gateway in PEM, base64-encoded (npm run keys); while keys change, both, separated by a comma',
    ),
  SLUSE_IDLE_MINUTES: z.coerce.number().int().min(15).max(20).default(15).describe('whole minutes from 15 to 20'),
  SLUSE_PRIVILEGES: z
    .string()
    .default('{}')
    .describe(
      'a JSON object from privilege URIs to rights such as {"https://example.dk/privileges/reporter":"SMDB_REPORTER"}, or the path of a file with one',
    ),
  SLUSE_LOCK_AFTER: z.coerce.number().int().min(3).max(5).default(3).describe('a whole number from 3 to 5'),
  SLUSE_NOTICE: z
    .string()
    .transform((text) => text.trim())
    .pipe(z.string().min(20).max(2000))
    .optional()
    .describe('a text of 20 to 2,000 characters'),
  SLUSE_COURSE_MONTHS: z.coerce.number().int().min(0).max(120).default(24).describe('whole months from 0 to 120'),
  SLUSE_PARENTS_SEE_CHILDREN: municipalities.optional().describe('codes of municipalities, separated by commas'),
  SLUSE_SUPERGRAPH: z
    .string()
    .min(1)
    .default('schema/supergraph.graphql')
    .describe('the path of the supergraph that the gateway serves'),
  SLUSE_COURSE_QUESTIONS: z.coerce.number().int().min(1).max(50).default(10).describe('a whole number from 1 to 50'),
  SLUSE_COURSE_PASS: z.coerce.number().int().min(50).max(100).default(80).describe('whole per cent from 50 to 100'),
  SLUSE_COURSE_ATTEMPTS: z.coerce.number().int().min(1).max(20).default(3).describe('a whole number from 1 to 20'),
  SLUSE_COURSE_MINUTES: z.coerce.number().int().min(5).max(240).default(60).describe('whole minutes from 5 to 240'),
  SLUSE_KLE_TABLE: z
    .string()
    .min(1)
    .optional()
    .describe('the path of a CSV file with the columns municipality, kle, authority and category'),
  SLUSE_COST_BUDGETS: z.string().refine(areBudgets).optional().describe(budgetsExpected),
  SLUSE_LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent'])
    .default('info')
    .describe('fatal, error, warn, info, debug or silent'),
  SLUSE_LOG_KEY: z
    .string()
    .optional()
    .describe(
      'Ed25519 private keys in PEM, separated by commas, each base64-encoded (npm run keys) or the path of a file; the audit room needs at least one',
    ),
  SLUSE_LOG_ORIGIN: z
    .string()
    .regex(/^[\w.-]+(\/[\w.-]+)*$/)
    .default('sluse')
    .describe('a name without a scheme such as log.korsbaek.dk, with which the names of the logs begin'),
  SLUSE_LOG_RETENTION: z
    .string()
    .regex(/^(\d{4}=)?([6-9]|[1-5]\d|60)(,\d{4}=([6-9]|[1-5]\d|60))*$/)
    .default('6')
    .describe('whole months from 6 to 60, for all or by municipality: 6 or 6,0101=60'),
  SLUSE_CITIZENS_SEE_EMPLOYEES: municipalities.optional().describe('codes of municipalities, separated by commas'),
  SLUSE_IDENTITY_URL: origin.optional().describe('the origin of the identity room, such as http://identity:4001'),
  SLUSE_AUDIT_URL: origin.optional().describe('the origin of the audit room, such as http://audit:4001'),
  SLUSE_PUBLIC_URL: origin.optional().describe('the URL under which callers reach the gateway, as it is set there'),
  SLUSE_MUNICIPALITY: z
    .string()
    .regex(/^\d{4}$/)
    .default('0999')
    .describe('a municipality code of 4 digits'),
} as const;

export function readRoomConfig(environment: Readonly<Record<string, string | undefined>> = process.env): RoomConfig {
  const value = readSettings(settings, environment);
  return Object.freeze({
    room: value.SLUSE_ROOM,
    port: value.PORT,
    host: value.HOST,
    database: databaseOf(value),
    secret: value.SLUSE_SECRET,
    viewerKeys: value.SLUSE_VIEWER_PUBLIC_KEY.split(',').map(viewerKey),
    idleMinutes: value.SLUSE_IDLE_MINUTES,
    costBudgets: budgetTable(value.SLUSE_COST_BUDGETS),
    logLevel: value.SLUSE_LOG_LEVEL,
    privileges: privilegesOf(value.SLUSE_PRIVILEGES),
    lockAfter: value.SLUSE_LOCK_AFTER,
    notice: value.SLUSE_NOTICE,
    audit: auditOf(value),
    parentsSee: isListedIn(value.SLUSE_PARENTS_SEE_CHILDREN),
    supergraph: value.SLUSE_SUPERGRAPH,
    course: {
      months: value.SLUSE_COURSE_MONTHS,
      questions: value.SLUSE_COURSE_QUESTIONS,
      pass: value.SLUSE_COURSE_PASS,
      attempts: value.SLUSE_COURSE_ATTEMPTS,
      minutes: value.SLUSE_COURSE_MINUTES,
    },
    kleTables: kleTablesOf(value),
    identityUrl: identityOf(value),
    direct: directOf(value),
  });
}

type SettingValues = z.output<z.ZodObject<typeof settings>>;

/** One of the two: a room that was given both would keep a connection that it is not to have. */
function databaseOf({ DATABASE_URL: ownerUrl, SLUSE_DATABASE: address }: SettingValues): RoomConfig['database'] {
  if (ownerUrl !== undefined && address !== undefined)
    throw new SettingRefused('SLUSE_DATABASE: expected without DATABASE_URL, which is for `npx sluse migrate` then.');
  if (address !== undefined) return { address };
  if (ownerUrl !== undefined) return { ownerUrl };
  throw new SettingRefused(`DATABASE_URL: expected ${settings.DATABASE_URL.description}.`);
}

function auditOf(value: SettingValues): AuditConfig {
  const given = (value.SLUSE_LOG_KEY ?? '').split(',').filter(Boolean);
  if (value.SLUSE_ROOM === 'audit' && given.length === 0)
    throw new SettingRefused(`SLUSE_LOG_KEY: expected ${settings.SLUSE_LOG_KEY.description}.`);
  const months = new Map(
    value.SLUSE_LOG_RETENTION.split(',').map((part) => {
      const [municipality, count] = part.includes('=') ? part.split('=') : ['', part];
      return [municipality!, Number(count)];
    }),
  );
  return {
    keys: given.map(logKey),
    origin: value.SLUSE_LOG_ORIGIN,
    retention: (municipality) => months.get(municipality) ?? months.get('') ?? 6,
    employeesShown: isListedIn(value.SLUSE_CITIZENS_SEE_EMPLOYEES),
  };
}

function isListedIn(codes = ''): (municipality: string) => boolean {
  const listed = new Set(codes.split(','));
  return (municipality) => listed.has(municipality);
}

/** Read where cases are entered. A wrong table stops the start: a case would be filed where it does not belong. */
function kleTablesOf({ SLUSE_ROOM: room, SLUSE_KLE_TABLE: path }: SettingValues): KleTables {
  if (room !== 'cases' || path === undefined) return shippedTables;
  try {
    return kleTablesIn(readFileSync(path, 'utf8'));
  } catch (error) {
    // The message of the file system names the path, and the table's own names the line.
    throw new SettingRefused(
      `SLUSE_KLE_TABLE: expected ${settings.SLUSE_KLE_TABLE.description}. ${(error as Error).message}.`,
    );
  }
}

/** Who is party to a case is for the identity room to say. */
function identityOf({ SLUSE_ROOM: room, SLUSE_IDENTITY_URL: url }: SettingValues): string | null {
  if (room !== 'cases') return null;
  if (url === undefined)
    throw new SettingRefused(
      `SLUSE_IDENTITY_URL: required by the cases room; expected ${settings.SLUSE_IDENTITY_URL.description}.`,
    );
  return url;
}

/** A path, or the map itself. */
function privilegesOf(given: string): PrivilegeMap {
  try {
    return privilegeMap(/^[./]/.test(given) ? readFileSync(given, 'utf8') : given);
  } catch {
    throw new SettingRefused(`SLUSE_PRIVILEGES: expected ${settings.SLUSE_PRIVILEGES.description}.`);
  }
}

/** All of these settings or none: a room that served case systems but could not log its answers would be a security hole. */
function directOf(value: SettingValues): DirectConfig | null {
  const { SLUSE_IDENTITY_URL: identity, SLUSE_AUDIT_URL: audit, SLUSE_PUBLIC_URL: issuer } = value;
  if (identity && audit && issuer) return { identity, audit, issuer, municipality: value.SLUSE_MUNICIPALITY };
  // The cases room needs the identity room for itself.
  if ((!identity || value.SLUSE_ROOM === 'cases') && !audit) return null;
  const missing = directSettings.filter((name) => !value[name]);
  throw new SettingRefused(
    missing
      .map((name) => `${name}: required with ${present(value, missing)}; expected ${settings[name].description}.`)
      .join('\n'),
  );
}

const directSettings = ['SLUSE_IDENTITY_URL', 'SLUSE_AUDIT_URL', 'SLUSE_PUBLIC_URL'] as const;
const present = (value: SettingValues, missing: readonly string[]): string =>
  directSettings.filter((name) => value[name] && !missing.includes(name)).join(' and ');

/** A path, or the key itself. The error for an unusable file names its path, because there may be several. */
function logKey(given: string): KeyObject {
  const isPath = /^[./]/.test(given);
  return ed25519Key(
    () => createPrivateKey(isPath ? readFileSync(given, 'utf8') : decoded(given)),
    isPath ? `SLUSE_LOG_KEY: ${given}` : 'SLUSE_LOG_KEY',
    settings.SLUSE_LOG_KEY.description!,
  );
}

const viewerKey = (text: string): KeyObject =>
  ed25519Key(
    () => createPublicKey(decoded(text)),
    'SLUSE_VIEWER_PUBLIC_KEY',
    settings.SLUSE_VIEWER_PUBLIC_KEY.description!,
  );
