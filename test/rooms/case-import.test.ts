/** Batches that reach behind the wall, asked of the cases room itself. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { makeCasesRoom } from '../../subgraphs/cases/index.js';
import { compartmentId, isShieldedCategory } from '../../subgraphs/protocol/compartments.js';
import type { Internal } from '../../subgraphs/protocol/internal.js';
import type { Viewer } from '../../subgraphs/protocol/viewer.js';
import { push, rowOf } from '../support/case-batches.js';
import { aViewer, openRoom, type RoomUnderTest } from '../support/room.js';

const everybody: Internal = async (_name, body) => ({ found: (body as { ids: string[] }).ids.map((id) => [id, id]) });
const citizen = '3fa85f64-5717-4562-b3fc-2c963f66afa6';
type Category = 'HOUSING_BENEFIT' | 'SSP';
const client = (n: number, ...categories: Category[]): Viewer =>
  aViewer({
    subject: { kind: 'SystemClient', id: `00000000-0000-4000-8000-00000000000${n}` },
    right: null,
    scopes: ['case:read', 'case:write'],
    clearance: categories.map((category) => ({
      compartment: compartmentId('0999', 'MUNICIPALITY', category),
      level: 'DOCUMENTS',
      operations: ['SEARCH', 'ENTER', 'DELETE'],
      shielded: isShieldedCategory(category),
    })),
  });

let room: RoomUnderTest;
beforeAll(async () => {
  room = await openRoom(makeCasesRoom(), undefined, {
    identity: everybody,
    now: () => new Date('2026-11-02T10:00:00Z'),
  });
});
afterAll(() => room.close());

const hidden = (id: string, version: number) => rowOf(id, version, citizen, { category: 'SSP', kle: '27.25.00' });
const pushed = (viewer: Viewer, batch: readonly object[]) => room.ask(viewer, push, { batch });
const outcomes = async (viewer: Viewer, batch: readonly object[]): Promise<string[]> =>
  (await pushed(viewer, batch)).data.importCases.map((row: { outcome: string }) => row.outcome);
const count = async (table: string) =>
  (await room.database.sql<{ n: number }>(`SELECT count(*)::int AS n FROM cases.${table}`))[0]!.n;

it('one batch enters and changes on both sides of the wall, each where it belongs', async () => {
  const both = client(1, 'HOUSING_BENEFIT', 'SSP');
  const batch = (version: number) => [
    rowOf('open', version, citizen),
    hidden('hidden', version),
    hidden(`hidden ${version}`, version),
  ];
  expect(await outcomes(both, batch(1))).toEqual(['ENTERED', 'ENTERED', 'ENTERED']);
  expect(await outcomes(both, batch(2))).toEqual(['CHANGED', 'CHANGED', 'ENTERED']);
  expect(await outcomes(both, batch(1))).toEqual(['OUTDATED', 'OUTDATED', 'UNCHANGED']);
  expect([await count('ordinary_case'), await count('shielded_case'), await count('shielded_external_id')]).toEqual([
    ...[1, 3, 3],
  ]);
  const people = {
    parties: [
      { citizen, role: 'PRIMARY' },
      { citizen: citizen.replace(/6$/, '7'), role: 'CHILD' },
    ],
  };
  expect(await outcomes(both, [{ ...hidden('hidden', 3), ...people }])).toEqual(['CHANGED']);
  expect(await count('shielded_party')).toBe(4);
});

it('whoever is not cleared is told the same, whether the id is there behind the wall or not', async () => {
  const open = client(1, 'HOUSING_BENEFIT');
  const told = async (id: string) => JSON.stringify(await pushed(open, [hidden(id, 9), rowOf(id, 9, citizen)]));
  const [there, nowhere] = [await told('hidden 1'), await told('hidden x')];
  const plain = (text: string, id: string) => text.replaceAll(id, '…').replaceAll(/[0-9a-f-]{36}/g, 'id');
  expect(plain(there, 'hidden 1')).toBe(plain(nowhere, 'hidden x'));
  expect(there).toContain('your grants do not include importing cases of this category');
});

it('another client’s id is never taken', async () => {
  const [one, other] = [client(1, 'HOUSING_BENEFIT', 'SSP'), client(2, 'HOUSING_BENEFIT', 'SSP')];
  expect(await outcomes(one, [rowOf('both', 1, citizen), hidden('both', 1)])).toEqual(['ENTERED', 'ENTERED']);
  expect(await outcomes(other, [rowOf('both', 1, citizen), hidden('both', 1)])).toEqual(['ENTERED', 'ENTERED']);
});

it('a case that is moved behind the wall while batches come is entered once, changed or gone, and never twice', async () => {
  const both = client(3, 'HOUSING_BENEFIT', 'SSP');
  const names = Array.from({ length: 12 }, (_, n) => `moving ${n}`);
  const made = (
    await pushed(
      both,
      names.map((name) => rowOf(name, 1, citizen)),
    )
  ).data.importCases as {
    case: { id: string };
  }[];
  const move = 'mutation M($id: ID!, $input: MoveCaseInput!) { moveCase(id: $id, input: $input) { id } }';
  const input = { compartment: '0999.MUNICIPALITY.SSP', kle: '27.25.00' };
  const answers = await Promise.all([
    ...made.map(({ case: { id } }) => room.ask(both, move, { id, input })),
    ...[2, 3, 4].map((version) =>
      pushed(both, [...names.map((name) => rowOf(name, version, citizen)), hidden(`beside ${version}`, 1)]),
    ),
  ]);
  expect(answers.flatMap(({ errors = [] }) => errors)).toEqual([]);
  const after = (
    await pushed(
      both,
      names.map((name) => rowOf(name, 9, citizen)),
    )
  ).data.importCases;
  for (const row of after) expect(row).toMatchObject({ outcome: 'REFUSED', case: null });
  const left = await room.database.sql(`SELECT FROM cases.ordinary_case WHERE title LIKE '%moving%'`);
  expect(left).toEqual([]);
  const there = await room.database.sql(
    `SELECT FROM cases.shielded_case WHERE title LIKE '%moving%' AND entered_by IS NULL`,
  );
  expect(there).toHaveLength(12);
});
