/** Fields of the smdb room. They make no access decisions: rows that the viewer may not see are not there. */
import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import {
  afterDescription,
  type Connection,
  connection,
  decodeCursor,
  encodeCursor,
  firstDescription,
  malformedCursor,
  pageSize,
} from '../protocol/connection.js';
import { ListSize, PageSize, RequiresScopes, Use } from '../protocol/directives.js';
import { Fault } from '../protocol/faults.js';
import { formats } from '../protocol/scalars.js';
import { isUuid } from '../protocol/text.js';
import { danishDate, guaranteeDueOn } from './due.js';
import { SmdbFormKind } from './enums.js';
import type { FormKind } from './forms.js';
import { ReportFormInput, SmdbFormFilter } from './inputs.js';
import { type SmdbContext, scopeOf } from './loaders.js';
import { report } from './report.js';
import { rightOf } from './rights.js';
import { type CourseRow, type FormRow, findForms, type VersionRow } from './store.js';
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
    @Ctx() { services, viewer }: SmdbContext,
  ): Promise<Connection<FormRow>> {
    const size = pageSize(first);
    const position = positionAfter(after);
    const course = filter?.course?.toLowerCase() ?? null;
    const criteria = {
      statuses: filter?.status ?? null,
      reportedFrom: instant(filter?.reportedFrom),
      reportedTo: instant(filter?.reportedTo),
      overdue: filter?.overdue ?? null,
      course: course === null || isUuid(course) ? course : noCourse,
    };
    const { rows, totalCount } = await services.database.asViewer(viewer, (tx) =>
      findForms(tx, scopeOf(viewer, filter?.kinds), criteria, position, size + 1),
    );
    const nodes = rows.slice(0, size);
    return connection({ nodes, cursorOf, hasNextPage: rows.length > size, totalCount }, after);
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
    @Ctx() { services, viewer, loaders }: SmdbContext,
  ): Promise<FormRow> {
    const form = await report(services, viewer, input);
    loaders.forget();
    return form;
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

/** A course without forms. */
const noCourse = '00000000-0000-0000-0000-000000000000';

const cursorOf = (form: FormRow) => encodeCursor([form.reportedAt.toISOString(), form.id]);

function positionAfter(after: string | null | undefined): [string, string] | null {
  const position = decodeCursor(after, 2);
  if (!position) return null;
  const [reportedAt, id] = position;
  const fits = typeof id === 'string' && isUuid(id) && typeof reportedAt === 'string';
  if (!fits || !formats.DateTime!.accepts(reportedAt)) throw new Fault('BAD_USER_INPUT', malformedCursor);
  return [instant(reportedAt)!, id];
}

/** In UTC, and within the years that both PostgreSQL and RFC 3339 can write. No form was reported outside them. */
function instant(time: string | null | undefined): string | null {
  if (!time) return null;
  const { min, max } = Math;
  return new Date(max(firstInstant, min(Date.parse(time), lastInstant))).toISOString();
}
const firstInstant = Date.parse('0001-01-02T00:00:00Z');
const lastInstant = Date.parse('9999-12-30T00:00:00Z');
