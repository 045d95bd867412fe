/** What a room that is called directly replies: the result of an operation, the errors of its text, or why it failed. */
import type { ExecutionResult, GraphQLError, GraphQLFormattedError } from 'graphql';
import type { Logger } from 'pino';
import { type FaultCode, faultBody, faults, isFaultCode, isUnavailable } from '../protocol/faults.js';
import type { Said } from './answers.js';
import { Answered } from './begin-change.js';
import { failedRequest } from './failed-request.js';
import { masked, settled, toldByGraphQL } from './mask.js';
import { noteFaults, type RequestRecord } from './request-record.js';
import type { PermittedOperation } from './wall.js';

/** The reply to an operation that was executed. Records what it discloses. */
export function replyTo(
  result: ExecutionResult,
  log: Logger,
  allowed: PermittedOperation,
  isQuery: boolean,
  record: RequestRecord,
): Said {
  const { footprint, criterion } = allowed;
  const disclosed = allowed.take(result.data);
  const errors = result.errors?.map((error) => {
    const formatted = masked(error.toJSON(), error, log);
    return { ...formatted, ...(formatted.path && { path: allowed.shown(formatted.path) }) };
  });
  const body = whole(settled({ ...(errors && { errors }), data: result.data ?? null }, isQuery), isQuery);
  noteFaults(body.errors, record);
  const hasData = body.data !== null && body.data !== undefined;
  // An answer that was refused as a whole names nobody.
  record.disclosed = { footprint, criterion, ...(hasData ? disclosed : { named: new Map() }), hasData };
  const status = isQuery && isUnavailable(body) ? 503 : hasData ? 200 : statusOf(body.errors);
  return { status, body: JSON.stringify(body), isRefusal: !('data' in body) };
}

/**
 * Refuses a query as a whole if a page is too large; the gateway does so too, before it asks any room. An answer that grew too large
 * while it was made is refused in the same way, so that a part is not taken for the whole.
 */
function whole(result: ReturnType<typeof settled>, isQuery: boolean): ReturnType<typeof settled> {
  const over =
    isQuery && refusedWhole.find((code) => result.errors?.some(({ extensions }) => extensions?.code === code));
  return over ? faultBody(over) : result;
}

const refusedWhole: readonly FaultCode[] = ['PAGE_LIMIT', 'ANSWER_LIMIT'];

/** The reply to a text that GraphQL validation refuses. */
export function invalidReply(errors: readonly GraphQLError[], record: RequestRecord): Said {
  const reported = errors.map((error) =>
    toldByGraphQL(error, isFaultCode(error.extensions.code) ? error.extensions.code : 'GRAPHQL_VALIDATION_FAILED'),
  );
  noteFaults(reported, record);
  return { status: 400, body: JSON.stringify({ errors: reported }), isRefusal: true };
}

/** The reply to a request that failed, or the stored answer to a change that was sent before. */
export function failed(error: Error, record: RequestRecord, log: Logger): Said {
  if (error instanceof Answered) return { status: error.answer.status, body: error.answer.body };
  return failedRequest(error, record, log);
}

/** HTTP status of an answer without data. */
function statusOf(errors: readonly GraphQLFormattedError[] | undefined): number {
  const codes = (errors ?? []).map(({ extensions }) => extensions?.code);
  return codes.map((code) => (isFaultCode(code) ? faults[code].status : 200)).find((status) => status !== 200) ?? 200;
}
