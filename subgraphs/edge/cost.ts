/**
 * The highest cost that an operation may have, computed before it is planned and without any data. It uses the directives of the
 * GraphQL cost specification (IBM) as Federation 2.9 has them (`https://specs.apollo.dev/cost/v0.1`), and counts as Apollo Router
 * does.
 *
 * Terminology. The *weight* of a field is its `@cost`, or that of its type, or 1 for an object and 0 for a leaf. Its *size* is the
 * largest number of objects it yields: 1, or for a list what `@listSize` says. Its *cost* is size × (weight + cost of its selections)
 * + the weight of its arguments. For an abstract type the most expensive member counts. A mutation weighs 10 by default.
 *
 * Each selection set is counted once per type and size, however many fragments lead to it, so that nested fragments cannot make
 * counting slow.
 */

import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isInputObjectType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql';

import { Fault } from '../protocol/faults.js';
import { type Costs, type ListSize, unsized } from './cost-rules.js';

type ArgumentValues = Readonly<Record<string, unknown>>;

/** Number of objects that the sized fields of a connection yield, and the names of these fields. */
interface Sized {
  readonly fields: readonly string[];
  readonly size: number;
}

/**
 * Returns a function that computes the cost of one operation from its variables (coerced, with defaults). The last result is kept: a
 * call with the same values for the variables that matter is answered at once.
 */
export function costReader(
  schema: GraphQLSchema,
  costs: Costs,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): (variables: ArgumentValues) => number {
  let last: { readonly read: ReadonlyMap<string, unknown>; readonly cost: number } | null = null;
  return (variables) => {
    if (last && [...last.read].every(([name, value]) => variables[name] === value)) return last.cost;
    const read = new Map<string, unknown>();
    const cost = new Count(schema, costs, fragments, variables, read).operation(operation);
    // A list or an object would be compared by reference only, so such a result is not kept.
    last = [...read.values()].some((value) => typeof value === 'object' && value !== null) ? null : { read, cost };
    return cost;
  };
}

/** Throws `COST_LIMIT` if the cost is over the budget. A budget of `null` means no limit. */
export function refuseOver(budget: number | null, cost: number): void {
  if (budget === null || cost <= budget) return;
  // A larger number has no exact form in JSON.
  throw new Fault('COST_LIMIT', undefined, { cost: Math.min(cost, Number.MAX_SAFE_INTEGER), budget });
}

class Count {
  private readonly counted = new Map<SelectionSetNode, Map<string, number>>();

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly costs: Costs,
    private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>,
    private readonly variables: ArgumentValues,
    /** Every variable that was read, with its value. */
    private readonly read: Map<string, unknown>,
  ) {}

  operation({ operation, selectionSet }: OperationDefinitionNode): number {
    const root = this.schema.getRootType(operation);
    return root ? this.set(selectionSet, root, null) : 0;
  }

  private set(set: SelectionSetNode, type: GraphQLCompositeType, sized: Sized | null): number {
    return this.dearest(type, (member) => this.setOf(set, member, sized));
  }

  /** The cost of the most expensive member of an abstract type. */
  private dearest(type: GraphQLCompositeType, costOf: (member: GraphQLObjectType) => number): number {
    if (isObjectType(type)) return costOf(type);
    return this.schema.getPossibleTypes(type).reduce((most, member) => Math.max(most, costOf(member)), 0);
  }

  private setOf(set: SelectionSetNode, type: GraphQLObjectType, sized: Sized | null): number {
    const byType = this.counted.get(set) ?? new Map<string, number>();
    this.counted.set(set, byType);
    const key = sized ? `${type.name} ${sized.size} ${sized.fields.join()}` : type.name;
    const known = byType.get(key);
    if (known !== undefined) return known;
    // Validation refuses a fragment that contains itself. Here the walk only has to end.
    byType.set(key, 0);
    let cost = 0;
    // A fragment that is spread twice in one selection set is executed once.
    const spread = new Set<string>();
    for (const node of set.selections) {
      if (!this.isIncluded(node)) continue;
      if (node.kind === Kind.FIELD) cost += this.field(node, type, sized);
      else if (node.kind === Kind.INLINE_FRAGMENT) cost += this.part(node, type, sized);
      else if (!spread.has(node.name.value)) {
        spread.add(node.name.value);
        cost += this.part(this.fragments.get(node.name.value), type, sized);
      }
    }
    byType.set(key, cost);
    return cost;
  }

  private part(
    fragment:
      | (Pick<FragmentDefinitionNode, 'selectionSet'> & { typeCondition?: FragmentDefinitionNode['typeCondition'] })
      | undefined,
    type: GraphQLObjectType,
    sized: Sized | null,
  ): number {
    if (!fragment) return 0;
    const condition = fragment.typeCondition && this.schema.getType(fragment.typeCondition.name.value);
    const applies =
      !condition ||
      condition === type ||
      (isCompositeType(condition) && !isObjectType(condition) && this.schema.isSubType(condition, type));
    return applies ? this.setOf(fragment.selectionSet, type, sized) : 0;
  }

  private field(node: FieldNode, parent: GraphQLObjectType, sized: Sized | null): number {
    const definition = parent.getFields()[node.name.value];
    // `__typename` and introspection fields: no subgraph answers them.
    if (!definition) return 0;
    const coordinate = `${parent.name}.${definition.name}`;
    const listSize = this.said(this.costs.sizes, parent, definition.name);
    const expected = listSize ? this.expected(listSize, node, definition) : null;
    const given = sized?.fields.includes(definition.name) ? sized.size : null;
    const size = isListType(getNullableType(definition.type))
      ? (given ?? this.entities(node, definition, parent) ?? expected ?? unsized)
      : 1;
    const inside: Sized | null =
      listSize && expected !== null && listSize.sizedFields.length > 0
        ? { fields: listSize.sizedFields, size: expected }
        : null;
    return size * this.item(node, definition, parent, inside) + this.ofArguments(node, definition, coordinate);
  }

  /** Cost of one object or leaf of a field, with all selections below it. */
  private item(
    { selectionSet }: FieldNode,
    { name, type }: FieldDefinition,
    parent: GraphQLObjectType,
    inside: Sized | null,
  ) {
    const named = getNamedType(type);
    const below = (member: GraphQLCompositeType) => (selectionSet ? this.set(selectionSet, member, inside) : 0);
    const own =
      this.said(this.costs.weights, parent, name) ?? (parent === this.schema.getMutationType() ? 10 : undefined);
    if (!isCompositeType(named)) return own ?? this.costs.weights.get(named.name) ?? 0;
    if (own !== undefined) return own + below(named);
    return this.dearest(named, (member) => (this.costs.weights.get(member.name) ?? 1) + below(member));
  }

  /** What the cost rules say of a field, on its type or on one of its interfaces. */
  private said<Value>(of: ReadonlyMap<string, Value>, parent: GraphQLObjectType, field: string): Value | undefined {
    const types = [parent, ...parent.getInterfaces()];
    return types.map(({ name }) => of.get(`${name}.${field}`)).find((found) => found !== undefined);
  }

  /** Size of a list from its slicing arguments, or the assumed size if none is given. */
  private expected(
    { assumed, slicing, requireOne }: ListSize,
    node: FieldNode,
    { args, name }: FieldDefinition,
  ): number | null {
    const sizes = slicing.flatMap((path) => {
      const [argument, ...inner] = path.split('.');
      let value = this.argument(node, argument!) ?? args.find((one) => one.name === argument)?.defaultValue;
      for (const key of inner) value = (value as ArgumentValues | null | undefined)?.[key];
      return typeof value === 'number' ? [Math.max(0, value)] : [];
    });
    if (requireOne && slicing.length > 0 && sizes.length !== 1)
      throw new Fault(
        'BAD_USER_INPUT',
        `Field "${name}": expected exactly one of the arguments ${slicing.join(', ')}.`,
      );
    return sizes.length > 0 ? Math.max(...sizes) : assumed;
  }

  /** Federation's `_entities`: as many as there are representations. */
  private entities(node: FieldNode, { name }: FieldDefinition, parent: GraphQLObjectType): number | null {
    if (name !== '_entities' || parent !== this.schema.getQueryType()) return null;
    const asked = this.argument(node, 'representations');
    return Array.isArray(asked) ? asked.length : 1;
  }

  private ofArguments(node: FieldNode, { args }: FieldDefinition, coordinate: string): number {
    let cost = 0;
    for (const { name, type } of args) {
      const value = node.arguments?.some((one) => one.name.value === name) ? this.argument(node, name) : undefined;
      if (value !== undefined) cost += this.input(`${coordinate}(${name}:)`, type, value);
    }
    return cost;
  }

  private input(coordinate: string, type: GraphQLInputType, value: unknown): number {
    if (value === null || value === undefined) return 0;
    if (isListType(getNullableType(type)) && Array.isArray(value))
      return value.reduce((sum: number, item) => sum + this.input(coordinate, getNamedType(type), item), 0);
    const named = getNamedType(type);
    const own =
      this.costs.weights.get(coordinate) ?? this.costs.weights.get(named.name) ?? (isInputObjectType(named) ? 1 : 0);
    if (!isInputObjectType(named) || typeof value !== 'object') return own;
    return Object.values(named.getFields()).reduce(
      (sum, field) =>
        sum + this.input(`${named.name}.${field.name}`, field.type, (value as ArgumentValues)[field.name]),
      own,
    );
  }

  private argument(node: FieldNode, name: string): unknown {
    const given = node.arguments?.find((one) => one.name.value === name)?.value;
    if (!given) return undefined;
    if (given.kind === Kind.VARIABLE) return this.variable(given.name.value);
    return valueFromASTUntyped(given, this.everyVariable as never);
  }

  private variable(name: string): unknown {
    const value = Object.hasOwn(this.variables, name) ? this.variables[name] : undefined;
    this.read.set(name, value);
    return value;
  }

  /** The variables as an object that records which of them are read. */
  private readonly everyVariable = new Proxy(Object.create(null), {
    get: (_none, name) => (typeof name === 'string' ? this.variable(name) : undefined),
  });

  private isIncluded({ directives }: SelectionNode): boolean {
    return (directives ?? []).every(({ name: { value: name }, arguments: given }) => {
      if (name !== 'skip' && name !== 'include') return true;
      const condition = given?.[0]?.value;
      const holds =
        condition?.kind === Kind.VARIABLE
          ? this.variable(condition.name.value) === true
          : condition?.kind === Kind.BOOLEAN && condition.value;
      return name === 'include' ? holds : !holds;
    });
  }
}

type FieldDefinition = GraphQLField<unknown, unknown>;
