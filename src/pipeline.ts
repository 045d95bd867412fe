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
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { Said } from '../subgraphs/kit/answers.js';
import { Fault, faults, isFaultCode } from '../subgraphs/kit/faults.js';
import { checkVariables, introspects, parseWithin } from '../subgraphs/kit/limits.js';
import type { GraphQLRequest } from '../subgraphs/kit/request.js';
import { hashOf, noteFaults } from '../subgraphs/kit/trail.js';
import { withDigits } from './execution/digits.js';
import type { Engine } from './execution/engine.js';
import { operationOf } from './execution/inputs.js';
import { isObject, type JsonObject } from './execution/own.js';
import { inPieces, pieceSize } from './execution/written.js';
import { asTold, type Execute, type Executed, formatError, type RequestContext } from './gateway.js';
import type { SupergraphSource } from './supergraph.js';

export const textOf = ({ body }: Said): string => (typeof body === 'string' ? body : Buffer.concat(body).toString());

export interface Pipeline {
  answer(asked: GraphQLRequest, context: RequestContext): Promise<Said>;
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
  /** Whether this viewer may ask about the schema itself. */
  readonly mayIntrospect: (context: RequestContext) => boolean;
  /** Called before every mutation; what it returns is awaited after it, before its answer goes on. */
  readonly changing: () => () => Promise<void>;
}

/** What is known of a text once Apollo's pipeline has let it through, for one supergraph. */
interface Known {
  readonly engine: Engine;
  readonly document: DocumentNode;
  readonly introspects: boolean;
  readonly hash: string;
  /** Whether its last answer was long. */
  isLong: boolean;
}

/** Characters of text kept at most. */
const knownSize = 8_000_000;

export async function openPipeline(options: PipelineOptions): Promise<Pipeline> {
  const { supergraph, execute, log } = options;
  const format = options.isForeign ? asTold : formatError(log);
  const ways = { direct: 0, apollo: 0 };
  const knownTexts = new LRUCache<string, Known>({
    maxSize: knownSize,
    sizeCalculation: (_known, text) => text.length + 1,
  });

  const apollo = new ApolloServer<RequestContext>({
    gateway: {
      load: (given) =>
        supergraph.load(given, async ({ document, operation, request, schema, context }) => {
          const engine = supergraph.engineOf(schema);
          const { query, variables } = request;
          if (query !== undefined && knownTexts.get(query)?.engine !== engine)
            knownTexts.set(query, {
              engine,
              document,
              introspects: introspects(document),
              hash: hashOf(query),
              isLong: false,
            });
          const operationName = request.operationName ?? undefined;
          const given = isObject(variables) ? (variables as JsonObject) : {};
          return execute({ engine, document, operation, operationName }, given, context as unknown as RequestContext);
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
    formatError: format,
    plugins: [
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      {
        async requestDidStart() {
          return {
            async willSendResponse({ response, contextValue }) {
              if (response.body.kind === 'single') noteFaults(response.body.singleResult.errors, contextValue.trail);
            },
          };
        },
      },
    ],
  });
  await apollo.start();

  /** Past Apollo's pipeline, with the answer that it would give. */
  const direct = async (
    known: Known,
    asked: GraphQLRequest,
    operation: Operation,
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
    noteFaults(errors, context.trail);
    if (known.isLong && data && !errors) {
      const body = inPieces({ data });
      known.isLong = body.length > 1;
      return { status, body };
    }
    const body = withDigits(JSON.stringify(errors ? { errors, data } : { data }));
    known.isLong = body.length > pieceSize;
    return { status, body };
  };

  const throughApollo = async (asked: GraphQLRequest, context: RequestContext): Promise<Said> => {
    ways.apollo += 1;
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
      const { trail } = context;
      trail.text = asked.query;
      const found = knownTexts.get(asked.query);
      const known = found?.engine === supergraph.engine() ? found : undefined;
      trail.hash = known?.hash ?? null;
      const document = known?.document ?? (options.isForeign ? parsed(asked.query) : parseWithin(asked.query));
      if (!options.isForeign) checkVariables(asked.variables);
      // With a gateway Apollo Server leaves this to the executor.
      const operation = operationOf(document, asked.operationName);
      if (!operation || operation.operation === 'subscription')
        throw new Fault('MALFORMED_REQUEST', 'Name one query or mutation of the text in `operationName`.');
      // Only a name that the text itself has is logged: anything else is free text of the caller's.
      trail.operationName = operation.name?.value.slice(0, 100) ?? null;
      if ((known?.introspects ?? introspects(document)) && !options.mayIntrospect(context))
        throw new Fault('INTROSPECTION_NOT_ALLOWED');
      const settle = operation.operation === 'mutation' ? options.changing() : null;
      const reply = known ? await direct(known, asked, operation, context) : await throughApollo(asked, context);
      await settle?.();
      // What the executor refuses is refused like anything: an input that is malformed, a change that cannot be logged.
      const refused = trail.disclosed?.hasData ? undefined : trail.faults.find((code) => refusing.has(statusOf(code)));
      return refused ? { ...reply, status: statusOf(refused) } : reply;
    },
    ways,
    stop: () => apollo.stop(),
  };
}

type Operation = NonNullable<ReturnType<typeof operationOf>>;

const variablesOf = ({ variables }: GraphQLRequest): JsonObject => (variables ?? {}) as JsonObject;

function parsed(text: string): DocumentNode {
  try {
    return parse(text);
  } catch (error) {
    throw new Fault('MALFORMED_REQUEST', (error as Error).message);
  }
}

const refusing: ReadonlySet<number> = new Set([400, 503]);
const statusOf = (code: string): number => (isFaultCode(code) ? faults[code].status : 200);
