/**
 * What a plan fetches. The planner leaves out what it takes for impossible: of a field that several subgraphs share it believes in
 * those types only that all of them know. A subgraph may answer with another all the same, and then nothing stands where
 * something was asked for. That must be told apart from a null, and by the plan alone: data may be missing for many reasons.
 */
import type { FetchNode, PlanNode } from '@apollo/query-planner';
import { type FieldNode, type GraphQLSchema, Kind, type SelectionSetNode } from 'graphql';
import { entitiesIn, fetchOperation, isOf, mapFetches, responseKey } from './fetch-nodes.js';

/** Whether some fetch asks for a key of objects of a type (an interface stands for itself), at a place given by raw keys. */
export type IsFetched = (place: readonly string[], type: string, key: string) => boolean;

/** Read from the plan when it is first asked for: nearly no answer needs it. */
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
  /** Where what it brings is written. */
  readonly place: readonly string[];
  readonly set: SelectionSetNode;
  /** Keys under which it brings what belongs under another. */
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
  // On the way to the place any type will do: what is asked of one of them only is rather believed than denied.
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

/** The fields that are asked of objects of a type; of any with `null`. */
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
