/** Fields of the smdb room. They make no access decisions: rows that the viewer may not see are not there. */
import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, FieldResolver, ID, Info, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { isTimeKey, pagingOf } from '../kit/paging.js';
import { afterDescription, type Connection, connection, firstDescription } from '../protocol/connection.js';
import { ListSize, PageSize, RequiresScopes, Use } from '../protocol/directives.js';
import { reportForm } from './actions.js';
import type { SmdbContext } from './context.js';
import { criteriaOf } from './criteria.js';
import { danishDate, guaranteeDueOn } from './due.js';
import { SmdbFormKind } from './enums.js';
import type { FormKind } from './forms.js';
import { ReportFormInput, SmdbFormFilter } from './inputs.js';
import { rightOf } from './rights.js';
import type { CourseRow, FormRow, VersionRow } from './store.js';
import {
  Citizen,
  SmdbForm,
  SmdbFormConnection,
  SmdbFormVersion,
  TreatmentCourse,
  type TreatmentGuarantee,
} from './types.js';

@Resolver()
export class SmdbResolver {
  @RequiresScopes(['smdb:read'])
  @Use('read')
  @Query(() => TreatmentCourse, {
    nullable: true,
    description: 'A course of treatment; `null` if there is none that the viewer may know of.',
  })
  treatmentCourse(
    @Arg('id', () => ID, { description: 'Id of the course.' }) id: string,
    @Ctx() { loaders }: SmdbContext,
  ): Promise<CourseRow | null> {
    return loaders.course.load(id);
  }

  @RequiresScopes(['smdb:read'])
  @Use('search')
  @PageSize()
  @Query(() => SmdbFormConnection, {
    nullable: true,
    description: 'The forms that the viewer may read, newest report first.',
  })
  async smdbForms(
    @Arg('filter', () => SmdbFormFilter, {
      nullable: true,
      description: 'Conditions on the forms; all forms by default.',
    })
    filter: SmdbFormFilter | null,
    @Arg('first', () => Int, { nullable: true, description: firstDescription })
    first: number | null,
    @Arg('after', () => String, { nullable: true, description: afterDescription })
    after: string | null,
    @Ctx() { loaders }: SmdbContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Connection<FormRow>> {
    const paging = pagingOf({ first, after }, info, isTimeKey);
    return connection(await loaders.forms(criteriaOf(filter), paging), after);
  }

  @RequiresScopes(['smdb:report'])
  @Use('enter')
  @Mutation(() => SmdbForm, {
    nullable: true,
    description:
      'Reports a form. In a delegated right the form joins the citizen’s open course or opens one; which of the two is not told. `FORBIDDEN`: the right acted in does not include it. `BAD_USER_INPUT`: the form does not accept the answers. `CONFLICT`: the form contradicts the order of a course, as far as the viewer may know it.',
  })
  async reportForm(
    @Arg('input', () => ReportFormInput, { description: 'The report.' }) input: ReportFormInput,
    @Ctx() context: SmdbContext,
  ): Promise<FormRow> {
    return reportForm(context, input);
  }
}

@Resolver(() => TreatmentCourse)
export class TreatmentCourseResolver {
  @FieldResolver()
  citizen(@Root() course: CourseRow) {
    return { id: course.citizen };
  }

  @FieldResolver()
  async case(@Root() course: CourseRow, @Ctx() { loaders }: SmdbContext) {
    const link = await loaders.caseOfCourse.load(course.id);
    return link && { id: link.case };
  }

  @FieldResolver()
  municipality(@Root() course: CourseRow) {
    return { code: course.municipality };
  }

  @FieldResolver()
  guarantee(@Root() course: CourseRow, @Ctx() { services, viewer }: SmdbContext): TreatmentGuarantee | null {
    if (!course.requestKnown) return null;
    const dueOn = guaranteeDueOn(course.requestedOn);
    if (course.startedOn) return { dueOn, met: course.startedOn <= dueOn };
    const tooLate = danishDate(services.now()) > dueOn && !rightOf(viewer).delegated;
    return { dueOn, met: tooLate ? false : null };
  }

  @FieldResolver()
  async forms(
    @Root() course: CourseRow,
    @Arg('kinds', () => [SmdbFormKind], {
      nullable: true,
      description: 'Forms of these kinds; all by default.',
    })
    kinds: FormKind[] | null,
    @Ctx() { loaders }: SmdbContext,
  ): Promise<FormRow[]> {
    const forms = await loaders.formsOfCourse.load(course.id);
    return kinds ? forms.filter((form) => kinds.includes(form.kind)) : forms;
  }
}

@Resolver(() => SmdbForm)
export class SmdbFormResolver {
  @FieldResolver()
  course(@Root() form: FormRow, @Ctx() { loaders }: SmdbContext) {
    return loaders.course.load(form.course);
  }

  @FieldResolver()
  reportedBy(@Root() form: FormRow) {
    return { id: form.reportedBy };
  }

  @FieldResolver()
  onBehalfOf(@Root() form: FormRow) {
    return form.onBehalfOf && { id: form.onBehalfOf };
  }

  @FieldResolver()
  versions(@Root() form: FormRow, @Ctx() { loaders }: SmdbContext): Promise<VersionRow[]> {
    return loaders.versionsOfForm.load(form.id);
  }
}

@Resolver(() => SmdbFormVersion)
export class SmdbFormVersionResolver {
  @FieldResolver()
  recordedBy(@Root() version: VersionRow) {
    return { id: version.recordedBy };
  }
}

@Resolver(() => Citizen)
export class CitizenResolver {
  @ListSize(3)
  @FieldResolver(() => [TreatmentCourse], {
    description: 'Courses of drug-misuse treatment that the viewer may know of, newest request first.',
  })
  treatmentCourses(@Root() citizen: Citizen, @Ctx() { loaders }: SmdbContext): Promise<CourseRow[]> {
    return loaders.coursesOfCitizen.load(citizen.id);
  }
}
