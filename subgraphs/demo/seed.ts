/**
 * Puts the demo municipality into an empty database in one transaction: a start that is killed half-way leaves nothing, and the next
 * one begins again. Only the log is written separately, through the audit room, which stores each entry once.
 */
import pg from 'pg';
import { connectionOf } from '../postgres/connection-options.js';
import { asOwner } from '../postgres/owner.js';
import type { ClientKey } from '../protocol/key-file.js';
import { systemClientId } from './identity.js';
import { demoNow, employeeId, municipality, organisationId, unitManagers } from './people.js';
import { idFor } from './random.js';

/** Rows by room and table, keyed by column name, in the order in which they must be inserted. */
export type DemoRows = Readonly<Record<string, Readonly<Record<string, readonly object[]>>>>;

export interface World {
  /** Whether the shielded cases, and everything that belongs to them, are included. */
  readonly shielded: boolean;
}

/**
 * Returns whether the demo was inserted now (`false`: it is there already). The owner must bypass row-level security. Throws for a
 * database that holds the other world.
 */
export async function seed(
  ownerUrl: string,
  world: World,
  makeRows: (world: World) => DemoRows,
  appendLog: (world: World) => Promise<void> = async () => {},
): Promise<boolean> {
  const owner = new pg.Client(connectionOf(ownerUrl));
  await owner.connect();
  try {
    await owner.query('BEGIN');
    await owner.query('CREATE SCHEMA IF NOT EXISTS demo');
    await owner.query('CREATE TABLE IF NOT EXISTS demo.seeded (at timestamptz NOT NULL, shielded boolean NOT NULL)');
    await owner.query('LOCK demo.seeded');
    const { rows } = await owner.query<World>('SELECT shielded FROM demo.seeded');
    if (rows[0] && rows[0].shielded !== world.shielded) {
      throw new Error(
        `SLUSE_DEMO_SHIELDED: this database holds the world with ${rows[0].shielded}. Start with that, or with another SLUSE_DATA_DIR.`,
      );
    }
    if (rows[0]) return false;
    const made = makeRows(world);
    for (const [room, tables] of Object.entries(made)) {
      for (const [table, rows] of Object.entries(tables)) await insert(owner, `${room}.${table}`, rows);
    }
    if (made.identity) await appointManagers(owner);
    await appendLog(world);
    await owner.query('INSERT INTO demo.seeded VALUES (now(), $1)', [world.shielded]);
    await owner.query('COMMIT');
    await analyse(owner);
    return true;
  } finally {
    await owner.end();
  }
}

/** Counts what the demo holds, for whoever has just started it. Ordinary cases only: a start must not tell of secret ones. */
export const counted = (ownerUrl: string): Promise<{ citizens: number; cases: number }> =>
  asOwner(ownerUrl, 'cases', async (query) => {
    const [found] = await query<{ citizens: number; cases: number }>(
      'SELECT (SELECT count(*) FROM identity.citizen) AS citizens, (SELECT count(*) FROM ordinary_case) AS cases',
    );
    return found!;
  });

/**
 * Analyses the tables that have rows. Empty tables are left out: PostgreSQL expects a table without statistics to grow, so statements
 * that are prepared before that use its indexes.
 */
async function analyse(owner: pg.Client): Promise<void> {
  const { rows } = await owner.query<{ name: string }>(
    `SELECT oid::regclass::text AS name FROM pg_class
     WHERE relkind = 'r' AND pg_relation_size(oid) > 0 AND relnamespace::regnamespace::text = ANY ($1)`,
    [['identity', 'cases', 'smdb', 'audit']],
  );
  if (rows.length > 0) await owner.query(`ANALYZE ${rows.map(({ name }) => name).join(', ')}`);
}

/** Registers the public half of a key of the demo's system client, as an administrator would. Repeating it has no effect. */
export async function registerDemoKey(ownerUrl: string, client: string, { kid, ...key }: ClientKey): Promise<void> {
  const owner = new pg.Client(connectionOf(ownerUrl));
  await owner.connect();
  const { kty, crv, x, y } = key;
  try {
    await owner.query(
      `INSERT INTO identity.system_client_key (municipality, id, client, kid, jwk, source, registered_by, registered_at)
       VALUES ($1, $2, $3, $4, $5, 'JWK', $6, $7) ON CONFLICT DO NOTHING`,
      [
        municipality,
        idFor(`system-client-key/${client}/${kid}`),
        systemClientId(client),
        kid,
        { kty, crv, x, y },
        employeeId('administrator'),
        demoNow,
      ],
    );
  } finally {
    await owner.end();
  }
}

/** Units are there before their employees, so that who leads them comes last. */
async function appointManagers(owner: pg.Client) {
  for (const [unit, manager] of unitManagers)
    await owner.query(
      `UPDATE identity.organisation o SET manager = e.id FROM identity.employee e
       WHERE e.municipality = o.municipality AND o.municipality = $1 AND o.id = $2 AND e.id = $3`,
      [municipality, organisationId(unit), employeeId(manager)],
    );
}

async function insert(owner: pg.Client, table: string, rows: readonly object[]) {
  if (rows.length === 0) return;
  // Columns that no row gives keep their defaults.
  const columns = [...new Set(rows.flatMap(Object.keys))].map((column) => owner.escapeIdentifier(column)).join(', ');
  for (let start = 0; start < rows.length; start += 2_000) {
    await owner.query(
      `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM json_populate_recordset(NULL::${table}, $1)`,
      [JSON.stringify(rows.slice(start, start + 2_000))],
    );
  }
}
