/** A municipality from nothing, as an operator makes it: migrate, import, appoint, sign in; then some leave. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestDatabase } from '../support/database.js';
import { Installation } from '../support/installation.js';
import { type RunningSluse, start, until } from '../support/processes.js';
import {
  bornOn,
  citizensCsv,
  cprOf,
  employeesCsv,
  employeeUuid,
  organisationsCsv,
  unitsCsv,
} from '../support/register.js';

let here: Installation;
let database: TestDatabase;
let sluse: RunningSluse;
const command = (...args: string[]) => here.command(...args);
const imported = (files: Readonly<Record<string, string>>, ...args: string[]) => here.import(files, ...args);
const employeeAt = (n: number) => here.employeeAt(n);
const citizenAt = (n: number) => here.citizenAt(n);

beforeAll(async () => {
  here = await Installation.open();
  database = here.database;
});
afterAll(() => here?.close());

async function rightsOf(token: string): Promise<unknown> {
  const answer = await sluse.ask(token, '{ viewer { actingIn { code } rights { code source } } }');
  return [answer.status, ((await answer.json()) as any).data?.viewer];
}

const statusOf = async (token: string): Promise<number> =>
  (await sluse.ask(token, '{ viewer { rights { code } } }')).status;

/** Rights other than the first administrator's: nothing but the database gives them here. */
const guides = (n: number) =>
  database.sql(
    `INSERT INTO identity.right_assignment (municipality, employee, code, organisation, source, assigned_at)
     SELECT '0999', n.employee, 'CITIZEN_SERVICE', e.organisation, 'LOCAL', now() FROM identity.nemlogin_identity n
     JOIN identity.employee e ON e.id = n.employee WHERE n.uuid = $1`,
    [employeeUuid(n)],
  );

const lookUp = 'query LookUp($cpr: CPR!) { citizen(cpr: $cpr) { name } }';

describe('a municipality from nothing', () => {
  it('a room without the owner’s connection does not start before the schema is there, and says which command to run', async () => {
    const room = here.startRoom('identity');
    expect(await room.exit).toEqual({ code: 1, signal: null });
    expect(room.output()).toContain('Run `npx sluse migrate`');
    expect(await command('import', here.folder)).toEqual({
      code: 2,
      said: expect.stringContaining('expected files named organisations.csv'),
    });
  });

  it('is migrated by a command: status, trial, once, and again with nothing to do', async () => {
    expect(await command('migrate', '--status')).toEqual({
      code: 1,
      said: expect.stringMatching(/^identity: 0 of \d+ files have run; to run: 001_identity\.sql/),
    });
    expect(await command('migrate', '--dry-run')).toEqual({
      code: 0,
      said: expect.stringContaining('This was a dry run: nothing was migrated.'),
    });
    expect((await command('migrate', '--status')).code).toBe(1);
    expect(await command('migrate')).toEqual({ code: 0, said: expect.stringContaining('All rooms are migrated.') });
    expect((await command('migrate', '--status')).code).toBe(0);
    expect((await command('migrate')).said).toContain('identity: is current');
  });

  it('a room whose schema lacks a migration does not start; one that is behind a newer schema does', async () => {
    const [{ told }] = (await database.sql(
      `SELECT obj_description('identity'::regnamespace, 'pg_namespace') AS told`,
    )) as [{ told: string }];
    const tell = (text: string) => database.sql(`COMMENT ON SCHEMA identity IS '${text}'`);
    await tell(told.split('\n').slice(1).join('\n'));
    const behind = here.startRoom('identity');
    expect((await behind.exit).code).toBe(1);
    expect(behind.output()).toContain('The schema of the identity room is not the one that this version needs.');
    await tell(`${told}\n999_later.sql 00`);
    const ahead = here.startRoom('identity');
    await ahead.says(/room is open/);
    ahead.kill('SIGTERM');
    await tell(told);
  });

  it('is filled with 2,000 citizens and 100 employees, and an administrator is appointed', async () => {
    const files = {
      'organisations.csv': organisationsCsv,
      'units.csv': unitsCsv,
      'employees.csv': employeesCsv(100),
      'citizens.csv': citizensCsv(0, 2_000),
    };
    expect(await imported(files)).toEqual({
      code: 0,
      said: [
        'organisations: 2 rows, 2 added, 0 changed, 0 left',
        'units: 10 rows, 10 added, 0 changed, 0 left',
        'employees: 100 rows, 100 added, 0 changed, 0 left',
        'citizens: 2000 rows, 2000 added, 0 changed, 0 left',
        '',
      ].join('\n'),
    });
    const again = await imported(files, '--full');
    expect([again.code, again.said.match(/[1-9]\d* (added|changed|left)/g)]).toEqual([0, null]);
    const appoint = (n: number, ...more: string[]) =>
      command('appoint', '--cvr', '11111111', '--uuid', employeeUuid(n), '--right', 'ADMINISTRATOR', ...more);
    expect(await appoint(500)).toEqual({ code: 2, said: expect.stringContaining('an employee in the register') });
    expect(await appoint(1)).toEqual({ code: 0, said: 'ADMINISTRATOR was given.\n' });
    expect(await appoint(1)).toEqual({ code: 0, said: 'The employee holds ADMINISTRATOR already.\n' });
    expect(await appoint(2)).toEqual({
      code: 2,
      said: '1 administrators are in force. Expected one of them to give the right, or --reason to say why not.\n',
    });
    expect((await appoint(2, '--reason', 'The first one is on leave')).code).toBe(0);
    const outcomes = await database.sql(
      `SELECT outcome, count(*)::int AS count FROM audit.entry WHERE operation_name = 'sluse appoint' GROUP BY 1 ORDER BY 1`,
    );
    expect(outcomes).toEqual([
      { outcome: 'ANSWERED', count: 3 },
      { outcome: 'DENIED', count: 2 },
    ]);
  });

  it('starts: four rooms that do not know the owner, and the gateway with an identity provider', async () => {
    await here.start();
    sluse = here.sluse;
  }, 60_000);

  it('signs its administrator in with the right, an employee without one, and a citizen', async () => {
    const administrator = await employeeAt(1);
    expect(await rightsOf(administrator!)).toEqual([
      200,
      { actingIn: { code: 'ADMINISTRATOR' }, rights: [{ code: 'ADMINISTRATOR', source: 'LOCAL' }] },
    ]);
    const colleagues = await sluse.ask(administrator!, '{ employees(first: 0) { totalCount } }');
    expect(await colleagues.json()).toEqual({ data: { employees: { totalCount: 100 } } });
    expect(await rightsOf((await employeeAt(20))!)).toEqual([200, { actingIn: null, rights: [] }]);
    expect(await rightsOf((await citizenAt(7))!)).toEqual([200, { actingIn: null, rights: [] }]);
    // Somebody of the municipality who is not in the register, and has no privilege, is nobody.
    expect(await employeeAt(500)).toBeNull();
  });

  it('shows a protected address to the citizen alone, and finds nobody by it', async () => {
    const own = '{ viewer { person { ... on Citizen { address { street } } } } }';
    const answer = await sluse.ask((await citizenAt(50))!, own);
    expect(await answer.json()).toEqual({ data: { viewer: { person: { address: { street: 'Algade 50, 2. tv.' } } } } });
    await guides(30);
    const guide = (await employeeAt(30))!;
    const byCpr = 'query ($cpr: CPR!) { citizen(cpr: $cpr) { name address { street } } }';
    const shown = async (n: number) => ((await (await sluse.ask(guide, byCpr, { cpr: cprOf(n) })).json()) as any).data;
    expect(await shown(50)).toEqual({ citizen: { name: 'Borger Nummer 50', address: null } });
    expect(await shown(51)).toEqual({
      citizen: { name: 'Borger Nummer 51', address: { street: 'Algade 51, 2. tv.' } },
    });
    const byStreet = 'query ($street: String!) { citizens(filter: { street: $street }, first: 5) { nodes { name } } }';
    const found = async (street: string) =>
      ((await (await sluse.ask(guide, byStreet, { street })).json()) as any).data.citizens.nodes;
    expect(await found('Algade 50, 2')).toEqual([]);
    expect(await found('Algade 51, 2')).toEqual([{ name: 'Borger Nummer 51' }]);
  });

  it('a name that an import changes is seen by the next question', async () => {
    const guide = (await employeeAt(30))!;
    const name = async () => {
      const answer = await sluse.ask(guide, 'query ($cpr: CPR!) { citizen(cpr: $cpr) { name } }', { cpr: cprOf(51) });
      return ((await answer.json()) as any).data.citizen.name;
    };
    expect(await name()).toBe('Borger Nummer 51');
    const csv = `cpr,name,born_on\n${cprOf(51)},Nyt Navn,${bornOn(51)}\n`;
    expect((await imported({ 'citizens.csv': csv })).said).toBe('citizens: 1 rows, 0 added, 1 changed, 0 left\n');
    expect(await name()).toBe('Nyt Navn');
    // What the file has no column for stays.
    const [kept] = await database.sql('SELECT street, address_protected FROM identity.citizen WHERE cpr = $1', [
      cprOf(51),
    ]);
    expect(kept).toEqual({ street: 'Algade 51, 2. tv.', address_protected: false });
  });

  it('whoever leaves is out at once and cannot come back; what they did stays in the log under their name', async () => {
    const [leaver, byRow, guide, mover, dead] = await Promise.all([
      employeeAt(1),
      employeeAt(40),
      employeeAt(30),
      citizenAt(7),
      citizenAt(8),
    ]);
    await database.sql(
      `INSERT INTO identity.clearance_grant (municipality, id, holder, compartment, level, operations, shielded, reason, status, requested_by, valid_from, confirm_by)
       SELECT '0999', gen_random_uuid(), employee, '0999.MUNICIPALITY.CASH_BENEFIT', 'EXISTENCE', '{SEARCH}', false, 'test', 'IN_FORCE', employee, now(), now() + interval '1 day'
       FROM identity.nemlogin_identity WHERE uuid = $1`,
      [employeeUuid(1)],
    );
    for (const token of [leaver, byRow, guide, mover, dead])
      await until('in', async () => (await statusOf(token!)) === 200, 1_000);
    await guides(99);
    expect((await sluse.ask((await employeeAt(99))!, lookUp, { cpr: cprOf(60) })).status).toBe(200);
    const left = await imported({ 'employees.csv': employeesCsv(100, [1, 99]) }, '--full');
    expect(left).toEqual({ code: 0, said: 'employees: 98 rows, 0 added, 0 changed, 2 left\n' });
    const outBy = performance.now() + 1_000;
    await until('the leaver is out', async () => (await statusOf(leaver!)) === 401, 1_000);
    expect(performance.now()).toBeLessThan(outBy);

    const row = `uuid,name,cvr,unit,left_on\n${employeeUuid(40)},Medarbejder 40,11111111,U0,2020-01-01\n`;
    expect((await imported({ 'employees.csv': row })).said).toContain('1 left');
    const gone = `cpr,name,born_on,moved_away_on,died_on\n${cprOf(7)},Borger Nummer 7,${bornOn(7)},2020-01-01,\n${cprOf(8)},Borger Nummer 8,${bornOn(8)},,2020-01-01\n`;
    expect((await imported({ 'citizens.csv': gone })).code).toBe(0);
    for (const token of [byRow, mover, dead]) await until('out', async () => (await statusOf(token!)) === 401, 1_000);
    expect(await statusOf(guide!)).toBe(200);

    for (const n of [1, 40]) expect(await employeeAt(n)).toBeNull();
    for (const n of [7, 8]) expect(await citizenAt(n)).toBeNull();
    const [held] = await database.sql<Record<string, unknown>>(
      `SELECT (SELECT count(*)::int FROM identity.right_assignment r WHERE r.employee = e.id) AS rights,
              (SELECT array_agg(DISTINCT g.status) FROM identity.clearance_grant g WHERE g.holder = e.id) AS grants,
              (SELECT count(*)::int FROM identity.session s WHERE s.person = e.id AND s.closed_at IS NULL) AS sessions,
              (SELECT count(*)::int FROM identity.organisation o WHERE o.manager = e.id) AS managed, e.name
       FROM identity.employee e JOIN identity.nemlogin_identity n ON n.employee = e.id WHERE n.uuid = $1`,
      [employeeUuid(1)],
    );
    expect(held).toEqual({ rights: 0, grants: ['WITHDRAWN'], sessions: 0, managed: 0, name: 'Medarbejder 1' });
    // Nobody finds the leavers in the list of employees.
    const answer = await sluse.ask(guide!, '{ employees(first: 0) { totalCount } }');
    expect(await answer.json()).toEqual({ data: { employees: { totalCount: 97 } } });
  });

  it('whoever comes back is admitted, without the rights of before', async () => {
    expect((await imported({ 'employees.csv': employeesCsv(2) })).code).toBe(0);
    expect(await rightsOf((await employeeAt(1))!)).toEqual([200, { actingIn: null, rights: [] }]);
  });

  it('a full file that would let too many leave is refused, and so is one that strands somebody', async () => {
    expect(await imported({ 'citizens.csv': citizensCsv(0, 1_500) }, '--full')).toEqual({
      code: 2,
      said: 'citizens: 500 of 2000 would leave. Expected at most a tenth: the file may be cut off. If it is right, say --many-leavers.\n',
    });
    expect((await imported({ 'citizens.csv': citizensCsv(0, 1_500) }, '--full', '--many-leavers')).said).toContain(
      '500 left',
    );
    const fewer = unitsCsv.split('\n').slice(0, -2).join('\n');
    expect(await imported({ 'units.csv': `${fewer}\n` }, '--full')).toEqual({
      code: 2,
      said: expect.stringMatching(/^\d+ employees belong to an organisation or a unit that is not in the full file\./),
    });
  });

  it('a change of unit ends all grants', async () => {
    await database.sql(
      `INSERT INTO identity.clearance_grant (municipality, id, holder, compartment, level, operations, shielded, reason, status, requested_by, valid_from, confirm_by)
       SELECT '0999', gen_random_uuid(), employee, '0999.MUNICIPALITY.CASH_BENEFIT', 'EXISTENCE', '{SEARCH}', false, 'test', 'IN_FORCE', employee, now(), now() + interval '1 day'
       FROM identity.nemlogin_identity WHERE uuid = ANY ($1)`,
      [[employeeUuid(50), employeeUuid(51)]],
    );
    const moved = `uuid,name,cvr,unit\n${employeeUuid(50)},Medarbejder 50,11111111,U5\n${employeeUuid(51)},Medarbejder 51,11111111,U1\n`;
    expect((await imported({ 'employees.csv': moved })).code).toBe(0);
    const grants = await database.sql(
      `SELECT n.uuid, g.status FROM identity.clearance_grant g JOIN identity.nemlogin_identity n ON n.employee = g.holder
       WHERE n.uuid = ANY ($1) ORDER BY 1`,
      [[employeeUuid(50), employeeUuid(51)]],
    );
    expect(grants).toEqual([
      { uuid: employeeUuid(50), status: 'WITHDRAWN' },
      { uuid: employeeUuid(51), status: 'IN_FORCE' },
    ]);
  });

  it('shows readers of the log who imported what, and who appointed whom', async () => {
    const appointed = await command(
      ...['appoint', '--cvr', '11111111', '--uuid', employeeUuid(3), '--right', 'SECURITY_OFFICER'],
      ...['--reason', 'Reads the log', '--as', 'The chief'],
    );
    expect(appointed).toEqual({ code: 0, said: 'SECURITY_OFFICER was given.\n' });
    const answer = await sluse.ask(
      (await employeeAt(3))!,
      '{ auditEntries(first: 500) { nodes { operation { name } actor { ... on Employee { name } } } } ledgerEvents(first: 500) { nodes { event detail } } rejectedAttempts(strangers: true, first: 500) { nodes { operation { name } outcome } } }',
    );
    const { auditEntries, ledgerEvents, rejectedAttempts } = ((await answer.json()) as any).data;
    expect(ledgerEvents.nodes[0]).toMatchObject({
      event: 'RIGHT_ASSIGNED',
      detail: { right: 'SECURITY_OFFICER', uuid: employeeUuid(3), by: 'The chief', reason: 'Reads the log' },
    });
    const first = ledgerEvents.nodes.find(({ detail }: any) => detail.kind === 'organisations' && detail.added > 0);
    expect(first.event).toBe('REGISTER_IMPORTED');
    expect(first.detail).toMatchObject({
      ...{ kind: 'organisations', rows: 2, added: 2, changed: 0, left: 0, skipped: 0, mode: 'delta' },
      sha256: createHash('sha256').update(organisationsCsv).digest('hex'),
    });
    // Somebody who has left is named with what they did.
    expect(auditEntries.nodes).toContainEqual({ operation: { name: 'LookUp' }, actor: { name: 'Medarbejder 99' } });
    const refused = rejectedAttempts.nodes.map(({ operation, outcome }: any) => `${operation.name} ${outcome}`);
    expect(refused).toEqual(expect.arrayContaining(['sluse import FAILED', 'sluse appoint DENIED']));
  });

  it('has a log of it all that verifies', async () => {
    await until(
      'the log is signed',
      async () => {
        const { code } = await command('verify-log', '--key', await here.logKey());
        return code === 0;
      },
      20_000,
    );
    const outcomes = await database.sql(
      `SELECT DISTINCT outcome FROM audit.entry WHERE operation_name = 'sluse import' ORDER BY 1`,
    );
    expect(outcomes).toEqual([{ outcome: 'ANSWERED' }, { outcome: 'FAILED' }]);
  });
});

describe('a register file', () => {
  it('of 100 MB streams through a process with 64 MB for all that it keeps', async () => {
    const path = join(here.folder, 'citizens.csv');
    const file = await open(path, 'w');
    const [head, ...rows] = citizensCsv(0, 20_000).split('\n');
    const part = rows.join('\n');
    await file.write(`${head}\n`);
    for (let written = 0; written < 100 * 1024 * 1024; written += Buffer.byteLength(part)) await file.write(part);
    await file.close();
    const running = start(
      'subgraphs/sluse.js',
      { DATABASE_URL: database.url, SLUSE_MUNICIPALITY: '0999', NODE_OPTIONS: '--max-old-space-size=64' },
      ['import', path, '--dry-run'],
    );
    // It was read to its end: the same people again are found in the database alone.
    expect(await running.exit).toEqual({ code: 1, signal: null });
    expect(running.output()).toContain(
      'citizens.csv: line 20002, column cpr: expected a cpr that stands in no line before',
    );
    expect(running.output()).toContain('… and 950 more.\nNothing was imported.');
  }, 240_000);
});
