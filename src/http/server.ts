/**
 * The listening server. `/graphql` goes to `graphql-endpoint.ts`; health, pages, sign-in and sign-out go to Fastify.
 */
import { createServer as createHttpServer } from 'node:http';
import type { Socket } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { refuse, unreadable } from '../../subgraphs/edge/answers.js';
import { type ConnectionBounds, guardConnections, httpOptions } from '../../subgraphs/edge/connections.js';
import { limits } from '../../subgraphs/edge/limits.js';
import { writeEntryOrWithhold } from '../../subgraphs/edge/release.js';
import { originForm } from '../../subgraphs/edge/request.js';
import { type RequestRecord, requestRecordOf } from '../../subgraphs/edge/request-record.js';
import { isRefusal } from '../../subgraphs/edge/slow-rejections.js';
import { sourceOf } from '../../subgraphs/edge/source.js';
import { Fault, type FaultCode } from '../../subgraphs/protocol/faults.js';
import { checkAddress, jsonIn, queryIn, utf8In } from '../../subgraphs/protocol/reading.js';
import type { VendorStates } from '../subgraph-client/vendor-checks.js';
import { type GraphqlEndpointOptions, openGraphqlEndpoint } from './graphql-endpoint.js';

export interface ServerOptions extends GraphqlEndpointOptions {
  /** Whether the systems behind the gateway respond. For `/health/ready`. */
  readonly ready: () => Promise<boolean>;
  /** Which vendors' subgraphs respond. They do not make the gateway ready or not. */
  readonly vendors?: () => Promise<VendorStates>;
  readonly connections?: ConnectionBounds;
  /** Registers the pages and sign-in routes of the current mode. */
  readonly pages?: (app: FastifyInstance) => void;
}

export interface Server {
  readonly app: FastifyInstance;
  close(): Promise<void>;
}

/** Makes the server. Call `app.listen` to start it. */
export function createServer(options: ServerOptions): Server {
  const answerGraphql = openGraphqlEndpoint(options);
  const app = Fastify({
    bodyLimit: limits.body,
    frameworkErrors: unreadable,
    routerOptions: { querystringParser: queryOf },
    serverFactory: (pages) => {
      const server = createHttpServer(httpOptions, (request, response) => {
        request.url = originForm(request.url);
        if (/^\/graphql(?:$|\?)/.test(request.url)) void answerGraphql(request, response);
        else pages(request, response);
      });
      // By default Node silently drops headers beyond 2,000, and proxies append theirs last: session and client address
      // would be lost. The limit of 16 kB still holds.
      server.maxHeadersCount = 0;
      // Milliseconds that a socket may stay silent.
      server.setTimeout(60_000);
      guardConnections(server, options.connections ?? connectionBounds);
      return server;
    },
  });
  // Only JSON is accepted. Another site could send a form or plain text without a CORS preflight.
  app.removeContentTypeParser(['text/plain', 'application/json']);
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, jsonIn(utf8In(body as Buffer)));
    } catch (error) {
      done(error as Error);
    }
  });
  // Refuse an address that is not valid UTF-8 before any other rule applies.
  app.addHook('onRequest', async ({ raw }) => checkAddress(raw.url ?? ''));
  app.setErrorHandler((error: HttpError, request, reply) => failed(error, request, reply, options));
  app.setNotFoundHandler((request: FastifyRequest, reply) =>
    refuse(request, reply, 'NOT_FOUND', { detail: 'There is no such page.', status: 404 }),
  );
  app.addHook('onSend', async ({ raw }, reply) => {
    if (isRefusal(reply.statusCode)) await options.slow?.pause(sourceOf(options.workstationOf(raw)));
  });
  app.get('/health/live', async () => ({ status: 'live' }));
  app.get('/health/ready', async (_request, reply) => {
    const [ready, vendors] = await Promise.all([options.ready().catch(() => false), options.vendors?.() ?? {}]);
    return reply
      .status(ready ? 200 : 503)
      .send({ status: ready ? 'ready' : 'not ready', ...(Object.keys(vendors).length > 0 && { vendors }) });
  });
  options.pages?.(app);
  drainOnClose(app);
  return { app, close: () => app.close() };
}

/**
 * Parses a query string. Fastify parses it before any hook runs and does not survive an error there, so a malformed
 * query is returned as empty here and refused in the first hook.
 */
function queryOf(text: string): Record<string, string | string[]> {
  try {
    return queryIn(text);
  } catch {
    return {};
  }
}

/** Connections in all, and per address. A whole municipality may share one address. */
export const connectionBounds: ConnectionBounds = { all: 10_000, ofAddress: 2_000 };

/** Milliseconds that answers under way get to finish once the server closes. */
const grace = 8_000;

/**
 * Makes closing wait for answers, not for connections. Node closes idle connections only once, so this closes those
 * that become idle later, closes at once those that never sent a byte (browsers open them in advance), and cuts the
 * rest after the grace period.
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

type HttpError = Error & { statusCode?: number; code?: string };

/** Logs every refusal before it is answered, on every Fastify route. */
async function failed(error: HttpError, request: FastifyRequest, reply: FastifyReply, options: ServerOptions) {
  const { log, workstationOf } = options;
  let code = codeOf(error);
  if (code === 'INTERNAL') log.error({ err: error }, 'request failed');
  const record: RequestRecord = {
    ...requestRecordOf(request.raw, workstationOf(request.raw)),
    operationName: `${request.method} ${request.routeOptions.url ?? ''}`,
    faults: [code],
  };
  code = (await writeEntryOrWithhold(record, options)) ?? code;
  return refuse(request, reply, code, {
    detail: error instanceof Fault && error.code === code ? error.message : undefined,
    ...(code === 'BODY_TOO_LARGE' && { headers: { connection: 'close' } }),
  });
}

function codeOf(error: HttpError): FaultCode {
  if (error instanceof Fault) return error.code;
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return 'BODY_TOO_LARGE';
  return error.statusCode && error.statusCode < 500 ? 'MALFORMED_REQUEST' : 'INTERNAL';
}
