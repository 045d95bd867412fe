/**
 * A municipality of 20,000 citizens and 500 employees from nothing, through what people can do alone: files, commands, sign-in and
 * mutations. Then a case system enters shielded cases, and nobody who is not cleared can tell. No row is written by SQL.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newKey, signed } from '../support/client.js';
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
});
