/** What the resolvers of one request are given. */
import type { RoomContext } from '../kit/context.js';
import type { RoomServices } from '../kit/room.js';
import type { Viewer } from '../protocol/viewer.js';
import { type AuditLoaders, makeLoaders } from './loaders.js';
import type { CheckpointSigner } from './maintain/checkpoint-signer.js';
import type { DisabledWalls } from './read/relations.js';

/** What is the same for all requests. */
interface Means {
  /** Makes a ticket for an export: 43 characters of base64url that nobody can guess. */
  readonly makeTicket: (id: string) => string;
  /** Verifier keys of a log's signers. */
  readonly verifiers: (log: string) => string[];
}

export interface AuditContext extends RoomContext<AuditLoaders>, Means {}

export function makeContext(
  services: RoomServices,
  viewer: Viewer,
  { signer, disabled, ...means }: Means & { readonly signer: CheckpointSigner; readonly disabled: DisabledWalls },
): AuditContext {
  const loadersOf = (viewer: Viewer) => makeLoaders(services, viewer, signer, disabled);
  return { ...means, services, viewer, loaders: loadersOf(viewer), makeLoaders: loadersOf };
}
