/**
 * `POST /internal/append`: the edges' way into the log. What a caller can influence (texts, lists, the criterion) is made
 * storable and never refused, or an attacker could keep an attempt out of the log. What only an edge decides (ids, times, enumerations)
 * must be right; an append that has it wrong is refused as a whole, and the edge withholds its answer.
 */
import type { Database } from '../kit/database.js';
import type { AuditOutcome, UseType } from '../kit/entry.js';
import { Fault } from '../kit/faults.js';
import { malformed } from '../kit/scalars.js';
import type { RoomServices } from '../kit/subgraph.js';
import type { PersonKind, PersonReference } from '../kit/viewer.js';
import { type Ledger, openLedger } from './ledger.js';
import { appendEntries, type StorableEntry } from './store.js';
import { criterionText, isUuid, storable } from './text.js';

/** The endpoint. One ledger per database that it is called with: the queue is what the calls share. */
export function appendEndpoint() {
  const ledgers = new WeakMap<Database, Ledger<StorableEntry>>();
  return async (services: RoomServices, body: unknown): Promise<{ appended: number }> => {
    const entries = entriesOf(body);
    const ledger = ledgers.get(services.database) ?? ledgerOver(services);
    ledgers.set(services.database, ledger);
    await ledger.append(entries);
    return { appended: entries.length };
  };
}

const ledgerOver = ({ database, log }: RoomServices): Ledger<StorableEntry> =>
  openLedger({
    write: (municipality, entries) => appendEntries(database, municipality, entries),
    // The message of a database error may quote the row.
    onFailure: (error) => log.error({ code: (error as { code?: unknown })?.code }, 'log entries could not be written'),
  });

function entriesOf(body: unknown): StorableEntry[] {
  try {
    return listOf(membersOf(body).entries).map(entryOf);
  } catch (error) {
    if (error instanceof Malformed) throw new Fault('BAD_USER_INPUT', 'Expected `entries`: a list of log entries.');
    throw error;
  }
}

/** What only an edge decides, and decided wrongly. */
class Malformed extends Error {}

/**
 * Read by hand and not by a schema: every answer of the whole municipality waits for this. Exactly what `LogEntry` says is
 * kept; whatever else came along is not.
 */
function entryOf(given: unknown): StorableEntry {
  const { operation, ...entry } = membersOf(given);
  const { hash, name, text: source } = membersOf(operation);
  return {
    id: matching(entry.id, isUuid),
    at: timeOf(entry.at),
    municipality: matching(entry.municipality, isMunicipality),
    session: textOrNull(entry.session, 200),
    actor: personOf(entry.actor),
    subject: personOf(entry.subject),
    organisation: textOrNull(entry.organisation, 200),
    right: textOrNull(entry.right, 100),
    use: oneOf(uses, entry.use),
    outcome: oneOf(outcomes, entry.outcome),
    operation: { hash: text(hash, 128), name: textOrNull(name, 200), text: textOrNull(source, 100_000) },
    fields: texts(entry.fields, 300),
    citizens: texts(entry.citizens, 200),
    cases: texts(entry.cases, 200),
    criterion: criterionText(entry.criterion),
    faults: texts(entry.faults, 100),
    purpose: textOrNull(entry.purpose, 1_000),
    workstation: textOrNull(entry.workstation, 200),
    transactionId: textOrNull(entry.transactionId, 200),
    sealedBy: listOf(entry.sealedBy).map((seal) => matching(seal, isCompartment)),
  };
}

const people: readonly PersonKind[] = ['Citizen', 'Employee', 'SystemClient'];
const uses: readonly UseType[] = ['SEARCH', 'READ', 'ENTER', 'CHANGE', 'DELETE', 'EXTRACT'];
const outcomes: readonly AuditOutcome[] = ['ANSWERED', 'PARTLY_DENIED', 'DENIED', 'FAILED'];
const isMunicipality = (value: string) => /^\d{4}$/.test(value);
const isCompartment = (value: string) => /^[\w.-]{1,200}$/.test(value);
const isTime = (value: string) => malformed('DateTime', value) === undefined && value >= '1970';

function membersOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Malformed();
  return value as Record<string, unknown>;
}

function listOf(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new Malformed();
  return value;
}

function text(value: unknown, max: number): string {
  if (typeof value !== 'string') throw new Malformed();
  return storable(value, max);
}

const textOrNull = (value: unknown, max: number): string | null => (value === null ? null : text(value, max));

const texts = (value: unknown, max: number): string[] => listOf(value).map((item) => text(item, max));

function matching(value: unknown, fits: (value: string) => boolean): string {
  if (typeof value !== 'string' || !fits(value)) throw new Malformed();
  return value;
}

const timeOf = (value: unknown): string => new Date(matching(value, isTime)).toISOString();

function oneOf<Value extends string>(values: readonly Value[], value: unknown): Value {
  const found = values.find((one) => one === value);
  if (!found) throw new Malformed();
  return found;
}

function personOf(value: unknown): PersonReference | null {
  if (value === null) return null;
  const { kind, id } = membersOf(value);
  return { kind: oneOf(people, kind), id: text(id, 200) };
}
