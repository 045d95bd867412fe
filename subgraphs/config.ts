/** Settings of a room that runs as a process of its own. What is wrong or missing refuses to start, by name. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { readSettings, SettingRefused } from './kit/settings.js';

export interface RoomConfig {
  readonly room: string;
  readonly port: number;
  readonly host: string;
  /** Connection of the database's owner, for migrating; the room itself logs in as a role of its own. */
  readonly databaseUrl: string;
  readonly secret: string;
  readonly viewerKey: KeyObject;
  readonly idleMinutes: number;
  readonly logLevel: string;
}

const settings = {
  SLUSE_ROOM: z.enum(['identity', 'cases', 'smdb', 'audit']).describe('identity, cases, smdb or audit'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(4001).describe('a port number, 0 to 65535'),
  HOST: z.string().min(1).default('0.0.0.0').describe('an address to listen on'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\/.+/)
    .describe('a URL such as postgres://owner@host:5432/database, of PostgreSQL 15 or later'),
  SLUSE_SECRET: z.string().min(32).describe('at least 32 characters, the same for all rooms of one database'),
  SLUSE_VIEWER_PUBLIC_KEY: z
    .string()
    .describe('the Ed25519 public key of the gateway in PEM, base64-encoded (npm run keys)'),
  SLUSE_IDLE_MINUTES: z.coerce.number().int().min(15).max(20).default(15).describe('whole minutes from 15 to 20'),
  SLUSE_LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent'])
    .default('info')
    .describe('fatal, error, warn, info, debug or silent'),
} as const;

export function readRoomConfig(environment: Readonly<Record<string, string | undefined>> = process.env): RoomConfig {
  const value = readSettings(settings, environment);
  return Object.freeze({
    room: value.SLUSE_ROOM,
    port: value.PORT,
    host: value.HOST,
    databaseUrl: value.DATABASE_URL,
    secret: value.SLUSE_SECRET,
    viewerKey: publicKey(value.SLUSE_VIEWER_PUBLIC_KEY),
    idleMinutes: value.SLUSE_IDLE_MINUTES,
    logLevel: value.SLUSE_LOG_LEVEL,
  });
}

function publicKey(text: string): KeyObject {
  try {
    const key = createPublicKey(Buffer.from(text, 'base64').toString('utf8'));
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // said below
  }
  throw new SettingRefused(`SLUSE_VIEWER_PUBLIC_KEY: expected ${settings.SLUSE_VIEWER_PUBLIC_KEY.description}.`);
}
