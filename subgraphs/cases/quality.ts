/**
 * What must hold of every case, whoever enters it. Everything that is wrong is reported at once, each with the path of its value, and
 * no value is ever repeated. Nothing here depends on which cases exist.
 */
import type { Problem } from '../protocol/faults.js';
import { isLine } from '../protocol/lines.js';
import { malformed } from '../protocol/scalars.js';
import type { KleTable, Place } from './kle-table.js';

export type Path = readonly (string | number)[];

/** Collects what is wrong with the values below one path. */
export interface Inspection {
  readonly problems: Problem[];
  expect(holds: boolean, name: string, expected: string): boolean;
}

export function inspect(problems: Problem[], at: Path): Inspection {
  return {
    problems,
    expect(holds, name, expected) {
      if (!holds) problems.push({ path: [...at, name], message: `expected ${expected}` });
      return holds;
    },
  };
}

/** The calendar date in Denmark, whatever the server's time zone. */
export const danishDate = (time: Date): string => inDenmark.format(time);
const inDenmark = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Copenhagen', dateStyle: 'short' });

export const checkTitle = ({ expect }: Inspection, title: string): boolean =>
  // Measured in units first: ten million characters are not worth taking apart.
  expect(title.length <= 600 && isLine(title, 300), 'title', 'one line of 1 to 300 characters');

export function checkKle({ expect }: Inspection, kle: string, place: Place | undefined, table: KleTable): void {
  if (!expect(isFullKle(kle), 'kle', 'a full KLE number such as "27.24.00"') || !place) return;
  const known = table.placeOf(kle);
  if (!expect(known !== null, 'kle', 'a number of the municipality’s KLE table')) return;
  const fits = known!.authority === place.authority && known!.category === place.category;
  expect(fits, 'kle', 'a number that the municipality’s KLE table gives to this authority and category');
}

export const isFullKle = (kle: string): boolean => /^\d\d\.\d\d\.\d\d$/.test(kle);

const earliest = '1900-01-01';

/** A day that can be one of a case. */
export function checkDay({ expect }: Inspection, name: 'openedOn' | 'closedOn', day: string, today: string): boolean {
  if (!expect(malformed('Date', day) === undefined, name, 'a calendar date YYYY-MM-DD')) return false;
  return expect(day >= earliest && day <= today, name, `a day from ${earliest} to today`);
}

/** A closed case has a closing date, and only a closed case has one. `areDays`: both dates are ones that a case can have. */
export function checkProgress(
  { expect }: Inspection,
  { progress, openedOn, closedOn }: { progress: string; openedOn: string; closedOn: string | null },
  areDays = true,
): void {
  if (closedOn === null) {
    expect(progress !== 'AFSLUTTET', 'closedOn', 'a day, because `progress` is AFSLUTTET');
    return;
  }
  if (areDays) expect(closedOn >= openedOn, 'closedOn', 'a day not before `openedOn`');
  expect(progress === 'AFSLUTTET', 'progress', 'AFSLUTTET, because `closedOn` is a day');
}
