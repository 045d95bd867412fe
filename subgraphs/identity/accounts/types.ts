/** The type of an employee's account, as those who look after it see it. */
import { Field, ObjectType } from 'type-graphql';
import { DateTime } from '../../protocol/scalars.js';

@ObjectType({ description: 'An employee as a user of the system.' })
export class EmployeeAccount {
  @Field(() => DateTime, { nullable: true, description: 'When the employee last signed in; null if never.' })
  lastSignedInAt!: Date | null;
  @Field(() => DateTime, {
    nullable: true,
    description:
      'When the employee last used the system, in whatever right; null if never. It is recorded when a session is used, at most every five minutes.',
  })
  lastUsedAt!: Date | null;
  @Field(() => Boolean, {
    description:
      'Whether the employee works in a citizen service and has no course in force, so that no grant is in force either (Datasikkerhed i borgerservicecentre §4).',
  })
  lacksCourse!: boolean;

  employee!: string;
}
