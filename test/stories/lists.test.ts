/** Lists: filters find what they say, orders order, and paging gives everything once. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CaseFilter, CaseOrder } from '../../schema/generated/graphql.js';
import { graphql } from '../../schema/generated/index.js';
import { malformedCursor } from '../../subgraphs/protocol/connection.js';
import { faults } from '../../subgraphs/protocol/faults.js';
import { answer, ask, everyPage } from '../support/typed.js';
import { openWorld, type World } from '../support/world.js';

const cases = graphql(`
  query PageOfCases($first: Int, $after: String, $orderBy: CaseOrder!, $filter: CaseFilter) {
    cases(first: $first, after: $after, orderBy: $orderBy, filter: $filter) {
      totalCount
      nodes { id number title openedOn changedAt }
      edges { cursor node { id } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);
const ofCitizen = graphql(`
  query PagesOfCasesOfCitizen($cpr: CPR!, $first: Int, $after: String) {
    citizen(cpr: $cpr) {
      cases(first: $first, after: $after, orderBy: TITLE_ASC) {
        totalCount
        nodes { id number title openedOn changedAt }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);
const pages = graphql(`
  query PagesOfCases($first: Int, $after: String, $orderBy: CaseOrder!) {
    cases(first: $first, after: $after, orderBy: $orderBy) {
      totalCount
      nodes { id number title openedOn changedAt }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
const count = graphql(
  `query CountCases($filter: CaseFilter) { cases(first: 0, filter: $filter) { totalCount nodes { id } } }`,
);
const citizens = graphql(`
  query PageOfCitizens($first: Int, $after: String, $orderBy: CitizenOrder!, $filter: CitizenFilter) {
    citizens(first: $first, after: $after, orderBy: $orderBy, filter: $filter) {
      totalCount
      nodes { id name }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
const employees = graphql(`
  query PageOfEmployees($first: Int, $after: String, $filter: EmployeeFilter) {
    employees(first: $first, after: $after, filter: $filter) {
      totalCount
      nodes { id name organisation { name } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

let world: World;
beforeAll(async () => {
  world = await openWorld({ shielded: true });
});
afterAll(() => world.close());

const housing = "category = 'HOUSING_BENEFIT'";
const idsWhere = async (where: string, ...values: unknown[]): Promise<string[]> =>
  (
    await world.database.sql<{ id: string }>(`SELECT id FROM cases.ordinary_case c WHERE ${where} ORDER BY id`, values)
  ).map(({ id }) => id);

type Node = { id: string; number: string | null; title: string | null; openedOn: string; changedAt: string };
/** KLE, facet, year and serial number, so that they compare as text. */
const sortable = ({ number }: Node): string => {
  const [kle, facet, serial, year] = number!.split('-');
  return `${kle}-${facet}-${year}-${serial!.padStart(9, '0')}`;
};
const orders: [CaseOrder, (node: Node) => string][] = [
  ['CHANGED_AT_DESC', (node) => node.changedAt],
  ['CHANGED_AT_ASC', (node) => node.changedAt],
  ['OPENED_ON_DESC', (node) => node.openedOn],
  ['OPENED_ON_ASC', (node) => node.openedOn],
  ['NUMBER_ASC', sortable],
  ['NUMBER_DESC', sortable],
  ['TITLE_ASC', (node) => node.title!.toLowerCase()],
  ['TITLE_DESC', (node) => node.title!.toLowerCase()],
];

describe('the list of cases', () => {
  it.each(orders)('ordered by %s gives each case once, in that order, page by page', async (orderBy, keyOf) => {
    const all = await idsWhere(housing);
    const { nodes, totals, sizes } = await everyPage(
      async (after) => (await ask(world, 'housing-caseworker', pages, { first: 300, after, orderBy })).cases,
    );
    // The last page may be full: then, too, nothing is said to follow.
    const last = all.length % 300 || 300;
    expect(sizes).toEqual([...Array((all.length - last) / 300).fill(300), last]);
    expect(new Set(totals)).toEqual(new Set([all.length]));
    expect(nodes.map(({ id }) => id).sort()).toEqual(all);
    const wrong = nodes.slice(1).filter((node, place) => {
      const [before, here] = [keyOf(nodes[place]!), keyOf(node)];
      // Titles sort by the database's own rules: only that equals stand together is the same everywhere.
      if (orderBy.startsWith('TITLE')) return false;
      return orderBy.endsWith('ASC') ? before > here : before < here;
    });
    expect(wrong).toEqual([]);
    const groups = nodes.map(keyOf).filter((key, place, keys) => key !== keys[place - 1]);
    expect(groups.length).toBe(new Set(groups).size);
  });

  it('gives each case once to somebody who may know neither numbers nor titles', async () => {
    const five = ['HOUSING_BENEFIT', 'CHILD_SUPPORT', 'DAY_CARE_SUBSIDY', 'RELOCATION', 'CASH_BENEFIT'];
    const cpr = '0201609995';
    await world.database.sql(
      `INSERT INTO cases.ordinary_party (municipality, compartment, case_id, citizen, role)
       SELECT c.municipality, c.compartment, c.id, z.id, 'OTHER' FROM cases.ordinary_case c JOIN identity.citizen z ON z.cpr = $1
       WHERE c.title < 'B' OR c.closed_on IS NULL ON CONFLICT DO NOTHING`,
      [cpr],
    );
    const all = await idsWhere('category = ANY ($1) AND closed_on IS NULL', five);
    expect(all.length).toBeGreaterThan(1_000);
    const { nodes } = await everyPage(
      async (after) => (await ask(world, 'guidance-worker', ofCitizen, { cpr, first: 500, after })).citizen!.cases,
    );
    expect(nodes.map(({ id }) => id).sort()).toEqual(all);
    // Otherwise the order itself would tell what they are called.
    expect(nodes.map(({ id }) => id)).toEqual(all);
  });

  it('counts the same whatever the page holds, and says what lies before and after it', async () => {
    const first = await ask(world, 'housing-caseworker', cases, { first: 2, orderBy: 'NUMBER_ASC' });
    const { pageInfo, edges, totalCount } = first.cases!;
    expect(edges.map(({ node }) => node!.id)).toEqual(first.cases!.nodes.map(({ id }) => id));
    expect(pageInfo).toEqual({
      ...{ hasNextPage: true, hasPreviousPage: false },
      ...{ startCursor: edges[0]!.cursor, endCursor: edges[1]!.cursor },
    });
    const after = edges[0]!.cursor;
    const second = await ask(world, 'housing-caseworker', cases, { first: 2, after, orderBy: 'NUMBER_ASC' });
    expect(second.cases!.nodes[0]).toEqual(first.cases!.nodes[1]);
    expect(second.cases!.pageInfo.hasPreviousPage).toBe(true);
    expect(second.cases!.totalCount).toBe(totalCount);
    expect((await ask(world, 'housing-caseworker', count, {})).cases).toEqual({ totalCount, nodes: [] });
  });

  it.each<[string, CaseFilter, string]>([
    ['a category', { categories: ['DRUG_TREATMENT', 'RELOCATION'] }, `category IN ('DRUG_TREATMENT', 'RELOCATION')`],
    ['no category', { categories: [] }, 'false'],
    ['the municipality itself', { authorities: ['MUNICIPALITY'] }, 'true'],
    ['a board', { authorities: ['RENT_BOARD'] }, 'false'],
    ['a compartment', { compartment: '0999.MUNICIPALITY.CASH_BENEFIT' }, `category = 'CASH_BENEFIT'`],
    ['a KLE number', { kle: '27.51.04' }, `kle = '27.51.04'`],
    ['a KLE pattern', { kle: '32.0*' }, `kle LIKE '32.0%'`],
    ['progress', { progress: ['AFGJORT', 'BESTILT'] }, `progress IN ('AFGJORT', 'BESTILT')`],
    ['open', { open: true }, 'closed_on IS NULL'],
    ['closed', { open: false }, 'closed_on IS NOT NULL'],
    ['days', { openedFrom: '2024-01-01', openedTo: '2024-03-31' }, `opened_on BETWEEN '2024-01-01' AND '2024-03-31'`],
    ['a part of the title', { titleContains: 'FLYTNING' }, `title ILIKE '%flytning%'`],
    ['a per cent sign', { titleContains: '%' }, 'false'],
    [
      'several at once',
      { open: true, kle: '23.05.01', openedFrom: '2025-01-01' },
      `closed_on IS NULL AND kle = '23.05.01' AND opened_on >= '2025-01-01'`,
    ],
  ])('filtered by %s holds exactly those', async (_what, filter, where) => {
    const { cases: found } = await ask(world, 'records-officer', cases, {
      first: 500,
      orderBy: 'CHANGED_AT_DESC',
      filter,
    });
    const expected = await idsWhere(where);
    expect(found!.totalCount).toBe(expected.length);
    const ids = found!.nodes.map(({ id }) => id);
    expect(ids).toHaveLength(Math.min(expected.length, 500));
    expect(ids.filter((id) => !expected.includes(id))).toEqual([]);
  });

  it('filtered by a party or by a number finds these', async () => {
    const [row] = await world.database.sql<{ citizen: string; number: string; case_id: string }>(
      `SELECT p.citizen, c.number, p.case_id FROM cases.ordinary_party p JOIN cases.ordinary_case c ON c.id = p.case_id
        WHERE p.role = 'CHILD' ORDER BY p.case_id LIMIT 1`,
    );
    const of = async (filter: CaseFilter) =>
      (await ask(world, 'records-officer', cases, { orderBy: 'OPENED_ON_ASC', filter }))
        .cases!.nodes.map(({ id }) => id)
        .sort();
    const theirs = await idsWhere('id IN (SELECT case_id FROM cases.ordinary_party WHERE citizen = $1)', row!.citizen);
    expect(await of({ citizen: row!.citizen })).toEqual(theirs);
    expect(await of({ number: row!.number })).toEqual(await idsWhere('number = $1', row!.number));
    expect(await of({ citizen: 'nobody' })).toEqual([]);
    expect(await of({ number: '32.03.12' })).toEqual([]);
  });

  it.each([
    [{ first: 501 }, 'PAGE_LIMIT', faults.PAGE_LIMIT.message],
    [{ first: -1 }, 'PAGE_LIMIT', faults.PAGE_LIMIT.message],
    [{ after: 'nonsense' }, 'BAD_USER_INPUT', malformedCursor],
  ])('refuses the page %j by name', async (page, code, message) => {
    const given = await answer(world, 'records-officer', cases, { ...page, orderBy: 'NUMBER_ASC' });
    expect(given.data?.cases ?? null).toBeNull();
    expect(given.faults).toMatchObject([{ code, message }]);
    expect(given.text).not.toContain('nonsense');
  });

  it('refuses a cursor of another order', async () => {
    const { cases: page } = await ask(world, 'records-officer', cases, { first: 1, orderBy: 'NUMBER_ASC' });
    const after = page!.pageInfo.endCursor;
    const given = await answer(world, 'records-officer', cases, { after, orderBy: 'TITLE_ASC' });
    expect(given.data?.cases ?? null).toBeNull();
    expect(given.faults).toMatchObject([{ code: 'BAD_USER_INPUT', message: malformedCursor }]);
  });
});

describe('the lists of people', () => {
  it.each(['NAME_ASC', 'NAME_DESC', 'BORN_ON_ASC', 'BORN_ON_DESC'] as const)(
    'give each of 2,000 citizens once, ordered by %s',
    async (orderBy) => {
      const { nodes, totals } = await everyPage(
        async (after) => (await ask(world, 'register-system', citizens, { first: 500, after, orderBy })).citizens,
      );
      expect(new Set(nodes.map(({ id }) => id)).size).toBe(2_000);
      expect(nodes).toHaveLength(2_000);
      expect(totals).toEqual([2_000, 2_000, 2_000, 2_000]);
    },
  );

  it('find citizens by a part of the name, and employees by their right', async () => {
    const filter = { nameContains: 'NSEN' };
    const found = await ask(world, 'guidance-worker', citizens, { first: 500, orderBy: 'NAME_ASC', filter });
    const [row] = await world.database.sql<{ n: number }>(
      `SELECT count(*)::int AS n FROM identity.citizen WHERE name ILIKE '%nsen%'`,
    );
    expect(found.citizens!.totalCount).toBe(row!.n);
    expect(found.citizens!.nodes.every(({ name }) => /nsen/i.test(name))).toBe(true);
    const officers = await ask(world, 'administrator', employees, { filter: { right: 'SECURITY_OFFICER' } });
    expect(officers.employees).toMatchObject({
      totalCount: 2,
      nodes: [{ organisation: { name: 'Informationssikkerhed' } }, { organisation: { name: 'Informationssikkerhed' } }],
    });
  });

  it('give each employee once who has not left', async () => {
    const { nodes } = await everyPage(
      async (after) => (await ask(world, 'administrator', employees, { first: 70, after })).employees,
    );
    const [row] = await world.database.sql<{ all: number; left: number }>(
      'SELECT count(*)::int AS all, count(left_at)::int AS left FROM identity.employee',
    );
    expect([row!.all, row!.left > 5, new Set(nodes.map(({ id }) => id)).size]).toEqual([
      342,
      true,
      row!.all - row!.left,
    ]);
  });
});

describe('colleagues', () => {
  const names = '{ employees(first: 500) { totalCount nodes { name organisation { name } rights { code } } } }';

  it('of a treatment centre are those who work there', async () => {
    for (const person of ['centre-reporter', 'centre-administrator']) {
      const { body } = await world.ask(person, names);
      const units = new Set(body.data.employees.nodes.map((node: any) => node.organisation.name));
      expect([person, body.errors, [...units].filter((name) => name !== 'Behandlingscenter Åløkke')]).toEqual([
        person,
        undefined,
        // Whoever gave the centre its power of attorney is known to it.
        ['IT og Digitalisering'],
      ]);
      const foreign = body.data.employees.nodes.filter(
        (node: any) => node.organisation.name === 'IT og Digitalisering',
      );
      expect(foreign).toEqual([expect.objectContaining({ rights: [] })]);
    }
  });

  it('of the municipality are all who work with its matters', async () => {
    const { body } = await world.ask('guidance-worker', names);
    const [{ count }] = (await world.database.sql(
      'SELECT count(*)::int AS count FROM identity.employee WHERE left_at IS NULL',
    )) as any;
    expect(body.data.employees.totalCount).toBe(count);
  });
});
