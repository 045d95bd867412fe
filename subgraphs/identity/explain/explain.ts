/** Explanations of access: what each way to act comes to, for each thing that was asked about. */
import type { FieldRules } from '../../kit/field-rules.js';
import type { Transaction } from '../../postgres/database.js';
import type { CaseLevel, CaseOperation, Viewer } from '../../protocol/viewer.js';
import type { AccessOutcome } from './enums.js';
import { type Facts, factsOf, type Target, type Way } from './facts.js';
import { compartmentSteps, levelShown, levelSteps, reaches } from './grant-steps.js';
import { changer, type Step, step } from './step.js';

export interface Question {
  readonly employee: string;
  readonly targets: readonly Target[];
  /** Id of a citizen whom the asker may know of. */
  readonly citizen: string | null;
}

export interface Explanation {
  readonly employee: string;
  readonly right: string | null;
  readonly power: string | null;
  readonly coordinate: string;
  readonly compartmentId: string | null;
  readonly citizenId: string | null;
  readonly outcome: AccessOutcome;
  readonly level: CaseLevel | null;
  readonly operations: readonly CaseOperation[];
  readonly steps: readonly Step[];
}

/** One for each way to act and each target. Throws `NOT_FOUND` for an unknown employee, `FORBIDDEN` if it is not the asker's to know. */
export async function explain(
  tx: Transaction,
  viewer: Viewer,
  now: Date,
  rules: FieldRules,
  { employee, targets, citizen }: Question,
): Promise<Explanation[]> {
  const facts = await factsOf(tx, viewer, now, rules, employee, targets);
  return facts.ways.flatMap((way) =>
    targets.map((target) => ({
      ...{ employee: facts.subject.id, right: way.right?.code ?? null, power: way.power?.id ?? null },
      ...{ coordinate: target.coordinate, compartmentId: target.compartment, citizenId: citizen },
      ...explained(facts, way, target),
    })),
  );
}

type Explained = Pick<Explanation, 'outcome' | 'level' | 'operations' | 'steps'>;

function explained(facts: Facts, way: Way, target: Target): Explained {
  const steps = signInSteps(facts, way);
  const nothing = { level: null, operations: [] };
  if (way.right === null) return { outcome: 'DENIED', ...nothing, steps };
  if (way.lacksPower) {
    const isOut = facts.subject.left || facts.isLockedOut;
    return { outcome: facts.knowsPowers || isOut ? 'DENIED' : 'UNKNOWN', ...nothing, steps };
  }
  const { compartment, level: needed, coordinate } = target;
  const reach = reachOf(way, target);
  steps.push(scopeStep(facts, way, target));
  if (reach === 'again')
    steps.push(
      step('TYPE', 'RECENT_SIGN_IN', null, 'It takes a sign-in of the last 15 minutes.', [
        changer('EMPLOYEE', [facts.subject.id]),
      ]),
    );
  if (coordinate === 'Citizen.address')
    steps.push(
      step('ROW', 'PROTECTION', null, 'A protected address is shown to the citizen alone.', [changer('REGISTER')]),
    );
  if (compartment !== null) steps.push(...compartmentSteps(facts, way, compartment));
  const isOfRows = compartment !== null || needed !== null;
  if (isOfRows) steps.push(...levelSteps(facts, way, needed, compartment));
  const level = levelShown(way, compartment);
  const isShown = !isOfRows || reaches(level, needed);
  const isIn = !facts.subject.left && !facts.isLockedOut;
  if (!isIn || reach === 'no') return { outcome: 'DENIED', ...nothing, steps };
  const found = compartment === null ? nothing : { level, operations: operationsIn(way, compartment) };
  if (isShown) return { outcome: 'ALLOWED', ...found, steps };
  const isKnown = !way.usesGrants || facts.knowsGrants(compartment);
  return { outcome: isKnown ? 'DENIED' : 'UNKNOWN', ...found, steps };
}

function signInSteps({ subject, isLockedOut, knowsPowers, people }: Facts, way: Way): Step[] {
  const steps: Step[] = [];
  const administrators = changer('ADMINISTRATOR', people.administrators);
  if (subject.left)
    steps.push(step('SIGN_IN', 'LEFT', false, 'The employee has left, and does not get in.', [changer('REGISTER')]));
  if (isLockedOut)
    steps.push(
      step(
        ...([
          'SIGN_IN',
          'LOCK_OUT',
          false,
          'The employee is locked out until an administrator has recorded why.',
        ] as const),
        [administrators],
      ),
    );
  const { right, power, lacksPower } = way;
  const assigning = [
    ...(way.isLocal ? [administrators] : []),
    ...(way.isFromNemLogin ? [changer('RIGHTS_REGISTER')] : []),
  ];
  if (right === null) return [...steps, step('SIGN_IN', 'RIGHT', false, 'The employee holds no right.', assigning)];
  steps.push(step('SIGN_IN', 'RIGHT', true, `The employee holds the right ${right.code}.`, assigning));
  const own = changer('COMPANY_ADMINISTRATOR', people.companyAdministrators);
  if (power !== null)
    steps.push(
      step(
        ...(['SIGN_IN', 'POWER_OF_ATTORNEY', true, 'The employee is marked on a power of attorney in force.'] as const),
        [changer('GIVER', people.givers.get(power.giver) ?? []), own],
        { power: power.id },
      ),
    );
  if (lacksPower) {
    const sentence = 'The right opens nothing without a power of attorney.';
    steps.push(step('SIGN_IN', 'POWER_OF_ATTORNEY', knowsPowers ? false : null, sentence, [own]));
  }
  return steps;
}

/** Whether the right may ask for it; `again` for somebody who has just signed in. */
function reachOf({ reached }: Way, { through }: Target): 'yes' | 'no' | 'again' {
  const found = through.map((coordinate) => reached.get(coordinate) ?? 'no');
  return found.find((how) => how === 'no') ?? found.find((how) => how === 'again') ?? 'yes';
}

function scopeStep({ people }: Facts, way: Way, target: Target): Step {
  const isReached = reachOf(way, target) !== 'no';
  const listed = target.scopes.map((lists) => lists.map((list) => list.join(' and ')).join(' or '));
  const needed = [...new Set(listed)].join('; ');
  const takes = needed === '' ? '' : ` It takes the scope ${needed}.`;
  const sentence = isReached
    ? `The right may ask for the field.${takes}`
    : `The right may not ask for the field, or nothing that it may ask for leads there.${takes}`;
  return step('TYPE', 'SCOPE', isReached, sentence, [
    changer('ADMINISTRATOR', people.administrators),
    changer('RIGHTS_REGISTER'),
  ]);
}

/** The field by which each operation is done: a grant for it opens nothing in a right that may not ask for the field. */
const fieldOf = {
  SEARCH: 'Query.case',
  ENTER: 'Mutation.enterCase',
  DELETE: 'Mutation.deleteCase',
} as const satisfies Record<CaseOperation, string>;

const operationsIn = ({ counting, reached }: Way, compartment: string): CaseOperation[] =>
  (['SEARCH', 'ENTER', 'DELETE'] as const).filter(
    (operation) =>
      reached.has(fieldOf[operation]) &&
      counting.some(({ compartmentId, operations }) => compartmentId === compartment && operations.includes(operation)),
  );
