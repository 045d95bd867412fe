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

// Also defined in the cases room, with the same values and descriptions.
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

export const GrantStatus = enumType('GrantStatus', 'Status of a grant now.', {
  REQUESTED: 'Requested; nobody has decided.',
  IN_FORCE: 'Given, confirmed in time, and within its validity from `validFrom` on.',
  WAITING_FOR_COURSE:
    'Given, but the holder works in a citizen service and has no course in force. It comes into force with the course.',
  REFUSED: 'Refused.',
  WITHDRAWN: 'Withdrawn, or ended because the holder changed unit or left. It is never in force again.',
  LAPSED: 'Not confirmed within six months, or its validity or its agreement has ended. It is never in force again.',
});
export type GrantStatus = keyof typeof GrantStatus;

export const GrantDecision = enumType('GrantDecision', 'What is decided on a request.', {
  GIVE: 'Gives the grant.',
  REFUSE: 'Refuses it.',
});
export type GrantDecision = keyof typeof GrantDecision;

export const GrantStep = enumType('GrantStep', 'A step of a grant.', {
  REQUESTED: 'It was requested.',
  GIVEN: 'It was given.',
  REFUSED: 'It was refused.',
  CONFIRMED: 'A manager confirmed that the holder still needs it.',
  WITHDRAWN: 'It was withdrawn.',
  MOVED: 'The holder changed unit, which ends all grants.',
  LEFT: 'The holder left.',
});
export type GrantStep = keyof typeof GrantStep;

export const Reminder = enumType('Reminder', 'How close a grant is to its lapse.', {
  THIRTY_DAYS: 'It lapses within 30 days.',
  SEVEN_DAYS: 'It lapses within 7 days.',
});
export type Reminder = keyof typeof Reminder;

export const AgreementKind = enumType('AgreementKind', 'What an authority agrees to.', {
  DISCLOSURE: 'It discloses its cases for the receiver’s own tasks (videregivelse).',
  PROCESSING: 'The receiver works on its behalf, under a data-processing agreement (databehandleraftale).',
});
export type AgreementKind = keyof typeof AgreementKind;

export const CourseKind = enumType('CourseKind', 'Which course it is.', {
  DATA_SECURITY:
    'Datasikkerhedskørekort: instruction before starting in a citizen service centre (Datasikkerhed i borgerservicecentre §4).',
});
export type CourseKind = keyof typeof CourseKind;
