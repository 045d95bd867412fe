/**
 * What this answer discloses → the ledger, before the answer leaves. One entry per answer that names a person or a case,
 * or that searched for one, and one per attempt that was refused or failed.
 */
import { createHash } from 'node:crypto';
import { type Appended, type LogEntry, packed, type UseType } from '../subgraphs/kit/entry.js';
import type { FaultCode } from '../subgraphs/kit/faults.js';
import { shieldedCompartments, type Viewer } from '../subgraphs/kit/viewer.js';
import type { Answer, Change } from './execution/engine.js';
import { type Internal, InternalRefused } from './internal.js';

/** What is known of one request by the time its answer is ready. */
export interface Trail {
  viewer: Viewer | null;
  text: string | null;
  /** SHA-256 of the text, where it is at hand. */
  hash: string | null;
  operationName: string | null;
  disclosed: Disclosed | null;
  faults: string[];
  /** What the answer is for, where that is more than its operation says: an export reads like anybody, and is none the less one. */
  readonly use?: UseType;
  /** Id of the entry by which a change was begun. */
  begun?: string;
  readonly workstation: string | null;
  readonly purpose: string | null;
  readonly transactionId: string | null;
  readonly requestId: string | null;
  readonly onBehalfOf: string | null;
}

/** What of an answer is logged; of the answer itself nothing is kept while its entry is on the way. */
export interface Disclosed extends Change, Pick<Answer, 'named'> {
  /** Whether there is any data in it. */
  readonly hasData: boolean;
}

export interface Ledger {
  /** Resolves once the beginning of a change is durable. Throws if it cannot be written. */
  begin(trail: Trail, change: Change): Promise<void>;
  /** Resolves once the entry is durable, or when there is nothing to log. Throws if it cannot be written. */
  write(trail: Trail): Promise<void>;
}

export interface LedgerOptions {
  readonly municipality: string;
  readonly now: () => Date;
  readonly newId: () => string;
}

export function openLedger(audit: Internal, options: LedgerOptions): Ledger {
  const append = batched(async (entries) => (await audit('append', packed(entries))) as unknown as Appended);
  return {
    async begin(trail, change) {
      const entry = entryOf({ ...trail, disclosed: { ...change, named: new Map(), hasData: false } }, options);
      await append({ ...entry, outcome: 'BEGUN' });
      trail.begun = entry.id;
    },
    write: (trail) =>
      trail.disclosed?.footprint.audited || trail.faults.length > 0
        ? append(entryOf(trail, options))
        : Promise.resolve(),
  };
}

/** Entries in one call to the audit room at most, and entries that may wait for one. */
const batchSize = 500;
const queueSize = 10_000;
/** Calls at once: while the room waits for its disk, it can read what goes there next. */
const callsAtOnce = 2;

/**
 * What queued while the last calls were under way goes with the next: no timer, and no wait for anybody who is alone. Answers that
 * become ready in the same turn of the event loop share a call, and the calls that are free share what waits: otherwise those who were
 * answered together would come back together, and wait behind the first of them. An entry that the room refuses fails alone, and a
 * batch that it refuses as a whole (too large) is tried one by one: no entry keeps another out of the log.
 */
function batched(send: (entries: readonly LogEntry[]) => Promise<Appended>): (entry: LogEntry) => Promise<void> {
  const waiting: Waiting[] = [];
  let underWay = 0;
  let starting = false;

  const sendAll = async (batch: readonly Waiting[]) => {
    const { appended, refused } = await send(batch.map(({ entry }) => entry));
    if (appended !== batch.length - refused.length)
      throw new Error('the audit room did not say that it took every entry');
    for (const { index, reason } of refused)
      batch[index]!.failed(new Error(`the audit room refused an entry: ${reason}`));
    for (const { done } of batch) done();
  };

  const flush = async (batch: readonly Waiting[]) => {
    underWay += 1;
    await sendAll(batch).catch(async (error) => {
      if (error instanceof InternalRefused && batch.length > 1) {
        for (const one of batch) await sendAll([one]).catch(one.failed);
        return;
      }
      for (const one of batch) one.failed(error);
      // A room that does not answer would let those who wait find that out one call after the other.
      if (!(error instanceof InternalRefused)) for (const one of waiting.splice(0)) one.failed(error);
    });
    underWay -= 1;
    start();
  };

  const start = () => {
    if (starting || underWay === callsAtOnce || waiting.length === 0) return;
    starting = true;
    setImmediate(() => {
      starting = false;
      while (underWay < callsAtOnce && waiting.length > 0) {
        const share = Math.ceil(waiting.length / (callsAtOnce - underWay));
        void flush(waiting.splice(0, Math.min(share, batchSize)));
      }
    });
  };

  return (entry) =>
    new Promise((done, failed) => {
      if (waiting.length >= queueSize) return failed(new Error('too many entries wait for the audit room'));
      waiting.push({ entry, done, failed });
      start();
    });
}

interface Waiting {
  readonly entry: LogEntry;
  done(): void;
  failed(error: unknown): void;
}

function entryOf(trail: Trail, { municipality, now, newId }: LedgerOptions): LogEntry {
  const { viewer, disclosed } = trail;
  const named = disclosed?.named;
  return {
    id: newId(),
    follows: trail.begun ?? null,
    at: now().toISOString(),
    municipality: viewer?.municipality ?? municipality,
    session: viewer?.session ?? null,
    actor: viewer?.actor ?? null,
    subject: viewer?.subject ?? null,
    organisation: viewer?.organisation ?? null,
    right: viewer?.right ?? null,
    use: trail.use ?? disclosed?.footprint.use ?? ('READ' satisfies UseType),
    outcome: outcomeOf(trail),
    operation: {
      hash: trail.hash ?? hashOf(trail.text ?? ''),
      name: trail.operationName,
      // A text that never became an operation may hold anything, somebody's CPR number too.
      text: disclosed ? trail.text : null,
    },
    fields: disclosed?.footprint.fields ?? [],
    // In an order that tells nothing of how the answer came about.
    citizens: [...(named?.get('Citizen') ?? [])].sort(),
    cases: [...(named?.get('Case') ?? [])].sort(),
    criterion: disclosed?.criterion() ?? null,
    faults: [...new Set(trail.faults)],
    purpose: trail.purpose,
    workstation: trail.workstation,
    transactionId: trail.transactionId,
    requestId: trail.requestId,
    onBehalfOf: trail.onBehalfOf,
    sealedBy: viewer ? sealOf(viewer, disclosed) : [],
  };
}

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * What could have met something shielded is sealed whether it did or not: otherwise the seal itself would tell. Whoever
 * works with nothing but shielded cases is never heard of by others at all: that the placement secretariat looked up a
 * citizen's address says enough.
 */
function sealOf(viewer: Viewer, disclosed: Disclosed | null): string[] {
  const compartments = shieldedCompartments(viewer);
  const nothingElse = compartments.length === viewer.clearance.length;
  return disclosed?.footprint.sealing || nothingElse ? compartments : [];
}

/** An answer that named somebody was one, whatever else went wrong beside it: it must stand in the citizen's view. */
function outcomeOf({ disclosed, faults }: Trail): LogEntry['outcome'] {
  const named = (disclosed?.named.size ?? 0) > 0;
  const denied = faults.some((code) => deniedCodes.has(code));
  if (denied) return named || (disclosed && disclosed.footprint.fields.length > 0) ? 'PARTLY_DENIED' : 'DENIED';
  return faults.length > 0 && !named ? 'FAILED' : 'ANSWERED';
}

const deniedCodes: ReadonlySet<string> = new Set<FaultCode>([
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'FORBIDDEN_FIELD',
  'WRONG_CREDENTIALS',
  'LOCKED_OUT',
  'INTROSPECTION_NOT_ALLOWED',
  'SIGN_IN_REFUSED',
]);
