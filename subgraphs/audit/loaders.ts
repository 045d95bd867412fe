/** Batching for one request of one viewer. What a viewer may read is decided here, once, before the store is asked. */
import DataLoader from 'dataloader';
import type { Database } from '../kit/database.js';
import type { Viewer } from '../kit/viewer.js';
import {
  type AccessRow,
  type AuditFaults,
  accessCounts,
  accessPages,
  type Criteria,
  countEntries,
  type EntryRow,
  entriesById,
  entryPage,
  operationTexts,
  type Position,
  relationsFor,
} from './store.js';
import { isUuid } from './text.js';

interface Rows<Row> {
  readonly rows: Row[];
  readonly hasNextPage: boolean;
  readonly totalCount: number;
}

/** One citizen's view, one page of it. */
interface AccessKey {
  readonly citizen: string;
  readonly after: Position | null;
  readonly size: number;
}

export interface Loaders {
  /** `counted`: whether anybody asked for the total; counting a log of millions is not free. */
  entries(criteria: Criteria, after: Position | null, size: number, counted: boolean): Promise<Rows<EntryRow>>;
  readonly entry: DataLoader<string, EntryRow | null>;
  readonly operationText: DataLoader<string, string | null>;
  readonly accessLog: DataLoader<AccessKey, Rows<AccessRow>, string>;
}

export function makeLoaders(database: Database, viewer: Viewer, faults: AuditFaults): Loaders {
  const from = relationsFor(viewer, faults);
  const { municipality } = viewer;

  return {
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

    operationText: new DataLoader<string, string | null>(async (hashes) => {
      const rows = await database.asViewer(viewer, (tx) => operationTexts(tx, municipality, hashes));
      const byHash = new Map(rows.map((row) => [row.hash, row.text]));
      return hashes.map((hash) => byHash.get(hash) ?? null);
    }),

    accessLog: new DataLoader<AccessKey, Rows<AccessRow>, string>(
      async (keys) => {
        const readable = keys.filter(({ citizen }) => readsAccessLog(viewer, citizen));
        const found = new Map<AccessKey, Rows<AccessRow>>();
        if (readable.length > 0) {
          await database.asViewer(viewer, async (tx) => {
            const citizens = [...new Set(readable.map(({ citizen }) => citizen))];
            const counts = await accessCounts(tx, from, municipality, citizens);
            const countOf = new Map(counts.map(({ citizen, count }) => [citizen, count]));
            // Aliases may ask for several pages; every citizen of one page is read in one statement.
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

/** The wall in front of row-level security: who may read the log of the municipality. */
const readsLog = (viewer: Viewer): boolean => viewer.scopes.includes('audit:read');

/** And who may read one citizen's view of it: that citizen too. */
const readsAccessLog = (viewer: Viewer, citizen: string): boolean =>
  readsLog(viewer) || (viewer.subject.kind === 'Citizen' && viewer.subject.id === citizen);

function page<Row>(rows: Row[], size: number, totalCount: number): Rows<Row> {
  return { rows: rows.slice(0, size), hasNextPage: rows.length > size, totalCount };
}

const nothing = (): Rows<never> => ({ rows: [], hasNextPage: false, totalCount: 0 });

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
