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

/**
 * What a parent who holds custody is shown by the child's role. As primary party the child has a right that the parent exercises for it
 * (forvaltningsloven §9). In any other role the case is somebody else's, such as the other parent's.
 */
const levelOfChild: typeof levelOfParty = {
  PRIMARY: 'METADATA',
  SECONDARY: null,
  PARTNER: null,
  CHILD: null,
  OTHER: null,
};

type Level = 'EXISTENCE' | 'METADATA';

/** The roles in which a citizen is shown a case at this level. */
export const rolesAt = (level: Level): PartyRole[] => rolesIn(levelOfParty, level);

/** The roles of a child in which a parent is shown a case at this level. */
export const childRolesAt = (level: Level): PartyRole[] => rolesIn(levelOfChild, level);

const rolesIn = (levels: typeof levelOfParty, level: Level): PartyRole[] =>
  (Object.keys(levels) as PartyRole[]).filter((role) => {
    const held = levels[role];
    return held === 'METADATA' || (held !== null && level === 'EXISTENCE');
  });
