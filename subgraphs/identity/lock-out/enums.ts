/** The enum of the lock-out. */
import { enumType } from '../../protocol/enum-type.js';

export const AccessBlockKind = enumType(
  'AccessBlockKind',
  'What was locked out, after consecutive rejected attempts.',
  {
    PERSON: 'A person who guessed while signed in, or who tried to sign in without having access.',
    WORKSTATION: 'Guesses from a workstation, whoever uses it. This does not keep anybody from signing in.',
    NAME_AT_WORKSTATION: 'A user name that was tried, at this workstation only. It can still be used elsewhere.',
  },
);
export type AccessBlockKind = keyof typeof AccessBlockKind;
