/** The enums of the log. */
import { enumType } from '../protocol/enum-type.js';

export const UseType = enumType('UseType', 'Type of use (anvendelsestype, sikkerhedsbekendtgørelsen §19).', {
  SEARCH: 'A list, or a look-up by a criterion.',
  READ: 'A look-up of one object by its id.',
  ENTER: 'Something new was entered.',
  CHANGE: 'Something was changed.',
  DELETE: 'Something was deleted.',
  EXTRACT: 'A report or an export was made.',
});
export type UseType = keyof typeof UseType;

export const AuditOutcome = enumType('AuditOutcome', 'The result of the operation.', {
  BEGUN: 'A change was about to be made. The entry whose `follows` names this one tells what became of it.',
  ANSWERED: 'Everything asked for was answered.',
  PARTLY_DENIED: 'Some fields were refused because the rights did not include them.',
  DENIED: 'Nothing was answered, because it was refused.',
  FAILED: 'The request was malformed or over a limit, or a system behind did not answer.',
  MADE: 'The caller of a change got no answer. The change was made and stands.',
  NOT_MADE: 'The caller of a change got no answer. The change was not made, and never will be.',
});
export type AuditOutcome = keyof typeof AuditOutcome;

export const ChangeOutcome = enumType('ChangeOutcome', 'What became of a change.', {
  MADE: 'The change was made, completely or in part, and stands.',
  NOT_MADE: 'The change was not made and never will be. It may be repeated.',
  OPEN: 'The change is under way, or its result is not known yet. Ask again: the log finds out within a minute.',
});
export type ChangeOutcome = keyof typeof ChangeOutcome;

export const AuditExportFormat = enumType('AuditExportFormat', 'Format of an export of the log.', {
  NDJSON: 'One JSON object per line, with everything that an entry says.',
  CSV: 'One row per entry (RFC 4180, UTF-8 with BOM), for spreadsheets.',
  FHIR: 'One FHIR R4 `AuditEvent` per line, according to IHE BALP.',
  OCSF: 'One OCSF event of class API Activity (6003) per line.',
});
export type AuditExportFormat = keyof typeof AuditExportFormat;

// Also defined in the identity room, with the same values and descriptions.
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
