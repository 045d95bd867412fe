/**
 * Opens a room on a database: migrates it as the owner where the owner's connection is given, or checks that it is migrated, then
 * serves it with the room's own, less privileged login.
 */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { openDatabase } from '../postgres/database.js';
import { currentUrl, migrate } from '../postgres/migrate.js';
import { type Internal, roomTokens } from '../protocol/internal.js';
import type { Room } from './room.js';
import { type RunningRoom, type ServeOptions, serveRoom } from './serve-room.js';

export interface OpenOptions extends Omit<ServeOptions, 'rooms'> {
  /** Connection URL of the owner, to migrate with; or the database without a login, if it is migrated apart from serving. */
  readonly on: { readonly ownerUrl: string } | { readonly address: string };
  readonly secret: string;
  /** Calls the identity room; by default as for case systems that call this room directly. */
  readonly identity?: Internal;
  readonly log: Logger;
}

/** Throws if the room's own check fails. */
export async function openRoom(room: Room, options: OpenOptions): Promise<RunningRoom> {
  const own = { room: room.name, folder: room.migrations, secret: options.secret };
  const url =
    'ownerUrl' in options.on ? await migrate({ ...own, ...options.on }) : await currentUrl({ ...own, ...options.on });
  const log = options.log.child({ room: room.name });
  const database = openDatabase(url, (error) => log.warn({ reason: error.message }, 'database connection lost'));
  const identity = options.identity ?? options.direct?.identity;
  const services = { database, now: () => new Date(), newId: randomUUID, log, ...(identity && { identity }) };
  try {
    await room.check?.(services);
    return await serveRoom(room, services, { ...options, rooms: roomTokens(options.secret) });
  } catch (error) {
    await database.close();
    throw error;
  }
}
