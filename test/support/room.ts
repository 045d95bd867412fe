/** One room on a database of its own, called directly as a viewer: for tests of a single subgraph. */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { type Logger, pino } from 'pino';
import type { Room, RoomServices } from '../../subgraphs/kit/room.js';
import { serveRoom } from '../../subgraphs/kit/serve-room.js';
import { openDatabase } from '../../subgraphs/postgres/database.js';
import { migrate } from '../../subgraphs/postgres/migrate.js';
import type { Internal } from '../../subgraphs/protocol/internal.js';
import { sealBy, type Viewer, viewerSigner, viewerVerifier } from '../../subgraphs/protocol/viewer.js';
import { freshDatabase, type TestDatabase, testSecret } from './database.js';

export interface RoomUnderTest {
  readonly database: TestDatabase;
  ask(viewer: Viewer, query: string, variables?: object): Promise<{ data?: any; errors?: any[] }>;
  /** POST /internal/<name> as the gateway. */
  internal(name: string, body: object): Promise<any>;
  readonly services: RoomServices;
  /** A raw POST, for tests of the door itself. */
  post(path: string, body: unknown, token?: string): Promise<Response>;
  close(): Promise<void>;
}

export const aViewer = (over: Partial<Viewer> = {}): Viewer => ({
  session: 'a session',
  municipality: '0999',
  subject: { kind: 'Employee', id: '00000000-0000-4000-8000-000000000001' },
  // Oneself, unless somebody acts for another.
  actor: over.subject ?? { kind: 'Employee', id: '00000000-0000-4000-8000-000000000001' },
  organisation: null,
  right: 'CASEWORKER',
  actingFor: null,
  powerOfAttorney: null,
  scopes: [],
  clearance: [],
  seal: sealBy(over.clearance ?? []),
  authenticatedAt: Math.floor(Date.now() / 1000),
  assurance: 'Substantial',
  ...over,
});

export interface RoomOptions {
  readonly now?: () => Date;
  /** The database of another room that stays open: this one is a second replica. */
  readonly on?: TestDatabase;
  /** What the identity room would answer. */
  readonly identity?: Internal;
  /** The journal; silent by default. */
  readonly log?: Logger;
}

/** `prepare` runs as the owner after the migrations: put rows in there. */
export async function openRoom(
  room: Room,
  prepare?: (database: TestDatabase) => Promise<void>,
  { now, on, identity, log = pino({ level: process.env.SLUSE_TEST_LOG ?? 'silent' }) }: RoomOptions = {},
): Promise<RoomUnderTest> {
  const database = on ?? (await freshDatabase());
  const url = await migrate({ ownerUrl: database.url, room: room.name, folder: room.migrations, secret: testSecret });
  await prepare?.(database);
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const signer = viewerSigner(privateKey);
  const services = {
    database: openDatabase(url),
    now: now ?? (() => new Date()),
    newId: randomUUID,
    log,
    ...(identity && { identity }),
  };
  const running = await serveRoom(room, services, { host: '127.0.0.1', port: 0, verifier: viewerVerifier(publicKey) });
  const post = (path: string, body: unknown, token = '') =>
    fetch(`${running.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
    });
  return {
    database,
    services,
    post,
    ask: async (viewer, query, variables) =>
      (await post('/graphql', { query, variables }, await signer.sign(viewer, room.name))).json() as Promise<any>,
    internal: async (name, body) =>
      (await post(`/internal/${name}`, body, await signer.signInternal(room.name))).json(),
    async close() {
      await running.close();
      if (!on) await database.drop();
    },
  };
}
