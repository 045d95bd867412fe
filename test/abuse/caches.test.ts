/**
 * Caches and time, errors, and what goes out of band: what one person asked, was denied or was shown leaves nothing behind for the
 * next, nor in any log that the next may read.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getIntrospectionQuery } from 'graphql';
import { faults } from '../../subgraphs/protocol/faults.js';
import { openWorld, type World } from '../support/world.js';
import { expectAlive, expectCheap, expectRefused, fixedCitizen, listening, send } from './attack.js';

const { log, lines } = listening();
let world: World;
let closed: World;
let hiddenId: string;
let hiddenTitle: string;
beforeAll(async () => {
  world = await openWorld({ shielded: true, log });
  closed = await openWorld({ shielded: true, closedSchema: true });
  [{ id: hiddenId, title: hiddenTitle }] = (await world.database.sql(
    "SELECT id, title FROM cases.shielded_case WHERE category = 'CHILD_CONCERN' ORDER BY id LIMIT 1",
  )) as [{ id: string; title: string }];
});
afterAll(async () => {
  await world?.close();
  await closed?.close();
});

const theCase = 'query($id: ID!) { case(id: $id) { id title } }';
const nothing = '{"data":{"case":null}}';

describe('caches', () => {
  it('43, 44, 45: the same text, asked by the cleared first, by turns and at once, is never answered from their answer', async () => {
    for (let run = 0; run < 5; run += 1) {
      const shown = await world.ask('placement-secretary', theCase, { id: hiddenId });
      expect(shown.body.data.case.title).toBe(hiddenTitle);
      for (const person of ['records-officer', 'housing-caseworker', 'citizen'])
        expect([person, (await world.ask(person, theCase, { id: hiddenId })).text]).toEqual([person, nothing]);
    }
    const people = [
      'placement-secretary',
      'records-officer',
      'fraud-investigator',
      'placement-secretary',
      'guidance-worker',
    ];
    const crowd = Array.from({ length: 60 }, (_, index) => people[index % people.length]!);
    const answers = await Promise.all(crowd.map((person) => send(world, person, theCase, { id: hiddenId })));
    answers.forEach((answer, index) => {
      const cleared = crowd[index] === 'placement-secretary';
      expect([crowd[index], answer.body.data.case?.title ?? null]).toEqual([
        crowd[index],
        cleared ? hiddenTitle : null,
      ]);
    });
  });

  it('43, 44: what is denied by type to one is fetched for another, by the same text, in either order', async () => {
    const query = `{ citizen(cpr: "${fixedCitizen}") { name } }`;
    for (const order of [
      ['administrator', 'records-officer'],
      ['records-officer', 'administrator'],
      ['administrator', 'records-officer'],
    ]) {
      for (const person of order) {
        const answer = await world.ask(person, query);
        if (person === 'records-officer')
          expect([answer.body.errors, typeof answer.body.data.citizen.name]).toEqual([undefined, 'string']);
        else {
          expect(answer.body.data).toEqual({ citizen: null });
          expect(answer.body.errors).toEqual([
            { message: faults.FORBIDDEN_FIELD.message, path: ['citizen'], extensions: { code: 'FORBIDDEN_FIELD' } },
          ]);
          expect(answer.fetches).toEqual([]);
        }
      }
    }
  });

  it('13, 16: a field denied by type is denied under any name, condition or fragment, and is not fetched', async () => {
    const forms = [
      ['{ a: citizen(cpr: "0201609995") { name } b: citizen(cpr: "0201609995") { id } }', [['a'], ['b']]],
      ['query($y: Boolean = true) { citizen(cpr: "0201609995") @include(if: $y) { name } }', [['citizen']]],
      ['query($n: Boolean = false) { ... @skip(if: $n) { citizen(cpr: "0201609995") { name } } }', [['citizen']]],
      ['{ ...F } fragment F on Query { constructor: citizen(cpr: "0201609995") { name } }', [['constructor']]],
    ] as const;
    for (const [query, paths] of forms) {
      const answer = await world.ask('administrator', query);
      expect([query, answer.body.errors!.map(({ path }) => path), answer.fetches]).toEqual([query, paths, []]);
      expect(Object.values(answer.body.data)).toEqual(paths.map(() => null));
    }
    const skipped = await world.ask(
      'administrator',
      'query($n: Boolean = false) { viewer { __typename } citizen(cpr: "0201609995") @include(if: $n) { name } }',
    );
    expect(skipped.text).toBe('{"data":{"viewer":{"__typename":"Viewer"}}}');
  });

  it('45: there is no storing of operations: a hash in place of a text is told so, and nothing is run', async () => {
    const extensions = { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } };
    const response = await world.post(
      '/graphql',
      { extensions },
      { authorization: `Bearer ${await world.tokenOf('records-officer')}` },
    );
    expectRefused({ status: response.status, body: await response.json() }, 'PERSISTED_QUERY_NOT_SUPPORTED');
  });

  it('48: no answer may be stored by anybody on the way', async () => {
    const answers = [
      await world.ask('records-officer', theCase, { id: hiddenId }),
      await send(world, 'records-officer', '{'),
      await send(world, 'administrator', '{ citizens { totalCount } }'),
    ];
    for (const { headers } of answers) {
      expect(headers.get('cache-control')).toBe('no-store');
      expect([headers.get('etag'), headers.get('last-modified'), headers.get('age')]).toEqual([null, null, null]);
    }
  });

  it('44: no header brings out a plan, a trace or a stack', async () => {
    const nosy = {
      'apollo-query-plan-experimental': '1',
      'apollo-federation-include-trace': 'ftv1',
      'apollo-expose-query-plan': 'true',
    };
    const answer = await world.ask('records-officer', theCase, { id: hiddenId }, nosy);
    expect(answer.text).toBe(nothing);
  });

  it('49, 50: a right that is withdrawn is gone within a second, also from what is believed of a session', async () => {
    const mine = await world.gateway.sessions.open({ kind: 'Employee', id: await employeeId('fraud-investigator') });
    const ask = () =>
      world
        .post(
          '/graphql',
          { query: '{ cases(filter: { categories: [SOCIAL_FRAUD] }) { totalCount } }' },
          { authorization: `Bearer ${mine.token}` },
        )
        .then((response) => response.json());
    expect(((await ask()) as any).data.cases.totalCount).toBeGreaterThan(0);
    await world.database.sql("UPDATE identity.clearance_grant SET status = 'WITHDRAWN' WHERE holder = $1", [
      await employeeId('fraud-investigator'),
    ]);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(await ask()).toEqual({ data: { cases: { totalCount: 0 } } });
  });
});

async function employeeId(person: string): Promise<string> {
  const viewer = await world.gateway.sessions.viewerOf(await world.tokenOf(person));
  return viewer!.subject.id;
}

describe('40: introspection', () => {
  const asked: [string, string][] = [
    ['the standard question', getIntrospectionQuery()],
    ['a type by name', '{ __type(name: "Case") { fields { name } } }'],
    ['under another name, in a fragment', '{ ...F } fragment F on Query { nothing: __schema { types { name } } }'],
    ['beside a question that is allowed', '{ viewer { __typename } ... { __type(name: "Case") { name } } }'],
    [
      'in a fragment that nobody spreads',
      '{ viewer { __typename } } fragment F on Query { __schema { types { name } } }',
    ],
    ['under a condition that is false', '{ viewer { __typename } __schema @skip(if: true) { types { name } } }'],
    ['in the other operation', 'query A { viewer { __typename } } query B { __schema { types { name } } }'],
  ];
  it.each(asked)('%s is refused to whoever is no administrator, where the schema is closed', async (_what, query) => {
    const ask = async () => {
      const response = await closed.post(
        '/graphql',
        { query, operationName: query.includes('query A') ? 'A' : undefined },
        { authorization: `Bearer ${await closed.tokenOf('records-officer')}` },
      );
      return { status: response.status, body: await response.json() };
    };
    expectRefused(await ask(), 'INTROSPECTION_NOT_ALLOWED');
    await expectCheap(closed, ask, 5);
    await expectAlive(closed);
  });

  it('is answered to the administrator of a closed schema, and to everybody of an open one, the same', async () => {
    const [administrator, manager, citizen] = [
      await closed.ask('administrator', getIntrospectionQuery()),
      await world.ask('records-officer', getIntrospectionQuery()),
      await world.ask('citizen', getIntrospectionQuery()),
    ];
    for (const answer of [administrator, manager, citizen])
      expect([answer.status, answer.body.errors]).toEqual([200, undefined]);
    expect(administrator.text).toBe(manager.text);
    expect(citizen.text).toBe(manager.text);
    const types = administrator.body.data.__schema.types.map(({ name }: { name: string }) => name);
    expect(types).toContain('Case');
    expect(types.filter((name: string) => /^(join__|link__|_Any|_Service|_Entity)/.test(name))).toEqual([]);
  });

  it('nor do the internals of federation answer at the gateway', async () => {
    for (const query of ['{ _service { sdl } }', '{ _entities(representations: []) { __typename } }']) {
      const answer = await send(world, 'records-officer', query);
      expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([400, 'GRAPHQL_VALIDATION_FAILED']);
    }
  });
});

describe('out of band', () => {
  const officerSees = async () =>
    (
      await world.ask(
        'security-officer',
        '{ auditEntries(first: 500) { totalCount nodes { cases { id } operation { text } criterion } } }',
      )
    ).text;

  it('57: what the cleared looked up, found or not, adds no entry to the log of those who are not', async () => {
    const count = async () => JSON.parse(await officerSees()).data.auditEntries.totalCount as number;
    const before = await count();
    const sealedBefore = (await world.database.sql('SELECT count(*)::int AS n FROM audit.sealed_entry_details'))[0]!
      .n as number;
    await world.ask('placement-secretary', theCase, { id: hiddenId });
    await world.ask('placement-secretary', theCase, { id: '00000000-0000-4000-8000-00000000dddd' });
    // Twice in the log: that it begins, and what became of it.
    await world.ask('placement-secretary', `mutation { deleteCase(id: "00000000-0000-4000-8000-00000000dddd") }`);
    await world.ask(
      'placement-secretary',
      `{ citizens(filter: { nameContains: "nsen" }, first: 1) { nodes { id } } auditEntries { totalCount } }`,
    );
    expect((await world.database.sql('SELECT count(*)::int AS n FROM audit.sealed_entry_details'))[0]!.n).toBe(
      sealedBefore + 5,
    );
    // The officer's own look at the log is the one entry more.
    expect(await count()).toBe(before + 1);
  });

  it('57: an uncleared look-up of a hidden case leaves the entry of an unknown one: no "denied" proves that it exists', async () => {
    const entry = async (id: string) => {
      await world.ask('records-officer', theCase, { id });
      await world.ask('housing-caseworker', `mutation { deleteCase(id: "${id}") }`);
      const rows = await world.database.sql(
        'SELECT use, outcome, fields, citizens, cases, faults, sealed_by FROM audit.entry_details ORDER BY at DESC LIMIT 2',
      );
      const names = await world.database.sql(
        "SELECT count(*)::int AS n FROM audit.entry_mention WHERE kind = 'CASE' AND value = $1",
        [id],
      );
      return { rows, names };
    };
    expect(await entry(hiddenId)).toEqual(await entry('00000000-0000-4000-8000-00000000eeee'));
  });

  it("58: the server's own log names no person, no case, no search and no token", async () => {
    await world.ask('placement-secretary', theCase, { id: hiddenId });
    await world.ask('records-officer', `{ citizen(cpr: "${fixedCitizen}") { name address { street } } }`);
    const told = lines.join('\n');
    expect(told).not.toContain(hiddenId);
    expect(told).not.toContain(hiddenTitle);
    expect(told).not.toContain(fixedCitizen);
    expect(told).not.toContain(await world.tokenOf('records-officer'));
  });

  it('61: a case that turns from shielded to open and back is there meanwhile and no longer, whatever was kept of it', async () => {
    const id = '00000000-0000-4000-8000-00000000ffff';
    const columns = (
      category: string,
    ) => `INSERT INTO cases.${category === 'SSP' ? 'shielded' : 'ordinary'}_case (municipality, id, compartment, authority, category, number, title, kle, progress, sensitivity, opened_on, changed_at)
      VALUES ('0999', '${id}', '0999.MUNICIPALITY.${category}', 'MUNICIPALITY', '${category}', '27.24.00-G01-987654-26', 'Turns', '27.24.00', 'OPSTAAET', 'VIP_SAGER', '2026-01-01', now())`;
    const shown = async () => (await world.ask('housing-caseworker', theCase, { id })).body.data.case;
    await world.database.sql(columns('SSP'));
    expect(await shown()).toBeNull();
    await world.database.sql('DELETE FROM cases.shielded_case WHERE id = $1', [id]);
    await world.database.sql(columns('HOUSING_BENEFIT'));
    expect(await shown()).toEqual({ id, title: 'Turns' });
    await world.database.sql('DELETE FROM cases.ordinary_case WHERE id = $1', [id]);
    await world.database.sql(columns('SSP'));
    expect(await shown()).toBeNull();
  });
});
