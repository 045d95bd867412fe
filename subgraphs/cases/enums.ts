/** The enums of the cases room. Danish terms and sources are in the descriptions of the values. */
import { enumType } from '../protocol/enum-type.js';

// Also defined in the identity room, with the same values and descriptions.
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

export const CaseProgress = enumType(
  'CaseProgress',
  'Progress of a case (sagens fremdrift, as KOMBIT SF1470 names it).',
  {
    OPSTAAET: 'Arisen.',
    OPLYST: 'The facts are gathered.',
    AFGJORT: 'Decided.',
    BESTILT: 'The decision’s measures are ordered.',
    UDFOERT: 'The decision’s measures are carried out.',
    AFSLUTTET: 'Closed.',
  },
);
export type CaseProgress = keyof typeof CaseProgress;

export const Sensitivity = enumType('Sensitivity', 'Sensitivity of a case’s data (følsomhed), from least to most.', {
  IKKE_FORTROLIGE_DATA: 'Not confidential.',
  FORTROLIGE_PERSONOPLYSNINGER: 'Confidential personal data.',
  FOELSOMME_PERSONOPLYSNINGER: 'Sensitive personal data (GDPR article 9).',
  VIP_SAGER: 'Specially protected data; newer name: Særligt beskyttede oplysninger.',
});
export type Sensitivity = keyof typeof Sensitivity;

export const PartyRole = enumType('PartyRole', 'Role of a citizen in a case (partsrolle).', {
  PRIMARY: 'The citizen whom the case is about (primær part); one per case.',
  SECONDARY: 'A further party (sekundær part).',
  CHILD: 'Child of the primary party.',
  PARTNER: 'Spouse or cohabitant of the primary party.',
  OTHER: 'Anyone else, such as a sibling.',
});
export type PartyRole = keyof typeof PartyRole;

export const DocumentKind = enumType('DocumentKind', 'Direction of a document.', {
  INCOMING: 'Received (indgående).',
  OUTGOING: 'Sent (udgående).',
  INTERNAL: 'Made for the file, such as a note (internt).',
});
export type DocumentKind = keyof typeof DocumentKind;

export const CaseOrder = enumType(
  'CaseOrder',
  'Order of a list of cases. Equal cases are ordered by id. A number or title that the viewer may not know counts as empty.',
  {
    CHANGED_AT_DESC: 'Changed most recently first.',
    CHANGED_AT_ASC: 'Changed least recently first.',
    OPENED_ON_DESC: 'Opened most recently first.',
    OPENED_ON_ASC: 'Opened least recently first.',
    NUMBER_ASC: 'By KLE number, facet, year and serial number.',
    NUMBER_DESC: 'By KLE number, facet, year and serial number, descending.',
    TITLE_ASC: 'By the first 90 characters of the title, without regard to case.',
    TITLE_DESC: 'By the first 90 characters of the title, without regard to case, descending.',
  },
);
export type CaseOrder = keyof typeof CaseOrder;
