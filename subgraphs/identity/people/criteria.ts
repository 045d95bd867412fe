/**
 * Checks a caller's arguments before the database sees them: PostgreSQL's own errors would be masked, and would differ with the data.
 * No message repeats a value.
 */
import { decodeCursor, malformedCursor } from '../../protocol/connection.js';
import { Fault } from '../../protocol/faults.js';
import { malformed } from '../../protocol/scalars.js';
import { isStorable, isUuid } from '../../protocol/text.js';
import { CitizenOrder } from '../enums.js';
import type { PowerCriteria } from '../powers/store.js';
import { type PowerOfAttorneyFilter, PowerOfAttorneyStatus } from '../powers/types.js';
import type { CitizenFilter, EmployeeFilter } from '../types.js';
import type { CitizenCriteria, EmployeeCriteria, PersonPosition } from './store.js';

const longestText = 200;
const noRow = '00000000-0000-0000-0000-000000000000';

export const citizenCriteria = (filter: CitizenFilter | null | undefined): CitizenCriteria => ({
  nameContains: searchText(filter?.nameContains, 'filter.nameContains'),
  cpr: filter?.cpr ?? null,
  bornFrom: filter?.bornFrom ?? null,
  bornTo: filter?.bornTo ?? null,
  street: searchText(filter?.street, 'filter.street'),
});

export const employeeCriteria = (
  organisation: string | null | undefined,
  filter: EmployeeFilter | null | undefined,
): EmployeeCriteria => ({
  organisation: idOrNone(organisation),
  nameContains: searchText(filter?.nameContains, 'filter.nameContains'),
  right: filter?.right ?? null,
});

export const powerCriteria = (filter: PowerOfAttorneyFilter | null | undefined): PowerCriteria => ({
  giver: idOrNone(filter?.giver),
  receiver: idOrNone(filter?.receiver),
  employee: idOrNone(filter?.employee),
  standings: filter?.status?.length
    ? filter.status.map((status) => (status === PowerOfAttorneyStatus.IN_FORCE ? 'GIVEN' : status))
    : null,
});

/** The position after which a page of citizens begins. */
export function citizenPosition(after: string | null | undefined, order: CitizenOrder): PersonPosition | null {
  const byBirth = order === CitizenOrder.BORN_ON_ASC || order === CitizenOrder.BORN_ON_DESC;
  return position(after, (sortKey) => !byBirth || malformed('Date', sortKey) === undefined);
}

export const employeePosition = (after: string | null | undefined): PersonPosition | null =>
  position(after, () => true);

export const powerPosition = (after: string | null | undefined): PersonPosition | null =>
  position(after, (sortKey) => malformed('DateTime', sortKey) === undefined);

/** Three digits are the old form of a municipality code: `461` is `0461`. */
export function municipalityCode(code: string): string {
  if (!/^\d{3,4}$/.test(code)) throw new Fault('BAD_USER_INPUT', 'Argument "code": expected 3 or 4 digits.');
  return code.padStart(4, '0');
}

/** An id that is not a UUID matches no row, so it is replaced by an id that matches none. */
export const idOrNone = (id: string | null | undefined): string | null => (id && !isUuid(id) ? noRow : (id ?? null));

function position(after: string | null | undefined, fits: (sortKey: string) => boolean): PersonPosition | null {
  const decoded = decodeCursor(after, 2);
  if (!decoded) return null;
  const [sortKey, id] = decoded;
  if (typeof sortKey !== 'string' || typeof id !== 'string' || !isStorable(sortKey) || !isUuid(id) || !fits(sortKey))
    throw new Fault('BAD_USER_INPUT', malformedCursor);
  return { sortKey, id };
}

function searchText(text: string | null | undefined, argument: string): string | null {
  if (text === null || text === undefined) return null;
  if (text.length > longestText || !isStorable(text))
    throw new Fault('BAD_USER_INPUT', `Argument "${argument}": expected text of at most ${longestText} characters.`);
  return text;
}
