/** What the resolvers of one request are given. */
import type { RoomContext } from '../kit/context.js';
import type { RoomServices } from '../kit/room.js';
import type { Transaction } from '../postgres/database.js';
import type { Viewer } from '../protocol/viewer.js';
import type { KleTable, KleTables } from './kle-table.js';
import { type CasesLoaders, makeLoaders } from './loaders.js';
import { type DisabledWalls, knowingParties, type Sight, visible } from './sight.js';

export interface CasesContext extends RoomContext<CasesLoaders> {
  readonly sight: Sight;
  /** The KLE table of the viewer's municipality. */
  readonly table: KleTable;
}

/** Makes a change as `change` does, by somebody for whom the parties are there. */
export async function changeCases<Result>(
  context: CasesContext,
  work: (tx: Transaction) => Promise<Result>,
): Promise<Result> {
  const { services, viewer } = context;
  const result = await services.database.asViewer(knowingParties(viewer), work, 'change');
  context.loaders = context.makeLoaders(viewer);
  return result;
}

export function makeContext(
  services: RoomServices,
  viewer: Viewer,
  disabled: DisabledWalls,
  tables: KleTables,
): CasesContext {
  const sight = visible(viewer, disabled);
  const loadersOf = (viewer: Viewer) => makeLoaders(services, viewer, sight);
  const table = tables(viewer.municipality);
  return { services, viewer, sight, table, loaders: loadersOf(viewer), makeLoaders: loadersOf };
}
