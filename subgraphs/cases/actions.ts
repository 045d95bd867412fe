/**
 * Entering, changing and deleting a case. The first check is whether the viewer may know of the case at all: a hidden, an unknown and
 * a malformed id all give `NOT_FOUND`. Only then is the permission checked, so that `FORBIDDEN` is answered only for a case that the
 * viewer sees anyway.
 */
import type { Transaction } from '../postgres/database.js';
import { isOfSingleCase, isShieldedCategory } from '../protocol/compartments.js';
import { Fault, inputRefused, type Problem } from '../protocol/faults.js';
import { type CaseOperation, compartments, type Viewer } from '../protocol/viewer.js';
import * as changes from './change-store.js';
import { type CasesContext, changeCases } from './context.js';
import { applied, changeOf, draftOf, type NamedParty } from './drafts.js';
import { enteredBefore } from './entered-before.js';
import { endExternalId } from './external-store.js';
import { externalIdOf } from './import-rows.js';
import type { ChangeCaseInput, EnterCaseInput } from './inputs.js';
import { danishDate } from './quality.js';
import { identified, inRegister } from './register.js';
import type { Sight } from './sight.js';
import * as store from './store.js';
import { asUuid } from './wellformed.js';

/** Returns the new case, or `null` for a viewer who may enter cases there but not search them. */
export async function enterCase(context: CasesContext, input: EnterCaseInput): Promise<store.CaseRow | null> {
  const { services, viewer, sight } = context;
  const now = services.now();
  const problems: Problem[] = [];
  const rules = { municipality: viewer.municipality, today: danishDate(now), table: context.table };
  const { storage, facet, year, details, parties: named } = draftOf(input, rules, problems);
  const externalId = input.externalId && externalIdOf(input.externalId, ['input', 'externalId'], problems);
  if (problems.length > 0) throw inputRefused(problems);
  if (!may(viewer, 'ENTER', details.compartment)) throw new Fault('FORBIDDEN');
  if (externalId && !mayName(viewer, details.compartment)) throw new Fault('FORBIDDEN', externalIdsAreFor);
  const parties = await knownParties(context, named);
  const enteredBy = viewer.actor.kind === 'SystemClient' ? viewer.actor.id : null;
  return changeCases(context, async (tx) => {
    const { compartment, kle } = details;
    const id = services.newId();
    if (externalId) {
      const key = { compartment, ...externalId };
      const wanted = { details, facet, parties, isOpenedOnGiven: given(input.openedOn) };
      const there = await enteredBefore(tx, context, { storage, key, id }, wanted);
      if (there) {
        services.change?.isAbout(aboutOf(storage, there, parties));
        return reread(tx, sight, there.id);
      }
    }
    const serial = await changes.nextSerial(tx, viewer.municipality, { compartment, kle, facet, year });
    const number = `${kle}-${facet}-${serial}-${String(year).slice(2)}`;
    const made = { ...details, id, number, changedAt: now, enteredBy };
    await changes.insertCase(tx, storage, viewer.municipality, made);
    const key = { id: made.id, compartmentId: compartment };
    await changes.insertParties(tx, storage, viewer.municipality, key, parties, enteredBy);
    services.change?.isAbout(aboutOf(storage, key, parties));
    return reread(tx, sight, made.id);
  });
}

/** Who the named parties are. Throws `BAD_USER_INPUT` for everybody who is not in the register. */
async function knownParties(context: CasesContext, named: readonly NamedParty[]): Promise<LoggedParty[]> {
  const problems: Problem[] = [];
  const ids = identified(named, await inRegister(context, named), problems);
  if (problems.length > 0) throw inputRefused(problems);
  return named.map(({ by, role }, index) => ({ citizen: ids[index]!, role, isMatched: by === 'cpr' }));
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
  const problems: Problem[] = [];
  const wanted = changeOf(input, danishDate(services.now()), problems);
  if (problems.length > 0) throw inputRefused(problems);
  const named = wanted.parties && (await knownParties(context, wanted.parties));
  return changeCases(context, async (tx) => {
    const found = await visibleCase(tx, sight, id);
    if (!may(viewer, 'ENTER', found.compartmentId)) throw new Fault('FORBIDDEN');
    const storage = storageOf(found);
    // Locked first: otherwise a simultaneous change would be lost, or violate a constraint whose error tells what was stored.
    const before = await changes.lockCase(tx, storage, viewer.municipality, found);
    if (!before) throw new Fault('NOT_FOUND');
    const parties = await store.partiesOf(tx, sight, [found]);
    services.change?.isAbout(aboutOf(storage, found, [...parties, ...(named ?? [])]));
    const after = applied(wanted, before, problems);
    if (problems.length > 0) throw inputRefused(problems);
    await changes.updateCase(tx, storage, viewer.municipality, found, after, services.now());
    if (named) {
      await changes.deleteParties(tx, storage, viewer.municipality, found);
      await changes.insertParties(tx, storage, viewer.municipality, found, named, before.enteredBy);
    }
    return reread(tx, sight, found.id);
  });
}

/** Returns the id of the deleted case. */
export async function deleteCase(context: CasesContext, id: string): Promise<string> {
  const { services, viewer, sight } = context;
  return changeCases(context, async (tx) => {
    const found = await visibleCase(tx, sight, id);
    if (!may(viewer, 'DELETE', found.compartmentId)) throw new Fault('FORBIDDEN');
    // Read before the case is deleted with its parties, because nothing that remains names them.
    const parties = await store.partiesOf(tx, sight, [found]);
    services.change?.isAbout(aboutOf(storageOf(found), found, parties));
    await endExternalId(tx, storageOf(found), viewer.municipality, found);
    const deleted = await changes.deleteCase(tx, storageOf(found), viewer.municipality, found);
    if (!deleted) throw new Fault('NOT_FOUND');
    return found.id;
  });
}

/** A party as the log sees it: whoever was matched by a CPR number was looked up, in whichever role. */
interface LoggedParty extends changes.NewParty {
  readonly isMatched?: boolean;
}

/** Whom the log names: the case, whom it is about, and everybody who was looked up for it. */
export const aboutOf = (
  storage: changes.CaseStorage,
  { id, compartmentId }: store.CaseKey,
  parties: readonly LoggedParty[],
) => ({
  case: id,
  citizens: parties.filter(({ role, isMatched }) => role === 'PRIMARY' || isMatched).map(({ citizen }) => citizen),
  compartment: storage === 'shielded' ? compartmentId : null,
});

const externalIdsAreFor = 'External ids are for case systems that may also search the cases of the category.';

/** Whoever gives an id must be able to find what it names. */
const mayName = (viewer: Viewer, compartment: string): boolean =>
  viewer.actor.kind === 'SystemClient' && compartments(viewer, 'SEARCH', 'METADATA').includes(compartment);

const given = <T>(value: T | null | undefined): value is T => value !== null && value !== undefined;

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
