/** What the resolvers of one request are given. */
import type { RoomServices } from '../kit/subgraph.js';
import type { Viewer } from '../protocol/viewer.js';
import { type CaseLoaders, loadersFor } from './loaders.js';
import { type Faults, type Sight, visible } from './store.js';

export interface Context {
  readonly services: RoomServices;
  readonly viewer: Viewer;
  readonly sight: Sight;
  /** Replaced by each mutation, so that later fields of the request do not see the earlier state. */
  loaders: CaseLoaders;
}

export function contextFor(services: RoomServices, viewer: Viewer, faults: Faults): Context {
  const sight = visible(viewer, faults);
  return { services, viewer, sight, loaders: loadersFor(services, viewer, sight) };
}

/** Makes new loaders, after a change. */
export function forget(context: Context) {
  context.loaders = loadersFor(context.services, context.viewer, context.sight);
}
