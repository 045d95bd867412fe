/**
 * Embedded mode: gateway, rooms, an embedded PostgreSQL, the demo municipality and a stand-in of NemLog-in in one process. A server
 * never loads this file, and needs none of the packages that only the demo uses.
 */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import { makeAuditRoom } from '../subgraphs/audit/index.js';
import { cases } from '../subgraphs/cases/index.js';
import { demoPeople, demoPrivileges } from '../subgraphs/demo/identity.js';
import { makeDemo, makeDemoLog } from '../subgraphs/demo/index.js';
import { demoAtNemLogin } from '../subgraphs/demo/nemlogin.js';
import { counted, registerDemoKey, seed } from '../subgraphs/demo/seed.js';
import { accessVerifier } from '../subgraphs/edge/access-token.js';
import { budgetsOf } from '../subgraphs/edge/budgets.js';
import { makeIdentityRoom } from '../subgraphs/identity/index.js';
import type { RunningRoom } from '../subgraphs/kit/serve-room.js';
import { openRoom } from '../subgraphs/kit/start-room.js';
import { startEmbedded } from '../subgraphs/postgres/embedded.js';
import { roomCalls, roomTokens } from '../subgraphs/protocol/internal.js';
import { clientKeyFile, keyFile } from '../subgraphs/protocol/key-file.js';
import { packed } from '../subgraphs/protocol/log-entry.js';
import { viewerVerifier } from '../subgraphs/protocol/viewer.js';
import { smdb } from '../subgraphs/smdb/index.js';
import type { Config } from './config.js';
import type { Gateway } from './gateway.js';
import { demoPages } from './pages/index.js';
import { openReader } from './saml/reader.js';
import { openServiceProvider, type ServiceProvider } from './saml/service-provider.js';
import { loginRoutes } from './sign-in/login.js';
import { gatewayOf, type Running, readerFile } from './wire-gateway.js';

/** How far the start has come, for a signal that ends it. */
export interface StartProgress {
  asked: boolean;
  end(): Promise<void>;
}

/** Says one thing of the start to whoever started it. */
export type Say = (line: string) => void;

export async function embeddedMode(config: Config, log: Logger, life: StartProgress, say: Say): Promise<Running> {
  const starting = startEmbedded(config.dataDir);
  life.end = async () => (await starting).stop();
  const database = await starting;
  say(`Database: embedded PostgreSQL in ${join(config.dataDir, 'postgres')}`);
  let stopping = false;
  database.onExit(() => {
    if (stopping || life.asked) return;
    log.fatal('the embedded PostgreSQL has ended; nothing can be answered or logged without it');
    process.exit(1);
  });
  // Answers under way end first, then the rooms, and the database last. A statement that hangs in a room ends with it.
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
      makeIdentityRoom({
        ...{ idleMinutes: config.idleMinutes, supergraph: config.supergraph, privileges: demoPrivileges },
      }),
      cases,
      smdb,
      audit,
    ]) {
      const running = await openRoom(room, {
        on: { ownerUrl: database.url },
        secret,
        verifier: viewerVerifier(publicKey),
        direct,
        host: '127.0.0.1',
        port: 0,
        log,
      });
      rooms.set(room.name, running);
    }
    say(`Rooms: ${[...rooms.keys()].join(', ')}`);
    await seed(database.url, { shielded: config.demoShielded }, makeDemo, async (world) => {
      await rooms.get('audit')!.internal('append', packed(makeDemoLog(world)));
    });
    const { citizens, cases: caseCount } = await counted(database.url);
    say(`Demo: municipality 0999 Korsbæk with ${citizens} citizens and ${caseCount} cases`);
    await registerDemoKey(database.url, 'case-system', caseSystemKey);
    const origins = new Map([...rooms].map(([name, { url }]) => [name, url]));
    const signIn = await demoSignIn(config, log, () => url!);
    const { municipality, secureCookie } = config;
    const gateway = await gatewayOf(config, log, origins, {
      viewerKeys: [privateKey],
      access: { keys: [privateKey], publicUrl: config.publicUrl },
      // One process has the data directory to itself.
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

/** The last one is the audit room, to which the others write what they have counted. */
async function closeRooms(rooms: readonly RunningRoom[]): Promise<void> {
  await Promise.all(rooms.slice(0, -1).map((room) => room.close()));
  await rooms.at(-1)?.close();
}

interface SignIn {
  readonly provider: ServiceProvider;
  close(): Promise<void>;
}

/**
 * The way in of the embedded mode: an identity provider of our own, of which the gateway knows no more than it would of the
 * real one. Loaded here and nowhere else, so that a server that holds real sessions does not even read its files.
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
