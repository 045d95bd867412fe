/**
 * The Merkle tree of RFC 6962 §2.1 (RFC 9162 §2.1): leaf hash = SHA-256(0x00 ‖ leaf), node hash = SHA-256(0x01 ‖ left ‖ right), and
 * the left part of a tree of n leaves is the largest power of two below n.
 *
 * A **subtree** here is a full one: 2^height leaves that begin at a multiple of 2^height. A **frontier** is the list of full subtrees
 * of which a tree consists, largest first. It is all that is needed to add leaves and to compute the root.
 */
import { createHash } from 'node:crypto';

export type Hash = Buffer;

export interface Subtree {
  readonly height: number;
  readonly hash: Hash;
}

/** Reads subtrees of one log. */
export interface Subtrees {
  /** Hash of the full subtree of 2^`height` leaves, the `index`th of that height. */
  at(height: number, index: number): Promise<Hash>;
}

export const leafHash = (leaf: string): Hash => createHash('sha256').update(leafPrefix).update(leaf).digest();

export const nodeHash = (left: Hash, right: Hash): Hash =>
  createHash('sha256')
    .update(Buffer.concat([nodePrefix, left, right], 65))
    .digest();

const leafPrefix = Buffer.of(0);
const nodePrefix = Buffer.of(1);

/** Adds a subtree behind a frontier, in place. `merged` is called for every subtree that it completes, including itself. */
export function push(frontier: Subtree[], subtree: Subtree, merged: (subtree: Subtree) => void = () => {}): void {
  let added = subtree;
  merged(added);
  for (let last = frontier.at(-1); last?.height === added.height; last = frontier.at(-1)) {
    frontier.pop();
    added = { height: added.height + 1, hash: nodeHash(last.hash, added.hash) };
    merged(added);
  }
  frontier.push(added);
}

/** The root of the tree with this frontier. For an empty frontier, the hash of the empty string. */
export function rootOf(frontier: readonly Subtree[]): Hash {
  const last = frontier.at(-1);
  if (!last) return createHash('sha256').digest();
  return frontier.slice(0, -1).reduceRight((right, { hash }) => nodeHash(hash, right), last.hash);
}

/** Heights and indices of the full subtrees of a tree of `size` leaves, largest first. */
export function frontierOf(size: number): { height: number; index: number }[] {
  const parts = [];
  for (let start = 0; start < size; ) {
    const height = Math.floor(Math.log2(size - start));
    parts.push({ height, index: start / 2 ** height });
    start += 2 ** height;
  }
  return parts;
}

/** PATH(`index`, D[`size`]): the hashes that lead from a leaf to the root, lowest first. */
export async function inclusionPath(subtrees: Subtrees, index: number, size: number): Promise<Hash[]> {
  const path = async (start: number, end: number): Promise<Hash[]> => {
    if (end - start === 1) return [];
    const middle = start + split(end - start);
    return index < middle
      ? [...(await path(start, middle)), await rangeHash(subtrees, middle, end)]
      : [...(await path(middle, end)), await rangeHash(subtrees, start, middle)];
  };
  return path(0, size);
}

/** PROOF(`from`, D[`to`]): proves that the later tree begins with the `from` leaves of the earlier one. */
export async function consistencyPath(subtrees: Subtrees, from: number, to: number): Promise<Hash[]> {
  const proof = async (start: number, end: number, known: boolean): Promise<Hash[]> => {
    if (from === end) return known ? [] : [await rangeHash(subtrees, start, end)];
    const middle = start + split(end - start);
    return from <= middle
      ? [...(await proof(start, middle, known)), await rangeHash(subtrees, middle, end)]
      : [...(await proof(middle, end, false)), await rangeHash(subtrees, start, middle)];
  };
  return from === 0 || from === to ? [] : proof(0, to, true);
}

export const rootAt = (subtrees: Subtrees, size: number): Promise<Hash> => rangeHash(subtrees, 0, size);

/** Whether the path leads from the leaf to the root (RFC 9162 §2.1.3.2). */
export function includes(leaf: Hash, index: number, size: number, path: readonly Hash[], root: Hash): boolean {
  if (index >= size) return false;
  let place = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of path) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      hash = nodeHash(sibling, hash);
      while (place % 2 === 0 && place !== 0) {
        place = Math.floor(place / 2);
        last = Math.floor(last / 2);
      }
    } else hash = nodeHash(hash, sibling);
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && hash.equals(root);
}

/** Whether the later tree begins with the earlier one (RFC 9162 §2.1.4.2). */
export function isConsistent(from: number, to: number, early: Hash, late: Hash, path: readonly Hash[]): boolean {
  if (from > to) return false;
  if (from === to) return path.length === 0 && early.equals(late);
  if (from === 0) return path.length === 0;
  const hashes = Number.isInteger(Math.log2(from)) ? [early, ...path] : [...path];
  const first = hashes.shift();
  if (!first) return false;
  let place = from - 1;
  let last = to - 1;
  while (place % 2 === 1) {
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  }
  let before = first;
  let after = first;
  for (const hash of hashes) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      before = nodeHash(hash, before);
      after = nodeHash(hash, after);
      while (place % 2 === 0 && place !== 0) {
        place = Math.floor(place / 2);
        last = Math.floor(last / 2);
      }
    } else after = nodeHash(after, hash);
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && before.equals(early) && after.equals(late);
}

/** MTH(D[`start`:`end`]). */
async function rangeHash(subtrees: Subtrees, start: number, end: number): Promise<Hash> {
  if (end === start) return rootOf([]);
  const height = Math.log2(end - start);
  if (Number.isInteger(height) && start % 2 ** height === 0) return subtrees.at(height, start / 2 ** height);
  const middle = start + split(end - start);
  return nodeHash(await rangeHash(subtrees, start, middle), await rangeHash(subtrees, middle, end));
}

/** The largest power of two below `size`, which is at least 2. */
const split = (size: number): number => 2 ** (Math.ceil(Math.log2(size)) - 1);
