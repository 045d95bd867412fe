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
  description: 'What has become of a power of attorney.',
  valuesConfig: {
    REQUESTED: { description: 'Requested by the receiver; the giver has not decided.' },
    REFUSED: { description: 'Refused by the giver.' },
    IN_FORCE: { description: 'Given. Who may act under it is another matter: `employees` and `markedInSmdb`.' },
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
  description: 'What was done to a power of attorney.',
  valuesConfig: {
    REQUESTED: { description: 'An administrator of the receiver requested it.' },
    GIVEN: { description: 'An administrator of the giver gave it.' },
    REFUSED: { description: 'An administrator of the giver refused it.' },
    WITHDRAWN: { description: 'An administrator of either side withdrew it.' },
    ADDED: { description: 'An administrator of the receiver added the employee.' },
    REMOVED: { description: 'An administrator of the receiver removed the employee, and the mark with them.' },
    MARKED: { description: 'An SMDB administrator of the receiver marked the employee as entitled to use it.' },
    UNMARKED: { description: 'An SMDB administrator of the receiver took the mark away.' },
  },
});

@ObjectType({ description: 'One step of a power of attorney: what was done, by whom, when.' })
export class PowerOfAttorneyEvent {
  @Field(() => PowerOfAttorneyStep, { description: 'What was done.' })
  step!: PowerOfAttorneyStep;
  @Field(() => Employee, { nullable: true, description: 'Who did it; null for one whom the viewer may not see.' })
  by!: Employee | null;
  @Field(() => DateTime, { description: 'When.' })
  at!: Date;
  @Field(() => Employee, {
    nullable: true,
    description: 'Whom it is about, if not the power as a whole; null for one whom the viewer may not see.',
  })
  employee!: Employee | null;
}

@Key()
@ObjectType({
  description:
    'A power of attorney (digital fuldmagt): lets employees of the receiver act for the giver in SMDB. Acting under one takes it all: given, the employee added, marked in SMDB, and holding the right.',
})
export class PowerOfAttorney {
  @Field(() => ID, { description: 'Random UUID.' })
  id!: string;
  @Field(() => Organisation, { description: 'Who gives it (fuldmagtsgiver): whom one acts for.' })
  giver!: Organisation;
  @Field(() => Organisation, {
    description:
      'Who receives it (fuldmagtshaver): a production unit by its P-number, or a company as a whole where it has none.',
  })
  receiver!: Organisation;
  @Field(() => [RightCode], {
    description: 'The rights that it covers. One acts in such a right only if one holds it too.',
  })
  rights!: RightCode[];
  @Field(() => PowerOfAttorneyStatus, { description: 'What has become of it.' })
  status!: PowerOfAttorneyStatus;
  @ListSize(10)
  @Field(() => [Employee], {
    description:
      'The employees on it: all of them for the administrators of both sides and readers of the log; for others, themselves only.',
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
    description: 'The giver’s administrator who decided: the one on whose authority others act under it.',
  })
  decidedBy!: Employee | null;
  @Field(() => DateTime, { nullable: true, description: 'When it was decided.' })
  decidedAt!: Date | null;
  @Field(() => Employee, { nullable: true, description: 'Who withdrew it.' })
  withdrawnBy!: Employee | null;
  @Field(() => DateTime, { nullable: true, description: 'When it was withdrawn.' })
  withdrawnAt!: Date | null;
  @ListSize(10)
  @Field(() => [PowerOfAttorneyEvent], {
    description: 'All that was done to it, the oldest first, as far as the viewer may know of it.',
  })
  history!: PowerOfAttorneyEvent[];
}

export const PowerOfAttorneyConnection = connectionType('PowerOfAttorney', () => PowerOfAttorney);

@InputType({ description: 'Which powers of attorney; all that is given must hold.' })
export class PowerOfAttorneyFilter {
  @Field(() => ID, { nullable: true, description: 'Given by this organisation.' })
  giver?: string | null;
  @Field(() => ID, { nullable: true, description: 'Received by this organisation.' })
  receiver?: string | null;
  @Field(() => ID, { nullable: true, description: 'With this employee on it.' })
  employee?: string | null;
  @Field(() => [PowerOfAttorneyStatus], { nullable: true, description: 'In one of these states. Empty: all.' })
  status?: PowerOfAttorneyStatus[] | null;
}

@InputType({ description: 'A power of attorney as it is requested.' })
export class RequestPowerOfAttorneyInput {
  @Field(() => ID, { description: 'The organisation to act for.' })
  giver!: string;
  @Field(() => ID, { description: 'The requester’s organisation, whose employees are to act.' })
  receiver!: string;
  @Field(() => [RightCode], { description: 'SMDB’s rights to read and report, those of them that are needed.' })
  rights!: RightCode[];
}
