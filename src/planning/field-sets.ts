/**
 * Keeps the caller's response keys apart from the fields that the planner adds by itself: those of every `@key` and
 * `@requires`, under their own names. The planner takes anything under such a name for the field.
 *
 * Without this, `id: note` would lead to another entity, so that the owner vouches for one case while another is shown.
 * `price(currency: USD)` would be handed to a field that requires `price`.
 *
 * So a caller's key that equals such a name, but is not that plain field, is fetched under another key. Fields that are
 * required with arguments already have their own names by then (`required-aliases.ts`).
 */
import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldNode,
  type InterfaceTypeDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  visit,
} from 'graphql';
import { argument } from '../../subgraphs/edge/rules.js';
import type { RawKey } from '../operation/selection.js';

/** Names of the fields that the planner may add. */
export const addedNames = (supergraph: DocumentNode): ReadonlySet<string> =>
  new Set(fieldSets(supergraph).flatMap(({ set }) => allFields(set).map(({ name }) => name.value)));

/** Returns the function that chooses the raw key of every field of an operation. */
export function rawKeys(supergraph: DocumentNode): RawKey {
  const added = addedNames(supergraph);
  let prefix = 'own_';
  while ([...added].some((name) => name.startsWith(prefix))) prefix = `_${prefix}`;
  return ({ alias, name, arguments: given = [] }) => {
    const key = alias?.value ?? name.value;
    const isOther = key !== name.value || given.length > 0;
    // The raw tree stores an object's type under `__typename`. If a caller's alias could take that key, data could
    // choose its own type.
    const hidesType = key === '__typename' && name.value !== '__typename';
    // A key that looks like a changed one is changed too. Otherwise it could collide with another field's key.
    return hidesType || (isOther && added.has(key)) || key.startsWith(prefix) ? prefix + key : key;
  };
}

/**
 * Sorts resolvable keys first. To pass on required fields, the planner finds the entity by the first key of its type in
 * the subgraph, resolvable or not, and with an unresolvable key the subgraph finds nothing.
 */
export function resolvableKeysFirst(supergraph: DocumentNode): DocumentNode {
  const rank = (directive: ConstDirectiveNode) => (argument(directive, 'resolvable') === false ? 1 : 0);
  const sorted = <Type extends ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode>(type: Type): Type => ({
    ...type,
    directives: [...(type.directives ?? [])].sort((one, other) => rank(one) - rank(other)),
  });
  return visit(supergraph, { ObjectTypeDefinition: sorted, InterfaceTypeDefinition: sorted });
}

export interface FieldSet {
  /** Where the field set occurs: `Type` or `Type.field`. */
  readonly coordinate: string;
  /** The subgraph, by its name in the enum `join__Graph`. */
  readonly graph: unknown;
  readonly text: string;
  readonly set: SelectionSetNode;
}

const holdsFieldSet = new Set(['join__type.key', 'join__field.requires']);

/** Returns the field sets of every `@key` and `@requires` in the supergraph. */
export function fieldSets({ definitions }: DocumentNode): FieldSet[] {
  const found: FieldSet[] = [];
  const read = (coordinate: string, directives: readonly ConstDirectiveNode[] = []) => {
    for (const directive of directives)
      for (const { name, value } of directive.arguments ?? [])
        if (holdsFieldSet.has(`${directive.name.value}.${name.value}`) && value.kind === Kind.STRING)
          found.push({
            coordinate,
            graph: argument(directive, 'graph'),
            text: value.value,
            set: readFieldSet(value.value),
          });
  };
  for (const type of definitions) {
    if (type.kind !== Kind.OBJECT_TYPE_DEFINITION && type.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    read(type.name.value, type.directives);
    for (const field of type.fields ?? []) read(`${type.name.value}.${field.name.value}`, field.directives);
  }
  return found;
}

export function readFieldSet(text: string): SelectionSetNode {
  const [operation] = parse(`{${text}}`, { noLocation: true }).definitions;
  return (operation as OperationDefinitionNode).selectionSet;
}

/** Returns the fields at every depth. */
export function allFields(set: SelectionSetNode): FieldNode[] {
  const fields: FieldNode[] = [];
  visit(set, { Field: (field) => void fields.push(field) });
  return fields;
}
