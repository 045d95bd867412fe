/**
 * What stands between a request that was read and the engine: Apollo Server parses, validates and does all that a client
 * expects of it. A text that it has let through once, and that is asked for in the plainest way, need not pass through it
 * again: the same checks (limits, introspection, variables) are made of every request before either way is taken.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { ApolloServer, HeaderMap } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { type DocumentNode, GraphQLError } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { Fault, faults, isFaultCode } from '../subgraphs/kit/faults.js';
import { checkVariables, introspects, parseWithin } from '../subgraphs/kit/limits.js';
import { hashOf, noteFaults } from '../subgraphs/kit/trail.js';
import type { Engine } from './execution/engine.js';
import { operationOf } from './execution/inputs.js';
import { isObject, type JsonObject } from './execution/own.js';
import { inPiecesSlowly, pieceSize } from './execution/written.js';
import { type Execute, type Executed, formatError, type RequestContext } from './gateway.js';
import type { SupergraphSource } from './supergraph.js';

export interface Replied {
  readonly status: number;
  /** Text, or bytes of UTF-8 in pieces. */
  readonly body: string | readonly Buffer[];
  readonly contentType: string;
}

export const textOf = ({ body }: Replied): string => (typeof body === 'string' ? body : Buffer.concat(body).toString());

export interface Pipeline {
  answer(headers: IncomingHttpHeaders, body: unknown, context: RequestContext): Promise<Replied>;
  /** How many requests went each way so far. */
  readonly ways: { readonly direct: number; readonly apollo: number };
  stop(): Promise<void>;
}

export interface PipelineOptions {
  readonly supergraph: SupergraphSource;
  readonly execute: Execute;
  readonly log: Logger;
  /** How often one field may stand within itself; by default as at every edge (`limits.recursion`). */
  readonly recursion?: number;
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
  const format = formatError(log);
  const ways = { direct: 0, apollo: 0 };
  const knownTexts = new LRUCache<string, Known>({
    maxSize: knownSize,
    sizeCalculation: (_known, text) => text.length + 1,
  });

  // Apollo Server copies the context that it is given: who hangs up would be heard by the copy's original, which knows of no call.
  const contexts = new WeakMap<RequestContext['trail'], RequestContext>();
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
          const { trail } = context as unknown as RequestContext;
          return execute({ engine, document, operation, operationName }, given, contexts.get(trail)!);
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
    asked: Asked,
    operation: Operation,
    context: RequestContext,
  ): Promise<Replied> => {
    const { operationName } = asked;
    const accepted = { engine: known.engine, document: known.document, operation, operationName };
    ways.direct += 1;
    let executed: Executed;
    let status = 200;
    try {
      executed = await execute(accepted, asked.variables ?? {}, context);
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
      const body = await inPiecesSlowly({ data });
      known.isLong = body.length > 1;
      return { status, body, contentType: jsonType };
    }
    const body = JSON.stringify(errors ? { errors, data } : { data });
    known.isLong = body.length > pieceSize;
    return { status, body, contentType: jsonType };
  };

  const throughApollo = async (
    headers: IncomingHttpHeaders,
    body: unknown,
    context: RequestContext,
  ): Promise<Replied> => {
    ways.apollo += 1;
    contexts.set(context.trail, context);
    const map = new HeaderMap();
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) map.set(name, String(value));
    const response = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: { method: 'POST', headers: map, search: '', body },
      context: async () => context,
    });
    if (response.body.kind !== 'complete') throw new Error('the schema has nothing that is answered in parts');
    return {
      status: response.status ?? 200,
      // Apollo Server ends its answers with a line break; adding one to a large answer would copy it once more.
      body: response.body.string.replace(/\n$/, ''),
      contentType: response.headers.get('content-type') ?? jsonType,
    };
  };

  return {
    async answer(headers, body, context) {
      const { trail } = context;
      const asked = askedFor(body);
      trail.text = asked.query;
      const found = knownTexts.get(asked.query);
      const known = found?.engine === supergraph.engine() ? found : undefined;
      trail.hash = known?.hash ?? null;
      const document = known?.document ?? parseWithin(asked.query, options.recursion);
      checkVariables(asked.variables);
      // With a gateway Apollo Server leaves this to the executor.
      const operation = operationOf(document, asked.operationName);
      if (!operation || operation.operation === 'subscription')
        throw new Fault('MALFORMED_REQUEST', 'Name one query or mutation of the text in `operationName`.');
      // Only a name that the text itself has is logged: anything else is free text of the caller's.
      trail.operationName = operation.name?.value.slice(0, 100) ?? null;
      if ((known?.introspects ?? introspects(document)) && !options.mayIntrospect(context))
        throw new Fault('INTROSPECTION_NOT_ALLOWED');
      const settle = operation.operation === 'mutation' ? options.changing() : null;
      const reply =
        known && asked.isPlain && plainAccept.has(headers.accept)
          ? await direct(known, asked, operation, context)
          : await throughApollo(headers, body, context);
      await settle?.();
      // What the executor refuses is refused like anything: an input that is malformed, a change that cannot be logged.
      const refused = trail.disclosed?.hasData ? undefined : trail.faults.find((code) => refusing.has(statusOf(code)));
      if (refused) return { ...reply, status: statusOf(refused) };
      // A change that is not answered may have been made: that it may be asked again is said of queries only.
      return operation.operation === 'query' && trail.isUnavailable ? { ...reply, status: 503 } : reply;
    },
    ways,
    stop: () => apollo.stop(),
  };
}

type Operation = NonNullable<ReturnType<typeof operationOf>>;

interface Asked {
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: JsonObject | undefined;
  /** Nothing in the body that only Apollo's pipeline knows how to judge. */
  readonly isPlain: boolean;
}

function askedFor(body: unknown): Asked {
  if (Array.isArray(body)) throw new Fault('BATCHING_NOT_ALLOWED');
  if (!isObject(body)) throw new Fault('MALFORMED_REQUEST');
  const { query, operationName, variables, extensions } = body as Record<string, unknown>;
  if (
    typeof query !== 'string' ||
    !(operationName === undefined || operationName === null || typeof operationName === 'string')
  )
    throw new Fault('MALFORMED_REQUEST');
  return {
    query,
    operationName: operationName || undefined,
    variables: (variables ?? undefined) as JsonObject | undefined,
    isPlain: extensions === undefined && (variables === undefined || variables === null || isObject(variables)),
  };
}

const refusing: ReadonlySet<number> = new Set([400, 429, 503]);
const statusOf = (code: string): number => (isFaultCode(code) ? faults[code].status : 200);

export const jsonType = 'application/json; charset=utf-8';
/** Whoever asks for something else, or weighs one kind against another, is answered by Apollo's own negotiation. */
const plainAccept: ReadonlySet<string | undefined> = new Set([
  undefined,
  '*/*',
  'application/json',
  'application/json, text/plain, */*',
]);
