/**
 * The types of the log. Types of other rooms are stubs with only their key and without a description: the supergraph takes the
 * owner's.
 */
import { createUnionType, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { type Connection, connectionType } from '../protocol/connection.js';
import { Key, ListSize } from '../protocol/directives.js';
import type { AuditOutcome as Outcome, UseType as Use } from '../protocol/log-entry.js';
import { DateTime, JSONValue } from '../protocol/scalars.js';
import type { PersonKind } from '../protocol/viewer.js';
import { AuditExportFormat, AuditOutcome, RightCode, UseType } from './enums.js';

@Key()
@ObjectType()
export class Citizen {
  @Field(() => ID)
  id!: string;
}

@Key('id', false)
@ObjectType()
export class Employee {
  @Field(() => ID)
  id!: string;
}

@Key('id', false)
@ObjectType()
export class SystemClient {
  @Field(() => ID)
  id!: string;
}

@Key('id', false)
@ObjectType()
export class Organisation {
  @Field(() => ID)
  id!: string;
}

@Key('id', false)
@ObjectType()
export class Case {
  @Field(() => ID)
  id!: string;
}

@Key('id', false)
@ObjectType()
export class PowerOfAttorney {
  @Field(() => ID)
  id!: string;
}

/** A stub that knows which member of the union it is. */
export interface PersonStub {
  readonly __typename: PersonKind;
  readonly id: string;
}

const Person = createUnionType({
  name: 'Person',
  types: () => [Citizen, Employee, SystemClient] as const,
  resolveType: (person) => (person as PersonStub).__typename,
});

@ObjectType({ description: 'The GraphQL operation that was sent.' })
export class AuditedOperation {
  @Field(() => String, { description: 'SHA-256 of its text, in hexadecimal.' })
  hash!: string;
  @Field(() => String, { nullable: true, description: 'Its name, as the caller gave it.' })
  name!: string | null;
  /** Where its text and fields are kept, once for all entries of one log. */
  definition!: { readonly log: string; readonly hash: string };
}

@ObjectType({
  description:
    'Repeated rejections of one kind, counted in one entry. The first ones have entries of their own; further ones are counted by the minute.',
})
export class CountedRejections {
  @Field(() => Int, { description: 'How many there were.' })
  attempts!: number;
  @Field(() => DateTime, { description: 'When the first of them was rejected.' })
  first!: Date;
  @Field(() => DateTime, { description: 'When the last of them was rejected.' })
  last!: Date;
  @Field(() => Int, {
    description: 'Number of addresses (networks, for IPv6) from which they came. The true number may be higher.',
  })
  sources!: number;
}

@Key()
@ObjectType({
  description:
    'One use of the system: who, when, how, about whom or by which criterion (sikkerhedsbekendtgørelsen §19).',
})
export class AuditEntry {
  @Field(() => ID, { description: 'Random UUID; it tells nothing about the entry’s place in the log.' })
  id!: string;
  @Field(() => ID, {
    nullable: true,
    description:
      'For an entry that tells what became of a change: id of the entry by which the change was begun. Nothing is changed before that entry is durable.',
  })
  follows!: string | null;
  @Field(() => DateTime, { description: 'Time of the answer.' })
  at!: Date;
  @Field(() => Person, { description: 'The person who acted.' })
  actor!: PersonStub;
  @Field(() => Person, {
    description:
      'The person on whose authority the actor acted. Differs from the actor under a power of attorney (fuldmagt).',
  })
  subject!: PersonStub;
  @Field(() => Organisation, { nullable: true, description: 'The organisation that the actor works in.' })
  organisation!: Organisation | null;
  @Field(() => RightCode, { nullable: true, description: 'The right acted in; `null` for citizens and case systems.' })
  right!: string | null;
  @Field(() => Organisation, {
    nullable: true,
    description: 'The organisation acted for, under a power of attorney (fuldmagt).',
  })
  actingFor!: Organisation | null;
  @Field(() => PowerOfAttorney, { nullable: true, description: 'The power of attorney (fuldmagt) acted under.' })
  powerOfAttorney!: PowerOfAttorney | null;
  @Field(() => UseType, { description: 'What the data were used for.' })
  use!: Use;
  @Field(() => AuditOutcome, { description: 'The result.' })
  outcome!: Outcome;
  @Field(() => AuditedOperation, { description: 'The operation that was sent.' })
  operation!: AuditedOperation;
  @ListSize(10)
  @Field(() => [Citizen], { description: 'The citizens that the answer named.' })
  citizens!: Citizen[];
  @ListSize(10)
  @Field(() => [Case], { description: 'The cases that the answer named, as far as the reader may know of them.' })
  cases!: Case[];
  @Field(() => JSONValue, {
    nullable: true,
    description:
      'The search criterion: root fields with their arguments. If it is over 20 kB or 64 levels deep, it is `{"truncated":true,"bytes":…,"start":"…"}`.',
  })
  criterion!: unknown;
  @Field(() => [String], { description: 'Codes of the errors in the answer.' })
  faults!: string[];
  @Field(() => String, { nullable: true, description: 'The purpose, as the caller stated it.' })
  purpose!: string | null;
  @Field(() => String, { nullable: true, description: 'Address of the workstation, as the edge knew it.' })
  workstation!: string | null;
  @Field(() => String, { nullable: true, description: 'The caller’s `x-TransaktionsId`.' })
  transactionId!: string | null;
  @Field(() => String, { nullable: true, description: 'The caller’s `x-RequestId`.' })
  requestId!: string | null;
  @Field(() => String, {
    nullable: true,
    description:
      'The caller’s `x-OnBehalfOfUser`: the user for whom a case system says that it asks. This is not verified.',
  })
  onBehalfOf!: string | null;
  @Field(() => CountedRejections, {
    nullable: true,
    description: 'For an entry that counts many rejections: how many, and when. `null` for every other entry.',
  })
  counted!: CountedRejections | null;
}

@ObjectType({
  description: 'An attempt that was denied or failed (registration of unauthorised access attempts).',
})
export class RejectedAttempt {
  @Field(() => ID, { description: 'Random UUID.' })
  id!: string;
  @Field(() => DateTime, { description: 'Time of the rejection.' })
  at!: Date;
  @Field(() => Person, { nullable: true, description: 'The person who acted; `null` if the caller was not signed in.' })
  actor!: PersonStub | null;
  @Field(() => Organisation, { nullable: true, description: 'The organisation that the caller acted in.' })
  organisation!: Organisation | null;
  @Field(() => UseType, { description: 'What the data were used for.' })
  use!: Use;
  @Field(() => AuditOutcome, { description: '`DENIED` or `FAILED`.' })
  outcome!: Outcome;
  @Field(() => AuditedOperation, { description: 'The operation that was sent.' })
  operation!: AuditedOperation;
  @Field(() => [String], { description: 'Codes of the errors in the answer: the reasons.' })
  faults!: string[];
  @Field(() => String, { nullable: true, description: 'The purpose, as the caller stated it.' })
  purpose!: string | null;
  @Field(() => String, { nullable: true, description: 'Address of the workstation, as the edge knew it.' })
  workstation!: string | null;
  @Field(() => String, { nullable: true, description: 'The caller’s `x-TransaktionsId`.' })
  transactionId!: string | null;
  @Field(() => String, { nullable: true, description: 'The caller’s `x-RequestId`.' })
  requestId!: string | null;
  @Field(() => String, {
    nullable: true,
    description:
      'The caller’s `x-OnBehalfOfUser`: the user for whom a case system says that it asks. This is not verified.',
  })
  onBehalfOf!: string | null;
  @Field(() => CountedRejections, {
    nullable: true,
    description: 'For an entry that counts many rejections: how many, and when. `null` for every other entry.',
  })
  counted!: CountedRejections | null;
}

@ObjectType({ description: 'Rejected attempts of one person, or of unknown callers, from one workstation.' })
export class RejectedSource {
  @Field(() => Person, {
    nullable: true,
    description: 'The person who tried; `null` if the callers were not signed in.',
  })
  actor!: PersonStub | null;
  @Field(() => String, { nullable: true, description: 'Address of the workstation, as the edge knew it.' })
  workstation!: string | null;
  @Field(() => Int, { description: 'Number of attempts rejected in the period.' })
  attempts!: number;
  @Field(() => DateTime, { description: 'Time of the first of them.' })
  first!: Date;
  @Field(() => DateTime, { description: 'Time of the last of them.' })
  last!: Date;
  @Field(() => [String], { description: 'Codes of the errors: the reasons.' })
  faults!: string[];
}

@ObjectType({
  description:
    'One append-only list of entries with a Merkle tree over them (RFC 6962): one per municipality and month, and one more for each seal.',
})
export class AuditLog {
  @Field(() => String, { description: 'Name such as `0999/2026-11`. The log of a seal has a third part.' })
  name!: string;
  @Field(() => String, { description: 'The month in UTC, such as `2026-11`.' })
  month!: string;
  @Field(() => Int, { description: 'Number of entries. It stays the same after they have expired.' })
  size!: number;
  @Field(() => DateTime, { description: 'Time of its first entry.' })
  openedAt!: Date;
  @Field(() => DateTime, { nullable: true, description: 'Time at which the next month’s log took over.' })
  closedAt!: Date | null;
  @Field(() => DateTime, {
    nullable: true,
    description: 'Time at which its entries were dropped, after their retention period.',
  })
  droppedAt!: Date | null;
}

@ObjectType({ description: 'A signed statement of a log’s size and contents, at most a second old.' })
export class LogCheckpoint {
  @Field(() => String, { description: 'Name of the log.' })
  log!: string;
  @Field(() => Int, { description: 'Number of entries.' })
  size!: number;
  @Field(() => String, { description: 'Root of the Merkle tree over them, in base64 (RFC 6962 §2.1).' })
  rootHash!: string;
  @Field(() => DateTime, { description: 'When it was signed.' })
  at!: string;
  @Field(() => String, {
    description:
      'The signed note itself (C2SP tlog-checkpoint, Ed25519). Keep it: `npx sluse verify-log --checkpoints` reads it.',
  })
  note!: string;
  @Field(() => [String], { description: 'Verifier keys (C2SP signed-note) of the signers.' })
  keys!: string[];
}

@ObjectType({ description: 'Proof that an entry is in a log (RFC 6962 §2.1.1).' })
export class InclusionProof {
  @Field(() => Int, { description: 'Index of the leaf, from 0.' })
  index!: number;
  @Field(() => String, {
    description:
      'The leaf: canonical JSON of the entry with its salt. Its hash is the SHA-256 of a zero byte followed by this text in UTF-8.',
  })
  leaf!: string;
  @Field(() => [String], { description: 'Hashes from the leaf to the root, in base64, lowest first.' })
  path!: string[];
  @Field(() => LogCheckpoint, { description: 'The checkpoint that the path leads to.' })
  checkpoint!: LogCheckpoint;
}

@ObjectType({
  description: 'Proof that a log at a later size begins with the same log at an earlier size (RFC 6962 §2.1.2).',
})
export class ConsistencyProof {
  @Field(() => String, { description: 'Name of the log.' })
  log!: string;
  @Field(() => Int, { description: 'Earlier number of entries.' })
  from!: number;
  @Field(() => Int, { description: 'Later number of entries.' })
  to!: number;
  @Field(() => [String], { description: 'Hashes in base64, in the order of the RFC.' })
  path!: string[];
}

@ObjectType({ description: 'An event of the log itself, which is an entry of it.' })
export class LedgerEvent {
  @Field(() => ID, { description: 'UUID of the entry.' })
  id!: string;
  @Field(() => DateTime, { description: 'Time of the event.' })
  at!: Date;
  @Field(() => String, {
    description:
      '`LOG_CLOSED`: the month ended. `LOG_DROPPED`: its entries had expired and were dropped. `RECONCILIATION_FAILED`: what citizens are shown does not match the log. `LOG_DAMAGED`: the log can no longer be signed or compared. `REGISTER_IMPORTED`: an operator imported a file of the register. `RIGHT_ASSIGNED`: an operator gave an employee a right.',
  })
  event!: string;
  @Field(() => String, {
    description: 'Name of the log concerned; of an operator’s command, the log that has its entry.',
  })
  log!: string;
  @Field(() => JSONValue, {
    description:
      'Size and last checkpoint of a log that was closed or dropped. For an alarm, what it is about. For an import, the kind and the SHA-256 of the file and the numbers of rows; for a right, whose and which; for both, who ran the command.',
  })
  detail!: unknown;
}

@ObjectType({ description: 'An export of the log, ready to be fetched.' })
export class AuditExport {
  @Field(() => AuditExportFormat, { description: 'Format of the download.' })
  format!: AuditExportFormat;
  @Field(() => String, { description: 'Media type of the download.' })
  mediaType!: string;
  @Field(() => String, {
    description:
      'Path of the download. Fetch it with `GET` and a session of the same person, more than once if needed. It is streamed, and every page of it is logged before it leaves.',
  })
  path!: string;
  @Field(() => DateTime, { description: 'The download must begin before this time.' })
  expiresAt!: Date;
}

@ObjectType({ description: 'One look-up about a citizen, as the citizen may see it (CJEU C-579/21).' })
export class CitizenAccess {
  @Field(() => DateTime, { description: 'Time of it.' })
  at!: Date;
  @Field(() => Organisation, { nullable: true, description: 'The unit that looked the citizen up.' })
  organisation!: Organisation | null;
  @Field(() => UseType, { description: 'What the data were used for.' })
  use!: Use;
  @Field(() => String, { nullable: true, description: 'The purpose, as the caller stated it.' })
  purpose!: string | null;
  @Field(() => Employee, {
    nullable: true,
    description: 'The employee; `null` unless the municipality has decided to show employees.',
  })
  employee!: Employee | null;
  /** Id of the entry: part of the position, never shown as such. */
  entry!: string;
}

export const AuditEntryConnection = connectionType('AuditEntry', () => AuditEntry);
export type AuditEntryConnection = Connection<AuditEntry>;
export const RejectedAttemptConnection = connectionType('RejectedAttempt', () => RejectedAttempt);
export type RejectedAttemptConnection = Connection<RejectedAttempt>;
export const CitizenAccessConnection = connectionType('CitizenAccess', () => CitizenAccess);
export type CitizenAccessConnection = Connection<CitizenAccess>;
export const LedgerEventConnection = connectionType('LedgerEvent', () => LedgerEvent);
export type LedgerEventConnection = Connection<LedgerEvent>;

@InputType({ description: 'Conditions on entries. All given conditions must hold. An unknown id finds nothing.' })
export class AuditEntryFilter {
  @Field(() => ID, { nullable: true, description: 'Id of the person who acted.' })
  actor?: string | null;
  @Field(() => ID, { nullable: true, description: 'Id of a citizen that the answer named.' })
  citizen?: string | null;
  @Field(() => ID, { nullable: true, description: 'Id of a case that the answer named.' })
  case?: string | null;
  @Field(() => ID, {
    nullable: true,
    description: 'Id of the organisation acted for, under a power of attorney (fuldmagt).',
  })
  actingFor?: string | null;
  @Field(() => DateTime, { nullable: true, description: 'At this time or later.' })
  from?: string | null;
  @Field(() => DateTime, { nullable: true, description: 'Before this time.' })
  to?: string | null;
  @Field(() => [UseType], { nullable: true, description: 'Any of these types of use; all if empty.' })
  uses?: Use[] | null;
  @Field(() => [AuditOutcome], { nullable: true, description: 'Any of these outcomes; all if empty.' })
  outcomes?: Outcome[] | null;
  @Field(() => String, { nullable: true, description: 'Name or hash of the operation, in full.' })
  operation?: string | null;
  @Field(() => String, {
    nullable: true,
    description:
      'A value that was searched for, in full, such as a CPR number: text of up to 200 characters, or a number.',
  })
  criterion?: string | null;
}
