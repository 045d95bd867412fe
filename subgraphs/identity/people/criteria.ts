/**
 * Checks a caller's arguments before the database sees them: PostgreSQL's own errors would be masked, and would differ with the data.
 * No message repeats a value.
 */
import { Fault } from '../../protocol/faults.js';
import { malformed } from '../../protocol/scalars.js';
import { isStorable, isUuid } from '../../protocol/text.js';
import type { Viewer } from '../../protocol/viewer.js';
import type { CitizenOrder } from '../enums.js';
import type { CitizenFilter, EmployeeFilter } from '../inputs.js';
import type { CitizenCriteria, EmployeeCriteria } from './store.js';

const longestText = 200;
const noRow = '00000000-0000-0000-0000-000000000000';

export const citizenCriteria = (filter: CitizenFilter | null | undefined): CitizenCriteria => ({
  nameContains: searchText(filter?.nameContains, 'filter.nameContains'),
  cpr: filter?.cpr ?? null,
  bornFrom: filter?.bornFrom ?? null,
  bornTo: filter?.bornTo ?? null,
  street: searchText(filter?.street, 'filter.street'),
});

/** Letters and digits of a name or street that are asked for at least, alone and beside a day of birth. */
const [leastAlone, leastWithBirth] = [4, 2];

/**
 * Browsing the citizens is the task of none of the employees: they look up the person whom they work with (Datasikkerhed i
 * borgerservicecentre §1.1, box 2; §3.2). Decided by the filter alone, so that it tells nothing of who is in the register.
 */
export function demandPerson({ cpr, nameContains, street, bornFrom, bornTo }: CitizenCriteria): void {
  const bornOnOneDay = bornFrom !== null && bornFrom === bornTo;
  if (cpr !== null || letters(nameContains) >= leastAlone || letters(street) >= leastAlone) return;
  if (bornOnOneDay && letters(nameContains) >= leastWithBirth) return;
  throw new Fault(
    'BAD_USER_INPUT',
    `Argument "filter": expected one of a CPR number, ${leastAlone} letters of a name or street, or ${leastWithBirth} letters of a name with one day of birth (bornFrom and bornTo).`,
  );
}

const letters = (text: string | null): number => text?.match(/[\p{L}\p{N}]/gu)?.length ?? 0;

/** Throws `FORBIDDEN` for a condition on what the viewer may not know: it would be answered as if nobody had ever used the system. */
export function employeeCriteria(
  { actor, scopes }: Viewer,
  organisation: string | null | undefined,
  filter: EmployeeFilter | null | undefined,
  now: Date,
): EmployeeCriteria {
  const { led, notUsedSince, lacksCourse, lockedOut } = filter ?? {};
  const administers = actor.kind === 'Employee' && scopes.includes('admin');
  if (!administers && !led && (notUsedSince != null || lacksCourse != null))
    throw new Fault('FORBIDDEN', 'Last use and courses are searched by administrators, or with "filter.led".');
  if (!administers && lockedOut != null) throw new Fault('FORBIDDEN', 'Lock-outs are searched by administrators.');
  return {
    organisation: idOrNone(organisation),
    nameContains: searchText(filter?.nameContains, 'filter.nameContains'),
    right: filter?.right ?? null,
    rights: filter?.rights?.length ? filter.rights : null,
    led: led ?? false,
    notUsedSince: notUsedSince ? new Date(notUsedSince) : null,
    lacksCourse: lacksCourse ?? null,
    lockedOut: lockedOut ?? null,
    now,
  };
}

/** Whether a text can be a sort key of citizens in this order. */
export const isKeyIn =
  (order: CitizenOrder) =>
  (key: string): boolean =>
    order === 'BORN_ON_ASC' || order === 'BORN_ON_DESC' ? malformed('Date', key) === undefined : isStorable(key);

/** Three digits are the old form of a municipality code: `461` is `0461`. */
export function municipalityCode(code: string): string {
  if (!/^\d{3,4}$/.test(code)) throw new Fault('BAD_USER_INPUT', 'Argument "code": expected 3 or 4 digits.');
  return code.padStart(4, '0');
}

/** An id that is not a UUID matches no row, so it is replaced by an id that matches none. */
export const idOrNone = (id: string | null | undefined): string | null => (id && !isUuid(id) ? noRow : (id ?? null));

function searchText(text: string | null | undefined, argument: string): string | null {
  if (text === null || text === undefined) return null;
  if (text.length > longestText || !isStorable(text))
    throw new Fault('BAD_USER_INPUT', `Argument "${argument}": expected text of at most ${longestText} characters.`);
  return text;
}
