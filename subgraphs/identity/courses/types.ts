/** The types of courses that employees have passed. Their fields are resolved in resolvers.ts. */
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { ListSize } from '../../protocol/directives.js';
import { DateOnly, DateTime } from '../../protocol/scalars.js';
import { CourseKind } from '../enums.js';
import { Employee } from '../types.js';

@ObjectType({ description: 'A course or test that an employee has passed.' })
export class CourseRecord {
  @Field(() => ID, { description: 'Random UUID.' })
  id!: string;
  @Field(() => CourseKind, { description: 'Which course.' })
  kind!: CourseKind;
  @Field(() => DateOnly, { description: 'Day on which it was passed.' })
  passedOn!: string;
  @Field(() => DateOnly, {
    nullable: true,
    description: 'First day on which it is no longer good; null if it does not expire.',
  })
  expiresOn!: string | null;
  @Field(() => String, {
    description: 'Evidence of it, such as the number of a certificate; the id of the attempt if it was passed here.',
  })
  evidence!: string;
  @Field(() => Employee, {
    nullable: true,
    description: 'The manager or administrator who recorded it; null if it was passed here.',
  })
  recordedBy!: Employee | null;
  @Field(() => DateTime, { description: 'When it was recorded.' })
  recordedAt!: Date;
}

@InputType({ description: 'A course that was passed elsewhere.' })
export class RecordCourseInput {
  @Field(() => ID, { description: 'The employee who passed it; never the caller.' })
  employee!: string;
  @Field(() => CourseKind, { description: 'Which course.' })
  kind!: CourseKind;
  @Field(() => DateOnly, { description: 'Day on which it was passed; not a day to come.' })
  passedOn!: string;
  @Field(() => String, { description: 'Evidence of it, in one line of 3 to 500 characters.' })
  evidence!: string;
}

@ObjectType({ description: 'One answer that a question offers.' })
export class CourseOption {
  @Field(() => String, { description: 'Its letter within the question, from a.' })
  letter!: string;
  @Field(() => String, { description: 'What it says.' })
  text!: string;
}

@ObjectType({ description: 'A question of an attempt. Exactly one of its options is right; which, nobody is told.' })
export class CourseQuestion {
  @Field(() => Int, { description: 'Its number within the attempt, from 1.' })
  number!: number;
  @Field(() => String, { description: 'What is asked, in Danish or as the municipality wrote it.' })
  text!: string;
  @Field(() => String, { nullable: true, description: 'Where the rule stands; null if the municipality does not say.' })
  source!: string | null;
  @ListSize(4)
  @Field(() => [CourseOption], { description: 'Two to four options, in the order of their letters.' })
  options!: CourseOption[];
}

@ObjectType({
  description:
    'An attempt of an employee at a course. It can be judged once, until it expires. Only the employee sees it.',
})
export class CourseAttempt {
  @Field(() => ID, { description: 'Random UUID.' })
  id!: string;
  @Field(() => CourseKind, { description: 'Which course.' })
  kind!: CourseKind;
  @ListSize(10)
  @Field(() => [CourseQuestion], { description: 'Its questions, in the order of their numbers.' })
  questions!: CourseQuestion[];
  @Field(() => Int, { description: 'How many right answers pass.' })
  needed!: number;
  @Field(() => DateTime, { description: 'When it was begun.' })
  begunAt!: Date;
  @Field(() => DateTime, { description: 'From this time on it can no longer be judged.' })
  expiresAt!: Date;
  @Field(() => DateTime, { nullable: true, description: 'When it was judged; null if it was not.' })
  judgedAt!: Date | null;
  @Field(() => Int, { nullable: true, description: 'How many answers were right; null until it is judged.' })
  right!: number | null;
  @Field(() => Boolean, { nullable: true, description: 'Whether it was passed; null until it is judged.' })
  passed!: boolean | null;
  @Field(() => CourseRecord, { nullable: true, description: 'The course that passing recorded; null without it.' })
  course!: CourseRecord | null;
}

@InputType({ description: 'The answer to one question of an attempt.' })
export class CourseAnswerInput {
  @Field(() => Int, { description: 'Number of the question.' })
  number!: number;
  @Field(() => String, { description: 'Letter of the option.' })
  letter!: string;
}
