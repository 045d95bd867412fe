/**
 * Parts of an answer. Somebody who holds a grant for one single case works with everything else as if there were no such case, and
 * the log says so: what the answer tells besides lies in the ordinary log, just as it would had the case never existed, and what
 * it tells of the case lies under the seal of that case.
 *
 * Terminology. *Apart*: a case that somebody among its readers holds a grant of its own for. *Part*: the persons and cases that
 * an answer names within the same cases apart; the part within none is the ordinary one.
 *
 * An answer is not divided, and lies under the seal as a whole, where one part would tell of the other:
 * - the caller's own words name the case, or any case number: the words stand in every part;
 * - a page that shows the case is full: it pushed another one out, which the ordinary part would lack;
 * - something failed besides what is denied by type: it may have failed within the case;
 * - the log itself was read (`isDivisible`): what lies under a seal there names people too.
 */
import { type GraphQLNamedType, getNamedType, isObjectType } from 'graphql';
import { caseOf } from '../protocol/compartments.js';
import { defaultPage } from '../protocol/connection.js';
import type { FaultCode } from '../protocol/faults.js';
import type { Seal } from '../protocol/viewer.js';
import type { Rules } from './rules.js';

export interface AnswerPart {
  /** Ids of cases apart. */
  readonly under: readonly string[];
  /** Ids of audited objects, by type. */
  readonly named: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Ids of the cases that are apart for somebody. */
export const casesApart = ({ singleCases }: Seal): ReadonlySet<string> => new Set(singleCases.map(caseOf));

/** Collects parts while an answer is walked: say where a case begins and ends, and whom is named in between. */
export interface Parting {
  /** Whether there may be any case apart: there is nothing to collect for most people. */
  readonly isNeeded: boolean;
  /** Enters an object of a type; answers with what leaves it again. */
  enter(type: string, id: unknown): () => void;
  /** Where the walk stands: what `note` wants. */
  place(): string;
  note(type: string, id: string, place: string): void;
  /** A list of a connection, as long as it is with the ids of its nodes, and how many were asked for. */
  page(length: number, nodes: () => Iterable<unknown>, size: number): void;
  /** `null` where nothing is to be divided, or nothing can be. */
  parts(): readonly AnswerPart[] | null;
}

export function openParting(apart: ReadonlySet<string>): Parting {
  const within: string[] = [];
  const byPlace = new Map<string, Map<string, Set<string>>>();
  let isCut = false;
  const leave = () => void within.pop();
  return {
    isNeeded: apart.size > 0,
    enter(type, id) {
      if (type !== 'Case' || typeof id !== 'string' || !apart.has(id)) return stay;
      within.push(id);
      return leave;
    },
    place: () => (within.length === 0 ? '' : [...new Set(within)].sort().join(' ')),
    note(type, id, place) {
      const named = byPlace.get(place) ?? new Map<string, Set<string>>();
      byPlace.set(place, named);
      named.set(type, (named.get(type) ?? new Set()).add(id));
    },
    page(length, nodes, size) {
      if (length < size || isCut) return;
      for (const id of nodes()) if (typeof id === 'string' && apart.has(id)) isCut = true;
    },
    parts() {
      if (isCut || byPlace.size === 0 || (byPlace.size === 1 && byPlace.has(''))) return null;
      // The ordinary part is there though it names nobody: as the entry of a search that found nothing.
      const places = ['', ...[...byPlace.keys()].filter((place) => place !== '').sort()];
      return places.map((place) => ({
        under: place === '' ? [] : place.split(' '),
        named: byPlace.get(place) ?? none,
      }));
    },
  };
}

/** Parts with whom a change was about besides, in the ordinary one; `null` where it was about a case apart. */
export function withAbout(
  parts: readonly AnswerPart[] | null | undefined,
  about: ReadonlyMap<string, ReadonlySet<string>>,
  apart: ReadonlySet<string>,
): readonly AnswerPart[] | null {
  if (!parts || [...(about.get('Case') ?? [])].some((id) => apart.has(id))) return null;
  return parts.map((part) => (part.under.length > 0 ? part : { under: [], named: joined(part.named, about) }));
}

/** Ids of both, by type. */
export function joined(
  named: ReadonlyMap<string, ReadonlySet<string>> | undefined,
  about: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const all = new Map(named);
  for (const [type, ids] of about) if (ids.size > 0) all.set(type, new Set([...(all.get(type) ?? []), ...ids]));
  return all;
}

const stay = () => {};
const none: AnswerPart['named'] = new Map();

/** How many cases a field answers with at most, by its arguments; `undefined` for one that is no connection of cases. */
export function pageOfCases(type: GraphQLNamedType, { first }: Readonly<Record<string, unknown>>): number | undefined {
  if (!isObjectType(type) || !type.name.endsWith('Connection')) return undefined;
  const { nodes, edges } = type.getFields();
  const edge = edges && getNamedType(edges.type);
  const node = nodes?.type ?? (isObjectType(edge) ? edge.getFields().node?.type : undefined);
  if (!node || getNamedType(node).name !== 'Case') return undefined;
  return typeof first === 'number' ? first : defaultPage;
}

/** Whether all that an operation meets is ordinary but for the cases themselves: what is sealed in other ways names people too. */
export const isDivisible = (fields: readonly string[], { sealing }: Pick<Rules, 'sealing'>): boolean =>
  !fields.some((coordinate) => sealing.has(coordinate) || coordinate.startsWith('AuditEntry.'));

/** Whether these faults let an answer be divided. */
export const mayBeParted = (faults: readonly string[]): boolean => faults.every((code) => byType.has(code));

/** Denied by type: whatever the data are. */
const byType: ReadonlySet<string> = new Set<FaultCode>(['FORBIDDEN_FIELD', 'FRESH_LOGIN_REQUIRED']);

/**
 * Words of the caller's as whoever reads them later can take them apart, in lower case: with what GraphQL's and JSON's escapes stand
 * for, and with what stands in a cursor, which holds the id of the row before the page.
 */
export function spoken(words: string): string {
  const plain = words.replace(/\\u(?:\{([0-9a-f]{1,6})\}|([0-9a-f]{4}))/gi, (written, braced, bare) => {
    const point = Number.parseInt(braced ?? bare, 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : written;
  });
  const cursors = (plain.match(/[\w-]{24,600}/g) ?? []).map((one) => Buffer.from(one, 'base64url').toString('latin1'));
  return `${words} ${plain} ${cursors.join(' ')}`.toLowerCase();
}
