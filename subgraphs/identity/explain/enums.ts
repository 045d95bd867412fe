/** The enums of explanations. */
import { enumType } from '../../protocol/enum-type.js';

export const AccessOutcome = enumType('AccessOutcome', 'Whether an employee gets at what was asked about.', {
  ALLOWED: 'The employee gets at it.',
  DENIED: 'The employee does not.',
  UNKNOWN: 'It is decided by something that the viewer may not know of, whatever the decision is.',
});
export type AccessOutcome = keyof typeof AccessOutcome;

export const AccessWall = enumType('AccessWall', 'Where a step is decided.', {
  SIGN_IN: 'Before anything is asked: whether the employee gets in at all, and acting in what.',
  TYPE: 'By type of information: what the right may ask for.',
  ROW: 'By row: which cases and people exist for the employee.',
});
export type AccessWall = keyof typeof AccessWall;

export const AccessStepKind = enumType('AccessStepKind', 'What a step of an explanation is about.', {
  LEFT: 'The employee has left.',
  LOCK_OUT: 'The employee is locked out after rejected attempts.',
  RIGHT: 'The right that the employee acts in.',
  POWER_OF_ATTORNEY: 'A power of attorney (fuldmagt).',
  SCOPE: 'What the right may ask for.',
  RECENT_SIGN_IN: 'A sign-in of the last 15 minutes.',
  GRANT: 'A grant for the compartment.',
  AGREEMENT: 'An agreement with the authority that owns the compartment.',
  MEMBERSHIP: 'The secretariat of the authority that owns the compartment.',
  COURSE: 'The course before work in a citizen service.',
  CONSTRAINT: 'Limits of the right that NemLog-in brought.',
  OPERATION: 'What may be done by the grant.',
  LEVEL: 'How much of a case may be known.',
  PROTECTION: 'Protection of an address.',
});
export type AccessStepKind = keyof typeof AccessStepKind;

export const AccessChangerRole = enumType('AccessChangerRole', 'In which role people can change a step.', {
  MANAGER: 'The manager who decides on the employee’s grants.',
  HOLDERS: 'Others who hold the single case’s compartment.',
  SECRETARIAT: 'The secretariat of the authority that owns the compartment.',
  ADMINISTRATOR: 'The municipality’s administrators of this system.',
  COMPANY_ADMINISTRATOR: 'Administrators of the company that the employee works for.',
  GIVER: 'Administrators of the organisation that gives the power of attorney.',
  RIGHTS_REGISTER: 'Whoever assigns rights in FBRS, which NemLog-in brings.',
  REGISTER: 'Whoever keeps the municipality’s register of employees and units.',
  EMPLOYEE: 'The employee.',
});
export type AccessChangerRole = keyof typeof AccessChangerRole;
