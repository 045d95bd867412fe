/** Powers of attorney in the identity room by itself: steps that meet, lists, references, and what a session comes to. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { demoPeople, makeIdentity } from '../../subgraphs/demo/identity.js';
import { employeeId, makeCitizens, makeEmployees, organisationId } from '../../subgraphs/demo/people.js';
import { centrePowerId } from '../../subgraphs/demo/powers.js';
import { seed } from '../../subgraphs/demo/seed.js';
import { identity } from '../../subgraphs/identity/index.js';
import type { Viewer } from '../../subgraphs/protocol/viewer.js';
import { hire, steps } from '../support/powers.js';
import { aViewer, openRoom, type RoomUnderTest } from '../support/room.js';

const delegated = 'SMDB_DELEGATED_REPORTER';
const sides = { giver: organisationId('municipality'), receiver: organisationId('centre') };
const scopes = ['citizen:reference', 'employee:read', 'smdb:read', 'smdb:report'];

let room: RoomUnderTest;
let now = new Date('2026-11-02T08:00:00.000Z');
let centreAdministrator: Viewer;
let centreSmdb: Viewer;
let administrator: Viewer;

beforeAll(async () => {
  room = await openRoom(
    identity,
    async ({ url }) => {
      const [citizens, employees] = [makeCitizens().slice(0, 10), makeEmployees()];
      await seed(url, { shielded: true }, () => ({ identity: makeIdentity({ citizens, employees }) }));
    },
    { now: () => now },
  );
  centreAdministrator = await signedIn(employeeId('centre-administrator'), 'ADMINISTRATOR');
  centreSmdb = await signedIn(employeeId('centre-administrator'), 'SMDB_ADMINISTRATOR');
  administrator = await signedIn(employeeId('administrator'));
});
afterAll(() => room.close());

const opened = async (id: string, right?: string): Promise<string> =>
  (await room.internal('open-session', { municipality: '0999', person: { kind: 'Employee', id }, right })).token;
const resolved = async (token: string): Promise<Viewer> =>
  (await room.internal('resolve-session', { token, touch: false })).viewer;
const signedIn = async (id: string, right?: string): Promise<Viewer> => resolved(await opened(id, right));

/** The data of an answer that holds all that was asked. */
async function done(viewer: Viewer, query: string, variables?: object): Promise<any> {
  const { data, errors } = await room.ask(viewer, query, variables);
  expect(errors).toBeUndefined();
  return Object.values(data)[0];
}
const request = async (rights: string[] = [delegated]): Promise<string> =>
  (await done(centreAdministrator, steps.request, { ...sides, rights })).id;
async function complete(employee: string, rights: string[] = [delegated]): Promise<string> {
  const id = await request(rights);
  await done(administrator, steps.decide, { id, approve: true });
  await done(centreAdministrator, steps.add, { id, employee });
  await done(centreSmdb, steps.mark, { id, employee });
  return id;
}
const codes = (answers: { errors?: any[] }[]) =>
  answers.map(({ errors }) => (errors ? `${errors[0].extensions.code}: ${errors[0].message}` : 'done')).sort();

describe('steps that meet', () => {
  it('are taken one after the other: of ten decisions at once one counts', async () => {
    const id = await request();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => room.ask(administrator, steps.decide, { id, approve: n % 2 === 0 })),
    );
    expect(codes(answers)).toEqual([
      ...Array(9).fill('CONFLICT: The power of attorney is no request any more.'),
      'done',
    ]);
  });

  it('leave nobody on it who was added while it was withdrawn', async () => {
    for (let round = 0; round < 5; round += 1) {
      const employee = await hire(room.database, 'centre', [delegated]);
      const id = await request();
      await done(administrator, steps.decide, { id, approve: true });
      const [added, withdrawn] = await Promise.all([
        room.ask(centreAdministrator, steps.add, { id, employee }),
        room.ask(administrator, steps.withdraw, { id }),
      ]);
      expect(codes([withdrawn])).toEqual(['done']);
      expect(['done', 'CONFLICT: The power of attorney is not in force.']).toContain(codes([added])[0]);
      expect(codes([await room.ask(centreSmdb, steps.mark, { id, employee })])).toEqual([
        'CONFLICT: The power of attorney is not in force.',
      ]);
    }
  });
});

describe('a session', () => {
  it('in a delegated right uses the only power that there is, and is computed anew each time', async () => {
    const employee = await hire(room.database, 'centre', [delegated]);
    const before = await signedIn(employee);
    expect(before).toMatchObject({ right: delegated, scopes: [], actingFor: null, powerOfAttorney: null });
    const id = await complete(employee);
    const token = await opened(employee);
    const acting = {
      ...{ subject: { kind: 'Employee', id: employeeId('administrator') }, actor: { kind: 'Employee', id: employee } },
      ...{ organisation: sides.receiver, right: delegated, actingFor: sides.giver, powerOfAttorney: id, scopes },
    };
    const nothing = {
      ...{ subject: acting.actor, actor: acting.actor, organisation: sides.receiver },
      ...{ right: null, actingFor: null, powerOfAttorney: null, scopes: [], clearance: [] },
    };
    expect(await resolved(token)).toMatchObject(acting);
    await done(centreSmdb, steps.mark, { id, employee, marked: false });
    expect(await resolved(token)).toMatchObject(nothing);
    await done(centreSmdb, steps.mark, { id, employee });
    expect(await resolved(token)).toMatchObject(acting);
    await room.database.sql('DELETE FROM identity.right_assignment WHERE employee = $1', [employee]);
    expect(await resolved(token)).toMatchObject(nothing);
  });

  it('opened before there was a power goes without until the employee says so', async () => {
    const employee = await hire(room.database, 'centre', [delegated]);
    const token = await opened(employee);
    const id = await complete(employee);
    expect(await resolved(token)).toMatchObject({ scopes: [], powerOfAttorney: null });
    await done(await resolved(token), steps.actFor, { power: id });
    expect(await resolved(token)).toMatchObject({ scopes, powerOfAttorney: id });
    await done(await resolved(token), steps.actFor, { power: null });
    expect(await resolved(token)).toMatchObject({ right: delegated, scopes: [], powerOfAttorney: null });
    // Switching to the right takes the only one again.
    await done(await resolved(token), steps.actIn, { right: delegated });
    expect(await resolved(token)).toMatchObject({ scopes, powerOfAttorney: id });
  });

  it('of another is not switched, nor that of a citizen', async () => {
    const employee = await hire(room.database, 'centre', [delegated]);
    const id = await complete(employee);
    const token = await opened(employee);
    const theirs = await resolved(token);
    const colleague = await signedIn(await hire(room.database, 'centre', [delegated]));
    const answer = await room.ask({ ...colleague, session: theirs.session }, steps.actFor, { power: null });
    expect(codes([answer])).toEqual([
      'UNAUTHENTICATED: Sign in first: send the session cookie or `Authorization: Bearer <token>`.',
    ]);
    expect(await resolved(token)).toMatchObject({ powerOfAttorney: id });
    const { kind, id: citizen } = demoPeople.find(({ key }) => key === 'citizen')!;
    const asCitizen = aViewer({ subject: { kind, id: citizen }, right: null, session: randomUUID() });
    expect(codes([await room.ask(asCitizen, steps.actFor, { power: id })])).toEqual([
      'FORBIDDEN: Your rights do not include this operation.',
    ]);
  });
});

describe('the list', () => {
  const list = `query ($filter: PowerOfAttorneyFilter, $first: Int, $after: String) {
    powersOfAttorney(filter: $filter, first: $first, after: $after) { totalCount nodes { id status } pageInfo { hasNextPage endCursor } } }`;

  it('goes from the newest request to the oldest, page by page, as the filter says', async () => {
    const made: string[] = [];
    for (let minute = 1; minute <= 5; minute += 1) {
      now = new Date(Date.UTC(2026, 10, 3, 8, minute));
      made.unshift(await request(['SMDB_LEADER']));
    }
    await done(administrator, steps.decide, { id: made[0]!, approve: false });
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const { nodes, pageInfo, totalCount }: any = await done(administrator, list, {
        ...{ filter: { ...sides, status: ['REQUESTED', 'REFUSED'] }, first: 2, after },
      });
      expect(totalCount).toBeGreaterThanOrEqual(5);
      seen.push(...nodes.map(({ id }: { id: string }) => id));
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    } while (after);
    expect(seen.slice(0, 5)).toEqual(made);
    expect(new Set(seen).size).toBe(seen.length);
    const filtered = async (filter: object) =>
      (await done(administrator, list, { filter })).nodes.map(({ id }: { id: string }) => id);
    // Another test may have had one refused before.
    expect((await filtered({ status: ['REFUSED'] }))[0]).toBe(made[0]);
    expect(await filtered({ employee: employeeId('centre-reporter') })).toEqual([centrePowerId]);
    for (const nobody of [{ giver: sides.receiver }, { receiver: 'no id' }, { employee: randomUUID() }])
      expect(await filtered(nobody)).toEqual([]);
  });

  it.each([
    [{ first: 501 }, 'PAGE_LIMIT: A page holds 0 to 500 items.'],
    [
      { after: 'x' },
      'BAD_USER_INPUT: Argument "after": expected a cursor from `pageInfo.endCursor` or `edges.cursor` of the same list and order.',
    ],
    [
      { after: Buffer.from(JSON.stringify(['yesterday', randomUUID()])).toString('base64url') },
      'BAD_USER_INPUT: Argument "after": expected a cursor from `pageInfo.endCursor` or `edges.cursor` of the same list and order.',
    ],
  ])('refuses %j', async (asked, told) => {
    expect(codes([await room.ask(administrator, list, asked)])).toEqual([told]);
  });
});

describe('a reference', () => {
  it('finds a power for those who may know of it, and nothing for anybody else', async () => {
    const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on PowerOfAttorney { id status decidedBy { id } employees { id } } } }`;
    const of = [centrePowerId, randomUUID(), 'no id'].map((id) => ({ __typename: 'PowerOfAttorney', id }));
    const officer = await signedIn(employeeId('security-officer'));
    const whole = {
      ...{ id: centrePowerId, status: 'IN_FORCE', decidedBy: { id: employeeId('administrator') } },
      employees: [{ id: employeeId('centre-reporter') }],
    };
    expect(await done(officer, query, { of })).toEqual([whole, null, null]);
    const stranger = await signedIn(await hire(room.database, 'vendor', ['CASEWORKER']));
    expect(await done(stranger, query, { of })).toEqual([null, null, null]);
  });
});
