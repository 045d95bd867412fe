/**
 * Protects numbers in an operation's text that JavaScript cannot represent, such as `9007199254740993`. The planner
 * reads arguments as values and would write them as other numbers. So it plans with a variable in place of such an
 * argument, and the original argument is put back into the plan. Default values of variables are put back too.
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
  /** Puts the original arguments back into the plan. */
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
        // The variables that the planner itself adds are its representations.
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
