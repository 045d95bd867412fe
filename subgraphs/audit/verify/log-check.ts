/**
 * Verifies one log while its records stream by. It keeps only the frontier of the tree (RFC 6962) and the ids seen. Each checkpoint
 * is compared at the leaf at which it was signed.
 */
import { createHash } from 'node:crypto';
import type { Counted } from '../../protocol/log-entry.js';
import { isUuid } from '../../protocol/text.js';
import { logName, monthOf } from '../ingest/log-router.js';
import { canonicalJson, type Leaf, readLeaf } from '../tree/leaf.js';
import { type Hash, leafHash, push, rootOf, type Subtree } from '../tree/merkle.js';
import { type Checkpoint, checkpointIn } from '../tree/note.js';
import { type ArchiveRecord, type Columns, isLogName, type LogHeader } from './archive-form.js';
import { type Findings, openFindings } from './findings.js';
import { openIdSet } from './id-set.js';
import { isExact, isSigned, logIn, type RetainedOfLog, type Trust } from './trust.js';

/** How a log ended, or how far it has come. */
export interface LogEnd {
  readonly size: number;
  readonly root: Hash;
}

/** What a log says of another log under the same seal. */
export interface EventRecord {
  readonly event: string;
  readonly about: string;
  /** Index of the entry that says it. */
  readonly index: number;
  readonly checkpoint: Checkpoint;
}

export interface CheckedLog {
  readonly header: LogHeader;
  readonly findings: Findings;
  /** Computed from the leaves. For a dropped log, what its last checkpoint says. */
  readonly end: LogEnd | null;
  readonly events: readonly EventRecord[];
  readonly checkpoints: number;
  /** RFC 3339. From the largest checkpoint that a trusted key has signed. */
  readonly lastSigned: string | null;
  /** Entries that came after that checkpoint. */
  readonly unsigned: number;
  /** Rejections without an entry of their own, as told by the entries that count them. */
  readonly counted: number;
}

export interface LogCheck {
  take(record: ArchiveRecord): void;
  /** Call it when there are no more records. */
  end(): CheckedLog;
}

/** Starts the verification of the log with this header. Pass it the log's records in their order. */
export function checkLog(header: LogHeader, { keys, retained, now }: Trust): LogCheck {
  const findings = openFindings();
  const dropped = header.droppedAt !== null;
  const kept: RetainedOfLog = retained.get(header.log) ?? { roots: new Map(), unsigned: [] };
  const definitions = new Set<string>();
  const ids = openIdSet();
  const events: EventRecord[] = [];
  const frontier: Subtree[] = [];
  /** By level: the last completed full subtree of 256^level leaves. */
  const full = new Map<number, { index: number; hash: Hash }>();
  const subtrees = new Map<number, number>();
  /** Roots of stored checkpoints of exactly the leaves seen so far. */
  let here: Hash[] = [];
  let size = 0;
  let expected = 0;
  let checkpoints = 0;
  /** Whether the data that repeats the leaves is read too. */
  let beside = false;
  let last: Checkpoint | null = null;
  /** Whether every entry claims to have been made just now. */
  let isNew = header.month === monthOf(now);
  let counted = 0;
  /** Size of the last checkpoint that matched the leaves. */
  let agreed = 0;

  if (header.log !== logName(header.municipality, header.month, header.sealedBy))
    findings.add('', 'the log’s name is not that of its municipality, month and seal');
  for (const size of kept.unsigned) findings.add(`retained checkpoint of ${entries(size)}`, strangeSigner);

  const takeLeaf = (text: string, seq = size, columns?: Columns) => {
    settle();
    if (dropped) findings.add(`entry ${seq}`, 'is there, though the log was dropped');
    if (seq !== expected) findings.add(`entry ${expected}`, 'is missing, and later ones are there');
    beside ||= columns !== undefined;
    expected = seq + 1;
    size += 1;
    push(frontier, { height: 0, hash: leafHash(text) }, ({ height, hash }) => {
      if (height > 0 && height % 8 === 0) full.set(height / 8, { index: size / 2 ** height - 1, hash });
    });
    const leaf = readCanonical(text);
    isNew &&= leaf !== null && Math.abs(now.getTime() - Date.parse(leaf.at)) < unsignedAtFirst;
    if (leaf) judge(leaf, seq, columns);
    else findings.add(`entry ${seq}`, 'is not the canonical JSON of an entry');
  };

  const judge = (leaf: Leaf, seq: number, columns: Columns | undefined) => {
    const place = `entry ${seq}`;
    if (leaf.municipality !== header.municipality) findings.add(place, 'is of another municipality than its log');
    if (leaf.sealedBy.join('\n') !== header.sealedBy.join('\n')) findings.add(place, 'is of another seal than its log');
    if (!ids.add(leaf.id)) findings.add(place, 'has the id of an earlier one');
    if (!definitions.has(leaf.operation.definition))
      findings.add(place, 'names the definition of an operation that is missing or was changed');
    for (const column of columns ? differing(leaf, columns) : [])
      findings.add(place, `has a column ${column} that says something else than its leaf`);
    if (leaf.counted && !isCount(leaf.counted, leaf)) findings.add(place, 'counts rejections as no edge does');
    else counted += leaf.counted?.attempts ?? 0;
    const event = eventIn(leaf);
    if (!event) return;
    if (!isSigned(event.note, keys)) return findings.add(place, `holds a checkpoint that is ${strangeSigner}`);
    const checkpoint = checkpointIn(event.note);
    if (logIn(checkpoint.origin) !== event.about)
      return findings.add(place, 'tells of a log with the checkpoint of another one');
    events.push({ ...event, index: seq, checkpoint });
  };

  const takeCheckpoint = (note: string, at?: Date) => {
    checkpoints += 1;
    if (!isSigned(note, keys)) return findings.add(`checkpoint of ${sizeIn(note)}`, strangeSigner);
    const checkpoint = checkpointIn(note);
    const place = `checkpoint of ${entries(checkpoint.size)}`;
    if (logIn(checkpoint.origin) !== header.log) return findings.add(place, 'is that of another log');
    if (!isExact(note)) findings.add(place, 'holds more than what was signed');
    if (at !== undefined && Number(at) !== Date.parse(checkpoint.at))
      findings.add(place, 'has a column at that says something else than its note');
    if (!last || checkpoint.size >= last.size) last = checkpoint;
    if (dropped) return compareForks(checkpoint.size, [checkpoint.root]);
    if (checkpoint.size === size) here.push(checkpoint.root);
    else if (checkpoint.size > size) beyond(place, size);
    else findings.add(place, 'does not stand where its size says');
  };

  const takeSubtree = (subtree: { level: number; index: number; hash: Hash }) => {
    if (dropped) return;
    const computed = full.get(subtree.level);
    subtrees.set(subtree.level, (subtrees.get(subtree.level) ?? 0) + 1);
    if (computed?.index !== subtree.index || !computed.hash.equals(subtree.hash))
      findings.add(
        `entries ${subtree.index * 256 ** subtree.level} to ${(subtree.index + 1) * 256 ** subtree.level - 1}`,
        'have another hash than the stored subtree',
      );
  };

  /** Compares the leaves seen so far with everything signed for exactly that number. */
  const settle = () => {
    const roots = [...here, ...(kept.roots.get(size) ?? [])];
    here = [];
    if (roots.length === 0 || dropped) return;
    compareForks(size, roots.slice(0, 1));
    const root = rootOf(frontier);
    if (roots.every((signed) => signed.equals(root))) agreed = size;
    else findings.add(agreed < size - 1 ? `entries ${agreed} to ${size - 1}` : `entry ${agreed}`, rewritten);
  };

  const compareForks = (size: number, stored: readonly Hash[]) => {
    const [root, ...others] = [...stored, ...(kept.roots.get(size) ?? [])];
    if (others.some((other) => !other.equals(root!))) findings.add(`checkpoint of ${entries(size)}`, forked);
  };

  const beyond = (place: string, there: number) =>
    findings.add(`${place}, and there are ${there.toLocaleString('en')}`, cut);

  return {
    take(record) {
      if ('leaf' in record) takeLeaf(record.leaf, record.seq, record.columns);
      else if ('checkpoint' in record) takeCheckpoint(record.checkpoint, record.at);
      else if ('definition' in record) definitions.add(createHash('sha256').update(record.definition).digest('hex'));
      else if ('subtree' in record) takeSubtree(record.subtree);
      else if ('finding' in record) findings.add(record.where, record.finding);
    },

    end() {
      settle();
      const signedTo = last?.size ?? 0;
      if (!dropped && size !== header.size)
        findings.add('', `${entries(size)} are there, and the log says that it has ${header.size}`);
      // To remove the checkpoints of an older log, an attacker would have to rewrite all of its entries as if they were made just
      // now.
      const isUnsignedYet = isNew && !dropped && checkpoints === 0 && !retained.has(header.log);
      if (!last && header.size > 0 && !isUnsignedYet) findings.add('', 'has no checkpoint that a given key has signed');
      if (dropped && last && last.size !== header.size)
        findings.add(
          '',
          `was dropped with a last checkpoint of ${entries(last.size)}, and says that it had ${header.size}`,
        );
      const there = dropped ? signedTo : size;
      for (const retainedSize of [...kept.roots.keys()].sort((one, other) => one - other))
        if (retainedSize > there) beyond(`retained checkpoint of ${entries(retainedSize)}`, there);
      if (beside)
        for (let level = 1; 256 ** level <= Math.min(signedTo, size); level += 1)
          if ((subtrees.get(level) ?? 0) < Math.floor(signedTo / 256 ** level))
            findings.add(`subtrees of ${256 ** level} entries`, 'are missing');
      const end = dropped ? last : { size, root: rootOf(frontier) };
      const unsigned = dropped ? 0 : Math.max(0, size - signedTo);
      return { header, findings, end, events, checkpoints, lastSigned: last?.at ?? null, unsigned, counted };
    },
  };
}

/** Milliseconds for which a log may have no checkpoint. It is signed at most a second after its first entry. */
const unsignedAtFirst = 10_000;

const strangeSigner = 'not signed by a key that was given: the signer was swapped, or the checkpoint changed';
const rewritten =
  'the log does not begin as it did when this was signed (changed, reordered, inserted, deleted, or a fork)';
const forked = 'another one of the same size has another root, and both are signed: a fork';
const cut = 'is of more entries than there are: a truncated tail, or rolled back to an older state';

export const entries = (count: number): string => `${count.toLocaleString('en')} ${count === 1 ? 'entry' : 'entries'}`;

function readCanonical(text: string): Leaf | null {
  try {
    const leaf = readLeaf(text);
    if (canonicalJson(leaf) !== text) return null;
    return isEntryId(leaf.id) && Array.isArray(leaf.sealedBy) && typeof leaf.operation.definition === 'string'
      ? leaf
      : null;
  } catch {
    return null;
  }
}

const isEntryId = (id: unknown): boolean => typeof id === 'string' && isUuid(id) && id === id.toLowerCase();

function differing(leaf: Leaf, columns: Columns): string[] {
  const said = {
    id: leaf.id,
    at: Date.parse(leaf.at),
    actor_id: leaf.actor?.id ?? null,
    use: leaf.use,
    outcome: leaf.outcome,
    operation_hash: leaf.operation.hash,
    operation_name: leaf.operation.name,
    sealed_by: leaf.sealedBy.join(),
  };
  const repeated: typeof said = {
    id: columns.id,
    at: columns.at.getTime(),
    actor_id: columns.actorId,
    use: columns.use as Leaf['use'],
    outcome: columns.outcome as Leaf['outcome'],
    operation_hash: columns.operationHash,
    operation_name: columns.operationName,
    sealed_by: (columns.sealedBy ?? []).join(),
  };
  return (Object.keys(said) as (keyof typeof said)[]).filter((column) => said[column] !== repeated[column]);
}

/** Whether this is a valid count: so many rejections of one kind, none of them later than the entry that counts them. */
function isCount({ attempts, first, last, sources }: Counted, { at, outcome }: Leaf): boolean {
  const isWhole = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 1;
  const isInOrder = Date.parse(first) <= Date.parse(last) && Date.parse(last) <= Date.parse(at);
  return isWhole(attempts) && isWhole(sources) && isInOrder && (outcome === 'DENIED' || outcome === 'FAILED');
}

/** The event in an entry that maintenance wrote. A client may also call its operation `ledger`, but its criterion is a list. */
function eventIn(leaf: Leaf): { event: string; about: string; note: string } | null {
  if (leaf.operation.name !== 'ledger' || leaf.operation.hash !== '' || leaf.actor !== null) return null;
  const { event, log, checkpoint } = (leaf.criterion ?? {}) as Record<string, unknown>;
  if (typeof event !== 'string' || typeof log !== 'string' || typeof checkpoint !== 'string') return null;
  // Both are printed. A value without the right form was not written by maintenance.
  if (!/^[A-Z_]{1,40}$/.test(event) || !isLogName(log)) return null;
  return { event, about: log, note: checkpoint };
}

function sizeIn(note: string): string {
  try {
    return entries(checkpointIn(note).size);
  } catch {
    return 'an unreadable size';
  }
}
