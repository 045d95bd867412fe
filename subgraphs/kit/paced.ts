/**
 * Long lists of a room, completed in slices: graphql-js completes a list of objects at one stretch, but items that are
 * promises it completes as they come. What is answered is the same.
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
import { lifeIn } from './life.js';
import { itemsAtOnce, Pace } from './precedence.js';

/** Wraps, in place, every field that yields a list of objects: for long operations. */
export function paceLists(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      if (!isListType(getNullableType(field.type)) || !isCompositeType(getNamedType(field.type))) continue;
      const resolve = field.resolve ?? defaultFieldResolver;
      field.resolve = (source, args, context, info) => {
        const result = resolve(source, args, context, info);
        if (!lifeIn(context)?.isLong) return result;
        return isPromise(result) ? result.then(paced) : paced(result);
      };
    }
  }
  return schema;
}

/** One clock for all lists that are completed meanwhile: however many there are, they share the stretch. */
const pace = new Pace();

function paced(list: unknown): unknown {
  if (!Array.isArray(list) || list.length <= itemsAtOnce) return list;
  // What fails before its turn has come must not count as a failure that nobody looks at.
  for (const item of list) if (isPromise(item)) item.catch(() => {});
  const items = list.slice(0, itemsAtOnce);
  let turn = Promise.resolve();
  for (let at = itemsAtOnce; at < list.length; at += itemsAtOnce) {
    turn = turn.then(() => (pace.isDue ? pace.rest() : undefined));
    const mine = turn;
    for (const item of list.slice(at, at + itemsAtOnce)) items.push(mine.then(() => item));
  }
  return items;
}

const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof (value as Promise<unknown> | null | undefined)?.then === 'function';
