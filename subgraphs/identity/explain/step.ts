/** A step of an explanation, as it is put together. */
import type { AgreementRow } from '../agreements/store.js';
import type { CourseRow } from '../courses/store.js';
import type { GrantRow } from '../grants/store.js';
import type { AccessChangerRole, AccessStepKind, AccessWall } from './enums.js';

export interface Changer {
  readonly role: AccessChangerRole;
  /** Ids of employees. */
  readonly people: readonly string[];
}

export const changer = (role: AccessChangerRole, people: readonly string[] = []): Changer => ({ role, people });

interface Evidence {
  readonly grant: GrantRow | null;
  readonly agreement: AgreementRow | null;
  readonly course: CourseRow | null;
  /** Id of a power of attorney. */
  readonly power: string | null;
}

export interface Step extends Evidence {
  readonly wall: AccessWall;
  readonly kind: AccessStepKind;
  readonly satisfied: boolean | null;
  readonly sentence: string;
  readonly changeableBy: readonly Changer[];
}

export const step = (
  wall: AccessWall,
  kind: AccessStepKind,
  satisfied: boolean | null,
  sentence: string,
  changeableBy: readonly Changer[],
  evidence: Partial<Evidence> = {},
): Step => ({
  ...{ grant: null, agreement: null, course: null, power: null },
  ...evidence,
  ...{ wall, kind, satisfied, sentence, changeableBy },
});
