/** What the resolvers of every room are given, and how a change is made. */
import type { Transaction } from '../postgres/database.js';
import type { Viewer } from '../protocol/viewer.js';
import type { RoomServices } from './room.js';

/** The context of one request. A room adds what its own resolvers need. */
export interface RoomContext<Loaders> {
  readonly services: RoomServices;
  readonly viewer: Viewer;
  /** Replaced by each change, so that later fields of the request do not see the earlier state. */
  loaders: Loaders;
  readonly makeLoaders: (viewer: Viewer) => Loaders;
}

/** Makes a change as the viewer, in one transaction, and then new loaders. Whatever `work` throws undoes the change. */
export async function change<Loaders, Result>(
  context: RoomContext<Loaders>,
  work: (tx: Transaction) => Promise<Result>,
): Promise<Result> {
  const result = await context.services.database.asViewer(context.viewer, work, 'change');
  context.loaders = context.makeLoaders(context.viewer);
  return result;
}
