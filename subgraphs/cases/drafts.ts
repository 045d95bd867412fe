/**
 * Checks and completes what a caller wants to enter or change. Whether it is accepted depends on the input, the clock and the
 * viewer's clearance, never on which cases exist.
 */
import { isShieldedCategory, standingCompartments } from '../protocol/compartments.js';
import { Fault } from '../protocol/faults.js';
import type { CaseStorage, Details, NewCase, NewParty } from './change-store.js';
import type { CasePartyInput, ChangeCaseInput, EnterCaseInput } from './inputs.js';

import { asUuid, line } from './wellformed.js';

/** A new case, without the values that the server adds. */
export interface Draft {
  readonly storage: CaseStorage;
  readonly facet: string;
  readonly year: number;
  readonly details: Omit<NewCase, 'id' | 'number' | 'changedAt'>;
  readonly parties: readonly NewParty[];
}

/** Checks the input of a new case. Throws `BAD_USER_INPUT`, naming the argument and what was expected. */
export function draftOf(input: EnterCaseInput, municipality: string, now: Date): Draft {
  const compartment = standingCompartments(municipality).find(
    ({ authority, category }) => authority === input.authority && category === input.category,
  );
  if (!compartment)
    throw malformed('category', 'BOARD_MATTER for a board or committee, any other for the municipality');
  if (!/^\d\d\.\d\d\.\d\d$/.test(input.kle)) throw malformed('kle', 'a full KLE number such as "27.24.00"');
  if (!/^[A-ZÆØÅ]\d\d$/.test(input.facet)) throw malformed('facet', 'a letter and two digits such as "G01"');
  const today = danishDate(now);
  const openedOn = input.openedOn ?? today;
  const closedOn = input.closedOn ?? null;
  inOrder(openedOn, closedOn);
  return {
    storage: isShieldedCategory(compartment.category) ? 'shielded' : 'ordinary',
    facet: input.facet,
    year: Number(today.slice(0, 4)),
    details: {
      compartment: compartment.id,
      authority: compartment.authority,
      category: compartment.category,
      title: line('input.title', input.title),
      kle: input.kle,
      progress: input.progress,
      sensitivity: input.sensitivity,
      openedOn,
      closedOn,
      handler: personId('handler', input.handler),
    },
    parties: partiesOf(input.parties),
  };
}

/** A change, checked as far as possible without the case. `undefined`: stays as it is. */
export interface CaseChange {
  readonly details: Partial<Details>;
  readonly parties: readonly NewParty[] | null;
}

export function changeOf(input: ChangeCaseInput): CaseChange {
  const { title, progress, sensitivity, openedOn, closedOn, handler, parties } = input;
  return {
    details: {
      ...(given(title) && { title: line('input.title', title) }),
      ...(given(progress) && { progress }),
      ...(given(sensitivity) && { sensitivity }),
      ...(given(openedOn) && { openedOn }),
      ...(closedOn !== undefined && { closedOn }),
      ...(handler !== undefined && { handler: personId('handler', handler) }),
    },
    parties: given(parties) ? partiesOf(parties) : null,
  };
}

export function applied({ details }: CaseChange, before: Details): Details {
  const after = { ...before, ...details };
  inOrder(after.openedOn, after.closedOn);
  return after;
}

/** The calendar date in Denmark, whatever the server's time zone. */
export const danishDate = (time: Date): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Copenhagen', dateStyle: 'short' }).format(time);

function partiesOf(parties: readonly CasePartyInput[]): NewParty[] {
  const given = parties.map(({ citizen, role }) => ({ citizen: personId('parties.citizen', citizen)!, role }));
  const fits =
    given.length <= 50 &&
    given.filter(({ role }) => role === 'PRIMARY').length === 1 &&
    new Set(given.map(({ citizen }) => citizen)).size === given.length;
  if (!fits) throw malformed('parties', '1 to 50 citizens, each once, exactly one of them PRIMARY');
  return given;
}

/**
 * Checks the form only. Whether the person exists is not checked, because the answer would tell who does. An unknown id leads to
 * nobody.
 */
function personId(name: string, id: string | null | undefined): string | null {
  if (!given(id)) return null;
  const known = asUuid(id);
  if (!known) throw malformed(name, 'the id of a person');
  return known;
}

function inOrder(openedOn: string, closedOn: string | null) {
  if (closedOn !== null && closedOn < openedOn) throw malformed('closedOn', 'a day not before `openedOn`');
}

const given = <T>(value: T | null | undefined): value is T => value !== null && value !== undefined;

export const malformed = (name: string, expected: string): Fault =>
  new Fault('BAD_USER_INPUT', `Argument "input.${name}": expected ${expected}.`);
