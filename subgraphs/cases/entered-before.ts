/** Gives an external id to a case that is to be entered, or finds the case that was entered under it before. */
import type { Transaction } from '../postgres/database.js';
import { Fault } from '../protocol/faults.js';
import type { CaseStorage } from './change-store.js';
import type { CasesContext } from './context.js';
import { type Described, differences, facetIn } from './differences.js';
import { type ExternalKey, giveExternalIds, lockExternalIds } from './external-store.js';
import { lockCases, storedParties } from './import-store.js';
import type { CaseKey } from './store.js';

interface Wanted extends Described {
  /** Otherwise the case is opened on the day on which it is entered. */
  readonly isOpenedOnGiven: boolean;
}

/**
 * Returns the case that is there under this id, or `null` after giving the id to the case to be entered. Throws `CONFLICT` if what is
 * there is other than the input says, or is gone.
 */
export async function enteredBefore(
  tx: Transaction,
  { viewer: { municipality, actor } }: CasesContext,
  { storage, key, id }: { storage: CaseStorage; key: ExternalKey; id: string },
  wanted: Wanted,
): Promise<CaseKey | null> {
  const giver = { municipality, client: actor.id };
  const given = await giveExternalIds(tx, storage, giver, [{ ...key, caseId: id, version: null, digest: null }]);
  if (given.length > 0) return null;
  const [held] = await lockExternalIds(tx, storage, giver, [key]);
  const there = held && held.caseId !== null ? { id: held.caseId, compartmentId: key.compartment } : null;
  const [stored] = there ? await lockCases(tx, storage, municipality, [there]) : [];
  if (!there || !stored)
    throw new Fault('CONFLICT', 'The case with this `externalId` is gone. Enter another under another id.');
  const parties = await storedParties(tx, storage, municipality, [there]);
  const names = differences({ details: stored, facet: facetIn(stored.number), parties }, wanted).filter(
    (name) => name !== 'openedOn' || wanted.isOpenedOnGiven,
  );
  if (names.length > 0)
    throw new Fault('CONFLICT', `A case with this \`externalId\` is there and differs in: ${names.join(', ')}.`);
  return there;
}
