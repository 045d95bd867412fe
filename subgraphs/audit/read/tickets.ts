/**
 * Tickets for exports. A download cannot carry a GraphQL filter, so it carries a **ticket** that stands for one. A ticket lives five
 * minutes, works for its own person only, and grants nothing: the download is read with the rights that this person has at that time.
 */
import { createHash } from 'node:crypto';
import type { RoomServices } from '../../kit/room.js';
import type { Viewer } from '../../protocol/viewer.js';
import type { AuditContext } from '../context.js';
import type { AuditExportFormat } from '../enums.js';
import { readsLog } from './rights.js';
import type { EntryCriteria } from './store.js';
import { deleteExpired, insertTicket, ticketOf } from './ticket-store.js';

const lifetime = 5 * 60_000; // milliseconds

/** A new ticket; `null` for somebody who may not read the log. */
export async function issueTicket(
  { services: { database, now, newId }, viewer, makeTicket }: AuditContext,
  { kind: _, ...filter }: EntryCriteria,
  format: AuditExportFormat,
): Promise<{ ticket: string; expiresAt: Date } | null> {
  if (!readsLog(viewer)) return null;
  const { municipality, actor } = viewer;
  const ticket = makeTicket(newId());
  const expiresAt = new Date(now().getTime() + lifetime);
  await database.asTask('expire-tickets', municipality, (tx) => deleteExpired(tx, municipality, now()));
  await database.asViewer(
    viewer,
    (tx) =>
      insertTicket(tx, municipality, actor, hashOf(ticket), { format, filter: JSON.stringify(filter) }, expiresAt),
    'write',
  );
  return { ticket, expiresAt };
}

/**
 * `POST /internal/export-ticket`: what a ticket stands for. Empty for a ticket that is unknown, expired or somebody else's. It is not
 * a field of the graph, because the log entry of that field would hold the ticket.
 */
export async function redeem({ database, now }: RoomServices, body: unknown): Promise<object> {
  const { viewer, ticket } = body as { viewer: Viewer; ticket: unknown };
  if (!readsLog(viewer) || typeof ticket !== 'string' || !/^[\w-]{43}$/.test(ticket)) return {};
  const { municipality, actor } = viewer;
  const row = await database.asViewer(viewer, (tx) => ticketOf(tx, municipality, actor, hashOf(ticket), now()));
  return row ? { format: row.format, filter: JSON.parse(row.filter) } : {};
}

/** Tickets are looked up by their hash, so that the time of a comparison reveals nothing of the ticket. */
const hashOf = (ticket: string): string => createHash('sha256').update(ticket).digest('hex');
