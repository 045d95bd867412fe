/** An employee as a user of the system: last use, missing course, lock-out, and the powers of attorney that the employee is on. */
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { ListSize, RequiresScopes } from '../../protocol/directives.js';
import type { IdentityContext } from '../context.js';
import { AccessBlock } from '../lock-out/types.js';
import { PowerOfAttorney } from '../powers/types.js';
import { Employee } from '../types.js';
import type { AccountRow } from './store.js';
import { EmployeeAccount } from './types.js';

@Resolver(() => Employee)
export class EmployeeAccountsResolver {
  @FieldResolver(() => EmployeeAccount, {
    nullable: true,
    description:
      'The employee as a user of the system: one’s own, those in units that one leads, and for administrators all; null for any other.',
  })
  account(@Root() { id }: Employee, @Ctx() { loaders }: IdentityContext) {
    return loaders.account.load(id);
  }

  @ListSize(5)
  @FieldResolver(() => [PowerOfAttorney], {
    description:
      'Powers of attorney (fuldmagter) that the employee is on, in force or not, the newest request first, as far as the viewer may know of them: one’s own, those of employees in units that one leads, and for administrators those of their organisation.',
  })
  powersOfAttorney(@Root() { id }: Employee, @Ctx() { loaders }: IdentityContext) {
    return loaders.powersOfEmployee.load(id);
  }
}

@Resolver(() => EmployeeAccount)
export class EmployeeAccountResolver {
  @RequiresScopes(['admin'])
  @ListSize(1)
  @FieldResolver(() => [AccessBlock], {
    nullable: true,
    description: 'Why the employee is locked out, the earliest first; empty for an employee who is not.',
  })
  blocks(@Root() { employee }: AccountRow, @Ctx() { loaders }: IdentityContext) {
    return loaders.blocksOfPerson.load(employee);
  }
}
