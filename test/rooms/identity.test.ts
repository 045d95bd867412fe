/** The identity room on the demo's people: who finds whom, and what a session lets one be. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { demoPeople, makeIdentity, systemClientId } from '../../subgraphs/demo/identity.js';
import { citizenId, employeeId, makeCitizens, makeEmployees, organisationId } from '../../subgraphs/demo/people.js';
import { seed } from '../../subgraphs/demo/seed.js';
import { identity, makeIdentityRoom } from '../../subgraphs/identity/index.js';
import { scopesOf } from '../../subgraphs/identity/sessions/rights.js';
import { roomSchema } from '../../subgraphs/kit/room-schema.js';
import { type Database, openDatabase } from '../../subgraphs/postgres/database.js';
import { roleOf, roomUrl } from '../../subgraphs/postgres/migrate.js';
import { encodeCursor } from '../../subgraphs/protocol/connection.js';
import type { Viewer } from '../../subgraphs/protocol/viewer.js';
import { testSecret } from '../support/database.js';
import { aViewer, openRoom, type RoomUnderTest } from '../support/room.js';

let room: RoomUnderTest;
/** The room's own connection: what its role sees, whatever the code above it asks for. */
let database: Database;
const everyScope = ['citizen:read', 'citizen:reference', 'employee:read', 'audit:read', 'admin'];
const citizens = makeCitizens();
const employees = makeEmployees();

beforeAll(async () => {
  room = await openRoom(identity, async (fresh) => {
    await seed(fresh.url, { shielded: true }, () => ({ identity: makeIdentity({ citizens, employees }) }));
    // The same number in another municipality, and a name that is odd in every way.
    await fresh.sql(`INSERT INTO identity.citizen (municipality, id, cpr, name, born_on, street, postcode, city) VALUES
      ('0101', '11111111-1111-4111-8111-111111111111', '0201609995', 'Anden Kommune', '1960-01-02', 'Gaden 1', '1000', 'København'),
      ('0101', '22222222-2222-4222-8222-222222222222', '6101609999', 'Kun Derovre', '1960-01-01', 'Gaden 1', '1000', 'København'),
      ('0999', '33333333-3333-4333-8333-333333333333', '6201609999', 'ØRSTED 100% Å_b', '1900-01-01', 'Ærøgade 1', '9990', 'Korsbæk')`);
  });
  database = openDatabase(roomUrl(room.database.url, roleOf(room.database.name, 'identity'), testSecret));
});
afterAll(async () => {
  await database.close();
  await room.close();
});

/** A viewer as somebody of the demo, by the way that everybody comes in. */
async function signedIn(key: string, right?: string): Promise<Viewer> {
  return (await session(key, right)).viewer;
}
async function session(key: string, right?: string) {
  const { kind, id } = demoPeople.find((person) => person.key === key)!;
  const { token } = await room.internal('open-session', { municipality: '0999', person: { kind, id }, right });
  const { viewer } = await room.internal('resolve-session', { token, touch: false });
  return { token: token as string, viewer: viewer as Viewer };
}
const resolved = async (token: string): Promise<Viewer | null> =>
  (await room.internal('resolve-session', { token, touch: true })).viewer;

const notFound = { code: 'NOT_FOUND', message: 'There is no such thing, or you may not know of it.' };
const faultOf = (answer: { errors?: any[] }) => ({
  code: answer.errors?.[0]?.extensions.code,
  message: answer.errors?.[0]?.message,
});

const citizenQuery = `query ($cpr: CPR!) { citizen(cpr: $cpr) {
  id cpr name address { street postcode city } municipality { code name } relatives { kind citizen { id name } } } }`;

describe('the schema', () => {
  it('protects what is personal by type, and only in places that may be empty', async () => {
    const { sdl } = await roomSchema(identity);
    expect(sdl).toMatch(
      /citizens\([^)]*\): CitizenConnection @requiresScopes\(scopes: \[\["citizen:read"\]\]\) @tag\(name: "use-search"\)/s,
    );
    expect(sdl).toMatch(/address: Address @requiresScopes\(scopes: \[\["citizen:read"\], \["citizen:self"\]\]\)/);
    expect(sdl).not.toMatch(/!( @tag\([^)]*\))* @requiresScopes\(/);
  });

  it('marks citizens as persons that the log must name', async () => {
    expect((await roomSchema(identity)).sdl).toMatch(
      /type Citizen @(key\(fields: "id"\) @tag\(name: "audited"\)|tag\(name: "audited"\) @key\(fields: "id"\))/,
    );
  });

  it('knows a scope list for every right of its enum', async () => {
    const { schema } = await roomSchema(identity);
    const rights = (schema.getType('RightCode') as unknown as { getValues(): { name: string }[] }).getValues();
    for (const { name } of rights) expect([name, scopesOf('Employee', name).length]).not.toEqual([name, 0]);
    expect(rights).toHaveLength(12);
  });
});

describe('looking up a citizen', () => {
  it('gives an employee the citizen with address and relatives', async () => {
    const { data, errors } = await room.ask(await signedIn('guidance-worker'), citizenQuery, { cpr: '0201609995' });
    expect(errors).toBeUndefined();
    expect(data.citizen).toMatchObject({
      id: citizenId(0),
      cpr: '0201609995',
      address: { city: 'Korsbæk' },
      municipality: { code: '0999', name: 'Korsbæk' },
    });
    expect(data.citizen.relatives.map((relative: any) => [relative.kind, relative.citizen.id])).toEqual([
      ...[600, 900].map((index) => ['CHILD', citizenId(index)]).sort(),
      ['SPOUSE', citizenId(300)],
    ]);
  });

  it('answers an unknown number and one of another municipality alike: null without an error', async () => {
    const viewer = await signedIn('guidance-worker');
    const unknown = await room.ask(viewer, citizenQuery, { cpr: '0101010101' });
    const elsewhere = await room.ask(viewer, citizenQuery, { cpr: '6101609999' });
    expect(unknown).toEqual({ data: { citizen: null } });
    expect(elsewhere).toEqual(unknown);
  });

  it('gives a citizen oneself, with relatives who stay unnamed', async () => {
    const { data, errors } = await room.ask(await signedIn('citizen'), citizenQuery, { cpr: '0201609995' });
    expect(errors).toBeUndefined();
    expect(data.citizen.id).toBe(citizenId(0));
    expect(data.citizen.relatives).toEqual([
      { kind: 'CHILD', citizen: null },
      { kind: 'CHILD', citizen: null },
      { kind: 'SPOUSE', citizen: null },
    ]);
  });

  it('never tells a citizen whether somebody else is known', async () => {
    const viewer = await signedIn('citizen');
    const other = await room.ask(viewer, citizenQuery, { cpr: '0201609996' });
    expect(other).toEqual({ data: { citizen: null } });
    expect(await room.ask(viewer, citizenQuery, { cpr: '0101010101' })).toEqual(other);
  });

  it('never lets a delegated reporter search, though references to citizens resolve', async () => {
    const viewer = await signedIn('centre-reporter');
    const search = await room.ask(viewer, '{ citizens { totalCount } }');
    expect(search.data).toEqual({ citizens: null });
    expect(faultOf(search)).toEqual({ code: 'FORBIDDEN', message: 'Your rights do not include this operation.' });
    expect(await room.ask(viewer, citizenQuery, { cpr: '0201609995' })).toEqual({ data: { citizen: null } });
    const reference = await entities(viewer, 'Citizen', [citizenId(0)], 'name relatives { kind }');
    expect(reference.data._entities).toEqual([{ name: citizens[0]!.name, relatives: [] }]);
  });

  it('never repeats a malformed number', async () => {
    const answer = await room.ask(await signedIn('guidance-worker'), citizenQuery, { cpr: '02016-09995' });
    expect(answer.data).toBeUndefined();
    expect(JSON.stringify(answer)).toContain('10 digits DDMMYYNNNN without a hyphen');
  });
});

const entities = (viewer: Viewer, type: string, ids: string[], selection: string) =>
  room.ask(viewer, `query ($r: [_Any!]!) { _entities(representations: $r) { ... on ${type} { ${selection} } } }`, {
    r: ids.map((id) => ({ __typename: type, id })),
  });

describe('references', () => {
  it('lead an employee to citizens, colleagues, systems and units, and nowhere for an id of nobody', async () => {
    const viewer = await signedIn('manager');
    const nobody = [randomUUID(), 'no uuid'];
    const ask = async (type: string, id: string) =>
      (await entities(viewer, type, [id, ...nobody], 'id name')).data._entities;
    expect(await ask('Citizen', citizenId(5))).toEqual([{ id: citizenId(5), name: citizens[5]!.name }, null, null]);
    expect(await ask('Employee', employees[20]!.id)).toEqual([
      { id: employees[20]!.id, name: employees[20]!.name },
      null,
      null,
    ]);
    expect(await ask('SystemClient', systemClientId('case-system'))).toMatchObject([{ name: 'Sagsystem' }, null, null]);
    expect(await ask('Organisation', organisationId('centre'))).toMatchObject([
      { name: 'Behandlingscenter Åløkke' },
      null,
      null,
    ]);
  });

  it('never lead a citizen to an employee, a system or another citizen; to a unit they do', async () => {
    const viewer = await signedIn('citizen');
    const ask = async (type: string, id: string) => await entities(viewer, type, [id], 'id name');
    const nothing = { data: { _entities: [null] } };
    expect(await ask('Employee', employeeId('manager'))).toEqual(nothing);
    expect(await ask('SystemClient', systemClientId('case-system'))).toEqual(nothing);
    expect(await ask('Citizen', citizenId(1))).toEqual(nothing);
    expect((await ask('Citizen', citizenId(0))).data._entities).toHaveLength(1);
    expect((await ask('Citizen', citizenId(0))).data._entities[0].id).toBe(citizenId(0));
    expect((await ask('Organisation', organisationId('housing'))).data._entities[0].name).toBe('Boligstøtte');
  });

  it('never lead into another municipality', async () => {
    const viewer = await signedIn('manager');
    expect((await entities(viewer, 'Citizen', ['11111111-1111-4111-8111-111111111111'], 'id')).data._entities).toEqual([
      null,
    ]);
  });

  it('find a municipality by its code, also in the form of three digits', async () => {
    const answer = await room.ask(
      await signedIn('citizen'),
      `{ _entities(representations: [{__typename: "Municipality", code: "0461"}, {__typename: "Municipality", code: "461"},
         {__typename: "Municipality", code: "0411"}, {__typename: "Municipality", code: "x"}]) { ... on Municipality { code name } }
         municipality(code: "101") { code name } organisation(id: "${organisationId('it')}") { name cvr municipality { name } } }`,
    );
    const odense = { code: '0461', name: 'Odense' };
    expect(answer.data).toEqual({
      _entities: [odense, odense, null, null],
      municipality: { code: '0101', name: 'København' },
      organisation: { name: 'IT og Digitalisering', cvr: '11111111', municipality: { name: 'Korsbæk' } },
    });
  });

  it('never see a row as a viewer of no municipality and no scope', async () => {
    const nobody = aViewer({ municipality: '', scopes: [] });
    for (const type of ['Citizen', 'Employee', 'Organisation'])
      expect(
        (await entities(nobody, type, [citizenId(0), employeeId('manager'), organisationId('it')], 'id')).data,
      ).toEqual({ _entities: [null, null, null] });
  });
});

describe('searching citizens', () => {
  const search = `query ($filter: CitizenFilter, $orderBy: CitizenOrder! = NAME_ASC, $first: Int, $after: String) {
    citizens(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
      totalCount nodes { id name cpr } edges { cursor } pageInfo { hasNextPage hasPreviousPage endCursor } } }`;
  const ask = async (variables: object) => room.ask(await signedIn('guidance-worker'), search, variables);

  it.each(['NAME_ASC', 'NAME_DESC', 'BORN_ON_ASC', 'BORN_ON_DESC'])(
    'pages through everybody once by %s',
    async (orderBy) => {
      const viewer = await signedIn('register-system');
      const seen: string[] = [];
      let after: string | null = null;
      do {
        const { data }: any = await room.ask(viewer, search, { orderBy, first: 450, after });
        expect(data.citizens.totalCount).toBe(2_001);
        expect(data.citizens.pageInfo.hasPreviousPage).toBe(after !== null);
        seen.push(...data.citizens.nodes.map((node: any) => node.id));
        after = data.citizens.pageInfo.hasNextPage ? data.citizens.pageInfo.endCursor : null;
      } while (after);
      expect(seen).toHaveLength(2_001);
      expect(new Set(seen).size).toBe(2_001);
      const oldest = '33333333-3333-4333-8333-333333333333';
      if (orderBy === 'BORN_ON_ASC') expect(seen[0]).toBe(oldest);
      if (orderBy === 'BORN_ON_DESC') expect(seen.at(-1)).toBe(oldest);
    },
  );

  it.each([
    ['a part of the name, in small letters', { nameContains: 'ørsted' }],
    ['a per cent sign that stands for itself', { nameContains: 'd 100%' }],
    ['an underscore that stands for itself', { nameContains: '00% å_B' }],
    ['the number', { cpr: '6201609999' }],
    ['a day of birth and two letters', { nameContains: 'st', bornFrom: '1900-01-01', bornTo: '1900-01-01' }],
    ['the beginning of the street', { street: 'ærøGADE' }],
    ['all of it', { nameContains: 'sted', cpr: '6201609999', bornTo: '1910-12-31', street: 'Æ' }],
  ])('finds by %s', async (_, filter) => {
    const { data } = await ask({ filter });
    expect(data.citizens.nodes.map((node: any) => node.name)).toEqual(['ØRSTED 100% Å_b']);
    expect(data.citizens.totalCount).toBe(1);
  });

  it.each([
    ['nothing', undefined],
    ['an empty filter', {}],
    ['three letters of a name', { nameContains: ' ør 9' }],
    ['signs alone', { nameContains: '%%%%', street: '____' }],
    ['a day of birth alone', { bornFrom: '1900-01-01', bornTo: '1900-01-01' }],
    ['two days of birth', { nameContains: 'ør', bornFrom: '1900-01-01', bornTo: '1900-01-02' }],
    ['one letter and a day of birth', { nameContains: 'ø', bornFrom: '1900-01-01', bornTo: '1900-01-01' }],
    ['three letters of a street', { street: 'Ærø' }],
  ])('refuses whoever names nobody: %s', async (_, filter) => {
    for (const key of ['guidance-worker', 'housing-caseworker', 'manager', 'security-officer', 'smdb-leader'])
      expect(faultOf(await room.ask(await signedIn(key), search, { filter }))).toEqual({
        code: 'BAD_USER_INPUT',
        message:
          'Argument "filter": expected one of a CPR number, 4 letters of a name or street, or 2 letters of a name with one day of birth (bornFrom and bornTo).',
      });
    expect((await room.ask(await signedIn('register-system'), search, { filter })).errors).toBeUndefined();
  });

  it('finds nobody where one of the criteria fails', async () => {
    const { data } = await ask({ filter: { nameContains: 'ørsted', cpr: '0201609995' } });
    expect(data.citizens).toMatchObject({
      totalCount: 0,
      nodes: [],
      pageInfo: { hasNextPage: false, endCursor: null },
    });
  });

  it.each([
    [
      'text of a NUL',
      { filter: { nameContains: 'a\0' } },
      'Argument "filter.nameContains": expected text of at most 200 characters.',
    ],
    [
      'half a surrogate pair',
      { filter: { street: '\ud800' } },
      'Argument "filter.street": expected text of at most 200 characters.',
    ],
    [
      'text without end',
      { filter: { nameContains: 'a'.repeat(201) } },
      'Argument "filter.nameContains": expected text of at most 200 characters.',
    ],
  ])('refuses %s before the database sees it', async (_, variables, message) => {
    expect(faultOf(await ask(variables))).toEqual({ code: 'BAD_USER_INPUT', message });
  });

  it.each([
    ['no cursor at all', 'x', 'NAME_ASC'],
    ['a cursor whose id is none', encodeCursor(['a', 'b']), 'NAME_ASC'],
    ['a cursor of another length', encodeCursor(['a']), 'NAME_ASC'],
    ['a cursor with a NUL', encodeCursor(['a\0', randomUUID()]), 'NAME_ASC'],
    ['a cursor of another order', encodeCursor(['a', randomUUID()]), 'BORN_ON_ASC'],
  ])('refuses %s', async (_, after, orderBy) => {
    expect(faultOf(await ask({ after, orderBy }))).toEqual({
      code: 'BAD_USER_INPUT',
      message:
        'Argument "after": expected a cursor from `pageInfo.endCursor` or `edges.cursor` of the same list and order.',
    });
  });

  it('refuses pages over 500', async () => {
    expect(faultOf(await ask({ first: 501 }))).toEqual({ code: 'PAGE_LIMIT', message: 'A page holds 0 to 500 items.' });
  });
});

describe('a protected name', () => {
  const hidden = citizens.find(({ protection }) => protection === 'NAME_AND_ADDRESS')!;
  const shown = async (viewer: Viewer) =>
    (await entities(viewer, 'Citizen', [hidden.id], 'name address { street }')).data._entities[0];
  const found = async (viewer: Viewer, nameContains: string) =>
    (await room.ask(viewer, `{ citizens(filter: { nameContains: "${nameContains}" }) { totalCount } }`)).data.citizens;
  /** A vendor's system that may look citizens up, and one of the municipality's own. */
  const vendor = aViewer({ actor: { kind: 'SystemClient', id: systemClientId('case-system') }, right: null });
  const system = (place: string, ...scopes: string[]) => ({
    ...vendor,
    organisation: organisationId(place),
    scopes: ['citizen:read', ...scopes],
  });

  it('is shown to the municipality, and to no other company', async () => {
    const [name, not] = [
      { name: hidden.name, address: null },
      { name: 'Navnebeskyttet', address: null },
    ];
    expect(await shown(await signedIn('guidance-worker'))).toEqual(name);
    expect(await shown(system('municipality'))).toEqual(name);
    expect(await shown(system('vendor'))).toEqual(not);
    expect((await entities(await signedIn('centre-reporter'), 'Citizen', [hidden.id], 'name')).data._entities).toEqual([
      { name: 'Navnebeskyttet' },
    ]);
    expect(await shown(aViewer({ ...(await signedIn('guidance-worker')), organisation: null }))).toEqual(not);
  });

  it('is not found by another company, and is no place in its lists', async () => {
    const alike = citizens.filter(({ name }) => name.toLowerCase().includes(hidden.name.toLowerCase())).length;
    expect(await found(system('municipality'), hidden.name)).toEqual({ totalCount: alike });
    expect(await found(system('vendor'), hidden.name)).toEqual({ totalCount: alike - 1 });
    const all = async (place: string) =>
      (await room.ask(system(place, 'citizen:browse'), '{ citizens { totalCount } }')).data.citizens.totalCount;
    const protectedNames = citizens.filter(({ protection }) => protection === 'NAME_AND_ADDRESS').length;
    expect((await all('municipality')) - (await all('vendor'))).toBe(protectedNames);
  });

  it('is found by the number, without telling the name', async () => {
    const { data } = await room.ask(system('vendor'), citizenQuery, { cpr: hidden.cpr });
    expect(data.citizen).toMatchObject({ id: hidden.id, name: 'Navnebeskyttet', address: null });
  });
});

describe('a protected address', () => {
  const hidden = citizens.find(({ protection }) => protection === 'ADDRESS')!;
  const byStreet = `query ($street: String) { citizens(filter: { street: $street }, first: 500) { nodes { id } } }`;
  const seen = async (viewer: Viewer) => {
    const { data } = await room.ask(viewer, citizenQuery, { cpr: hidden.cpr });
    const { data: list } = await room.ask(viewer, byStreet, { street: hidden.street });
    return [data.citizen.address?.street ?? null, list.citizens.nodes.some(({ id }: any) => id === hidden.id)];
  };

  it('is shown and found where somebody acts in the right for it', async () => {
    expect(await seen(await signedIn('records-officer', 'PROTECTED_ADDRESS'))).toEqual([hidden.street, true]);
  });

  it.each(['records-officer', 'guidance-worker', 'housing-caseworker', 'manager', 'security-officer', 'smdb-reporter'])(
    'is not there for %s',
    async (key) => {
      expect(await seen(await signedIn(key))).toEqual([null, false]);
    },
  );

  it('is not opened by the right held elsewhere than in the municipality', async () => {
    const [{ id }] = (await room.database.sql(
      `INSERT INTO identity.right_assignment (municipality, employee, code, organisation, source, assigned_at)
       SELECT '0999', $1, 'PROTECTED_ADDRESS', organisation, 'LOCAL', now() FROM identity.employee WHERE id = $1
       RETURNING employee AS id`,
      [employeeId('centre-administrator')],
    )) as [{ id: string }];
    const { token } = await room.internal('open-session', {
      municipality: '0999',
      person: { kind: 'Employee', id },
      right: 'PROTECTED_ADDRESS',
    });
    expect((await resolved(token))!.scopes).not.toContain('citizen:protected-address');
  });
});

describe('searching employees', () => {
  const search = `query ($organisation: ID, $filter: EmployeeFilter, $first: Int, $after: String) {
    employees(organisation: $organisation, filter: $filter, first: $first, after: $after) {
      totalCount nodes { id name organisation { id name } rights { code source organisation { name } } } pageInfo { endCursor hasNextPage } } }`;

  it('shows the administrator each employee with unit and rights', async () => {
    const viewer = await signedIn('administrator');
    const { data } = await room.ask(viewer, search, { filter: { right: 'SMDB_LEADER' } });
    expect(data.employees).toMatchObject({
      totalCount: 1,
      nodes: [
        {
          id: employeeId('smdb-leader'),
          organisation: { name: 'Rusmiddelrådgivningen' },
          rights: [
            { code: 'SMDB_LEADER', source: 'NEMLOGIN', organisation: { name: 'Rusmiddelrådgivningen' } },
            { code: 'SMDB_ADMINISTRATOR', source: 'NEMLOGIN', organisation: { name: 'Rusmiddelrådgivningen' } },
          ],
        },
      ],
    });
  });

  it('keeps to one unit, page by page', async () => {
    const viewer = await signedIn('manager');
    const organisation = organisationId('housing');
    const here = employees.filter((one) => one.organisation === organisation && one.leftOn === null).length;
    const first = (await room.ask(viewer, search, { organisation, first: 10 })).data.employees;
    const rest = (await room.ask(viewer, search, { organisation, after: first.pageInfo.endCursor })).data.employees;
    const nodes = [...first.nodes, ...rest.nodes];
    expect(first.totalCount).toBe(here);
    expect(first.pageInfo.hasNextPage).toBe(true);
    expect(new Set(nodes.map((node: any) => node.id)).size).toBe(here);
    expect(nodes.every((node: any) => node.organisation.id === organisation)).toBe(true);
    const folded = nodes.map((node: any) => node.name.toLowerCase());
    expect(folded).toEqual([...folded].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  });

  it('answers an unknown unit and an id that is none alike', async () => {
    const viewer = await signedIn('manager');
    const ask = (organisation: string) => room.ask(viewer, search, { organisation });
    expect((await ask(randomUUID())).data.employees).toMatchObject({ totalCount: 0, nodes: [] });
    expect(await ask("'; --")).toEqual(await ask(randomUUID()));
  });

  it('never names an employee to a citizen', async () => {
    const { data } = await room.ask(await signedIn('citizen'), search, {});
    expect(data.employees).toMatchObject({ totalCount: 0, nodes: [] });
  });
});

describe('the viewer', () => {
  const self = `{ viewer { person { __typename ... on Employee { id } ... on Citizen { id cpr } ... on SystemClient { id scopes } }
    actor { ... on Employee { id } ... on Citizen { id } ... on SystemClient { id } } organisation { name } rights { code } actingIn { code source }
    actingFor { id } clearance { compartment { id } level operations } session { assurance idleTimeout expiresAt authenticatedAt } notice { text dueAt } } }`;

  it('is an employee with rights, clearance and a session that ends', async () => {
    const viewer = await signedIn('housing-caseworker');
    const { data, errors } = await room.ask(viewer, self);
    expect(errors).toBeUndefined();
    expect(data.viewer).toMatchObject({
      person: { __typename: 'Employee', id: employeeId('housing-caseworker') },
      actor: { id: employeeId('housing-caseworker') },
      organisation: { name: 'Boligstøtte' },
      rights: [{ code: 'CASEWORKER' }],
      actingIn: { code: 'CASEWORKER', source: 'LOCAL' },
      actingFor: null,
      clearance: [
        {
          compartment: { id: '0999.MUNICIPALITY.HOUSING_BENEFIT' },
          level: 'DOCUMENTS',
          operations: ['SEARCH', 'ENTER', 'DELETE'],
        },
      ],
      session: { assurance: 'Substantial', idleTimeout: 15 },
    });
    const { authenticatedAt, expiresAt } = data.viewer.session;
    const hours = (Date.parse(expiresAt) - Date.parse(authenticatedAt)) / 3_600_000;
    expect(hours).toBeGreaterThanOrEqual(10);
    expect(hours).toBeLessThan(10.001); // authenticatedAt is told in whole seconds
  });

  it('is a citizen without rights, clearance or notice', async () => {
    const { data } = await room.ask(await signedIn('citizen'), self);
    expect(data.viewer).toMatchObject({
      person: { __typename: 'Citizen', id: citizenId(0), cpr: '0201609995' },
      organisation: null,
      rights: [],
      actingIn: null,
      clearance: [],
      notice: null,
    });
  });

  it('is a system with scopes of its own', async () => {
    const viewer = await signedIn('case-system');
    expect(viewer.scopes).toEqual(['case:read', 'case:write', 'citizen:match', 'employee:read']);
    const { data } = await room.ask(viewer, self);
    expect(data.viewer.person).toMatchObject({ __typename: 'SystemClient', scopes: viewer.scopes });
    expect(data.viewer.organisation).toEqual({ name: 'Sagsystem A/S' });
  });

  it('has no end to its session where there is none, and is not found where there is nobody', async () => {
    const viewer = aViewer({ subject: { kind: 'Employee', id: randomUUID() } });
    expect((await room.ask(viewer, '{ viewer { session { expiresAt } } }')).data.viewer.session.expiresAt).toBeNull();
    const answer = await room.ask(viewer, '{ viewer { person { __typename } } }');
    expect(answer.data).toBeNull();
    expect(faultOf(answer)).toEqual(notFound);
  });

  it('is shown the notice until it is acknowledged, and again two months later', async () => {
    const viewer = await signedIn('smdb-health');
    const notice = async () => (await room.ask(viewer, '{ viewer { notice { text dueAt } } }')).data.viewer.notice;
    expect(await notice()).toMatchObject({ text: expect.stringContaining('registreres'), dueAt: null });
    const acknowledged = await room.ask(viewer, 'mutation { acknowledgeNotice { notice { text } } }');
    expect(acknowledged).toEqual({ data: { acknowledgeNotice: { notice: null } } });
    expect(await notice()).toBeNull();
    await room.database.sql(
      `UPDATE identity.notice_acknowledgement SET acknowledged_at = acknowledged_at - interval '63 days'`,
    );
    expect(Date.parse((await notice()).dueAt)).toBeLessThan(Date.now());
  });

  it('leaves nothing behind when a citizen acknowledges', async () => {
    const count = () => room.database.sql('SELECT count(*) FROM identity.notice_acknowledgement');
    const before = await count();
    await room.ask(await signedIn('citizen'), 'mutation { acknowledgeNotice { notice { text } } }');
    expect(await count()).toEqual(before);
  });
});

describe('acting in a right', () => {
  const actIn = 'mutation ($right: RightCode!) { actIn(right: $right) { actingIn { code } } }';

  it('begins with the one held longest, and switches for the rest of the session', async () => {
    const { token, viewer } = await session('smdb-leader');
    expect(viewer.right).toBe('SMDB_LEADER');
    expect(viewer.scopes).toEqual(['citizen:read', 'employee:read', 'case:read', 'grant:request', 'smdb:read']);
    const answer = await room.ask(viewer, actIn, { right: 'SMDB_ADMINISTRATOR' });
    expect(answer).toEqual({ data: { actIn: { actingIn: { code: 'SMDB_ADMINISTRATOR' } } } });
    expect(await resolved(token)).toMatchObject({
      right: 'SMDB_ADMINISTRATOR',
      scopes: ['employee:read', 'smdb:read', 'power:mark'],
    });
  });

  it('is refused for a right that one does not hold, and changes nothing', async () => {
    const { token, viewer } = await session('guidance-worker');
    const answer = await room.ask(viewer, actIn, { right: 'SECURITY_OFFICER' });
    expect(answer.data).toEqual({ actIn: null });
    expect(faultOf(answer)).toEqual({ code: 'FORBIDDEN', message: 'Your rights do not include this operation.' });
    expect((await resolved(token))?.right).toBe('CITIZEN_SERVICE');
  });

  it('is refused to citizens in the same words', async () => {
    const answer = await room.ask(await signedIn('citizen'), actIn, { right: 'CASEWORKER' });
    expect(faultOf(answer)).toEqual({ code: 'FORBIDDEN', message: 'Your rights do not include this operation.' });
  });

  it("never switches somebody else's session", async () => {
    const other = await session('manager');
    const { viewer } = await session('smdb-leader');
    const answer = await room.ask({ ...viewer, session: other.viewer.session }, actIn, { right: 'SMDB_LEADER' });
    expect(faultOf(answer).code).toBe('UNAUTHENTICATED');
    expect((await resolved(other.token))?.right).toBe('MANAGER');
  });

  it('ends in no right when the right is withdrawn, not in another one', async () => {
    const { token } = await session('smdb-leader', 'SMDB_ADMINISTRATOR');
    const withdraw = `DELETE FROM identity.right_assignment WHERE code = 'SMDB_ADMINISTRATOR' RETURNING *`;
    const [row] = await room.database.sql<Record<string, unknown>>(withdraw);
    expect(await resolved(token)).toMatchObject({ right: null, scopes: [], clearance: [] });
    await room.database.sql(
      'INSERT INTO identity.right_assignment SELECT * FROM json_populate_record(NULL::identity.right_assignment, $1)',
      [JSON.stringify(row)],
    );
    expect((await resolved(token))?.right).toBe('SMDB_ADMINISTRATOR');
  });
});

describe('sessions', () => {
  const open = (body: object) => room.internal('open-session', { municipality: '0999', ...body });
  const guidance = { kind: 'Employee', id: employeeId('guidance-worker') };

  it('open with a random token of which only the hash is kept', async () => {
    const { token } = await open({ person: guidance });
    expect(token).toMatch(/^[\w-]{43}$/);
    const rows = await room.database.sql<{ row: string }>('SELECT s::text AS row FROM identity.session s');
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.some(({ row }) => row.includes(token) || row.includes(Buffer.from(token).toString('hex')))).toBe(false);
  });

  it('resolve to the viewer exactly', async () => {
    const { token, viewer } = await session('security-officer');
    expect(viewer).toEqual({
      session: expect.stringMatching(/^[\da-f-]{36}$/),
      municipality: '0999',
      subject: { kind: 'Employee', id: employeeId('security-officer') },
      actor: { kind: 'Employee', id: employeeId('security-officer') },
      organisation: organisationId('security'),
      right: 'SECURITY_OFFICER',
      actingFor: null,
      powerOfAttorney: null,
      scopes: ['citizen:read', 'employee:read', 'case:read', 'grant:request', 'audit:read'],
      clearance: [
        'CASH_BENEFIT',
        'CHILD_SUPPORT',
        'DAY_CARE_SUBSIDY',
        'DRUG_TREATMENT',
        'HOUSING_BENEFIT',
        'RELOCATION',
      ].map((category) => ({
        compartment: `0999.MUNICIPALITY.${category}`,
        level: 'EXISTENCE',
        operations: ['SEARCH'],
        shielded: false,
      })),
      seal: { compartments: [], always: false, singleCases: [] },
      authenticatedAt: expect.any(Number),
      assurance: 'Substantial',
    });
    expect(await resolved(token)).toEqual(viewer);
  });

  it.each([
    ['somebody unknown', { person: { kind: 'Employee', id: randomUUID() } }, 'NOT_FOUND'],
    ['an employee as a citizen', { person: { kind: 'Citizen', id: employeeId('manager') } }, 'NOT_FOUND'],
    ['somebody of another municipality', { municipality: '0101', person: guidance }, 'NOT_FOUND'],
    ['a right not held', { person: guidance, right: 'MANAGER' }, 'FORBIDDEN'],
    ['a citizen in a right', { person: { kind: 'Citizen', id: citizenId(0) }, right: 'MANAGER' }, 'FORBIDDEN'],
    ['an id that is none', { person: { kind: 'Employee', id: "' OR true" } }, 'BAD_USER_INPUT'],
    ['a kind that is none', { person: { kind: '__proto__', id: randomUUID() } }, 'BAD_USER_INPUT'],
  ])('never open for %s', async (_, body, error) => {
    expect(await open(body)).toEqual({ error });
  });

  it('are null for a token that is unknown, empty or no text', async () => {
    for (const token of ['x'.repeat(43), '', null, { a: 1 }])
      expect(await room.internal('resolve-session', { token, touch: true })).toEqual({
        viewer: null,
        ended: 'UNKNOWN',
      });
  });

  it('end at once on signing out, and for nobody else', async () => {
    const mine = await session('manager');
    const another = await session('manager');
    expect(await room.ask(mine.viewer, 'mutation { signOut }')).toEqual({ data: { signOut: true } });
    expect(await resolved(mine.token)).toBeNull();
    expect(await resolved(another.token)).not.toBeNull();
    expect(await room.ask(mine.viewer, 'mutation { signOut }')).toEqual({ data: { signOut: true } });
  });

  it("never end somebody else's session", async () => {
    const other = await session('citizen');
    const mine = await session('manager');
    await room.ask({ ...mine.viewer, session: other.viewer.session }, 'mutation { signOut }');
    expect(await resolved(other.token)).not.toBeNull();
  });

  it('close by token, an unknown one without complaint', async () => {
    const { token } = await session('manager');
    expect(await room.internal('close-session', { token })).toEqual({});
    expect(await resolved(token)).toBeNull();
    expect(await room.internal('close-session', { token })).toEqual({});
    expect(await room.internal('close-session', { token: 'unknown' })).toEqual({});
  });

  it('end after a quarter of an hour without activity, and live on while used', async () => {
    const { token, viewer } = await session('manager');
    const idle = (minutes: number) =>
      room.database.sql(`UPDATE identity.session SET last_used_at = now() - $2 * interval '1 minute' WHERE id = $1`, [
        viewer.session,
        minutes,
      ]);
    await idle(14.9);
    expect(await room.internal('resolve-session', { token, touch: false })).not.toMatchObject({ viewer: null });
    const [untouched] = await lastUse(viewer.session);
    expect(untouched!.minutes).toBeGreaterThan(14.8);
    expect(await resolved(token)).not.toBeNull();
    const [touched] = await lastUse(viewer.session);
    expect(touched!.minutes).toBeLessThan(1);
    await idle(15.01);
    expect(await resolved(token)).toBeNull();
  });

  const lastUse = (id: string) =>
    room.database.sql<{ minutes: number }>(
      `SELECT (extract(epoch FROM now() - last_used_at) / 60)::float8 AS minutes FROM identity.session WHERE id = $1`,
      [id],
    );

  it('end ten hours after the sign-in whatever the activity', async () => {
    const { token, viewer } = await session('manager');
    const shift = `UPDATE identity.session SET expires_at = now() + $2::interval WHERE id = $1`;
    await room.database.sql(shift, [viewer.session, '1 minute']);
    expect(await resolved(token)).not.toBeNull();
    await room.database.sql(shift, [viewer.session, '-1 second']);
    expect(await resolved(token)).toBeNull();
  });

  it('end when the person is gone', async () => {
    const [unit] = await room.database.sql<{ id: string }>(`SELECT id FROM identity.organisation LIMIT 1`);
    const id = randomUUID();
    await room.database.sql(
      `INSERT INTO identity.employee (municipality, id, name, organisation) VALUES ('0999', $1, 'Vikar', $2)`,
      [id, unit!.id],
    );
    const { token } = await open({ person: { kind: 'Employee', id } });
    expect(await resolved(token)).toMatchObject({ right: null, scopes: [], clearance: [] });
    await room.database.sql('DELETE FROM identity.employee WHERE id = $1', [id]);
    expect(await resolved(token)).toBeNull();
  });

  it('are opened, resolved and closed by the gateway only, never with the token of a viewer', async () => {
    for (const path of ['open-session', 'resolve-session', 'close-session', 'access-changes']) {
      const response = await room.post(`/internal/${path}`, {}, 'x');
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    }
  });

  it('show the notice in the words of the municipality', async () => {
    const own = makeIdentityRoom({ notice: 'Korsbæk Kommune kontrollerer alle opslag.' });
    const reopened = await openRoom(own, undefined, { on: room.database });
    try {
      const answer = await reopened.ask(await signedIn('guidance-worker'), '{ viewer { notice { text } } }');
      expect(answer.data.viewer.notice).toEqual({ text: 'Korsbæk Kommune kontrollerer alle opslag.' });
    } finally {
      await reopened.close();
    }
  });

  it('live as long as the operator says', async () => {
    const brief = await openRoom(makeIdentityRoom({ idleMinutes: 0.005, absoluteHours: 1 }), (database) =>
      seed(database.url, { shielded: true }, () => ({
        identity: makeIdentity({ citizens: citizens.slice(0, 2), employees }),
      })).then(() => {}),
    );
    try {
      const { token } = await brief.internal('open-session', { municipality: '0999', person: guidance });
      expect((await brief.internal('resolve-session', { token, touch: true })).viewer).not.toBeNull();
      await new Promise((done) => setTimeout(done, 400));
      expect(await brief.internal('resolve-session', { token, touch: true })).toEqual({ viewer: null, ended: 'IDLE' });
    } finally {
      await brief.close();
    }
  });
});

describe('grants', () => {
  const held = async () => (await signedIn('administrator')).clearance;
  const grant = (over: { status?: string; from?: string; confirm?: string; compartment?: string }) =>
    room.database.sql(
      `INSERT INTO identity.clearance_grant VALUES ('0999', gen_random_uuid(), $1, $2, 'METADATA', '{ENTER,SEARCH}', true, 'test', $3, $1, $1,
        now() + $4::interval, now() + $5::interval)`,
      [
        employeeId('administrator'),
        `0999.MUNICIPALITY.${over.compartment ?? 'c'}`,
        over.status ?? 'IN_FORCE',
        over.from ?? '-1 day',
        over.confirm ?? '1 day',
      ],
    );
  afterAll(() => room.database.sql(`DELETE FROM identity.clearance_grant WHERE reason = 'test'`));

  it.each([
    ['was only asked for', { status: 'REQUESTED' }],
    ['waits for the course', { status: 'WAITING_FOR_COURSE' }],
    ['was refused', { status: 'REFUSED' }],
    ['was withdrawn', { status: 'WITHDRAWN' }],
    ['begins tomorrow', { from: '1 day' }],
    ['nobody confirmed in time', { confirm: '-1 second' }],
  ])('give no clearance when one %s', async (_, over) => {
    await grant(over);
    expect(await held()).toEqual([]);
  });

  it('in force give clearance, in the order of compartments, each for itself', async () => {
    await grant({ compartment: 'z' });
    await grant({ compartment: 'B' });
    await grant({ compartment: 'B' });
    const entry = (compartment: string) => ({
      compartment: `0999.MUNICIPALITY.${compartment}`,
      level: 'METADATA',
      operations: ['SEARCH', 'ENTER'],
      shielded: true,
    });
    expect(await held()).toEqual([entry('B'), entry('B'), entry('z')]);
  });

  it('for a single case are in no transaction of a viewer who holds none: that there is one would tell', async () => {
    const compartment = `0999.CASE.${randomUUID()}`;
    await room.database.sql(
      `INSERT INTO identity.single_case_grant VALUES ('0999', gen_random_uuid(), $1, $2, 'METADATA', '{SEARCH}', true, 'test', 'IN_FORCE',
         $1, $1, now(), now() + interval '1 day')`,
      [employeeId('housing-caseworker'), compartment],
    );
    const count = 'SELECT count(*) FROM single_case_grant';
    const viewer = { ...(await signedIn('cleared-security-officer')), scopes: everyScope };
    expect(await database.asViewer(viewer, (tx) => tx.rows(count))).toEqual([{ count: 0 }]);
    expect(await database.asViewer(await signedIn('housing-caseworker'), (tx) => tx.rows(count))).toEqual([
      { count: 1 },
    ]);
    for (const table of ['single_case_grant', 'clearance_grant']) {
      const all = `SELECT count(*) FROM ${table}`;
      expect(await database.asTask('session', '0101', (tx) => tx.rows(all))).toEqual([{ count: 0 }]);
      expect(await database.asTask('another', '0999', (tx) => tx.rows(all))).toEqual([{ count: 0 }]);
      expect(await database.asTask('session', '0999', (tx) => tx.rows(all))).not.toEqual([{ count: 0 }]);
    }
    await room.database.sql('DELETE FROM identity.single_case_grant WHERE compartment = $1', [compartment]);
  });
});

describe('the tables', () => {
  it('are all locked, also for their owner, and begin with the municipality', async () => {
    const tables = await room.database.sql<{ name: string; locked: boolean; key: string }>(
      `SELECT c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS locked,
              (SELECT attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
               WHERE i.indrelid = c.oid AND i.indisprimary) AS key
       FROM pg_class c WHERE c.relnamespace = 'identity'::regnamespace AND c.relkind = 'r' AND c.relname <> 'migration'`,
    );
    expect(tables.length).toBeGreaterThanOrEqual(12);
    for (const table of tables) expect(table).toMatchObject({ locked: true, key: 'municipality' });
  });

  it.each([
    ['citizen', 1],
    ['relation', 3],
    ['employee', 0],
    ['right_assignment', 0],
    ['system_client', 0],
    ['notice_acknowledgement', 0],
    ['organisation', 18],
  ])('show a citizen of %s no more than what is own, %i rows', async (table, count) => {
    const viewer = await signedIn('citizen');
    const rows = await database.asViewer(viewer, (tx) => tx.rows(`SELECT * FROM ${table}`));
    expect(rows).toHaveLength(count);
  });

  it('show nobody the session of another, and let nobody make or prolong one', async () => {
    await session('citizen');
    const { viewer } = await session('manager');
    const subjects = await database.asViewer(viewer, (tx) => tx.rows('SELECT DISTINCT person FROM session'));
    expect(subjects).toEqual([{ person: employeeId('manager') }]);
    const write = (sql: string) => database.asViewer(viewer, (tx) => tx.rows(sql), 'write');
    await expect(write(`UPDATE session SET expires_at = now() + interval '1 year'`)).rejects.toThrow(
      /permission denied/,
    );
    await expect(write(`UPDATE session SET person = gen_random_uuid()`)).rejects.toThrow(/permission denied/);
    await expect(
      write(`INSERT INTO session SELECT municipality, gen_random_uuid(), token_hash, person_kind, person, right_code, assurance,
             authenticated_at, last_used_at, expires_at, closed_at FROM session LIMIT 1`),
    ).rejects.toThrow(/row-level security/);
  });

  it('hold the 98 municipalities of Denmark beside the one of the demo', async () => {
    expect(await room.database.sql('SELECT count(*)::int AS n FROM identity.municipality')).toEqual([{ n: 99 }]);
  });
});

describe('the demo', () => {
  it('has a manager for every unit, and deciders who follow from them', async () => {
    const led = await room.database.sql<{ name: string; manager: string | null }>(
      `SELECT o.name, e.name AS manager FROM identity.organisation o
         LEFT JOIN identity.employee e ON e.id = o.manager AND e.left_at IS NULL WHERE o.kind <> 'VENDOR'`,
    );
    expect(led.length).toBeGreaterThan(15);
    expect(led.filter(({ manager }) => manager === null)).toEqual([]);
    const decided = await room.database.sql<{ grants: number; others: number }>(
      `SELECT count(*)::int AS grants,
              count(*) FILTER (WHERE decided_by <> identity.decider_of(municipality, unit, holder, requested_by))::int AS others
         FROM identity.clearance_grant WHERE unit IS NOT NULL AND decided_by IS NOT NULL AND reason <> 'test'`,
    );
    expect(decided[0]).toEqual({ grants: expect.any(Number), others: 0 });
    expect(decided[0]!.grants).toBeGreaterThan(400);
  });

  it('signs in everybody of its list, each with the scopes and the clearance of the work', async () => {
    const held: Record<string, string> = {};
    for (const { key } of demoPeople) {
      const viewer = await signedIn(key);
      const what = viewer.clearance.map((c) => `${c.level}${c.shielded ? '!' : ''}`);
      held[key] = `${viewer.right} ${viewer.clearance.length} ${[...new Set(what)].sort().join()}`;
    }
    expect(held).toEqual({
      'guidance-worker': 'CITIZEN_SERVICE 5 EXISTENCE',
      'housing-caseworker': 'CASEWORKER 1 DOCUMENTS',
      'placement-secretary': 'CASEWORKER 3 DOCUMENTS!',
      'board-secretary': 'CASEWORKER 1 DOCUMENTS!',
      'fraud-investigator': 'CASEWORKER 1 DOCUMENTS!',
      'smdb-reporter': 'SMDB_REPORTER 1 METADATA',
      'smdb-health': 'SMDB_HEALTH 1 METADATA',
      'smdb-leader': 'SMDB_LEADER 1 EXISTENCE',
      'centre-reporter': 'SMDB_DELEGATED_REPORTER 0 ',
      manager: 'MANAGER 5 EXISTENCE',
      'security-officer': 'SECURITY_OFFICER 6 EXISTENCE',
      'cleared-security-officer': 'SECURITY_OFFICER 17 EXISTENCE,EXISTENCE!',
      administrator: 'ADMINISTRATOR 0 ',
      citizen: 'null 0 ',
      'other-citizen': 'null 0 ',
      'case-system': 'null 1 DOCUMENTS',
      'centre-administrator': 'ADMINISTRATOR 0 ',
      'ssp-worker': 'CASEWORKER 1 DOCUMENTS!',
      'marriage-secretary': 'CASEWORKER 1 DOCUMENTS!',
      'folkeoplysning-secretary': 'CASEWORKER 1 DOCUMENTS!',
      'licensing-secretary': 'CASEWORKER 1 DOCUMENTS!',
      'rent-board-secretary': 'CASEWORKER 1 DOCUMENTS!',
      'fence-inspection-secretary': 'CASEWORKER 1 DOCUMENTS!',
      director: 'MANAGER 0 ',
      'records-officer': 'CASEWORKER 6 METADATA',
      'register-system': 'null 0 ',
    });
  });
});
