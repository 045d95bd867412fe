/**
 * Right × organisation × state of the power of attorney × operation, through the gateway: what comes of each is computed from
 * a small model of the rules that shares nothing with the code.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { organisationId } from '../../subgraphs/demo/people.js';
import { faults } from '../../subgraphs/protocol/faults.js';
import {
  type Administrators,
  administratorsOf,
  hire,
  type PowerState,
  powerIn,
  type Sides,
  type Somebody,
  signIn,
  steps,
  type Told,
} from '../support/powers.js';
import { openWorld, type World } from '../support/world.js';

// ── the model ──

const health = ['HEPATITIS_C', 'MEDICAL_QUALITY'];
const other = [
  ...['REQUEST', 'START_TREATMENT', 'CENTRE_ASSIGNMENT', 'ENROLMENT'],
  ...['ASI', 'SERVICE', 'DISCHARGE', 'END_TREATMENT'],
];
const kinds = [...other, ...health];

interface Rule {
  readonly reads: readonly string[];
  readonly reports: readonly string[];
  /** Whether it can be lent, and whether it is one that works for somebody else only. */
  readonly lent: boolean;
  readonly delegated?: boolean;
  readonly searches: boolean;
  /** Whether forms can be asked for at all. */
  readonly asks: boolean;
}
const rules: Record<string, Rule> = {
  SMDB_REPORTER: { reads: other, reports: other, lent: true, searches: true, asks: true },
  SMDB_HEALTH: { reads: health, reports: health, lent: true, searches: true, asks: true },
  SMDB_LEADER: { reads: kinds, reports: [], lent: true, searches: true, asks: true },
  SMDB_DELEGATED_REPORTER: { reads: other, reports: other, lent: true, delegated: true, searches: false, asks: true },
  SMDB_DELEGATED_HEALTH: { reads: health, reports: health, lent: true, delegated: true, searches: false, asks: true },
  SMDB_ADMINISTRATOR: { reads: [], reports: [], lent: false, searches: false, asks: true },
  CASEWORKER: { reads: [], reports: [], lent: false, searches: true, asks: false },
};

const states = [
  ...['none', 'requested', 'refused', 'given', 'added', 'marked', 'withdrawn'],
  ...['other employee', 'other right'],
] as const;
type State = (typeof states)[number];

/** Works for the municipality, or for a centre that is a company of its own. */
type Place = 'drug-treatment' | 'centre';

function expected(right: string, place: Place, state: State) {
  const rule = rules[right]!;
  const underPower = rule.lent && state === 'marked';
  const atHome = place === 'drug-treatment';
  // What can be lent opens the register to its own staff, but for the delegated rights, and to others under a power only.
  const works = underPower || !rule.lent || (atHome && !rule.delegated);
  return {
    underPower,
    asks: works && rule.asks,
    reads: works ? rule.reads : [],
    mayReport: works && rule.reports.length > 0,
    reports: works ? rule.reports : [],
    searches: works && rule.searches,
    onlyOwn: rule.delegated === true,
  };
}

// ── the system ──

let world: World;
let sides: Record<Place, Sides>;
/** Citizens in no treatment, for one report each; and one who is in treatment. */
let untreated: string[];
let treated: string;

beforeAll(async () => {
  world = await openWorld({ shielded: true });
  const { municipality, centre }: Record<'municipality' | 'centre', Administrators> = await administratorsOf(world);
  sides = {
    centre: { giver: 'municipality', receiver: 'centre', gives: municipality, receives: centre },
    'drug-treatment': { giver: 'centre', receiver: 'drug-treatment', gives: centre, receives: municipality },
  };
  untreated = (
    await world.database.sql<{ id: string }>(
      'SELECT id FROM identity.citizen WHERE id NOT IN (SELECT citizen FROM smdb.course) ORDER BY id LIMIT 200',
    )
  ).map(({ id }) => id);
  const [found] = await world.database.sql<{ citizen: string }>(
    `SELECT citizen FROM smdb.course WHERE id IN (SELECT course FROM smdb.open_course)
       AND id IN (SELECT course FROM smdb.form WHERE kind = 'START_TREATMENT' AND happened_on < '2026-09-01') ORDER BY id LIMIT 1`,
  );
  treated = found!.citizen;
});
afterAll(() => world.close());

const day = '2026-10-05';
const answersOf: Record<string, object> = {
  REQUEST: { requestedOn: day },
  START_TREATMENT: { startedOn: day },
  CENTRE_ASSIGNMENT: { assignedOn: day, centre: '1000000009' },
  ENROLMENT: { enrolledOn: day, diagnosis: 'F11.2' },
  ASI: { interviewedOn: day, drugs: 5 },
  SERVICE: { startedOn: day, service: 'COUNSELLING' },
  DISCHARGE: { dischargedOn: day, reason: 'COMPLETED' },
  END_TREATMENT: { endedOn: day, outcome: 'DRUG_FREE' },
  HEPATITIS_C: { testedOn: day, result: 'NEGATIVE' },
  MEDICAL_QUALITY: { assessedOn: day, medicalTreatmentStartedOn: day, medicine: 'METHADONE' },
};
const reportEach = `mutation ReportEach(${kinds.map((kind) => `$${kind}: ReportFormInput!`).join(', ')}) {
  ${kinds.map((kind) => `${kind}: reportForm(input: $${kind}) { kind reportedBy { id } onBehalfOf { id } }`).join('\n')}
}`;
const readEach = `query ReadEach {
  ${kinds.map((kind) => `${kind}: smdbForms(first: 0, filter: { kinds: [${kind}] }) { totalCount }`).join('\n')}
}`;
const overdue = 'query Overdue { smdbForms(first: 0, filter: { overdue: true }) { totalCount } }';
const search = 'query Search { citizens(filter: { cpr: "0201609995" }, first: 0) { totalCount } }';
const forbiddenField = (path: string): Told['faults'][number] => ({
  path,
  code: 'FORBIDDEN_FIELD',
  message: faults.FORBIDDEN_FIELD.message,
});
const forbidden = (path: string): Told['faults'][number] => ({
  path,
  code: 'FORBIDDEN',
  message: faults.FORBIDDEN.message,
});
const byPath = (told: readonly { path: string }[]) => [...told].sort((one, two) => (one.path < two.path ? -1 : 1));

/** The power in this state, if there is one, for an employee who holds the right. */
async function prepared(right: string, place: Place, state: State, employee: string): Promise<string | null> {
  const lent = rules[right]!.lent ? right : 'SMDB_REPORTER';
  if (state === 'none') return null;
  if (state === 'other employee')
    return powerIn('marked', sides[place], [lent], await hire(world.database, place, [right]));
  if (state === 'other right')
    return powerIn('marked', sides[place], [lent === 'SMDB_LEADER' ? 'SMDB_HEALTH' : 'SMDB_LEADER'], employee);
  return powerIn(state satisfies PowerState, sides[place], [lent], employee);
}

async function reports(
  who: Somebody,
  right: string,
  rule: ReturnType<typeof expected>,
  giver: string,
  citizen: string,
) {
  const onBehalfOf = rule.underPower || rules[right]!.delegated ? { onBehalfOf: giver } : {};
  const variables = Object.fromEntries(
    kinds.map((kind) => [
      kind,
      { kind, citizen: health.includes(kind) ? treated : citizen, answers: answersOf[kind], ...onBehalfOf },
    ]),
  );
  const told = await who.ask(reportEach, variables);
  const refusal = rule.mayReport ? forbidden : forbiddenField;
  const refused = kinds.filter((kind) => !rule.reports.includes(kind)).map(refusal);
  expect(byPath(told.faults)).toEqual(byPath(refused));
  for (const kind of kinds)
    expect([kind, told.data?.[kind] ?? null]).toEqual([
      kind,
      rule.reports.includes(kind)
        ? { kind, reportedBy: { id: who.id }, onBehalfOf: rule.underPower ? { id: giver } : null }
        : null,
    ]);
  const [kind] = rule.reports.length > 0 ? rule.reports : ['REQUEST'];
  const elsewhere = { ...variables[kind!], onBehalfOf: organisationId('vendor') };
  const forAnother = await who.ask(
    'mutation ForAnother($input: ReportFormInput!) { reportForm(input: $input) { id } }',
    { input: elsewhere },
  );
  expect(forAnother.faults).toEqual([refusal('reportForm')]);
}

async function reads(who: Somebody, rule: ReturnType<typeof expected>) {
  const told = await who.ask(readEach);
  expect(byPath(told.faults)).toEqual(rule.asks ? [] : byPath(kinds.map(forbiddenField)));
  const stored = async (lateOnly: boolean) =>
    new Map(
      (
        await world.database.sql<{ kind: string; n: number }>(
          `SELECT kind, count(*)::int AS n FROM smdb.form WHERE kind = ANY ($1) AND ($2::uuid IS NULL OR reported_by = $2)
             AND (NOT $3 OR (reported_at AT TIME ZONE 'Europe/Copenhagen')::date > due) GROUP BY kind`,
          [rule.reads, rule.onlyOwn ? who.id : null, lateOnly],
        )
      ).map(({ kind, n }) => [kind, n]),
    );
  const all = await stored(false);
  for (const kind of kinds)
    expect([kind, told.data?.[kind] ?? null]).toEqual([kind, rule.asks ? { totalCount: all.get(kind) ?? 0 } : null]);
  const late = [...(await stored(true)).values()].reduce((sum, n) => sum + n, 0);
  expect(await who.ask(overdue)).toEqual(
    rule.asks
      ? { data: { smdbForms: { totalCount: late } }, faults: [] }
      : { data: { smdbForms: null }, faults: [forbiddenField('smdbForms')] },
  );
}

describe.each(['drug-treatment', 'centre'] as const)('whoever works at %s', (place) => {
  it.each(Object.keys(rules))(
    'as %s may do what the model says, in every state of the power',
    async (right) => {
      const giver = organisationId(sides[place].giver);
      for (const state of states) {
        const rule = expected(right, place, state);
        const employee = await hire(world.database, place, [right]);
        const power = await prepared(right, place, state, employee);
        const who = await signIn(world, employee, right);
        if (power !== null) {
          const acted = await who.ask(steps.actFor, { power });
          expect([state, acted]).toEqual([
            state,
            rule.underPower
              ? {
                  data: {
                    actFor: { actingFor: { id: giver }, powerOfAttorney: { id: power }, actingIn: { code: right } },
                  },
                  faults: [],
                }
              : { data: { actFor: null }, faults: [forbidden('actFor')] },
          ]);
        }
        await reports(who, right, rule, giver, untreated.pop()!);
        await reads(who, rule);
        const found = await who.ask(search);
        expect([state, found]).toEqual([
          state,
          rule.searches
            ? { data: { citizens: { totalCount: 1 } }, faults: [] }
            : { data: { citizens: null }, faults: [forbiddenField('citizens')] },
        ]);
      }
    },
    60_000,
  );
});
