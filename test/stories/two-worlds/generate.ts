/**
 * Random operations over the API schema: every root field, arguments from pools that hold what exists in one world only,
 * aliases, fragments on interfaces, unions and objects, `@skip` and `@include`, and `_entities` for the subgraphs.
 *
 * `Draw` is the only source of chance, so that one seed makes one operation.
 */
import {
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
} from 'graphql';

/** A whole number from 0 up to but not including `below`. */
export type Draw = (below: number) => number;

/** Values by what they are good for; each holds some that exist in both worlds, in one, and in none. */
export interface Pools {
  readonly cpr: readonly string[];
  readonly id: readonly string[];
  readonly caseId: readonly string[];
  readonly caseNumber: readonly string[];
  readonly compartment: readonly string[];
  readonly grantId: readonly string[];
  readonly citizenId: readonly string[];
  readonly employeeId: readonly string[];
  readonly cursor: readonly string[];
  readonly word: readonly string[];
}

export interface Operation {
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

/** Fields left out, with the reason. */
const leftOut: Readonly<Record<string, string>> = {
  'Mutation.signOut': 'ends the session that the next operations need',
  'Mutation.signOutEverywhere': 'ends the sessions that the next operations need',
  'Mutation.linkLegacyAccount': 'locks the persona and everybody else here out after three guesses',
  'Mutation.actFor': 'changes what the persona may see for the operations after it',
  'Mutation.actIn': 'changes what the persona may see for the operations after it',
};

/** `kind`: by default mostly queries. `leftOut`: further fields, by coordinate. */
export function operation(
  schema: GraphQLSchema,
  pools: Pools,
  draw: Draw,
  { kind, leftOut = [] }: { readonly kind?: 'query' | 'mutation'; readonly leftOut?: readonly string[] } = {},
): Operation {
  const isMutation = kind ? kind === 'mutation' : draw(5) === 0;
  const root = isMutation ? schema.getMutationType()! : schema.getQueryType()!;
  const state = { conditions: [] as string[], fields: 0, leftOut: new Set(leftOut) };
  const body = selectionSet(schema, pools, draw, root, 0, state, isMutation ? 1 : 1 + draw(2));
  const variables = Object.fromEntries(state.conditions.map((name, index) => [name, index % 2 === draw(2)]));
  const definitions = state.conditions.map((name) => `$${name}: Boolean!`).join(', ');
  return {
    query: `${isMutation ? 'mutation' : 'query'} Random${definitions && `(${definitions})`} ${body}`,
    variables,
  };
}

/** Chance without chance: the same numbers for the same seed. */
export function seeded(seed: number): Draw {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** An `_entities` query for one subgraph, as somebody inside the network would guess it. */
export function entities(
  keys: readonly string[],
  draw: Draw,
  pools: Pools,
  fieldsOf: Readonly<Record<string, string>>,
): Operation {
  const type = pick(keys, draw);
  const representations = Array.from({ length: 1 + draw(3) }, () => ({
    __typename: type,
    ...(type === 'Municipality'
      ? { code: '0999' }
      : { id: pick(type === 'Case' ? pools.caseId : type === 'Compartment' ? pools.compartment : pools.id, draw) }),
  }));
  return {
    query: `query($r: [_Any!]!) { _entities(representations: $r) { __typename ... on ${type} ${fieldsOf[type] ?? '{ __typename }'} } }`,
    variables: { r: representations },
  };
}

interface State {
  conditions: string[];
  fields: number;
  readonly leftOut: ReadonlySet<string>;
}

const maxDepth = 7;
const maxFields = 40;

function selectionSet(
  schema: GraphQLSchema,
  pools: Pools,
  draw: Draw,
  parent: GraphQLCompositeType,
  depth: number,
  state: State,
  wanted: number,
): string {
  const parts: string[] = [];
  const names = new Set<string>();
  const candidates =
    'getFields' in parent
      ? Object.values(parent.getFields()).filter(({ name }) => {
          const coordinate = `${parent.name}.${name}`;
          return !leftOut[coordinate] && !state.leftOut.has(coordinate);
        })
      : [];
  for (let index = 0; index < wanted && candidates.length > 0 && state.fields < maxFields; index += 1) {
    const field = weighted(candidates, draw, depth);
    if (depth >= maxDepth && isCompositeType(getNamedType(field.type))) continue;
    const alias = draw(6) === 0 ? `a${draw(3)}` : '';
    const key = alias || field.name;
    // One key twice with other arguments would not be a valid operation.
    if (names.has(key)) continue;
    names.add(key);
    state.fields += 1;
    parts.push(`${alias && `${alias}: `}${fieldText(schema, pools, draw, field, depth, state)}`);
  }
  if (isAbstractType(parent)) {
    for (const type of schema.getPossibleTypes(parent)) {
      if (draw(2) === 0)
        parts.push(
          `... on ${type.name}${condition(draw, state)} ${selectionSet(schema, pools, draw, type, depth + 1, state, 2)}`,
        );
    }
  } else if (isObjectType(parent) && depth > 0 && draw(8) === 0) {
    const inner = candidates.filter((field) => !isCompositeType(getNamedType(field.type)) && field.args.length === 0);
    if (inner.length > 0) parts.push(`...${condition(draw, state)} { ${pick(inner, draw).name} }`);
  }
  if (parts.length === 0 || draw(6) === 0) parts.push('__typename');
  return `{ ${parts.join(' ')} }`;
}

function fieldText(
  schema: GraphQLSchema,
  pools: Pools,
  draw: Draw,
  field: GraphQLField<unknown, unknown>,
  depth: number,
  state: State,
): string {
  const chosen = field.args.filter(
    (argument) => isNonNullType(argument.type) || draw(argument.name === 'after' ? 4 : 2) === 0,
  );
  // A cursor belongs to an order; those of the pool mostly to the one that holds when none is said.
  const paging = chosen.some((argument) => argument.name === 'after') && draw(4) !== 0;
  const given = chosen.filter((argument) => !(paging && argument.name === 'orderBy'));
  const args = given.map(
    (argument) => `${argument.name}: ${valueText(argument.type, argument, pools, draw, field.name)}`,
  );
  if (field.name === 'citizens' && draw(5) !== 0) {
    // Without a criterion most callers are refused, and nothing is compared.
    const criterion = pick(
      ['nameContains: "nsen"', 'street: "Møll"', `cpr: ${JSON.stringify(pick(pools.cpr, draw))}`],
      draw,
    );
    args.splice(0, args.length, ...args.filter((arg) => !arg.startsWith('filter')), `filter: { ${criterion} }`);
  }
  const type = getNamedType(field.type);
  const below = isCompositeType(type)
    ? ` ${selectionSet(schema, pools, draw, type, depth + 1, state, 1 + draw(4))}`
    : '';
  return `${field.name}${args.length > 0 ? `(${args.join(', ')})` : ''}${condition(draw, state)}${below}`;
}

function condition(draw: Draw, state: State): string {
  if (draw(10) !== 0) return '';
  const directive = draw(2) === 0 ? '@skip' : '@include';
  if (draw(2) === 0) return ` ${directive}(if: ${draw(2) === 0})`;
  const name = `c${state.conditions.length}`;
  state.conditions.push(name);
  return ` ${directive}(if: $${name})`;
}

function valueText(
  type: GraphQLInputType,
  argument: Pick<GraphQLArgument, 'name'>,
  pools: Pools,
  draw: Draw,
  context: string,
): string {
  if (isNonNullType(type)) return valueText(type.ofType, argument, pools, draw, context);
  if (isListType(type))
    return `[${Array.from({ length: 1 + draw(2) }, () => valueText(type.ofType, argument, pools, draw, context)).join(', ')}]`;
  if (isEnumType(type)) return pick(type.getValues(), draw).name;
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter((field) => isNonNullType(field.type) || draw(3) === 0);
    return `{${fields.map((field) => `${field.name}: ${valueText(field.type, field, pools, draw, context)}`).join(', ')}}`;
  }
  const quoted = (values: readonly string[]) => JSON.stringify(pick(values, draw));
  const name = argument.name.toLowerCase();
  switch (type.name) {
    case 'Boolean':
      return String(draw(2) === 0);
    case 'Int':
    case 'Float':
      return String(pick([0, 1, 2, 3, 5, 20, 100, 500], draw));
    case 'CPR':
      return quoted(pools.cpr);
    case 'ID':
      if (/case/.test(context.toLowerCase()) && name === 'id') return quoted(pools.caseId);
      if (name === 'case') return quoted(pools.caseId);
      if (/citizen|party/.test(name)) return quoted(pools.citizenId);
      if (/actor|employee|handler|holder|colleague/.test(name)) return quoted(pools.employeeId);
      if (name === 'grant' || (name === 'id' && context === 'grant')) return quoted(pools.grantId);
      if (name === 'compartment') return quoted(pools.compartment);
      return quoted(pools.id);
    case 'KLE':
      return quoted(['34.10.30', '32.45.04', '27.51.04', '32.*', '34.*', '27.24.*', '32.03.12']);
    case 'Date':
      return quoted(['2024-01-01', '2025-06-30', '2026-03-01', '2026-10-31']);
    case 'DateTime':
      return quoted(['2026-10-05T00:00:00Z', '2026-10-20T12:00:00Z', '2026-11-02T08:00:00.500Z']);
    case 'CVR':
      return quoted(['11111111', '22222222']);
    case 'PNumber':
      return quoted(['1000000009']);
    case 'MunicipalityCode':
      return quoted(['0999', '0101']);
    case 'JSON':
      return '{}';
    default:
      if (name === 'code') return quoted(['0999', '101']);
      if (name === 'after') return quoted(pools.cursor);
      if (name === 'reason') return quoted(['Needed for everyday work', 'x']);
      if (name === 'coordinate')
        return quoted(['Case.title', 'Query.case', 'Query.auditEntries', 'Citizen.address', 'Case.none']);
      if (name === 'number') return quoted(pools.caseNumber);
      return quoted(pools.word);
  }
}

/** Root fields through which most can be met, asked twice as often. */
const rich: ReadonlySet<string> = new Set(['citizen', 'citizens', 'case', 'cases', 'auditEntries', 'smdbForms']);

/** Fields that lead on are chosen more often near the root, so that operations get deep. */
function weighted(
  fields: readonly GraphQLField<unknown, unknown>[],
  draw: Draw,
  depth: number,
): GraphQLField<unknown, unknown> {
  if (depth === 0 && draw(2) === 0) {
    const richest = fields.filter((field) => rich.has(field.name));
    if (richest.length > 0) return pick(richest, draw);
  }
  const leading = fields.filter((field) => isCompositeType(getNamedType(field.type)));
  return leading.length > 0 && depth < 4 && draw(2) === 0 ? pick(leading, draw) : pick(fields, draw);
}

const pick = <Item>(items: readonly Item[], draw: Draw): Item => items[draw(items.length)]!;
