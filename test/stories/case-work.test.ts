/** The life of an ordinary case: entered, changed and deleted, by a caseworker and by a case system. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CaseCategory, EnterCaseInput } from '../../schema/generated/graphql.js';
import { graphql } from '../../schema/generated/index.js';
import { faults } from '../../subgraphs/protocol/faults.js';
import { answer, ask } from '../support/typed.js';
import { openWorld, type World } from '../support/world.js';

const enter = graphql(`
  mutation EnterCase($input: EnterCaseInput!) {
    enterCase(input: $input) {
      id number title progress sensitivity category openedOn closedOn changedAt clearance compartment { id }
      documents { totalCount }
    }
  }
`);
const change = graphql(`
  mutation ChangeCase($id: ID!, $input: ChangeCaseInput!) {
    changeCase(id: $id, input: $input) { id number title progress closedOn handler { id } parties { role } }
  }
`);
const remove = graphql(`mutation DeleteCase($id: ID!) { deleteCase(id: $id) }`);
const read = graphql(`query ReadCase($id: ID!) { case(id: $id) { id number title progress clearance } }`);
const ofCitizen = graphql(`
  query CasesBefore($cpr: CPR!) { citizen(cpr: $cpr) { cases { totalCount nodes { id category number } } } }
`);
const uses = graphql(`
  query UsesOfCase($case: ID!) {
    auditEntries(filter: { case: $case }) { nodes { use outcome actor { __typename ... on Employee { id } ... on SystemClient { name } } } }
  }
`);

const cpr = '0201609996';
let world: World;
let citizen: string;
let child: string;

beforeAll(async () => {
  world = await openWorld({ shielded: true });
  const [row] = await world.database.sql<{ id: string; child: string }>(
    `SELECT z.id, r.relative AS child FROM identity.citizen z
       JOIN identity.relation r ON r.citizen = z.id AND r.kind = 'CHILD' WHERE z.cpr = $1 ORDER BY 2 LIMIT 1`,
    [cpr],
  );
  ({ id: citizen, child } = row!);
});
afterAll(() => world.close());

const input = (over: Partial<EnterCaseInput> = {}): EnterCaseInput => ({
  category: 'HOUSING_BENEFIT',
  kle: '32.03.12',
  title: 'Boligstøtte, ny ansøgning',
  parties: [{ citizen, role: 'PRIMARY' }],
  ...over,
});

describe.each(['housing-caseworker', 'case-system'])('%s', (person) => {
  it('enters, changes and deletes a housing benefit case, and others see each step as far as they may', async () => {
    const before = await ask(world, 'guidance-worker', ofCitizen, { cpr });

    const { enterCase: entered } = await ask(world, person, enter, { input: input() });
    expect(entered).toMatchObject({
      ...{ title: 'Boligstøtte, ny ansøgning', category: 'HOUSING_BENEFIT', progress: 'OPSTAAET' },
      ...{ sensitivity: 'FORTROLIGE_PERSONOPLYSNINGER', openedOn: '2026-11-02', closedOn: null },
      ...{ clearance: 'DOCUMENTS', documents: { totalCount: 0 } },
      compartment: { id: '0999.MUNICIPALITY.HOUSING_BENEFIT' },
    });
    const id = entered!.id;
    const [stored] = await world.database.sql<{ number: string; last: number }>(
      `SELECT c.number, s.last FROM cases.ordinary_case c JOIN cases.number_series s
          ON s.compartment = c.compartment AND s.kle = c.kle AND s.facet = 'G01' AND s.year = 2026 WHERE c.id = $1`,
      [id],
    );
    expect(entered!.number).toBe(`32.03.12-G01-${stored!.last}-26`);
    expect(stored!.number).toBe(entered!.number);

    // To the guidance worker it is a case without a number; to the manager it has a title; to others it is none.
    const { citizen: seen } = await ask(world, 'guidance-worker', ofCitizen, { cpr });
    expect(seen!.cases.totalCount).toBe(before.citizen!.cases.totalCount + 1);
    expect(seen!.cases.nodes).toContainEqual({ id, category: 'HOUSING_BENEFIT', number: null });
    expect((await ask(world, 'records-officer', read, { id })).case).toMatchObject({ title: entered!.title });
    expect(await ask(world, 'placement-secretary', read, { id })).toEqual({ case: null });

    const { changeCase: changed } = await ask(world, person, change, {
      id,
      input: {
        title: 'Boligstøtte, bevilget',
        progress: 'AFSLUTTET',
        closedOn: '2026-11-02',
        parties: [
          { citizen, role: 'PRIMARY' },
          { citizen: child, role: 'CHILD' },
        ],
      },
    });
    expect(changed).toMatchObject({
      ...{ id, number: entered!.number, title: 'Boligstøtte, bevilget', progress: 'AFSLUTTET', closedOn: '2026-11-02' },
      parties: [{ role: 'PRIMARY' }, { role: 'CHILD' }],
    });
    expect((await ask(world, 'other-citizen', read, { id })).case).toMatchObject({ title: 'Boligstøtte, bevilget' });

    expect(await ask(world, person, remove, { id })).toEqual({ deleteCase: id });
    expect(await ask(world, person, read, { id })).toEqual({ case: null });
    expect(await ask(world, 'guidance-worker', ofCitizen, { cpr })).toEqual(before);
    expect(await world.database.sql('SELECT FROM cases.ordinary_party WHERE case_id = $1', [id])).toEqual([]);
    const again = await answer(world, person, remove, { id });
    expect(again.faults).toEqual([{ path: 'deleteCase', code: 'NOT_FOUND', message: faults.NOT_FOUND.message }]);
  });

  it('leaves every step in the log', async () => {
    const { enterCase: entered } = await ask(world, person, enter, { input: input() });
    const id = entered!.id;
    await ask(world, person, read, { id });
    await ask(world, person, change, { id, input: { progress: 'OPLYST' } });
    const { auditEntries } = await ask(world, 'security-officer', uses, { case: id });
    expect(auditEntries!.nodes.map(({ use }) => use)).toEqual(['CHANGE', 'READ', 'ENTER']);
    for (const { actor, outcome } of auditEntries!.nodes) {
      expect(outcome).toBe('ANSWERED');
      expect(actor.__typename).toBe(person === 'case-system' ? 'SystemClient' : 'Employee');
    }
    await ask(world, person, remove, { id });
    const [deletion] = await world.database.sql<{ criterion: string; use: string }>(
      `SELECT use, criterion FROM audit.entry_details WHERE use = 'DELETE' ORDER BY at DESC LIMIT 1`,
    );
    expect(JSON.parse(deletion!.criterion)).toEqual([{ field: 'deleteCase', arguments: { id } }]);
  });

  it.each<[CaseCategory, Partial<EnterCaseInput>]>([
    ['CASH_BENEFIT', { kle: '32.24.14' }],
    ['CHILD_CONCERN', { kle: '34.10.30' }],
    ['BOARD_MATTER', { authority: 'RENT_BOARD', kle: '03.09.15' }],
  ])('may not enter a case of %s', async (category, over) => {
    const given = await answer(world, person, enter, { input: input({ category, ...over }) });
    expect(given).toMatchObject({ status: 200, data: { enterCase: null } });
    expect(given.faults).toEqual([{ path: 'enterCase', code: 'FORBIDDEN', message: faults.FORBIDDEN.message }]);
  });

  it.each<[string, Partial<EnterCaseInput>, string]>([
    ['title', { title: ' ' }, 'Argument "input.title": expected one line of 1 to 300 characters.'],
    ['kle', { kle: '32.03.*' }, 'Argument "input.kle": expected a full KLE number such as "27.24.00".'],
    [
      'closedOn',
      { openedOn: '2026-11-02', closedOn: '2026-11-01', progress: 'AFSLUTTET' },
      'Argument "input.closedOn": expected a day not before `openedOn`.',
    ],
    [
      'parties',
      { parties: [] },
      'Argument "input.parties": expected 1 to 50 citizens, each once, exactly one of them PRIMARY.',
    ],
  ])('is told that %s is malformed, and not what was sent', async (_name, over, message) => {
    const given = await answer(world, person, enter, { input: input(over) });
    expect(given.data?.enterCase ?? null).toBeNull();
    expect(given.faults).toEqual([{ path: 'enterCase', code: 'BAD_USER_INPUT', message }]);
  });
});

describe('whoever sees a case without the right to change it', () => {
  it('is told so, and the case stays as it is', async () => {
    const [row] = await world.database.sql<{ id: string; title: string }>(
      `SELECT id, title FROM cases.ordinary_case WHERE category = 'CHILD_SUPPORT' ORDER BY id LIMIT 1`,
    );
    // A colleague in the family unit: CASEWORKER, but cleared to search alone.
    const [colleague] = await world.database.sql<{ id: string }>(
      `SELECT e.id FROM identity.employee e JOIN identity.clearance_grant g ON g.holder = e.id
        WHERE g.compartment = '0999.MUNICIPALITY.CHILD_SUPPORT' AND g.operations = '{SEARCH}'
          AND e.organisation = (SELECT id FROM identity.organisation WHERE name = 'Familie og Anbringelse')
        ORDER BY e.id LIMIT 1`,
    );
    const { token } = await world.gateway.sessions.open({ kind: 'Employee', id: colleague!.id });
    const asColleague = async (document: { toString(): string }, variables: object) => {
      const headers = { authorization: `Bearer ${token}` };
      return (await world.post('/graphql', { query: document.toString(), variables }, headers)).json();
    };
    expect(await asColleague(read, { id: row!.id })).toMatchObject({ data: { case: { title: row!.title } } });
    for (const [field, document] of [
      ['changeCase', change],
      ['deleteCase', remove],
    ] as const)
      expect(await asColleague(document, { id: row!.id, ...(field === 'changeCase' && { input: {} }) })).toEqual({
        data: { [field]: null },
        errors: [{ message: faults.FORBIDDEN.message, path: [field], extensions: { code: 'FORBIDDEN' } }],
      });
    const rows = await world.database.sql('SELECT title FROM cases.ordinary_case WHERE id = $1', [row!.id]);
    expect(rows).toEqual([{ title: row!.title }]);
  });

  it.each(['guidance-worker', 'manager', 'citizen', 'smdb-leader'])('%s may not even ask', async (person) => {
    const given = await answer(world, person, enter, { input: input() });
    const { message } = faults.FORBIDDEN_FIELD;
    expect(given).toMatchObject({ status: 200, data: { enterCase: null } });
    expect(given.faults).toEqual([{ path: 'enterCase', code: 'FORBIDDEN_FIELD', message }]);
  });
});
