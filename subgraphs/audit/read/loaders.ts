/** Batching for one request of one viewer. What the viewer may read is decided here, before the store is asked. */
import DataLoader from 'dataloader';
import type { Database, Transaction } from '../../postgres/database.js';
import { Fault } from '../../protocol/faults.js';
import { isUuid } from '../../protocol/text.js';
import type { Viewer } from '../../protocol/viewer.js';
import { outcomeOf } from '../changes/store.js';
import { fold, type Notary } from '../maintain/checkpoint-signer.js';
import { readDefinition } from '../tree/leaf.js';
import { type Log, subtreesIn } from '../tree/log-store.js';
import { consistencyPath, inclusionPath } from '../tree/merkle.js';
import { checkpointIn } from '../tree/note.js';
import {
  type AccessRow,
  type AuditFaults,
  accessCounts,
  accessPages,
  countEntries,
  definitions,
  type EntryCriteria,
  type EntryPosition,
  type EntryRow,
  entriesById,
  entryPage,
  logs,
  placeOf,
  type RejectedSourceRow,
  rejectedSources,
  relationsFor,
} from './store.js';

interface Rows<Row> {
  readonly rows: Row[];
  readonly hasNextPage: boolean;
  readonly totalCount: number;
}

/** One citizen's view, one page of it. */
interface AccessKey {
  readonly citizen: string;
  readonly after: EntryPosition | null;
  readonly size: number;
}

export interface DefinitionKey {
  readonly log: string;
  readonly hash: string;
}

export interface SignedCheckpoint {
  readonly log: string;
  readonly note: string;
}

export interface AuditLoaders {
  /** `counted`: whether the total was asked for. Counting a log of millions is expensive. */
  entries(
    criteria: EntryCriteria,
    after: EntryPosition | null,
    size: number,
    counted: boolean,
  ): Promise<Rows<EntryRow>>;
  readonly entry: DataLoader<string, EntryRow | null>;
  /** Text and fields of an operation; `null` once they have expired. */
  readonly definition: DataLoader<DefinitionKey, ReturnType<typeof readDefinition> | null, string>;
  rejectedSources(period: { from: string; to: string }, size: number): Promise<RejectedSourceRow[]>;
  /** The logs that the viewer may read, newest first. */
  logs(): Promise<Log[]>;
  /** The signed note of a log; by default the ordinary log of the newest month. `null` if there is none. */
  checkpoint(log: string | null): Promise<SignedCheckpoint | null>;
  inclusion(entry: string): Promise<(SignedCheckpoint & { index: number; leaf: string; path: Buffer[] }) | null>;
  consistency(log: string | null, from: number, to: number): Promise<{ log: string; path: Buffer[] } | null>;
  readonly accessLog: DataLoader<AccessKey, Rows<AccessRow>, string>;
  /** What became of a change, for the person who made it and for readers of its entry. `null` for anybody else. */
  changeOutcome(entry: string): Promise<'MADE' | 'NOT_MADE' | 'OPEN' | null>;
}

export function makeLoaders(database: Database, viewer: Viewer, notary: Notary, faults: AuditFaults): AuditLoaders {
  const from = relationsFor(viewer, faults);
  const { municipality } = viewer;

  /** Runs `work` if the viewer may read the log. `null` for anybody else. */
  const asReader = async <T>(work: (tx: Transaction) => Promise<T>): Promise<T | null> =>
    readsLog(viewer) ? database.asViewer(viewer, work) : null;
  /** A log that the viewer may read, with an up-to-date checkpoint that covers everything appended before this call. */
  const signed = async (name: string | null): Promise<{ log: Log; note: string } | null> => {
    const visible = (await asReader((tx) => logs(tx, from, municipality, name))) ?? [];
    const log = visible.find(({ sealedBy }) => name !== null || sealedBy.length === 0);
    return log ? { log, note: await notary.checkpointOf(log) } : null;
  };

  return {
    async changeOutcome(entry) {
      if (!isUuid(entry)) return null;
      // A viewer who was ever cleared may have made a change under seal. For all others the sealed tables are not queried.
      const { compartments, singleCases } = viewer.seal;
      const sealed = compartments.length + singleCases.length > 0;
      return database.asViewer(viewer, (tx) => outcomeOf(tx, municipality, entry, sealed));
    },

    async entries(criteria, after, size, counted) {
      if (!readsLog(viewer)) return nothing();
      return database.asViewer(viewer, async (tx) => {
        const rows = await entryPage(tx, from, municipality, criteria, after, size);
        const totalCount = counted ? await countEntries(tx, from, municipality, criteria) : 0;
        return page(rows, size, totalCount);
      });
    },

    entry: new DataLoader<string, EntryRow | null>(async (ids) => {
      const wellFormed = ids.filter((id) => isUuid(id));
      if (!readsLog(viewer) || wellFormed.length === 0) return ids.map(() => null);
      const rows = await database.asViewer(viewer, (tx) => entriesById(tx, from, municipality, wellFormed));
      const byId = new Map(rows.map((row) => [row.id, row]));
      return ids.map((id) => byId.get(id.toLowerCase()) ?? null);
    }),

    definition: new DataLoader<DefinitionKey, ReturnType<typeof readDefinition> | null, string>(
      async (keys) => {
        const rows = await database.asViewer(viewer, (tx) => definitions(tx, from, municipality, keys));
        const found = new Map(rows.map((row) => [placeKey(row), readDefinition(row.definition)]));
        return keys.map((key) => found.get(placeKey(key)) ?? null);
      },
      { cacheKeyFn: placeKey },
    ),

    async rejectedSources(period, size) {
      return (await asReader((tx) => rejectedSources(tx, from, municipality, period, size))) ?? [];
    },

    async logs() {
      return (await asReader((tx) => logs(tx, from, municipality, null))) ?? [];
    },

    async checkpoint(name) {
      const found = await signed(name);
      return found && { log: found.log.name, note: found.note };
    },

    async inclusion(entry) {
      const place = isUuid(entry) ? await asReader((tx) => placeOf(tx, from, municipality, entry)) : null;
      const found = place && (await signed(place.log));
      if (!found) return null;
      const { size } = checkpointIn(found.note);
      const path = await asReader((tx) => inclusionPath(subtreesIn(tx, found.log, fold), place.seq, size));
      return path && { log: found.log.name, note: found.note, index: place.seq, leaf: place.leaf, path };
    },

    async consistency(name, first, last) {
      const found = await signed(name);
      if (!found) return null;
      if (first < 0 || first > last || last > checkpointIn(found.note).size)
        throw new Fault('BAD_USER_INPUT', 'Expected 0 ≤ `from` ≤ `to` ≤ the size of the log.');
      // Part of what a proof needs was dropped with the entries.
      if (found.log.droppedAt !== null) return null;
      const path = await asReader((tx) => consistencyPath(subtreesIn(tx, found.log, fold), first, last));
      return path && { log: found.log.name, path };
    },

    accessLog: new DataLoader<AccessKey, Rows<AccessRow>, string>(
      async (keys) => {
        const readable = keys.filter(({ citizen }) => readsAccessLog(viewer, citizen));
        const found = new Map<AccessKey, Rows<AccessRow>>();
        if (readable.length > 0) {
          await database.asViewer(viewer, async (tx) => {
            const citizens = [...new Set(readable.map(({ citizen }) => citizen))];
            const counts = await accessCounts(tx, from, municipality, citizens);
            const countOf = new Map(counts.map(({ citizen, count }) => [citizen, count]));
            // Aliases may ask for several pages. All citizens with the same page are read in one statement.
            for (const same of groups(readable, pageOf)) {
              const { after, size } = same[0]!;
              const asked = same.map(({ citizen }) => citizen);
              const rows = await accessPages(tx, from, municipality, asked, after, size);
              for (const key of same) {
                const own = rows.filter(({ citizen }) => citizen === key.citizen);
                found.set(key, page(own, size, countOf.get(key.citizen) ?? 0));
              }
            }
          });
        }
        return keys.map((key) => found.get(key) ?? nothing());
      },
      { cacheKeyFn: (key) => JSON.stringify([key.citizen, pageOf(key)]) },
    ),
  };
}

/** Who may read the log of the municipality. This check stands before row-level security. */
export const readsLog = (viewer: Viewer): boolean => viewer.scopes.includes('audit:read');

/** Who may read one citizen's view of it: readers of the log, and that citizen, but not on somebody else's behalf. */
const readsAccessLog = (viewer: Viewer, citizen: string): boolean =>
  readsLog(viewer) || [viewer.actor, viewer.subject].every(({ kind, id }) => kind === 'Citizen' && id === citizen);

function page<Row>(rows: Row[], size: number, totalCount: number): Rows<Row> {
  return { rows: rows.slice(0, size), hasNextPage: rows.length > size, totalCount };
}

const nothing = (): Rows<never> => ({ rows: [], hasNextPage: false, totalCount: 0 });

const placeKey = ({ log, hash }: DefinitionKey): string => `${log} ${hash}`;

const pageOf = ({ after, size }: AccessKey): string => JSON.stringify([after?.at, after?.id, size]);

function groups<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[][] {
  const byKey = new Map<string, Item[]>();
  for (const item of items) {
    const group = byKey.get(keyOf(item));
    if (group) group.push(item);
    else byKey.set(keyOf(item), [item]);
  }
  return [...byKey.values()];
}
