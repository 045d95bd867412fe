/** Checks of what callers write by hand: reasons, references, days. No message repeats a value. */
import { Fault } from '../protocol/faults.js';
import { isLine, isProse } from '../protocol/lines.js';

/** A reason in the caller's own words. It is stored with what it is a reason for. */
export function reasonOf(text: string, argument: string): string {
  const reason = text.trim();
  if (reason.length < 10 || !isProse(reason, 2_000))
    throw new Fault('BAD_USER_INPUT', `Argument "${argument}": expected 10 to 2,000 characters.`);
  return reason;
}

/** One line, such as a legal basis or a journal number. */
export function lineGiven(text: string, argument: string, longest: number): string {
  const line = text.trim();
  if (line.length < 3 || !isLine(line, longest))
    throw new Fault('BAD_USER_INPUT', `Argument "${argument}": expected one line of 3 to ${longest} characters.`);
  return line;
}

/** The calendar day in Denmark at a time: YYYY-MM-DD. */
export const dayOf = (at: Date): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Copenhagen', dateStyle: 'short' }).format(at);
