/** The types of powers of attorney. Their fields are resolved in resolvers.ts. */
import { Field, ID, ObjectType } from 'type-graphql';
import { connectionType } from '../../protocol/connection.js';
import { Key, ListSize } from '../../protocol/directives.js';
import { DateTime } from '../../protocol/scalars.js';
import { RightCode } from '../enums.js';
import { Employee, Organisation } from '../types.js';
import { PowerOfAttorneyStatus, PowerOfAttorneyStep } from './enums.js';

@ObjectType({ description: 'One step of a power of attorney: what was done, by whom, and when.' })
export class PowerOfAttorneyEvent {
  @Field(() => PowerOfAttorneyStep, { description: 'What was done.' })
  step!: PowerOfAttorneyStep;
  @Field(() => Employee, {
    nullable: true,
    description:
      'The employee who did it. Null if the register did, because the employee concerned left or changed employer, or the viewer may not see them.',
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
  @Field(() => Boolean, {
    description:
      'Whether the employee who decided has left since. The power stands: the giver’s organisation gave it. Its administrators look whether it is still needed.',
  })
  deciderHasLeft!: boolean;
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
