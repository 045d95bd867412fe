/**
 * Numbers in the text of an operation that JavaScript cannot hold, such as `9007199254740993`: the planner reads arguments as values and
 * writes them as other numbers. So it plans with a variable in the place of such an argument, and the argument is put back as it
 * was written. Default values of variables are put back too.
 */
import type { PlanNode } from '@apollo/query-planner';
import {
  type ArgumentNode,
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parseType,
  TypeInfo,
  type ValueNode,
  type VariableDefinitionNode,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { isLongNumber } from '../operation/digits.js';
import { fetchOperation, mapFetches, withSelections } from './fetch-nodes.js';

export interface Plannable {
  readonly document: DocumentNode;
  /** The plan for the document as it was given. */
  restored(plan: PlanNode): PlanNode;
}

/** `given`: one operation without named fragments. */
export function withoutLongNumbers(schema: GraphQLSchema, given: DocumentNode): Plannable {
  if (!hasLongNumber(given)) return { document: given, restored: (plan) => plan };
  const [operation] = given.definitions as readonly OperationDefinitionNode[];
  const definitions = operation!.variableDefinitions ?? [];
  const names = new Set(definitions.map(({ variable }) => variable.name.value));
  let prefix = 'literal';
  while ([...names].some((name) => name.startsWith(prefix))) prefix += '_';
  const values = new Map<string, ValueNode>();
  const added: VariableDefinitionNode[] = [];
  const types = new TypeInfo(schema);
  const replaced = (node: ArgumentNode): ArgumentNode | undefined => {
    const type = types.getInputType();
    if (!type || !hasLongNumber(node.value)) return undefined;
    const variable = { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: `${prefix}${values.size}` } } as const;
    values.set(variable.name.value, node.value);
    added.push({ kind: Kind.VARIABLE_DEFINITION, variable, type: parseType(String(type)) });
    return { ...node, value: variable };
  };
  const [changed] = visit(given, visitWithTypeInfo(types, { Argument: replaced })).definitions;
  const { variableDefinitions = [] } = changed as OperationDefinitionNode;
  return {
    document: {
      kind: Kind.DOCUMENT,
      definitions: [
        { ...(changed as OperationDefinitionNode), variableDefinitions: [...variableDefinitions, ...added] },
      ],
    },
    restored: (plan) =>
      mapFetches(plan, (fetch) => {
        const planned = fetchOperation(fetch);
        const asGiven = visit(planned, { Variable: ({ name }) => values.get(name.value) });
        const own = (planned.variableDefinitions ?? []).filter(({ variable }) => !names.has(variable.name.value));
        // The planner's own are its representations.
        const known = [...own.filter(({ variable }) => !values.has(variable.name.value)), ...definitions];
        return withSelections(fetch, asGiven, asGiven.selectionSet.selections, known);
      }),
  };
}

function hasLongNumber(node: DocumentNode | ValueNode): boolean {
  let found = false;
  const look = ({ value }: { readonly value: string }) => {
    found ||= isLongNumber(value);
  };
  visit(node, { IntValue: look, FloatValue: look });
  return found;
}
