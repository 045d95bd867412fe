/** One step in the room and in the model of somebody's life; both have to make of it the same. */
import { expect } from '@jest/globals';
import { organisationId } from '../../subgraphs/demo/people.js';
import type { Viewer } from '../../subgraphs/protocol/viewer.js';
import { answersTo, asked, compartment, verbs } from './grants.js';
import type { Lane } from './grants-lane.js';
import { day, dayOf, type Life, midnight, type Power, type Side, type Unit } from './grants-model.js';
import { steps as powerVerbs } from './powers.js';

const compartments = [
  compartment('HOUSING_BENEFIT'),
  compartment('PLACEMENT'),
  compartment('BOARD_MATTER', 'CHILDREN_AND_YOUTH_COMMITTEE'),
] as const;
const units: readonly Unit[] = ['family', 'housing', 'centre'];
const sides: readonly (readonly [giver: Side, receiver: Side])[] = [
  ['centre', 'municipality'],
  ['centre', 'family'],
  ['municipality', 'centre'],
];
const waits = [40 / 1_440, 1 / 24, 1, 29, 92, 181, 184, 400];

/** What the cases room knows of the authority is not asked: this room is alone. */
const agree = 'mutation Agree($input: AgreeDisclosureInput!) { agreeDisclosure(input: $input) { id } }';

export interface Scene {
  readonly lane: Lane;
  readonly holder: string;
  readonly right: string;
  readonly life: Life;
}
/** `which`: one of several, whatever they are. `tell` asks as somebody, and sees that the room does what the model allows. */
type Step = (
  scene: Scene,
  which: number,
  tell: (who: Viewer, query: string, variables: object, isAllowed: boolean) => Promise<any>,
) => Promise<void>;

/** 0 is the last. */
const one = <T>(items: readonly T[], which: number): T | undefined =>
  items.at(-1 - (which % Math.max(1, items.length)));
const company = (side: Side) => (side === 'centre' ? 'centre' : 'municipality');
const decide =
  (isGiven: boolean): Step =>
  async ({ lane, life }, which, tell) => {
    const grant = one(life.grants, which);
    if (!grant) return;
    const isOpen = grant.agreement === null || life.stands(grant.agreement);
    const isAllowed = grant.status === 'REQUESTED' && (!isGiven || isOpen);
    await tell(
      lane.people.manager,
      verbs.decide,
      { grant: grant.id, decision: isGiven ? 'GIVE' : 'REFUSE' },
      isAllowed,
    );
    if (isAllowed && isGiven) life.confirm(grant);
    else if (isAllowed) grant.status = 'OVER';
  };
/** A step of one of the powers, by who speaks for a side of it. */
const ofPower =
  (
    by: (power: Power, lane: Lane) => Viewer,
    query: string,
    variables: (power: Power, holder: string) => object,
    isAllowed: (power: Power, life: Life) => boolean,
    then: (power: Power) => void,
  ): Step =>
  async ({ lane, life, holder }, which, tell) => {
    const power = one(life.powers, which);
    if (!power) return;
    const allowed = isAllowed(power, life);
    await tell(by(power, lane), query, variables(power, holder), allowed);
    if (allowed) then(power);
  };
const giver = ({ giver }: Power, { sides }: Lane) => sides[company(giver)].administrator;
const receiver = ({ receiver }: Power, { sides }: Lane) => sides[company(receiver)].administrator;
const smdb = ({ receiver }: Power, { sides }: Lane) => sides[company(receiver)].smdb;

export const steps: Readonly<Record<string, Step>> = {
  async request({ lane, life, holder }, which, tell) {
    const into = one(compartments, which)!;
    const open = life.agreements.filter(life.stands).sort((a, b) => b.until - a.until || (a.id < b.id ? -1 : 1));
    const agreement = into === compartments[2] ? (open[0] ?? null) : null;
    const isAllowed = life.unit === 'family' && !life.hasLeft && (into !== compartments[2] || agreement !== null);
    const made = await tell(lane.people.requester, verbs.request, asked(holder, { compartment: into }), isAllowed);
    if (made) life.grants.push({ id: made.id, compartment: into, agreement, status: 'REQUESTED', confirmBy: 0 });
  },
  give: decide(true),
  refuse: decide(false),
  async confirm({ lane, life }, which, tell) {
    const grant = one(life.grants, which);
    if (!grant) return;
    const isAllowed = life.lasts(grant);
    await tell(lane.people.manager, verbs.confirm, { grant: grant.id }, isAllowed);
    if (isAllowed) life.confirm(grant);
  },
  async withdraw({ lane, life }, which, tell) {
    const grant = one(life.grants, which);
    if (!grant) return;
    const isAllowed = grant.status === 'REQUESTED' || life.lasts(grant);
    await tell(lane.people.manager, verbs.withdraw, { grant: grant.id }, isAllowed);
    if (isAllowed) grant.status = 'OVER';
  },
  async agree({ lane, life }, which, tell) {
    const validTo = which % 2 === 0 ? null : dayOf(life.time() + which * 10 * day);
    const input = {
      ...{ authority: 'CHILDREN_AND_YOUTH_COMMITTEE', receiver: organisationId('family') },
      ...{ kind: 'DISCLOSURE', basis: 'Lov', validTo },
    };
    const { id } = await tell(lane.people.secretary, agree, { input }, true);
    const until = validTo === null ? Number.POSITIVE_INFINITY : midnight(dayOf(Date.parse(validTo) + day));
    life.agreements.push({ id, until, isEnded: false });
  },
  async endAgreement({ lane, life }, which, tell) {
    const agreement = one(life.agreements, which);
    if (!agreement) return;
    await tell(lane.people.secretary, verbs.end, { agreement: agreement.id }, !agreement.isEnded);
    agreement.isEnded = true;
  },
  async recordCourse({ lane, life, holder }, _which, tell) {
    const input = { employee: holder, kind: 'DATA_SECURITY', passedOn: dayOf(life.time()), evidence: 'Bevis' };
    const isAllowed = life.unit === 'family' && !life.hasLeft;
    await tell(lane.people.manager, verbs.course, { input }, isAllowed);
    if (isAllowed) life.passCourse();
  },
  async startCourse({ lane, life, holder }, _which, tell) {
    const made = await tell(lane.as(holder, life.unit), verbs.startCourse, {}, life.canBegin());
    if (made) life.attempts.push({ id: made.id, questions: made.questions, begun: life.time(), isJudged: false });
  },
  /** Up to two wrong answers pass. */
  async attemptCourse({ lane, life, holder }, which, tell) {
    const attempt = one(life.attempts, which);
    if (!attempt) return;
    const [isAllowed, wrong] = [life.canJudge(attempt), which % 4];
    const answers = answersTo(attempt.questions, wrong);
    const made = await tell(
      lane.as(holder, life.unit),
      verbs.attemptCourse,
      { attempt: attempt.id, answers },
      isAllowed,
    );
    if (!isAllowed) return;
    attempt.isJudged = true;
    expect(made).toMatchObject({ right: 10 - wrong, passed: wrong <= 2 });
    if (wrong <= 2) life.passCourse();
  },
  async askPower({ lane, life }, which, tell) {
    const [giver, receiver] = one(sides, which)!;
    const made = await tell(
      lane.sides[company(receiver)].administrator,
      powerVerbs.request,
      { giver: organisationId(giver), receiver: organisationId(receiver), rights: ['SMDB_REPORTER'] },
      true,
    );
    life.powers.push({ id: made.id, giver, receiver, standing: 'REQUESTED', seat: 'NONE' });
  },
  givePower: ofPower(
    giver,
    powerVerbs.decide,
    ({ id }) => ({ id, approve: true }),
    ({ standing }) => standing === 'REQUESTED',
    (power) => {
      power.standing = 'GIVEN';
    },
  ),
  refusePower: ofPower(
    giver,
    powerVerbs.decide,
    ({ id }) => ({ id, approve: false }),
    ({ standing }) => standing === 'REQUESTED',
    (power) => {
      power.standing = 'OVER';
    },
  ),
  withdrawPower: ofPower(
    giver,
    powerVerbs.withdraw,
    ({ id }) => ({ id }),
    ({ standing }) => standing === 'GIVEN',
    (power) => {
      power.standing = 'OVER';
    },
  ),
  add: ofPower(
    receiver,
    powerVerbs.add,
    ({ id }, employee) => ({ id, employee }),
    ({ standing, seat, receiver }, life) => standing === 'GIVEN' && seat === 'NONE' && life.worksFor(receiver),
    (power) => {
      power.seat = 'ADDED';
    },
  ),
  remove: ofPower(
    receiver,
    powerVerbs.remove,
    ({ id }, employee) => ({ id, employee }),
    ({ seat }) => seat !== 'NONE',
    (power) => {
      power.seat = 'NONE';
    },
  ),
  mark: ofPower(
    smdb,
    powerVerbs.mark,
    ({ id }, employee) => ({ id, employee }),
    ({ standing, seat }) => standing === 'GIVEN' && seat === 'ADDED',
    (power) => {
      power.seat = 'MARKED';
    },
  ),
  unmark: ofPower(
    smdb,
    powerVerbs.mark,
    ({ id }, employee) => ({ id, employee, marked: false }),
    ({ seat }) => seat === 'MARKED',
    (power) => {
      power.seat = 'ADDED';
    },
  ),
  async move({ lane, life, holder }, which) {
    const unit = one(
      units.filter((other) => other !== life.unit),
      which,
    )!;
    await lane.sql('UPDATE identity.employee SET organisation = $1 WHERE id = $2', [organisationId(unit), holder]);
    life.move(unit);
  },
  async leaveOrReturn({ lane, life, holder, right }) {
    if (life.hasLeft) {
      await lane.comeBack(holder, right, life.unit);
      life.hasLeft = false;
      life.hasRights = true;
    } else {
      await lane.leave(holder);
      life.leave();
    }
  },
  async wait({ lane, life }, which) {
    lane.now = new Date(life.time() + one(waits, which)! * day);
  },
};
