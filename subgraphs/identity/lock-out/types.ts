/** The GraphQL types of the lock-out. */
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { connectionType } from '../../protocol/connection.js';
import { DateTime } from '../../protocol/scalars.js';
import { Employee } from '../types.js';

export enum AccessBlockKind {
  PERSON = 'PERSON',
  WORKSTATION = 'WORKSTATION',
  NAME_AT_WORKSTATION = 'NAME_AT_WORKSTATION',
}
registerEnumType(AccessBlockKind, {
  name: 'AccessBlockKind',
  description: 'What was locked out after consecutive rejected attempts.',
  valuesConfig: {
    PERSON: {
      description: 'A person: one who guessed while signed in, or one who has no access and tried to sign in.',
    },
    WORKSTATION: {
      description: 'Guessing from a workstation, whoever is at it. Nobody is kept from signing in by it.',
    },
    NAME_AT_WORKSTATION: {
      description: 'A user name that was tried, at this workstation only: elsewhere it can be used as ever.',
    },
  },
});

@ObjectType({ description: 'A user or a workstation that was locked out, and why that was lifted.' })
export class AccessBlock {
  @Field(() => ID, { description: 'Random UUID.' })
  id!: string;
  @Field(() => AccessBlockKind, { description: 'What was locked out.' })
  kind!: AccessBlockKind;
  @Field(() => String, { nullable: true, description: 'Network address from which the last attempt came.' })
  workstation!: string | null;
  @Field(() => Employee, { nullable: true, description: 'The employee who was locked out.' })
  employee!: Employee | null;
  @Field(() => DateTime, { description: 'Since when.' })
  blockedAt!: Date;
  @Field(() => DateTime, { nullable: true, description: 'Until when; null for a block that stands.' })
  liftedAt!: Date | null;
  @Field(() => Employee, { nullable: true, description: 'The administrator who lifted it.' })
  liftedBy!: Employee | null;
  @Field(() => String, { nullable: true, description: 'What the cause was found to be.' })
  clarification!: string | null;
}

export const AccessBlockConnection = connectionType('AccessBlock', () => AccessBlock);
