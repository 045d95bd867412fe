/**
 * Adds to fetches what the planner leaves out. If several subgraphs could resolve a field, the planner selects only the
 * types that all of them know, but the subgraph that it then chooses may know and return more. The fields that this
 * subgraph can resolve by itself for such objects are added to its fetch. Fields that need another subgraph stay
 * unplanned, and the caller is told so (`execution/complete-response.ts`).
 */
import {
  baseType,
  federationMetadata,
  isAbstractType,
  isInterfaceObjectType,
  isInterfaceType,
  isObjectType,
  type NamedType,
  possibleRuntimeTypes,
  type Schema,
  type Subgraphs,
} from '@apollo/federation-internals';
import type { FetchNode, PlanNode } from '@apollo/query-planner';
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionNode,
  type SelectionSetNode,
  validate,
} from 'graphql';
import { fetchOperation, mapFetches, responseKey, setOf, withSelections } from './fetch-nodes.js';
import { fetchedBy, fieldsIn, type IsFetched } from './planned-fields.js';

/** `document` is the document that was planned. It contains only what may be fetched. */
export function withOverlooked(
  schema: GraphQLSchema,
  subgraphs: Subgraphs,
  document: DocumentNode,
  plan: PlanNode,
): PlanNode {
  const isFetched = fetchedBy(schema, plan);
  const [asked] = document.definitions as readonly OperationDefinitionNode[];
  return mapFetches(plan, (fetch, place) =>
    new Completion(schema, subgraphs.get(fetch.serviceName)!.schema, isFetched, asked!).of(fetch, place),
  );
}

type SelectionSets = readonly SelectionSetNode[];

/** Completes one fetch. */
class Completion {
  private added = false;

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly subgraph: Schema,
    private readonly isFetched: IsFetched,
    private readonly asked: OperationDefinitionNode,
  ) {}

  of(fetch: FetchNode, place: readonly string[]): FetchNode {
    const operation = fetchOperation(fetch);
    const root = this.subgraph.schemaDefinition.rootType(fetch.operationKind);
    let asked: SelectionSets = [this.asked.selectionSet];
    for (const key of place) asked = this.below(asked, key);
    const { selections } = operation.selectionSet;
    const completed = fetch.requires
      ? selections.map((entities) => this.withFragments(entities as FieldNode, asked, place))
      : this.selections(operation.selectionSet, asked, root, place);
    if (!this.added) return fetch;
    const known = operation.variableDefinitions ?? [];
    const names = new Set(known.map(({ variable }) => variable.name.value));
    const more = (this.asked.variableDefinitions ?? []).filter(({ variable }) => !names.has(variable.name.value));
    const changed = withSelections(fetch, operation, completed, [...known, ...more]);
    // The addition may be invalid: two types may define different types for the same response key.
    const errors = validate(this.subgraph.toGraphQLJSSchema(), parse(changed.operation));
    return errors.length > 0 ? fetch : changed;
  }

  /** Representations fix the entity types. Only fields below the entities can be missing. */
  private withFragments(entities: FieldNode, asked: SelectionSets, place: readonly string[]): FieldNode {
    const selections = this.selections(entities.selectionSet!, asked, undefined, place);
    return { ...entities, selectionSet: setOf(selections) };
  }

  private selections(
    set: SelectionSetNode,
    asked: SelectionSets,
    type: NamedType | undefined,
    place: readonly string[],
  ): SelectionNode[] {
    return set.selections.map((node) => {
      if (node.kind === Kind.FRAGMENT_SPREAD || !node.selectionSet) return node;
      if (node.kind === Kind.INLINE_FRAGMENT) {
        const condition = node.typeCondition ? this.subgraph.type(node.typeCondition.name.value) : type;
        const selections = this.selections(node.selectionSet, asked, condition, place);
        return { ...node, selectionSet: setOf(selections) };
      }
      const key = responseKey(node);
      const below = this.below(asked, key);
      const inner = this.typeOf(type, node);
      const here = [...place, key];
      const selections = [
        ...this.selections(node.selectionSet, below, inner, here),
        ...this.overlooked(below, inner, here),
      ];
      return { ...node, selectionSet: setOf(selections) };
    });
  }

  private below(asked: SelectionSets, key: string): SelectionSets {
    return fieldsIn(this.schema, asked, null)
      .filter((field) => responseKey(field) === key)
      .flatMap(({ selectionSet }) => selectionSet ?? []);
  }

  private typeOf(parent: NamedType | undefined, field: FieldNode): NamedType | undefined {
    const type = parent && (isObjectType(parent) || isInterfaceType(parent)) && parent.field(field.name.value)?.type;
    return type ? baseType(type) : undefined;
  }

  private overlooked(asked: SelectionSets, type: NamedType | undefined, place: readonly string[]): SelectionNode[] {
    if (!type || !isAbstractType(type)) return [];
    return possibleRuntimeTypes(type).flatMap((possible): SelectionNode[] => {
      const fields = fieldsIn(this.schema, asked, possible.name).filter(
        (field) => !this.isFetched(place, possible.name, responseKey(field)) && this.resolves(possible, field),
      );
      if (fields.length === 0) return [];
      this.added = true;
      return [
        {
          kind: Kind.INLINE_FRAGMENT,
          typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: possible.name } },
          selectionSet: setOf(fields),
        },
      ];
    });
  }

  /** Whether the subgraph resolves the field and everything below it without data from another subgraph. */
  private resolves(parent: NamedType, field: FieldNode): boolean {
    if (field.name.value === '__typename') return true;
    if (isInterfaceType(parent)) return possibleRuntimeTypes(parent).every((one) => this.resolves(one, field));
    const definition = isObjectType(parent) ? parent.field(field.name.value) : undefined;
    if (!definition?.type) return false;
    const metadata = federationMetadata(this.subgraph)!;
    if (metadata.isFieldExternal(definition) || definition.hasAppliedDirective(metadata.requiresDirective()))
      return false;
    return !field.selectionSet || this.resolvesAll(baseType(definition.type), field.selectionSet);
  }

  private resolvesAll(type: NamedType, { selections }: SelectionSetNode): boolean {
    // Another subgraph knows the concrete type of these objects.
    if (isInterfaceObjectType(type)) return false;
    return selections.every((node) => {
      if (node.kind === Kind.FIELD) return this.resolves(type, node);
      const condition = node.kind === Kind.INLINE_FRAGMENT && this.subgraph.type(node.typeCondition!.name.value);
      return condition && this.resolvesAll(condition, node.selectionSet);
    });
  }
}
