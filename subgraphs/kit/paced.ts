/**
 * Completes long lists of a room in slices. graphql-js completes a list of objects without a pause, but completes items that are
 * promises as they resolve. The answer is the same.
 */
import {
  defaultFieldResolver,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isObjectType,
} from 'graphql';
import { lifeIn } from '../edge/life.js';
import { itemsAtOnce, pass } from '../process/precedence.js';

/** Wraps every field that leads to objects, in place. For long operations. */
export function paceLists(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      if (!isCompositeType(getNamedType(field.type))) continue;
      const isList = isListType(getNullableType(field.type));
      const resolve = field.resolve ?? defaultFieldResolver;
      field.resolve = (source, args, context, info) => {
        const result = resolve(source, args, context, info);
        if (!lifeIn(context)?.isLong) return result;
        // A loader resolves many items at once, so the next step must wait for its slice.
        if (isPromise(result)) return result.then((value) => pass().then(() => (isList ? inTurns(value) : value)));
        return isList ? inTurns(result) : result;
      };
    }
  }
  return schema;
}

function inTurns(list: unknown): unknown {
  if (!Array.isArray(list) || list.length <= itemsAtOnce) return list;
  // An item that fails before its turn must not count as an unhandled rejection.
  for (const item of list) if (isPromise(item)) item.catch(() => {});
  const items = list.slice(0, itemsAtOnce);
  for (let at = itemsAtOnce; at < list.length; at += itemsAtOnce) {
    const turn = pass();
    for (const item of list.slice(at, at + itemsAtOnce)) items.push(turn.then(() => item));
  }
  return items;
}

const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof (value as Promise<unknown> | null | undefined)?.then === 'function';
