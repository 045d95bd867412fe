/**
 * Checks and completes what a caller wants to enter or change. Whether it is accepted depends on the input, the clock and the
 * municipality's KLE table, never on which cases exist.
 */
import { isShieldedCategory, standingCompartments } from '../protocol/compartments.js';
import { Fault, type Problem } from '../protocol/faults.js';
import { keptForm, malformed as malformedScalar } from '../protocol/scalars.js';
import type { CaseStorage, Details, NewCase } from './change-store.js';
import type { CasePartyInput, ChangeCaseInput, EnterCaseInput, ImportCaseInput } from './inputs.js';
import type { KleTable } from './kle-table.js';
import * as quality from './quality.js';
import { asUuid } from './wellformed.js';

/** A citizen as the caller named them, before the register has said who it is. */
export interface NamedParty {
  readonly by: 'cpr' | 'citizen';
  readonly value: string;
  readonly role: string;
  /** Where in the input. */
  readonly path: quality.Path;
}

/** A new case, without the values that the server adds. */
export interface Draft {
  readonly storage: CaseStorage;
  readonly facet: string;
  readonly year: number;
  readonly details: Omit<NewCase, 'id' | 'number' | 'changedAt' | 'enteredBy'>;
  readonly parties: readonly NamedParty[];
}

/** What an input is checked against. */
export interface Rules {
  readonly municipality: string;
  /** The calendar date in Denmark. */
  readonly today: string;
  readonly table: KleTable;
}

/**
 * The new case of an input. Whatever is wrong is added to `problems`, each with its path below `at`; then the draft is not to be used.
 */
export function draftOf(
  input: EnterCaseInput | ImportCaseInput,
  { municipality, today, table }: Rules,
  problems: Problem[],
  at: quality.Path = ['input'],
): Draft {
  const inspection = quality.inspect(problems, at);
  const { expect } = inspection;
  const compartment = standingCompartments(municipality).find(
    ({ authority, category }) => authority === input.authority && category === input.category,
  );
  expect(
    compartment !== undefined,
    'category',
    'BOARD_MATTER for a board or committee, any other for the municipality',
  );
  quality.checkKle(inspection, input.kle, compartment, table);
  expect(/^[A-ZÆØÅ]\d\d$/.test(input.facet), 'facet', 'a letter and two digits such as "G01"');
  quality.checkTitle(inspection, input.title);
  const openedOn = input.openedOn ?? today;
  const closedOn = input.closedOn ?? null;
  const opened = quality.checkDay(inspection, 'openedOn', openedOn, today);
  const closed = closedOn === null || quality.checkDay(inspection, 'closedOn', closedOn, today);
  quality.checkProgress(inspection, { progress: input.progress, openedOn, closedOn }, opened && closed);
  return {
    storage: compartment && isShieldedCategory(compartment.category) ? 'shielded' : 'ordinary',
    facet: input.facet,
    year: Number(today.slice(0, 4)),
    details: {
      compartment: compartment?.id ?? '',
      authority: input.authority,
      category: input.category,
      title: input.title,
      kle: input.kle,
      progress: input.progress,
      sensitivity: input.sensitivity,
      openedOn,
      closedOn,
      handler: personId(inspection, input.handler),
    },
    parties: partiesOf(inspection, input.parties, at),
  };
}

/** A change, checked as far as possible without the case. `undefined`: stays as it is. */
export interface CaseChange {
  readonly details: Partial<Details>;
  readonly parties: readonly NamedParty[] | null;
}

export function changeOf(input: ChangeCaseInput, today: string, problems: Problem[]): CaseChange {
  const { title, progress, sensitivity, openedOn, closedOn, handler, parties } = input;
  const inspection = quality.inspect(problems, ['input']);
  if (given(title)) quality.checkTitle(inspection, title);
  if (given(openedOn)) quality.checkDay(inspection, 'openedOn', openedOn, today);
  if (given(closedOn)) quality.checkDay(inspection, 'closedOn', closedOn, today);
  return {
    details: {
      ...(given(title) && { title }),
      ...(given(progress) && { progress }),
      ...(given(sensitivity) && { sensitivity }),
      ...(given(openedOn) && { openedOn }),
      ...(closedOn !== undefined && { closedOn }),
      ...(handler !== undefined && { handler: personId(inspection, handler) }),
    },
    parties: given(parties) ? partiesOf(inspection, parties, ['input']) : null,
  };
}

/** The case after the change. A case from before these rules may keep its progress and dates, as long as they are not changed. */
export function applied({ details }: CaseChange, before: Details, problems: Problem[]): Details {
  const after = { ...before, ...details };
  const { progress, openedOn, closedOn } = details;
  const isAboutDates = progress !== undefined || openedOn !== undefined || closedOn !== undefined;
  if (isAboutDates) quality.checkProgress(quality.inspect(problems, ['input']), after);
  return after;
}

const mostParties = 50;

function partiesOf(inspection: quality.Inspection, parties: readonly CasePartyInput[], at: quality.Path): NamedParty[] {
  const expected = `1 to ${mostParties} citizens, each once, exactly one of them PRIMARY`;
  if (!inspection.expect(parties.length <= mostParties, 'parties', expected)) return [];
  const named = parties.flatMap((party, index) => partyOf(party, [...at, 'parties', index], inspection.problems));
  const fits =
    parties.filter(({ role }) => role === 'PRIMARY').length === 1 &&
    new Set(named.map(({ value }) => value)).size === named.length;
  inspection.expect(fits, 'parties', expected);
  return named;
}

function partyOf({ cpr, citizen, role }: CasePartyInput, path: quality.Path, problems: Problem[]): NamedParty[] {
  const refused = (name: string | null, message: string) => {
    problems.push({ path: name === null ? path : [...path, name], message });
    return [];
  };
  if (given(cpr) === given(citizen)) return refused(null, 'expected either `cpr` or `citizen`');
  if (given(cpr)) {
    const value = keptForm('CPR', cpr) as string;
    const expected = malformedScalar('CPR', value);
    return expected ? refused('cpr', `expected ${expected}`) : [{ by: 'cpr', value, role, path }];
  }
  const value = asUuid(citizen!);
  return value ? [{ by: 'citizen', value, role, path }] : refused('citizen', 'expected the id of a citizen');
}

/** Checks the form only: an unknown id leads to nobody. */
function personId({ expect }: quality.Inspection, id: string | null | undefined): string | null {
  if (!given(id)) return null;
  const known = asUuid(id);
  expect(known !== null, 'handler', 'the id of a person');
  return known;
}

const given = <T>(value: T | null | undefined): value is T => value !== null && value !== undefined;

export const malformed = (name: string, expected: string): Fault =>
  new Fault('BAD_USER_INPUT', `Argument "input.${name}": expected ${expected}.`);
