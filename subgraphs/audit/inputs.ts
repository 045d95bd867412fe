/** What readers of the log send. read/criteria.ts checks whether it is well-formed. */
import { Field, ID, InputType } from 'type-graphql';
import { DateTime } from '../protocol/scalars.js';
import { AuditOutcome, UseType } from './enums.js';

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
  uses?: UseType[] | null;
  @Field(() => [AuditOutcome], { nullable: true, description: 'Any of these outcomes; all if empty.' })
  outcomes?: AuditOutcome[] | null;
  @Field(() => String, { nullable: true, description: 'Name or hash of the operation, in full.' })
  operation?: string | null;
  @Field(() => String, {
    nullable: true,
    description:
      'A value that was searched for, in full, such as a CPR number: text of up to 200 characters, or a number.',
  })
  criterion?: string | null;
}
