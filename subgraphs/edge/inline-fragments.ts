/** Isolates one operation: reads its variables, inlines its fragments, and removes what `@skip` and `@include` leave out. */
import {
  type FragmentDefinitionNode,
  type GraphQLInputType,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql';
import { Fault } from '../protocol/faults.js';
import { declaredVariables } from './variables.js';

export type VariableValues = Readonly<Record<string, unknown>>;

/** The variables that the operation declares, as the caller gave them, or with their defaults. No message repeats a value. */
export function variablesOf(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  given: VariableValues,
): VariableValues {
  // Our own scalars say what they expected. GraphQL's messages quote the value.
  const expected = (type: GraphQLInputType, error: Error) =>
    error instanceof Fault ? error.message : `Expected a value that fits ${String(type)}.`;
  const values: Record<string, unknown> = Object.create(null);
  for (const { name, ...one } of declaredVariables(schema, operation, expected)(given))
    values[name] = one.isSent ? one.value : valueFromASTUntyped(one.fallback);
  return values;
}

/** The operation with its fragments inlined, and without selections that `@skip` and `@include` leave out. */
export function expanded(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  variables: VariableValues,
): OperationDefinitionNode {
  const holds = (node: SelectionNode, directive: string, otherwise: boolean): boolean => {
    const condition = node.directives?.find(({ name }) => name.value === directive)?.arguments?.[0]?.value;
    return condition ? valueFromASTUntyped(condition, variables as never) === true : otherwise;
  };
  const setOf = (set: SelectionSetNode): SelectionSetNode => ({
    kind: Kind.SELECTION_SET,
    selections: set.selections.flatMap((node): SelectionNode[] => {
      if (holds(node, 'skip', false) || !holds(node, 'include', true)) return [];
      if (node.kind === Kind.FIELD) {
        const { selectionSet, ...field } = node;
        return [{ ...field, directives: [], ...(selectionSet && { selectionSet: setOf(selectionSet) }) }];
      }
      if (node.kind === Kind.INLINE_FRAGMENT)
        return [{ ...node, directives: [], selectionSet: setOf(node.selectionSet) }];
      const { typeCondition, selectionSet } = fragments.get(node.name.value)!;
      return [{ kind: Kind.INLINE_FRAGMENT, typeCondition, selectionSet: setOf(selectionSet) }];
    }),
  });
  return { ...operation, directives: [], selectionSet: setOf(operation.selectionSet) };
}
