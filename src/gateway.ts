/** Engine, walls and subgraph calls put together for one operation at a time. */

import { randomUUID } from 'node:crypto';
import { type DocumentNode, GraphQLError, type GraphQLFormattedError, type OperationDefinitionNode } from 'graphql';
import type { Logger } from 'pino';
import {
  Fault,
  type FaultCode,
  faults,
  inOrder,
  isFaultCode,
  malformedArguments,
  withoutValues,
} from '../subgraphs/kit/faults.js';
import type { Change, Trail } from '../subgraphs/kit/trail.js';
import type { Viewer, ViewerSigner } from '../subgraphs/kit/viewer.js';
import type { Answer, Engine } from './execution/engine.js';
import type { JsonObject } from './execution/own.js';
import { type Send, unavailable } from './execution/run.js';
import type { Calls, Wire } from './wire.js';

export interface RequestContext {
  readonly viewer: Viewer;
  readonly trail: Trail;
  /** Writes down that a change is about to be made; throws a fault where that cannot be done, and nothing is changed. */
  readonly begin?: (change: Change) => Promise<void>;
  /** Set while subgraphs are asked: ends their calls, because nobody waits for the answer any more. */
  cancel: (() => void) | null;
}

/** One operation of a document that the pipeline let through. */
export interface Accepted {
  readonly engine: Engine;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly operationName: string | undefined;
}

export interface Executed {
  readonly data?: JsonObject | null;
  readonly errors?: readonly GraphQLError[];
}

/** Answers an operation; throws a fault for variables that do not fit it. */
export type Execute = (accepted: Accepted, variables: JsonObject, context: RequestContext) => Promise<Executed>;

export interface ExecuteOptions {
  /** Where a subgraph answers. */
  readonly urlOf: (subgraph: string) => URL;
  readonly wire: Wire;
  /** `null`: subgraphs are asked without a token (the bare gateway). */
  readonly signer: ViewerSigner | null;
  readonly log: Logger;
  /** Milliseconds for all subgraph calls of one operation together. */
  readonly operationTimeout: number;
  /** Subgraphs of our own, whose messages come from the table of faults; what any other says is masked. `null` trusts all. */
  readonly trusted: ReadonlySet<string> | null;
  readonly onFetch?: (subgraph: string) => void;
}

export function executeWith(options: ExecuteOptions): Execute {
  return async ({ engine, document, operation, operationName }, variables, context) => {
    const calls = options.wire.operation(options.operationTimeout);
    const isQuery = operation.operation === 'query';
    // A change goes on without its caller: half of one would be worse.
    if (isQuery) context.cancel = () => calls.cancel('the caller hung up');
    try {
      const send = sendAs(context.viewer, options, calls, isQuery ? null : context.trail.workstation, engine);
      const answer = await engine.answer(document, operationName, variables, context.viewer, send, context.begin);
      return told(answer, isQuery, context.trail, options);
    } finally {
      context.cancel = null;
      calls.end();
    }
  };
}

function told(answer: Answer, isQuery: boolean, trail: Trail, options: ExecuteOptions): Executed {
  const errors = errorsOf(answer, options);
  const { footprint, criterion, named } = answer;
  const malformed = isQuery && options.trusted ? malformedArguments(errors) : [];
  if (malformed.length > 0) {
    // It names nobody, but what it might have met is logged all the same.
    trail.disclosed = { footprint, criterion, named: new Map(), hasData: false };
    return { errors: malformed.map((message) => graphQLError('BAD_USER_INPUT', message, undefined)) };
  }
  trail.disclosed = { footprint, criterion, named, hasData: answer.data !== null };
  return errors.length > 0 ? { data: answer.data, errors } : { data: answer.data };
}

/** `workstation`: where a change comes from; our own rooms count rejected attempts by it. */
function sendAs(
  viewer: Viewer,
  { urlOf, wire, signer, onFetch, trusted }: ExecuteOptions,
  calls: Calls,
  workstation: string | null,
  { withOwnScalars }: Engine,
): Send {
  return (service, request) => {
    onFetch?.(service);
    const url = urlOf(service);
    const token = signer ? signer.sign(viewer, service) : '';
    const isRoom = trusted?.has(service) ?? false;
    const from = isRoom ? workstation : null;
    const digits = !isRoom && withOwnScalars.has(service);
    return typeof token === 'string'
      ? wire.call(url, token, request, calls, from, digits)
      : token.then((signed) => wire.call(url, signed, request, calls, from, digits));
  };
}

function errorsOf(answer: Answer, options: ExecuteOptions): GraphQLError[] {
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
    // A subgraph that is not ours could name a hidden case in its message: only its having failed is told.
    if (options.trusted?.has(error.service) && isFaultCode(error.code) && error.code !== 'INTERNAL')
      return graphQLError(error.code, error.message, error.path);
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

const graphQLError = (
  code: string,
  message: string,
  path: readonly (string | number)[] | undefined,
  reference?: string,
): GraphQLError =>
  new GraphQLError(message, { ...(path && { path }), extensions: { code, ...(reference && { reference }) } });

export type FormatError = (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError;

/** The last step before an error is sent: the table's own pass, GraphQL's own lose what they quote, the rest is masked. */
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
      const reference = formatted.extensions?.reference;
      return {
        message: fault?.message ?? formatted.message,
        ...path,
        extensions: { code, ...(typeof reference === 'string' && { reference }) },
      };
    }
    if (typeof code === 'string' && passed.has(code)) {
      return {
        message: withoutValues(formatted.message),
        ...(formatted.locations && { locations: formatted.locations }),
        extensions: { code },
      };
    }
    const reference = randomUUID();
    log.error({ err: error, reference }, 'masked error');
    return { message: faults.INTERNAL.message, extensions: { code: 'INTERNAL', reference } };
  };
}

/** The bare gateway hides nothing of what its subgraphs say. */
export const asTold: FormatError = ({ message, locations, path, extensions }) => ({
  message,
  ...(locations && { locations }),
  ...(path && { path }),
  ...(extensions?.code !== undefined && { extensions: { code: extensions.code } }),
});

/** Codes of Apollo Server's own pipeline whose messages speak of the operation and the schema only. */
const passed: ReadonlySet<string> = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'BAD_REQUEST',
]);
