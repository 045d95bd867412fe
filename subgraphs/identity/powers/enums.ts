/** The enums of powers of attorney. */
import { enumType } from '../../protocol/enum-type.js';

export const PowerOfAttorneyStatus = enumType('PowerOfAttorneyStatus', 'Status of a power of attorney.', {
  REQUESTED: 'Requested by the receiver; the giver has not decided.',
  REFUSED: 'Refused by the giver.',
  IN_FORCE: 'Given by the giver. `employees` and `markedInSmdb` tell who may act under it.',
  WITHDRAWN: 'Withdrawn by either side. It is never in force again.',
});
export type PowerOfAttorneyStatus = keyof typeof PowerOfAttorneyStatus;

export const PowerOfAttorneyStep = enumType('PowerOfAttorneyStep', 'A step of a power of attorney.', {
  REQUESTED: 'An administrator of the receiver requested it.',
  GIVEN: 'An administrator of the giver gave it.',
  REFUSED: 'An administrator of the giver refused it.',
  WITHDRAWN: 'An administrator of either side withdrew it.',
  ADDED: 'An administrator of the receiver added the employee.',
  REMOVED: 'An administrator of the receiver removed the employee, and the mark with them.',
  MARKED: 'An SMDB administrator of the receiver marked the employee as entitled to use it.',
  UNMARKED: 'An SMDB administrator of the receiver removed the mark.',
});
export type PowerOfAttorneyStep = keyof typeof PowerOfAttorneyStep;
