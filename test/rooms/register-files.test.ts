/** What a register file may look like, and what bad input gets: its own error with line and column, nothing half done, logged. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decoded } from '../../subgraphs/identity/register/decode.js';
import { kindNames, kindsOf, templateOf } from '../../subgraphs/identity/register/kinds.js';
import { mostProblems, stagedRows } from '../../subgraphs/identity/register/staged-rows.js';
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

let register: RegisterUnderTest;
beforeAll(async () => {
  register = await openRegister();
  const { ok } = await register.import({
    'organisations.csv': organisationsCsv,
    'units.csv': unitsCsv,
    'employees.csv': employeesCsv(10),
  });
  expect(ok).toBe(true);
});
afterAll(() => register.close());

const head = 'cpr,name,born_on,street,postcode,city\n';
const row = (cpr: string, name = 'Test Borger') => `${cpr},${name},1980-01-01,Algade 1,4999,Korsbæk\n`;
const [first, second] = [cprOf(100), cprOf(101)];

const citizens = async () =>
  (await register.database.sql('SELECT name, cpr FROM identity.citizen ORDER BY cpr')) as any[];

/** Refused with this, with nothing written and the attempt logged with the file's hash. */
async function expectRefused(name: string, content: string | Buffer, ...expected: string[]) {
  const [before, entries] = [await citizens(), (await register.logged()).length];
  const printed = await register.import({ [name]: content });
  expect(printed).toEqual({
    ok: false,
    lines: [...expected.map((line) => `${name}: ${line}`), 'Nothing was imported.'],
  });
  expect(await citizens()).toEqual(before);
  const logged = (await register.logged()).slice(entries);
  expect(logged).toEqual([
    {
      ...{ outcome: 'FAILED', onBehalfOf: 'Tester', name: 'sluse import' },
      said: {
        ...{ account: 'root', kind: name.replace(/\..*/, ''), mode: 'delta', problems: expected.length },
        sha256: createHash('sha256').update(content).digest('hex'),
      },
    },
  ]);
}

describe('a register file', () => {
  it('may have a BOM, semicolons, Windows line ends, empty lines, quoted fields and columns in any order', async () => {
    const csv = `\uFEFFname;cpr;born_on\r\n"Sørensen; Åse ""Ås""";${first.slice(0, 6)}-${first.slice(6)};1980-01-01\r\n\r\n`;
    expect(await register.import({ 'citizens.csv': csv })).toEqual({
      ok: true,
      lines: ['citizens: 1 rows, 1 added, 0 changed, 0 left'],
    });
    expect(await citizens()).toEqual([{ name: 'Sørensen; Åse "Ås"', cpr: first }]);
  });

  it('may be NDJSON; a number is refused, because a CPR number would lose its zero', async () => {
    const line = (cpr: unknown) => `${JSON.stringify({ cpr, name: 'Test Borger', born_on: '1980-01-01' })}\n`;
    expect((await register.import({ 'citizens.ndjson': line(first) })).ok).toBe(true);
    expect((await citizens())[0].name).toBe('Test Borger');
    await expectRefused(
      'citizens.ndjson',
      `${line(first)}${line(Number(second))}{"cpr"\n{"cpr":"${first}","nickname":"x"}\n`,
      'line 2, column cpr: expected 10 digits that begin with a date (DDMMYYNNNN), with or without a hyphen',
      'line 3: expected a JSON object',
      'line 4: expected members of the names cpr, previous_cpr, uuid, name, born_on, street, postcode, city, name_protected, address_protected, moved_away_on, died_on, and no others',
    );
  });

  it('in ISO-8859-1 is refused by its line, unless the operator says that it is; then it is read as that', async () => {
    const latin = Buffer.from(head + row(first, 'Åse Sørensen') + row(second, 'Ærlig'), 'latin1');
    await expectRefused(
      'citizens.csv',
      latin,
      'line 2: expected UTF-8. If the file is in ISO-8859-1 or Windows-1252, say --encoding iso-8859-1',
    );
    expect((await register.import({ 'citizens.csv': latin }, { encoding: 'iso-8859-1' })).ok).toBe(true);
    expect((await citizens()).map(({ name }) => name)).toEqual(expect.arrayContaining(['Åse Sørensen', 'Ærlig']));
  });

  it('in UTF-8 is not taken for ISO-8859-1, whatever the operator says', async () => {
    const printed = await register.import({ 'citizens.csv': head + row(first, 'Åse') }, { encoding: 'iso-8859-1' });
    expect(printed.lines[0]).toBe(
      'citizens.csv: line 1: expected ISO-8859-1, as --encoding says, but the file is in UTF-8: leave --encoding out',
    );
    expect((await citizens()).map(({ name }) => name)).not.toContain('Ã…se');
  });

  it('in UTF-16 is refused', () =>
    expectRefused(
      'citizens.csv',
      Buffer.from(`\uFEFF${head}`, 'utf16le'),
      'line 1: expected UTF-8, but the file is in UTF-16: save it as UTF-8',
    ));

  it('finds the line of a malformed character wherever a chunk ends', async () => {
    const bytes = Buffer.concat([Buffer.from('ab\næø\nå'), Buffer.from([0xe6]), Buffer.from('x\nå\n')]);
    for (let size = 1; size <= bytes.length; size += 1) {
      async function* chunks() {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
      }
      const read = async () => {
        for await (const _text of decoded(chunks(), 'utf-8'));
      };
      await expect(read()).rejects.toMatchObject({ line: 3 });
    }
  });

  it('with a line break in a quoted field keeps its line numbers, and a name of two lines is refused', () =>
    expectRefused(
      'citizens.csv',
      `${head}${row(first, '"Test\nBorger"')}${row('123')}`,
      'line 2, column name: expected one line of at most 200 characters',
      'line 4, column cpr: expected 10 digits that begin with a date (DDMMYYNNNN), with or without a hyphen',
    ));

  it('that is cut off is refused: in a quoted field, in a plain one, in a character, and in NDJSON', async () => {
    const whole = head + row(first) + row(second, '"Test Borger"');
    await expectRefused(
      'citizens.csv',
      whole.slice(0, whole.indexOf('"Test Borger"') + 5),
      'line 3: expected a closing quotation mark: the file may be cut off',
    );
    await expectRefused(
      'citizens.csv',
      whole.slice(0, -3),
      'line 3: expected a line break at the end of the last line: the file may be cut off',
    );
    await expectRefused(
      'citizens.csv',
      Buffer.from(`${head}${row(first)}${second},Å`).subarray(0, -1),
      'line 3: expected a file that is not cut off: its last character is incomplete',
    );
    await expectRefused(
      'citizens.ndjson',
      `{"cpr":"${first}","name":"Test","born_on":"1980-01-01"}\n{"cpr":"${second}"`,
      'line 2: expected a line break at the end of the last line: the file may be cut off',
    );
  });

  it('without the right first line is refused, and the line is not repeated', async () => {
    await expectRefused(
      'citizens.csv',
      row(first),
      `line 1, column number 1: expected one of ${kindsOf(() => new Date())
        .citizens.columns.map(({ name }) => name)
        .join(', ')}`,
    );
    await expectRefused(
      'citizens.csv',
      'cpr,name\n',
      'line 1, column born_on: expected this column, which is required',
    );
    await expectRefused('citizens.csv', 'cpr,name,cpr\n', 'line 1, column cpr: expected each column once');
    await expectRefused(
      'citizens.csv',
      '',
      `line 1: expected a first line with the columns ${kindsOf(() => new Date())
        .citizens.columns.map(({ name }) => name)
        .join(', ')}`,
    );
  });

  it('with too few or too many fields, or quotes in the wrong place, is refused by line', async () => {
    await expectRefused(
      'citizens.csv',
      `${head}${first},Test\n${row(second).trim()},more\n`,
      'line 2: expected 6 fields, as in the first line',
      'line 3: expected 6 fields, as in the first line',
    );
    await expectRefused(
      'citizens.csv',
      `${citizensCsv(0, 500)}${first},Test "B" Borger,1980-01-01,,,,\n`,
      'line 502: expected a field with a quotation mark to be quoted as a whole, the mark being doubled',
    );
    await expectRefused(
      'citizens.csv',
      head + row(first, '"Test" Borger'),
      'line 2: expected a separator or the end of the line after a closing quotation mark',
    );
  });

  it('with one quotation mark too many does not fill the memory', () =>
    expectRefused(
      'citizens.csv',
      `${citizensCsv(0, 500)}"${citizensCsv(500, 20_000).replaceAll('"', '')}`,
      'line 502: expected a row of at most 1 MiB: a closing quotation mark may be missing',
    ));

  it('has values that are what their columns say, and no error repeats one', () =>
    expectRefused(
      'citizens.csv',
      `cpr,name,born_on,postcode,address_protected,died_on\n9913800001,,1980-02-30,499,ja,2999-01-01\n`,
      'line 2, column cpr: expected 10 digits that begin with a date (DDMMYYNNNN), with or without a hyphen',
      'line 2, column name: expected one line of at most 200 characters',
      'line 2, column born_on: expected a day such as 2026-11-30, and not one to come',
      'line 2, column postcode: expected 4 digits',
      'line 2, column address_protected: expected true or false',
      'line 2, column died_on: expected a day such as 2026-11-30, and not one to come',
    ));

  it('that is wrong in every line is given up after a thousand, and read to its end where wrong rows are skipped', async () => {
    const folder = await register.folder({ 'citizens.csv': head + row('x').repeat(5_000) });
    const { citizens: kind } = kindsOf(() => new Date());
    const reading = async (skipping: boolean) => {
      const path = join(folder, 'citizens.csv');
      const { lines, read } = stagedRows({ path, kind, format: 'csv', encoding: 'utf-8' }, skipping);
      for await (const _text of lines);
      return read();
    };
    const given = await reading(false);
    expect([given.problems.length, given.broken]).toEqual([mostProblems, true]);
    expect(await reading(true)).toMatchObject({ wrong: 5_000, broken: false, rows: 0 });
  });
});

describe('rows that contradict each other or the register', () => {
  const unit = (...rows: string[]) => `code,name,cvr,parent,manager\n${rows.join('\n')}\n`;

  it('are refused: a key twice', async () => {
    await expectRefused(
      'citizens.csv',
      head + row(first) + row(second) + row(first),
      'line 4, column cpr: expected a cpr that stands in no line before',
    );
    await expectRefused(
      'relatives.csv',
      `cpr,relative_cpr,kind\n${`${first},${second},SPOUSE\n`.repeat(2)}`,
      'line 3, column kind: expected cpr and relative_cpr and kind that stand in no line before',
    );
  });

  it('are refused: a second CPR number for a citizen, until the old one is given; then it is the same citizen', async () => {
    const uuid = '00000000-0000-4000-9000-000000000001';
    const csv = (cpr: string, previous = '') =>
      `cpr,previous_cpr,uuid,name,born_on\n${cpr},${previous},${uuid},Nummer Skifter,1980-01-01\n`;
    const [old, fresh] = [cprOf(200), cprOf(201)];
    expect((await register.import({ 'citizens.csv': csv(old) })).ok).toBe(true);
    const ids = () => register.database.sql('SELECT id FROM identity.citizen WHERE cpr = ANY ($1)', [[old, fresh]]);
    const before = await ids();
    await expectRefused(
      'citizens.csv',
      csv(fresh),
      'line 2, column cpr: expected the number that the register has for this person: a citizen has one. For a new number, give the old one as previous_cpr',
    );
    const changed = { ok: true, lines: ['citizens: 1 rows, 0 added, 1 changed, 0 left'] };
    expect(await register.import({ 'citizens.csv': csv(fresh, old) })).toEqual(changed);
    expect(await ids()).toEqual(before);
    // The same file again changes nothing.
    expect((await register.import({ 'citizens.csv': csv(fresh, old) })).lines[0]).toContain('0 changed');
    await expectRefused(
      'citizens.csv',
      csv(fresh).replace(uuid, '00000000-0000-4000-9000-000000000002'),
      'line 2, column uuid: expected the UUID that the register has for this citizen',
    );
    await expectRefused(
      'citizens.csv',
      `cpr,previous_cpr,name,born_on\n${fresh},${first},Nummer Skifter,1980-01-01\n`,
      'line 2, column previous_cpr: expected one person: the register has both numbers, as two citizens',
    );
  });

  it('are refused: a unit above itself, by itself or in a circle with units of the register', async () => {
    await expectRefused(
      'units.csv',
      unit('A,Enhed A,11111111,B,', 'B,Enhed B,11111111,A,', 'C,Enhed C,11111111,A,'),
      'line 2, column parent: expected a unit above this one: by its parents, this unit is above itself',
      'line 3, column parent: expected a unit above this one: by its parents, this unit is above itself',
    );
    await expectRefused(
      'units.csv',
      unit('A,Enhed A,11111111,A,'),
      'line 2, column parent: expected a unit above this one: by its parents, this unit is above itself',
    );
    await expectRefused(
      'units.csv',
      unit('U0,Enhed 0,11111111,U1,'),
      'line 2, column parent: expected a unit above this one: by its parents, this unit is above itself',
    );
  });

  it('are refused: unknown organisations, units, managers and citizens', async () => {
    const aUnit = 'a code of a unit that is in the register or in this import';
    const company = 'a CVR number of an organisation that is in the register or in this import';
    await expectRefused(
      'units.csv',
      unit(`A,Enhed A,99999999,,`, `B,Enhed B,11111111,X,`, `C,Enhed C,11111111,,${employeeUuid(999)}`),
      `line 2, column cvr: expected ${company}`,
      `line 3, column parent: expected ${aUnit}`,
      'line 4, column manager: expected the NemLog-in UUID of an employee who is in the register or in this import, and has not left',
    );
    await expectRefused(
      'employees.csv',
      `uuid,name,cvr,unit\n${employeeUuid(50)},Test,11111111,X\n${employeeUuid(51)},Test,33333333,U1\n`,
      `line 2, column unit: expected ${aUnit}`,
      'line 3, column unit: expected a unit of the organisation that cvr names',
    );
    await expectRefused('secretariats.csv', 'authority,unit\nRENT_BOARD,X\n', `line 2, column unit: expected ${aUnit}`);
    await expectRefused(
      'relatives.csv',
      `cpr,relative_cpr,kind\n${first},${cprOf(999)},CHILD\n${first},${first},SPOUSE\n`,
      'line 2, column relative_cpr: expected a CPR number of a citizen who is in the register or in this import',
      'line 3, column relative_cpr: expected somebody else than the citizen',
    );
  });

  it('are left out where the operator says so, with all that refers to them, and are counted', async () => {
    const printed = await register.import(
      {
        'units.csv': unit('A,Enhed A,11111111,X,', 'B,Enhed B,11111111,A,', 'C,Enhed C,11111111,,'),
        'employees.csv': `uuid,name,cvr,unit\n${employeeUuid(60)},Test,11111111,B\n${employeeUuid(61)},Test,11111111,C\nx,Test,11111111,C\n`,
      },
      { skipBadRows: true },
    );
    expect(printed.ok).toBe(false);
    expect(printed.lines.slice(-2)).toEqual([
      'units: 1 rows, 1 added, 0 changed, 0 left, 2 skipped',
      'employees: 1 rows, 1 added, 0 changed, 0 left, 2 skipped',
    ]);
    const places = await register.database.sql("SELECT code FROM identity.organisation WHERE code IN ('A', 'B', 'C')");
    expect(places).toEqual([{ code: 'C' }]);
    const [entry] = (await register.logged()).slice(-1);
    expect(entry).toMatchObject({ outcome: 'ANSWERED', said: { kind: 'employees', rows: 1, skipped: 2 } });
  });
});

describe('an import', () => {
  it('of one file with a wrong row writes none of the other files', async () => {
    const before = await citizens();
    const printed = await register.import({
      'citizens.csv': citizensCsv(300, 5),
      'employees.csv': 'uuid,name,cvr\nx,Test,11111111\n',
    });
    expect(printed.lines).toEqual(['employees.csv: line 2, column uuid: expected a UUID', 'Nothing was imported.']);
    expect(await citizens()).toEqual(before);
    // Both attempts are logged.
    expect((await register.logged()).slice(-2).map(({ outcome, said }) => [outcome, said.kind, said.problems])).toEqual(
      [
        ['FAILED', 'citizens', 0],
        ['FAILED', 'employees', 1],
      ],
    );
  });

  it('that is tried only says what it would do, and leaves neither a row nor an entry', async () => {
    const [before, entries] = [await citizens(), await register.logged()];
    expect(await register.import({ 'citizens.csv': citizensCsv(300, 5) }, { dryRun: true })).toEqual({
      ok: true,
      lines: ['citizens: 5 rows, 5 added, 0 changed, 0 left', 'This was a dry run: nothing was imported.'],
    });
    expect([await citizens(), await register.logged()]).toEqual([before, entries]);
  });

  it('that cannot be logged is not made', async () => {
    const before = await citizens();
    await register.database.sql('ALTER TABLE audit.entry ADD CONSTRAINT broken CHECK (outcome = $$NEVER$$) NOT VALID');
    try {
      await expect(register.import({ 'citizens.csv': citizensCsv(300, 5) })).rejects.toMatchObject({
        code: 'AUDIT_UNAVAILABLE',
      });
    } finally {
      await register.database.sql('ALTER TABLE audit.entry DROP CONSTRAINT broken');
    }
    expect(await citizens()).toEqual(before);
  });

  it('into another municipality than the one that is registered is refused', async () => {
    await expect(register.import({ 'citizens.csv': citizensCsv(300, 5) }, { municipality: '0998' })).rejects.toThrow(
      'The register has no organisation of the kind MUNICIPALITY',
    );
    expect(await register.database.sql("SELECT FROM identity.citizen WHERE municipality <> '0999'")).toEqual([]);
  });

  it('that the database refuses is logged as failed, and leaves nothing', async () => {
    const before = await citizens();
    await register.database.sql("ALTER TABLE identity.citizen ADD CONSTRAINT broken CHECK (city <> 'Nowhere')");
    const csv = `${head}${first},Test,1980-01-01,,,Nowhere\n`;
    await expect(register.import({ 'citizens.csv': csv })).rejects.toMatchObject({ code: '23514' });
    await register.database.sql('ALTER TABLE identity.citizen DROP CONSTRAINT broken');
    expect(await citizens()).toEqual(before);
    expect((await register.logged()).at(-1)).toMatchObject({ outcome: 'FAILED', said: { kind: 'citizens' } });
  });

  it('does not run beside another one', async () => {
    const files = { 'citizens.csv': citizensCsv(400, 2_000) };
    const both = await Promise.allSettled([register.import(files), register.import(files)]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find((one) => one.status === 'rejected')).toMatchObject({
      reason: { message: expect.stringContaining('Another import or appointment is under way') },
    });
  });

  it('needs files that are named by their kind, one of each', async () => {
    await expect(register.import({ 'people.csv': head })).rejects.toThrow('expected a name that begins with its kind');
    await expect(register.import({ 'citizens.xlsx': head })).rejects.toThrow('expected a file .csv or .ndjson');
    await expect(register.import({ 'citizens-1.csv': head, 'citizens-2.csv': head })).rejects.toThrow(
      'expected one file of citizens',
    );
    await expect(register.import({})).rejects.toThrow('expected files named organisations.csv');
    await expect(register.import({ 'citizens.csv': head }, { full: true, skipBadRows: true })).rejects.toThrow(
      'Expected --full or --skip-bad-rows',
    );
  });
});

describe('a template', () => {
  const kinds = kindsOf(() => new Date());

  it('has every column and passes the checks of its values, kind by kind', async () => {
    for (const name of kindNames) {
      const folder = await register.folder({ [`${name}.csv`]: templateOf(kinds[name]) });
      const path = join(folder, `${name}.csv`);
      const { lines, read } = stagedRows({ path, kind: kinds[name], format: 'csv', encoding: 'utf-8' }, false);
      for await (const _text of lines);
      expect([name, read()]).toMatchObject([
        name,
        { rows: kinds[name].shipped?.length ?? 1, problems: [], broken: false },
      ]);
    }
  });
});
