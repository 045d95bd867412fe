/** The enums of the identity room. */
import { registerEnumType } from 'type-graphql';

export enum RightCode {
  SMDB_REPORTER = 'SMDB_REPORTER',
  SMDB_LEADER = 'SMDB_LEADER',
  SMDB_HEALTH = 'SMDB_HEALTH',
  SMDB_DELEGATED_REPORTER = 'SMDB_DELEGATED_REPORTER',
  SMDB_DELEGATED_HEALTH = 'SMDB_DELEGATED_HEALTH',
  SMDB_ADMINISTRATOR = 'SMDB_ADMINISTRATOR',
  CITIZEN_SERVICE = 'CITIZEN_SERVICE',
  CASEWORKER = 'CASEWORKER',
  MANAGER = 'MANAGER',
  SECURITY_OFFICER = 'SECURITY_OFFICER',
  ADMINISTRATOR = 'ADMINISTRATOR',
}
registerEnumType(RightCode, {
  name: 'RightCode',
  description: 'A right: what an employee is entitled to work as. An employee acts in one right at a time.',
  valuesConfig: {
    SMDB_REPORTER: {
      description: '`SMDB - Indberetter`: reports forms other than health forms, and extracts reports on them.',
    },
    SMDB_LEADER: { description: '`SMDB - Leder`: sees reported forms and extracts reports, nothing else.' },
    SMDB_HEALTH: {
      description:
        '`SMDB - Sundhedsfaglig`: reports the forms Hepatitis C and Kvalitet i den lægefaglige behandling, and extracts reports on them.',
    },
    SMDB_DELEGATED_REPORTER: {
      description:
        '`SMDB - Forvaltende indberetter`: reports for a treatment centre on behalf of the authority, and sees only what they reported themselves.',
    },
    SMDB_DELEGATED_HEALTH: {
      description: '`SMDB - Forvaltende sundhedsfaglig`: the same for the two health forms.',
    },
    SMDB_ADMINISTRATOR: { description: 'Sees every SMDB user of the municipality with their rights.' },
    CITIZEN_SERVICE: { description: 'Guides citizens in a citizen service centre (borgerservice).' },
    CASEWORKER: { description: 'Handles cases (sagsbehandler) in the compartments granted.' },
    MANAGER: { description: 'Decides on grants, and reviews look-ups (nærmeste leder).' },
    SECURITY_OFFICER: { description: 'Reads the log and runs spot checks (sikkerhedsansvarlig).' },
    ADMINISTRATOR: { description: 'Runs the system; sees no citizens and no cases.' },
  },
});

export enum RightSource {
  NEMLOGIN = 'NEMLOGIN',
  LOCAL = 'LOCAL',
}
registerEnumType(RightSource, {
  name: 'RightSource',
  description: 'Source of a right that an employee holds.',
  valuesConfig: {
    NEMLOGIN: { description: 'Assigned in FBRS and brought by NemLog-in (OIO Basic Privilege Profile).' },
    LOCAL: { description: 'Assigned by the municipality in this system.' },
  },
});

export enum OrganisationKind {
  MUNICIPALITY = 'MUNICIPALITY',
  DEPARTMENT = 'DEPARTMENT',
  TREATMENT_CENTRE = 'TREATMENT_CENTRE',
  VENDOR = 'VENDOR',
}
registerEnumType(OrganisationKind, {
  name: 'OrganisationKind',
  description: 'What kind of organisation it is.',
  valuesConfig: {
    MUNICIPALITY: { description: 'A municipality as a whole (kommune).' },
    DEPARTMENT: { description: 'A unit of a municipality (afdeling), with a P-number of its own.' },
    TREATMENT_CENTRE: { description: 'A centre that treats drug misuse (behandlingstilbud).' },
    VENDOR: { description: 'A company that runs a case system for the municipality.' },
  },
});

export enum RelativeKind {
  PARENT = 'PARENT',
  CHILD = 'CHILD',
  SPOUSE = 'SPOUSE',
}
registerEnumType(RelativeKind, {
  name: 'RelativeKind',
  description: 'Relation of the relative to the citizen.',
  valuesConfig: {
    PARENT: { description: 'Parent of the citizen.' },
    CHILD: { description: 'Child of the citizen.' },
    SPOUSE: { description: 'Spouse, registered partner or cohabitant and co-parent.' },
  },
});

export enum AssuranceLevel {
  Low = 'Low',
  Substantial = 'Substantial',
  High = 'High',
}
registerEnumType(AssuranceLevel, {
  name: 'AssuranceLevel',
  description: 'Level of assurance of the sign-in, as in NSIS (`https://data.gov.dk/concept/core/nsis/loa`).',
  valuesConfig: {
    Low: { description: 'NSIS Lav.' },
    Substantial: { description: 'NSIS Betydelig.' },
    High: { description: 'NSIS Høj.' },
  },
});

export enum CitizenOrder {
  NAME_ASC = 'NAME_ASC',
  NAME_DESC = 'NAME_DESC',
  BORN_ON_ASC = 'BORN_ON_ASC',
  BORN_ON_DESC = 'BORN_ON_DESC',
}
registerEnumType(CitizenOrder, {
  name: 'CitizenOrder',
  description: 'Order of a list of citizens. Equal citizens are ordered by id.',
  valuesConfig: {
    NAME_ASC: { description: 'By name, without regard to case.' },
    NAME_DESC: { description: 'By name, descending.' },
    BORN_ON_ASC: { description: 'By date of birth, the oldest first.' },
    BORN_ON_DESC: { description: 'By date of birth, the youngest first.' },
  },
});

export enum KeySource {
  JWK = 'JWK',
  CERTIFICATE = 'CERTIFICATE',
}
registerEnumType(KeySource, {
  name: 'KeySource',
  description: 'The form in which a public key was registered.',
  valuesConfig: {
    JWK: { description: 'A JSON Web Key (RFC 7517).' },
    CERTIFICATE: { description: 'An OCES3 certificate of an organisation.' },
  },
});

// The enums below are also defined in the cases room, with the same values and descriptions.
export enum CaseLevel {
  EXISTENCE = 'EXISTENCE',
  METADATA = 'METADATA',
  DOCUMENTS = 'DOCUMENTS',
}
export enum CaseOperation {
  SEARCH = 'SEARCH',
  ENTER = 'ENTER',
  DELETE = 'DELETE',
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
registerEnumType(CaseOperation, {
  name: 'CaseOperation',
  description: 'What may be done in a compartment (separate rights to search, enter and delete).',
  valuesConfig: {
    SEARCH: { description: 'Find and read.' },
    ENTER: { description: 'Enter and change.' },
    DELETE: { description: 'Delete.' },
  },
});

export enum LabelLanguage {
  DA = 'DA',
  EN = 'EN',
}
registerEnumType(LabelLanguage, {
  name: 'LabelLanguage',
  description: 'A language of display names.',
  valuesConfig: { DA: { description: 'Danish.' }, EN: { description: 'English.' } },
});

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
    CHILD_SUPPORT: { description: 'Børnetilskud. Ordinary.' },
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
