/**
 * Handles required fields that the planner gets wrong. It identifies an added field by name alone: it would merge
 * `price(currency: DKK)`, `price(currency: EUR)` and a caller's own `price` into one. It may also ask for part of an
 * object from a subgraph that only marks the field as external.
 *
 * So the planner works on a supergraph in which every such field has a *stand-in* for each requiring subgraph and each
 * set of arguments: the same field of the same subgraphs, under a name of its own. Afterwards the stand-in's name
 * becomes a response key in the plan: subgraphs are asked for `required0_price: price(currency: DKK)`, and the value
 * under that key is passed as `price` to the subgraph that requires it.
 *
 * A representation has room for only one `price`. A fetch whose fields require it with different arguments is split
 * into several.
 */
import type { FetchNode, PlanNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import {
  type ConstArgumentNode,
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type FieldNode,
  type InterfaceTypeDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
  stripIgnoredCharacters,
  visit,
} from 'graphql';
import { argument } from '../../subgraphs/edge/rules.js';
import { entitiesIn, fetchOperation, mapFetches, setOf, withSelections } from './fetch-nodes.js';
import { allFields, type FieldSet, fieldSets, readFieldSet } from './field-sets.js';

/**
 * Finds a field set that needs one field with different arguments, or both with and without. No representation has room
 * for both.
 */
export const contradiction = (supergraph: DocumentNode): FieldSet | undefined =>
  fieldSets(supergraph).find(({ set }) => {
    const texts = new Map<string, string>();
    return pathsOf(set, (name) => name).some(([path, field]) => {
      const before = texts.get(path) ?? textOf(field);
      texts.set(path, before);
      return before !== textOf(field);
    });
  });

/** What a field requires: the planner's name for it, by path of real names. */
type Required = Map<string, string>;

/** The stand-ins of one supergraph, and the way back from a plan that uses them. */
export class StandIns {
  /** The supergraph to plan over. It is the given one if no stand-ins are needed. */
  readonly document: DocumentNode;
  /** The field that each stand-in replaces, by the stand-in's name. */
  private readonly fields = new Map<string, FieldNode>();
  /** Names of stand-ins, by requiring subgraph and field. */
  private readonly names = new Map<string, string>();
  /** What each field requires, by subgraph and `Type.field`. */
  private readonly required = new Map<string, Required>();

  constructor(supergraph: DocumentNode) {
    this.document = supergraph;
    const prefix = unusedPrefix(supergraph, 'required');
    const external = externalFields(supergraph);
    for (const { graph, set } of fieldSets(supergraph))
      for (const field of allFields(set)) {
        const key = keyOf(graph, field);
        const elsewhere =
          field.selectionSet && external.some((one) => one.name === field.name.value && one.graph !== graph);
        if (this.names.has(key) || !(field.arguments?.length || elsewhere)) continue;
        const name = `${prefix}${this.names.size}_${field.name.value}`;
        this.names.set(key, name);
        this.fields.set(name, field);
      }
    if (this.fields.size === 0) return;
    this.document = this.extended(supergraph);
    const services = serviceNames(supergraph);
    for (const { coordinate, graph, set } of fieldSets(this.document)) {
      const paths = pathsOf(set, this.realName).map(([path, field]) => [path, field.name.value] as const);
      this.required.set(`${services.get(graph)} ${coordinate}`, new Map(paths));
    }
  }

  /** Turns a plan over the supergraph with stand-ins into one over the real supergraph. */
  realPlan(plan: PlanNode): PlanNode {
    if (this.fields.size === 0) return plan;
    return mapFetches(plan, (fetch) => {
      const [only, ...others] = this.apart(fetch).map((one) => this.realFetch(one));
      return others.length === 0 ? only! : { kind: 'Parallel', nodes: [only!, ...others] };
    });
  }

  private readonly realName = (name: string): string => this.fields.get(name)?.name.value ?? name;

  private extended(supergraph: DocumentNode): DocumentNode {
    // Copy the field on every type that has it, because objects must implement the fields of their interfaces.
    const copiesOf = (definition: FieldDefinitionNode): FieldDefinitionNode[] =>
      [...this.names]
        .filter(([, name]) => isFieldOf(definition, this.fields.get(name)!))
        .map(([key, name]) => ({
          ...definition,
          name: nameNode(name),
          directives: (definition.directives ?? []).filter(
            (directive) =>
              !isExternal(directive) || key === keyOf(argument(directive, 'graph'), this.fields.get(name)!),
          ),
        }));
    const withCopies = <Type extends ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode>(type: Type): Type => ({
      ...type,
      fields: type.fields?.flatMap((definition) => [definition, ...copiesOf(definition)]),
    });
    const rewritten = (given: ConstArgumentNode, graph: unknown): ConstArgumentNode => {
      if (given.name.value !== 'requires' || given.value.kind !== Kind.STRING) return given;
      const { selections } = visit(readFieldSet(given.value.value), {
        Field: (field) => {
          const name = this.names.get(keyOf(graph, field));
          return name === undefined ? undefined : { ...field, name: nameNode(name) };
        },
      });
      return { ...given, value: { kind: Kind.STRING, value: selections.map((node) => print(node)).join(' ') } };
    };
    return visit(supergraph, {
      Directive: (node) => {
        if (node.name.value !== 'join__field') return undefined;
        const directive = node as ConstDirectiveNode;
        const graph = argument(directive, 'graph');
        return { ...directive, arguments: directive.arguments?.map((given) => rewritten(given, graph)) };
      },
      ObjectTypeDefinition: { leave: withCopies },
      InterfaceTypeDefinition: { leave: withCopies },
    });
  }

  /** Splits a fetch into one for every group of fields that one representation can serve. */
  private apart(fetch: FetchNode): FetchNode[] {
    const handedOver = new Set(this.standInsOf(fetch.requires ?? []));
    if (handedOver.size === 0) return [fetch];
    const operation = fetchOperation(fetch);
    const groups: { required: Required; fields: Set<FieldNode> }[] = [];
    for (const [type, field] of entityFields(operation)) {
      const required: Required = this.required.get(`${fetch.serviceName} ${type}.${field.name.value}`) ?? new Map();
      let group = groups.find((one) =>
        [...required].every(([path, name]) => (one.required.get(path) ?? name) === name),
      );
      if (!group) {
        group = { required: new Map(), fields: new Set() };
        groups.push(group);
      }
      group.fields.add(field);
      for (const [path, name] of required) {
        group.required.set(path, name);
        handedOver.delete(name);
      }
    }
    // No plan is better than a representation that lacks a required field.
    if (handedOver.size > 0)
      throw new Error(`${fetch.serviceName} is handed ${[...handedOver].join()}, which no field of the fetch requires`);
    if (groups.length === 1) return [fetch];
    return groups.map(({ required, fields }) => ({
      ...withFields(fetch, operation, fields),
      requires: this.requiredOnly(fetch.requires!, required),
    }));
  }

  private standInsOf(selections: readonly QueryPlanSelectionNode[]): string[] {
    return selections.flatMap((one) => [
      ...(one.kind === 'Field' && this.fields.has(one.name) ? [one.name] : []),
      ...this.standInsOf(one.selections ?? []),
    ]);
  }

  /** Removes what only the fields of other groups require. */
  private requiredOnly(
    selections: readonly QueryPlanSelectionNode[],
    required: Required,
    above = '',
  ): QueryPlanSelectionNode[] {
    return selections.flatMap((one): QueryPlanSelectionNode[] => {
      const path = one.kind === 'Field' ? pathOf(above, this.realName(one.name)) : above;
      if (one.kind === 'Field' && (required.get(path) ?? this.realName(one.name)) !== one.name) return [];
      if (!one.selections) return [one];
      const inside = this.requiredOnly(one.selections, required, path);
      return inside.length === 0 ? [] : [{ ...one, selections: inside }];
    });
  }

  private realFetch(fetch: FetchNode): FetchNode {
    const document = visit(parse(fetch.operation, { noLocation: true }), {
      Field: (field) => {
        const real = this.fields.get(field.name.value);
        return real && { ...field, alias: field.alias ?? field.name, name: real.name };
      },
    });
    return {
      ...fetch,
      ...(fetch.requires && { requires: fetch.requires.map((one) => this.realRequirement(one)) }),
      operation: stripIgnoredCharacters(print(document)),
    };
  }

  private realRequirement(one: QueryPlanSelectionNode): QueryPlanSelectionNode {
    return {
      ...one,
      ...(one.kind === 'Field' && this.fields.has(one.name) && { alias: one.name, name: this.realName(one.name) }),
      ...(one.selections && { selections: one.selections.map((inner) => this.realRequirement(inner)) }),
    };
  }
}

/** Returns a prefix that, followed by a number, starts no field name of the supergraph. */
export function unusedPrefix(supergraph: DocumentNode, wanted: string): string {
  let prefix = wanted;
  visit(supergraph, {
    FieldDefinition({ name }) {
      while (name.value.startsWith(prefix)) prefix += '_';
    },
  });
  return prefix;
}

/** Names of the subgraphs, by their names in the enum `join__Graph`. */
function serviceNames(supergraph: DocumentNode): Map<unknown, unknown> {
  const names = new Map<unknown, unknown>();
  visit(supergraph, {
    EnumValueDefinition({ name, directives = [] }) {
      const graph = directives.find((directive) => directive.name.value === 'join__graph');
      if (graph) names.set(name.value, argument(graph, 'name'));
    },
  });
  return names;
}

/** Fields that subgraphs mark as external, with those subgraphs. */
function externalFields(supergraph: DocumentNode): { name: string; graph: unknown }[] {
  const found: { name: string; graph: unknown }[] = [];
  visit(supergraph, {
    FieldDefinition({ name, directives = [] }) {
      for (const directive of directives)
        if (isExternal(directive)) found.push({ name: name.value, graph: argument(directive, 'graph') });
    },
  });
  return found;
}

const isExternal = (directive: ConstDirectiveNode): boolean =>
  argument(directive, 'external') === true || argument(directive, 'usedOverridden') === true;

const nameNode = (value: string) => ({ kind: Kind.NAME as const, value });

const isFieldOf = (definition: FieldDefinitionNode, field: FieldNode): boolean =>
  definition.name.value === field.name.value &&
  (field.arguments ?? []).every(({ name }) => definition.arguments?.some((one) => one.name.value === name.value));

/** Returns the field with its arguments sorted, so that their order does not matter. */
const textOf = ({ name, arguments: given = [] }: FieldNode): string =>
  `${name.value}(${given
    .map((one) => print(one))
    .sort()
    .join()})`;

const keyOf = (graph: unknown, field: FieldNode): string => `${graph} ${textOf(field)}`;

const pathOf = (above: string, name: string): string => `${above}.${name}`;

/** Returns all fields with their paths, whatever their type conditions. */
function pathsOf(set: SelectionSetNode, realName: (name: string) => string, above = ''): [string, FieldNode][] {
  return set.selections.flatMap((node): [string, FieldNode][] => {
    if (node.kind === Kind.FRAGMENT_SPREAD) return [];
    const path = node.kind === Kind.FIELD ? pathOf(above, realName(node.name.value)) : above;
    const below = node.selectionSet ? pathsOf(node.selectionSet, realName, path) : [];
    return node.kind === Kind.FIELD ? [[path, node], ...below] : below;
  });
}

/** Returns the fields that an entity fetch selects on the entities, each with its type. */
function entityFields(operation: OperationDefinitionNode): [type: string, FieldNode][] {
  const walk = (set: SelectionSetNode, type: string): [string, FieldNode][] =>
    set.selections.flatMap((node) => {
      if (node.kind === Kind.FIELD) return [[type, node]];
      return node.kind === Kind.INLINE_FRAGMENT ? walk(node.selectionSet, node.typeCondition?.name.value ?? type) : [];
    });
  return walk(entitiesIn(operation).selectionSet!, '_Entity');
}

/** Returns an entity fetch with only some of its fields. */
function withFields(fetch: FetchNode, operation: OperationDefinitionNode, fields: ReadonlySet<FieldNode>): FetchNode {
  const some = (node: SelectionNode): SelectionNode[] => {
    if (node.kind !== Kind.INLINE_FRAGMENT) return node.kind === Kind.FIELD && fields.has(node) ? [node] : [];
    const selections = node.selectionSet.selections.flatMap(some);
    return selections.length === 0 ? [] : [{ ...node, selectionSet: setOf(selections) }];
  };
  const entities = entitiesIn(operation);
  const selections = entities.selectionSet!.selections.flatMap(some);
  return withSelections(fetch, operation, [{ ...entities, selectionSet: setOf(selections) }]);
}
