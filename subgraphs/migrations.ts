/** `npx sluse migrate`: brings the schemas of all rooms up to this version, apart from serving. */
import { type MigrationStatus, migrate, migrationStatus, tryMigration } from './postgres/migrate.js';

const rooms = ['identity', 'cases', 'smdb', 'audit'] as const;

const folderOf = (room: string): URL => new URL(`./${room}/`, import.meta.url);

export interface RoomStatus extends MigrationStatus {
  readonly room: string;
}

export const statusOfRooms = (ownerUrl: string): Promise<RoomStatus[]> =>
  Promise.all(
    rooms.map(async (room) => ({ room, ...(await migrationStatus({ ownerUrl, room, folder: folderOf(room) })) })),
  );

/** Migrates each room in turn. `isTrial`: undoes it, and throws what would be thrown. Returns the files that ran, by room. */
export async function migrateRooms(ownerUrl: string, secret: string, isTrial: boolean): Promise<RoomStatus[]> {
  const before = await statusOfRooms(ownerUrl);
  const run = isTrial ? tryMigration : migrate;
  for (const room of rooms) await run({ ownerUrl, room, folder: folderOf(room), secret });
  return before;
}

/** One line for each room. */
export const lineOfStatus = ({ room, done, pending, changed }: RoomStatus): string =>
  [
    `${room}: ${done.length} of ${done.length + pending.length} files have run`,
    pending.length > 0 ? `; to run: ${pending.join(', ')}` : '',
    changed.length > 0 ? `; changed after they had run: ${changed.join(', ')}` : '',
  ].join('');
