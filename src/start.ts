/** Puts the gateway together: arguments in, a listening server out. Opens no database and no room. */
// First: packages read their environment while they are loaded.
import './quiet.js';
import { type KeyObject, randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import { accessTokenOf } from '../subgraphs/kit/access-token.js';
import { type Budgets, budgetsOf } from '../subgraphs/kit/budgets.js';
import { type Ledger, openLedger } from '../subgraphs/kit/ledger.js';
import { standingOf } from '../subgraphs/kit/release.js';
import type { ViewerSigner } from '../subgraphs/kit/viewer.js';
import type { DoorOptions } from './door.js';
import { exportRoute } from './export/route.js';
import { type FairShareOptions, openFairShare } from './fair-share.js';
import { executeWith } from './gateway.js';
import { type Internal, internalCalls } from './internal.js';
import { openOAuth } from './oauth.js';
import { openPipeline, type Pipeline } from './pipeline.js';
import type { Revocations } from './revocations.js';
import { createServer } from './server.js';
import { openSessions, type Sessions, tokenOf, useOf } from './session.js';
import { loadSupergraph, type SupergraphSource } from './supergraph.js';
import type { ViewerCache } from './viewer-cache.js';
import { defaultWire, openWire, type WireOptions } from './wire.js';
import { type WorkstationOf, workstations } from './workstation.js';

export interface GatewayOptions {
  readonly host: string;
  readonly port: number;
  readonly supergraph: string;
  readonly municipality: string;
  readonly subgraphs: ReadonlyMap<string, string>;
  readonly signer: ViewerSigner;
  /** Signs access tokens for case systems; `null`: none are drawn or believed. */
  readonly access: AccessOptions | null;
  readonly revocations: Revocations | null;
  readonly viewerCache?: ViewerCache | null;
  /** Whether this is the only gateway before its rooms. */
  readonly alone?: boolean;
  /** Addresses and networks whose `X-Forwarded-For` is believed. */
  readonly trustedProxies?: readonly string[];
  /** Whether browsers reach it over HTTPS: then the session's cookie is `__Host-`, and no other is read. */
  readonly secureCookie: boolean;
  /** What one answer may be made of; by default as in limits.ts. */
  readonly answerBounds?: Pick<WireOptions, 'maxEntities' | 'maxBytes'>;
  /** How many operations one person has at once. */
  readonly shares?: FairShareOptions;
  /** What one operation may cost, by who asks; by default as in budgets.ts. */
  readonly budgets?: Budgets;
  /** Whether only administrators may introspect. */
  readonly closedSchema: boolean;
  readonly log: Logger;
  readonly now?: () => Date;
  readonly newId?: () => string;
  readonly onFetch?: (subgraph: string) => void;
  readonly pages?: (app: FastifyInstance, sessions: Sessions, inside: Inside) => void;
}

/** What signing in needs of the gateway. */
export interface Inside {
  readonly identity: Internal;
  readonly ledger: Ledger;
  readonly now: () => Date;
  readonly workstationOf: WorkstationOf;
}

export interface AccessOptions {
  /** The gateway's keys, private: the first one signs, the others are still believed. */
  readonly keys: readonly KeyObject[];
  /** Where callers reach the gateway; `null`: where it listens. */
  readonly publicUrl: string | null;
}

export interface Gateway {
  readonly url: string;
  readonly sessions: Sessions;
  readonly supergraph: SupergraphSource;
  readonly pipeline: Pipeline;
  close(): Promise<void>;
}

/** Rooms of our own, by the name that the supergraph gives them. */
const ownRooms: ReadonlySet<string> = new Set(['identity', 'smdb', 'cases', 'audit']);

export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { log, signer } = options;
  const now = options.now ?? (() => new Date());
  const wire = openWire({ ...defaultWire, ...options.answerBounds });
  const supergraph = await loadSupergraph({
    file: options.supergraph,
    urls: options.subgraphs,
    log,
    now: () => now().getTime(),
  });
  const call = (room: string) => internalCalls(wire, signer, room, () => supergraph.urlOf(room));
  const sessions = openSessions(call('identity'), {
    municipality: options.municipality,
    revocations: options.revocations,
    cache: options.viewerCache ?? null,
    alone: options.alone ?? false,
  });
  let schema: GraphQLSchema | undefined;
  supergraph.onSchemaLoadOrUpdate(({ apiSchema }) => {
    schema = apiSchema;
  });
  const newId = options.newId ?? randomUUID;
  const ledger = openLedger(call('audit'), { municipality: options.municipality, now, newId });
  const workstationOf = workstations(options.trustedProxies ?? []);
  let listening = '';
  const oauth =
    options.access &&
    openOAuth({
      keys: options.access.keys,
      issuer: () => options.access?.publicUrl ?? listening,
      municipality: options.municipality,
      identity: call('identity'),
      ledger,
      workstationOf,
      now,
      newId,
      log,
    });
  const pipeline = await openPipeline({
    supergraph,
    execute: executeWith({
      urlOf: supergraph.urlOf,
      wire,
      signer,
      log,
      operationTimeout: 15_000,
      trusted: ownRooms,
      budgetOf: options.budgets ?? budgetsOf(),
      fairShare: openFairShare(options.shares),
      ...(options.onFetch && { onFetch: options.onFetch }),
    }),
    log,
    mayIntrospect: ({ viewer }) => !options.closedSchema || viewer.scopes.includes('admin'),
    changing: sessions.changing,
  });
  const door: DoorOptions = {
    identify: (headers) => {
      const access = accessTokenOf(headers.authorization);
      if (access) return oauth ? oauth.clients.viewerOf(access) : null;
      const token = tokenOf(headers, options.secureCookie);
      return token ? sessions.viewerOf(token, useOf(headers)) : null;
    },
    stillHolds: (headers, viewer) => {
      const access = accessTokenOf(headers.authorization);
      if (access && oauth) return oauth.clients.viewerOf(access).then((later) => standingOf(later, viewer));
      return sessions.stillHolds(tokenOf(headers, options.secureCookie) ?? '', viewer);
    },
    workstationOf,
    answer: pipeline.answer,
    ledger,
    log,
  };
  const server = createServer({
    ...door,
    ready: async () => {
      const answers = await Promise.all(
        [...ownRooms].map((room) =>
          fetch(new URL('/health', supergraph.urlOf(room)), { signal: AbortSignal.timeout(2_000) }),
        ),
      );
      return answers.every((answer) => answer.ok);
    },
    pages: (app) => {
      exportRoute(app, { ...door, audit: call('audit'), schema: () => schema!, now });
      if (oauth) app.register(oauth.routes);
      options.pages?.(app, sessions, {
        identity: call('identity'),
        ledger: door.ledger,
        workstationOf: door.workstationOf,
        now,
      });
    },
  });
  const url = await server.app.listen({ host: options.host, port: options.port });
  listening = url;
  return {
    url,
    sessions,
    supergraph,
    pipeline,
    async close() {
      await server.close();
      await pipeline.stop();
      await wire.close();
      await options.revocations?.close();
      options.viewerCache?.close();
    },
  };
}
