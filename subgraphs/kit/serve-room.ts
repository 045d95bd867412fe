/**
 * Serves a room over HTTP. Only this file knows Apollo Server and Fastify.
 *
 * `/graphql` answers nobody without a token, not even `_service`: the gateway's viewer token, or a case system's access token
 * (edge/direct.ts). Only `/health` is open.
 */
import { performance } from 'node:perf_hooks';
import { ApolloServer, type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
} from '@apollo/server/plugin/disabled';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { refuse, unreadable } from '../edge/answers.js';
import { type ConnectionBounds, guardConnections, patience } from '../edge/connections.js';
import { type DirectOptions, openDirect } from '../edge/direct.js';
import { openDocumentStore } from '../edge/document-store.js';
import { lifeIn, lifeOf, liveIn, type RequestLife } from '../edge/life.js';
import { masked, settled } from '../edge/mask.js';
import { readiness } from '../edge/readiness.js';
import { bearerOf, originForm } from '../edge/request.js';
import { longHeader, Precedence, pass } from '../process/precedence.js';
import { bindChange, ChangeUnderWay, changeHeader, changeOf, timeLimits } from '../protocol/change.js';
import { Fault } from '../protocol/faults.js';
import type { RoomTokens } from '../protocol/internal.js';
import { jsonIn, utf8In } from '../protocol/reading.js';
import { isUuid } from '../protocol/text.js';
import type { Viewer, ViewerVerifier } from '../protocol/viewer.js';
import { changeEndpoints, changing, closeChange } from './make-change.js';
import type { Room, RoomServices } from './room.js';
import { roomSchema } from './room-schema.js';

export interface RunningRoom {
  readonly url: string;
  /** Calls an internal endpoint from the process that runs the room. */
  internal(name: string, body: unknown): Promise<unknown>;
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly verifier: ViewerVerifier;
  /** Tokens by which other rooms may call the endpoints in `openToRooms`. Without it no room may. */
  readonly rooms?: RoomTokens;
  /** How case systems that call this room directly are served. Without it they are not. */
  readonly direct?: DirectOptions | null;
}

/** A room has few callers, and gateways bring everybody's requests. */
const connectionBounds: ConnectionBounds = { all: 4_000, ofAddress: 2_000 };

/** Serves a room over HTTP. Closing the result also closes its database. */
export async function serveRoom(room: Room, services: RoomServices, options: ServeOptions): Promise<RunningRoom> {
  const { schema, sdl } = await roomSchema(room);
  const apollo = new ApolloServer<object>({
    schema,
    introspection: false,
    // Apollo's cache control looks at every resolved field to make a header that nobody reads.
    plugins: [ApolloServerPluginInlineTraceDisabled(), ApolloServerPluginCacheControlDisabled(), settledErrors],
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    allowBatchedHttpRequests: false,
    hideSchemaDetailsFromClientErrors: true,
    formatError: (formatted, error) => masked(formatted, error, services.log),
    // The gateway does not use locations, and a document with locations takes several times the memory.
    parseOptions: { noLocation: true },
    documentStore: openDocumentStore(),
  });
  await apollo.start();
  const app = Fastify({
    // More than the largest batch that an edge takes.
    bodyLimit: 20 * 1024 * 1024,
    requestTimeout: 30_000,
    http: { headersTimeout: patience.head, connectionsCheckingInterval: 1_000 },
    forceCloseConnections: true,
    frameworkErrors: unreadable,
    rewriteUrl: ({ url }) => originForm(url),
  });
  guardConnections(app.server, connectionBounds);
  // Fastify's own answer would repeat the address.
  app.setNotFoundHandler((request, reply) =>
    refuse(request, reply, 'NOT_FOUND', { detail: 'There is no such route.', status: 404 }),
  );
  // Megabytes of JSON from anybody would block the room, so a body is parsed only after the caller's token was checked.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _body, done) => done(null));
  app.setErrorHandler((error: { statusCode?: number; code?: string }, request, reply) => {
    // For an internal endpoint: the gateway needs the code to tell a full log from a broken one. Callers look at the status alone:
    // what was not done must not look like an answer.
    if (error instanceof Fault)
      return refuse(request, reply, error.code, error.code === 'SUBGRAPH_UNAVAILABLE' ? { status: 503 } : {});
    if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return refuse(request, reply, 'BODY_TOO_LARGE');
    const status = error.statusCode ?? 500;
    if (status >= 500) services.log.error({ err: error }, 'request failed');
    return refuse(request, reply, status < 500 ? 'MALFORMED_REQUEST' : 'INTERNAL', { status });
  });
  const ready = readiness(async () => {
    await services.database.ping();
    await room.ready?.(services);
  });
  app.get('/health', async (_request, reply) => {
    const works = await ready();
    return reply.status(works ? 200 : 503).send({ status: works ? 'ok' : 'requests cannot be answered' });
  });
  // The gateway says the workstation; its viewer token proves that it is the caller. For a direct caller it is the connection's
  // address.
  const contextOf = (
    viewer: Viewer,
    workstation: string | null,
    life: RequestLife,
    change: ChangeUnderWay | null = null,
  ) => {
    const database = services.database.within(life);
    if (!change) return liveIn(room.context({ ...services, database }, viewer, workstation), life);
    const noting = { ...services, database: changing(database, change), change };
    return liveIn(bindChange(room.context(noting, viewer, workstation), change), life);
  };
  const closing = (viewer: Viewer, entry: string) => closeChange(services.database, viewer.municipality, entry);
  const direct = options.direct && openDirect({ ...services, schema, sdl, contextOf, closing }, options.direct);
  await app.register(async (scope) => {
    // As bytes: a direct caller's body is measured before it is decoded and parsed.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    const viewers = new WeakMap<FastifyRequest, Viewer>();
    // Before the body is read: a stranger's body is not worth keeping in memory.
    const onRequest = async (request: FastifyRequest, reply: FastifyReply) => {
      const viewer = await options.verifier.verify(bearer(request), room.name).catch(() => null);
      if (viewer) viewers.set(request, viewer);
      else if (!direct) return unauthenticated(request, reply);
      else if (!(await direct.isKnown(request))) return direct.answer(request, reply);
    };
    scope.post('/graphql', { onRequest }, async (request, reply) => {
      const viewer = viewers.get(request);
      const said = request.headers['x-sluse-workstation'];
      const workstation = typeof said === 'string' ? said : null;
      if (viewer) {
        const life = lifeOf(reply);
        life.isLong = request.headers[longHeader] !== undefined;
        const context = contextOf(viewer, workstation, life, changeTold(request));
        const precedence = new Precedence();
        if (life.isLong) await pass();
        else precedence.take();
        return answer(apollo, context, request, reply).finally(() => {
          precedence.giveUp();
          life.done();
        });
      }
      return direct ? direct.answer(request, reply) : unauthenticated(request, reply);
    });
    scope.route({
      method: ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
      url: '/graphql',
      handler: (request, reply) => refuse(request, reply, 'METHOD_NOT_ALLOWED', { headers: { allow: 'POST' } }),
    });
  });
  const internal: NonNullable<Room['internal']> = { ...changeEndpoints, ...room.internal };
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // Refuses keys that reach for an object's prototype.
    const parseBody = scope.getDefaultJsonParser('error', 'error');
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, parseBody);
    for (const [name, handle] of Object.entries(internal)) internalRoute(scope, room, services, options, name, handle);
    // The gateway asks with its key. If this room does not trust that key, the gateway could not ask it for anything else either.
    internalRoute(scope, room, services, options, 'ready', async () => ({ ready: await ready() }));
  });

  const url = await app.listen({ host: options.host, port: options.port });
  const work = room.start?.(services);
  return {
    url,
    internal: async (name, body) => internal[name]?.(services, body),
    async close() {
      if (direct) await direct.close();
      await app.close();
      await work?.stop();
      await apollo.stop();
      await services.database.close();
    },
  };
}

/** The change that the gateway has begun for this request, from the header that names its entry. */
function changeTold({ headers }: FastifyRequest): ChangeUnderWay | null {
  const entry = headers[changeHeader];
  return typeof entry === 'string' && isUuid(entry)
    ? new ChangeUnderWay(entry, performance.now() + timeLimits.room)
    : null;
}

const settledErrors: ApolloServerPlugin<object> = {
  async requestDidStart() {
    return {
      async didResolveOperation({ operation, contextValue }) {
        if (operation?.operation === 'mutation') lifeIn(contextValue)?.keep();
      },
      async willSendResponse({ response: { body }, operation, contextValue }) {
        if (body.kind !== 'single') return;
        const change = changeOf(contextValue);
        body.singleResult = {
          ...settled(body.singleResult, operation?.operation === 'query'),
          ...(change && { extensions: { change: change.report() } }),
        };
      },
    };
  },
};

async function answer(apollo: ApolloServer<object>, context: object, request: FastifyRequest, reply: FastifyReply) {
  const headers = new HeaderMap();
  for (const [key, value] of Object.entries(request.headers)) if (value) headers.set(key, String(value));
  const response = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: { method: 'POST', headers, search: '', body: parsed(request.body) },
    context: async () => context,
  });
  for (const [key, value] of response.headers) reply.header(key, value);
  reply.status(response.status ?? 200);
  return reply.send(response.body.kind === 'complete' ? response.body.string : '');
}

function parsed(bytes: unknown): unknown {
  if (!Buffer.isBuffer(bytes)) throw new Fault('MALFORMED_REQUEST');
  return jsonIn(utf8In(bytes));
}

function internalRoute(
  app: FastifyInstance,
  room: Room,
  services: RoomServices,
  options: ServeOptions,
  name: string,
  handle: (services: RoomServices, body: any) => Promise<unknown>,
) {
  const verified = (checked: Promise<void> | undefined) =>
    checked?.then(
      () => true,
      () => false,
    ) ?? false;
  // Before the body is read: a stranger's body is not worth parsing.
  const onRequest = async (request: FastifyRequest, reply: FastifyReply) => {
    const token = bearer(request);
    const allowed =
      (await verified(options.verifier.verifyInternal(token, room.name))) ||
      (room.openToRooms?.includes(name) && (await verified(options.rooms?.verify(token, room.name))));
    if (!allowed) return unauthenticated(request, reply);
  };
  app.post(`/internal/${name}`, { onRequest }, async ({ body }, reply) =>
    reply.send((await handle(services, body)) ?? {}),
  );
}

const bearer = (request: FastifyRequest): string => bearerOf(request.headers.authorization) ?? '';

const unauthenticated = (request: FastifyRequest, reply: FastifyReply) => refuse(request, reply, 'UNAUTHENTICATED');
