/**
 * Splits fetches from an `@interfaceObject` by type. Such a subgraph is asked for its objects without a type condition,
 * so the planner asks of sheds what was asked of barns only. If that field is non-null and fails, sheds are lost
 * because of a field that nobody asked of them.
 *
 * The fetch becomes several: one for the fields asked of all objects, and one for each set of types that is asked for
 * more.
 */
import { isInterfaceObjectType, type Schema, type Subgraphs } from '@apollo/federation-internals';
import type { FetchNode, PlanNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  isAbstractType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import { argument } from '../../subgraphs/edge/rules.js';
import { entitiesIn, fetchOperation, isOf, mapFetches, responseKey, setOf, withSelections } from './fetch-nodes.js';
import { fieldsIn, selectionsAt } from './planned-fields.js';

/** Interfaces that some subgraph defines as an `@interfaceObject`. */
export function interfaceObjectsOf(supergraph: DocumentNode): ReadonlySet<string> {
  const found = new Set<string>();
  visit(supergraph, {
    InterfaceTypeDefinition({ name, directives = [] }) {
      if (directives.some((one) => one.name.value === 'join__type' && argument(one, 'isInterfaceObject') === true))
        found.add(name.value);
    },
  });
  return found;
}

/** `document` is the document that was planned. `added` are the names of the fields that the planner may have added. */
export function fetchesApart(
  schema: GraphQLSchema,
  subgraphs: Subgraphs,
  added: ReadonlySet<string>,
  document: DocumentNode,
  plan: PlanNode,
): PlanNode {
  const [asked] = document.definitions as readonly OperationDefinitionNode[];
  return mapFetches(plan, (fetch, place) => {
    const subgraph = subgraphs.get(fetch.serviceName)!.schema;
    if (!fetch.requires || !fetch.inputRewrites || !asksForInterfaceObject(subgraph, fetch)) return fetch;
    const [only, ...others] = apart(schema, added, asked!, fetch, place);
    return others.length === 0 ? only! : { kind: 'Parallel', nodes: [only!, ...others] };
  });
}

function apart(
  schema: GraphQLSchema,
  added: ReadonlySet<string>,
  { selectionSet }: OperationDefinitionNode,
  fetch: FetchNode,
  place: readonly string[],
): FetchNode[] {
  const types = typesAsked(schema, fetch);
  if (types.length < 2) return [fetch];
  const asked = selectionsAt(schema, selectionSet, place);
  const keysOf = new Map(types.map((type) => [type, new Set(fieldsIn(schema, asked, type).map(responseKey))]));
  const operation = fetchOperation(fetch);
  const entities = entitiesIn(operation);
  const groups = new Map<string, { types: readonly string[]; fields: Set<FieldNode> }>();
  for (const field of fieldsIn(schema, [entities.selectionSet!], null)) {
    const key = responseKey(field);
    const those = types.filter((type) => keysOf.get(type)!.has(key));
    // A field that nobody asked for is needed by the planner, for any of the types.
    const selectedOn = added.has(key) || key === '__typename' || those.length === 0 ? types : those;
    const name = selectedOn.join();
    const group = groups.get(name) ?? { types: selectedOn, fields: new Set() };
    groups.set(name, { ...group, fields: group.fields.add(field) });
  }
  if (groups.size < 2) return [fetch];
  return [...groups.values()].map((group) => {
    const selections = onlyThese(entities.selectionSet!, group.fields);
    const part = withSelections(fetch, operation, [{ ...entities, selectionSet: setOf(selections) }]);
    return group.types === types ? part : { ...part, requires: requiredOf(schema, fetch.requires!, group.types) };
  });
}

const asksForInterfaceObject = (subgraph: Schema, fetch: FetchNode): boolean =>
  entitiesIn(fetchOperation(fetch)).selectionSet!.selections.some((node) => {
    const type = node.kind === Kind.INLINE_FRAGMENT && subgraph.type(node.typeCondition?.name.value ?? '');
    return type && isInterfaceObjectType(type);
  });

/** Returns the object types whose entities a fetch asks for under an interface's name. */
function typesAsked(schema: GraphQLSchema, { requires, inputRewrites = [] }: FetchNode): string[] {
  if (!requires || !inputRewrites.some((one) => one.kind === 'ValueSetter' && one.path.at(-1) === '__typename'))
    return [];
  const types = new Set<string>();
  for (const one of requires) {
    const condition = one.kind === 'InlineFragment' ? schema.getType(one.typeCondition ?? '') : undefined;
    if (!condition) return [];
    for (const { name } of isAbstractType(condition) ? schema.getPossibleTypes(condition) : [condition])
      types.add(name);
  }
  return [...types];
}

function onlyThese({ selections }: SelectionSetNode, fields: ReadonlySet<FieldNode>): SelectionNode[] {
  return selections.flatMap((node): SelectionNode[] => {
    if (node.kind === Kind.FIELD) return fields.has(node) ? [node] : [];
    if (node.kind === Kind.FRAGMENT_SPREAD) return [];
    const inside = onlyThese(node.selectionSet, fields);
    return inside.length > 0 ? [{ ...node, selectionSet: setOf(inside) }] : [];
  });
}

const requiredOf = (
  schema: GraphQLSchema,
  requires: readonly QueryPlanSelectionNode[],
  types: readonly string[],
): QueryPlanSelectionNode[] =>
  types.flatMap((type) =>
    requires.flatMap((one) =>
      one.kind === 'InlineFragment' && isOf(schema, type, one.typeCondition!) ? [{ ...one, typeCondition: type }] : [],
    ),
  );
