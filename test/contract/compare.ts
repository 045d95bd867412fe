/**
 * What it means that two executors agree.
 *
 * Data must be the same, byte for byte. Of errors, the *position* must be the same: the null that an error explains, or the object
 * whose unasked field failed. Known differences, each with a test of its own in differential.test.ts:
 *
 * 1. Stock merges repeated type conditions of one selection set, so its keys may come in another order than GraphQL
 *    prescribes. Ours must then be the order of graphql-js itself.
 * 2. It asks subgraphs in an order of its own where fragments overlap. Which of two fields whose nulls remove the same
 *    parent is blamed depends on that order; so only positions are compared, and each once.
 * 3. Stock names fields that the planner added (`@requires`, keys) in its paths; ours ends at their object.
 * 4. Stock counts representations and objects apart: where an object in a list had none, later errors are placed wrongly.
 * 5. The planner cannot plan some fragments on an `@interfaceObject`; ours does not hand it these.
 * 6. A call that fails as a whole has no path in stock, and one without list indices in ours.
 * 7. Stock loses fields of a fragment inside a fragment where the two are interfaces that do not know each other, if nobody asked
 *    for the type's name. Where data differ, both are asked again with it and must then agree.
 * 8. Stock plans what a condition excludes: it fetches it if it lies in another subgraph and reports its errors, and lacks
 *    what a field requires if that was excluded elsewhere. Where the two differ, stock is asked again without conditions.
 * 9. Stock forgets what an object is when a subgraph that knows it as an `@interfaceObject` answers after its owner. In the
 *    comparison that subgraph does not name types to stock.
 * 10. The planner is free to choose between subgraphs that resolve the same field, and chooses by what it is handed. While one
 *    of them is down the choice shows: not compared where the two made unequally many calls that failed.
 * 11. Where type conditions of one place ask different things, stock asks all objects for all of it: errors, nulls and values of what
 *    was not asked reach objects that it was not asked of. Such operations are compared with graphql-js instead (branches.test.ts).
 */
import { type ASTVisitor, type DocumentNode, execute, type GraphQLSchema, Kind, type ValueNode, visit } from 'graphql';
import { isObject, type Json, type JsonObject } from '../../src/operation/json.js';

type Path = readonly (string | number)[];

/** Where in the answer an error is felt. */
function position(data: Json | undefined, path: Path): string {
  let at: Json | undefined = data;
  const walked: (string | number)[] = [];
  for (const part of path) {
    if (at === null || at === undefined || typeof at !== 'object' || !Object.hasOwn(at, part)) break;
    walked.push(part);
    at = (at as JsonObject)[part];
  }
  return JSON.stringify(walked);
}

export const positions = (data: Json | undefined, paths: readonly Path[]): string[] => [
  ...new Set(paths.map((path) => position(data, path)).sort()),
];

export interface Trouble {
  readonly felt: readonly string[];
  readonly down: readonly string[];
}

/** The same as far as stock gets positions right in lists of entities (difference 4). */
export const upToLists = ({ felt, down }: Trouble): Trouble => {
  const cut = (path: Path) => path.slice(0, path.findIndex((part) => typeof part === 'number') >>> 0);
  return { felt: [...new Set(felt.map((one) => JSON.stringify(cut(JSON.parse(one)))))].sort(), down };
};

/** The same whatever the order of keys. */
export const unordered = (value: Json | undefined): string =>
  JSON.stringify(value, (_key, item) =>
    isObject(item) ? Object.entries(item).sort(([first], [second]) => (first < second ? -1 : 1)) : item,
  );

/** The operation with the name of every object's type: what stock needs against difference 7, and graphql-js for `inOrder`. */
export const withTypeNames = (document: DocumentNode): DocumentNode =>
  visit(document, {
    Field: (node) => (node.name.value === '__schema' || node.name.value === '__type' ? false : undefined),
    SelectionSet: {
      leave: (node) => ({
        ...node,
        selections: [{ kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }, ...node.selections],
      }),
    },
  });

/** The operation as its conditions leave it: what they exclude is gone, and so are they. */
export function withoutConditions(document: DocumentNode, variables: JsonObject): DocumentNode {
  const values = new Map(Object.entries(variables));
  const isTrue = (value: ValueNode | undefined) =>
    value?.kind === Kind.VARIABLE ? values.get(value.name.value) === true : value?.kind === Kind.BOOLEAN && value.value;
  return visit(document, {
    enter: (node) => {
      if (node.kind === Kind.VARIABLE_DEFINITION && node.defaultValue?.kind === Kind.BOOLEAN)
        values.set(node.variable.name.value, node.defaultValue.value);
      const conditions = 'directives' in node ? (node.directives ?? []) : [];
      if (conditions.length === 0) return undefined;
      const kept = conditions.every(
        (condition) => isTrue(condition.arguments?.[0]?.value) === (condition.name.value === 'include'),
      );
      return kept ? { ...node, directives: [] } : null;
    },
    leave: (node) =>
      node.kind === Kind.SELECTION_SET && node.selections.length === 0
        ? { ...node, selections: [{ kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }] }
        : undefined,
  } as ASTVisitor);
}

/**
 * An answer without what is null once types are named: where the owner of an `@interfaceObject` has lost an entity, its type is
 * missed only by those who ask for it.
 */
export function nulledAs(named: Json | undefined, value: Json): Json {
  if (named === null || named === undefined || value === null || typeof value !== 'object') return named ?? null;
  if (Array.isArray(value)) return value.map((item, index) => nulledAs((named as Json[])[index], item));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      nulledAs(Object.hasOwn(named as object, key) ? (named as JsonObject)[key] : null, item),
    ]),
  );
}

/** What graphql-js makes of an answer to `withTypeNames(document)`: the same values in the order it gives them. */
export async function inOrder(
  schema: GraphQLSchema,
  document: DocumentNode,
  variables: JsonObject,
  answer: JsonObject | null,
): Promise<Json> {
  if (answer === null) return null;
  const result = await execute({
    schema,
    document,
    variableValues: variables,
    rootValue: answer,
    fieldResolver: (source, _args, _context, info) =>
      Object.hasOwn(source, info.path.key) ? source[info.path.key] : null,
    typeResolver: (source) => source.__typename,
  });
  return JSON.parse(JSON.stringify(result.data ?? null));
}
