/** The enums of the identity room. */
import { enumType } from '../protocol/enum-type.js';

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
  },
);
export type RightCode = keyof typeof RightCode;

export const RightSource = enumType('RightSource', 'Source of a right that an employee holds.', {
  NEMLOGIN: 'Assigned in FBRS and brought by NemLog-in (OIO Basic Privilege Profile).',
  LOCAL: 'Assigned by the municipality in this system.',
});
export type RightSource = keyof typeof RightSource;

export const OrganisationKind = enumType('OrganisationKind', 'What kind of organisation it is.', {
  MUNICIPALITY: 'A municipality as a whole (kommune).',
  DEPARTMENT: 'A unit of a municipality (afdeling), with a P-number of its own.',
  TREATMENT_CENTRE: 'A centre that treats drug misuse (behandlingstilbud).',
  VENDOR: 'A company that runs a case system for the municipality.',
});
export type OrganisationKind = keyof typeof OrganisationKind;

export const RelativeKind = enumType('RelativeKind', 'Relation of the relative to the citizen.', {
  PARENT: 'Parent of the citizen.',
  CHILD: 'Child of the citizen.',
  SPOUSE: 'Spouse, registered partner or cohabitant and co-parent.',
});
export type RelativeKind = keyof typeof RelativeKind;

export const AssuranceLevel = enumType(
  'AssuranceLevel',
  'Level of assurance of the sign-in, as in NSIS (`https://data.gov.dk/concept/core/nsis/loa`).',
  {
    Low: 'NSIS Lav.',
    Substantial: 'NSIS Betydelig.',
    High: 'NSIS Høj.',
  },
);
export type AssuranceLevel = keyof typeof AssuranceLevel;

export const CitizenOrder = enumType('CitizenOrder', 'Order of a list of citizens. Equal citizens are ordered by id.', {
  NAME_ASC: 'By name, without regard to case.',
  NAME_DESC: 'By name, descending.',
  BORN_ON_ASC: 'By date of birth, the oldest first.',
  BORN_ON_DESC: 'By date of birth, the youngest first.',
});
export type CitizenOrder = keyof typeof CitizenOrder;

export const KeySource = enumType('KeySource', 'The form in which a public key was registered.', {
  JWK: 'A JSON Web Key (RFC 7517).',
  CERTIFICATE: 'An OCES3 certificate of an organisation.',
});
export type KeySource = keyof typeof KeySource;

// The two enums below are also defined in the cases room, with the same values and descriptions.
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
export const CaseOperation = enumType(
  'CaseOperation',
  'What may be done in a compartment (separate rights to search, enter and delete).',
  {
    SEARCH: 'Find and read.',
    ENTER: 'Enter and change.',
    DELETE: 'Delete.',
  },
);
export type CaseOperation = keyof typeof CaseOperation;

export const LabelLanguage = enumType('LabelLanguage', 'A language of display names.', {
  DA: 'Danish.',
  EN: 'English.',
});
export type LabelLanguage = keyof typeof LabelLanguage;
