/**
 * What each right opens. A scope says which *types* of information a viewer may ask for (wall 1). Grants and row-level security
 * decide which *rows*.
 *
 * A session acts in exactly one right, with that right's scopes only. An employee who acts in none has no scope.
 */
import type { PersonKind } from '../../protocol/viewer.js';

const reading = ['citizen:read', 'employee:read', 'case:read', 'grant:request'];
const smdbReading = [...reading, 'smdb:read'];

const scopesByRight: Readonly<Record<string, readonly string[]>> = {
  CITIZEN_SERVICE: reading,
  CASEWORKER: [...reading, 'case:write', 'disclosure:agree'],
  MANAGER: [...reading, 'grant:decide', 'disclosure:agree'],
  SECURITY_OFFICER: [...reading, 'audit:read'],
  ADMINISTRATOR: ['employee:read', 'admin', 'power:administer'],
  // Acted in for one look-up, not all day: the log says so of each entry. No cases.
  PROTECTED_ADDRESS: ['citizen:read', 'citizen:protected-address', 'employee:read'],
  SMDB_REPORTER: [...smdbReading, 'smdb:report'],
  SMDB_HEALTH: [...smdbReading, 'smdb:report', 'smdb:health'],
  SMDB_LEADER: smdbReading,
  // Only under a power of attorney. A treatment centre sees the citizens whom its own forms are about, and cannot search the
  // municipality's citizens.
  SMDB_DELEGATED_REPORTER: ['citizen:reference', 'employee:read', 'smdb:read', 'smdb:report'],
  SMDB_DELEGATED_HEALTH: ['citizen:reference', 'employee:read', 'smdb:read', 'smdb:report', 'smdb:health'],
  SMDB_ADMINISTRATOR: ['employee:read', 'smdb:read', 'power:mark'],
};

/** Every code that a right may have. */
export const rightCodes: readonly string[] = Object.keys(scopesByRight);

const citizenScopes = ['citizen:self', 'case:read'];

/** `own`: the scopes in a system client's row. */
export function scopesOf(kind: PersonKind, right: string | null, own: readonly string[] = []): readonly string[] {
  if (kind === 'Citizen') return citizenScopes;
  if (kind === 'SystemClient') return own;
  return right !== null && Object.hasOwn(scopesByRight, right) ? scopesByRight[right]! : [];
}
