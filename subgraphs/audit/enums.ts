/** The enums of the log. */
import { registerEnumType } from 'type-graphql';

export const UseType = {
  SEARCH: 'SEARCH',
  READ: 'READ',
  ENTER: 'ENTER',
  CHANGE: 'CHANGE',
  DELETE: 'DELETE',
  EXTRACT: 'EXTRACT',
} as const;
registerEnumType(UseType, {
  name: 'UseType',
  description: 'Type of use (anvendelsestype, sikkerhedsbekendtgørelsen §19).',
  valuesConfig: {
    SEARCH: { description: 'A list or a look-up by criterion.' },
    READ: { description: 'One thing, named by its id.' },
    ENTER: { description: 'Something new was entered.' },
    CHANGE: { description: 'Something was changed.' },
    DELETE: { description: 'Something was deleted.' },
    EXTRACT: { description: 'A report or an export was drawn.' },
  },
});

export const AuditOutcome = {
  BEGUN: 'BEGUN',
  ANSWERED: 'ANSWERED',
  PARTLY_DENIED: 'PARTLY_DENIED',
  DENIED: 'DENIED',
  FAILED: 'FAILED',
  MADE: 'MADE',
  NOT_MADE: 'NOT_MADE',
} as const;
registerEnumType(AuditOutcome, {
  name: 'AuditOutcome',
  description: 'What became of the operation.',
  valuesConfig: {
    BEGUN: { description: 'A change was about to be made; what became of it is the entry that `follows` this one.' },
    ANSWERED: { description: 'All that was asked was answered.' },
    PARTLY_DENIED: { description: 'Some fields were refused because the rights did not include them.' },
    DENIED: { description: 'Nothing was answered, because it was refused.' },
    FAILED: { description: 'Malformed, over a limit, or a system behind did not answer.' },
    MADE: { description: 'A change whose caller got no answer: it was made and stands.' },
    NOT_MADE: { description: 'A change whose caller got no answer: it was not made, and never will be.' },
  },
});

export const ChangeOutcome = { MADE: 'MADE', NOT_MADE: 'NOT_MADE', OPEN: 'OPEN' } as const;
export type ChangeOutcome = keyof typeof ChangeOutcome;
registerEnumType(ChangeOutcome, {
  name: 'ChangeOutcome',
  description: 'What became of a change.',
  valuesConfig: {
    MADE: { description: 'It was made, all of it or a part, and stands.' },
    NOT_MADE: { description: 'It was not made and never will be: it may be repeated.' },
    OPEN: { description: 'It is under way, or not known yet. Ask again: the log finds out within a minute.' },
  },
});

export const AuditExportFormat = { NDJSON: 'NDJSON', CSV: 'CSV', FHIR: 'FHIR', OCSF: 'OCSF' } as const;
export type AuditExportFormat = keyof typeof AuditExportFormat;
registerEnumType(AuditExportFormat, {
  name: 'AuditExportFormat',
  description: 'In which form the log is handed over.',
  valuesConfig: {
    NDJSON: { description: 'One JSON object a line, all that an entry says.' },
    CSV: { description: 'One row an entry (RFC 4180, UTF-8 with BOM), for spreadsheets.' },
    FHIR: { description: 'One FHIR R4 `AuditEvent` a line, after IHE BALP.' },
    OCSF: { description: 'One OCSF event of class API Activity (6003) a line.' },
  },
});

// Also defined in the identity room, with the same values and descriptions.
export const RightCode = {
  SMDB_REPORTER: 'SMDB_REPORTER',
  SMDB_LEADER: 'SMDB_LEADER',
  SMDB_HEALTH: 'SMDB_HEALTH',
  SMDB_DELEGATED_REPORTER: 'SMDB_DELEGATED_REPORTER',
  SMDB_DELEGATED_HEALTH: 'SMDB_DELEGATED_HEALTH',
  SMDB_ADMINISTRATOR: 'SMDB_ADMINISTRATOR',
  CITIZEN_SERVICE: 'CITIZEN_SERVICE',
  CASEWORKER: 'CASEWORKER',
  MANAGER: 'MANAGER',
  SECURITY_OFFICER: 'SECURITY_OFFICER',
  ADMINISTRATOR: 'ADMINISTRATOR',
} as const;
registerEnumType(RightCode, {
  name: 'RightCode',
  description: 'What an employee is entitled to work as. One acts in one right at a time.',
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
        "`SMDB - Forvaltende indberetter`: a treatment centre's reporter on behalf of the authority, who sees only what they reported themselves.",
    },
    SMDB_DELEGATED_HEALTH: {
      description: '`SMDB - Forvaltende sundhedsfaglig`: the same for the two health forms.',
    },
    SMDB_ADMINISTRATOR: { description: 'Sees every SMDB user of the municipality with their rights.' },
    CITIZEN_SERVICE: { description: 'Guides citizens in a citizen service centre (borgerservice).' },
    CASEWORKER: { description: 'Handles cases (sagsbehandler) in the compartments granted.' },
    MANAGER: { description: 'Decides who is granted what, and reviews look-ups (nærmeste leder).' },
    SECURITY_OFFICER: { description: 'Reads the log and runs spot checks (sikkerhedsansvarlig).' },
    ADMINISTRATOR: { description: 'Runs the system; sees no citizens and no cases.' },
  },
});
