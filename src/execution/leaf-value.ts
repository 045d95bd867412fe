/** Checks whether a subgraph's value is valid for its scalar or enum. */
import { type GraphQLLeafType, isEnumType } from 'graphql';
import { isDigits, isWhole } from '../operation/digits.js';
import type { Json } from '../operation/json.js';

/** A built-in scalar, the values of an enum, or `any`: only the subgraph knows the values of a custom scalar. */
export type LeafKind = 'Int' | 'Float' | 'String' | 'Boolean' | 'ID' | 'any' | ReadonlySet<string>;

const enums = new WeakMap<GraphQLLeafType, ReadonlySet<string>>();

export function leafKind(type: GraphQLLeafType): LeafKind {
  if (isEnumType(type)) {
    const values = enums.get(type) ?? new Set(type.getValues().map(({ name }) => name));
    enums.set(type, values);
    return values;
  }
  switch (type.name) {
    case 'Int':
    case 'Float':
    case 'String':
    case 'Boolean':
    case 'ID':
      return type.name;
    default:
      return 'any';
  }
}

/** Whether a non-null value is valid for a leaf of this kind. */
export function isLeafOf(kind: LeafKind, value: Json): boolean {
  if (isDigits(value)) return kind === 'any' || kind === 'Float' || (kind === 'ID' && isWhole(value));
  switch (kind) {
    case 'String':
      return typeof value === 'string';
    case 'ID':
      return typeof value === 'string' || Number.isInteger(value);
    case 'Int':
      return Number.isInteger(value) && value === ((value as number) | 0);
    case 'Float':
      return typeof value === 'number';
    case 'Boolean':
      return typeof value === 'boolean';
    case 'any':
      return true;
    default:
      return typeof value === 'string' && kind.has(value);
  }
}
