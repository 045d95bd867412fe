/**
 * Overviews: everybody sees what they may and hold themselves, a manager that of the unit, an administrator that of all users, with their
 * last use and lock-outs. None of them learns of a single case's compartment from it.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { employeeId, organisationId } from '../../subgraphs/demo/people.js';
import { centrePowerId } from '../../subgraphs/demo/powers.js';
import { faults } from '../../subgraphs/protocol/faults.js';
import { compartment, grantIn, type Team, team, verbs } from '../support/grants.js';
import { done, hire, type Somebody, signIn, signInAs } from '../support/powers.js';
import { openWorld, type World } from '../support/world.js';

const fault = (path: string, code: keyof typeof faults, message: string = faults[code].message) => ({
  data: { [path]: null },
  faults: [{ path, code, message }],
});

let world: World;
let now = new Date('2026-11-02T08:00:00.000Z');
const later = (minutes: number) => {
  now = new Date(now.getTime() + minutes * 60_000);
  return now.toISOString();
};
let family: Team;
let director: Somebody;
let administrator: Somebody;
beforeAll(async () => {
  world = await openWorld({ shielded: true, now: () => now });
  family = await team(world, 'family');
  await again();
});
afterAll(() => world.close());

/** Sessions end after fifteen idle minutes. */
async function again() {
  director = await signInAs(world, 'director');
  administrator = await signInAs(world, 'administrator');
  family = { ...family, manager: await signIn(world, family.manager.id, 'MANAGER') };
}

const users = `query Users($filter: EmployeeFilter, $organisation: ID, $first: Int, $after: String) {
  employees(filter: $filter, organisation: $organisation, first: $first, after: $after) { totalCount pageInfo { endCursor hasNextPage } nodes {
    id name organisation { id } rights { code } grants { compartment { id } status } courses { passedOn } powersOfAttorney { id }
    account { lastSignedInAt lastUsedAt lacksCourse blocks { kind } } } } }`;
async function everybody(who: Somebody, query: string, variables: object): Promise<any[]> {
  const all = [];
  for (let after: string | null = null; ; ) {
    const { nodes, pageInfo } = await done(who, query, { first: 100, after, ...variables });
    all.push(...nodes);
    if (!pageInfo.hasNextPage) return all;
    after = pageInfo.endCursor;
  }
}
const found = (who: Somebody, filter: object, organisation?: string) => everybody(who, users, { filter, organisation });
const ids = async (who: Somebody, filter: object, organisation?: string) =>
  (await found(who, filter, organisation)).map(({ id }: { id: string }) => id);
const accountOf = async (who: Somebody, id: string) =>
  (await found(who, {})).find((one: { id: string }) => one.id === id)?.account;
/** For askers who see no blocks: a field that is denied is an error. */
const plain = users.replace(' blocks { kind }', '');

describe('everybody', () => {
  const mine = `{ viewer { rights { code } grants { id status } courses { passedOn evidence } actor { ... on Employee {
    account { lastSignedInAt lastUsedAt lacksCourse } powersOfAttorney { id status } } } } }`;

  it('sees their own rights, grants, courses, powers of attorney and last use', async () => {
    const given = await grantIn('given', family);
    const asked = await grantIn('withdrawn', family);
    const input = { employee: family.holder.id, kind: 'DATA_SECURITY', passedOn: '2026-10-01', evidence: 'Bevis 17' };
    await done(family.manager, verbs.course, { input });
    const at = now.toISOString();
    const viewer = await done(family.holder, mine, {});
    expect(viewer.grants).toEqual(expect.arrayContaining([{ id: asked, status: 'WITHDRAWN' }]));
    expect(viewer.grants).toEqual(expect.arrayContaining([{ id: given, status: 'IN_FORCE' }]));
    expect(viewer).toMatchObject({
      rights: [{ code: 'CASEWORKER' }],
      courses: [{ passedOn: '2026-10-01', evidence: 'Bevis 17' }],
      actor: { account: { lastSignedInAt: at, lastUsedAt: at, lacksCourse: false }, powersOfAttorney: [] },
    });
    const reporter = await done(await signInAs(world, 'centre-reporter'), mine, {});
    expect(reporter.actor.powersOfAttorney).toEqual([{ id: centrePowerId, status: 'IN_FORCE' }]);
    const citizen = await done(await signInAs(world, 'citizen'), mine, {});
    expect(citizen).toEqual({ rights: [], grants: [], courses: [], actor: {} });
  });

  it('sees neither a colleague’s last use nor on which powers of attorney they are', async () => {
    const colleague = await signIn(world, await hire(world.database, 'family', ['CASEWORKER']), 'CASEWORKER');
    const { data, faults: told } = await colleague.ask(plain, { organisation: family.unit, first: 100 });
    expect(told).toEqual([]);
    const others = data.employees.nodes.filter(({ id }: { id: string }) => id !== colleague.id);
    expect(others.length).toBeGreaterThan(1);
    for (const { account, courses, powersOfAttorney } of others)
      expect([account, courses, powersOfAttorney]).toEqual([null, [], []]);
    for (const filter of [{ notUsedSince: '2026-01-01T00:00:00Z' }, { lacksCourse: true }, { lacksCourse: false }])
      expect(await colleague.ask(plain, { filter })).toEqual(
        fault('employees', 'FORBIDDEN', 'Last use and courses are searched by administrators, or with "filter.led".'),
      );
    for (const lockedOut of [true, false])
      for (const who of [colleague, family.manager])
        expect(await who.ask(plain, { filter: { lockedOut, led: true } })).toEqual(
          fault('employees', 'FORBIDDEN', 'Lock-outs are searched by administrators.'),
        );
    // Who leads nothing finds nobody.
    expect((await colleague.ask(plain, { filter: { led: true, lacksCourse: false } })).data.employees.nodes).toEqual(
      [],
    );
  });
});

describe('a manager', () => {
  it('sees the employees of the units led, with rights, grants, courses, powers of attorney and last use', async () => {
    const idle = await hire(world.database, 'family', ['CITIZEN_SERVICE']);
    const seen = (who: Somebody, filter: object) => everybody(who, plain, { filter: { led: true, ...filter } });
    const all = await seen(family.manager, {});
    expect(new Set(all.map(({ organisation }: any) => organisation.id))).toEqual(new Set([family.unit]));
    const holder = all.find(({ id }: any) => id === family.holder.id);
    expect(holder.rights).toEqual([{ code: 'CASEWORKER' }]);
    expect(holder.grants).toContainEqual({ compartment: { id: compartment('HOUSING_BENEFIT') }, status: 'IN_FORCE' });
    expect(holder.courses).toEqual([{ passedOn: '2026-10-01' }]);
    expect(holder.account.lastUsedAt).not.toBeNull();
    expect((await seen(family.manager, { lacksCourse: true })).map(({ id }: any) => id)).toEqual([idle]);
    expect((await seen(family.manager, { notUsedSince: '2000-01-01T00:00:00Z' })).map(({ id }: any) => id)).toContain(
      idle,
    );
    // Above, those of all units below; elsewhere, none of them.
    expect((await seen(director, {})).map(({ id }: any) => id)).toEqual(expect.arrayContaining([idle, director.id]));
    const elsewhere = await signInAs(world, 'manager');
    expect((await seen(elsewhere, {})).map(({ id }: any) => id)).not.toContain(idle);
    // Nor does anybody lead in a right that is not acted in.
    await world.database.sql(
      `INSERT INTO identity.right_assignment VALUES ('0999', $1, 'CASEWORKER', $2, 'LOCAL', now())`,
      [family.manager.id, family.unit],
    );
    expect(await seen(await signIn(world, family.manager.id, 'CASEWORKER'), {})).toEqual([]);
  });

  it('sees on which powers of attorney an employee of the unit is, and on which one of another unit is not', async () => {
    const reporter = await hire(world.database, 'family', ['SMDB_REPORTER']);
    const power = randomUUID();
    const [giver, receiver] = [organisationId('centre'), organisationId('municipality')];
    await world.database.sql(
      `INSERT INTO identity.power_of_attorney VALUES ('0999', $1, $2, $3, '{SMDB_REPORTER}', $4, now())`,
      [power, giver, receiver, administrator.id],
    );
    await world.database.sql(`INSERT INTO identity.power_step VALUES ('0999', $1, 1, $2, $3, 'ADDED', $4, $5, now())`, [
      power,
      giver,
      receiver,
      reporter,
      administrator.id,
    ]);
    const powers = async (who: Somebody) =>
      (await everybody(who, plain, { filter: { rights: ['SMDB_REPORTER'] } })).find(({ id }: any) => id === reporter)
        .powersOfAttorney;
    for (const who of [family.manager, director, administrator]) expect(await powers(who)).toEqual([{ id: power }]);
    for (const who of [await signInAs(world, 'manager'), await signInAs(world, 'housing-caseworker')])
      expect(await powers(who)).toEqual([]);
  });
});

describe('an administrator', () => {
  it('sees every user with rights, grants, courses, last use and lock-outs, page by page', async () => {
    const all = await found(administrator, {});
    expect(all.every(({ account }: any) => account !== null && account.blocks !== null)).toBe(true);
    const one = all.find(({ id }: any) => id === family.holder.id);
    expect(one).toMatchObject({ organisation: { id: family.unit }, rights: [{ code: 'CASEWORKER' }] });
    expect(one.grants).toContainEqual({ compartment: { id: compartment('HOUSING_BENEFIT') }, status: 'IN_FORCE' });
    const first = await done(administrator, users, { first: 3 });
    const second = await done(administrator, users, { first: 3, after: first.pageInfo.endCursor });
    expect([...first.nodes, ...second.nodes]).toEqual(all.slice(0, 6));
    expect(first.totalCount).toBe(all.length);
  });

  it('finds users by name, right, unit, missing course and last use', async () => {
    const lacking = await hire(world.database, 'housing', ['CITIZEN_SERVICE', 'SMDB_LEADER']);
    expect(await ids(administrator, { lacksCourse: true }, organisationId('housing'))).toContain(lacking);
    expect(await ids(administrator, { lacksCourse: false }, organisationId('housing'))).not.toContain(lacking);
    expect(await ids(administrator, { rights: ['SMDB_LEADER', 'SMDB_ADMINISTRATOR'] })).toEqual(
      expect.arrayContaining([lacking, employeeId('smdb-leader')]),
    );
    expect(await ids(administrator, { rights: ['SMDB_LEADER'], right: 'CITIZEN_SERVICE' })).toEqual([lacking]);
    expect((await ids(administrator, {})).length).toBe((await ids(administrator, { rights: [] })).length);
    const input = { employee: lacking, kind: 'DATA_SECURITY', passedOn: '2026-11-01', evidence: 'Bevis 18' };
    await done(administrator, verbs.course, { input });
    expect(await ids(administrator, { lacksCourse: true }, organisationId('housing'))).not.toContain(lacking);
    expect(await ids(administrator, { notUsedSince: now.toISOString(), nameContains: 'vikar' })).toContain(lacking);
    await signIn(world, lacking, 'SMDB_LEADER');
    expect(await ids(administrator, { notUsedSince: now.toISOString() })).not.toContain(lacking);
    later(10);
    expect(await ids(administrator, { notUsedSince: now.toISOString() })).toContain(lacking);
    await again();
  });

  it('sees last use to within five minutes, and it is not written more often', async () => {
    const id = await hire(world.database, 'family', ['CASEWORKER']);
    expect(await accountOf(administrator, id)).toEqual({
      ...{ lastSignedInAt: null, lastUsedAt: null, lacksCourse: false, blocks: [] },
    });
    const signedInAt = now.toISOString();
    const { token } = await signIn(world, id, 'CASEWORKER');
    const use = () => world.rooms.get('identity')!.internal('resolve-session', { token, touch: true });
    const version = async () =>
      (
        await world.database.sql<{ xmin: string }>('SELECT xmin::text FROM identity.last_use WHERE employee = $1', [id])
      )[0]!.xmin;
    const first = await version();
    for (let minute = 1; minute < 5; minute += 1) {
      later(1);
      await use();
    }
    expect(await version()).toBe(first);
    const usedAt = later(1);
    await use();
    expect(await accountOf(administrator, id)).toMatchObject({ lastSignedInAt: signedInAt, lastUsedAt: usedAt });
    await again();
  });

  it('of another company is shown own colleagues with their rights only, and the old SMDB administrator all users of SMDB', async () => {
    const centre = await signIn(world, employeeId('centre-administrator'), 'ADMINISTRATOR');
    const nodes = await everybody(centre, plain, {});
    expect(nodes.map(({ id }: any) => id)).toContain(employeeId('centre-reporter'));
    expect(nodes.map(({ id }: any) => id)).not.toContain(family.holder.id);
    expect(nodes.filter(({ account, id }: any) => account !== null && id !== centre.id)).toEqual([]);
    const smdb = await signInAs(world, 'smdb-leader', 'SMDB_ADMINISTRATOR');
    const rights = ['SMDB_REPORTER', 'SMDB_LEADER', 'SMDB_HEALTH', 'SMDB_DELEGATED_REPORTER', 'SMDB_ADMINISTRATOR'];
    const listed = await everybody(smdb, plain, { filter: { rights } });
    expect(listed.map(({ id }: any) => id)).toEqual(
      expect.arrayContaining(['smdb-reporter', 'smdb-leader', 'centre-reporter'].map(employeeId)),
    );
    expect(listed.every((one: any) => one.rights.some(({ code }: any) => rights.includes(code)))).toBe(true);
  });

  it('learns of no compartment of a single case: not by a grant, a course, last use, a filter or a count', async () => {
    const id = await hire(world.database, 'family', ['CASEWORKER']);
    const everything = async () => JSON.stringify(await found(administrator, {}));
    const before = await everything();
    await world.database.sql(
      `INSERT INTO identity.single_case_grant (municipality, id, holder, compartment, level, operations, reason, status, requested_by,
                                               decided_by, valid_from, confirm_by, requested_at, unit)
       VALUES ('0999', $1, $2, $3, 'DOCUMENTS', '{SEARCH}', 'secret', 'WAITING_FOR_COURSE', $4, $4, $5, $6, $5, $7)`,
      [randomUUID(), id, `0999.CASE.${randomUUID()}`, family.manager.id, now, '2027-11-02T08:00:00Z', family.unit],
    );
    expect(await everything()).toBe(before);
    expect(await ids(administrator, { lacksCourse: true })).not.toContain(id);
    const nodes = await everybody(family.manager, plain, { filter: { led: true } });
    expect(nodes.find((one: any) => one.id === id)).toMatchObject({ grants: [], account: { lacksCourse: false } });
  });
});

describe('a lock-out', () => {
  const guess = `mutation ($userName: String!, $password: String!) {
    linkLegacyAccount(userName: $userName, password: $password) { legacyAccountAsked } }`;
  const blocks = `query Blocks($first: Int, $after: String) { accessBlocks { nodes { id kind employee { id } blockedAt
    rejectedAttempts(first: $first, after: $after) { totalCount nodes { at faults operationName signedIn attempts workstation } pageInfo { endCursor hasNextPage } } } } }`;
  let guesser: Somebody;

  it('is seen with since when, why, and the rejected attempts that led to it, by who lifts it and by readers of the log', async () => {
    guesser = await signIn(world, await hire(world.database, 'drug-treatment', ['SMDB_REPORTER']), 'SMDB_REPORTER');
    // Denied, and no guess: it is shown as well.
    await guesser.ask('query NotMine { systemClients { id } }');
    for (let n = 0; n < 3; n += 1) await guesser.ask(guess, { userName: `nobody${n}`, password: 'wrong' });
    expect(await ids(administrator, { lockedOut: true })).toEqual([guesser.id]);
    expect(await ids(administrator, { lockedOut: false })).not.toContain(guesser.id);
    expect(await accountOf(administrator, guesser.id)).toMatchObject({ blocks: [{ kind: 'PERSON' }] });
    for (const who of [administrator, await signInAs(world, 'security-officer')]) {
      const { nodes } = await done(who, blocks, {});
      const block = nodes.find(({ kind }: any) => kind === 'PERSON');
      expect(block).toMatchObject({ employee: { id: guesser.id }, blockedAt: now.toISOString() });
      const { totalCount, nodes: attempts } = block.rejectedAttempts;
      expect(totalCount).toBe(4);
      expect(attempts.slice(0, 3).map((one: any) => one.faults)).toEqual(Array(3).fill(['WRONG_CREDENTIALS']));
      expect(attempts[3]).toEqual({
        ...{
          at: now.toISOString(),
          faults: ['FORBIDDEN_FIELD'],
          operationName: 'NotMine',
          signedIn: true,
          attempts: 1,
        },
        workstation: '127.0.0.1',
      });
    }
    const page = (await done(administrator, blocks, { first: 1 })).nodes.find(({ kind }: any) => kind === 'PERSON');
    expect(page.rejectedAttempts).toMatchObject({ totalCount: 4, pageInfo: { hasNextPage: true } });
  });

  it('of a workstation shows attempts that nobody signed in made from there, and nobody’s who was', async () => {
    await world.post('/graphql', { query: 'query Stranger { viewer { actor { __typename } } }' });
    const { nodes } = await done(administrator, blocks, {});
    const { rejectedAttempts } = nodes.find(({ kind }: any) => kind === 'WORKSTATION');
    expect(rejectedAttempts.nodes.length).toBeGreaterThan(0);
    expect(rejectedAttempts.nodes.filter(({ signedIn }: any) => signedIn)).toEqual([]);
  });

  it('is no way to the attempts of anybody else, for an administrator who reads no log', async () => {
    expect(await administrator.ask('{ rejectedAttempts { totalCount } }')).toEqual(
      fault('rejectedAttempts', 'FORBIDDEN_FIELD'),
    );
    const manager = await family.manager.ask('{ accessBlocks { totalCount } }');
    expect(manager).toEqual(fault('accessBlocks', 'FORBIDDEN_FIELD'));
    const officer = await signInAs(world, 'security-officer');
    const lift = `mutation { unlockAccess(block: "${randomUUID()}", clarification: "It was nothing") { id } }`;
    expect(await officer.ask(lift)).toEqual(fault('unlockAccess', 'FORBIDDEN_FIELD'));
  });

  it('shows no attempt that lies under a seal', async () => {
    const secretary = await signInAs(world, 'placement-secretary');
    await secretary.ask('query Sealed { cases(first: 1) { totalCount } systemClients { id } }');
    await world.database.sql(
      `INSERT INTO identity.access_block (municipality, id, kind, key, workstation, person, blocked_at)
       VALUES ('0999', $1, 'PERSON', $2::text, '127.0.0.1', $2::text::uuid, $3)`,
      [randomUUID(), secretary.id, now],
    );
    const { nodes } = await done(administrator, blocks, {});
    const block = nodes.find(({ employee }: any) => employee?.id === secretary.id);
    expect(block.rejectedAttempts.nodes.filter(({ operationName }: any) => operationName === 'Sealed')).toEqual([]);
    // It is in the log: whoever is cleared finds it there.
    const [sealed] = await world.database.sql(
      `SELECT count(*)::int AS n FROM audit.sealed_entry_details WHERE operation_name = 'Sealed'`,
    );
    expect(sealed).toEqual({ n: 1 });
  });

  it('is clarified for thirty days after it was lifted, and then its attempts are shown no more', async () => {
    const lifted = `query { accessBlocks(includeLifted: true) { nodes { id employee { id } clarification rejectedAttempts { totalCount } } } }`;
    const mine = async () =>
      (await done(administrator, lifted, {})).nodes.find(({ employee }: any) => employee?.id === guesser.id);
    const { id } = await mine();
    later(1);
    const lift = `mutation ($id: ID!) { unlockAccess(block: $id, clarification: "Forgot the password") { id rejectedAttempts { totalCount } } }`;
    expect(await done(administrator, lift, { id })).toEqual({ id, rejectedAttempts: { totalCount: 5 } });
    later(29 * 24 * 60);
    await again();
    expect(await mine()).toMatchObject({ clarification: 'Forgot the password', rejectedAttempts: { totalCount: 5 } });
    later(25 * 60);
    await again();
    expect(await mine()).toMatchObject({ clarification: 'Forgot the password', rejectedAttempts: { totalCount: 0 } });
  });
});
