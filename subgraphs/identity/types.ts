/** The GraphQL types of the identity room. Their fields are resolved in the resolvers. */
import { createUnionType, Field, ID, Int, ObjectType } from 'type-graphql';
import { connectionType } from '../protocol/connection.js';
import { Audited, Key, ListSize, RequiresScopes } from '../protocol/directives.js';
import { CPR, CVR, DateTime, MunicipalityCode, PNumber } from '../protocol/scalars.js';
import type { Viewer as SignedViewer } from '../protocol/viewer.js';
import {
  AssuranceLevel,
  CaseLevel,
  CaseOperation,
  KeySource,
  OrganisationKind,
  RelativeKind,
  RightCode,
  RightSource,
} from './enums.js';

@Key('code')
@ObjectType({ description: 'A Danish municipality (kommune).' })
export class Municipality {
  @Field(() => MunicipalityCode, { description: 'Four digits with leading zero.' })
  code!: string;
  @Field(() => String, { description: 'Name without the word "Kommune".' })
  name!: string;
}

@Key()
@ObjectType({ description: 'A municipality, one of its units, or an organisation that works for it.' })
export class Organisation {
  @Field(() => ID, { description: 'Random UUID.' })
  id!: string;
  @Field(() => CVR, { description: 'CVR number; all units of one company share it.' })
  cvr!: string;
  @Field(() => PNumber, { nullable: true, description: 'P-number of the production unit.' })
  pNumber!: string | null;
  @Field(() => String, { description: 'Official name.' })
  name!: string;
  @Field(() => OrganisationKind, { description: 'What kind of organisation it is.' })
  kind!: OrganisationKind;
  @Field(() => Municipality, {
    nullable: true,
    description: 'The municipality it is part of; null for an organisation that belongs to none.',
  })
  municipality!: Municipality | null;

  partOf!: string | null;
}

@ObjectType({ description: 'A postal address in Denmark.' })
export class Address {
  @Field(() => String, { description: 'Street name and number.' })
  street!: string;
  @Field(() => String, { description: 'Four digits.' })
  postcode!: string;
  @Field(() => String, { description: 'Postal district.' })
  city!: string;
}

@ObjectType({ description: 'A person related to a citizen.' })
export class Relative {
  @Field(() => Citizen, {
    nullable: true,
    description: 'The relative; null if the viewer may not see them.',
  })
  citizen!: Citizen | null;
  @Field(() => RelativeKind, { description: 'Relation of the relative to the citizen.' })
  kind!: RelativeKind;

  relative!: string;
}

@Key()
@Audited()
@ObjectType({ description: 'A citizen (borger). The log names every citizen whom an answer names.' })
export class Citizen {
  @Field(() => ID, { description: 'Random UUID, not the CPR number.' })
  id!: string;
  @Field(() => CPR, { description: 'Personal number (personnummer).' })
  cpr!: string;
  @Field(() => String, { description: 'Full name.' })
  name!: string;
  @RequiresScopes(['citizen:read'], ['citizen:self'])
  @Field(() => Address, { nullable: true, description: 'Registered address (folkeregisteradresse).' })
  address!: Address | null;
  @Field(() => Municipality, { description: 'The municipality in whose register the citizen is.' })
  municipality!: Municipality;
  @ListSize(4)
  @Field(() => [Relative], { description: 'Parents, children and spouse, as far as the viewer may know of them.' })
  relatives!: Relative[];
}

@ObjectType({ description: 'A right (rettighed) that an employee holds.' })
export class Right {
  @Field(() => RightCode, { description: 'Which right.' })
  code!: RightCode;
  @Field(() => Organisation, { description: 'The organisation in which the right is held.' })
  organisation!: Organisation;
  @Field(() => RightSource, { description: 'Source of the right.' })
  source!: RightSource;

  organisationId!: string;
}

@Key()
@ObjectType({ description: 'An employee (medarbejder) of the municipality, or of an organisation that works for it.' })
export class Employee {
  @Field(() => ID, { description: 'Random UUID.' })
  id!: string;
  @Field(() => String, { description: 'Full name.' })
  name!: string;
  @Field(() => Organisation, { description: 'The unit where the employee works.' })
  organisation!: Organisation;
  @ListSize(5)
  @Field(() => [Right], { description: 'All rights held, the one held longest first.' })
  rights!: Right[];

  organisationId!: string;
}

@ObjectType({ description: 'A public key with which a system authenticates (`private_key_jwt`, RFC 7523).' })
export class SystemClientKey {
  @Field(() => ID, { description: 'Random UUID.' })
  id!: string;
  @Field(() => String, { description: 'The system’s name for the key (`kid`).' })
  kid!: string;
  @Field(() => [String], { description: 'Algorithms that it may sign with (RFC 7518), such as "ES256".' })
  algorithms!: string[];
  @Field(() => KeySource, { description: 'The form in which it was registered.' })
  source!: KeySource;
  @Field(() => DateTime, {
    nullable: true,
    description: 'Time from which its certificate is valid; null without a certificate.',
  })
  validFrom!: Date | null;
  @Field(() => DateTime, {
    nullable: true,
    description: 'Time at which its certificate expires; null without a certificate.',
  })
  validTo!: Date | null;
  @Field(() => DateTime, { description: 'When it was registered.' })
  registeredAt!: Date;
  @Field(() => DateTime, { nullable: true, description: 'When it was withdrawn; null while it is in force.' })
  withdrawnAt!: Date | null;
}

@Key()
@ObjectType({ description: 'A system, such as a case system, that signs in as itself (client credentials).' })
export class SystemClient {
  @Field(() => ID, { description: 'Random UUID.' })
  id!: string;
  @Field(() => String, { description: 'Name of the product.' })
  name!: string;
  @Field(() => Organisation, { description: 'The organisation that runs it.' })
  organisation!: Organisation;
  @Field(() => [String], { description: 'The scopes that it may use.' })
  scopes!: string[];
  @ListSize(5)
  @Field(() => [SystemClientKey], {
    description: 'Its public keys, oldest first, withdrawn ones included.',
  })
  keys!: SystemClientKey[];

  organisationId!: string;
}

export const Person = createUnionType({
  name: 'Person',
  description: 'Anybody who can act: a citizen, an employee or a system.',
  types: () => [Citizen, Employee, SystemClient] as const,
  resolveType: (person) => (person as unknown as { __typename: string }).__typename,
});
export type Person = Citizen | Employee | SystemClient;

@Key('id', false)
@ObjectType()
export class Compartment {
  @Field(() => ID)
  id!: string;
}

@Key('id', false)
@ObjectType()
export class Authority {
  @Field(() => ID)
  id!: string;
}

@ObjectType({ description: 'What the viewer may do in one compartment, by one grant.' })
export class Clearance {
  @Field(() => Compartment, { description: 'The group of cases, or the single case, that the grant is for.' })
  compartment!: Compartment;
  @Field(() => CaseLevel, { description: 'How much of a case the grant lets the viewer know.' })
  level!: CaseLevel;
  @Field(() => [CaseOperation], { description: 'What the grant lets the viewer do.' })
  operations!: CaseOperation[];
}

@ObjectType({ description: 'The sign-in that this request belongs to.' })
export class Session {
  @Field(() => DateTime, { description: 'Time at which the person last signed in.' })
  authenticatedAt!: Date;
  @Field(() => AssuranceLevel, { description: 'Level of assurance of the sign-in.' })
  assurance!: AssuranceLevel;
  @Field(() => Int, {
    description:
      'Minutes without activity after which the session ends (Datasikkerhed i borgerservicecentre §1.3). Only an operator can set it.',
  })
  idleTimeout!: number;
  @Field(() => DateTime, {
    nullable: true,
    description:
      'Time at which the session ends, whatever the activity; null for a caller without a session, such as a system.',
  })
  expiresAt!: Date | null;
}

@ObjectType({
  description: 'The notice shown to employees every second month (Datasikkerhed i borgerservicecentre §5.2).',
})
export class Notice {
  @Field(() => String, { description: 'The text, to be shown to the employee unchanged.' })
  text!: string;
  @Field(() => DateTime, { nullable: true, description: 'Time from which it has been due; null for the first notice.' })
  dueAt!: Date | null;
}

@ObjectType('Viewer', {
  description: 'The viewer: who asks, for whom, in which right, and what they may know to exist.',
})
export class ViewerType {
  @Field(() => Person, {
    description:
      'The subject: the person on whose authority the actor acts. Under a power of attorney (fuldmagt) it is the employee of the giver who gave it; otherwise it is the actor.',
  })
  person!: Person;
  @Field(() => Person, {
    description: 'The person who acts. Differs from `person` under a power of attorney (fuldmagt).',
  })
  actor!: Person;
  @Field(() => Organisation, { nullable: true, description: 'The unit where the actor works; null for citizens.' })
  organisation!: Organisation | null;
  @ListSize(5)
  @Field(() => [Right], {
    description: 'All rights that the viewer holds, the one held longest first. Empty for citizens and systems.',
  })
  rights!: Right[];
  @Field(() => Right, { nullable: true, description: 'The right acted in; switched with `actIn`.' })
  actingIn!: Right | null;
  @Field(() => Organisation, {
    nullable: true,
    description: 'The organisation acted for under a power of attorney (fuldmagt).',
  })
  actingFor!: Organisation | null;
  @ListSize(50)
  @Field(() => [Clearance], {
    description:
      'Clearance by compartment, with one item per grant. Levels and operations of two grants do not add up.',
  })
  clearance!: Clearance[];
  @Field(() => Session, { description: 'The sign-in that this request belongs to.' })
  session!: Session;
  @Field(() => Notice, {
    nullable: true,
    description:
      'The notice that look-ups are logged and may be checked. Null for two months after it was acknowledged, and for anybody but employees.',
  })
  notice!: Notice | null;

  signed!: SignedViewer;
}

export const CitizenConnection = connectionType('Citizen', () => Citizen);
export const EmployeeConnection = connectionType('Employee', () => Employee);
