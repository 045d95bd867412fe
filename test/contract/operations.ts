/**
 * Random valid operations over a schema, read off a tape of numbers: each choice takes the next one, an exhausted tape gives
 * 0, and 0 is always the smallest choice. So a shorter tape is a smaller operation, and fast-check shrinks by shortening it.
 *
 * Valid by construction: within one operation a response key means the same field, arguments and type wherever it is used,
 * except for leaves of one type in different object types, which GraphQL lets share a key.
 */
import fc from 'fast-check';
import {
  type GraphQLAbstractType,
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isUnionType,
  parse,
  validate,
} from 'graphql';
import type { Json, JsonObject } from '../../src/operation/json.js';

export interface RandomOperation {
  readonly query: string;
  readonly variables: JsonObject;
}

/** Legal as aliases, and each a trap for whoever reads properties without asking whose they are. */
const traps = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'then', 'length'];

export const operations = (schema: GraphQLSchema): fc.Arbitrary<RandomOperation> =>
  fc
    .uint8Array({ minLength: 8, maxLength: 420, size: 'max' })
    .map((tape) => operationFrom(schema, tape))
    .filter((operation) => operation !== undefined) as fc.Arbitrary<RandomOperation>;

/**
 * The same with *clashes*: in type conditions that exclude each other one response key stands for fields with other names, arguments
 * and selections. What GraphQL does not allow after all is left out.
 */
export const clashingOperations = (schema: GraphQLSchema): fc.Arbitrary<RandomOperation> =>
  fc
    .uint8Array({ minLength: 40, maxLength: 160, size: 'max' })
    .map((tape) => operationFrom(schema, tape, true))
    .filter(
      (operation) => operation !== undefined && validate(schema, parse(operation.query)).length === 0,
    ) as fc.Arbitrary<RandomOperation>;

interface Use {
  /** Types of the objects on the way to it: those of other places are no matter. */
  readonly way: Way;
  readonly parent: string;
  readonly parentIsObject: boolean;
  readonly means: string;
  readonly type: string;
  readonly leaf: boolean;
}

/** From the root to a place: response keys, and the narrowest type that a condition says of the object there. */
type Way = readonly { readonly key: string; readonly type: GraphQLCompositeType }[];

const samePlace = (one: Way, other: Way): boolean =>
  one.length === other.length && one.every(({ key }, at) => key === other[at]!.key);

/** Whether no object lies on both ways. */
const exclude = (one: Way, other: Way): boolean =>
  one.some(({ type }, at) => {
    const { type: against } = other[at]!;
    return isObjectType(type) && isObjectType(against) && type !== against;
  });

function operationFrom(schema: GraphQLSchema, tape: ArrayLike<number>, clashes = false): RandomOperation | undefined {
  const [maxDepth, maxFields] = clashes ? [5, 24] : [6, 60];
  let position = 0;
  const below = (bound: number): number => (tape[position++] ?? 0) % bound;
  const chance = (percent: number): boolean => below(100) >= 100 - percent;
  const pick = <Item>(items: readonly Item[]): Item => items[below(items.length)]!;

  const uses = new Map<string, Use[]>();
  const variables: { name: string; declaration: string; type: string }[] = [];
  const values: JsonObject = {};
  const fragments: { name: string; type: GraphQLCompositeType; text: string; fields: number }[] = [];
  let fields = 0;
  let names = 0;
  const identified = chance(50);

  const selectionSet = (parent: GraphQLCompositeType, depth: number, way: Way): string => {
    const parts: string[] = [];
    const own = isUnionType(parent) ? [] : Object.values(parent.getFields());
    if (
      identified &&
      own.some((field) => field.name === 'id') &&
      free('id', parent, own.find((f) => f.name === 'id')!, 'id()', way)
    )
      parts.push('id');
    const wanted = 1 + below(depth === 0 ? 6 : 5);
    for (let at = 0; at < wanted && fields < maxFields; at += 1) {
      const kind = below(20);
      if (clashes && depth > 0 && kind % 2 === 1 && isAbstractType(parent)) parts.push(twins(parent, depth, way));
      else if (kind >= 16 && depth > 0) parts.push(fragment(parent, depth, way));
      else if (kind === 15) parts.push(`${alias('__typename', parent, undefined, '', way)}${conditions()}`);
      else if (kind === 14 && depth === 0 && parent === schema.getQueryType()) parts.push(introspection(way));
      else parts.push(field(parent, own, depth, way) ?? '__typename');
    }
    if (parts.length === 0) parts.push('__typename');
    return `{ ${parts.join(' ')} }`;
  };

  const field = (
    parent: GraphQLCompositeType,
    own: readonly GraphQLField<unknown, unknown>[],
    depth: number,
    way: Way,
  ): string | undefined => {
    const deep = depth + 1 < maxDepth && fields < maxFields;
    const usable = own.filter((candidate) => deep || !isCompositeType(getNamedType(candidate.type)));
    if (usable.length === 0) return undefined;
    const definition = pick(usable);
    fields += 1;
    const given = argumentsOf(definition.args);
    const name = alias(definition.name, parent, definition, given, way);
    const head = `${name}${given}${conditions()}`;
    const type = getNamedType(definition.type);
    if (!isCompositeType(type)) return head;
    return `${head} ${selectionSet(type, depth + 1, [...way, { key: name.split(':')[0]!, type }])}`;
  };

  const fragment = (parent: GraphQLCompositeType, depth: number, way: Way): string => {
    const style = below(4);
    const known = fragments.filter((one) => overlap(schema, one.type, parent) && fields + one.fields < maxFields);
    if (style === 3 && known.length > 0) {
      const again = pick(known);
      fields += again.fields;
      return `...${again.name}${conditions()}`;
    }
    if (style === 0) return `...${conditions()} ${selectionSet(parent, depth, way)}`;
    const type = pick(conditionsOn(schema, parent));
    const narrowed = isObjectType(type) && way.length > 0 ? [...way.slice(0, -1), { ...way.at(-1)!, type }] : way;
    if (style !== 2) return `... on ${type.name}${conditions()} ${selectionSet(type, depth, narrowed)}`;
    const before = fields;
    const text = selectionSet(type, Math.max(depth, 2), narrowed);
    names += 1;
    fragments.push({ name: `F${names}`, type, text, fields: fields - before });
    return `...F${names}${conditions()}`;
  };

  /** One field of two types, each with arguments and selections of its own. */
  const twins = (parent: GraphQLAbstractType, depth: number, way: Way): string => {
    const types = schema.getPossibleTypes(parent);
    const first = pick(types);
    const usable = (of: readonly GraphQLField<unknown, unknown>[]) => {
      const deep = of.filter(({ type }) => isCompositeType(getNamedType(type)));
      return deep.length > 0 && chance(70) ? deep : of;
    };
    const wanted = pick(usable(Object.values(first.getFields())));
    return [first, pick(types.filter((type) => type !== first || types.length === 1))]
      .map((type) => {
        const own = type.getFields()[wanted.name];
        const narrowed = [...way.slice(0, -1), { ...way.at(-1)!, type }];
        const text = field(type, own ? [own] : Object.values(type.getFields()), depth, narrowed) ?? '__typename';
        return `... on ${type.name}${conditions()} { ${text} }`;
      })
      .join(' ');
  };

  /** The response key: the field's own name, a trap or a fresh one, whichever is free to mean this. */
  const alias = (
    name: string,
    parent: GraphQLCompositeType,
    definition: GraphQLField<unknown, unknown> | undefined,
    given: string,
    way: Way,
  ): string => {
    const style = below(10);
    const means = `${name}${given || '()'}`;
    const wanted = style < 6 ? name : style < 8 && !clashes ? pick(traps) : `a${below(clashes ? 2 : 4)}`;
    if (free(wanted, parent, definition, means, way)) return wanted === name ? name : `${wanted}: ${name}`;
    names += 1;
    free(`b${names}`, parent, definition, means, way);
    return `b${names}: ${name}`;
  };

  const free = (
    key: string,
    parent: GraphQLCompositeType,
    definition: GraphQLField<unknown, unknown> | undefined,
    means: string,
    way: Way,
  ): boolean => {
    const use: Use = {
      way,
      parent: parent.name,
      parentIsObject: isObjectType(parent),
      means,
      type: String(definition?.type ?? 'String!'),
      leaf: !definition || !isCompositeType(getNamedType(definition.type)),
    };
    const known = uses.get(key) ?? [];
    const fits = known.every((other) =>
      clashes
        ? !samePlace(other.way, way) ||
          (other.type === use.type && (other.means === use.means || exclude(other.way, way)))
        : other.type === use.type &&
          (other.means === use.means ||
            (use.leaf && use.parentIsObject && other.parentIsObject && other.parent !== use.parent)),
    );
    if (fits) uses.set(key, [...known, use]);
    return fits;
  };

  const conditions = (): string => {
    if (!chance(12)) return '';
    const directive = pick(['include', 'skip']);
    const truth = chance(60) === (directive === 'include');
    if (chance(50)) return ` @${directive}(if: ${truth})`;
    names += 1;
    const name = `c${names}`;
    const byDefault = chance(30);
    variables.push({ name, type: 'Boolean', declaration: byDefault ? `Boolean! = ${truth}` : 'Boolean!' });
    if (!byDefault) values[name] = truth;
    return ` @${directive}(if: $${name})`;
  };

  const argumentsOf = (args: readonly GraphQLArgument[]): string => {
    const given = args.flatMap((argument) => {
      if (!isRequiredArgument(argument) && !chance(50)) return [];
      return [`${argument.name}: ${argumentValue(argument.type, isRequiredArgument(argument))}`];
    });
    return given.length > 0 ? `(${given.join(', ')})` : '';
  };

  const argumentValue = (type: GraphQLInputType, required: boolean): string => {
    const style = below(10);
    if (style < 6) return literal(type);
    names += 1;
    const name = `v${names}`;
    const written = required && !isNonNullType(type) ? `${type}!` : String(type);
    const byDefault = !isNonNullType(type) && !required && chance(30);
    variables.push({ name, type: written, declaration: byDefault ? `${written} = ${constant(type)}` : written });
    if (isNonNullType(type) || required || chance(70)) values[name] = plain(type);
    return `$${name}`;
  };

  const literal = (type: GraphQLInputType): string => {
    if (isNonNullType(type)) return literal(type.ofType);
    if (isInputObjectType(type)) {
      const parts = Object.values(type.getFields()).flatMap((input) => {
        if (!isRequiredInputField(input) && !chance(50)) return [];
        return [`${input.name}: ${argumentValue(input.type, isRequiredInputField(input))}`];
      });
      return `{${parts.join(', ')}}`;
    }
    if (isListType(type) && chance(60)) return `[${literal(type.ofType)}, ${argumentValue(type.ofType, false)}]`;
    return constant(type);
  };

  const constant = (type: GraphQLInputType): string => written(plain(type), type);

  const written = (value: Json, type: GraphQLInputType): string => {
    if (isNonNullType(type)) return written(value, type.ofType);
    if (Array.isArray(value))
      return `[${value.map((item) => written(item, isListType(type) ? type.ofType : type)).join(', ')}]`;
    if (isEnumType(type)) return String(value);
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    const inputs = isInputObjectType(type) ? type.getFields() : {};
    return `{${Object.entries(value)
      .map(([name, item]) => `${name}: ${written(item, inputs[name]?.type ?? type)}`)
      .join(', ')}}`;
  };

  const plain = (type: GraphQLInputType): Json => {
    if (isNonNullType(type)) return plain(type.ofType);
    if (isListType(type)) return Array.from({ length: 1 + below(3) }, () => plain(type.ofType));
    if (isEnumType(type)) return pick(type.getValues()).name;
    if (isInputObjectType(type)) {
      return Object.fromEntries(
        Object.values(type.getFields())
          .filter((input) => isRequiredInputField(input) || chance(50))
          .map((input) => [input.name, plain(input.type)]),
      );
    }
    switch (type.name) {
      case 'Int':
        return below(6);
      case 'Boolean':
        return chance(50);
      case 'ID':
        return `${pick(['p', 'm', 'u', 'r'])}${below(7)}`;
      case 'String':
        return pick(['a', 'b "quoted"', '']);
      default:
        return pick<Json>([1, 'x', true, { a: [1, null] }, [1, 2]]);
    }
  };

  const introspection = (way: Way): string => {
    fields += 1;
    const asked = pick(['__schema { queryType { name } }', '__type(name: "Product") { name kind fields { name } }']);
    return free(asked.slice(0, 6), schema.getQueryType()!, undefined, asked, way) ? asked : '__typename';
  };

  const kind = below(5) === 4 ? 'mutation' : 'query';
  const root = kind === 'mutation' ? schema.getMutationType() : schema.getQueryType();
  if (!root) return undefined;
  const body = selectionSet(root, 0, []);
  const declared = variables.map(({ name, declaration }) => `$${name}: ${declaration}`).join(', ');
  const query = [
    `${kind} Op${declared ? `(${declared})` : ''} ${body}`,
    ...fragments.map((one) => `fragment ${one.name} on ${one.type.name} ${one.text}`),
  ].join('\n');
  return { query, variables: values };
}

function conditionsOn(schema: GraphQLSchema, parent: GraphQLCompositeType): GraphQLCompositeType[] {
  return Object.values(schema.getTypeMap()).filter(
    (type): type is GraphQLCompositeType =>
      isCompositeType(type) && !type.name.startsWith('__') && overlap(schema, type, parent),
  );
}

function overlap(schema: GraphQLSchema, first: GraphQLCompositeType, second: GraphQLCompositeType): boolean {
  const types = (type: GraphQLCompositeType) => (isAbstractType(type) ? schema.getPossibleTypes(type) : [type]);
  return types(first).some((type) => types(second).includes(type));
}
