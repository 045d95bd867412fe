/** All SQL about system clients, their keys and used assertions. */
import type { Transaction } from '../../postgres/database.js';
import type { SystemClientRow } from '../people/store.js';
import type { PublicJwk } from './keys.js';

export interface SystemClientKeyRow {
  readonly id: string;
  readonly client: string;
  readonly kid: string;
  readonly jwk: PublicJwk;
  readonly source: 'JWK' | 'CERTIFICATE';
  readonly validFrom: Date | null;
  readonly validTo: Date | null;
  readonly registeredAt: Date;
  readonly withdrawnAt: Date | null;
}

export type NewKey = Pick<SystemClientKeyRow, 'id' | 'kid' | 'jwk' | 'source' | 'validFrom' | 'validTo'>;

const keyColumns = `id, client, kid, jwk, source, valid_from AS "validFrom", valid_to AS "validTo",
  registered_at AS "registeredAt", withdrawn_at AS "withdrawnAt"`;

/** $3 is the current time. */
const inForce = `withdrawn_at IS NULL AND (valid_from IS NULL OR valid_from <= $3) AND (valid_to IS NULL OR valid_to > $3)`;

export const systemClients = (tx: Transaction, municipality: string): Promise<SystemClientRow[]> =>
  tx.rows(
    `SELECT 'SystemClient' AS "__typename", id, name, organisation AS "organisationId", scopes
     FROM system_client WHERE municipality = $1 AND left_at IS NULL ORDER BY folded(name) COLLATE "da-x-icu", id`,
    [municipality],
  );

export const keysOfClients = (
  tx: Transaction,
  municipality: string,
  clients: readonly string[],
): Promise<SystemClientKeyRow[]> =>
  tx.rows(
    `SELECT ${keyColumns} FROM system_client_key WHERE municipality = $1 AND client = ANY ($2::uuid[])
     ORDER BY client, registered_at, kid COLLATE "C"`,
    [municipality, clients],
  );

/** CVR number of the organisation that runs the client; `null` if there is no such client. */
export async function cvrOfClient(tx: Transaction, municipality: string, client: string): Promise<string | null> {
  const [row] = await tx.rows<{ cvr: string }>(
    `SELECT cvr FROM system_client c JOIN organisation o ON o.municipality = c.municipality AND o.id = c.organisation
     WHERE c.municipality = $1 AND c.id = $2`,
    [municipality, client],
  );
  return row?.cvr ?? null;
}

/** Returns how many keys were new. A `kid` that is taken, even by a withdrawn key, keeps its key. */
export async function registerKeys(
  tx: Transaction,
  municipality: string,
  client: string,
  keys: readonly NewKey[],
  by: { readonly employee: string; readonly at: Date },
): Promise<number> {
  const registered = await tx.rows(
    `INSERT INTO system_client_key (municipality, client, id, kid, jwk, source, valid_from, valid_to, registered_by, registered_at)
     SELECT $1, $2, id, kid, jwk, source, "validFrom", "validTo", $4, $5
     FROM json_to_recordset($3) AS new (id uuid, kid text, jwk jsonb, source text, "validFrom" timestamptz, "validTo" timestamptz)
     ON CONFLICT DO NOTHING RETURNING id`,
    [municipality, client, JSON.stringify(keys), by.employee, by.at],
  );
  return registered.length;
}

/** The client to which the key belongs; `null` if there is no such key. A key that was withdrawn before stays as it was. */
export async function withdrawKey(
  tx: Transaction,
  municipality: string,
  key: string,
  by: { readonly employee: string; readonly at: Date },
): Promise<string | null> {
  await tx.rows(
    `UPDATE system_client_key SET withdrawn_by = $3, withdrawn_at = $4
     WHERE municipality = $1 AND id = $2 AND withdrawn_at IS NULL`,
    [municipality, key, by.employee, by.at],
  );
  const [row] = await tx.rows<{ client: string }>(
    'SELECT client FROM system_client_key WHERE municipality = $1 AND id = $2',
    [municipality, key],
  );
  return row?.client ?? null;
}

// ── signing in: the task 'session' ──

export const keysInForce = (
  tx: Transaction,
  municipality: string,
  client: string,
  now: Date,
): Promise<Pick<SystemClientKeyRow, 'id' | 'kid' | 'jwk'>[]> =>
  tx.rows(
    `SELECT id, kid, jwk FROM system_client_key WHERE municipality = $1 AND client = $2 AND ${inForce} ORDER BY id`,
    [municipality, client, now],
  );

export async function isKeyInForce(
  tx: Transaction,
  municipality: string,
  key: { readonly id: string; readonly client: string },
  now: Date,
): Promise<boolean> {
  const found = await tx.rows(
    `SELECT FROM system_client_key WHERE municipality = $1 AND client = $2 AND id = $4 AND ${inForce}`,
    [municipality, key.client, now, key.id],
  );
  return found.length > 0;
}

/**
 * Marks an assertion as used, if it was not and its key is still in force. It is one statement, so that of two simultaneous uses one
 * succeeds. Returns the scopes of the client, or `null` if the assertion may not be used.
 */
export async function useUp(
  tx: Transaction,
  municipality: string,
  assertion: { readonly client: string; readonly key: string; readonly id: string; readonly expiresAt: Date },
  now: Date,
): Promise<readonly string[] | null> {
  const [row] = await tx.rows<{ scopes: string[] }>(
    `WITH used AS (
       INSERT INTO used_assertion (municipality, client, jti, expires_at)
       SELECT municipality, client, $5, $6 FROM system_client_key
       WHERE municipality = $1 AND client = $2 AND id = $4 AND ${inForce}
       ON CONFLICT DO NOTHING RETURNING municipality, client
     )
     SELECT scopes FROM used JOIN system_client c ON c.municipality = used.municipality AND c.id = used.client`,
    [municipality, assertion.client, now, assertion.key, assertion.id, assertion.expiresAt],
  );
  return row?.scopes ?? null;
}

/** Removes assertions that ended some time ago. The margin is for replicas whose clocks differ, which might still accept them. */
export const forgetAssertions = (tx: Transaction, municipality: string, endedBefore: Date): Promise<unknown> =>
  tx.rows('DELETE FROM used_assertion WHERE municipality = $1 AND expires_at < $2', [municipality, endedBefore]);
