/** The half-yearly review: what is due, who is to confirm it, what lapses when nobody does, and the report of who did. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { employeeId, organisationId } from '../../subgraphs/demo/people.js';
import { faults } from '../../subgraphs/protocol/faults.js';
import type { Viewer } from '../../subgraphs/protocol/viewer.js';
import { asked, compartment, grantIn, type Team, team, verbs } from '../support/grants.js';
import { done, type Somebody, signIn, signInAs } from '../support/powers.js';
import { openWorld, type World } from '../support/world.js';

const fault = (path: string, code: keyof typeof faults, message: string = faults[code].message) => ({
  data: { [path]: null },
  faults: [{ path, code, message }],
});

let world: World;
let now = new Date('2026-08-31T10:00:00.000Z');
let family: Team;
beforeAll(async () => {
  world = await openWorld({ shielded: true, now: () => now });
  family = await team(world, 'family');
});
afterAll(() => world.close());

/** People sign in anew when time has passed. */
const again = (who: Somebody, right: string) => signIn(world, who.id, right);
const viewerNow = async (id: string, right: string): Promise<Viewer> => {
  const { token } = await signIn(world, id, right);
  return ((await world.rooms.get('identity')!.internal('resolve-session', { token })) as any).viewer;
};
const clearanceOf = async (who: Somebody, right = 'CASEWORKER') => (await viewerNow(who.id, right)).clearance.length;
const review = `query Review($before: DateTime, $unit: ID, $first: Int, $after: String) {
  authorisationReview(dueBefore: $before, unit: $unit, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } nodes { grant { id status } dueAt reminder confirmer { id } } } }`;

describe('a grant that nobody confirms', () => {
  it.each([
    ['2026-08-31T10:00:00.000Z', '2027-02-28T11:00:00.000Z', 'to the last day of February'],
    ['2027-08-31T10:00:00.000Z', '2028-02-29T11:00:00.000Z', 'which has 29 days in some years'],
    ['2026-03-31T09:00:00.000Z', '2026-09-30T09:00:00.000Z', 'and to the last of September'],
    ['2026-01-15T23:30:00.000Z', '2026-07-15T22:30:00.000Z', 'at the same hour on the clock, in summer and winter'],
  ])('given on %s lapses at %s exactly: six calendar months, %s', async (given, lapses) => {
    now = new Date(given);
    const people = {
      ...family,
      requester: await again(family.requester, 'CASEWORKER'),
      manager: await again(family.manager, 'MANAGER'),
    };
    const id = await grantIn('given', people);
    now = new Date(Date.parse(lapses) - 1);
    expect(await clearanceOf(family.holder)).toBe(1);
    now = new Date(lapses);
    expect(await clearanceOf(family.holder)).toBe(0);
    const manager = await again(family.manager, 'MANAGER');
    expect(await done(manager, `{ grant(id: "${id}") { status confirmBy } }`, {})).toEqual({
      status: 'LAPSED',
      confirmBy: lapses,
    });
    expect(await manager.ask(verbs.confirm, { grant: id })).toEqual(
      fault('confirmGrant', 'CONFLICT', 'The grant is not in force. A grant that lapsed is requested anew.'),
    );
    // It cannot be decided into force again either.
    expect((await manager.ask(verbs.decide, { grant: id })).faults).toMatchObject([{ code: 'CONFLICT' }]);
  });
});

describe('the review', () => {
  it('lists what is due with its reminder, until the manager has confirmed it one by one', async () => {
    now = new Date('2030-01-10T09:00:00.000Z');
    const people = {
      ...family,
      requester: await again(family.requester, 'CASEWORKER'),
      manager: await again(family.manager, 'MANAGER'),
    };
    const id = await grantIn('given', people);
    const other = await grantIn('given', people, { compartment: compartment('CHILD_SUPPORT') });
    const due = '2030-07-10T08:00:00.000Z';
    const ask = async (who: Somebody, variables: object = {}) =>
      (await done(who, review, { unit: family.unit, ...variables })).nodes;
    now = new Date(Date.parse(due) - 31 * 86_400_000);
    let manager = await again(family.manager, 'MANAGER');
    expect(await ask(manager)).toEqual([]);
    expect(await ask(manager, { before: '2031-01-01T00:00:00Z' })).toMatchObject([
      { reminder: null },
      { reminder: null },
    ]);
    now = new Date(Date.parse(due) - 30 * 86_400_000 + 1);
    manager = await again(family.manager, 'MANAGER');
    const item = { dueAt: due, reminder: 'THIRTY_DAYS', confirmer: { id: manager.id } };
    expect((await ask(manager)).map(({ grant, ...rest }: any) => rest)).toEqual([item, item]);
    now = new Date(Date.parse(due) - 7 * 86_400_000);
    manager = await again(family.manager, 'MANAGER');
    expect(await ask(manager)).toMatchObject([{ reminder: 'SEVEN_DAYS' }, { reminder: 'SEVEN_DAYS' }]);
    const holder = await again(family.holder, 'CASEWORKER');
    expect((await ask(holder)).length).toBe(2);
    for (const key of ['manager', 'housing-caseworker'])
      expect([key, await ask(await signInAs(world, key))]).toEqual([key, []]);
    const administrator = await signInAs(world, 'administrator');
    expect((await ask(administrator)).length).toBe(2);
    const path = 'confirmGrant';
    expect(await holder.ask(verbs.confirm, { grant: id })).toEqual(
      fault(path, 'FORBIDDEN', 'Nobody confirms an own grant.'),
    );
    expect(await administrator.ask(verbs.confirm, { grant: id })).toEqual(fault(path, 'FORBIDDEN_FIELD'));
    expect(await (await signInAs(world, 'director')).ask(verbs.confirm, { grant: id })).toEqual(
      fault(path, 'FORBIDDEN', 'The manager of the holder’s unit confirms.'),
    );
    expect(await (await signInAs(world, 'manager')).ask(verbs.confirm, { grant: id })).toEqual(
      fault(path, 'NOT_FOUND'),
    );
    expect(await done(manager, verbs.confirm, { grant: id })).toEqual({
      ...{ id, status: 'IN_FORCE', confirmBy: '2031-01-03T09:00:00.000Z' },
    });
    expect((await ask(manager)).map((one: any) => one.grant.id)).toEqual([other]);
    now = new Date(due);
    expect((await viewerNow(family.holder.id, 'CASEWORKER')).clearance.map((held) => held.compartment)).toEqual([
      compartment('HOUSING_BENEFIT'),
    ]);
    const report = `query Report($unit: ID, $first: Int, $after: String) { authorisationReport(unit: $unit, since: "2030-01-01T00:00:00Z", first: $first, after: $after) {
      totalCount pageInfo { hasNextPage endCursor } nodes { unit { id } grant { id } event { step by { id } at reason } } } }`;
    manager = await again(family.manager, 'MANAGER');
    const told = await done(manager, report, { unit: family.unit });
    const line = (step: string, grant: string, at: string, reason: string | null) => ({
      ...{ unit: { id: family.unit }, grant: { id: grant }, event: { step, by: { id: manager.id }, at, reason } },
    });
    expect(told.totalCount).toBe(3);
    expect(told.nodes[0]).toEqual(line('CONFIRMED', id, '2030-07-03T08:00:00.000Z', null));
    expect(told.nodes.slice(1)).toEqual(
      expect.arrayContaining([
        line('GIVEN', id, '2030-01-10T09:00:00.000Z', 'Needed every day'),
        line('GIVEN', other, '2030-01-10T09:00:00.000Z', 'Needed every day'),
      ]),
    );
    const pages = [];
    let after: string | null = null;
    do {
      const { nodes, pageInfo }: any = await done(manager, report, { unit: family.unit, first: 1, after });
      pages.push(...nodes);
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    } while (after !== null);
    expect(pages).toEqual(told.nodes);
    expect((await done(await signInAs(world, 'manager'), report, { unit: family.unit })).totalCount).toBe(0);
    expect((await done(manager, report, { unit: organisationId('housing') })).totalCount).toBe(0);
    expect(
      (await (await again(family.requester, 'CASEWORKER')).ask(verbs.request, asked(employeeId('guidance-worker'))))
        .faults,
    ).toMatchObject([{ code: 'FORBIDDEN' }]);
  });
});
