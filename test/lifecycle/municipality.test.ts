/**
 * A municipality of 20,000 citizens and 500 employees from nothing, through what people can do alone: files, commands, sign-in and
 * mutations. Then a case system enters shielded cases, and nobody who is not cleared can tell. No row is written by SQL.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { claimsFor, newKey, present, signed } from '../support/client.js';
import { Installation, publicUrl } from '../support/installation.js';
import { until } from '../support/processes.js';
import { citizensCsv, cprOf, employeesCsv, employeeUuid, organisationsCsv, unitsCsv } from '../support/register.js';

let here: Installation;
beforeAll(async () => {
  here = await Installation.open();
});
afterAll(() => here?.close());

const key = newKey('ES256', 'case-system-2026');
const client = randomUUID();
const clientsCsv = `id,name,cvr,scopes,jwks\n${client},Sagssystemet,33333333,citizen:read case:read case:write,"${JSON.stringify(
  { keys: [key.jwk] },
).replaceAll('"', '""')}"\n`;

/** Numbers of the employees, each with the right that an administrator gives them. Unit `n % 10` is managed by employee `n % 10`. */
const people = {
  administrator: 11,
  otherAdministrator: 12,
  manager: 2,
  officer: 40,
  guide: 32,
  caseworker: 42,
  secretary: 52,
  colleague: 62,
} as const;
type Person = keyof typeof people;
const rights: Partial<Record<Person, string>> = {
  manager: 'MANAGER',
  officer: 'SECURITY_OFFICER',
  guide: 'CITIZEN_SERVICE',
  caseworker: 'CASEWORKER',
  secretary: 'CASEWORKER',
  colleague: 'CASEWORKER',
};

const ids = new Map<Person, string>();
const signIn = async (person: Person): Promise<string> => (await here.employeeAt(people[person]))!;

/** As somebody who has just signed in. Throws with what the gateway said unless all went well. */
async function as(person: Person, query: string, variables: object = {}): Promise<any> {
  const answer = await here.ask(await signIn(person), query, variables);
  if (answer.errors) throw new Error(`${person}: ${JSON.stringify(answer.errors)}`);
  return answer.data;
}

describe('a municipality of 20,000 citizens', () => {
  it('is migrated and filled from files, and has an administrator', async () => {
    expect((await here.command('migrate')).code).toBe(0);
    const filled = await here.import({
      'organisations.csv': organisationsCsv,
      'units.csv': unitsCsv,
      'employees.csv': employeesCsv(500),
      'citizens.csv': citizensCsv(0, 20_000),
      'clients.csv': clientsCsv,
    });
    expect(filled.said).toContain('citizens: 20000 rows, 20000 added, 0 changed, 0 left\nclients: 1 rows, 1 added');
    const uuid = employeeUuid(people.administrator);
    const appointed = await here.command(
      ...['appoint', '--cvr', '11111111', '--uuid', uuid, '--right', 'ADMINISTRATOR'],
    );
    expect(appointed).toEqual({ code: 0, said: 'ADMINISTRATOR was given.\n' });
    await here.start();
  }, 120_000);

  it('the administrator finds people by name and gives them their rights', async () => {
    const find =
      'query ($name: String!) { employees(filter: { nameContains: $name }, first: 20) { nodes { id name } } }';
    for (const person of Object.keys(people) as Person[]) {
      const name = `Medarbejder ${people[person]}`;
      const { employees } = await as('administrator', find, { name });
      ids.set(person, employees.nodes.find((found: any) => found.name === name).id);
    }
    const assign =
      'mutation Assign($employee: ID!, $right: RightCode!) { assignRight(employee: $employee, right: $right) { rights { code source } } }';
    const given = Object.entries({ ...rights, otherAdministrator: 'ADMINISTRATOR' }) as [Person, string][];
    for (const [person, right] of given) {
      const { assignRight } = await as('administrator', assign, { employee: ids.get(person), right });
      expect(assignRight.rights).toEqual([{ code: right, source: 'LOCAL' }]);
    }
  });

  it('a colleague requests grants, the manager decides, and that of a guide waits for the course', async () => {
    const request = 'mutation Request($input: RequestGrantInput!) { requestGrant(input: $input) { id status } }';
    const decide =
      'mutation Decide($grant: ID!) { decideGrant(grant: $grant, decision: GIVE, reason: "Needed every day") { status } }';
    const grant = async (person: Person, category: string, level: string) => {
      const input = {
        ...{ holder: ids.get(person), compartment: `0999.MUNICIPALITY.${category}`, level, operations: ['SEARCH'] },
        reason: 'Works with these cases from now on',
      };
      const { requestGrant } = await as('colleague', request, { input });
      expect(requestGrant.status).toBe('REQUESTED');
      return (await as('manager', decide, { grant: requestGrant.id })).decideGrant.status;
    };
    expect(await grant('secretary', 'PLACEMENT', 'METADATA')).toBe('IN_FORCE');
    expect(await grant('caseworker', 'HOUSING_BENEFIT', 'METADATA')).toBe('IN_FORCE');
    expect(await grant('guide', 'HOUSING_BENEFIT', 'EXISTENCE')).toBe('WAITING_FOR_COURSE');
    const own = '{ viewer { clearance { compartment { id } } } }';
    expect((await as('guide', own)).viewer.clearance).toEqual([]);
    const record = 'mutation Record($input: RecordCourseInput!) { recordCourse(input: $input) { kind evidence } }';
    const passedOn = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
    const input = { employee: ids.get('guide'), kind: 'DATA_SECURITY', passedOn, evidence: 'Certificate 17' };
    await as('manager', record, { input });
    expect((await as('guide', own)).viewer.clearance).toEqual([
      { compartment: { id: '0999.MUNICIPALITY.HOUSING_BENEFIT' } },
    ]);
  });

  it('two administrators give the case system its grants; it draws a token with its key', async () => {
    const request =
      'mutation Request($input: RequestSystemClientGrantInput!) { requestSystemClientGrant(input: $input) { id status } }';
    const decide =
      'mutation Decide($grant: ID!) { decideSystemClientGrant(grant: $grant, decision: GIVE, reason: "Agreed with the vendor") { status } }';
    for (const category of ['HOUSING_BENEFIT', 'PLACEMENT']) {
      const input = {
        ...{ client, compartment: `0999.MUNICIPALITY.${category}`, level: 'METADATA', operations: ['SEARCH', 'ENTER'] },
        reason: 'Pushes these cases every night',
      };
      const { requestSystemClientGrant } = await as('administrator', request, { input });
      const { decideSystemClientGrant } = await as('otherAdministrator', decide, {
        grant: requestSystemClientGrant.id,
      });
      expect(decideSystemClientGrant).toEqual({ status: 'IN_FORCE' });
    }
    const me = '{ viewer { person { ... on SystemClient { name } } clearance { compartment { id } } } }';
    expect(await system(me)).toEqual({
      viewer: {
        person: { name: 'Sagssystemet' },
        clearance: ['HOUSING_BENEFIT', 'PLACEMENT'].map((category) => ({
          compartment: { id: `0999.MUNICIPALITY.${category}` },
        })),
      },
    });
  });

  it('a case system enters ordinary cases, which those see whose task it is', async () => {
    for (const n of citizens)
      await enter(n, { category: 'HOUSING_BENEFIT', kle: '32.03.12', title: `Boligstøtte ${n}` });
    const { citizen } = await as('guide', lookUp, { cpr: cprOf(citizens[0]!) });
    expect(citizen.cases).toEqual({ totalCount: 1, nodes: [{ category: 'HOUSING_BENEFIT', title: null }] });
  });

  it('then it enters shielded cases, and nobody who is not cleared is answered anything else than before', async () => {
    const before = await answersOfAll();
    for (const n of citizens)
      numbers.push(await enter(n, { category: 'PLACEMENT', kle: '34.25.00', title: `Anbringelse ${n}` }));
    const after = await answersOfAll();
    expect(after).toEqual(before);
    // The same questions do tell the one who is cleared, so they ask what could have told.
    const told = await answersOf('secretary');
    expect(told.filter((answer) => answer.includes('"category":"PLACEMENT"')).length).toBeGreaterThan(5);
    expect(told.filter((answer) => answer.includes(numbers[0]!)).length).toBeGreaterThan(0);
    expect(before.flat().join()).not.toMatch(/"category":"PLACEMENT"|Anbringelse/);
    // And each of them had something to answer.
    for (const [person, answers] of uncleared.map((person, at) => [person, before[at]!] as const))
      expect([person, answers.some((answer) => answer.startsWith('200 {"data":{"'))]).toEqual([person, true]);
  }, 120_000);

  it('whoever leaves is out, and so is a withdrawn grant, at once', async () => {
    const [secretary, manager] = [await signIn('secretary'), await signIn('manager')];
    const status = async (token: string) => (await here.sluse.ask(token, '{ viewer { rights { code } } }')).status;
    expect([await status(secretary), await status(manager)]).toEqual([200, 200]);
    const left = await here.import({ 'employees.csv': employeesCsv(500, [people.secretary]) }, '--full');
    expect(left.said).toBe('employees: 499 rows, 0 added, 0 changed, 1 left\n');
    await until('the secretary is out', async () => (await status(secretary)) === 401, 1_000);
    expect([await status(manager), await here.employeeAt(people.secretary)]).toEqual([200, null]);
    const { grants } = await as(
      'manager',
      '{ grants(first: 50) { nodes { id compartment { id } holder { name } status } } }',
    );
    const ofSecretary = grants.nodes.find(({ holder }: any) => holder.name === `Medarbejder ${people.secretary}`);
    expect(ofSecretary.status).toBe('WITHDRAWN');
    const ofCaseworker = grants.nodes.find(({ holder }: any) => holder.name === `Medarbejder ${people.caseworker}`);
    const withdraw =
      'mutation ($grant: ID!) { withdrawGrant(grant: $grant, reason: "Works elsewhere now") { status } }';
    await as('manager', withdraw, { grant: ofCaseworker.id });
    const { citizen } = await as('caseworker', lookUp, { cpr: cprOf(citizens[0]!) });
    expect(citizen.cases.totalCount).toBe(0);
  });

  it('has a log of it all that verifies', async () => {
    const verified = async () => (await here.command('verify-log', '--key', await here.logKey())).code === 0;
    await until('the log is signed', verified, 20_000);
  });
});

/** The citizens whom the cases are about. */
const citizens = [5, 6, 7];
const numbers: string[] = [];
const lookUp = `query LookUp($cpr: CPR!) {
  citizen(cpr: $cpr) { id name cases(first: 10) { totalCount nodes { category title } } } }`;

/** As the case system. Throws unless all went well. */
async function system(query: string, variables: object = {}): Promise<any> {
  const claims = claimsFor({ url: publicUrl }, new Date(), client);
  const assertion = signed(key.privateKey, key.alg, { alg: key.alg, kid: key.kid, typ: 'JWT' }, claims);
  const { body } = await present(here.sluse, assertion);
  if (!body.access_token) throw new Error(JSON.stringify(body));
  const answer = await here.ask(body.access_token, query, variables);
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  return answer.data;
}

/** Enters a case about citizen number `n`; resolves to its number. */
async function enter(n: number, asked: object): Promise<string> {
  const { citizen } = await system('query ($cpr: CPR!) { citizen(cpr: $cpr) { id } }', { cpr: cprOf(n) });
  const input = { ...asked, parties: [{ citizen: citizen.id, role: 'PRIMARY' }] };
  const { enterCase } = await system(
    'mutation Enter($input: EnterCaseInput!) { enterCase(input: $input) { number } }',
    {
      input,
    },
  );
  return enterCase.number;
}

// ── what everybody asks, before and after ──

/** Who is not cleared for placements; `citizen` is the one whom the first case is about. */
const uncleared = ['administrator', 'manager', 'officer', 'guide', 'caseworker', 'colleague', 'citizen'] as const;

/** Nothing of the log, which tells that it was asked itself, and nothing of the time of day. */
const questions: readonly (readonly [query: string, variables?: object])[] = [
  ...citizens.map((n) => [lookUp, { cpr: cprOf(n) }] as const),
  [
    `query ($cpr: CPR!) { citizen(cpr: $cpr) { cases(first: 50) { totalCount nodes { id number kle category progress openedOn
       compartment { id } primaryParty { name } parties { citizen { name } role } handler { name } documents(first: 5) { totalCount } } } } }`,
    { cpr: cprOf(citizens[1]!) },
  ],
  ['{ cases(first: 50) { totalCount nodes { id number category title } pageInfo { hasNextPage endCursor } } }'],
  ['{ cases(filter: { categories: [PLACEMENT] }, first: 50) { totalCount nodes { id category number } } }'],
  ['{ cases(filter: { kle: "34.*" }, first: 50) { totalCount nodes { id category number } } }'],
  ['{ cases(filter: { titleContains: "Anbringelse" }, first: 50) { totalCount nodes { category number } } }'],
  [
    '{ cases(filter: { compartment: "0999.MUNICIPALITY.PLACEMENT" }, first: 5) { totalCount nodes { category number } } }',
  ],
  ['{ caseByNumber(number: "34.25.00-G01-1-26") { category number } }'],
  ['{ compartments { id } }'],
  ['{ viewer { clearance { compartment { id } level operations } rights { code } } }'],
  [
    '{ viewer { person { ... on Citizen { name cases(first: 50) { totalCount nodes { id category title number } } } } } }',
  ],
  ['{ grants(first: 50) { totalCount nodes { id status holder { name } compartment { id } } } }'],
  ['{ employees(filter: { nameContains: "Medarbejder 5" }, first: 50) { totalCount nodes { name rights { code } } } }'],
  ['{ systemClients { name scopes } }'],
  ['{ systemClientGrants(first: 50) { totalCount nodes { id status level } } }'],
  ['query ($cpr: CPR!) { citizen(cpr: $cpr) { treatmentCourses { id case { id } } } }', { cpr: cprOf(citizens[2]!) }],
];

async function answersOf(person: (typeof uncleared)[number] | 'secretary'): Promise<string[]> {
  const token = person === 'citizen' ? (await here.citizenAt(citizens[0]!))! : await signIn(person);
  const answers: string[] = [];
  for (const [query, variables] of questions) {
    const response = await here.sluse.ask(token, query, variables);
    answers.push(`${response.status} ${await response.text()}`);
  }
  return answers;
}

const answersOfAll = async (): Promise<string[][]> => {
  const all: string[][] = [];
  for (const person of uncleared) all.push(await answersOf(person));
  return all;
};
