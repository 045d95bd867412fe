/**
 * Runs a query plan: sends its fetches, merges their answers into one raw tree, and notes what went wrong where. It
 * knows nothing of viewers: access was decided before planning, and is checked again when the response is completed.
 */
import type { FetchNode, PlanNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import { type GraphQLSchema, isObjectType } from 'graphql';
import { type Problem, problemsIn } from '../../subgraphs/protocol/faults.js';
import { getOwn, isObject, type Json, type JsonObject, mergeInto, setOwn } from '../operation/json.js';
import { isOf } from '../planning/fetch-nodes.js';
import { dropUnasked, type ResponseFilter, responseFilterOf } from './response-filter.js';

export interface SubgraphError {
  readonly message: string;
  readonly code: string | undefined;
  readonly service: string;
  /** Path in the raw tree. `undefined` if the subgraph gave none. */
  readonly path: readonly (string | number)[] | undefined;
  /** What is wrong with the input of a change, value by value. */
  readonly problems?: readonly Problem[];
}

interface RawError {
  readonly message?: unknown;
  readonly path?: unknown;
  readonly extensions?: { readonly code?: unknown; readonly problems?: unknown };
}

export interface SubgraphAnswer {
  readonly data?: Json | undefined;
  readonly errors?: readonly RawError[] | undefined;
}

/**
 * Sends one operation to one subgraph: the JSON of a GraphQL request, and the number of entities in it. Rejects if
 * there is no answer.
 */
export type Send = (service: string, body: string, entities: number) => Promise<SubgraphAnswer>;

/** Returns the answer if it is a GraphQL answer, and throws otherwise. */
export function usable(answer: SubgraphAnswer, service: string): SubgraphAnswer {
  if (answer.data === undefined && !Array.isArray(answer.errors))
    throw new Error(`${service}: the answer is no GraphQL answer`);
  return answer;
}

/**
 * The result of a fetch that was already made, and the representations (JSON) it was made for. `null` for a root fetch.
 */
export type Recorded = { readonly representations: readonly string[] | null } & (
  | { readonly answer: SubgraphAnswer }
  | { readonly failed: Error }
);

export interface PlanRun {
  readonly data: JsonObject;
  readonly errors: readonly SubgraphError[];
}

export const unavailable = 'SUBGRAPH_UNAVAILABLE';

/** An object of the raw tree and its path. */
interface RawPlace {
  readonly value: JsonObject;
  readonly path: readonly (string | number)[];
}

/**
 * Runs a plan. Resolves to the raw tree and the errors, with paths in that tree; never rejects for a failed fetch.
 * `recorded`: answers already received, which are not asked for again.
 */
export async function runPlan(
  schema: GraphQLSchema,
  root: PlanNode | undefined,
  variables: JsonObject,
  send: Send,
  recorded: ReadonlyMap<FetchNode, Recorded> = new Map(),
): Promise<PlanRun> {
  const data: JsonObject = {};
  const errors: SubgraphError[] = [];
  // Built for each run: cached with the plan they would double its size, and most plans are never run here.
  const askedBy = new Map<FetchNode, ResponseFilter>();
  const asked = (node: FetchNode): ResponseFilter => {
    const known = askedBy.get(node) ?? responseFilterOf(node.operation);
    askedBy.set(node, known);
    return known;
  };

  const run = async (node: PlanNode, places: () => RawPlace[], at: readonly (string | number)[]): Promise<void> => {
    switch (node.kind) {
      case 'Sequence':
        for (const child of node.nodes) await run(child, places, at);
        return;
      case 'Parallel':
        await Promise.all(node.nodes.map((child) => run(child, places, at)));
        return;
      case 'Flatten':
        return run(node.node, () => places().flatMap((place) => descend(place, node.path)), [...at, ...node.path]);
      case 'Fetch':
        return fetch(node, places(), at);
      default:
        // Conditions are resolved before planning, and `@defer` is not in the schema.
        throw new Error(`a plan with a ${node.kind} node cannot be run`);
    }
  };

  const fetch = async (node: FetchNode, places: RawPlace[], at: readonly (string | number)[]): Promise<void> => {
    if (places.length === 0) return;
    try {
      if (node.requires) await fetchEntities(node, node.requires, places);
      else await fetchRoot(node, places);
    } catch (error) {
      const path = at.filter((part) => part !== '@');
      // A failed root fetch fails every field that it was to bring.
      for (const failed of path.length > 0 ? [path] : [...asked(node).keys()].map((key) => [key]))
        errors.push({ message: (error as Error).message, code: unavailable, service: node.serviceName, path: failed });
    }
  };

  const fetchRoot = async (node: FetchNode, places: RawPlace[]) => {
    const answer = await ask(node, null, usedVariables(node, variables));
    for (const error of answer.errors ?? []) noteError(node, error, (path) => path);
    if (!isObject(answer.data)) return;
    rewrite(schema, node.outputRewrites, answer.data);
    for (const place of places) mergeInto(place.value, answer.data);
  };

  const fetchEntities = async (node: FetchNode, requires: QueryPlanSelectionNode[], places: RawPlace[]) => {
    // Equal representations are asked once: the same entity may occur in many places.
    const asked = new Map<string, { representation: JsonObject; places: RawPlace[] }>();
    for (const place of places) {
      const representation = represent(schema, place.value, requires);
      if (!representation?.__typename) continue;
      rewrite(schema, node.inputRewrites, representation);
      const key = JSON.stringify(representation);
      const group = asked.get(key) ?? { representation, places: [] };
      group.places.push(place);
      asked.set(key, group);
    }
    if (asked.size === 0) return;
    const groups = [...asked.values()];
    const answer = await ask(node, [...asked.keys()], {
      ...usedVariables(node, variables),
      representations: groups.map((group) => group.representation),
    });
    for (const error of answer.errors ?? []) {
      const index = Array.isArray(error.path) ? error.path[1] : undefined;
      const affected = typeof index === 'number' ? groups[index]?.places : undefined;
      if (affected) for (const place of affected) noteError(node, error, (path) => [...place.path, ...path.slice(2)]);
      else noteError(node, { ...error, path: undefined }, (path) => path);
    }
    if (!isObject(answer.data)) return;
    const entities = getOwn(answer.data, '_entities');
    if (!Array.isArray(entities) || entities.length !== groups.length)
      throw new Error('`_entities` is not a list of the length asked for');
    groups.forEach((group, index) => {
      const entity = entities[index];
      if (!isObject(entity)) return;
      for (const place of group.places) {
        const own = group.places.length > 1 ? structuredClone(entity) : entity;
        const type = place.value.__typename;
        if (!own.__typename && type) own.__typename = type;
        rewrite(schema, node.outputRewrites, own);
        mergeInto(place.value, own);
        // An object's type does not change. A subgraph that knows it as an `@interfaceObject` only names the interface.
        if (typeof type === 'string' && isObjectType(schema.getType(type))) place.value.__typename = type;
      }
    });
  };

  const ask = async (
    node: FetchNode,
    representations: readonly string[] | null,
    given: JsonObject,
  ): Promise<SubgraphAnswer> => {
    const known = recorded.get(node);
    const inHand = known && sameList(known.representations, representations) ? known : undefined;
    if (inHand && 'failed' in inHand) throw inHand.failed;
    const { operation: query, operationName } = node;
    const answer =
      inHand?.answer ??
      usable(
        await send(
          node.serviceName,
          JSON.stringify({ query, ...(operationName && { operationName }), variables: given }),
          representations?.length ?? 0,
        ),
        node.serviceName,
      );
    dropUnasked(answer.data, asked(node));
    return answer;
  };

  const noteError = (
    node: FetchNode,
    error: NonNullable<SubgraphAnswer['errors']>[number],
    toPlace: (path: readonly (string | number)[]) => readonly (string | number)[],
  ) => {
    const path = Array.isArray(error.path) ? toPlace(error.path as (string | number)[]) : undefined;
    const code = typeof error.extensions?.code === 'string' ? error.extensions.code : undefined;
    const problems = problemsIn(error.extensions);
    errors.push({
      ...{ message: String(error.message), code, service: node.serviceName, path },
      ...(problems && { problems }),
    });
  };

  if (root) await run(root, () => [{ value: data, path: [] }], []);
  return { data, errors };
}

/** Returns the objects below a place along a plan's path. `@` stands for every item of a list. */
function descend(place: RawPlace, path: readonly (string | number)[]): RawPlace[] {
  const found: RawPlace[] = [];
  const go = (value: Json | undefined, depth: number, at: (string | number)[]) => {
    if (value === null || value === undefined) return;
    if (Array.isArray(value)) {
      const rest = path[depth] === '@' ? depth + 1 : depth;
      for (const [index, item] of value.entries()) go(item, rest, [...at, index]);
      return;
    }
    if (depth === path.length) {
      if (isObject(value)) found.push({ value, path: at });
      return;
    }
    const key = String(path[depth]);
    if (isObject(value)) go(getOwn(value, key), depth + 1, [...at, key]);
  };
  go(place.value, 0, [...place.path]);
  return found;
}

/** Builds the representation by which a subgraph finds the entity. `null` if the object lacks a required field. */
function represent(
  schema: GraphQLSchema,
  source: JsonObject,
  requires: readonly QueryPlanSelectionNode[],
): JsonObject | null {
  const result: JsonObject = {};
  for (const selection of requires) {
    if (selection.kind === 'InlineFragment') {
      if (selection.typeCondition && !isOfType(schema, source, selection.typeCondition, false)) continue;
      const part = represent(schema, source, selection.selections);
      if (part === null) return null;
      mergeInto(result, part);
      continue;
    }
    // The planner gives no aliases here. An alias is the key of a stand-in (`planning/required-aliases.ts`).
    const { name, alias = name } = selection;
    const value = getOwn(source, alias);
    if (value === undefined) return null;
    setOwn(result, name, selection.selections ? representValue(schema, value, selection.selections) : value);
  }
  return result;
}

export function representValue(schema: GraphQLSchema, value: Json, requires: readonly QueryPlanSelectionNode[]): Json {
  if (Array.isArray(value)) return value.map((item) => representValue(schema, item, requires));
  return isObject(value) ? represent(schema, value, requires) : null;
}

const sameList = (one: readonly string[] | null, other: readonly string[] | null): boolean =>
  one === other || (one?.length === other?.length && one?.every((text, index) => text === other?.[index]) === true);

function usedVariables(node: FetchNode, variables: JsonObject): JsonObject {
  const used: JsonObject = {};
  for (const name of node.variableUsages ?? []) {
    const value = getOwn(variables, name);
    if (value !== undefined) setOwn(used, name, value);
  }
  return used;
}

function isOfType(schema: GraphQLSchema, object: JsonObject, condition: string, whenUnknown: boolean): boolean {
  const name = object.__typename;
  if (typeof name !== 'string') return whenUnknown;
  return isOf(schema, name, condition);
}

/** Applies the planner's rewrites to data in transit, for example for a key that has another name in one subgraph. */
function rewrite(schema: GraphQLSchema, rewrites: FetchNode['outputRewrites'], value: Json): void {
  for (const change of rewrites ?? []) {
    const path = change.path.slice(0, -1);
    const last = change.path.at(-1)!;
    eachAt(schema, value, path, (object) => {
      if (change.kind === 'ValueSetter') return setOwn(object, last, change.setValueTo);
      const moved = getOwn(object, last);
      if (moved === undefined || moved === null) return;
      delete object[last];
      setOwn(object, change.renameKeyTo, moved);
    });
  }
}

function eachAt(
  schema: GraphQLSchema,
  value: Json | undefined,
  path: readonly string[],
  change: (object: JsonObject) => void,
): void {
  if (Array.isArray(value)) {
    for (const item of value) eachAt(schema, item, path, change);
    return;
  }
  if (!isObject(value)) return;
  const [first, ...rest] = path;
  if (first === undefined) {
    change(value);
    return;
  }
  const condition = first.startsWith('... on ') ? first.slice('... on '.length) : undefined;
  if (condition === undefined) eachAt(schema, getOwn(value, first), rest, change);
  else if (isOfType(schema, value, condition, true)) eachAt(schema, value, rest, change);
}
