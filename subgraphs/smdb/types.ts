/** The types of the smdb room as the schema shows them. Entities of other rooms are stubs with only their key. */
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { connectionType } from '../protocol/connection.js';
import { Audited, Key, ListSize } from '../protocol/directives.js';
import { DateOnly, DateTime, JSONValue, MunicipalityCode } from '../protocol/scalars.js';
import { FormStatus, SmdbFormKind, TreatmentOutcome } from './enums.js';
import type { FormKind } from './forms.js';

// ── Entities of other rooms ──────────────────────────────────────────────────────────────────────────────────────────

@Key('id', false)
@ObjectType()
export class Case {
  @Field(() => ID)
  id!: string;
}

@Key('id', false)
@ObjectType()
export class Employee {
  @Field(() => ID)
  id!: string;
}

@Key('id', false)
@ObjectType()
export class Organisation {
  @Field(() => ID)
  id!: string;
}

@Key('code', false)
@ObjectType()
export class Municipality {
  @Field(() => MunicipalityCode)
  code!: string;
}

@Key()
@ObjectType()
export class Citizen {
  @Field(() => ID)
  id!: string;
}

// ── The room's own ───────────────────────────────────────────────────────────────────────────────────────────────────

@ObjectType({
  description: 'The treatment guarantee ("behandlingsgaranti"): treatment starts within 14 days of the request.',
})
export class TreatmentGuarantee {
  @Field(() => DateOnly, { description: 'Last day on which treatment may start: 14 days after the request.' })
  dueOn!: string;
  @Field(() => Boolean, {
    nullable: true,
    description:
      'Whether treatment started in time. `null` while that is open, and for delegated rights if somebody else reports the start.',
  })
  met!: boolean | null;
}

@Key()
@ObjectType({
  description:
    'A citizen\'s course of contact (`KONTAKTFORLOEBID`) with drug-misuse treatment: one open course per citizen and municipality. In a delegated right ("forvaltende") the viewer sees only courses that they reported on, with what they reported.',
})
export class TreatmentCourse {
  @Field(() => ID, { description: 'Random UUID.' })
  id!: string;
  @Audited()
  @Field(() => Citizen, { nullable: true, description: 'The citizen who is treated.' })
  citizen!: Citizen | null;
  @Field(() => Case, {
    nullable: true,
    description: 'The case that the treatment belongs to, if there is one and the viewer may know of it.',
  })
  case!: Case | null;
  @Field(() => Municipality, { description: 'The municipality that is the authority of the course.' })
  municipality!: Municipality;
  @Field(() => DateOnly, {
    description:
      'Day of the request (`BehandlingAnmodningDato`). If the viewer may know of no request, it is the earliest day that they may know of, and `guarantee` is `null`.',
  })
  requestedOn!: string;
  @Field(() => DateOnly, { nullable: true, description: 'Day on which treatment started.' })
  startedOn!: string | null;
  @Field(() => DateOnly, {
    nullable: true,
    description: 'Day on which treatment ended (`BehandlingAfsluttetDato`); `null` while the course is open.',
  })
  endedOn!: string | null;
  @Field(() => TreatmentOutcome, {
    nullable: true,
    description:
      'How treatment ended; `null` while the course is open, and for viewers who may not read its END_TREATMENT form.',
  })
  outcome!: string | null;
  @Field(() => TreatmentGuarantee, {
    nullable: true,
    description: 'The treatment guarantee; `null` if the viewer may know of no request.',
  })
  guarantee!: TreatmentGuarantee | null;
  @ListSize(10)
  @Field(() => [SmdbForm], { description: 'The forms that the viewer may read, in the order of their events.' })
  forms!: SmdbForm[];
}

@ObjectType({ description: 'A version of a form, in force from `recordedAt` until the next version.' })
export class SmdbFormVersion {
  @Field(() => Int, { description: 'Counted from 1: the first report.' })
  number!: number;
  @Field(() => JSONValue, { description: 'The answers of this version.' })
  answers!: unknown;
  @Field(() => Employee, { description: 'The employee who recorded this version.' })
  recordedBy!: Employee;
  @Field(() => DateTime, { description: 'When this version was recorded.' })
  recordedAt!: Date;
  @Field(() => String, { nullable: true, description: 'Why it was corrected; `null` for the first version.' })
  reason!: string | null;
}

@Key()
@ObjectType({ description: 'A form reported to Stofmisbrugsdatabasen (SMDB).' })
export class SmdbForm {
  @Field(() => ID, { description: 'Random UUID.' })
  id!: string;
  @Field(() => SmdbFormKind, { description: 'The kind of form.' })
  kind!: FormKind;
  @Audited()
  @Field(() => TreatmentCourse, { description: 'The course of treatment it is about.' })
  course!: TreatmentCourse;
  @Field(() => FormStatus, { description: 'Its current status.' })
  status!: string;
  @Field(() => Employee, {
    description: 'The employee who reported it; under a power of attorney (fuldmagt), the employee who acted.',
  })
  reportedBy!: Employee;
  @Field(() => Organisation, {
    nullable: true,
    description: 'The organisation on whose behalf it was reported; `null` if on behalf of none.',
  })
  onBehalfOf!: Organisation | null;
  @Field(() => DateTime, { description: 'When it was reported.' })
  reportedAt!: Date;
  @Field(() => DateOnly, {
    description:
      'Last day to report it: 15 days after the end of the month of its event. For MEDICAL_QUALITY: when the medical treatment ends, at the latest 12 months after its start.',
  })
  due!: string;
  @Field(() => JSONValue, { description: 'Its answers in force, by variable; see the value of `kind`.' })
  answers!: unknown;
  @ListSize(3)
  @Field(() => [SmdbFormVersion], { description: 'Every version, the oldest first. The last one is in force.' })
  versions!: SmdbFormVersion[];
}

export const SmdbFormConnection = connectionType('SmdbForm', () => SmdbForm);
