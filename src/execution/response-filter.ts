/**
 * Removes from a subgraph's answer what the fetch did not ask for, before the answer is merged. Otherwise a subgraph
 * could supply the field that vouches for a shielded case without having been asked for it.
 */
import { type FragmentDefinitionNode, Kind, parse, type SelectionSetNode } from 'graphql';
import { isObject, type Json } from '../operation/json.js';

export interface ResponseFilter extends Map<string, ResponseFilter | null> {}

/** Returns the filter for one fetch: response keys with what is asked below them. `null` for a leaf. */
export function responseFilterOf(operation: string): ResponseFilter {
  const { definitions } = parse(operation, { noLocation: true });
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  const collect = (set: SelectionSetNode | undefined, into: ResponseFilter): ResponseFilter => {
    for (const node of set?.selections ?? []) {
      if (node.kind === Kind.INLINE_FRAGMENT) collect(node.selectionSet, into);
      else if (node.kind === Kind.FRAGMENT_SPREAD) collect(fragments.get(node.name.value)?.selectionSet, into);
      else {
        const key = node.alias?.value ?? node.name.value;
        into.set(key, node.selectionSet ? collect(node.selectionSet, into.get(key) ?? new Map()) : null);
      }
    }
    return into;
  };
  const asked: ResponseFilter = new Map();
  for (const definition of definitions)
    if (definition.kind === Kind.OPERATION_DEFINITION) collect(definition.selectionSet, asked);
  return asked;
}

/** Deletes in place. Values below a leaf are not touched: a leaf may be JSON. */
export function dropUnasked(value: Json | undefined, asked: ResponseFilter): void {
  if (Array.isArray(value)) {
    for (const item of value) dropUnasked(item, asked);
    return;
  }
  if (!isObject(value)) return;
  for (const key of Object.keys(value)) {
    const below = asked.get(key);
    if (below === undefined) delete value[key];
    else if (below) dropUnasked(value[key], below);
  }
}
