/**
 * Grants as people give them: a colleague requests, the manager of the unit decides, time and a change of work end them; rights that an
 * administrator assigns; and what each of them never does.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { employeeId, organisationId } from '../../subgraphs/demo/people.js';
import { faults } from '../../subgraphs/protocol/faults.js';
import { asked, compartment, grantIn, manages, type Team, team, verbs } from '../support/grants.js';
import { done, hire, type Somebody, signIn, signInAs } from '../support/powers.js';
import { openWorld, type World } from '../support/world.js';

const fault = (path: string, code: keyof typeof faults, message: string = faults[code].message) => ({
  data: { [path]: null },
  faults: [{ path, code, message }],
});
const unknown = '00000000-0000-4000-8000-00000000dead';
const myClearance = '{ viewer { clearance { compartment { id } level operations } } }';
const clearanceOf = async (who: Somebody) =>
  (await done(who, myClearance, {})).clearance.map(({ compartment: { id }, ...rest }: any) => ({ id, ...rest }));
/** As the room computes it, without what a gateway may still believe for a fifth of a second. */
const clearanceNow = async (who: Somebody) => {
  const { viewer } = (await world.rooms.get('identity')!.internal('resolve-session', { token: who.token })) as any;
  return viewer.clearance;
};
/** Somebody else changed something: the gateway hears of it within a second. */
async function soon(look: () => Promise<unknown>, expected: unknown) {
  for (let tries = 0; tries < 10 && JSON.stringify(await look()) !== JSON.stringify(expected); tries += 1)
    await wait(100);
  expect(await look()).toEqual(expected);
}

let world: World;
let now = new Date('2026-11-02T08:00:00.000Z');
let family: Team;
let director: Somebody;
let administrator: Somebody;
beforeAll(async () => {
  world = await openWorld({ shielded: true, now: () => now });
  family = await team(world, 'family');
  director = await signInAs(world, 'director');
  administrator = await signInAs(world, 'administrator');
});
afterAll(() => world.close());

describe('a grant', () => {
  it('goes its way: a colleague requests, the manager gives, the holder sees, and it is withdrawn at once', async () => {
    const { manager, requester, holder } = family;
    const validTo = '2027-06-01T00:00:00.000Z';
    const id = await grantIn('requested', family, {
      level: 'DOCUMENTS',
      operations: ['ENTER', 'SEARCH', 'ENTER'],
      validTo,
    });
    expect(await clearanceOf(holder)).toEqual([]);
    expect(await done(manager, verbs.decide, { grant: id })).toEqual({ id, status: 'IN_FORCE' });
    expect(await clearanceOf(holder)).toEqual([
      { id: compartment('HOUSING_BENEFIT'), level: 'DOCUMENTS', operations: ['SEARCH', 'ENTER'] },
    ]);
    const cases = await holder.ask('{ cases(first: 1) { totalCount } }');
    expect(cases.data.cases.totalCount).toBeGreaterThan(0);
    expect(await done(manager, verbs.withdraw, { grant: id })).toEqual({ id, status: 'WITHDRAWN' });
    expect((await holder.ask('{ cases(first: 1) { totalCount } }')).data.cases.totalCount).toBe(0);
    expect(await clearanceOf(holder)).toEqual([]);
    const whole = await done(
      holder,
      `query One($id: ID!) { grant(id: $id) { id holder { id } unit { id } compartment { id category shielded } level operations reason status
         requestedBy { id } requestedAt decidedBy { id } decidedAt validFrom validTo confirmBy agreement { id } history { step by { id } at reason } } }`,
      { id },
    );
    const at = now.toISOString();
    expect(whole).toEqual({
      ...{
        id,
        holder: { id: holder.id },
        unit: { id: family.unit },
        level: 'DOCUMENTS',
        operations: ['SEARCH', 'ENTER'],
      },
      ...{ compartment: { id: compartment('HOUSING_BENEFIT'), category: 'HOUSING_BENEFIT', shielded: false } },
      ...{ reason: 'Works with housing benefit from now on', status: 'WITHDRAWN', agreement: null },
      ...{ requestedBy: { id: requester.id }, requestedAt: at, decidedBy: { id: manager.id }, decidedAt: at },
      ...{ validFrom: at, validTo, confirmBy: '2027-05-02T07:00:00.000Z' },
      history: [
        { step: 'REQUESTED', by: { id: requester.id }, at, reason: 'Works with housing benefit from now on' },
        { step: 'GIVEN', by: { id: manager.id }, at, reason: 'Needed every day' },
        { step: 'WITHDRAWN', by: { id: manager.id }, at, reason: 'Needed no more' },
      ],
    });
  });

  it('is requested by a colleague or by who leads the unit, never for oneself, and by nobody else', async () => {
    const { manager, requester, holder } = family;
    const path = 'requestGrant';
    expect(await requester.ask(verbs.request, asked(requester.id))).toEqual(
      fault(
        path,
        'BAD_USER_INPUT',
        'Argument "input.holder": expected somebody else. Nobody requests a grant for oneself.',
      ),
    );
    const stranger = await signInAs(world, 'housing-caseworker');
    expect(await stranger.ask(verbs.request, asked(holder.id))).toEqual(
      fault(path, 'FORBIDDEN', 'A grant is requested by a colleague of the holder, or by who leads the unit.'),
    );
    for (const key of ['administrator', 'citizen', 'case-system', 'centre-reporter'])
      expect([key, await (await signInAs(world, key)).ask(verbs.request, asked(holder.id))]).toEqual([
        key,
        fault(path, 'FORBIDDEN_FIELD'),
      ]);
    // Who leads a unit above may ask for somebody in it; then the nearest other manager decides.
    const { id } = await done(director, verbs.request, asked(holder.id));
    expect(await director.ask(verbs.decide, { grant: id })).toEqual(
      fault('decideGrant', 'FORBIDDEN', 'Whoever requested a grant, or is to hold it, never decides.'),
    );
    expect(await done(manager, verbs.decide, { grant: id, decision: 'REFUSE' })).toEqual({ id, status: 'REFUSED' });
  });

  it('is refused what makes no sense, each with its own error', async () => {
    const { requester, holder } = family;
    const path = 'requestGrant';
    const bad = (argument: string, expected: string) =>
      fault(path, 'BAD_USER_INPUT', `Argument "input.${argument}": expected ${expected}`);
    const ask = (over: object, of = holder.id) => requester.ask(verbs.request, asked(of, over));
    expect(await ask({ operations: [] })).toEqual(bad('operations', 'at least one.'));
    expect(await ask({ reason: 'short' })).toEqual(bad('reason', '10 to 2,000 characters.'));
    const end = bad('validTo', 'a time to come, after "input.validFrom".');
    expect(await ask({ validFrom: '2027-02-01T00:00:00Z', validTo: '2027-01-01T00:00:00Z' })).toEqual(end);
    expect(await ask({ validTo: '2026-11-02T08:00:00Z' })).toEqual(end);
    for (const one of [
      'none',
      compartment('HOUSING_BENEFIT').replace('0999', '0101'),
      `0999.CASE.${unknown}`,
      '0999.CASE.',
      '',
    ])
      expect([one, await ask({ compartment: one })]).toEqual([one, fault(path, 'NOT_FOUND')]);
    for (const one of [unknown, 'no id', employeeId('manager').slice(1)])
      expect([one, await ask({}, one)]).toEqual([one, fault(path, 'NOT_FOUND')]);
    const gone = await hire(world.database, 'family', ['CASEWORKER']);
    await world.database.sql('UPDATE identity.employee SET left_at = now() WHERE id = $1', [gone]);
    expect(await ask({}, gone)).toEqual(fault(path, 'CONFLICT', 'The holder has left.'));
    // The only manager there is asks: nobody could decide.
    const top = await hire(world.database, 'municipality', ['CASEWORKER']);
    expect(await director.ask(verbs.request, asked(top))).toEqual(
      fault(
        path,
        'CONFLICT',
        'Nobody can decide: the unit and those above it have no other manager. Have one registered.',
      ),
    );
    expect(
      (await world.database.sql('SELECT FROM identity.clearance_grant WHERE holder = ANY ($1)', [[gone, top]])).length,
    ).toBe(0);
  });

  it('is decided by the manager of the holder’s unit, once, never by requester, holder or system', async () => {
    const { manager, requester, holder } = family;
    const path = 'decideGrant';
    const id = await grantIn('requested', family);
    const only = 'The manager of the holder’s unit decides.';
    const never = 'Whoever requested a grant, or is to hold it, never decides.';
    expect(await requester.ask(verbs.decide, { grant: id })).toEqual(fault(path, 'FORBIDDEN', never));
    expect(await holder.ask(verbs.decide, { grant: id })).toEqual(fault(path, 'FORBIDDEN', never));
    // Above the nearest manager there is another one, whose it is not.
    expect(await director.ask(verbs.decide, { grant: id })).toEqual(fault(path, 'FORBIDDEN', only));
    // A manager of another unit does not know of it, as nobody knows of one that never was.
    const elsewhere = await signInAs(world, 'manager');
    for (const one of [id, unknown, 'no id', `${unknown}.${unknown}`, `${id}.${id}`, `${id}.${id}.${id}`])
      expect([one, await elsewhere.ask(verbs.decide, { grant: one })]).toEqual([one, fault(path, 'NOT_FOUND')]);
    for (const key of ['administrator', 'citizen', 'case-system'])
      expect(await (await signInAs(world, key)).ask(verbs.decide, { grant: id })).toEqual(
        fault(path, 'FORBIDDEN_FIELD'),
      );
    // Nor by the manager in another right.
    await world.database.sql(
      `INSERT INTO identity.right_assignment VALUES ('0999', $1, 'CASEWORKER', $2, 'LOCAL', now())`,
      [manager.id, family.unit],
    );
    const otherwise = await signIn(world, manager.id, 'CASEWORKER');
    expect(await otherwise.ask(verbs.decide, { grant: id })).toEqual(fault(path, 'NOT_FOUND'));
    expect(await done(manager, verbs.decide, { grant: id })).toEqual({ id, status: 'IN_FORCE' });
    const again = 'The grant was decided or withdrawn already.';
    expect(await manager.ask(verbs.decide, { grant: id, decision: 'REFUSE' })).toEqual(fault(path, 'CONFLICT', again));
  });

  it('is decided by one of two who decide at once; the other is told', async () => {
    for (let round = 0; round < 3; round += 1) {
      const id = await grantIn('requested', family);
      const answers = await Promise.all(
        ['GIVE', 'REFUSE', 'GIVE'].map((decision) => family.manager.ask(verbs.decide, { grant: id, decision })),
      );
      expect(answers.map(({ faults: found }) => found[0]?.code ?? 'done').sort()).toEqual([
        'CONFLICT',
        'CONFLICT',
        'done',
      ]);
    }
  });

  it('asked for by the manager of a unit is decided above, past managers who left or may not act as one', async () => {
    const { manager, holder, requester } = family;
    const { id } = await done(manager, verbs.request, asked(holder.id));
    expect(await done(director, verbs.decide, { grant: id })).toEqual({ id, status: 'IN_FORCE' });
    const other = await grantIn('requested', family);
    const without = await hire(world.database, 'family', ['CASEWORKER']);
    await manages(world.database, 'family', without);
    expect(await done(director, verbs.decide, { grant: other })).toMatchObject({ status: 'IN_FORCE' });
    // Units that lie in a circle have no manager above; nothing goes round for ever.
    const [municipality, unit] = [organisationId('municipality'), organisationId('family')];
    await manages(world.database, 'family', null);
    await manages(world.database, 'municipality', null);
    await world.database.sql('UPDATE identity.organisation SET parent = $1 WHERE id = $2', [unit, municipality]);
    expect((await requester.ask(verbs.request, asked(holder.id))).faults).toMatchObject([{ code: 'CONFLICT' }]);
    await world.database.sql('UPDATE identity.organisation SET parent = NULL WHERE id = $1', [municipality]);
    await manages(world.database, 'municipality', director.id);
    await manages(world.database, 'family', manager.id);
  });

  it('is withdrawn by who leads the unit, an administrator or the holder, and by nobody else', async () => {
    const { holder, requester } = family;
    const path = 'withdrawGrant';
    const mine = await grantIn('given', family);
    expect(await requester.ask(verbs.withdraw, { grant: mine })).toEqual(
      fault(path, 'FORBIDDEN', 'Who leads the unit, an administrator or the holder withdraws a grant.'),
    );
    expect(await (await signInAs(world, 'housing-caseworker')).ask(verbs.withdraw, { grant: mine })).toEqual(
      fault(path, 'NOT_FOUND'),
    );
    expect(await holder.ask(verbs.withdraw, { grant: mine, reason: 'x' })).toEqual(
      fault(path, 'BAD_USER_INPUT', 'Argument "reason": expected 10 to 2,000 characters.'),
    );
    // The holder's own access changed: what became of it is asked by the entry.
    const own = await holder.ask(verbs.withdraw, { grant: mine });
    expect(own.faults).toMatchObject([{ code: 'CHANGE_MAY_STAND' }]);
    expect((await done(holder, `{ grant(id: "${mine}") { status } }`, {})).status).toBe('WITHDRAWN');
    for (const who of [director, administrator]) {
      const id = await grantIn('given', family);
      expect(await done(who, verbs.withdraw, { grant: id })).toEqual({ id, status: 'WITHDRAWN' });
      expect(await who.ask(verbs.withdraw, { grant: id })).toEqual(
        fault(path, 'CONFLICT', 'The grant is not in force any more.'),
      );
    }
    const request = await grantIn('requested', family);
    expect(await done(holder, verbs.withdraw, { grant: request })).toEqual({ id: request, status: 'WITHDRAWN' });
  });

  it('ends with a change of unit, and with leaving; what was done under it stays sealed', async () => {
    const moved = await team(world, 'fraud-control');
    const shielded = await grantIn('given', moved, { compartment: compartment('SOCIAL_FRAUD') });
    const waiting = await grantIn('requested', moved);
    expect(await clearanceOf(moved.holder)).toHaveLength(1);
    await world.database.sql('UPDATE identity.employee SET organisation = $1 WHERE id = $2', [
      organisationId('housing'),
      moved.holder.id,
    ]);
    await soon(() => clearanceOf(moved.holder), []);
    for (const id of [shielded, waiting]) {
      const grant = await done(moved.manager, `{ grant(id: "${id}") { status history { step by { id } } } }`, {});
      expect(grant).toMatchObject({ status: 'WITHDRAWN' });
      expect(grant.history.at(-1)).toEqual({ step: 'MOVED', by: null });
    }
    const viewer = await world.gateway.sessions.viewerOf(moved.holder.token);
    expect(viewer!.seal.compartments).toEqual([compartment('SOCIAL_FRAUD')]);
    // Coming back, or another name, brings nothing back and ends nothing.
    await world.database.sql('UPDATE identity.employee SET organisation = $1 WHERE id = $2', [
      moved.unit,
      moved.holder.id,
    ]);
    expect(await clearanceOf(moved.holder)).toEqual([]);
    const anew = await grantIn('given', moved);
    await world.database.sql(`UPDATE identity.employee SET name = 'Ny Navn' WHERE id = $1`, [moved.holder.id]);
    expect((await done(moved.manager, `{ grant(id: "${anew}") { status } }`, {})).status).toBe('IN_FORCE');
    await world.database.sql('UPDATE identity.employee SET left_at = now() WHERE id = $1', [moved.holder.id]);
    const left = await done(moved.manager, `{ grant(id: "${anew}") { status history { step } } }`, {});
    expect([left.status, left.history.at(-1).step]).toEqual(['WITHDRAWN', 'LEFT']);
    await world.database.sql('UPDATE identity.employee SET left_at = NULL WHERE id = $1', [moved.holder.id]);
    expect(await clearanceOf(await signIn(world, moved.holder.id, 'CASEWORKER'))).toEqual([]);
  });

  it('is not in force before its validity, and lapses at its end', async () => {
    const before = now;
    try {
      const validFrom = new Date(now.getTime() + 60_000).toISOString();
      const validTo = new Date(now.getTime() + 120_000).toISOString();
      const later = await team(world, 'drug-treatment');
      const id = await grantIn('given', later, { validFrom, validTo });
      expect(await clearanceNow(later.holder)).toEqual([]);
      now = new Date(validFrom);
      expect(await clearanceNow(later.holder)).toHaveLength(1);
      now = new Date(validTo);
      expect(await clearanceNow(later.holder)).toEqual([]);
      expect((await done(later.manager, `{ grant(id: "${id}") { status } }`, {})).status).toBe('LAPSED');
    } finally {
      now = before;
    }
  });
});

describe('who sees which grants', () => {
  const list = `query Grants($filter: GrantFilter, $first: Int, $after: String) { grants(filter: $filter, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } nodes { id holder { id } status } } }`;
  const seen = async (who: Somebody, filter: object = {}) => (await done(who, list, { filter, first: 500 })).nodes;

  it('everybody the own, those who lead their units’, administrators and readers of the log all, each page by page', async () => {
    const id = await grantIn('requested', family);
    const { manager, requester, holder } = family;
    const ids = async (who: Somebody, filter: object = {}) => (await seen(who, filter)).map((one: any) => one.id);
    const officer = await signInAs(world, 'security-officer');
    for (const who of [manager, requester, holder, director, administrator, officer])
      expect([who.id, (await ids(who, { holder: holder.id })).includes(id)]).toEqual([who.id, true]);
    for (const key of ['manager', 'housing-caseworker'])
      expect([key, await ids(await signInAs(world, key), { holder: holder.id })]).toEqual([key, []]);
    expect(new Set((await seen(holder)).map((one: any) => one.holder.id))).toEqual(new Set([holder.id]));
    expect((await seen(manager, { unit: organisationId('housing') })).length).toBe(0);
    expect((await ids(manager, { status: ['REQUESTED'], unit: family.unit })).includes(id)).toBe(true);
    expect((await ids(manager, { status: ['IN_FORCE'], unit: family.unit })).includes(id)).toBe(false);
    expect(await ids(manager, { holder: 'no id' })).toEqual([]);
    const all = await done(administrator, list, { first: 500 });
    const paged: string[] = [];
    let after: string | null = null;
    do {
      const { nodes, pageInfo }: any = await done(administrator, list, { first: 97, after });
      paged.push(...nodes.map((one: any) => one.id));
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    } while (after !== null);
    expect([new Set(paged).size, paged.length]).toEqual([all.totalCount, all.totalCount]);
    const mine = await done(
      holder,
      `{ viewer { actor { ... on Employee { grants { id } rights { code } courses { kind } } } } }`,
      {},
    );
    expect(mine.actor.grants.map((one: any) => one.id)).toEqual(await ids(holder));
    for (const cursor of ['garbage', Buffer.from('["2026-01-01T00:00:00.000Z","x"]').toString('base64url')])
      expect((await holder.ask(list, { after: cursor })).faults).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
  });
});

describe('a right', () => {
  it('is assigned and withdrawn by an administrator, at once, and shows its source', async () => {
    const employee = await hire(world.database, 'housing', ['SMDB_REPORTER']);
    const path = 'assignRight';
    expect(await done(administrator, verbs.assign, { employee, right: 'CASEWORKER' })).toEqual({
      id: employee,
      rights: expect.arrayContaining([
        { code: 'SMDB_REPORTER', source: 'NEMLOGIN' },
        { code: 'CASEWORKER', source: 'LOCAL' },
      ]),
    });
    const acting = await signIn(world, employee, 'CASEWORKER');
    expect((await acting.ask('{ compartments { id } }')).faults).toEqual([]);
    expect(await administrator.ask(verbs.assign, { employee, right: 'CASEWORKER' })).toEqual(
      fault(path, 'CONFLICT', 'The right is held there already.'),
    );
    expect(await administrator.ask(verbs.withdrawRight, { employee, right: 'SMDB_REPORTER' })).toEqual(
      fault('withdrawRight', 'CONFLICT', 'The right comes from NemLog-in: have it withdrawn in FBRS.'),
    );
    expect(await administrator.ask(verbs.assign, { employee, right: 'SMDB_LEADER' })).toEqual(
      fault(
        path,
        'BAD_USER_INPUT',
        'Argument "right": expected a right of the municipality. SMDB’s are assigned in FBRS.',
      ),
    );
    expect(await done(administrator, verbs.withdrawRight, { employee, right: 'CASEWORKER' })).toEqual({
      id: employee,
      rights: [{ code: 'SMDB_REPORTER', source: 'NEMLOGIN' }],
    });
    expect((await acting.ask('{ compartments { id } }')).faults).toMatchObject([{ code: 'FORBIDDEN_FIELD' }]);
    expect(await administrator.ask(verbs.withdrawRight, { employee, right: 'CASEWORKER' })).toEqual(
      fault('withdrawRight', 'CONFLICT', 'The right is not held there.'),
    );
    for (const one of [unknown, 'no id'])
      expect(await administrator.ask(verbs.assign, { employee: one, right: 'MANAGER' })).toEqual(
        fault(path, 'NOT_FOUND'),
      );
    expect(await administrator.ask(verbs.assign, { employee, right: 'MANAGER', organisation: unknown })).toEqual(
      fault(path, 'NOT_FOUND'),
    );
    await world.database.sql('UPDATE identity.employee SET left_at = now() WHERE id = $1', [employee]);
    expect(await administrator.ask(verbs.assign, { employee, right: 'MANAGER' })).toEqual(
      fault(path, 'CONFLICT', 'The employee has left.'),
    );
  });

  it('is never one’s own to assign or withdraw, and nobody else’s but an administrator’s', async () => {
    const own = { employee: administrator.id, right: 'MANAGER' };
    const message = 'Argument "employee": expected somebody else. Nobody assigns or withdraws an own right.';
    expect(await administrator.ask(verbs.assign, own)).toEqual(fault('assignRight', 'BAD_USER_INPUT', message));
    expect(await administrator.ask(verbs.withdrawRight, { ...own, right: 'ADMINISTRATOR' })).toEqual(
      fault('withdrawRight', 'BAD_USER_INPUT', message),
    );
    for (const key of ['manager', 'security-officer', 'centre-administrator', 'case-system', 'citizen'])
      expect(
        await (await signInAs(world, key)).ask(verbs.assign, { employee: family.holder.id, right: 'MANAGER' }),
      ).toEqual(fault('assignRight', 'FORBIDDEN_FIELD'));
  });

  it('of the last administrator stays, also where two withdraw each other at once', async () => {
    const second = await hire(world.database, 'it', []);
    await done(administrator, verbs.assign, { employee: second, right: 'ADMINISTRATOR' });
    const other = await signIn(world, second, 'ADMINISTRATOR');
    const answers = await Promise.all([
      administrator.ask(verbs.withdrawRight, { employee: second, right: 'ADMINISTRATOR' }),
      other.ask(verbs.withdrawRight, { employee: administrator.id, right: 'ADMINISTRATOR' }),
    ]);
    const [{ n }] = (await world.database.sql<{ n: number }>(
      `SELECT count(*)::int AS n FROM identity.right_assignment r JOIN identity.organisation o ON o.id = r.organisation
       WHERE r.code = 'ADMINISTRATOR' AND o.part_of = '0999'`,
    )) as [{ n: number }];
    expect([n, answers.filter(({ faults: found }) => found.length === 0).length]).toEqual([1, expect.any(Number)]);
    // Whichever came first: the other one was withdrawn, refused, or no administrator any more.
    const [left] = await world.database.sql<{ employee: string }>(
      `SELECT r.employee FROM identity.right_assignment r JOIN identity.organisation o ON o.id = r.organisation
       WHERE r.code = 'ADMINISTRATOR' AND o.part_of = '0999'`,
    );
    await world.database.sql(`DELETE FROM identity.right_assignment WHERE employee = $1 AND code = 'ADMINISTRATOR'`, [
      second,
    ]);
    await world.database.sql(
      `INSERT INTO identity.right_assignment VALUES ('0999', $1, 'ADMINISTRATOR', $2, 'LOCAL', '2020-01-06') ON CONFLICT DO NOTHING`,
      [administrator.id, organisationId('it')],
    );
    expect([second, administrator.id]).toContain(left!.employee);
  });

  it('of the last administrator stays', async () => {
    // Somebody who acts in the right on an old token: in a room by itself no gateway looks again.
    const viewer = (await world.gateway.sessions.viewerOf(administrator.token))!;
    const impostor = { ...viewer, actor: { kind: 'Employee' as const, id: randomUUID() } };
    const response = await fetch(`${world.origins.get('identity')}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${await world.signer.sign(impostor, 'identity')}`,
        'x-sluse-change': randomUUID(),
      },
      body: JSON.stringify({
        query: verbs.withdrawRight,
        variables: { employee: administrator.id, right: 'ADMINISTRATOR' },
      }),
    });
    const { errors } = (await response.json()) as any;
    expect(errors.map((one: any) => one.message)).toEqual([
      'It is the last administrator. Assign the right to somebody else first.',
    ]);
  });
});
