/** Turns the selection tree back into a GraphQL document for the planner. It contains only what may be fetched. */
import {
  type DirectiveNode,
  type DocumentNode,
  doTypesOverlap,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import { passedOn } from './directives.js';
import { alwaysHolds, type FieldSelection, fieldOf, type Selections, type TypedSelections } from './selection.js';

/**
 * Returns the document to plan. `null` if there is nothing to fetch: all fields were denied, or only type names were
 * asked for.
 */
export const fetchDocument = (
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  selections: Selections,
  interfaceObjects: ReadonlySet<string>,
): DocumentNode | null =>
  documentOf(operation, (used) =>
    nodesOf({ schema, used, interfaceObjects, at: 'root' }, selections, selections.parent),
  );

/** Returns a document with the introspection fields. `null` if there are none. */
export const introspectionDocument = (
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  selections: Selections,
): DocumentNode | null =>
  documentOf(operation, (used) =>
    nodesOf(
      { schema, used, interfaceObjects: new Set(), at: 'introspection' },
      { parent: selections.parent, items: metaFields(selections) },
      selections.parent,
    ),
  );

function documentOf(
  operation: OperationDefinitionNode,
  select: (used: Set<string>) => SelectionNode[],
): DocumentNode | null {
  const used = new Set<string>();
  const selections = select(used);
  if (selections.length === 0) return null;
  return {
    kind: Kind.DOCUMENT,
    definitions: [
      {
        kind: Kind.OPERATION_DEFINITION,
        operation: operation.operation,
        ...(operation.name && { name: operation.name }),
        directives: withVariables(passedOn(operation.directives), used),
        variableDefinitions: (operation.variableDefinitions ?? []).filter((definition) =>
          used.has(definition.variable.name.value),
        ),
        selectionSet: { kind: Kind.SELECTION_SET, selections },
      },
    ],
  };
}

const metaFields = (selections: Selections): FieldSelection[] =>
  selections.items.flatMap((item) => {
    if (item.kind === 'fragment') return metaFields(item.selections);
    return item.definition.name === '__schema' || item.definition.name === '__type' ? [item] : [];
  });

interface Writing {
  readonly schema: GraphQLSchema;
  /** Variables found so far. */
  readonly used: Set<string>;
  /** Interfaces that some subgraph defines as an `@interfaceObject`. */
  readonly interfaceObjects: ReadonlySet<string>;
  readonly at: 'root' | 'object' | 'introspection';
}

/**
 * `parent` is the type of the current object. Inside a fragment it may be narrower than the fragment's type condition.
 */
function setOf(writing: Writing, selections: Selections, parent: GraphQLCompositeType): SelectionSetNode {
  const nodes = nodesOf(writing, selections, parent);
  // Ask an object for its type once, outside fragments, if the answer depends on the type. Also ask where all other
  // fields are denied: the answer still shows whether the object exists.
  const dependsOnType =
    isAbstractType(parent) && (nodes.some((node) => node.kind === Kind.INLINE_FRAGMENT) || namesType(selections));
  if (writing.at !== 'introspection' && (nodes.length === 0 || dependsOnType))
    nodes.unshift({ kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } });
  return { kind: Kind.SELECTION_SET, selections: nodes };
}

const namesType = (selections: Selections): boolean =>
  selections.items.some((item) =>
    item.kind === 'fragment' ? namesType(item.selections) : item.definition.name === '__typename',
  );

function nodesOf(writing: Writing, selections: Selections, parent: GraphQLCompositeType): SelectionNode[] {
  return selections.items.flatMap((item): SelectionNode[] => {
    if (item.kind === 'fragment') return fragmentNodes(writing, item, parent);
    const { name } = item.definition;
    const own = name.startsWith('__') && (name === '__typename' || writing.at === 'root');
    if (item.denied || (own && writing.at !== 'introspection')) return [];
    for (const argument of item.arguments) noteVariables(argument.value, writing.used);
    const type = getNamedType(fieldOf(writing.schema, parent, name).type);
    const key = writing.at === 'introspection' ? item.key : item.rawKey;
    const below: Writing = writing.at === 'root' ? { ...writing, at: 'object' } : writing;
    return [
      {
        kind: Kind.FIELD,
        name: { kind: Kind.NAME, value: name },
        ...(key !== name && { alias: { kind: Kind.NAME, value: key } }),
        arguments: item.arguments,
        directives: withVariables(item.directives, writing.used),
        ...(item.selections && isCompositeType(type) && { selectionSet: setOf(below, item.selections, type) }),
      },
    ];
  });
}

/**
 * Drops a type condition that always holds, and drops a fragment whose condition never holds. The planner cannot plan
 * the former on an `@interfaceObject` ("We should have an edge from …"), and it merges the rest better without them.
 */
function fragmentNodes(
  writing: Writing,
  { selections, directives }: TypedSelections,
  parent: GraphQLCompositeType,
): SelectionNode[] {
  const condition = selections.parent;
  const own = writing.at === 'introspection' ? [] : withVariables(directives, writing.used);
  if (alwaysHolds(writing.schema, condition, parent)) {
    const nodes = nodesOf(writing, selections, parent);
    if (own.length === 0 || nodes.length === 0) return nodes;
    return [
      { kind: Kind.INLINE_FRAGMENT, directives: own, selectionSet: { kind: Kind.SELECTION_SET, selections: nodes } },
    ];
  }
  if (!doTypesOverlap(writing.schema, condition, parent)) return [];
  return conditionsFor(writing, condition, parent).flatMap((type): SelectionNode[] => {
    const nodes = nodesOf(writing, selections, type);
    if (nodes.length === 0) return [];
    return [
      {
        kind: Kind.INLINE_FRAGMENT,
        typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: type.name } },
        directives: own,
        selectionSet: { kind: Kind.SELECTION_SET, selections: nodes },
      },
    ];
  });
}

/** On an `@interfaceObject` the planner supports conditions on object types only. */
function conditionsFor(
  { schema, interfaceObjects }: Writing,
  condition: GraphQLCompositeType,
  parent: GraphQLCompositeType,
): readonly GraphQLCompositeType[] {
  if (!isAbstractType(condition) || !isAbstractType(parent)) return [condition];
  if (!interfaceObjects.has(parent.name) && !interfaceObjects.has(condition.name)) return [condition];
  return schema.getPossibleTypes(condition).filter((type) => schema.isSubType(parent, type));
}

function withVariables(directives: readonly DirectiveNode[] = [], used: Set<string>): readonly DirectiveNode[] {
  for (const directive of directives)
    for (const argument of directive.arguments ?? []) noteVariables(argument.value, used);
  return directives;
}

function noteVariables(value: ValueNode, used: Set<string>): void {
  if (value.kind === Kind.VARIABLE) used.add(value.name.value);
  else if (value.kind === Kind.LIST) for (const item of value.values) noteVariables(item, used);
  else if (value.kind === Kind.OBJECT) for (const field of value.fields) noteVariables(field.value, used);
}
