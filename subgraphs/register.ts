/** `npx sluse import` and `npx sluse appoint`: how a municipality's register is filled, and its first administrator made. */
import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { appendAsOwner } from './audit/ingest/append-as-owner.js';
import { type Appointed, appoint } from './identity/register/appoint.js';
import type { Encoding } from './identity/register/decode.js';
import { type ImportedFile, type ImportResult, importFiles } from './identity/register/import.js';
import { isKindName, type KindName, kindNames, kindsOf, templateOf } from './identity/register/kinds.js';
import { type CommandRun, commandEntry, type Operator } from './identity/register/log-entries.js';
import { described, ImportRefused } from './identity/register/refused.js';
import { type RegisterFile, sha256Of } from './identity/register/staged-rows.js';
import { asOwner, type Query } from './postgres/owner.js';
import { isUuid } from './protocol/text.js';

/** An error that the caller can correct. */
export class RegisterRefused extends Error {}

export function templateText(name: string): string {
  if (!isKindName(name)) throw new RegisterRefused(`--template: expected one of ${kindNames.join(', ')}.`);
  return templateOf(kindsOf(() => new Date())[name]);
}

export interface ImportCommand {
  readonly url: string;
  readonly municipality: string;
  /** A file, or a folder of files that are named by their kind. */
  readonly path: string;
  readonly kind: string | undefined;
  readonly encoding: string;
  readonly full: boolean;
  readonly dryRun: boolean;
  readonly skipBadRows: boolean;
  readonly manyLeavers: boolean;
  readonly operator: Operator;
}

/** What is printed, and whether all is well. */
export interface Printed {
  readonly lines: readonly string[];
  readonly ok: boolean;
}

/** Ends the transaction of a dry run. */
class DryRun extends Error {
  constructor(readonly result: ImportResult) {
    super('a dry run');
  }
}

/** Most problems that are printed. */
const mostPrinted = 50;

export async function importRegister(command: ImportCommand): Promise<Printed> {
  if (command.encoding !== 'utf-8' && command.encoding !== 'iso-8859-1')
    throw new RegisterRefused('--encoding: expected utf-8 or iso-8859-1.');
  if (command.full && command.skipBadRows)
    throw new RegisterRefused(
      '--full needs every row: somebody whose row was left out would look as if they had left. Expected --full or --skip-bad-rows.',
    );
  const now = new Date();
  const kinds = kindsOf(() => now);
  const files = await filesAt(command, kinds);
  const mode = command.full ? 'full' : 'delta';
  const entryOf = ({ left, ...file }: ImportedFile) =>
    commandEntry(
      command.operator,
      {
        ...{ municipality: command.municipality, command: 'import', outcome: 'ANSWERED' },
        use: left > 0 || file.changed > 0 ? 'CHANGE' : 'ENTER',
        arguments: { ...file, left, mode },
      },
      new Date(),
    );
  const work = async (query: Query, copy: Parameters<typeof importFiles>[1]): Promise<ImportResult> => {
    const result = await importFiles(query, copy, kinds, files, { ...command, now });
    if (result.refused) throw new Refused(result);
    if (command.dryRun) throw new DryRun(result);
    await appendAsOwner(query, result.files.map(entryOf), 'identity');
    return result;
  };
  try {
    return printed(await asOwner(command.url, 'identity', work, 'write'), command);
  } catch (error) {
    if (error instanceof DryRun) return printed(error.result, command);
    if (!command.dryRun && (error instanceof Refused || error instanceof ImportRefused))
      await logRefusedImport(command, files, error instanceof Refused ? error.result : null, mode);
    if (error instanceof Refused) return printed(error.result, command);
    throw error;
  }
}

/** Ends the transaction of an import that is not made. */
class Refused extends Error {
  constructor(readonly result: ImportResult) {
    super('a refused import');
  }
}

async function logRefusedImport(
  { url, municipality, operator }: ImportCommand,
  files: readonly RegisterFile[],
  result: ImportResult | null,
  mode: string,
): Promise<void> {
  const runs = await Promise.all(
    files.map(async (file): Promise<CommandRun> => {
      const problems = result?.refused?.filter((one) => one.file === file).length ?? 0;
      return {
        ...{ municipality, command: 'import', use: 'ENTER', outcome: 'FAILED', faults: ['BAD_USER_INPUT'] },
        arguments: { kind: file.kind.name, sha256: await sha256Of(file.path), mode, problems },
      };
    }),
  );
  await logged(url, operator, runs);
}

const logged = (url: string, operator: Operator, runs: readonly CommandRun[]): Promise<void> =>
  asOwner(
    url,
    'audit',
    (query) =>
      appendAsOwner(
        query,
        runs.map((run) => commandEntry(operator, run, new Date())),
        'audit',
      ),
    'write',
  );

function printed(result: ImportResult, { dryRun }: ImportCommand): Printed {
  const problems = result.refused ?? result.problems;
  const lines = problems
    .slice(0, mostPrinted)
    .map(({ file, problem }) => `${basename(file.path)}: ${described(problem)}`);
  if (problems.length > mostPrinted) lines.push(`… and ${problems.length - mostPrinted} more.`);
  if (result.refused) return { lines: [...lines, 'Nothing was imported.'], ok: false };
  const said = result.files.map(
    ({ kind, rows, added, changed, left, skipped }) =>
      `${kind}: ${rows} rows, ${added} added, ${changed} changed, ${left} left${skipped > 0 ? `, ${skipped} skipped` : ''}`,
  );
  if (dryRun) said.push('This was a dry run: nothing was imported.');
  return { lines: [...lines, ...said], ok: problems.length === 0 };
}

async function filesAt(command: ImportCommand, kinds: ReturnType<typeof kindsOf>): Promise<RegisterFile[]> {
  const { path } = command;
  const isFolder = (await stat(path)).isDirectory();
  if (isFolder && command.kind !== undefined)
    throw new RegisterRefused('--kind: expected with one file, not with a folder.');
  const paths = isFolder
    ? (await readdir(path)).filter((name) => !name.startsWith('.')).map((name) => join(path, name))
    : [path];
  const files = paths.sort().map((one) => fileAt(one, command, kinds));
  if (files.length === 0) throw new RegisterRefused(`${path}: expected files named ${kindNames.join('.csv, ')}.csv.`);
  const twice = files.find((file, index) => files.findIndex(({ kind }) => kind === file.kind) !== index);
  if (twice) throw new RegisterRefused(`${path}: expected one file of ${twice.kind.name}.`);
  return files;
}

function fileAt(path: string, { kind, encoding }: ImportCommand, kinds: ReturnType<typeof kindsOf>): RegisterFile {
  const name = kind ?? basename(path).split(/[^a-z]/, 1)[0]!;
  const format = extname(path).slice(1).toLowerCase();
  if (!isKindName(name))
    throw new RegisterRefused(
      `${path}: expected a name that begins with its kind, or --kind: one of ${kindNames.join(', ')}.`,
    );
  if (format !== 'csv' && format !== 'ndjson') throw new RegisterRefused(`${path}: expected a file .csv or .ndjson.`);
  return { path, kind: kinds[name satisfies KindName], format, encoding: encoding as Encoding };
}

export interface AppointCommand {
  readonly url: string;
  readonly municipality: string;
  readonly cvr: string;
  readonly uuid: string;
  readonly right: string;
  readonly reason: string | null;
  readonly operator: Operator;
}

export async function appointEmployee(command: AppointCommand): Promise<Printed> {
  const { url, municipality, cvr, right, reason, operator } = command;
  if (!/^\d{8}$/.test(cvr)) throw new RegisterRefused('--cvr: expected 8 digits.');
  if (!isUuid(command.uuid)) throw new RegisterRefused('--uuid: expected the NemLog-in UUID of the employee.');
  const uuid = command.uuid.toLowerCase();
  const now = new Date();
  const runOf = (outcome: 'ANSWERED' | 'DENIED', more: object): CommandRun => ({
    ...{ municipality, command: 'appoint', use: 'CHANGE', outcome },
    ...(outcome === 'DENIED' && { faults: ['FORBIDDEN'] }),
    arguments: { cvr, uuid, right, ...more },
    purpose: reason,
  });
  let appointed: Appointed;
  try {
    appointed = await asOwner(
      url,
      'identity',
      async (query) => {
        const made = await appoint(query, { municipality, cvr, uuid, right, reason, now });
        const entry = commandEntry(operator, runOf('ANSWERED', { employee: made.employee, new: made.isNew }), now);
        await appendAsOwner(query, [entry], 'identity');
        return made;
      },
      'write',
    );
  } catch (error) {
    if (error instanceof ImportRefused) await logged(url, operator, [runOf('DENIED', {})]);
    throw error;
  }
  return { lines: [appointed.isNew ? `${right} was given.` : `The employee holds ${right} already.`], ok: true };
}
