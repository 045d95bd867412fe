/**
 * Whether an answer may still leave: data to which access was withdrawn meanwhile must not be shown once more. Every edge checks
 * twice: before the log, so that the entry says what became of the answer, and after it, because writing takes time.
 */
import type { Logger } from 'pino';
import type { FaultCode } from '../protocol/faults.js';
import type { Viewer } from '../protocol/viewer.js';
import type { LogClient } from './log-client.js';
import type { RequestRecord } from './request-record.js';

/** How a viewer's access compares with a moment ago. */
export type ViewerStanding = 'same' | 'changed' | 'ended';

/** Compares a viewer with the viewer of a moment ago; `null`: the session has ended. */
export function standingOf(now: Viewer | null, before: Viewer): ViewerStanding {
  if (now === null) return 'ended';
  return now === before || JSON.stringify(now) === JSON.stringify(before) ? 'same' : 'changed';
}

/** The code that the caller is told in place of an answer; `null` if the answer may leave. */
export const refusalOf: Readonly<Record<ViewerStanding, FaultCode | null>> = {
  same: null,
  changed: 'ACCESS_CHANGED',
  ended: 'UNAUTHENTICATED',
};

/** Throws if it cannot be known. */
export type StillHolds = (viewer: Viewer) => Promise<ViewerStanding> | ViewerStanding;

export interface LogAccess {
  readonly logClient: LogClient;
  readonly log: Logger;
}

/**
 * Writes the log entry of an answer, or returns why the answer must not leave. Every answer and every refusal of an edge passes here:
 * an answer whose entry is not durable must not be seen.
 */
export async function writeEntryOrWithhold(
  record: RequestRecord,
  { logClient, log }: LogAccess,
): Promise<'AUDIT_UNAVAILABLE' | null> {
  try {
    await logClient.write(record);
    return null;
  } catch (error) {
    log.error({ err: error }, 'the log could not be written; the answer is withheld');
    return 'AUDIT_UNAVAILABLE';
  }
}

export interface ReleaseOptions<Reply> extends LogAccess {
  readonly stillHolds: StillHolds;
  /** The reply in place of an answer. */
  readonly refusal: (code: FaultCode) => Reply;
  /** The reply about a change that stands or may stand, by the entry by which it was begun. */
  readonly mayStand: (entry: string) => Reply;
}

/**
 * Nothing leaves unlogged. This holds for answers and errors alike, after the body is made and before it is sent. If the fate of a
 * change is not known, no final entry is written: the log finds it out (`changeOutcome`).
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
  // A change that stands is never reported as one that did not happen, and must not be repeated unasked.
  const instead = (code: FaultCode) =>
    begun !== undefined && record.fate === 'MADE' ? mayStand(begun) : refusal(code);
  const refused = await withheldBeforeLog(record, stillHolds, log);
  let logged = refused ? instead(refused) : reply;
  const unlogged = await writeEntryOrWithhold(record, options);
  if (unlogged) logged = instead(unlogged);
  const late = await withheld(record, stillHolds, log);
  return late ? instead(late) : logged;
}

/** Why an answer is withheld; `null` if it may leave. Answers that have no data, or only change the caller's own session, always may. */
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
 * The same check before the log. A withheld answer is logged as what it is: denied, and about nobody. A change is not: what it did is
 * done, and its entry says so whatever its caller gets.
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
