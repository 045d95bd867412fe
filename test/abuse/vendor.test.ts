/** Wall 3: a vendor's subgraph that hands out references to whatever it has cannot reveal a shielded case. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openWorld, type World } from '../support/world.js';
import { fixedCitizen } from './attack.js';
import { json, replaceRoom } from './impostor.js';
import { asFile, openVendor, type Vendor } from './vendor.js';

let vendor: Vendor;
let world: World;
let remove: () => Promise<void>;
let ordinary: string[];
let shielded: string[];
const unknown = '00000000-0000-4000-8000-00000000bbbb';

beforeAll(async () => {
  vendor = await openVendor();
  const supergraph = await asFile(vendor.supergraph);
  remove = supergraph.remove;
  world = await openWorld({
    shielded: true,
    supergraph: supergraph.file,
    subgraphs: new Map([['vendor', vendor.url]]),
  });
  const ids = async (sql: string) => (await world.database.sql<{ id: string }>(sql)).map(({ id }) => id);
  ordinary = await ids("SELECT id FROM cases.ordinary_case WHERE category = 'HOUSING_BENEFIT' ORDER BY id LIMIT 3");
  shielded = await ids(
    "SELECT id FROM cases.shielded_case WHERE category IN ('CHILD_CONCERN', 'SOCIAL_FRAUD') ORDER BY category, id LIMIT 4",
  );
});
afterAll(async () => {
  await world.close();
  await vendor.close();
  await remove();
});

const citizen = (inside: string) => `{ citizen(cpr: "${fixedCitizen}") { ${inside} } }`;
const operations = [
  citizen('vendorCases { id }'),
  citizen('vendorCases { __typename }'),
  citizen('vendorCases { vendorNote }'),
  citizen('vendorCases { id category title handler { name } vendorNote vendorPages }'),
  citizen('vendorCase { id vendorNote clearance }'),
  citizen('mine: vendorCases { clearance: vendorNote id: category } theirs: vendorCases { a: id b: id }'),
  citizen('vendorFiles { nodes { id } edges { cursor } }'),
  citizen('vendorFiles { edges { cursor node { vendorNote } } }'),
  citizen('vendorFiles { edges { __typename } nodes { __typename } }'),
  citizen('vendorThings { __typename ... on Case { vendorNote } ... on VendorCabinet { id top { id } } }'),
  citizen('vendorKept { id }'),
  citizen('vendorKept { __typename ... on Case { title } }'),
  citizen('vendorCabinets { id top { id } cases { id related { id related { id vendorNote } } } }'),
  '{ vendorCases { id } }',
  '{ vendorGrid { id title } }',
  'query($skip: Boolean = true) { vendorCases { id @skip(if: $skip) clearance @include(if: $skip) vendorPages } }',
  '{ ...Q } fragment Q on Query { vendorCases { ...C } } fragment C on Case { related { ...on Case { related { id } } } }',
];
const personas = [
  'housing-caseworker',
  'guidance-worker',
  'records-officer',
  'security-officer',
  'case-system',
  'citizen',
  'administrator',
];

/** Its body, without the references of masked errors, which are random. */
async function body(person: string, query: string): Promise<string> {
  const answer = await world.ask(person, query);
  return `${answer.status} ${answer.text.replaceAll(/"reference":"[^"]+"/g, '"reference":"…"')}`;
}
const mixed = () => [
  shielded[0]!,
  ordinary[0]!,
  unknown,
  shielded[1]!,
  ordinary[1]!,
  shielded[2]!,
  ordinary[2]!,
  shielded[3]!,
];

describe('a vendor that hands out ordinary and shielded cases alike', () => {
  it('is of use to the cleared: what is missing below is missing for its shielding', async () => {
    vendor.handsOut(mixed());
    const { data } = (await world.ask('placement-secretary', '{ vendorCases { id vendorNote category } }')).body;
    expect(data.vendorCases).toEqual(
      shielded
        .slice(0, 4)
        .filter(Boolean)
        .map((id) => ({ id, vendorNote: `a note on ${id}`, category: 'CHILD_CONCERN' }))
        .slice(0, data.vendorCases.length),
    );
    expect(data.vendorCases.length).toBeGreaterThan(0);
  });

  it.each(personas)('gives %s the bodies that a vendor gives who has ordinary cases only', async (person) => {
    for (const query of operations) {
      vendor.handsOut(mixed());
      const leaky = await body(person, query);
      vendor.handsOut(ordinary);
      // The one field that has room for one case only: the honest vendor has none to put there.
      if (/vendorCase \{|top \{/.test(query)) vendor.handsOut([unknown, ...ordinary]);
      expect([query, leaky]).toEqual([query, await body(person, query)]);
      for (const id of shielded) expect(leaky).not.toContain(id);
    }
  });

  it('gives the housing caseworker their own cases meanwhile, so that the comparison is of something', async () => {
    vendor.handsOut(mixed());
    const { data } = (
      await world.ask('housing-caseworker', citizen('vendorFiles { edges { cursor node { id } } nodes { id } }'))
    ).body;
    expect(data.citizen.vendorFiles.nodes).toEqual(ordinary.map((id) => ({ id })));
    expect(data.citizen.vendorFiles.edges).toEqual(ordinary.map((id) => ({ cursor: `after ${id}`, node: { id } })));
  });

  it('gives nothing where it has shielded cases only: as a vendor without any', async () => {
    for (const query of operations) {
      vendor.handsOut(shielded);
      const leaky = await body('records-officer', query);
      vendor.handsOut([]);
      expect([query, leaky]).toEqual([query, await body('records-officer', query)]);
    }
  });

  it('1, 18: tells no hidden case from an unknown one, asked for by id', async () => {
    vendor.handsOut([...shielded, unknown]);
    for (const id of [...shielded, unknown, 'no id at all'])
      expect(
        await body('records-officer', `{ vendorCase(id: "${id}") { __typename vendorNote related { id } } }`),
      ).toBe('200 {"data":{"vendorCase":null}}');
  });

  it('37, 38: loses its errors about hidden cases; those about others name the index that the caller sees', async () => {
    const query = '{ vendorCases { id vendorNote } }';
    vendor.handsOut(mixed(), [shielded[0]!, shielded[2]!, ordinary[1]!]);
    const leaky = await world.ask('housing-caseworker', query);
    vendor.handsOut(ordinary, [ordinary[1]!]);
    expect(await body('housing-caseworker', query)).toBe(
      `200 ${leaky.text.replaceAll(/"reference":"[^"]+"/g, '"reference":"…"')}`,
    );
    expect(leaky.body.errors).toHaveLength(1);
    expect(leaky.body.errors).toMatchObject([
      { path: ['vendorCases', 1, 'vendorNote'], extensions: { code: 'INTERNAL' } },
    ]);
    expect(leaky.text).not.toContain('torn');
  });

  it('15: a field that a hidden case must have, and of which its owner says nothing, takes no list along', async () => {
    const query = '{ vendorCases { id kle category progress openedOn changedAt authority { code } parties { role } } }';
    vendor.handsOut(mixed());
    const leaky = await body('housing-caseworker', query);
    vendor.handsOut(ordinary);
    expect(leaky).toBe(await body('housing-caseworker', query));
    expect(leaky).toContain(ordinary[2]!);
  });

  it('57: leaves no trace of a hidden case in the log of what was disclosed', async () => {
    const logged = async () => {
      await body('housing-caseworker', citizen('vendorCases { id } vendorFiles { edges { cursor } }'));
      const [entry] = await world.database.sql(
        'SELECT cases, citizens, fields, outcome, faults FROM audit.entry_details ORDER BY at DESC LIMIT 1',
      );
      return entry as { cases: string[] };
    };
    vendor.handsOut(mixed());
    const leaky = await logged();
    vendor.handsOut(ordinary);
    expect(leaky).toEqual(await logged());
    expect([...leaky.cases].sort()).toEqual(ordinary);
  });
});

describe('a vendor that vouches for cases itself', () => {
  it('is not believed: what it answers without having been asked is dropped', async () => {
    const vouched = [...shielded, unknown].map((id) => ({
      __typename: 'Case',
      id,
      clearance: 'DOCUMENTS',
      title: 'stolen',
      vendorNote: 'n',
    }));
    vendor.does(json({ data: { vendorCases: vouched } }));
    expect(await body('records-officer', '{ vendorCases { id vendorNote } }')).toBe('200 {"data":{"vendorCases":[]}}');
    expect(await body('records-officer', '{ vendorCases { id title clearance } }')).toBe(
      '200 {"data":{"vendorCases":[]}}',
    );
    expect(await body('records-officer', '{ vendorCases { clearance: vendorNote _0_clearance: id } }')).toBe(
      '200 {"data":{"vendorCases":[]}}',
    );
  });

  it('is not believed while the room that owns cases is gone: what nobody vouches for is not there', async () => {
    (await replaceRoom(world, 'cases')).close();
    vendor.does(
      json({
        data: {
          vendorCases: [...ordinary, ...shielded].map((id) => ({ __typename: 'Case', id, clearance: 'DOCUMENTS' })),
        },
      }),
    );
    const answer = await world.ask('housing-caseworker', '{ vendorCases { id } }');
    expect(answer.body.data).toEqual({ vendorCases: [] });
    expect(answer.body.errors).toMatchObject([
      { message: expect.any(String), path: ['vendorCases'], extensions: { code: 'SUBGRAPH_UNAVAILABLE' } },
    ]);
  });
});
