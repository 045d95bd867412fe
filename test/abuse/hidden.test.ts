/**
 * Keys and lists: the world with shielded cases and the world without, asked the same by somebody uncleared. Each question is one
 * to which somebody cleared gets two answers, so that a wall that is missing would show.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encodeCursor } from '../../subgraphs/protocol/connection.js';
import { faults } from '../../subgraphs/protocol/faults.js';
import { openWorld, type World } from '../support/world.js';
import { fixedCitizen } from './attack.js';

let world: World;
let other: World;
let hidden: {
  id: string;
  number: string;
  kle: string;
  title: string;
  changed: string;
  opened: string;
  handler: string;
};
let citizenId: string;
let ownOrdinary: string;
const unknown = '00000000-0000-4000-8000-00000000cccc';
const uncleared = [
  'housing-caseworker',
  'guidance-worker',
  'records-officer',
  'security-officer',
  'case-system',
  'citizen',
  'smdb-reporter',
];
const cleared = 'placement-secretary';

beforeAll(async () => {
  [world, other] = [await openWorld({ shielded: true }), await openWorld({ shielded: false })];
  [hidden] = (await world.database.sql(
    `SELECT c.id, number, kle, title, to_char(changed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS changed, opened_on::text AS opened, handler
     FROM cases.shielded_case c JOIN cases.shielded_party p ON p.case_id = c.id JOIN identity.citizen z ON z.id = p.citizen
     WHERE z.cpr = $1 AND category = 'CHILD_CONCERN'`,
    [fixedCitizen],
  )) as [typeof hidden];
  [{ id: citizenId }] = (await world.database.sql('SELECT id FROM identity.citizen WHERE cpr = $1', [
    fixedCitizen,
  ])) as [{ id: string }];
  [{ id: ownOrdinary }] = (await world.database.sql(
    "SELECT id FROM cases.ordinary_case WHERE category = 'HOUSING_BENEFIT' ORDER BY id LIMIT 1",
  )) as [{ id: string }];
});
afterAll(async () => {
  await world?.close();
  await other?.close();
});

type Asked = (hiddenId: string) => [query: string, variables?: object];

async function answerIn(which: World, person: string, [query, variables]: [string, object?]): Promise<string> {
  const { status, text, headers, fetches } = await which.ask(person, query, variables);
  const told = [...headers].filter(([name]) => name !== 'date');
  return JSON.stringify({ status, text, told, fetches: [...fetches].sort() });
}

/** Nobody uncleared gets two answers; somebody cleared does, where the question is one for them. */
async function expectSame(asked: Asked, everybody = uncleared) {
  const question = asked(hidden.id);
  for (const person of everybody)
    expect([person, await answerIn(world, person, question)]).toEqual([
      person,
      await answerIn(other, person, question),
    ]);
  expect(await answerIn(world, cleared, question)).not.toBe(await answerIn(other, cleared, question));
}
const aboutCitizen = (inside: string) => `{ citizen(cpr: "${fixedCitizen}") { ${inside} } }`;

describe('keys', () => {
  const byId: [string, Asked][] = [
    ['1: its id, and only what type it is', (id) => [`{ case(id: "${id}") { __typename } }`]],
    ['its id', (id) => ['query($id: ID!) { case(id: $id) { id title category } }', { id }]],
    ['its number', () => [`{ caseByNumber(number: "${hidden.number}") { id } }`]],
    [
      'its id as a filter of another list',
      () => [`{ cases(filter: { citizen: "${citizenId}" }) { totalCount nodes { id } } }`],
    ],
  ];
  it.each(byId)('a hidden case is not found by %s', async (_what, asked) => {
    await expectSame(asked);
  });

  it('18: nor by a guessed key at the door of its room', async () => {
    const ask = async (which: World, person: string, id: string) => {
      const viewer = await which.gateway.sessions.viewerOf(await which.tokenOf(person));
      const response = await fetch(`${which.origins.get('cases')}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${await which.signer.sign(viewer!, 'cases')}`,
        },
        body: JSON.stringify({
          query:
            'query($r: [_Any!]!) { _entities(representations: $r) { __typename ... on Case { id clearance title } } }',
          variables: {
            r: [
              { __typename: 'Case', id },
              { __typename: 'Case', id, clearance: 'DOCUMENTS' },
            ],
          },
        }),
      });
      return `${response.status} ${await response.text()}`;
    };
    for (const person of uncleared) {
      expect([person, await ask(world, person, hidden.id)]).toEqual([
        person,
        '200 {"data":{"_entities":[null,null]}}\n',
      ]);
      expect(await ask(other, person, hidden.id)).toBe(await ask(world, person, unknown));
    }
    expect(await ask(world, cleared, hidden.id)).toContain(hidden.title);
  });

  const changes: [string, (id: string) => string][] = [
    ['24, 25: changed', (id) => `mutation { changeCase(id: "${id}", input: { title: "x" }) { id } }`],
    ['25: closed', (id) => `mutation { changeCase(id: "${id}", input: { closedOn: "2026-01-01" }) { id clearance } }`],
    ['25: deleted', (id) => `mutation { deleteCase(id: "${id}") }`],
  ];
  it.each(changes)(
    '%s: a hidden case is not found, in the words and the form of an unknown one',
    async (_what, mutation) => {
      for (const person of ['housing-caseworker', 'case-system', 'fraud-investigator']) {
        const [atHidden, atUnknown] = [
          await world.ask(person, mutation(hidden.id)),
          await world.ask(person, mutation(unknown)),
        ];
        expect(atHidden.text).toBe(atUnknown.text);
        expect(atHidden.body.errors).toMatchObject([
          { message: faults.NOT_FOUND.message, extensions: { code: 'NOT_FOUND' } },
        ]);
      }
      const [row] = await world.database.sql('SELECT title FROM cases.shielded_case WHERE id = $1', [hidden.id]);
      expect(row).toEqual({ title: hidden.title });
    },
  );

  it('17: a mutation whose answer reads a hidden case again reads nothing', async () => {
    const query = `mutation { changeCase(id: "${ownOrdinary}", input: { title: "Boligstøtte" }) { id primaryParty { cases { totalCount } } } }`;
    for (const which of [world, other])
      expect((await which.ask('housing-caseworker', query)).body.data.changeCase.id).toBe(ownOrdinary);
    expect(await answerIn(world, 'housing-caseworker', [query])).toBe(
      await answerIn(other, 'housing-caseworker', [query]),
    );
  });

  it('22, 23: the number of a new case tells of no hidden one of the same class', async () => {
    const enter = `mutation { enterCase(input: { category: HOUSING_BENEFIT, kle: "32.03.12", title: "Ny", parties: [{ citizen: "${citizenId}", role: PRIMARY }] }) { number } }`;
    for (let run = 0; run < 3; run += 1) {
      const [here, there] = [
        await world.ask('housing-caseworker', enter),
        await other.ask('housing-caseworker', enter),
      ];
      expect(here.text).toBe(there.text);
      expect(here.body.data.enterCase.number).toMatch(/^\d\d\.\d\d\.\d\d-G01-\d+-\d\d$/);
    }
    const ofHidden = enter.replace('32.03.12', hidden.kle);
    const refused = await world.ask('housing-caseworker', ofHidden);
    expect(refused.body.errors![0]!.extensions.code).toBe('BAD_USER_INPUT');
    expect(refused.text).toBe((await other.ask('housing-caseworker', ofHidden)).text);
  });

  it('26: a malformed id is as unknown as a hidden one', async () => {
    for (const id of ['', 'x', `${hidden.id} `, hidden.id.toUpperCase(), `${hidden.id}'--`, '%', '\u0000'])
      expect((await world.ask('records-officer', 'query($id: ID!) { case(id: $id) { id } }', { id })).text).toBe(
        '{"data":{"case":null}}',
      );
  });
});

describe('lists: a hidden case is not told by', () => {
  const rows: [string, Asked][] = [
    ['27: a count', () => [aboutCitizen('cases { totalCount }')]],
    [
      '28: a page that is short, or said to be followed by another',
      () => [aboutCitizen('cases(first: 2) { pageInfo { hasNextPage endCursor } edges { cursor } nodes { id } }')],
    ],
    ['28: a page of none', () => [aboutCitizen('cases(first: 0) { pageInfo { hasNextPage } totalCount }')]],
    [
      '31: an order by a column that cannot be seen',
      () => [aboutCitizen('cases(orderBy: TITLE_ASC) { nodes { id } totalCount }')],
    ],
    [
      '31: an order by number, backwards',
      () => ['{ cases(orderBy: NUMBER_DESC, first: 100) { nodes { id } totalCount } }'],
    ],
    [
      '32: a filter that names its compartment',
      () => ['{ cases(filter: { compartment: "0999.MUNICIPALITY.CHILD_CONCERN" }) { totalCount } }'],
    ],
    [
      '32: a filter that names its category',
      () => ['{ cases(filter: { categories: [CHILD_CONCERN, HOUSING_BENEFIT] }) { totalCount } }'],
    ],
    ['32: a filter that names its number', () => [`{ cases(filter: { number: "${hidden.number}" }) { totalCount } }`]],
    [
      '32: a search for its title',
      () => [
        'query($t: String) { cases(filter: { titleContains: $t }) { totalCount } }',
        { t: hidden.title.slice(0, 300) },
      ],
    ],
    [
      '32: a filter that names its day',
      () => [`{ cases(filter: { openedFrom: "${hidden.opened}", openedTo: "${hidden.opened}" }) { totalCount } }`],
    ],
    [
      '33: what changed last',
      () => ['{ cases(orderBy: CHANGED_AT_DESC, first: 3) { nodes { changedAt } totalCount } }'],
    ],
    [
      '35: the difference of two small counts',
      () => [
        `{ a: cases(filter: { kle: "${hidden.kle}" }) { totalCount } b: cases(filter: { kle: "${hidden.kle}", open: true }) { totalCount } }`,
      ],
    ],
    [
      '11: the way back from its citizen, their relatives and theirs',
      () => [
        aboutCitizen(
          'cases { totalCount } relatives { citizen { cases { totalCount } relatives { citizen { cases { totalCount } } } } }',
        ),
      ],
    ],
    [
      '12, 16: another name, and two names of one list',
      () => [
        aboutCitizen('a: cases { n: totalCount } b: cases(filter: { categories: [CHILD_CONCERN] }) { n: totalCount }'),
      ],
    ],
    [
      '3: fragments, named, nested and inline',
      () => [
        '{ ...Q } fragment Q on Query { citizen(cpr: "0201609995") { ...C ... on Citizen { ... { cases { n: totalCount } } } } } fragment C on Citizen { cases { nodes { ... on Case { id } } } }',
      ],
    ],
    [
      '13: @skip and @include',
      () => [
        'query($y: Boolean = true, $n: Boolean = false) { citizen(cpr: "0201609995") { cases { totalCount @include(if: $y) nodes @skip(if: $n) { id @skip(if: $y) kle @include(if: $n) __typename } } } }',
      ],
    ],
  ];
  it.each(rows)('%s', async (_what, asked) => {
    await expectSame(asked);
  });

  it('29: a cursor that was made of it', async () => {
    const cursors: [string, string][] = [
      ['CHANGED_AT_DESC', encodeCursor(['CHANGED_AT_DESC', hidden.changed, hidden.id])],
      ['OPENED_ON_ASC', encodeCursor(['OPENED_ON_ASC', hidden.opened, hidden.id])],
    ];
    for (const [order, after] of cursors)
      await expectSame(() => [
        `{ cases(orderBy: ${order}, first: 5, after: "${after}") { totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage } } }`,
      ]);
  });

  it('34: the last contact in drug treatment, and the cases that courses belong to', async () => {
    const query = '{ smdbForms(first: 500) { totalCount nodes { course { id requestedOn endedOn case { id } } } } }';
    for (const person of ['smdb-reporter', 'smdb-leader', 'smdb-health', 'centre-reporter'])
      expect(await answerIn(world, person, [query])).toBe(await answerIn(other, person, [query]));
  });

  it('36, 42: neither its form nor its length: forbidden, not found and null are the same for hidden and unknown', async () => {
    const query =
      'query($id: ID!) { case(id: $id) { id clearance parties { citizen { name } } documents { totalCount } } }';
    for (const person of [...uncleared, 'administrator']) {
      const answers = await Promise.all([hidden.id, unknown].map((id) => answerIn(world, person, [query, { id }])));
      expect([person, answers[0]]).toEqual([person, answers[1]]);
    }
  });
});
