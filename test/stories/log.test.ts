/** The log: every answer about somebody is in it, with whom it named; so is every search and every refusal. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { graphql } from '../../schema/generated/index.js';
import { idFor } from '../../subgraphs/demo/random.js';
import { faults } from '../../subgraphs/protocol/faults.js';
import { answer, ask } from '../support/typed.js';
import { openWorld, type World } from '../support/world.js';

const entriesOf = graphql(`
  query EntriesOfOperation($filter: AuditEntryFilter!) {
    auditEntries(filter: $filter, first: 5) {
      totalCount
      nodes {
        id at use outcome right fields faults purpose workstation transactionId criterion
        actor { __typename ... on Employee { id } ... on SystemClient { name } ... on Citizen { id } }
        subject { ... on Employee { id } }
        organisation { name }
        operation { name hash text }
        citizens { id }
        cases { id }
      }
    }
  }
`);
const rejected = graphql(`
  query Rejected {
    rejectedAttempts(first: 3) {
      totalCount
      nodes { id at use outcome faults workstation transactionId actor { __typename ... on Employee { id } } operation { name text } }
    }
  }
`);
const family = graphql(`
  query FamilyAndCases($cpr: CPR!) {
    citizen(cpr: $cpr) {
      id name
      relatives { kind citizen { id name } }
      cases { nodes { id title parties { role citizen { id } } } }
    }
  }
`);
const noIds = graphql(`query NamesOnly($cpr: CPR!) { citizen(cpr: $cpr) { name relatives { citizen { name } } } }`);
const searchNothing = graphql(`
  query SearchNobody($filter: CitizenFilter) { citizens(filter: $filter) { totalCount nodes { name } } }
`);
const missing = graphql(`query MissingCitizen($cpr: CPR!) { citizen(cpr: $cpr) { name } }`);
const missingCase = graphql(`query MissingCase($id: ID!) { case(id: $id) { title } }`);
const partly = graphql(`query PartlyDenied { employees(first: 1) { totalCount } auditEntries { totalCount } }`);
const wholly = graphql(`query WhollyDenied($cpr: CPR!) { citizen(cpr: $cpr) { name } }`);
const nobody = graphql(`query AboutNobody { __typename }`);
const sealed = graphql(`query SecretaryAtWork($cpr: CPR!) { citizen(cpr: $cpr) { cases { nodes { id title } } } }`);
const malformed = graphql(`query MalformedOrder($after: String) { cases(after: $after) { totalCount } }`);

const cpr = '0201609996';
const unknownCpr = '7001019999';

let world: World;
beforeAll(async () => {
  world = await openWorld({ shielded: true });
});
afterAll(() => world.close());

const entries = async (operation: string, reader = 'security-officer') =>
  (await ask(world, reader, entriesOf, { filter: { operation } })).auditEntries!;
const newest = async (operation: string) => {
  const { nodes, totalCount } = await entries(operation);
  expect(totalCount).toBeGreaterThan(0);
  return nodes[0]!;
};
const ids = (items: readonly { id: string }[]) => items.map(({ id }) => id).sort();

describe('an answer', () => {
  it('about somebody is logged with every citizen and case in it, what for, and in which transaction', async () => {
    const transaction = randomUUID();
    const { citizen } = await ask(
      world,
      'housing-caseworker',
      family,
      { cpr },
      { 'x-purpose': '32.03.12-G01-5-19', 'x-TransaktionsId': transaction },
    );
    const cases = citizen!.cases.nodes;
    const named = [
      citizen!.id,
      ...citizen!.relatives.flatMap((relative) => (relative.citizen ? [relative.citizen.id] : [])),
      ...cases.flatMap(({ parties }) => parties.flatMap((party) => (party.citizen ? [party.citizen.id] : []))),
    ];
    expect(new Set(named).size).toBeGreaterThanOrEqual(4);
    const entry = await newest('FamilyAndCases');
    expect(entry).toMatchObject({
      ...{ use: 'SEARCH', outcome: 'ANSWERED', right: 'CASEWORKER', faults: [], workstation: '127.0.0.1' },
      actor: { __typename: 'Employee', id: idFor('employee/housing-caseworker') },
      subject: { id: idFor('employee/housing-caseworker') },
      organisation: { name: 'Boligstøtte' },
      ...{ purpose: '32.03.12-G01-5-19', transactionId: transaction },
      operation: { name: 'FamilyAndCases', text: family.toString() },
      criterion: [{ field: 'citizen', arguments: { cpr } }],
    });
    expect(ids(entry.citizens)).toEqual([...new Set(named)].sort());
    expect(ids(entry.cases)).toEqual(ids(cases));
    expect(entry.cases.length).toBeGreaterThan(0);
    expect(entry.fields).toEqual(
      expect.arrayContaining(['Query.citizen', 'Citizen.name', 'Citizen.relatives', 'Citizen.cases', 'Case.title']),
    );
    expect(entry.fields).not.toContain('Citizen.address');
  });

  it('names in the log also those of whom no id was asked', async () => {
    const { citizen } = await ask(world, 'guidance-worker', noIds, { cpr });
    expect(citizen!.relatives.length).toBeGreaterThan(0);
    const entry = await newest('NamesOnly');
    const related = await world.database.sql<{ id: string }>(
      `SELECT relative AS id FROM identity.relation r JOIN identity.citizen z ON z.id = r.citizen WHERE z.cpr = $1
       UNION SELECT id FROM identity.citizen WHERE cpr = $1`,
      [cpr],
    );
    expect(ids(entry.citizens)).toEqual(ids(related));
  });

  it('names a case system as the one who acted', async () => {
    const [row] = await world.database.sql<{ id: string; citizen: string }>(
      `SELECT c.id, p.citizen FROM cases.ordinary_case c JOIN cases.ordinary_party p ON p.case_id = c.id
        WHERE c.category = 'HOUSING_BENEFIT' AND p.role = 'PRIMARY' ORDER BY c.id LIMIT 1`,
    );
    await ask(world, 'case-system', missingCase, { id: row!.id });
    const entry = await newest('MissingCase');
    expect(entry).toMatchObject({ actor: { __typename: 'SystemClient', name: 'Sagsystem' }, right: null });
    expect(entry.cases).toEqual([{ id: row!.id }]);
    // Whom the case is about is named with every look at it.
    expect(entry.citizens).toContainEqual({ id: row!.citizen });
  });

  it('that asks for no field at all is not logged', async () => {
    await ask(world, 'guidance-worker', nobody);
    expect((await entries('AboutNobody')).totalCount).toBe(0);
  });
});

describe('a search that finds nothing', () => {
  it.each([
    ['SearchNobody', 'SEARCH', 'citizens', { filter: { nameContains: 'Zzyzx' } }],
    ['MissingCitizen', 'SEARCH', 'citizen', { cpr: unknownCpr }],
    ['MissingCase', 'READ', 'case', { id: idFor('no case') }],
  ] as const)('is logged with its criterion: %s', async (operation, use, field, variables) => {
    if (operation === 'SearchNobody')
      await ask(world, 'guidance-worker', searchNothing, { filter: { nameContains: 'Zzyzx' } });
    else if (operation === 'MissingCitizen') await ask(world, 'guidance-worker', missing, { cpr: unknownCpr });
    else await ask(world, 'guidance-worker', missingCase, { id: idFor('no case') });
    const entry = await newest(operation);
    expect(entry).toMatchObject({ use, outcome: 'ANSWERED', citizens: [], cases: [] });
    expect(entry.criterion).toEqual([{ field, arguments: expect.objectContaining(variables) }]);
  });
});

describe('a refusal', () => {
  const { message } = faults.FORBIDDEN_FIELD;

  it('of one field beside others is PARTLY_DENIED, and logged with its code', async () => {
    const given = await answer(world, 'manager', partly);
    expect(given.data).toEqual({ employees: { totalCount: 328 }, auditEntries: null });
    expect(given.faults).toEqual([{ path: 'auditEntries', code: 'FORBIDDEN_FIELD', message }]);
    const entry = await newest('PartlyDenied');
    expect(entry).toMatchObject({ outcome: 'PARTLY_DENIED', faults: ['FORBIDDEN_FIELD'], citizens: [], cases: [] });
    expect(entry.fields).toContain('Query.employees');
    expect(entry.fields).not.toContain('Query.auditEntries');
  });

  it('of everything is DENIED, names nobody, and stands among the rejected attempts', async () => {
    const given = await answer(world, 'administrator', wholly, { cpr });
    expect(given).toMatchObject({ status: 200, data: { citizen: null } });
    expect(given.faults).toEqual([{ path: 'citizen', code: 'FORBIDDEN_FIELD', message }]);
    const entry = await newest('WhollyDenied');
    expect(entry).toMatchObject({
      outcome: 'DENIED',
      faults: ['FORBIDDEN_FIELD'],
      citizens: [],
      cases: [],
      fields: [],
    });
    const { rejectedAttempts } = await ask(world, 'security-officer', rejected);
    expect(rejectedAttempts!.nodes[0]).toMatchObject({
      ...{ id: entry.id, outcome: 'DENIED', faults: ['FORBIDDEN_FIELD'] },
      actor: { __typename: 'Employee', id: idFor('employee/administrator') },
    });
  });

  it.each([
    ['without a token', {}],
    ['with a token that opens nothing', { authorization: `Bearer ${'A'.repeat(43)}` }],
  ])('of a caller %s is among the rejected attempts, without a word of what was sent', async (_how, headers) => {
    const before = (await ask(world, 'security-officer', rejected)).rejectedAttempts!;
    const transaction = randomUUID();
    const response = await world.post(
      '/graphql',
      { query: wholly.toString(), variables: { cpr } },
      { ...headers, 'x-TransaktionsId': transaction },
    );
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({
      errors: [{ message: faults.UNAUTHENTICATED.message, extensions: { code: 'UNAUTHENTICATED' } }],
    });
    const after = (await ask(world, 'security-officer', rejected)).rejectedAttempts!;
    expect(after.totalCount).toBe(before.totalCount + 1);
    expect(after.nodes[0]).toMatchObject({
      ...{ actor: null, outcome: 'DENIED', faults: ['UNAUTHENTICATED'], workstation: '127.0.0.1' },
      ...{ transactionId: transaction, operation: { name: null, text: null } },
    });
  });

  it('of a malformed value is FAILED', async () => {
    const given = await answer(world, 'manager', malformed, { after: 'not-a-cursor' });
    expect(given.faults).toMatchObject([
      { code: 'BAD_USER_INPUT', message: expect.stringMatching(/^Argument "after":/) },
    ]);
    expect(await newest('MalformedOrder')).toMatchObject({ outcome: 'FAILED', faults: ['BAD_USER_INPUT'], cases: [] });
  });
});

describe('reading the log', () => {
  it('is itself in the log', async () => {
    await entries('Whatever');
    expect(await newest('EntriesOfOperation')).toMatchObject({
      ...{ use: 'SEARCH', actor: { id: idFor('employee/security-officer') } },
    });
  });

  it('never shows the security officer that a secretary was at work, found or not', async () => {
    await ask(world, 'board-secretary', sealed, { cpr: '0201609995' });
    await ask(world, 'board-secretary', sealed, { cpr: unknownCpr });
    expect((await entries('SecretaryAtWork')).totalCount).toBe(0);
    const seen = await entries('SecretaryAtWork', 'cleared-security-officer');
    expect(seen.nodes.map(({ cases }) => cases.length)).toEqual([0, 1]);
    const { auditEntries } = await ask(world, 'security-officer', entriesOf, {
      filter: { actor: idFor('employee/board-secretary') },
    });
    expect(auditEntries).toEqual({ totalCount: 0, nodes: [] });
  });

  it.each(['guidance-worker', 'placement-secretary', 'manager', 'administrator', 'citizen', 'case-system'])(
    'is refused %s',
    async (person) => {
      for (const [path, given] of [
        ['auditEntries', await answer(world, person, entriesOf, { filter: {} })],
        ['rejectedAttempts', await answer(world, person, rejected)],
      ] as const) {
        expect(given).toMatchObject({ status: 200, data: { [path]: null } });
        const { message } = faults.FORBIDDEN_FIELD;
        expect(given.faults).toEqual([{ path, code: 'FORBIDDEN_FIELD', message }]);
      }
    },
  );
});
