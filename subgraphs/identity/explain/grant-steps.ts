/** Steps about grants: each grant for a compartment with what it stands under, and the level that those in force reach together. */
import { isOfSingleCase } from '../../protocol/compartments.js';
import { type CaseLevel, highestLevel } from '../../protocol/viewer.js';
import { isInForce } from '../agreements/in-force.js';
import type { GrantRow } from '../grants/store.js';
import { authorityOf, type Facts, type Way } from './facts.js';
import { type Changer, changer, type Step, step } from './step.js';

/** Most grants that an explanation names, the newest first; those in force come before. */
const mostGrants = 10;

/** What the grants for a compartment come to for somebody who acts this way. */
export function compartmentSteps(facts: Facts, way: Way, compartment: string): Step[] {
  const given = facts.grants.filter(({ compartmentId }) => compartmentId === compartment);
  const deciders = decidersOf(facts, compartment);
  if (way.power !== null)
    return [
      step('ROW', 'GRANT', false, 'Under a power of attorney, the employee’s own grants open nothing.', [
        changer('EMPLOYEE', [facts.subject.id]),
      ]),
    ];
  const first = [...given.filter((grant) => isCounting(grant, facts.now)), ...given].slice(0, mostGrants);
  const shown = [...new Set(first)];
  const isLive = ({ status }: GrantRow) => ['IN_FORCE', 'WAITING_FOR_COURSE', 'REQUESTED'].includes(status);
  return [
    ...shown.flatMap((grant) => stepsOf(grant, facts, deciders)),
    ...(facts.knowsGrants(compartment) ? [] : [hiddenGrants(deciders)]),
    ...(facts.knowsGrants(compartment) && given.length === 0
      ? [step('ROW', 'GRANT', false, 'There is no grant for the compartment.', deciders)]
      : []),
    ...(given.some(isLive) ? [] : admissionSteps(facts, compartment)),
    ...constraintSteps(facts, way, given),
    ...operationSteps(way, compartment, deciders),
  ];
}

/** Said whether there are any or not: otherwise it would tell. */
const hiddenGrants = (deciders: readonly Changer[]): Step =>
  step('ROW', 'GRANT', null, 'Which grants the employee has is not yours to know. Ask who decides on them.', deciders);

const isCounting = ({ status, validFrom }: GrantRow, now: Date): boolean => status === 'IN_FORCE' && validFrom <= now;

const decidersOf = ({ people }: Facts, compartment: string): readonly Changer[] =>
  isOfSingleCase(compartment)
    ? [changer('HOLDERS', people.holders.get(compartment) ?? [])]
    : [changer('MANAGER', people.manager)];

function stepsOf(grant: GrantRow, facts: Facts, deciders: readonly Changer[]): Step[] {
  const { agreements, people, now } = facts;
  const secretariat = [changer('SECRETARIAT', people.secretariats.get(authorityOf(grant.compartmentId)) ?? [])];
  const own = step('ROW', 'GRANT', isCounting(grant, now), sentenceOf(grant, now), deciders, { grant });
  // What it stands under matters while it was given and nobody took it back.
  if (!['IN_FORCE', 'WAITING_FOR_COURSE', 'LAPSED'].includes(grant.status)) return [own];
  const steps = [own];
  const agreement = grant.agreementId === null ? undefined : agreements.get(grant.agreementId);
  if (agreement) {
    const holds = isInForce(agreement, now);
    const sentence = holds
      ? 'The agreement that the grant stands under is in force.'
      : 'The agreement that the grant stands under is not in force. A new one takes a new grant.';
    steps.push(step('ROW', 'AGREEMENT', holds, sentence, secretariat, { agreement }));
  } else if (!['MUNICIPALITY', 'CASE'].includes(authorityOf(grant.compartmentId))) {
    const sentence = grant.isOpen
      ? 'The employee works in the authority’s secretariat.'
      : 'The employee does not work in the authority’s secretariat any more.';
    steps.push(step('ROW', 'MEMBERSHIP', grant.isOpen, sentence, [changer('REGISTER'), ...secretariat]));
  }
  if (grant.status !== 'LAPSED' && (facts.needsCourse || grant.status === 'WAITING_FOR_COURSE')) {
    const passed = grant.status !== 'WAITING_FOR_COURSE';
    const sentence = passed
      ? 'The employee works in a citizen service, and a course is in force.'
      : 'The employee works in a citizen service, and no course is in force.';
    const changers = [changer('MANAGER', people.manager), changer('ADMINISTRATOR', people.administrators)];
    steps.push(step('ROW', 'COURSE', passed, sentence, changers, { course: facts.course }));
  }
  return steps;
}

function sentenceOf({ status, level, validFrom, validTo, confirmBy }: GrantRow, now: Date): string {
  switch (status) {
    case 'REQUESTED':
      return 'A grant is requested, and nobody has decided.';
    case 'REFUSED':
      return 'A grant was refused.';
    case 'WITHDRAWN':
      return 'A grant was withdrawn, or ended when the employee changed unit or left.';
    case 'WAITING_FOR_COURSE':
      return 'A grant was given, and waits for the course.';
    case 'LAPSED':
      if (confirmBy <= now) return 'A grant lapsed, because nobody confirmed it within six months.';
      if (validTo !== null && validTo <= now) return 'A grant lapsed, because its validity ended.';
      return 'A grant lapsed, because the other authority does not let the employee in any more.';
    case 'IN_FORCE':
      return validFrom > now ? 'A grant was given, and begins later.' : `A grant at ${level} is in force.`;
  }
}

/** Whether another authority would let the employee in at all. Without that, no grant can be requested. */
function admissionSteps({ admission, people }: Facts, compartment: string): Step[] {
  const authority = authorityOf(compartment);
  const found = admission.get(authority);
  if (!found) return [];
  const secretariat = [changer('SECRETARIAT', people.secretariats.get(authority) ?? [])];
  if (found.serves)
    return [
      step('ROW', 'MEMBERSHIP', true, 'The employee works in the authority’s secretariat.', [changer('REGISTER')]),
    ];
  const sentence = found.agreement
    ? 'The authority has an agreement in force with the employee’s unit.'
    : 'The employee does not work in the authority’s secretariat, and it has no agreement in force with the employee’s unit.';
  return [step('ROW', 'AGREEMENT', found.agreement !== null, sentence, secretariat)];
}

function constraintSteps({ now }: Facts, { counting, usesGrants }: Way, given: readonly GrantRow[]): Step[] {
  const lost = given.filter((grant) => isCounting(grant, now) && !counting.includes(grant));
  if (!usesGrants || lost.length === 0) return [];
  const sentence = 'NemLog-in brought the right for other cases only.';
  return [step('ROW', 'CONSTRAINT', false, sentence, [changer('RIGHTS_REGISTER')])];
}

function operationSteps({ counting }: Way, compartment: string, deciders: readonly Changer[]): Step[] {
  const held = counting.filter(({ compartmentId }) => compartmentId === compartment);
  if (held.length === 0 || held.some(({ operations }) => operations.includes('SEARCH'))) return [];
  return [step('ROW', 'OPERATION', false, 'No grant in force lets the employee find and read.', deciders)];
}

/** How much of a case the grants in force show: of one compartment, or of any. `null` if they show none. */
export function levelShown({ counting }: Way, compartment: string | null): CaseLevel | null {
  const shown = counting.filter(
    ({ compartmentId, operations }) =>
      operations.includes('SEARCH') && (compartment === null || compartmentId === compartment),
  );
  return highestLevel(shown.map(({ level }) => level));
}

/** Whether what is shown is as much as a field takes. */
export const reaches = (shown: CaseLevel | null, needed: CaseLevel | null): boolean =>
  shown !== null && (needed === null || highestLevel([shown, needed]) === shown);

const shownAt: Readonly<Record<CaseLevel, string>> = {
  EXISTENCE: 'that there is a case, its category and its dates',
  METADATA: 'also its number, title, parties and handling',
  DOCUMENTS: 'also its documents',
};

/** The level that the grants in force reach, beside the one that a field takes. None where nothing is known of them. */
export function levelSteps(facts: Facts, way: Way, needed: CaseLevel | null, compartment: string | null): Step[] {
  const shown = levelShown(way, compartment);
  const isKnown = facts.knowsGrants(compartment);
  const deciders = compartment === null ? [changer('MANAGER', facts.people.manager)] : decidersOf(facts, compartment);
  const hidden = compartment === null && way.usesGrants && !isKnown ? [hiddenGrants(deciders)] : [];
  if (shown === null && (compartment !== null || hidden.length > 0)) return hidden;
  const holds = reaches(shown, needed);
  const reach =
    shown === null ? 'No grant in force shows a case' : `The grants in force reach ${shown}: ${shownAt[shown]}`;
  const sentence = holds || needed === null ? `${reach}.` : `${reach}. The field takes ${needed}.`;
  const satisfied = holds || isKnown ? holds : null;
  return [...hidden, step('ROW', 'LEVEL', satisfied, sentence, deciders)];
}
