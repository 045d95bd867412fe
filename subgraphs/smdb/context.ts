/** What the resolvers of one request are given. */
import type { RoomContext } from '../kit/context.js';
import type { RoomServices } from '../kit/room.js';
import type { Viewer } from '../protocol/viewer.js';
import { type DisabledWalls, makeLoaders, type SmdbLoaders } from './loaders.js';

export type SmdbContext = RoomContext<SmdbLoaders>;

export function makeContext(services: RoomServices, viewer: Viewer, disabled: DisabledWalls): SmdbContext {
  const loadersOf = (viewer: Viewer) => makeLoaders(services, viewer, disabled);
  return { services, viewer, loaders: loadersOf(viewer), makeLoaders: loadersOf };
}
