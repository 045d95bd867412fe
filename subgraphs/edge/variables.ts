/** Reads the variables that an operation declares, at the gateway and at a room that is called directly. No message repeats a value. */
import {
  type ConstValueNode,
  coerceInputValue,
  type GraphQLInputType,
  type GraphQLSchema,
  isInputType,
  isNonNullType,
  type OperationDefinitionNode,
  typeFromAST,
} from 'graphql';
import { Fault } from '../protocol/faults.js';

/** A variable that has a value: the caller's, or the default in the text (`fallback`). */
export type DeclaredVariable = { readonly name: string; readonly type: GraphQLInputType } & (
  | { readonly isSent: true; readonly value: unknown; readonly coerced: unknown }
  | { readonly isSent: false; readonly fallback: ConstValueNode }
);

/**
 * Returns a function that reads the variables from what the caller gave. Everything that does not depend on the values is looked up
 * once. The function throws `BAD_USER_INPUT`. `expected` says what was expected of a value that does not fit.
 */
export function declaredVariables(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  expected: (type: GraphQLInputType, error: Error) => string,
): (given: Readonly<Record<string, unknown>>) => DeclaredVariable[] {
  const definitions = variableDefinitions.map(({ variable, type, defaultValue }) => ({
    name: variable.name.value,
    type: typeFromAST(schema, type as never),
    defaultValue,
  }));
  return (given) =>
    definitions.flatMap(({ name, type, defaultValue }): DeclaredVariable[] => {
      if (!isInputType(type)) throw new Fault('BAD_USER_INPUT', `Variable "$${name}": its type is no input type.`);
      const value = Object.hasOwn(given, name) ? given[name] : undefined;
      if (value === undefined) {
        if (defaultValue) return [{ name, type, isSent: false, fallback: defaultValue }];
        if (!isNonNullType(type)) return [];
        throw new Fault('BAD_USER_INPUT', `Variable "$${name}": a value of type ${String(type)} is required.`);
      }
      const coerced = coerceInputValue(value, type, (path, _value, error) => {
        throw new Fault('BAD_USER_INPUT', `Variable "${[`$${name}`, ...path].join('.')}": ${expected(type, error)}`);
      });
      return [{ name, type, isSent: true, value, coerced }];
    });
}
