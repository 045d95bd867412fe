/**
 * Other authorities' compartments: their own secretariat, and whoever it agrees to let in, as long as the agreement lasts. The course
 * that staff of the citizen service pass first. And the compartments of single cases, of which nobody knows who does not hold them.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { employeeId, organisationId } from '../../subgraphs/demo/people.js';
import { faults } from '../../subgraphs/protocol/faults.js';
import { asked, compartment, grantIn, type Team, team, verbs } from '../support/grants.js';
import { done, type Somebody, signIn, signInAs } from '../support/powers.js';
import { openWorld, type World } from '../support/world.js';

const fault = (path: string, code: keyof typeof faults, message: string = faults[code].message) => ({
  data: { [path]: null },
  faults: [{ path, code, message }],
});
const unknown = '00000000-0000-4000-8000-00000000dead';
const board = compartment('BOARD_MATTER', 'CHILDREN_AND_YOUTH_COMMITTEE');
const noAgreement =
  'It is a compartment of another authority: the holder has to be of its secretariat, or of a unit with a disclosure agreement in force.';

let world: World;
const start = new Date('2026-11-02T08:00:00.000Z');
let now = start;
let secretary: Somebody;
let family: Team;
beforeAll(async () => {
  world = await openWorld({ shielded: true, now: () => now });
  secretary = await signInAs(world, 'board-secretary');
  family = await team(world, 'family');
});
afterAll(() => world.close());

/** What a session that is opened now comes to, as the room computes it at its own clock. */
const clearanceNow = async ({ id }: Somebody): Promise<string[]> => {
  const { token } = await signIn(world, id);
  const { viewer } = (await world.rooms.get('identity')!.internal('resolve-session', { token })) as any;
  return viewer.clearance.map((held: any) => held.compartment);
};
const statusOf = async (who: Somebody, id: string) =>
  (await done(who, `{ grant(id: "${id}") { status } }`, {}))?.status;
async function at<T>(time: string, work: () => Promise<T>): Promise<T> {
  now = new Date(time);
  try {
    return await work();
  } finally {
    now = start;
  }
}

const agreed = (over: object = {}) => ({
  input: {
    ...{ authority: 'CHILDREN_AND_YOUTH_COMMITTEE', receiver: organisationId('family'), kind: 'DISCLOSURE' },
    ...{ basis: 'Retssikkerhedslovens § 43' },
    ...over,
  },
});

describe('a grant into another authority’s compartment', () => {
  it('takes an agreement by that authority’s secretariat, and ends with it', async () => {
    const { requester, manager, holder } = family;
    const into = asked(holder.id, { compartment: board });
    expect(await requester.ask(verbs.request, into)).toEqual(fault('requestGrant', 'CONFLICT', noAgreement));
    const agreement = await done(secretary, verbs.agree, agreed());
    expect(agreement).toEqual({
      ...{ id: expect.any(String), inForce: true, kind: 'DISCLOSURE', basis: 'Retssikkerhedslovens § 43' },
      ...{ processingAgreement: null, validFrom: '2026-11-02', validTo: null, agreedBy: { id: secretary.id } },
      ...{ receiver: { id: organisationId('family') }, authority: { code: 'CHILDREN_AND_YOUTH_COMMITTEE' } },
      compartments: [{ id: board }],
    });
    const id = await grantIn('given', family, { compartment: board });
    expect(await clearanceNow(holder)).toEqual([board]);
    const shown = await done(manager, `{ grant(id: "${id}") { agreement { id } } }`, {});
    expect(shown.agreement).toEqual({ id: agreement.id });
    // The secretariat sees who is let in.
    const seen = await done(secretary, `{ grants(filter: { holder: "${holder.id}" }) { nodes { id } } }`, {});
    expect(seen.nodes).toEqual([{ id }]);
    const waiting = await grantIn('requested', family, { compartment: board });
    expect(await done(secretary, verbs.end, { agreement: agreement.id })).toEqual({
      ...{ id: agreement.id, inForce: false, endedBy: { id: secretary.id } },
    });
    expect(await clearanceNow(holder)).toEqual([]);
    expect(await statusOf(manager, id)).toBe('LAPSED');
    // The gateway, too, hears of it within a second.
    await wait(1_000);
    expect((await done(holder, '{ viewer { clearance { level } } }', {})).clearance).toEqual([]);
    expect(await manager.ask(verbs.decide, { grant: waiting })).toEqual(fault('decideGrant', 'CONFLICT', noAgreement));
    expect(await manager.ask(verbs.confirm, { grant: id })).toEqual(
      fault('confirmGrant', 'CONFLICT', 'The grant is not in force. A grant that lapsed is requested anew.'),
    );
    expect(await secretary.ask(verbs.end, { agreement: agreement.id })).toEqual(
      fault('endDisclosure', 'CONFLICT', 'The agreement was ended already.'),
    );
    // What was seen under it is sealed for ever.
    const viewer = await world.gateway.sessions.viewerOf(holder.token);
    expect(viewer!.seal.compartments).toContain(board);
    // Another agreement lets nobody back in.
    const next = await done(secretary, verbs.agree, agreed());
    expect(await statusOf(manager, id)).toBe('LAPSED');
    await done(secretary, verbs.end, { agreement: next.id });
  });

  it('ends with the agreement’s last day, by the clock in Denmark', async () => {
    const { holder } = family;
    const agreement = await done(secretary, verbs.agree, agreed({ validTo: '2026-12-31' }));
    await grantIn('given', family, { compartment: board });
    expect(await at('2026-12-31T22:59:59.999Z', () => clearanceNow(holder))).toEqual([board]);
    expect(await at('2026-12-31T23:00:00.000Z', () => clearanceNow(holder))).toEqual([]);
    await done(secretary, verbs.end, { agreement: agreement.id });
  });

  it('needs no agreement for the secretariat itself, as long as it is one', async () => {
    const office = await team(world, 'board-secretariat');
    await grantIn('given', office, { compartment: board });
    expect(await clearanceNow(office.holder)).toEqual([board]);
    // Of another authority it is not the secretariat.
    expect(
      await office.requester.ask(
        verbs.request,
        asked(office.holder.id, { compartment: compartment('BOARD_MATTER', 'RENT_BOARD') }),
      ),
    ).toEqual(fault('requestGrant', 'CONFLICT', noAgreement));
    const office12 = [organisationId('board-secretariat'), 'CHILDREN_AND_YOUTH_COMMITTEE'];
    await world.database.sql('DELETE FROM identity.secretariat WHERE unit = $1 AND authority = $2', office12);
    expect(await clearanceNow(office.holder)).toEqual([]);
    await world.database.sql(`INSERT INTO identity.secretariat VALUES ('0999', $2, $1)`, office12);
    expect(await clearanceNow(office.holder)).toEqual([board]);
  });
});

describe('an agreement', () => {
  it('is made by the authority’s secretariat alone, with its basis, and refused what makes no sense', async () => {
    const path = 'agreeDisclosure';
    const notTheirs = fault(path, 'FORBIDDEN', 'The authority’s own secretariat makes and ends its agreements.');
    for (const key of ['placement-secretary', 'manager'])
      expect([key, await (await signInAs(world, key)).ask(verbs.agree, agreed())]).toEqual([key, notTheirs]);
    expect(await secretary.ask(verbs.agree, agreed({ authority: 'RENT_BOARD' }))).toEqual(notTheirs);
    for (const key of ['guidance-worker', 'administrator', 'citizen', 'case-system'])
      expect([key, await (await signInAs(world, key)).ask(verbs.agree, agreed())]).toEqual([
        key,
        fault(path, 'FORBIDDEN_FIELD'),
      ]);
    const bad = (argument: string, expected: string) =>
      fault(path, 'BAD_USER_INPUT', `Argument "input.${argument}": expected ${expected}`);
    const ask = (over: object) => secretary.ask(verbs.agree, agreed(over));
    expect(await ask({ authority: 'MUNICIPALITY' })).toEqual(
      bad('authority', 'another authority than the municipality itself.'),
    );
    expect(await ask({ basis: ' ' })).toEqual(bad('basis', 'one line of 3 to 500 characters.'));
    const reference = bad('processingAgreement', 'for PROCESSING, and for nothing else.');
    expect(await ask({ kind: 'PROCESSING' })).toEqual(reference);
    expect(await ask({ processingAgreement: 'DBA 2026-17' })).toEqual(reference);
    const end = bad('validTo', 'a day to come, not before "input.validFrom".');
    expect(await ask({ validFrom: '2027-02-02', validTo: '2027-02-01' })).toEqual(end);
    expect(await ask({ validFrom: '2026-01-01', validTo: '2026-11-01' })).toEqual(end);
    for (const receiver of [unknown, 'no id']) expect(await ask({ receiver })).toEqual(fault(path, 'NOT_FOUND'));
    const processing = await done(
      secretary,
      verbs.agree,
      agreed({ kind: 'PROCESSING', processingAgreement: 'DBA 2026-17' }),
    );
    expect(processing).toMatchObject({ kind: 'PROCESSING', processingAgreement: 'DBA 2026-17' });
    const rival = await signInAs(world, 'housing-caseworker');
    expect(await rival.ask(verbs.end, { agreement: processing.id })).toEqual(
      fault('endDisclosure', 'FORBIDDEN', 'The authority’s own secretariat makes and ends its agreements.'),
    );
    for (const agreement of [unknown, 'no id'])
      expect(await secretary.ask(verbs.end, { agreement })).toEqual(fault('endDisclosure', 'NOT_FOUND'));
    const list = `query($filter: DisclosureAgreementFilter, $first: Int, $after: String) {
      disclosureAgreements(filter: $filter, first: $first, after: $after) { totalCount pageInfo { endCursor } nodes { id inForce } } }`;
    const filter = { authority: 'CHILDREN_AND_YOUTH_COMMITTEE', receiver: organisationId('family') };
    const { data } = await rival.ask(list, { filter: { ...filter, inForce: true } });
    expect(data.disclosureAgreements).toMatchObject({ totalCount: 1, nodes: [{ id: processing.id, inForce: true }] });
    await done(secretary, verbs.end, { agreement: processing.id });
    expect((await rival.ask(list, { filter: { ...filter, inForce: true } })).data.disclosureAgreements.totalCount).toBe(
      0,
    );
    const first = (await rival.ask(list, { first: 1 })).data.disclosureAgreements;
    const second = (await rival.ask(list, { first: 1, after: first.pageInfo.endCursor })).data.disclosureAgreements;
    expect([first.totalCount, first.nodes[0].id === second.nodes[0].id]).toEqual([second.totalCount, false]);
  });
});

describe('the course', () => {
  const course = (employee: string, over: object = {}) => ({
    input: { employee, kind: 'DATA_SECURITY', passedOn: '2026-10-30', evidence: 'Kursusbevis 4711', ...over },
  });

  it('is waited for by grants of the citizen service, which come into force with it and rest when it expires', async () => {
    const service = await team(world, 'citizen-service', 'CITIZEN_SERVICE');
    const { manager, holder } = service;
    const id = await grantIn('requested', service);
    expect(await done(manager, verbs.decide, { grant: id })).toEqual({ id, status: 'WAITING_FOR_COURSE' });
    expect(await clearanceNow(holder)).toEqual([]);
    expect(await done(manager, verbs.course, course(holder.id))).toEqual({
      ...{ kind: 'DATA_SECURITY', passedOn: '2026-10-30', expiresOn: '2028-10-30', evidence: 'Kursusbevis 4711' },
      recordedBy: { id: manager.id },
    });
    expect(await clearanceNow(holder)).toEqual([compartment('HOUSING_BENEFIT')]);
    expect(await statusOf(holder, id)).toBe('IN_FORCE');
    // Confirmed in time, the grant outlives the course.
    for (const time of ['2027-04-01', '2027-09-01', '2028-02-01', '2028-07-01', '2028-10-01'])
      await at(`${time}T12:00:00Z`, () => confirmAsTheRoom(manager, id));
    expect(await at('2028-10-29T22:59:59Z', () => clearanceNow(holder))).toEqual([compartment('HOUSING_BENEFIT')]);
    expect(await at('2028-10-30T00:00:00Z', () => clearanceNow(holder))).toEqual([]);
    // Whoever is given the right of the citizen service later waits as well.
    const other = await grantIn('given', {
      ...service,
      holder: family.holder,
      manager: family.manager,
      requester: family.requester,
    });
    expect(await statusOf(family.holder, other)).toBe('IN_FORCE');
    const administrator = await signInAs(world, 'administrator');
    await done(administrator, verbs.assign, { employee: family.holder.id, right: 'CITIZEN_SERVICE' });
    expect(await statusOf(family.holder, other)).toBe('WAITING_FOR_COURSE');
    await done(administrator, verbs.withdrawRight, { employee: family.holder.id, right: 'CITIZEN_SERVICE' });
    expect(await statusOf(family.holder, other)).toBe('IN_FORCE');
    const shown = `{ employees(filter: { nameContains: "Vikar" }, first: 500) { nodes { id courses { evidence } } } }`;
    const seenBy = async (who: Somebody) =>
      (await done(who, shown, {})).nodes.find((one: any) => one.id === holder.id).courses.length;
    expect(
      await Promise.all([manager, holder, service.requester, administrator, secretary, family.manager].map(seenBy)),
    ).toEqual([1, 1, 1, 1, 0, 0]);
  });

  it('is recorded by who leads the unit or an administrator, with evidence, never for oneself', async () => {
    const path = 'recordCourse';
    const { manager, holder, requester } = family;
    const bad = (argument: string, expected: string) =>
      fault(path, 'BAD_USER_INPUT', `Argument "input.${argument}": expected ${expected}`);
    expect(await manager.ask(verbs.course, course(manager.id))).toEqual(
      bad('employee', 'somebody else. Nobody records an own course.'),
    );
    expect(await manager.ask(verbs.course, course(holder.id, { passedOn: '2026-11-03' }))).toEqual(
      bad('passedOn', 'a day since 1990, not to come.'),
    );
    expect(await manager.ask(verbs.course, course(holder.id, { evidence: '\n' }))).toEqual(
      bad('evidence', 'one line of 3 to 500 characters.'),
    );
    expect(await manager.ask(verbs.course, course(employeeId('guidance-worker')))).toEqual(
      fault(path, 'FORBIDDEN', 'A course is recorded by who leads the unit, or by an administrator.'),
    );
    for (const one of [unknown, 'no id'])
      expect(await manager.ask(verbs.course, course(one))).toEqual(fault(path, 'NOT_FOUND'));
    expect(await requester.ask(verbs.course, course(holder.id))).toEqual(fault(path, 'FORBIDDEN_FIELD'));
    const administrator = await signInAs(world, 'administrator');
    expect(await done(administrator, verbs.course, course(holder.id))).toMatchObject({ evidence: 'Kursusbevis 4711' });
  });
});

/** Years later no session of the start is open any more: as the room is told by a gateway that vouches for the viewer. */
async function confirmAsTheRoom(who: Somebody, id: string): Promise<void> {
  await world.database.sql(
    `INSERT INTO identity.grant_step (municipality, grant_id, number, step, taken_by, taken_at)
     SELECT '0999', $1, identity.next_grant_step('0999', $1), 'CONFIRMED', $2, $3`,
    [id, who.id, now],
  );
}

describe('a single case’s compartment', () => {
  const opening = (colleague: string, over: object = {}) => ({
    input: {
      ...{
        authority: 'MUNICIPALITY',
        category: 'SOCIAL_FRAUD',
        colleague,
        reason: 'Concerns an employee of the municipality',
      },
      ...over,
    },
  });
  let investigator: Somebody;
  let colleague: Somebody;
  let third: Somebody;
  let code: string;
  beforeAll(async () => {
    const control = await team(world, 'fraud-control');
    investigator = await signInAs(world, 'fraud-investigator');
    [colleague, third] = [control.holder, control.requester];
    await grantIn('given', control, { compartment: compartment('SOCIAL_FRAUD'), operations: ['SEARCH', 'ENTER'] });
    // Ordinary work too: that is logged openly.
    await grantIn('given', control);
    code = await done(investigator, verbs.openSingle, opening(colleague.id));
  });

  it('is opened by two who may enter in the compartment that the case would lie in, and by nobody else', async () => {
    expect(code).toMatch(/^0999\.CASE\.[0-9a-f-]{36}$/);
    expect(await clearanceNow(investigator)).toContain(code);
    expect(await clearanceNow(colleague)).toContain(code);
    const path = 'openSingleCaseCompartment';
    const placements = await signInAs(world, 'placement-secretary');
    expect(await placements.ask(verbs.openSingle, opening(colleague.id))).toEqual(fault(path, 'FORBIDDEN'));
    expect(
      await (await signInAs(world, 'cleared-security-officer')).ask(verbs.openSingle, opening(colleague.id)),
    ).toEqual(fault(path, 'FORBIDDEN'));
    expect(await investigator.ask(verbs.openSingle, opening(third.id))).toEqual(
      fault(path, 'CONFLICT', 'The colleague may not enter in that compartment.'),
    );
    expect(await investigator.ask(verbs.openSingle, opening(investigator.id))).toEqual(
      fault(path, 'BAD_USER_INPUT', 'Argument "input.colleague": expected somebody else.'),
    );
    for (const one of [unknown, 'no id'])
      expect(await investigator.ask(verbs.openSingle, opening(one))).toEqual(fault(path, 'NOT_FOUND'));
    expect(
      await (await signInAs(world, 'housing-caseworker')).ask(
        verbs.openSingle,
        opening(colleague.id, { category: 'HOUSING_BENEFIT' }),
      ),
    ).toEqual(
      fault(path, 'BAD_USER_INPUT', 'Argument "input.category": expected a shielded category of that authority.'),
    );
  });

  it('is given by another holder, and for everybody else it is as if it did not exist', async () => {
    const into = { compartment: code };
    const { id } = await done(investigator, verbs.request, asked(third.id, into));
    // Its id names the case, so that whatever speaks of it is sealed.
    expect(id).toMatch(new RegExp(`^${code.slice('0999.CASE.'.length)}\\.[0-9a-f-]{36}$`));
    const list = `query($filter: GrantFilter) { grants(filter: $filter, first: 500) { totalCount nodes { id } } authorisationReview(dueBefore: "2099-01-01T00:00:00Z") { totalCount } authorisationReport { totalCount } singleCaseCompartments { id } }`;
    const director = await signInAs(world, 'director');
    const administrator = await signInAs(world, 'administrator');
    const outsiders = [
      director,
      administrator,
      third,
      family.manager,
      await signInAs(world, 'cleared-security-officer'),
    ];
    const never = id.replace(/^[0-9a-f-]{36}/, unknown);
    for (const who of outsiders) {
      const { data } = await who.ask(list, { filter: { holder: third.id } });
      expect(JSON.stringify(data)).not.toContain(code.slice('0999.CASE.'.length));
      expect(data.singleCaseCompartments).toEqual([]);
      expect((await who.ask(list, { filter: { compartment: code } })).data.grants).toEqual({
        totalCount: 0,
        nodes: [],
      });
      for (const [verb, variables] of [
        [verbs.decide, { decision: 'REFUSE' }],
        [verbs.confirm, {}],
        [verbs.withdraw, {}],
      ] as const) {
        const told = JSON.stringify(await who.ask(verb, { grant: id, ...variables }));
        expect(told).toBe(JSON.stringify(await who.ask(verb, { grant: never, ...variables })));
        // Nor by the id of the row, if somebody had it.
        expect(told).toBe(JSON.stringify(await who.ask(verb, { grant: id.split('.')[1], ...variables })));
      }
      const request = await who.ask(verbs.request, asked(employeeId('guidance-worker'), into));
      expect(request).toEqual(
        await who.ask(verbs.request, asked(employeeId('guidance-worker'), { compartment: `0999.CASE.${unknown}` })),
      );
    }
    expect(await investigator.ask(verbs.decide, { grant: id })).toEqual(
      fault('decideGrant', 'FORBIDDEN', 'Whoever requested a grant, or is to hold it, never decides.'),
    );
    expect(await done(colleague, verbs.decide, { grant: id })).toEqual({ id, status: 'IN_FORCE' });
    expect(await clearanceNow(third)).toEqual([code]);
    const held = await done(
      colleague,
      `{ grants(filter: { compartment: "${code}" }) { totalCount nodes { holder { id } history { step } } } }`,
      {},
    );
    expect(held.totalCount).toBe(3);
    expect(held.nodes.find((one: any) => one.holder.id === third.id).history.map((one: any) => one.step)).toEqual([
      'REQUESTED',
      'GIVEN',
    ]);
    expect(await done(colleague, '{ singleCaseCompartments { id authority category openedBy { id } } }', {})).toEqual([
      { id: code, authority: 'MUNICIPALITY', category: 'SOCIAL_FRAUD', openedBy: { id: investigator.id } },
    ]);
    expect(await colleague.ask(verbs.confirm, { grant: held.nodes.length > 0 ? id : '' })).toMatchObject({
      faults: [],
    });
    expect(await done(investigator, verbs.withdraw, { grant: id })).toEqual({ id, status: 'WITHDRAWN' });
    expect(await clearanceNow(third)).toEqual([]);
  });

  it('is spoken of under seal only: whoever reads the open log cannot tell that there is one', async () => {
    // The colleague does ordinary work as well, so that an entry could be open.
    await done(colleague, verbs.openSingle, opening(investigator.id));
    await done(colleague, '{ employees(first: 1) { totalCount } }', {});
    const rest = code.slice('0999.CASE.'.length);
    const open = (await world.database.sql<{ leaf: string }>('SELECT leaf FROM audit.entry')).map(({ leaf }) =>
      JSON.parse(leaf),
    );
    const byHolders = open.filter(({ actor }) => actor && [investigator.id, colleague.id].includes(actor.id));
    expect(byHolders.length).toBeGreaterThan(0);
    for (const said of [rest, 'openSingleCaseCompartment'])
      expect(byHolders.filter((entry) => JSON.stringify(entry).includes(said))).toEqual([]);
    const sealed = await world.database.sql<{ leaf: string }>(
      `SELECT leaf FROM audit.sealed_entry WHERE leaf LIKE '%${code}%'`,
    );
    expect(sealed.length).toBeGreaterThan(3);
  });

  it('is lost by whoever changes unit, as every grant is', async () => {
    const { id } = await done(investigator, verbs.request, asked(third.id, { compartment: code }));
    await done(colleague, verbs.decide, { grant: id });
    expect(await clearanceNow(third)).toEqual([code]);
    await world.database.sql('UPDATE identity.employee SET organisation = $1 WHERE id = $2', [
      organisationId('housing'),
      third.id,
    ]);
    expect(await clearanceNow(await signIn(world, third.id))).toEqual([]);
    const { history, status } = await done(colleague, `{ grant(id: "${id}") { status history { step } } }`, {});
    expect([status, history.at(-1).step]).toEqual(['WITHDRAWN', 'MOVED']);
  });
});
