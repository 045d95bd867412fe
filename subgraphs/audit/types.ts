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

@ObjectType({ description: 'The GraphQL operation that was asked.' })
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
    'Rejections of one kind that repeated themselves, told by one entry: the first ones have entries of their own, further ones are counted by the minute.',
})
export class CountedRejections {
  @Field(() => Int, { description: 'How many there were.' })
  attempts!: number;
  @Field(() => DateTime, { description: 'When the first of them was rejected.' })
  first!: Date;
  @Field(() => DateTime, { description: 'When the last of them was rejected.' })
  last!: Date;
  @Field(() => Int, { description: 'From how many addresses, or networks of IPv6, they came: at least so many.' })
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
      'Of what became of a change: id of the entry by which it was begun. Nothing is changed before that entry is durable.',
  })
  follows!: string | null;
  @Field(() => DateTime, { description: 'When it was answered.' })
  at!: Date;
  @Field(() => Person, { description: 'Who acted.' })
  actor!: PersonStub;
  @Field(() => Person, { description: 'On whose authority; another than the actor under a power of attorney.' })
  subject!: PersonStub;
  @Field(() => Organisation, { nullable: true, description: 'The organisation that the actor works in.' })
  organisation!: Organisation | null;
  @Field(() => RightCode, { nullable: true, description: 'The right acted in; none for citizens and case systems.' })
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
  @Field(() => AuditOutcome, { description: 'What became of it.' })
  outcome!: Outcome;
  @Field(() => AuditedOperation, { description: 'What was asked.' })
  operation!: AuditedOperation;
  @ListSize(10)
  @Field(() => [Citizen], { description: 'The citizens that the answer named.' })
  citizens!: Citizen[];
  @ListSize(10)
  @Field(() => [Case], { description: 'The cases that the answer named, of those that the reader may know of.' })
  cases!: Case[];
  @Field(() => JSONValue, {
    nullable: true,
    description:
      'The search criterion: root fields with their arguments. Over 20 kB, or 64 levels deep, it is `{"truncated":true,"bytes":…,"start":"…"}`.',
  })
  criterion!: unknown;
  @Field(() => [String], { description: 'Codes of the errors in the answer.' })
  faults!: string[];
  @Field(() => String, { nullable: true, description: 'What it was for, as the caller said.' })
  purpose!: string | null;
  @Field(() => String, { nullable: true, description: 'The workstation, as the edge knew it.' })
  workstation!: string | null;
  @Field(() => String, { nullable: true, description: 'The caller’s `x-TransaktionsId`.' })
  transactionId!: string | null;
  @Field(() => String, { nullable: true, description: 'The caller’s `x-RequestId`.' })
  requestId!: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'The caller’s `x-OnBehalfOfUser`: whom a case system says that it asks for. Said, not proven.',
  })
  onBehalfOf!: string | null;
  @Field(() => CountedRejections, {
    nullable: true,
    description: 'Of an entry that stands for many rejections: how many, and when. None for an entry of one.',
  })
  counted!: CountedRejections | null;
}

@ObjectType({
  description: 'An attempt that was denied or that failed (registration of unauthorised access attempts).',
})
export class RejectedAttempt {
  @Field(() => ID, { description: 'Random UUID.' })
  id!: string;
  @Field(() => DateTime, { description: 'When it was rejected.' })
  at!: Date;
  @Field(() => Person, { nullable: true, description: 'Who acted; none if the caller was not signed in.' })
  actor!: PersonStub | null;
  @Field(() => Organisation, { nullable: true, description: 'The organisation that the caller acted in.' })
  organisation!: Organisation | null;
  @Field(() => UseType, { description: 'What the data were used for.' })
  use!: Use;
  @Field(() => AuditOutcome, { description: '`DENIED` or `FAILED`.' })
  outcome!: Outcome;
  @Field(() => AuditedOperation, { description: 'What was asked.' })
  operation!: AuditedOperation;
  @Field(() => [String], { description: 'Codes of the errors in the answer: the reasons.' })
  faults!: string[];
  @Field(() => String, { nullable: true, description: 'What it was for, as the caller said.' })
  purpose!: string | null;
  @Field(() => String, { nullable: true, description: 'The workstation, as the edge knew it.' })
  workstation!: string | null;
  @Field(() => String, { nullable: true, description: 'The caller’s `x-TransaktionsId`.' })
  transactionId!: string | null;
  @Field(() => String, { nullable: true, description: 'The caller’s `x-RequestId`.' })
  requestId!: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'The caller’s `x-OnBehalfOfUser`: whom a case system says that it asks for. Said, not proven.',
  })
  onBehalfOf!: string | null;
  @Field(() => CountedRejections, {
    nullable: true,
    description: 'Of an entry that stands for many rejections: how many, and when. None for an entry of one.',
  })
  counted!: CountedRejections | null;
}

@ObjectType({ description: 'Attempts of one person, or of nobody known, from one workstation.' })
export class RejectedSource {
  @Field(() => Person, { nullable: true, description: 'Who tried; none if the callers were not signed in.' })
  actor!: PersonStub | null;
  @Field(() => String, { nullable: true, description: 'The workstation, as the edge knew it.' })
  workstation!: string | null;
  @Field(() => Int, { description: 'How many were rejected in the period.' })
  attempts!: number;
  @Field(() => DateTime, { description: 'The first of them.' })
  first!: Date;
  @Field(() => DateTime, { description: 'The last of them.' })
  last!: Date;
  @Field(() => [String], { description: 'Codes of the errors: the reasons.' })
  faults!: string[];
}

@ObjectType({
  description:
    'One append-only list of entries with a Merkle tree over them (RFC 6962): one per municipality and month, and one more for each seal.',
})
export class AuditLog {
  @Field(() => String, { description: 'Such as `0999/2026-11`; of sealed entries with a third part.' })
  name!: string;
  @Field(() => String, { description: 'The month in UTC, `2026-11`.' })
  month!: string;
  @Field(() => Int, { description: 'Number of entries, also after they have expired.' })
  size!: number;
  @Field(() => DateTime, { description: 'When its first entry came.' })
  openedAt!: Date;
  @Field(() => DateTime, { nullable: true, description: 'When the next month’s log took over.' })
  closedAt!: Date | null;
  @Field(() => DateTime, { nullable: true, description: 'When its entries were dropped, after their retention.' })
  droppedAt!: Date | null;
}

@ObjectType({ description: 'What a log says of itself, signed: at most a second old.' })
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
      'The signed note itself (C2SP tlog-checkpoint, Ed25519). Keep it: `npx sluse verify-log --checkpoints` takes it.',
  })
  note!: string;
  @Field(() => [String], { description: 'Verifier keys (C2SP signed-note) of those who sign.' })
  keys!: string[];
}

@ObjectType({ description: 'That an entry is in a log (RFC 6962 §2.1.1).' })
export class InclusionProof {
  @Field(() => Int, { description: 'Index of the leaf, from 0.' })
  index!: number;
  @Field(() => String, {
    description:
      'The leaf: canonical JSON of the entry with its salt. Its hash is SHA-256 of a zero byte and this, in UTF-8.',
  })
  leaf!: string;
  @Field(() => [String], { description: 'Hashes from the leaf to the root, in base64, lowest first.' })
  path!: string[];
  @Field(() => LogCheckpoint, { description: 'The checkpoint that the path leads to.' })
  checkpoint!: LogCheckpoint;
}

@ObjectType({
  description: 'That a log at one size is the beginning of the same log at a later one (RFC 6962 §2.1.2).',
})
export class ConsistencyProof {
  @Field(() => String, { description: 'Name of the log.' })
  log!: string;
  @Field(() => Int, { description: 'Number of entries then.' })
  from!: number;
  @Field(() => Int, { description: 'Number of entries later.' })
  to!: number;
  @Field(() => [String], { description: 'Hashes in base64, in the order of the RFC.' })
  path!: string[];
}

@ObjectType({ description: 'Something that happened to the log itself, as an entry of it.' })
export class LedgerEvent {
  @Field(() => ID, { description: 'UUID of the entry.' })
  id!: string;
  @Field(() => DateTime, { description: 'When it happened.' })
  at!: Date;
  @Field(() => String, {
    description:
      '`LOG_CLOSED`: the month turned. `LOG_DROPPED`: its entries had expired. `RECONCILIATION_FAILED`: what citizens are shown does not agree with what the log says. `LOG_DAMAGED`: the log cannot be signed or compared any more.',
  })
  event!: string;
  @Field(() => String, { description: 'The log that it happened to.' })
  log!: string;
  @Field(() => JSONValue, {
    description: 'Size and last checkpoint of a log that was closed or dropped; of an alarm, what it is about.',
  })
  detail!: unknown;
}

@ObjectType({ description: 'An export of the log, ready to be fetched.' })
export class AuditExport {
  @Field(() => AuditExportFormat, { description: 'The form of what is fetched.' })
  format!: AuditExportFormat;
  @Field(() => String, { description: 'Media type of what is fetched.' })
  mediaType!: string;
  @Field(() => String, {
    description:
      'Where it is fetched, with `GET` and a session of the same person, more than once if need be. It is streamed; every page of it is logged before it leaves.',
  })
  path!: string;
  @Field(() => DateTime, { description: 'The download must begin before this.' })
  expiresAt!: Date;
}

@ObjectType({ description: 'One look-up about a citizen, as the citizen may see it (CJEU C-579/21).' })
export class CitizenAccess {
  @Field(() => DateTime, { description: 'When.' })
  at!: Date;
  @Field(() => Organisation, { nullable: true, description: 'Which unit.' })
  organisation!: Organisation | null;
  @Field(() => UseType, { description: 'What the data were used for.' })
  use!: Use;
  @Field(() => String, { nullable: true, description: 'What for.' })
  purpose!: string | null;
  @Field(() => Employee, {
    nullable: true,
    description: 'By whom; withheld unless the municipality decides otherwise.',
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

@InputType({ description: 'Which entries; all of the given conditions hold. An id that nobody has finds nothing.' })
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
  @Field(() => DateTime, { nullable: true, description: 'From this moment on.' })
  from?: string | null;
  @Field(() => DateTime, { nullable: true, description: 'Before this moment.' })
  to?: string | null;
  @Field(() => [UseType], { nullable: true, description: 'Any of these types of use. Empty: all.' })
  uses?: Use[] | null;
  @Field(() => [AuditOutcome], { nullable: true, description: 'Any of these outcomes. Empty: all.' })
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
