/**
 * Finds out what a plan fetches. The planner leaves out what it considers impossible: for a field that several
 * subgraphs share, it expects only the types that all of them know. A subgraph may return another type all the same,
 * and then nothing has been fetched where something was asked for. That must be told apart from a null, and only the
 * plan can tell: data may be missing for many reasons.
 */
import type { FetchNode, PlanNode } from '@apollo/query-planner';
import { type FieldNode, type GraphQLSchema, Kind, type SelectionSetNode } from 'graphql';
import { entitiesIn, fetchOperation, isOf, mapFetches, responseKey } from './fetch-nodes.js';

/**
 * Whether some fetch asks for a key on objects of a type at a place given by raw keys. An interface stands for itself.
 */
export type IsFetched = (place: readonly string[], type: string, key: string) => boolean;

/** Reads the plan on first use: almost no response needs it. */
export function fetchedBy(schema: GraphQLSchema, plan: PlanNode | undefined): IsFetched {
  let fetches: Fetch[] | null = null;
  const known = new Map<string, boolean>();
  return (place, type, key) => {
    const name = JSON.stringify([place, type, key]);
    const before = known.get(name);
    if (before !== undefined) return before;
    fetches ??= plan ? fetchesOf(plan) : [];
    const found = fetches.some((fetch) => asks(schema, fetch, place, type, key));
    known.set(name, found);
    return found;
  };
}

interface Fetch {
  /** Where the fetched data is written. */
  readonly place: readonly string[];
  readonly set: SelectionSetNode;
  /** Keys that the fetch renames, with the keys that they become. */
  readonly renamed: ReadonlyMap<string, string>;
}

function fetchesOf(plan: PlanNode): Fetch[] {
  const found: Fetch[] = [];
  mapFetches(plan, (fetch, place) => {
    found.push(fetchOf(fetch, place));
    return fetch;
  });
  return found;
}

function fetchOf(node: FetchNode, place: readonly string[]): Fetch {
  const operation = fetchOperation(node);
  const renamed = new Map(
    (node.outputRewrites ?? []).flatMap((change) =>
      change.kind === 'KeyRenamer' ? [[String(change.path.at(-1)), change.renameKeyTo] as const] : [],
    ),
  );
  return { place, set: node.requires ? entitiesIn(operation).selectionSet! : operation.selectionSet, renamed };
}

function asks(schema: GraphQLSchema, fetch: Fetch, place: readonly string[], type: string, key: string): boolean {
  if (fetch.place.some((one, depth) => one !== place[depth])) return false;
  let sets: readonly SelectionSetNode[] = [fetch.set];
  // On the way to the place every type condition counts: in doubt, a field counts as fetched.
  for (const step of place.slice(fetch.place.length))
    sets = fieldsIn(schema, sets, null)
      .filter((field) => keyOf(fetch, field) === step)
      .flatMap(({ selectionSet }) => selectionSet ?? []);
  return fieldsIn(schema, sets, type).some((field) => keyOf(fetch, field) === key);
}

function keyOf({ renamed }: Fetch, field: FieldNode): string {
  const key = responseKey(field);
  return renamed.get(key) ?? key;
}

/** Returns the fields asked of objects of a type. `null`: of any type. */
export function fieldsIn(schema: GraphQLSchema, sets: readonly SelectionSetNode[], type: string | null): FieldNode[] {
  return sets.flatMap(({ selections }) =>
    selections.flatMap((node) => {
      if (node.kind === Kind.FIELD) return [node];
      if (node.kind !== Kind.INLINE_FRAGMENT) return [];
      const condition = node.typeCondition?.name.value;
      return condition === undefined || type === null || isOf(schema, type, condition)
        ? fieldsIn(schema, [node.selectionSet], type)
        : [];
    }),
  );
}

/** What is asked of the objects at a place, whatever their type. */
export const selectionsAt = (
  schema: GraphQLSchema,
  root: SelectionSetNode,
  place: readonly string[],
): readonly SelectionSetNode[] =>
  place.reduce<readonly SelectionSetNode[]>(
    (sets, key) =>
      fieldsIn(schema, sets, null)
        .filter((field) => responseKey(field) === key)
        .flatMap(({ selectionSet }) => selectionSet ?? []),
    [root],
  );
