/** Guessing the password of an old account through the gateway: three tries, by whatever way they are made. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { demoPrivileges } from '../../subgraphs/demo/identity.js';
import { demoNow, employeeId } from '../../subgraphs/demo/people.js';
import { makeIdentityRoom } from '../../subgraphs/identity/index.js';
import { faults } from '../../subgraphs/protocol/faults.js';
import { openWorld, type World } from '../support/world.js';

let world: World;
beforeEach(async () => {
  world = await openWorld({ shielded: true, rooms: { identity: makeIdentityRoom({ privileges: demoPrivileges }) } });
});
afterEach(() => world.close());

const query = `mutation ($userName: String!, $password: String!) {
  linkLegacyAccount(userName: $userName, password: $password) { legacyAccountAsked } }`;
const guess = (person: string, userName: string, password = 'wrong', headers: Record<string, string> = {}) =>
  world.ask(person, query, { userName, password }, headers);
const right = 'gammelt-kodeord-1';
const codeIn = (body: { errors?: { extensions: { code: string } }[] }) => body.errors?.[0]?.extensions.code ?? 'linked';
const standing = () =>
  world.database.sql<{ kind: string; workstation: string; person: string | null }>(
    'SELECT kind, workstation, person FROM identity.access_block WHERE lifted_at IS NULL ORDER BY kind',
  );

describe('guessing', () => {
  it('one after the other is over after three, and so is the session: the right password comes too late', async () => {
    const codes = [];
    for (let n = 0; n < 3; n += 1) codes.push(codeIn((await guess('smdb-reporter', 'rus01')).body));
    expect(codes).toEqual(Array(3).fill('WRONG_CREDENTIALS'));
    expect(await guess('smdb-reporter', 'rus01', right)).toMatchObject({
      status: 401,
      body: { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] },
    });
    expect(await standing()).toEqual([
      { kind: 'NAME_AT_WORKSTATION', workstation: '127.0.0.1', person: null },
      { kind: 'PERSON', workstation: '127.0.0.1', person: employeeId('smdb-reporter') },
      { kind: 'WORKSTATION', workstation: '127.0.0.1', person: null },
    ]);
  });

  it('fifty at once is three guesses', async () => {
    await world.tokenOf('smdb-reporter');
    const all = await Promise.all(Array.from({ length: 50 }, (_, n) => guess('smdb-reporter', 'rus01', `guess ${n}`)));
    const codes = all.map(({ body }) => codeIn(body));
    expect(codes.filter((code) => code === 'WRONG_CREDENTIALS')).toHaveLength(3);
    const refusals = codes.filter((code) => code !== 'WRONG_CREDENTIALS');
    expect(refusals.filter((code) => code !== 'LOCKED_OUT' && code !== 'UNAUTHENTICATED')).toEqual([]);
  });

  it('under thirty aliases of one operation is three guesses, and the right one among the rest is not looked at', async () => {
    const aliases = Array.from({ length: 30 }, (_, n) => n);
    const batch = `mutation (${aliases.map((n) => `$p${n}: String!`).join(', ')}) {
      ${aliases.map((n) => `a${n}: linkLegacyAccount(userName: "rus01", password: $p${n}) { legacyAccountAsked }`).join('\n')} }`;
    const variables = Object.fromEntries(aliases.map((n) => [`p${n}`, n === 3 ? right : `guess ${n}`]));
    const { body } = await world.ask('smdb-reporter', batch, variables);
    const codes = body.errors!.sort(
      (a, b) => Number(String(a.path![0]).slice(1)) - Number(String(b.path![0]).slice(1)),
    );
    expect(codes.map(({ extensions }) => extensions.code)).toEqual([
      ...Array(3).fill('WRONG_CREDENTIALS'),
      ...Array(27).fill('LOCKED_OUT'),
    ]);
    const [account] = await world.database.sql('SELECT employee FROM identity.legacy_account WHERE user_name = $1', [
      'rus01',
    ]);
    expect(account).toEqual({ employee: null });
  });

  it('by many colleagues at one workstation is three guesses; a workstation that is made up does not help', async () => {
    const headers = (n: number) => ({ 'x-sluse-workstation': `10.0.0.${n}`, 'x-forwarded-for': `10.0.0.${n}` });
    const people = ['smdb-reporter', 'smdb-health', 'smdb-leader', 'smdb-reporter', 'smdb-health'];
    const codes = [];
    for (const [n, person] of people.entries())
      codes.push(codeIn((await guess(person, `name ${n}`, 'wrong', headers(n))).body));
    expect(codes).toEqual([...Array(3).fill('WRONG_CREDENTIALS'), 'LOCKED_OUT', 'LOCKED_OUT']);
    expect(await standing()).toEqual([{ kind: 'WORKSTATION', workstation: '127.0.0.1', person: null }]);
  });
});

describe('nothing is told', () => {
  it('by text or code: a name that is unknown, one that is linked, and a wrong password are refused with the same bytes', async () => {
    await world.database.sql(
      `UPDATE identity.legacy_account SET employee = $1, password_hash = NULL WHERE user_name = 'rus02'`,
      [employeeId('smdb-leader')],
    );
    const unknown = await guess('smdb-reporter', 'nobody');
    const linked = await guess('smdb-health', 'rus02', 'gammelt-kodeord-2');
    await world.database.sql('DELETE FROM identity.access_attempt');
    const wrong = await guess('smdb-reporter', 'rus01');
    const foreign = await guess('smdb-health', "rus01' OR true --\0", right);
    for (const { status, text } of [unknown, linked, wrong, foreign])
      expect([status, text]).toEqual([
        200,
        JSON.stringify({
          errors: [
            {
              message: faults.WRONG_CREDENTIALS.message,
              path: ['linkLegacyAccount'],
              extensions: { code: 'WRONG_CREDENTIALS' },
            },
          ],
          data: { linkLegacyAccount: null },
        }),
      ]);
  });

  it('by when it locks: after as many tries for a name that is unknown as for one that exists', async () => {
    for (const [person, name] of [
      ['smdb-reporter', 'rus01'],
      ['smdb-health', 'nobody'],
    ] as const) {
      const codes = [];
      for (let n = 0; n < 4; n += 1) codes.push(codeIn((await guess(person, name)).body));
      expect(codes).toEqual([...Array(3).fill('WRONG_CREDENTIALS'), 'UNAUTHENTICATED']);
      await world.database.sql('DELETE FROM identity.access_attempt; DELETE FROM identity.access_block');
    }
  });
});

describe('a block', () => {
  const unlock =
    'mutation ($b: ID!) { unlockAccess(block: $b, clarification: "Proved who it is at the desk.") { liftedAt } }';

  it('is lifted by an administrator who has just logged in, and by nobody else', async () => {
    for (let n = 0; n < 3; n += 1) await guess('smdb-reporter', 'rus01');
    const { body } = await world.ask('administrator', '{ accessBlocks { nodes { id kind } } }');
    const blocks: { id: string }[] = body.data.accessBlocks.nodes;
    expect(blocks).toHaveLength(3);
    const freshly = (minutes: number) =>
      world.database.sql(`UPDATE identity.session SET authenticated_at = $2::timestamptz - $1 * interval '1 minute'`, [
        minutes,
        demoNow,
      ]);
    const denied = (code: string) => ({
      data: { unlockAccess: null },
      errors: [{ message: faults[code as 'FORBIDDEN_FIELD'].message, extensions: { code } }],
    });
    await freshly(1);
    expect((await world.ask('security-officer', unlock, { b: blocks[0]!.id })).body).toMatchObject(
      denied('FORBIDDEN_FIELD'),
    );
    await freshly(16);
    await forgotten();
    expect((await world.ask('administrator', unlock, { b: blocks[0]!.id })).body).toMatchObject(
      denied('FRESH_LOGIN_REQUIRED'),
    );
    await freshly(1);
    await forgotten();
    for (const { id } of blocks) {
      const lifted = (await world.ask('administrator', unlock, { b: id })).body;
      expect(lifted.errors).toBeUndefined();
    }
    expect(await standing()).toEqual([]);
    expect(codeIn((await guess('smdb-health', 'rus01', right)).body)).toBe('linked');
  });

  it('is seen by administrators and readers of the log only', async () => {
    expect((await world.ask('security-officer', '{ accessBlocks { totalCount } }')).body).toEqual({
      data: { accessBlocks: { totalCount: 0 } },
    });
    for (const person of ['manager', 'smdb-reporter', 'citizen', 'case-system'])
      expect((await world.ask(person, '{ accessBlocks { totalCount } }')).body).toMatchObject({
        data: { accessBlocks: null },
        errors: [{ extensions: { code: 'FORBIDDEN_FIELD' } }],
      });
  });

  /** What the gateway believes of a session, it believes for a second. */
  const forgotten = () => new Promise((done) => setTimeout(done, 1_100));
});
