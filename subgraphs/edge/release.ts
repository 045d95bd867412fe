/**
 * Whether an answer may still leave: what was withdrawn while it was made must not be seen once more. Every edge looks twice,
 * before the log, so that the entry says what became of the answer, and after it, because writing takes its time.
 */
import type { Logger } from 'pino';
import type { FaultCode } from '../protocol/faults.js';
import type { Viewer } from '../protocol/viewer.js';
import type { LogClient } from './log-client.js';
import type { RequestRecord } from './request-record.js';

/** What has become of a viewer of a moment ago. */
export type ViewerStanding = 'same' | 'changed' | 'ended';

export function standingOf(now: Viewer | null, before: Viewer): ViewerStanding {
  if (now === null) return 'ended';
  return now === before || JSON.stringify(now) === JSON.stringify(before) ? 'same' : 'changed';
}

/** What whoever asked is told in place of an answer; `null` where it may leave. */
export const refusalOf: Readonly<Record<ViewerStanding, FaultCode | null>> = {
  same: null,
  changed: 'ACCESS_CHANGED',
  ended: 'UNAUTHENTICATED',
};

/** Throws where it cannot be known. */
export type StillHolds = (viewer: Viewer) => Promise<ViewerStanding> | ViewerStanding;

export interface LogOptions {
  readonly ledger: LogClient;
  readonly log: Logger;
}

/**
 * Writes the log entry of an answer, or says why the answer may not leave. Every answer and every refusal of an edge passes here: an
 * answer whose entry is not durable must not be seen.
 */
export async function writeEntryOrWithhold(
  record: RequestRecord,
  { ledger, log }: LogOptions,
): Promise<'AUDIT_UNAVAILABLE' | null> {
  try {
    await ledger.write(record);
    return null;
  } catch (error) {
    log.error({ err: error }, 'the log could not be written; the answer is withheld');
    return 'AUDIT_UNAVAILABLE';
  }
}

export interface ReleaseOptions<Reply> extends LogOptions {
  readonly stillHolds: StillHolds;
  /** What is said in place of an answer. */
  readonly refusal: (code: FaultCode) => Reply;
  /** What is said of a change that stands, or may, by the entry by which it was begun. */
  readonly mayStand: (entry: string) => Reply;
}

/**
 * Nothing leaves unlogged: for answers and for errors alike, after the body is made and before it is sent. Of a change
 * whose fate is not known no end is logged: the log finds it out (`changeOutcome`).
 */
export async function released<Reply>(
  reply: Reply,
  record: RequestRecord,
  options: ReleaseOptions<Reply>,
): Promise<Reply> {
  const { log, stillHolds, refusal, mayStand } = options;
  const { begun } = record;
  // Something broke after a change was begun, before anybody asked what became of it.
  if (begun !== undefined && record.fate === undefined) record.fate = 'UNKNOWN';
  if (begun !== undefined && record.fate === 'UNKNOWN') return mayStand(begun);
  // A change that stands is never told as one that did not happen, and may not be repeated unasked.
  const instead = (code: FaultCode) =>
    begun !== undefined && record.fate === 'MADE' ? mayStand(begun) : refusal(code);
  const refused = await withheldBeforeLog(record, stillHolds, log);
  let logged = refused ? instead(refused) : reply;
  const unlogged = await writeEntryOrWithhold(record, options);
  if (unlogged) logged = instead(unlogged);
  const late = await withheld(record, stillHolds, log);
  return late ? instead(late) : logged;
}

/** Why an answer is withheld; `null` where it may leave, as one does that has no data, or that only changes the caller's own session. */
async function withheld(
  { viewer, disclosed }: RequestRecord,
  stillHolds: StillHolds,
  log: Logger,
): Promise<FaultCode | null> {
  if (!viewer || !disclosed?.hasData || disclosed.footprint.ownSession) return null;
  try {
    return refusalOf[await stillHolds(viewer)];
  } catch (error) {
    log.error({ err: error }, 'whether the answer may still leave cannot be known; it is withheld');
    return 'SESSION_UNAVAILABLE';
  }
}

/**
 * The same before the log. An answer that is withheld is then logged as what it is: denied, and about nobody. Not so a change: what it
 * did it has done, and its entry says so whatever its caller gets.
 */
async function withheldBeforeLog(
  record: RequestRecord,
  stillHolds: StillHolds,
  log: Logger,
): Promise<FaultCode | null> {
  const code = record.begun ? null : await withheld(record, stillHolds, log);
  if (!code) return null;
  record.faults.push(code);
  const { footprint, criterion } = record.disclosed!;
  record.disclosed = { footprint: { ...footprint, fields: [] }, criterion, named: new Map(), hasData: false };
  return code;
}
