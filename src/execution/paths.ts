/**
 * Converts the path of a subgraph error into a path of the answer. The raw tree contains more than the answer: removed
 * objects (wall 3) and fields that the gateway selected for itself. A path must reveal neither. So it is followed on
 * the raw tree by the rules of completion, even where that part was never completed because a null above ended it.
 */
import { getOwn, isObject, type Json, type JsonObject } from '../operation/json.js';
import type { CollectedField, Selections } from '../operation/selection.js';

export interface Look {
  /** Name of an object's type. `undefined` if that type is not possible there. */
  typeName(raw: JsonObject, selections: Selections): string | undefined;
  isGone(raw: JsonObject, selections: Selections): boolean;
  fieldsOf(selections: Selections, type: string): readonly CollectedField[];
}

export type RawPath = readonly (string | number)[];

/**
 * Returns a function that converts paths. It returns `null` for a path into a removed object; a path into the gateway's
 * own fields ends at their object.
 */
export function answerPaths(root: JsonObject, selections: Selections, look: Look) {
  const known = new WeakMap<Json[], (number | null)[]>();
  const isGone = (value: Json | undefined, set: Selections | null): boolean =>
    set !== null && isObject(value) && look.isGone(value, set);
  const indicesOf = (list: Json[], set: Selections | null): (number | null)[] => {
    let next = 0;
    const indices = known.get(list) ?? list.map((item) => (isGone(item, set) ? null : next++));
    known.set(list, indices);
    return indices;
  };

  return (rawPath: RawPath): (string | number)[] | null => {
    const path: (string | number)[] = [];
    let at: Json | undefined = root;
    let set: Selections | null = selections;
    for (const part of rawPath) {
      if (typeof part === 'number') {
        const index: number | null | undefined = Array.isArray(at) ? indicesOf(at, set)[part] : part;
        if (index === null || index === undefined) return null;
        path.push(index);
        at = Array.isArray(at) ? at[part] : undefined;
        continue;
      }
      if (isGone(at, set)) return null;
      const type: string | undefined = set && isObject(at) ? look.typeName(at, set) : undefined;
      const found: FetchedField | null | undefined =
        set && (type === undefined ? anyField(set, part) : field(look.fieldsOf(set, type), part));
      if (found === undefined) return path;
      path.push(found?.key ?? part);
      at = isObject(at) ? getOwn(at, part) : undefined;
      set = found?.selections ?? null;
    }
    return isGone(at, set) ? null : path;
  };
}

type FetchedField = Pick<CollectedField, 'key' | 'selections'>;

/** Returns the field that was fetched under a key. `undefined` if nobody asked for it. */
const field = (fields: readonly CollectedField[], rawKey: string): FetchedField | undefined =>
  fields.find((one) => one.rawKey === rawKey && !one.hidden);

/** Does the same where the object is unknown: a call that failed as a whole names no list indices. */
function anyField(set: Selections, rawKey: string): FetchedField | undefined {
  for (const item of set.items) {
    if (item.kind === 'field' && item.rawKey === rawKey && !item.hidden) return item;
    const inside = item.kind === 'fragment' ? anyField(item.selections, rawKey) : undefined;
    if (inside !== undefined) return inside;
  }
  return undefined;
}
