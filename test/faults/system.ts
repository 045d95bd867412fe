/** The whole of Sluse in server mode, each part a process of its own that can be killed, on a database and a disk of its own. */
import { execFileSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { demoPeople } from '../../subgraphs/demo/identity.js';
import { makeDemo } from '../../subgraphs/demo/index.js';
import { seed } from '../../subgraphs/demo/seed.js';
import { viewerSigner } from '../../subgraphs/protocol/viewer.js';
import { endAll, type Started, start, startSluse } from '../support/processes.js';
import { type Cutter, openCutter } from './cutter.js';
import { type Disk, openDisk } from './disk.js';
import { freePort, openPostgres, type Postgres } from './postgres.js';

const rooms = ['identity', 'cases', 'smdb', 'audit'] as const;
export type Part = (typeof rooms)[number] | 'gateway';

export interface System {
  readonly disk: Disk;
  readonly database: Postgres;
  /** Between the audit room and the database. */
  readonly cutter: Cutter;
  /** The gateway. */
  readonly url: string;
  readonly processes: ReadonlyMap<Part, Started>;
  /** Starts a part, again at the same address. */
  start(part: Part): Promise<void>;
  /** `kill -9`, and waits until it is dead. */
  kill(part: Part): Promise<void>;
  /** An internal endpoint of a room, as the gateway asks. */
  internal(room: string, name: string, body: unknown): Promise<unknown>;
  /** A session of one of the demo's people. */
  sessionOf(person: string): Promise<string>;
}

/** Whatever was opened, to be ended also if the opening itself fails. */
const opened: (() => void | Promise<void>)[] = [];

export async function openSystem(): Promise<System> {
  const disk = await openDisk();
  opened.push(() => disk.end());
  const database = await openPostgres(disk.directory);
  opened.push(() => database.kill());
  const cutter = await openCutter(database.port);
  opened.push(() => cutter.close());
  const lines = execFileSync(process.execPath, ['dist/subgraphs/protocol/keys.js'], { encoding: 'utf8' });
  const keys = Object.fromEntries(lines.split('\n').map((line) => line.split(/=(.*)/).slice(0, 2)));
  const ports = new Map<Part, number>();
  for (const part of [...rooms, 'gateway'] as const) ports.set(part, await freePort());
  const processes = new Map<Part, Started>();
  const origin = (part: Part) => `http://127.0.0.1:${ports.get(part)}`;

  const startRoom = async (name: Part) => {
    const room = start('subgraphs/main.js', {
      SLUSE_ROOM: name,
      DATABASE_URL: database.url(name === 'audit' ? cutter.port : database.port),
      SLUSE_SECRET: keys.SLUSE_SECRET,
      SLUSE_VIEWER_PUBLIC_KEY: keys.SLUSE_VIEWER_PUBLIC_KEY,
      ...(name === 'cases' && { SLUSE_IDENTITY_URL: origin('identity') }),
      ...(name === 'audit' && { SLUSE_LOG_KEY: keys.SLUSE_LOG_KEY }),
      SLUSE_LOG_LEVEL: 'info',
      HOST: '127.0.0.1',
      PORT: String(ports.get(name)),
    });
    processes.set(name, room);
    await room.says(/"url":"http/);
  };
  const startGateway = async () => {
    const gateway = await startSluse({
      DATABASE_URL: 'postgres://the-gateway/opens-no-database',
      SLUSE_SUBGRAPHS: rooms.map((room) => `${room}=${origin(room)}`).join(),
      SLUSE_VIEWER_KEY: keys.SLUSE_VIEWER_KEY,
      PORT: String(ports.get('gateway')),
    });
    processes.set('gateway', gateway);
  };

  const system: System = {
    disk,
    database,
    cutter,
    url: origin('gateway'),
    processes,
    start: (part) => (part === 'gateway' ? startGateway() : startRoom(part)),
    async kill(part) {
      processes.get(part)!.kill('SIGKILL');
      await processes.get(part)!.exit;
    },
    async internal(room, name, body) {
      const signer = viewerSigner(createPrivateKey(Buffer.from(keys.SLUSE_VIEWER_KEY, 'base64').toString()));
      const response = await fetch(`${origin(room as Part)}/internal/${name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${await signer.signInternal(room)}` },
        body: JSON.stringify(body),
      });
      return response.json();
    },
    async sessionOf(key) {
      const { kind, id } = demoPeople.find((one) => one.key === key)!;
      const opened = await system.internal('identity', 'open-session', { municipality: '0999', person: { kind, id } });
      return (opened as { token: string }).token;
    },
  };
  await Promise.all(rooms.map(startRoom));
  await seed(database.url(), { shielded: true }, makeDemo);
  await startGateway();
  return system;
}

/** A second database on a copy of the disk as it is now, for as long as `work` takes. */
export async function onCopy<T>(disk: Disk, work: (database: Postgres) => Promise<T>): Promise<T> {
  let database: Postgres | null = null;
  try {
    database = await openPostgres(disk.directory);
    return await work(database);
  } finally {
    await database?.kill();
    disk.end();
  }
}

/** Ends all that was started, in whatever state it is, and removes its directories. */
export async function endSystem(): Promise<void> {
  const failures: unknown[] = [];
  for (const end of opened.splice(0).reverse())
    await Promise.resolve()
      .then(end)
      .catch((error) => failures.push(error));
  await endAll();
  if (failures.length > 0) throw new AggregateError(failures, 'not everything could be ended');
}
