/**
 * The door: Apollo Server on Fastify. Every request to `/graphql` goes the same way: who asks, what it may cost, Apollo's
 * pipeline, and last, before a byte leaves, the log. If the entry cannot be written, the answer is 503 and holds nothing.
 */
import type { Socket } from 'node:net';
import { ApolloServer, HeaderMap } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { GatewayInterface } from '@apollo/server-gateway-interface';
import cookies from '@fastify/cookie';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { DocumentNode } from 'graphql';
import type { Logger } from 'pino';
import { Fault, type FaultCode, faultBody, faults, isFaultCode } from '../subgraphs/kit/faults.js';
import type { Viewer } from '../subgraphs/kit/viewer.js';
import type { Ledger, Trail } from './audit.js';
import { operationOf } from './execution/inputs.js';
import { formatError, type RequestContext } from './gateway.js';
import { checkVariables, introspects, limits, parseWithin } from './limits.js';

declare module 'fastify' {
  interface FastifyRequest {
    trail: Trail | null;
  }
}

export interface ServerOptions {
  readonly gateway: GatewayInterface;
  /** Who asks; `null` for nobody that is known. */
  readonly identify: (request: FastifyRequest) => Promise<Viewer | null>;
  /** Called after every mutation: it may have changed the session itself. */
  readonly afterMutation?: (request: FastifyRequest) => void;
  readonly ledger: Ledger;
  readonly log: Logger;
  /** Who may ask about the schema itself. */
  readonly mayIntrospect: (viewer: Viewer) => boolean;
  /** Whether the systems behind answer: for `/health/ready`. */
  readonly ready: () => Promise<boolean>;
  /** Pages and sign-in of the mode that runs. */
  readonly pages?: (app: FastifyInstance) => void;
}

export interface Server {
  readonly app: FastifyInstance;
  close(): Promise<void>;
}

export async function createServer(options: ServerOptions): Promise<Server> {
  const apollo = new ApolloServer<RequestContext>({
    gateway: options.gateway,
    // Whether introspection is allowed is decided per viewer, at the door.
    introspection: true,
    csrfPrevention: true,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: true,
    stopOnTerminationSignals: false,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    formatError: formatError(options.log),
    plugins: [
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      {
        async requestDidStart() {
          return {
            async willSendResponse({ response, contextValue }) {
              if (response.body.kind !== 'single') return;
              for (const error of response.body.singleResult.errors ?? [])
                contextValue.trail.faults.push(String(error.extensions?.code ?? 'INTERNAL'));
            },
          };
        },
      },
    ],
  });
  await apollo.start();

  const app = Fastify({
    bodyLimit: limits.body,
    requestTimeout: 15_000,
    connectionTimeout: 60_000,
    keepAliveTimeout: 65_000,
  });
  await app.register(cookies);
  // Only JSON is read: a form or plain text could be sent from another site without asking first.
  app.removeContentTypeParser('text/plain');
  app.decorateRequest('trail', null);
  app.setErrorHandler((error: Error & { statusCode?: number; code?: string }, request, reply) =>
    failed(error, request, reply, options.log),
  );
  app.setNotFoundHandler((_request, reply) => reply.status(404).send(faultBody('NOT_FOUND', 'There is no such page.')));

  app.get('/health/live', async () => ({ status: 'live' }));
  app.get('/health/ready', async (_request, reply) => {
    const ready = await options.ready().catch(() => false);
    return reply.status(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready' });
  });
  app.post('/graphql', {
    onRequest: (request) => identify(request, options.identify),
    handler: (request, reply) => answer(apollo, request, reply, options),
    onSend: (request, reply, payload) => logFirst(request, reply, payload, options),
  });
  app.route({
    method: ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    url: '/graphql',
    handler: (_request, reply) => reply.header('allow', 'POST').status(405).send(faultBody('METHOD_NOT_ALLOWED')),
  });
  options.pages?.(app);

  drainOnClose(app);

  return {
    app,
    async close() {
      await app.close();
      await apollo.stop();
    },
  };
}

/** Milliseconds that answers under way have to end once the server closes. */
const grace = 8_000;

/**
 * Closing waits for connections, not for answers, and Node looks for idle ones only once. So those that fall idle later
 * are closed as they do, those that never sent a byte (browsers open them in advance) at once, and whatever is left when
 * the grace is over is cut.
 */
function drainOnClose(app: FastifyInstance): void {
  const connections = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  app.addHook('preClose', async () => {
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
    const sweep = setInterval(() => app.server.closeIdleConnections(), 50);
    const cut = setTimeout(() => app.server.closeAllConnections(), grace);
    app.server.once('close', () => {
      clearInterval(sweep);
      clearTimeout(cut);
    });
  });
}

/** Before the body is read: a stranger's body is not worth parsing. */
async function identify(request: FastifyRequest, viewerOf: ServerOptions['identify']): Promise<void> {
  const trail: Trail = {
    viewer: null,
    text: null,
    operationName: null,
    answer: null,
    faults: [],
    workstation: request.ip,
    purpose: header(request, 'x-purpose', 500),
    transactionId: header(request, 'x-transaktionsid', 100),
  };
  request.trail = trail;
  trail.viewer = await viewerOf(request);
  if (!trail.viewer) throw new Fault('UNAUTHENTICATED');
}

async function answer(
  apollo: ApolloServer<RequestContext>,
  request: FastifyRequest,
  reply: FastifyReply,
  options: ServerOptions,
) {
  const trail = request.trail;
  if (!trail?.viewer) throw new Fault('UNAUTHENTICATED');
  const { viewer } = trail;
  const document = checkRequest(request.body, trail, () => options.mayIntrospect(viewer));
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined) headers.set(name, String(value));
  const response = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: { method: 'POST', headers, search: '', body: request.body },
    context: async () => ({ viewer, trail }),
  });
  if (document.definitions.some((definition) => 'operation' in definition && definition.operation === 'mutation')) {
    options.afterMutation?.(request);
  }
  if (response.body.kind !== 'complete') throw new Error('the schema has nothing that is answered in parts');
  for (const [name, value] of response.headers) reply.header(name, value);
  // An input that is refused by the executor is as malformed as one that is refused by validation.
  const refused = !trail.answer?.data && trail.faults.some((code) => isFaultCode(code) && faults[code].status === 400);
  reply.status(refused ? 400 : (response.status ?? 200));
  return reply.send(response.body.string);
}

function checkRequest(body: unknown, trail: Trail, mayIntrospect: () => boolean): DocumentNode {
  if (Array.isArray(body)) throw new Fault('BATCHING_NOT_ALLOWED');
  if (typeof body !== 'object' || body === null) throw new Fault('MALFORMED_REQUEST');
  const { query, operationName, variables } = body as Record<string, unknown>;
  if (
    typeof query !== 'string' ||
    !(operationName === undefined || operationName === null || typeof operationName === 'string')
  )
    throw new Fault('MALFORMED_REQUEST');
  trail.text = query;
  const document = parseWithin(query);
  trail.operationName = nameOf(operationName, document);
  checkVariables(variables);
  // With a gateway Apollo Server leaves this to the executor.
  const operation = operationOf(document, operationName ?? undefined);
  if (!operation || operation.operation === 'subscription')
    throw new Fault('MALFORMED_REQUEST', 'Name one query or mutation of the text in `operationName`.');
  if (introspects(document) && !mayIntrospect()) throw new Fault('INTROSPECTION_NOT_ALLOWED');
  return document;
}

/** Only a name that the text itself has is logged: anything else is free text of the caller's. */
function nameOf(given: unknown, document: DocumentNode): string | null {
  const names = document.definitions.flatMap((definition) =>
    definition.kind === 'OperationDefinition' && definition.name ? [definition.name.value] : [],
  );
  const name =
    typeof given === 'string' && given ? names.find((one) => one === given) : names.length === 1 ? names[0] : undefined;
  return name?.slice(0, 100) ?? null;
}

/** Nothing leaves unlogged: runs for answers and for errors alike, after the body is made and before it is sent. */
async function logFirst(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  options: ServerOptions,
): Promise<unknown> {
  reply.header('cache-control', 'no-store');
  if (!request.trail) return payload;
  try {
    await options.ledger.write(request.trail);
    return payload;
  } catch (error) {
    options.log.error({ err: error }, 'the log could not be written; the answer is withheld');
    for (const name of Object.keys(reply.getHeaders())) if (name !== 'cache-control') reply.removeHeader(name);
    reply
      .status(faults.AUDIT_UNAVAILABLE.status)
      .header('content-type', 'application/json; charset=utf-8')
      .header('retry-after', '1');
    return JSON.stringify(faultBody('AUDIT_UNAVAILABLE'));
  }
}

function failed(
  error: Error & { statusCode?: number; code?: string },
  request: FastifyRequest,
  reply: FastifyReply,
  log: Logger,
) {
  const code = codeOf(error);
  request.trail?.faults.push(code);
  if (code === 'INTERNAL') log.error({ err: error }, 'request failed');
  if (code === 'TOO_MANY_REQUESTS' || code === 'SESSION_UNAVAILABLE') reply.header('retry-after', '1');
  // A body that was not read to its end would be taken for the next request on the same connection.
  if (code === 'BODY_TOO_LARGE') reply.header('connection', 'close');
  return reply
    .status(code === 'INTERNAL' ? 500 : faults[code].status)
    .send(faultBody(code, error instanceof Fault ? error.message : undefined));
}

function codeOf(error: Error & { statusCode?: number; code?: string }): FaultCode {
  if (error instanceof Fault) return error.code;
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return 'BODY_TOO_LARGE';
  return error.statusCode && error.statusCode < 500 ? 'MALFORMED_REQUEST' : 'INTERNAL';
}

function header(request: FastifyRequest, name: string, length: number): string | null {
  const value = request.headers[name];
  return typeof value === 'string' && value ? value.slice(0, length) : null;
}
