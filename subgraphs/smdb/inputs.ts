/** What callers send to the smdb room. criteria.ts and actions.ts check whether it is well-formed. */
import { Field, ID, InputType } from 'type-graphql';
import { DateTime, JSONValue } from '../protocol/scalars.js';
import { FormStatus, SmdbFormKind } from './enums.js';
import type { FormKind } from './forms.js';

@InputType({ description: 'Conditions on forms. All given conditions must hold.' })
export class SmdbFormFilter {
  @Field(() => [SmdbFormKind], { nullable: true, description: 'Forms of one of these kinds.' })
  kinds?: FormKind[] | null;
  @Field(() => [FormStatus], { nullable: true, description: 'Forms in one of these states.' })
  status?: string[] | null;
  @Field(() => DateTime, { nullable: true, description: 'Reported at this time or later.' })
  reportedFrom?: string | null;
  @Field(() => DateTime, { nullable: true, description: 'Reported before this time.' })
  reportedTo?: string | null;
  @Field(() => Boolean, { nullable: true, description: '`true`: reported after `due`; `false`: reported in time.' })
  overdue?: boolean | null;
  @Field(() => ID, { nullable: true, description: 'Forms of this course of treatment.' })
  course?: string | null;
}

@InputType({ description: 'A report. Name either `citizen` or `course`.' })
export class ReportFormInput {
  @Field(() => SmdbFormKind, {
    description: 'The kind of form. The right acted in decides which kinds may be reported.',
  })
  kind!: FormKind;
  @Field(() => ID, {
    nullable: true,
    description: "Reports on the citizen's open course; a REQUEST opens one.",
  })
  citizen?: string | null;
  @Field(() => ID, { nullable: true, description: 'Reports on this course, even after it has ended.' })
  course?: string | null;
  @Field(() => JSONValue, { description: 'Answers by variable; see the value of `kind`.' })
  answers!: unknown;
  @Field(() => ID, {
    nullable: true,
    description:
      'Id of the organisation reported for. Required in a delegated right. Otherwise it may only be the organisation acted for under a power of attorney (fuldmagt), which is the default.',
  })
  onBehalfOf?: string | null;
}
