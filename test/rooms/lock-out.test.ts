/** The lock-out by itself: exactly so many attempts are looked at, whoever makes them at once, and what is blocked stays so. */
import { execFile } from 'node:child_process';
import { pbkdf2Sync, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { demoPrivileges, makeIdentity, nemloginUuid } from '../../subgraphs/demo/identity.js';
import { employeeId, makeCitizens, makeEmployees, organisationId } from '../../subgraphs/demo/people.js';
import { seed } from '../../subgraphs/demo/seed.js';
import { makeIdentityRoom } from '../../subgraphs/identity/index.js';
import { type Attempt, makeLockOut } from '../../subgraphs/identity/lock-out/lock-out.js';
import { link } from '../../subgraphs/identity/sign-in/linking.js';
import { accountsIn } from '../../subgraphs/identity/sign-in/linking-import.js';
import { isUsableHash, passwordFits } from '../../subgraphs/identity/sign-in/linking-password.js';
import { anAnswer, cvr, professional } from '../support/nemlogin.js';
import { aViewer, openRoom, type RoomUnderTest } from '../support/room.js';

let room: RoomUnderTest;
let another: RoomUnderTest;
/** A privilege of NemLog-in that makes somebody an administrator. */
const asserting = 'https://sluse.example/privileges/administrator';
const citizens = makeCitizens().slice(0, 4);
const employees = makeEmployees();
beforeAll(async () => {
  const made = makeIdentityRoom({ privileges: new Map([...demoPrivileges, [asserting, 'ADMINISTRATOR']]) });
  room = await openRoom(made, async (fresh) => {
    await seed(fresh.url, { shielded: true }, () => ({ identity: makeIdentity({ citizens, employees }) }));
  });
  another = await openRoom(made, undefined, { on: room.database });
});
afterAll(async () => {
  await another.close();
  await room.close();
});
afterEach(() => room.database.sql('DELETE FROM identity.access_attempt; DELETE FROM identity.access_block'));

const three = makeLockOut(3);
const guess = (over: Partial<Attempt> = {}): Attempt => ({
  municipality: '0999',
  workstation: '10.0.0.1',
  subject: 'account:somebody',
  ...over,
});
/** A try that is wrong or right, and says that it was looked at. */
function trying(right: boolean, milliseconds = 0) {
  let looked = 0;
  const attempt = async () => {
    looked += 1;
    await wait(milliseconds);
    return right ? 'in' : null;
  };
  return { attempt, looked: () => looked };
}
const outcome = async (who: Attempt, right = false) =>
  (await three.guarded(room.services, who, trying(right).attempt)).outcome;
const outcomes = async (times: number, who: Attempt) => {
  const all = [];
  for (let n = 0; n < times; n += 1) all.push(await outcome(who));
  return all;
};

describe('rejected attempts', () => {
  it.each([3, 4, 5])('are looked at %i times in a row and not once more', async (after) => {
    const lockOut = makeLockOut(after);
    const wrong = trying(false);
    for (let n = 0; n < after + 3; n += 1) await lockOut.guarded(room.services, guess(), wrong.attempt);
    expect(wrong.looked()).toBe(after);
    const right = trying(true);
    expect(await lockOut.guarded(room.services, guess(), right.attempt)).toEqual({ outcome: 'locked' });
    expect(right.looked()).toBe(0);
  });

  it.each([0, 30])('are three of forty at once, at two replicas, each taking %i ms', async (milliseconds) => {
    const wrong = trying(false, milliseconds);
    const all = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        three.guarded(n % 2 ? room.services : another.services, guess(), wrong.attempt),
      ),
    );
    expect(wrong.looked()).toBe(3);
    const count = (outcome: string) => all.filter((one) => one.outcome === outcome).length;
    expect([count('rejected'), count('locked')]).toEqual([3, 37]);
    const blocks = await room.database.sql('SELECT kind FROM identity.access_block ORDER BY kind');
    expect(blocks).toEqual([{ kind: 'NAME_AT_WORKSTATION' }, { kind: 'WORKSTATION' }]);
  });

  it('are three however many names are tried at once from one workstation', async () => {
    const wrong = trying(false, 5);
    await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        three.guarded(room.services, guess({ subject: `account:${n}` }), wrong.attempt),
      ),
    );
    expect(wrong.looked()).toBe(3);
  });

  it('are three by one who is signed in, from however many workstations', async () => {
    const wrong = trying(false, 5);
    const guesser = employeeId('smdb-leader');
    await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        three.guarded(room.services, guess({ workstation: `10.1.0.${n}`, subject: `${n}`, guesser }), wrong.attempt),
      ),
    );
    expect(wrong.looked()).toBe(3);
  });

  it('are counted from the start after one that was accepted', async () => {
    expect(await outcomes(2, guess())).toEqual(['rejected', 'rejected']);
    expect(await outcome(guess(), true)).toBe('accepted');
    expect(await outcomes(4, guess())).toEqual(['rejected', 'rejected', 'rejected', 'locked']);
  });

  it('do not become more by successes of one’s own in between', async () => {
    const own = guess({ subject: 'account:own' });
    const all = [];
    for (let n = 0; n < 5; n += 1) {
      all.push(await outcome(guess({ subject: 'account:victim' })));
      await outcome(own, true);
    }
    expect(all).toEqual(['rejected', 'rejected', 'rejected', 'locked', 'locked']);
    expect(await outcome(own, true)).toBe('accepted');
  });

  it('lock nobody out elsewhere: the owner of the name comes in from another workstation', async () => {
    expect(await outcomes(4, guess())).toEqual(['rejected', 'rejected', 'rejected', 'locked']);
    expect(await outcome(guess({ workstation: '10.0.0.2' }), true)).toBe('accepted');
    expect(await outcome(guess(), true)).toBe('locked');
    expect(await outcome(guess({ municipality: '0101' }), true)).toBe('accepted');
  });

  it('are counted where an attempt fails with an error, too', async () => {
    const broken = () => three.guarded(room.services, guess(), () => Promise.reject(new Error('broken')));
    for (let n = 0; n < 3; n += 1) await expect(broken()).rejects.toThrow('broken');
    expect(await broken()).toEqual({ outcome: 'locked' });
  });

  it('are counted where the process died in the middle of one', async () => {
    await room.database.sql(
      `INSERT INTO identity.access_attempt VALUES ('0999', 'WORKSTATION', '10.0.0.1', 0, 3, now() - interval '61 seconds')`,
    );
    expect(await outcome(guess(), true)).toBe('locked');
  });

  it('are counted where the process died, though somebody tries again before they are a minute old', async () => {
    const begun = Date.now();
    await room.database.sql(
      `INSERT INTO identity.access_attempt VALUES ('0999', 'WORKSTATION', '10.0.0.1', 0, 3, $1)`,
      [new Date(begun)],
    );
    const outcomeAt = async (seconds: number) => {
      const services = { ...room.services, now: () => new Date(begun + seconds * 1_000) };
      return (await three.guarded(services, guess(), trying(true).attempt)).outcome;
    };
    expect([await outcomeAt(40), await outcomeAt(61)]).toEqual(['busy', 'locked']);
  });

  it('survive a restart', async () => {
    expect(await outcomes(2, guess())).toEqual(['rejected', 'rejected']);
    const reopened = await openRoom(makeIdentityRoom(), undefined, { on: room.database });
    try {
      const wrong = trying(false);
      const afresh = () => makeLockOut(3).guarded(reopened.services, guess(), wrong.attempt);
      expect([(await afresh()).outcome, (await afresh()).outcome]).toEqual(['rejected', 'locked']);
      expect(wrong.looked()).toBe(1);
    } finally {
      await reopened.close();
    }
  });

  it('from nowhere share one count', async () => {
    const nowhere = (subject: string) => guess({ workstation: null, subject });
    for (const subject of ['a', 'b', 'c']) await outcome(nowhere(subject));
    expect(await outcome(nowhere('d'), true)).toBe('locked');
  });

  it('that are right wait for one another, and none of them is refused', async () => {
    const right = trying(true, 20);
    const all = await Promise.all(
      Array.from({ length: 12 }, () => three.guarded(room.services, guess(), right.attempt)),
    );
    expect(new Set(all.map((one) => one.outcome))).toEqual(new Set(['accepted']));
    expect(await room.database.sql('SELECT FROM identity.access_attempt')).toEqual([]);
  });

  it('keep nothing of the name that was tried', async () => {
    await outcomes(4, guess({ subject: 'account:my-password-by-mistake' }));
    const rows = await room.database.sql<{ row: string }>(
      'SELECT a::text AS row FROM identity.access_attempt a UNION ALL SELECT b::text FROM identity.access_block b',
    );
    expect(rows.length).toBeGreaterThan(2);
    expect(rows.filter(({ row }) => row.includes('by-mistake'))).toEqual([]);
  });
});

describe('whoever is locked out', () => {
  const leader = employeeId('smdb-leader');
  const open = async () =>
    (await room.internal('open-session', { municipality: '0999', person: { kind: 'Employee', id: leader } })).token;
  const viewerOf = async (token: string) => (await room.internal('resolve-session', { token, touch: true })).viewer;
  const signIn = async (uuid: string, workstation: string, over: object = {}) => {
    const privilege = [...demoPrivileges].find(([, right]) => right === 'SMDB_LEADER')![0];
    const attributes = professional({
      uuid,
      groups: [{ scope: cvr('11111111'), privileges: [privilege] }],
      ...over,
    });
    const answer = anAnswer(new Date(), attributes, { workstation });
    await room.internal('begin-sign-in', {
      ...{ municipality: '0999', request: answer.request, browser: answer.browser },
      ...{ returnTo: '/', forceAuthn: false, contexts: [] },
    });
    return room.internal('finish-sign-in', answer);
  };

  it('loses every open session, and cannot sign in from anywhere', async () => {
    const tokens = [await open(), await open()];
    const other = (
      await room.internal('open-session', {
        municipality: '0999',
        person: { kind: 'Employee', id: employeeId('manager') },
      })
    ).token;
    await outcomes(3, guess({ guesser: leader }));
    for (const token of tokens) expect(await viewerOf(token)).toBeNull();
    expect(await viewerOf(other)).not.toBeNull();
    expect(await signIn(nemloginUuid(leader), '10.9.9.9')).toEqual({
      refused: 'LOCKED',
      unknown: [],
      person: { kind: 'Employee', id: leader },
    });
  });

  it('is nobody else: at a workstation where guessing is locked, whoever proves who they are signs in as ever', async () => {
    await outcomes(3, guess());
    expect(await outcome(guess(), true)).toBe('locked');
    for (const workstation of ['10.0.0.1', '10.0.0.2'])
      expect(await signIn(nemloginUuid(leader), workstation)).toHaveProperty('token');
    expect(await outcome(guess(), true)).toBe('locked');
  });

  it('may be an administrator, who signs in all the same, from anywhere, and guesses no further', async () => {
    const administrator = employeeId('administrator');
    const asAdministrator = (groups: object[]) => signIn(nemloginUuid(administrator), '10.0.0.1', { groups });
    await outcomes(3, guess({ guesser: administrator }));
    // Of a right that was assigned here, and of one that the identity provider asserts.
    expect(await asAdministrator([])).toHaveProperty('token');
    await room.database.sql(`DELETE FROM identity.right_assignment WHERE employee = $1`, [administrator]);
    try {
      expect(await asAdministrator([])).toMatchObject({ refused: 'LOCKED' });
      expect(await asAdministrator([{ scope: cvr('11111111'), privileges: [asserting] }])).toHaveProperty('token');
    } finally {
      await room.database.sql(
        `INSERT INTO identity.right_assignment (municipality, employee, code, organisation, source, assigned_at)
         SELECT municipality, id, 'ADMINISTRATOR', organisation, 'LOCAL', now() FROM identity.employee WHERE id = $1
         ON CONFLICT DO NOTHING`,
        [administrator],
      );
    }
    expect(await outcome(guess({ guesser: administrator, workstation: '10.0.0.9' }), true)).toBe('locked');
  });

  it('may be an administrator whose privileges nobody had configured at first: three sign-ins in vain lock nobody out', async () => {
    const uuid = randomUUID();
    const refused = [];
    for (let n = 0; n < 4; n += 1) refused.push((await signIn(uuid, '10.0.0.1', { groups: [] })).refused);
    expect(refused).toEqual([...Array(3).fill('NO_PRIVILEGES'), 'LOCKED']);
    const leads = [...demoPrivileges].find(([, right]) => right === 'SMDB_LEADER')![0];
    const groups = (privilege: string) => [{ scope: cvr('11111111'), privileges: [privilege] }];
    expect((await signIn(uuid, '10.0.0.1', { groups: groups(leads) })).refused).toBe('LOCKED');
    expect(await signIn(uuid, '10.0.0.1', { groups: groups(asserting) })).toHaveProperty('token');
  });

  it('may be somebody without access who tries again and again, at no expense of the workstation', async () => {
    const uuid = randomUUID();
    const refused = async () => (await signIn(uuid, '10.0.0.1', { groups: [] })).refused;
    expect([await refused(), await refused(), await refused(), await refused()]).toEqual([
      ...Array(3).fill('NO_PRIVILEGES'),
      'LOCKED',
    ]);
    expect(await signIn(nemloginUuid(leader), '10.0.0.1')).toHaveProperty('token');
  });

  it('gets no new guesses by signing in again', async () => {
    for (let n = 0; n < 2; n += 1) {
      await outcome(guess({ guesser: leader, workstation: `10.2.0.${n}` }));
      await signIn(nemloginUuid(leader), `10.2.0.${n}`);
    }
    await outcome(guess({ guesser: leader, workstation: '10.2.0.7' }));
    expect(await outcome(guess({ guesser: leader, workstation: '10.2.0.8' }), true)).toBe('locked');
  });

  it('is never signed in by an answer that comes at the same moment', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [opened] = await Promise.all([
        signIn(nemloginUuid(leader), '10.3.0.1'),
        outcomes(3, guess({ guesser: leader, workstation: `10.4.0.${round}` })),
      ]);
      if ('token' in opened) expect(await viewerOf(opened.token)).toBeNull();
      await room.database.sql('DELETE FROM identity.access_attempt; DELETE FROM identity.access_block');
    }
  });
});

describe('lifting a block', () => {
  const admin = aViewer({
    organisation: organisationId('it'),
    subject: { kind: 'Employee', id: employeeId('administrator') },
    actor: { kind: 'Employee', id: employeeId('administrator') },
    right: 'ADMINISTRATOR',
    scopes: ['employee:read', 'admin'],
  });
  const blocks = `query ($lifted: Boolean! = false, $first: Int, $after: String) {
    accessBlocks(includeLifted: $lifted, first: $first, after: $after) {
      totalCount pageInfo { hasNextPage endCursor }
      nodes { id kind workstation employee { id } blockedAt liftedAt liftedBy { id } clarification } } }`;
  const unlock = `mutation ($block: ID!, $why: String!) { unlockAccess(block: $block, clarification: $why) {
    id liftedBy { id } liftedAt clarification } }`;
  const why = 'Had forgotten the password; proved who it is at the desk.';
  const listed = async (variables: object = {}, viewer = admin) =>
    (await room.ask(viewer, blocks, variables)).data.accessBlocks;

  it('records why and by whom, lets in again, and stays as history', async () => {
    await outcomes(3, guess({ guesser: employeeId('smdb-leader') }));
    const { nodes } = await listed();
    expect(nodes.map(({ kind, employee }: any) => [kind, employee?.id ?? null]).sort()).toEqual([
      ['NAME_AT_WORKSTATION', null],
      ['PERSON', employeeId('smdb-leader')],
      ['WORKSTATION', null],
    ]);
    for (const { id, workstation } of nodes) {
      expect(workstation).toBe('10.0.0.1');
      expect(await outcome(guess({ guesser: employeeId('smdb-leader') }), true)).toBe('locked');
      const { data, errors } = await room.ask(admin, unlock, { block: id, why });
      expect([errors, data.unlockAccess]).toMatchObject([
        undefined,
        { id, liftedBy: { id: employeeId('administrator') }, clarification: why },
      ]);
    }
    expect(await outcomes(3, guess())).toEqual(['rejected', 'rejected', 'rejected']);
    expect((await listed()).totalCount).toBe(2);
    expect((await listed({ lifted: true })).totalCount).toBe(5);
  });

  it('is refused without a reason, for one that does not stand, and to everybody but administrators', async () => {
    await outcomes(3, guess());
    const [{ id }] = (await listed()).nodes;
    const code = async (variables: object, viewer = admin) =>
      (await room.ask(viewer, unlock, variables)).errors?.map(({ extensions, message }) => [extensions.code, message]);
    const malformed = [['BAD_USER_INPUT', 'Argument "clarification": expected 10 to 2,000 characters.']];
    for (const text of ['', '          ', 'x'.repeat(9), 'x'.repeat(2_001), `${why}\0`])
      expect(await code({ block: id, why: text })).toEqual(malformed);
    const notFound = [['NOT_FOUND', 'There is no such thing, or you may not know of it.']];
    expect(await code({ block: randomUUID(), why })).toEqual(notFound);
    expect(await code({ block: "' OR true", why })).toEqual(notFound);
    expect(await code({ block: id, why }, { ...admin, scopes: ['employee:read'] })).toEqual(notFound);
    expect(await code({ block: id, why }, { ...admin, municipality: '0101' })).toEqual(notFound);
    const officer = { ...admin, scopes: ['employee:read', 'audit:read'] };
    expect(await code({ block: id, why }, officer)).toEqual(notFound);
    expect((await listed({}, officer)).totalCount).toBe(2);
    expect((await listed({}, { ...admin, scopes: ['employee:read'] })).totalCount).toBe(0);
    expect(await code({ block: id, why })).toBeUndefined();
    expect(await code({ block: id, why })).toEqual(notFound);
  });

  it('is a list that is read page by page, the latest first', async () => {
    for (let n = 0; n < 4; n += 1) await outcomes(3, guess({ workstation: `10.5.0.${n}` }));
    const seen: string[] = [];
    let after: string | null = null;
    for (;;) {
      const { nodes, pageInfo, totalCount }: any = await listed({ first: 3, after });
      expect(totalCount).toBe(8);
      seen.push(...nodes.map(({ blockedAt }: any) => blockedAt));
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }
    expect(seen).toHaveLength(8);
    expect(seen).toEqual([...seen].sort().reverse());
  });
});

describe('old accounts', () => {
  const person = { kind: 'Employee', id: employeeId('smdb-reporter') } as const;
  const linker = { municipality: '0999', person, workstation: '10.0.0.1' };
  const unlimited = makeLockOut(1_000_000);
  const tried = async (name: string, password: string) =>
    (await link(room.services, unlimited, linker, name, password)).outcome;

  it('are tried in the same time whether the name exists or not', async () => {
    const timed = async (name: string, turn: number) => {
      const start = performance.now();
      expect(await tried(name, `wrong ${turn}`)).toBe('rejected');
      return performance.now() - start;
    };
    const median = (times: number[]) => times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
    const times: Record<string, number[]> = { rus01: [], zzz: [] };
    // By turns, so that what else the machine does meets both.
    for (let turn = 0; turn < 25; turn += 1)
      for (const [name, of] of Object.entries(times)) of.push(await timed(name, turn));
    const [known, unknown] = [median(times.rus01!), median(times.zzz!)];
    expect(unknown / known).toBeGreaterThan(0.5);
    expect(unknown / known).toBeLessThan(2);
  });

  it('are linked to one, and to the first: of two who know the password one is refused', async () => {
    const others = [employeeId('smdb-health'), employeeId('smdb-leader')].map((id) => ({
      ...linker,
      person: { kind: 'Employee', id } as const,
    }));
    const all = await Promise.all(
      others.map((one) => link(room.services, unlimited, one, ' RUS02 ', 'gammelt-kodeord-2')),
    );
    expect(all.map((one) => one.outcome).sort()).toEqual(['accepted', 'rejected']);
    expect(
      await room.database.sql(`SELECT password_hash FROM identity.legacy_account WHERE user_name = 'rus02'`),
    ).toEqual([{ password_hash: null }]);
  });

  it('are linked once by one employee, who knows of two', async () => {
    await room.database.sql(
      `INSERT INTO identity.legacy_account (municipality, user_name, cvr, password_hash)
       SELECT '0999', 'rus03', cvr, password_hash FROM identity.legacy_account WHERE user_name = 'rus01'`,
    );
    const all = await Promise.all(['rus01', 'rus03'].map((name) => tried(name, 'gammelt-kodeord-1')));
    expect(all.sort()).toEqual(['accepted', 'rejected']);
    expect(
      await room.database.sql('SELECT count(*)::int FROM identity.legacy_account WHERE employee = $1', [person.id]),
    ).toEqual([{ count: 1 }]);
  });

  it('may have a password of PBKDF2, as it was before argon2', async () => {
    // As passlib writes it.
    const written = (bytes: Buffer) => bytes.toString('base64').replaceAll('+', '.').replaceAll('=', '');
    const salt = Buffer.from('sa+lt/salt?>');
    const hash = `$pbkdf2-sha256$29000$${written(salt)}$${written(pbkdf2Sync('pæssword', salt, 29_000, 32, 'sha256'))}`;
    expect(isUsableHash(hash)).toBe(true);
    expect(await passwordFits('pæssword', hash)).toBe(true);
    expect(await passwordFits('pæssworD', hash)).toBe(false);
  });

  const good = '$argon2id$v=19$m=19456,t=2,p=1$68AJ8uH02D/ae0sPqiYbzQ$6bAnA5tMzdpKTcVolJpBHLe71Dx9vOWtPX1LMNTTiPc';
  it.each([
    '',
    'secret',
    '5f4dcc3b5aa765d61d8327deb882cf99',
    '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW',
    good.replace('argon2id', 'argon2i'),
    good.replace('m=19456', 'm=9999999'),
    good.replace('t=2', 't=99'),
    good.slice(0, 40),
    '$pbkdf2-sha256$5000000$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdHNhbHQ',
    '$pbkdf2-sha1$29000$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdHNhbHQ',
  ])('are not taken over with a hash that cannot be verified within bounds: %s', (hash) => {
    expect(isUsableHash(hash)).toBe(false);
    expect(() => accountsIn(`user_name;hash\nsomebody;${hash}`)).toThrow('line 2: expected a hash of argon2id');
  });

  it('are read from a CSV as a whole, or refused by line and without a word of what stands there', () => {
    expect(accountsIn(`\uFEFFcvr;user_name;hash\r\n11111111;Åse;${good}\r\n;B;"${good}"\r\n`)).toEqual([
      { userName: 'Åse', passwordHash: good, cvr: '11111111' },
      { userName: 'B', passwordHash: good, cvr: null },
    ]);
    expect(accountsIn(`user_name,hash\na,"${good}"`)).toHaveLength(1);
    const bad = [`a;${good};1`, `a;${good};`, `;${good};`, `${'x'.repeat(201)};${good};`].join('\n');
    expect(() => accountsIn(`user_name;hash;cvr\n${bad}`)).toThrow(
      [
        'line 2: expected a CVR number of 8 digits, or nothing',
        'line 3: expected a user name that stands in no line before',
        'line 4: expected a user name of at most 200 characters',
        'line 5: expected a user name of at most 200 characters',
      ].join('\n'),
    );
    expect(() => accountsIn('name;hash\n')).toThrow('expected a first line with the columns user_name and hash');
  });

  it('are imported by the owner, with one command: all of a file, or nothing; what is linked stays as it is', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sluse-accounts-'));
    const file = join(directory, 'accounts.csv');
    const imported = async (csv: string) => {
      await writeFile(file, csv);
      const settings = { env: { PATH: process.env.PATH, DATABASE_URL: room.database.url } };
      const args = ['dist/subgraphs/sluse.js', 'import-accounts', '--municipality', '0999', file];
      return promisify(execFile)(process.execPath, args, settings).then(
        ({ stdout }) => stdout,
        ({ code, stderr }) => [code, stderr],
      );
    };
    try {
      const before = await room.database.sql('SELECT FROM identity.legacy_account');
      expect(await imported(`user_name;hash\nNy1;${good}\nNy2;secret`)).toEqual([
        2,
        expect.stringContaining('line 3: expected a hash of argon2id'),
      ]);
      expect(await room.database.sql('SELECT FROM identity.legacy_account')).toHaveLength(before.length);
      expect(await imported(`user_name;hash\nNy1;${good}\nRUS02;${good}`)).toBe(
        '1 of 2 accounts were taken over; the others are linked to somebody already.\n',
      );
      expect(
        await room.database.sql(
          `SELECT user_name, password_hash IS NULL AS linked FROM identity.legacy_account WHERE user_name IN ('ny1', 'rus02') ORDER BY 1`,
        ),
      ).toEqual([
        { user_name: 'ny1', linked: false },
        { user_name: 'rus02', linked: true },
      ]);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('of another company are not asked for', async () => {
    const asked = async (key: string) => {
      const id = employeeId(key);
      const viewer = aViewer({ subject: { kind: 'Employee', id }, actor: { kind: 'Employee', id } });
      return (await room.ask(viewer, '{ viewer { legacyAccountAsked } }')).data.viewer.legacyAccountAsked;
    };
    expect(await asked('centre-reporter')).toBe(true);
    await room.database.sql('DELETE FROM identity.legacy_account WHERE cvr IS NULL');
    await room.database.sql(`UPDATE identity.legacy_account SET cvr = '33333333' WHERE user_name = 'center01'`);
    expect(await asked('centre-reporter')).toBe(false);
    expect(await asked('housing-caseworker')).toBe(false);
  });
});
