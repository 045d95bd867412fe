/** What kinds of cases the demo has: how many of each, what they are called, and the KLE numbers of their time. */
import { type AuthorityCode, type CaseCategory, kleOf } from '../protocol/compartments.js';

/** Percent. */
export const ordinaryShares: readonly [CaseCategory, number][] = [
  ['HOUSING_BENEFIT', 28],
  ['CHILD_SUPPORT', 22],
  ['DAY_CARE_SUBSIDY', 14],
  ['RELOCATION', 14],
  ['CASH_BENEFIT', 14],
  ['DRUG_TREATMENT', 8],
];
export const shieldedShares: readonly [CaseCategory, number][] = [
  ['CHILD_CONCERN', 25],
  ['PLACEMENT', 15],
  ['FAMILY_RESIDENCE', 10],
  ['SOCIAL_FRAUD', 15],
  ['SSP', 11],
  ['BOARD_MATTER', 24],
];

type Kind = Exclude<CaseCategory, 'BOARD_MATTER'> | Exclude<AuthorityCode, 'MUNICIPALITY'>;

const kindOf = (authority: AuthorityCode, category: CaseCategory): Kind =>
  authority === 'MUNICIPALITY' ? (category as Exclude<CaseCategory, 'BOARD_MATTER'>) : authority;

const titles: Readonly<Record<Kind, readonly string[]>> = {
  HOUSING_BENEFIT: ['Boligstøtte, ny ansøgning', 'Boligstøtte, ændret husleje', 'Boligstøtte, årlig omregning'],
  CHILD_SUPPORT: ['Børnebidrag, ansøgning', 'Børnebidrag, forhøjelse', 'Børnebidrag, ændret samvær'],
  DAY_CARE_SUBSIDY: ['Økonomisk fripladstilskud', 'Fripladstilskud, ændret indkomst', 'Søskendetilskud'],
  RELOCATION: ['Flytning inden for kommunen', 'Tilflytning', 'Flytning, manglende anmeldelse'],
  CASH_BENEFIT: ['Kontanthjælp, ansøgning', 'Kontanthjælp, opfølgning', 'Enkeltydelse til flytning'],
  DRUG_TREATMENT: ['Stofmisbrugsbehandling, anmodning', 'Stofmisbrugsbehandling, behandlingsplan'],
  CHILD_CONCERN: ['Underretning, vurdering', 'Underretning fra skole', 'Børnefaglig undersøgelse'],
  PLACEMENT: ['Frivillig anbringelse', 'Anbringelse, opfølgning'],
  FAMILY_RESIDENCE: ['Ophold på familieinstitution'],
  SOCIAL_FRAUD: ['Kontrol, reelt enlig', 'Kontrol, folkeregisteradresse'],
  SSP: ['SSP, bekymringssamtale', 'SSP, handleplan'],
  CHILDREN_AND_YOUTH_COMMITTEE: [
    'Anbringelse uden samtykke',
    'Forlænget hjemgivelsesperiode',
    'Samvær under anbringelse',
  ],
  MARRIAGE_AUTHORITY: ['Prøvelse af ægteskabsbetingelser', 'Borgerlig vielse'],
  FOLKEOPLYSNING_COMMITTEE: ['Tilskud til undervisning', 'Lokaletilskud', 'Klage over fordeling af lokaler'],
  LICENSING_BOARD: ['Alkoholbevilling, ansøgning', 'Udvidet åbningstid', 'Godkendelse af bestyrer'],
  RENT_BOARD: ['Klage over husleje', 'Mangler ved lejemål', 'Uenighed ved fraflytning'],
  FENCE_INSPECTION: ['Uenighed om hegn', 'Hegnsyn, højde på hæk'],
};

export const titlesOf = (authority: AuthorityCode, category: CaseCategory): readonly string[] =>
  titles[kindOf(authority, category)];

/** What arrives first. */
export const incomingTitle = (category: CaseCategory): string => {
  if (category === 'CHILD_CONCERN' || category === 'PLACEMENT') return 'Underretning';
  return category === 'SOCIAL_FRAUD' || category === 'SSP' ? 'Henvendelse' : 'Ansøgning';
};

/**
 * The Child's Act came into force on 1 January 2024. KLE's main group 34 came with it; before, such cases lay in 27.24. Which numbers
 * of that group they had is not in our sources: what matters is that no two kinds share one.
 */
const beforeChildsAct: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  CHILD_CONCERN: ['27.24.00'],
  PLACEMENT: ['27.24.36'],
  FAMILY_RESIDENCE: ['27.24.16'],
  CHILDREN_AND_YOUTH_COMMITTEE: ['27.24.40'],
};

/** KLE numbers under which such a case was filed when it was opened (YYYY-MM-DD). */
export const kleWhen = (openedOn: string, authority: AuthorityCode, category: CaseCategory): readonly string[] =>
  (openedOn < '2024-01-01' ? beforeChildsAct[kindOf(authority, category)] : undefined) ?? kleOf(authority, category);
