/**
 * What an explanation says is what the employee is really answered: the same people sign in, in the same right, and ask. Named people
 * of the demo, unnamed ones of every unit, and some with grants, rights and limits of all kinds.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { buildSchema, type GraphQLObjectType, getNamedType, isLeafType, isRequiredArgument } from 'graphql';
import { employeeId, organisationId } from '../../subgraphs/demo/people.js';
import { numberFor } from '../../subgraphs/demo/random.js';
import { standingCompartments } from '../../subgraphs/protocol/compartments.js';
import { hire, type Somebody, signIn, signInAs, steps } from '../support/powers.js';
import { openWorld, type World } from '../support/world.js';

const compartments = standingCompartments('0999');
const rights = ['CASEWORKER', 'CITIZEN_SERVICE', 'MANAGER', 'SECURITY_OFFICER', 'SMDB_REPORTER', 'SMDB_ADMINISTRATOR'];
const units = ['family', 'citizen-service', 'board-secretariat', 'rent-board'];

let world: World;
/** A case of each compartment. */
let examples: Map<string, string>;
let officer: Somebody;
let director: Somebody;
beforeAll(async () => {
  world = await openWorld({ shielded: true });
  const found = await world.database.sql<{ compartment: string; id: string }>(
    `SELECT DISTINCT ON (compartment) compartment, id FROM
       (SELECT compartment, id FROM cases.shielded_case UNION ALL SELECT compartment, id FROM cases.ordinary_case) every
     ORDER BY compartment, id`,
  );
  examples = new Map(found.map(({ compartment, id }) => [compartment, id]));
  officer = await signInAs(world, 'security-officer');
  director = await signInAs(world, 'director');
});
afterAll(() => world.close());

const standing = 'right powerOfAttorney { id } outcome level operations';
const explainRows = `query Rows($employee: ID!) {
  ${compartments.map(({ id }, n) => `r${n}: explainAccess(employee: $employee, compartment: "${id}") { ${standing} }`).join('\n')} }`;
const explainTitles = `query Titles($employee: ID!) {
  ${compartments.map(({ id }, n) => `r${n}: explainAccess(employee: $employee, compartment: "${id}", coordinate: "Case.title") { ${standing} }`).join('\n')} }`;

interface Said {
  readonly right: string | null;
  readonly powerOfAttorney: { readonly id: string } | null;
  readonly outcome: string;
  readonly level: string | null;
  readonly operations: readonly string[];
}

/** By way to act, and for each question in its order, what is said. */
async function said(who: Somebody, query: string, employee: string): Promise<Said[][]> {
  const { data, faults } = await who.ask(query, { employee });
  if (faults.length > 0) throw new Error(JSON.stringify(faults));
  return Object.values(data as Record<string, Said[]>);
}

/** A session of the employee that acts like that. */
async function acting(employee: string, { right, powerOfAttorney }: Said): Promise<Somebody> {
  const who = await signIn(world, employee, right ?? undefined);
  await who.ask(steps.actFor, { power: powerOfAttorney?.id ?? null });
  return who;
}

async function shownCases(who: Somebody) {
  const fields = compartments.map(({ id }, n) => `r${n}: case(id: "${examples.get(id)}") { clearance title }`);
  const { data } = await who.ask(`{ ${fields.join('\n')} }`);
  return compartments.map((_, n) => data?.[`r${n}`] as { clearance: string; title: string | null } | null);
}

/** Holds what everybody is told against what the employee is answered. Answers with how often each outcome was said. */
async function compared(employee: string, askers: readonly Somebody[]): Promise<string[]> {
  const outcomes: string[] = [];
  const answered = new Map<string, Awaited<ReturnType<typeof shownCases>>>();
  for (const asker of askers) {
    const rows = await said(asker, explainRows, employee);
    const titles = await said(asker, explainTitles, employee);
    for (const [way, first] of rows[0]!.entries()) {
      if (first.right === null) continue;
      const session = `${first.right} ${first.powerOfAttorney?.id}`;
      const shown = answered.get(session) ?? (await shownCases(await acting(employee, first)));
      answered.set(session, shown);
      for (const [n, { id }] of compartments.entries()) {
        const [row, title] = [rows[n]![way]!, titles[n]![way]!];
        outcomes.push(row.outcome, title.outcome);
        const found = shown[n] ?? null;
        const really = {
          case: found ? 'ALLOWED' : 'DENIED',
          title: (found?.title ?? null) === null ? 'DENIED' : 'ALLOWED',
        };
        const about = [employee, first.right, first.powerOfAttorney?.id, id];
        expect([about, row.outcome, title.outcome]).toEqual([about, really.case, really.title]);
        expect([about, row.level]).toEqual([about, found?.clearance ?? null]);
      }
    }
  }
  return outcomes;
}

it('of compartments, for people of the demo who are named, and for others of every unit', async () => {
  const people = await world.database.sql<{ id: string }>(
    `SELECT id FROM (SELECT e.id, row_number() OVER (PARTITION BY e.organisation ORDER BY e.id) AS nth
       FROM identity.employee e JOIN identity.organisation o ON o.id = e.organisation
      WHERE o.part_of = '0999' AND e.left_at IS NULL) one WHERE nth <= 1 ORDER BY id`,
  );
  const named = [
    ...['guidance-worker', 'housing-caseworker', 'placement-secretary', 'board-secretary', 'fraud-investigator'],
    ...['smdb-reporter', 'smdb-leader', 'manager', 'security-officer', 'cleared-security-officer', 'administrator'],
  ].map(employeeId);
  const outcomes: string[] = [];
  for (const id of new Set([...named, ...people.map((one) => one.id)]))
    outcomes.push(...(await compared(id, [director, officer])));
  for (const outcome of ['ALLOWED', 'DENIED'])
    expect([outcome, outcomes.filter((one) => one === outcome).length > 100]).toEqual([outcome, true]);
}, 300_000);

/** Grants in all states, at all levels, for all operations, into compartments of all kinds, and rights that NemLog-in limits. */
async function somebody(nth: number): Promise<string> {
  const pick = <Item>(purpose: string, items: readonly Item[]): Item =>
    items[numberFor(`explain/${nth}/${purpose}`, items.length)]!;
  const unit = pick('unit', units);
  const id = await hire(world.database, unit, [...new Set([pick('first', rights), pick('second', rights)])]);
  if (pick('limited', [true, false, false]))
    await world.database.sql('UPDATE identity.right_assignment SET constraints = $2 WHERE employee = $1', [
      id,
      JSON.stringify([[{ name: 'http://sts.kombit.dk/constraints/KLE/1', values: ['32.*'] }]]),
    ]);
  if (pick('course', [true, false]))
    await world.database.sql(
      `INSERT INTO identity.course_record (municipality, id, employee, kind, passed_on, expires_on, evidence, recorded_by, recorded_at)
       VALUES ('0999', $1, $2, 'DATA_SECURITY', '2024-01-01', $3, 'Kursusbevis', $4, now())`,
      [randomUUID(), id, pick('expiry', ['2025-01-01', '2028-01-01']), employeeId('manager')],
    );
  for (let grant = 0; grant < 6; grant += 1) {
    const of = (name: string) => `${grant}/${name}`;
    const [from, to] = pick(of('validity'), [
      ...[['2026-01-01Z', null] as const, ['2026-01-01Z', '2028-01-01Z'] as const],
      ...[['2027-01-01Z', null] as const, ['2026-01-01Z', '2026-09-01Z'] as const],
    ]);
    const { id: compartment, shielded } = pick(
      of('compartment'),
      pick(of('kind'), [compartments, compartments.slice(0, 3)]),
    );
    await world.database.sql(
      `INSERT INTO identity.clearance_grant (municipality, id, holder, unit, compartment, level, operations, shielded, reason, status,
         requested_by, valid_from, confirm_by, valid_to, requested_at)
       VALUES ('0999', $1, $2, $3, $4, $5, $6, $7, 'A reason', $8, $9, $10, $11, $12, '2026-01-01Z')`,
      [
        ...[randomUUID(), id, organisationId(unit), compartment],
        pick(of('level'), ['EXISTENCE', 'METADATA', 'DOCUMENTS']),
        pick(of('operations'), [['SEARCH'], ['SEARCH', 'ENTER'], ['ENTER'], ['SEARCH', 'ENTER', 'DELETE']]),
        shielded,
        pick(of('status'), [
          'IN_FORCE',
          'IN_FORCE',
          'IN_FORCE',
          'IN_FORCE',
          'WAITING_FOR_COURSE',
          'REQUESTED',
          'WITHDRAWN',
        ]),
        employeeId('administrator'),
        from,
        pick(of('confirm'), ['2027-01-01Z', '2027-01-01Z', '2026-10-01Z']),
        to,
      ],
    );
  }
  return id;
}

it('of compartments, for people with grants, rights and limits of all kinds, also to themselves', async () => {
  const outcomes: string[] = [];
  for (let nth = 0; nth < 14; nth += 1) {
    const id = await somebody(nth);
    outcomes.push(...(await compared(id, [director, officer, await signIn(world, id)])));
  }
  expect(outcomes.filter((one) => one === 'ALLOWED').length).toBeGreaterThan(20);
}, 300_000);

it('of operations: what is said to be allowed is made, and nothing else', async () => {
  const told = { ENTER: 0, none: 0 };
  for (const key of ['housing-caseworker', 'placement-secretary', 'manager', 'guidance-worker', 'smdb-reporter']) {
    const employee = employeeId(key);
    const rows = await said(director, explainRows, employee);
    for (const [n, { id }] of compartments.entries())
      for (const row of rows[n]!.filter(({ powerOfAttorney }) => powerOfAttorney === null)) {
        const who = await acting(employee, row);
        const change = `mutation { changeCase(id: "${examples.get(id)}", input: { sensitivity: FORTROLIGE_PERSONOPLYSNINGER }) { id } }`;
        const isMade = (await who.ask(change)).faults.length === 0;
        const isSaid = row.operations.includes('SEARCH') && row.operations.includes('ENTER');
        told[isSaid ? 'ENTER' : 'none'] += 1;
        expect([key, row.right, id, isMade]).toEqual([key, row.right, id, isSaid]);
      }
  }
  expect(Math.min(told.ENTER, told.none)).toBeGreaterThan(2);
}, 120_000);

it('of fields: what is denied is refused, for every right and every query', async () => {
  const api = buildSchema(readFileSync('schema/api.graphql', 'utf8'), { assumeValidSDL: true });
  const fields = Object.values((api.getType('Query') as GraphQLObjectType).getFields()).filter(
    (field) => !field.args.some(isRequiredArgument) && !isLeafType(getNamedType(field.type)),
  );
  expect(fields.length).toBeGreaterThan(10);
  const asked = `query Fields($employee: ID!) {
    ${fields.map(({ name }, n) => `r${n}: explainAccess(employee: $employee, coordinate: "Query.${name}") { ${standing} }`).join('\n')} }`;
  const employee = await hire(world.database, 'municipality', [
    ...rights,
    'ADMINISTRATOR',
    'SMDB_LEADER',
    'SMDB_HEALTH',
  ]);
  const rows = await said(officer, asked, employee);
  for (const [way, { right }] of rows[0]!.entries()) {
    const who = await signIn(world, employee, right!);
    for (const [n, { name }] of fields.entries()) {
      const { faults } = await who.ask(`{ ${name} { __typename } }`);
      const isRefused = faults.some(({ code }) => code === 'FORBIDDEN_FIELD');
      expect([right, name, rows[n]![way]!.outcome]).toEqual([right, name, isRefused ? 'DENIED' : 'ALLOWED']);
    }
  }
  expect(rows[0]!.length).toBe(9);
}, 120_000);
