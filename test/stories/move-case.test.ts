/**
 * A case that turns from open to shielded and back, with old ids, numbers, cursors and references (two worlds: in the other one the
 * case was deleted instead of moved, or never was).
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { employeeId } from '../../subgraphs/demo/people.js';
import { idFor } from '../../subgraphs/demo/random.js';
import { faults } from '../../subgraphs/protocol/faults.js';
import { grant as grantOfSingleCase } from '../support/single-case.js';
import { openWorld, type World } from '../support/world.js';

const housing = '0999.MUNICIPALITY.HOUSING_BENEFIT';
const fraud = '0999.MUNICIPALITY.SOCIAL_FRAUD';
const code = `0999.CASE.${idFor('move-case/code')}`;
const mover = 'fraud-investigator';
const move = `mutation Move($id: ID!, $input: MoveCaseInput!) {
  moveCase(id: $id, input: $input) { id number kle category clearance title parties { role citizen { id } } documents { totalCount nodes { id title } } }
}`;

let moved: World;
let deleted: World;
const both = () => [moved, deleted];

/** The mover holds both compartments and one code; a colleague may enter fraud cases and not search them. */
async function grants(world: World) {
  const unit = await world.database.sql<{ unit: string }>(
    'SELECT organisation AS unit FROM identity.employee WHERE id = $1',
    [employeeId(mover)],
  );
  const insert = (person: string, compartment: string, operations: string, shielded: boolean) =>
    world.database.sql(
      `INSERT INTO identity.clearance_grant (municipality, id, holder, compartment, level, operations, shielded, reason, status,
                                             requested_by, decided_by, valid_from, confirm_by, requested_at, unit)
       VALUES ('0999', $1, $2, $3, 'DOCUMENTS', $4::text[], $5, 'test', 'IN_FORCE', $2, $2, '2020-01-01', '2099-01-01', '2020-01-01', $6)`,
      [idFor(`${person}/${compartment}`), employeeId(person), compartment, operations, shielded, unit[0]!.unit],
    );
  await insert(mover, housing, '{SEARCH,ENTER,DELETE}', false);
  await insert('housing-caseworker', fraud, '{ENTER}', true);
  const apart = { id: code.slice('0999.CASE.'.length), compartment: code, number: '', title: '' };
  await grantOfSingleCase(world.database, employeeId(mover), apart);
  await world.database.sql(
    `UPDATE identity.single_case_grant SET operations = '{SEARCH,ENTER,DELETE}' WHERE compartment = $1`,
    [code],
  );
}

interface Known {
  readonly id: string;
  readonly number: string;
  readonly citizen: string;
  readonly cpr: string;
}

/** A running housing benefit case with documents, of somebody in treatment so that another room may refer to it. */
async function aCase(nth: number): Promise<Known> {
  const rows = await moved.database.sql<Known>(
    `SELECT c.id, c.number, p.citizen, z.cpr FROM cases.ordinary_case c
       JOIN cases.ordinary_party p ON p.case_id = c.id AND p.role = 'PRIMARY' JOIN identity.citizen z ON z.id = p.citizen
      WHERE c.category = 'HOUSING_BENEFIT' AND c.closed_on IS NULL
        AND (SELECT count(*) FROM cases.ordinary_document d WHERE d.case_id = c.id) > 1
      ORDER BY c.id OFFSET $1 LIMIT 1`,
    [nth],
  );
  return rows[0]!;
}

beforeAll(async () => {
  moved = await openWorld({ shielded: true });
  deleted = await openWorld({ shielded: true });
  await Promise.all(both().map(grants));
});
afterAll(() => Promise.all(both().map((world) => world.close())));

let known: Known;
let cursor: string;
let nth = 0;
beforeEach(async () => {
  known = await aCase(nth);
  nth += 1;
  const page = '{ cases(first: 3, orderBy: NUMBER_ASC) { pageInfo { endCursor } } }';
  const answers = await Promise.all(both().map((world) => world.ask('housing-caseworker', page)));
  cursor = answers[0]!.body.data.cases.pageInfo.endCursor;
});

/** Everything by which the uncleared could look for it: the old id and number, lists, counts, cursors, references, the log. */
const looks = ({ id, number, citizen, cpr }: Known): readonly string[] => [
  `{ case(id: "${id}") { id category } }`,
  `{ caseByNumber(number: "${number}") { id } }`,
  `{ citizen(cpr: "${cpr}") { cases { totalCount nodes { id category number } } } }`,
  `{ cases(first: 5, after: "${cursor}", orderBy: NUMBER_ASC) { totalCount nodes { id number } pageInfo { hasNextPage endCursor } } }`,
  `{ cases(filter: { citizen: "${citizen}" }) { totalCount nodes { id changedAt } } }`,
  `{ compartments { id singleCase } }`,
  `{ auditEntries(filter: { case: "${id}" }, first: 5) { totalCount nodes { use outcome cases { id } citizens { id } criterion } } }`,
];

async function expectSame(people: readonly string[], also: readonly string[] = []) {
  for (const person of people)
    for (const query of [...looks(known), ...also]) {
      const [here, there] = await Promise.all(both().map((world) => world.ask(person, query)));
      expect([person, here!.status, here!.text, here!.fetches]).toEqual([
        person,
        there!.status,
        there!.text,
        there!.fetches,
      ]);
    }
}

const uncleared = [
  'housing-caseworker',
  'records-officer',
  'manager',
  'guidance-worker',
  'security-officer',
  'case-system',
  'citizen',
];

describe('a case that becomes shielded', () => {
  it('is for the uncleared as if it had been deleted, and for the cleared a case with all that it had', async () => {
    const before = (
      await moved.ask(
        mover,
        `{ case(id: "${known.id}") { title parties { role citizen { id } } documents { nodes { id title } } } }`,
      )
    ).body.data.case;
    const { body } = await moved.ask(mover, move, { id: known.id, input: { compartment: fraud, kle: '32.45.04' } });
    expect(body.errors).toBeUndefined();
    const { moveCase: arrived } = body.data;
    expect(arrived).toMatchObject({
      category: 'SOCIAL_FRAUD',
      kle: '32.45.04',
      clearance: 'DOCUMENTS',
      title: before.title,
    });
    expect(arrived.parties).toEqual(before.parties);
    expect(arrived.documents.nodes).toEqual(before.documents.nodes);
    expect(arrived.id).not.toBe(known.id);
    expect(arrived.number).toMatch(/^32\.45\.04-G01-\d+-26$/);
    await deleted.ask(mover, `mutation { deleteCase(id: "${known.id}") }`);
    await expectSame(uncleared, [
      `{ case(id: "${arrived.id}") { id } }`,
      `{ caseByNumber(number: "${arrived.number}") { id } }`,
      `{ auditEntries(filter: { case: "${arrived.id}" }) { totalCount } }`,
    ]);
    // The entry of the move names both, under the seal of where it went.
    const entries = `{ auditEntries(filter: { case: "${arrived.id}", operation: "Move" }) { nodes { use outcome cases { id } citizens { id } } } }`;
    const read = await moved.ask('cleared-security-officer', entries);
    expect(read.body.data.auditEntries.nodes.length).toBeGreaterThan(0);
    expect(await moved.database.sql(`SELECT id FROM audit.entry WHERE operation_name = 'Move'`)).toEqual([]);
    const leaves = await moved.database.sql<{ leaf: string }>(
      `SELECT leaf FROM audit.sealed_entry WHERE operation_name = 'Move' AND leaf LIKE '%' || $1 || '%'`,
      [arrived.id],
    );
    expect(leaves.length).toBeGreaterThan(0);
    for (const { leaf } of leaves) expect(JSON.parse(leaf).sealedBy).toContain(fraud);
  });

  it('of its own, under a code, is there for the holders of the code alone', async () => {
    const { body } = await moved.ask(mover, move, { id: known.id, input: { compartment: code } });
    expect(body.errors).toBeUndefined();
    expect(body.data.moveCase).toMatchObject({ id: code.slice('0999.CASE.'.length), category: 'HOUSING_BENEFIT' });
    await deleted.ask(mover, `mutation { deleteCase(id: "${known.id}") }`);
    await expectSame(
      [...uncleared, 'placement-secretary', 'board-secretary'],
      [`{ case(id: "${body.data.moveCase.id}") { id } }`],
    );
    const other = await aCase(30);
    const again = await moved.ask(mover, move, { id: other.id, input: { compartment: code } });
    expect(again.body.errors).toMatchObject([{ extensions: { code: 'CONFLICT' } }]);
    expect((await moved.ask(mover, `{ case(id: "${other.id}") { id } }`)).body.data.case).toEqual({ id: other.id });
  });
});

describe('a case that becomes open again', () => {
  it('is a case like any other: nothing tells where it has been', async () => {
    const there = await moved.ask(mover, move, { id: known.id, input: { compartment: fraud, kle: '32.45.04' } });
    const hidden = there.body.data.moveCase;
    const back = await moved.ask(mover, move, { id: hidden.id, input: { compartment: housing, kle: '32.03.12' } });
    expect(back.body.errors).toBeUndefined();
    const open = back.body.data.moveCase;
    expect(open).toMatchObject({ category: 'HOUSING_BENEFIT', parties: hidden.parties });
    expect([known.id, hidden.id]).not.toContain(open.id);
    const read = await moved.ask(
      'housing-caseworker',
      `{ case(id: "${open.id}") { id number title documents { totalCount } } }`,
    );
    expect(read.body.data.case).toMatchObject({ id: open.id, documents: { totalCount: hidden.documents.totalCount } });
    for (const person of uncleared)
      for (const query of [`{ case(id: "${hidden.id}") { id } }`, `{ case(id: "${known.id}") { id } }`]) {
        const { body } = await moved.ask(person, query);
        expect(body.data.case).toBeNull();
      }
    const log = await moved.ask(
      'security-officer',
      `{ auditEntries(filter: { case: "${open.id}" }) { nodes { operation { name } } } }`,
    );
    expect(JSON.stringify(log.body)).not.toContain('Move');
  });
});

describe('is refused', () => {
  const refusal = async (person: string, id: string, input: object) => {
    const { body } = await moved.ask(person, move, { id, input });
    expect(body.data?.moveCase ?? null).toBeNull();
    const [error] = body.errors!;
    return [error!.extensions.code, error!.message];
  };
  const stays = async () => {
    const { body } = await moved.ask('records-officer', `{ case(id: "${known.id}") { number } }`);
    expect(body.data.case).toEqual({ number: known.number });
  };

  it('without ENTER where it goes, the same whether there is such a compartment or not', async () => {
    for (const compartment of [
      fraud.replace('FRAUD', 'X'),
      '0999.MUNICIPALITY.PLACEMENT',
      `0999.CASE.${known.id}`,
      'x',
      '\0',
    ])
      expect([compartment, ...(await refusal(mover, known.id, { compartment }))]).toEqual([
        compartment,
        'FORBIDDEN',
        faults.FORBIDDEN.message,
      ]);
    await stays();
  });

  it('without DELETE and documents where it is', async () => {
    await moved.database.sql(
      `UPDATE identity.clearance_grant SET operations = '{SEARCH,ENTER}' WHERE holder = $1 AND compartment = $2 AND reason = 'test'`,
      [employeeId(mover), housing],
    );
    moved.forget(mover);
    expect((await refusal(mover, known.id, { compartment: fraud, kle: '32.45.04' }))[0]).toBe('FORBIDDEN');
    await moved.database.sql(
      `UPDATE identity.clearance_grant SET operations = '{SEARCH,ENTER,DELETE}', level = 'METADATA' WHERE holder = $1 AND compartment = $2 AND reason = 'test'`,
      [employeeId(mover), housing],
    );
    moved.forget(mover);
    expect((await refusal(mover, known.id, { compartment: fraud, kle: '32.45.04' }))[0]).toBe('FORBIDDEN');
    await moved.database.sql(
      `UPDATE identity.clearance_grant SET level = 'DOCUMENTS' WHERE holder = $1 AND reason = 'test'`,
      [employeeId(mover)],
    );
    moved.forget(mover);
    await stays();
  });

  it('to where it is, and under a class of another compartment', async () => {
    expect(await refusal(mover, known.id, { compartment: housing })).toEqual([
      'BAD_USER_INPUT',
      'Argument "input.compartment": expected another compartment than that of the case.',
    ]);
    for (const kle of [undefined, '34.10.30', '32.03.12'])
      expect((await refusal(mover, known.id, { compartment: fraud, kle }))[1]).toMatch(
        /^Argument "input.kle": expected/,
      );
    await stays();
  });

  it('for a case that one may not know of, as for one that never was', async () => {
    const secret = await moved.database.sql<{ id: string }>(
      `SELECT id FROM cases.shielded_case WHERE category = 'PLACEMENT' LIMIT 1`,
    );
    for (const id of [secret[0]!.id, idFor('no such case'), 'x'])
      expect([id, ...(await refusal(mover, id, { compartment: fraud, kle: '32.45.04' }))]).toEqual([
        id,
        'NOT_FOUND',
        faults.NOT_FOUND.message,
      ]);
  });

  it('and by somebody who may enter there and not search, it goes out of sight', async () => {
    const { body } = await moved.ask('housing-caseworker', move, {
      id: known.id,
      input: { compartment: fraud, kle: '32.45.04' },
    });
    expect([body.data, body.errors]).toEqual([{ moveCase: null }, undefined]);
    const rows = await moved.database.sql(
      `SELECT title FROM cases.shielded_case WHERE category = 'SOCIAL_FRAUD' AND number LIKE '32.45.04-G01-%-26' AND EXISTS (SELECT FROM cases.shielded_party p WHERE p.case_id = shielded_case.id AND p.citizen = $1)`,
      [known.citizen],
    );
    expect(rows).toHaveLength(1);
  });
});
