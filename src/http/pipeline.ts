/**
 * What stands between a request that was read and the engine: Apollo Server parses and validates it. A text that it has let through once need
 * not pass through it again: the same checks (limits, introspection, variables) are made of every request before either way is taken. Apollo
 * Server sees no header of the caller's, and both ways leave the making of the answer's head to the edge.
 */
import { ApolloServer, HeaderMap } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { type DocumentNode, GraphQLError, parse } from 'graphql';
import type { Logger } from 'pino';
import type { Said } from '../../subgraphs/edge/answers.js';
import { checkVariables, introspects, parseWithin } from '../../subgraphs/edge/limits.js';
import type { GraphQLRequest } from '../../subgraphs/edge/request.js';
import { noteFaults } from '../../subgraphs/edge/request-record.js';
import { Fault, faults, isFaultCode } from '../../subgraphs/protocol/faults.js';
import { isAcceptable } from '../changes/follow-change.js';
import { type Documents, openDocuments } from '../documents/documents.js';
import type { KnownText } from '../documents/known-texts.js';
import { validatedDocuments } from '../documents/validated.js';
import { inPiecesSlowly, pieceSize } from '../execution/chunked-json.js';
import { withDigits } from '../operation/digits.js';
import { isObject, type JsonObject } from '../operation/json.js';
import { operationOf } from '../operation/variables.js';
import type { SupergraphSource } from '../supergraph/supergraph.js';
import { asTold, type Execute, type Executed, formatError, type RequestContext } from './execute-operation.js';

export const textOf = ({ body }: Said): string => (typeof body === 'string' ? body : Buffer.concat(body).toString());

export interface Pipeline {
  answer(asked: GraphQLRequest, context: RequestContext): Promise<Said>;
  /** What is kept of texts. */
  readonly documents: Documents;
  /** How many requests went each way so far. */
  readonly ways: { readonly direct: number; readonly apollo: number };
  stop(): Promise<void>;
}

export interface PipelineOptions {
  readonly supergraph: SupergraphSource;
  readonly execute: Execute;
  readonly log: Logger;
  /** For the bare gateway: texts and variables of any size, and errors as subgraphs tell them. */
  readonly isForeign?: boolean;
  /** Which texts may be asked, and where what is known of them is kept; by default any, in bounds. */
  readonly documents?: Documents;
  /** Whether this viewer may ask about the schema itself. */
  readonly mayIntrospect: (context: RequestContext) => boolean;
  /** Called before every mutation; what it returns is awaited after it, before its answer goes on. */
  readonly changing: () => () => Promise<void>;
}

export async function openPipeline(options: PipelineOptions): Promise<Pipeline> {
  const { supergraph, execute, log } = options;
  const format = options.isForeign ? asTold : formatError(log);
  const ways = { direct: 0, apollo: 0 };
  const documents = options.documents ?? openDocuments({ trusted: null });
  const validated = validatedDocuments(supergraph);

  // Apollo Server copies the context that it is given: who hangs up would be heard by the copy's original, which knows of no call.
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
          // On a supergraph that was swapped meanwhile: what is kept of it would keep all of it.
          if (engine !== supergraph.engine())
            return execute({ engine, document, operation, operationName }, given, asking);
          const { texts } = documents.placeFor(query, asking.viewer);
          const known = texts.find(query, engine) ?? texts.keep(query, engine);
          validated.note(document, known);
          // The operation of the text that is kept: what is prepared of it is kept with it.
          const own = operationOf(known.document, operationName) ?? operation;
          return execute({ engine, document: known.document, operation: own, operationName }, given, asking);
        }),
      onSchemaLoadOrUpdate: (listener) => supergraph.onSchemaLoadOrUpdate(listener),
      stop: () => supergraph.stop(),
    },
    // Whether introspection is allowed is decided per viewer, before.
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

  /** Past Apollo's pipeline, with the answer that it would give. */
  const direct = async (
    known: KnownText,
    asked: GraphQLRequest,
    operation: RequestedOperation,
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
      // Apollo Server ends its answers with a line break; adding one to a large answer would copy it once more.
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
      if (!options.isForeign) checkVariables(asked.variables);
      // With a gateway Apollo Server leaves this to the executor.
      const operation = operationOf(document, asked.operationName);
      if (!operation || operation.operation === 'subscription')
        throw new Fault('MALFORMED_REQUEST', 'Name one query or mutation of the text in `operationName`.');
      // Only a name that the text itself has is logged: anything else is free text of the caller's.
      record.operationName = operation.name?.value.slice(0, 100) ?? null;
      if ((known?.introspects ?? introspects(document)) && !options.mayIntrospect(context))
        throw new Fault('INTROSPECTION_NOT_ALLOWED');
      const isChange = operation.operation === 'mutation';
      // What can be judged before a change is made is judged before it.
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
        // What unwound the operation is no fault of it.
        record.faults = record.fate === 'MADE' ? [] : ['CHANGE_MAY_STAND'];
        return answer;
      }
      // What the executor refuses is refused like anything: an input that is malformed, a change that cannot be logged.
      const refused = record.disclosed?.hasData
        ? undefined
        : record.faults.find((code) => refusing.has(statusOf(code)));
      if (refused) return { ...reply, status: statusOf(refused) };
      // A change that is not answered may have been made: that it may be asked again is said of queries only.
      return operation.operation === 'query' && record.isUnavailable ? { ...reply, status: 503 } : reply;
    },
    documents,
    ways,
    stop: () => apollo.stop(),
  };
}

type RequestedOperation = NonNullable<ReturnType<typeof operationOf>>;

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
