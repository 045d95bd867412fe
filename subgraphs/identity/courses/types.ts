/** The types of courses that employees have passed. Their fields are resolved in resolvers.ts. */
import { Field, ID, InputType, ObjectType } from 'type-graphql';
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
  @Field(() => String, { description: 'Evidence of it, such as the number of a certificate.' })
  evidence!: string;
  @Field(() => Employee, { nullable: true, description: 'The manager or administrator who recorded it.' })
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
