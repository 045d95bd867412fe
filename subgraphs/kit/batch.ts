/**
 * DataLoaders for rows by their keys. All keys asked for in one tick become one query in one transaction. A loader lives no longer
 * than its request, because another viewer would get other rows.
 */
import DataLoader from 'dataloader';
import { isUuid } from '../protocol/text.js';

/** Most keys of one query. */
export const maxBatchSize = 1_000;

/** The row with each id, or `null`. */
export const rowById = <Row>(
  query: (ids: readonly string[]) => Promise<Row[]>,
  idOf: (row: Row) => string,
): DataLoader<string, Row | null, string> =>
  new DataLoader<string, Row | null, string>(
    async (keys) => {
      const rows = new Map((await wellFormed(keys, query)).map((row) => [idOf(row), row]));
      return keys.map((key) => rows.get(key.toLowerCase()) ?? null);
    },
    { maxBatchSize, cacheKeyFn: lowerCase },
  );

/** All rows that belong to each id, in the order of the query. */
export const rowsOfId = <Row>(
  query: (ids: readonly string[]) => Promise<Row[]>,
  ownerOf: (row: Row) => string,
): DataLoader<string, Row[], string> =>
  new DataLoader<string, Row[], string>(
    async (keys) => {
      const rows = grouped(await wellFormed(keys, query), ownerOf);
      return keys.map((key) => rows.get(key.toLowerCase()) ?? []);
    },
    { maxBatchSize, cacheKeyFn: lowerCase },
  );

/** The rows of each key, in their order. */
export function grouped<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return groups;
}

/** A key that is no UUID matches no row, but the database would report it as an error. */
async function wellFormed<Row>(keys: readonly string[], query: (ids: readonly string[]) => Promise<Row[]>) {
  const ids = keys.filter(isUuid).map(lowerCase);
  return ids.length > 0 ? query(ids) : [];
}

const lowerCase = (key: string): string => key.toLowerCase();
