/** The course before work in a citizen service centre: recorded from outside with evidence, or taken here. */
import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { ListSize, OwnSession, RequiresScopes, Use } from '../../protocol/directives.js';
import type { IdentityContext } from '../context.js';
import { CourseKind } from '../enums.js';
import { Employee } from '../types.js';
import { record } from './actions.js';
import type { AttemptRow } from './attempt-store.js';
import { judge, start } from './attempts.js';
import { letterOf } from './questions.js';
import type * as store from './store.js';
import { CourseAnswerInput, CourseAttempt, type CourseQuestion, CourseRecord, RecordCourseInput } from './types.js';

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
    return recordedById && loaders.employee.load(recordedById);
  }
}

@Resolver(() => CourseAttempt)
export class CourseAttemptResolver {
  @RequiresScopes(['employee:read'])
  @Use('read')
  @ListSize(20)
  @Query(() => [CourseAttempt], {
    nullable: true,
    description: 'One’s own attempts at courses, the latest first, at most 20. Empty for anybody but employees.',
  })
  courseAttempts(@Ctx() { loaders }: IdentityContext): Promise<AttemptRow[]> {
    return loaders.courseAttempts();
  }

  @RequiresScopes(['employee:read'])
  @Use('enter')
  @Mutation(() => CourseAttempt, {
    nullable: true,
    description:
      'Begins an attempt at a course, with questions drawn at random. `FORBIDDEN`: the caller is no employee, or acts under a power of attorney. `CONFLICT`: too many attempts were begun today.',
  })
  startCourse(
    @Arg('kind', () => CourseKind, { defaultValue: 'DATA_SECURITY', description: 'Which course.' }) kind: CourseKind,
    @Ctx() context: IdentityContext,
  ): Promise<AttemptRow> {
    return start(context, kind);
  }

  // Passing changes the caller's own access, and the answer is about nothing else.
  @OwnSession()
  @RequiresScopes(['employee:read'])
  @Use('enter')
  @Mutation(() => CourseAttempt, {
    nullable: true,
    description:
      'Judges an own attempt. Passing records the course, and grants that waited for it come into force at once. `NOT_FOUND`: no such attempt of the caller’s. `BAD_USER_INPUT`: the answers do not answer each question once with one of its options. `CONFLICT`: it has expired, or was judged already. After an error it can be judged still, until it expires.',
  })
  attemptCourse(
    @Arg('attempt', () => ID, { description: 'Id of the attempt.' }) attempt: string,
    @Arg('answers', () => [CourseAnswerInput], { description: 'One answer to each question, in any order.' })
    answers: CourseAnswerInput[],
    @Ctx() context: IdentityContext,
  ): Promise<AttemptRow> {
    return judge(context, attempt, answers);
  }

  @FieldResolver()
  questions(@Root() { questions }: AttemptRow): CourseQuestion[] {
    return questions.map(({ options, ...question }, index) => ({
      ...question,
      number: index + 1,
      options: options.map((text, place) => ({ letter: letterOf(place + 1), text })),
    }));
  }

  @FieldResolver()
  right(@Root() { rightCount }: AttemptRow): number | null {
    return rightCount;
  }

  @FieldResolver()
  passed(@Root() { rightCount, needed }: AttemptRow): boolean | null {
    return rightCount === null ? null : rightCount >= needed;
  }

  @FieldResolver()
  async course(@Root() { id, employee }: AttemptRow, @Ctx() { loaders }: IdentityContext) {
    return (await loaders.courses.load(employee)).find(({ attempt }) => attempt === id) ?? null;
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
