/** The enums of the cases room. Danish terms and sources are in the descriptions of the values. */
import { enumType } from '../protocol/enum-type.js';

export { AuthorityCode, CaseCategory, CaseLevel } from '../protocol/shared-enums.js';

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

export const ImportOutcome = enumType('ImportOutcome', 'What became of a row of a batch.', {
  ENTERED: 'The case is new.',
  CHANGED: 'The case was there, and is now as the row says.',
  UNCHANGED: 'The case was there, and was as the row says already.',
  OUTDATED: 'A newer version of the case was taken before. Nothing was changed.',
  REFUSED: 'Nothing was changed; `problems` says why.',
});
export type ImportOutcome = keyof typeof ImportOutcome;
