/** The enums of the identity room. */
import { enumType } from '../protocol/enum-type.js';

export { AuthorityCode, CaseCategory, CaseLevel, RightCode } from '../protocol/shared-enums.js';

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
