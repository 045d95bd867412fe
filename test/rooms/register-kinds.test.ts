/** What an import writes of systems with their keys, relatives, secretariats and old accounts, and what a full file takes away. */
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeIdentityRoom } from '../../subgraphs/identity/index.js';
import { makeAssertion } from '../../subgraphs/protocol/client-assertion.js';
import {
  citizensCsv,
  cprOf,
  employeesCsv,
  employeeUuid,
  openRegister,
  organisationsCsv,
  type RegisterUnderTest,
  unitsCsv,
} from '../support/register.js';
import { openRoom, type RoomUnderTest } from '../support/room.js';

let register: RegisterUnderTest;
let room: RoomUnderTest;
beforeAll(async () => {
  register = await openRegister();
  const { ok } = await register.import({
    'organisations.csv': organisationsCsv,
    'units.csv': unitsCsv,
    'employees.csv': employeesCsv(10),
    'citizens.csv': citizensCsv(0, 10),
  });
  expect(ok).toBe(true);
  room = await openRoom(makeIdentityRoom(), undefined, { on: register.database });
});
afterAll(async () => {
  await room?.close();
  await register.close();
});

const rows = <Row = Record<string, unknown>>(sql: string) => register.database.sql<Row>(sql);

describe('systems', () => {
  const id = '00000000-0000-4000-8000-0000000000c1';
  const pairs = ['first', 'second'].map((kid) => ({ kid, ...generateKeyPairSync('ed25519') }));
  const jwk = (n: number, kid = pairs[n]!.kid) => ({ ...pairs[n]!.publicKey.export({ format: 'jwk' }), kid });
  const line = (more: object = {}) =>
    `${JSON.stringify({ id, name: 'Sagsystem', cvr: '33333333', scopes: ['case:read', 'case:write'], ...more })}\n`;
  const imported = async (more: object, over = {}) => register.import({ 'clients.ndjson': line(more) }, over);

  /** Whether the room takes an assertion that this key has signed. */
  async function opens(n: number): Promise<boolean> {
    const audience = 'https://sluse.example/oauth/token';
    const assertion = await makeAssertion(pairs[n]!.privateKey, {
      ...{ algorithm: 'EdDSA' as const, keyName: pairs[n]!.kid, client: id, audience, now: new Date() },
    });
    const used = await room.internal('use-assertion', { municipality: '0999', assertion, audiences: [audience] });
    return used.refused === undefined;
  }

  it('are registered with their keys, and sign in by them', async () => {
    expect(await opens(0)).toBe(false);
    const added = { ok: true, lines: ['clients: 1 rows, 1 added, 0 changed, 0 left'] };
    expect(await imported({ jwks: { keys: [jwk(0)] } })).toEqual(added);
    expect((await imported({ jwks: { keys: [jwk(0)] } })).lines[0]).toContain('0 added, 0 changed');
    expect([await opens(0), await opens(1)]).toEqual([true, false]);
  });

  it('change keys with a file that has others; a kid that was withdrawn or taken never names another key', async () => {
    expect((await imported({ jwks: { keys: [jwk(1)] } })).lines[0]).toContain('1 changed');
    expect([await opens(0), await opens(1)]).toEqual([false, true]);
    const refused =
      'clients.ndjson: line 1, column jwks: expected a kid that names no other key of this client, and none that was withdrawn';
    expect((await imported({ jwks: { keys: [jwk(0)] } })).lines[0]).toBe(refused);
    expect((await imported({ jwks: { keys: [jwk(0, 'second')] } })).lines[0]).toBe(refused);
    // A file without keys leaves them as they are.
    expect((await imported({ name: 'Nyt navn' })).lines[0]).toContain('1 changed');
    expect(await opens(1)).toBe(true);
  });

  it('with a private key, a weak one or scopes to administer are refused', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const problem = async (more: object) => (await imported(more)).lines[0];
    expect(await problem({ jwks: { keys: [privateKey.export({ format: 'jwk' })] } })).toContain(
      'column jwks: expected',
    );
    expect(await problem({ jwks: 'x' })).toContain('column jwks: expected');
    for (const scopes of ['admin', 'power:administer', 'audit:read', ''])
      expect(await problem({ scopes })).toContain('column scopes: expected');
  });

  it('that are used no more lose keys and grants', async () => {
    await register.database.sql(
      `INSERT INTO identity.clearance_grant (municipality, id, holder, compartment, level, operations, shielded, reason, status, requested_by, valid_from, confirm_by)
       VALUES ('0999', gen_random_uuid(), $1, '0999.MUNICIPALITY.CASH_BENEFIT', 'EXISTENCE', '{SEARCH}', false, 'test', 'IN_FORCE', $1, now(), now() + interval '1 day')`,
      [id],
    );
    expect(await opens(1)).toBe(true);
    expect((await imported({ left_on: '2020-01-01' })).lines[0]).toContain('1 left');
    expect(await opens(1)).toBe(false);
    expect(await rows('SELECT status FROM identity.clearance_grant')).toEqual([{ status: 'WITHDRAWN' }]);
    expect(await rows('SELECT count(*)::int AS n FROM identity.system_client_key WHERE withdrawn_at IS NULL')).toEqual([
      { n: 0 },
    ]);
  });
});

describe('relatives', () => {
  const csv = (...lines: string[]) => `cpr,relative_cpr,kind\n${lines.join('\n')}\n`;
  const found = () =>
    rows(
      `SELECT a.cpr, b.cpr AS relative, kind FROM identity.relation r JOIN identity.citizen a ON a.id = r.citizen
       JOIN identity.citizen b ON b.id = r.relative ORDER BY 1, 2`,
    );

  it('are related from both sides, and a full file ends what it does not have', async () => {
    const [parent, child, spouse] = [cprOf(1), cprOf(2), cprOf(3)];
    const files = { 'relatives.csv': csv(`${parent},${child},CHILD`, `${parent},${spouse},SPOUSE`) };
    expect((await register.import(files)).lines).toEqual(['relatives: 2 rows, 4 added, 0 changed, 0 left']);
    expect(await found()).toEqual([
      { cpr: parent, relative: child, kind: 'CHILD' },
      { cpr: parent, relative: spouse, kind: 'SPOUSE' },
      { cpr: child, relative: parent, kind: 'PARENT' },
      { cpr: spouse, relative: parent, kind: 'SPOUSE' },
    ]);
    const fewer = { 'relatives.csv': csv(`${child},${parent},PARENT`) };
    expect((await register.import(fewer, { full: true })).lines).toEqual([
      'relatives: 1 rows, 0 added, 0 changed, 2 left',
    ]);
    expect(await found()).toHaveLength(2);
  });

  it('carry custody on both sides: a file without the column leaves it, and two rows that disagree withdraw it', async () => {
    const [parent, child, spouse] = [cprOf(1), cprOf(2), cprOf(3)];
    const held = async (...lines: string[]) => {
      const files = { 'relatives.csv': `cpr,relative_cpr,kind,custody\n${lines.join('\n')}\n` };
      const said = (await register.import(files)).lines[0]!;
      return [said.replace(/^.*rows, /, ''), await custody()];
    };
    const custody = async () =>
      (await rows(`SELECT custody FROM identity.relation WHERE kind <> 'SPOUSE'`)).map((row: any) => row.custody);
    expect(await held(`${parent},${child},CHILD,true`)).toEqual(['0 added, 2 changed, 0 left', [true, true]]);
    expect(await held(`${parent},${child},CHILD,true`)).toEqual(['0 added, 0 changed, 0 left', [true, true]]);
    await register.import({ 'relatives.csv': csv(`${parent},${child},CHILD`) });
    expect(await custody()).toEqual([true, true]);
    expect(await held(`${parent},${child},CHILD,true`, `${child},${parent},PARENT,false`)).toEqual([
      '0 added, 2 changed, 0 left',
      [false, false],
    ]);
    expect(await held(`${child},${parent},PARENT,true`)).toEqual(['0 added, 2 changed, 0 left', [true, true]]);
    expect(await held(`${parent},${child},CHILD,`)).toEqual(['0 added, 2 changed, 0 left', [false, false]]);
    const wrong = { 'relatives.csv': `cpr,relative_cpr,kind,custody\n${parent},${spouse},SPOUSE,true\n` };
    expect((await register.import(wrong)).lines.join('\n')).toContain(
      'line 2, column custody: expected nothing or false beside a spouse',
    );
  });
});

describe('secretariats and managers', () => {
  it('name a unit for an authority; a full file ends what it does not have, and no unit leaves while it is one', async () => {
    const csv = (...lines: string[]) => ({ 'secretariats.csv': `authority,unit\n${lines.join('\n')}\n` });
    expect((await register.import(csv('RENT_BOARD,U8', 'FENCE_INSPECTION,U9'))).lines[0]).toContain('2 added');
    expect((await register.import(csv('FENCE_INSPECTION,U9'), { full: true })).lines[0]).toContain(
      '0 added, 0 changed, 1 left',
    );
    const units = unitsCsv.split('\n').slice(0, 10).join('\n');
    await expect(
      register.import({ 'units.csv': `${units}\n`, 'employees.csv': employeesCsv(9) }, { full: true }),
    ).rejects.toThrow('1 secretariats belong to an organisation or a unit that is not in the full file');
  });

  it('a unit has the manager of the file', async () => {
    const found = () =>
      rows(
        `SELECT o.code, n.uuid FROM identity.organisation o JOIN identity.nemlogin_identity n ON n.employee = o.manager
         WHERE o.code IN ('U1', 'U2') ORDER BY 1`,
      );
    expect(await found()).toEqual([
      { code: 'U1', uuid: employeeUuid(1) },
      { code: 'U2', uuid: employeeUuid(2) },
    ]);
    const csv = `code,name,cvr,parent,manager\nU1,Enhed 1,11111111,U0,${employeeUuid(3)}\nU2,Enhed 2,11111111,U0,\n`;
    expect((await register.import({ 'units.csv': csv })).lines[0]).toContain('0 added, 2 changed');
    expect(await found()).toEqual([{ code: 'U1', uuid: employeeUuid(3) }]);
  });
});

describe('questions of the course', () => {
  const head = 'code;question;right_answer;wrong_1;wrong_2;source\n';
  const first = 'K1;Må du slå en nabo op?;Nej;Ja;;§ 4\n';
  const second = 'K2;Hvem må se sagen?;Den, der behandler den;Alle;Ingen;\n';
  const found = () =>
    rows('SELECT code, right_answer, wrong_1, wrong_2, wrong_3, source FROM identity.course_question ORDER BY code');
  const imported = async (content: string, over = {}) =>
    (await register.import({ 'questions.csv': content }, over)).lines[0];

  it('are added, changed, and taken away by a full file', async () => {
    expect(await imported(head + first + second)).toBe('questions: 2 rows, 2 added, 0 changed, 0 left');
    expect(await imported(head + first + second)).toBe('questions: 2 rows, 0 added, 0 changed, 0 left');
    expect(await found()).toEqual([
      { code: 'K1', right_answer: 'Nej', wrong_1: 'Ja', wrong_2: null, wrong_3: null, source: '§ 4' },
      {
        code: 'K2',
        right_answer: 'Den, der behandler den',
        wrong_1: 'Alle',
        wrong_2: 'Ingen',
        wrong_3: null,
        source: null,
      },
    ]);
    const shorter = 'code;question;right_answer;wrong_1\nK2;Hvem må se sagen?;Behandleren;Alle\n';
    expect(await imported(shorter, { full: true })).toBe('questions: 1 rows, 0 added, 1 changed, 1 left');
    // A column that the file does not have leaves what the register has.
    expect(await found()).toMatchObject([{ code: 'K2', right_answer: 'Behandleren', wrong_2: 'Ingen' }]);
  });

  it('need options that differ, also from those that the register has', async () => {
    const differ = 'column wrong_1: expected options that differ from each other';
    expect(await imported(`${head}K3;Hvad?;Ja;Ja;;\n`)).toBe(`questions.csv: line 2, ${differ}`);
    expect(await imported(`${head}${first}K3;Hvad?;Ja;Nej;Nej;\n`)).toBe(`questions.csv: line 3, ${differ}`);
    expect(await imported('code;question;right_answer;wrong_1\nK2;Hvem?;Ingen;Alle\n')).toBe(
      `questions.csv: line 2, ${differ}`,
    );
    expect(await imported(`${head}K3;Hvad?;Ja;;;\n`)).toContain('column wrong_1: expected one line');
    expect(await found()).toMatchObject([{ code: 'K2', right_answer: 'Behandleren' }]);
  });
});

describe('columns that a file does not have', () => {
  it('leave what the register has; an empty value removes it', async () => {
    const [cpr, uuid] = [cprOf(0), employeeUuid(4)];
    const found = () =>
      rows(
        `SELECT c.address_protected AS protected, c.street, e.email, o.code, above.code AS above, o.manager IS NOT NULL AS managed
         FROM identity.citizen c, identity.nemlogin_identity n JOIN identity.employee e ON e.id = n.employee
         JOIN identity.organisation o ON o.id = e.organisation JOIN identity.organisation above ON above.id = o.parent
         WHERE c.cpr = '${cpr}' AND n.uuid = '${uuid}'`,
      );
    const before = await found();
    expect(before).toEqual([
      {
        ...{ protected: true, street: 'Algade 0, 2. tv.', email: 'm4@korsbaek.example' },
        ...{ code: 'U4', above: 'U0', managed: true },
      },
    ]);
    const files = {
      'citizens.csv': `cpr,name,born_on\n${cpr},Borger Nummer 0,1900-01-01\n`,
      'employees.ndjson': `{"uuid":"${uuid}","name":"Medarbejder 4","cvr":"11111111"}\n`,
      'units.csv': 'code,name,cvr\nU4,Enhed 4,11111111\n',
    };
    const unchanged = (name: string) => `${name}: 1 rows, 0 added, 0 changed, 0 left`;
    expect((await register.import(files)).lines).toEqual(['units', 'employees', 'citizens'].map(unchanged));
    expect(await found()).toEqual(before);
    const emptied = {
      'citizens.csv': `cpr,name,born_on,street,address_protected\n${cpr},Borger Nummer 0,1900-01-01,,\n`,
      'employees.ndjson': `{"uuid":"${uuid}","name":"Medarbejder 4","cvr":"11111111","email":null}\n`,
      'units.csv': 'code,name,cvr,manager\nU4,Enhed 4,11111111,\n',
    };
    expect((await register.import(emptied)).ok).toBe(true);
    expect(await found()).toEqual([{ ...before[0]!, protected: false, street: '', email: null, managed: false }]);
  });
});

describe('old accounts', () => {
  const good = '$argon2id$v=19$m=19456,t=2,p=1$57XvEkO+lFOIPXl6xME3Sw$dbzgvUrr24H5ua0/9drg0YB8PObigw3JUk5QR1z0mno';
  const other = '$argon2id$v=19$m=19456,t=2,p=1$oqQQibRRWMbPRQM+DCMvxQ$lFZLOt7qixIN+PX/p1x+Ph194/rss4RcPcbzdEnpZf4';
  const csv = (...lines: string[]) => ({ 'accounts.csv': `user_name;hash;cvr\n${lines.join('\n')}\n` });

  it('are taken over and changed until they are linked; a full file removes those that nobody linked', async () => {
    expect((await register.import(csv(`Rus01;${good};11111111`, `RUS02;${good};`, `rus03;${good};`))).ok).toBe(true);
    await register.database.sql(
      `UPDATE identity.legacy_account SET employee = (SELECT employee FROM identity.nemlogin_identity LIMIT 1), password_hash = NULL
       WHERE user_name = 'rus01'`,
    );
    const again = await register.import(csv(`rus01;${other};`, `rus02;${other};`), { full: true });
    expect(again.lines).toEqual(['accounts: 2 rows, 0 added, 1 changed, 1 left']);
    const found = await rows('SELECT user_name AS name, password_hash AS hash FROM identity.legacy_account ORDER BY 1');
    expect(found).toEqual([
      { name: 'rus01', hash: null },
      { name: 'rus02', hash: other },
    ]);
    // None left but the linked one.
    const twice = await register.import(csv(`rus02;${good};`, `RUS02;${good};`));
    expect(twice.lines[0]).toBe(
      'accounts.csv: line 3, column user_name: expected a user_name that stands in no line before',
    );
  });
});
