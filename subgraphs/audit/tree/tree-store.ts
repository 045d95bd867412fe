/** All SQL of a log's tree: hashes of leaves, subtrees, and signed checkpoints. */
import type { Transaction } from '../../postgres/database.js';
import { DamagedLog } from './damage.js';
import { type LogKey, partOf, storageOf } from './log-store.js';
import type { Subtrees } from './merkle.js';

/** Hashes of leaves (RFC 6962 §2.1) from an index on, in order. */
export const leafHashes = (
  tx: Transaction,
  log: LogKey,
  from: number,
  to: number,
): Promise<{ seq: number; hash: Buffer }[]> => {
  const { where, values } = partOf(log, from, to);
  return tx.rows(
    `SELECT t.seq, sha256('\\x00'::bytea || convert_to(t.leaf, 'UTF8')) AS hash FROM ${storageOf(log)}entry t ${where} ORDER BY t.seq`,
    values,
  );
};

export interface StoredSubtree {
  readonly level: number;
  readonly index: number;
  readonly hash: Buffer;
}

const subtreesOf = (tx: Transaction, log: LogKey, level: number, from: number, to: number): Promise<StoredSubtree[]> =>
  tx.rows(
    `SELECT level, index, hash FROM ${storageOf(log)}subtree
     WHERE municipality = $1 AND log = $2 AND level = $3 AND index >= $4 AND index < $5 ORDER BY index`,
    [log.municipality, log.name, level, from, to],
  );

/** How many subtrees of 256 entries are stored. */
export const storedSubtrees = async (tx: Transaction, log: LogKey): Promise<number> => {
  const [row] = await tx.rows<{ count: number }>(
    `SELECT coalesce(max(index) + 1, 0) AS count FROM ${storageOf(log)}subtree
     WHERE municipality = $1 AND log = $2 AND level = 1`,
    [log.municipality, log.name],
  );
  return row!.count;
};

/** Stores a checkpoint, and the subtrees that have become full since the last one. Existing ones stay as they are. */
export async function keepCheckpoint(
  tx: Transaction,
  log: LogKey,
  subtrees: readonly StoredSubtree[],
  checkpoint: { readonly size: number; readonly at: string; readonly note: string },
): Promise<void> {
  const prefix = storageOf(log);
  const [column, seal] = prefix === '' ? ['', []] : [', sealed_by', [log.sealedBy]];
  const value = column && ', $6';
  if (subtrees.length > 0)
    await tx.rows(
      `INSERT INTO ${prefix}subtree (municipality, log, level, index, hash${column})
       SELECT $1, $2, s.level, s.index, s.hash${value}
       FROM unnest($3::smallint[], $4::bigint[], $5::bytea[]) AS s (level, index, hash) ON CONFLICT DO NOTHING`,
      [
        log.municipality,
        log.name,
        subtrees.map(({ level }) => level),
        subtrees.map(({ index }) => index),
        subtrees.map(({ hash }) => hash),
        ...seal,
      ],
    );
  await tx.rows(
    `INSERT INTO ${prefix}checkpoint (municipality, log, size, at, note${column}) VALUES ($1, $2, $3, $4, $5${value})
     ON CONFLICT DO NOTHING`,
    [log.municipality, log.name, checkpoint.size, checkpoint.at, checkpoint.note, ...seal],
  );
}

/** The checkpoint of the greatest size. */
export const lastCheckpoint = async (tx: Transaction, log: LogKey): Promise<{ size: number; note: string } | null> =>
  (
    await tx.rows<{ size: number; note: string }>(
      `SELECT size, note FROM ${storageOf(log)}checkpoint
       WHERE municipality = $1 AND log = $2 ORDER BY size DESC LIMIT 1`,
      [log.municipality, log.name],
    )
  )[0] ?? null;

/** Subtrees of a log, read as they are needed: subtrees of 256 leaves and more from their own table, smaller ones from the leaves. */
export function subtreesIn(tx: Transaction, log: LogKey, fold: (hashes: Buffer[]) => Buffer): Subtrees {
  return {
    async at(height, index) {
      const level = Math.floor(height / 8);
      const width = 2 ** (height - 8 * level);
      const hashes =
        level === 0
          ? await leafHashes(tx, log, index * width, (index + 1) * width)
          : await subtreesOf(tx, log, level, index * width, (index + 1) * width);
      if (hashes.length !== width)
        throw new DamagedLog(`the log ${log.name} is not whole: a part of its tree is missing`);
      return fold(hashes.map(({ hash }) => hash));
    },
  };
}
