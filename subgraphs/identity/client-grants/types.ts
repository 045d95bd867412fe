/** The types of grants of case systems. Their fields are resolved in resolvers.ts. */
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { connectionType } from '../../protocol/connection.js';
import { ListSize } from '../../protocol/directives.js';
import { DateTime } from '../../protocol/scalars.js';
import { DisclosureAgreement } from '../agreements/types.js';
import { CaseLevel, CaseOperation, GrantStatus } from '../enums.js';
import { GrantEvent } from '../grants/types.js';
import { Compartment, Employee, SystemClient } from '../types.js';

@ObjectType({
  description:
    'A grant of a case system, given by two people. It lapses unless it is confirmed within six months, as an employee’s does.',
})
export class SystemClientGrant {
  @Field(() => ID, { description: 'Random UUID.' })
  id!: string;
  @Field(() => SystemClient, { nullable: true, description: 'The system that holds it, or is to hold it.' })
  client!: SystemClient | null;
  @Field(() => Compartment, { description: 'The group of cases that it is for.' })
  compartment!: Compartment;
  @Field(() => CaseLevel, { description: 'How much of a case the system may know.' })
  level!: CaseLevel;
  @Field(() => [CaseOperation], { description: 'What the system may do there.' })
  operations!: CaseOperation[];
  @Field(() => String, { description: 'Which task needs it, in the words of whoever requested it.' })
  reason!: string;
  @Field(() => GrantStatus, { description: 'Its status now.' })
  status!: GrantStatus;
  @Field(() => Employee, { nullable: true, description: 'The administrator who requested it.' })
  requestedBy!: Employee | null;
  @Field(() => DateTime, { description: 'When it was requested.' })
  requestedAt!: Date;
  @Field(() => Employee, {
    nullable: true,
    description: 'The other administrator, or the manager, who decided; null before that.',
  })
  decidedBy!: Employee | null;
  @Field(() => DateTime, { description: 'Not in force before this time.' })
  validFrom!: Date;
  @Field(() => DateTime, { nullable: true, description: 'Not in force from this time on; null without an end.' })
  validTo!: Date | null;
  @Field(() => DateTime, { description: 'When it lapses unless it is confirmed before.' })
  confirmBy!: Date;
  @Field(() => DisclosureAgreement, {
    nullable: true,
    description: 'The agreement under which another authority lets the system in. It ends with the agreement.',
  })
  agreement!: DisclosureAgreement | null;
  @ListSize(10)
  @Field(() => [GrantEvent], { description: 'Its steps, the oldest first.' })
  history!: GrantEvent[];
}

export const SystemClientGrantConnection = connectionType('SystemClientGrant', () => SystemClientGrant);

@InputType({ description: 'A request for a grant of a case system.' })
export class RequestSystemClientGrantInput {
  @Field(() => ID, { description: 'Id of the system.' })
  client!: string;
  @Field(() => ID, { description: 'Id of the compartment, one of `compartments`; never that of a single case.' })
  compartment!: string;
  @Field(() => CaseLevel, { description: 'How much of a case the system needs to know.' })
  level!: CaseLevel;
  @Field(() => [CaseOperation], { description: 'What the system needs to do; at least one.' })
  operations!: CaseOperation[];
  @Field(() => DateTime, { nullable: true, description: 'Beginning; now by default.' })
  validFrom?: string | null;
  @Field(() => DateTime, { nullable: true, description: 'End, after the beginning; none by default.' })
  validTo?: string | null;
  @Field(() => String, { description: 'Which task of the system needs it, in 10 to 2,000 characters.' })
  reason!: string;
}
