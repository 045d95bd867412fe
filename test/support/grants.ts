/** Grants for tests: the verbs as people send them, people hired into a unit, and a grant brought to a state. */
import { organisationId } from '../../subgraphs/demo/people.js';
import { shippedBank } from '../../subgraphs/identity/courses/default-bank.js';
import type { TestDatabase } from './database.js';
import { type Anywhere, done, hire, type Somebody, signIn } from './powers.js';

export const verbs = {
  request: `mutation RequestGrant($input: RequestGrantInput!) { requestGrant(input: $input) { id status } }`,
  decide: `mutation DecideGrant($grant: ID!, $decision: GrantDecision! = GIVE, $reason: String! = "Needed every day") {
    decideGrant(grant: $grant, decision: $decision, reason: $reason) { id status } }`,
  confirm: `mutation ConfirmGrant($grant: ID!) { confirmGrant(grant: $grant) { id status confirmBy } }`,
  withdraw: `mutation WithdrawGrant($grant: ID!, $reason: String! = "Needed no more") {
    withdrawGrant(grant: $grant, reason: $reason) { id status } }`,
  agree: `mutation Agree($input: AgreeDisclosureInput!) { agreeDisclosure(input: $input) {
    id inForce kind basis processingAgreement validFrom validTo agreedBy { id } receiver { id } authority { code } compartments { id } } }`,
  end: `mutation EndDisclosure($agreement: ID!, $reason: String! = "Not needed any more") {
    endDisclosure(agreement: $agreement, reason: $reason) { id inForce endedBy { id } } }`,
  course: `mutation RecordCourse($input: RecordCourseInput!) { recordCourse(input: $input) { kind passedOn expiresOn evidence recordedBy { id } } }`,
  startCourse: `mutation StartCourse { startCourse {
    id kind needed begunAt expiresAt judgedAt right passed course { id } questions { number text source options { letter text } } } }`,
  attemptCourse: `mutation AttemptCourse($attempt: ID!, $answers: [CourseAnswerInput!]!) {
    attemptCourse(attempt: $attempt, answers: $answers) { id judgedAt right passed course { evidence passedOn expiresOn recordedBy { id } } } }`,
  assign: `mutation AssignRight($employee: ID!, $right: RightCode!, $organisation: ID) {
    assignRight(employee: $employee, right: $right, organisation: $organisation) { id rights { code source } } }`,
  withdrawRight: `mutation WithdrawRight($employee: ID!, $right: RightCode!, $organisation: ID) {
    withdrawRight(employee: $employee, right: $right, organisation: $organisation) { id rights { code source } } }`,
  openSingle: `mutation OpenSingle($input: OpenSingleCaseInput!) { openSingleCaseCompartment(input: $input) }`,
};

/** The same for grants of case systems. */
export const systemVerbs = {
  request: `mutation RequestSystemGrant($input: RequestSystemClientGrantInput!) { requestSystemClientGrant(input: $input) { id status } }`,
  decide: `mutation DecideSystemGrant($grant: ID!, $decision: GrantDecision! = GIVE, $reason: String! = "The system needs it") {
    decideSystemClientGrant(grant: $grant, decision: $decision, reason: $reason) { id status } }`,
  confirm: `mutation ConfirmSystemGrant($grant: ID!) { confirmSystemClientGrant(grant: $grant) { id status } }`,
  withdraw: `mutation WithdrawSystemGrant($grant: ID!, $reason: String! = "Needed no more") {
    withdrawSystemClientGrant(grant: $grant, reason: $reason) { id status } }`,
};

/** The answers to an attempt's questions, the first `wrong` of them wrong. As the shipped bank has it: the schema tells nobody. */
export const answersTo = (
  questions: readonly { number: number; text: string; options: readonly { letter: string; text: string }[] }[],
  wrong = 0,
) =>
  questions.map(({ number, text, options }) => {
    const { right } = shippedBank.find(({ question }) => question === text)!;
    const { letter } = options.find((option) => (option.text === right) === number > wrong)!;
    return { number, letter };
  });

export const compartment = (category: string, authority = 'MUNICIPALITY') => `0999.${authority}.${category}`;

/** What a request for a grant says unless it is said otherwise. */
export const asked = (holder: string, over: object = {}) => ({
  input: {
    ...{ holder, compartment: compartment('HOUSING_BENEFIT'), level: 'METADATA', operations: ['SEARCH'] },
    ...{ reason: 'Works with housing benefit from now on' },
    ...over,
  },
});

/** A unit of the municipality with a manager of its own, and people in it. */
export interface Team {
  readonly unit: string;
  readonly manager: Somebody;
  readonly requester: Somebody;
  readonly holder: Somebody;
}

export async function team(world: Anywhere, unit: string, right = 'CASEWORKER'): Promise<Team> {
  const [manager, requester, holder] = [
    await hire(world.database, unit, ['MANAGER']),
    await hire(world.database, unit, ['CASEWORKER']),
    await hire(world.database, unit, [right]),
  ];
  await manages(world.database, unit, manager);
  return {
    unit: organisationId(unit),
    manager: await signIn(world, manager, 'MANAGER'),
    requester: await signIn(world, requester, 'CASEWORKER'),
    holder: await signIn(world, holder, right),
  };
}

export const manages = (database: Pick<TestDatabase, 'sql'>, unit: string, manager: string | null) =>
  database.sql('UPDATE identity.organisation SET manager = $1 WHERE id = $2', [manager, organisationId(unit)]);

export type GrantState = 'requested' | 'refused' | 'given' | 'withdrawn';

/** A grant brought to a state by the people who may, step by step. Answers with its id. */
export async function grantIn(
  state: GrantState,
  { manager, requester, holder }: Team,
  over: object = {},
): Promise<string> {
  const { id } = await done(requester, verbs.request, asked(holder.id, over));
  if (state === 'requested') return id;
  await done(manager, verbs.decide, { grant: id, decision: state === 'refused' ? 'REFUSE' : 'GIVE' });
  if (state === 'withdrawn') await done(manager, verbs.withdraw, { grant: id });
  return id;
}
