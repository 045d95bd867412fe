/**
 * Under what an entry of the log lies. Whoever reads the ordinary log and is not cleared must not learn from it which shielded cases
 * there are: not from what was denied, from a text, from a grant that has lapsed, or from a grant for one single case.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { idFor } from '../../subgraphs/demo/random.js';
import { openWorld, type World } from '../support/world.js';

let world: World;
let hidden: { id: string; number: string };
beforeAll(async () => {
  world = await openWorld({ shielded: true });
  const [row] = await world.database.sql<{ id: string; number: string }>(
    `SELECT id, number FROM cases.shielded_case WHERE compartment = '0999.MUNICIPALITY.CHILD_CONCERN' ORDER BY id LIMIT 1`,
  );
  hidden = row!;
});
afterAll(() => world.close());

const cpr = '0201609996';
const placement = idFor('employee/placement-secretary');
const housing = idFor('employee/housing-caseworker');

/** Leaves of an operation, by whether they lie in the ordinary log. */
async function logged(operation: string): Promise<{ ordinary: string[]; sealed: string[] }> {
  const leaves = async (table: string) =>
    (
      await world.database.sql<{ leaf: string }>(
        `SELECT leaf FROM audit.${table} WHERE operation_name = $1 ORDER BY at, id`,
        [operation],
      )
    ).map(({ leaf }) => leaf);
  return { ordinary: await leaves('entry'), sealed: await leaves('sealed_entry') };
}

/** So many entries, and nothing of them in the ordinary log: neither under the operation's name nor with the id that was asked for. */
async function expectSealed(operation: string, count: number): Promise<void> {
  const { ordinary, sealed } = await logged(operation);
  expect([operation, ordinary, sealed.length]).toEqual([operation, [], count]);
  const { body } = await world.ask(
    'security-officer',
    `{ auditEntries(filter: { operation: "${operation}" }) { totalCount } }`,
  );
  expect(body.data).toEqual({ auditEntries: { totalCount: 0 } });
  const [told] = await world.database.sql<{ n: number }>(
    `SELECT (SELECT count(*) FROM audit.entry WHERE leaf LIKE $1) + (SELECT count(*) FROM audit.operation WHERE definition LIKE $1) AS n`,
    [`%${hidden.id}%`],
  );
  expect(Number(told!.n)).toBe(0);
}

describe('what somebody cleared asks for lies under seal', () => {
  it('though it is denied: the arguments are logged all the same', async () => {
    const change = (name: string) =>
      `mutation ${name}($id: ID!) { changeCase(id: $id, input: { title: "A title" }) { id } deleteCase(id: $id) }`;
    const denied = await world.ask('cleared-security-officer', change('DeniedChange'), { id: hidden.id });
    expect(denied.body.errors![0]!.extensions.code).toBe('FORBIDDEN_FIELD');
    await expectSealed('DeniedChange', 2);
  });

  it('though a condition leaves it out, or another operation of the text is run', async () => {
    const skipped = `query Skipped { case(id: "${hidden.id}") @skip(if: true) { id } employees(first: 1) { nodes { id } } }`;
    expect((await world.ask('cleared-security-officer', skipped)).status).toBe(200);
    await expectSealed('Skipped', 1);
    const two = `query OneOfTwo { employees(first: 1) { nodes { id } } } query Other { case(id: "${hidden.id}") { id } }`;
    const answer = await fetch(`${world.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${await world.tokenOf('cleared-security-officer')}`,
      },
      body: JSON.stringify({ query: two, operationName: 'OneOfTwo' }),
    });
    expect(answer.status).toBe(200);
    await expectSealed('OneOfTwo', 1);
  });

  it('also when its grants have lapsed: the tab that is still open knows the id', async () => {
    const open = `query StillOpen($id: ID!) { case(id: $id) { id } }`;
    const lapse = (when: string) =>
      world.database.sql(
        `UPDATE identity.clearance_grant SET confirm_by = confirm_by + $2::interval WHERE holder = $1`,
        [placement, when],
      );
    const find = async () => (await world.ask('placement-secretary', open, { id: hidden.id })).body.data;
    await lapse('-200 years');
    try {
      expect(await find()).toEqual({ case: null });
    } finally {
      await lapse('200 years');
    }
    await expectSealed('StillOpen', 1);
  });

  it('where the purpose is a case number, because the citizen would read it', async () => {
    const purpose = { 'x-purpose': `Sag ${hidden.number}` };
    const look = (name: string) => `query ${name} { citizen(cpr: "${cpr}") { id } }`;
    await world.ask('cleared-security-officer', look('WithNumber'), undefined, purpose);
    await world.ask('cleared-security-officer', look('WithWords'), undefined, {
      'x-purpose': 'Telefonisk henvendelse',
    });
    expect(await logged('WithNumber')).toEqual({ ordinary: [], sealed: [expect.stringContaining(hidden.number)] });
    expect((await logged('WithWords')).ordinary).toHaveLength(1);
  });
});

describe('a grant for a single case', () => {
  const compartment = () => `0999.CASE.${hidden.id}`;
  beforeAll(async () => {
    await world.database.sql(
      `WITH party AS (UPDATE cases.shielded_party SET compartment = $1 WHERE case_id = $2)
       UPDATE cases.shielded_case SET compartment = $1 WHERE id = $2`,
      [compartment(), hidden.id],
    );
    await world.database.sql(
      `INSERT INTO identity.clearance_grant
       SELECT (jsonb_populate_record(g, jsonb_build_object('id', $2::text, 'compartment', $3::text, 'level', 'DOCUMENTS', 'shielded', true))).*
         FROM identity.clearance_grant g WHERE g.holder = $1 LIMIT 1`,
      [housing, idFor('grant/of-a-single-case'), compartment()],
    );
  });

  it('seals what names that case, in the answer or in the question', async () => {
    const one = `query SingleCase($id: ID!) { case(id: $id) { id title } }`;
    const { body } = await world.ask('housing-caseworker', one, { id: hidden.id });
    expect(body.data.case.id).toBe(hidden.id);
    await expectSealed('SingleCase', 1);
    const denied = `mutation SingleDenied($id: ID!) { deleteCase(id: $id) }`;
    await world.ask('housing-caseworker', denied, { id: hidden.id });
    expect((await logged('SingleDenied')).ordinary).toEqual([]);
  });

  it('and no other work of its holder: that it is missing from the log would tell of the grant', async () => {
    const work = `query OtherWork { citizen(cpr: "${cpr}") { id cases { totalCount nodes { id } } } }`;
    expect((await world.ask('housing-caseworker', work)).status).toBe(200);
    expect(await logged('OtherWork')).toEqual({ ordinary: [expect.stringContaining(housing)], sealed: [] });
  });
});
