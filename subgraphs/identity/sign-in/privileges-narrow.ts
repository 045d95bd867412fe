/**
 * How the constraints of a right narrow the clearance of somebody who acts in it. Clearance is by compartment, so a compartment is
 * kept only if the constraint covers *all* cases that it can hold. Anything uncertain is removed.
 *
 * | constraint  | a compartment is kept where                                                                       |
 * |-------------|---------------------------------------------------------------------------------------------------|
 * | KLE         | every class of its cases is covered: `27.25.08`, `27.25` or `27` with all below, `27.*`, `27.2*`  |
 * | foelsomhed  | the highest level given reaches that of its cases                                                 |
 * | orgenhed    | the employee works in one of the units: its id or its P-number                                    |
 * | others      | never; `itsystem` too, since no name of this system was agreed on                                 |
 */

import {
  type AuthorityCode,
  authorityCodes,
  type CaseCategory,
  isShieldedCategory,
  kleOf,
} from '../../protocol/compartments.js';
import type { Clearance } from '../../protocol/viewer.js';
import type { Constraint } from './privileges.js';
import type { Alternatives } from './privileges-map.js';
import type { Narrowing } from './store.js';

/** The remaining clearance of an employee who acts in a right. `held`: how it is held; nothing if no constraints are known here. */
export function narrowedBy<Held extends Clearance>(
  held: readonly Narrowing[],
  clearance: readonly Held[],
): readonly Held[] {
  // A right that is held for the own company and for another is used for the own one.
  const counting = held.some(({ own }) => own) ? held.filter(({ own }) => own) : held;
  if (counting.length === 0) return clearance;
  return narrow(
    clearance,
    counting.flatMap(({ constraints }) => constraints),
    counting[0]!,
  );
}

/** The unit where the employee works. */
export interface Unit {
  readonly id: string;
  readonly pNumber: string | null;
}

/** Keeps the compartments for which all constraints of at least one alternative hold. */
export function narrow<Held extends Clearance>(
  clearance: readonly Held[],
  alternatives: Alternatives,
  unit: Unit | null,
): Held[] {
  return clearance.filter(({ compartment }) =>
    alternatives.some((constraints) => constraints.every((constraint) => covers(constraint, compartment, unit))),
  );
}

function covers({ name, values }: Constraint, compartment: string, unit: Unit | null): boolean {
  switch (name) {
    case 'http://sts.kombit.dk/constraints/KLE/1':
      return coversClasses(values, classesOf(compartment));
    case 'http://sts.kombit.dk/constraints/foelsomhed/1':
      return values.some((value) => sensitivityRank(value) >= sensitivityRank(sensitivityOf(compartment)));
    case 'http://sts.kombit.dk/constraints/orgenhed/1':
      return unit !== null && values.some((value) => value.toLowerCase() === unit.id || value === unit.pNumber);
    default:
      return false;
  }
}

// ── KLE ──

const coversClasses = (patterns: readonly string[], classes: readonly string[]): boolean =>
  classes.length > 0 && classes.every((kle) => patterns.some((pattern) => coversClass(pattern, kle)));

function coversClass(pattern: string, kle: string): boolean {
  if (/^\d\d(\.\d\d){0,2}$/.test(pattern)) return kle === pattern || kle.startsWith(`${pattern}.`);
  // `27.*`, `27.1*`, `27.25.*`, `27.25.0*`: anything may follow the star.
  return /^\d\d(\.\d\d)?\.\d?\*$/.test(pattern) && kle.startsWith(pattern.slice(0, -1));
}

/** The classes under which cases of a compartment are filed. Empty if they are not known, for example for a single case. */
function classesOf(compartment: string): readonly string[] {
  const { authority, category } = partsOf(compartment);
  return authority ? kleOf(authority, category) : [];
}

// ── sensitivity ──

const sensitivities: readonly string[] = [
  'IKKE_FORTROLIGE_DATA',
  'FORTROLIGE_PERSONOPLYSNINGER',
  'FOELSOMME_PERSONOPLYSNINGER',
  'VIP_SAGER',
];
/** -1 for an unknown level. */
const sensitivityRank = (level: string): number =>
  sensitivities.indexOf(level === 'Saerligt_beskyttede_oplysninger' ? 'VIP_SAGER' : level);

/** The highest level that the cases of a compartment commonly have. */
function sensitivityOf(compartment: string): string {
  const { authority, category } = partsOf(compartment);
  if (authority !== 'MUNICIPALITY' || !category || isShieldedCategory(category)) return 'VIP_SAGER';
  if (category === 'RELOCATION') return 'IKKE_FORTROLIGE_DATA';
  return category === 'DRUG_TREATMENT' ? 'FOELSOMME_PERSONOPLYSNINGER' : 'FORTROLIGE_PERSONOPLYSNINGER';
}

function partsOf(compartment: string): { authority: AuthorityCode | undefined; category: CaseCategory | undefined } {
  const [, authority, category] = compartment.split('.');
  const known = authorityCodes.find((code) => code === authority);
  return { authority: known, category: known && (category as CaseCategory) };
}
