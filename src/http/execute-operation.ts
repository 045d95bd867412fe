/** Executes one operation at a time: combines the engine, the walls and the subgraph calls. */

import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import { Answered } from '../../subgraphs/edge/begin-change.js';
import type { Budgets } from '../../subgraphs/edge/budgets.js';
import type { Sent } from '../../subgraphs/edge/idempotency.js';
import type { IntendedChange, RequestRecord } from '../../subgraphs/edge/request-record.js';
import type { Precedence } from '../../subgraphs/process/precedence.js';
import { timeLimits } from '../../subgraphs/protocol/change.js';
import { Fault, isUnavailable } from '../../subgraphs/protocol/faults.js';
import { isCleared, type Viewer, type ViewerSigner } from '../../subgraphs/protocol/viewer.js';
import { type CloseChange, FollowedChange, isMutation } from '../changes/follow-change.js';
import type { Engine, EngineAnswer, ExecutionOptions } from '../execution/engine.js';
import type { Send } from '../execution/execute-plan.js';
import type { JsonObject } from '../operation/json.js';
import type { CallHints, Calls, SubgraphTransport } from '../subgraph-client/subgraph-transport.js';
import type { ErrorOptions } from './error-format.js';
import type { FairShare } from './fair-share.js';
import { answerTold, type Executed, toldOfChange } from './told-answer.js';

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

/** Executes an operation. Throws a fault if the variables do not fit it. */
export type Execute = (accepted: Accepted, variables: JsonObject, context: RequestContext) => Promise<Executed>;

export interface ExecuteOptions extends ErrorOptions {
  /** URL of a subgraph's GraphQL endpoint. */
  readonly urlOf: (subgraph: string) => URL;
  readonly transport: SubgraphTransport;
  /** `null`: subgraphs are called without a token (bare gateway). */
  readonly signer: ViewerSigner | null;
  /** Milliseconds for all subgraph calls of one operation together. */
  readonly operationTimeout: number;
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
    const calls = options.transport.operation(options.operationTimeout, isCleared(viewer));
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
        const executed = answerTold(answer, isQuery, record, options);
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

/**
 * Makes the function that calls subgraphs. `change` is the record of a change: our own rooms are told its client
 * address and the log entry that began it.
 */
function sendAs(
  viewer: Viewer,
  { urlOf, transport: wire, signer, onFetch, trusted }: ExecuteOptions,
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
    const hints = {
      ...(change && hintsFor(change, request, isRoom)),
      ...(digits && { digits }),
      isWary: trusted !== null,
    };
    return typeof token === 'string'
      ? wire.call(url, token, request, calls, hints)
      : token.then((signed) => wire.call(url, signed, request, calls, hints));
  };
}

const hintsFor = ({ workstation, begun }: RequestRecord, request: string, isOurs: boolean): CallHints => ({
  ...(isMutation(request) && { timeout: timeLimits.gateway }),
  ...(isOurs && { workstation }),
  // Only mutations carry the entry: later fetches for the answer change nothing.
  ...(isOurs && begun !== undefined && isMutation(request) && { change: begun }),
});
