/**
 * Entering, changing and deleting a case. The first check is whether the viewer may know of the case at all: a hidden, an unknown and
 * a malformed id all give `NOT_FOUND`. Only then is the permission checked, so that `FORBIDDEN` is answered only for a case that the
 * viewer sees anyway.
 */
import { change } from '../kit/context.js';
import type { Transaction } from '../postgres/database.js';
import { isOfSingleCase, isShieldedCategory } from '../protocol/compartments.js';
import { Fault } from '../protocol/faults.js';
import { type CaseOperation, compartments, type Viewer } from '../protocol/viewer.js';
import * as changes from './change-store.js';
import type { CasesContext } from './context.js';
import { applied, changeOf, draftOf } from './drafts.js';
import type { ChangeCaseInput, EnterCaseInput } from './inputs.js';
import type { Sight } from './sight.js';
import * as store from './store.js';
import { asUuid } from './wellformed.js';

/** Returns the new case, or `null` for a viewer who may enter cases there but not search them. */
export async function enterCase(context: CasesContext, input: EnterCaseInput): Promise<store.CaseRow | null> {
  const { services, viewer, sight } = context;
  const now = services.now();
  const { storage, facet, year, details, parties } = draftOf(input, viewer.municipality, now);
  if (!may(viewer, 'ENTER', details.compartment)) throw new Fault('FORBIDDEN');
  return change(context, async (tx) => {
    const { compartment, kle } = details;
    const serial = await changes.nextSerial(tx, viewer.municipality, { compartment, kle, facet, year });
    const number = `${kle}-${facet}-${serial}-${String(year).slice(2)}`;
    const made = { ...details, id: services.newId(), number, changedAt: now };
    await changes.insertCase(tx, storage, viewer.municipality, made);
    const key = { id: made.id, compartmentId: compartment };
    await changes.insertParties(tx, storage, viewer.municipality, key, parties);
    services.change?.isAbout(aboutOf(storage, key, parties));
    return reread(tx, sight, made.id);
  });
}

/**
 * Returns the changed case. Throws `NOT_FOUND` for a case that the viewer may not know of, and `FORBIDDEN` without ENTER in its
 * compartment.
 */
export async function changeCase(
  context: CasesContext,
  id: string,
  input: ChangeCaseInput,
): Promise<store.CaseRow | null> {
  const { services, viewer, sight } = context;
  const wanted = changeOf(input);
  return change(context, async (tx) => {
    const found = await visibleCase(tx, sight, id);
    if (!may(viewer, 'ENTER', found.compartmentId)) throw new Fault('FORBIDDEN');
    const storage = storageOf(found);
    // Locked first: otherwise a simultaneous change would be lost, or violate a constraint whose error tells what was stored.
    const before = await changes.lockCase(tx, storage, viewer.municipality, found);
    if (!before) throw new Fault('NOT_FOUND');
    const parties = await store.partiesOf(tx, sight, [found]);
    services.change?.isAbout(aboutOf(storage, found, [...parties, ...(wanted.parties ?? [])]));
    const after = applied(wanted, before);
    await changes.updateCase(tx, storage, viewer.municipality, found, after, services.now());
    if (wanted.parties) {
      await changes.deleteParties(tx, storage, viewer.municipality, found);
      await changes.insertParties(tx, storage, viewer.municipality, found, wanted.parties);
    }
    return reread(tx, sight, found.id);
  });
}

/** Returns the id of the deleted case. */
export async function deleteCase(context: CasesContext, id: string): Promise<string> {
  const { services, viewer, sight } = context;
  return change(context, async (tx) => {
    const found = await visibleCase(tx, sight, id);
    if (!may(viewer, 'DELETE', found.compartmentId)) throw new Fault('FORBIDDEN');
    // Read before the case is deleted with its parties, because nothing that remains names them.
    const parties = await store.partiesOf(tx, sight, [found]);
    services.change?.isAbout(aboutOf(storageOf(found), found, parties));
    const deleted = await changes.deleteCase(tx, storageOf(found), viewer.municipality, found);
    if (!deleted) throw new Fault('NOT_FOUND');
    return found.id;
  });
}

/** Whom the log names: the case and its parties. */
export const aboutOf = (
  storage: changes.CaseStorage,
  { id, compartmentId }: store.CaseKey,
  parties: readonly changes.NewParty[],
) => ({
  case: id,
  citizens: parties.filter(({ role }) => role === 'PRIMARY').map(({ citizen }) => citizen),
  compartment: storage === 'shielded' ? compartmentId : null,
});

/** Whether the viewer may do this. A citizen may do nothing in a compartment, whatever the token says. */
const may = (viewer: Viewer, operation: CaseOperation, compartment: string): boolean =>
  viewer.actor.kind !== 'Citizen' && compartments(viewer, operation).includes(compartment);

export async function visibleCase(tx: Transaction, sight: Sight, id: string): Promise<store.CaseRow> {
  const wellFormed = asUuid(id);
  const [found] = await store.casesById(tx, sight, wellFormed ? [wellFormed] : []);
  if (!found) throw new Fault('NOT_FOUND');
  return found;
}

export async function reread(tx: Transaction, sight: Sight, id: string): Promise<store.CaseRow | null> {
  const [row] = await store.casesById(tx, sight, [id]);
  return row ?? null;
}

/** A case with a code of its own is stored among the shielded ones, whatever its category. */
export const storageOf = ({ category, compartmentId }: store.CaseRow): changes.CaseStorage =>
  isShieldedCategory(category) || isOfSingleCase(compartmentId) ? 'shielded' : 'ordinary';
