/** The transaction of a batch: decides by what is stored what becomes of each row, and stores it. */
import type { Transaction } from '../postgres/database.js';
import type { Problem } from '../protocol/faults.js';
import type { CaseStorage } from './change-store.js';
import type { CasesContext } from './context.js';
import { differences, facetIn } from './differences.js';
import type { ImportOutcome } from './enums.js';
import * as external from './external-store.js';
import { keyText, type Ready } from './import-rows.js';
import * as store from './import-store.js';

/** What became of a row that was right by itself. */
export interface Taken {
  readonly outcome: ImportOutcome;
  /** `null`: there is no such case. */
  readonly caseId: string | null;
  readonly problems: readonly Problem[];
}

/** The rows of the batch whose cases are stored in one place. */
interface Group {
  readonly storage: CaseStorage;
  /** Rows whose external id was free, with the id that their case gets. */
  readonly fresh: readonly Target[];
  /** Rows whose external id was given before. */
  readonly known: readonly { readonly row: Ready; readonly held: external.Held }[];
}

interface Target {
  readonly row: Ready;
  readonly id: string;
}

/** Whose ids they are, and where and when they are stored. */
interface Giving extends external.Giver {
  readonly now: Date;
  readonly newId: () => string;
}

/** What becomes of each row, by its index. */
export async function takeRows(
  tx: Transaction,
  { viewer, services }: CasesContext,
  ready: readonly Ready[],
  now: Date,
): Promise<ReadonlyMap<number, Taken>> {
  const giving: Giving = { municipality: viewer.municipality, client: viewer.actor.id, now, newId: services.newId };
  const taken = new Map<number, Taken>();
  const groups: Group[] = [];
  for (const storage of ['ordinary', 'shielded'] as const) {
    const rows = ready.filter(({ draft }) => draft.storage === storage);
    if (rows.length > 0) groups.push(await claimed(tx, storage, giving, rows));
  }
  const changes: { storage: CaseStorage; decided: Decided }[] = [];
  for (const group of groups) changes.push({ storage: group.storage, decided: await decide(tx, group, giving, taken) });
  await enter(tx, groups, giving, taken);
  for (const { storage, decided } of changes) await apply(tx, storage, giving, decided);
  for (const { index, key, draft } of ready) {
    const caseId = taken.get(index)!.caseId;
    if (caseId !== null)
      services.change?.isAbout({ case: caseId, compartment: draft.storage === 'shielded' ? key.compartment : null });
  }
  return taken;
}

/** Gives the external ids that are free, and locks the others. */
async function claimed(tx: Transaction, storage: CaseStorage, giving: Giving, rows: readonly Ready[]): Promise<Group> {
  const targets = rows.map((row): Target => ({ row, id: giving.newId() }));
  const given = await external.giveExternalIds(tx, storage, giving, targets.map(givenBy));
  const free = new Set(given.map(keyText));
  const fresh = targets.filter(({ row }) => free.has(keyText(row.key)));
  const others = rows.filter(({ key }) => !free.has(keyText(key)));
  if (others.length === 0) return { storage, fresh, known: [] };
  const locked = await external.lockExternalIds(
    tx,
    storage,
    giving,
    others.map(({ key }) => key),
  );
  const held = new Map(locked.map((one) => [keyText(one), one]));
  return { storage, fresh, known: others.map((row) => ({ row, held: held.get(keyText(row.key))! })) };
}

/** Known rows with a newer version than was taken last. */
interface Decided {
  readonly newer: readonly Target[];
  readonly changed: readonly Target[];
  readonly withParties: readonly Target[];
}

async function decide(
  tx: Transaction,
  { storage, known }: Group,
  { municipality }: Giving,
  taken: Map<number, Taken>,
): Promise<Decided> {
  const newer: Target[] = [];
  for (const { row, held } of known) {
    const outcome = byVersion(row, held);
    if (outcome) taken.set(row.index, outcome);
    else newer.push({ row, id: held.caseId! });
  }
  if (newer.length === 0) return { newer, changed: [], withParties: [] };
  const keys = newer.map(keyOf);
  const stored = new Map((await store.lockCases(tx, storage, municipality, keys)).map((one) => [one.id, one]));
  const parties = new Map<string, { citizen: string; role: string }[]>(newer.map(({ id }) => [id, []]));
  for (const { caseId, citizen, role } of await store.storedParties(tx, storage, municipality, keys))
    parties.get(caseId)!.push({ citizen, role });
  const decided = { newer: [] as Target[], changed: [] as Target[], withParties: [] as Target[] };
  for (const target of newer) {
    const { row, id } = target;
    const found = stored.get(id);
    if (!found) {
      taken.set(row.index, gone);
      continue;
    }
    const names = differences(
      { details: found, facet: facetIn(found.number), parties: parties.get(id)! },
      wantedBy(row),
    );
    const fixed = names.filter((name) => name === 'kle' || name === 'facet');
    if (fixed.length > 0) {
      const problems = fixed.map((name) => ({ path: [name], message: 'expected that of the case, which is fixed' }));
      taken.set(row.index, { outcome: 'REFUSED', caseId: id, problems });
      continue;
    }
    taken.set(row.index, { outcome: names.length > 0 ? 'CHANGED' : 'UNCHANGED', caseId: id, problems: [] });
    decided.newer.push(target);
    if (names.length > 0) decided.changed.push(target);
    if (names.includes('parties')) decided.withParties.push(target);
  }
  return decided;
}

/** The same for a case that was deleted and one that was moved, wherever it went. */
const gone: Taken = {
  outcome: 'REFUSED',
  caseId: null,
  problems: [{ path: ['externalId'], message: 'the case with this id is gone; enter another under another id' }],
};

/** What the versions decide by themselves; `null` for a newer one. */
function byVersion({ version, digest }: Ready, held: external.Held): Taken | null {
  if (held.caseId === null) return gone;
  if (held.version === null || version > BigInt(held.version)) return null;
  const { caseId } = held;
  if (version < BigInt(held.version)) return { outcome: 'OUTDATED', caseId, problems: [] };
  if (digest === held.digest) return { outcome: 'UNCHANGED', caseId, problems: [] };
  const problem = { path: ['sourceVersion'], message: 'expected a newer version, because the content is another one' };
  return { outcome: 'REFUSED', caseId, problems: [problem] };
}

/** Enters the cases whose ids were free. The series of all of them are locked at once. */
async function enter(
  tx: Transaction,
  groups: readonly Group[],
  { municipality, client, now }: Giving,
  taken: Map<number, Taken>,
): Promise<void> {
  const all = groups.flatMap(({ fresh }) => fresh);
  if (all.length === 0) return;
  const { year } = all[0]!.row.draft;
  const series = new Map<string, { compartment: string; kle: string; facet: string; count: number }>();
  for (const { row } of all) {
    const { compartment, kle } = row.draft.details;
    const { facet } = row.draft;
    const name = seriesOf(row);
    series.set(name, { compartment, kle, facet, count: (series.get(name)?.count ?? 0) + 1 });
  }
  const next = new Map<string, number>();
  for (const { compartment, kle, facet, last } of await store.takeSerials(tx, municipality, year, [
    ...series.values(),
  ])) {
    const name = JSON.stringify([compartment, kle, facet]);
    next.set(name, last - series.get(name)!.count + 1);
  }
  for (const { storage, fresh } of groups) {
    if (fresh.length === 0) continue;
    const made = fresh.map(({ row, id }) => {
      const { details, facet } = row.draft;
      const serial = next.get(seriesOf(row))!;
      next.set(seriesOf(row), serial + 1);
      taken.set(row.index, { outcome: 'ENTERED', caseId: id, problems: [] });
      const number = `${details.kle}-${facet}-${serial}-${String(year).slice(2)}`;
      return { ...details, id, number, changedAt: now, enteredBy: client };
    });
    await store.insertCases(tx, storage, municipality, made);
    await store.insertPartiesOf(tx, storage, municipality, fresh.flatMap(partiesOf), client);
  }
}

async function apply(
  tx: Transaction,
  storage: CaseStorage,
  giving: Giving,
  { newer, changed, withParties }: Decided,
): Promise<void> {
  const { municipality, client, now } = giving;
  if (changed.length > 0) {
    const rows = changed.map((target) => ({ ...keyOf(target), details: target.row.draft.details }));
    await store.updateCases(tx, storage, municipality, rows, now);
  }
  if (withParties.length > 0) {
    await store.deletePartiesOf(tx, storage, municipality, withParties.map(keyOf));
    await store.insertPartiesOf(tx, storage, municipality, withParties.flatMap(partiesOf), client);
  }
  if (newer.length > 0) await external.noteVersions(tx, storage, giving, newer.map(givenBy));
}

const seriesOf = ({ draft: { details, facet } }: Ready): string =>
  JSON.stringify([details.compartment, details.kle, facet]);

const keyOf = ({ row, id }: Target) => ({ id, compartmentId: row.key.compartment });

const partiesOf = (target: Target) => target.row.parties.map((party) => ({ ...party, of: keyOf(target) }));

const givenBy = ({ row, id }: Target) => ({
  ...row.key,
  caseId: id,
  version: String(row.version),
  digest: row.digest,
});

const wantedBy = ({ draft, parties }: Ready) => ({ details: draft.details, facet: draft.facet, parties });
