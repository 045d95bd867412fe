/** From rows to the graph. */
import { RightCode } from './enums.js';
import type { AccessRow, EntryRow } from './store.js';
import type { AuditEntry, CitizenAccess, PersonStub, RejectedAttempt } from './types.js';

export function entryOf(row: EntryRow): AuditEntry {
  // The store gives entries of known persons only; a subject that was not said is the actor.
  const actor = actorOf(row)!;
  return {
    ...common(row),
    actor,
    subject: row.subjectKind && row.subjectId ? { __typename: row.subjectKind, id: row.subjectId } : actor,
    // A right that this schema does not know is told as none rather than failing the page.
    right: row.right !== null && Object.hasOwn(RightCode, row.right) ? row.right : null,
    fields: row.fields,
    citizens: row.citizens.map((id) => ({ id })),
    cases: row.cases.map((id) => ({ id })),
    criterion: row.criterion === null ? null : JSON.parse(row.criterion),
    purpose: row.purpose,
  };
}

export const attemptOf = (row: EntryRow): RejectedAttempt => ({ ...common(row), actor: actorOf(row) });

export const accessOf = (row: AccessRow): CitizenAccess => ({
  at: row.at,
  organisation: organisationOf(row),
  use: row.use,
  purpose: row.purpose,
  employee: null,
  entry: row.entry,
});

const common = (row: EntryRow) => ({
  id: row.id,
  at: row.at,
  organisation: organisationOf(row),
  use: row.use,
  outcome: row.outcome,
  operation: { hash: row.operationHash, name: row.operationName, ownText: row.operationText },
  faults: row.faults,
  workstation: row.workstation,
  transactionId: row.transactionId,
});

const actorOf = (row: EntryRow): PersonStub | null =>
  row.actorKind && row.actorId ? { __typename: row.actorKind, id: row.actorId } : null;

const organisationOf = ({ organisation }: { organisation: string | null }) =>
  organisation === null ? null : { id: organisation };
