/** The enums of the log. */
import { enumType } from '../protocol/enum-type.js';

export { RightCode } from '../protocol/shared-enums.js';

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
