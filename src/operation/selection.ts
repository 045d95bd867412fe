/**
 * Represents an operation as a plain tree. Named fragments and `@skip`/`@include` are resolved, so later stages see
 * only fields and type conditions. The tree is what wall 1 filters, what the planner receives and what the response is
 * completed by.
 *
 * Terminology. A *hidden* field was not asked for: the gateway selects it for itself, to have a shielded object vouched
 * for or to learn whom an answer is about. A *denied* field was asked for and is answered with null without being
 * fetched.
 */
import {
  type ArgumentNode,
  type DirectiveNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
} from 'graphql';

import { fragmentDirectives, passedOn } from './directives.js';

/** Returns the response key under which a field is fetched. Different keys stay different. */
export type RawKey = (field: FieldNode) => string;

export interface FieldSelection {
  readonly kind: 'field';
  readonly key: string;
  /** The response key under which the field is fetched. Plans and the raw tree use it. */
  readonly rawKey: string;
  readonly definition: GraphQLField<unknown, unknown>;
  readonly arguments: readonly ArgumentNode[];
  /** Directives that are passed to subgraphs. */
  readonly directives?: readonly DirectiveNode[];
  readonly selections: Selections | null;
  readonly denied: boolean;
  readonly hidden: boolean;
}

export interface TypedSelections {
  readonly kind: 'fragment';
  readonly directives?: readonly DirectiveNode[];
  readonly selections: Selections;
}

export interface Selections {
  readonly parent: GraphQLCompositeType;
  readonly items: readonly (FieldSelection | TypedSelections)[];
  /**
   * Whether the fields asked for depend on the object's type in ways that an interface cannot represent
   * (`planning/branches.ts`).
   */
  readonly isSplit?: boolean;
}

/** Values of the variables used by `@skip` and `@include`. */
export type Conditions = Readonly<Record<string, boolean>>;

/** Builds the selection tree of an operation. `conditions` decides what `@skip` and `@include` leave out. */
export function selectionsOf(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  conditions: Conditions,
  rawKey: RawKey,
): Selections {
  // A fragment that is spread many times is one tree in many places, so everything derived from it is stored once.
  const known = new Map<SelectionSetNode, Selections>();
  const expand = (set: SelectionSetNode, parent: GraphQLCompositeType): Selections => {
    const before = known.get(set);
    if (before?.parent === parent) return before;
    const items: (FieldSelection | TypedSelections)[] = [];
    for (const node of set.selections) {
      if (!included(node.directives ?? [], conditions)) continue;
      if (node.kind === Kind.FIELD) {
        const definition = fieldOf(schema, parent, node.name.value);
        const type = getNamedType(definition.type);
        items.push({
          kind: 'field',
          key: node.alias?.value ?? node.name.value,
          rawKey: rawKey(node),
          definition,
          arguments: node.arguments ?? [],
          directives: passedOn(node.directives),
          selections: node.selectionSet && isCompositeType(type) ? expand(node.selectionSet, type) : null,
          denied: false,
          hidden: false,
        });
        continue;
      }
      const fragment = node.kind === Kind.FRAGMENT_SPREAD ? fragments.get(node.name.value) : node;
      const condition = fragment?.typeCondition?.name.value;
      const type = condition ? schema.getType(condition) : parent;
      if (!fragment || !isCompositeType(type)) continue;
      const directives = fragmentDirectives(schema, node, fragment);
      items.push({ kind: 'fragment', directives, selections: expand(fragment.selectionSet, type) });
    }
    const selections = { parent, items };
    known.set(set, selections);
    return selections;
  };
  return expand(operation.selectionSet, rootType(schema, operation));
}

/** Returns the names of all variables that `@skip` and `@include` use in the operation. */
export function conditionVariables(nodes: readonly (OperationDefinitionNode | FragmentDefinitionNode)[]): string[] {
  const names = new Set<string>();
  const visit = (set: SelectionSetNode) => {
    for (const node of set.selections) {
      for (const directive of node.directives ?? []) {
        const value = directive.arguments?.[0]?.value;
        if (isCondition(directive.name.value) && value?.kind === Kind.VARIABLE) names.add(value.name.value);
      }
      if (node.kind !== Kind.FRAGMENT_SPREAD && node.selectionSet) visit(node.selectionSet);
    }
  };
  for (const node of nodes) visit(node.selectionSet);
  return [...names];
}

/** One field of an object of a concrete type, merged from all selections with the same response key. */
export interface CollectedField {
  readonly key: string;
  readonly rawKey: string;
  readonly definition: GraphQLField<unknown, unknown>;
  readonly selections: Selections | null;
  readonly denied: boolean;
  readonly hidden: boolean;
}

/**
 * Returns the fields that an object of this concrete type is answered with, in order, one per response key. A hidden
 * field is separate from a field that was asked for under the same key.
 */
export function collect(schema: GraphQLSchema, selections: Selections, typeName: string): CollectedField[] {
  const fields = new Map<string, CollectedField>();
  const add = (set: Selections) => {
    for (const item of set.items) {
      if (item.kind === 'fragment') {
        if (applies(schema, item.selections.parent, typeName)) add(item.selections);
        continue;
      }
      // Keep hidden fields apart even if their key is asked for too: they are followed for the log and never answered.
      const slot = item.hidden ? `hidden ${item.key}` : item.key;
      const known = fields.get(slot);
      fields.set(slot, {
        key: item.key,
        rawKey: item.rawKey,
        definition: item.definition,
        selections: merged(known?.selections ?? null, item.selections),
        denied: (known?.denied ?? false) || item.denied,
        hidden: item.hidden,
      });
    }
  };
  add(selections);
  return [...fields.values()];
}

export const merged = (first: Selections | null, second: Selections | null): Selections | null =>
  first && second
    ? {
        parent: first.parent,
        items: [...first.items, ...second.items],
        ...((first.isSplit || second.isSplit) && { isSplit: true }),
      }
    : (first ?? second);

function applies(schema: GraphQLSchema, condition: GraphQLCompositeType, typeName: string): boolean {
  const type = schema.getType(typeName);
  return isCompositeType(type) && alwaysHolds(schema, condition, type);
}

/** Whether every object of `type` is also of type `condition`. */
export function alwaysHolds(
  schema: GraphQLSchema,
  condition: GraphQLCompositeType,
  type: GraphQLCompositeType,
): boolean {
  if (condition === type) return true;
  if (isInterfaceType(condition)) return !isUnionType(type) && schema.isSubType(condition, type);
  if (!isUnionType(condition)) return false;
  const members = isAbstractType(type) ? schema.getPossibleTypes(type) : [type];
  return members.every((member) => schema.isSubType(condition, member));
}

/**
 * Returns the definition of a field, including `__typename`, `__schema` and `__type`. Throws if the type has no such
 * field.
 */
export function fieldOf(
  schema: GraphQLSchema,
  parent: GraphQLCompositeType,
  name: string,
): GraphQLField<unknown, unknown> {
  if (name === '__typename') return TypeNameMetaFieldDef;
  if (parent === schema.getQueryType() && name === '__schema') return SchemaMetaFieldDef;
  if (parent === schema.getQueryType() && name === '__type') return TypeMetaFieldDef;
  const definition = 'getFields' in parent ? parent.getFields()[name] : undefined;
  if (!definition) throw new Error(`${parent.name}.${name} is not in the schema`);
  return definition;
}

function rootType(schema: GraphQLSchema, operation: OperationDefinitionNode): GraphQLCompositeType {
  const type = schema.getRootType(operation.operation);
  if (!type) throw new Error(`the schema has no ${operation.operation} type`);
  return type;
}

const isCondition = (directive: string) => directive === 'skip' || directive === 'include';

function included(
  directives: readonly { name: { value: string }; arguments?: readonly ArgumentNode[] }[],
  conditions: Conditions,
): boolean {
  return directives.every((directive) => {
    if (!isCondition(directive.name.value)) return true;
    const value = directive.arguments?.[0]?.value;
    const truth =
      value?.kind === Kind.VARIABLE
        ? conditions[value.name.value] === true
        : value?.kind === Kind.BOOLEAN && value.value;
    return directive.name.value === 'include' ? truth : !truth;
  });
}
