/** The course before work in a citizen service centre: recorded from outside, with evidence. */
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { ListSize, RequiresScopes, Use } from '../../protocol/directives.js';
import { Fault } from '../../protocol/faults.js';
import { isUuid } from '../../protocol/text.js';
import type { IdentityContext } from '../context.js';
import { holderOf } from '../grants/store.js';
import { Employee } from '../types.js';
import { dayOf, lineGiven } from '../written.js';
import * as store from './store.js';
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
  async recordCourse(
    @Arg('input', () => RecordCourseInput, { description: 'What was passed, and the evidence.' })
    input: RecordCourseInput,
    @Ctx() { viewer, services, loaders, courseMonths }: IdentityContext,
  ): Promise<store.CourseRow> {
    const { municipality, actor, scopes } = viewer;
    if (actor.kind !== 'Employee') throw new Fault('FORBIDDEN');
    const evidence = lineGiven(input.evidence, 'input.evidence', 500);
    const now = services.now();
    if (input.passedOn > dayOf(now) || input.passedOn < '1990-01-01')
      throw new Fault('BAD_USER_INPUT', 'Argument "input.passedOn": expected a day since 1990, not to come.');
    if (!isUuid(input.employee)) throw new Fault('NOT_FOUND');
    const employee = input.employee.toLowerCase();
    if (employee === actor.id)
      throw new Fault(
        'BAD_USER_INPUT',
        'Argument "input.employee": expected somebody else. Nobody records an own course.',
      );
    const row = await services.database.asViewer(
      viewer,
      async (tx) => {
        const found = await holderOf(tx, municipality, employee);
        if (!found) throw new Fault('NOT_FOUND');
        if (!found.led && !scopes.includes('admin'))
          throw new Fault('FORBIDDEN', 'A course is recorded by who leads the unit, or by an administrator.');
        if (found.left) throw new Fault('CONFLICT', 'The employee has left.');
        const { kind, passedOn } = input;
        const passed = {
          id: services.newId(),
          employee,
          kind,
          passedOn,
          evidence,
          recordedById: actor.id,
          recordedAt: now,
        };
        return store.insertCourse(tx, municipality, passed, courseMonths);
      },
      'change',
    );
    loaders.courses.clear(employee);
    loaders.grantsOfHolder.clearAll();
    return row;
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
