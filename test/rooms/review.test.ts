/**
 * The half-yearly review in the identity room by itself, whose clock can be set: what is due, who is to confirm it, what lapses when
 * nobody does, and the report of who did.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeIdentity } from '../../subgraphs/demo/identity.js';
import { employeeId, makeCitizens, makeEmployees, organisationId } from '../../subgraphs/demo/people.js';
import { seed } from '../../subgraphs/demo/seed.js';
import { identity } from '../../subgraphs/identity/index.js';
import type { Viewer } from '../../subgraphs/protocol/viewer.js';
import { asked, compartment, manages, verbs } from '../support/grants.js';
import { hire } from '../support/powers.js';
import { aViewer, openRoom, type RoomUnderTest } from '../support/room.js';

let room: RoomUnderTest;
let now = new Date('2026-01-15T23:30:00.000Z');
let manager: Viewer;
let requester: Viewer;
let holder: Viewer;
const person = (id: string, unit: string, right: string, ...scopes: string[]) =>
  aViewer({
    ...{ subject: { kind: 'Employee', id }, organisation: organisationId(unit), right },
    scopes: ['employee:read', ...scopes],
  });
const director = person(employeeId('director'), 'municipality', 'MANAGER', 'grant:request', 'grant:decide');
const elsewhere = person(employeeId('manager'), 'citizen-service', 'MANAGER', 'grant:request', 'grant:decide');
const stranger = person(employeeId('fraud-investigator'), 'fraud-control', 'CASEWORKER', 'grant:request');
const administrator = person(employeeId('administrator'), 'it', 'ADMINISTRATOR', 'admin');
const unit = organisationId('family');

beforeAll(async () => {
  room = await openRoom(
    identity,
    async ({ url }) => {
      const [citizens, employees] = [makeCitizens().slice(0, 10), makeEmployees()];
      await seed(url, { shielded: true }, () => ({ identity: makeIdentity({ citizens, employees }) }));
    },
    { now: () => now },
  );
  const boss = await hire(room.database, 'family', ['MANAGER']);
  await manages(room.database, 'family', boss);
  manager = person(boss, 'family', 'MANAGER', 'grant:request', 'grant:decide');
  const colleague = async () =>
    person(await hire(room.database, 'family', ['CASEWORKER']), 'family', 'CASEWORKER', 'grant:request');
  requester = await colleague();
  holder = await colleague();
});
afterAll(() => room.close());

async function done(who: Viewer, query: string, variables: object = {}): Promise<any> {
  const { data, errors } = await room.ask(who, query, variables);
  expect(errors).toBeUndefined();
  return Object.values(data)[0];
}
const refusal = async (who: Viewer, query: string, variables: object) => {
  const { errors } = await room.ask(who, query, variables);
  return `${errors?.[0].extensions.code}: ${errors?.[0].message}`;
};
async function given(over: object = {}): Promise<string> {
  const { id } = await done(requester, verbs.request, asked(holder.actor.id, over));
  await done(manager, verbs.decide, { grant: id });
  return id;
}
/** What a session that is opened now comes to. */
async function cleared(): Promise<string[]> {
  const who = { municipality: '0999', person: holder.actor, right: 'CASEWORKER' };
  const { token } = await room.internal('open-session', who);
  const { viewer } = await room.internal('resolve-session', { token, touch: false });
  return viewer.clearance.map((held: { compartment: string }) => held.compartment);
}

describe('a grant that nobody confirms', () => {
  it.each([
    ['2026-01-15T23:30:00.000Z', '2026-07-15T22:30:00.000Z', 'at the same hour on the clock, in summer and winter'],
    ['2026-03-31T09:00:00.000Z', '2026-09-30T09:00:00.000Z', 'to the last day of a shorter month'],
    ['2026-08-31T10:00:00.000Z', '2027-02-28T11:00:00.000Z', 'to the last day of February'],
    ['2027-08-31T10:00:00.000Z', '2028-02-29T11:00:00.000Z', 'which has 29 days in some years'],
  ])('given on %s lapses at %s exactly: six calendar months, %s', async (from, lapses) => {
    now = new Date(from);
    const id = await given();
    now = new Date(Date.parse(lapses) - 1);
    expect(await cleared()).toEqual([compartment('HOUSING_BENEFIT')]);
    now = new Date(lapses);
    expect(await cleared()).toEqual([]);
    const one = await done(manager, `{ grant(id: "${id}") { status confirmBy } }`);
    expect(one).toEqual({ status: 'LAPSED', confirmBy: lapses });
    expect(await refusal(manager, verbs.confirm, { grant: id })).toBe(
      'CONFLICT: The grant is not in force. A grant that lapsed is requested anew.',
    );
    // It cannot be decided into force again either.
    expect(await refusal(manager, verbs.decide, { grant: id })).toBe(
      'CONFLICT: The grant was decided or withdrawn already.',
    );
  });
});

describe('the review', () => {
  const review = `query Review($before: DateTime, $unit: ID, $first: Int, $after: String) {
    authorisationReview(dueBefore: $before, unit: $unit, first: $first, after: $after) {
      totalCount pageInfo { hasNextPage endCursor } nodes { grant { id } dueAt reminder confirmer { id } } } }`;
  const due = '2030-07-10T08:00:00.000Z';
  const daysBefore = (days: number) => new Date(Date.parse(due) - days * 86_400_000);
  const list = async (who: Viewer, variables: object = {}) => (await done(who, review, { unit, ...variables })).nodes;
  let one: string;
  let other: string;
  beforeAll(async () => {
    now = new Date('2030-01-10T09:00:00.000Z');
    one = await given();
    other = await given({ compartment: compartment('CHILD_SUPPORT') });
    // What was only asked for, or refused, is not reviewed.
    await done(requester, verbs.request, asked(holder.actor.id));
  });

  it('names each unit’s own manager, and gives each grant its own answer, though all are asked at once', async () => {
    const boss = await hire(room.database, 'housing', ['MANAGER']);
    await manages(room.database, 'housing', boss);
    const [asks, holds] = [
      await hire(room.database, 'housing', ['CASEWORKER']),
      await hire(room.database, 'housing', ['CASEWORKER']),
    ];
    const { id } = await done(person(asks, 'housing', 'CASEWORKER', 'grant:request'), verbs.request, asked(holds));
    await done(person(boss, 'housing', 'MANAGER', 'grant:decide'), verbs.decide, { grant: id });
    now = daysBefore(20);
    const { nodes } = await done(administrator, review.replace('grant { id }', 'grant { id unit { id } }'));
    const confirmers = new Map<string, Set<string>>();
    for (const { grant, confirmer } of nodes)
      confirmers.set(grant.unit.id, (confirmers.get(grant.unit.id) ?? new Set()).add(confirmer?.id));
    expect([...confirmers.get(unit)!]).toEqual([manager.actor.id]);
    expect([...confirmers.get(organisationId('housing'))!]).toEqual([boss]);
    const several = `{ a: grant(id: "${other}") { ...G } none: grant(id: "${unit}") { ...G } b: grant(id: "${id.toUpperCase()}") { ...G } }
      fragment G on Grant { id holder { id } history { step by { id } } }`;
    const { data } = await room.ask(administrator, several);
    const way = (of: string, held: string, by: string, decided: string) => ({
      ...{ id: of, holder: { id: held } },
      history: [
        { step: 'REQUESTED', by: { id: by } },
        { step: 'GIVEN', by: { id: decided } },
      ],
    });
    expect(data).toEqual({
      a: way(other, holder.actor.id, requester.actor.id, manager.actor.id),
      none: null,
      b: way(id, holds, asks, boss),
    });
    await done(administrator, verbs.withdraw, { grant: id });
    now = new Date('2030-01-10T09:00:00.000Z');
  });

  it('reminds 30 and 7 days ahead, of whom it is to confirm', async () => {
    now = new Date(daysBefore(30).getTime() - 1);
    expect(await list(manager)).toEqual([]);
    const far = await list(manager, { before: '2031-01-01T00:00:00Z' });
    expect(far.map((item: any) => item.reminder)).toEqual([null, null]);
    for (const [days, reminder] of [
      [29, 'THIRTY_DAYS'],
      [8, 'THIRTY_DAYS'],
      [7, 'SEVEN_DAYS'],
      [1, 'SEVEN_DAYS'],
    ] as const) {
      now = daysBefore(days);
      const items = await list(manager);
      expect(items.map(({ grant: _, ...rest }: any) => rest)).toEqual(
        Array(2).fill({ dueAt: due, reminder, confirmer: { id: manager.actor.id } }),
      );
      expect(items.map((item: any) => item.grant.id).sort()).toEqual([one, other].sort());
    }
    const [first] = await list(manager, { first: 1 });
    const { pageInfo } = await done(manager, review, { unit, first: 1 });
    const [second] = await list(manager, { first: 1, after: pageInfo.endCursor });
    expect([pageInfo.hasNextPage, first.grant.id === second.grant.id]).toEqual([true, false]);
  });

  it('is shown to those who see the grants, and to nobody else', async () => {
    now = daysBefore(7);
    for (const who of [manager, holder, requester, director, administrator])
      expect([who.actor.id, (await list(who)).length]).toEqual([who.actor.id, 2]);
    for (const who of [elsewhere, stranger]) expect([who.actor.id, await list(who)]).toEqual([who.actor.id, []]);
    // In another right the manager leads nobody.
    expect(await list({ ...manager, scopes: ['employee:read'] })).toEqual([]);
  });

  it('ends with the confirmation by the manager, one by one, and lapses without', async () => {
    now = daysBefore(7);
    const grant = { grant: one };
    expect(await refusal(holder, verbs.confirm, grant)).toBe('FORBIDDEN: Nobody confirms an own grant.');
    for (const who of [director, administrator, requester])
      expect(await refusal(who, verbs.confirm, grant)).toBe('FORBIDDEN: The manager of the holder’s unit confirms.');
    for (const who of [elsewhere, stranger]) expect(await refusal(who, verbs.confirm, grant)).toMatch(/^NOT_FOUND/);
    expect(await done(manager, verbs.confirm, grant)).toEqual({
      ...{ id: one, status: 'IN_FORCE', confirmBy: '2031-01-03T09:00:00.000Z' },
    });
    expect((await list(manager)).map((item: any) => item.grant.id)).toEqual([other]);
    now = new Date(due);
    expect(await cleared()).toEqual([compartment('HOUSING_BENEFIT')]);
  });

  it('has its report: who gave and confirmed what, and when, by unit', async () => {
    const report = `query Report($unit: ID, $first: Int, $after: String) {
      authorisationReport(unit: $unit, since: "2030-01-01T00:00:00Z", first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } nodes { unit { id } grant { id } event { step by { id } at reason } } } }`;
    const line = (step: string, grant: string, at: string, reason: string | null) => ({
      ...{ unit: { id: unit }, grant: { id: grant }, event: { step, by: { id: manager.actor.id }, at, reason } },
    });
    const told = await done(manager, report, { unit });
    expect(told.totalCount).toBe(3);
    expect(told.nodes[0]).toEqual(line('CONFIRMED', one, daysBefore(7).toISOString(), null));
    expect(told.nodes.slice(1)).toEqual(
      expect.arrayContaining([
        line('GIVEN', one, '2030-01-10T09:00:00.000Z', 'Needed every day'),
        line('GIVEN', other, '2030-01-10T09:00:00.000Z', 'Needed every day'),
      ]),
    );
    const pages: unknown[] = [];
    let after: string | null = null;
    do {
      const { nodes, pageInfo }: any = await done(manager, report, { unit, first: 1, after });
      pages.push(...nodes);
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    } while (after !== null);
    expect(pages).toEqual(told.nodes);
    expect((await done(elsewhere, report, { unit })).totalCount).toBe(0);
    expect((await done(manager, report, { unit: organisationId('housing') })).totalCount).toBe(0);
    expect((await done(administrator, report, { unit })).totalCount).toBe(3);
  });
});
