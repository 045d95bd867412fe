/**
 * One supergraph, ready to answer: an operation is prepared once per document, conditions and set of rules that hold, and
 * run as often as it is asked.
 *
 * The key is the reason why one viewer's plan can never serve another: two viewers share a prepared operation only if
 * every rule that the operation meets holds for both or fails for both.
 */
import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import { type PlanNode, QueryPlanner } from '@apollo/query-planner';
import {
  type DocumentNode,
  executeSync,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import type { Viewer } from '../../subgraphs/kit/viewer.js';
import { holds } from '../authorization/holds.js';
import { permit, requirementsMet } from '../authorization/permit.js';
import type { Requirement, Rules } from '../authorization/rules.js';
import { type HiddenKey, hiddenKeys, withHidden } from '../authorization/vouch.js';
import { fetchDocument, introspectionDocument } from './document.js';
import { type Footprint, footprint, rootFields } from './footprint.js';
import { argumentsOf, checkArguments, coerceVariables, operationOf } from './inputs.js';
import type { JsonObject } from './own.js';
import { runPlan, type Send, type SubgraphError } from './run.js';
import { type CollectedField, conditionVariables, type Selections, selectionsOf } from './selection.js';
import { type Shaped, shape } from './shape.js';

interface Prepared {
  readonly plan: PlanNode | undefined;
  readonly introspection: DocumentNode | null;
  readonly selections: Selections;
  readonly hiddenKey: HiddenKey;
  readonly denied: readonly (readonly string[])[];
  readonly footprint: Footprint;
  readonly collected: WeakMap<Selections, Map<string, CollectedField[]>>;
}

interface Expanded {
  readonly operation: OperationDefinitionNode;
  readonly selections: Selections;
  readonly requirements: readonly Requirement[];
  readonly byHolding: Map<string, Prepared>;
}

export interface Answer {
  readonly data: JsonObject | null;
  readonly denied: readonly (readonly string[])[];
  readonly errors: readonly (Omit<SubgraphError, 'path'> & { path: readonly (string | number)[] | undefined })[];
  readonly shaped: Shaped;
  readonly footprint: Footprint;
  /** Root fields with their arguments. */
  readonly criterion: { field: string; arguments: JsonObject }[];
}

export interface EngineOptions {
  /** Without security purposes (`readSupergraph`). */
  readonly supergraphSdl: string;
  readonly rules: Rules;
}

/** Variants of one document kept at most: an attacker may vary conditions without end. */
const maxVariants = 64;

export class Engine {
  private readonly planner: QueryPlanner;
  private readonly planningSchema;
  private readonly apiSchema: GraphQLSchema;
  private readonly fullSchema: GraphQLSchema;
  private readonly expanded = new WeakMap<DocumentNode, Map<string, Expanded>>();

  constructor(private readonly options: EngineOptions) {
    const supergraph = Supergraph.build(options.supergraphSdl);
    this.planner = new QueryPlanner(supergraph);
    this.planningSchema = supergraph.apiSchema();
    this.apiSchema = this.planningSchema.toGraphQLJSSchema();
    this.fullSchema = supergraph.schema.toGraphQLJSSchema();
  }

  async answer(
    document: DocumentNode,
    operationName: string | undefined,
    given: JsonObject,
    viewer: Viewer,
    send: Send,
  ): Promise<Answer> {
    const operation = operationOf(document, operationName);
    if (!operation) throw new Error('the pipeline let an unknown operation through');
    const variables = coerceVariables(this.apiSchema, operation, given);
    const expanded = this.expand(document, operation, variables.coerced);
    checkArguments(expanded.selections, variables.coerced);
    const prepared = this.prepare(expanded, viewer);
    const run = await runPlan(this.fullSchema, prepared.plan, variables.given, send);
    const introspected = this.introspect(prepared, variables.given);
    const shaped = shape(
      {
        schema: this.apiSchema,
        rules: this.options.rules,
        selections: prepared.selections,
        hiddenKey: prepared.hiddenKey,
        collected: prepared.collected,
      },
      run.data,
      introspected,
    );
    return {
      data: shaped.data,
      denied: prepared.denied,
      errors: run.errors.flatMap((error) => {
        const path = error.path && shaped.answerPath(error.path);
        return path === null ? [] : [{ ...error, path }];
      }),
      shaped,
      footprint: prepared.footprint,
      criterion: rootFields(expanded.selections).map((field) => ({
        field: field.definition.name,
        arguments: argumentsOf(field, variables.coerced),
      })),
    };
  }

  private expand(document: DocumentNode, operation: OperationDefinitionNode, variables: JsonObject): Expanded {
    const fragments = new Map(
      document.definitions
        .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
        .map((fragment) => [fragment.name.value, fragment] as [string, FragmentDefinitionNode]),
    );
    const names = conditionVariables([operation, ...fragments.values()]);
    const conditions = Object.fromEntries(names.map((name) => [name, variables[name] === true]));
    const key = `${operation.name?.value ?? ''} ${names.map((name) => (conditions[name] ? '1' : '0')).join('')}`;
    const known = this.expanded.get(document)?.get(key);
    if (known) return known;
    const selections = selectionsOf(this.apiSchema, operation, fragments, conditions);
    const requirements = requirementsMet(this.apiSchema, this.options.rules, selections);
    const expanded: Expanded = { operation, selections, requirements, byHolding: new Map() };
    this.expanded.set(document, bounded(this.expanded.get(document) ?? new Map(), key, expanded));
    return expanded;
  }

  private prepare(expanded: Expanded, viewer: Viewer): Prepared {
    const holding = new Map(expanded.requirements.map((requirement) => [requirement, holds(requirement, viewer)]));
    const key = [...holding.values()].map((held) => (held ? '1' : '0')).join('');
    const known = expanded.byHolding.get(key);
    if (known) return known;
    const { rules } = this.options;
    const { apiSchema } = this;
    const permitted = permit(apiSchema, rules, expanded.selections, (requirement) => holding.get(requirement) === true);
    const hiddenKey = hiddenKeys(permitted.selections);
    const selections = withHidden(apiSchema, rules, permitted.selections, hiddenKey);
    const document = fetchDocument(apiSchema, expanded.operation, selections);
    const prepared: Prepared = {
      plan: document ? this.plan(document) : undefined,
      introspection: introspectionDocument(apiSchema, expanded.operation, permitted.selections),
      selections,
      hiddenKey,
      denied: permitted.denied,
      footprint: footprint(apiSchema, rules, expanded.operation, permitted.selections),
      collected: new WeakMap(),
    };
    bounded(expanded.byHolding, key, prepared);
    return prepared;
  }

  private plan(document: DocumentNode): PlanNode | undefined {
    const { node } = this.planner.buildQueryPlan(operationFromDocument(this.planningSchema, document));
    if (node?.kind === 'Subscription') throw new Error('subscriptions are not in the schema');
    return node;
  }

  /** `__schema` and `__type` need no subgraph; whether they may be asked at all was decided at the door. */
  private introspect(prepared: Prepared, variables: JsonObject): JsonObject | null {
    if (!prepared.introspection) return null;
    const { data } = executeSync({
      schema: this.apiSchema,
      document: prepared.introspection,
      variableValues: variables,
    });
    return (data ?? null) as JsonObject | null;
  }
}

function bounded<Value>(map: Map<string, Value>, key: string, value: Value): Map<string, Value> {
  if (map.size >= maxVariants) map.clear();
  return map.set(key, value);
}
