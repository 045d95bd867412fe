/**
 * Compartments: the "codes" of *Datasikkerhed i borgerservicecentre* §1.1. Every case lies in exactly one: the owning authority × the
 * category of the case, or a single case with a code of its own.
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

/** `0999.MUNICIPALITY.HOUSING_BENEFIT`. Readable, because the list of compartments is not secret. */
export const compartmentId = (municipality: string, authority: AuthorityCode, category: CaseCategory): string =>
  `${municipality}.${authority}.${category}`;

const singleCase = /^\d{4}\.CASE\./;

/** Whether this is the compartment of a single case: `0999.CASE.<id of the case>`. Only shielded cases have one. */
export const isOfSingleCase = (compartment: string): boolean => singleCase.test(compartment);

export const caseOf = (compartment: string): string => compartment.replace(singleCase, '');

/**
 * All compartments that a municipality has by law and by this schema, in a fixed order. Cases of another authority form one
 * compartment per authority; the municipality itself has one per other category.
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

/**
 * KLE numbers under which cases of a standing compartment are filed today. A case filed under an older number is of the same kind.
 * Empty where the numbers are not known. The full KLE plan is under copyright, so only numbers are used, with labels of our own.
 */
export const kleOf = (authority: AuthorityCode, category: CaseCategory | undefined): readonly string[] =>
  (authority === 'MUNICIPALITY' ? category && kle[category] : kle[authority]) ?? [];

const kle: Readonly<Partial<Record<CaseCategory | AuthorityCode, readonly string[]>>> = {
  HOUSING_BENEFIT: ['32.03.12'],
  CHILD_SUPPORT: ['32.06.04'],
  DAY_CARE_SUBSIDY: ['28.09.40'],
  RELOCATION: ['23.05.01'],
  CASH_BENEFIT: ['32.24.14'],
  DRUG_TREATMENT: ['27.51.04', '29.24.08'],
  CHILD_CONCERN: ['34.10.30', '34.10.10'],
  PLACEMENT: ['34.25.00'],
  FAMILY_RESIDENCE: ['34.30.08'],
  SOCIAL_FRAUD: ['32.45.04'],
  SSP: ['27.25.00', '27.25.08', '27.25.12'],
  CHILDREN_AND_YOUTH_COMMITTEE: ['34.40.04'],
  MARRIAGE_AUTHORITY: ['23.01.02'],
  FOLKEOPLYSNING_COMMITTEE: ['18.15.30'],
  LICENSING_BOARD: ['22.01.10'],
  RENT_BOARD: ['03.09.15', '03.12.20'],
  FENCE_INSPECTION: ['02.00.10'],
};
