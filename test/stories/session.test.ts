/** The viewer: what one is told of oneself, and what one may do to the own session. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { graphql } from '../../schema/generated/index.js';
import { faults } from '../../subgraphs/protocol/faults.js';
import { answer, ask } from '../support/typed.js';
import { openWorld, type World } from '../support/world.js';

const viewer = graphql(`
  query Viewer {
    viewer {
      person { __typename ... on Employee { name organisation { name } } ... on Citizen { cpr } ... on SystemClient { name scopes } }
      actor { __typename }
      organisation { name cvr }
      rights { code source organisation { name } }
      actingIn { code }
      actingFor { name }
      clearance { level operations compartment { id shielded } }
      session { assurance idleTimeout authenticatedAt expiresAt }
      notice { text dueAt }
    }
  }
`);
const actIn = graphql(
  `mutation ActIn($right: RightCode!) { actIn(right: $right) { actingIn { code } rights { code } } }`,
);
const acknowledge = graphql(`mutation Acknowledge { acknowledgeNotice { notice { text } } }`);
const signOut = graphql(`mutation SignOut { signOut }`);
const formCount = graphql(`query FormCount { smdbForms(first: 0) { totalCount } }`);
const names = graphql(`
  query Names($enums: [String!], $language: LabelLanguage) { labels(enums: $enums, language: $language) { enum value text } }
`);
const ownName = graphql(`query OwnName { viewer { person { __typename } } }`);

let world: World;
beforeAll(async () => {
  world = await openWorld({ shielded: true });
});
afterAll(() => world.close());

describe('the viewer', () => {
  it('is an employee with rights, unit and clearance', async () => {
    const { viewer: me } = await ask(world, 'placement-secretary', viewer);
    expect(me).toMatchObject({
      person: { __typename: 'Employee', organisation: { name: 'Familie og Anbringelse' } },
      actor: { __typename: 'Employee' },
      organisation: { name: 'Familie og Anbringelse', cvr: '11111111' },
      rights: [{ code: 'CASEWORKER', source: 'LOCAL', organisation: { name: 'Familie og Anbringelse' } }],
      actingIn: { code: 'CASEWORKER' },
      actingFor: null,
      session: { idleTimeout: 15 },
    });
    const grants = me.clearance.map(({ compartment, level, operations }) => ({ ...compartment, level, operations }));
    const grant = (category: string) => ({
      ...{ id: `0999.MUNICIPALITY.${category}`, shielded: true },
      ...{ level: 'DOCUMENTS', operations: expect.arrayContaining(['SEARCH', 'ENTER', 'DELETE']) },
    });
    expect(grants).toHaveLength(3);
    for (const category of ['PLACEMENT', 'CHILD_CONCERN', 'FAMILY_RESIDENCE'])
      expect(grants).toContainEqual(grant(category));
    expect(Date.parse(me.session.expiresAt!)).toBeGreaterThan(Date.parse(me.session.authenticatedAt));
  });

  it('is a citizen without rights, clearance and notice', async () => {
    const { viewer: me } = await ask(world, 'citizen', viewer);
    expect(me).toMatchObject({
      ...{ person: { __typename: 'Citizen', cpr: '0201609995' }, actor: { __typename: 'Citizen' } },
      ...{ organisation: null, rights: [], actingIn: null, clearance: [], notice: null },
    });
  });

  it('is a system with its scopes and the compartment that it works in', async () => {
    const { viewer: me } = await ask(world, 'case-system', viewer);
    expect(me).toMatchObject({
      person: {
        __typename: 'SystemClient',
        name: 'Sagsystem',
        scopes: ['case:read', 'case:write', 'citizen:match', 'employee:read'],
      },
      clearance: [{ level: 'DOCUMENTS', compartment: { id: '0999.MUNICIPALITY.HOUSING_BENEFIT', shielded: false } }],
      ...{ rights: [], notice: null },
    });
  });
});

describe('the notice', () => {
  it('is shown until acknowledged, to this employee and not for a colleague', async () => {
    const { viewer: before } = await ask(world, 'guidance-worker', viewer);
    expect(before.notice).toMatchObject({ text: expect.stringContaining('Alle dine opslag registreres') });
    expect(await ask(world, 'guidance-worker', acknowledge)).toEqual({ acknowledgeNotice: { notice: null } });
    expect((await ask(world, 'guidance-worker', viewer)).viewer.notice).toBeNull();
    expect((await ask(world, 'manager', viewer)).viewer.notice).not.toBeNull();
  });
});

describe('display names', () => {
  it('are Danish for everybody, unless English is asked for', async () => {
    for (const person of ['citizen', 'guidance-worker', 'administrator', 'case-system']) {
      const { labels } = await ask(world, person, names, { enums: ['CaseLevel', 'NoSuchEnum', 'RightSource'] });
      expect(labels).toEqual([
        { enum: 'CaseLevel', value: 'EXISTENCE', text: 'At sagen findes' },
        { enum: 'CaseLevel', value: 'METADATA', text: 'Sagens metadata' },
        { enum: 'CaseLevel', value: 'DOCUMENTS', text: 'Sagens dokumenter' },
        { enum: 'RightSource', value: 'NEMLOGIN', text: 'Tildelt i FBRS, modtaget ved log-in' },
        { enum: 'RightSource', value: 'LOCAL', text: 'Tildelt af kommunen' },
      ]);
    }
    const { labels } = await ask(world, 'citizen', names, { enums: ['CaseCategory'], language: 'EN' });
    expect(labels).toContainEqual({ enum: 'CaseCategory', value: 'CHILD_SUPPORT', text: 'Child support' });
    const { labels: all } = await ask(world, 'citizen', names);
    expect(new Set(all!.map((label) => label.enum)).size).toBeGreaterThan(20);
  });
});

describe('acting in another right', () => {
  it('takes effect at once: rights do not add up', async () => {
    const rights = [{ code: 'SMDB_LEADER' }, { code: 'SMDB_ADMINISTRATOR' }];
    const before = await ask(world, 'smdb-leader', formCount);
    expect(before.smdbForms!.totalCount).toBeGreaterThan(0);
    expect(await ask(world, 'smdb-leader', actIn, { right: 'SMDB_ADMINISTRATOR' })).toEqual({
      actIn: { actingIn: { code: 'SMDB_ADMINISTRATOR' }, rights },
    });
    expect((await ask(world, 'smdb-leader', formCount)).smdbForms!.totalCount).toBe(0);
    await ask(world, 'smdb-leader', actIn, { right: 'SMDB_LEADER' });
    expect(await ask(world, 'smdb-leader', formCount)).toEqual(before);
  });

  it.each([
    ['smdb-leader', 'SECURITY_OFFICER'],
    ['guidance-worker', 'CASEWORKER'],
    ['citizen', 'ADMINISTRATOR'],
    ['case-system', 'MANAGER'],
  ] as const)('is refused %s for %s, which they do not hold', async (person, right) => {
    const before = await ask(world, person, viewer);
    const given = await answer(world, person, actIn, { right });
    expect(given.data).toEqual({ actIn: null });
    expect(given.faults).toEqual([{ path: 'actIn', code: 'FORBIDDEN', message: faults.FORBIDDEN.message }]);
    expect(await ask(world, person, viewer)).toEqual(before);
  });
});

describe('signing out', () => {
  it('takes effect at once, for this session alone', async () => {
    const headersOf = async () => {
      const signedIn = await world.post('/demo/sign-in', { person: 'fraud-investigator' });
      return { authorization: `Bearer ${((await signedIn.json()) as { token: string }).token}` };
    };
    const [here, there] = [await headersOf(), await headersOf()];
    const asked = async (headers: Record<string, string>, query: string) => {
      const response = await world.post('/graphql', { query }, headers);
      return { status: response.status, body: await response.json() };
    };
    const signedIn = { status: 200, body: { data: { viewer: { person: { __typename: 'Employee' } } } } };
    expect(await asked(here, `${ownName}`)).toEqual(signedIn);
    expect(await asked(here, `${signOut}`)).toEqual({ status: 200, body: { data: { signOut: true } } });
    expect(await asked(here, `${ownName}`)).toEqual({
      status: 401,
      body: { errors: [{ message: faults.UNAUTHENTICATED.message, extensions: { code: 'UNAUTHENTICATED' } }] },
    });
    expect(await asked(there, `${ownName}`)).toEqual(signedIn);
  });
});
