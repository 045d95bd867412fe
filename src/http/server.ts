/** The listening server: `/graphql` goes to the door; health, pages, and signing in and out go to Fastify. */
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
import { type GraphqlEndpointOptions, openGraphqlEndpoint } from './graphql-endpoint.js';

export interface ServerOptions extends GraphqlEndpointOptions {
  /** Whether the systems behind answer: for `/health/ready`. */
  readonly ready: () => Promise<boolean>;
  readonly connections?: ConnectionBounds;
  /** Pages and sign-in of the mode that runs. */
  readonly pages?: (app: FastifyInstance) => void;
}

export interface Server {
  readonly app: FastifyInstance;
  close(): Promise<void>;
}

export function createServer(options: ServerOptions): Server {
  const door = openGraphqlEndpoint(options);
  const app = Fastify({
    bodyLimit: limits.body,
    frameworkErrors: unreadable,
    routerOptions: { querystringParser: queryOf },
    serverFactory: (pages) => {
      const server = createHttpServer(httpOptions, (request, response) => {
        request.url = originForm(request.url);
        if (/^\/graphql(?:$|\?)/.test(request.url)) void door(request, response);
        else pages(request, response);
      });
      // Node leaves out lines beyond 2,000 in silence, and last stands what a proxy adds: who asks, and from where. 16 kB are the bound.
      server.maxHeadersCount = 0;
      // Milliseconds for a socket to say anything.
      server.setTimeout(60_000);
      guardConnections(server, options.connections ?? connectionBounds);
      return server;
    },
  });
  // Only JSON is read: a form or plain text could be sent from another site without asking first.
  app.removeContentTypeParser(['text/plain', 'application/json']);
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, jsonIn(utf8In(body as Buffer)));
    } catch (error) {
      done(error as Error);
    }
  });
  // Before any rule: an address that is no text in UTF-8 is refused.
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
    const ready = await options.ready().catch(() => false);
    return reply.status(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready' });
  });
  options.pages?.(app);
  drainOnClose(app);
  return { app, close: () => app.close() };
}

/** Fastify reads the query before any hook, and survives no error there: what is malformed is refused right after it. */
function queryOf(text: string): Record<string, string | string[]> {
  try {
    return queryIn(text);
  } catch {
    return {};
  }
}

/** In all, and of one address: behind one there may be all of a municipality. */
export const connectionBounds: ConnectionBounds = { all: 10_000, ofAddress: 2_000 };

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

type HttpError = Error & { statusCode?: number; code?: string };

/** What is refused is in the log before it is answered, on every route. */
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
