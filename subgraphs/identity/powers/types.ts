/** The types of powers of attorney. Their fields are resolved in resolvers.ts. */
import { Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { connectionType } from '../../protocol/connection.js';
import { Key, ListSize } from '../../protocol/directives.js';
import { DateTime } from '../../protocol/scalars.js';
import { RightCode } from '../enums.js';
import { Employee, Organisation } from '../types.js';

export enum PowerOfAttorneyStatus {
  REQUESTED = 'REQUESTED',
  REFUSED = 'REFUSED',
  IN_FORCE = 'IN_FORCE',
  WITHDRAWN = 'WITHDRAWN',
}
registerEnumType(PowerOfAttorneyStatus, {
  name: 'PowerOfAttorneyStatus',
  description: 'Status of a power of attorney.',
  valuesConfig: {
    REQUESTED: { description: 'Requested by the receiver; the giver has not decided.' },
    REFUSED: { description: 'Refused by the giver.' },
    IN_FORCE: { description: 'Given by the giver. `employees` and `markedInSmdb` tell who may act under it.' },
    WITHDRAWN: { description: 'Withdrawn by either side. It is never in force again.' },
  },
});

export enum PowerOfAttorneyStep {
  REQUESTED = 'REQUESTED',
  GIVEN = 'GIVEN',
  REFUSED = 'REFUSED',
  WITHDRAWN = 'WITHDRAWN',
  ADDED = 'ADDED',
  REMOVED = 'REMOVED',
  MARKED = 'MARKED',
  UNMARKED = 'UNMARKED',
}
registerEnumType(PowerOfAttorneyStep, {
  name: 'PowerOfAttorneyStep',
  description: 'A step of a power of attorney.',
  valuesConfig: {
    REQUESTED: { description: 'An administrator of the receiver requested it.' },
    GIVEN: { description: 'An administrator of the giver gave it.' },
    REFUSED: { description: 'An administrator of the giver refused it.' },
    WITHDRAWN: { description: 'An administrator of either side withdrew it.' },
    ADDED: { description: 'An administrator of the receiver added the employee.' },
    REMOVED: { description: 'An administrator of the receiver removed the employee, and the mark with them.' },
    MARKED: { description: 'An SMDB administrator of the receiver marked the employee as entitled to use it.' },
    UNMARKED: { description: 'An SMDB administrator of the receiver removed the mark.' },
  },
});

@ObjectType({ description: 'One step of a power of attorney: what was done, by whom, and when.' })
export class PowerOfAttorneyEvent {
  @Field(() => PowerOfAttorneyStep, { description: 'What was done.' })
  step!: PowerOfAttorneyStep;
  @Field(() => Employee, {
    nullable: true,
    description: 'The employee who did it; null if the viewer may not see them.',
  })
  by!: Employee | null;
  @Field(() => DateTime, { description: 'Time of it.' })
  at!: Date;
  @Field(() => Employee, {
    nullable: true,
    description:
      'The employee concerned. Null if the step concerns the power as a whole, or the viewer may not see the employee.',
  })
  employee!: Employee | null;
}

@Key()
@ObjectType({
  description:
    'A power of attorney (digital fuldmagt): lets employees of the receiver act for the giver in SMDB. An employee may act under it only if it is given, and the employee is added, is marked in SMDB, and holds the right.',
})
export class PowerOfAttorney {
  @Field(() => ID, { description: 'Random UUID.' })
  id!: string;
  @Field(() => Organisation, { description: 'The giver (fuldmagtsgiver): the organisation acted for.' })
  giver!: Organisation;
  @Field(() => Organisation, {
    description:
      'The receiver (fuldmagtshaver): a production unit by its P-number, or a company as a whole if it has none.',
  })
  receiver!: Organisation;
  @Field(() => [RightCode], {
    description: 'The rights that it covers. An employee must also hold such a right to act in it.',
  })
  rights!: RightCode[];
  @Field(() => PowerOfAttorneyStatus, { description: 'Its current status.' })
  status!: PowerOfAttorneyStatus;
  @ListSize(10)
  @Field(() => [Employee], {
    description:
      'The employees on it. Administrators of both sides and readers of the log see all of them; others see only themselves.',
  })
  employees!: Employee[];
  @ListSize(10)
  @Field(() => [Employee], { description: 'Those of `employees` who are marked in SMDB as entitled to use it.' })
  markedInSmdb!: Employee[];
  @Field(() => Employee, { nullable: true, description: 'The receiver’s administrator who requested it.' })
  requestedBy!: Employee | null;
  @Field(() => DateTime, { description: 'When it was requested.' })
  requestedAt!: Date;
  @Field(() => Employee, {
    nullable: true,
    description: 'The giver’s administrator who decided. Others act under it on this person’s authority.',
  })
  decidedBy!: Employee | null;
  @Field(() => DateTime, { nullable: true, description: 'When it was decided.' })
  decidedAt!: Date | null;
  @Field(() => Employee, { nullable: true, description: 'The administrator who withdrew it.' })
  withdrawnBy!: Employee | null;
  @Field(() => DateTime, { nullable: true, description: 'When it was withdrawn.' })
  withdrawnAt!: Date | null;
  @ListSize(10)
  @Field(() => [PowerOfAttorneyEvent], {
    description: 'Its steps, the oldest first, as far as the viewer may know of them.',
  })
  history!: PowerOfAttorneyEvent[];
}

export const PowerOfAttorneyConnection = connectionType('PowerOfAttorney', () => PowerOfAttorney);

@InputType({ description: 'Conditions on powers of attorney. All given conditions must hold.' })
export class PowerOfAttorneyFilter {
  @Field(() => ID, { nullable: true, description: 'Given by this organisation.' })
  giver?: string | null;
  @Field(() => ID, { nullable: true, description: 'Received by this organisation.' })
  receiver?: string | null;
  @Field(() => ID, { nullable: true, description: 'With this employee on it.' })
  employee?: string | null;
  @Field(() => [PowerOfAttorneyStatus], { nullable: true, description: 'In one of these states; all if empty.' })
  status?: PowerOfAttorneyStatus[] | null;
}

@InputType({ description: 'A request for a power of attorney.' })
export class RequestPowerOfAttorneyInput {
  @Field(() => ID, { description: 'The organisation to act for.' })
  giver!: string;
  @Field(() => ID, { description: 'The requester’s organisation, whose employees are to act.' })
  receiver!: string;
  @Field(() => [RightCode], { description: 'The rights needed, among SMDB’s rights to read and report.' })
  rights!: RightCode[];
}
