/** Shielded cases: everybody who works with them sees their own, and to everybody else they do not exist. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { graphql } from '../../schema/generated/index.js';
import { demoPeople } from '../../subgraphs/demo/identity.js';
import { faults } from '../../subgraphs/protocol/faults.js';
import { answer, ask } from '../support/typed.js';
import { openWorld, type World } from '../support/world.js';

const list = graphql(`
  query ShieldedCases($first: Int, $filter: CaseFilter) {
    cases(first: $first, filter: $filter) { totalCount nodes { id clearance compartment { id shielded } number title } }
  }
`);
const read = graphql(`
  query ShieldedCase($id: ID!) {
    case(id: $id) { id category clearance number title primaryParty { cpr } documents { totalCount } }
  }
`);
const byNumber = graphql(`query ShieldedCaseByNumber($number: String!) { caseByNumber(number: $number) { id } }`);
const ofCitizen = graphql(`
  query ShieldedCasesOfCitizen($cpr: CPR!) {
    citizen(cpr: $cpr) { cases { totalCount nodes { id category } } }
  }
`);
const change = graphql(`
  mutation ChangeShieldedCase($id: ID!, $input: ChangeCaseInput!) { changeCase(id: $id, input: $input) { id title progress } }
`);
const remove = graphql(`mutation DeleteShieldedCase($id: ID!) { deleteCase(id: $id) }`);

interface Row {
  id: string;
  compartment: string;
  category: string;
  number: string;
  title: string;
}

const citizen = '0201609995';
const own = (category: string) => `0999.MUNICIPALITY.${category}`;
const clearedFor: Readonly<Record<string, readonly string[]>> = {
  'placement-secretary': [own('PLACEMENT'), own('CHILD_CONCERN'), own('FAMILY_RESIDENCE')],
  'fraud-investigator': [own('SOCIAL_FRAUD')],
  'board-secretary': ['0999.CHILDREN_AND_YOUTH_COMMITTEE.BOARD_MATTER'],
  'ssp-worker': [own('SSP')],
  'marriage-secretary': ['0999.MARRIAGE_AUTHORITY.BOARD_MATTER'],
  'folkeoplysning-secretary': ['0999.FOLKEOPLYSNING_COMMITTEE.BOARD_MATTER'],
  'licensing-secretary': ['0999.LICENSING_BOARD.BOARD_MATTER'],
  'rent-board-secretary': ['0999.RENT_BOARD.BOARD_MATTER'],
  'fence-inspection-secretary': ['0999.FENCE_INSPECTION.BOARD_MATTER'],
};
/** Those whose work one of the three shielded cases of the citizen is. */
const workers = ['placement-secretary', 'fraud-investigator', 'board-secretary'];
const cleared = [...Object.keys(clearedFor), 'cleared-security-officer'];
const uncleared = demoPeople.map((person) => person.key).filter((key) => !cleared.includes(key));
const writers = ['housing-caseworker', 'case-system', 'records-officer', ...Object.keys(clearedFor)];

let world: World;
let stored: Row[];
/** One case of each compartment that has any. */
let samples: Row[];
/** Of each sample's compartment, whether this person works with it. */
const knows = (person: string, { compartment }: Row) => clearedFor[person]?.includes(compartment) ?? false;

beforeAll(async () => {
  world = await openWorld({ shielded: true });
  stored = await world.database.sql<Row>(
    'SELECT id, compartment, category, number, title FROM cases.shielded_case ORDER BY id',
  );
  samples = [...new Map(stored.map((row) => [row.compartment, row])).values()];
});
afterAll(() => world.close());

describe.each(Object.keys(clearedFor))('the %s', (person) => {
  it('sees the shielded cases of the own work, all of them, and nothing else', async () => {
    const theirs = stored.filter((row) => knows(person, row));
    const { cases } = await ask(world, person, list, { first: 500 });
    expect(cases!.totalCount).toBe(theirs.length);
    expect(cases!.nodes.map((row) => row.id).sort()).toEqual(theirs.map((row) => row.id));
    for (const row of cases!.nodes) {
      expect(clearedFor[person]).toContain(row.compartment.id);
      expect(row).toMatchObject({ clearance: 'DOCUMENTS', compartment: { shielded: true } });
      expect(row.title).toBeTruthy();
    }
  });

  it('reads a case by id and by number, with its title and documents', async () => {
    for (const row of samples.filter((sample) => knows(person, sample))) {
      const found = await ask(world, person, read, { id: row.id });
      expect(found.case).toMatchObject({ category: row.category, number: row.number, title: row.title });
      expect(found.case!.documents).not.toBeNull();
      expect((await ask(world, person, byNumber, { number: row.number })).caseByNumber?.id).toBe(row.id);
    }
  });
});

describe.each(workers)('the %s', (person) => {
  it('finds of a citizen with three shielded cases the one that is theirs', async () => {
    const { citizen: found } = await ask(world, person, ofCitizen, { cpr: citizen });
    expect(found!.cases.totalCount).toBe(1);
    const [theirs] = found!.cases.nodes;
    expect(knows(person, stored.find((row) => row.id === theirs!.id)!)).toBe(true);
  });
});

describe('the cleared security officer', () => {
  it('knows of every shielded case that it exists, and of none what it is called', async () => {
    const { cases } = await ask(world, 'cleared-security-officer', list, {
      first: 500,
      filter: { categories: ['CHILD_CONCERN', 'PLACEMENT', 'FAMILY_RESIDENCE', 'SOCIAL_FRAUD', 'SSP', 'BOARD_MATTER'] },
    });
    expect(cases!.totalCount).toBe(480);
    expect(cases!.nodes.map((row) => row.id).sort()).toEqual(stored.map((row) => row.id));
    for (const row of cases!.nodes) expect(row).toMatchObject({ clearance: 'EXISTENCE', number: null, title: null });
  });
});

describe.each([...uncleared, ...Object.keys(clearedFor)])('%s', (person) => {
  it('never learns that a shielded case of somebody else exists', async () => {
    const unknown = await answer(world, person, read, { id: randomUUID() });
    const unknownNumber = await answer(world, person, byNumber, { number: '34.10.30-G01-99999-25' });
    let hidden = 0;
    for (const row of samples.filter((sample) => !knows(person, sample))) {
      hidden += 1;
      expect((await answer(world, person, read, { id: row.id })).text).toBe(unknown.text);
      // Two compartments may use one number; then it is the own case that is found.
      const found = await answer(world, person, byNumber, { number: row.number });
      const ambiguous = stored.some((other) => other.number === row.number && knows(person, other));
      if (!ambiguous) expect(found.text).toBe(unknownNumber.text);
    }
    const elsewhere = { compartment: samples.find((sample) => !knows(person, sample))!.compartment };
    const nowhere = await answer(world, person, list, { filter: { compartment: '0999.MUNICIPALITY.NO_SUCH' } });
    expect((await answer(world, person, list, { filter: elsewhere })).text).toBe(nowhere.text);
    expect(hidden).toBeGreaterThanOrEqual(8);
    expect(unknown.text).toContain('"case":null');
  });
});

describe.each(writers)('%s', (person) => {
  it('can neither change nor delete a shielded case of somebody else: to them there is no such case', async () => {
    const input = { title: 'Ændret', progress: 'AFGJORT' } as const;
    const unknown = randomUUID();
    const unknownChange = await answer(world, person, change, { id: unknown, input });
    const unknownRemoval = await answer(world, person, remove, { id: unknown });
    const { message } = faults.NOT_FOUND;
    expect(unknownChange.data).toEqual({ changeCase: null });
    expect(unknownChange.faults).toEqual([{ path: 'changeCase', code: 'NOT_FOUND', message }]);
    expect(unknownRemoval.data).toEqual({ deleteCase: null });
    expect(unknownRemoval.faults).toEqual([{ path: 'deleteCase', code: 'NOT_FOUND', message }]);
    for (const row of samples.filter((sample) => !knows(person, sample))) {
      const changed = await answer(world, person, change, { id: row.id, input });
      const removed = await answer(world, person, remove, { id: row.id });
      expect([changed.status, changed.text]).toEqual([unknownChange.status, unknownChange.text]);
      expect([removed.status, removed.text]).toEqual([unknownRemoval.status, unknownRemoval.text]);
    }
    expect(await answer(world, person, remove, { id: 'no id at all' })).toEqual(unknownRemoval);
    const after = await world.database.sql<Row>(
      'SELECT id, compartment, category, number, title FROM cases.shielded_case ORDER BY id',
    );
    expect(after).toEqual(stored);
  });
});

describe.each([...uncleared, 'cleared-security-officer'].filter((person) => !writers.includes(person)))(
  '%s',
  (person) => {
    it('may change no case at all, and is told the same whether it exists or not', async () => {
      const denied = {
        status: 200,
        faults: [{ path: 'deleteCase', code: 'FORBIDDEN_FIELD', message: faults.FORBIDDEN_FIELD.message }],
      };
      const unknown = await answer(world, person, remove, { id: randomUUID() });
      expect(unknown).toMatchObject(denied);
      for (const row of samples.slice(0, 3))
        expect(await answer(world, person, remove, { id: row.id })).toEqual(unknown);
    });
  },
);

describe('a secretary', () => {
  it('enters a board matter that only the board’s secretary then finds, and deletes it again', async () => {
    // The last in this file: it changes the world.
    const enter = graphql(`
      mutation EnterShieldedCase($input: EnterCaseInput!) { enterCase(input: $input) { id number clearance } }
    `);
    const [party] = await world.database.sql<{ id: string }>('SELECT id FROM identity.citizen WHERE cpr = $1', [
      citizen,
    ]);
    const before = await answer(world, 'guidance-worker', ofCitizen, { cpr: citizen });
    const { enterCase: entered } = await ask(world, 'board-secretary', enter, {
      input: {
        authority: 'CHILDREN_AND_YOUTH_COMMITTEE',
        category: 'BOARD_MATTER',
        kle: '34.40.04',
        title: 'Sag til afgørelse',
        parties: [{ citizen: party!.id, role: 'PRIMARY' }],
      },
    });
    expect(entered).toMatchObject({ clearance: 'DOCUMENTS', number: expect.stringMatching(/^34\.40\.04-G01-\d+-26$/) });
    const id = entered!.id;
    expect((await ask(world, 'board-secretary', read, { id })).case!.primaryParty!.cpr).toBe(citizen);
    for (const person of ['placement-secretary', 'fraud-investigator', 'manager'])
      expect(await ask(world, person, read, { id })).toEqual({ case: null });
    expect((await answer(world, 'guidance-worker', ofCitizen, { cpr: citizen })).text).toBe(before.text);
    expect(await ask(world, 'board-secretary', remove, { id })).toEqual({ deleteCase: id });
    expect(await ask(world, 'board-secretary', read, { id })).toEqual({ case: null });
  });
});
