/** Which cases there are in Korsbæk: category, authority and primary party of each. The rest of them is made in cases.ts. */
import { type AuthorityCode, authorityCodes, type CaseCategory, compartmentId } from '../protocol/compartments.js';
import { type DemoCitizen, municipality } from './people.js';
import { idFor, numberFor } from './random.js';

export interface DemoCaseReference {
  readonly id: string;
  /** Id of the primary party. */
  readonly citizen: string;
  readonly compartment: string;
  readonly category: CaseCategory;
}

const ordinaryCount = 7_520;
const shieldedCount = 480;

/** What is known of a case before its details: enough to refer to it. */
export interface Outline extends DemoCaseReference {
  /** The seed of its randomness, such as `case/ordinary/17`. */
  readonly purpose: string;
  readonly authority: AuthorityCode;
  readonly primary: DemoCitizen;
}

function outline(purpose: string, authority: AuthorityCode, category: CaseCategory, primary: DemoCitizen): Outline {
  const compartment = compartmentId(municipality, authority, category);
  return { id: idFor(purpose), purpose, authority, category, compartment, primary, citizen: primary.id };
}

type Fixed = readonly [citizen: number, authority: AuthorityCode, category: CaseCategory];
const fixedOrdinary: readonly Fixed[] = [
  [0, 'MUNICIPALITY', 'HOUSING_BENEFIT'],
  [0, 'MUNICIPALITY', 'DAY_CARE_SUBSIDY'],
  [1, 'MUNICIPALITY', 'HOUSING_BENEFIT'],
  [1, 'MUNICIPALITY', 'CHILD_SUPPORT'],
];
const fixedShielded: readonly Fixed[] = [
  [0, 'MUNICIPALITY', 'CHILD_CONCERN'],
  [0, 'MUNICIPALITY', 'SOCIAL_FRAUD'],
  [0, 'CHILDREN_AND_YOUTH_COMMITTEE', 'BOARD_MATTER'],
];

/** Percent. */
const ordinaryShares: readonly [CaseCategory, number][] = [
  ['HOUSING_BENEFIT', 28],
  ['CHILD_SUPPORT', 22],
  ['DAY_CARE_SUBSIDY', 14],
  ['RELOCATION', 14],
  ['CASH_BENEFIT', 14],
  ['DRUG_TREATMENT', 8],
];
const shieldedShares: readonly [CaseCategory, number][] = [
  ['CHILD_CONCERN', 25],
  ['PLACEMENT', 15],
  ['FAMILY_RESIDENCE', 10],
  ['SOCIAL_FRAUD', 15],
  ['SSP', 11],
  ['BOARD_MATTER', 24],
];
const boards = authorityCodes.filter((code) => code !== 'MUNICIPALITY');

export const ordinaryOutlines = (citizens: readonly DemoCitizen[]): Outline[] =>
  Array.from({ length: ordinaryCount }, (_, n) =>
    outlineOf(`case/ordinary/${n}`, fixedOrdinary[n], ordinaryShares, citizens),
  );

export const shieldedOutlines = (citizens: readonly DemoCitizen[]): Outline[] =>
  Array.from({ length: shieldedCount }, (_, n) =>
    outlineOf(`case/shielded/${n}`, fixedShielded[n], shieldedShares, citizens),
  );

function outlineOf(
  purpose: string,
  fixed: Fixed | undefined,
  shares: readonly [CaseCategory, number][],
  citizens: readonly DemoCitizen[],
): Outline {
  if (fixed) return outline(purpose, fixed[1], fixed[2], citizens[fixed[0]]!);
  const category = drawn(shares, numberFor(`${purpose}/category`, 100));
  const authority = category === 'BOARD_MATTER' ? pick(`${purpose}/authority`, boards) : 'MUNICIPALITY';
  return outline(purpose, authority, category, citizens[2 + numberFor(`${purpose}/citizen`, citizens.length - 2)]!);
}

function drawn(shares: readonly [CaseCategory, number][], place: number): CaseCategory {
  let upTo = 0;
  for (const [category, share] of shares) {
    upTo += share;
    if (place < upTo) return category;
  }
  throw new Error('the shares are to add up to 100');
}

export const pick = <T>(purpose: string, from: readonly T[]): T => from[numberFor(purpose, from.length)]!;
