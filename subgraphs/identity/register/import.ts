/**
 * Imports register files in one transaction: read and checked value by value, staged with COPY, checked against each other and the
 * register, written set by set, and logged. All of it is committed together with its entries of the log, or none of it.
 */
import type { Copy, Query } from '../../postgres/owner.js';
import * as check from './check-store.js';
import { type Kind, type KindName, kindNames } from './kinds.js';
import * as leavers from './leave-store.js';
import { ImportRefused, type Problem } from './refused.js';
import { mostProblems, type ReadFile, type RegisterFile, stagedRows } from './staged-rows.js';
import * as staging from './staging-store.js';
import { writeManagers, writers } from './write-store.js';

export interface ImportOptions {
  readonly municipality: string;
  /** Whether what a file does not have has left. */
  readonly full: boolean;
  /** Whether wrong rows are left out, instead of refusing all of them. */
  readonly skipBadRows: boolean;
  /** Whether many may leave at once. */
  readonly manyLeavers: boolean;
  readonly now: Date;
}

export interface ImportedFile {
  readonly kind: KindName;
  readonly sha256: string;
  readonly rows: number;
  readonly added: number;
  readonly changed: number;
  readonly left: number;
  readonly skipped: number;
}

export interface FileProblem {
  readonly file: RegisterFile;
  readonly problem: Problem;
}

export type ImportResult =
  | { readonly files: readonly ImportedFile[]; readonly problems: readonly FileProblem[]; readonly refused?: never }
  | { readonly refused: readonly FileProblem[]; readonly files?: never };

/**
 * Does everything but commit: the caller's transaction is committed if this returns `files`, and must be rolled back if it returns
 * `refused` or throws. `kinds`: all of them, whether or not there is a file.
 */
export async function importFiles(
  query: Query,
  copy: Copy,
  kinds: Readonly<Record<KindName, Kind>>,
  files: readonly RegisterFile[],
  options: ImportOptions,
): Promise<ImportResult> {
  const { municipality, full, now } = options;
  if (!(await staging.isAlone(query, municipality)))
    throw new ImportRefused(
      'Another import or appointment is under way. Expected to be the only one: try again when it has ended.',
    );
  await staging.createStaging(query, Object.values(kinds));
  const ordered = [...files].sort((a, b) => kindNames.indexOf(a.kind.name) - kindNames.indexOf(b.kind.name));
  const read = new Map<RegisterFile, ReadFile>();
  for (const file of ordered) read.set(file, await stage(query, copy, file, options.skipBadRows));

  const problems = [...read].flatMap(([file, one]) => one.problems.map((problem) => ({ file, problem })));
  const isBroken = [...read.values()].some(({ broken }) => broken);
  if (isBroken || (problems.length > 0 && !options.skipBadRows)) return { refused: problems };
  const across = await checkAcross(query, ordered, options);
  problems.push(...across);
  if (across.length > 0 && !options.skipBadRows) return { refused: problems };

  if (full && !options.manyLeavers) for (const { kind } of ordered) await checkLeavers(query, kind.name, municipality);
  const counts = new Map<KindName, { added: number; changed: number; left: number; kept: number }>();
  // Who is many comes before who has access: the counter of access changes is locked from the first change on.
  const order = [...ordered].sort((a, b) => place(a.kind.name) - place(b.kind.name));
  for (const { kind } of order) {
    const written = await writers[kind.name](query, municipality, now);
    const kept = await staging.countStaged(query, kind.name);
    counts.set(kind.name, { ...written, left: 0, kept });
  }
  if (counts.has('units')) {
    const managed = await writeManagers(query, municipality);
    const units = counts.get('units')!;
    counts.set('units', { ...units, changed: Math.max(units.changed, Math.min(managed, units.kept - units.added)) });
  }
  for (const { kind } of order) {
    const left = await leavers.leave(query, kind.name, full, municipality, now);
    counts.set(kind.name, { ...counts.get(kind.name)!, left });
  }
  await checkStranded(query, municipality);
  if ([...counts.values()].some(({ added }) => added > 1_000)) await staging.analyseRegister(query);
  await leavers.withdrawFromLeavers(query, municipality, now);
  return {
    problems,
    files: ordered.map((file) => {
      const { kept, ...count } = counts.get(file.kind.name)!;
      const { rows, wrong, sha256 } = read.get(file)!;
      return { kind: file.kind.name, sha256, ...count, rows: kept, skipped: rows - kept + wrong };
    }),
  };
}

const place = (kind: KindName): number => ['citizens', 'relatives', ...kindNames].indexOf(kind);

async function stage(query: Query, copy: Copy, file: RegisterFile, skipping: boolean): Promise<ReadFile> {
  const { lines, read } = stagedRows(file, skipping);
  await staging.copyStaged(copy, file.kind, lines);
  await staging.analyseStaged(query, file.kind);
  return read();
}

/** With wrong rows left out, what referred to them may be wrong in turn: checked until nothing more is found. */
async function checkAcross(
  query: Query,
  files: readonly RegisterFile[],
  { municipality, full, skipBadRows }: ImportOptions,
): Promise<FileProblem[]> {
  const kinds = files.map(({ kind }) => kind);
  const scope = { municipality, full: full ? kinds.map(({ name }) => name) : [] };
  const fileOf = (kind: KindName) => files.find((file) => file.kind.name === kind)!;
  const all: FileProblem[] = [];
  for (;;) {
    const found = await check.problemsOf(query, scope, kinds, mostProblems);
    all.push(...found.map(({ kind, problem }) => ({ file: fileOf(kind), problem })));
    if (!skipBadRows || found.length === 0) return all;
    for (const { name } of kinds) {
      const lines = found.filter(({ kind }) => kind === name).map(({ problem }) => problem.line);
      if (lines.length > 0) await check.unstage(query, name, lines);
    }
  }
}

/** A file that was cut off at the end of a line looks whole. As a full file it would lock out whoever came after. */
async function checkLeavers(query: Query, kind: KindName, municipality: string): Promise<void> {
  const { present, leaving } = await leavers.countLeavers(query, kind, municipality);
  if (leaving > 10 && leaving * 10 > present)
    throw new ImportRefused(
      `${kind}: ${leaving} of ${present} would leave. Expected at most a tenth: the file may be cut off. If it is right, say --many-leavers.`,
    );
}

async function checkStranded(query: Query, municipality: string): Promise<void> {
  const found = Object.entries(await leavers.stranded(query, municipality)).filter(([, count]) => count > 0);
  if (found.length === 0) return;
  const counts = found.map(([name, count]) => `${count} ${name}`).join(', ');
  throw new ImportRefused(
    `${counts} belong to an organisation or a unit that is not in the full file. Expected nobody to be left behind: import them with it, as they will be.`,
  );
}
