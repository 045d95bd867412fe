/** In which fields a stored case is other than an input says. Names only: whoever asks is told no value. */
import type { Details, NewParty } from './change-store.js';

export interface Described {
  readonly details: Details & { readonly kle: string };
  readonly facet: string;
  readonly parties: readonly NewParty[];
}

const details = ['title', 'kle', 'progress', 'sensitivity', 'openedOn', 'closedOn', 'handler'] as const;
type FieldName = (typeof details)[number] | 'facet' | 'parties';

export function differences(stored: Described, wanted: Described): FieldName[] {
  const differing: FieldName[] = details.filter((name) => stored.details[name] !== wanted.details[name]);
  if (stored.facet !== wanted.facet) differing.push('facet');
  if (people(stored) !== people(wanted)) differing.push('parties');
  return differing;
}

const people = ({ parties }: Described): string =>
  parties
    .map(({ citizen, role }) => `${citizen} ${role}`)
    .sort()
    .join();

/** The facet in a case number such as `27.24.00-G01-5-19`. */
export const facetIn = (number: string): string => number.split('-')[1]!;
