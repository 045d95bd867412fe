/** What became of a change that was sent to the room itself, and whether its caller can be shown the answer. */
import type { ExecutionResult, GraphQLError } from 'graphql';
import type { ChangeUnderWay, Made } from '../protocol/change.js';
import { casesApart, joined, withAbout } from './parts.js';
import type { RequestRecord } from './request-record.js';

/**
 * Records what became of a change, and whom it was about, in the request's record. True for a change that stands although its answer
 * does not show it. Throws if its fate cannot be known.
 */
export async function isLost(
  change: ChangeUnderWay,
  closing: () => Promise<Made>,
  { data, errors }: ExecutionResult,
  record: RequestRecord,
): Promise<boolean> {
  if (change.inDoubt.size > 0) for (const part of (await closing()).parts) change.made.add(part);
  const { made, cases, citizens } = change;
  record.fate = made.size > 0 ? 'MADE' : 'NOT_MADE';
  const about = new Map([
    ['Case', cases],
    ['Citizen', citizens],
  ]);
  const { named, parts } = record.disclosed!;
  const apart = casesApart(record.viewer!.seal);
  const standsUnseen = ({ path }: GraphQLError) => {
    const key = String(path?.[0]);
    return data ? made.has(key) && data[key] === null : made.size > 0;
  };
  const lost = errors?.some(standsUnseen) ?? false;
  record.disclosed = {
    ...record.disclosed!,
    named: joined(named, about),
    parts: withAbout(parts, about, apart),
    ...(lost && { hasData: false }),
  };
  if (lost) record.faults = ['CHANGE_MAY_STAND'];
  return lost;
}
