/**
 * A whole Sluse over HTTP on a copy of one of the demo worlds, with people to act as. Clock and ids are counters, so that
 * two worlds in which the same happens answer with the same bytes.
 */
import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { Redis } from 'ioredis';
import { type Logger, pino } from 'pino';
import type { DocumentPolicy } from '../../src/documents/policy.js';
import { type Gateway, type GatewayOptions, startGateway } from '../../src/gateway.js';
import { demoPages } from '../../src/pages/index.js';
import { openRevocations } from '../../src/sessions/revocations.js';
import { openViewerCache } from '../../src/sessions/viewer-cache.js';
import { type AuditOptions, makeAuditRoom } from '../../subgraphs/audit/index.js';
import { cases } from '../../subgraphs/cases/index.js';
import { demoPeople } from '../../subgraphs/demo/identity.js';
import { demoNow } from '../../subgraphs/demo/people.js';
import { accessVerifier } from '../../subgraphs/edge/access-token.js';
import type { Rate } from '../../subgraphs/edge/fair-limit.js';
import { identity } from '../../subgraphs/identity/index.js';
import type { Room } from '../../subgraphs/kit/room.js';
import { type RunningRoom, serveRoom } from '../../subgraphs/kit/serve-room.js';
import { type Database, openDatabase } from '../../subgraphs/postgres/database.js';
import { roleOf, roomUrl } from '../../subgraphs/postgres/migrate.js';
import { roomCalls, roomTokens } from '../../subgraphs/protocol/internal.js';
import { type ViewerSigner, viewerSigner, viewerVerifier } from '../../subgraphs/protocol/viewer.js';
import { smdb } from '../../subgraphs/smdb/index.js';
import { freshDatabase, type TestDatabase, testSecret } from './database.js';

/** A ledger without chance: two worlds in which the same happens sign the same. */
export const likeAnyOther: AuditOptions = {
  keys: [
    createPrivateKey({
      key: Buffer.concat([
        Buffer.from('302e020100300506032b657004220420', 'hex'),
        createHash('sha256').update('a test').digest(),
      ]),
      format: 'der',
      type: 'pkcs8',
    }),
  ],
  salt: (id) => createHash('sha256').update(id).digest('hex').slice(0, 32),
  ticket: (id) => createHash('sha256').update(id).digest('base64url'),
};

export interface WorldOptions {
  /** The world with the shielded cases, or the other one. */
  readonly shielded: boolean;
  /** Rooms in place of the real ones, by name: for tests that take a wall down. */
  readonly rooms?: Partial<Record<'identity' | 'cases' | 'smdb' | 'audit', Room>>;
  readonly supergraph?: string;
  readonly subgraphs?: ReadonlyMap<string, string>;
  readonly closedSchema?: boolean;
  /** Folder with manifests of trusted documents. */
  readonly trustedDocuments?: string;
  readonly documentPolicy?: DocumentPolicy;
  /** How much one person may have at once, and how much one answer may hold. */
  readonly bounds?: Pick<GatewayOptions, 'shares' | 'budgets' | 'answerBounds'>;
  /** `false` for tests with `another` gateway. */
  readonly alone?: boolean;
  /** Whose `X-Forwarded-For` says where a request came from: for tests in which there are many workstations. */
  readonly trustedProxies?: readonly string[];
  /** The clock of gateway and rooms, in place of the counters. */
  readonly now?: () => Date;
  /** Where gateway and rooms log; silent unless SLUSE_TEST_LOG names a level. */
  readonly log?: Logger;
  /** Milliseconds between entries that count rejections; by default none is counted, so that each can be looked at. */
  readonly countInterval?: number;
  /** Assertions a second that are looked at. */
  readonly assertionRate?: Rate;
  /** Connections of each room to PostgreSQL at most. */
  readonly connections?: { readonly shared: number; readonly apart: number };
  /** What else the gateway is told. */
  readonly gateway?: Partial<GatewayOptions>;
  /** Where the gateway reaches a room that is at `url`: for tests that stand in between. */
  readonly through?: (room: string, url: string) => Promise<string>;
  /** Bytes of a room's answer that the gateway reads at most. */
  readonly largestAnswer?: number;
  /** How soon the gateway finds out what became of changes without an end. */
  readonly settling?: NonNullable<GatewayOptions['settling']>;
  /** Runs as the owner before the rooms open. */
  readonly prepare?: (database: TestDatabase) => Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly body: {
    data?: any;
    errors?: { message: string; path?: (string | number)[]; extensions: { code: string } }[];
  };
  readonly headers: Headers;
  /** Subgraphs called, in order. */
  readonly fetches: readonly string[];
}

export interface World {
  readonly url: string;
  readonly database: TestDatabase;
  readonly gateway: Gateway;
  /** Every route of the gateway but `/graphql`: `GET /health/live`. */
  routes(): string[];
  readonly signer: ViewerSigner;
  /** The gateway's key, which signs viewer tokens and access tokens. */
  readonly gatewayKey: KeyObject;
  /** Origins of the rooms. */
  readonly origins: ReadonlyMap<string, string>;
  readonly rooms: ReadonlyMap<string, RunningRoom>;
  /** What the rooms see of PostgreSQL. */
  readonly databases: ReadonlyMap<string, Database>;
  /** Asks as a person of the demo; signs in on first use. */
  ask(person: string, query: string, variables?: object, headers?: Record<string, string>): Promise<Answer>;
  tokenOf(person: string): Promise<string>;
  /** Signs in anew on next use. */
  forget(person: string): void;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** A second gateway in front of the same rooms. */
  another(): Promise<Gateway>;
  close(): Promise<void>;
}

/** Fewer than in earnest: two worlds in each of two workers share a server that takes a hundred. */
const fewConnections = { shared: 4, apart: 2 };

export async function openWorld(options: WorldOptions): Promise<World> {
  const template = options.shielded ? process.env.SLUSE_TEST_WORLD : process.env.SLUSE_TEST_OTHER_WORLD;
  if (!template) throw new Error('The demo worlds are not there: run through `npm test`.');
  const database = await freshDatabase(template);
  await options.prepare?.(database);
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const log = options.log ?? pino({ level: process.env.SLUSE_TEST_LOG ?? 'silent' });
  const rooms = new Map<string, RunningRoom>();
  const databases = new Map<string, Database>();
  const origins = new Map<string, string>(options.subgraphs);
  const reached = new Map<string, string>(options.subgraphs);
  const clock = options.now ? { now: options.now } : {};
  const betweenRooms = roomTokens(testSecret);
  const roomAt = (name: string) => roomCalls(betweenRooms, name, () => origins.get(name)!);
  let gatewayUrl = '';
  const direct = {
    tokens: accessVerifier([publicKey], () => gatewayUrl),
    identity: roomAt('identity'),
    audit: roomAt('audit'),
    municipality: '0999',
    countInterval: options.countInterval ?? 0,
  };
  for (const room of Object.values({ identity, cases, smdb, audit: makeAuditRoom(likeAnyOther), ...options.rooms })) {
    const url = roomUrl(database.url, roleOf(template, room.name), testSecret);
    const opened = openDatabase(url, undefined, options.connections ?? fewConnections);
    databases.set(room.name, opened);
    const running = await serveRoom(
      room,
      { database: opened, ...counters(room.name), ...clock, log, identity: direct.identity },
      { host: '127.0.0.1', port: 0, verifier: viewerVerifier(publicKey), rooms: betweenRooms, direct },
    );
    rooms.set(room.name, running);
    origins.set(room.name, running.url);
    reached.set(room.name, (await options.through?.(room.name, running.url)) ?? running.url);
  }
  const fetches: string[] = [];
  const signer = viewerSigner(privateKey);
  const redis = process.env.REDIS_URL;
  const aGateway = async (rest: Partial<GatewayOptions>) =>
    startGateway({
      host: '127.0.0.1',
      port: 0,
      supergraph: options.supergraph ?? 'schema/supergraph.graphql',
      municipality: '0999',
      subgraphs: reached,
      signer,
      // A test asks from one address what many would.
      access: { keys: [privateKey], publicUrl: null, rate: options.assertionRate ?? { source: 10_000, all: 20_000 } },
      trustedProxies: options.trustedProxies ?? [],
      revocations: redis ? await openRevocations(redis, database.name, log) : null,
      viewerCache: redis ? openViewerCache({ url: redis, scope: database.name, viewerKey: privateKey, log }) : null,
      alone: options.alone ?? true,
      ...(options.largestAnswer && { largestAnswer: options.largestAnswer }),
      ...(options.settling && { settling: options.settling }),
      secureCookie: false,
      closedSchema: options.closedSchema ?? false,
      countInterval: options.countInterval ?? 0,
      trustedDocuments: options.trustedDocuments ?? null,
      ...(options.documentPolicy && { documentPolicy: options.documentPolicy }),
      ...options.bounds,
      log,
      ...options.gateway,
      ...rest,
    });
  const others: Gateway[] = [];
  let pages: FastifyInstance | undefined;
  const gateway = await aGateway({
    ...counters('gateway'),
    ...clock,
    onFetch: (subgraph) => fetches.push(subgraph),
    pages: (app, sessions) => {
      pages = app;
      demoPages(app, { sessions, people: demoPeople, secureCookie: false, apolloSandbox: true });
    },
  });
  gatewayUrl = gateway.url;
  const tokens = new Map<string, Promise<string>>();
  const signIn = async (person: string) => {
    const found = demoPeople.find((candidate) => candidate.key === person);
    if (!found) throw new Error(`there is no "${person}" in the demo`);
    return (await gateway.sessions.open({ kind: found.kind, id: found.id })).token;
  };
  const tokenOf = (person: string) => {
    const token = tokens.get(person) ?? signIn(person);
    tokens.set(person, token);
    return token;
  };
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${gateway.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return {
    url: gateway.url,
    routes: () => routesIn(pages!.printRoutes({ commonPrefix: false })),
    database,
    gateway,
    signer,
    gatewayKey: privateKey,
    origins,
    rooms,
    databases,
    tokenOf,
    forget: (person) => void tokens.delete(person),
    post,
    async ask(person, query, variables, headers) {
      fetches.length = 0;
      const response = await post(
        '/graphql',
        { query, variables },
        { authorization: `Bearer ${await tokenOf(person)}`, ...headers },
      );
      const text = await response.text();
      return {
        status: response.status,
        text,
        body: JSON.parse(text),
        headers: response.headers,
        fetches: [...fetches],
      };
    },
    async another() {
      const other = await aGateway({});
      others.push(other);
      return other;
    },
    async close() {
      await Promise.all([gateway, ...others].map((one) => one.close()));
      for (const room of rooms.values()) await room.close();
      if (redis) await forget(redis, database.name);
      await database.drop();
    },
  };
}

/** Leaves nothing on a shared Redis. */
async function forget(url: string, scope: string) {
  const redis = new Redis(url);
  const keys = await redis.keys(`sluse:${scope}:*`);
  if (keys.length > 0) await redis.del(...keys);
  redis.disconnect();
}

/** A clock that moves a millisecond, and ids that count, each time they are asked: the same in every world. */
function counters(name: string): { now: () => Date; newId: () => string } {
  let ticks = 0;
  let ids = 0;
  const start = demoNow.getTime();
  const mark = Buffer.from(name).toString('hex').slice(0, 8).padEnd(8, '0');
  return {
    now: () => {
      // The rooms' clocks stand still: only the order of log entries needs time.
      if (name === 'gateway') ticks += 1;
      return new Date(start + ticks);
    },
    newId: () => {
      ids += 1;
      return `${mark}-0000-4000-8000-${ids.toString(16).padStart(12, '0')}`;
    },
  };
}

/** Out of Fastify's own drawing of them, a tree of segments. */
function routesIn(tree: string): string[] {
  const above: string[] = [];
  return tree.split('\n').flatMap((line) => {
    const [, indent = '', segment = '', methods] = /^([│ ]*)[├└]── (\S*)(?: \((.*)\))?$/.exec(line) ?? [];
    if (!line.includes('── ')) return [];
    const depth = indent.length / 4;
    above.splice(depth, above.length, segment);
    return (methods ?? '')
      .split(', ')
      .filter((method) => method !== '' && method !== 'HEAD')
      .map((method) => `${method} ${above.join('')}`);
  });
}
