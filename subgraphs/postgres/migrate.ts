/**
 * Migrates a room's schema as the owner of the database: before the room connects with its own, less privileged login, or apart from
 * serving (`npx sluse migrate`). A room that is started without the owner's connection checks instead that its schema is current.
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
export const migrate = (options: MigrationOptions): Promise<string> => migrateAs(options, keeping);

/** Runs what `migrate` would run, and undoes it. Throws what `migrate` would throw. */
export const tryMigration = (options: MigrationOptions): Promise<string> => migrateAs(options, undoing);

/** When a migration is committed: file by file, or never. */
interface Commits {
  readonly all: readonly [first: string, last: string];
  readonly each: readonly [first: string, last: string];
}
const keeping: Commits = { all: ['', ''], each: ['BEGIN', 'COMMIT'] };
const undoing: Commits = { all: ['BEGIN', 'ROLLBACK'], each: ['', ''] };

async function migrateAs({ ownerUrl, room, folder, secret }: MigrationOptions, commits: Commits): Promise<string> {
  const owner = new pg.Client(connectionOf(ownerUrl));
  await owner.connect();
  try {
    const { rows } = await owner.query('SELECT current_database() AS database');
    const role = roleOf(rows[0].database, room);
    const password = passwordOf(role, secret);
    await owner.query('SELECT pg_advisory_lock(hashtext($1))', ['sluse migrate']);
    await owner.query(commits.all[0]);
    await prepareRole(owner, role, password, room);
    await runFiles(owner, role, room, folder, '', commits);
    await runFiles(owner, role, room, changes, 'changes/', commits);
    // Everybody may read a comment: the room's own login has no access to the table of migrations.
    const comment = owner.escapeLiteral(await fingerprintOf(folder));
    await owner.query(`COMMENT ON SCHEMA ${owner.escapeIdentifier(room)} IS ${comment}`);
    await owner.query(commits.all[1]);
    return roomUrl(ownerUrl, role, secret);
  } finally {
    await owner.end();
  }
}

export interface MigrationStatus {
  /** Files that have run, and files that have not, in their order. */
  readonly done: readonly string[];
  readonly pending: readonly string[];
  /** Files that were changed after they had run. Nothing more can be migrated before they are restored. */
  readonly changed: readonly string[];
}

/** What has run of a room's files, without changing anything. */
export async function migrationStatus({
  ownerUrl,
  room,
  folder,
}: Omit<MigrationOptions, 'secret'>): Promise<MigrationStatus> {
  const owner = new pg.Client(connectionOf(ownerUrl));
  await owner.connect();
  try {
    const schema = owner.escapeIdentifier(room);
    const { rows: found } = await owner.query('SELECT to_regclass($1) IS NOT NULL AS there', [`${schema}.migration`]);
    const { rows } = found[0].there
      ? await owner.query<{ file: string; hash: string }>(`SELECT file, hash FROM ${schema}.migration`)
      : { rows: [] };
    const done = new Map(rows.map(({ file, hash }) => [file, hash]));
    const files = await filesOf(folder);
    return {
      done: files.filter(({ name }) => done.has(name)).map(({ name }) => name),
      pending: files.filter(({ name }) => !done.has(name)).map(({ name }) => name),
      changed: files.filter(({ name, hash }) => done.has(name) && done.get(name) !== hash).map(({ name }) => name),
    };
  } finally {
    await owner.end();
  }
}

/**
 * The URL with which the room logs in as its own role, for a room that does not know the owner. `address`: the database without a
 * login. Throws unless the schema is what this version needs.
 */
export async function currentUrl({
  address,
  room,
  folder,
  secret,
}: Omit<MigrationOptions, 'ownerUrl'> & { readonly address: string }): Promise<string> {
  const database = decodeURIComponent(new URL(address).pathname.slice(1));
  const url = roomUrl(address, roleOf(database, room), secret);
  const client = new pg.Client(connectionOf(url));
  try {
    await client.connect();
    const { rows } = await client.query(
      `SELECT obj_description(oid, 'pg_namespace') AS fingerprint FROM pg_namespace WHERE nspname = $1`,
      [room],
    );
    if (rows[0]?.fingerprint === (await fingerprintOf(folder))) return url;
  } catch (error) {
    // Unknown role or wrong password.
    if (!/^28/.test(String((error as { code?: unknown }).code))) throw error;
    throw new Error(
      `The ${room} room cannot log in to its database. Run \`npx sluse migrate\` with the owner's DATABASE_URL and the SLUSE_SECRET of this room, then start the room again.`,
    );
  } finally {
    await client.end();
  }
  throw new Error(
    `The schema of the ${room} room is not the one that this version needs. Run \`npx sluse migrate\` of this version with the owner's DATABASE_URL, then start the room again.`,
  );
}

/** Changes with every migration. */
async function fingerprintOf(folder: URL): Promise<string> {
  const files = await filesOf(folder);
  const hash = createHash('sha256').update(files.map((file) => `${file.hash} ${file.name}\n`).join(''));
  return `sluse ${hash.digest('hex')}`;
}

/** A room's files, by the names under which they are recorded as run. */
const filesOf = async (folder: URL) => [...(await sqlIn(folder, '')), ...(await sqlIn(changes, 'changes/'))];

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

interface MigrationFile {
  readonly name: string;
  readonly sql: string;
  readonly hash: string;
}

/** `prefix`: added to a file's name when it is recorded as run, to tell the folders apart. */
async function sqlIn(folder: URL, prefix: string): Promise<MigrationFile[]> {
  const files = (await readdir(folder)).filter((file) => /^\d{3}_.*\.sql$/.test(file)).sort();
  return Promise.all(
    files.map(async (file) => {
      const sql = await readFile(new URL(file, folder), 'utf8');
      return { name: prefix + file, sql, hash: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

async function runFiles(
  owner: pg.Client,
  role: string,
  room: string,
  folder: URL,
  prefix: string,
  { each: [first, last] }: Commits,
) {
  const schema = owner.escapeIdentifier(room);
  const { rows } = await owner.query<{ file: string; hash: string }>(`SELECT file, hash FROM ${schema}.migration`);
  const done = new Map(rows.map((row) => [row.file, row.hash]));
  for (const { name, sql, hash } of await sqlIn(folder, prefix)) {
    const before = done.get(name);
    if (before === hash) continue;
    if (before)
      throw new Error(`${room}/${name} was changed after it had run. Restore it and add a new numbered file.`);
    await owner.query(first);
    await owner.query(`SET LOCAL search_path = ${schema}`);
    await owner.query(sql.replaceAll(/:room\b/g, owner.escapeIdentifier(role)));
    await owner.query(`INSERT INTO ${schema}.migration (file, hash) VALUES ($1, $2)`, [name, hash]);
    await owner.query(last);
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
