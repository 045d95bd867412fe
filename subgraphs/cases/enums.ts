/** The enums of the cases room. Danish terms and sources are in the descriptions of the values. */
import { registerEnumType } from 'type-graphql';

// Also defined in the identity room, with the same values and descriptions.
export enum CaseLevel {
  EXISTENCE = 'EXISTENCE',
  METADATA = 'METADATA',
  DOCUMENTS = 'DOCUMENTS',
}
registerEnumType(CaseLevel, {
  name: 'CaseLevel',
  description: 'How much of a case may be known. Each level includes the ones before it.',
  valuesConfig: {
    EXISTENCE: { description: 'That the case exists, its category and its dates.' },
    METADATA: { description: 'Also its number, title and handling.' },
    DOCUMENTS: { description: 'Also its documents.' },
  },
});

// Also defined in the identity room, with the same values and descriptions.
export enum CaseCategory {
  HOUSING_BENEFIT = 'HOUSING_BENEFIT',
  CHILD_SUPPORT = 'CHILD_SUPPORT',
  DAY_CARE_SUBSIDY = 'DAY_CARE_SUBSIDY',
  RELOCATION = 'RELOCATION',
  CASH_BENEFIT = 'CASH_BENEFIT',
  DRUG_TREATMENT = 'DRUG_TREATMENT',
  CHILD_CONCERN = 'CHILD_CONCERN',
  PLACEMENT = 'PLACEMENT',
  FAMILY_RESIDENCE = 'FAMILY_RESIDENCE',
  SOCIAL_FRAUD = 'SOCIAL_FRAUD',
  SSP = 'SSP',
  BOARD_MATTER = 'BOARD_MATTER',
}
registerEnumType(CaseCategory, {
  name: 'CaseCategory',
  description:
    'What kind of case it is. The existence of cases of a shielded category is itself confidential (Datasikkerhed i borgerservicecentre §1.1).',
  valuesConfig: {
    HOUSING_BENEFIT: { description: 'Boligstøtte. Ordinary.' },
    CHILD_SUPPORT: { description: 'Børnebidrag. Ordinary.' },
    DAY_CARE_SUBSIDY: { description: 'Fripladstilskud: reduced day-care fee. Ordinary.' },
    RELOCATION: { description: 'Flytning. Ordinary.' },
    CASH_BENEFIT: { description: 'Kontanthjælp. Ordinary.' },
    DRUG_TREATMENT: { description: 'Stofmisbrugsbehandling. Ordinary.' },
    CHILD_CONCERN: { description: 'Underretning: concern about the neglect or abuse of a child. Shielded.' },
    PLACEMENT: { description: 'Anbringelse: placement outside the home. Shielded.' },
    FAMILY_RESIDENCE: { description: "A family's stay at a family institution. Shielded." },
    SOCIAL_FRAUD: { description: 'Control of suspected social fraud. Shielded.' },
    SSP: { description: 'Cooperation of school, social services and police. Shielded.' },
    BOARD_MATTER: {
      description: 'A matter of another authority for which the municipality is the secretariat. Shielded.',
    },
  },
});

// Also defined in the identity room, with the same values and descriptions.
export enum AuthorityCode {
  MUNICIPALITY = 'MUNICIPALITY',
  CHILDREN_AND_YOUTH_COMMITTEE = 'CHILDREN_AND_YOUTH_COMMITTEE',
  MARRIAGE_AUTHORITY = 'MARRIAGE_AUTHORITY',
  FOLKEOPLYSNING_COMMITTEE = 'FOLKEOPLYSNING_COMMITTEE',
  LICENSING_BOARD = 'LICENSING_BOARD',
  RENT_BOARD = 'RENT_BOARD',
  FENCE_INSPECTION = 'FENCE_INSPECTION',
}
registerEnumType(AuthorityCode, {
  name: 'AuthorityCode',
  description: 'The municipality, and the authorities for which it is the secretariat.',
  valuesConfig: {
    MUNICIPALITY: { description: 'The municipality itself (kommunen).' },
    CHILDREN_AND_YOUTH_COMMITTEE: { description: 'Børn og unge-udvalget.' },
    MARRIAGE_AUTHORITY: { description: 'Vielsesmyndigheden.' },
    FOLKEOPLYSNING_COMMITTEE: { description: 'Folkeoplysningsudvalget: adult education and associations.' },
    LICENSING_BOARD: { description: 'Bevillingsnævnet: licences to serve alcohol.' },
    RENT_BOARD: { description: 'Huslejenævnet.' },
    FENCE_INSPECTION: { description: 'Hegnsyn: disputes about fences.' },
  },
});

export enum CaseProgress {
  OPSTAAET = 'OPSTAAET',
  OPLYST = 'OPLYST',
  AFGJORT = 'AFGJORT',
  BESTILT = 'BESTILT',
  UDFOERT = 'UDFOERT',
  AFSLUTTET = 'AFSLUTTET',
}
registerEnumType(CaseProgress, {
  name: 'CaseProgress',
  description: 'Progress of a case (sagens fremdrift, as KOMBIT SF1470 names it).',
  valuesConfig: {
    OPSTAAET: { description: 'Arisen.' },
    OPLYST: { description: 'The facts are gathered.' },
    AFGJORT: { description: 'Decided.' },
    BESTILT: { description: 'The decision’s measures are ordered.' },
    UDFOERT: { description: 'The decision’s measures are carried out.' },
    AFSLUTTET: { description: 'Closed.' },
  },
});

export enum Sensitivity {
  IKKE_FORTROLIGE_DATA = 'IKKE_FORTROLIGE_DATA',
  FORTROLIGE_PERSONOPLYSNINGER = 'FORTROLIGE_PERSONOPLYSNINGER',
  FOELSOMME_PERSONOPLYSNINGER = 'FOELSOMME_PERSONOPLYSNINGER',
  VIP_SAGER = 'VIP_SAGER',
}
registerEnumType(Sensitivity, {
  name: 'Sensitivity',
  description: 'Sensitivity of a case’s data (følsomhed), from least to most.',
  valuesConfig: {
    IKKE_FORTROLIGE_DATA: { description: 'Not confidential.' },
    FORTROLIGE_PERSONOPLYSNINGER: { description: 'Confidential personal data.' },
    FOELSOMME_PERSONOPLYSNINGER: { description: 'Sensitive personal data (GDPR article 9).' },
    VIP_SAGER: { description: 'Specially protected data; newer name: Særligt beskyttede oplysninger.' },
  },
});

export enum PartyRole {
  PRIMARY = 'PRIMARY',
  SECONDARY = 'SECONDARY',
  CHILD = 'CHILD',
  PARTNER = 'PARTNER',
  OTHER = 'OTHER',
}
registerEnumType(PartyRole, {
  name: 'PartyRole',
  description: 'Role of a citizen in a case (partsrolle).',
  valuesConfig: {
    PRIMARY: { description: 'The citizen whom the case is about (primær part); one per case.' },
    SECONDARY: { description: 'A further party (sekundær part).' },
    CHILD: { description: 'Child of the primary party.' },
    PARTNER: { description: 'Spouse or cohabitant of the primary party.' },
    OTHER: { description: 'Anyone else, such as a sibling.' },
  },
});

export enum DocumentKind {
  INCOMING = 'INCOMING',
  OUTGOING = 'OUTGOING',
  INTERNAL = 'INTERNAL',
}
registerEnumType(DocumentKind, {
  name: 'DocumentKind',
  description: 'Direction of a document.',
  valuesConfig: {
    INCOMING: { description: 'Received (indgående).' },
    OUTGOING: { description: 'Sent (udgående).' },
    INTERNAL: { description: 'Made for the file, such as a note (internt).' },
  },
});

export enum CaseOrder {
  CHANGED_AT_DESC = 'CHANGED_AT_DESC',
  CHANGED_AT_ASC = 'CHANGED_AT_ASC',
  OPENED_ON_DESC = 'OPENED_ON_DESC',
  OPENED_ON_ASC = 'OPENED_ON_ASC',
  NUMBER_ASC = 'NUMBER_ASC',
  NUMBER_DESC = 'NUMBER_DESC',
  TITLE_ASC = 'TITLE_ASC',
  TITLE_DESC = 'TITLE_DESC',
}
registerEnumType(CaseOrder, {
  name: 'CaseOrder',
  description:
    'Order of a list of cases. Equal cases are ordered by id. A number or title that the viewer may not know counts as empty.',
  valuesConfig: {
    CHANGED_AT_DESC: { description: 'Changed most recently first.' },
    CHANGED_AT_ASC: { description: 'Changed least recently first.' },
    OPENED_ON_DESC: { description: 'Opened most recently first.' },
    OPENED_ON_ASC: { description: 'Opened least recently first.' },
    NUMBER_ASC: { description: 'By KLE number, facet, year and serial number.' },
    NUMBER_DESC: { description: 'By KLE number, facet, year and serial number, descending.' },
    TITLE_ASC: { description: 'By the first 90 characters of the title, without regard to case.' },
    TITLE_DESC: { description: 'By the first 90 characters of the title, without regard to case, descending.' },
  },
});
