/** Isolates one operation: reads its variables, inlines its fragments, and removes what `@skip` and `@include` leave out. */
import {
  coerceInputValue,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  isInputType,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  typeFromAST,
  valueFromASTUntyped,
} from 'graphql';
import { Fault } from '../protocol/faults.js';

export type VariableValues = Readonly<Record<string, unknown>>;

/** The variables that the operation declares, with the caller's values or defaults. No message repeats a value. */
export function variablesOf(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  given: VariableValues,
): VariableValues {
  const values: Record<string, unknown> = Object.create(null);
  for (const { variable, type: node, defaultValue } of operation.variableDefinitions ?? []) {
    const name = variable.name.value;
    const type = typeFromAST(schema, node as never);
    if (!isInputType(type)) throw new Fault('BAD_USER_INPUT', `Variable "$${name}": its type is no input type.`);
    if (!Object.hasOwn(given, name)) {
      if (defaultValue) values[name] = valueFromASTUntyped(defaultValue);
      else if (isNonNullType(type))
        throw new Fault('BAD_USER_INPUT', `Variable "$${name}": a value of type ${String(type)} is required.`);
      continue;
    }
    coerceInputValue(given[name], type, (path, _value, error) => {
      // Our own scalars say what they expected. GraphQL's messages quote the value.
      const expected = error instanceof Fault ? error.message : `Expected a value that fits ${String(type)}.`;
      throw new Fault('BAD_USER_INPUT', `Variable "${[`$${name}`, ...path].join('.')}": ${expected}`);
    });
    values[name] = given[name];
  }
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
