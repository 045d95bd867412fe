/** Enums of which several rooms show the same values. Each is declared here once: subgraphs that differed would not compose alike. */
import { enumType } from './enum-type.js';

export const RightCode = enumType(
  'RightCode',
  'A right: what an employee is entitled to work as. An employee acts in one right at a time.',
  {
    SMDB_REPORTER: '`SMDB - Indberetter`: reports forms other than health forms, and extracts reports on them.',
    SMDB_LEADER: '`SMDB - Leder`: sees reported forms and extracts reports, nothing else.',
    SMDB_HEALTH:
      '`SMDB - Sundhedsfaglig`: reports the forms Hepatitis C and Kvalitet i den lægefaglige behandling, and extracts reports on them.',
    SMDB_DELEGATED_REPORTER:
      '`SMDB - Forvaltende indberetter`: reports for a treatment centre on behalf of the authority, and sees only what they reported themselves.',
    SMDB_DELEGATED_HEALTH: '`SMDB - Forvaltende sundhedsfaglig`: the same for the two health forms.',
    SMDB_ADMINISTRATOR: 'Sees every SMDB user of the municipality with their rights.',
    CITIZEN_SERVICE: 'Guides citizens in a citizen service centre (borgerservice).',
    CASEWORKER: 'Handles cases (sagsbehandler) in the compartments granted.',
    MANAGER: 'Decides on grants, and reviews look-ups (nærmeste leder).',
    SECURITY_OFFICER: 'Reads the log and runs spot checks (sikkerhedsansvarlig).',
    ADMINISTRATOR: 'Runs the system; sees no citizens and no cases.',
    PROTECTED_ADDRESS: 'Looks up protected addresses, because a task such as posting a decision needs them.',
  },
);
export type RightCode = keyof typeof RightCode;

export const CaseLevel = enumType(
  'CaseLevel',
  'How much of a case may be known. Each level includes the ones before it.',
  {
    EXISTENCE: 'That the case exists, its category and its dates.',
    METADATA: 'Also its number, title and handling.',
    DOCUMENTS: 'Also its documents.',
  },
);
export type CaseLevel = keyof typeof CaseLevel;

export const CaseCategory = enumType(
  'CaseCategory',
  'What kind of case it is. The existence of cases of a shielded category is itself confidential (Datasikkerhed i borgerservicecentre §1.1).',
  {
    HOUSING_BENEFIT: 'Boligstøtte. Ordinary.',
    CHILD_SUPPORT: 'Børnebidrag. Ordinary.',
    DAY_CARE_SUBSIDY: 'Fripladstilskud: reduced day-care fee. Ordinary.',
    RELOCATION: 'Flytning. Ordinary.',
    CASH_BENEFIT: 'Kontanthjælp. Ordinary.',
    DRUG_TREATMENT: 'Stofmisbrugsbehandling. Ordinary.',
    CHILD_CONCERN: 'Underretning: concern about the neglect or abuse of a child. Shielded.',
    PLACEMENT: 'Anbringelse: placement outside the home. Shielded.',
    FAMILY_RESIDENCE: "A family's stay at a family institution. Shielded.",
    SOCIAL_FRAUD: 'Control of suspected social fraud. Shielded.',
    SSP: 'Cooperation of school, social services and police. Shielded.',
    BOARD_MATTER: 'A matter of another authority for which the municipality is the secretariat. Shielded.',
  },
);
export type CaseCategory = keyof typeof CaseCategory;

export const AuthorityCode = enumType(
  'AuthorityCode',
  'The municipality, and the authorities for which it is the secretariat.',
  {
    MUNICIPALITY: 'The municipality itself (kommunen).',
    CHILDREN_AND_YOUTH_COMMITTEE: 'Børn og unge-udvalget.',
    MARRIAGE_AUTHORITY: 'Vielsesmyndigheden.',
    FOLKEOPLYSNING_COMMITTEE: 'Folkeoplysningsudvalget: adult education and associations.',
    LICENSING_BOARD: 'Bevillingsnævnet: licences to serve alcohol.',
    RENT_BOARD: 'Huslejenævnet.',
    FENCE_INSPECTION: 'Hegnsyn: disputes about fences.',
  },
);
export type AuthorityCode = keyof typeof AuthorityCode;
