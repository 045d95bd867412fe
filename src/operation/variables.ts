/**
 * Coerces an operation's variables and checks page sizes and the formats of Danish numbers before anything is planned.
 * An error message names the argument and the expected form, but never the value: it may be somebody's CPR number.
 */
import {
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isListType,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  type ValueNode,
  valueFromAST,
  valueFromASTUntyped,
} from 'graphql';
import { pageOfCases } from '../../subgraphs/edge/parts.js';
import { declaredVariables } from '../../subgraphs/edge/variables.js';
import { cursorPosition, malformedCursor, maxPage } from '../../subgraphs/protocol/connection.js';
import { Fault } from '../../subgraphs/protocol/faults.js';
import { keptForm, malformed } from '../../subgraphs/protocol/scalars.js';
import type { IsOurs } from './conventions.js';
import { getOwn, isObject, type Json, type JsonObject, setOwn } from './json.js';
import type { FieldSelection, Selections } from './selection.js';

export interface Variables {
  /** As the caller gave them. These are sent to subgraphs. */
  readonly given: JsonObject;
  /** With default values. Conditions and checks use these. */
  readonly coerced: JsonObject;
}

/**
 * Returns a function that reads the variables of one operation. Everything that does not depend on the values is looked
 * up once. The function throws `BAD_USER_INPUT`.
 */
export function variableReader(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
): (given: JsonObject) => Variables {
  const read = declaredVariables(schema, operation, (type) => `expected a value that fits ${String(type)}.`);
  return (given) => {
    const coerced: JsonObject = {};
    const sent: JsonObject = {};
    for (const { name, type, ...one } of read(given)) {
      setOwn(coerced, name, (one.isSent ? one.coerced : valueFromAST(one.fallback, type)) as Json);
      if (one.isSent) setOwn(sent, name, one.value as Json);
    }
    return { given: sent, coerced };
  };
}

/** An argument whose value depends on variables. */
export interface LateArgument {
  readonly type: GraphQLInputType;
  readonly value: ValueNode;
  readonly name: string;
}

/**
 * Checks every argument with a literal value. Returns the others, which `checkArguments` must check for each request.
 */
export function lateArguments(
  selections: Selections,
  isOurs: IsOurs,
  seen: Set<Selections> = new Set(),
): LateArgument[] {
  // A part that occurs in many places is checked once.
  if (seen.has(selections)) return [];
  seen.add(selections);
  const type = selections.parent.name;
  return selections.items.flatMap((item) => {
    const own = item.kind === 'field' && isOurs(type, item.definition.name) ? argumentsIn(item) : [];
    return [...own, ...(item.selections ? lateArguments(item.selections, isOurs, seen) : [])];
  });
}

function argumentsIn(field: FieldSelection): LateArgument[] {
  return field.arguments.flatMap(({ name: { value: name }, value }) => {
    const type = field.definition.args.find((candidate) => candidate.name === name)?.type;
    if (!type) return [];
    if (hasVariable(value)) return [{ type, value, name }];
    checkValue(type, plainValue(value, {}), name);
    return [];
  });
}

/** Checks the arguments whose values depend on variables. Throws `BAD_USER_INPUT` or `PAGE_LIMIT`. */
export function checkArguments(late: readonly LateArgument[], variables: JsonObject): void {
  for (const { type, value, name } of late) checkValue(type, plainValue(value, variables), name);
}

function hasVariable(value: ValueNode): boolean {
  if (value.kind === Kind.LIST) return value.values.some(hasVariable);
  if (value.kind === Kind.OBJECT) return value.fields.some((field) => hasVariable(field.value));
  return value.kind === Kind.VARIABLE;
}

/** Returns the arguments of a field as plain values. The log stores them as the search criterion. */
export function argumentsOf(
  field: { readonly arguments: readonly { name: { value: string }; value: ValueNode }[] },
  variables: JsonObject,
): JsonObject {
  const values: JsonObject = {};
  for (const argument of field.arguments)
    setOwn(values, argument.name.value, plainValue(argument.value, variables) ?? null);
  return values;
}

/**
 * Returns the largest number of cases asked for, by response key of the connection. If two connections share a key, the
 * smaller number counts.
 */
export function pageSizes(selections: Selections, variables: JsonObject, found = new Map<string, number>()) {
  for (const item of selections.items) {
    const size =
      item.kind === 'field' ? pageOfCases(getNamedType(item.definition.type), argumentsOf(item, variables)) : undefined;
    if (item.kind === 'field' && size !== undefined) found.set(item.key, Math.min(size, found.get(item.key) ?? size));
    if (item.selections) pageSizes(item.selections, variables, found);
  }
  return found;
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
  const expected = malformed(scalar, keptForm(scalar, value));
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
