/**
 * An estate in five subgraphs, and the same estate in one piece: what a gateway makes of the five must be what graphql-js makes of the
 * one. Made for type conditions: interfaces, unions and an `@interfaceObject` above entities of other subgraphs, which have fields with
 * arguments, fields that must not be null, and fields of one type under several names.
 *
 * Every value, null and fault is drawn from (seed, kind and number of the thing, field, arguments) and from nothing else.
 */
import { Supergraph } from '@apollo/federation-internals';
import { buildSubgraphSchema } from '@apollo/subgraph';
import {
  buildSchema,
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLFieldResolver,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
  printSchema,
  validate,
} from 'graphql';
import type { SubgraphAnswer } from '../../src/execution/execute-plan.js';
import type { JsonObject } from '../../src/operation/json.js';
import { readSupergraph } from '../../src/supergraph/rules.js';
import { compose, type SubgraphRequest } from './supergraph.js';

export interface Estate {
  readonly seed: number;
  /** Of 1,000 fields, how many are null, throw. */
  readonly nulls: number;
  readonly faults: number;
}

const federation = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable",
  "@interfaceObject", "@requiresScopes"])`;

const buildings = `${federation}
type Query { buildings: [Building!]! building: Building things(first: Int = 3): [Thing] rows: [[Building]!] owned: [Owned!] }
interface Building @key(fields: "id") { id: ID! plan: Plan owner: Person next: Building name(upper: Boolean): String }
interface Owned { owner: Person }
type Barn implements Building & Owned @key(fields: "id") {
  id: ID! plan: Plan owner: Person next: Building name(upper: Boolean): String herd: Int spare: Plan tools: [Tool]
}
type Shed implements Building & Owned @key(fields: "id") {
  id: ID! plan: Plan owner: Person next: Building name(upper: Boolean): String damp: Int spare: Plan tools: [Tool]
}
type Silo implements Building @key(fields: "id") {
  id: ID! plan: Plan owner: Person next: Building name(upper: Boolean): String grain: String keeper: Person
}
type Tool implements Owned @key(fields: "id") { id: ID! owner: Person plan: Plan spare: Plan made: Thing name: String }
union Thing = Barn | Shed | Tool
type Plan @key(fields: "id") { id: ID! }
type Person @key(fields: "id") { id: ID! }`;

const plans = `${federation}
type Query { plan: Plan }
type Plan @key(fields: "id") {
  id: ID! drawn(scale: Int = 1): Int! redrawn(scale: Int): Int! alt: String credit: String note(of: [Int!]): String!
  author: Person checker: Person sheets: [Sheet!]!
}
union Sheet = Floor | Roof
type Floor { area(unit: String): Int! by: Person }
type Roof { area(unit: String): Int! by: Person pitch: Int! }
type Person @key(fields: "id") { id: ID! }`;

const people = `${federation}
type Query { people: [Person!] }
type Person @key(fields: "id") {
  id: ID! name: String! age(at: Int): Int! credit: String alt: String friends: [Person!] friend: Person
  secret: String @requiresScopes(scopes: [["secret"]])
}`;

/** Knows buildings only as buildings. */
const values = `${federation}
type Query { best: Building lots: [Lot!] }
type Building @interfaceObject @key(fields: "id") {
  id: ID! value(year: Int): Int! worth(year: Int): Int! label: String lot: Lot valuer: Person
}
type Lot @key(fields: "id") { id: ID! building: Building size(unit: String): Int! }
type Person @key(fields: "id") { id: ID! }`;

/** What others hand out, it knows more about. */
const works = `${federation}
type Lot @key(fields: "id") { id: ID! fence(high: Boolean): Int! gate: Int note: String }
type Tool @key(fields: "id") { id: ID! price(year: Int): Int! shop: Person }
type Barn @key(fields: "id") { id: ID! repair(year: Int): Int! worker: Person }
type Shed @key(fields: "id") { id: ID! repair(year: Int): Int! worker: Person paint: Int! }
type Person @key(fields: "id") { id: ID! }`;

const farmSdl: Readonly<Record<string, string>> = { buildings, plans, people, values, works };

interface Thing {
  readonly kind: string;
  readonly n: number;
}

const many = 9;
const buildingTypes = ['Barn', 'Shed', 'Silo'];
const kindOf = (type: string) => (buildingTypes.includes(type) ? 'Building' : type);
const typeOf = ({ kind, n }: Thing) => (kind === 'Building' ? buildingTypes[n % buildingTypes.length]! : kind);

function draw(below: number, ...of: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const char of of.join('|')) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % below;
}

/** `whole`: the estate in one piece, which alone knows what may stand where. */
const resolver =
  (whole: GraphQLSchema): GraphQLFieldResolver<Thing | undefined, Estate> =>
  (source, args, estate, { fieldName, parentType }) => {
    const { kind, n } = source ?? { kind: 'Query', n: 0 };
    if (fieldName === 'id') return `${kind}-${n}`;
    // Nobody here may have it.
    if (fieldName === 'secret') return null;
    const self = [estate.seed, kind, n, fieldName, JSON.stringify(args)];
    const known = whole.getType(parentType.name);
    const definition =
      known && 'getFields' in known
        ? (known.getFields()[fieldName] as { type: GraphQLOutputType } | undefined)
        : undefined;
    if (!definition) throw new Error(`${parentType.name}.${fieldName} is not of the estate`);
    const chance = draw(1000, ...self);
    if (chance < estate.faults) throw new Error(`no ${fieldName} of ${kind}-${n}`);
    if (chance < estate.faults + estate.nulls) return null;
    const drawn = (type: GraphQLOutputType, ...at: number[]): unknown => {
      if (isNonNullType(type)) return drawn(type.ofType, ...at);
      if (at.length > 0 && draw(1000, ...self, ...at, 'null') < estate.nulls) return null;
      if (isListType(type))
        return Array.from({ length: draw(4, ...self, ...at) }, (_, index) => drawn(type.ofType, ...at, index));
      const named = getNamedType(type);
      if (isObjectType(named) || isAbstractType(named)) {
        const types = isAbstractType(named) ? whole.getPossibleTypes(named).map(({ name }) => name) : [named.name];
        const chosen = types[draw(types.length, ...self, ...at, 'type')]!;
        const number = draw(many / 3, ...self, ...at, 'n');
        const offset = buildingTypes.indexOf(chosen);
        return { kind: kindOf(chosen), n: offset < 0 ? number : 3 * number + offset };
      }
      return named.name === 'Int' ? draw(1000, ...self, ...at) : `${fieldName} ${draw(1000, ...self, ...at)}`;
    };
    return drawn(definition.type);
  };

const thingOf = (id: string): Thing => {
  const [kind, n] = id.split('-');
  return { kind: kind!, n: Number(n) };
};

export interface Farm {
  readonly supergraphSdl: string;
  readonly schema: GraphQLSchema;
  ask(service: string, request: SubgraphRequest, estate: Estate): Promise<SubgraphAnswer>;
  /** As graphql-js answers it over the estate in one piece. */
  inOnePiece(document: DocumentNode, variables: JsonObject, estate: Estate): Promise<ExecutionResult>;
}

export function openFarm(): Farm {
  const supergraphSdl = compose(farmSdl);
  const supergraph = Supergraph.build(readSupergraph(supergraphSdl).document);
  const schema = buildSchema(printSchema(supergraph.apiSchema().toGraphQLJSSchema()));
  const fieldResolver = resolver(schema) as GraphQLFieldResolver<unknown, unknown>;
  const schemas = new Map(
    Object.entries(farmSdl).map(([name, sdl]) => {
      const typeDefs = parse(sdl);
      const entities = typeDefs.definitions.filter(
        (one) => 'directives' in one && one.directives?.some((directive) => directive.name.value === 'key'),
      );
      const resolvers = Object.fromEntries(
        entities.map((one) => [
          (one as { name: { value: string } }).name.value,
          { __resolveReference: ({ id }: { id: string }) => thingOf(id) },
        ]),
      );
      if (resolvers.Building) Object.assign(resolvers.Building, name === 'buildings' && { __resolveType: typeOf });
      return [name, buildSubgraphSchema({ typeDefs, resolvers: resolvers as never })];
    }),
  );
  const typeResolver = (value: unknown) => typeOf(value as Thing);
  return {
    supergraphSdl,
    schema,
    async ask(service, { query, variables }, estate) {
      const document = parse(query);
      const subgraph = schemas.get(service)!;
      const [invalid] = validate(subgraph, document);
      if (invalid) throw new Error(`${service} cannot answer ${query}: ${invalid.message}`);
      const variableValues = JSON.parse(JSON.stringify(variables ?? {}));
      const result = await execute({
        schema: subgraph,
        document,
        variableValues,
        contextValue: estate,
        fieldResolver,
        typeResolver,
      });
      return JSON.parse(JSON.stringify(result));
    },
    async inOnePiece(document, variableValues, estate) {
      return execute({ schema, document, variableValues, contextValue: estate, fieldResolver, typeResolver });
    },
  };
}
