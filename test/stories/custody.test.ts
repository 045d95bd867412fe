/** What a parent sees for a child under custody, where the municipality has decided so: §1.1, box 2. Never a shielded case. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { graphql } from '../../schema/generated/index.js';
import { citizenId } from '../../subgraphs/demo/people.js';
import { makeIdentityRoom } from '../../subgraphs/identity/index.js';
import { ask } from '../support/typed.js';
import { openWorld, type World } from '../support/world.js';

const family = graphql(`
  query Family {
    viewer { person { ... on Citizen {
      id
      relatives { kind citizen {
        id name address { street }
        relatives { kind }
        cases(first: 50) { totalCount nodes { id category clearance title number parties { role citizen { id } } documents(first: 5) { totalCount } } }
        accessLog(first: 50) { totalCount nodes { organisation { name } employee { name } } }
      } }
      cases(first: 50) { totalCount nodes { id } }
    } } }
  }
`);
const oneCase = graphql(`query CaseOfChild($id: ID!) { case(id: $id) { id title } }`);
const every = graphql(`query CasesOfFamily { cases(first: 500) { totalCount nodes { id } } }`);
const lookUp = graphql(`query LookUpChild($cpr: CPR!) { citizen(cpr: $cpr) { name } }`);
const lookUpSecretly = graphql(
  `query LookUpSecretly($cpr: CPR!) { citizen(cpr: $cpr) { name cases { nodes { id } } } }`,
);

/** Twelve years old; the sibling is sixteen. */
const [child, sibling, spouse] = [citizenId(600), citizenId(900), citizenId(300)];
const parentsSee = (municipality: string) => municipality === '0999';
let world: World;
beforeAll(async () => {
  world = await openWorld({ shielded: true, rooms: { identity: makeIdentityRoom({ parentsSee }) } });
});
afterAll(() => world.close());

async function familyOf(person: string, from = world) {
  const { viewer } = await ask(from, person, family);
  if (!viewer || !('relatives' in viewer.person)) throw new Error('expected a citizen');
  return viewer.person;
}
const shownOf = async (person: string, from = world) =>
  (await familyOf(person, from)).relatives.flatMap(({ citizen }) => (citizen ? [citizen] : []));
const cprOf = async (id: string) =>
  (await world.database.sql<{ cpr: string }>('SELECT cpr FROM identity.citizen WHERE id = $1', [id]))[0]!.cpr;
const custody = (held: boolean, parent = citizenId(0)) =>
  world.database.sql(`UPDATE identity.relation SET custody = $1 WHERE citizen = $2 AND relative = $3`, [
    held,
    parent,
    child,
  ]);
/** Until the gateway has heard of the change: a fifth of a second without Redis. What was begun before is withheld. */
async function settled(cases: number): Promise<void> {
  const last = Date.now() + 5_000;
  while (Date.now() < last) {
    const { body } = await world.ask('citizen', every.toString());
    if (body.data?.cases.totalCount === cases) return;
  }
  throw new Error('the change of custody was not heard of');
}
const partiesIn = (table: string) =>
  world.database.sql<{ case_id: string; role: string }>(`SELECT case_id, role FROM cases.${table} WHERE citizen = $1`, [
    child,
  ]);

describe('a parent', () => {
  it('sees the child under 15, with the cases that are about the child, and no other relative', async () => {
    const { relatives } = await familyOf('citizen');
    expect(relatives.map(({ kind }) => kind).sort()).toEqual(['CHILD', 'CHILD', 'SPOUSE']);
    const [one, ...others] = await shownOf('citizen');
    expect(others).toEqual([]);
    expect(one).toMatchObject({ id: child, name: 'Lisa Hjort-Vinther', relatives: [] });
    expect(one!.address!.street).toBeTruthy();
    const own = (await partiesIn('ordinary_party')).filter(({ role }) => role === 'PRIMARY');
    expect(one!.cases).toEqual({
      totalCount: 1,
      nodes: [
        {
          id: own[0]!.case_id,
          ...{ category: 'RELOCATION', clearance: 'METADATA', title: 'Flytning, manglende anmeldelse' },
          number: expect.any(String),
          parties: [{ role: 'PRIMARY', citizen: { id: child } }],
          documents: null,
        },
      ],
    });
    const { case: opened } = await ask(world, 'citizen', oneCase, { id: own[0]!.case_id });
    expect(opened!.title).toBe('Flytning, manglende anmeldelse');
  });

  it("never sees a shielded case of the child, nor the other parent's cases that name the child", async () => {
    const hidden = await partiesIn('shielded_party');
    const named = (await partiesIn('ordinary_party')).filter(({ role }) => role !== 'PRIMARY');
    const own = (await familyOf('citizen')).cases.nodes.map(({ id }) => id);
    const others = named.filter(({ case_id }) => !own.includes(case_id));
    expect([hidden.length > 0, others.length > 0]).toEqual([true, true]);
    for (const { case_id } of [...hidden, ...others])
      expect(await ask(world, 'citizen', oneCase, { id: case_id })).toEqual({ case: null });
    const { cases } = await ask(world, 'citizen', every);
    expect(cases!.totalCount).toBe(own.length + 1);
    const seen = cases!.nodes.map(({ id }) => id);
    for (const { case_id } of [...hidden, ...others]) expect(seen).not.toContain(case_id);
  });

  it('sees who looked the child up, and not who worked on the shielded case', async () => {
    const cpr = await cprOf(child);
    const before = (await shownOf('citizen'))[0]!.accessLog.totalCount;
    await ask(world, 'ssp-worker', lookUpSecretly, { cpr });
    expect((await shownOf('citizen'))[0]!.accessLog.totalCount).toBe(before + 1);
    await ask(world, 'guidance-worker', lookUp, { cpr });
    const { accessLog } = (await shownOf('citizen'))[0]!;
    expect(accessLog.nodes.slice(0, 4)).toContainEqual({ organisation: { name: 'Borgerservice' }, employee: null });
    expect(JSON.stringify(accessLog)).not.toContain('SSP');
  });

  it('sees no protected name or address of the child', async () => {
    const protect = (name: boolean, address: boolean) =>
      world.database.sql('UPDATE identity.citizen SET name_protected = $1, address_protected = $2 WHERE id = $3', [
        ...[name, address],
        child,
      ]);
    await protect(false, true);
    expect((await shownOf('citizen'))[0]).toMatchObject({ name: 'Lisa Hjort-Vinther', address: null });
    await protect(true, true);
    expect((await shownOf('citizen'))[0]).toMatchObject({ name: 'Navnebeskyttet', address: null });
    await protect(false, false);
  });

  it('sees nothing more once custody is withdrawn, and sees again when it is given', async () => {
    const own = (await familyOf('citizen')).cases.totalCount;
    expect(await shownOf('citizen')).toHaveLength(1);
    await custody(false);
    // The register is asked for each answer, whatever the gateway knows.
    expect((await world.ask('citizen', family.toString())).text).not.toContain(child);
    await settled(own);
    expect(await shownOf('citizen')).toEqual([]);
    await custody(true);
    await settled(own + 1);
    expect(await shownOf('citizen')).toHaveLength(1);
  });
});

it("somebody else's child is nobody to a parent", async () => {
  for (const { id } of await shownOf('other-citizen')) expect([child, sibling, spouse]).not.toContain(id);
});

it('where the municipality has not decided so, a parent sees no child', async () => {
  const undecided = await openWorld({ shielded: true });
  try {
    expect(await shownOf('citizen', undecided)).toEqual([]);
  } finally {
    await undecided.close();
  }
});
