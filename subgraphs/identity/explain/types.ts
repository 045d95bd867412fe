/** The types of explanations of access. Their fields are resolved in resolvers.ts. */
import { Field, ID, ObjectType } from 'type-graphql';
import { Audited, Key, ListSize } from '../../protocol/directives.js';
import { DisclosureAgreement } from '../agreements/types.js';
import { CourseRecord } from '../courses/types.js';
import { CaseLevel, CaseOperation, RightCode } from '../enums.js';
import { Grant } from '../grants/types.js';
import { PowerOfAttorney } from '../powers/types.js';
import { Citizen, Compartment, Employee } from '../types.js';
import { AccessChangerRole, AccessOutcome, AccessStepKind, AccessWall } from './enums.js';

@ObjectType({ description: 'Who can change a step of an explanation.' })
export class AccessChanger {
  @Field(() => AccessChangerRole, { description: 'In which role.' })
  role!: AccessChangerRole;
  @ListSize(3)
  @Field(() => [Employee], {
    description:
      'The employees who have that role, at most 20, as far as the viewer may know of them. Empty for a role that nobody here has.',
  })
  employees!: Employee[];
}

@ObjectType({ description: 'One step of an explanation: what was looked at, and what came of it.' })
export class AccessStep {
  @Field(() => AccessWall, { description: 'Where it is decided.' })
  wall!: AccessWall;
  @Field(() => AccessStepKind, { description: 'What it is about.' })
  kind!: AccessStepKind;
  @Field(() => Boolean, {
    nullable: true,
    description:
      'Whether it lets the employee on; null if the viewer may not know, or if it depends on the moment or the person looked up. One grant of several is enough.',
  })
  satisfied!: boolean | null;
  @Field(() => String, { description: 'The same in one English sentence.' })
  sentence!: string;
  @Field(() => Grant, { nullable: true, description: 'The grant it is about.' })
  grant!: Grant | null;
  @Field(() => DisclosureAgreement, { nullable: true, description: 'The agreement it is about.' })
  agreement!: DisclosureAgreement | null;
  @Field(() => CourseRecord, {
    nullable: true,
    description: 'The latest course that the employee passed, for a step about the course.',
  })
  course!: CourseRecord | null;
  @Field(() => PowerOfAttorney, { nullable: true, description: 'The power of attorney it is about.' })
  powerOfAttorney!: PowerOfAttorney | null;
  @ListSize(2)
  @Field(() => [AccessChanger], { description: 'Who could change it.' })
  changeableBy!: AccessChanger[];
}

@ObjectType({
  description:
    'Why an employee gets at something or does not, while acting in one right. It is computed from what the viewer may know of, by the rules that are enforced. Where something decides that is not the viewer’s to know, the outcome is UNKNOWN, whether there is something or not. A grant into a single case’s compartment that the viewer does not hold is as if it did not exist.',
})
export class AccessExplanation {
  @Field(() => Employee, { description: 'The employee.' })
  employee!: Employee;
  @Field(() => RightCode, {
    nullable: true,
    description: 'The right that the employee would act in; null for somebody who holds none.',
  })
  right!: RightCode | null;
  @Field(() => PowerOfAttorney, {
    nullable: true,
    description: 'The power of attorney that the employee would act under; null for acting for oneself.',
  })
  powerOfAttorney!: PowerOfAttorney | null;
  @Field(() => String, { description: 'The field that is asked for, such as "Query.case" or "Case.title".' })
  coordinate!: string;
  @Field(() => Compartment, {
    nullable: true,
    description: 'The compartment of the cases; null if none is asked about.',
  })
  compartment!: Compartment | null;
  @Audited()
  @Field(() => Citizen, { nullable: true, description: 'The citizen who is asked about; null if none is.' })
  citizen!: Citizen | null;
  @Field(() => AccessOutcome, {
    description:
      'What comes of it. Of a compartment: whether its cases exist for the employee. Of a field: whether it may be asked for, and in a case at its level; which rows it answers with, rows decide.',
  })
  outcome!: AccessOutcome;
  @Field(() => CaseLevel, {
    nullable: true,
    description:
      'How much of a case of the compartment is shown, by the grants that the viewer may know of; null if nothing is, or no compartment is asked about.',
  })
  level!: CaseLevel | null;
  @Field(() => [CaseOperation], {
    description: 'What the employee may do in the compartment, by the grants that the viewer may know of.',
  })
  operations!: CaseOperation[];
  @ListSize(8)
  @Field(() => [AccessStep], { description: 'What decides, in the order in which it is looked at.' })
  steps!: AccessStep[];
}

/** Made by the cases room, which finds the case as the asker. */
@Key('compartmentId employeeId coordinate')
@ObjectType()
export class CaseAccess {
  @Field(() => ID)
  compartmentId!: string;
  @Field(() => ID)
  employeeId!: string;
  @Field(() => String)
  coordinate!: string;
}
