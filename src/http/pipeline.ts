/**
 * Takes a request from its text to the engine. Apollo Server parses and validates a new text; a text that it accepted
 * before goes directly to the engine. Both ways pass the same checks first (limits, introspection, variables).
 *
 * Apollo Server sees none of the caller's headers, and the edge makes the response headers for both ways.
 */
import { ApolloServer, HeaderMap } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { type DocumentNode, GraphQLError, type OperationDefinitionNode, parse } from 'graphql';
import type { Logger } from 'pino';
import type { Said } from '../../subgraphs/edge/answers.js';
import { isAcceptable } from '../../subgraphs/edge/answers.js';
import { checkSent, introspects, parseWithin } from '../../subgraphs/edge/limits.js';
import type { GraphQLRequest } from '../../subgraphs/edge/request.js';
import { noteFaults } from '../../subgraphs/edge/request-record.js';
import { operationOf, requestedOperation } from '../../subgraphs/edge/requested-operation.js';
import { Fault, faults, isFaultCode } from '../../subgraphs/protocol/faults.js';
import { type Documents, openDocuments } from '../documents/documents.js';
import type { KnownText } from '../documents/known-texts.js';
import { validatedDocuments } from '../documents/validated.js';
import { inPiecesSlowly, pieceSize } from '../execution/chunked-json.js';
import { withDigits } from '../operation/digits.js';
import { isObject, type JsonObject } from '../operation/json.js';
import type { SupergraphSource } from '../supergraph/supergraph.js';
import { asTold, formatError } from './error-format.js';
import type { Execute, RequestContext } from './execute-operation.js';
import type { Executed } from './told-answer.js';

export const textOf = ({ body }: Said): string => (typeof body === 'string' ? body : Buffer.concat(body).toString());

export interface Pipeline {
  answer(asked: GraphQLRequest, context: RequestContext): Promise<Said>;
  /** What is stored about known texts. */
  readonly documents: Documents;
  /** How many requests have gone each way so far. */
  readonly ways: { readonly direct: number; readonly apollo: number };
  stop(): Promise<void>;
}

export interface PipelineOptions {
  readonly supergraph: SupergraphSource;
  readonly execute: Execute;
  readonly log: Logger;
  /** For the bare gateway: texts and variables of any size, and errors as the subgraphs report them. */
  readonly isForeign?: boolean;
  /** Which texts may be sent, and the store of known texts. Default: any text, within limits. */
  readonly documents?: Documents;
  /** Whether this viewer may query the schema itself. */
  readonly mayIntrospect: (context: RequestContext) => boolean;
  /** Called before every mutation. The returned function is awaited after it, before the answer goes on. */
  readonly changing: () => () => Promise<void>;
}

/** Starts Apollo Server on the supergraph and returns the pipeline. */
export async function openPipeline(options: PipelineOptions): Promise<Pipeline> {
  const { supergraph, execute, log } = options;
  const format = options.isForeign ? asTold : formatError(log);
  const ways = { direct: 0, apollo: 0 };
  const documents = options.documents ?? openDocuments({ trusted: null });
  const validated = validatedDocuments(supergraph);

  // Apollo Server copies its context. A hang-up cancels the original, so execution must use that and not the copy.
  const contexts = new WeakMap<RequestContext['record'], RequestContext>();
  const apollo = new ApolloServer<RequestContext>({
    gateway: {
      load: (given) =>
        supergraph.load(given, async ({ document, operation, request, schema, context }) => {
          const engine = supergraph.engineOf(schema);
          const { query, variables } = request;
          const operationName = request.operationName ?? undefined;
          const given = isObject(variables) ? (variables as JsonObject) : {};
          const asking = contexts.get((context as unknown as RequestContext).record)!;
          if (query === undefined) throw new Error('the pipeline let a request without a text through');
          // The supergraph was swapped meanwhile. Storing a text for the old engine would keep that whole engine in
          // memory.
          if (engine !== supergraph.engine())
            return execute({ engine, document, operation, operationName }, given, asking);
          const { texts } = documents.placeFor(query, asking.viewer);
          const known = texts.find(query, engine) ?? texts.keep(query, engine);
          validated.note(document, known);
          // Use the operation of the stored document, so that what is prepared for it is stored with it.
          const own = operationOf(known.document, operationName) ?? operation;
          return execute({ engine, document: known.document, operation: own, operationName }, given, asking);
        }),
      onSchemaLoadOrUpdate: (listener) => supergraph.onSchemaLoadOrUpdate(listener),
      stop: () => supergraph.stop(),
    },
    // Whether introspection is allowed is decided per viewer, earlier.
    introspection: true,
    csrfPrevention: true,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: true,
    stopOnTerminationSignals: false,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    documentStore: validated,
    formatError: format,
    plugins: [
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      {
        async requestDidStart() {
          return {
            async willSendResponse({ response, contextValue }) {
              if (response.body.kind === 'single') noteFaults(response.body.singleResult.errors, contextValue.record);
            },
          };
        },
      },
    ],
  });
  await apollo.start();
  supergraph.onSchemaLoadOrUpdate(() => {
    for (const texts of Object.values(documents.texts))
      texts.prune((_text, { engine }) => engine === supergraph.engine());
  });

  /** Executes a known text without Apollo Server, with the same answer that Apollo Server would give. */
  const direct = async (
    known: KnownText,
    asked: GraphQLRequest,
    operation: OperationDefinitionNode,
    context: RequestContext,
  ): Promise<Said> => {
    const { operationName } = asked;
    const accepted = { engine: known.engine, document: known.document, operation, operationName };
    ways.direct += 1;
    let executed: Executed;
    let status = 200;
    try {
      executed = await execute(accepted, variablesOf(asked), context);
    } catch (error) {
      executed = {
        errors: [error instanceof GraphQLError ? error : new GraphQLError('', { originalError: error as Error })],
      };
      status = 500;
    }
    const { data } = executed;
    const errors = executed.errors?.map((error) => format(error.toJSON(), error));
    noteFaults(errors, context.record);
    if (known.isLong && data && !errors) {
      const body = await inPiecesSlowly({ data });
      known.isLong = body.length > 1;
      return { status, body };
    }
    const body = withDigits(JSON.stringify(errors ? { errors, data } : { data }));
    known.isLong = body.length > pieceSize;
    return { status, body };
  };

  const throughApollo = async (asked: GraphQLRequest, context: RequestContext): Promise<Said> => {
    ways.apollo += 1;
    contexts.set(context.record, context);
    const { query, operationName } = asked;
    const response = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method: 'POST',
        headers: new HeaderMap([
          ['content-type', 'application/json'],
          ['accept', 'application/json'],
        ]),
        search: '',
        body: { query, ...(operationName !== undefined && { operationName }), variables: variablesOf(asked) },
      },
      context: async () => context,
    });
    if (response.body.kind !== 'complete') throw new Error('the schema has nothing that is answered in parts');
    return {
      status: response.status ?? 200,
      // Apollo Server ends its answers with a line break. Adding one to a large answer would copy it once more.
      body: withDigits(response.body.string.replace(/\n$/, '')),
    };
  };

  return {
    async answer(asked, context) {
      const { record } = context;
      record.text = asked.query;
      const place = documents.placeFor(asked.query, context.viewer);
      const known = place.texts.find(asked.query, supergraph.engine());
      if (!known) place.admit(asked.query);
      record.hash = known?.hash ?? null;
      const document = known?.document ?? (options.isForeign ? parsed(asked.query) : parseWithin(asked.query));
      // With a gateway, Apollo Server leaves the choice of operation to the executor.
      const operation = requestedOperation(document, asked, record);
      if (!options.isForeign) checkSent(operation, asked);
      if ((known?.introspects ?? introspects(document)) && !options.mayIntrospect(context))
        throw new Fault('INTROSPECTION_NOT_ALLOWED');
      const isChange = operation.operation === 'mutation';
      // Check what can be checked before the change is made.
      if (isChange && !isAcceptable(context.accept)) throw new Fault('NOT_ACCEPTABLE');
      context.sent = {
        query: asked.query,
        operationName: asked.operationName ?? null,
        variables: asked.variables ?? null,
      };
      const settle = isChange ? options.changing() : null;
      const reply = known ? await direct(known, asked, operation, context) : await throughApollo(asked, context);
      await settle?.();
      if (context.answered) {
        const { answer } = context.answered;
        // The exception that ended the operation early is not a fault of the operation.
        record.faults = record.fate === 'MADE' ? [] : ['CHANGE_MAY_STAND'];
        return answer;
      }
      // A refusal by the executor gets its HTTP status: a malformed input, or a change that cannot be logged.
      const refused = record.disclosed?.hasData
        ? undefined
        : record.faults.find((code) => refusing.has(statusOf(code)));
      if (refused) return { ...reply, status: statusOf(refused) };
      // 503 invites a retry. A change without an answer may have been made, so only queries get that status.
      return operation.operation === 'query' && record.isUnavailable ? { ...reply, status: 503 } : reply;
    },
    documents,
    ways,
    stop: () => apollo.stop(),
  };
}

const variablesOf = ({ variables }: GraphQLRequest): JsonObject => (variables ?? {}) as JsonObject;

function parsed(text: string): DocumentNode {
  try {
    return parse(text);
  } catch (error) {
    throw new Fault('MALFORMED_REQUEST', (error as Error).message);
  }
}

const refusing: ReadonlySet<number> = new Set([400, 401, 409, 422, 429, 503]);
const statusOf = (code: string): number => (isFaultCode(code) ? faults[code].status : 200);
