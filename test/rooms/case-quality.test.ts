/** What must hold of every case that is entered or changed: its class, its dates, its words; and the KLE tables of municipalities. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { draftOf } from '../../subgraphs/cases/drafts.js';
import { makeCasesRoom } from '../../subgraphs/cases/index.js';
import { kleTablesIn, shippedTables } from '../../subgraphs/cases/kle-table.js';
import { makeCases } from '../../subgraphs/demo/cases.js';
import { demoNow, makeCitizens, makeEmployees } from '../../subgraphs/demo/people.js';
import { grouped } from '../../subgraphs/kit/batch.js';
import { kleOf, standingCompartments } from '../../subgraphs/protocol/compartments.js';
import type { Problem } from '../../subgraphs/protocol/faults.js';
import type { Internal } from '../../subgraphs/protocol/internal.js';
import { aViewer, openRoom, type RoomUnderTest } from '../support/room.js';

const everybody: Internal = async (_name, body) => ({ found: (body as { ids: string[] }).ids.map((id) => [id, id]) });
const now = new Date('2026-11-02T23:30:00.000Z');
/** It is past midnight in Denmark. */
const today = '2026-11-03';
const viewer = aViewer({
  clearance: standingCompartments('0999').map(({ id, shielded }) => ({
    ...{ compartment: id, shielded, level: 'DOCUMENTS' as const, operations: ['SEARCH', 'ENTER'] as const },
  })),
});

let room: RoomUnderTest;
beforeAll(async () => {
  room = await openRoom(makeCasesRoom(), undefined, { identity: everybody, now: () => now });
});
afterAll(() => room.close());

const enter = 'mutation ($input: EnterCaseInput!) { enterCase(input: $input) { id } }';
const change =
  'mutation ($id: ID!, $input: ChangeCaseInput!) { changeCase(id: $id, input: $input) { id progress closedOn } }';
const input = (over: object = {}) => ({
  ...{ category: 'HOUSING_BENEFIT', kle: '32.03.12', title: 'Boligstøtte', openedOn: '2026-10-01' },
  parties: [{ citizen: '3fa85f64-5717-4562-b3fc-2c963f66afa6', role: 'PRIMARY' }],
  ...over,
});
const problemsOf = async (query: string, variables: object): Promise<Problem[]> => {
  const { errors } = await room.ask(viewer, query, variables);
  return errors?.[0].extensions.problems ?? errors ?? [];
};
const entering = (over: object) => problemsOf(enter, { input: input(over) });
const at = (name: string, expected: string): Problem => ({ path: ['input', name], message: `expected ${expected}` });
const aDay = 'a day from 1900-01-01 to today';

describe('a case', () => {
  it.each<[string, object, Problem[]]>([
    ['of an unmapped class', { kle: '99.99.99' }, [at('kle', 'a number of the municipality’s KLE table')]],
    [
      'of a class of another category',
      { kle: '27.51.04' },
      [at('kle', 'a number that the municipality’s KLE table gives to this authority and category')],
    ],
    [
      'of a class of another authority',
      { authority: 'RENT_BOARD', category: 'BOARD_MATTER', kle: '22.01.10' },
      [at('kle', 'a number that the municipality’s KLE table gives to this authority and category')],
    ],
    ['closed without a day', { progress: 'AFSLUTTET' }, [at('closedOn', 'a day, because `progress` is AFSLUTTET')]],
    ['with a closing day while open', { closedOn: today }, [at('progress', 'AFSLUTTET, because `closedOn` is a day')]],
    [
      'closed before it was opened',
      { closedOn: '2026-09-30', progress: 'AFSLUTTET' },
      [at('closedOn', 'a day not before `openedOn`')],
    ],
    ['opened tomorrow', { openedOn: '2026-11-04' }, [at('openedOn', aDay)]],
    ['opened in another century', { openedOn: '1899-12-31' }, [at('openedOn', aDay)]],
    ['with a title of two lines', { title: 'a\u2028b' }, [at('title', 'one line of 1 to 300 characters')]],
    ['with a title in another order', { title: 'a\u202eb' }, [at('title', 'one line of 1 to 300 characters')]],
    ['with a title of nothing to see', { title: '\u200b\u2060' }, [at('title', 'one line of 1 to 300 characters')]],
    ['with a NUL in its title', { title: 'a\u0000' }, [at('title', 'one line of 1 to 300 characters')]],
    ['with an invented facet', { facet: 'G1' }, [at('facet', 'a letter and two digits such as "G01"')]],
  ])('%s is refused', async (_name, over, problems) => {
    expect(await entering(over)).toEqual(problems);
  });

  it('is told all that is wrong with it at once, and none of its values', async () => {
    const wrong = {
      kle: '99.99.99',
      title: ' ',
      facet: 'x',
      openedOn: '2035-05-05',
      progress: 'AFSLUTTET',
      handler: 'nobody',
    };
    const { errors } = await room.ask(viewer, enter, { input: input(wrong) });
    expect(errors![0].extensions.problems.map(({ path }: Problem) => path[1])).toEqual([
      ...['kle', 'facet', 'title', 'openedOn', 'closedOn', 'handler'],
    ]);
    expect(JSON.stringify(errors)).not.toMatch(/99\.99\.99|2035|nobody/);
  });

  it('may be opened and closed today, by the clock of the municipality', async () => {
    expect(await entering({ openedOn: today, closedOn: today, progress: 'AFSLUTTET' })).toEqual([]);
    expect(await entering({ openedOn: '1900-01-01', title: 'Ærø: “Søbjerg” ✓', facet: 'Ø34' })).toEqual([]);
  });

  it('is held to the same when it is changed', async () => {
    const { id } = (await room.ask(viewer, enter, { input: input() })).data.enterCase;
    const changing = (over: object) => problemsOf(change, { id, input: over });
    expect(await changing({ progress: 'AFSLUTTET' })).toEqual([
      at('closedOn', 'a day, because `progress` is AFSLUTTET'),
    ]);
    expect(await changing({ closedOn: '2026-11-01' })).toEqual([
      at('progress', 'AFSLUTTET, because `closedOn` is a day'),
    ]);
    expect(await changing({ title: '', openedOn: '2026-11-04' })).toEqual([
      at('title', 'one line of 1 to 300 characters'),
      at('openedOn', aDay),
    ]);
    const closed = await room.ask(viewer, change, { id, input: { progress: 'AFSLUTTET', closedOn: '2026-11-01' } });
    expect(closed.data.changeCase).toEqual({ id, progress: 'AFSLUTTET', closedOn: '2026-11-01' });
    expect(await changing({ openedOn: '2026-11-02' })).toEqual([at('closedOn', 'a day not before `openedOn`')]);
    expect(await changing({ closedOn: null })).toEqual([at('closedOn', 'a day, because `progress` is AFSLUTTET')]);
  });
});

it('every case of the demo is one that could be entered', () => {
  const { cases } = makeCases({ shielded: true, citizens: makeCitizens(), employees: makeEmployees() });
  const rows = [...cases.ordinary_case!, ...cases.shielded_case!] as any[];
  expect(rows).toHaveLength(8_000);
  const parties = grouped([...cases.ordinary_party!, ...cases.shielded_party!] as any[], (party) => party.case_id);
  const rules = {
    ...{ municipality: '0999', today: demoNow.toISOString().slice(0, 10), table: shippedTables('0999') },
  };
  for (const row of rows) {
    const problems: Problem[] = [];
    const { opened_on: openedOn, closed_on: closedOn } = row;
    const facet = row.number.split('-')[1];
    const entered = draftOf({ ...row, openedOn, closedOn, facet, parties: parties.get(row.id)! }, rules, problems);
    expect([row.id, problems, entered.details.compartment]).toEqual([row.id, [], row.compartment]);
  }
});

describe('a KLE table', () => {
  const head = 'municipality,kle,authority,category\n';

  it('is there for every number that Sluse knows, and gives each to one place', () => {
    for (const { authority, category } of standingCompartments('0999'))
      for (const kle of kleOf(authority, category))
        expect([kle, shippedTables('0999').placeOf(kle)]).toEqual([kle, { authority, category }]);
    expect(shippedTables('0999').placeOf('34.30.99')?.category).toBe('PLACEMENT');
    expect(shippedTables('0999').placeOf('34.30.08')?.category).toBe('FAMILY_RESIDENCE');
    expect(shippedTables('0999').placeOf('99.99.99')).toBeNull();
  });

  it('of a municipality’s own takes the place of the shipped one there, and the longest pattern decides', () => {
    const tables = kleTablesIn(
      `\ufeff${head}0101,32.*,MUNICIPALITY,CASH_BENEFIT\r\n0101,32.0*,MUNICIPALITY,CHILD_SUPPORT\n0101;32.03.*;MUNICIPALITY;RELOCATION\n\n0101,32.03.1*,MUNICIPALITY,SOCIAL_FRAUD\n0101,32.03.12,MUNICIPALITY,HOUSING_BENEFIT\n`,
    );
    const categories = (municipality: string, numbers: string[]) =>
      numbers.map((kle) => tables(municipality).placeOf(kle)?.category ?? null);
    const numbers = ['32.03.12', '32.03.13', '32.03.20', '32.09.00', '32.24.14', '23.05.01'];
    expect(categories('0101', numbers)).toEqual([
      ...['HOUSING_BENEFIT', 'SOCIAL_FRAUD', 'RELOCATION', 'CHILD_SUPPORT', 'CASH_BENEFIT', null],
    ]);
    expect(categories('0999', numbers)).toEqual(['HOUSING_BENEFIT', null, null, null, 'CASH_BENEFIT', 'RELOCATION']);
  });

  it.each([
    ['municipality,kle,category\n', 'line 1: expected the columns municipality,kle,authority,category'],
    [head, 'expected at least one row'],
    [`${head}999,32.*,MUNICIPALITY,SSP`, 'line 2: expected a municipality code of 4 digits'],
    [
      `${head}0999,32,MUNICIPALITY,SSP`,
      'line 2: expected a KLE number such as "27.24.00", or a pattern such as "27.24.*"',
    ],
    [`${head}0999,32.*,MUNICIPALITY`, 'line 2: expected 4 columns'],
    [
      `${head}0999,32.*,RENT_BOARD,SSP`,
      'line 2: expected BOARD_MATTER for one of CHILDREN_AND_YOUTH_COMMITTEE, MARRIAGE_AUTHORITY, FOLKEOPLYSNING_COMMITTEE, LICENSING_BOARD, RENT_BOARD, FENCE_INSPECTION; any other category for MUNICIPALITY',
    ],
    [
      `${head}0999,32.*,MUNICIPALITY,SSP\n0999,32.*,MUNICIPALITY,SSP\n0999,32.*,MUNICIPALITY,PLACEMENT`,
      'lines 3 and 4: expected one place for one pattern',
    ],
  ])('that is not one is refused: %j', (text, message) => {
    expect(() => kleTablesIn(text)).toThrow(message);
  });
});
