/** The GraphQL types of the cases room. Their fields are resolved in the resolvers. */
import { Directive, Field, ID, Int, ObjectType } from 'type-graphql';
import { connectionType } from '../protocol/connection.js';
import { AtLevel, Audited, Cost, Key, ListSize } from '../protocol/directives.js';
import { DateOnly, DateTime, KLE, MunicipalityCode } from '../protocol/scalars.js';
import {
  AuthorityCode,
  CaseCategory,
  CaseLevel,
  CaseProgress,
  DocumentKind,
  ImportOutcome,
  PartyRole,
  Sensitivity,
} from './enums.js';

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
@ObjectType({ description: 'An authority (myndighed): the municipality, or one for which it is the secretariat.' })
export class Authority {
  @Field(() => ID, { description: 'Municipality code and authority code, such as "0999.RENT_BOARD".' })
  id!: string;
  @Field(() => AuthorityCode, { description: 'Which of the authorities it is.' })
  code!: AuthorityCode;
  @Field(() => Municipality, { description: 'The municipality that is the authority, or its secretariat.' })
  municipality!: Municipality;
}

@Key()
@ObjectType({
  description:
    'A group of cases for which employees are cleared together (a "code", Datasikkerhed i borgerservicecentre §1.1): authority × category, or one single case.',
})
export class Compartment {
  @Field(() => ID, {
    description: 'Id such as "0999.MUNICIPALITY.HOUSING_BENEFIT". The compartments that exist by law are not secret.',
  })
  id!: string;
  @Field(() => Authority, { description: 'The authority that the cases belong to.' })
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
    'A case (sag). A case that the viewer is not cleared for is not found, and affects no list, count or order. Citizens see the ordinary cases that they are a party to: at METADATA as the primary party, at EXISTENCE in other roles. At EXISTENCE, lists of employees hold the running cases of a citizen who was looked up, and nothing else.',
})
export class Case {
  @Field(() => ID, { description: 'Random UUID.' })
  id!: string;
  @Field(() => CaseLevel, { description: 'How much of this case the viewer may know.' })
  clearance!: CaseLevel;
  @AtLevel('METADATA')
  @Field(() => String, {
    nullable: true,
    description:
      'KLE number, facet, serial number and year, such as "27.24.00-G01-5-19"; unique within its compartment. Null below METADATA.',
  })
  number!: string | null;
  @AtLevel('METADATA')
  @Field(() => String, { nullable: true, description: 'At most 300 characters. Null below METADATA.' })
  title!: string | null;
  @Field(() => KLE, { description: 'Class in the municipal classification KLE.' })
  kle!: string;
  @Field(() => CaseCategory, { description: 'What kind of case it is.' })
  category!: CaseCategory;
  @Field(() => Authority, { description: 'The authority that the case belongs to.' })
  authority!: Authority;
  @Field(() => Compartment, { description: 'The compartment for which a viewer must be cleared to know of the case.' })
  compartment!: Compartment;
  @Field(() => CaseProgress, { description: 'Progress of the case.' })
  progress!: CaseProgress;
  @Field(() => Sensitivity, { description: 'Sensitivity of its data.' })
  sensitivity!: Sensitivity;
  @Field(() => DateOnly, { description: 'Day on which it was opened.' })
  openedOn!: string;
  @Field(() => DateOnly, { nullable: true, description: 'Day on which it was closed; null while it is open.' })
  closedOn!: string | null;
  @Field(() => DateTime, { description: 'When it was last changed.' })
  changedAt!: Date;
  @AtLevel('METADATA')
  @Field(() => Employee, {
    nullable: true,
    description: 'The employee who handles it (primær behandler). Null below METADATA.',
  })
  handler!: Employee | null;
}

@Key('compartmentId employeeId coordinate')
@ObjectType({ description: 'The access of an employee to a case that the viewer may know of.' })
export class CaseAccess {
  @Audited()
  @Field(() => Case, { nullable: true, description: 'The case.' })
  case!: Case | null;
  @Field(() => ID, { description: 'Id of the compartment that the case lies in.' })
  compartmentId!: string;
  @Field(() => ID, { description: 'Id of the employee, as it was given.' })
  employeeId!: string;
  @Field(() => String, { description: 'The field that is asked about, such as "Case.title", as it was given.' })
  coordinate!: string;
}

@ObjectType({ description: 'A citizen in a case (part).' })
export class CaseParty {
  @Field(() => Citizen, { nullable: true, description: 'The citizen; null if the viewer may not see them.' })
  citizen!: Citizen | null;
  @Field(() => PartyRole, { description: 'Role of the citizen in the case.' })
  role!: PartyRole;
}

@ObjectType({ description: 'What a case system calls a case.' })
export class ExternalId {
  @Field(() => String, { description: 'The system that gave the id.' })
  source!: string;
  @Field(() => String, { description: 'The id there.' })
  id!: string;
}

@ObjectType({ description: 'What is wrong with one value of an input.' })
export class InputProblem {
  @Field(() => String, { description: 'Where the value is in the row, such as "parties.0.cpr".' })
  path!: string;
  @Field(() => String, { description: 'What was expected. The value is never repeated.' })
  message!: string;
}

@ObjectType({ description: 'What became of one row of a batch.' })
export class ImportedCase {
  @Field(() => Int, { description: 'Place of the row in the batch, from 0.' })
  index!: number;
  @Field(() => ExternalId, { description: 'What the source calls the case.' })
  externalId!: ExternalId;
  @Field(() => ImportOutcome, { description: 'What became of the row.' })
  outcome!: ImportOutcome;
  @Field(() => Case, { nullable: true, description: 'The case; null if there is none.' })
  case!: Case | null;
  @ListSize(3)
  @Field(() => [InputProblem], {
    description: 'Why the row was refused: everything that is wrong with it. Empty otherwise.',
  })
  problems!: InputProblem[];
}

@ObjectType({ description: 'A document of a case (dokument).' })
class Document {
  @Field(() => ID, { description: 'Random UUID.' })
  id!: string;
  @Field(() => String, { description: 'At most 300 characters.' })
  title!: string;
  @Field(() => DocumentKind, { description: 'Direction of the document.' })
  kind!: DocumentKind;
  @Field(() => DateTime, { description: 'Time at which it was entered in the file (journaliseret).' })
  recordedAt!: Date;
  @Field(() => String, { description: 'Media type of the original, such as "application/pdf".' })
  mediaType!: string;
  @Field(() => String, { nullable: true, description: 'Its plain text; null if there is none.' })
  text!: string | null;
}

export const CaseConnection = connectionType('Case', () => Case);
export const DocumentConnection = connectionType('Document', () => Document);
