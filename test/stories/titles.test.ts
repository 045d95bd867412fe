/** Titles of cases are seen by those who work with the cases, and by nobody merely because of a right (§1.1, §3.2). */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { demoPeople } from '../../subgraphs/demo/identity.js';
import { employeeId } from '../../subgraphs/demo/people.js';
import { rightCodes } from '../../subgraphs/identity/sessions/rights.js';
import { fixedCitizen } from '../abuse/attack.js';
import { until } from '../support/processes.js';
import { openWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld({ shielded: true });
});
afterAll(() => world.close());

const ordinary = [
  ...['CASH_BENEFIT', 'CHILD_SUPPORT', 'DAY_CARE_SUBSIDY', 'DRUG_TREATMENT', 'HOUSING_BENEFIT', 'RELOCATION'],
];
/** Everybody who sees the title of any case, and of which kinds. Whoever is not named here sees none. */
const readers: Readonly<Record<string, readonly string[]>> = {
  'housing-caseworker': ['HOUSING_BENEFIT'],
  'case-system': ['HOUSING_BENEFIT'],
  'placement-secretary': ['CHILD_CONCERN', 'FAMILY_RESIDENCE', 'PLACEMENT'],
  'fraud-investigator': ['SOCIAL_FRAUD'],
  'ssp-worker': ['SSP'],
  'board-secretary': ['BOARD_MATTER'],
  'marriage-secretary': ['BOARD_MATTER'],
  'folkeoplysning-secretary': ['BOARD_MATTER'],
  'licensing-secretary': ['BOARD_MATTER'],
  'rent-board-secretary': ['BOARD_MATTER'],
  'fence-inspection-secretary': ['BOARD_MATTER'],
  'smdb-reporter': ['DRUG_TREATMENT'],
  'smdb-health': ['DRUG_TREATMENT'],
  'records-officer': ordinary,
  // As a primary party to it.
  citizen: ['DAY_CARE_SUBSIDY', 'HOUSING_BENEFIT'],
  'other-citizen': ['CHILD_SUPPORT', 'HOUSING_BENEFIT'],
};

const fields = 'nodes { category number title handler { id } primaryParty { id } parties { role } }';
const ways = [
  `{ cases(first: 500, orderBy: OPENED_ON_DESC) { ${fields} } }`,
  `{ citizen(cpr: "${fixedCitizen}") { cases(first: 500) { ${fields} } } }`,
  `{ citizens(filter: { nameContains: "nsen" }, first: 100) { nodes { cases(first: 20) { ${fields} } } } }`,
];

it.each(demoPeople.map(({ key }) => key))('%s sees the titles of what they work with, and no other', async (key) => {
  expect(await titlesSeen(key)).toEqual(readers[key] ?? []);
});

it('no right brings a title with it: without a grant there is none', async () => {
  await world.database.sql(`UPDATE identity.clearance_grant SET status = 'WITHDRAWN' WHERE holder = $1`, [
    employeeId('records-officer'),
  ]);
  await world.database.sql(
    `INSERT INTO identity.right_assignment (municipality, employee, code, organisation, source, assigned_at)
     SELECT '0999', id, code, organisation, 'LOCAL', now() FROM identity.employee, unnest($2::text[]) AS code
     WHERE id = $1 ON CONFLICT DO NOTHING`,
    [employeeId('records-officer'), rightCodes],
  );
  // The gateway hears of a change that nobody made through it within a second.
  const held = async () => {
    const { body } = await world.ask('records-officer', '{ viewer { rights { code } clearance { level } } }');
    return body.data?.viewer.rights.length === rightCodes.length && body.data.viewer.clearance.length === 0;
  };
  await until('the rights are held', held, 5_000);
  for (const right of rightCodes) {
    const switched = await world.ask(
      'records-officer',
      'mutation ($right: RightCode!) { actIn(right: $right) { actingIn { code } } }',
      { right },
    );
    expect(switched.body.data.actIn.actingIn).toEqual({ code: right });
    expect([right, await titlesSeen('records-officer')]).toEqual([right, []]);
  }
});

/** Categories of the cases of which anything beyond their existence is seen. */
async function titlesSeen(key: string): Promise<string[]> {
  const seen = new Set<string>();
  for (const way of ways) {
    const { body } = await world.ask(key, way);
    const lists = [
      body.data?.cases,
      body.data?.citizen?.cases,
      ...(body.data?.citizens?.nodes ?? []).map(({ cases }: any) => cases),
    ];
    for (const { category, number, title, handler, primaryParty, parties } of lists.flatMap(
      (list) => list?.nodes ?? [],
    ))
      if (title ?? number ?? handler ?? primaryParty ?? parties?.[0]) {
        expect(title).toBeTruthy();
        seen.add(category);
      }
  }
  return [...seen].sort();
}
