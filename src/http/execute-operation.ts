/** Executes one operation at a time: combines the engine, the walls and the subgraph calls. */

import { randomUUID } from 'node:crypto';
import { type DocumentNode, GraphQLError, type GraphQLFormattedError, type OperationDefinitionNode } from 'graphql';
import type { Logger } from 'pino';
import { Answered } from '../../subgraphs/edge/begin-change.js';
import type { Budgets } from '../../subgraphs/edge/budgets.js';
import type { Sent } from '../../subgraphs/edge/idempotency.js';
import { casesApart, joined, withAbout } from '../../subgraphs/edge/parts.js';
import type { IntendedChange, RequestRecord } from '../../subgraphs/edge/request-record.js';
import type { Precedence } from '../../subgraphs/process/precedence.js';
import { timeLimits } from '../../subgraphs/protocol/change.js';
import {
  Fault,
  type FaultCode,
  faults,
  inOrder,
  isFaultCode,
  isUnavailable,
  malformedArguments,
  withoutValues,
} from '../../subgraphs/protocol/faults.js';
import { isCleared, type Viewer, type ViewerSigner } from '../../subgraphs/protocol/viewer.js';
import { type CloseChange, FollowedChange, isMutation, type Settled } from '../changes/follow-change.js';
import type { Engine, EngineAnswer, ExecutionOptions } from '../execution/engine.js';
import { type Send, unavailable } from '../execution/execute-plan.js';
import { getOwn, type JsonObject } from '../operation/json.js';
import type { Calls, SubgraphTransport, Told } from '../subgraph-client/subgraph-transport.js';
import type { FairShare } from './fair-share.js';

export interface RequestContext {
  readonly viewer: Viewer;
  readonly record: RequestRecord;
  /**
   * Called before a change is made. Throws a fault, or the stored answer to send instead; either way nothing is
   * changed.
   */
  readonly begin?: (change: IntendedChange, sent: Sent) => Promise<void>;
  /** The caller's `Accept` header. */
  readonly accept?: string | undefined;
  /** The request's precedence over long operations. Without it, the request has none. */
  readonly precedence?: Precedence;
  /** The request as sent. */
  sent?: Sent;
  /** Set if this change was sent before: the stored answer to send instead. */
  answered?: Answered;
  /** Set while subgraphs are being called. Ends their calls when nobody waits for the answer any more. */
  cancel: (() => void) | null;
}

/** One operation of a document that passed the pipeline. */
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

/** Executes an operation. Throws a fault if the variables do not fit it. */
export type Execute = (accepted: Accepted, variables: JsonObject, context: RequestContext) => Promise<Executed>;

export interface ExecuteOptions {
  /** URL of a subgraph's GraphQL endpoint. */
  readonly urlOf: (subgraph: string) => URL;
  readonly wire: SubgraphTransport;
  /** `null`: subgraphs are called without a token (bare gateway). */
  readonly signer: ViewerSigner | null;
  readonly log: Logger;
  /** Milliseconds for all subgraph calls of one operation together. */
  readonly operationTimeout: number;
  /**
   * Our own subgraphs, whose messages come from the table of faults. Messages of any other subgraph are masked. `null`:
   * all are trusted.
   */
  readonly trusted: ReadonlySet<string> | null;
  readonly onFetch?: (subgraph: string) => void;
  /** Asks a room what a change did. Without it, changes are not followed (bare gateway). */
  readonly close?: CloseChange;
  /** Cost budget for this viewer's operations. Without it, cost is not limited. */
  readonly budgetOf?: Budgets;
  /** How many operations one person may run at once. Without it, any number. */
  readonly fairShare?: FairShare;
}

/** Returns the function that executes one operation with these rooms, limits and walls. */
export function executeWith(options: ExecuteOptions): Execute {
  return async ({ engine, document, operation, operationName }, variables, context) => {
    const { record, viewer, sent, begin } = context;
    const calls = options.wire.operation(options.operationTimeout, isCleared(viewer));
    const isQuery = operation.operation === 'query';
    // A change continues when its caller hangs up: half a change would be worse.
    if (isQuery) context.cancel = () => calls.cancel('the caller hung up');
    const turn = new Turn(context, options.fairShare ?? null);
    try {
      const send = sendAs(viewer, options, calls, isQuery ? null : record, engine);
      const manner: ExecutionOptions = {
        budget: options.budgetOf?.(viewer) ?? null,
        admit: (isLong) => {
          calls.isLong = isLong;
          return turn.begin(isLong);
        },
      };
      if (isQuery || !begin || !sent || !options.close || !options.trusted) {
        const answer = await engine.answer(document, operationName, variables, viewer, send, manner);
        // Only queries are refused here. A change that was made is reported with the part of its answer that exists.
        if (isQuery && calls.isTooLarge) throw new Fault('ANSWER_LIMIT');
        const executed = told(answer, isQuery, record, options);
        record.isUnavailable = options.trusted !== null && isUnavailable(executed);
        return executed;
      }
      const followed = new FollowedChange(record, { trusted: options.trusted, close: options.close });
      let answer: EngineAnswer | null = null;
      let failure: unknown;
      try {
        const beginAs = (change: IntendedChange) => begin(change, sent);
        const following = followed.following(send);
        answer = await engine.answer(document, operationName, variables, viewer, following, {
          ...manner,
          begin: beginAs,
        });
      } catch (error) {
        // No room has been asked to change anything yet.
        if (record.begun === undefined || record.fate !== undefined) {
          if (error instanceof Answered) context.answered = error;
          throw error;
        }
        failure = error;
      }
      return toldOfChange(answer, failure, await followed.settle(), record, options);
    } finally {
      context.cancel = null;
      calls.end();
      turn.end();
    }
  };
}

/** Waits for this operation's turn, by its caller's fair share. A waiting or long operation gives up its precedence. */
class Turn {
  private left: (() => void) | null = null;

  constructor(
    private readonly context: RequestContext,
    private readonly fairShare: FairShare | null,
  ) {}

  begin(isLong: boolean): Promise<void> | undefined {
    const { viewer, precedence } = this.context;
    const waiting = this.fairShare?.enter(viewer, isLong);
    if (isLong || waiting) precedence?.giveUp();
    const begun = () => {
      this.left = () => this.fairShare?.leave(viewer, isLong);
    };
    if (!waiting) {
      begun();
      return undefined;
    }
    return waiting.then(() => {
      begun();
      if (!isLong) precedence?.take();
    });
  }

  end(): void {
    this.left?.();
    this.left = null;
  }
}

function told(answer: EngineAnswer, isQuery: boolean, record: RequestRecord, options: ExecuteOptions): Executed {
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
function toldOfChange(
  answer: EngineAnswer | null,
  failure: unknown,
  { fate, made, about }: Settled,
  record: RequestRecord,
  options: ExecuteOptions,
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

/**
 * Makes the function that calls subgraphs. `change` is the record of a change: our own rooms are told its client
 * address and the log entry that began it.
 */
function sendAs(
  viewer: Viewer,
  { urlOf, wire, signer, onFetch, trusted }: ExecuteOptions,
  calls: Calls,
  change: RequestRecord | null,
  { withOwnScalars }: Engine,
): Send {
  return (service, request, entities) => {
    calls.entities(entities);
    if (calls.isTooLarge) return Promise.reject(new Error('the answer grew too large'));
    onFetch?.(service);
    const url = urlOf(service);
    const token = signer ? signer.sign(viewer, service) : '';
    const isRoom = trusted?.has(service) ?? false;
    const digits = !isRoom && withOwnScalars.has(service);
    const told = {
      ...(change && toldWith(change, request, isRoom)),
      ...(digits && { digits }),
      isWary: trusted !== null,
    };
    return typeof token === 'string'
      ? wire.call(url, token, request, calls, told)
      : token.then((signed) => wire.call(url, signed, request, calls, told));
  };
}

const toldWith = ({ workstation, begun }: RequestRecord, request: string, isOurs: boolean): Told => ({
  ...(isMutation(request) && { timeout: timeLimits.gateway }),
  ...(isOurs && { workstation }),
  // Only mutations carry the entry: later fetches for the answer change nothing.
  ...(isOurs && begun !== undefined && isMutation(request) && { change: begun }),
});

function errorsOf(answer: EngineAnswer, options: ExecuteOptions): GraphQLError[] {
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
      return {
        message: fault?.message ?? formatted.message,
        ...path,
        extensions: {
          code,
          ...fault?.numbers,
          ...(typeof reference === 'string' && { reference }),
          ...(code === 'CHANGE_MAY_STAND' && typeof entry === 'string' && { entry }),
        },
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
