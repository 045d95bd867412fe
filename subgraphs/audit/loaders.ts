/** What one request reads. Whether the viewer may read it is decided here (read/rights.ts), before the store is asked. */
import DataLoader from 'dataloader';
import { grouped, rowById } from '../kit/batch.js';
import { noPage, type Paging, pageOf } from '../kit/paging.js';
import type { RoomServices } from '../kit/room.js';
import type { Transaction } from '../postgres/database.js';
import type { Page } from '../protocol/connection.js';
import { Fault } from '../protocol/faults.js';
import { isUuid } from '../protocol/text.js';
import type { Viewer } from '../protocol/viewer.js';
import { outcomeOf } from './changes/store.js';
import { type Clarifier, makeClarifier } from './clarify/loader.js';
import { type CheckpointSigner, fold } from './maintain/checkpoint-signer.js';
import { type DisabledWalls, relationsFor } from './read/relations.js';
import { readsAccessLog, readsLog } from './read/rights.js';
import {
  type AccessRow,
  accessCounts,
  accessPages,
  countEntries,
  definitions,
  type EntryCriteria,
  type EntryRow,
  entriesById,
  entryPage,
  logs,
  placeOf,
  type RejectedSourceRow,
  rejectedSources,
} from './read/store.js';
import { readDefinition } from './tree/leaf.js';
import type { Log } from './tree/log-store.js';
import { consistencyPath, inclusionPath } from './tree/merkle.js';
import { checkpointIn } from './tree/note.js';
import { subtreesIn } from './tree/tree-store.js';

/** One citizen's view, one page of it. */
interface AccessKey {
  readonly citizen: string;
  readonly paging: Paging;
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
  entries(criteria: EntryCriteria, paging: Paging): Promise<Page<EntryRow>>;
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
  readonly accessLog: DataLoader<AccessKey, Page<AccessRow>, string>;
  /** Attempts that led to a lock-out. */
  readonly attemptsToClarify: Clarifier;
  /** What became of a change, for the person who made it and for readers of its entry. `null` for anybody else. */
  changeOutcome(entry: string): Promise<'MADE' | 'NOT_MADE' | 'OPEN' | null>;
}

export function makeLoaders(
  { database, now }: Pick<RoomServices, 'database' | 'now'>,
  viewer: Viewer,
  signer: CheckpointSigner,
  disabled: DisabledWalls,
): AuditLoaders {
  const from = relationsFor(viewer, disabled);
  const { municipality } = viewer;

  /** Runs `work` if the viewer may read the log. `null` for anybody else. */
  const asReader = async <T>(work: (tx: Transaction) => Promise<T>): Promise<T | null> =>
    readsLog(viewer) ? database.asViewer(viewer, work) : null;
  /** A log that the viewer may read, with an up-to-date checkpoint that covers everything appended before this call. */
  const signed = async (name: string | null): Promise<{ log: Log; note: string } | null> => {
    const visible = (await asReader((tx) => logs(tx, from, municipality, name))) ?? [];
    const log = visible.find(({ sealedBy }) => name !== null || sealedBy.length === 0);
    return log ? { log, note: await signer.checkpointOf(log) } : null;
  };

  return {
    async changeOutcome(entry) {
      if (!isUuid(entry)) return null;
      // A viewer who was ever cleared may have made a change under seal. For all others the sealed tables are not queried.
      const { compartments, singleCases } = viewer.seal;
      const sealed = compartments.length + singleCases.length > 0;
      return database.asViewer(viewer, (tx) => outcomeOf(tx, municipality, entry, sealed));
    },

    attemptsToClarify: makeClarifier({ database, now }, viewer),

    async entries(criteria, paging) {
      if (!readsLog(viewer)) return noPage();
      return database.asViewer(viewer, async (tx) => {
        const rows = await entryPage(tx, from, municipality, criteria, paging);
        const totalCount = paging.counted ? await countEntries(tx, from, municipality, criteria) : 0;
        return pageOf(rows, paging, totalCount, ({ at, id }) => ({ key: at, id }));
      });
    },

    entry: rowById(
      async (ids) => (await asReader((tx) => entriesById(tx, from, municipality, ids))) ?? [],
      ({ id }) => id,
    ),

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

    accessLog: new DataLoader<AccessKey, Page<AccessRow>, string>(
      async (keys) => {
        const readable = keys.filter(({ citizen }) => readsAccessLog(viewer, citizen));
        const found = new Map<AccessKey, Page<AccessRow>>();
        if (readable.length > 0) {
          await database.asViewer(viewer, async (tx) => {
            const counted = readable.filter(({ paging }) => paging.counted).map(({ citizen }) => citizen);
            const counts = counted.length > 0 ? await accessCounts(tx, from, municipality, [...new Set(counted)]) : [];
            const countOf = new Map(counts.map(({ citizen, count }) => [citizen, count]));
            // Aliases may ask for several pages. All citizens with the same page are read in one statement.
            for (const same of grouped(readable, ({ paging }) => JSON.stringify(paging)).values()) {
              const { paging } = same[0]!;
              const asked = same.map(({ citizen }) => citizen);
              const rows = grouped(await accessPages(tx, from, municipality, asked, paging), ({ citizen }) => citizen);
              for (const key of same)
                found.set(
                  key,
                  pageOf(rows.get(key.citizen) ?? [], paging, countOf.get(key.citizen) ?? 0, ({ at, entry }) => ({
                    key: at,
                    id: entry,
                  })),
                );
            }
          });
        }
        return keys.map((key) => found.get(key) ?? noPage());
      },
      { cacheKeyFn: ({ citizen, paging }) => JSON.stringify([citizen, paging]) },
    ),
  };
}

const placeKey = ({ log, hash }: DefinitionKey): string => `${log} ${hash}`;
