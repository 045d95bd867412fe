/** What callers send about people. people/criteria.ts checks whether it is well-formed. */
import { Field, InputType } from 'type-graphql';
import { CPR, DateOnly } from '../protocol/scalars.js';
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
}
