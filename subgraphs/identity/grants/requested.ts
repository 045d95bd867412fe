/** What a request for a grant asks for, checked; and what a decision on one comes to. */
import { Fault } from '../../protocol/faults.js';
import type { CaseOperation } from '../../protocol/viewer.js';
import type { GrantRow } from './store.js';

const inOrder: readonly CaseOperation[] = ['SEARCH', 'ENTER', 'DELETE'];

/** Each once, in a fixed order. Throws `BAD_USER_INPUT` for none. */
export function wantedOperations(given: readonly `${CaseOperation}`[]): CaseOperation[] {
  const operations = inOrder.filter((operation) => given.includes(operation));
  if (operations.length === 0) throw new Fault('BAD_USER_INPUT', 'Argument "input.operations": expected at least one.');
  return operations;
}

/** From now on by default. Throws `BAD_USER_INPUT` for an end that is not after the beginning and to come. */
export function periodOf(
  { validFrom, validTo }: { readonly validFrom?: string | null; readonly validTo?: string | null },
  now: Date,
): { validFrom: Date; validTo: Date | null } {
  const [from, to] = [validFrom ? new Date(validFrom) : now, validTo ? new Date(validTo) : null];
  if (to !== null && (to <= from || to <= now))
    throw new Fault('BAD_USER_INPUT', 'Argument "input.validTo": expected a time to come, after "input.validFrom".');
  return { validFrom: from, validTo: to };
}

/** `noAgreement`: why a grant that is not open to its holder cannot be given. Throws `CONFLICT` for what can be decided no more. */
export function decisionOn(
  grant: Pick<GrantRow, 'status' | 'validTo' | 'isOpen'>,
  isGiven: boolean,
  now: Date,
  noAgreement: string,
): 'GIVEN' | 'REFUSED' {
  if (grant.status !== 'REQUESTED') throw new Fault('CONFLICT', 'The grant was decided or withdrawn already.');
  if (!isGiven) return 'REFUSED';
  if (grant.validTo !== null && grant.validTo <= now) throw new Fault('CONFLICT', 'Its validity has ended: refuse it.');
  if (!grant.isOpen) throw new Fault('CONFLICT', noAgreement);
  return 'GIVEN';
}
