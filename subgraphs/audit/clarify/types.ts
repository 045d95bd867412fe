/** What whoever clarifies a lock-out sees of the attempts before it. */
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { connectionType } from '../../protocol/connection.js';
import { External, Key } from '../../protocol/directives.js';
import { DateTime } from '../../protocol/scalars.js';
import { AuditOutcome, UseType } from '../enums.js';
import { Employee } from '../types.js';

@Key()
@ObjectType()
export class AccessBlock {
  @Field(() => ID)
  id!: string;
  @External()
  @Field(() => Employee, { nullable: true })
  employee!: Employee | null;
  @External()
  @Field(() => String, { nullable: true })
  workstation!: string | null;
  @External()
  @Field(() => DateTime)
  blockedAt!: string;
  @External()
  @Field(() => DateTime, { nullable: true })
  liftedAt!: string | null;
}

@ObjectType({
  description:
    'A rejected attempt, as far as it takes to clarify a lock-out. What was asked about, and for what purpose, is left to readers of the log.',
})
export class AttemptToClarify {
  @Field(() => ID, { description: 'Id of its entry in the log.' })
  id!: string;
  @Field(() => DateTime, { description: 'Time of the rejection.' })
  at!: Date;
  @Field(() => UseType, { description: 'What was tried.' })
  use!: UseType;
  @Field(() => AuditOutcome, { description: '`DENIED` or `FAILED`.' })
  outcome!: AuditOutcome;
  @Field(() => String, { nullable: true, description: 'Name of the operation, as the caller gave it.' })
  operationName!: string | null;
  @Field(() => [String], { description: 'Codes of the errors in the answer: the reasons.' })
  faults!: string[];
  @Field(() => String, { nullable: true, description: 'Address of the workstation, as the edge knew it.' })
  workstation!: string | null;
  @Field(() => Boolean, { description: 'Whether the caller was signed in.' })
  signedIn!: boolean;
  @Field(() => Int, { description: 'How many attempts it stands for: repeated ones are counted by the minute.' })
  attempts!: number;
}

export const AttemptToClarifyConnection = connectionType('AttemptToClarify', () => AttemptToClarify);
