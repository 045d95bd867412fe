/** Opens a room on a database: migrates it as the owner, then serves it with the room's own, less privileged login. */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { openDatabase } from '../postgres/database.js';
import { migrate } from '../postgres/migrate.js';
import { roomTokens } from '../protocol/internal.js';
import type { Room } from './room.js';
import { type RunningRoom, type ServeOptions, serveRoom } from './serve-room.js';

export interface OpenOptions extends Omit<ServeOptions, 'rooms'> {
  readonly ownerUrl: string;
  readonly secret: string;
  readonly log: Logger;
}

/** Throws if the room's own check fails. */
export async function openRoom(room: Room, options: OpenOptions): Promise<RunningRoom> {
  const url = await migrate({
    ownerUrl: options.ownerUrl,
    room: room.name,
    folder: room.migrations,
    secret: options.secret,
  });
  const log = options.log.child({ room: room.name });
  const database = openDatabase(url, (error) => log.warn({ reason: error.message }, 'database connection lost'));
  const services = { database, now: () => new Date(), newId: randomUUID, log };
  try {
    await room.check?.(services);
    return await serveRoom(room, services, { ...options, rooms: roomTokens(options.secret) });
  } catch (error) {
    await database.close();
    throw error;
  }
}
