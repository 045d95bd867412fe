/** A case system names the parties of its cases by CPR number, and is told of them what it needs: that they are its own. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeCasesRoom } from '../../subgraphs/cases/index.js';
import type { DisabledWalls } from '../../subgraphs/cases/sight.js';
import type { Internal } from '../../subgraphs/protocol/internal.js';
import type { Viewer } from '../../subgraphs/protocol/viewer.js';
import { type CaseSystem, doors, openCaseSystem } from '../support/case-system.js';
import { aViewer, openRoom } from '../support/room.js';
import { openWorld, type World } from '../support/world.js';

let world: World;
let system: CaseSystem;
let people: { id: string; cpr: string }[];
beforeAll(async () => {
  world = await openWorld({ shielded: true, now: () => new Date(), trustedProxies: ['127.0.0.1'] });
  system = await openCaseSystem(world);
  people = await world.database.sql(
    'SELECT id, cpr FROM identity.citizen WHERE died_on IS NULL AND moved_away_on IS NULL ORDER BY id LIMIT 3',
  );
});
afterAll(() => world.close());

const enter = `mutation Enter($input: EnterCaseInput!) {
  enterCase(input: $input) { id primaryParty { id } parties { role citizen { id } } } }`;
const read = 'query Read($id: ID!) { case(id: $id) { primaryParty { id } parties { role citizen { id } } } }';
const input = (parties: object[]) => ({
  input: { category: 'HOUSING_BENEFIT', kle: '32.03.12', title: 'Boligstøtte, fra fagsystemet', parties },
});
const hyphenated = (cpr: string) => `${cpr.slice(0, 6)}-${cpr.slice(6)}`;
const caseCount = async () =>
  (await world.database.sql<{ n: number }>('SELECT count(*)::int AS n FROM cases.ordinary_case'))[0]!.n;
const lastEntry = async () =>
  (
    await world.database.sql<{ citizens: string[]; cases: string[]; outcome: string }>(
      "SELECT citizens, cases, outcome FROM audit.entry_details WHERE outcome <> 'BEGUN' ORDER BY at DESC, seq DESC LIMIT 1",
    )
  )[0]!;

describe.each(doors)('at %s', (door) => {
  it('names parties by CPR number, with a hyphen or without, is shown them, and the log names them', async () => {
    const [one, other] = people as [(typeof people)[0], (typeof people)[0]];
    const entered = await system.ask(
      door,
      enter,
      input([
        { cpr: hyphenated(one.cpr), role: 'PRIMARY' },
        { cpr: other.cpr, role: 'PARTNER' },
      ]),
    );
    expect(entered.errors).toEqual([]);
    expect(entered.text).not.toContain(one.cpr);
    const shown = {
      primaryParty: { id: one.id },
      parties: [
        { role: 'PRIMARY', citizen: { id: one.id } },
        { role: 'PARTNER', citizen: { id: other.id } },
      ],
    };
    const { id, ...parties } = entered.data.enterCase;
    expect(parties).toEqual(shown);
    expect(await lastEntry()).toEqual({ citizens: [one.id, other.id].sort(), cases: [id], outcome: 'ANSWERED' });
    expect((await system.ask(door, read, { id })).data.case).toEqual(shown);
  });

  it('is shown no party of a case that somebody else entered, and the log names the citizen all the same', async () => {
    const made = await world.ask('housing-caseworker', enter, input([{ citizen: people[0]!.id, role: 'PRIMARY' }]));
    const { id } = made.body.data.enterCase;
    expect((await system.ask(door, read, { id })).data.case).toEqual({ primaryParty: null, parties: [] });
    expect(await lastEntry()).toMatchObject({ citizens: [people[0]!.id], cases: [id] });
    const found = await system.ask(
      door,
      'query Of($of: ID!) { cases(filter: { citizen: $of }, first: 500) { nodes { id } } }',
      {
        of: people[0]!.id,
      },
    );
    expect(found.data.cases.nodes.map((node: { id: string }) => node.id)).not.toContain(id);
  });

  it('is told of everybody who is not in the register at once, and of nobody more than that', async () => {
    const before = await caseCount();
    const unknown = '00000000-0000-0000-0000-000000000000';
    const refused = await system.ask(
      door,
      enter,
      input([
        { citizen: unknown, role: 'PRIMARY' },
        { cpr: people[1]!.cpr, role: 'PARTNER' },
        { cpr: '010170-9999', role: 'CHILD' },
      ]),
    );
    expect(refused.data.enterCase).toBeNull();
    expect(refused.errors.map(({ extensions }) => extensions)).toEqual([
      {
        code: 'BAD_USER_INPUT',
        problems: [
          { path: ['input', 'parties', 0, 'citizen'], message: 'not in the register' },
          { path: ['input', 'parties', 2, 'cpr'], message: 'not in the register' },
        ],
      },
    ]);
    expect(refused.text).not.toMatch(/0101709999|010170-9999/);
    expect(await caseCount()).toBe(before);
  });

  it('cannot tell who is dead, has moved away or has a protected address', async () => {
    const gone = await world.database.sql<{ cpr: string }>(
      `(SELECT cpr FROM identity.citizen WHERE died_on IS NOT NULL LIMIT 1) UNION ALL
       (SELECT cpr FROM identity.citizen WHERE moved_away_on IS NOT NULL LIMIT 1) UNION ALL
       (SELECT cpr FROM identity.citizen WHERE address_protected LIMIT 1)`,
    );
    expect(gone).toHaveLength(3);
    for (const { cpr } of gone) {
      const { errors, data } = await system.ask(door, enter, input([{ cpr, role: 'PRIMARY' }]));
      expect(errors).toEqual([]);
      expect(Object.keys(data.enterCase)).toEqual(['id', 'primaryParty', 'parties']);
    }
  });

  it('names each party in one way, and nobody twice', async () => {
    const [{ id, cpr }] = people as [(typeof people)[0]];
    const problems = async (parties: object[]) =>
      (await system.ask(door, enter, input(parties))).errors[0]!.extensions.problems;
    const either = 'expected either `cpr` or `citizen`';
    expect(await problems([{ id, cpr, role: 'PRIMARY' }].map(({ role }) => ({ role })))).toEqual([
      { path: ['input', 'parties', 0], message: either },
    ]);
    expect(await problems([{ citizen: id, cpr, role: 'PRIMARY' }])).toEqual([
      { path: ['input', 'parties', 0], message: either },
    ]);
    expect(
      await problems([
        { citizen: id, role: 'PRIMARY' },
        { cpr, role: 'OTHER' },
      ]),
    ).toEqual([{ path: ['input', 'parties', 1, 'cpr'], message: 'expected each citizen once' }]);
  });

  it('names nobody by CPR number without a scope for it, whether they are in the register or not', async () => {
    const without = await openCaseSystem(world, 'case:read case:write');
    const answers = await Promise.all(
      [people[0]!.cpr, '0101709999'].map((cpr) => without.ask(door, enter, input([{ cpr, role: 'PRIMARY' }]))),
    );
    expect(answers.map(({ errors }) => errors[0]!.extensions.code)).toEqual(['FORBIDDEN', 'FORBIDDEN']);
    expect(answers[0]!.text).toBe(answers[1]!.text);
    const byId = await without.ask(door, enter, input([{ citizen: people[0]!.id, role: 'PRIMARY' }]));
    expect(byId.errors).toEqual([]);
  });
});

describe('parties stay with the client that entered the case, behind two walls', () => {
  const client = (n: number, over: Partial<Viewer> = {}) =>
    aViewer({
      subject: { kind: 'SystemClient', id: `00000000-0000-4000-8000-00000000000${n}` },
      right: null,
      scopes: ['case:read', 'case:write'],
      clearance: [
        {
          compartment: '0999.MUNICIPALITY.HOUSING_BENEFIT',
          level: 'DOCUMENTS',
          operations: ['SEARCH', 'ENTER'],
          shielded: false,
        },
      ],
      ...over,
    });
  const everybody: Internal = async (_name, body) => ({
    found: (body as { ids: string[] }).ids.map((id) => [id, id]),
  });
  const seenBy = async (walls: DisabledWalls, prepare: string | null) => {
    const room = await openRoom(makeCasesRoom(walls), undefined, { identity: everybody });
    try {
      if (prepare) await room.database.sql(prepare);
      const parties = input([{ citizen: people[0]!.id, role: 'PRIMARY' }]);
      const made = await room.ask(client(1), enter, parties);
      const { id } = made.data.enterCase;
      const seen = async (viewer: Viewer) => (await room.ask(viewer, read, { id })).data.case?.parties.length ?? null;
      return {
        own: await seen(client(1)),
        withoutGrant: await seen(client(1, { clearance: [] })),
        other: await seen(client(2)),
        otherWhoReadsCitizens: await seen(client(2, { scopes: ['case:read', 'citizen:read'] })),
      };
    } finally {
      await room.close();
    }
  };
  const kept = { own: 1, withoutGrant: null, other: 0, otherWhoReadsCitizens: 1 };
  const policyDown = `ALTER POLICY cleared ON cases.ordinary_party USING (compartment = ANY (current_setting('sluse.sees')::text[]))`;

  it('with both, and with either alone', async () => {
    expect(await seenBy({}, null)).toEqual(kept);
    expect(await seenBy({ withoutPartyPredicate: true }, null)).toEqual(kept);
    expect(await seenBy({}, policyDown)).toEqual(kept);
  });

  it('and not without both', async () => {
    expect(await seenBy({ withoutPartyPredicate: true }, policyDown)).toEqual({ ...kept, other: 1 });
  });

  it('and nobody enters a case in another client’s name', async () => {
    const room = await openRoom(makeCasesRoom(), undefined, { identity: everybody });
    try {
      const insert = (enteredBy: string) =>
        room.services.database.asViewer(
          client(1),
          (tx) =>
            tx.rows(
              `INSERT INTO ordinary_case (municipality, id, compartment, authority, category, number, title, kle, progress,
                 sensitivity, opened_on, changed_at, entered_by)
               VALUES ('0999', gen_random_uuid(), '0999.MUNICIPALITY.HOUSING_BENEFIT', 'MUNICIPALITY', 'HOUSING_BENEFIT',
                 '32.03.12-G01-1-26', 'Sag', '32.03.12', 'OPSTAAET', 'IKKE_FORTROLIGE_DATA', '2026-01-01', now(), $1)`,
              [enteredBy],
            ),
          'write',
        );
      await expect(insert(client(2).actor.id)).rejects.toThrow(/row-level security/);
      await insert(client(1).actor.id);
    } finally {
      await room.close();
    }
  });
});

describe('a room whose register does not answer', () => {
  it('changes nothing, and says that it may be tried again', async () => {
    const room = await openRoom(makeCasesRoom(), undefined, {
      identity: () => Promise.reject(new Error('no connection')),
    });
    try {
      const compartment = '0999.MUNICIPALITY.HOUSING_BENEFIT';
      const viewer = aViewer({
        clearance: [{ compartment, level: 'DOCUMENTS', operations: ['SEARCH', 'ENTER'], shielded: false }],
      });
      const { data, errors } = await room.ask(viewer, enter, input([{ citizen: people[0]!.id, role: 'PRIMARY' }]));
      expect([data, errors![0].extensions.code]).toEqual([{ enterCase: null }, 'SUBGRAPH_UNAVAILABLE']);
      const rows = await room.database.sql('SELECT FROM cases.ordinary_case UNION ALL SELECT FROM cases.number_series');
      expect(rows).toEqual([]);
    } finally {
      await room.close();
    }
  });
});
