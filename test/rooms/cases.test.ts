/** The cases room, asked directly. The demo's two worlds are alike but for the shielded cases. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { cases, makeCasesRoom } from '../../subgraphs/cases/index.js';
import type { DisabledWalls } from '../../subgraphs/cases/sight.js';
import { drugTreatmentCases, makeCases, shieldedCases } from '../../subgraphs/demo/cases.js';
import { citizenId, makeCitizens, makeEmployees } from '../../subgraphs/demo/people.js';
import { seed } from '../../subgraphs/demo/seed.js';
import { roomSchema } from '../../subgraphs/kit/room-schema.js';
import { roleOf, roomUrl } from '../../subgraphs/postgres/migrate.js';
import { encodeCursor } from '../../subgraphs/protocol/connection.js';
import { faults } from '../../subgraphs/protocol/faults.js';
import type { Internal } from '../../subgraphs/protocol/internal.js';
import type { CaseLevel, CaseOperation, Clearance, Viewer } from '../../subgraphs/protocol/viewer.js';
import { testSecret } from '../support/database.js';
import { aViewer, openRoom, type RoomUnderTest } from '../support/room.js';

const citizens = makeCitizens();
const employees = makeEmployees();
const withShielded = makeCases({ shielded: true, citizens, employees }).cases;
const withoutShielded = makeCases({ shielded: false, citizens, employees }).cases;
const shielded = shieldedCases(citizens);
const all = ['SEARCH', 'ENTER', 'DELETE'] as const;

const holds = (
  compartment: string,
  level: CaseLevel = 'DOCUMENTS',
  operations: readonly CaseOperation[] = all,
): Clearance => ({
  compartment: `0999.${compartment}`,
  level,
  operations,
  shielded: !/\.(HOUSING|CHILD_SUPPORT|DAY|RELOC|CASH|DRUG)/.test(compartment),
});
const ordinary = ['HOUSING_BENEFIT', 'CHILD_SUPPORT', 'DAY_CARE_SUBSIDY', 'RELOCATION', 'CASH_BENEFIT'];
const guide = aViewer({
  clearance: ordinary.map((category) => holds(`MUNICIPALITY.${category}`, 'EXISTENCE', ['SEARCH'])),
});
const manager = aViewer({
  clearance: ordinary.map((category) => holds(`MUNICIPALITY.${category}`, 'METADATA', ['SEARCH'])),
});
const housing = aViewer({ clearance: [holds('MUNICIPALITY.HOUSING_BENEFIT')] });
const board = aViewer({ clearance: [holds('CHILDREN_AND_YOUTH_COMMITTEE.BOARD_MATTER')] });
const placement = aViewer({
  clearance: [holds('MUNICIPALITY.PLACEMENT'), holds('MUNICIPALITY.CHILD_CONCERN')],
});
const nobody = aViewer();
const citizen = (index: number, over: Partial<Viewer> = {}) =>
  aViewer({
    subject: { kind: 'Citizen', id: citizenId(index) },
    actor: { kind: 'Citizen', id: citizenId(index) },
    right: null,
    ...over,
  });

/** What the identity room would say: everybody of the demo is in the register. */
const register: Internal = async (name, body) => {
  const { cprs, ids } = body as { cprs: string[]; ids: string[] };
  const found = citizens.flatMap(({ id, cpr }) => [
    ...(cprs.includes(cpr) ? [[cpr, id]] : []),
    ...(ids.includes(id) ? [[id, id]] : []),
  ]);
  return name === 'match-citizens' ? { found } : {};
};

const rooms: RoomUnderTest[] = [];
async function open(rows: Record<string, readonly object[]>, walls: DisabledWalls = {}): Promise<RoomUnderTest> {
  const room = await openRoom(
    makeCasesRoom(walls),
    async (database) => {
      await seed(database.url, { shielded: true }, () => ({ cases: rows }));
    },
    { identity: register },
  );
  rooms.push(room);
  return room;
}
let room: RoomUnderTest;
let plain: RoomUnderTest;
beforeAll(async () => {
  [room, plain] = await Promise.all([open(withShielded), open(withoutShielded)]);
});
afterAll(() => Promise.all(rooms.map((opened) => opened.close())));

const fault = (code: keyof typeof faults, message: string = faults[code].message) =>
  expect.objectContaining({ message, extensions: { code } });
const malformedInput = (wrong: readonly (readonly [name: string, expected: string])[]) =>
  expect.objectContaining({
    message: wrong.map(([name, expected]) => `Argument "input.${name}": expected ${expected}.`).join(' '),
    extensions: {
      code: 'BAD_USER_INPUT',
      problems: wrong.map(([name, expected]) => ({ path: ['input', name], message: `expected ${expected}` })),
    },
  });

const everything =
  'id clearance number title kle category authority { id code municipality { code } } compartment { id category singleCase shielded authority { code } } progress sensitivity openedOn closedOn changedAt handler { id } primaryParty { id } parties { citizen { id } role } documents(first: 2) { totalCount nodes { id title kind recordedAt mediaType text } pageInfo { hasNextPage endCursor } }';
const list = `totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { ${everything} } } nodes { id }`;
const orders = ['CHANGED_AT', 'OPENED_ON', 'NUMBER', 'TITLE'].flatMap((key) => [`${key}_ASC`, `${key}_DESC`]);

/** One question, and the values that go with it. */
type Asked = readonly [query: string, variables?: object];

/** Every way that the room offers to learn of a case. */
function questions(viewer: Viewer): Asked[] {
  const hidden = shielded.slice(0, 12);
  const ofCitizens = [0, 1, ...Array.from({ length: 60 }, (_, n) => n + 2)].map((index) => citizenId(index));
  const people = [...ofCitizens, ...hidden.map((of) => of.citizen)].map((id) => ({ __typename: 'Citizen', id }));
  const stored = withShielded.shielded_case as { id: string; number: string; title: string; compartment: string }[];
  const filters = [
    {},
    { citizen: citizenId(0) },
    { citizen: hidden[5]!.citizen },
    { categories: ['CHILD_CONCERN', 'SOCIAL_FRAUD', 'BOARD_MATTER'] },
    { authorities: ['RENT_BOARD', 'CHILDREN_AND_YOUTH_COMMITTEE'] },
    ...hidden.map(({ compartment }) => ({ compartment })),
    { kle: '34.*' },
    { kle: '34.1*' },
    { kle: '34.10.30' },
    { progress: ['OPLYST', 'AFSLUTTET'], open: true },
    { open: false, openedFrom: '2024-01-01', openedTo: '2024-12-31' },
    { number: stored[0]!.number },
    { titleContains: 'UNDERRETNING' },
    { titleContains: 'a' },
  ];
  const cases = `query ($filter: CaseFilter, $orderBy: CaseOrder!, $after: String) { cases(filter: $filter, orderBy: $orderBy, first: 20, after: $after) { ${list} } }`;
  const entities = 'query ($of: [_Any!]!) { _entities(representations: $of) {';
  return [
    ...orders.map((orderBy): Asked => [cases, { orderBy }]),
    ...filters.map((filter): Asked => [cases, { filter, orderBy: 'CHANGED_AT_DESC' }]),
    // A cursor made from a hidden row.
    ...hidden.map(
      ({ id }): Asked => [
        cases,
        { orderBy: 'OPENED_ON_DESC', after: encodeCursor(['OPENED_ON_DESC', '2025-03-01', id]) },
      ],
    ),
    [`${entities} ... on Citizen { id cases(first: 3) { ${list} } } } }`, { of: people }],
    [`${entities} ... on Citizen { id cases(first: 3, filter: { open: true }) { ${list} } } } }`, { of: people }],
    [
      `${entities} ... on Case { ${everything} } } }`,
      { of: stored.slice(0, 100).map(({ id }) => ({ __typename: 'Case', id })) },
    ],
    [
      `${entities} ... on Compartment { id shielded } } }`,
      { of: hidden.map(({ compartment }) => ({ __typename: 'Compartment', id: compartment })) },
    ],
    ...hidden.map(({ id }): Asked => [`query ($id: ID!) { case(id: $id) { ${everything} } }`, { id }]),
    ...stored
      .slice(0, 12)
      .map(
        ({ number }): Asked => [
          `query ($number: String!) { caseByNumber(number: $number) { ${everything} } }`,
          { number },
        ],
      ),
    // Only where it is hidden: what is one's own would be changed.
    ...hidden.filter(isHiddenFrom(viewer)).flatMap(({ id }): Asked[] => [
      ['mutation ($id: ID!) { changeCase(id: $id, input: { title: "Ny" }) { id } }', { id }],
      ['mutation ($id: ID!) { deleteCase(id: $id) }', { id }],
    ]),
    ['{ compartments { id authority { id } category singleCase shielded } }'],
  ];
}

const isHiddenFrom =
  ({ subject, clearance }: Viewer) =>
  ({ compartment }: { compartment: string }): boolean =>
    subject.kind === 'Citizen' || !clearance.some((held) => held.compartment === compartment);

/** Asks everything as this viewer; each question with its answer as it came. No random id and no clock stands in any. */
async function answers(asked: RoomUnderTest, viewer: Viewer): Promise<string[]> {
  const bodies: string[] = [];
  for (const [query, variables] of questions(viewer)) {
    const answer = await asked.ask(viewer, query, variables);
    bodies.push(`${query} ${JSON.stringify(variables)}: ${JSON.stringify(answer)}`);
  }
  return bodies;
}

/** The first answer that differs says more than all of them. */
async function expectSame(one: Promise<string[]>, other: Promise<string[]>) {
  const [given, expected] = [await one, await other];
  const differs = given.findIndex((answer, index) => answer !== expected[index]);
  expect(given[differs]).toBe(expected[differs]);
  expect(given).toHaveLength(expected.length);
}

describe('the schema', () => {
  it('is a subgraph whose root fields are nullable and whose cases must be vouched for', async () => {
    const { sdl } = await roomSchema(cases);
    expect(sdl).toContain(
      'type Case @key(fields: "id") @tag(name: "audited") @cost(weight: 2) @shielded(by: "clearance")',
    );
    expect(sdl).toMatch(/loggedParty: Citizen @tag\(name: "audited"\) @policy\(policies: \[\["log-only"\]\]\)/);
    expect(sdl).toMatch(/ cases\([\s\S]*?\): CaseConnection @/);
    expect(sdl).toMatch(/ case\([\s\S]*?\): Case @/);
    expect(sdl).toMatch(/ compartments: \[Compartment!\] @/);
    for (const name of ['enterCase', 'changeCase', 'deleteCase'])
      expect(sdl).toMatch(
        new RegExp(`${name}\\([\\s\\S]*?\\): (Case|ID) @requiresScopes\\(scopes: \\[\\["case:write"`),
      );
  });
});

describe('the demo', () => {
  it('differs between its worlds in the shielded rows only', () => {
    for (const table of ['ordinary_case', 'ordinary_party', 'ordinary_document'])
      expect(withoutShielded[table]).toEqual(withShielded[table]);
    expect(withoutShielded.shielded_case).toEqual([]);
    expect(withShielded.ordinary_case!.length + withShielded.shielded_case!.length).toBe(8_000);
    expect(shielded).toHaveLength(withShielded.shielded_case!.length);
    expect(drugTreatmentCases(citizens).length).toBeGreaterThan(400);
  });

  it('has citizens 0 and 1 in the cases that the stories tell of and in no others', () => {
    const of = (index: number) =>
      [...withShielded.ordinary_party!, ...withShielded.shielded_party!]
        .filter((party) => (party as { citizen: string }).citizen === citizenId(index))
        .map((party) => (party as { compartment: string }).compartment)
        .sort();
    expect(of(0)).toEqual([
      '0999.CHILDREN_AND_YOUTH_COMMITTEE.BOARD_MATTER',
      '0999.MUNICIPALITY.CHILD_CONCERN',
      '0999.MUNICIPALITY.DAY_CARE_SUBSIDY',
      '0999.MUNICIPALITY.HOUSING_BENEFIT',
      '0999.MUNICIPALITY.SOCIAL_FRAUD',
    ]);
    expect(of(1)).toEqual(['0999.MUNICIPALITY.CHILD_SUPPORT', '0999.MUNICIPALITY.HOUSING_BENEFIT']);
  });
});

describe('non-interference', () => {
  const people: [string, Viewer][] = [
    ['a guidance worker', guide],
    ['a caseworker for housing benefit', housing],
    ['an employee without any clearance', nobody],
    ['the citizen', citizen(0)],
    ['a citizen whose token claims clearance', citizen(0, { clearance: shielded.map(claim) })],
  ];

  it.each(people)('%s never learns that a shielded case exists', async (_, viewer) => {
    await expectSame(answers(room, viewer), answers(plain, viewer));
  });

  it('a secretariat never learns of the cases of any other', async () => {
    const own = Object.fromEntries(
      Object.entries(withShielded).map(([table, rows]) => [
        table,
        rows.filter((row) => {
          const { compartment } = row as { compartment: string };
          return !table.startsWith('shielded') || compartment === '0999.CHILDREN_AND_YOUTH_COMMITTEE.BOARD_MATTER';
        }),
      ]),
    );
    const alone = await open(own);
    const asked = await answers(room, board);
    await expectSame(Promise.resolve(asked), answers(alone, board));
    expect(asked.some((body) => body.includes('"category":"BOARD_MATTER"'))).toBe(true);
  });

  it('those who are cleared do see the shielded cases', async () => {
    expect(await answers(room, placement)).not.toEqual(await answers(plain, placement));
  });

  it('SQL for a viewer without shielded clearance does not name the shielded tables', async () => {
    const unnamed = await open(withShielded);
    const role = `"${roleOf(unnamed.database.name, 'cases')}"`;
    await unnamed.database.sql(
      `REVOKE ALL ON cases.shielded_case, cases.shielded_party, cases.shielded_document,
         cases.every_case, cases.every_party, cases.every_document FROM ${role}`,
    );
    for (const viewer of [guide, housing, nobody, citizen(0)])
      await expectSame(answers(unnamed, viewer), answers(plain, viewer));
    const { errors } = await unnamed.ask(placement, '{ cases { totalCount } }');
    expect(errors).toEqual([expect.objectContaining({ message: faults.INTERNAL.message })]);
  });
});

/** A clearance that no citizen can have. */
function claim({ compartment }: { compartment: string }): Clearance {
  return { compartment, level: 'DOCUMENTS', operations: all, shielded: true };
}

describe('each wall stands alone', () => {
  const liftRowLevelSecurity = async (from: RoomUnderTest) => {
    for (const table of ['case', 'party', 'document'])
      for (const side of ['ordinary', 'shielded'])
        await from.database.sql(`ALTER TABLE cases.${side}_${table} DISABLE ROW LEVEL SECURITY`);
  };

  it("without the store's predicate, row-level security keeps the promise", async () => {
    const open2b = await open(withShielded, { withoutClearancePredicate: true });
    for (const viewer of [guide, nobody, citizen(0), citizen(0, { clearance: shielded.map(claim) })])
      await expectSame(answers(open2b, viewer), answers(plain, viewer));
  });

  it("without row-level security, the store's predicate keeps the promise", async () => {
    const open2a = await open(withShielded);
    await liftRowLevelSecurity(open2a);
    for (const viewer of [guide, housing, nobody]) await expectSame(answers(open2a, viewer), answers(plain, viewer));
    // The secretariat's SQL does name the shielded tables.
    await expectSame(answers(open2a, board), answers(room, board));
  });

  it('without both, the answers differ: the promise can be seen to break', async () => {
    const neither = await open(withShielded, { withoutClearancePredicate: true });
    await liftRowLevelSecurity(neither);
    for (const viewer of [guide, nobody, citizen(0)])
      expect(await answers(neither, viewer)).not.toEqual(await answers(plain, viewer));
  });

  it('a total that counts past the walls is noticed', async () => {
    const leaking = async (rows: Record<string, readonly object[]>) => {
      const opened = await open(rows, { leakingTotalCount: true });
      await opened.database.sql(
        `CREATE FUNCTION cases.leaking_case_count(of_citizen uuid) RETURNS bigint LANGUAGE sql SECURITY DEFINER AS
         'SELECT count(*) FROM cases.every_party WHERE of_citizen IS NULL OR citizen = of_citizen'`,
      );
      return answers(opened, guide);
    };
    expect(await leaking(withShielded)).not.toEqual(await leaking(withoutShielded));
  });

  it('a connection that carries no viewer reads nothing, and none scans a table whole', async () => {
    const client = new pg.Client({
      connectionString: roomUrl(room.database.url, roleOf(room.database.name, 'cases'), testSecret),
    });
    await client.connect();
    for (const table of [
      'ordinary_case',
      'ordinary_party',
      'ordinary_document',
      'every_case',
      'every_party',
      'every_document',
      'single_case_compartment',
      'number_series',
    ]) {
      const { rows } = await client.query(`SELECT count(*)::int AS count FROM ${table}`);
      expect([table, rows[0].count]).toEqual([table, 0]);
    }
    const { rows } = await client.query('SHOW enable_seqscan');
    expect(rows).toEqual([{ enable_seqscan: 'off' }]);
    await client.end();
  });
});

describe('levels', () => {
  it('a guidance worker sees that cases run, but no number, title, handler, party or document', async () => {
    const { data, errors } = await room.ask(guide, `{ cases(filter: { citizen: "${citizenId(0)}" }) { ${list} } }`);
    expect(errors).toBeUndefined();
    const running = (withoutShielded.ordinary_case as any[]).filter(
      ({ id, closed_on }) =>
        closed_on === null &&
        (withoutShielded.ordinary_party as any[]).some(
          (party) => party.case_id === id && party.citizen === citizenId(0),
        ),
    );
    expect(running.length).toBe(1);
    expect(data.cases.totalCount).toBe(running.length);
    const shown = data.cases.edges.map((edge: any) => edge.node);
    expect(shown.map((node: any) => node.id)).toEqual(running.map(({ id }) => id));
    for (const node of shown)
      expect(node).toMatchObject({
        clearance: 'EXISTENCE',
        number: null,
        title: null,
        handler: null,
        documents: null,
        primaryParty: null,
        parties: [],
      });
  });

  it('what stands in a masked title or number changes nothing that a guidance worker is answered', async () => {
    const altered = await open({
      ...withoutShielded,
      ordinary_case: withoutShielded.ordinary_case!.map((row: any, index) => ({
        ...row,
        title: `Zebra ${index}`,
        number: row.number.replace(/-(\d+)-/, (_: string, serial: string) => `-${Number(serial) + 70_000}-`),
        handler: null,
      })),
    });
    await expectSame(answers(altered, guide), answers(plain, guide));
    const { number } = withoutShielded.ordinary_case![0] as { number: string };
    const byNumber = `{ caseByNumber(number: "${number}") { id } cases(filter: { number: "${number}" }) { totalCount } }`;
    expect(await room.ask(guide, byNumber)).toEqual({ data: { caseByNumber: null, cases: { totalCount: 0 } } });
  });

  it('METADATA adds number, title and handler; DOCUMENTS adds the documents', async () => {
    const { case_id: id } = (withShielded.ordinary_document as any[]).find(({ compartment }) =>
      compartment.endsWith('HOUSING_BENEFIT'),
    );
    const query = `{ case(id: "${id}") { clearance number title handler { id } documents { totalCount nodes { title } } } }`;
    const metadata = aViewer({ clearance: [holds('MUNICIPALITY.HOUSING_BENEFIT', 'METADATA', ['SEARCH'])] });
    const stored = (withShielded.ordinary_case as any[]).find((row) => row.id === id);
    const { number, title, handler } = stored;
    expect((await room.ask(metadata, query)).data.case).toEqual({
      clearance: 'METADATA',
      number,
      title,
      handler: { id: handler },
      documents: null,
    });
    const { data } = await room.ask(housing, query);
    expect(data.case.clearance).toBe('DOCUMENTS');
    expect(data.case.documents.totalCount).toBeGreaterThan(0);
    expect(data.case.documents.nodes).toHaveLength(data.case.documents.totalCount);
  });

  it('clearance without SEARCH finds nothing', async () => {
    const entering = aViewer({ clearance: [holds('MUNICIPALITY.HOUSING_BENEFIT', 'DOCUMENTS', ['ENTER', 'DELETE'])] });
    expect(await room.ask(entering, '{ cases { totalCount nodes { id } } }')).toEqual({
      data: { cases: { totalCount: 0, nodes: [] } },
    });
  });
});

describe('citizens', () => {
  it('a citizen sees the own ordinary cases at METADATA, oneself as the only party, and no document', async () => {
    const { data } = await room.ask(citizen(0), `{ cases(orderBy: TITLE_ASC) { ${list} } }`);
    expect(data.cases.totalCount).toBe(2);
    for (const { node } of data.cases.edges) {
      expect(node).toMatchObject({ clearance: 'METADATA', documents: null, primaryParty: { id: citizenId(0) } });
      expect(node.number).not.toBeNull();
      expect(node.title).not.toBeNull();
      expect(node.parties).toEqual([{ citizen: { id: citizenId(0) }, role: 'PRIMARY' }]);
    }
  });

  it("a citizen finds nothing in another citizen's cases", async () => {
    const of = [0, 1].map((index) => ({ __typename: 'Citizen', id: citizenId(index) }));
    const query =
      'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Citizen { cases { totalCount nodes { id } } } } }';
    const { data } = await room.ask(citizen(0), query, { of });
    expect(data._entities[0].cases.totalCount).toBe(2);
    expect(data._entities[1].cases).toEqual({ totalCount: 0, nodes: [] });
  });

  it('a citizen cannot enter, change or delete, whatever the token claims', async () => {
    const claiming = citizen(0, { clearance: [holds('MUNICIPALITY.HOUSING_BENEFIT')] });
    const { data } = await room.ask(claiming, '{ cases { nodes { id category } } }');
    const { id } = data.cases.nodes.find((node: any) => node.category === 'HOUSING_BENEFIT');
    for (const mutation of [
      `changeCase(id: "${id}", input: { title: "Min" }) { id }`,
      `deleteCase(id: "${id}")`,
      `enterCase(input: { category: HOUSING_BENEFIT, kle: "32.03.12", title: "Min", parties: [{ citizen: "${citizenId(0)}", role: PRIMARY }] }) { id }`,
    ]) {
      const { errors } = await room.ask(claiming, `mutation { ${mutation} }`);
      expect(errors).toEqual([fault('FORBIDDEN')]);
    }
  });
});

describe('lists', () => {
  it.each(orders)('pages by %s hold every case once and in order', async (orderBy) => {
    const query = `query ($after: String) { cases(orderBy: ${orderBy}, first: 400, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes { id number title openedOn changedAt } } }`;
    const found: any[] = [];
    let after: string | null = null;
    for (;;) {
      const { data }: any = await room.ask(housing, query, { after });
      found.push(...data.cases.nodes);
      after = data.cases.pageInfo.endCursor;
      if (!data.cases.pageInfo.hasNextPage) {
        expect(found).toHaveLength(data.cases.totalCount);
        break;
      }
    }
    expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
    const keyOf = (node: any): string => {
      if (orderBy.startsWith('CHANGED_AT')) return node.changedAt;
      if (orderBy.startsWith('OPENED_ON')) return node.openedOn;
      if (orderBy.startsWith('TITLE')) return node.title.toLowerCase();
      const [kle, facet, serial, year] = node.number.split('-');
      return [kle, facet, year, serial.padStart(9, '0')].join('-');
    };
    const keys = found.map((node) => ({ key: keyOf(node), id: node.id as string }));
    // Titles are sorted as Danish is; everything else by its characters.
    const compare = orderBy.startsWith('TITLE')
      ? new Intl.Collator('da').compare
      : (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0);
    const sorted = [...keys].sort((left, right) => compare(left.key, right.key) || (left.id < right.id ? -1 : 1));
    expect(keys).toEqual(orderBy.endsWith('ASC') ? sorted : sorted.reverse());
  });

  it('filters hold together with each other', async () => {
    const filter = {
      categories: ['HOUSING_BENEFIT'],
      open: true,
      openedFrom: '2024-01-01',
      kle: '32.03.*',
      titleContains: 'HUSLEJE',
    };
    const { data } = await room.ask(
      housing,
      'query ($filter: CaseFilter) { cases(filter: $filter, first: 500) { totalCount nodes { id } } }',
      { filter },
    );
    const expected = (withShielded.ordinary_case as any[]).filter(
      (row) =>
        row.category === 'HOUSING_BENEFIT' &&
        row.closed_on === null &&
        row.opened_on >= '2024-01-01' &&
        row.title.toLowerCase().includes('husleje'),
    );
    expect(expected.length).toBeGreaterThan(0);
    expect(data.cases.totalCount).toBe(expected.length);
    expect(data.cases.nodes.map(({ id }: any) => id).sort()).toEqual(expected.map(({ id }) => id).sort());
  });

  it("many citizens' cases are each their own page, the same as asked one by one", async () => {
    const indexes = Array.from({ length: 40 }, (_, n) => n);
    const query =
      'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Citizen { id cases(first: 1, orderBy: OPENED_ON_ASC) { totalCount pageInfo { hasNextPage endCursor } nodes { id } } } } }';
    const of = (index: number) => ({ __typename: 'Citizen', id: citizenId(index) });
    const together = await room.ask(manager, query, { of: indexes.map(of) });
    for (const index of indexes) {
      const alone = await room.ask(manager, query, { of: [of(index)] });
      expect(together.data._entities[index]).toEqual(alone.data._entities[0]);
    }
    expect(together.data._entities[0].cases).toMatchObject({ totalCount: 2, pageInfo: { hasNextPage: true } });
  });

  it('refuses a cursor of another list or order, and a page of more than 500', async () => {
    const message =
      'Argument "after": expected a cursor from `pageInfo.endCursor` or `edges.cursor` of the same list and order.';
    const id = citizenId(0);
    const wrong = [
      encodeCursor(['OPENED_ON_ASC', '2024-01-01', id]),
      encodeCursor(['CHANGED_AT_DESC', '2024-01-01', id]),
      encodeCursor(['CHANGED_AT_DESC', '2024-01-01T00:00:00.000Z', 'x']),
      encodeCursor(['CHANGED_AT_DESC', '0000-01-01T00:00:00.000Z', id]),
      encodeCursor(['CHANGED_AT_DESC', null, id]),
      encodeCursor([]),
      'nonsense',
      '\u0000',
    ];
    for (const after of wrong) {
      const { errors } = await room.ask(housing, 'query ($after: String) { cases(after: $after) { totalCount } }', {
        after,
      });
      expect(errors).toEqual([fault('BAD_USER_INPUT', message)]);
    }
    const nul = encodeCursor(['TITLE_ASC', 'a\u0000', id]);
    const titled = await room.ask(housing, `{ cases(orderBy: TITLE_ASC, after: "${nul}") { totalCount } }`);
    expect(titled.errors).toEqual([fault('BAD_USER_INPUT', message)]);
    const { errors } = await room.ask(housing, '{ cases(first: 501) { totalCount } }');
    expect(errors).toEqual([fault('PAGE_LIMIT')]);
  });

  it('takes text that PostgreSQL cannot read for malformed, before it gets there', async () => {
    const query = 'query ($filter: CaseFilter) { cases(filter: $filter) { totalCount } }';
    for (const text of ['a\u0000b', '\ud800', 'x'.repeat(301)]) {
      const { errors } = await room.ask(housing, query, { filter: { titleContains: text } });
      expect(errors).toEqual([
        fault('BAD_USER_INPUT', 'Argument "filter.titleContains": expected at most 300 characters of text.'),
      ]);
    }
    for (const filter of [{ citizen: 'x' }, { citizen: '\u0000' }, { number: "'; --" }, { compartment: "'; --" }])
      expect(await room.ask(housing, query, { filter })).toEqual({ data: { cases: { totalCount: 0 } } });
  });
});

describe('references', () => {
  it('a hidden, an unknown and a malformed id are all null', async () => {
    const known = (withShielded.ordinary_case as any[]).find(({ category }) => category === 'HOUSING_BENEFIT').id;
    const ids = [shielded[0]!.id, '3fa85f64-5717-4562-b3fc-2c963f66afa6', 'x', '\u0000', known, known.toUpperCase()];
    const { data, errors } = await room.ask(
      housing,
      'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Case { id clearance } } }',
      { of: ids.map((id) => ({ __typename: 'Case', id })) },
    );
    expect(errors).toBeUndefined();
    const shown = { id: known, clearance: 'DOCUMENTS' };
    expect(data._entities).toEqual([null, null, null, null, shown, shown]);
  });

  it('compartments that stand there by law are known to all, that of a single case to those who hold it', async () => {
    const single = '0999.CASE.3fa85f64-5717-4562-b3fc-2c963f66afa6';
    const caseId = '3fa85f64-5717-4562-b3fc-2c963f66afa7';
    const sealed = await open({
      ...withShielded,
      single_case_compartment: [
        { municipality: '0999', id: single, authority: 'MUNICIPALITY', category: 'HOUSING_BENEFIT' },
      ],
      shielded_case: [
        {
          ...(withShielded.ordinary_case as any[]).find(({ category }) => category === 'HOUSING_BENEFIT'),
          id: caseId,
          compartment: single,
        },
      ],
      shielded_party: [],
      shielded_document: [],
    });
    const query = `query ($of: [_Any!]!) { compartments { id singleCase } case(id: "${caseId}") { category compartment { id singleCase shielded } } _entities(representations: $of) { ... on Compartment { id category singleCase shielded } ... on Authority { id code } } }`;
    const of = [
      ...['0999.RENT_BOARD.BOARD_MATTER', single, '0999.RENT_BOARD.SSP', '0101.MUNICIPALITY.SSP', '\u0000'].map(
        (id) => ({ __typename: 'Compartment', id }),
      ),
      ...['0999.RENT_BOARD', '0101.RENT_BOARD'].map((id) => ({ __typename: 'Authority', id })),
    ];
    const holder = aViewer({ clearance: [{ ...holds('x'), compartment: single }] });
    const open1 = (await sealed.ask(housing, query, { of })).data;
    expect(open1.case).toBeNull();
    expect(open1.compartments).toHaveLength(17);
    expect(open1.compartments.every(({ singleCase }: any) => !singleCase)).toBe(true);
    expect(open1._entities).toEqual([
      { id: '0999.RENT_BOARD.BOARD_MATTER', category: 'BOARD_MATTER', singleCase: false, shielded: true },
      null,
      null,
      null,
      null,
      { id: '0999.RENT_BOARD', code: 'RENT_BOARD' },
      null,
    ]);
    const held = (await sealed.ask(holder, query, { of })).data;
    expect(held.case).toEqual({
      category: 'HOUSING_BENEFIT',
      compartment: { id: single, singleCase: true, shielded: true },
    });
    expect(held.compartments).toHaveLength(18);
    expect(held._entities[1]).toEqual({ id: single, category: 'HOUSING_BENEFIT', singleCase: true, shielded: true });
    // Changed and deleted where it lies: among the shielded ones, though its category is ordinary.
    const mutation = `mutation { changeCase(id: "${caseId}", input: { title: "Ny" }) { title } deleteCase(id: "${caseId}") }`;
    expect((await sealed.ask(holder, mutation)).data).toEqual({ changeCase: { title: 'Ny' }, deleteCase: caseId });
  });
});

describe('entering, changing and deleting', () => {
  const party = `{ citizen: "${citizenId(5)}", role: PRIMARY }`;
  const enter = (over: string, kle = '32.03.12') =>
    `mutation { enterCase(input: { kle: "${kle}", title: "Prøve", parties: [${party}], ${over} }) { id number title clearance openedOn progress parties { citizen { id } role } } }`;
  const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Copenhagen' }).format(new Date());
  const year = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Copenhagen', year: '2-digit' }).format(new Date());

  it('numbers run per compartment: no gap and no collision tells of another', async () => {
    const fraud = aViewer({ clearance: [holds('MUNICIPALITY.SOCIAL_FRAUD')] });
    const [housed] = [(await room.ask(housing, enter('category: HOUSING_BENEFIT'))).data.enterCase];
    const serial = Number(housed.number.split('-')[2]);
    expect((await room.ask(fraud, enter('category: SOCIAL_FRAUD', '32.45.04'))).data.enterCase.number).toMatch(
      new RegExp(`^32\\.45\\.04-G01-\\d+-${year}$`),
    );
    // A case of another compartment, from before the table gave the number to one category, has the next number already.
    const next = `32.03.12-G01-${serial + 1}-${year}`;
    await room.database.sql(
      `UPDATE cases.shielded_case SET number = $1, kle = '32.03.12' WHERE id = (
         SELECT id FROM cases.shielded_case WHERE compartment = '0999.MUNICIPALITY.SOCIAL_FRAUD' LIMIT 1)`,
      [next],
    );
    expect((await room.ask(housing, enter('category: HOUSING_BENEFIT'))).data.enterCase.number).toBe(next);
    // Where both used a number, each finds the own case by it.
    const query = `{ caseByNumber(number: "${next}") { category } }`;
    expect((await room.ask(housing, query)).data.caseByNumber).toEqual({ category: 'HOUSING_BENEFIT' });
    expect((await room.ask(fraud, query)).data.caseByNumber).toEqual({ category: 'SOCIAL_FRAUD' });
  });

  it('many at once get each a number of their own', async () => {
    const entered = await Promise.all(
      Array.from({ length: 20 }, () => room.ask(housing, enter('category: HOUSING_BENEFIT, facet: "A07"'))),
    );
    const serials = entered.map(({ data }) => Number(data.enterCase.number.split('-')[2]));
    expect(serials.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
  });

  it('an entered case can be read, changed and deleted by those who may, and is gone then', async () => {
    const entered = (await room.ask(housing, enter('category: HOUSING_BENEFIT'))).data.enterCase;
    expect(entered).toMatchObject({ title: 'Prøve', clearance: 'DOCUMENTS', progress: 'OPSTAAET' });
    expect(entered.parties).toEqual([{ citizen: { id: citizenId(5) }, role: 'PRIMARY' }]);
    const change = `mutation { changeCase(id: "${entered.id}", input: { title: "Ændret", progress: AFSLUTTET, closedOn: "${today}", parties: [{ citizen: "${citizenId(6)}", role: PRIMARY }, { citizen: "${citizenId(7)}", role: CHILD }] }) { number title progress closedOn primaryParty { id } parties { role } } }`;
    expect((await room.ask(housing, change)).data.changeCase).toEqual({
      number: entered.number,
      title: 'Ændret',
      progress: 'AFSLUTTET',
      closedOn: today,
      primaryParty: { id: citizenId(6) },
      parties: [{ role: 'PRIMARY' }, { role: 'CHILD' }],
    });
    const reopen = `mutation { changeCase(id: "${entered.id}", input: { closedOn: null, title: null, progress: OPLYST }) { title closedOn } }`;
    expect((await room.ask(housing, reopen)).data.changeCase).toEqual({ title: 'Ændret', closedOn: null });
    expect(await room.ask(housing, `mutation { deleteCase(id: "${entered.id}") }`)).toEqual({
      data: { deleteCase: entered.id },
    });
    expect((await room.ask(housing, `{ case(id: "${entered.id}") { id } }`)).data).toEqual({ case: null });
    const [left] = await room.database.sql(
      `SELECT count(*)::int AS count FROM cases.every_party WHERE case_id = '${entered.id}'`,
    );
    expect(left).toEqual({ count: 0 });
  });

  it('a hidden, an unknown and a malformed id are one and the same NOT_FOUND', async () => {
    for (const id of [shielded[0]!.id, '3fa85f64-5717-4562-b3fc-2c963f66afa6', 'x', '\u0000']) {
      for (const viewer of [housing, board, nobody].filter((one) => one !== board || id !== shielded[0]!.id)) {
        const changed = await room.ask(viewer, 'mutation ($id: ID!) { changeCase(id: $id, input: {}) { id } }', { id });
        expect(changed).toEqual({ data: { changeCase: null }, errors: [fault('NOT_FOUND')] });
        const deleted = await room.ask(viewer, 'mutation ($id: ID!) { deleteCase(id: $id) }', { id });
        expect(deleted).toEqual({ data: { deleteCase: null }, errors: [fault('NOT_FOUND')] });
      }
    }
  });

  it('a case that one sees without the right to enter or delete is FORBIDDEN to change or delete', async () => {
    const { id } = (withShielded.ordinary_case as any[]).find(({ category }) => category === 'RELOCATION');
    for (const mutation of [`changeCase(id: "${id}", input: {}) { id }`, `deleteCase(id: "${id}")`])
      expect((await room.ask(guide, `mutation { ${mutation} }`)).errors).toEqual([fault('FORBIDDEN')]);
    const entering = aViewer({ clearance: [holds('MUNICIPALITY.RELOCATION', 'DOCUMENTS', ['SEARCH', 'ENTER'])] });
    expect((await room.ask(entering, `mutation { deleteCase(id: "${id}") }`)).errors).toEqual([fault('FORBIDDEN')]);
  });

  it('to enter without ENTER is FORBIDDEN in every compartment alike', async () => {
    for (const [over, kle] of [
      ['category: SSP', '27.25.00'],
      ['category: RELOCATION', '23.05.01'],
      ['category: BOARD_MATTER, authority: RENT_BOARD', '03.09.15'],
    ] as const)
      for (const viewer of [guide, housing, nobody])
        expect(await room.ask(viewer, enter(over, kle))).toEqual({
          data: { enterCase: null },
          errors: [fault('FORBIDDEN')],
        });
  });

  it('one who may enter but not search is told nothing of the case entered', async () => {
    const entering = aViewer({ clearance: [holds('MUNICIPALITY.SSP', 'DOCUMENTS', ['ENTER'])] });
    expect(await room.ask(entering, enter('category: SSP, facet: "A08"', '27.25.08'))).toEqual({
      data: { enterCase: null },
    });
    const [row] = await room.database.sql(
      `SELECT compartment FROM cases.shielded_case WHERE number LIKE '27.25.08-A08-%'`,
    );
    expect(row).toEqual({ compartment: '0999.MUNICIPALITY.SSP' });
  });

  it.each([
    ['category: BOARD_MATTER', 'category', 'BOARD_MATTER for a board or committee, any other for the municipality'],
    [
      'category: HOUSING_BENEFIT, authority: RENT_BOARD',
      'category',
      'BOARD_MATTER for a board or committee, any other for the municipality',
    ],
    ['category: HOUSING_BENEFIT, facet: "g1"', 'facet', 'a letter and two digits such as "G01"'],
    [
      'category: HOUSING_BENEFIT, openedOn: "2024-02-02", closedOn: "2024-02-01", progress: AFSLUTTET',
      'closedOn',
      'a day not before `openedOn`',
    ],
    ['category: HOUSING_BENEFIT, handler: "x"', 'handler', 'the id of a person'],
  ])('refuses %s', async (over, name, expected) => {
    const { errors } = await room.ask(housing, enter(over));
    expect(errors).toEqual([malformedInput([[name, expected]])]);
  });

  it('refuses a KLE pattern, a year that no database has, a title of controls, and parties without one primary', async () => {
    const refused = async (query: string, name: string, expected: string) =>
      expect((await room.ask(housing, query)).errors).toEqual([malformedInput([[name, expected]])]);
    const base = 'category: HOUSING_BENEFIT';
    await refused(enter(base, '32.03.*'), 'kle', 'a full KLE number such as "27.24.00"');
    const withTitle = (title: string) => enter(base).replace('"Prøve"', JSON.stringify(title));
    for (const title of ['', '   ', 'a\u0000b', 'a\nb', 'x'.repeat(301)])
      await refused(withTitle(title), 'title', 'one line of 1 to 300 characters');
    const lone = await room.ask(housing, `mutation ($input: EnterCaseInput!) { enterCase(input: $input) { id } }`, {
      input: {
        category: 'HOUSING_BENEFIT',
        kle: '32.03.12',
        title: 'a\ud800',
        parties: [{ citizen: citizenId(5), role: 'PRIMARY' }],
      },
    });
    expect(lone.errors).toEqual([malformedInput([['title', 'one line of 1 to 300 characters']])]);
    const parties = '1 to 50 citizens, each once, exactly one of them PRIMARY';
    await refused(enter(base).replace(`[${party}]`, '[]'), 'parties', parties);
    await refused(enter(base).replace(`[${party}]`, `[${party}, ${party}]`), 'parties', parties);
    const year0 = await room.ask(housing, 'query ($filter: CaseFilter) { cases(filter: $filter) { totalCount } }', {
      filter: { openedFrom: '0000-01-01' },
    });
    expect(year0.errors?.[0].extensions.code).toBe('BAD_USER_INPUT');
  });
});
