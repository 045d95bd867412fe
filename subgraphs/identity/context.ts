/** What the resolvers of one request work with. */
import type { RoomServices } from '../kit/subgraph.js';
import type { PersonReference, Viewer } from '../protocol/viewer.js';
import type { LockOut } from './lock-out/lock-out.js';
import type { IdentityLoaders } from './people/loaders.js';
import type { CitizenRow, EmployeeRow, SystemClientRow } from './people/store.js';

/** How long sessions live. The operator sets it; no employee can change it (Datasikkerhed i borgerservicecentre §1.3). */
export interface SessionLife {
  /** Minutes without activity. */
  readonly idleMinutes: number;
  /** Hours since the sign-in, whatever the activity. */
  readonly absoluteHours: number;
}

export interface IdentityContext {
  readonly viewer: Viewer;
  readonly services: RoomServices;
  /** Replaced when the viewer changes: the rest of the answer is read as the new viewer. */
  loaders: IdentityLoaders;
  readonly life: SessionLife;
  /** The notice to employees, in the municipality's words. */
  readonly notice: string;
  readonly lockOut: LockOut;
  /** How long a course is good; 0 for one that does not expire. */
  readonly courseMonths: number;
  /** The address a change comes from, as the gateway says; `null` if the gateway did not say. */
  readonly workstation: string | null;
}

/** The row of a person, or `null` if it does not exist for this viewer. */
export function loadPerson(
  { loaders }: IdentityContext,
  person: PersonReference,
): Promise<CitizenRow | EmployeeRow | SystemClientRow | null> {
  if (person.kind === 'Citizen') return loaders.citizen.load(person.id);
  if (person.kind === 'Employee') return loaders.employee.load(person.id);
  return loaders.systemClient.load(person.id);
}
