/** Composes the gateway: options in, a listening server out. It opens no database and no room. */
// This import comes first because packages read their environment while they load.
import './supergraph/set-environment.js';
import { type KeyObject, randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import { accessTokenOf } from '../subgraphs/edge/access-token.js';
import { type Budgets, budgetsOf } from '../subgraphs/edge/budgets.js';
import { openFairLimit, type Rate } from '../subgraphs/edge/fair-limit.js';
import { type LogClient, openLogClient } from '../subgraphs/edge/log-client.js';
import { readiness } from '../subgraphs/edge/readiness.js';
import { standingOf } from '../subgraphs/edge/release.js';
import { openSlowRejections, type SlowRejectionOptions } from '../subgraphs/edge/slow-rejections.js';
import { sourceOf } from '../subgraphs/edge/source.js';
import { checkNested, type Made, timeLimits } from '../subgraphs/protocol/change.js';
import type { ViewerSigner } from '../subgraphs/protocol/viewer.js';
import type { CloseChange } from './changes/follow-change.js';
import { openSettling, type SettleOptions, type Settling } from './changes/settle-changes.js';
import { openDocuments } from './documents/documents.js';
import type { DocumentPolicy } from './documents/policy.js';
import { openTrustedDocuments, type TrustedDocuments } from './documents/trusted.js';
import { exportRoute } from './export/route.js';
import { usersRoute } from './export/users.js';
import { proxiesAt, type WorkstationOf, workstations } from './http/client-address.js';
import { executeWith } from './http/execute-operation.js';
import { type FairShareOptions, openFairShare } from './http/fair-share.js';
import type { GraphqlEndpointOptions } from './http/graphql-endpoint.js';
import { openPipeline, type Pipeline } from './http/pipeline.js';
import { publicKeysRoute } from './http/public-keys.js';
import { openRequestRate, type RequestRates } from './http/request-rate.js';
import { connectionBounds, createServer } from './http/server.js';
import type { SharedUse } from './http/shared-use.js';
import type { Revocations } from './sessions/revocations.js';
import { openSessions, type Sessions, tokenOf, useOf } from './sessions/sessions.js';
import type { ViewerCache } from './sessions/viewer-cache.js';
import { openOAuth } from './sign-in/token-endpoint.js';
import { type CallRoom, internalCalls } from './subgraph-client/internal-calls.js';
import { openSubgraphTransport, type SubgraphTransportOptions } from './subgraph-client/subgraph-transport.js';
import { openVendorChecks } from './subgraph-client/vendor-checks.js';
import { loadSupergraph, type SupergraphSource } from './supergraph/supergraph.js';
import { ownRooms } from './supergraph/vendors.js';

export interface GatewayOptions {
  readonly host: string;
  readonly port: number;
  readonly supergraph: string;
  readonly municipality: string;
  readonly subgraphs: ReadonlyMap<string, string>;
  readonly signer: ViewerSigner;
  /** Signs access tokens for case systems. `null`: no access token is issued or accepted. */
  readonly access: AccessOptions | null;
  readonly revocations: Revocations | null;
  readonly viewerCache?: ViewerCache | null;
  /** Whether no other gateway uses the same rooms. */
  readonly alone?: boolean;
  /** Addresses and networks whose `X-Forwarded-For` header is trusted. */
  readonly trustedProxies?: readonly string[];
  /**
   * Whether browsers reach the gateway over HTTPS. If so, the session cookie is `__Host-` and no other cookie is read.
   */
  readonly secureCookie: boolean;
  /** Limits on one answer. Defaults: `subgraphs/edge/limits.ts`. */
  readonly answerBounds?: Partial<Pick<SubgraphTransportOptions, 'maxEntities' | 'maxBytes'>>;
  /** How many operations one person may run at once. */
  readonly shares?: FairShareOptions;
  /** Cost budget of one operation, by the right that the caller acts in. Defaults: `subgraphs/edge/budgets.ts`. */
  readonly budgets?: Budgets;
  /** Whether introspection is reserved for administrators. */
  readonly closedSchema: boolean;
  /** Folder with the manifests of trusted documents. */
  readonly trustedDocuments?: string | null;
  /** Which texts each kind of caller may send. Default: any. */
  readonly documentPolicy?: DocumentPolicy;
  readonly log: Logger;
  readonly now?: () => Date;
  readonly newId?: () => string;
  /** Milliseconds between the log entries that count rejections by kind. */
  readonly countInterval?: number;
  /** Requests per minute for one person and for one case system. Without it, requests are not limited. */
  readonly rates?: RequestRates;
  readonly sharedUse?: SharedUse | null;
  /** How long a source that is refused repeatedly has to wait. Without it, nobody waits. */
  readonly slowRejections?: SlowRejectionOptions;
  readonly connections?: number;
  readonly onFetch?: (subgraph: string) => void;
  /** Maximum size of one room's answer, in bytes. Default: as in `subgraph-transport.ts`. */
  readonly largestAnswer?: number;
  /** How soon the gateway asks what became of a change that has no end entry in the log. */
  readonly settling?: Pick<SettleOptions, 'every' | 'after'>;
  readonly pages?: (app: FastifyInstance, sessions: Sessions, inside: Inside) => void;
}

/** What the sign-in routes need from the gateway. */
export interface Inside {
  readonly identity: CallRoom;
  readonly logClient: LogClient;
  readonly now: () => Date;
  readonly workstationOf: WorkstationOf;
}

export interface AccessOptions {
  /** The gateway's private keys. The first one signs; tokens signed with the others are still accepted. */
  readonly keys: readonly KeyObject[];
  /** The URL at which callers reach the gateway. `null`: the address it listens on. */
  readonly publicUrl: string | null;
  /** How many client assertions are checked per second. */
  readonly rate?: Rate;
}

export interface Gateway {
  readonly url: string;
  readonly sessions: Sessions;
  readonly supergraph: SupergraphSource;
  readonly pipeline: Pipeline;
  readonly trusted: TrustedDocuments | null;
  readonly settling: Settling;
  close(): Promise<void>;
}

/** Look-ups per second of tokens that were never valid here, because each one costs a call to the identity room. */
const unknownTokens: Rate = { source: 100, all: 400 };

/**
 * Starts a gateway and resolves once it listens.
 *
 * Rejects if the supergraph cannot be read or is refused, or if the address is taken.
 *
 * @example
 * const gateway = await startGateway({ host: '127.0.0.1', port: 0, supergraph: 'schema/supergraph.graphql', ...options });
 * // gateway.url is 'http://127.0.0.1:54321'
 * await gateway.close();
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { log, signer } = options;
  const now = options.now ?? (() => new Date());
  const transport = openSubgraphTransport({
    ...options.answerBounds,
    ...(options.largestAnswer !== undefined && { maxResponseSize: options.largestAnswer }),
  });
  const supergraph = await loadSupergraph({
    file: options.supergraph,
    urls: options.subgraphs,
    rooms: ownRooms,
    log,
    now: () => now().getTime(),
  });
  const call = (room: string) => internalCalls(transport, signer, room, () => supergraph.urlOf(room));
  const close: CloseChange = async (room, municipality, entry) =>
    (await call(room)('close-change', { municipality, entry })) as unknown as Made;
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
  const logClient = openLogClient(call('audit'), {
    ...{ municipality: options.municipality, now, newId },
    ...(options.countInterval !== undefined && { interval: options.countInterval }),
  });
  const workstationOf = workstations(options.trustedProxies ?? []);
  let listening = '';
  const oauth =
    options.access &&
    openOAuth({
      keys: options.access.keys,
      issuer: () => options.access?.publicUrl ?? listening,
      municipality: options.municipality,
      identity: call('identity'),
      logClient,
      workstationOf,
      ...(options.access.rate && { rate: options.access.rate }),
      now,
      newId,
      log,
    });
  const trusted = options.trustedDocuments
    ? await openTrustedDocuments({
        folder: options.trustedDocuments,
        schema: () => supergraph.engine().apiSchema,
        log,
      })
    : null;
  supergraph.onSchemaLoadOrUpdate(() => trusted?.revise());
  const pipeline = await openPipeline({
    supergraph,
    documents: openDocuments({ trusted, ...(options.documentPolicy && { policy: options.documentPolicy }) }),
    execute: executeWith({
      urlOf: supergraph.urlOf,
      transport,
      signer,
      log,
      operationTimeout: checkNested(timeLimits).operation,
      trusted: ownRooms,
      close,
      budgetOf: options.budgets ?? budgetsOf(),
      fairShare: openFairShare(options.shares),
      ...(options.onFetch && { onFetch: options.onFetch }),
    }),
    log,
    mayIntrospect: ({ viewer }) => !options.closedSchema || viewer.scopes.includes('admin'),
    changing: sessions.changing,
  });
  const lookUps = openFairLimit(unknownTokens);
  const rate = openRequestRate(options.rates ?? { person: 0, client: 0 }, options.sharedUse ?? null);
  const endpoint: GraphqlEndpointOptions = {
    ...(options.slowRejections && { slow: openSlowRejections(options.slowRejections) }),
    mayAsk: ({ actor }) => rate.take(actor),
    identify: (headers, workstation) => {
      const access = accessTokenOf(headers.authorization);
      if (access) return oauth ? oauth.clients.viewerOf(access) : null;
      const token = tokenOf(headers, options.secureCookie);
      if (!token) return null;
      return sessions.viewerOf(token, useOf(headers), () => lookUps.take(sourceOf(workstation)));
    },
    stillHolds: (headers, viewer) => {
      const access = accessTokenOf(headers.authorization);
      if (access && oauth) return oauth.clients.viewerOf(access).then((later) => standingOf(later, viewer));
      return sessions.stillHolds(tokenOf(headers, options.secureCookie) ?? '', viewer);
    },
    workstationOf,
    answer: pipeline.answer,
    textOf: pipeline.documents.textOf,
    logClient,
    audit: call('audit'),
    log,
  };
  const proxies = options.trustedProxies ?? [];
  const server = createServer({
    ...endpoint,
    connections: {
      ...connectionBounds,
      ...(options.connections !== undefined && {
        all: options.connections,
        ofAddress: Math.ceil(options.connections / 5),
      }),
      exempt: proxiesAt(proxies),
    },
    ready: readiness(async () => {
      const answers = await Promise.all([...ownRooms].map((room) => call(room)('ready', {})));
      if (!answers.every(({ ready }) => ready === true)) throw new Error('a room is not ready');
    }),
    vendors: openVendorChecks({ vendors: supergraph.vendors, urlOf: supergraph.urlOf, log }),
    pages: (app) => {
      publicKeysRoute(app, [...signer.publicKeys, ...(options.access?.keys ?? [])]);
      exportRoute(app, { ...endpoint, audit: call('audit'), schema: () => schema!, now });
      usersRoute(app, { ...endpoint, now });
      if (oauth) app.register(oauth.routes);
      options.pages?.(app, sessions, {
        identity: call('identity'),
        logClient: endpoint.logClient,
        workstationOf: endpoint.workstationOf,
        now,
      });
    },
  });
  const url = await server.app.listen({ host: options.host, port: options.port });
  listening = url;
  const settling = openSettling({
    municipality: options.municipality,
    audit: call('audit'),
    close,
    forget: (room) => call(room)('forget-changes', { municipality: options.municipality }),
    subgraphsOf: supergraph.mutationIn,
    rooms: ownRooms,
    log,
    ...options.settling,
  });
  return {
    settling,
    url,
    sessions,
    supergraph,
    pipeline,
    trusted,
    async close() {
      trusted?.stop();
      await server.close();
      await settling.stop();
      await logClient.close();
      rate.close();
      options.sharedUse?.close();
      await pipeline.stop();
      await transport.close();
      await options.revocations?.close();
      options.viewerCache?.close();
    },
  };
}
