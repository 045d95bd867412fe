/** Converts rows to GraphQL objects. */
import { commandOperation } from '../../protocol/commands.js';
import { RightCode } from '../enums.js';
import type { LedgerEvent } from '../log-types.js';
import { type Leaf, readLeaf } from '../tree/leaf.js';
import type { AuditEntry, CitizenAccess, PersonStub, RejectedAttempt } from '../types.js';
import type { AccessRow, EntryRow } from './store.js';

export function entryOf(row: EntryRow): AuditEntry {
  const leaf = readLeaf(row.leaf);
  // The store returns entries of known persons only. If an entry names no subject, the actor is the subject.
  const actor = personOf(leaf.actor)!;
  return {
    ...common(row, leaf),
    follows: leaf.follows ?? null,
    actor,
    subject: personOf(leaf.subject) ?? actor,
    // A right that this schema does not know is returned as `null`, so that the page does not fail.
    right: leaf.right !== null && Object.hasOwn(RightCode, leaf.right) ? leaf.right : null,
    actingFor: stub(leaf.actingFor ?? null),
    powerOfAttorney: stub(leaf.powerOfAttorney ?? null),
    citizens: leaf.citizens.map((id) => ({ id })),
    cases: leaf.cases.map((id) => ({ id })),
    criterion: leaf.criterion,
  };
}

export function attemptOf(row: EntryRow): RejectedAttempt {
  const leaf = readLeaf(row.leaf);
  return { ...common(row, leaf), actor: personOf(leaf.actor) };
}

export function eventOf(row: EntryRow): LedgerEvent {
  const { criterion, operation, onBehalfOf, workstation, purpose } = readLeaf(row.leaf);
  const command = commandEvents.get(operation.hash);
  if (command) {
    const [run] = criterion as [{ arguments: object }];
    const detail = { ...run.arguments, by: onBehalfOf, machine: workstation, reason: purpose };
    return { id: row.id, at: row.at, event: command, log: row.log, detail };
  }
  const { event, log, ...detail } = criterion as { event: string; log: string };
  return { id: row.id, at: row.at, event, log, detail };
}

/** What an operator's command did, by the hash of its operation. */
const commandEvents: ReadonlyMap<string, string> = new Map([
  [commandOperation('import').hash, 'REGISTER_IMPORTED'],
  [commandOperation('appoint').hash, 'RIGHT_ASSIGNED'],
]);

export const accessOf = (row: AccessRow): CitizenAccess => ({
  at: row.at,
  organisation: stub(row.organisation),
  use: row.use,
  purpose: row.purpose,
  employee: stub(row.employee),
  entry: row.entry,
});

const common = (row: EntryRow, leaf: Leaf) => ({
  id: row.id,
  at: row.at,
  organisation: stub(leaf.organisation),
  use: leaf.use,
  outcome: leaf.outcome,
  operation: {
    hash: leaf.operation.hash,
    name: leaf.operation.name,
    definition: { log: row.log, hash: leaf.operation.definition },
  },
  faults: [...leaf.faults],
  purpose: leaf.purpose,
  workstation: leaf.workstation,
  transactionId: leaf.transactionId,
  requestId: leaf.requestId,
  onBehalfOf: leaf.onBehalfOf,
  counted: leaf.counted
    ? { ...leaf.counted, first: new Date(leaf.counted.first), last: new Date(leaf.counted.last) }
    : null,
});

const personOf = (reference: Leaf['actor']): PersonStub | null =>
  reference && { __typename: reference.kind, id: reference.id };

const stub = (id: string | null) => (id === null ? null : { id });
