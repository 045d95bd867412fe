/** What either edge answers when a request could not be answered as it was meant. */
import type { Logger } from 'pino';
import { Fault, mayStandBody } from '../protocol/faults.js';
import { refusal, type Said } from './answers.js';
import type { RequestRecord } from './request-record.js';

/** The answer to a change that stands or may stand. `entry`: the id of the log entry to ask by. */
export const mayStand = (entry: string): Said => ({ status: 200, body: JSON.stringify(mayStandBody(entry)) });

/** Notes why a request failed, and returns its refusal. A change that was begun is never answered as one that was not made. */
export function failedRequest(error: Error, record: RequestRecord, log: Logger): Said {
  if (record.begun !== undefined && record.fate !== 'NOT_MADE') {
    log.error({ err: error }, 'the answer to a change could not be given');
    record.faults.push('CHANGE_MAY_STAND');
    return mayStand(record.begun);
  }
  const code = error instanceof Fault ? error.code : 'INTERNAL';
  record.faults.push(code);
  if (code === 'INTERNAL') log.error({ err: error }, 'request failed');
  return error instanceof Fault ? refusal(code, error.message, undefined, error.numbers) : refusal(code);
}
