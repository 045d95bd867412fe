/** The GraphQL types of the cases room. Their fields are resolved in the resolvers. */
import { Directive, Field, ID, ObjectType } from 'type-graphql';
import { connectionType } from '../protocol/connection.js';
import { Audited, Cost, Key } from '../protocol/directives.js';
import { DateOnly, DateTime, KLE, MunicipalityCode } from '../protocol/scalars.js';
import { AuthorityCode, CaseCategory, CaseLevel, CaseProgress, DocumentKind, PartyRole, Sensitivity } from './enums.js';

@Key('code', false)
@ObjectType()
export class Municipality {
  @Field(() => MunicipalityCode)
  code!: string;
}

@Key('id', false)
@ObjectType()
export class Employee {
  @Field(() => ID)
  id!: string;
}

@Key()
@ObjectType()
export class Citizen {
  @Field(() => ID)
  id!: string;
}

@Key()
@ObjectType({ description: 'An authority (myndighed): the municipality, or one whose secretariat it is.' })
export class Authority {
  @Field(() => ID, { description: 'Municipality code and authority code, such as "0999.RENT_BOARD".' })
  id!: string;
  @Field(() => AuthorityCode, { description: 'Which of the authorities it is.' })
  code!: AuthorityCode;
  @Field(() => Municipality, { description: 'Where it is the authority, or the secretariat of it.' })
  municipality!: Municipality;
}

@Key()
@ObjectType({
  description:
    'A group of cases that employees are cleared for together (a "code", Datasikkerhed i borgerservicecentre §1.1): authority × category, or one single case.',
})
export class Compartment {
  @Field(() => ID, {
    description: 'Such as "0999.MUNICIPALITY.HOUSING_BENEFIT"; the compartments there are by law are no secret.',
  })
  id!: string;
  @Field(() => Authority, { description: 'Whose cases they are.' })
  authority!: Authority;
  @Field(() => CaseCategory, { description: 'What kind of cases they are.' })
  category!: CaseCategory;
  @Field(() => Boolean, { description: 'Whether it holds one case only, with a code of its own.' })
  singleCase!: boolean;
  @Field(() => Boolean, { description: 'Whether the very existence of its cases is confidential.' })
  shielded!: boolean;
}

@Key()
@Audited()
@Cost(2)
@Directive('@shielded(by: "clearance")')
@ObjectType({
  description:
    'A case (sag). One that the viewer is not cleared for is not found and stands in no list, count or order. Citizens see their own ordinary cases at METADATA.',
})
export class Case {
  @Field(() => ID, { description: 'Random UUID.' })
  id!: string;
  @Field(() => CaseLevel, { description: 'How much of this case the viewer may know.' })
  clearance!: CaseLevel;
  @Field(() => String, {
    nullable: true,
    description:
      'KLE number, facet, serial number and year, such as "27.24.00-G01-5-19"; unique within its compartment. Null below METADATA.',
  })
  number!: string | null;
  @Field(() => String, { nullable: true, description: 'At most 300 characters. Null below METADATA.' })
  title!: string | null;
  @Field(() => KLE, { description: 'Class in the municipal classification KLE.' })
  kle!: string;
  @Field(() => CaseCategory, { description: 'What kind of case it is.' })
  category!: CaseCategory;
  @Field(() => Authority, { description: 'Whose case it is.' })
  authority!: Authority;
  @Field(() => Compartment, { description: 'The compartment that one must be cleared for to know of the case.' })
  compartment!: Compartment;
  @Field(() => CaseProgress, { description: 'How far it has come.' })
  progress!: CaseProgress;
  @Field(() => Sensitivity, { description: 'How sensitive its data are.' })
  sensitivity!: Sensitivity;
  @Field(() => DateOnly, { description: 'Day on which it was opened.' })
  openedOn!: string;
  @Field(() => DateOnly, { nullable: true, description: 'Day on which it was closed; null while it is open.' })
  closedOn!: string | null;
  @Field(() => DateTime, { description: 'When it was last changed.' })
  changedAt!: Date;
  @Field(() => Employee, {
    nullable: true,
    description: 'The employee who handles it (primær behandler). Null below METADATA.',
  })
  handler!: Employee | null;
}

@ObjectType({ description: 'A citizen in a case (part).' })
export class CaseParty {
  @Field(() => Citizen, { nullable: true, description: 'Null for one whom the viewer may not see.' })
  citizen!: Citizen | null;
  @Field(() => PartyRole, { description: 'What the citizen is in the case.' })
  role!: PartyRole;
}

@ObjectType({ description: 'A document of a case (dokument).' })
class Document {
  @Field(() => ID, { description: 'Random UUID.' })
  id!: string;
  @Field(() => String, { description: 'At most 300 characters.' })
  title!: string;
  @Field(() => DocumentKind, { description: 'Which way it went.' })
  kind!: DocumentKind;
  @Field(() => DateTime, { description: 'When it was entered in the file (journaliseret).' })
  recordedAt!: Date;
  @Field(() => String, { description: 'Media type of the original, such as "application/pdf".' })
  mediaType!: string;
  @Field(() => String, { nullable: true, description: 'Its plain text, where there is one.' })
  text!: string | null;
}

export const CaseConnection = connectionType('Case', () => Case);
export const DocumentConnection = connectionType('Document', () => Document);
