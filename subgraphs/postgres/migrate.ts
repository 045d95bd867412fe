/**
 * Migrates a room's schema as the owner of the database, before the room connects with its own, less privileged login.
 *
 * A room's numbered `.sql` files run once each, in order, in a transaction, under an advisory lock (several replicas may start at
 * once). In them `:room` stands for the room's login role, and unqualified names belong to the room's own schema.
 */
import { createHash, createHmac } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import { connectionOf } from './connection-options.js';

export interface MigrationOptions {
  /** Connection URL of the owner. */
  ownerUrl: string;
  room: string;
  /** Folder of the room's numbered `.sql` files. */
  folder: URL;
  /** Secret from which the passwords of the rooms' login roles are derived. */
  secret: string;
}

/** Migrates, and returns the URL with which the room logs in as its own role. */
export async function migrate({ ownerUrl, room, folder, secret }: MigrationOptions): Promise<string> {
  const owner = new pg.Client(connectionOf(ownerUrl));
  await owner.connect();
  try {
    const { rows } = await owner.query('SELECT current_database() AS database');
    const role = roleOf(rows[0].database, room);
    const password = passwordOf(role, secret);
    await owner.query('SELECT pg_advisory_lock(hashtext($1))', ['sluse migrate']);
    await prepareRole(owner, role, password, room);
    await runFiles(owner, role, room, folder);
    await runFiles(owner, role, room, changes, 'changes/');
    return roomUrl(ownerUrl, role, secret);
  } finally {
    await owner.end();
  }
}

async function prepareRole(owner: pg.Client, role: string, password: string, room: string) {
  const name = owner.escapeIdentifier(role);
  const schema = owner.escapeIdentifier(room);
  const { rowCount } = await owner.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  if (!rowCount) await owner.query(`CREATE ROLE ${name}`);
  await owner.query(
    `ALTER ROLE ${name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD ${owner.escapeLiteral(password)}`,
  );
  await owner.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
  await owner.query(`GRANT USAGE ON SCHEMA ${schema} TO ${name}`);
  await owner.query(`ALTER ROLE ${name} SET search_path = ${schema}`);
  await owner.query(
    `CREATE TABLE IF NOT EXISTS ${schema}.migration (file text PRIMARY KEY, hash text NOT NULL, at timestamptz NOT NULL DEFAULT now())`,
  );
}

/** The tables in which every room records its changes. */
const changes = new URL('changes/', import.meta.url);

/** `prefix`: added to a file's name when it is recorded as run, to tell the folders apart. */
async function runFiles(owner: pg.Client, role: string, room: string, folder: URL, prefix = '') {
  const schema = owner.escapeIdentifier(room);
  const files = (await readdir(folder)).filter((file) => /^\d{3}_.*\.sql$/.test(file)).sort();
  const { rows } = await owner.query<{ file: string; hash: string }>(`SELECT file, hash FROM ${schema}.migration`);
  const done = new Map(rows.map((row) => [row.file, row.hash]));
  for (const file of files) {
    const sql = await readFile(new URL(file, folder), 'utf8');
    const hash = createHash('sha256').update(sql).digest('hex');
    const before = done.get(prefix + file);
    if (before === hash) continue;
    if (before)
      throw new Error(`${room}/${prefix}${file} was changed after it had run. Restore it and add a new numbered file.`);
    await owner.query('BEGIN');
    await owner.query(`SET LOCAL search_path = ${schema}`);
    await owner.query(sql.replaceAll(/:room\b/g, owner.escapeIdentifier(role)));
    await owner.query(`INSERT INTO ${schema}.migration (file, hash) VALUES ($1, $2)`, [prefix + file, hash]);
    await owner.query('COMMIT');
  }
}

/** Login roles belong to the whole server, so their names contain the database's name. */
export const roleOf = (database: string, room: string): string => `${database}_${room}`;

const passwordOf = (role: string, secret: string): string =>
  createHmac('sha256', secret).update(role).digest('base64url');

/** The URL of the same database, with `role` as the login. */
export function roomUrl(ownerUrl: string, role: string, secret: string): string {
  const url = new URL(ownerUrl);
  url.username = encodeURIComponent(role);
  url.password = encodeURIComponent(passwordOf(role, secret));
  return url.toString();
}
