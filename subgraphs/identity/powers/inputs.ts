/** What callers send about powers of attorney. criteria.ts and actions.ts check whether it is well-formed. */
import { Field, ID, InputType } from 'type-graphql';
import { RightCode } from '../enums.js';
import { PowerOfAttorneyStatus } from './enums.js';

@InputType({ description: 'Conditions on powers of attorney. All given conditions must hold.' })
export class PowerOfAttorneyFilter {
  @Field(() => ID, { nullable: true, description: 'Given by this organisation.' })
  giver?: string | null;
  @Field(() => ID, { nullable: true, description: 'Received by this organisation.' })
  receiver?: string | null;
  @Field(() => ID, { nullable: true, description: 'With this employee on it.' })
  employee?: string | null;
  @Field(() => Boolean, {
    nullable: true,
    description: 'True: decided by an employee who has left since. False: all others. Both by default.',
  })
  deciderHasLeft?: boolean | null;
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
