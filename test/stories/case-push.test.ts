/** A case system pushes its cases, again and again: in batches, in any order, with rows that are wrong. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { employeeId } from '../../subgraphs/demo/people.js';
import { push, type RowInput, rowOf, source, storedUnder } from '../support/case-batches.js';
import { type CaseSystem, type Door, doors, openCaseSystem } from '../support/case-system.js';
import { caseSystem } from '../support/client.js';
import { openWorld, type World } from '../support/world.js';

let world: World;
let system: CaseSystem;
let people: { id: string; cpr: string }[];
beforeAll(async () => {
  world = await openWorld({ shielded: true, now: () => new Date(), trustedProxies: ['127.0.0.1'] });
  system = await openCaseSystem(world);
  people = await world.database.sql('SELECT id, cpr FROM identity.citizen ORDER BY id LIMIT 40');
});
afterAll(() => world.close());

const citizen = (n = 0) => people[n]!.id;
const pushed = async (door: Door, batch: readonly RowInput[], headers?: Record<string, string>) => {
  const { data, errors } = await system.ask(door, push, { batch }, headers);
  expect(errors).toEqual([]);
  return data.importCases as {
    outcome: string;
    case: { id: string; title: string; externalId: object } | null;
    problems: { path: string; message: string }[];
  }[];
};
const outcomes = async (door: Door, batch: readonly RowInput[]) =>
  (await pushed(door, batch)).map(({ outcome }) => outcome);
const enter = 'mutation Enter($input: EnterCaseInput!) { enterCase(input: $input) { id title } }';
const changesOf = (transaction: string) =>
  world.database.sql<{ outcome: string; cases: string[]; citizens: string[] }>(
    `SELECT d.outcome, d.cases, d.citizens FROM audit.entry_details d JOIN audit.entry e USING (municipality, log, seq)
     WHERE leaf LIKE '%"transactionId":"' || $1 || '"%' ORDER BY d.at, e.seq`,
    [transaction],
  );

describe.each(doors)('at %s', (door) => {
  const name = (text: string) => `${door === 'the room' ? 'r' : 'g'} ${text}`;

  it('the last version of each case stays, in whatever order and however often rows come', async () => {
    const [a, b, c] = ['one a', 'one b', 'one c'].map(name) as [string, string, string];
    expect(await outcomes(door, [rowOf(a, 3, citizen(0)), rowOf(b, 1, citizen(1))])).toEqual(['ENTERED', 'ENTERED']);
    expect(await outcomes(door, [rowOf(a, 2, citizen(0)), rowOf(b, 2, citizen(1)), rowOf(c, 1, citizen(2))])).toEqual([
      ...['OUTDATED', 'CHANGED', 'ENTERED'],
    ]);
    expect(await outcomes(door, [rowOf(a, 3, citizen(0)), rowOf(b, 2, citizen(1))])).toEqual([
      'UNCHANGED',
      'UNCHANGED',
    ]);
    const newer = {
      ...rowOf(a, 3, citizen(0)),
      sourceVersion: '4',
      parties: [{ cpr: people[5]!.cpr, role: 'PRIMARY' }],
    };
    expect(await outcomes(door, [newer])).toEqual(['CHANGED']);
    expect(await outcomes(door, [{ ...newer, sourceVersion: '5' }])).toEqual(['UNCHANGED']);
    const stored = await storedUnder(world, name('one '));
    expect([...stored.values()].map(({ title, version }) => [title, version]).sort()).toEqual([
      [`Boligstøtte ${a}, udgave 3`, '5'],
      [`Boligstøtte ${b}, udgave 2`, '2'],
      [`Boligstøtte ${c}, udgave 1`, '1'],
    ]);
    expect(stored.get(a)!.citizens).toEqual([citizen(5)]);
  });

  it('a version may be a time, of any clock', async () => {
    const id = name('time');
    const at = (time: string) => outcomes(door, [{ ...rowOf(id, 1, citizen(0)), title: time, sourceVersion: time }]);
    expect(await at('2026-03-01T10:00:00+02:00')).toEqual(['ENTERED']);
    expect(await at('2026-03-01T08:00:00.000000001Z')).toEqual(['CHANGED']);
    expect(await at('2026-03-01T07:59:59Z')).toEqual(['OUTDATED']);
    const problems = (await pushed(door, [rowOf(name('no time'), 'yesterday', citizen())]))[0]!.problems;
    expect(problems.map(({ path }) => path)).toEqual(['sourceVersion']);
  });

  it('one poisonous row does not lose the others, and each is told what is wrong with it', async () => {
    const ten = 'x'.repeat(10_000_000);
    const [twice, fine] = [name('two twice'), name('two fine')];
    const batch = [
      rowOf(fine, 1, citizen(0)),
      rowOf(name('two nul'), 1, citizen(1), { title: 'a\u0000b' }),
      rowOf(name('two long'), 1, citizen(2), { title: ten }),
      rowOf(name('two unknown'), 1, randomUUID()),
      rowOf(name('two cpr'), 1, citizen(3), { parties: [{ cpr: '0101709999', role: 'PRIMARY' }] }),
      rowOf(twice, 1, citizen(4)),
      rowOf(twice, 2, citizen(4)),
      rowOf(name('two kle'), 1, citizen(5), { kle: 'nonsense', openedOn: '2035-01-01', closedOn: 'soon' }),
      rowOf(name('two elsewhere'), 1, citizen(6), { category: 'CASH_BENEFIT', kle: '32.24.14' }),
      rowOf('', 1, citizen(7)),
    ];
    const told = await pushed(door, batch);
    expect(told.map(({ outcome, problems }) => [outcome, ...problems.map(({ path }) => path)])).toEqual([
      ['ENTERED'],
      ['REFUSED', 'title'],
      ['REFUSED', 'title'],
      ['REFUSED', 'parties.0.citizen'],
      ['REFUSED', 'parties.0.cpr'],
      ['REFUSED', 'externalId'],
      ['REFUSED', 'externalId'],
      ['REFUSED', 'kle', 'openedOn', 'closedOn', 'progress'],
      ['REFUSED', 'category'],
      ['REFUSED', 'externalId.id'],
    ]);
    expect(JSON.stringify(told.map(({ problems }) => problems))).not.toMatch(/0101709999|nonsense|2035|soon|xxxx/);
    expect([...(await storedUnder(world, name('two'))).keys()]).toEqual([fine]);
  });

  it('whoever was matched for a row that was refused is named in the log', async () => {
    const transaction = randomUUID();
    const parties = [
      { cpr: people[11]!.cpr, role: 'PRIMARY' },
      { cpr: '0101709999', role: 'PARTNER' },
    ];
    const told = await pushed(door, [rowOf(name('probed'), 1, '', { parties })], { 'x-transaktionsid': transaction });
    expect(told.map(({ outcome }) => outcome)).toEqual(['REFUSED']);
    const [, end] = await changesOf(transaction);
    expect(end).toMatchObject({ cases: [], citizens: [citizen(11)] });
  });

  it('a version that comes with another content, and a class that changes, are refused', async () => {
    const id = name('fixed');
    await outcomes(door, [rowOf(id, 1, citizen(0))]);
    const [same] = await pushed(door, [rowOf(id, 1, citizen(0), { title: 'En anden' })]);
    expect([same!.outcome, same!.problems[0]!.path]).toEqual(['REFUSED', 'sourceVersion']);
    const [facet] = await pushed(door, [rowOf(id, 2, citizen(0), { facet: 'A11' })]);
    expect([facet!.outcome, facet!.problems[0]!.path]).toEqual(['REFUSED', 'facet']);
    expect((await storedUnder(world, id)).get(id)!.version).toBe('1');
  });

  it('more than 1,000 rows, and none, are one clear error', async () => {
    const row = rowOf(name('much'), 1, citizen());
    for (const batch of [[], Array.from({ length: 1_001 }, () => row)]) {
      const { data, errors } = await system.ask(door, push, { batch });
      expect([data, errors.map(({ message }) => message)]).toEqual([
        { importCases: null },
        ['Argument "batch": expected 1 to 1,000 cases.'],
      ]);
    }
  });

  it('a thousand rows are one entry of the log, which names every case and citizen', async () => {
    const transaction = randomUUID();
    const batch = Array.from({ length: 1_000 }, (_, n) => rowOf(name(`full ${n}`), 1, citizen(n % 40)));
    const told = await pushed(door, batch, { 'x-transaktionsid': transaction });
    expect(new Set(told.map(({ outcome }) => outcome))).toEqual(new Set(['ENTERED']));
    const [begun, end, ...more] = await changesOf(transaction);
    expect([begun!.outcome, begun!.cases, end!.outcome, more]).toEqual(['BEGUN', [], 'ANSWERED', []]);
    expect([...end!.cases].sort()).toEqual(told.map((row) => row.case!.id).sort());
    expect([...end!.citizens].sort()).toEqual(people.map(({ id }) => id).sort());
    const numbers = await world.database.sql(
      `SELECT count(DISTINCT number)::int AS n FROM cases.ordinary_case WHERE id = ANY ($1::uuid[])`,
      [end!.cases],
    );
    expect(numbers).toEqual([{ n: 1_000 }]);
  });

  it('two workers with the same batches at once enter each case once', async () => {
    const batches = Array.from({ length: 4 }, (_, b) =>
      Array.from({ length: 60 }, (_, n) => rowOf(name(`race ${b} ${n}`), 1, citizen(n % 40))),
    );
    const sent = [...batches, ...batches.map((batch) => [...batch].reverse())];
    const all = (await Promise.all(sent.map((batch) => outcomes(door, batch)))).flat();
    expect(all.filter((one) => one === 'ENTERED')).toHaveLength(240);
    expect(all.filter((one) => one === 'UNCHANGED')).toHaveLength(240);
  });

  it('enterCase with an external id that is there answers with that case, or names the fields that differ', async () => {
    const input = {
      externalId: { source, id: name('entered') },
      ...{ category: 'HOUSING_BENEFIT', kle: '32.03.12', title: 'Boligstøtte' },
      parties: [{ citizen: citizen(8), role: 'PRIMARY' }],
    };
    const first = (await system.ask(door, enter, { input })).data.enterCase;
    expect((await system.ask(door, enter, { input })).data.enterCase).toEqual(first);
    const other = {
      ...input,
      title: 'Noget andet',
      progress: 'OPLYST',
      parties: [{ cpr: people[9]!.cpr, role: 'PRIMARY' }],
    };
    const { data, errors } = await system.ask(door, enter, { input: other });
    expect([data.enterCase, errors[0]!.extensions.code, errors[0]!.message]).toEqual([
      null,
      'CONFLICT',
      'A case with this `externalId` is there and differs in: title, progress, parties.',
    ]);
    expect(
      await outcomes(door, [
        rowOf(name('entered'), 1, citizen(8), { title: 'Boligstøtte II', openedOn: '2026-02-02' }),
      ]),
    ).toEqual(['CHANGED']);
    const many = await Promise.all(
      Array.from({ length: 6 }, () =>
        system.ask(door, enter, { input: { ...input, externalId: { source, id: name('entered at once') } } }),
      ),
    );
    expect(new Set(many.map((one) => one.data.enterCase.id)).size).toBe(1);
  });

  it('a case that was deleted is not entered again by a batch that comes late', async () => {
    const id = name('deleted');
    const made = (await pushed(door, [rowOf(id, 1, citizen())]))[0]!.case!;
    await system.ask(door, 'mutation Delete($id: ID!) { deleteCase(id: $id) }', { id: made.id });
    for (const version of [1, 2]) {
      const [late] = await pushed(door, [rowOf(id, version, citizen())]);
      expect(late).toMatchObject({ outcome: 'REFUSED', case: null, problems: [{ path: 'externalId' }] });
    }
    const again = { ...rowOf(id, 1, citizen()), sourceVersion: undefined };
    expect((await system.ask(door, enter, { input: again })).errors[0]!.extensions.code).toBe('CONFLICT');
  });

  it('only a batch may be as large as a batch', async () => {
    const long = 'x'.repeat(200_000);
    const one = await system.ask(door, enter, { input: { title: long } });
    expect([one.status, one.errors[0]!.extensions.code]).toEqual([400, 'BODY_TOO_LARGE']);
    const two = await system.ask(
      door,
      `mutation P($batch: [ImportCaseInput!]!) { importCases(batch: $batch) { index } signOut }`,
      {
        batch: [{ title: long }],
      },
    );
    expect(two.errors[0]!.extensions.code).toMatch(/BODY_TOO_LARGE|GRAPHQL_VALIDATION_FAILED/);
    const values = Array.from({ length: 6_000 }, (_, n) => n);
    const three = await system.ask(door, 'query Q($ids: [Int!]) { __typename }', { ids: values });
    expect(three.errors[0]!.extensions.code).toBe('VARIABLE_LIMIT');
  });
});

it('people import nothing, and their bodies are no larger than before', async () => {
  const rows = [rowOf('a person', 1, citizen())];
  const refused = await world.ask('housing-caseworker', push, { batch: rows });
  expect(refused.body.errors![0]!.extensions.code).toBe('FORBIDDEN');
  const large = await world.ask('housing-caseworker', push, { batch: Array(1_000).fill(rows[0]) }).catch(() => null);
  if (large) expect(large.body.errors![0]!.extensions.code).toBe('BODY_TOO_LARGE');
  expect(await storedUnder(world, 'a person')).toEqual(new Map());
});

describe('an external id beyond the wall', () => {
  it('is never taken, and one that was moved there answers as one that was deleted', async () => {
    const other = await openWorld({ shielded: false, now: () => new Date(), trustedProxies: ['127.0.0.1'] });
    try {
      const here = await openCaseSystem(other);
      const told: string[] = [];
      for (const [which, client, hides] of [
        [world, system, true],
        [other, here, false],
      ] as const) {
        const ask = async (query: string, variables: object) =>
          (await client.ask('the gateway', query, variables)).data;
        const batch = [rowOf('wall', 1, citizen(20)), rowOf('wall other', 1, citizen(21))];
        const made = (await ask(push, { batch })).importCases as { case: { id: string } }[];
        // In one world the case goes behind the wall under its own number; in the other it is deleted.
        if (hides) {
          const mover = await grantedMover(which);
          const moved = await which.ask(
            mover,
            'mutation M($id: ID!, $input: MoveCaseInput!) { moveCase(id: $id, input: $input) { id } }',
            {
              id: made[0]!.case.id,
              input: { compartment: '0999.MUNICIPALITY.SOCIAL_FRAUD', kle: '32.45.04' },
            },
          );
          expect(moved.body.errors).toBeUndefined();
          // Another client has a hidden case under the same id.
          await which.database.sql(
            `INSERT INTO cases.shielded_external_id (municipality, compartment, client, source, external_id, case_id)
             SELECT '0999', compartment, gen_random_uuid(), $1, 'wall new', id FROM cases.shielded_case
             WHERE compartment = '0999.MUNICIPALITY.SSP' LIMIT 1`,
            [source],
          );
        } else await ask('mutation D($id: ID!) { deleteCase(id: $id) }', { id: made[0]!.case.id });
        const after = [rowOf('wall', 2, citizen(20)), rowOf('wall', 1, citizen(20)), rowOf('wall new', 1, citizen(22))];
        const answers = [];
        for (const row of after)
          answers.push(
            (await client.ask('the gateway', push.replace('case { id title', 'case { title'), { batch: [row] })).text,
          );
        const input = { ...rowOf('wall', 1, citizen(20)), sourceVersion: undefined };
        answers.push((await client.ask('the room', enter, { input })).text);
        told.push(answers.join('\n'));
      }
      expect(told[0]).toBe(told[1]);
      expect(told[0]).toContain('is gone');
    } finally {
      await other.close();
    }
  });

  /** Somebody who works with fraud is also cleared for housing benefit. */
  const grantedMover = async (which: World) => {
    const mover = 'fraud-investigator';
    await which.database.sql(
      `INSERT INTO identity.clearance_grant
       SELECT (jsonb_populate_record(g, jsonb_build_object('id', $1::text, 'compartment', '0999.MUNICIPALITY.HOUSING_BENEFIT',
                'shielded', false, 'level', 'DOCUMENTS', 'operations', '["SEARCH", "ENTER", "DELETE"]'::jsonb))).*
         FROM identity.clearance_grant g WHERE g.holder = $2 AND g.compartment = '0999.MUNICIPALITY.SOCIAL_FRAUD'`,
      [randomUUID(), employeeId(mover)],
    );
    which.forget(mover);
    return mover;
  };
});

it('an external id is shown to the client that gave it, and to nobody else', async () => {
  const made = (await pushed('the room', [rowOf('mine', 1, citizen())]))[0]!.case!;
  const query = 'query Q($id: ID!) { case(id: $id) { externalId { source id } } }';
  expect((await system.ask('the gateway', query, { id: made.id })).data.case.externalId).toEqual({
    source,
    id: 'mine',
  });
  const seen = await world.ask('housing-caseworker', query, { id: made.id });
  expect(seen.body.data.case).toEqual({ externalId: null });
  const [row] = await world.database.sql<{ entered_by: string }>(
    'SELECT entered_by FROM cases.ordinary_case WHERE id = $1',
    [made.id],
  );
  expect(row!.entered_by).toBe(caseSystem);
});
