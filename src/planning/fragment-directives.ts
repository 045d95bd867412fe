/**
 * Directives on fragments reach every subgraph that is asked for a field of the fragment. The planner keeps them in the fetch that
 * first comes to the fragment's objects. A later fetch, which finds these objects again by their key, begins without them, so they
 * are put around its fields here.
 *
 * Fields of objects further down are not the fragment's own: a directive on a fragment is sent, like one on a field, with what it
 * stands on.
 */
import type { PlanNode } from '@apollo/query-planner';
import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  isAbstractType,
  Kind,
  type OperationDefinitionNode,
  print,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import { entitiesIn, fetchOperation, isOf, mapFetches, responseKey, setOf, withSelections } from './fetch-nodes.js';
import { selectionsAt } from './planned-fields.js';

/** The directives of the fragments around a field, from the outside in. */
type Around = readonly (readonly DirectiveNode[])[];

/** `document` is what the plan was made for. */
export function withFragmentDirectives(schema: GraphQLSchema, document: DocumentNode, plan: PlanNode): PlanNode {
  if (!hasFragmentDirective(document)) return plan;
  const [asked] = document.definitions as readonly OperationDefinitionNode[];
  return mapFetches(plan, (fetch, place) => {
    if (!fetch.requires) return fetch;
    const operation = fetchOperation(fetch);
    const entities = entitiesIn(operation);
    const sets = selectionsAt(schema, asked!.selectionSet, place);
    const selections = wrapped(schema, sets, entities.selectionSet!.selections, null, []);
    const known = operation.variableDefinitions ?? [];
    const names = new Set(known.map(({ variable }) => variable.name.value));
    const more = (asked!.variableDefinitions ?? []).filter(({ variable }) => !names.has(variable.name.value));
    return withSelections(fetch, operation, [{ ...entities, selectionSet: setOf(selections) }], [...known, ...more]);
  });
}

function hasFragmentDirective(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    InlineFragment({ directives = [] }) {
      found ||= directives.length > 0;
    },
  });
  return found;
}

/** `type`: of which the fields are asked for; `given`: what is around them in the fetch already. */
function wrapped(
  schema: GraphQLSchema,
  asked: readonly SelectionSetNode[],
  selections: readonly SelectionNode[],
  type: string | null,
  given: Around,
): SelectionNode[] {
  const groups = new Map<string, { around: Around; nodes: SelectionNode[] }>();
  const add = (around: Around, node: SelectionNode) => {
    const name = textOf(around);
    const group = groups.get(name) ?? { around, nodes: [] };
    groups.set(name, group);
    group.nodes.push(node);
  };
  const before = new Set(given.map((directives) => textOf([directives])));
  for (const node of selections) {
    if (node.kind === Kind.FRAGMENT_SPREAD) add([], node);
    else if (node.kind === Kind.INLINE_FRAGMENT) {
      const condition = node.typeCondition?.name.value ?? type;
      const here = node.directives?.length ? [...given, node.directives] : given;
      const inside = wrapped(schema, asked, node.selectionSet.selections, condition, here);
      add([], { ...node, selectionSet: setOf(inside) });
    } else {
      const missing = new Map<string, Around>();
      for (const around of aroundsOf(schema, asked, node, type)) {
        const lacking = around.filter((directives) => !before.has(textOf([directives])));
        missing.set(textOf(lacking), lacking);
      }
      // What nobody asked for the planner needs.
      if (missing.size === 0) add([], node);
      for (const around of missing.values()) add(around, node);
    }
  }
  return [...groups.values()].flatMap(({ around, nodes }) =>
    around.reduceRight<readonly SelectionNode[]>(
      (inside, directives) => [{ kind: Kind.INLINE_FRAGMENT, directives, selectionSet: setOf(inside) }],
      nodes,
    ),
  );
}

/** What is around a field wherever it is asked for. */
function aroundsOf(
  schema: GraphQLSchema,
  asked: readonly SelectionSetNode[],
  field: FieldNode,
  type: string | null,
): Around[] {
  const key = responseKey(field);
  // An interface that a fetch names stands for its objects: branches of them that differ have keys of their own.
  const isAny = type === null || isAbstractType(schema.getType(type));
  const walk = (set: SelectionSetNode, around: Around): Around[] =>
    set.selections.flatMap((node): Around[] => {
      if (node.kind === Kind.FIELD) return responseKey(node) === key ? [around] : [];
      if (node.kind === Kind.FRAGMENT_SPREAD) return [];
      const condition = node.typeCondition?.name.value;
      if (condition !== undefined && !isAny && !isOf(schema, type, condition)) return [];
      return walk(node.selectionSet, node.directives?.length ? [...around, node.directives] : around);
    });
  return asked.flatMap((set) => walk(set, []));
}

const textOf = (around: Around): string =>
  around.map((directives) => directives.map((one) => print(one)).join(' ')).join(' ... ');
