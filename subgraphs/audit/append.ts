/**
 * `POST /internal/append`: the edges' way into the log. What a caller can influence (texts, lists, the criterion) is made
 * storable and never refused, or an attacker could keep an attempt out of the log. What only an edge decides (ids, times, enumerations)
 * must be right; an append that has it wrong is refused as a whole, and the edge withholds its answer.
 */
import { z } from 'zod';
import type { Database } from '../kit/database.js';
import type { LogEntry } from '../kit/entry.js';
import { Fault } from '../kit/faults.js';
import { malformed } from '../kit/scalars.js';
import type { RoomServices } from '../kit/subgraph.js';
import { type Ledger, openLedger } from './ledger.js';
import { appendEntries, type StorableEntry } from './store.js';
import { criterionText, isUuid, storable } from './text.js';

/** The endpoint. One ledger per database that it is called with: the queue is what the calls share. */
export function appendEndpoint() {
  const ledgers = new WeakMap<Database, Ledger<StorableEntry>>();
  return async (services: RoomServices, body: unknown): Promise<{ appended: number }> => {
    const parsed = batch.safeParse(body);
    if (!parsed.success) throw new Fault('BAD_USER_INPUT', 'Expected `entries`: a list of log entries.');
    const ledger = ledgers.get(services.database) ?? ledgerOver(services);
    ledgers.set(services.database, ledger);
    await ledger.append(parsed.data.entries);
    return { appended: parsed.data.entries.length };
  };
}

const ledgerOver = ({ database, log }: RoomServices): Ledger<StorableEntry> =>
  openLedger({
    write: (municipality, entries) => appendEntries(database, municipality, entries),
    // The message of a database error may quote the row.
    onFailure: (error) => log.error({ code: (error as { code?: unknown })?.code }, 'log entries could not be written'),
  });

const text = (max: number) => z.string().transform((value) => storable(value, max));
const texts = (max: number) => z.array(text(max));
const person = z.object({ kind: z.enum(['Citizen', 'Employee', 'SystemClient']), id: text(200) }).nullable();

const entry = z.object({
  id: z.string().refine(isUuid),
  at: z
    .string()
    .refine((value) => malformed('DateTime', value) === undefined && value >= '1970')
    .transform((value) => new Date(value).toISOString()),
  municipality: z.string().regex(/^\d{4}$/),
  session: text(200).nullable(),
  actor: person,
  subject: person,
  organisation: text(200).nullable(),
  right: text(100).nullable(),
  use: z.enum(['SEARCH', 'READ', 'ENTER', 'CHANGE', 'DELETE', 'EXTRACT']),
  outcome: z.enum(['ANSWERED', 'PARTLY_DENIED', 'DENIED', 'FAILED']),
  operation: z.object({ hash: text(128), name: text(200).nullable(), text: text(100_000).nullable() }),
  fields: texts(300),
  citizens: texts(200),
  cases: texts(200),
  criterion: z.unknown().transform(criterionText),
  faults: texts(100),
  purpose: text(1_000).nullable(),
  workstation: text(200).nullable(),
  transactionId: text(200).nullable(),
  sealedBy: z.array(z.string().regex(/^[\w.-]{1,200}$/)),
}) satisfies z.ZodType<Omit<LogEntry, 'criterion'>>;

const batch = z.object({ entries: z.array(entry) });
