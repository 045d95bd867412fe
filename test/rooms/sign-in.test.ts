/** The memory behind the sign-in: one answer for one request of one browser, and whom it lets in as what. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { demoPrivileges, makeIdentity, nemloginUuid } from '../../subgraphs/demo/identity.js';
import { citizenId, employeeId, makeCitizens, makeEmployees, organisationId } from '../../subgraphs/demo/people.js';
import { seed } from '../../subgraphs/demo/seed.js';
import { makeIdentityRoom } from '../../subgraphs/identity/index.js';
import type { Viewer } from '../../subgraphs/protocol/viewer.js';
import { anAnswer, base64, cvr, eid, type Group, privilegeList, professional } from '../support/nemlogin.js';
import { openRoom, type RoomUnderTest } from '../support/room.js';

const privilege = (code: string) => [...demoPrivileges].find(([, right]) => right === code)![0];
const minute = 60_000;

let room: RoomUnderTest;
let another: RoomUnderTest;
let now = new Date('2026-11-02T08:00:00.000Z');
const later = (milliseconds: number) => new Date(now.getTime() + milliseconds);
const citizens = makeCitizens().slice(0, 4);
const employees = makeEmployees();

beforeAll(async () => {
  const made = makeIdentityRoom({ privileges: demoPrivileges, idleMinutes: 15 });
  room = await openRoom(
    made,
    async (fresh) => {
      await seed(fresh.url, { shielded: true }, () => ({ identity: makeIdentity({ citizens, employees }) }));
    },
    { now: () => now },
  );
  another = await openRoom(made, undefined, { now: () => now, on: room.database });
});
afterAll(async () => {
  await another.close();
  await room.close();
});
beforeEach(() => {
  now = later(60 * minute);
});

type Answer = ReturnType<typeof anAnswer>;
const begin = (answer: Pick<Answer, 'request' | 'browser'>, over: object = {}) =>
  room.internal('begin-sign-in', {
    municipality: '0999',
    request: answer.request,
    browser: answer.browser,
    returnTo: '/sager?side=2',
    forceAuthn: false,
    contexts: ['https://data.gov.dk/concept/core/nsis/loa/Substantial'],
    ...over,
  });
const finish = (answer: object, on = room) => on.internal('finish-sign-in', answer);

/** Begins and finishes. */
async function signIn(attributes: Record<string, string>, over: object = {}, asked: object = {}) {
  const answer = anAnswer(now, attributes, over);
  await begin(answer, asked);
  return finish(answer);
}
const viewerOf = async (token: string): Promise<Viewer | null> =>
  (await room.internal('resolve-session', { token, touch: true })).viewer;

const smdbReporter = (over: Partial<Parameters<typeof professional>[0]> = {}) =>
  professional({
    uuid: nemloginUuid(employeeId('smdb-reporter')),
    groups: [{ scope: cvr('11111111'), privileges: [privilege('SMDB_REPORTER')] }],
    ...over,
  });

describe('one answer', () => {
  it('signs in whom it is about, and leads back to where the sign-in began', async () => {
    const opened = await signIn(smdbReporter(), { nameId: 'a name', sessionIndex: 'an index' });
    expect(opened).toEqual({
      token: expect.stringMatching(/^[\w-]{43}$/),
      expiresAt: later(10 * 60 * minute).toISOString(),
      returnTo: '/sager?side=2',
      link: true,
      unknown: [],
    });
    expect(await viewerOf(opened.token)).toMatchObject({
      subject: { kind: 'Employee', id: employeeId('smdb-reporter') },
      right: 'SMDB_REPORTER',
      assurance: 'Substantial',
      authenticatedAt: now.getTime() / 1000,
    });
    expect(await room.internal('sign-in-of', { token: opened.token })).toEqual({
      nameId: 'a name',
      sessionIndex: 'an index',
    });
  });

  it('opens a session that ends with the identity provider’s own, and never later than ours do', async () => {
    const until = (minutes: number) =>
      signIn(smdbReporter(), { sessionNotOnOrAfter: later(minutes * minute).toISOString() });
    const brief = await until(5);
    expect(brief.expiresAt).toBe(later(5 * minute).toISOString());
    expect((await until(24 * 60)).expiresAt).toBe(later(10 * 60 * minute).toISOString());
    now = later(5 * minute);
    expect(await room.internal('resolve-session', { token: brief.token, touch: true })).toEqual({
      viewer: null,
      ended: 'EXPIRED',
    });
  });

  it('signs in once: posted twenty times at once, to two replicas, exactly one post wins', async () => {
    const answer = anAnswer(now, smdbReporter());
    await begin(answer);
    const all = await Promise.all(Array.from({ length: 20 }, (_, n) => finish(answer, n % 2 ? room : another)));
    expect(all.filter((one) => 'token' in one)).toHaveLength(1);
    expect(all.filter((one) => 'refused' in one).map(({ refused }) => refused)).toEqual(Array(19).fill('USED_REQUEST'));
  });

  it('is not taken for two requests: of two posts of one assertion at once exactly one wins', async () => {
    const [one, two] = [anAnswer(now, smdbReporter()), anAnswer(now, smdbReporter())];
    await Promise.all([begin(one), begin(two)]);
    const all = await Promise.all([finish(one), finish({ ...two, assertion: one.assertion }, another)]);
    expect(all.filter((each) => 'token' in each)).toHaveLength(1);
    expect(all.find((each) => 'refused' in each)).toEqual({ refused: 'REPLAYED_ASSERTION', unknown: [] });
  });

  it('is remembered across restarts, until it could not be accepted any more anyway', async () => {
    const answer = anAnswer(now, smdbReporter());
    await begin(answer);
    const reopened = await openRoom(makeIdentityRoom({ privileges: demoPrivileges }), undefined, {
      now: () => now,
      on: room.database,
    });
    expect(await finish(answer, reopened)).toHaveProperty('token');
    await reopened.close();
    now = later(9.9 * minute);
    const again = { ...answer, request: '_another' };
    await begin(again);
    expect(await finish(again)).toEqual({ refused: 'REPLAYED_ASSERTION', unknown: [] });
    now = later(0.2 * minute);
    const late = { ...answer, request: '_a third' };
    await begin(late);
    expect(await finish(late)).toEqual({ refused: 'EXPIRED_ASSERTION', unknown: [] });
  });

  it.each([
    ['was never asked for', 'UNKNOWN_REQUEST', { request: '_never begun' }],
    ['comes in another browser', 'WRONG_BROWSER', { browser: 'the secret of somebody who was lured' }],
    ['comes without the secret of a browser', 'WRONG_BROWSER', { browser: '' }],
    ['was asked for by another municipality', 'UNKNOWN_REQUEST', { municipality: '0101' }],
    ['is less sure of the person than was asked for', 'ASSURANCE_TOO_LOW', { assurance: 'Low' }],
    ['says of nobody who that is', 'NO_IDENTITY', { attributes: {}, nameId: 'x' }],
    ['has no level of assurance', 'MALFORMED', { assurance: 'Medium' }],
    ['has no time at which it ends', 'MALFORMED', { assertion: { id: '_x', notOnOrAfter: 'tomorrow' } }],
  ])('is refused where it %s', async (_, refused, over) => {
    const answer = anAnswer(now, smdbReporter());
    await begin(answer);
    expect(await finish({ ...answer, ...over })).toEqual({ refused, unknown: [] });
  });

  it('is refused ten minutes after it was asked for, and one that another browser tried stays good in its own', async () => {
    const answer = anAnswer(now, smdbReporter());
    await begin(answer);
    await finish({ ...answer, browser: 'the secret of somebody else' });
    now = later(9.9 * minute);
    expect(await finish({ ...answer, assertion: { ...answer.assertion, notOnOrAfter: later(minute) } })).toHaveProperty(
      'token',
    );
    const slow = anAnswer(now, smdbReporter());
    await begin(slow);
    now = later(10 * minute);
    expect(await finish(slow)).toEqual({ refused: 'EXPIRED_REQUEST', unknown: [] });
  });

  it('must be as sure as was asked for, and as fresh', async () => {
    const high = { contexts: ['https://data.gov.dk/concept/core/nsis/loa/High'] };
    expect(await signIn(smdbReporter(), {}, high)).toEqual({ refused: 'ASSURANCE_TOO_LOW', unknown: [] });
    expect(await signIn(smdbReporter(), { assurance: 'High' }, high)).toHaveProperty('token');
    const old = { authnInstant: later(-6 * minute).toISOString() };
    expect(await signIn(smdbReporter(), old, { forceAuthn: true })).toEqual({
      refused: 'NOT_REAUTHENTICATED',
      unknown: [],
    });
    const { token } = await signIn(smdbReporter(), old);
    expect((await viewerOf(token))!.authenticatedAt).toBe(later(-6 * minute).getTime() / 1000);
  });

  it('is never dated into the future by a provider whose clock is ahead', async () => {
    const { token } = await signIn(smdbReporter(), { authnInstant: later(4 * minute).toISOString() });
    expect((await viewerOf(token))!.authenticatedAt).toBe(now.getTime() / 1000);
  });

  it('leads to nowhere but a path of ours', async () => {
    for (const returnTo of ['https://evil.example', '//evil.example', '/\\evil.example', 'sager', '/a\nb', ''])
      expect(await begin({ request: `_${randomUUID()}`, browser: 'x'.repeat(30) }, { returnTo })).toMatchObject({
        errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
      });
  });

  it('leaves nothing behind once it is of no use: requests and assertions are swept, secrets are never kept', async () => {
    const answer = anAnswer(now, smdbReporter());
    await begin(answer);
    await finish(answer);
    const rows = () =>
      room.database.sql<{ row: string }>(
        `SELECT r::text AS row FROM identity.sign_in_request r WHERE request = $1
         UNION ALL SELECT a::text FROM identity.assertion_seen a WHERE assertion = $2`,
        [answer.request, answer.assertion.id],
      );
    expect(await rows()).toHaveLength(2);
    expect((await rows()).filter(({ row }) => row.includes(answer.browser))).toEqual([]);
    now = later(20 * minute);
    await begin({ request: `_${randomUUID()}`, browser: answer.browser });
    expect(await rows()).toEqual([]);
  });
});

describe('an employee', () => {
  const group = (...codes: string[]): Group => ({ scope: cvr('11111111'), privileges: codes.map(privilege) });
  const rightsOf = (employee: string) =>
    room.database.sql(
      `SELECT code, organisation, source, constraints FROM identity.right_assignment WHERE employee = $1 ORDER BY code, organisation`,
      [employee],
    );

  it('who is unknown is entered at the first sign-in, with name, unit and rights', async () => {
    const uuid = randomUUID();
    const { token } = await signIn(
      professional({ uuid, name: 'Ny Nygaard', productionUnit: '1000000006', groups: [group('SMDB_HEALTH')] }),
    );
    const viewer = (await viewerOf(token))!;
    expect(viewer).toMatchObject({ right: 'SMDB_HEALTH', organisation: organisationId('drug-treatment') });
    const again = await signIn(
      professional({ uuid: uuid.toUpperCase(), name: 'Ny Gift', groups: [group('SMDB_HEALTH')] }),
    );
    expect((await viewerOf(again.token))!.subject).toEqual(viewer.subject);
    expect(
      await room.database.sql('SELECT name, organisation FROM identity.employee WHERE id = $1', [viewer.subject.id]),
    ).toEqual([{ name: 'Ny Gift', organisation: organisationId('drug-treatment') }]);
  });

  it('is entered once, however many first sign-ins there are at once', async () => {
    const uuid = randomUUID();
    const attributes = professional({ uuid, groups: [group('SMDB_LEADER')] });
    const all = await Promise.all(Array.from({ length: 6 }, () => signIn(attributes)));
    const viewers = await Promise.all(all.map(({ token }) => viewerOf(token)));
    expect(new Set(viewers.map((viewer) => viewer!.subject.id)).size).toBe(1);
  });

  it.each([
    ['of a company that is not in the register', 'UNKNOWN_ORGANISATION', { cvr: '99999999' }, [cvr('99999999')], []],
    ['without a privilege', 'NO_PRIVILEGES', {}, [], []],
    ['whose only privilege is unknown', 'NO_PRIVILEGES', {}, [cvr('11111111')], ['https://elsewhere.example/x']],
  ])('who is unknown and %s is not entered', async (_, refused, over, scopes, unknown) => {
    const uuid = randomUUID();
    const groups = scopes.map((scope) => ({
      scope,
      privileges: unknown.length > 0 ? unknown : [privilege('SMDB_REPORTER')],
    }));
    expect(await signIn(professional({ uuid, ...over, groups }))).toEqual({ refused, unknown });
    expect(await room.database.sql('SELECT FROM identity.nemlogin_identity WHERE uuid = $1', [uuid])).toEqual([]);
  });

  it('loses what is asserted no more, keeps what the municipality gave, and sessions follow at once', async () => {
    const id = employeeId('smdb-leader');
    await room.database.sql(
      `INSERT INTO identity.right_assignment VALUES ('0999', $1, 'MANAGER', $2, 'LOCAL', '2021-01-01T00:00:00Z')`,
      [id, organisationId('drug-treatment')],
    );
    const { token } = await signIn(
      professional({ uuid: nemloginUuid(id), groups: [group('SMDB_LEADER', 'SMDB_ADMINISTRATOR', 'MANAGER')] }),
    );
    expect((await viewerOf(token))!.right).toBe('SMDB_LEADER');
    await signIn(professional({ uuid: nemloginUuid(id), groups: [group('SMDB_ADMINISTRATOR')] }));
    expect((await rightsOf(id)).map(({ code, source }) => [code, source])).toEqual([
      ['MANAGER', 'LOCAL'],
      ['SMDB_ADMINISTRATOR', 'NEMLOGIN'],
    ]);
    expect(await viewerOf(token)).toMatchObject({ right: null, scopes: [], clearance: [] });
  });

  it('is told of as a change of access only where something changed', async () => {
    const id = employeeId('smdb-health');
    const attributes = professional({ uuid: nemloginUuid(id), name: 'Samme Navn', groups: [group('SMDB_HEALTH')] });
    await signIn(attributes);
    const changes = async () =>
      (await room.database.sql('SELECT FROM identity.access_change WHERE person = $1', [id])).length;
    const before = await changes();
    await signIn(attributes);
    expect(await changes()).toBe(before);
    await signIn(professional({ uuid: nemloginUuid(id), name: 'Samme Navn', groups: [] }));
    expect(await changes()).toBeGreaterThan(before);
  });

  it('holds what the scope says: for the own unit, for another, for none that is unknown; a CPR number is not told', async () => {
    const id = employeeId('centre-reporter');
    const opened = await signIn(
      professional({
        uuid: nemloginUuid(id),
        cvr: '22222222',
        groups: [
          { scope: cvr('22222222'), privileges: [privilege('SMDB_DELEGATED_REPORTER')] },
          { scope: cvr('11111111'), privileges: [privilege('SMDB_REPORTER'), 'https://elsewhere.example/x'] },
          { scope: cvr('88888888'), privileges: [privilege('SMDB_LEADER')] },
          { scope: 'urn:dk:gov:saml:productionUnitIdentifier:1000000006', privileges: [privilege('SMDB_HEALTH')] },
          { scope: 'urn:dk:gov:saml:cprNumberIdentifier:0201609995', privileges: [privilege('MANAGER')] },
        ],
      }),
    );
    expect(opened.unknown).toEqual([
      'https://elsewhere.example/x',
      cvr('88888888'),
      'urn:dk:gov:saml:cprNumberIdentifier:',
    ]);
    expect((await rightsOf(id)).map(({ code, organisation }) => [code, organisation])).toEqual([
      ['SMDB_DELEGATED_REPORTER', organisationId('centre')],
      ['SMDB_HEALTH', organisationId('drug-treatment')],
      ['SMDB_REPORTER', organisationId('municipality')],
    ]);
    // On behalf of another company nothing is opened without a power of attorney.
    const viewer = (await viewerOf(opened.token))!;
    expect(viewer.right).toBe('SMDB_DELEGATED_REPORTER');
    const switched = await room.ask(viewer, 'mutation { actIn(right: SMDB_REPORTER) { actingIn { code } } }');
    expect(switched).toEqual({ data: { actIn: { actingIn: { code: 'SMDB_REPORTER' } } } });
    expect(await viewerOf(opened.token)).toMatchObject({ right: 'SMDB_REPORTER', actingFor: null, scopes: [] });
  });

  it('is cleared for no more than the constraints of the right let through, in this session and in older ones', async () => {
    const id = employeeId('smdb-reporter');
    const narrowedTo = async (constraints: Record<string, string>) => {
      const groups = [{ ...group('SMDB_REPORTER'), constraints }];
      const { token } = await signIn(professional({ uuid: nemloginUuid(id), groups }));
      return { token, seen: (await viewerOf(token))!.clearance.map(({ compartment }) => compartment) };
    };
    const kle = 'http://sts.kombit.dk/constraints/KLE/1';
    const treatment = ['0999.MUNICIPALITY.DRUG_TREATMENT'];
    const unbound = await narrowedTo({});
    expect(unbound.seen).toEqual(treatment);
    expect((await narrowedTo({ [kle]: '27.51.*, 29.24.08' })).seen).toEqual(treatment);
    expect((await narrowedTo({ [kle]: '27.*' })).seen).toEqual([]);
    expect((await viewerOf(unbound.token))!.clearance).toEqual([]);
    expect((await narrowedTo({ 'urn:of:somebody': 'x' })).seen).toEqual([]);
    const [stored] = await rightsOf(id);
    expect(stored).toMatchObject({ constraints: [[{ name: 'urn:of:somebody', values: ['x'] }]] });
    expect((await narrowedTo({})).seen).toEqual(treatment);
  });

  it('of another company than the identity was linked to is refused', async () => {
    const id = employeeId('housing-caseworker');
    expect(await signIn(professional({ uuid: nemloginUuid(id), cvr: '22222222', groups: [] }))).toEqual({
      refused: 'OTHER_ORGANISATION',
      unknown: [],
      person: { kind: 'Employee', id },
    });
  });

  it('is refused with a list that is malformed anywhere, and keeps what was known', async () => {
    const id = employeeId('smdb-leader');
    await signIn(professional({ uuid: nemloginUuid(id), groups: [group('SMDB_LEADER')] }));
    const before = await rightsOf(id);
    const good = Buffer.from(privilegeList([group('SMDB_HEALTH')]), 'base64').toString();
    const attributes = { ...professional({ uuid: nemloginUuid(id) }), [`${eid}privilegesIntermediate`]: '' };
    for (const xml of [good.replace('11111111', '1111'), `<!DOCTYPE x>${good}`, good.slice(0, -1)]) {
      const answer = await signIn({ ...attributes, [`${eid}privilegesIntermediate`]: base64(xml) });
      expect(answer).toMatchObject({ refused: 'MALFORMED_PRIVILEGES', unknown: [] });
      await room.database.sql(`DELETE FROM identity.access_attempt`);
    }
    expect(await rightsOf(id)).toEqual(before);
  });

  it('is known by OIOSAML 2.0.9 too', async () => {
    const old = (name: string) => `dk:gov:saml:attribute:${name}`;
    const attributes = {
      [old('SpecVer')]: 'DK-SAML-2.0',
      [old('CvrNumberIdentifier')]: '11111111',
      [old('RidNumberIdentifier')]: '1234567890',
      'urn:oid:2.5.4.3': 'Rita Ridder',
      [old('Privileges_intermediate')]: privilegeList([group('SMDB_REPORTER')]),
    };
    const one = await signIn(attributes, { nameId: 'C=DK,O=11111111' });
    const two = await signIn(attributes, { nameId: 'C=DK,O=11111111' });
    expect((await viewerOf(one.token))!.subject).toEqual((await viewerOf(two.token))!.subject);
    expect(await viewerOf(one.token)).toMatchObject({ right: 'SMDB_REPORTER' });
  });

  it('who brings a CPR number is let in as the employee, never as the citizen', async () => {
    const { token } = await signIn({ ...smdbReporter(), [`${eid}cprNumber`]: '0201609995' });
    expect((await viewerOf(token))!.subject.kind).toBe('Employee');
  });
});

describe('a citizen', () => {
  const uuid = randomUUID();
  it('is known by the CPR number, and from then on by the UUID alone', async () => {
    expect(await signIn({ [`${eid}cprUuid`]: uuid })).toEqual({ refused: 'UNKNOWN_CITIZEN', unknown: [] });
    const { token, link } = await signIn({ [`${eid}cprNumber`]: '0201609995', [`${eid}cprUuid`]: uuid });
    expect(link).toBe(false);
    expect(await viewerOf(token)).toMatchObject({ subject: { kind: 'Citizen', id: citizenId(0) }, right: null });
    const again = await signIn({ [`${eid}cprUuid`]: `urn:uuid:${uuid}` });
    expect((await viewerOf(again.token))!.subject.id).toBe(citizenId(0));
  });

  it('is let in by OIOSAML 2.0.9 too, and gets nothing of a professional', async () => {
    const { token } = await signIn({
      'dk:gov:saml:attribute:CprNumberIdentifier': '0201609995',
      [`${eid}privilegesIntermediate`]: privilegeList([{ scope: cvr('11111111'), privileges: [privilege('MANAGER')] }]),
    });
    expect(await viewerOf(token)).toMatchObject({ subject: { kind: 'Citizen' }, right: null, clearance: [] });
  });

  it('is refused where number and UUID name two people, or nobody', async () => {
    expect(await signIn({ [`${eid}cprNumber`]: '0201609996', [`${eid}cprUuid`]: uuid })).toEqual({
      refused: 'AMBIGUOUS_CITIZEN',
      unknown: [],
    });
    expect(await signIn({ [`${eid}cprNumber`]: '0101010101' })).toEqual({ refused: 'UNKNOWN_CITIZEN', unknown: [] });
    expect(await signIn({ [`${eid}cprNumber`]: "' OR true" })).toEqual({ refused: 'NO_IDENTITY', unknown: [] });
  });
});

describe('going on after a new log-in', () => {
  const both = () =>
    smdbReporter({
      uuid: nemloginUuid(employeeId('smdb-leader')),
      groups: [{ scope: cvr('11111111'), privileges: ['SMDB_LEADER', 'SMDB_ADMINISTRATOR'].map(privilege) }],
    });

  it('keeps the right that one acted in, under a new token; the old one is dead', async () => {
    const first = await signIn(both());
    const viewer = (await viewerOf(first.token))!;
    const other = viewer.right === 'SMDB_LEADER' ? 'SMDB_ADMINISTRATOR' : 'SMDB_LEADER';
    await room.ask(viewer, `mutation { actIn(right: ${other}) { actingIn { code } } }`);
    now = later(30 * minute);
    const second = await signIn(both(), { continues: first.token }, { forceAuthn: true });
    expect(await viewerOf(second.token)).toMatchObject({ right: other, authenticatedAt: now.getTime() / 1000 });
    expect(second.token).not.toBe(first.token);
    expect(
      await room.database.sql('SELECT closed_at IS NULL AS open FROM identity.session WHERE id = $1', [viewer.session]),
    ).toEqual([{ open: false }]);
  });

  it("gives nobody somebody else's right, and ends that session", async () => {
    const first = await signIn(both());
    const second = await signIn(smdbReporter(), { continues: first.token });
    expect(await viewerOf(second.token)).toMatchObject({ right: 'SMDB_REPORTER' });
    expect(await viewerOf(first.token)).toBeNull();
  });

  it('leaves the old session as it was where the answer is refused', async () => {
    const first = await signIn(both());
    const answer = anAnswer(now, both(), { continues: first.token });
    expect(await finish(answer)).toEqual({ refused: 'UNKNOWN_REQUEST', unknown: [] });
    expect(await viewerOf(first.token)).not.toBeNull();
  });
});

describe('a log-out that begins at the identity provider', () => {
  it('ends the session of that index, or all of that name, and says how many', async () => {
    const open = async (sessionIndex: string) => (await signIn(smdbReporter(), { nameId: 'N', sessionIndex })).token;
    const [one, two, three] = [await open('1'), await open('2'), await open('3')];
    const logout = (over: object) => room.internal('logout-by-name', { municipality: '0999', nameId: 'N', ...over });
    expect(await logout({ sessionIndex: '2' })).toEqual({ closed: 1 });
    expect([await viewerOf(one!), await viewerOf(two!), await viewerOf(three!)].map(Boolean)).toEqual([
      true,
      false,
      true,
    ]);
    expect(await logout({ municipality: '0101' })).toEqual({ closed: 0 });
    expect(await logout({ nameId: 'n' })).toEqual({ closed: 0 });
    expect(await logout({})).toEqual({ closed: 2 });
    expect(await viewerOf(one!)).toBeNull();
    expect(await room.internal('sign-in-of', { token: one })).toEqual({});
  });

  it('knows no name for a session that the provider did not open, nor for a token that is none', async () => {
    const { token } = await room.internal('open-session', {
      municipality: '0999',
      person: { kind: 'Employee', id: employeeId('manager') },
    });
    expect(await room.internal('sign-in-of', { token })).toEqual({});
    expect(await room.internal('sign-in-of', { token: 'x' })).toEqual({});
  });
});

it('is for the gateway alone', async () => {
  for (const path of ['begin-sign-in', 'finish-sign-in', 'logout-by-name', 'sign-in-of'])
    expect((await room.post(`/internal/${path}`, {}, 'x')).status).toBe(401);
});
