/** Grants of case systems: an administrator requests, another one or the manager of the organisation that runs the system decides. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { organisationId } from '../../subgraphs/demo/people.js';
import { faults } from '../../subgraphs/protocol/faults.js';
import { caseSystem } from '../support/client.js';
import { compartment, manages, systemVerbs, team, verbs } from '../support/grants.js';
import { done, hire, type Somebody, signIn, signInAs } from '../support/powers.js';
import { openWorld, type World } from '../support/world.js';

const fault = (path: string, code: keyof typeof faults, message: string = faults[code].message) => ({
  data: { [path]: null },
  faults: [{ path, code, message }],
});
const list = `query List($client: ID) { systemClientGrants(client: $client, first: 100) { totalCount nodes { id client { id } status compartment { id }
  requestedBy { id } decidedBy { id } agreement { id } history { step by { id } reason } } } }`;

let world: World;
let now = new Date('2026-11-02T08:00:00.000Z');
let administrator: Somebody;
let other: Somebody;
let manager: Somebody;
let elsewhere: Somebody;
beforeAll(async () => {
  world = await openWorld({ shielded: true, now: () => now });
  administrator = await signInAs(world, 'administrator');
  other = await signIn(world, await hire(world.database, 'it', ['ADMINISTRATOR']), 'ADMINISTRATOR');
  ({ manager } = await team(world, 'family'));
  // The municipality's own manager who answers for the vendor.
  await manages(world.database, 'vendor', manager.id);
  elsewhere = await signInAs(world, 'manager');
});
afterAll(() => world.close());

const input = (over: object = {}) => ({
  input: {
    ...{ client: caseSystem, compartment: compartment('PLACEMENT'), level: 'METADATA', operations: ['SEARCH'] },
    ...{ reason: 'Shows the case list of placements', ...over },
  },
});
const asked = async (over: object = {}): Promise<string> =>
  (await done(administrator, systemVerbs.request, input(over))).id;
const found = async (who: Somebody, id: string) =>
  (await done(who, list, { client: caseSystem })).nodes.find((one: { id: string }) => one.id === id);
/** As the room computes it. */
const inForce = async (id: string) => {
  const [row] = await world.database.sql<{ status: string }>(
    'SELECT status FROM identity.clearance_grant WHERE id = $1',
    [id],
  );
  return row!.status === 'IN_FORCE';
};

describe('a grant of a case system', () => {
  it('takes two: an administrator requests, another one gives, and either withdraws at once', async () => {
    const id = await asked();
    expect(await inForce(id)).toBe(false);
    expect(await administrator.ask(systemVerbs.decide, { grant: id })).toEqual(
      fault('decideSystemClientGrant', 'FORBIDDEN', 'Whoever requested a grant never decides: it takes two.'),
    );
    expect(await done(other, systemVerbs.decide, { grant: id })).toEqual({ id, status: 'IN_FORCE' });
    expect(await inForce(id)).toBe(true);
    expect(await other.ask(systemVerbs.decide, { grant: id })).toEqual(
      fault('decideSystemClientGrant', 'CONFLICT', 'The grant was decided or withdrawn already.'),
    );
    expect(await done(other, systemVerbs.confirm, { grant: id })).toMatchObject({ status: 'IN_FORCE' });
    expect(await done(administrator, systemVerbs.withdraw, { grant: id })).toEqual({ id, status: 'WITHDRAWN' });
    expect(await administrator.ask(systemVerbs.withdraw, { grant: id })).toEqual(
      fault('withdrawSystemClientGrant', 'CONFLICT', 'The grant is not in force any more.'),
    );
    expect(await administrator.ask(systemVerbs.confirm, { grant: id })).toMatchObject({
      faults: [{ code: 'CONFLICT' }],
    });
    expect(await found(administrator, id)).toEqual({
      ...{ id, client: { id: caseSystem }, status: 'WITHDRAWN', compartment: { id: compartment('PLACEMENT') } },
      ...{ requestedBy: { id: administrator.id }, decidedBy: { id: other.id }, agreement: null },
      history: [
        { step: 'REQUESTED', by: { id: administrator.id }, reason: 'Shows the case list of placements' },
        { step: 'GIVEN', by: { id: other.id }, reason: 'The system needs it' },
        { step: 'CONFIRMED', by: { id: other.id }, reason: null },
        { step: 'WITHDRAWN', by: { id: administrator.id }, reason: 'Needed no more' },
      ],
    });
  });

  it('is decided by the manager who answers for the organisation that runs it, and hidden from other managers', async () => {
    const id = await asked();
    expect((await done(elsewhere, list, {})).totalCount).toBe(0);
    for (const [verb, path] of [
      [systemVerbs.decide, 'decideSystemClientGrant'],
      [systemVerbs.confirm, 'confirmSystemClientGrant'],
      [systemVerbs.withdraw, 'withdrawSystemClientGrant'],
    ] as const)
      for (const grant of [id, randomUUID(), 'no id'])
        expect(await elsewhere.ask(verb, { grant })).toEqual(fault(path, 'NOT_FOUND'));
    expect((await found(manager, id)).status).toBe('REQUESTED');
    expect(await done(manager, systemVerbs.decide, { grant: id, decision: 'REFUSE' })).toMatchObject({
      status: 'REFUSED',
    });
    const more = await asked();
    await done(manager, systemVerbs.decide, { grant: more });
    expect(await done(manager, systemVerbs.withdraw, { grant: more })).toMatchObject({ status: 'WITHDRAWN' });
  });

  it('is no step for systems, caseworkers or citizens', async () => {
    const id = await asked();
    for (const key of ['case-system', 'housing-caseworker', 'citizen', 'security-officer']) {
      const who = await signInAs(world, key);
      expect(await who.ask(systemVerbs.request, input())).toEqual(fault('requestSystemClientGrant', 'FORBIDDEN_FIELD'));
      expect(await who.ask(systemVerbs.decide, { grant: id })).toEqual(
        fault('decideSystemClientGrant', 'FORBIDDEN_FIELD'),
      );
      expect(await who.ask(list)).toEqual(fault('systemClientGrants', 'FORBIDDEN_FIELD'));
    }
    // A manager requests none, and an employee’s grant is none of a system’s.
    expect(await manager.ask(systemVerbs.request, input())).toEqual(
      fault('requestSystemClientGrant', 'FORBIDDEN_FIELD'),
    );
    const [employees] = await world.database.sql<{ id: string }>(
      'SELECT id FROM identity.clearance_grant WHERE unit IS NOT NULL LIMIT 1',
    );
    expect(await administrator.ask(systemVerbs.withdraw, { grant: employees!.id })).toEqual(
      fault('withdrawSystemClientGrant', 'NOT_FOUND'),
    );
    expect(await administrator.ask(verbs.withdraw, { grant: id })).toEqual(fault('withdrawGrant', 'NOT_FOUND'));
  });

  it('is refused for a single case, an unknown system, another authority without an agreement, and what makes no sense', async () => {
    const path = 'requestSystemClientGrant';
    const ask = (over: object) => administrator.ask(systemVerbs.request, input(over));
    for (const over of [
      { compartment: `0999.CASE.${randomUUID()}` },
      { compartment: 'none' },
      { client: randomUUID() },
      { client: 'no id' },
      { client: administrator.id },
    ])
      expect([over, await ask(over)]).toEqual([over, fault(path, 'NOT_FOUND')]);
    expect(await ask({ operations: [] })).toMatchObject({ faults: [{ code: 'BAD_USER_INPUT' }] });
    expect(await ask({ reason: 'short' })).toMatchObject({ faults: [{ code: 'BAD_USER_INPUT' }] });
    expect(await ask({ validTo: '2026-11-02T08:00:00Z' })).toMatchObject({ faults: [{ code: 'BAD_USER_INPUT' }] });
    const board = { compartment: compartment('BOARD_MATTER', 'CHILDREN_AND_YOUTH_COMMITTEE') };
    const none = 'It is a compartment of another authority: its agreement with the organisation has to be in force.';
    expect(await ask(board)).toEqual(fault(path, 'CONFLICT', none));
    const secretary = await signInAs(world, 'board-secretary');
    const { id: agreement } = await done(secretary, verbs.agree, {
      input: {
        ...{ authority: 'CHILDREN_AND_YOUTH_COMMITTEE', kind: 'PROCESSING', basis: 'Lov om kommunernes styrelse' },
        ...{ receiver: organisationId('vendor'), processingAgreement: 'DBA 2026-4' },
      },
    });
    const id = await asked(board);
    expect(await done(other, systemVerbs.decide, { grant: id })).toMatchObject({ status: 'IN_FORCE' });
    await done(secretary, verbs.end, { agreement });
    expect((await found(administrator, id)).status).toBe('LAPSED');
  });

  it('lapses unless it is confirmed within six months', async () => {
    const id = await asked();
    await done(other, systemVerbs.decide, { grant: id });
    now = new Date('2027-05-03T08:00:00.000Z');
    const later = await signInAs(world, 'administrator');
    expect((await found(later, id)).status).toBe('LAPSED');
    expect(await later.ask(systemVerbs.confirm, { grant: id })).toMatchObject({ faults: [{ code: 'CONFLICT' }] });
  });
});
