/** The first log-in: asked once for the account in the old SMDB, never again; and its password is written down nowhere. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { graphql } from '../../schema/generated/index.js';
import { demoPrivileges, nemloginUuid } from '../../subgraphs/demo/identity.js';
import { demoNow, employeeId } from '../../subgraphs/demo/people.js';
import { makeIdentityRoom } from '../../subgraphs/identity/index.js';
import { anAnswer, cvr, professional } from '../support/nemlogin.js';
import { answer, ask } from '../support/typed.js';
import { openWorld, type World } from '../support/world.js';

const asked = graphql(`query LegacyAccountAsked { viewer { legacyAccountAsked } }`);
const link = graphql(`mutation LinkLegacyAccount($userName: String!, $password: String!) {
  linkLegacyAccount(userName: $userName, password: $password) { legacyAccountAsked person { __typename } }
}`);
const decline = graphql(`mutation DeclineLegacyAccount { declineLegacyAccount { legacyAccountAsked } }`);

let world: World;
beforeEach(async () => {
  world = await openWorld({ shielded: true, rooms: { identity: makeIdentityRoom({ privileges: demoPrivileges }) } });
});
afterEach(() => world.close());

const isAsked = async (person: string) => (await ask(world, person, asked)).viewer.legacyAccountAsked;

async function signIn(key: string, right: string) {
  const identity = world.rooms.get('identity')!;
  const [privilege] = [...demoPrivileges].find(([, code]) => code === right)!;
  const groups = [{ scope: cvr('11111111'), privileges: [privilege] }];
  const given = anAnswer(demoNow, professional({ uuid: nemloginUuid(employeeId(key)), groups }));
  await identity.internal('begin-sign-in', {
    ...{ municipality: '0999', request: given.request, browser: given.browser },
    ...{ returnTo: '/', forceAuthn: false, contexts: [] },
  });
  return (await identity.internal('finish-sign-in', given)) as { token: string; link: boolean };
}

/** Every row of the log, in whatever table, as text. */
async function everythingLogged(): Promise<string> {
  const tables = await world.database.sql<{ name: string }>(
    "SELECT relname AS name FROM pg_class WHERE relnamespace = 'audit'::regnamespace AND relkind IN ('r', 'p')",
  );
  const texts = await Promise.all(
    tables.map(({ name }) => world.database.sql<{ row: string }>(`SELECT t::text AS row FROM audit."${name}" t`)),
  );
  return texts.flatMap((rows) => rows.map(({ row }) => row)).join('\n');
}

describe('an employee who had an account in the old SMDB', () => {
  it('is asked at the first log-in, links it, and is never asked again', async () => {
    expect((await signIn('smdb-reporter', 'SMDB_REPORTER')).link).toBe(true);
    expect(await isAsked('smdb-reporter')).toBe(true);
    const linked = await ask(world, 'smdb-reporter', link, { userName: 'RUS01', password: 'gammelt-kodeord-1' });
    expect(linked).toEqual({ linkLegacyAccount: { legacyAccountAsked: false, person: { __typename: 'Employee' } } });
    expect(await isAsked('smdb-reporter')).toBe(false);
    expect((await signIn('smdb-reporter', 'SMDB_REPORTER')).link).toBe(false);
    const again = await answer(world, 'smdb-reporter', link, { userName: 'rus02', password: 'gammelt-kodeord-2' });
    expect(again.faults).toEqual([
      {
        path: 'linkLegacyAccount',
        code: 'CONFLICT',
        message: 'You are not asked for an old account, or have answered already.',
      },
    ]);
    const rows = await world.database.sql(
      'SELECT employee, password_hash FROM identity.legacy_account WHERE user_name = $1',
      ['rus01'],
    );
    expect(rows).toEqual([{ employee: employeeId('smdb-reporter'), password_hash: null }]);
  });

  it('may say that there was none, and goes straight in, then and ever after', async () => {
    expect(await ask(world, 'smdb-health', decline)).toEqual({ declineLegacyAccount: { legacyAccountAsked: false } });
    expect((await signIn('smdb-health', 'SMDB_HEALTH')).link).toBe(false);
    expect((await answer(world, 'smdb-health', decline)).faults).toMatchObject([{ code: 'CONFLICT' }]);
    expect(await isAsked('smdb-leader')).toBe(true);
  });
});

describe('nobody is asked', () => {
  it.each(['housing-caseworker', 'administrator', 'citizen', 'case-system'])(
    'who has no right in SMDB: %s',
    async (who) => {
      expect(await isAsked(who)).toBe(false);
      const given = await answer(world, who, link, { userName: 'rus01', password: 'gammelt-kodeord-1' });
      const code = who === 'citizen' || who === 'case-system' ? 'FORBIDDEN' : 'CONFLICT';
      expect(given.faults).toMatchObject([{ path: 'linkLegacyAccount', code }]);
    },
  );

  it('where every account was linked', async () => {
    await world.database.sql('DELETE FROM identity.legacy_account');
    expect((await signIn('smdb-reporter', 'SMDB_REPORTER')).link).toBe(false);
  });
});

describe('the password', () => {
  const password = 'a password that nobody may read';

  it('is written down nowhere, right or wrong; that it was tried is', async () => {
    await answer(world, 'smdb-reporter', link, { userName: 'rus01', password });
    await ask(world, 'smdb-reporter', link, { userName: 'rus01', password: 'gammelt-kodeord-1' });
    const log = await everythingLogged();
    expect(log).not.toContain('nobody may read');
    expect(log).not.toContain('gammelt-kodeord');
    const { body } = await world.ask(
      'security-officer',
      '{ auditEntries(first: 20) { nodes { outcome criterion operation { name } } } }',
    );
    const entries: { outcome: string; criterion: unknown; operation: { name: string } }[] =
      body.data.auditEntries.nodes;
    const linking = entries.filter(({ operation }) => operation.name === 'LinkLegacyAccount');
    expect(linking.map(({ outcome }) => outcome).sort()).toEqual(['ANSWERED', 'BEGUN', 'BEGUN', 'DENIED']);
    for (const { criterion } of linking)
      expect(criterion).toEqual([
        { field: 'linkLegacyAccount', arguments: { userName: 'rus01', password: '(secret)' } },
      ]);
  });

  const refusal = 'Argument "password" is secret: pass it as a variable.';
  it.each([
    [
      'in the text',
      `mutation { linkLegacyAccount(userName: "rus01", password: "${password}") { __typename } }`,
      refusal,
    ],
    [
      'under an alias, skipped',
      `mutation { signOut @skip(if: true) x: linkLegacyAccount(userName: "rus01", password: "${password}") @skip(if: true) { __typename } }`,
      refusal,
    ],
    [
      'in a fragment',
      `mutation { ...F } fragment F on Mutation { linkLegacyAccount(userName: "rus01", password: """${password}""") { __typename } }`,
      refusal,
    ],
    [
      'as the default of a variable',
      `mutation ($p: String! = "${password}") { linkLegacyAccount(userName: "rus01", password: $p) { __typename } }`,
      'Variable "$p" is secret: it has no default.',
    ],
  ])('that stands %s is refused, and the text is not kept', async (_, query, message) => {
    const { body, status } = await world.ask('smdb-reporter', query);
    expect([status, body]).toEqual([400, { errors: [{ message, extensions: { code: 'BAD_USER_INPUT' } }] }]);
    expect(await world.ask('smdb-reporter', query)).toMatchObject({ status, body });
    expect(await everythingLogged()).not.toContain('nobody may read');
    expect(await isAsked('smdb-reporter')).toBe(true);
  });

  it('that stands in another operation of the document is refused as well', async () => {
    const query = `query Harmless { viewer { person { __typename } } citizens(filter: { cpr: "0201609995" }, first: 1) { totalCount } }
      mutation Other { linkLegacyAccount(userName: "rus01", password: "${password}") { __typename } }`;
    const response = await world.post(
      '/graphql',
      { query, operationName: 'Harmless' },
      { authorization: `Bearer ${await world.tokenOf('guidance-worker')}` },
    );
    expect([response.status, await response.json()]).toEqual([
      400,
      { errors: [{ message: refusal, extensions: { code: 'BAD_USER_INPUT' } }] },
    ]);
    expect(await everythingLogged()).not.toContain('nobody may read');
  });

  it('that is of another kind is refused without being quoted', async () => {
    const { text } = await world.ask('smdb-reporter', link.toString(), { userName: 'rus01', password: [password] });
    expect(text).not.toContain('nobody may read');
    expect(await everythingLogged()).not.toContain('nobody may read');
  });
});
