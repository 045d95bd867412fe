/**
 * Divides an answer into parts. Somebody who holds a grant for a single case does all other work as if that case did not exist, and
 * the log must say so. What the answer tells besides the case goes into the ordinary log, as it would if the case had never existed.
 * What it tells of the case goes under the seal of that case.
 *
 * Terminology. *Apart*: a case for which one of its readers holds a grant of its own. *Part*: the persons and cases that an answer
 * names within the same cases apart. The part within none is the ordinary one.
 *
 * An answer is not divided, and is sealed as a whole, if one part would reveal the other:
 * - The caller's own words name the case, or any case number. These words stand in every part.
 * - A page that shows the case is full. The case pushed another one out, which the ordinary part would lack.
 * - Something failed for another reason than denial by type. It may have failed within the case.
 * - The log itself was read (`isDivisible`). Sealed entries there name people too.
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

/** Ids of the cases that are apart for this viewer. */
export const casesApart = ({ singleCases }: Seal): ReadonlySet<string> => new Set(singleCases.map(caseOf));

/** Collects parts while an answer is walked. The walker reports where a case begins and ends, and whom the answer names in between. */
export interface Parting {
  /** Whether there can be any case apart. For most people there is none, and nothing is collected. */
  readonly isNeeded: boolean;
  /** Enters an object of a type. Returns the function that leaves it again. */
  enter(type: string, id: unknown): () => void;
  /** The current position of the walk, for `note`. */
  place(): string;
  note(type: string, id: string, place: string): void;
  /** A list of a connection: its length, the ids of its nodes, and how many were asked for. */
  page(length: number, nodes: () => Iterable<unknown>, size: number): void;
  /** `null` if there is nothing to divide, or the answer cannot be divided. */
  parts(): readonly AnswerPart[] | null;
}

/** `apart`: ids of the cases that are apart for the viewer. */
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
      // The ordinary part exists even if it names nobody, like the entry of a search that found nothing.
      const places = ['', ...[...byPlace.keys()].filter((place) => place !== '').sort()];
      return places.map((place) => ({
        under: place === '' ? [] : place.split(' '),
        named: byPlace.get(place) ?? none,
      }));
    },
  };
}

/** Adds the persons and cases that a change was about to the ordinary part. `null` if the change was about a case apart. */
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

/** The most cases that a field answers with, by its arguments. `undefined` for a field that is not a connection of cases. */
export function pageOfCases(type: GraphQLNamedType, { first }: Readonly<Record<string, unknown>>): number | undefined {
  if (!isObjectType(type) || !type.name.endsWith('Connection')) return undefined;
  const { nodes, edges } = type.getFields();
  const edge = edges && getNamedType(edges.type);
  const node = nodes?.type ?? (isObjectType(edge) ? edge.getFields().node?.type : undefined);
  if (!node || getNamedType(node).name !== 'Case') return undefined;
  return typeof first === 'number' ? first : defaultPage;
}

/**
 * Whether everything that an operation meets is ordinary except the cases themselves. Fields that are sealed for other reasons name
 * people too.
 */
export const isDivisible = (fields: readonly string[], { sealing }: Pick<Rules, 'sealing'>): boolean =>
  !fields.some((coordinate) => sealing.has(coordinate) || coordinate.startsWith('AuditEntry.'));

/** Whether an answer with these faults may be divided. */
export const mayBeParted = (faults: readonly string[]): boolean => faults.every((code) => byType.has(code));

/** Denied by type, so independent of the data. */
const byType: ReadonlySet<string> = new Set<FaultCode>(['FORBIDDEN_FIELD', 'FRESH_LOGIN_REQUIRED']);

/**
 * The caller's words in lower case, as a later reader could decode them: with the escapes of GraphQL and JSON resolved, and with the
 * contents of cursors, which hold the id of the row before the page.
 */
export function spoken(words: string): string {
  const plain = words.replace(/\\u(?:\{([0-9a-f]{1,6})\}|([0-9a-f]{4}))/gi, (written, braced, bare) => {
    const point = Number.parseInt(braced ?? bare, 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : written;
  });
  const cursors = (plain.match(/[\w-]{24,600}/g) ?? []).map((one) => Buffer.from(one, 'base64url').toString('latin1'));
  return `${words} ${plain} ${cursors.join(' ')}`.toLowerCase();
}
