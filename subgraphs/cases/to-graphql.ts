/** Authorities and compartments as the schema shows them. Standing compartments are derived from the municipality's code alone. */
import { authorityCodes, isOfSingleCase, isShieldedCategory, standingCompartments } from '../protocol/compartments.js';
import type { AuthorityCode } from './enums.js';
import type { CaseRow, SingleCaseRow } from './store.js';
import type { Authority, Compartment } from './types.js';

export const authorityOf = (municipality: string, code: AuthorityCode): Authority => ({
  id: `${municipality}.${code}`,
  code,
  municipality: { code: municipality },
});

/** The authority with that id in this municipality, or `null`. */
export function authorityById(municipality: string, id: string): Authority | null {
  const code = authorityCodes.find((known) => id === `${municipality}.${known}`);
  return code ? authorityOf(municipality, code) : null;
}

export const standing = (municipality: string): Compartment[] =>
  standingCompartments(municipality).map(({ id, authority, category, shielded }) => ({
    id,
    authority: authorityOf(municipality, authority),
    category,
    singleCase: false,
    shielded,
  }));

export const singleCase = (municipality: string, { id, authority, category }: SingleCaseRow): Compartment => ({
  id,
  authority: authorityOf(municipality, authority),
  category,
  singleCase: true,
  shielded: true,
});

/** The compartment of a case that the viewer was shown. */
export function compartmentOf(municipality: string, { compartmentId, authorityCode, category }: CaseRow): Compartment {
  const single = isOfSingleCase(compartmentId);
  return {
    id: compartmentId,
    authority: authorityOf(municipality, authorityCode),
    category,
    singleCase: single,
    shielded: single || isShieldedCategory(category),
  };
}
