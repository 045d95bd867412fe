/** All SQL of the tickets under which exports are fetched. */
import type { Transaction } from '../../postgres/database.js';
import type { PersonReference } from '../../protocol/viewer.js';
import type { AuditExportFormat } from '../enums.js';

export interface TicketRow {
  format: AuditExportFormat;
  /** JSON. */
  filter: string;
}

export const insertTicket = (
  tx: Transaction,
  municipality: string,
  person: PersonReference,
  hash: string,
  { format, filter }: TicketRow,
  expiresAt: Date,
): Promise<unknown> =>
  tx.rows(
    `INSERT INTO export_ticket (municipality, hash, person_kind, person, format, filter, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [municipality, hash, person.kind, person.id, format, filter, expiresAt],
  );

/** A ticket of this person that has not expired. */
export const ticketOf = async (
  tx: Transaction,
  municipality: string,
  person: PersonReference,
  hash: string,
  now: Date,
): Promise<TicketRow | null> =>
  (
    await tx.rows<TicketRow>(
      `SELECT format, filter FROM export_ticket
       WHERE municipality = $1 AND hash = $2 AND person_kind = $3 AND person = $4 AND expires_at > $5`,
      [municipality, hash, person.kind, person.id, now],
    )
  )[0] ?? null;

export const deleteExpired = (tx: Transaction, municipality: string, now: Date): Promise<unknown> =>
  tx.rows('DELETE FROM export_ticket WHERE municipality = $1 AND expires_at <= $2', [municipality, now]);
