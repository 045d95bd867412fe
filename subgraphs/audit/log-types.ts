/** The types of the log itself: its months, its checkpoints with their proofs, and its events. */
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { connectionType } from '../protocol/connection.js';
import { DateTime, JSONValue } from '../protocol/scalars.js';

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

export const LedgerEventConnection = connectionType('LedgerEvent', () => LedgerEvent);
