/** The types of grants and of their review. Their fields are resolved in resolvers.ts. */
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { connectionType } from '../../protocol/connection.js';
import { Key, ListSize } from '../../protocol/directives.js';
import { DateTime } from '../../protocol/scalars.js';
import { DisclosureAgreement } from '../agreements/types.js';
import { AuthorityCode, CaseCategory, CaseLevel, CaseOperation, GrantStatus, GrantStep, Reminder } from '../enums.js';
import { Compartment, Employee, Organisation } from '../types.js';

@ObjectType({ description: 'One step of a grant: what was done, by whom, when, and why.' })
export class GrantEvent {
  @Field(() => GrantStep, { description: 'What was done.' })
  step!: GrantStep;
  @Field(() => Employee, {
    nullable: true,
    description: 'The employee who did it; null for a step that the register took.',
  })
  by!: Employee | null;
  @Field(() => DateTime, { description: 'Time of it.' })
  at!: Date;
  @Field(() => String, { nullable: true, description: 'The reason that was given; null for a confirmation.' })
  reason!: string | null;
}

@Key()
@ObjectType({
  description:
    'A grant: lets an employee know of the cases of one compartment, at a level, and do certain things there. It lapses unless the manager confirms it within six months.',
})
export class Grant {
  @Field(() => ID, { description: 'Opaque; stays the same.' })
  id!: string;
  @Field(() => Employee, { description: 'The employee who holds it, or is to hold it.' })
  holder!: Employee;
  @Field(() => Organisation, { description: 'The unit where the holder worked when it was requested.' })
  unit!: Organisation;
  @Field(() => Compartment, { description: 'The group of cases, or the single case, that it is for.' })
  compartment!: Compartment;
  @Field(() => CaseLevel, { description: 'How much of a case the holder may know.' })
  level!: CaseLevel;
  @Field(() => [CaseOperation], { description: 'What the holder may do there.' })
  operations!: CaseOperation[];
  @Field(() => String, { description: 'Which task needs it, in the words of whoever requested it.' })
  reason!: string;
  @Field(() => GrantStatus, { description: 'Its status now.' })
  status!: GrantStatus;
  @Field(() => Employee, { nullable: true, description: 'The employee who requested it.' })
  requestedBy!: Employee | null;
  @Field(() => DateTime, { description: 'When it was requested.' })
  requestedAt!: Date;
  @Field(() => Employee, { nullable: true, description: 'The employee who decided; null before that.' })
  decidedBy!: Employee | null;
  @Field(() => DateTime, { nullable: true, description: 'When it was decided; null if nothing is recorded.' })
  decidedAt!: Date | null;
  @Field(() => DateTime, { description: 'Not in force before this time.' })
  validFrom!: Date;
  @Field(() => DateTime, { nullable: true, description: 'Not in force from this time on; null without an end.' })
  validTo!: Date | null;
  @Field(() => DateTime, {
    description:
      'When it lapses unless it is confirmed before: six calendar months after the decision or the last confirmation.',
  })
  confirmBy!: Date;
  @Field(() => DisclosureAgreement, {
    nullable: true,
    description: 'The agreement under which another authority lets the holder in. It ends with the agreement.',
  })
  agreement!: DisclosureAgreement | null;
  @ListSize(10)
  @Field(() => [GrantEvent], { description: 'Its steps, the oldest first.' })
  history!: GrantEvent[];
}

export const GrantConnection = connectionType('Grant', () => Grant);

@InputType({ description: 'Conditions on grants. All given conditions must hold.' })
export class GrantFilter {
  @Field(() => ID, { nullable: true, description: 'Held by this employee.' })
  holder?: string | null;
  @Field(() => ID, { nullable: true, description: 'Of this unit.' })
  unit?: string | null;
  @Field(() => ID, { nullable: true, description: 'Into this compartment.' })
  compartment?: string | null;
  @Field(() => [GrantStatus], { nullable: true, description: 'In one of these states; all if empty.' })
  status?: GrantStatus[] | null;
}

@InputType({ description: 'A request for a grant.' })
export class RequestGrantInput {
  @Field(() => ID, { description: 'The employee who is to hold it; never the requester.' })
  holder!: string;
  @Field(() => ID, { description: 'Id of the compartment, one of `compartments`.' })
  compartment!: string;
  @Field(() => CaseLevel, { description: 'How much of a case the holder needs to know.' })
  level!: CaseLevel;
  @Field(() => [CaseOperation], { description: 'What the holder needs to do; at least one.' })
  operations!: CaseOperation[];
  @Field(() => DateTime, { nullable: true, description: 'Beginning; now by default.' })
  validFrom?: string | null;
  @Field(() => DateTime, { nullable: true, description: 'End, after the beginning; none by default.' })
  validTo?: string | null;
  @Field(() => String, {
    description: 'Which everyday task needs it, in 10 to 2,000 characters (Datasikkerhed i borgerservicecentre §3.2).',
  })
  reason!: string;
}

@ObjectType({ description: 'A grant that has to be confirmed, and how soon.' })
export class ReviewItem {
  @Field(() => Grant, { description: 'The grant.' })
  grant!: Grant;
  @Field(() => DateTime, { description: 'When it lapses unless it is confirmed.' })
  dueAt!: Date;
  @Field(() => Reminder, { nullable: true, description: 'How close that is; null while it is more than 30 days away.' })
  reminder!: Reminder | null;
  @Field(() => Employee, {
    nullable: true,
    description:
      'Whose it is to confirm it: the manager of the unit, or the nearest one above. Null for a single case’s compartment, where another holder confirms, and where there is nobody.',
  })
  confirmer!: Employee | null;
}
export const ReviewItemConnection = connectionType('ReviewItem', () => ReviewItem);

@ObjectType({ description: 'A line of the report on grants: what was done with a grant of a unit, by whom, and when.' })
export class ReviewedGrant {
  @Field(() => Organisation, { description: 'The unit of the grant.' })
  unit!: Organisation;
  @Field(() => Grant, { nullable: true, description: 'The grant, as it is now.' })
  grant!: Grant | null;
  @Field(() => GrantEvent, { description: 'What was done.' })
  event!: GrantEvent;
}
export const ReviewedGrantConnection = connectionType('ReviewedGrant', () => ReviewedGrant);

@InputType({ description: 'A compartment to be opened for a single case.' })
export class OpenSingleCaseInput {
  @Field(() => AuthorityCode, { description: 'The authority that owns the case.' })
  authority!: AuthorityCode;
  @Field(() => CaseCategory, { description: 'Category of the case; a shielded one.' })
  category!: CaseCategory;
  @Field(() => ID, {
    description: 'A colleague who may enter in that compartment too, and holds this one from now on.',
  })
  colleague!: string;
  @Field(() => String, { description: 'Why the case needs a code of its own, in 10 to 2,000 characters.' })
  reason!: string;
}

@ObjectType({
  description: 'A compartment that was opened for a single case. Shown to those who hold it, and to nobody else.',
})
export class SingleCaseCompartment {
  @Field(() => ID, { description: 'Id of the compartment.' })
  id!: string;
  @Field(() => AuthorityCode, { description: 'The authority that owns the case.' })
  authority!: AuthorityCode;
  @Field(() => CaseCategory, { description: 'Category of the case.' })
  category!: CaseCategory;
  @Field(() => String, { description: 'Why it was opened.' })
  reason!: string;
  @Field(() => Employee, { nullable: true, description: 'The employee who opened it.' })
  openedBy!: Employee | null;
  @Field(() => DateTime, { description: 'When it was opened.' })
  openedAt!: Date;
}
