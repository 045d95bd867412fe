/** What the resolvers of one request are given. */
import type { RoomContext } from '../kit/context.js';
import type { FieldRules } from '../kit/field-rules.js';
import type { RoomServices } from '../kit/room.js';
import type { Viewer } from '../protocol/viewer.js';
import type { CourseRules } from './courses/rules.js';
import { type IdentityLoaders, makeLoaders } from './loaders.js';
import type { LockOut } from './lock-out/lock-out.js';

/** How long sessions live. The operator sets it; no employee can change it (Datasikkerhed i borgerservicecentre §1.3). */
export interface SessionLife {
  /** Minutes without activity. */
  readonly idleMinutes: number;
  /** Hours since the sign-in, whatever the activity. */
  readonly absoluteHours: number;
}

/** What is the same for all requests. */
interface Rules {
  readonly life: SessionLife;
  /** The notice to employees, in the municipality's words. */
  readonly notice: string;
  readonly lockOut: LockOut;
  readonly course: CourseRules;
  /** The rules by type that the gateway enforces now. */
  readonly fieldRules: () => Promise<FieldRules>;
}

export interface IdentityContext extends RoomContext<IdentityLoaders>, Rules {
  /** The address a change comes from, as the gateway says; `null` if the gateway did not say. */
  readonly workstation: string | null;
}

export function makeContext(
  services: RoomServices,
  viewer: Viewer,
  workstation: string | null,
  rules: Rules,
): IdentityContext {
  const loadersOf = (viewer: Viewer) => makeLoaders(services, viewer);
  return { ...rules, services, viewer, workstation, loaders: loadersOf(viewer), makeLoaders: loadersOf };
}
