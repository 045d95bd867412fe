/**
 * From a room's decorated classes to a running subgraph: classes → schema → server. A room is a plain description
 * (`Room`); this file knows Apollo and Fastify so that no room has to.
 *
 * `/graphql` answers nobody without a token, not even `_service`: the gateway's viewer token, or a case system's access token
 * (direct.ts). Only `/health` is open.
 */
import 'reflect-metadata';
import { ApolloServer, type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
} from '@apollo/server/plugin/disabled';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { printSchemaWithDirectives } from '@graphql-tools/utils';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type GraphQLResolveInfo, type GraphQLScalarType, type GraphQLSchema, parse } from 'graphql';
import type { Logger } from 'pino';
import { parse as parseJson } from 'secure-json-parse';
import { buildSchema, createResolversMap, type NonEmptyArray } from 'type-graphql';
import type { Database } from './database.js';
import { type DirectOptions, openDirect } from './direct.js';
import { schemaHeader } from './directives.js';
import { Fault, faultBody, httpStatusOf, retryableStatuses, unreadable } from './faults.js';
import type { RoomTokens } from './internal.js';
import { type Life, lifeIn, lifeOf, liveIn } from './life.js';
import { masked, settled } from './mask.js';
import { paceLists } from './paced.js';
import { longHeader, smallBegins } from './precedence.js';
import type { Viewer, ViewerVerifier } from './viewer.js';

/** What a room is given; never more than this. */
export interface RoomServices {
  readonly database: Database;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly log: Logger;
}

type ReferenceResolver = (reference: any, context: any, info: GraphQLResolveInfo) => unknown;

export interface Room {
  readonly name: string;
  /** Folder of the numbered .sql files. */
  readonly migrations: URL;
  readonly resolvers: NonEmptyArray<Function>;
  /** Types that no resolver names: entities that only references lead to. */
  readonly orphanedTypes?: Function[];
  readonly scalars?: { type: Function | GraphQLScalarType; scalar: GraphQLScalarType }[];
  /** SDL put before the room's own, beside the standard header. */
  readonly header?: string;
  /** How each entity is found again from its key. `null` for a row that is not there for this viewer. */
  readonly references: Readonly<Record<string, ReferenceResolver>>;
  /**
   * The context of one request: its viewer, and loaders that live as long as it does. `workstation`: where a change comes
   * from, as the gateway says; `null` where it did not.
   */
  context(services: RoomServices, viewer: Viewer, workstation: string | null): object;
  /** Runs before the room is opened; throws, naming the setting, where the room could not keep its word. */
  check?(services: RoomServices): Promise<void>;
  /** What the room does by itself while it is open, and how that is ended. */
  start?(services: RoomServices): { stop(): Promise<void> };
  /** `POST /internal/<name>`: called by the gateway itself, never by a viewer. */
  readonly internal?: Readonly<Record<string, (services: RoomServices, body: any) => Promise<unknown>>>;
  /** Names of internal endpoints that other rooms may call too: what an edge needs, and no more. */
  readonly openToRooms?: readonly string[];
}

export interface RunningRoom {
  readonly url: string;
  /** An internal endpoint, called from the process that runs the room. */
  internal(name: string, body: unknown): Promise<unknown>;
  close(): Promise<void>;
}

export async function roomSchema(room: Room): Promise<{ schema: GraphQLSchema; sdl: string }> {
  const decorated = await buildSchema({
    resolvers: room.resolvers,
    orphanedTypes: room.orphanedTypes ?? [],
    scalarsMap: (room.scalars ?? []) as never,
    validate: false,
    skipCheck: true,
  });
  const sdl = `${schemaHeader()}${room.header ?? ''}\n${printSchemaWithDirectives(decorated)}`;
  const resolvers = createResolversMap(decorated) as Record<string, Record<string, unknown>>;
  for (const [type, resolve] of Object.entries(room.references)) {
    resolvers[type] = { ...resolvers[type], __resolveReference: resolve };
  }
  const schema = paceLists(buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: resolvers as never }));
  return { schema, sdl };
}

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly verifier: ViewerVerifier;
  /** By which other rooms are let in to what `openToRooms` names; without it none is. */
  readonly rooms?: RoomTokens;
  /** How case systems are served that call this room directly; without it none is. */
  readonly direct?: DirectOptions | null;
}

export async function serveRoom(room: Room, services: RoomServices, options: ServeOptions): Promise<RunningRoom> {
  const { schema, sdl } = await roomSchema(room);
  const apollo = new ApolloServer<object>({
    schema,
    introspection: false,
    // Cache control looks at every field that is resolved, for a header that nobody reads.
    plugins: [ApolloServerPluginInlineTraceDisabled(), ApolloServerPluginCacheControlDisabled(), settledErrors],
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    allowBatchedHttpRequests: false,
    hideSchemaDetailsFromClientErrors: true,
    formatError: (formatted, error) => masked(formatted, error, services.log),
  });
  await apollo.start();
  const app = Fastify({
    bodyLimit: 8 * 1024 * 1024,
    requestTimeout: 30_000,
    forceCloseConnections: true,
    frameworkErrors: unreadable,
  });
  // Fastify's own answer repeats the address.
  app.setNotFoundHandler((_request, reply) =>
    reply.status(404).send(faultBody('NOT_FOUND', 'There is no such route.')),
  );
  // Megabytes of JSON from anybody would hold the room: what parses a body stands behind the door that asks who sends it.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _body, done) => done(null));
  app.setErrorHandler((error: { statusCode?: number }, _request, reply) => {
    // Of an internal endpoint: the gateway tells a full log from a broken one by its code.
    if (error instanceof Fault) {
      // Whoever asks looks at the status alone: what was not done must not look like an answer.
      const status = error.code === 'SUBGRAPH_UNAVAILABLE' ? 503 : httpStatusOf(error.code);
      if (retryableStatuses.has(status)) reply.header('retry-after', '1');
      return reply.status(status).send(faultBody(error.code));
    }
    const status = error.statusCode ?? 500;
    if (status >= 500) services.log.error({ err: error }, 'request failed');
    return reply.status(status).send(status < 500 ? faultBody('MALFORMED_REQUEST') : faultBody('INTERNAL'));
  });
  app.get('/health', async (_request, reply) => {
    const alive = await services.database.ping().then(
      () => true,
      () => false,
    );
    return reply.status(alive ? 200 : 503).send({ status: alive ? 'ok' : 'the database does not answer' });
  });
  // Said by the gateway, whose viewer's token shows that it is the one who calls; of a direct caller it is the connection.
  const contextOf = (viewer: Viewer, workstation: string | null, life: Life) =>
    liveIn(room.context({ ...services, database: services.database.within(life) }, viewer, workstation), life);
  const direct = options.direct && openDirect({ ...services, schema, sdl, contextOf }, options.direct);
  await app.register(async (door) => {
    // As text: a stranger's body is not worth parsing, and a direct caller's is measured first.
    door.removeAllContentTypeParsers();
    door.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    door.post('/graphql', async (request, reply) => {
      const viewer = await options.verifier.verify(bearer(request), room.name).catch(() => null);
      const said = request.headers['x-sluse-workstation'];
      if (viewer) {
        const life = lifeOf(reply);
        life.isLong = request.headers[longHeader] !== undefined;
        const context = contextOf(viewer, typeof said === 'string' ? said : null, life);
        const ended = life.isLong ? () => {} : smallBegins();
        return answer(apollo, context, request, reply).finally(() => {
          ended();
          life.done();
        });
      }
      return direct ? direct(request, reply) : unauthenticated(reply);
    });
  });
  await app.register(async (internal) => {
    internal.removeAllContentTypeParsers();
    // Refuses keys that reach for an object's prototype.
    const parseBody = internal.getDefaultJsonParser('error', 'error');
    internal.addContentTypeParser('application/json', { parseAs: 'string' }, parseBody);
    for (const [name, handle] of Object.entries(room.internal ?? {}))
      internalRoute(internal, room, services, options, name, handle);
  });

  const url = await app.listen({ host: options.host, port: options.port });
  const work = room.start?.(services);
  return {
    url,
    internal: async (name, body) => room.internal?.[name]?.(services, body),
    async close() {
      await app.close();
      await work?.stop();
      await apollo.stop();
      await services.database.close();
    },
  };
}

const settledErrors: ApolloServerPlugin<object> = {
  async requestDidStart() {
    return {
      async didResolveOperation({ operation, contextValue }) {
        if (operation?.operation === 'mutation') lifeIn(contextValue)?.keep();
      },
      async willSendResponse({ response: { body }, operation }) {
        if (body.kind === 'single') body.singleResult = settled(body.singleResult, operation?.operation === 'query');
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

function parsed(text: unknown): unknown {
  try {
    return parseJson(text as string);
  } catch {
    throw new Fault('MALFORMED_REQUEST');
  }
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
  // Before the body is read: a stranger's is not worth parsing.
  const onRequest = async (request: FastifyRequest, reply: FastifyReply) => {
    const token = bearer(request);
    const allowed =
      (await verified(options.verifier.verifyInternal(token, room.name))) ||
      (room.openToRooms?.includes(name) && (await verified(options.rooms?.verify(token, room.name))));
    if (!allowed) return unauthenticated(reply);
  };
  app.post(`/internal/${name}`, { onRequest }, async ({ body }, reply) =>
    reply.send((await handle(services, body)) ?? {}),
  );
}

const bearer = (request: FastifyRequest): string =>
  /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';

const unauthenticated = (reply: FastifyReply) => reply.status(401).send(faultBody('UNAUTHENTICATED'));
