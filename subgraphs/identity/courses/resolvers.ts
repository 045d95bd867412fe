/** The course before work in a citizen service centre: recorded from outside, with evidence. */
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { ListSize, RequiresScopes, Use } from '../../protocol/directives.js';
import type { IdentityContext } from '../context.js';
import { Employee } from '../types.js';
import { record } from './actions.js';
import type * as store from './store.js';
import { CourseRecord, RecordCourseInput } from './types.js';

@Resolver(() => CourseRecord)
export class CourseResolver {
  @RequiresScopes(['grant:decide'], ['admin'])
  @Use('enter')
  @Mutation(() => CourseRecord, {
    nullable: true,
    description:
      'Records that somebody in a unit that one leads passed a course; administrators for everybody. Grants that waited for it come into force at once. `BAD_USER_INPUT`: it is for oneself, or passed on a day to come. `NOT_FOUND`: no such employee. `FORBIDDEN`: of another unit. `CONFLICT`: the employee has left.',
  })
  recordCourse(
    @Arg('input', () => RecordCourseInput, { description: 'What was passed, and the evidence.' })
    input: RecordCourseInput,
    @Ctx() context: IdentityContext,
  ): Promise<store.CourseRow> {
    return record(context, input);
  }

  @FieldResolver()
  recordedBy(@Root() { recordedById }: store.CourseRow, @Ctx() { loaders }: IdentityContext) {
    return loaders.employee.load(recordedById);
  }
}

@Resolver(() => Employee)
export class EmployeeCoursesResolver {
  @ListSize(5)
  @FieldResolver(() => [CourseRecord], {
    description:
      'Courses that the employee passed, the latest first, as far as the viewer may know of them: one’s own, those in units that one leads, and for administrators all.',
  })
  courses(@Root() { id }: Employee, @Ctx() { loaders }: IdentityContext) {
    return loaders.courses.load(id);
  }
}
