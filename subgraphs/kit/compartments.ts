/**
 * Compartments: the "codes" of *Datasikkerhed i borgerservicecentre* §1.1. Every case lies in exactly one: the owning
 * authority × the category of the case, or a single case with a code of its own.
 */
export const authorityCodes = [
  'MUNICIPALITY',
  'CHILDREN_AND_YOUTH_COMMITTEE',
  'MARRIAGE_AUTHORITY',
  'FOLKEOPLYSNING_COMMITTEE',
  'LICENSING_BOARD',
  'RENT_BOARD',
  'FENCE_INSPECTION',
] as const;
export type AuthorityCode = (typeof authorityCodes)[number];

export const ordinaryCategories = [
  'HOUSING_BENEFIT',
  'CHILD_SUPPORT',
  'DAY_CARE_SUBSIDY',
  'RELOCATION',
  'CASH_BENEFIT',
  'DRUG_TREATMENT',
] as const;
const shieldedCategories = [
  'CHILD_CONCERN',
  'PLACEMENT',
  'FAMILY_RESIDENCE',
  'SOCIAL_FRAUD',
  'SSP',
  'BOARD_MATTER',
] as const;
export type CaseCategory = (typeof ordinaryCategories)[number] | (typeof shieldedCategories)[number];

export const isShieldedCategory = (category: CaseCategory): boolean =>
  (shieldedCategories as readonly string[]).includes(category);

/** `0999.MUNICIPALITY.HOUSING_BENEFIT`: readable, because what compartments there are is no secret. */
export const compartmentId = (municipality: string, authority: AuthorityCode, category: CaseCategory): string =>
  `${municipality}.${authority}.${category}`;

/**
 * Every compartment a municipality has by law and by this schema, in a fixed order. Matters of another authority form
 * one compartment per authority; the municipality itself has one per other category.
 */
export function standingCompartments(municipality: string) {
  const own = [...ordinaryCategories, ...shieldedCategories.filter((category) => category !== 'BOARD_MATTER')];
  return [
    ...own.map((category) => describe(municipality, 'MUNICIPALITY', category)),
    ...authorityCodes
      .filter((authority) => authority !== 'MUNICIPALITY')
      .map((authority) => describe(municipality, authority, 'BOARD_MATTER')),
  ];
}

const describe = (municipality: string, authority: AuthorityCode, category: CaseCategory) => ({
  id: compartmentId(municipality, authority, category),
  authority,
  category,
  shielded: isShieldedCategory(category),
});
