/**
 * Which right a privilege stands for. The operator states it for each full URI. Nothing is guessed: a privilege that is not in the
 * map gives nothing.
 */
import { z } from 'zod';
import { storable } from '../../protocol/text.js';
import { rightCodes } from '../sessions/rights.js';
import { type Constraint, type PrivilegeGroup, scopePrefixes } from './privileges.js';

/** Code of a right by privilege URI. */
export type PrivilegeMap = ReadonlyMap<string, string>;

const form = z.record(z.string().regex(/^[a-z][a-z\d+.-]*:\S{1,500}$/i), z.enum(rightCodes as [string, ...string[]]));

/** Reads the map from a JSON object. Throws unless it maps URIs to rights. */
export const privilegeMap = (json: string): PrivilegeMap => new Map(Object.entries(form.parse(JSON.parse(json))));

/** Alternatives, one of which must hold. Each is a list of constraints that must all hold. `[[]]`: no constraint. */
export type Alternatives = readonly (readonly Constraint[])[];

export interface AssertedRight {
  readonly code: string;
  /** Id of an organisation. */
  readonly organisation: string;
  readonly constraints: Alternatives;
}

export interface Asserted {
  readonly rights: readonly AssertedRight[];
  /** Privileges without a right, and scopes of unknown organisations; for the log. */
  readonly unknown: readonly string[];
}

/** `organisationOf`: the organisation for which a scope gives rights; `null` for one that is not in the register. */
export function assertedRights(
  groups: readonly PrivilegeGroup[],
  map: PrivilegeMap,
  organisationOf: (scope: PrivilegeGroup['scope']) => string | null,
): Asserted {
  const rights = new Map<string, { code: string; organisation: string; constraints: (readonly Constraint[])[] }>();
  const unknown = new Set<string>();
  for (const { scope, privileges, constraints } of groups) {
    const organisation = organisationOf(scope);
    if (organisation === null) unknown.add(nameOf(scope));
    for (const privilege of privileges) {
      const code = map.get(privilege);
      if (code === undefined) unknown.add(privilege);
      if (code === undefined || organisation === null) continue;
      const key = `${code} ${organisation}`;
      const known = rights.get(key);
      if (known) known.constraints.push(constraints);
      else rights.set(key, { code, organisation, constraints: [constraints] });
    }
  }
  return {
    rights: [...rights.values()],
    unknown: [...unknown].slice(0, mostUnknown).map((text) => storable(text, longestUnknown)),
  };
}

/** The scope as it was written, except a CPR number, which does not belong in a log. */
const nameOf = ({ kind, number }: PrivilegeGroup['scope']): string =>
  kind === 'cpr' ? scopePrefixes.cpr : `${scopePrefixes[kind]}${number}`;

/** Most unknown names that go into the log. */
const mostUnknown = 20;
const longestUnknown = 200;
