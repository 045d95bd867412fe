/**
 * Reads and writes keys that come from an operation or a subgraph. `__proto__` and `constructor` are legal aliases, and
 * plain property access would reach the prototype instead.
 */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

export const getOwn = (object: JsonObject, key: string): Json | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined;

export function setOwn(object: JsonObject, key: string, value: Json): void {
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  else object[key] = value;
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Merges `source` into `target`, in place. Lists of equal length are merged item by item; any other value is replaced.
 */
export function mergeInto(target: JsonObject, source: JsonObject): void {
  for (const key of Object.keys(source)) {
    const added = source[key]!;
    const known = getOwn(target, key);
    if (isObject(known) && isObject(added)) mergeInto(known, added);
    else if (Array.isArray(known) && Array.isArray(added) && known.length === added.length) mergeList(known, added);
    else if (added !== undefined) setOwn(target, key, added);
  }
}

function mergeList(target: Json[], source: Json[]): void {
  for (let index = 0; index < source.length; index += 1) {
    const known = target[index];
    const added = source[index]!;
    if (isObject(known) && isObject(added)) mergeInto(known, added);
    else if (Array.isArray(known) && Array.isArray(added) && known.length === added.length) mergeList(known, added);
    else target[index] = added;
  }
}
