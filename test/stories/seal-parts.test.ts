/**
 * What somebody with a grant for one single case does, is logged in parts: the ordinary part is what it would be had the case never
 * existed, held here against a world in which it never did; what is told of the case lies under its seal.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { demoNow } from '../../subgraphs/demo/people.js';
import { idFor } from '../../subgraphs/demo/random.js';
import { caseSystem, drawToken, newKey, registered } from '../support/client.js';
import { grant, never, type SingleCase, setApart } from '../support/single-case.js';
import { openWorld, type World } from '../support/world.js';

/** Party of two ordinary and three shielded cases. */
const cpr = '0201609995';
const holder = idFor('employee/housing-caseworker');
const guide = idFor('employee/guidance-worker');
const officer = idFor('employee/security-officer');

let world: World;
let without: World;
let concern: SingleCase;
let fraud: SingleCase;
const both = () => [world, without] as const;

beforeAll(async () => {
  [world, without] = await Promise.all([openWorld({ shielded: true }), openWorld({ shielded: true })]);
  concern = await setApart(world.database, cpr, 'CHILD_CONCERN');
  fraud = await setApart(world.database, cpr, 'SOCIAL_FRAUD');
  for (const one of [concern, fraud]) await grant(world.database, holder, one);
  await grant(world.database, guide, concern);
  await grant(world.database, officer, concern);
  await grant(world.database, caseSystem, concern);
  for (const category of ['CHILD_CONCERN', 'SOCIAL_FRAUD']) await never(without.database, cpr, category);
});
afterAll(() => Promise.all([world?.close(), without?.close()]));

interface Leaf {
  readonly citizens: readonly string[];
  readonly cases: readonly string[];
  readonly sealedBy: readonly string[];
  readonly at: string;
  readonly outcome: string;
  readonly [name: string]: unknown;
}
/** Leaves of an operation, without what chance makes of them: their ids, and the salts that are made of these. */
async function leaves(of: World, operation: string, table: 'entry' | 'sealed_entry'): Promise<Leaf[]> {
  const rows = await of.database.sql<{ leaf: string }>(
    `SELECT leaf FROM audit.${table} WHERE operation_name = $1 ORDER BY at, cardinality(ARRAY(SELECT json_array_elements_text(leaf::json -> 'sealedBy'))), leaf`,
    [operation],
  );
  return rows.map(({ leaf }) => ({ ...JSON.parse(leaf), id: null, salt: null, follows: null }));
}
const ordinary = (of: World, operation: string) => leaves(of, operation, 'entry');
const sealed = (operation: string) => leaves(world, operation, 'sealed_entry');

/** Asks in both worlds, and expects that the ordinary log cannot tell them apart. */
async function asked(operation: string, body: string, person = 'housing-caseworker', variables: object = {}) {
  const answers = await Promise.all(both().map((one) => one.ask(person, body, variables)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  const [here, there] = await Promise.all(both().map((one) => ordinary(one, operation)));
  // Clocks are counters here, and one of the worlds has been asked more.
  const said = (list: readonly Leaf[]) => list.map((leaf) => ({ ...leaf, at: null }));
  expect(said(here!)).toEqual(said(there!));
  return { here: here!, answer: answers[0]!.body, entries: await sealed(operation) };
}

const whole = `id name cases(first: 100) { nodes { id parties { citizen { id } } } }`;

describe('the ordinary part is what it would be without the case', () => {
  it('of a look-up that shows the case beside others', async () => {
    const { here, answer, entries } = await asked(
      'LookUp',
      `query LookUp { citizen(cpr: "${cpr}") { ${whole} } }`,
      'guidance-worker',
    );
    const shown = answer.data.citizen.cases.nodes.map(({ id }: { id: string }) => id);
    expect(shown).toContain(concern.id);
    expect(shown).toHaveLength(2);
    expect(here).toHaveLength(1);
    expect(here[0]).toMatchObject({ citizens: expect.arrayContaining([answer.data.citizen.id]), sealedBy: [] });
    expect([...here[0]!.cases].sort()).toEqual(shown.filter((id: string) => id !== concern.id).sort());
    expect(JSON.stringify(here)).not.toContain(concern.id);
    expect(entries).toMatchObject([{ cases: [concern.id], sealedBy: [concern.compartment], at: here[0]!.at }]);
    // All parties of the case, and whoever it was looked up through is one.
    expect(entries[0]!.citizens).toContain(answer.data.citizen.id);
  });

  it('and stands in the log of the citizen and of the officer', async () => {
    const own =
      '{ viewer { person { ... on Citizen { accessLog(first: 5) { totalCount nodes { at use organisation { id } } } } } } }';
    const [here, there] = await Promise.all(both().map((one) => one.ask('citizen', own)));
    expect(here!.body.data.viewer.person.accessLog.totalCount).toBeGreaterThan(0);
    expect(here!.text).toBe(there!.text);
    const entries =
      '{ auditEntries(filter: { operation: "LookUp" }) { totalCount nodes { at citizens { id } cases { id } } } }';
    const uncleared = await Promise.all(both().map((one) => one.ask('cleared-security-officer', entries)));
    expect(uncleared[0]!.body.data.auditEntries.totalCount).toBe(1);
    expect(uncleared[0]!.text).toBe(uncleared[1]!.text);
  });

  it('of edges, aliases and a page beside it, by either executor', async () => {
    const edges = `a: cases(first: 100) { e: edges { n: node { id } } } b: cases(first: 1, orderBy: TITLE_ASC, filter: { categories: [HOUSING_BENEFIT] }) { nodes { id } }`;
    const { entries } = await asked('Edges', `query Edges { citizen(cpr: "${cpr}") { ${edges} } }`);
    expect(entries.map(({ cases }) => cases)).toEqual(expect.arrayContaining([[concern.id], [fraud.id]]));
    expect(entries).toHaveLength(2);
  });

  it('of a search that hits both, and of one that hits the case alone', async () => {
    const citizen = (await world.ask('housing-caseworker', `{ citizen(cpr: "${cpr}") { id } }`)).body.data.citizen.id;
    const found = await asked(
      'Hits',
      `query Hits { cases(first: 100, filter: { citizen: "${citizen}" }) { nodes { id } } }`,
      'guidance-worker',
    );
    expect([found.here.length, found.here[0]!.cases.length, found.entries.length]).toEqual([1, 1, 1]);
    const alone = await asked(
      'HitsOne',
      `query HitsOne($text: String!) { cases(first: 100, filter: { citizen: "${citizen}", titleContains: $text }) { nodes { id } } }`,
      'guidance-worker',
      { text: concern.title },
    );
    expect(alone.here).toMatchObject([{ use: 'SEARCH', cases: [], citizens: [], outcome: 'ANSWERED' }]);
    expect(alone.entries).toMatchObject([{ cases: [concern.id] }]);
  });

  it('of an attempt in which a field was denied', async () => {
    const { here, entries } = await asked(
      'Denied',
      `query Denied { citizen(cpr: "${cpr}") { ${whole} } auditLogs { name } }`,
    );
    // That it reads the log is denied by type; that it would is no reason to hide the rest.
    expect(here).toMatchObject([{ outcome: 'PARTLY_DENIED', faults: ['FORBIDDEN_FIELD'] }]);
    expect(entries).toHaveLength(2);
  });

  it('of a change whose answer leads to the case', async () => {
    const own = (await without.ask('housing-caseworker', `{ citizen(cpr: "${cpr}") { cases { nodes { id } } } }`)).body
      .data.citizen.cases.nodes[0].id;
    const { here, entries } = await asked(
      'Changed',
      `mutation Changed($id: ID!) { changeCase(id: $id, input: { title: "Another title" }) { id parties { citizen { ${whole} } } } }`,
      'housing-caseworker',
      { id: own },
    );
    expect(here.map(({ outcome }) => outcome)).toEqual(['BEGUN', 'ANSWERED']);
    expect(here[1]!.cases).toContain(own);
    expect(JSON.stringify(here)).not.toMatch(new RegExp(`${concern.id}|${fraud.id}`));
    expect(entries.map(({ cases, outcome }) => [cases, outcome])).toEqual(
      expect.arrayContaining([
        [[concern.id], 'ANSWERED'],
        [[fraud.id], 'ANSWERED'],
      ]),
    );
  });
});

describe('each case lies under its own seal', () => {
  it('and who is cleared for one of them learns nothing of the other', async () => {
    const { here, entries } = await asked('Two', `query Two { citizen(cpr: "${cpr}") { ${whole} } }`);
    expect(here).toHaveLength(1);
    expect(entries.map(({ sealedBy }) => sealedBy)).toEqual(
      expect.arrayContaining([[concern.compartment], [fraud.compartment]]),
    );
    const read = await world.ask(
      'security-officer',
      '{ auditEntries(filter: { operation: "Two" }) { totalCount nodes { cases { id } criterion } } }',
    );
    expect(read.body.data.auditEntries.totalCount).toBe(2);
    expect(read.text).toContain(concern.id);
    expect(read.text).not.toContain(fraud.id);
  });

  it('and what is met within one of them from within the other under both', async () => {
    const nested = `query Nested { citizen(cpr: "${cpr}") { id cases(first: 10, filter: { categories: [CHILD_CONCERN] }) { nodes { id parties { citizen { id cases(first: 20) { nodes { id } } } } } } } }`;
    const { here, entries } = await asked('Nested', nested);
    expect(here[0]!.cases).toEqual([]);
    const twice = entries.filter(({ sealedBy }) => sealedBy.length === 2);
    expect(twice).toMatchObject([{ sealedBy: [concern.compartment, fraud.compartment].sort(), cases: [fraud.id] }]);
  });
});

describe('a room that is called directly parts its entries too', () => {
  it('a case system that is cleared for a case', async () => {
    const citizen = (await world.ask('housing-caseworker', `{ citizen(cpr: "${cpr}") { id } }`)).body.data.citizen.id;
    const query = `query Direct { cases(first: 100, filter: { citizen: "${citizen}" }) { nodes { id parties { citizen { id } } } } }`;
    for (const one of both()) {
      const key = newKey('ES256');
      // It finds the parties of all cases, not only of those that it entered.
      await one.database.sql(
        `UPDATE identity.system_client SET scopes = scopes || '{citizen:reference}' WHERE id = $1`,
        [caseSystem],
      );
      await registered(one, { keys: [key.jwk] });
      const response = await fetch(`${one.origins.get('cases')}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${await drawToken(one, key, demoNow)}`,
        },
        body: JSON.stringify({ query }),
      });
      expect(response.status).toBe(200);
      const { data } = (await response.json()) as { data: { cases: { nodes: { id: string }[] } } };
      expect(data.cases.nodes.some(({ id }) => id === concern.id)).toBe(one === world);
    }
    const [here, there] = await Promise.all(both().map((one) => ordinary(one, 'Direct')));
    const named = (list: Leaf[]) => list.map(({ citizens, cases, outcome }) => ({ citizens, cases, outcome }));
    expect(named(here!)).toEqual(named(there!));
    expect(here![0]!.cases.length).toBeGreaterThan(0);
    expect(await sealed('Direct')).toMatchObject([{ cases: [concern.id], sealedBy: [concern.compartment] }]);
  });
});

describe('what cannot be divided lies under the seal as a whole', () => {
  const undivided = async (operation: string, text: string, variables: object = {}, headers = {}) => {
    const { status } = await world.ask('guidance-worker', text, variables, headers);
    expect(status).toBe(200);
    const entries = await sealed(operation);
    expect([await ordinary(world, operation), entries.length]).toEqual([[], 1]);
    return entries[0]!;
  };
  const look = (name: string) => `query ${name} { citizen(cpr: "${cpr}") { ${whole} } }`;

  it('the caller says which case it is: in an argument, an escape, a cursor, a purpose', async () => {
    await undivided('ById', `query ById($id: ID!) { case(id: $id) { id } citizen(cpr: "${cpr}") { name } }`, {
      id: concern.id,
    });
    const escaped = `\\u00${concern.id.charCodeAt(0).toString(16)}${concern.id.slice(1)}`;
    await undivided('Escaped', `query Escaped { citizen(cpr: "${cpr}") { name } case(id: "${escaped}") { id } }`);
    await undivided('InPurpose', look('InPurpose'), {}, { 'x-purpose': `Sag ${concern.id}` });
    const cursor = Buffer.from(JSON.stringify(['CHANGED_AT_DESC', '2026-01-01T00:00:00.000Z', concern.id]));
    await undivided(
      'ByCursor',
      `query ByCursor { citizen(cpr: "${cpr}") { cases(after: "${cursor.toString('base64url')}") { nodes { id } } } }`,
    );
  });

  it('it says a case number, and the answer has the case', async () => {
    await undivided(
      'ByNumber',
      `query ByNumber { caseByNumber(number: "${concern.number}") { id } citizen(cpr: "${cpr}") { name } }`,
    );
  });

  it('a page is full: the case has pushed another out of it', async () => {
    const page = (name: string, first: number) =>
      `query ${name} { citizen(cpr: "${cpr}") { cases(first: ${first}) { nodes { id } } } }`;
    const { cases } = await undivided('FullPage', page('FullPage', 2));
    expect(cases).toHaveLength(2);
    // One more, and nothing was pushed out.
    await asked('RoomLeft', page('RoomLeft', 3), 'guidance-worker');
    expect(await sealed('RoomLeft')).toHaveLength(1);
  });

  it('the log was read, in which other entries lie under the seal too', async () => {
    const read = 'query ReadsLog { auditEntries(first: 500) { nodes { cases { id } citizens { id } } } }';
    await world.ask('security-officer', read);
    expect(await ordinary(world, 'ReadsLog')).toEqual([]);
    expect(await sealed('ReadsLog')).toMatchObject([{ sealedBy: [concern.compartment] }]);
  });
});
