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
    SEARCH: { description: 'A list, or a look-up by a criterion.' },
    READ: { description: 'A look-up of one object by its id.' },
    ENTER: { description: 'Something new was entered.' },
    CHANGE: { description: 'Something was changed.' },
    DELETE: { description: 'Something was deleted.' },
    EXTRACT: { description: 'A report or an export was made.' },
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
  description: 'The result of the operation.',
  valuesConfig: {
    BEGUN: {
      description: 'A change was about to be made. The entry whose `follows` names this one tells what became of it.',
    },
    ANSWERED: { description: 'Everything asked for was answered.' },
    PARTLY_DENIED: { description: 'Some fields were refused because the rights did not include them.' },
    DENIED: { description: 'Nothing was answered, because it was refused.' },
    FAILED: { description: 'The request was malformed or over a limit, or a system behind did not answer.' },
    MADE: { description: 'The caller of a change got no answer. The change was made and stands.' },
    NOT_MADE: { description: 'The caller of a change got no answer. The change was not made, and never will be.' },
  },
});

export const ChangeOutcome = { MADE: 'MADE', NOT_MADE: 'NOT_MADE', OPEN: 'OPEN' } as const;
export type ChangeOutcome = keyof typeof ChangeOutcome;
registerEnumType(ChangeOutcome, {
  name: 'ChangeOutcome',
  description: 'What became of a change.',
  valuesConfig: {
    MADE: { description: 'The change was made, completely or in part, and stands.' },
    NOT_MADE: { description: 'The change was not made and never will be. It may be repeated.' },
    OPEN: {
      description:
        'The change is under way, or its result is not known yet. Ask again: the log finds out within a minute.',
    },
  },
});

export const AuditExportFormat = { NDJSON: 'NDJSON', CSV: 'CSV', FHIR: 'FHIR', OCSF: 'OCSF' } as const;
export type AuditExportFormat = keyof typeof AuditExportFormat;
registerEnumType(AuditExportFormat, {
  name: 'AuditExportFormat',
  description: 'Format of an export of the log.',
  valuesConfig: {
    NDJSON: { description: 'One JSON object per line, with everything that an entry says.' },
    CSV: { description: 'One row per entry (RFC 4180, UTF-8 with BOM), for spreadsheets.' },
    FHIR: { description: 'One FHIR R4 `AuditEvent` per line, according to IHE BALP.' },
    OCSF: { description: 'One OCSF event of class API Activity (6003) per line.' },
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
