/** What the caller of an operation is told, and what the log records as disclosed to them. */

import { GraphQLError } from 'graphql';
import { casesApart, joined, withAbout } from '../../subgraphs/edge/parts.js';
import type { RequestRecord } from '../../subgraphs/edge/request-record.js';
import { Fault, type FaultCode, faults, malformedArguments } from '../../subgraphs/protocol/faults.js';
import type { Settled } from '../changes/follow-change.js';
import type { EngineAnswer } from '../execution/engine.js';
import { getOwn, type JsonObject } from '../operation/json.js';
import { type ErrorOptions, errorsOf, graphQLError } from './error-format.js';

export interface Executed {
  readonly data?: JsonObject | null;
  readonly errors?: readonly GraphQLError[];
}

/** Makes what the caller is told of an operation that changed nothing, or whose changes are not followed. */
export function answerTold(
  answer: EngineAnswer,
  isQuery: boolean,
  record: RequestRecord,
  options: ErrorOptions,
): Executed {
  const errors = errorsOf(answer, options);
  const { footprint, criterion, named, parts } = answer;
  const malformed = isQuery && options.trusted ? malformedArguments(errors) : [];
  if (malformed.length > 0) {
    // This refusal names nobody. What the operation might have met is logged all the same.
    record.disclosed = { footprint, criterion, named: new Map(), hasData: false };
    return { errors: malformed.map((message) => graphQLError('BAD_USER_INPUT', message, undefined)) };
  }
  // One of our own rooms stopped reading early. A partial answer must not pass for the whole.
  if (isQuery && errors.some(({ extensions }) => extensions.code === ('ANSWER_LIMIT' satisfies FaultCode)))
    throw new Fault('ANSWER_LIMIT');
  record.disclosed = { footprint, criterion, named, parts, hasData: answer.data !== null };
  return errors.length > 0 ? { data: answer.data, errors } : { data: answer.data };
}

/**
 * Makes the answer to a change. It shows what was made, or says that the change stands or may stand where no answer can
 * show it.
 */
export function toldOfChange(
  answer: EngineAnswer | null,
  failure: unknown,
  { fate, made, about }: Settled,
  record: RequestRecord,
  options: ErrorOptions,
): Executed {
  record.fate = fate;
  const { footprint, criterion } = answer ?? record.disclosed!;
  const named = joined(answer?.named, about);
  const parts = withAbout(answer?.parts, about, casesApart(record.viewer!.seal));
  const errors = answer ? errorsOf(answer, options) : [];
  const isLost = ({ path }: GraphQLError) => {
    const key = path?.[0];
    if (!answer?.data || key === undefined) return answer?.data === null && made.size > 0;
    return made.has(String(key)) && (getOwn(answer.data, String(key)) ?? null) === null;
  };
  const stands = fate === 'UNKNOWN' || (fate === 'MADE' && (!answer?.data || errors.some(isLost)));
  if (stands) {
    record.disclosed = { footprint, criterion, named, hasData: false };
    const { message } = faults.CHANGE_MAY_STAND;
    const extensions = { code: 'CHANGE_MAY_STAND' satisfies FaultCode, entry: record.begun };
    if (failure) options.log.error({ err: failure }, 'the answer to a change could not be made');
    return { data: null, errors: [new GraphQLError(message, { extensions })] };
  }
  if (!answer) throw failure;
  record.disclosed = { footprint, criterion, named, parts, hasData: answer.data !== null };
  return errors.length > 0 ? { data: answer.data, errors } : { data: answer.data };
}
