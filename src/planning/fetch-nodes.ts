/** Walks the fetches of a plan and makes changed ones. */
import type { FetchNode, PlanNode } from '@apollo/query-planner';
import {
  type FieldNode,
  type GraphQLSchema,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
  stripIgnoredCharacters,
  visit,
} from 'graphql';

/** Replaces every fetch by the result of `change`. `place` is where the fetch writes its data, as response keys. */
export function mapFetches(
  node: PlanNode,
  change: (fetch: FetchNode, place: readonly string[]) => PlanNode,
  place: readonly string[] = [],
): PlanNode {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return { ...node, nodes: node.nodes.map((child) => mapFetches(child, change, place)) };
    case 'Flatten': {
      const below = [...place, ...node.path.map(String).filter((key) => key !== '@')];
      return { ...node, node: mapFetches(node.node, change, below) };
    }
    case 'Fetch':
      return change(node, place);
    default:
      return node;
  }
}

/** Returns the operation of a fetch. It has no named fragments, because the planner gets none. */
export function fetchOperation({ operation }: FetchNode): OperationDefinitionNode {
  const [definition, ...others] = parse(operation, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION || others.length > 0)
    throw new Error('a fetch of the plan is not one operation');
  return definition;
}

/** Returns the fetch with other selections, and with the variables that those use. */
export function withSelections(
  fetch: FetchNode,
  operation: OperationDefinitionNode,
  selections: readonly SelectionNode[],
  variables = operation.variableDefinitions ?? [],
): FetchNode {
  const selectionSet = setOf(selections);
  const used = new Set<string>();
  visit(selectionSet, { Variable: ({ name }) => void used.add(name.value) });
  const variableDefinitions = variables.filter(({ variable }) => used.has(variable.name.value));
  return {
    ...fetch,
    operation: stripIgnoredCharacters(print({ ...operation, variableDefinitions, selectionSet })),
    variableUsages: variableDefinitions
      .map(({ variable }) => variable.name.value)
      .filter((name) => !fetch.requires || name !== 'representations'),
  };
}

export const setOf = (selections: readonly SelectionNode[]): SelectionSetNode => ({
  kind: Kind.SELECTION_SET,
  selections,
});

/** Returns the field whose selections an entity fetch makes on the entities. */
export const entitiesIn = ({ selectionSet }: OperationDefinitionNode): FieldNode =>
  selectionSet.selections[0] as FieldNode;

export const responseKey = ({ alias, name }: FieldNode): string => alias?.value ?? name.value;

/** Whether the type `name` is, or is a subtype of, `condition`. An interface may stand for its objects. */
export function isOf(schema: GraphQLSchema, name: string, condition: string): boolean {
  if (name === condition) return true;
  const type = schema.getType(name);
  const conditionType = schema.getType(condition);
  return (
    isAbstractType(conditionType) &&
    (isObjectType(type) || isInterfaceType(type)) &&
    schema.isSubType(conditionType, type)
  );
}
