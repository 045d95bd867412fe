/**
 * Starts Sluse. Without `DATABASE_URL` (embedded mode) everything runs in this process, with an embedded PostgreSQL and
 * the demo municipality. With it (server mode) this process is the gateway alone, in front of rooms that run elsewhere.
 */

// This import comes first because packages read their environment while they load.
import '../subgraphs/process/environment.js';
import '../subgraphs/process/heap.js';
import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Logger, pino } from 'pino';
import { makeAuditRoom } from '../subgraphs/audit/index.js';
import { cases } from '../subgraphs/cases/index.js';
import { demoPeople, demoPrivileges } from '../subgraphs/demo/identity.js';
import { makeDemo, makeDemoLog } from '../subgraphs/demo/index.js';
import { demoAtNemLogin } from '../subgraphs/demo/nemlogin.js';
import { registerDemoKey, seed } from '../subgraphs/demo/seed.js';
import { accessVerifier } from '../subgraphs/edge/access-token.js';
import { budgetsOf } from '../subgraphs/edge/budgets.js';
import { slowRejections } from '../subgraphs/edge/slow-rejections.js';
import { makeIdentityRoom } from '../subgraphs/identity/index.js';
import { openRoom } from '../subgraphs/kit/start-room.js';
import type { RunningRoom } from '../subgraphs/kit/subgraph.js';
import { startEmbedded } from '../subgraphs/postgres/embedded.js';
import { ignoredVariables } from '../subgraphs/process/environment.js';
import { roomCalls, roomTokens } from '../subgraphs/protocol/internal.js';
import { clientKeyFile, keyFile } from '../subgraphs/protocol/key-file.js';
import { packed } from '../subgraphs/protocol/log-entry.js';
import { viewerSigner, viewerVerifier } from '../subgraphs/protocol/viewer.js';
import { smdb } from '../subgraphs/smdb/index.js';
import { type Config, readConfig } from './config.js';
import { type Gateway, type GatewayOptions, startGateway } from './gateway.js';
import { openSharedUse } from './http/shared-use.js';
import { demoPages, serverPages } from './pages/index.js';
import { openReader } from './saml/reader.js';
import { openServiceProvider, type ServiceProvider } from './saml/service-provider.js';
import { openRevocations } from './sessions/revocations.js';
import { openViewerCache } from './sessions/viewer-cache.js';
import { loginRoutes } from './sign-in/login.js';

const readerFile = new URL('./saml/reader-worker.js', import.meta.url);

interface Running {
  readonly gateway: Gateway;
  close(): Promise<void>;
}

/** How far the start has come, so that a signal can end it. */
interface StartProgress {
  asked: boolean;
  end(): Promise<void>;
}

async function main() {
  const config = readConfig();
  const log = pino({ level: config.logLevel, redact: ['err.detail', 'err.parameters', 'err.where'] });
  if (ignoredVariables.length > 0)
    log.warn({ variables: ignoredVariables }, 'these variables are not read: settings are those of the README');
  const life: StartProgress = { asked: false, end: async () => {} };
  const stop = () => {
    if (life.asked) return;
    life.asked = true;
    life.end().then(
      () => process.exit(0),
      (error: Error) => {
        log.error({ err: error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  try {
    const running = config.databaseUrl ? await serverMode(config, log) : await embeddedMode(config, log, life);
    if (life.asked) return;
    life.end = running.close;
    process.stdout.write(`Sluse is ready at ${running.gateway.url}\n`);
  } catch (error) {
    // A start that fails because it is being stopped is not a failure.
    if (!life.asked) throw error;
  }
}

async function embeddedMode(config: Config, log: Logger, life: StartProgress): Promise<Running> {
  const starting = startEmbedded(config.dataDir);
  life.end = async () => (await starting).stop();
  const database = await starting;
  let stopping = false;
  database.onExit(() => {
    if (stopping || life.asked) return;
    log.fatal('the embedded PostgreSQL has ended; nothing can be answered or logged without it');
    process.exit(1);
  });
  // Close in order: answers under way, then rooms, then the database. A statement that hangs in a room ends with the
  // database.
  const close = async (gateway: Gateway | null, signIn: SignIn | null, rooms: RunningRoom[]) => {
    stopping = true;
    await gateway?.close();
    await signIn?.close();
    await Promise.race([closeRooms(rooms), wait(1_000)]);
    await database.stop();
  };
  try {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const secret = new URL(database.url).password;
    const caseSystemKey = await clientKeyFile(join(config.dataDir, 'case-system.jwk.json'));
    let url = config.publicUrl;
    const calls = (name: string) => roomCalls(roomTokens(secret), name, () => rooms.get(name)!.url);
    const direct = {
      tokens: accessVerifier([publicKey], () => url ?? ''),
      identity: calls('identity'),
      audit: calls('audit'),
      municipality: config.municipality,
      budgets: budgetsOf(config.costBudgets),
    };
    const audit = makeAuditRoom({ keys: [await keyFile(join(config.dataDir, 'log-key.pem'))] });
    const rooms = new Map<string, RunningRoom>();
    for (const room of [
      makeIdentityRoom({ idleMinutes: config.idleMinutes, privileges: demoPrivileges }),
      cases,
      smdb,
      audit,
    ]) {
      const running = await openRoom(room, {
        ownerUrl: database.url,
        secret,
        verifier: viewerVerifier(publicKey),
        direct,
        host: '127.0.0.1',
        port: 0,
        log,
      });
      rooms.set(room.name, running);
    }
    await seed(database.url, { shielded: config.demoShielded }, makeDemo, async (world) => {
      await rooms.get('audit')!.internal('append', packed(makeDemoLog(world)));
    });
    await registerDemoKey(database.url, 'case-system', caseSystemKey);
    const origins = new Map([...rooms].map(([name, { url }]) => [name, url]));
    const signIn = await demoSignIn(config, log, () => url!);
    const { municipality, secureCookie } = config;
    const gateway = await gatewayOf(config, log, origins, {
      viewerKey: privateKey,
      access: { keys: [privateKey], publicUrl: config.publicUrl },
      // The data directory belongs to this one process.
      alone: true,
      closedSchema: false,
      pages: (app, sessions, inside) =>
        demoPages(app, {
          ...{
            sessions,
            people: demoPeople,
            secureCookie,
            apolloSandbox: config.apolloSandbox,
            workstationOf: inside.workstationOf,
          },
          ...loginRoutes(app, {
            ...{ ...inside, provider: signIn.provider, municipality, sessions, secureCookie, log },
            newReference: randomUUID,
          }),
        }),
    }).catch(async (error) => {
      await signIn.close();
      throw error;
    });
    url ??= gateway.url;
    return { gateway, close: () => close(gateway, signIn, [...rooms.values()]) };
  } catch (error) {
    await close(null, null, []);
    throw error;
  }
}

/** Closes the audit room last, because the other rooms write their counts to it as they close. */
async function closeRooms(rooms: readonly RunningRoom[]): Promise<void> {
  await Promise.all(rooms.slice(0, -1).map((room) => room.close()));
  await rooms.at(-1)?.close();
}

interface SignIn {
  readonly provider: ServiceProvider;
  close(): Promise<void>;
}

/**
 * Sets up sign-in for embedded mode, with our own stand-in for the identity provider. The gateway knows no more about
 * it than it would about the real one.
 *
 * The stand-in is imported dynamically, so that a server with real sessions never loads its files.
 */
async function demoSignIn(config: Config, log: Logger, publicUrl: () => string): Promise<SignIn> {
  const { credentialsFile, startNemLogin } = await import('../subgraphs/nemlogin/index.js');
  const keys = join(config.dataDir, 'saml-key.pem');
  await credentialsFile(keys, 'Sluse', new Date());
  let provider: ServiceProvider | null = null;
  const nemLogin = await startNemLogin({
    embedded: config.databaseUrl === null,
    port: config.demoIdpPort,
    keyFile: join(config.dataDir, 'nemlogin-key.pem'),
    people: demoAtNemLogin(),
    serviceProvider: () => provider!.metadata(),
    log,
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    throw new Error(`SLUSE_DEMO_IDP_PORT: ${config.demoIdpPort} is taken (EADDRINUSE). Set it to a free port.`);
  });
  try {
    const identityProvider = join(config.dataDir, 'nemlogin-metadata.xml');
    await writeFile(identityProvider, nemLogin.metadata);
    const reader = openReader(readerFile, log);
    const opened = await openServiceProvider({ publicUrl, identityProvider, keys, log, reader });
    provider = opened;
    return {
      provider: opened,
      async close() {
        opened.close();
        await nemLogin.close();
      },
    };
  } catch (error) {
    await nemLogin.close();
    throw error;
  }
}

async function serverMode(config: Config, log: Logger): Promise<Running> {
  const provider =
    config.saml && (await openServiceProvider({ ...config.saml, log, reader: openReader(readerFile, log) }));
  const { municipality, secureCookie, publicUrl, viewerKeys } = config;
  // An assertion names its audience and a token its issuer. Without a public URL the gateway has no name for either.
  if (publicUrl === null) log.warn('case systems cannot draw access tokens: set SLUSE_PUBLIC_URL to serve them');
  const gateway = await gatewayOf(config, log, config.subgraphs, {
    viewerKey: viewerKeys[0]!,
    access: publicUrl === null ? null : { keys: viewerKeys, publicUrl },
    closedSchema: true,
    pages: (app, sessions, inside) =>
      serverPages(app, {
        ...{ sessions, secureCookie, apolloSandbox: config.apolloSandbox, workstationOf: inside.workstationOf },
        ...(provider &&
          loginRoutes(app, {
            ...{ ...inside, provider, municipality, sessions, secureCookie, log },
            newReference: randomUUID,
          })),
      }),
  });
  return {
    gateway,
    async close() {
      provider?.close();
      await gateway.close();
    },
  };
}

const gatewayOf = async (
  config: Config,
  log: Logger,
  subgraphs: ReadonlyMap<string, string>,
  {
    viewerKey,
    ...rest
  }: Pick<GatewayOptions, 'access' | 'alone' | 'closedSchema' | 'pages'> & { viewerKey: KeyObject },
): Promise<Gateway> =>
  startGateway({
    ...rest,
    signer: viewerSigner(viewerKey),
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
      ? openViewerCache({ url: config.redisUrl, scope: config.municipality, viewerKey, log })
      : null,
    log,
  }).catch((error: NodeJS.ErrnoException) => {
    throw startError(error, config);
  });

/** Rewrites an error of the operating system about a port or file in terms of the setting that caused it. */
function startError(error: NodeJS.ErrnoException, { host, port, supergraph }: Config): Error {
  if (error.syscall === 'listen' && error.code === 'EADDRINUSE')
    return new Error(`PORT: ${port} on ${host} is taken (EADDRINUSE). Set PORT to a free port.`);
  if (error.syscall === 'listen' || error.syscall === 'getaddrinfo')
    return new Error(`HOST, PORT: ${host} and ${port} cannot be listened on (${error.code}).`);
  if (error.path === supergraph)
    return new Error(`SLUSE_SUPERGRAPH: ${supergraph} cannot be read (${error.code}). Expected a composed supergraph.`);
  return error;
}

main().catch((error: Error) => {
  process.stderr.write(`Sluse could not start.\n${error.message}\n`);
  process.exit(1);
});
