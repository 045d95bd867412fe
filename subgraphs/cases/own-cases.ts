/**
 * What a citizen may know of an ordinary case by being a party to it (Datasikkerhed i borgerservicecentre §1.1, box 2: nobody is shown
 * more than the task, here the own case, needs). Cases of shielded categories are never shown to citizens here.
 */
import type { CaseLevel } from '../protocol/viewer.js';
import type { PartyRole } from './enums.js';

/** By role: the level, or `null` if the case is not shown at all. Documents are handed out by the case systems. */
const levelOfParty: Readonly<Record<PartyRole, Extract<CaseLevel, 'EXISTENCE' | 'METADATA'> | null>> = {
  // The case is about them: a party has access to the own case (forvaltningsloven §9).
  PRIMARY: 'METADATA',
  // Parties too, but number and title tell of the primary party's matters, and access is decided case by case.
  SECONDARY: 'EXISTENCE',
  PARTNER: 'EXISTENCE',
  CHILD: 'EXISTENCE',
  // Named in the case without being a party to it.
  OTHER: null,
};

/** The roles in which a citizen is shown a case at this level. */
export const rolesAt = (level: 'EXISTENCE' | 'METADATA'): PartyRole[] =>
  (Object.keys(levelOfParty) as PartyRole[]).filter((role) => {
    const held = levelOfParty[role];
    return held === 'METADATA' || (held !== null && level === 'EXISTENCE');
  });
