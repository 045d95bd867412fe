/**
 * What an edge does before anything is changed, in this order: it checks the caller's access once more, logs that a change begins,
 * and claims the key under which the change was sent. Then the change is made, or an earlier answer is given.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import { timeLimits } from '../protocol/change.js';
import { Fault, mayStandBody } from '../protocol/faults.js';
import { accessOf, type ChangeKey, type KeptAnswer } from './idempotency.js';
import { beginLogged, type LogClient } from './log-client.js';
import { refusalOf, type StillHolds } from './release.js';
import type { IntendedChange, RequestRecord } from './request-record.js';

export interface BeginOptions {
  readonly logClient: LogClient;
  readonly log: Logger;
  readonly stillHolds: StillHolds;
}

/** Thrown when nothing is to be changed because the same change was sent before. Holds what is answered instead. */
export class Answered extends Fault {
  constructor(readonly answer: Pick<KeptAnswer, 'status' | 'contentType' | 'body'>) {
    super('CHANGE_MAY_STAND');
  }
}

/** Throws a `Fault`, or `Answered`; in both cases nothing is changed. */
export async function beginChange(
  change: IntendedChange,
  record: RequestRecord,
  key: ChangeKey | null,
  options: BeginOptions,
): Promise<void> {
  record.disclosed = { ...change, named: new Map(), hasData: false };
  const refused = refusalOf[await standing(record, options)];
  if (refused) throw new Fault(refused);
  await beginLogged(change, record, options);
  if (!key) return;
  try {
    await claimed(change, record, key, options);
  } catch (error) {
    // This request made nothing, whatever an earlier one did.
    record.fate ??= 'NOT_MADE';
    throw error;
  }
}

async function standing({ viewer }: RequestRecord, { stillHolds, log }: BeginOptions) {
  try {
    return await stillHolds(viewer!);
  } catch (error) {
    log.error({ err: error }, 'whether the caller may still change anything cannot be known; nothing is changed');
    throw new Fault('SESSION_UNAVAILABLE');
  }
}

/** Milliseconds between two checks whether the earlier request has finished. */
const pause = 100;

/** Waits for an earlier request that sent the same change. */
async function claimed(
  change: IntendedChange,
  record: RequestRecord,
  key: ChangeKey,
  { log }: BeginOptions,
): Promise<void> {
  const until = performance.now() + (timeLimits.operation - timeLimits.gateway);
  for (;;) {
    const held = await key.claim(record.begun!).catch((error: Error) => {
      log.error({ err: error }, 'the key of a change could not be claimed; nothing is changed');
      throw new Fault('AUDIT_UNAVAILABLE');
    });
    if (held.claim === 'FREE') return;
    if (held.claim === 'REUSED') throw new Fault('IDEMPOTENCY_KEY_REUSED');
    if (held.claim === 'ANSWERED' && held.kept && mayBeShown(held.kept, change, record)) {
      const { kept } = held;
      record.disclosed = {
        ...change,
        named: new Map(kept.named.map(([type, ids]) => [type, new Set(ids)])),
        hasData: true,
      };
      record.fate = 'MADE';
      throw new Answered(kept);
    }
    if (held.claim !== 'OPEN' || performance.now() > until) {
      record.faults.push('CHANGE_MAY_STAND');
      throw new Answered({
        status: 200,
        contentType: 'application/json; charset=utf-8',
        body: JSON.stringify(mayStandBody(held.entry)),
      });
    }
    await wait(pause);
  }
}

/**
 * Whether the kept answer may be given to this viewer. A change of the caller's own session may change what the caller may see, but
 * its answer tells only of that change and of the caller.
 */
const mayBeShown = ({ access }: KeptAnswer, { footprint }: IntendedChange, { viewer }: RequestRecord): boolean =>
  footprint.ownSession || access === accessOf(viewer!);

/** Keeps the answer to a change that was made, for a caller who sends the change again. */
export async function keepAnswer(
  key: ChangeKey | null,
  record: RequestRecord,
  answer: Pick<KeptAnswer, 'status' | 'contentType' | 'body'>,
  log: Logger,
): Promise<void> {
  const { disclosed, begun, fate, viewer } = record;
  if (!key || begun === undefined || fate !== 'MADE' || !disclosed?.hasData) return;
  const named = [...disclosed.named].map(([type, ids]) => [type, [...ids]] as const);
  await key.keep(begun, { ...answer, named, access: accessOf(viewer!) }).catch((error: Error) => {
    // If the change is sent again, the caller is told that it was made.
    log.warn({ err: error }, 'the answer to a change could not be kept');
  });
}
