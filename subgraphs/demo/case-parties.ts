/**
 * Whom a case is about. A child is the primary party of what concerns the child (a report of concern, a placement, SSP, a matter of the
 * children and youth committee), and the parents are secondary there. Everything else is an adult's, but
 * for one child's move. Benefits for a child are the parent's, with the child as a party.
 */
import type { AuthorityCode, CaseCategory } from '../protocol/compartments.js';
import type { DemoCitizen } from './people.js';
import { numberFor } from './random.js';

export type Party = readonly [citizen: DemoCitizen, role: 'PRIMARY' | 'SECONDARY' | 'CHILD' | 'PARTNER' | 'OTHER'];

export interface Subject {
  /** The seed of the case's randomness. */
  readonly purpose: string;
  readonly authority: AuthorityCode;
  readonly category: CaseCategory;
  readonly opened_on: string;
}

/** Who may be drawn: citizens 0 and 1 are parties of the fixed cases only. */
export interface Population {
  readonly adults: readonly DemoCitizen[];
  /** Those whose parents may both be drawn, too. */
  readonly children: readonly DemoCitizen[];
  readonly spouses: readonly DemoCitizen[];
  familyOf(citizen: DemoCitizen): readonly DemoCitizen[];
}

export function populationOf(citizens: readonly DemoCitizen[]): Population {
  const families = new Map<number, DemoCitizen[]>();
  for (const citizen of citizens) {
    const family = families.get(citizen.family);
    if (family) family.push(citizen);
    else families.set(citizen.family, [citizen]);
  }
  const drawable = citizens.slice(2);
  const untouched = drawable.filter(({ family }) => family > 1);
  return {
    adults: drawable.filter(({ role }) => role !== 'CHILD'),
    children: untouched.filter(({ role }) => role === 'CHILD'),
    spouses: untouched.filter(({ role }) => role === 'PARENT'),
    familyOf: ({ family }) => families.get(family)!,
  };
}

/** Youngest and oldest, in years, that the child may be when the case is opened. */
type Ages = readonly [from: number, to: number];
const childIsPrimary: Readonly<Partial<Record<CaseCategory | AuthorityCode, Ages>>> = {
  CHILD_CONCERN: [0, 16],
  PLACEMENT: [0, 16],
  SSP: [10, 16],
  CHILDREN_AND_YOUTH_COMMITTEE: [0, 16],
};
const parentIsPrimary: Readonly<Partial<Record<CaseCategory, Ages>>> = {
  CHILD_SUPPORT: [0, 16],
  DAY_CARE_SUBSIDY: [0, 9],
  FAMILY_RESIDENCE: [0, 9],
};

/** The first is the primary party. Nobody is a party of a case twice. `fixed` is one of citizens 0 and 1, or a child of theirs. */
export function partiesOf(subject: Subject, population: Population, fixed?: DemoCitizen): Party[] {
  const own =
    subject.category === 'BOARD_MATTER' ? childIsPrimary[subject.authority] : childIsPrimary[subject.category];
  if (own) return aboutChild(subject, population, own, fixed);
  const ages = parentIsPrimary[subject.category];
  if (ages) return forChild(subject, population, ages, fixed);
  return ofAdult(subject, population, fixed);
}

function aboutChild(subject: Subject, population: Population, ages: Ages, fixed: DemoCitizen | undefined): Party[] {
  if (fixed?.role === 'CHILD') {
    const parent = parentsOf(fixed, population).find(({ index }) => index > 1)!;
    return [
      [fixed, 'PRIMARY'],
      [parent, 'SECONDARY'],
    ];
  }
  const child = childOf(subject, population, ages, fixed);
  if (fixed)
    return [
      [child, 'PRIMARY'],
      [fixed, 'SECONDARY'],
    ];
  const [first, second] = parentsOf(child, population);
  const custodians = drawn(`${subject.purpose}/custody`, 4) ? [first!] : [first!, second!];
  return [[child, 'PRIMARY'], ...custodians.map((parent): Party => [parent, 'SECONDARY'])];
}

function forChild(subject: Subject, population: Population, ages: Ages, fixed: DemoCitizen | undefined): Party[] {
  const child = childOf(subject, population, ages, fixed);
  const parents = parentsOf(child, population);
  const primary = fixed ?? pick(`${subject.purpose}/parent`, parents);
  const partner = parents.find((parent) => parent !== primary && parent.index > 1);
  const lives = subject.category !== 'CHILD_SUPPORT' && partner && drawn(`${subject.purpose}/partner`, 2);
  return [[primary, 'PRIMARY'], [child, 'CHILD'], ...(lives ? [[partner, 'PARTNER'] as Party] : [])];
}

function ofAdult(subject: Subject, population: Population, fixed: DemoCitizen | undefined): Party[] {
  const { purpose, category, authority } = subject;
  const married = authority === 'MARRIAGE_AUTHORITY';
  const primary = fixed ?? pick(`${purpose}/citizen`, married ? population.spouses : population.adults);
  const alone: Party = [primary, 'PRIMARY'];
  if (fixed?.role === 'CHILD') return [alone];
  const family = population.familyOf(primary).filter((member) => member !== primary && member.index > 1);
  const partners = family.filter(({ role }) => role === 'PARENT').map((member): Party => [member, 'PARTNER']);
  if (married) return [alone, ...partners];
  if (authority === 'FENCE_INSPECTION') return [alone, [neighbourOf(purpose, primary, population), 'OTHER']];
  if (authority !== 'MUNICIPALITY' || category === 'DRUG_TREATMENT') return [alone];
  const some = partners.filter(() => drawn(`${purpose}/partner`, 2));
  if (category === 'SOCIAL_FRAUD' || category === 'CASH_BENEFIT') return [alone, ...some];
  const children = family
    .filter(
      ({ role, bornOn, index }) =>
        role === 'CHILD' && bornOn < subject.opened_on && drawn(`${purpose}/party/${index}`, 2),
    )
    .map((child): Party => [child, 'CHILD']);
  return [alone, ...some, ...children];
}

function childOf(
  subject: Subject,
  population: Population,
  [from, to]: Ages,
  fixed: DemoCitizen | undefined,
): DemoCitizen {
  const among = fixed ? population.familyOf(fixed).filter(({ role }) => role === 'CHILD') : population.children;
  const [earliest, latest] = [bornBefore(subject.opened_on, to + 1), bornBefore(subject.opened_on, from)];
  const ofAge = among.filter(({ bornOn }) => bornOn > earliest && bornOn <= latest);
  return pick(`${subject.purpose}/citizen`, ofAge);
}

const bornBefore = (day: string, years: number): string => `${Number(day.slice(0, 4)) - years}${day.slice(4)}`;

const parentsOf = (child: DemoCitizen, { familyOf }: Population): DemoCitizen[] =>
  familyOf(child).filter(({ role }) => role === 'PARENT');

const neighbourOf = (purpose: string, of: DemoCitizen, { adults }: Population): DemoCitizen =>
  pick(
    `${purpose}/neighbour`,
    adults.filter(({ family }) => family !== of.family),
  );

const drawn = (purpose: string, outOf: number): boolean => numberFor(purpose, outOf) === 0;

function pick<T>(purpose: string, from: readonly T[]): T {
  if (from.length === 0) throw new Error(`${purpose}: nobody to draw`);
  return from[numberFor(purpose, from.length)]!;
}
