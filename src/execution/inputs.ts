/**
 * What an operation was given: variables coerced, page sizes and the formats of Danish numbers checked before anything is
 * planned. A message names the argument and what was expected; never the value, which may be somebody's CPR number.
 */
import {
  coerceInputValue,
  type DocumentNode,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  type OperationDefinitionNode,
  typeFromAST,
  type ValueNode,
  valueFromAST,
  valueFromASTUntyped,
} from 'graphql';
import { cursorPosition, malformedCursor, maxPage } from '../../subgraphs/kit/connection.js';
import { Fault } from '../../subgraphs/kit/faults.js';
import { malformed } from '../../subgraphs/kit/scalars.js';
import { getOwn, isObject, type Json, type JsonObject, setOwn } from './own.js';
import type { Selections } from './selection.js';

export interface Variables {
  /** As the caller gave them; what is sent on to subgraphs. */
  readonly given: JsonObject;
  /** With defaults; what conditions and checks read. */
  readonly coerced: JsonObject;
}

export function coerceVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  given: JsonObject,
): Variables {
  const coerced: JsonObject = {};
  const sent: JsonObject = {};
  for (const definition of operation.variableDefinitions ?? []) {
    const name = definition.variable.name.value;
    const type = typeFromAST(schema, definition.type as never) as GraphQLInputType | undefined;
    if (!type || !isInputType(type))
      throw new Fault('BAD_USER_INPUT', `Variable "$${name}": its type is no input type.`);
    const value = getOwn(given, name);
    if (value === undefined) {
      if (definition.defaultValue) setOwn(coerced, name, valueFromAST(definition.defaultValue, type) as Json);
      else if (isNonNullType(type))
        throw new Fault('BAD_USER_INPUT', `Variable "$${name}": a value of type ${String(type)} is required.`);
      continue;
    }
    const result = coerceInputValue(value, type, (path) => {
      throw new Fault(
        'BAD_USER_INPUT',
        `Variable "${[`$${name}`, ...path].join('.')}": expected a value that fits ${String(type)}.`,
      );
    }) as Json;
    setOwn(coerced, name, result);
    setOwn(sent, name, value);
  }
  return { given: sent, coerced };
}

/** Checks every argument of every field that will be answered. */
export function checkArguments(selections: Selections, variables: JsonObject): void {
  for (const item of selections.items) {
    if (item.kind === 'field') {
      for (const argument of item.arguments) {
        const name = argument.name.value;
        const definition = item.definition.args.find((candidate) => candidate.name === name);
        if (definition) checkValue(definition.type, plainValue(argument.value, variables), name);
      }
    }
    if (item.selections) checkArguments(item.selections, variables);
  }
}

/** The arguments of a field as plain values: the search criterion that the log keeps. */
export function argumentsOf(
  field: { readonly arguments: readonly { name: { value: string }; value: ValueNode }[] },
  variables: JsonObject,
): JsonObject {
  const values: JsonObject = {};
  for (const argument of field.arguments)
    setOwn(values, argument.name.value, plainValue(argument.value, variables) ?? null);
  return values;
}

function checkValue(type: GraphQLInputType, value: Json | undefined, name: string): void {
  if (value === null || value === undefined) return;
  if (isNonNullType(type)) {
    checkValue(type.ofType, value, name);
    return;
  }
  if (isListType(type)) {
    for (const item of Array.isArray(value) ? value : [value]) checkValue(type.ofType, item, name);
    return;
  }
  if (isInputObjectType(type)) {
    if (!isObject(value)) return;
    for (const field of Object.values(type.getFields()))
      checkValue(field.type, getOwn(value, field.name), `${name}.${field.name}`);
    return;
  }
  const scalar = getNamedType(type).name;
  const expected = malformed(scalar, value);
  if (expected) throw new Fault('BAD_USER_INPUT', `Argument "${name}": expected ${scalar}, ${expected}.`);
  const own = name.split('.').at(-1);
  if (scalar === 'Int' && (own === 'first' || own === 'last') && ((value as number) < 0 || (value as number) > maxPage))
    throw new Fault('PAGE_LIMIT');
  if (scalar === 'String' && (own === 'after' || own === 'before') && !cursorPosition(value)) {
    throw new Fault('BAD_USER_INPUT', malformedCursor.replace('"after"', `"${name}"`));
  }
}

const plainValue = (node: ValueNode, variables: JsonObject): Json | undefined =>
  valueFromASTUntyped(node, variables as never) as Json | undefined;

export function operationOf(document: DocumentNode, name: string | undefined): OperationDefinitionNode | undefined {
  const operations = document.definitions.filter((definition) => definition.kind === 'OperationDefinition');
  return name
    ? operations.find((operation) => operation.name?.value === name)
    : operations.length === 1
      ? operations[0]
      : undefined;
}
