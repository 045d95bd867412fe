/** What the resolvers of one request are given. */
import type { RoomContext } from '../kit/context.js';
import type { RoomServices } from '../kit/room.js';
import type { Viewer } from '../protocol/viewer.js';
import { type CasesLoaders, makeLoaders } from './loaders.js';
import { type DisabledWalls, type Sight, visible } from './sight.js';

export interface CasesContext extends RoomContext<CasesLoaders> {
  readonly sight: Sight;
}

export function makeContext(services: RoomServices, viewer: Viewer, disabled: DisabledWalls): CasesContext {
  const sight = visible(viewer, disabled);
  const loadersOf = (viewer: Viewer) => makeLoaders(services, viewer, sight);
  return { services, viewer, sight, loaders: loadersOf(viewer), makeLoaders: loadersOf };
}
