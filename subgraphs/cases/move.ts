/**
 * Moves a case to another compartment, from open to shielded and back.
 *
 * Where it arrives it is a new case, with an id and a number of that compartment. Ids, numbers, cursors, cached answers and references
 * from before find what they would find had the case been deleted, and nothing that is shown to those who see the new one leads back.
 */
import {
  type AuthorityCode,
  type CaseCategory,
  caseOf,
  isOfSingleCase,
  isShieldedCategory,
  standingCompartments,
} from '../protocol/compartments.js';
import { Fault } from '../protocol/faults.js';
import { compartments, type Viewer } from '../protocol/viewer.js';
import { aboutOf, reread, storageOf, visibleCase } from './actions.js';
import * as changes from './change-store.js';
import { type CasesContext, changeCases } from './context.js';
import { malformed } from './drafts.js';
import { endExternalId } from './external-store.js';
import type { MoveCaseInput } from './inputs.js';
import type { Place as KlePlace, KleTable } from './kle-table.js';
import { danishDate, isFullKle } from './quality.js';
import * as store from './store.js';

/**
 * Returns the case where it arrived, or `null` for a viewer who may enter cases there but not search them. Throws `NOT_FOUND` for a
 * case that the viewer may not know of, and `FORBIDDEN` without DELETE and DOCUMENTS where it is, or without ENTER where it goes.
 */
export async function moveCase(
  context: CasesContext,
  id: string,
  { compartment, kle }: MoveCaseInput,
): Promise<store.CaseRow | null> {
  const { services, viewer, sight } = context;
  const { municipality } = viewer;
  const now = services.now();
  return changeCases(context, async (tx) => {
    const found = await visibleCase(tx, sight, id);
    if (!mayTakeFrom(viewer, found.compartmentId) || !compartments(viewer, 'ENTER').includes(compartment))
      throw new Fault('FORBIDDEN');
    if (compartment === found.compartmentId)
      throw malformed('compartment', 'another compartment than that of the case');
    const from = storageOf(found);
    // Locked before the case, as an import locks them. To the client that gave the id, the case is gone as if deleted.
    await endExternalId(tx, from, municipality, found);
    const details = await changes.lockCase(tx, from, municipality, found);
    if (!details) throw new Fault('NOT_FOUND');
    const place = placeOf(municipality, compartment, found);
    const number = numberIn(place, found, kle, context.table);
    const key = { id: place.id ?? services.newId(), compartmentId: compartment };
    const parties = await store.partiesOf(tx, sight, [found]);
    services.change?.isAbout(aboutOf(from, found, parties));
    services.change?.isAbout(aboutOf(place.storage, key, parties));
    if (place.id && !(await changes.takeSingleCase(tx, municipality, compartment, place)))
      throw new Fault('CONFLICT', 'This compartment has held a case already. Open another one.');
    const year = Number(danishDate(now).slice(0, 4));
    const serial = await changes.nextSerial(tx, municipality, { compartment, ...number, year });
    await changes.insertCase(tx, place.storage, municipality, {
      ...{ ...details, id: key.id, compartment, authority: place.authority, category: place.category },
      ...{
        kle: number.kle,
        number: `${number.kle}-${number.facet}-${serial}-${String(year).slice(2)}`,
        changedAt: now,
        // Nothing there leads back to what was.
        enteredBy: null,
      },
    });
    await changes.insertParties(tx, place.storage, municipality, key, parties, null);
    await changes.copyDocuments(tx, { storage: from, ...found }, { storage: place.storage, ...key }, municipality);
    if (!(await changes.deleteCase(tx, from, municipality, found))) throw new Fault('NOT_FOUND');
    return reread(tx, sight, key.id);
  });
}

/** With the case its documents leave, so whoever takes it out must be cleared for them. */
const mayTakeFrom = (viewer: Viewer, compartment: string): boolean =>
  viewer.actor.kind !== 'Citizen' &&
  compartments(viewer, 'DELETE', 'DOCUMENTS').includes(compartment) &&
  compartments(viewer, 'SEARCH', 'DOCUMENTS').includes(compartment);

interface Place {
  readonly storage: changes.CaseStorage;
  readonly authority: AuthorityCode;
  readonly category: CaseCategory;
  /** The id that a case has in the compartment of a single case. */
  readonly id: string | null;
}

/** Where a compartment is. The viewer holds a grant for it, so it is a standing one or that of a single case. */
function placeOf(municipality: string, compartment: string, found: store.CaseRow): Place {
  if (isOfSingleCase(compartment))
    return {
      storage: 'shielded',
      authority: found.authorityCode,
      category: found.category,
      id: caseOf(compartment),
    };
  const standing = standingCompartments(municipality).find((one) => one.id === compartment);
  if (!standing) throw new Fault('FORBIDDEN');
  const { authority, category } = standing;
  return { storage: isShieldedCategory(category) ? 'shielded' : 'ordinary', authority, category, id: null };
}

/** The class in which the case gets its new number: what was given, or the old one where it fits. */
function numberIn(place: KlePlace, { kle }: store.CaseRow, given: string | null | undefined, table: KleTable) {
  const wanted = given ?? kle;
  if (!isFullKle(wanted)) throw malformed('kle', 'a full KLE number such as "27.24.00"');
  const known = table.placeOf(wanted);
  const example = table.exampleOf(place);
  if (known?.authority !== place.authority || known.category !== place.category)
    throw malformed('kle', `a KLE number of the compartment${example ? `, such as "${example}"` : ''}`);
  return { kle: wanted, facet: 'G01' };
}
