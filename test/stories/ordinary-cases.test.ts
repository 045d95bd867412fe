/** Ordinary cases: who sees them, and how much of them. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { graphql } from '../../schema/generated/index.js';
import { faults } from '../../subgraphs/protocol/faults.js';
import { answer, ask } from '../support/typed.js';
import { openWorld, type World } from '../support/world.js';

const ofCitizen = graphql(`
  query OrdinaryCasesOfCitizen($cpr: CPR!) {
    citizen(cpr: $cpr) {
      cases(orderBy: OPENED_ON_ASC) {
        totalCount
        nodes { id category clearance openedOn closedOn number title handler { name } documents { totalCount } }
      }
    }
  }
`);
const all = graphql(`
  query EveryOrdinaryCase($first: Int, $filter: CaseFilter) {
    cases(first: $first, filter: $filter) { totalCount nodes { id category clearance number title documents { totalCount } } }
  }
`);
const withDocuments = graphql(`
  query OrdinaryCasesWithDocuments($filter: CaseFilter) {
    cases(filter: $filter) {
      totalCount
      nodes { id clearance number title documents { totalCount nodes { title kind text } } }
    }
  }
`);
const one = graphql(`
  query OneOrdinaryCase($id: ID!) { case(id: $id) { id title clearance parties { role citizen { name cpr } } } }
`);
const byNumber = graphql(`query OrdinaryCaseByNumber($number: String!) { caseByNumber(number: $number) { id title } }`);

const first = '0201609995';
const second = '0201609996';

let world: World;
beforeAll(async () => {
  world = await openWorld({ shielded: true });
});
afterAll(() => world.close());

const stored = (where: string, ...values: unknown[]) =>
  world.database.sql<{ id: string; number: string; title: string; category: string; closed: string | null }>(
    `SELECT c.id, c.number, c.title, c.category, c.closed_on AS closed FROM cases.ordinary_case c WHERE ${where} ORDER BY c.opened_on, c.id`,
    values,
  );
const partyHas = (cpr: string) =>
  stored(
    `c.id IN (SELECT p.case_id FROM cases.ordinary_party p JOIN identity.citizen z ON z.id = p.citizen WHERE z.cpr = $1)`,
    cpr,
  );
const idOf = (cpr: string) =>
  world.database.sql<{ id: string }>('SELECT id FROM identity.citizen WHERE cpr = $1', [cpr]);
const documentsOf = (id: string) =>
  world.database.sql<{ title: string; kind: string; text: string | null }>(
    'SELECT title, kind, text FROM cases.ordinary_document WHERE case_id = $1 ORDER BY recorded_at DESC, id',
    [id],
  );

describe('a guidance worker', () => {
  it('sees which ordinary cases of a citizen run, and neither number, title, handler nor documents, without an error', async () => {
    const { citizen } = await ask(world, 'guidance-worker', ofCitizen, { cpr: first });
    expect((await partyHas(first)).map(({ category }) => category).sort()).toEqual([
      'DAY_CARE_SUBSIDY',
      'HOUSING_BENEFIT',
    ]);
    expect(citizen!.cases).toMatchObject({ totalCount: 1, nodes: [{ category: 'HOUSING_BENEFIT', closedOn: null }] });
    for (const found of citizen!.cases.nodes) {
      expect(found).toMatchObject({
        clearance: 'EXISTENCE',
        number: null,
        title: null,
        handler: null,
        documents: null,
      });
      expect(found.openedOn).toMatch(/^\d{4}-\d\d-\d\d$/);
    }
  });

  it('never learns that a citizen is treated for drug misuse', async () => {
    const [treated] = await world.database.sql<{ cpr: string; id: string }>(
      `SELECT z.cpr, c.id FROM cases.ordinary_case c JOIN cases.ordinary_party p ON p.case_id = c.id
         JOIN identity.citizen z ON z.id = p.citizen WHERE c.category = 'DRUG_TREATMENT' ORDER BY c.id LIMIT 1`,
    );
    const { citizen } = await ask(world, 'guidance-worker', ofCitizen, { cpr: treated!.cpr });
    const others = (await partyHas(treated!.cpr)).filter(
      (found) => found.category !== 'DRUG_TREATMENT' && found.closed === null,
    );
    expect(others.length).toBeGreaterThan(0);
    expect(citizen!.cases.nodes.map((found) => found.id).sort()).toEqual(others.map((found) => found.id).sort());
    expect(citizen!.cases.totalCount).toBe(others.length);
    const hidden = await answer(world, 'guidance-worker', one, { id: treated!.id });
    const unknown = await answer(world, 'guidance-worker', one, { id: randomUUID() });
    expect(hidden.text).toBe(unknown.text);
    expect(hidden.data).toEqual({ case: null });
  });

  it('cannot list cases without a citizen, nor find one that is closed, nor see who else is in one', async () => {
    expect((await ask(world, 'guidance-worker', all, { first: 500 })).cases).toEqual({ totalCount: 0, nodes: [] });
    const [person] = await idOf(first);
    for (const filter of [{ citizen: person!.id, open: false }, { open: true }, { categories: ['HOUSING_BENEFIT'] }])
      expect((await ask(world, 'guidance-worker', all, { filter } as never)).cases).toEqual({
        totalCount: 0,
        nodes: [],
      });
    const shared = await stored(
      `c.closed_on IS NULL AND c.category = 'DAY_CARE_SUBSIDY' AND (SELECT count(*) FROM cases.ordinary_party p WHERE p.case_id = c.id) > 1`,
    );
    const read = await ask(world, 'guidance-worker', one, { id: shared[0]!.id });
    expect(read.case).toMatchObject({ clearance: 'EXISTENCE', title: null, parties: [] });
    expect((await ask(world, 'records-officer', one, { id: shared[0]!.id })).case!.parties.length).toBeGreaterThan(1);
  });

  it('is named in the log with the citizen whom the case is about, though they are not shown', async () => {
    const [running] = await stored(`c.closed_on IS NULL AND c.category = 'RELOCATION'`);
    await world.ask('guidance-worker', 'query ByIdAlone($id: ID!) { case(id: $id) { category } }', { id: running!.id });
    const { body } = await world.ask(
      'security-officer',
      '{ auditEntries(filter: { operation: "ByIdAlone" }) { nodes { cases { id } citizens { id } } } }',
    );
    const [primary] = await world.database.sql<{ citizen: string }>(
      `SELECT citizen FROM cases.ordinary_party WHERE case_id = $1 AND role = 'PRIMARY'`,
      [running!.id],
    );
    expect(body.data.auditEntries.nodes).toEqual([
      { cases: [{ id: running!.id }], citizens: [{ id: primary!.citizen }] },
    ]);
  });

  it('and nobody else is given the field that is there for the log', async () => {
    const own = (await partyHas(first)).find(({ category }) => category === 'HOUSING_BENEFIT');
    for (const person of ['guidance-worker', 'records-officer', 'housing-caseworker', 'citizen', 'case-system']) {
      const { body } = await world.ask(
        person,
        '{ case(id: $id) { loggedParty { id } } }'.replace('$id', `"${own!.id}"`),
      );
      expect([person, body.errors?.map(({ extensions }) => extensions.code)]).toEqual([person, ['FORBIDDEN_FIELD']]);
      expect(body.data.case).toEqual({ loggedParty: null });
    }
  });

  it('finds no case by a number or a title that is not theirs to know', async () => {
    const [own] = await partyHas(first);
    expect(await ask(world, 'guidance-worker', byNumber, { number: own!.number })).toEqual({ caseByNumber: null });
    expect(await ask(world, 'records-officer', byNumber, { number: own!.number })).toMatchObject({
      caseByNumber: { id: own!.id },
    });
    const { cases } = await ask(world, 'guidance-worker', all, { filter: { titleContains: own!.title } });
    expect(cases).toEqual({ totalCount: 0, nodes: [] });
  });
});

describe.each(['housing-caseworker', 'case-system'])('%s', (person) => {
  it('sees titles and documents of housing benefit, and no case of another kind', async () => {
    const { cases } = await ask(world, person, all, { first: 500 });
    expect(cases!.totalCount).toBe((await stored("c.category = 'HOUSING_BENEFIT'")).length);
    expect(new Set(cases!.nodes.map((found) => found.category))).toEqual(new Set(['HOUSING_BENEFIT']));
    expect(cases!.nodes.every((found) => found.title && found.number && found.documents)).toBe(true);
    expect(cases!.nodes.some((found) => found.documents!.totalCount > 0)).toBe(true);
  });

  it('finds of a citizen’s two ordinary cases the one of housing benefit, with every document', async () => {
    const [housing] = (await partyHas(first)).filter((found) => found.category === 'HOUSING_BENEFIT');
    const documents = await documentsOf(housing!.id);
    const [{ id: citizen }] = (await idOf(first)) as [{ id: string }];
    const { cases } = await ask(world, person, withDocuments, { filter: { citizen } });
    // A case system knows the parties of the cases that it entered, and finds no other case by one.
    if (person === 'case-system') return expect(cases).toEqual({ totalCount: 0, nodes: [] });
    expect(cases).toEqual({
      totalCount: 1,
      nodes: [
        {
          ...{ id: housing!.id, clearance: 'DOCUMENTS', number: housing!.number, title: housing!.title },
          documents: { totalCount: documents.length, nodes: documents },
        },
      ],
    });
  });

  it('takes a case of another kind for one that does not exist', async () => {
    const [other] = (await partyHas(first)).filter((found) => found.category !== 'HOUSING_BENEFIT');
    const hidden = await answer(world, person, one, { id: other!.id });
    expect(hidden.data).toEqual({ case: null });
    expect(hidden.text).toBe((await answer(world, person, one, { id: randomUUID() })).text);
    expect(await ask(world, person, byNumber, { number: other!.number })).toEqual({ caseByNumber: null });
  });
});

describe('a manager', () => {
  it('sees titles of all ordinary cases, and no document', async () => {
    const { cases } = await ask(world, 'records-officer', all, { first: 500 });
    expect(cases!.totalCount).toBe((await stored('true')).length);
    expect(new Set(cases!.nodes.map((found) => found.category)).size).toBe(6);
    for (const found of cases!.nodes) expect(found).toMatchObject({ clearance: 'METADATA', documents: null });
    expect(cases!.nodes.every((found) => found.title && found.number)).toBe(true);
  });
});

describe('a citizen', () => {
  it.each([
    ['citizen', first, ['DAY_CARE_SUBSIDY', 'HOUSING_BENEFIT']],
    ['other-citizen', second, ['CHILD_SUPPORT', 'HOUSING_BENEFIT']],
  ])('signed in as %s sees the own ordinary cases and nobody else’s', async (person, cpr, categories) => {
    const own = await partyHas(cpr);
    const { citizen } = await ask(world, person, ofCitizen, { cpr });
    expect(citizen!.cases.nodes.map((found) => found.category).sort()).toEqual(categories);
    const { cases } = await ask(world, person, all, {});
    expect(cases!.totalCount).toBe(2);
    expect(cases!.nodes.map((found) => found.id).sort()).toEqual(own.map((found) => found.id).sort());
    for (const found of cases!.nodes) expect(found).toMatchObject({ clearance: 'METADATA', documents: null });
    expect(cases!.nodes.map((found) => found.title).sort()).toEqual(own.map((found) => found.title).sort());
  });

  it('learns nothing of another citizen: neither the person nor a case', async () => {
    const [theirs] = await partyHas(first);
    const person = await answer(world, 'other-citizen', ofCitizen, { cpr: first });
    expect(person.data).toEqual({ citizen: null });
    expect(person.text).toBe((await answer(world, 'other-citizen', ofCitizen, { cpr: '7001019999' })).text);
    const found = await answer(world, 'other-citizen', one, { id: theirs!.id });
    expect(found.data).toEqual({ case: null });
    expect(found.text).toBe((await answer(world, 'other-citizen', one, { id: randomUUID() })).text);
    expect(await ask(world, 'other-citizen', byNumber, { number: theirs!.number })).toEqual({ caseByNumber: null });
    const [id] = await idOf(first);
    const filtered = await ask(world, 'other-citizen', all, { filter: { citizen: id!.id } });
    expect(filtered.cases).toEqual({ totalCount: 0, nodes: [] });
  });

  it.each(['SECONDARY', 'PARTNER', 'CHILD', 'OTHER'])('is the only one named among the parties: %s', async (role) => {
    const [own] = await partyHas(first);
    const [other] = await idOf(second);
    await world.database.sql(
      `INSERT INTO cases.ordinary_party (municipality, compartment, case_id, citizen, role)
       SELECT municipality, compartment, id, $2, $3 FROM cases.ordinary_case WHERE id = $1`,
      [own!.id, other!.id, role],
    );
    const read = await ask(world, 'citizen', one, { id: own!.id });
    expect(read.case).toMatchObject({
      clearance: 'METADATA',
      title: own!.title,
      parties: [{ citizen: { cpr: first } }],
    });
    const asOther = await ask(world, 'other-citizen', one, { id: own!.id });
    const found = await ask(world, 'other-citizen', byNumber, { number: own!.number });
    expect(found).toEqual({ caseByNumber: null });
    const byTitle = await ask(world, 'other-citizen', all, { filter: { titleContains: own!.title } });
    expect(byTitle.cases!.nodes.map(({ id }) => id)).not.toContain(own!.id);
    if (role === 'OTHER') expect(asOther.case).toBeNull();
    else
      expect(asOther.case).toMatchObject({
        ...{ clearance: 'EXISTENCE', title: null },
        parties: [{ role, citizen: { cpr: second } }],
      });
    await world.database.sql('DELETE FROM cases.ordinary_party WHERE case_id = $1 AND citizen = $2', [
      own!.id,
      other!.id,
    ]);
  });
});

describe('an administrator', () => {
  it('sees neither citizens nor cases', async () => {
    const { message } = faults.FORBIDDEN_FIELD;
    const person = await answer(world, 'administrator', ofCitizen, { cpr: first });
    expect(person).toMatchObject({ status: 200, data: { citizen: null } });
    expect(person.faults).toEqual([{ path: 'citizen', code: 'FORBIDDEN_FIELD', message }]);
    const list = await answer(world, 'administrator', all, {});
    expect(list).toMatchObject({ status: 200, data: { cases: null } });
    expect(list.faults).toEqual([{ path: 'cases', code: 'FORBIDDEN_FIELD', message }]);
  });
});
