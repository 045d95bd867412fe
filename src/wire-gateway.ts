/** The gateway as the settings describe it, in either mode. */
import type { KeyObject } from 'node:crypto';
import type { Logger } from 'pino';
import { budgetsOf } from '../subgraphs/edge/budgets.js';
import { slowRejections } from '../subgraphs/edge/slow-rejections.js';
import { viewerSigner } from '../subgraphs/protocol/viewer.js';
import type { Config } from './config.js';
import { type Gateway, type GatewayOptions, startGateway } from './gateway.js';
import { openSharedUse } from './http/shared-use.js';
import { openRevocations } from './sessions/revocations.js';
import { openViewerCache } from './sessions/viewer-cache.js';

/** A started Sluse. */
export interface Running {
  readonly gateway: Gateway;
  close(): Promise<void>;
}

/** The program of the thread that reads SAML messages. */
export const readerFile = new URL('./saml/reader-worker.js', import.meta.url);

export const gatewayOf = async (
  config: Config,
  log: Logger,
  subgraphs: ReadonlyMap<string, string>,
  {
    viewerKeys,
    ...rest
  }: Pick<GatewayOptions, 'access' | 'alone' | 'closedSchema' | 'pages'> & {
    viewerKeys: readonly [KeyObject, ...KeyObject[]];
  },
): Promise<Gateway> =>
  startGateway({
    ...rest,
    signer: viewerSigner(...viewerKeys),
    host: config.host,
    port: config.port,
    supergraph: config.supergraph,
    municipality: config.municipality,
    trustedDocuments: config.trustedDocuments,
    documentPolicy: config.documentPolicy,
    subgraphs,
    trustedProxies: config.trustedProxies,
    budgets: budgetsOf(config.costBudgets),
    secureCookie: config.secureCookie,
    rates: config.rates,
    slowRejections,
    connections: config.connections,
    sharedUse: config.redisUrl ? openSharedUse({ url: config.redisUrl, scope: config.municipality, log }) : null,
    revocations: config.redisUrl ? await openRevocations(config.redisUrl, config.municipality, log) : null,
    viewerCache: config.redisUrl
      ? openViewerCache({ url: config.redisUrl, scope: config.municipality, viewerKey: viewerKeys[0], log })
      : null,
    log,
  }).catch((error: NodeJS.ErrnoException) => {
    throw startError(error, config);
  });

/** What the system says of a port or a file, in terms of the setting that led there. */
function startError(error: NodeJS.ErrnoException, { host, port, supergraph }: Config): Error {
  if (error.syscall === 'listen' && error.code === 'EADDRINUSE')
    return new Error(`PORT: ${port} on ${host} is taken (EADDRINUSE). Set PORT to a free port.`);
  if (error.syscall === 'listen' || error.syscall === 'getaddrinfo')
    return new Error(`HOST, PORT: ${host} and ${port} cannot be listened on (${error.code}).`);
  if (error.path === supergraph)
    return new Error(`SLUSE_SUPERGRAPH: ${supergraph} cannot be read (${error.code}). Expected a composed supergraph.`);
  return error;
}
