/**
 * Enters and changes many cases of a case system at once. Every row has an outcome of its own, decided by the version that the source
 * gives its content: the last version stays, in whatever order and however often batches come.
 *
 * All rows of a batch are one transaction of a few statements. Locks are taken in one order: external ids, then their cases, then the
 * number series. So two workers with the same batch wait for each other and never in a ring.
 */
import { Fault, inputRefused, type Problem } from '../protocol/faults.js';
import { compartments } from '../protocol/viewer.js';
import { type CasesContext, changeCases } from './context.js';
import type { ImportOutcome } from './enums.js';
import type { ExternalId } from './external-store.js';
import { digestOf, type Ready, rowsOf } from './import-rows.js';
import { type Taken, takeRows } from './import-take.js';
import type { ImportCaseInput } from './inputs.js';
import { danishDate } from './quality.js';
import { identified, inRegister } from './register.js';

const largestBatch = 1_000;

/** What became of a row. */
export interface ImportedRow {
  readonly index: number;
  readonly externalId: ExternalId;
  readonly outcome: ImportOutcome;
  readonly caseId: string | null;
  readonly problems: readonly Problem[];
}

/** Returns the outcomes in the order of the rows. Throws `BAD_USER_INPUT` for an empty batch or one of more than 1,000 rows. */
export async function importCases(context: CasesContext, batch: readonly ImportCaseInput[]): Promise<ImportedRow[]> {
  const { viewer, services } = context;
  if (viewer.actor.kind !== 'SystemClient')
    throw new Fault('FORBIDDEN', 'Only case systems import cases. Enter a case with `enterCase`.');
  if (batch.length === 0 || batch.length > largestBatch)
    throw inputRefused([{ path: ['batch'], message: 'expected 1 to 1,000 cases' }]);
  const now = services.now();
  const rules = { municipality: viewer.municipality, today: danishDate(now), table: context.table };
  const rows = rowsOf(batch, rules);
  const [enters, finds] = [new Set(compartments(viewer, 'ENTER')), new Set(compartments(viewer, 'SEARCH', 'METADATA'))];
  for (const { draft, problems } of rows)
    if (problems.length === 0 && !(enters.has(draft.details.compartment) && finds.has(draft.details.compartment)))
      problems.push({ path: ['category'], message: 'your grants do not include importing cases of this category' });
  const right = rows.filter(({ problems }) => problems.length === 0);
  const register = await inRegister(
    context,
    right.flatMap(({ draft }) => draft.parties),
  );
  const ready = right.flatMap((row): Ready[] => {
    const { draft, externalId, problems } = row;
    const ids = identified(draft.parties, register, problems);
    if (problems.length > 0) return [];
    const parties = draft.parties.map(({ role }, place) => ({ citizen: ids[place]!, role }));
    const key = { compartment: draft.details.compartment, ...externalId };
    return [{ ...row, parties, key, digest: digestOf(draft, parties) }];
  });
  // Whoever was found in the register is named in the log, also where nothing becomes of the row: of a large batch, the entry keeps
  // the beginning of the caller's words only.
  const citizens = [...register.values()];
  const taken: ReadonlyMap<number, Taken> =
    citizens.length === 0
      ? new Map()
      : await changeCases(context, (tx) => {
          services.change?.isAbout({ citizens });
          return takeRows(tx, context, ready, now);
        });
  return rows.map(({ index, externalId, problems }) => {
    const found = taken.get(index);
    return {
      index,
      externalId,
      outcome: found?.outcome ?? 'REFUSED',
      caseId: found?.caseId ?? null,
      problems: found ? found.problems : problems,
    };
  });
}
