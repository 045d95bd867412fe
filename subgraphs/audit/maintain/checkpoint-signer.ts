/**
 * Signs the logs at most a second after an append, and every second even without one, so that somebody who keeps a checkpoint can
 * tell later whether the log still begins as it did then. It signs what is in the database, never what this process believes to have
 * written. Any number of replicas may sign the same log.
 */
import type { KeyObject } from 'node:crypto';
import type { RoomServices } from '../../kit/room.js';
import type { Transaction } from '../../postgres/database.js';
import { DamagedLog, each } from '../tree/damage.js';
import { allLogs, asLogTask, type Log, logNamed } from '../tree/log-store.js';
import { frontierOf, type Hash, push, rootOf, type Subtree } from '../tree/merkle.js';
import { signCheckpoint } from '../tree/note.js';
import {
  keepCheckpoint,
  lastCheckpoint,
  leafHashes,
  type StoredSubtree,
  storedSubtrees,
  subtreesIn,
} from '../tree/tree-store.js';

export interface CheckpointSignerOptions {
  /** Ed25519 private keys: every checkpoint is signed by each. */
  readonly keys: readonly KeyObject[];
  /** Who runs this log: the first part of a checkpoint's origin. */
  readonly origin: string;
}

export interface CheckpointSigner {
  /**
   * Signs every log that has grown and every open log, each independently. `failed` is called for each one that could not be signed,
   * before the round throws.
   */
  round(failed?: (log: Log, error: unknown) => void): Promise<void>;
  /** The checkpoint of a log as it is now. */
  checkpointOf(log: Log): Promise<string>;
}

/** What is known of a log's tree. */
interface Tree {
  size: number;
  frontier: Subtree[];
  /** The newest checkpoint, and its time. */
  note: string;
  at: number;
}

/** Greatest age of a checkpoint in milliseconds. Together with the pause between two rounds it stays below a second. */
const oldest = 500;
/** Leaves read at once. */
const chunk = 10_000;

export function openCheckpointSigner(
  { database, now }: RoomServices,
  { keys, origin }: CheckpointSignerOptions,
): CheckpointSigner {
  const trees = new Map<string, Tree>();

  const sign = async (log: Log): Promise<Tree> => {
    const known = trees.get(log.name);
    // A closed log never changes.
    const fresh =
      known &&
      (log.closedAt !== null ? known.size === log.size : known.size >= log.size && now().getTime() - known.at < oldest);
    if (known && fresh) return known;
    // After a failure the tree is rebuilt from what is stored.
    trees.delete(log.name);
    const signed = await asLogTask(database, log, async (tx) => {
      // The stored checkpoint counts too: another replica, or this process before it failed, may have signed more. It is read before
      // the size, because in between the log may grow and be signed by another replica.
      const last = await lastCheckpoint(tx, log);
      const { size, droppedAt } = (await logNamed(tx, log.municipality, log.name))!;
      if (droppedAt !== null) throw new Error(`the log ${log.name} was dropped meanwhile`);
      const before = Math.max(known?.size ?? 0, last?.size ?? 0);
      if (size < before)
        throw new DamagedLog(
          `the log ${log.name} was signed with ${before} entries and has ${size} now; it is not signed again`,
        );
      const tree = known ? { ...known, frontier: [...known.frontier] } : await restore(tx, log);
      const subtrees = await grow(tx, log, size, tree);
      const at = now();
      tree.at = at.getTime();
      tree.note = signCheckpoint(
        { origin: `${origin}/${log.name}`, size, root: rootOf(tree.frontier), at: at.toISOString() },
        keys,
      );
      if (size !== known?.size)
        await keepCheckpoint(tx, log, subtrees, { size, at: at.toISOString(), note: tree.note });
      return tree;
    });
    trees.set(log.name, signed);
    return signed;
  };

  /** One signing at a time per log: two would read the same leaves. */
  const busy = new Map<string, Promise<unknown>>();
  const inTurn = async (log: Log): Promise<Tree> => {
    while (busy.has(log.name)) await busy.get(log.name);
    const signing = sign(log);
    busy.set(
      log.name,
      signing.catch(() => {}).then(() => busy.delete(log.name)),
    );
    return signing;
  };

  return {
    async round(failed = () => {}) {
      const logs = (await allLogs(database)).filter(({ droppedAt }) => droppedAt === null);
      await each(logs, async (log) => {
        try {
          const finished = log.closedAt !== null && (await isFinished(log));
          if (!finished) await inTurn(log);
        } catch (error) {
          failed(log, error);
          throw error;
        }
      });
    },
    async checkpointOf(log) {
      if (log.droppedAt === null) return (await inTurn(log)).note;
      const last = await asLogTask(database, log, (tx) => lastCheckpoint(tx, log));
      if (!last) throw new Error(`the log ${log.name} was dropped and has no checkpoint`);
      return last.note;
    },
  };

  /** Whether a closed log is signed at its last size. This process remembers the logs for which that is so. */
  async function isFinished(log: Log): Promise<boolean> {
    if (trees.get(log.name)?.size === log.size) return true;
    const last = await asLogTask(database, log, (tx) => lastCheckpoint(tx, log));
    return last?.size === log.size;
  }
}

/** Folds a power of two of full subtrees, all of one height, into one hash. */
export function fold(hashes: readonly Hash[]): Hash {
  const frontier: Subtree[] = [];
  for (const hash of hashes) push(frontier, { height: 0, hash });
  return rootOf(frontier);
}

/** The tree over the leaves whose subtrees are stored. */
async function restore(tx: Transaction, log: Log): Promise<Tree> {
  const count = await storedSubtrees(tx, log);
  const subtrees = subtreesIn(tx, log, fold);
  const frontier: Subtree[] = [];
  for (const { height, index } of frontierOf(count))
    frontier.push({ height: height + 8, hash: await subtrees.at(height + 8, index) });
  return { size: count * 256, frontier, note: '', at: 0 };
}

/** Adds the leaves that the log has beyond the tree. Returns the subtrees that have become full, of the heights that are stored. */
async function grow(tx: Transaction, log: Log, size: number, tree: Tree): Promise<StoredSubtree[]> {
  const full: StoredSubtree[] = [];
  while (tree.size < size) {
    const leaves = await leafHashes(tx, log, tree.size, Math.min(tree.size + chunk, size));
    for (const { seq, hash } of leaves) {
      if (seq !== tree.size)
        throw new DamagedLog(`the log ${log.name} is not whole: entry ${tree.size} of ${size} is missing`);
      tree.size += 1;
      push(tree.frontier, { height: 0, hash }, (merged) => {
        if (merged.height > 0 && merged.height % 8 === 0)
          full.push({ level: merged.height / 8, index: tree.size / 2 ** merged.height - 1, hash: merged.hash });
      });
    }
    // The size is counted in the transaction that writes the entries, so a difference means that somebody has changed the tables.
    if (leaves.length === 0)
      throw new DamagedLog(`the log ${log.name} is not whole: entry ${tree.size} of ${size} is missing`);
  }
  return full;
}
