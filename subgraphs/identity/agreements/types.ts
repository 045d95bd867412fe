/** The types of disclosure agreements. Their fields are resolved in resolvers.ts. */
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { connectionType } from '../../protocol/connection.js';
import { Key, ListSize } from '../../protocol/directives.js';
import { DateOnly, DateTime } from '../../protocol/scalars.js';
import { AgreementKind, AuthorityCode } from '../enums.js';
import { Authority, Compartment, Employee, Organisation } from '../types.js';

@Key()
@ObjectType({
  description:
    'An agreement by which another authority lets employees of a unit into its compartments (Datasikkerhed i borgerservicecentre §3.4). Made and ended by that authority’s secretariat.',
})
export class DisclosureAgreement {
  @Field(() => ID, { description: 'Random UUID.' })
  id!: string;
  @Field(() => Authority, { description: 'The authority that agrees.' })
  authority!: Authority;
  @Field(() => Organisation, {
    description: 'The unit whose employees, and those of the units below it, may be let in.',
  })
  receiver!: Organisation;
  @Field(() => AgreementKind, { description: 'What is agreed to.' })
  kind!: AgreementKind;
  @Field(() => String, { description: 'The legal basis, such as a section of an act.' })
  basis!: string;
  @Field(() => String, {
    nullable: true,
    description: 'Reference of the data-processing agreement; null for a disclosure.',
  })
  processingAgreement!: string | null;
  @ListSize(1)
  @Field(() => [Compartment], { description: 'The compartments that it opens.' })
  compartments!: Compartment[];
  @Field(() => DateOnly, { description: 'First day.' })
  validFrom!: string;
  @Field(() => DateOnly, { nullable: true, description: 'Last day; null without an end.' })
  validTo!: string | null;
  @Field(() => Employee, { nullable: true, description: 'The member of the secretariat who made it.' })
  agreedBy!: Employee | null;
  @Field(() => DateTime, { description: 'When it was made.' })
  agreedAt!: Date;
  @Field(() => Employee, { nullable: true, description: 'The member of the secretariat who ended it.' })
  endedBy!: Employee | null;
  @Field(() => DateTime, { nullable: true, description: 'When it was ended before its last day; null if it was not.' })
  endedAt!: Date | null;
  @Field(() => Boolean, { description: 'Whether it is in force now.' })
  inForce!: boolean;
}

export const DisclosureAgreementConnection = connectionType('DisclosureAgreement', () => DisclosureAgreement);

@InputType({ description: 'Conditions on agreements. All given conditions must hold.' })
export class DisclosureAgreementFilter {
  @Field(() => AuthorityCode, { nullable: true, description: 'Made by this authority.' })
  authority?: AuthorityCode | null;
  @Field(() => ID, { nullable: true, description: 'With this unit.' })
  receiver?: string | null;
  @Field(() => Boolean, { nullable: true, description: 'Whether it is in force now.' })
  inForce?: boolean | null;
}

@InputType({ description: 'An agreement to be made.' })
export class AgreeDisclosureInput {
  @Field(() => AuthorityCode, { description: 'The authority of whose secretariat the caller is.' })
  authority!: AuthorityCode;
  @Field(() => ID, { description: 'The unit whose employees may be let in.' })
  receiver!: string;
  @Field(() => AgreementKind, { description: 'What is agreed to.' })
  kind!: AgreementKind;
  @Field(() => String, { description: 'The legal basis, in one line of 3 to 500 characters.' })
  basis!: string;
  @Field(() => String, {
    nullable: true,
    description:
      'Reference of the data-processing agreement, in one line of 3 to 200 characters. For `PROCESSING`, and for nothing else.',
  })
  processingAgreement?: string | null;
  @Field(() => DateOnly, { nullable: true, description: 'First day; today by default.' })
  validFrom?: string | null;
  @Field(() => DateOnly, { nullable: true, description: 'Last day, not before the first; none by default.' })
  validTo?: string | null;
}
