/** Register files of a made-up municipality, and a database that they can be imported into. All numbers are replacement numbers. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrateRooms } from '../../subgraphs/migrations.js';
import { type ImportCommand, importRegister, type Printed } from '../../subgraphs/register.js';
import { freshDatabase, type TestDatabase, testSecret } from './database.js';

const digits = (value: number, length: number): string => String(value).padStart(length, '0');

/** NemLog-in's UUID of employee number `n`. */
export const employeeUuid = (n: number): string => `00000000-0000-4000-8000-${digits(n, 12)}`;

const born = (n: number) => ({ day: n % 28, month: 1 + (Math.floor(n / 28) % 12), year: Math.floor(n / 336) % 37 });

/** A replacement number: 60 is added to the day. */
export function cprOf(n: number): string {
  const { day, month, year } = born(n);
  return digits(61 + day, 2) + digits(month, 2) + digits(year, 2) + digits(Math.floor(n / (336 * 37)), 4);
}

export const bornOn = (n: number): string => {
  const { day, month, year } = born(n);
  return `19${digits(year, 2)}-${digits(month, 2)}-${digits(1 + day, 2)}`;
};

export const citizensCsv = (from: number, count: number): string =>
  `cpr,name,born_on,street,postcode,city,address_protected\n${Array.from({ length: count }, (_, index) => {
    const n = from + index;
    return `${cprOf(n)},Borger Nummer ${n},${bornOn(n)},"Algade ${n}, 2. tv.",4999,Korsbæk,${n % 50 === 0}\n`;
  }).join('')}`;

export const organisationsCsv = 'cvr,name,kind\n11111111,Korsbæk Kommune,MUNICIPALITY\n33333333,Leverandøren,VENDOR\n';

/** Ten units, nine of them under the first; unit `n` is managed by employee `n`. */
export const unitsCsv = `code,name,cvr,parent,manager\n${Array.from(
  { length: 10 },
  (_, n) => `U${n},Enhed ${n},11111111,${n > 0 ? 'U0' : ''},${employeeUuid(n)}\n`,
).join('')}`;

/** Employees with numbers up to `count`, but for those in `without`. */
export const employeesCsv = (count: number, without: readonly number[] = []): string =>
  `uuid,name,cvr,unit,email\n${Array.from({ length: count }, (_, n) => n)
    .filter((n) => !without.includes(n))
    .map((n) => `${employeeUuid(n)},Medarbejder ${n},11111111,U${n % 10},m${n}@korsbaek.example\n`)
    .join('')}`;

export interface RegisterUnderTest {
  readonly database: TestDatabase;
  /** Imports files, by name, from a folder that holds nothing else. */
  import(files: Readonly<Record<string, string | Buffer>>, over?: Partial<ImportCommand>): Promise<Printed>;
  /** A folder with these files. */
  folder(files: Readonly<Record<string, string | Buffer>>): Promise<string>;
  /** What the log has of commands, in order. */
  logged(): Promise<{ outcome: string; onBehalfOf: string; name: string; said: Record<string, unknown> }[]>;
  close(): Promise<void>;
}

export async function openRegister(): Promise<RegisterUnderTest> {
  const database = await freshDatabase();
  await migrateRooms(database.url, testSecret, false);
  const made: string[] = [];
  const folder = async (files: Readonly<Record<string, string | Buffer>>) => {
    const path = await mkdtemp(join(tmpdir(), 'sluse-register-'));
    made.push(path);
    for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content);
    return path;
  };
  return {
    database,
    folder,
    import: async (files, over = {}) =>
      importRegister({
        ...{ url: database.url, municipality: '0999', path: await folder(files), kind: undefined, encoding: 'utf-8' },
        ...{ full: false, dryRun: false, skipBadRows: false, manyLeavers: false },
        operator: { account: 'root', name: 'Tester', machine: 'here' },
        ...over,
      }),
    logged: async () => {
      const rows = await database.sql<{ leaf: string }>('SELECT leaf FROM audit.entry ORDER BY log, seq');
      return rows.map(({ leaf }) => {
        const { outcome, onBehalfOf, operation, criterion } = JSON.parse(leaf);
        return { outcome, onBehalfOf, name: operation.name, said: criterion[0].arguments };
      });
    },
    async close() {
      await database.drop();
      for (const path of made) await rm(path, { recursive: true, force: true });
    },
  };
}
