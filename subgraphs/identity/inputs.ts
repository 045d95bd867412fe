/** What callers send about people. people/criteria.ts checks whether it is well-formed. */
import { Field, InputType } from 'type-graphql';
import { CPR, DateOnly, DateTime } from '../protocol/scalars.js';
import { RightCode } from './enums.js';

@InputType({ description: 'Conditions on citizens. All given conditions must hold.' })
export class CitizenFilter {
  @Field(() => String, { nullable: true, description: 'A part of the name, without regard to case.' })
  nameContains?: string | null;
  @Field(() => CPR, { nullable: true, description: 'The full CPR number.' })
  cpr?: string | null;
  @Field(() => DateOnly, { nullable: true, description: 'Born on that day or later.' })
  bornFrom?: string | null;
  @Field(() => DateOnly, { nullable: true, description: 'Born on that day or earlier.' })
  bornTo?: string | null;
  @Field(() => String, { nullable: true, description: 'The beginning of the street address, without regard to case.' })
  street?: string | null;
}

@InputType({ description: 'Conditions on employees. All given conditions must hold.' })
export class EmployeeFilter {
  @Field(() => String, { nullable: true, description: 'A part of the name, without regard to case.' })
  nameContains?: string | null;
  @Field(() => RightCode, { nullable: true, description: 'Holds this right.' })
  right?: RightCode | null;
  @Field(() => [RightCode], { nullable: true, description: 'Holds at least one of these rights; everybody if empty.' })
  rights?: RightCode[] | null;
  @Field(() => Boolean, {
    nullable: true,
    description: 'If true: works in a unit that the viewer leads as a manager, or in one below it.',
  })
  led?: boolean | null;
  @Field(() => DateTime, {
    nullable: true,
    description: 'Has not used the system at this time or later, or never. For administrators, or with `led`.',
  })
  notUsedSince?: string | null;
  @Field(() => Boolean, {
    nullable: true,
    description:
      'Whether the employee works in a citizen service without a course in force. For administrators, or with `led`.',
  })
  lacksCourse?: boolean | null;
  @Field(() => Boolean, { nullable: true, description: 'Whether the employee is locked out. For administrators.' })
  lockedOut?: boolean | null;
}
