/** The GraphQL types of the lock-out. */
import { Field, ID, ObjectType } from 'type-graphql';
import { connectionType } from '../../protocol/connection.js';
import { Key } from '../../protocol/directives.js';
import { DateTime } from '../../protocol/scalars.js';
import { Employee } from '../types.js';
import { AccessBlockKind } from './enums.js';

@Key()
@ObjectType({ description: 'A user or a workstation that was locked out, and how the block was lifted.' })
export class AccessBlock {
  @Field(() => ID, { description: 'Random UUID.' })
  id!: string;
  @Field(() => AccessBlockKind, { description: 'What was locked out.' })
  kind!: AccessBlockKind;
  @Field(() => String, { nullable: true, description: 'Network address from which the last attempt came.' })
  workstation!: string | null;
  @Field(() => Employee, { nullable: true, description: 'The employee who was locked out.' })
  employee!: Employee | null;
  @Field(() => DateTime, { description: 'Time from which it is locked out.' })
  blockedAt!: Date;
  @Field(() => DateTime, {
    nullable: true,
    description: 'Time at which the block was lifted; null while it is in force.',
  })
  liftedAt!: Date | null;
  @Field(() => Employee, { nullable: true, description: 'The administrator who lifted it.' })
  liftedBy!: Employee | null;
  @Field(() => String, { nullable: true, description: 'The cause that was found.' })
  clarification!: string | null;
}

export const AccessBlockConnection = connectionType('AccessBlock', () => AccessBlock);
