/** The citizen's own view of the log: who looked me up, and never that somebody works on a case I may not know of. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { graphql } from '../../schema/generated/index.js';
import { faults } from '../../subgraphs/protocol/faults.js';
import { answer, ask } from '../support/typed.js';
import { openWorld, type World } from '../support/world.js';

const accessLog = graphql(`
  query AccessLog($cpr: CPR!, $first: Int) {
    citizen(cpr: $cpr) {
      accessLog(first: $first) {
        totalCount
        nodes { at use purpose organisation { name } employee { name } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);
const lookUp = graphql(`
  query LookUpWithCases($cpr: CPR!) { citizen(cpr: $cpr) { name address { street } cases { nodes { id title } } } }
`);
const plainLookUp = graphql(`query PlainLookUp($cpr: CPR!) { citizen(cpr: $cpr) { name } }`);
const openCase = graphql(
  `query OpenCaseOfCitizen($id: ID!) { case(id: $id) { title parties { citizen { name cpr } } } }`,
);
const search = graphql(`
  query SearchCitizenByNumber($cpr: CPR!) { citizens(filter: { cpr: $cpr }) { totalCount nodes { name } } }
`);
const change = graphql(`
  mutation ChangeCaseOfCitizen($id: ID!, $input: ChangeCaseInput!) { changeCase(id: $id, input: $input) { id parties { citizen { id } } } }
`);

const cpr = '0201609995';
const secretaries = ['placement-secretary', 'fraud-investigator', 'board-secretary'];

let world: World;
beforeAll(async () => {
  world = await openWorld({ shielded: true });
});
afterAll(() => world.close());

const logOf = async (person: string, of = cpr) => {
  const { citizen } = await ask(world, person, accessLog, { cpr: of, first: 500 });
  return citizen!.accessLog;
};
const sealedEntries = async (): Promise<number> => {
  const [row] = await world.database.sql<{ n: number }>(
    `SELECT count(*)::int AS n FROM audit.sealed_entry_citizen s JOIN identity.citizen z ON z.id::text = s.citizen
      WHERE z.cpr = $1`,
    [cpr],
  );
  return row!.n;
};

describe('a citizen', () => {
  it('never learns that secretaries looked up a shielded case, nor the person, whatever they did', async () => {
    const before = await answer(world, 'citizen', accessLog, { cpr, first: 500 });
    const sealedBefore = await sealedEntries();
    for (const secretary of secretaries) {
      const { citizen } = await ask(world, secretary, lookUp, { cpr }, { 'x-purpose': 'Tilsyn' });
      const [known] = citizen!.cases.nodes;
      expect(citizen!.cases.nodes).toHaveLength(1);
      const { parties } = (await ask(world, secretary, openCase, { id: known!.id })).case!;
      expect(parties!.map((party) => party.citizen!.cpr)).toContain(cpr);
      await ask(world, secretary, change, { id: known!.id, input: { sensitivity: 'FORTROLIGE_PERSONOPLYSNINGER' } });
      await ask(world, secretary, search, { cpr });
      await ask(world, secretary, plainLookUp, { cpr }, { 'x-purpose': 'Tilsyn' });
    }
    // All of it is in the log, under seal: the case change names its parties as well.
    expect((await sealedEntries()) - sealedBefore).toBe(5 * secretaries.length);
    const after = await answer(world, 'citizen', accessLog, { cpr, first: 500 });
    expect(after.text).toBe(before.text);
    expect(after.text).not.toMatch(/Tilsyn|Familie og Anbringelse|Kontrolgruppen|Sekretariatet/);
  });

  it('sees the guidance worker’s look-up with unit and purpose, and not by whom', async () => {
    const before = await logOf('citizen');
    await ask(world, 'guidance-worker', lookUp, { cpr }, { 'x-purpose': 'Vejledning om boligstoette' });
    const after = await logOf('citizen');
    expect(after.totalCount).toBe(before.totalCount + 1);
    expect(after.nodes.slice(1)).toEqual(before.nodes);
    expect(after.nodes[0]).toEqual({
      at: expect.stringMatching(/^2026-11-02T08:00:/),
      use: 'SEARCH',
      purpose: 'Vejledning om boligstoette',
      organisation: { name: 'Borgerservice' },
      employee: null,
    });
  });

  it('sees one line per answer that named the citizen: a search, a case opened by a caseworker', async () => {
    const [own] = await world.database.sql<{ id: string }>(
      `SELECT c.id FROM cases.ordinary_case c JOIN cases.ordinary_party p ON p.case_id = c.id
         JOIN identity.citizen z ON z.id = p.citizen WHERE z.cpr = $1 AND c.category = 'HOUSING_BENEFIT'`,
      [cpr],
    );
    const before = await logOf('citizen');
    await ask(world, 'guidance-worker', search, { cpr });
    await ask(world, 'housing-caseworker', openCase, { id: own!.id });
    await ask(world, 'housing-caseworker', change, {
      id: own!.id,
      input: { sensitivity: 'FORTROLIGE_PERSONOPLYSNINGER' },
    });
    const after = await logOf('citizen');
    expect(after.totalCount).toBe(before.totalCount + 3);
    expect(after.nodes.slice(0, 3).map(({ use, organisation }) => [use, organisation!.name])).toEqual([
      ['CHANGE', 'Boligstøtte'],
      ['READ', 'Boligstøtte'],
      ['SEARCH', 'Borgerservice'],
    ]);
  });

  it('finds neither own look-ups in it nor attempts that disclosed nothing', async () => {
    const before = await logOf('citizen');
    await ask(world, 'citizen', lookUp, { cpr });
    expect((await answer(world, 'administrator', lookUp, { cpr })).data).toEqual({ citizen: null });
    expect((await answer(world, 'other-citizen', plainLookUp, { cpr })).data).toEqual({ citizen: null });
    await ask(world, 'guidance-worker', plainLookUp, { cpr: '0201609996' });
    expect(await logOf('citizen')).toEqual(before);
  });

  it('does not lose a look-up from it because another field beside it was refused', async () => {
    const mixed = graphql(`
      query LookUpAndMore($cpr: CPR!) { citizen(cpr: $cpr) { name } auditEntries { totalCount } }
    `);
    const before = await logOf('citizen');
    const given = await answer(world, 'guidance-worker', mixed, { cpr });
    const { message } = faults.FORBIDDEN_FIELD;
    expect(given.faults).toEqual([{ path: 'auditEntries', code: 'FORBIDDEN_FIELD', message }]);
    expect(given.data!.citizen!.name).toBeTruthy();
    expect((await logOf('citizen')).totalCount).toBe(before.totalCount + 1);
  });

  it('reads the own log only', async () => {
    expect(await ask(world, 'other-citizen', accessLog, { cpr })).toEqual({ citizen: null });
    const [own, others] = [await logOf('citizen'), await logOf('other-citizen', '0201609996')];
    expect(own).not.toEqual(others);
  });
});

describe('an employee', () => {
  it('finds a citizen’s view of the log empty, unless they read the log', async () => {
    expect(await logOf('guidance-worker')).toMatchObject({ totalCount: 0, nodes: [] });
    expect(await logOf('placement-secretary')).toMatchObject({ totalCount: 0, nodes: [] });
    expect((await logOf('security-officer')).totalCount).toBeGreaterThan(0);
  });

  it('who is cleared for all reads in it what the citizen reads, and no more', async () => {
    const seenBy = async (person: string) => (await logOf(person)).nodes.map(({ at }) => at);
    const cleared = await seenBy('cleared-security-officer');
    // What an officer looks up is a look-up like any other, and stands first in the next one’s answer.
    const own = await seenBy('citizen');
    expect(own.filter((at) => !cleared.includes(at)).length).toBeLessThanOrEqual(1);
    expect(cleared.filter((at) => !own.includes(at))).toEqual([]);
  });
});
