/** What errors become before callers see them: from the table of faults, without values, or masked. */

import { randomUUID } from 'node:crypto';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Logger } from 'pino';
import { toldByGraphQL } from '../../subgraphs/edge/mask.js';
import {
  Fault,
  type FaultCode,
  faults,
  inOrder,
  isFaultCode,
  type Problem,
  problemsIn,
} from '../../subgraphs/protocol/faults.js';
import type { EngineAnswer } from '../execution/engine.js';
import { unavailable } from '../execution/execute-plan.js';

export interface ErrorOptions {
  readonly log: Logger;
  /**
   * Our own subgraphs, whose messages come from the table of faults. Messages of any other subgraph are masked. `null`:
   * all are trusted.
   */
  readonly trusted: ReadonlySet<string> | null;
}

/** Returns the errors of an answer, denied fields first. */
export function errorsOf(answer: EngineAnswer, options: ErrorOptions): GraphQLError[] {
  const denied = answer.denied.map(({ path, again }) => {
    const code: FaultCode = again ? 'FRESH_LOGIN_REQUIRED' : 'FORBIDDEN_FIELD';
    return graphQLError(code, faults[code].message, path);
  });
  const failed = answer.errors.map((error) => {
    if (error.code === unavailable) {
      options.log.warn({ subgraph: error.service, reason: error.message }, 'subgraph call failed');
      const message = options.trusted ? faults.SUBGRAPH_UNAVAILABLE.message : error.message;
      return graphQLError(unavailable, message, error.path);
    }
    // The message of a foreign subgraph could name a hidden case, so callers only learn that it failed.
    if (options.trusted?.has(error.service) && isFaultCode(error.code) && error.code !== 'INTERNAL')
      return graphQLError(error.code, error.message, error.path, undefined, error.problems);
    if (!options.trusted) return graphQLError(error.code ?? 'DOWNSTREAM_SERVICE_ERROR', error.message, error.path);
    const reference = randomUUID();
    options.log.error({ subgraph: error.service, code: error.code, reference }, 'masked subgraph error');
    return graphQLError('INTERNAL', faults.INTERNAL.message, error.path, reference);
  });
  const internal = (what: string) => (path: readonly (string | number)[]) => {
    const reference = randomUUID();
    options.log.error({ coordinate: path.filter((part) => typeof part === 'string').join('.'), reference }, what);
    return graphQLError('INTERNAL', options.trusted ? faults.INTERNAL.message : what, path, reference);
  };
  const misshapen = answer.misshapen.map(
    internal('a subgraph answered with a value of another form than its schema says'),
  );
  const unplanned = answer.unplanned.map(
    internal(
      'the query planner left out what was asked for: subgraphs that share a field answer it with different types',
    ),
  );
  return [...denied, ...inOrder([...failed, ...misshapen, ...unplanned])];
}

export const graphQLError = (
  code: string,
  message: string,
  path: readonly (string | number)[] | undefined,
  reference?: string,
  problems?: readonly Problem[],
): GraphQLError =>
  new GraphQLError(message, {
    ...(path && { path }),
    extensions: { code, ...(reference && { reference }), ...(problems && { problems }) },
  });

export type FormatError = (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError;

/**
 * Returns the last step before an error is sent. Errors from our table pass, GraphQL's own errors lose the values they
 * quote, and all others are masked.
 */
export function formatError(log: Logger): FormatError {
  return (formatted, error) => {
    const fault =
      error instanceof Fault
        ? error
        : error instanceof GraphQLError && error.originalError instanceof Fault
          ? error.originalError
          : undefined;
    const code = fault?.code ?? formatted.extensions?.code;
    const path = formatted.path && { path: formatted.path };
    if (isFaultCode(code)) {
      const { reference, entry } = formatted.extensions ?? {};
      const problems = problemsIn(formatted.extensions);
      return {
        message: fault?.message ?? formatted.message,
        ...path,
        extensions: {
          code,
          ...fault?.numbers,
          ...(typeof reference === 'string' && { reference }),
          ...(problems && { problems }),
          ...(code === 'CHANGE_MAY_STAND' && typeof entry === 'string' && { entry }),
        },
      };
    }
    if (typeof code === 'string' && passed.has(code)) return toldByGraphQL(formatted, code);
    const reference = randomUUID();
    log.error({ err: error, reference }, 'masked error');
    return { message: faults.INTERNAL.message, extensions: { code: 'INTERNAL', reference } };
  };
}

/** The bare gateway passes on what its subgraphs say. */
export const asTold: FormatError = ({ message, locations, path, extensions }) => ({
  message,
  ...(locations && { locations }),
  ...(path && { path }),
  ...(extensions?.code !== undefined && { extensions: { code: extensions.code } }),
});

/** Apollo Server's own error codes whose messages concern the operation and the schema only. */
const passed: ReadonlySet<string> = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'BAD_REQUEST',
]);
