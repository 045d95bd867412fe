/** SQL of disclosure agreements. Policies: 013_grants.sql. */
import type { Paging } from '../../kit/paging.js';
import type { Transaction } from '../../postgres/database.js';

export interface AgreementRow {
  readonly id: string;
  readonly authorityCode: string;
  readonly receiver: string;
  readonly kind: 'DISCLOSURE' | 'PROCESSING';
  readonly basis: string;
  readonly processingAgreement: string | null;
  readonly validFrom: string;
  readonly validTo: string | null;
  readonly beginsAt: Date;
  readonly endsAt: Date | null;
  readonly agreedBy: string;
  readonly agreedAt: Date;
  readonly endedBy: string | null;
  readonly endedAt: Date | null;
}

const columns = `a.id, a.authority AS "authorityCode", a.receiver, a.kind, a.basis, a.processing_agreement AS "processingAgreement",
  a.valid_from AS "validFrom", a.valid_to AS "validTo", a.begins_at AS "beginsAt", a.ends_at AS "endsAt",
  a.agreed_by AS "agreedBy", a.agreed_at AS "agreedAt", a.ended_by AS "endedBy", a.ended_at AS "endedAt"`;

export const agreementsById = (
  tx: Transaction,
  municipality: string,
  ids: readonly string[],
): Promise<AgreementRow[]> =>
  tx.rows(`SELECT ${columns} FROM disclosure_agreement a WHERE a.municipality = $1 AND a.id = ANY ($2::uuid[])`, [
    municipality,
    ids,
  ]);

export interface AgreementCriteria {
  readonly authority: string | null;
  readonly receiver: string | null;
  readonly inForce: boolean | null;
}

const inForceAt = (at: string) =>
  `(a.ended_at IS NULL AND a.begins_at <= ${at} AND (a.ends_at IS NULL OR a.ends_at > ${at}))`;

const matches = `a.municipality = $1
  AND ($3::text IS NULL OR a.authority = $3)
  AND ($4::uuid IS NULL OR a.receiver = $4)
  AND ($5::boolean IS NULL OR ${inForceAt('$2::timestamptz')} = $5)`;

/** Newest first. */
export const findAgreements = (
  tx: Transaction,
  municipality: string,
  now: Date,
  { authority, receiver, inForce }: AgreementCriteria,
  { after, size }: Paging,
): Promise<AgreementRow[]> =>
  tx.rows(
    `SELECT ${columns} FROM disclosure_agreement a
     WHERE ${matches} AND ($6::timestamptz IS NULL OR (a.agreed_at, a.id) < ($6, $7::uuid))
     ORDER BY a.agreed_at DESC, a.id DESC LIMIT $8`,
    [municipality, now, authority, receiver, inForce, after?.key, after?.id, size + 1],
  );

export async function countAgreements(
  tx: Transaction,
  municipality: string,
  now: Date,
  { authority, receiver, inForce }: AgreementCriteria,
): Promise<number> {
  const [row] = await tx.rows<{ count: number }>(`SELECT count(*) FROM disclosure_agreement a WHERE ${matches}`, [
    municipality,
    now,
    authority,
    receiver,
    inForce,
  ]);
  return row!.count;
}

/** The agreement in force by which an authority lets employees of a unit in; the one that ends last, of several. */
export async function agreementFor(
  tx: Transaction,
  municipality: string,
  authority: string,
  unit: string,
  now: Date,
): Promise<string | null> {
  const [row] = await tx.rows<{ id: string }>(
    `SELECT a.id FROM disclosure_agreement a
     WHERE a.municipality = $1 AND a.authority = $2 AND ${inForceAt('$4::timestamptz')} AND covers($1, a.id, $3, $2)
     ORDER BY a.ends_at DESC NULLS FIRST, a.id LIMIT 1`,
    [municipality, authority, unit, now],
  );
  return row?.id ?? null;
}

export type NewAgreement = Omit<AgreementRow, 'beginsAt' | 'endsAt' | 'endedBy' | 'endedAt'>;

export const insertAgreement = (tx: Transaction, municipality: string, made: NewAgreement): Promise<unknown> =>
  tx.rows(
    `INSERT INTO disclosure_agreement (municipality, id, authority, receiver, kind, basis, processing_agreement, valid_from, valid_to,
                                       agreed_by, agreed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      ...[municipality, made.id, made.authorityCode, made.receiver, made.kind, made.basis, made.processingAgreement],
      ...[made.validFrom, made.validTo, made.agreedBy, made.agreedAt],
    ],
  );

/** Returns whether it was ended now: of two who end it at once one does. */
export async function endAgreement(
  tx: Transaction,
  municipality: string,
  id: string,
  ended: { readonly by: string; readonly at: Date; readonly reason: string },
): Promise<boolean> {
  const rows = await tx.rows(
    `UPDATE disclosure_agreement SET ended_by = $3, ended_at = $4, end_reason = $5
     WHERE municipality = $1 AND id = $2 AND ended_at IS NULL RETURNING id`,
    [municipality, id, ended.by, ended.at, ended.reason],
  );
  return rows.length > 0;
}
