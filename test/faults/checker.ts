/** Holds what clients received against what the log says. Answers with what is wrong, a line each; with nothing where all is well. */
import { leafHash, push, rootOf, type Subtree } from '../../subgraphs/audit/tree/merkle.js';
import { type Checkpoint, checkpointIn, openCheckpoint, publicKeyOf } from '../../subgraphs/audit/tree/note.js';
import type { Book, Entry } from './book.js';
import type { Asked, Kept } from './load.js';

/** Milliseconds in which an answer has come, or the connection is closed, whatever has failed: rooms have 5 s, and there are three in a row. */
const bound = 20_000;

export function wrongs(asked: readonly Asked[], kept: readonly Kept[], book: Book): string[] {
  return [...unlogged(asked, book), ...repeated(book), ...phantoms(asked, book), ...broken(kept, book)];
}

/** Every person and case in every answer, or in the part of it that arrived, is named in the entry of its request, and found by it. */
function* unlogged(asked: readonly Asked[], { entries, found }: Book) {
  const byTransaction = new Map(entries.map((entry) => [entry.transactionId, entry]));
  for (const { id, operation, named } of asked) {
    if (named.citizens.length + named.cases.length === 0) continue;
    const entry = byTransaction.get(id);
    if (!entry) {
      yield `${id} (${operation}) was answered, and there is no entry of it`;
      continue;
    }
    for (const kind of ['citizens', 'cases'] as const)
      for (const one of named[kind]) {
        if (!entry[kind].includes(one)) yield `${id} named ${one} of ${kind}, and its entry does not`;
        if (!found.has(`${entry.id} ${one}`)) yield `${id} is not found by ${one} of ${kind}`;
      }
  }
}

function* repeated({ entries }: Book) {
  for (const member of ['id', 'transactionId'] as const) {
    const seen = new Set<string>();
    for (const { [member]: value, log, seq } of entries) {
      if (value !== null && seen.has(value)) yield `${value} is there twice, the second time at ${log} ${seq}`;
      if (value !== null) seen.add(value);
    }
  }
}

/** An entry is of something that was asked, and by that name; a request that failed before it was read has none, and named nobody. */
function* phantoms(asked: readonly Asked[], { entries }: Book) {
  const sent = new Map(asked.map(({ id, operation }) => [id, operation]));
  for (const { log, seq, transactionId, operation, citizens, cases } of entries) {
    if (transactionId === null) continue;
    if (!sent.has(transactionId)) yield `${log} ${seq} tells of ${transactionId}, which nobody asked`;
    else if (operation === null && citizens.length + cases.length === 0) continue;
    else if (operation !== sent.get(transactionId))
      yield `${log} ${seq} tells of ${operation}, and ${transactionId} was ${sent.get(transactionId)}`;
  }
}

/** Each log is without gaps, and begins as every checkpoint of it says, those that were stored and those that somebody kept. */
function* broken(kept: readonly Kept[], { entries, sizes, checkpoints }: Book) {
  const signed = new Map<string, Checkpoint[]>();
  const add = (log: string, checkpoint: Checkpoint) => signed.set(log, [...(signed.get(log) ?? []), checkpoint]);
  for (const { log, note } of checkpoints) add(log, checkpointIn(note));
  for (const { log, note, keys } of distinct(kept))
    add(
      log,
      openCheckpoint(
        note,
        keys.map(publicKeyOf).filter((key) => key !== null),
      ),
    );

  for (const log of new Set([...sizes.keys(), ...signed.keys(), ...entries.map((entry) => entry.log)])) {
    const own = entries.filter((entry) => entry.log === log);
    if (own.length !== sizes.get(log))
      yield `${log} says that it has ${sizes.get(log)} entries, and it has ${own.length}`;
    const gap = own.findIndex(({ seq }, place) => seq !== place);
    if (gap >= 0) yield `${log} has ${own[gap]!.seq} at place ${gap}`;
    const roots = rootsOf(own);
    for (const { origin, size, root } of signed.get(log) ?? []) {
      if (origin !== `sluse/${log}`) yield `a checkpoint of ${log} is signed as ${origin}`;
      if (size > own.length) yield `${log} was signed with ${size} entries, and has ${own.length}`;
      else if (!root.equals(roots[size]!)) yield `${log} does not begin with the ${size} entries that were signed`;
    }
  }
}

/** The root at every size from 0. */
function rootsOf(entries: readonly Entry[]): Buffer[] {
  const frontier: Subtree[] = [];
  const roots = [rootOf(frontier)];
  for (const { leaf } of entries) {
    push(frontier, { height: 0, hash: leafHash(leaf) });
    roots.push(rootOf(frontier));
  }
  return roots;
}

const distinct = (kept: readonly Kept[]): Kept[] => [...new Map(kept.map((one) => [one.note, one])).values()];

/**
 * Answers that may not be, whatever has failed: other than data, or that something did not answer; later than the bound; or none at
 * all, unless it was the gateway itself that was ended.
 */
export function* rudeness(asked: readonly Asked[], gatewayEnded: boolean) {
  for (const { id, person, operation, status, whole, codes, sentAt, endedAt } of asked) {
    const said = `${id} (${operation} of ${person})`;
    if (endedAt === null) yield `${said} has no end`;
    else if (endedAt - sentAt > bound) yield `${said} took ${Math.round(endedAt - sentAt)} ms`;
    if (!whole && !gatewayEnded) yield `${said} was cut off`;
    if (status !== null && !codes.every((code) => expected[status]?.includes(code)))
      yield `${said} was answered with ${status} ${codes}`;
    if (status !== null && !expected[status]) yield `${said} was answered with ${status}`;
  }
}

const expected: Readonly<Record<number, readonly string[]>> = {
  // What of a field when the room behind it cannot reach its database.
  200: ['SUBGRAPH_UNAVAILABLE', 'INTERNAL'],
  // The same where nothing of a query could be had.
  503: ['AUDIT_UNAVAILABLE', 'SESSION_UNAVAILABLE', 'SUBGRAPH_UNAVAILABLE'],
};
