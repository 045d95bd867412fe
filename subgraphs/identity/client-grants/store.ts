/** SQL of grants of case systems: rows of the same table as employees', without a unit. Policies: 017_overviews.sql. */
import type { Paging } from '../../kit/paging.js';
import type { Transaction } from '../../postgres/database.js';
import { type GrantRow, grantColumns } from '../grants/store.js';

export type ClientGrantRow = Omit<GrantRow, 'unit'>;

const meant = `g.municipality = $1 AND g.unit IS NULL AND ($3::uuid IS NULL OR g.holder = $3)
  AND EXISTS (SELECT FROM system_client c WHERE c.municipality = g.municipality AND c.id = g.holder)`;

/** The newest request first. Returns one row more than the page holds, if there is one. */
export const findClientGrants = (
  tx: Transaction,
  municipality: string,
  now: Date,
  client: string | null,
  { after, size }: Paging,
): Promise<ClientGrantRow[]> =>
  tx.rows(
    `SELECT ${grantColumns('$2::timestamptz')} FROM clearance_grant g
     WHERE ${meant} AND ($4::timestamptz IS NULL OR (g.requested_at, g.id) < ($4, $5::uuid))
     ORDER BY g.requested_at DESC, g.id DESC LIMIT $6`,
    [municipality, now, client, after?.key, after?.id, size + 1],
  );

export async function countClientGrants(
  tx: Transaction,
  municipality: string,
  now: Date,
  client: string | null,
): Promise<number> {
  const [row] = await tx.rows<{ count: number }>(
    `SELECT count(*) FROM clearance_grant g WHERE ${meant} AND $2::timestamptz IS NOT NULL`,
    [municipality, now, client],
  );
  return row!.count;
}

export async function clientGrantById(
  tx: Transaction,
  municipality: string,
  id: string,
  now: Date,
): Promise<ClientGrantRow | null> {
  const [row] = await tx.rows<ClientGrantRow>(
    `SELECT ${grantColumns('$2::timestamptz')} FROM clearance_grant g
     WHERE g.municipality = $1 AND g.unit IS NULL AND g.id = $3`,
    [municipality, now, id],
  );
  return row ?? null;
}

export type NewClientGrant = Omit<ClientGrantRow, 'status' | 'decidedBy' | 'confirmBy' | 'isOpen'> & {
  readonly shielded: boolean;
};

export const insertClientGrant = (tx: Transaction, municipality: string, grant: NewClientGrant): Promise<unknown> =>
  tx.rows(
    `INSERT INTO clearance_grant (municipality, id, holder, compartment, level, operations, shielded, reason, status, requested_by,
                                  requested_at, valid_from, valid_to, confirm_by, agreement)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'REQUESTED', $9, $10, $11, $12, six_months_after($10), $13)`,
    [
      ...[municipality, grant.id, grant.holder, grant.compartmentId, grant.level, grant.operations, grant.shielded],
      ...[grant.reason, grant.requestedBy, grant.requestedAt, grant.validFrom, grant.validTo, grant.agreementId],
    ],
  );

/** The organisation that runs a system; `null` if there is no such system, or it is not in use any more. */
export async function runnerOf(tx: Transaction, municipality: string, client: string): Promise<string | null> {
  const [row] = await tx.rows<{ runner: string | null }>('SELECT runner_of($1, $2) AS runner', [municipality, client]);
  return row!.runner;
}

/** Whether the viewer is an administrator, or leads the organisation that runs the system. */
export async function looksAfter(tx: Transaction, municipality: string, client: string): Promise<boolean> {
  const [row] = await tx.rows<{ may: boolean }>('SELECT looks_after($1, $2) AS may', [municipality, client]);
  return row!.may;
}
