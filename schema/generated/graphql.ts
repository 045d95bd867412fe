/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** Level of assurance of the sign-in, as in NSIS (`https://data.gov.dk/concept/core/nsis/loa`). */
export type AssuranceLevel =
  /** NSIS Høj. */
  | 'High'
  /** NSIS Lav. */
  | 'Low'
  /** NSIS Betydelig. */
  | 'Substantial';

/** Conditions on entries. All given conditions must hold. An unknown id finds nothing. */
export type AuditEntryFilter = {
  /** Id of the organisation acted for, under a power of attorney (fuldmagt). */
  actingFor?: string | number | null | undefined;
  /** Id of the person who acted. */
  actor?: string | number | null | undefined;
  /** Id of a case that the answer named. */
  case?: string | number | null | undefined;
  /** Id of a citizen that the answer named. */
  citizen?: string | number | null | undefined;
  /** A value that was searched for, in full, such as a CPR number: text of up to 200 characters, or a number. */
  criterion?: string | null | undefined;
  /** At this time or later. */
  from?: string | null | undefined;
  /** Name or hash of the operation, in full. */
  operation?: string | null | undefined;
  /** Any of these outcomes; all if empty. */
  outcomes?: Array<AuditOutcome> | null | undefined;
  /** Before this time. */
  to?: string | null | undefined;
  /** Any of these types of use; all if empty. */
  uses?: Array<UseType> | null | undefined;
};

/** The result of the operation. */
export type AuditOutcome =
  /** Everything asked for was answered. */
  | 'ANSWERED'
  /** A change was about to be made. The entry whose `follows` names this one tells what became of it. */
  | 'BEGUN'
  /** Nothing was answered, because it was refused. */
  | 'DENIED'
  /** The request was malformed or over a limit, or a system behind did not answer. */
  | 'FAILED'
  /** The caller of a change got no answer. The change was made and stands. */
  | 'MADE'
  /** The caller of a change got no answer. The change was not made, and never will be. */
  | 'NOT_MADE'
  /** Some fields were refused because the rights did not include them. */
  | 'PARTLY_DENIED';

/** The municipality, and the authorities for which it is the secretariat. */
export type AuthorityCode =
  /** Børn og unge-udvalget. */
  | 'CHILDREN_AND_YOUTH_COMMITTEE'
  /** Hegnsyn: disputes about fences. */
  | 'FENCE_INSPECTION'
  /** Folkeoplysningsudvalget: adult education and associations. */
  | 'FOLKEOPLYSNING_COMMITTEE'
  /** Bevillingsnævnet: licences to serve alcohol. */
  | 'LICENSING_BOARD'
  /** Vielsesmyndigheden. */
  | 'MARRIAGE_AUTHORITY'
  /** The municipality itself (kommunen). */
  | 'MUNICIPALITY'
  /** Huslejenævnet. */
  | 'RENT_BOARD';

/** What kind of case it is. The existence of cases of a shielded category is itself confidential (Datasikkerhed i borgerservicecentre §1.1). */
export type CaseCategory =
  /** A matter of another authority for which the municipality is the secretariat. Shielded. */
  | 'BOARD_MATTER'
  /** Kontanthjælp. Ordinary. */
  | 'CASH_BENEFIT'
  /** Underretning: concern about the neglect or abuse of a child. Shielded. */
  | 'CHILD_CONCERN'
  /** Børnebidrag. Ordinary. */
  | 'CHILD_SUPPORT'
  /** Fripladstilskud: reduced day-care fee. Ordinary. */
  | 'DAY_CARE_SUBSIDY'
  /** Stofmisbrugsbehandling. Ordinary. */
  | 'DRUG_TREATMENT'
  /** A family's stay at a family institution. Shielded. */
  | 'FAMILY_RESIDENCE'
  /** Boligstøtte. Ordinary. */
  | 'HOUSING_BENEFIT'
  /** Anbringelse: placement outside the home. Shielded. */
  | 'PLACEMENT'
  /** Flytning. Ordinary. */
  | 'RELOCATION'
  /** Control of suspected social fraud. Shielded. */
  | 'SOCIAL_FRAUD'
  /** Cooperation of school, social services and police. Shielded. */
  | 'SSP';

/** Conditions on cases. All given conditions must hold. */
export type CaseFilter = {
  /** Of one of these authorities. */
  authorities?: Array<AuthorityCode> | null | undefined;
  /** Of one of these categories. */
  categories?: Array<CaseCategory> | null | undefined;
  /** Id of a citizen who is a party to the case, in any role. */
  citizen?: string | number | null | undefined;
  /** Id of a compartment. */
  compartment?: string | number | null | undefined;
  /** KLE number, or a pattern such as "27.24.*". */
  kle?: string | null | undefined;
  /** The full case number, such as "27.24.00-G01-5-19". Finds only cases that the viewer sees at METADATA or above. */
  number?: string | null | undefined;
  /** True: not closed. False: closed. */
  open?: boolean | null | undefined;
  /** Opened on that day or later. */
  openedFrom?: string | null | undefined;
  /** Opened on that day or earlier. */
  openedTo?: string | null | undefined;
  /** With one of these values of `progress`. */
  progress?: Array<CaseProgress> | null | undefined;
  /** A part of the title, without regard to case, of at most 300 characters. Finds only cases that the viewer sees at METADATA or above. */
  titleContains?: string | null | undefined;
};

/** How much of a case may be known. Each level includes the ones before it. */
export type CaseLevel =
  /** Also its documents. */
  | 'DOCUMENTS'
  /** That the case exists, its category and its dates. */
  | 'EXISTENCE'
  /** Also its number, title and handling. */
  | 'METADATA';

/** What may be done in a compartment (separate rights to search, enter and delete). */
export type CaseOperation =
  /** Delete. */
  | 'DELETE'
  /** Enter and change. */
  | 'ENTER'
  /** Find and read. */
  | 'SEARCH';

/** Order of a list of cases. Equal cases are ordered by id. A number or title that the viewer may not know counts as empty. */
export type CaseOrder =
  /** Changed least recently first. */
  | 'CHANGED_AT_ASC'
  /** Changed most recently first. */
  | 'CHANGED_AT_DESC'
  /** By KLE number, facet, year and serial number. */
  | 'NUMBER_ASC'
  /** By KLE number, facet, year and serial number, descending. */
  | 'NUMBER_DESC'
  /** Opened least recently first. */
  | 'OPENED_ON_ASC'
  /** Opened most recently first. */
  | 'OPENED_ON_DESC'
  /** By the first 90 characters of the title, without regard to case. */
  | 'TITLE_ASC'
  /** By the first 90 characters of the title, without regard to case, descending. */
  | 'TITLE_DESC';

/** A citizen who is to be a party to a case: either `cpr` or `citizen`. Who is not in the register of the municipality is refused. */
export type CasePartyInput = {
  /** Id of a citizen. */
  citizen?: string | number | null | undefined;
  /** Personal number, with or without a hyphen. FORBIDDEN without the scope `citizen:match` or `citizen:read`. */
  cpr?: string | null | undefined;
  /** Role of the citizen in the case. */
  role: PartyRole;
};

/** Progress of a case (sagens fremdrift, as KOMBIT SF1470 names it). */
export type CaseProgress =
  /** Decided. */
  | 'AFGJORT'
  /** Closed. */
  | 'AFSLUTTET'
  /** The decision’s measures are ordered. */
  | 'BESTILT'
  /** The facts are gathered. */
  | 'OPLYST'
  /** Arisen. */
  | 'OPSTAAET'
  /** The decision’s measures are carried out. */
  | 'UDFOERT';

/** What to change in a case. Values that are not given stay as they are. Null clears `closedOn` and `handler`, and leaves the others. Number, class and compartment are fixed. */
export type ChangeCaseInput = {
  /** Day on which it was closed, from `openedOn` to today. A case has one if its `progress` is AFSLUTTET, and only then. */
  closedOn?: string | null | undefined;
  /** Id of the employee who handles it. */
  handler?: string | number | null | undefined;
  /** Day on which it was opened, from 1900-01-01 to today. */
  openedOn?: string | null | undefined;
  /** The new parties: 1 to 50 citizens, each once, exactly one of them PRIMARY. */
  parties?: Array<CasePartyInput> | null | undefined;
  /** Progress of the case. */
  progress?: CaseProgress | null | undefined;
  /** Sensitivity of its data. */
  sensitivity?: Sensitivity | null | undefined;
  /** 1 to 300 characters on one line. */
  title?: string | null | undefined;
};

/** Conditions on citizens. All given conditions must hold. */
export type CitizenFilter = {
  /** Born on that day or later. */
  bornFrom?: string | null | undefined;
  /** Born on that day or earlier. */
  bornTo?: string | null | undefined;
  /** The full CPR number. */
  cpr?: string | null | undefined;
  /** A part of the name, without regard to case. */
  nameContains?: string | null | undefined;
  /** The beginning of the street address, without regard to case. */
  street?: string | null | undefined;
};

/** Order of a list of citizens. Equal citizens are ordered by id. */
export type CitizenOrder =
  /** By date of birth, the oldest first. */
  | 'BORN_ON_ASC'
  /** By date of birth, the youngest first. */
  | 'BORN_ON_DESC'
  /** By name, without regard to case. */
  | 'NAME_ASC'
  /** By name, descending. */
  | 'NAME_DESC';

/** Direction of a document. */
export type DocumentKind =
  /** Received (indgående). */
  | 'INCOMING'
  /** Made for the file, such as a note (internt). */
  | 'INTERNAL'
  /** Sent (udgående). */
  | 'OUTGOING';

/** Conditions on employees. All given conditions must hold. */
export type EmployeeFilter = {
  /** Whether the employee works in a citizen service without a course in force. For administrators, or with `led`. */
  lacksCourse?: boolean | null | undefined;
  /** If true: works in a unit that the viewer leads as a manager, or in one below it. */
  led?: boolean | null | undefined;
  /** Whether the employee is locked out. For administrators. */
  lockedOut?: boolean | null | undefined;
  /** A part of the name, without regard to case. */
  nameContains?: string | null | undefined;
  /** Has not used the system at this time or later, or never. For administrators, or with `led`. */
  notUsedSince?: string | null | undefined;
  /** Holds this right. */
  right?: RightCode | null | undefined;
  /** Holds at least one of these rights; everybody if empty. */
  rights?: Array<RightCode> | null | undefined;
};

/** A case to be entered. Authority and category decide its compartment. */
export type EnterCaseInput = {
  /** The authority that the case belongs to. Authorities other than the municipality have BOARD_MATTER only. */
  authority?: AuthorityCode;
  /** What kind of case it is. */
  category: CaseCategory;
  /** Day on which it was closed, from `openedOn` to today. A case has one if its `progress` is AFSLUTTET, and only then. */
  closedOn?: string | null | undefined;
  /** What the case system calls the case. For a case that it entered under this id before, the answer is that case if the input is the same, and CONFLICT otherwise. For case systems with SEARCH in the compartment. */
  externalId?: ExternalIdInput | null | undefined;
  /** KLE facet (handlingsfacet): a letter and two digits. Becomes part of the number. */
  facet?: string;
  /** Id of the employee who handles it. */
  handler?: string | number | null | undefined;
  /** A full KLE number, not a pattern. Refused unless the municipality’s KLE table gives it to this authority and category. */
  kle: string;
  /** Day on which it was opened, from 1900-01-01 to today; today by default. */
  openedOn?: string | null | undefined;
  /** 1 to 50 citizens, each once, exactly one of them PRIMARY. */
  parties: Array<CasePartyInput>;
  /** Progress of the case. */
  progress?: CaseProgress;
  /** Sensitivity of its data. */
  sensitivity?: Sensitivity;
  /** 1 to 300 characters on one line. */
  title: string;
};

/** What a case system calls a case. It belongs to the client that gives it, within one compartment. It names one case for ever: after the case was deleted or moved it names none. */
export type ExternalIdInput = {
  /** The id there: 1 to 200 characters on one line. Choose one that holds no personal data. */
  id: string;
  /** The system that gave the id: 1 to 100 characters on one line. */
  source: string;
};

/** Status of a form since it was reported. */
export type FormStatus =
  /** Corrected since; `versions` holds the earlier answers. */
  | 'CORRECTED'
  /** As it was first reported. */
  | 'REPORTED'
  /** Withdrawn: it no longer counts. */
  | 'WITHDRAWN';

/** A language of display names. */
export type LabelLanguage =
  /** Danish. */
  | 'DA'
  /** English. */
  | 'EN';

/** Role of a citizen in a case (partsrolle). */
export type PartyRole =
  /** Child of the primary party. */
  | 'CHILD'
  /** Anyone else, such as a sibling. */
  | 'OTHER'
  /** Spouse or cohabitant of the primary party. */
  | 'PARTNER'
  /** The citizen whom the case is about (primær part); one per case. */
  | 'PRIMARY'
  /** A further party (sekundær part). */
  | 'SECONDARY';

/** Relation of the relative to the citizen. */
export type RelativeKind =
  /** Child of the citizen. */
  | 'CHILD'
  /** Parent of the citizen. */
  | 'PARENT'
  /** Spouse, registered partner or cohabitant and co-parent. */
  | 'SPOUSE';

/** A report. Name either `citizen` or `course`. */
export type ReportFormInput = {
  /** Answers by variable; see the value of `kind`. */
  answers: unknown;
  /** Reports on the citizen's open course; a REQUEST opens one. */
  citizen?: string | number | null | undefined;
  /** Reports on this course, even after it has ended. */
  course?: string | number | null | undefined;
  /** The kind of form. The right acted in decides which kinds may be reported. */
  kind: SmdbFormKind;
  /** Id of the organisation reported for. Required in a delegated right. Otherwise it may only be the organisation acted for under a power of attorney (fuldmagt), which is the default. */
  onBehalfOf?: string | number | null | undefined;
};

/** A right: what an employee is entitled to work as. An employee acts in one right at a time. */
export type RightCode =
  /** Runs the system; sees no citizens and no cases. */
  | 'ADMINISTRATOR'
  /** Handles cases (sagsbehandler) in the compartments granted. */
  | 'CASEWORKER'
  /** Guides citizens in a citizen service centre (borgerservice). */
  | 'CITIZEN_SERVICE'
  /** Decides on grants, and reviews look-ups (nærmeste leder). */
  | 'MANAGER'
  /** Looks up protected addresses, because a task such as posting a decision needs them. */
  | 'PROTECTED_ADDRESS'
  /** Reads the log and runs spot checks (sikkerhedsansvarlig). */
  | 'SECURITY_OFFICER'
  /** Sees every SMDB user of the municipality with their rights. */
  | 'SMDB_ADMINISTRATOR'
  /** `SMDB - Forvaltende sundhedsfaglig`: the same for the two health forms. */
  | 'SMDB_DELEGATED_HEALTH'
  /** `SMDB - Forvaltende indberetter`: reports for a treatment centre on behalf of the authority, and sees only what they reported themselves. */
  | 'SMDB_DELEGATED_REPORTER'
  /** `SMDB - Sundhedsfaglig`: reports the forms Hepatitis C and Kvalitet i den lægefaglige behandling, and extracts reports on them. */
  | 'SMDB_HEALTH'
  /** `SMDB - Leder`: sees reported forms and extracts reports, nothing else. */
  | 'SMDB_LEADER'
  /** `SMDB - Indberetter`: reports forms other than health forms, and extracts reports on them. */
  | 'SMDB_REPORTER';

/** Source of a right that an employee holds. */
export type RightSource =
  /** Assigned by the municipality in this system. */
  | 'LOCAL'
  /** Assigned in FBRS and brought by NemLog-in (OIO Basic Privilege Profile). */
  | 'NEMLOGIN';

/** Sensitivity of a case’s data (følsomhed), from least to most. */
export type Sensitivity =
  /** Sensitive personal data (GDPR article 9). */
  | 'FOELSOMME_PERSONOPLYSNINGER'
  /** Confidential personal data. */
  | 'FORTROLIGE_PERSONOPLYSNINGER'
  /** Not confidential. */
  | 'IKKE_FORTROLIGE_DATA'
  /** Specially protected data; newer name: Særligt beskyttede oplysninger. */
  | 'VIP_SAGER';

/** Conditions on forms. All given conditions must hold. */
export type SmdbFormFilter = {
  /** Forms of this course of treatment. */
  course?: string | number | null | undefined;
  /** Forms of one of these kinds. */
  kinds?: Array<SmdbFormKind> | null | undefined;
  /** `true`: reported after `due`; `false`: reported in time. */
  overdue?: boolean | null | undefined;
  /** Reported at this time or later. */
  reportedFrom?: string | null | undefined;
  /** Reported before this time. */
  reportedTo?: string | null | undefined;
  /** Forms in one of these states. */
  status?: Array<FormStatus> | null | undefined;
};

/** The forms of Stofmisbrugsdatabasen (SMDB), in the order of a course of treatment. */
export type SmdbFormKind =
  /** Addiction Severity Index interview. Variables: interviewedOn, physicalHealth, employment, alcohol, drugs, crime, family, mentalHealth. */
  | 'ASI'
  /** Assignment to a treatment centre ("Tilbudstilknytning"). Variables: assignedOn, centre. */
  | 'CENTRE_ASSIGNMENT'
  /** Discharge from a centre ("Udskrivning"). Variables: dischargedOn, reason. */
  | 'DISCHARGE'
  /** Treatment ends ("Afslut behandling"), with its outcome; reported by the authority. Variables: endedOn, outcome. */
  | 'END_TREATMENT'
  /** Enrolment at a centre ("Indskrivning"), with its ICD-10 diagnosis. Variables: enrolledOn, diagnosis, mainDrug. */
  | 'ENROLMENT'
  /** Hepatitis C; health rights only. Variables: testedOn, result, treatmentOffered. */
  | 'HEPATITIS_C'
  /** Quality of the medical treatment ("Kvalitet i den lægefaglige behandling"); health rights only. Variables: assessedOn, medicalTreatmentStartedOn, medicalTreatmentEndedOn, medicine, dailyDoseMilligrams. */
  | 'MEDICAL_QUALITY'
  /** Request for treatment ("Registrer anmodning"); reported by the authority. Opens a course. Variables: requestedOn, referredBy, remark. */
  | 'REQUEST'
  /** A service given ("Tilknyt ydelse"). Variables: startedOn, service, sessions. */
  | 'SERVICE'
  /** Treatment starts ("Iværksæt behandling"); reported by the authority. Variables: startedOn, treatment. */
  | 'START_TREATMENT';

/** How a course of treatment ended. */
export type TreatmentOutcome =
  /** The citizen is free of drugs. */
  | 'DRUG_FREE'
  /** Any other outcome. */
  | 'OTHER'
  /** The misuse is reduced or stabilised. */
  | 'REDUCED_OR_STABILISED';

/** Type of use (anvendelsestype, sikkerhedsbekendtgørelsen §19). */
export type UseType =
  /** Something was changed. */
  | 'CHANGE'
  /** Something was deleted. */
  | 'DELETE'
  /** Something new was entered. */
  | 'ENTER'
  /** A report or an export was made. */
  | 'EXTRACT'
  /** A look-up of one object by its id. */
  | 'READ'
  /** A list, or a look-up by a criterion. */
  | 'SEARCH';

export type AccessLogQueryVariables = Exact<{
  cpr: string;
  first?: number | null | undefined;
}>;


export type AccessLogQuery = { citizen: { accessLog: { totalCount: number, nodes: Array<{ at: string, use: UseType, purpose: string | null, organisation: { name: string } | null, employee: { name: string } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export type LookUpWithCasesQueryVariables = Exact<{
  cpr: string;
}>;


export type LookUpWithCasesQuery = { citizen: { name: string, address: { street: string } | null, cases: { nodes: Array<{ id: string, title: string | null }> } } | null };

export type PlainLookUpQueryVariables = Exact<{
  cpr: string;
}>;


export type PlainLookUpQuery = { citizen: { name: string } | null };

export type OpenCaseOfCitizenQueryVariables = Exact<{
  id: string | number;
}>;


export type OpenCaseOfCitizenQuery = { case: { title: string | null, parties: Array<{ citizen: { name: string, cpr: string } | null }> } | null };

export type SearchCitizenByNumberQueryVariables = Exact<{
  cpr: string;
}>;


export type SearchCitizenByNumberQuery = { citizens: { totalCount: number, nodes: Array<{ name: string }> } | null };

export type ChangeCaseOfCitizenMutationVariables = Exact<{
  id: string | number;
  input: ChangeCaseInput;
}>;


export type ChangeCaseOfCitizenMutation = { changeCase: { id: string, parties: Array<{ citizen: { id: string } | null }> } | null };

export type LookUpAndMoreQueryVariables = Exact<{
  cpr: string;
}>;


export type LookUpAndMoreQuery = { citizen: { name: string } | null, auditEntries: { totalCount: number } | null };

export type EnterCaseMutationVariables = Exact<{
  input: EnterCaseInput;
}>;


export type EnterCaseMutation = { enterCase: { id: string, number: string | null, title: string | null, progress: CaseProgress, sensitivity: Sensitivity, category: CaseCategory, openedOn: string, closedOn: string | null, changedAt: string, clearance: CaseLevel, compartment: { id: string }, documents: { totalCount: number } | null } | null };

export type ChangeCaseMutationVariables = Exact<{
  id: string | number;
  input: ChangeCaseInput;
}>;


export type ChangeCaseMutation = { changeCase: { id: string, number: string | null, title: string | null, progress: CaseProgress, closedOn: string | null, handler: { id: string } | null, parties: Array<{ role: PartyRole }> } | null };

export type DeleteCaseMutationVariables = Exact<{
  id: string | number;
}>;


export type DeleteCaseMutation = { deleteCase: string | null };

export type ReadCaseQueryVariables = Exact<{
  id: string | number;
}>;


export type ReadCaseQuery = { case: { id: string, number: string | null, title: string | null, progress: CaseProgress, clearance: CaseLevel } | null };

export type CasesBeforeQueryVariables = Exact<{
  cpr: string;
}>;


export type CasesBeforeQuery = { citizen: { cases: { totalCount: number, nodes: Array<{ id: string, category: CaseCategory, number: string | null }> } } | null };

export type UsesOfCaseQueryVariables = Exact<{
  case: string | number;
}>;


export type UsesOfCaseQuery = { auditEntries: { nodes: Array<{ use: UseType, outcome: AuditOutcome, actor:
        | { __typename: 'Citizen' }
        | { __typename: 'Employee', id: string }
        | { __typename: 'SystemClient', name: string }
       }> } | null };

export type FamilyQueryVariables = Exact<{ [key: string]: never; }>;


export type FamilyQuery = { viewer: { person:
      | { id: string, relatives: Array<{ kind: RelativeKind, citizen: { id: string, name: string, address: { street: string } | null, relatives: Array<{ kind: RelativeKind }>, cases: { totalCount: number, nodes: Array<{ id: string, category: CaseCategory, clearance: CaseLevel, title: string | null, number: string | null, parties: Array<{ role: PartyRole, citizen: { id: string } | null }>, documents: { totalCount: number } | null }> }, accessLog: { totalCount: number, nodes: Array<{ organisation: { name: string } | null, employee: { name: string } | null }> } } | null }>, cases: { totalCount: number, nodes: Array<{ id: string }> } }
      | Record<PropertyKey, never>
     } };

export type CaseOfChildQueryVariables = Exact<{
  id: string | number;
}>;


export type CaseOfChildQuery = { case: { id: string, title: string | null } | null };

export type CasesOfFamilyQueryVariables = Exact<{ [key: string]: never; }>;


export type CasesOfFamilyQuery = { cases: { totalCount: number, nodes: Array<{ id: string }> } | null };

export type LookUpChildQueryVariables = Exact<{
  cpr: string;
}>;


export type LookUpChildQuery = { citizen: { name: string } | null };

export type LookUpSecretlyQueryVariables = Exact<{
  cpr: string;
}>;


export type LookUpSecretlyQuery = { citizen: { name: string, cases: { nodes: Array<{ id: string }> } } | null };

export type AllThatTheLogSaysQueryVariables = Exact<{
  filter?: AuditEntryFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type AllThatTheLogSaysQuery = { auditEntries: { totalCount: number, pageInfo: { hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ id: string, at: string, use: UseType, outcome: AuditOutcome, right: RightCode | null, fields: Array<string>, criterion: unknown, faults: Array<string>, purpose: string | null, workstation: string | null, transactionId: string | null, requestId: string | null, onBehalfOf: string | null, follows: string | null, operation: { name: string | null, hash: string, text: string | null }, actor:
        | { __typename: 'Citizen', id: string, name: string }
        | { __typename: 'Employee', id: string, name: string }
        | { __typename: 'SystemClient', id: string, name: string }
      , subject:
        | { __typename: 'Citizen', id: string, name: string }
        | { __typename: 'Employee', id: string, name: string }
        | { __typename: 'SystemClient', id: string, name: string }
      , organisation: { id: string, name: string } | null, actingFor: { id: string, name: string } | null, powerOfAttorney: { id: string } | null, citizens: Array<{ id: string }>, cases: Array<{ id: string }> }> } | null };

export type StrangersOnlyQueryVariables = Exact<{
  filter?: AuditEntryFilter | null | undefined;
}>;


export type StrangersOnlyQuery = { rejectedAttempts: { nodes: Array<{ id: string, at: string, actor:
        | { __typename: 'Citizen' }
        | { __typename: 'Employee' }
        | { __typename: 'SystemClient' }
       | null }> } | null };

export type LookUpForExportQueryVariables = Exact<{
  cpr: string;
}>;


export type LookUpForExportQuery = { citizen: { id: string, name: string, cases: { nodes: Array<{ id: string, title: string | null }> } } | null };

export type LegacyAccountAskedQueryVariables = Exact<{ [key: string]: never; }>;


export type LegacyAccountAskedQuery = { viewer: { legacyAccountAsked: boolean } };

export type LinkLegacyAccountMutationVariables = Exact<{
  userName: string;
  password: string;
}>;


export type LinkLegacyAccountMutation = { linkLegacyAccount: { legacyAccountAsked: boolean, person:
      | { __typename: 'Citizen' }
      | { __typename: 'Employee' }
      | { __typename: 'SystemClient' }
     } | null };

export type DeclineLegacyAccountMutationVariables = Exact<{ [key: string]: never; }>;


export type DeclineLegacyAccountMutation = { declineLegacyAccount: { legacyAccountAsked: boolean } | null };

export type PageOfCasesQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  orderBy: CaseOrder;
  filter?: CaseFilter | null | undefined;
}>;


export type PageOfCasesQuery = { cases: { totalCount: number, nodes: Array<{ id: string, number: string | null, title: string | null, openedOn: string, changedAt: string }>, edges: Array<{ cursor: string, node: { id: string } | null }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null };

export type PagesOfCasesOfCitizenQueryVariables = Exact<{
  cpr: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type PagesOfCasesOfCitizenQuery = { citizen: { cases: { totalCount: number, nodes: Array<{ id: string, number: string | null, title: string | null, openedOn: string, changedAt: string }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export type PagesOfCasesQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  orderBy: CaseOrder;
}>;


export type PagesOfCasesQuery = { cases: { totalCount: number, nodes: Array<{ id: string, number: string | null, title: string | null, openedOn: string, changedAt: string }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type CountCasesQueryVariables = Exact<{
  filter?: CaseFilter | null | undefined;
}>;


export type CountCasesQuery = { cases: { totalCount: number, nodes: Array<{ id: string }> } | null };

export type PageOfCitizensQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  orderBy: CitizenOrder;
  filter?: CitizenFilter | null | undefined;
}>;


export type PageOfCitizensQuery = { citizens: { totalCount: number, nodes: Array<{ id: string, name: string }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type PageOfEmployeesQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  filter?: EmployeeFilter | null | undefined;
}>;


export type PageOfEmployeesQuery = { employees: { totalCount: number, nodes: Array<{ id: string, name: string, organisation: { name: string } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type EntriesOfOperationQueryVariables = Exact<{
  filter: AuditEntryFilter;
}>;


export type EntriesOfOperationQuery = { auditEntries: { totalCount: number, nodes: Array<{ id: string, at: string, use: UseType, outcome: AuditOutcome, right: RightCode | null, fields: Array<string>, faults: Array<string>, purpose: string | null, workstation: string | null, transactionId: string | null, criterion: unknown, actor:
        | { __typename: 'Citizen', id: string }
        | { __typename: 'Employee', id: string }
        | { __typename: 'SystemClient', name: string }
      , subject:
        | { id: string }
        | Record<PropertyKey, never>
      , organisation: { name: string } | null, operation: { name: string | null, hash: string, text: string | null }, citizens: Array<{ id: string }>, cases: Array<{ id: string }> }> } | null };

export type RejectedQueryVariables = Exact<{ [key: string]: never; }>;


export type RejectedQuery = { rejectedAttempts: { totalCount: number, nodes: Array<{ id: string, at: string, use: UseType, outcome: AuditOutcome, faults: Array<string>, workstation: string | null, transactionId: string | null, actor:
        | { __typename: 'Citizen' }
        | { __typename: 'Employee', id: string }
        | { __typename: 'SystemClient' }
       | null, operation: { name: string | null, text: string | null } }> } | null };

export type FamilyAndCasesQueryVariables = Exact<{
  cpr: string;
}>;


export type FamilyAndCasesQuery = { citizen: { id: string, name: string, relatives: Array<{ kind: RelativeKind, citizen: { id: string, name: string } | null }>, cases: { nodes: Array<{ id: string, title: string | null, parties: Array<{ role: PartyRole, citizen: { id: string } | null }> }> } } | null };

export type NamesOnlyQueryVariables = Exact<{
  cpr: string;
}>;


export type NamesOnlyQuery = { citizen: { name: string, relatives: Array<{ citizen: { name: string } | null }> } | null };

export type SearchNobodyQueryVariables = Exact<{
  filter?: CitizenFilter | null | undefined;
}>;


export type SearchNobodyQuery = { citizens: { totalCount: number, nodes: Array<{ name: string }> } | null };

export type MissingCitizenQueryVariables = Exact<{
  cpr: string;
}>;


export type MissingCitizenQuery = { citizen: { name: string } | null };

export type MissingCaseQueryVariables = Exact<{
  id: string | number;
}>;


export type MissingCaseQuery = { case: { title: string | null } | null };

export type PartlyDeniedQueryVariables = Exact<{ [key: string]: never; }>;


export type PartlyDeniedQuery = { employees: { totalCount: number } | null, auditEntries: { totalCount: number } | null };

export type WhollyDeniedQueryVariables = Exact<{
  cpr: string;
}>;


export type WhollyDeniedQuery = { citizen: { name: string } | null };

export type AboutNobodyQueryVariables = Exact<{ [key: string]: never; }>;


export type AboutNobodyQuery = { __typename: 'Query' };

export type SecretaryAtWorkQueryVariables = Exact<{
  cpr: string;
}>;


export type SecretaryAtWorkQuery = { citizen: { cases: { nodes: Array<{ id: string, title: string | null }> } } | null };

export type MalformedOrderQueryVariables = Exact<{
  after?: string | null | undefined;
}>;


export type MalformedOrderQuery = { cases: { totalCount: number } | null };

export type OrdinaryCasesOfCitizenQueryVariables = Exact<{
  cpr: string;
}>;


export type OrdinaryCasesOfCitizenQuery = { citizen: { cases: { totalCount: number, nodes: Array<{ id: string, category: CaseCategory, clearance: CaseLevel, openedOn: string, closedOn: string | null, number: string | null, title: string | null, handler: { name: string } | null, documents: { totalCount: number } | null }> } } | null };

export type EveryOrdinaryCaseQueryVariables = Exact<{
  first?: number | null | undefined;
  filter?: CaseFilter | null | undefined;
}>;


export type EveryOrdinaryCaseQuery = { cases: { totalCount: number, nodes: Array<{ id: string, category: CaseCategory, clearance: CaseLevel, number: string | null, title: string | null, documents: { totalCount: number } | null }> } | null };

export type OrdinaryCasesWithDocumentsQueryVariables = Exact<{
  filter?: CaseFilter | null | undefined;
}>;


export type OrdinaryCasesWithDocumentsQuery = { cases: { totalCount: number, nodes: Array<{ id: string, clearance: CaseLevel, number: string | null, title: string | null, documents: { totalCount: number, nodes: Array<{ title: string, kind: DocumentKind, text: string | null }> } | null }> } | null };

export type OneOrdinaryCaseQueryVariables = Exact<{
  id: string | number;
}>;


export type OneOrdinaryCaseQuery = { case: { id: string, title: string | null, clearance: CaseLevel, parties: Array<{ role: PartyRole, citizen: { name: string, cpr: string } | null }> } | null };

export type OrdinaryCaseByNumberQueryVariables = Exact<{
  number: string;
}>;


export type OrdinaryCaseByNumberQuery = { caseByNumber: { id: string, title: string | null } | null };

export type EntriesOnCaseQueryVariables = Exact<{
  case: string | number;
}>;


export type EntriesOnCaseQuery = { auditEntries: { totalCount: number, nodes: Array<{ id: string, cases: Array<{ id: string, category: CaseCategory, clearance: CaseLevel }>, citizens: Array<{ id: string }> }> } | null };

export type EveryEntryQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type EveryEntryQuery = { auditEntries: { totalCount: number, nodes: Array<{ id: string, cases: Array<{ id: string }> }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type CourseWithCaseQueryVariables = Exact<{
  id: string | number;
}>;


export type CourseWithCaseQuery = { treatmentCourse: { id: string, case: { id: string, category: CaseCategory, clearance: CaseLevel } | null, forms: Array<{ kind: SmdbFormKind }> } | null };

export type CoursesOfCitizenWithCaseQueryVariables = Exact<{
  cpr: string;
}>;


export type CoursesOfCitizenWithCaseQuery = { citizen: { treatmentCourses: Array<{ id: string, case: { id: string } | null }> } | null };

export type ViewerQueryVariables = Exact<{ [key: string]: never; }>;


export type ViewerQuery = { viewer: { person:
      | { __typename: 'Citizen', cpr: string }
      | { __typename: 'Employee', name: string, organisation: { name: string } }
      | { __typename: 'SystemClient', name: string, scopes: Array<string> }
    , actor:
      | { __typename: 'Citizen' }
      | { __typename: 'Employee' }
      | { __typename: 'SystemClient' }
    , organisation: { name: string, cvr: string } | null, rights: Array<{ code: RightCode, source: RightSource, organisation: { name: string } }>, actingIn: { code: RightCode } | null, actingFor: { name: string } | null, clearance: Array<{ level: CaseLevel, operations: Array<CaseOperation>, compartment: { id: string, shielded: boolean } }>, session: { assurance: AssuranceLevel, idleTimeout: number, authenticatedAt: string, expiresAt: string | null }, notice: { text: string, dueAt: string | null } | null } };

export type ActInMutationVariables = Exact<{
  right: RightCode;
}>;


export type ActInMutation = { actIn: { actingIn: { code: RightCode } | null, rights: Array<{ code: RightCode }> } | null };

export type AcknowledgeMutationVariables = Exact<{ [key: string]: never; }>;


export type AcknowledgeMutation = { acknowledgeNotice: { notice: { text: string } | null } | null };

export type SignOutMutationVariables = Exact<{ [key: string]: never; }>;


export type SignOutMutation = { signOut: boolean };

export type FormCountQueryVariables = Exact<{ [key: string]: never; }>;


export type FormCountQuery = { smdbForms: { totalCount: number } | null };

export type NamesQueryVariables = Exact<{
  enums?: Array<string> | string | null | undefined;
  language?: LabelLanguage | null | undefined;
}>;


export type NamesQuery = { labels: Array<{ enum: string, value: string, text: string }> | null };

export type OwnNameQueryVariables = Exact<{ [key: string]: never; }>;


export type OwnNameQuery = { viewer: { person:
      | { __typename: 'Citizen' }
      | { __typename: 'Employee' }
      | { __typename: 'SystemClient' }
     } };

export type ShieldedCasesQueryVariables = Exact<{
  first?: number | null | undefined;
  filter?: CaseFilter | null | undefined;
}>;


export type ShieldedCasesQuery = { cases: { totalCount: number, nodes: Array<{ id: string, clearance: CaseLevel, number: string | null, title: string | null, compartment: { id: string, shielded: boolean } }> } | null };

export type ShieldedCaseQueryVariables = Exact<{
  id: string | number;
}>;


export type ShieldedCaseQuery = { case: { id: string, category: CaseCategory, clearance: CaseLevel, number: string | null, title: string | null, primaryParty: { cpr: string } | null, documents: { totalCount: number } | null } | null };

export type ShieldedCaseByNumberQueryVariables = Exact<{
  number: string;
}>;


export type ShieldedCaseByNumberQuery = { caseByNumber: { id: string } | null };

export type ShieldedCasesOfCitizenQueryVariables = Exact<{
  cpr: string;
}>;


export type ShieldedCasesOfCitizenQuery = { citizen: { cases: { totalCount: number, nodes: Array<{ id: string, category: CaseCategory }> } } | null };

export type ChangeShieldedCaseMutationVariables = Exact<{
  id: string | number;
  input: ChangeCaseInput;
}>;


export type ChangeShieldedCaseMutation = { changeCase: { id: string, title: string | null, progress: CaseProgress } | null };

export type DeleteShieldedCaseMutationVariables = Exact<{
  id: string | number;
}>;


export type DeleteShieldedCaseMutation = { deleteCase: string | null };

export type EnterShieldedCaseMutationVariables = Exact<{
  input: EnterCaseInput;
}>;


export type EnterShieldedCaseMutation = { enterCase: { id: string, number: string | null, clearance: CaseLevel } | null };

export type SmdbFormsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  filter?: SmdbFormFilter | null | undefined;
}>;


export type SmdbFormsQuery = { smdbForms: { totalCount: number, nodes: Array<{ id: string, kind: SmdbFormKind, reportedBy: { id: string } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type SmdbCourseQueryVariables = Exact<{
  id: string | number;
}>;


export type SmdbCourseQuery = { treatmentCourse: { id: string, requestedOn: string, startedOn: string | null, endedOn: string | null, outcome: TreatmentOutcome | null, guarantee: { dueOn: string } | null, citizen: { cpr: string } | null, forms: Array<{ kind: SmdbFormKind, answers: unknown, reportedBy: { id: string }, versions: Array<{ number: number }> }> } | null };

export type SmdbCoursesOfCitizenQueryVariables = Exact<{
  cpr: string;
}>;


export type SmdbCoursesOfCitizenQuery = { citizen: { name: string, treatmentCourses: Array<{ id: string }> } | null };

export type ReportFormMutationVariables = Exact<{
  input: ReportFormInput;
}>;


export type ReportFormMutation = { reportForm: { id: string, kind: SmdbFormKind, due: string, status: FormStatus, course: { id: string, requestedOn: string, endedOn: string | null }, reportedBy: { id: string }, onBehalfOf: { id: string } | null } | null };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}

export const AccessLogDocument = new TypedDocumentString(`
    query AccessLog($cpr: CPR!, $first: Int) {
  citizen(cpr: $cpr) {
    accessLog(first: $first) {
      totalCount
      nodes {
        at
        use
        purpose
        organisation {
          name
        }
        employee {
          name
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}
    `, {"hash":"sha256:250adbe7f3728db7f88e2731b6726abe0064ac9b96a80a98b8103e4a563a09a5"}) as unknown as TypedDocumentString<AccessLogQuery, AccessLogQueryVariables>;
export const LookUpWithCasesDocument = new TypedDocumentString(`
    query LookUpWithCases($cpr: CPR!) {
  citizen(cpr: $cpr) {
    name
    address {
      street
    }
    cases {
      nodes {
        id
        title
      }
    }
  }
}
    `, {"hash":"sha256:dcdb9fe1793eab209a8bb38dbc3b380bea9d2e88a5fcdba9794ee831cde0d324"}) as unknown as TypedDocumentString<LookUpWithCasesQuery, LookUpWithCasesQueryVariables>;
export const PlainLookUpDocument = new TypedDocumentString(`
    query PlainLookUp($cpr: CPR!) {
  citizen(cpr: $cpr) {
    name
  }
}
    `, {"hash":"sha256:848b362565e4578690f4df58b9bdc6d9e0ca0291dabf47ad41e26874ff0878b5"}) as unknown as TypedDocumentString<PlainLookUpQuery, PlainLookUpQueryVariables>;
export const OpenCaseOfCitizenDocument = new TypedDocumentString(`
    query OpenCaseOfCitizen($id: ID!) {
  case(id: $id) {
    title
    parties {
      citizen {
        name
        cpr
      }
    }
  }
}
    `, {"hash":"sha256:3ea2567e2243a8e83d0dcce760390160e55086367bf7087f721fd72650af765b"}) as unknown as TypedDocumentString<OpenCaseOfCitizenQuery, OpenCaseOfCitizenQueryVariables>;
export const SearchCitizenByNumberDocument = new TypedDocumentString(`
    query SearchCitizenByNumber($cpr: CPR!) {
  citizens(filter: {cpr: $cpr}) {
    totalCount
    nodes {
      name
    }
  }
}
    `, {"hash":"sha256:31c221db47c4567f920bd2eb057e4d166e375c6186d0656e7ac7330947071b1c"}) as unknown as TypedDocumentString<SearchCitizenByNumberQuery, SearchCitizenByNumberQueryVariables>;
export const ChangeCaseOfCitizenDocument = new TypedDocumentString(`
    mutation ChangeCaseOfCitizen($id: ID!, $input: ChangeCaseInput!) {
  changeCase(id: $id, input: $input) {
    id
    parties {
      citizen {
        id
      }
    }
  }
}
    `, {"hash":"sha256:5ee38f1e860a7c1f5af3916e1ad73ccdab40f4bc18a6d3dd108464d1ff415447"}) as unknown as TypedDocumentString<ChangeCaseOfCitizenMutation, ChangeCaseOfCitizenMutationVariables>;
export const LookUpAndMoreDocument = new TypedDocumentString(`
    query LookUpAndMore($cpr: CPR!) {
  citizen(cpr: $cpr) {
    name
  }
  auditEntries {
    totalCount
  }
}
    `, {"hash":"sha256:ae2997a196f0a5cc505015f12631f0954d7f6f38260b01f8e8b1fb53e7319fee"}) as unknown as TypedDocumentString<LookUpAndMoreQuery, LookUpAndMoreQueryVariables>;
export const EnterCaseDocument = new TypedDocumentString(`
    mutation EnterCase($input: EnterCaseInput!) {
  enterCase(input: $input) {
    id
    number
    title
    progress
    sensitivity
    category
    openedOn
    closedOn
    changedAt
    clearance
    compartment {
      id
    }
    documents {
      totalCount
    }
  }
}
    `, {"hash":"sha256:b4234983747a695c400b137fa975ef88665bc7448db7bbd9c7f76d8e5d710e97"}) as unknown as TypedDocumentString<EnterCaseMutation, EnterCaseMutationVariables>;
export const ChangeCaseDocument = new TypedDocumentString(`
    mutation ChangeCase($id: ID!, $input: ChangeCaseInput!) {
  changeCase(id: $id, input: $input) {
    id
    number
    title
    progress
    closedOn
    handler {
      id
    }
    parties {
      role
    }
  }
}
    `, {"hash":"sha256:7da86bb8e0b31b56e669b03523e7197a0667548df32d7cb048abe61ca5025795"}) as unknown as TypedDocumentString<ChangeCaseMutation, ChangeCaseMutationVariables>;
export const DeleteCaseDocument = new TypedDocumentString(`
    mutation DeleteCase($id: ID!) {
  deleteCase(id: $id)
}
    `, {"hash":"sha256:620e8c61c6fa6948ea05a6b91092515e47ae45ff22dad5707f2e8bab9ebe372b"}) as unknown as TypedDocumentString<DeleteCaseMutation, DeleteCaseMutationVariables>;
export const ReadCaseDocument = new TypedDocumentString(`
    query ReadCase($id: ID!) {
  case(id: $id) {
    id
    number
    title
    progress
    clearance
  }
}
    `, {"hash":"sha256:4183a4ebe022bdf386e191db050d8eeab5c81d487ad43bfc0bdb19849f421548"}) as unknown as TypedDocumentString<ReadCaseQuery, ReadCaseQueryVariables>;
export const CasesBeforeDocument = new TypedDocumentString(`
    query CasesBefore($cpr: CPR!) {
  citizen(cpr: $cpr) {
    cases {
      totalCount
      nodes {
        id
        category
        number
      }
    }
  }
}
    `, {"hash":"sha256:31bd4e7d97f604355b2316db55461d33a07fe5f4edb151de52db37bfbae6d314"}) as unknown as TypedDocumentString<CasesBeforeQuery, CasesBeforeQueryVariables>;
export const UsesOfCaseDocument = new TypedDocumentString(`
    query UsesOfCase($case: ID!) {
  auditEntries(filter: {case: $case}) {
    nodes {
      use
      outcome
      actor {
        __typename
        ... on Employee {
          id
        }
        ... on SystemClient {
          name
        }
      }
    }
  }
}
    `, {"hash":"sha256:f3a909d30038ee007384e2ce6f005c5fb6b33d75a6b2645e180dded11e85f7df"}) as unknown as TypedDocumentString<UsesOfCaseQuery, UsesOfCaseQueryVariables>;
export const FamilyDocument = new TypedDocumentString(`
    query Family {
  viewer {
    person {
      ... on Citizen {
        id
        relatives {
          kind
          citizen {
            id
            name
            address {
              street
            }
            relatives {
              kind
            }
            cases(first: 50) {
              totalCount
              nodes {
                id
                category
                clearance
                title
                number
                parties {
                  role
                  citizen {
                    id
                  }
                }
                documents(first: 5) {
                  totalCount
                }
              }
            }
            accessLog(first: 50) {
              totalCount
              nodes {
                organisation {
                  name
                }
                employee {
                  name
                }
              }
            }
          }
        }
        cases(first: 50) {
          totalCount
          nodes {
            id
          }
        }
      }
    }
  }
}
    `, {"hash":"sha256:efc9a8fb8ed965b8b2079597bc7b4fe104888d0356d2e2ba6fbbb92750b8d177"}) as unknown as TypedDocumentString<FamilyQuery, FamilyQueryVariables>;
export const CaseOfChildDocument = new TypedDocumentString(`
    query CaseOfChild($id: ID!) {
  case(id: $id) {
    id
    title
  }
}
    `, {"hash":"sha256:625798b646e09694211e1155123868e81e505cd3dd64f7991fb1a2647bfa59bd"}) as unknown as TypedDocumentString<CaseOfChildQuery, CaseOfChildQueryVariables>;
export const CasesOfFamilyDocument = new TypedDocumentString(`
    query CasesOfFamily {
  cases(first: 500) {
    totalCount
    nodes {
      id
    }
  }
}
    `, {"hash":"sha256:7a1f24ea6b7b74b34b2793c1542b010a34ef20af81b7c43f2274a169e8a9cb8a"}) as unknown as TypedDocumentString<CasesOfFamilyQuery, CasesOfFamilyQueryVariables>;
export const LookUpChildDocument = new TypedDocumentString(`
    query LookUpChild($cpr: CPR!) {
  citizen(cpr: $cpr) {
    name
  }
}
    `, {"hash":"sha256:12655df57208fb8a8db69d19d7af108244f0c2e979d68be42131c9f065577804"}) as unknown as TypedDocumentString<LookUpChildQuery, LookUpChildQueryVariables>;
export const LookUpSecretlyDocument = new TypedDocumentString(`
    query LookUpSecretly($cpr: CPR!) {
  citizen(cpr: $cpr) {
    name
    cases {
      nodes {
        id
      }
    }
  }
}
    `, {"hash":"sha256:d7238e508e102707aa6f1e02c50484cf4f402c72bc909e8cd9078e0337f39187"}) as unknown as TypedDocumentString<LookUpSecretlyQuery, LookUpSecretlyQueryVariables>;
export const AllThatTheLogSaysDocument = new TypedDocumentString(`
    query AllThatTheLogSays($filter: AuditEntryFilter, $after: String) {
  auditEntries(filter: $filter, first: 500, after: $after) {
    totalCount
    pageInfo {
      hasNextPage
      endCursor
    }
    nodes {
      id
      at
      use
      outcome
      right
      fields
      criterion
      faults
      purpose
      workstation
      transactionId
      requestId
      onBehalfOf
      follows
      operation {
        name
        hash
        text
      }
      actor {
        __typename
        ... on Employee {
          id
          name
        }
        ... on SystemClient {
          id
          name
        }
        ... on Citizen {
          id
          name
        }
      }
      subject {
        __typename
        ... on Employee {
          id
          name
        }
        ... on SystemClient {
          id
          name
        }
        ... on Citizen {
          id
          name
        }
      }
      organisation {
        id
        name
      }
      actingFor {
        id
        name
      }
      powerOfAttorney {
        id
      }
      citizens {
        id
      }
      cases {
        id
      }
    }
  }
}
    `, {"hash":"sha256:6d91759b8f88f14e1ed81ac614d2b8e34dec34324e7a9261ddacf679a138b6d2"}) as unknown as TypedDocumentString<AllThatTheLogSaysQuery, AllThatTheLogSaysQueryVariables>;
export const StrangersOnlyDocument = new TypedDocumentString(`
    query StrangersOnly($filter: AuditEntryFilter) {
  rejectedAttempts(strangers: true, filter: $filter, first: 500) {
    nodes {
      id
      at
      actor {
        __typename
      }
    }
  }
}
    `, {"hash":"sha256:50a65b89879127303a89287cc73bcf607f47cad554c4358ee0946011c8dea3d8"}) as unknown as TypedDocumentString<StrangersOnlyQuery, StrangersOnlyQueryVariables>;
export const LookUpForExportDocument = new TypedDocumentString(`
    query LookUpForExport($cpr: CPR!) {
  citizen(cpr: $cpr) {
    id
    name
    cases {
      nodes {
        id
        title
      }
    }
  }
}
    `, {"hash":"sha256:7cf82749ffeab27847c7ce082bd90c817b303eeda4026d4aeb5aadf04dde2c10"}) as unknown as TypedDocumentString<LookUpForExportQuery, LookUpForExportQueryVariables>;
export const LegacyAccountAskedDocument = new TypedDocumentString(`
    query LegacyAccountAsked {
  viewer {
    legacyAccountAsked
  }
}
    `, {"hash":"sha256:71112e6a7288862fed8f329779fae8cb282b72480255ff90802084dc99cd4506"}) as unknown as TypedDocumentString<LegacyAccountAskedQuery, LegacyAccountAskedQueryVariables>;
export const LinkLegacyAccountDocument = new TypedDocumentString(`
    mutation LinkLegacyAccount($userName: String!, $password: String!) {
  linkLegacyAccount(userName: $userName, password: $password) {
    legacyAccountAsked
    person {
      __typename
    }
  }
}
    `, {"hash":"sha256:8d59797194307515224e83281d8e3651d7595e99aecaf634da5786030b88e6cb"}) as unknown as TypedDocumentString<LinkLegacyAccountMutation, LinkLegacyAccountMutationVariables>;
export const DeclineLegacyAccountDocument = new TypedDocumentString(`
    mutation DeclineLegacyAccount {
  declineLegacyAccount {
    legacyAccountAsked
  }
}
    `, {"hash":"sha256:99b3284b3c096d0fcbc6db26c71aa15169845d752ec8e416c9b9d89cb76be4f0"}) as unknown as TypedDocumentString<DeclineLegacyAccountMutation, DeclineLegacyAccountMutationVariables>;
export const PageOfCasesDocument = new TypedDocumentString(`
    query PageOfCases($first: Int, $after: String, $orderBy: CaseOrder!, $filter: CaseFilter) {
  cases(first: $first, after: $after, orderBy: $orderBy, filter: $filter) {
    totalCount
    nodes {
      id
      number
      title
      openedOn
      changedAt
    }
    edges {
      cursor
      node {
        id
      }
    }
    pageInfo {
      hasNextPage
      hasPreviousPage
      startCursor
      endCursor
    }
  }
}
    `, {"hash":"sha256:7272984ef8c4c94d2eae9f8c7ab9324ab6f5db75c8657d18ff6caf5660b4dfc6"}) as unknown as TypedDocumentString<PageOfCasesQuery, PageOfCasesQueryVariables>;
export const PagesOfCasesOfCitizenDocument = new TypedDocumentString(`
    query PagesOfCasesOfCitizen($cpr: CPR!, $first: Int, $after: String) {
  citizen(cpr: $cpr) {
    cases(first: $first, after: $after, orderBy: TITLE_ASC) {
      totalCount
      nodes {
        id
        number
        title
        openedOn
        changedAt
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}
    `, {"hash":"sha256:73bae16069cce4f17e8ef970376731b3dc43a25e2b246b4db4c8fa1b56f56aee"}) as unknown as TypedDocumentString<PagesOfCasesOfCitizenQuery, PagesOfCasesOfCitizenQueryVariables>;
export const PagesOfCasesDocument = new TypedDocumentString(`
    query PagesOfCases($first: Int, $after: String, $orderBy: CaseOrder!) {
  cases(first: $first, after: $after, orderBy: $orderBy) {
    totalCount
    nodes {
      id
      number
      title
      openedOn
      changedAt
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `, {"hash":"sha256:c2c6183c3b92e5ee56cff0f6695dd64e67768bba785218df79ce6e04b1e2b6ab"}) as unknown as TypedDocumentString<PagesOfCasesQuery, PagesOfCasesQueryVariables>;
export const CountCasesDocument = new TypedDocumentString(`
    query CountCases($filter: CaseFilter) {
  cases(first: 0, filter: $filter) {
    totalCount
    nodes {
      id
    }
  }
}
    `, {"hash":"sha256:8cd93fbe35b7227ed9298d754d42d3017a4560504a9b4ca7214782c1ec90380b"}) as unknown as TypedDocumentString<CountCasesQuery, CountCasesQueryVariables>;
export const PageOfCitizensDocument = new TypedDocumentString(`
    query PageOfCitizens($first: Int, $after: String, $orderBy: CitizenOrder!, $filter: CitizenFilter) {
  citizens(first: $first, after: $after, orderBy: $orderBy, filter: $filter) {
    totalCount
    nodes {
      id
      name
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `, {"hash":"sha256:8ec0715a8b65aa318c99d689fcd8802a01fb22877d1df4b6fc6ac9e7d2bfa003"}) as unknown as TypedDocumentString<PageOfCitizensQuery, PageOfCitizensQueryVariables>;
export const PageOfEmployeesDocument = new TypedDocumentString(`
    query PageOfEmployees($first: Int, $after: String, $filter: EmployeeFilter) {
  employees(first: $first, after: $after, filter: $filter) {
    totalCount
    nodes {
      id
      name
      organisation {
        name
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `, {"hash":"sha256:ac98fd6e58c7e4e8529fbb8dda41285eefc0fea0797789c6c4f03c9a4f73b91b"}) as unknown as TypedDocumentString<PageOfEmployeesQuery, PageOfEmployeesQueryVariables>;
export const EntriesOfOperationDocument = new TypedDocumentString(`
    query EntriesOfOperation($filter: AuditEntryFilter!) {
  auditEntries(filter: $filter, first: 5) {
    totalCount
    nodes {
      id
      at
      use
      outcome
      right
      fields
      faults
      purpose
      workstation
      transactionId
      criterion
      actor {
        __typename
        ... on Employee {
          id
        }
        ... on SystemClient {
          name
        }
        ... on Citizen {
          id
        }
      }
      subject {
        ... on Employee {
          id
        }
      }
      organisation {
        name
      }
      operation {
        name
        hash
        text
      }
      citizens {
        id
      }
      cases {
        id
      }
    }
  }
}
    `, {"hash":"sha256:f780da3d20d55fd4e6a6fb36051da65bf47733c9f7f3697cb2107192183d81ea"}) as unknown as TypedDocumentString<EntriesOfOperationQuery, EntriesOfOperationQueryVariables>;
export const RejectedDocument = new TypedDocumentString(`
    query Rejected {
  rejectedAttempts(first: 3) {
    totalCount
    nodes {
      id
      at
      use
      outcome
      faults
      workstation
      transactionId
      actor {
        __typename
        ... on Employee {
          id
        }
      }
      operation {
        name
        text
      }
    }
  }
}
    `, {"hash":"sha256:d3b5116db5e73f45362e1cbfba7df0606c19c175b7b3610c5a16894c8434e228"}) as unknown as TypedDocumentString<RejectedQuery, RejectedQueryVariables>;
export const FamilyAndCasesDocument = new TypedDocumentString(`
    query FamilyAndCases($cpr: CPR!) {
  citizen(cpr: $cpr) {
    id
    name
    relatives {
      kind
      citizen {
        id
        name
      }
    }
    cases {
      nodes {
        id
        title
        parties {
          role
          citizen {
            id
          }
        }
      }
    }
  }
}
    `, {"hash":"sha256:118d9bbc9cdde35baf9144a4d549427a9eb1b54e02c69e1dc54acab3abcab8c0"}) as unknown as TypedDocumentString<FamilyAndCasesQuery, FamilyAndCasesQueryVariables>;
export const NamesOnlyDocument = new TypedDocumentString(`
    query NamesOnly($cpr: CPR!) {
  citizen(cpr: $cpr) {
    name
    relatives {
      citizen {
        name
      }
    }
  }
}
    `, {"hash":"sha256:6bc61a006235f3c6bd8ee9aaa944fe8cc285344bc064aee8671458e4eedcdce1"}) as unknown as TypedDocumentString<NamesOnlyQuery, NamesOnlyQueryVariables>;
export const SearchNobodyDocument = new TypedDocumentString(`
    query SearchNobody($filter: CitizenFilter) {
  citizens(filter: $filter) {
    totalCount
    nodes {
      name
    }
  }
}
    `, {"hash":"sha256:e95a3a7b34d1f3f4b8efde638ea1b5ec5f7290221bcddf9929c4898d93b91a46"}) as unknown as TypedDocumentString<SearchNobodyQuery, SearchNobodyQueryVariables>;
export const MissingCitizenDocument = new TypedDocumentString(`
    query MissingCitizen($cpr: CPR!) {
  citizen(cpr: $cpr) {
    name
  }
}
    `, {"hash":"sha256:4f9229bbdd009b62a8596a95aaae7e6050e77cc3585b0dff4f1d9a5d207628a9"}) as unknown as TypedDocumentString<MissingCitizenQuery, MissingCitizenQueryVariables>;
export const MissingCaseDocument = new TypedDocumentString(`
    query MissingCase($id: ID!) {
  case(id: $id) {
    title
  }
}
    `, {"hash":"sha256:736608213a0e72b123cd4f3e9ed4386aef91b37a3448754cc496dbe81669f855"}) as unknown as TypedDocumentString<MissingCaseQuery, MissingCaseQueryVariables>;
export const PartlyDeniedDocument = new TypedDocumentString(`
    query PartlyDenied {
  employees(first: 1) {
    totalCount
  }
  auditEntries {
    totalCount
  }
}
    `, {"hash":"sha256:0e6b439c64b988236092622d97a09456f54a3e37aad09e37f77945a755388140"}) as unknown as TypedDocumentString<PartlyDeniedQuery, PartlyDeniedQueryVariables>;
export const WhollyDeniedDocument = new TypedDocumentString(`
    query WhollyDenied($cpr: CPR!) {
  citizen(cpr: $cpr) {
    name
  }
}
    `, {"hash":"sha256:c4f3406bb74744e15177004c1f974047ad46fe512a9a67f23f2a2db023255fbe"}) as unknown as TypedDocumentString<WhollyDeniedQuery, WhollyDeniedQueryVariables>;
export const AboutNobodyDocument = new TypedDocumentString(`
    query AboutNobody {
  __typename
}
    `, {"hash":"sha256:a8f0e7ed86f1bc3b59fe1f8535a9acb3643121f082d4b6cac9fd7a6e477dc5f5"}) as unknown as TypedDocumentString<AboutNobodyQuery, AboutNobodyQueryVariables>;
export const SecretaryAtWorkDocument = new TypedDocumentString(`
    query SecretaryAtWork($cpr: CPR!) {
  citizen(cpr: $cpr) {
    cases {
      nodes {
        id
        title
      }
    }
  }
}
    `, {"hash":"sha256:cb9e20436d9f38debd4832e62e93a1a21506da94a9ccbafb5ec18518044c693b"}) as unknown as TypedDocumentString<SecretaryAtWorkQuery, SecretaryAtWorkQueryVariables>;
export const MalformedOrderDocument = new TypedDocumentString(`
    query MalformedOrder($after: String) {
  cases(after: $after) {
    totalCount
  }
}
    `, {"hash":"sha256:d33d7a70f7e95c1ccbf279b8351ad5e92b2855bb3a492a05d3bfd10d2f048ad0"}) as unknown as TypedDocumentString<MalformedOrderQuery, MalformedOrderQueryVariables>;
export const OrdinaryCasesOfCitizenDocument = new TypedDocumentString(`
    query OrdinaryCasesOfCitizen($cpr: CPR!) {
  citizen(cpr: $cpr) {
    cases(orderBy: OPENED_ON_ASC) {
      totalCount
      nodes {
        id
        category
        clearance
        openedOn
        closedOn
        number
        title
        handler {
          name
        }
        documents {
          totalCount
        }
      }
    }
  }
}
    `, {"hash":"sha256:ed02c787bb58557d2c720e1dd86d1f2e58d09b3c68d43a38c4bee924dd911b77"}) as unknown as TypedDocumentString<OrdinaryCasesOfCitizenQuery, OrdinaryCasesOfCitizenQueryVariables>;
export const EveryOrdinaryCaseDocument = new TypedDocumentString(`
    query EveryOrdinaryCase($first: Int, $filter: CaseFilter) {
  cases(first: $first, filter: $filter) {
    totalCount
    nodes {
      id
      category
      clearance
      number
      title
      documents {
        totalCount
      }
    }
  }
}
    `, {"hash":"sha256:d27802565e0188a7f3528265ad4f81d768a5666817c5f7fd721ae2243f3a1caf"}) as unknown as TypedDocumentString<EveryOrdinaryCaseQuery, EveryOrdinaryCaseQueryVariables>;
export const OrdinaryCasesWithDocumentsDocument = new TypedDocumentString(`
    query OrdinaryCasesWithDocuments($filter: CaseFilter) {
  cases(filter: $filter) {
    totalCount
    nodes {
      id
      clearance
      number
      title
      documents {
        totalCount
        nodes {
          title
          kind
          text
        }
      }
    }
  }
}
    `, {"hash":"sha256:47d68cc0ba4cca2d3b01a3e25df120bab778ef8bab9d8e7515f3fd97d8728da6"}) as unknown as TypedDocumentString<OrdinaryCasesWithDocumentsQuery, OrdinaryCasesWithDocumentsQueryVariables>;
export const OneOrdinaryCaseDocument = new TypedDocumentString(`
    query OneOrdinaryCase($id: ID!) {
  case(id: $id) {
    id
    title
    clearance
    parties {
      role
      citizen {
        name
        cpr
      }
    }
  }
}
    `, {"hash":"sha256:d40bbd068c9b73710d65743019118466a21b2b3682e19bb58c9d6d72c3085a22"}) as unknown as TypedDocumentString<OneOrdinaryCaseQuery, OneOrdinaryCaseQueryVariables>;
export const OrdinaryCaseByNumberDocument = new TypedDocumentString(`
    query OrdinaryCaseByNumber($number: String!) {
  caseByNumber(number: $number) {
    id
    title
  }
}
    `, {"hash":"sha256:de7dfca055a75123dab55db3c8f4dd03543c2f7c3302702968321f9665c637dc"}) as unknown as TypedDocumentString<OrdinaryCaseByNumberQuery, OrdinaryCaseByNumberQueryVariables>;
export const EntriesOnCaseDocument = new TypedDocumentString(`
    query EntriesOnCase($case: ID!) {
  auditEntries(filter: {case: $case}) {
    totalCount
    nodes {
      id
      cases {
        id
        category
        clearance
      }
      citizens {
        id
      }
    }
  }
}
    `, {"hash":"sha256:9d7d60128c4e365265e5e449df90fe38c7f2e96f5b2e929e685ca0cb76932fa6"}) as unknown as TypedDocumentString<EntriesOnCaseQuery, EntriesOnCaseQueryVariables>;
export const EveryEntryDocument = new TypedDocumentString(`
    query EveryEntry($first: Int, $after: String) {
  auditEntries(first: $first, after: $after) {
    totalCount
    nodes {
      id
      cases {
        id
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `, {"hash":"sha256:759e38c2df95b567f996ddcb1af65dc128793b96e9803bea9ffae4ec63611dfe"}) as unknown as TypedDocumentString<EveryEntryQuery, EveryEntryQueryVariables>;
export const CourseWithCaseDocument = new TypedDocumentString(`
    query CourseWithCase($id: ID!) {
  treatmentCourse(id: $id) {
    id
    case {
      id
      category
      clearance
    }
    forms {
      kind
    }
  }
}
    `, {"hash":"sha256:f789f8500457b11d4a103f868c9258ea1a4132aca1e4a065b70cbfa50bd771a5"}) as unknown as TypedDocumentString<CourseWithCaseQuery, CourseWithCaseQueryVariables>;
export const CoursesOfCitizenWithCaseDocument = new TypedDocumentString(`
    query CoursesOfCitizenWithCase($cpr: CPR!) {
  citizen(cpr: $cpr) {
    treatmentCourses {
      id
      case {
        id
      }
    }
  }
}
    `, {"hash":"sha256:230e54fb10f498c18ef943f2d000acf4e7768a1d2b113455f8550ed01fa26b32"}) as unknown as TypedDocumentString<CoursesOfCitizenWithCaseQuery, CoursesOfCitizenWithCaseQueryVariables>;
export const ViewerDocument = new TypedDocumentString(`
    query Viewer {
  viewer {
    person {
      __typename
      ... on Employee {
        name
        organisation {
          name
        }
      }
      ... on Citizen {
        cpr
      }
      ... on SystemClient {
        name
        scopes
      }
    }
    actor {
      __typename
    }
    organisation {
      name
      cvr
    }
    rights {
      code
      source
      organisation {
        name
      }
    }
    actingIn {
      code
    }
    actingFor {
      name
    }
    clearance {
      level
      operations
      compartment {
        id
        shielded
      }
    }
    session {
      assurance
      idleTimeout
      authenticatedAt
      expiresAt
    }
    notice {
      text
      dueAt
    }
  }
}
    `, {"hash":"sha256:85dcb0eb131b1e6b9e6a53af2e745b94d4cc0ed2a3d32d1b3dbcc00ad5b8cd11"}) as unknown as TypedDocumentString<ViewerQuery, ViewerQueryVariables>;
export const ActInDocument = new TypedDocumentString(`
    mutation ActIn($right: RightCode!) {
  actIn(right: $right) {
    actingIn {
      code
    }
    rights {
      code
    }
  }
}
    `, {"hash":"sha256:e9372c6cbd6ab0f440ef40fddcde8319e56e8e817112865e4391d4dbc906b327"}) as unknown as TypedDocumentString<ActInMutation, ActInMutationVariables>;
export const AcknowledgeDocument = new TypedDocumentString(`
    mutation Acknowledge {
  acknowledgeNotice {
    notice {
      text
    }
  }
}
    `, {"hash":"sha256:5fbb997aad6e348bdaf72e61a6dd770e53413b97cf9096897a11c31eef6f25af"}) as unknown as TypedDocumentString<AcknowledgeMutation, AcknowledgeMutationVariables>;
export const SignOutDocument = new TypedDocumentString(`
    mutation SignOut {
  signOut
}
    `, {"hash":"sha256:39300be1f6ff47633a8c264de2a924d5b71367b646d3bf86d82d7c51c6543956"}) as unknown as TypedDocumentString<SignOutMutation, SignOutMutationVariables>;
export const FormCountDocument = new TypedDocumentString(`
    query FormCount {
  smdbForms(first: 0) {
    totalCount
  }
}
    `, {"hash":"sha256:d60ab05b15ae84ef3c07bf0a8902a0714554dd290479b89adcd356048539a288"}) as unknown as TypedDocumentString<FormCountQuery, FormCountQueryVariables>;
export const NamesDocument = new TypedDocumentString(`
    query Names($enums: [String!], $language: LabelLanguage) {
  labels(enums: $enums, language: $language) {
    enum
    value
    text
  }
}
    `, {"hash":"sha256:31278d19d7bbcdfa66ed97755e6321c30e7e34ea5ae5c4de40bd5e7a54ccfe6e"}) as unknown as TypedDocumentString<NamesQuery, NamesQueryVariables>;
export const OwnNameDocument = new TypedDocumentString(`
    query OwnName {
  viewer {
    person {
      __typename
    }
  }
}
    `, {"hash":"sha256:4348f1c59983988bdad9698056650305710070ce6d88a670eb663b84390f009f"}) as unknown as TypedDocumentString<OwnNameQuery, OwnNameQueryVariables>;
export const ShieldedCasesDocument = new TypedDocumentString(`
    query ShieldedCases($first: Int, $filter: CaseFilter) {
  cases(first: $first, filter: $filter) {
    totalCount
    nodes {
      id
      clearance
      compartment {
        id
        shielded
      }
      number
      title
    }
  }
}
    `, {"hash":"sha256:c6ae378b08566680bcac64a426e38b22f339a9a846e5f0968e06b165b427a391"}) as unknown as TypedDocumentString<ShieldedCasesQuery, ShieldedCasesQueryVariables>;
export const ShieldedCaseDocument = new TypedDocumentString(`
    query ShieldedCase($id: ID!) {
  case(id: $id) {
    id
    category
    clearance
    number
    title
    primaryParty {
      cpr
    }
    documents {
      totalCount
    }
  }
}
    `, {"hash":"sha256:f05890da2ae4f54b371cccb3286d6e8ee0b68bc3b3d0ca0fc7908390aa822d1e"}) as unknown as TypedDocumentString<ShieldedCaseQuery, ShieldedCaseQueryVariables>;
export const ShieldedCaseByNumberDocument = new TypedDocumentString(`
    query ShieldedCaseByNumber($number: String!) {
  caseByNumber(number: $number) {
    id
  }
}
    `, {"hash":"sha256:3ddc98de8c95367b373686c0d3fc50cee5edddd4f0fbd2e4480ca0806009d412"}) as unknown as TypedDocumentString<ShieldedCaseByNumberQuery, ShieldedCaseByNumberQueryVariables>;
export const ShieldedCasesOfCitizenDocument = new TypedDocumentString(`
    query ShieldedCasesOfCitizen($cpr: CPR!) {
  citizen(cpr: $cpr) {
    cases {
      totalCount
      nodes {
        id
        category
      }
    }
  }
}
    `, {"hash":"sha256:6a74efee9d45e77c8ec45ee5e31a8d067280a74f684b41f16f572eea31f32c81"}) as unknown as TypedDocumentString<ShieldedCasesOfCitizenQuery, ShieldedCasesOfCitizenQueryVariables>;
export const ChangeShieldedCaseDocument = new TypedDocumentString(`
    mutation ChangeShieldedCase($id: ID!, $input: ChangeCaseInput!) {
  changeCase(id: $id, input: $input) {
    id
    title
    progress
  }
}
    `, {"hash":"sha256:f9974c1586f7d774dd870dff531ca8e15fe1b0f113d4ed7f8b72d2211ceec2f2"}) as unknown as TypedDocumentString<ChangeShieldedCaseMutation, ChangeShieldedCaseMutationVariables>;
export const DeleteShieldedCaseDocument = new TypedDocumentString(`
    mutation DeleteShieldedCase($id: ID!) {
  deleteCase(id: $id)
}
    `, {"hash":"sha256:5a3a382d9e1046a067ec454f48890d3664729b055416f61da9666e3c3a4f58c7"}) as unknown as TypedDocumentString<DeleteShieldedCaseMutation, DeleteShieldedCaseMutationVariables>;
export const EnterShieldedCaseDocument = new TypedDocumentString(`
    mutation EnterShieldedCase($input: EnterCaseInput!) {
  enterCase(input: $input) {
    id
    number
    clearance
  }
}
    `, {"hash":"sha256:49ec5286f51928672dc9e5d1459932aaf15679d6d3b869e96dfdec7291fbcd86"}) as unknown as TypedDocumentString<EnterShieldedCaseMutation, EnterShieldedCaseMutationVariables>;
export const SmdbFormsDocument = new TypedDocumentString(`
    query SmdbForms($first: Int, $after: String, $filter: SmdbFormFilter) {
  smdbForms(first: $first, after: $after, filter: $filter) {
    totalCount
    nodes {
      id
      kind
      reportedBy {
        id
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `, {"hash":"sha256:4d8d8649c9a11bac1adf983415134c6eb3b4024705077f461a21e00f7eb48a87"}) as unknown as TypedDocumentString<SmdbFormsQuery, SmdbFormsQueryVariables>;
export const SmdbCourseDocument = new TypedDocumentString(`
    query SmdbCourse($id: ID!) {
  treatmentCourse(id: $id) {
    id
    requestedOn
    startedOn
    endedOn
    outcome
    guarantee {
      dueOn
    }
    citizen {
      cpr
    }
    forms {
      kind
      answers
      reportedBy {
        id
      }
      versions {
        number
      }
    }
  }
}
    `, {"hash":"sha256:93d9e97cf10e4c264a7aa0c613c34420dc2457cf977af44e6ce9509478635fd7"}) as unknown as TypedDocumentString<SmdbCourseQuery, SmdbCourseQueryVariables>;
export const SmdbCoursesOfCitizenDocument = new TypedDocumentString(`
    query SmdbCoursesOfCitizen($cpr: CPR!) {
  citizen(cpr: $cpr) {
    name
    treatmentCourses {
      id
    }
  }
}
    `, {"hash":"sha256:e33ef57c9bfca6f06c1589869ecb05b3190d24a50e94a616b809347c34e6e261"}) as unknown as TypedDocumentString<SmdbCoursesOfCitizenQuery, SmdbCoursesOfCitizenQueryVariables>;
export const ReportFormDocument = new TypedDocumentString(`
    mutation ReportForm($input: ReportFormInput!) {
  reportForm(input: $input) {
    id
    kind
    due
    status
    course {
      id
      requestedOn
      endedOn
    }
    reportedBy {
      id
    }
    onBehalfOf {
      id
    }
  }
}
    `, {"hash":"sha256:ceb3ce92f326be30f16556d3019b918b5cc1d0bc664cb50671c18b4e92cc0068"}) as unknown as TypedDocumentString<ReportFormMutation, ReportFormMutationVariables>;