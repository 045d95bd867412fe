/**
 * Answers operations on one supergraph. An operation is prepared once per document, conditions and authorization
 * outcome, and then run as often as it is asked.
 *
 * Prepared operations are cached by authorization outcome, not by user. Two viewers share one only if every requirement
 * that it meets has the same outcome for both: met, not met, or met after a fresh sign-in. So one viewer's plan can
 * never serve another.
 */
import { operationFromDocument, type Subgraphs, Supergraph } from '@apollo/federation-internals';
import { type FetchNode, type PlanNode, QueryPlanner } from '@apollo/query-planner';
import {
  type DocumentNode,
  executeSync,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  getNamedType,
  Kind,
  type OperationDefinitionNode,
  parse,
} from 'graphql';
import { costReader, refuseOver } from '../../subgraphs/edge/cost.js';
import { type Costs, noCosts } from '../../subgraphs/edge/cost-rules.js';
import { type Holding, holding } from '../../subgraphs/edge/evaluate-requirement.js';
import { type Footprint, leadsToPerson, seals } from '../../subgraphs/edge/footprint.js';
import { type AnswerPart, casesApart, isDivisible } from '../../subgraphs/edge/parts.js';
import type { IntendedChange } from '../../subgraphs/edge/request-record.js';
import { operationOf } from '../../subgraphs/edge/requested-operation.js';
import type { Requirement, Rules } from '../../subgraphs/edge/rules.js';
import { typedArguments } from '../../subgraphs/edge/seal.js';
import { maskedArguments, refuseSecretsIn } from '../../subgraphs/edge/secrets.js';
import { heldBytes } from '../../subgraphs/process/held.js';
import { isLong, Pace } from '../../subgraphs/process/precedence.js';
import type { Viewer } from '../../subgraphs/protocol/viewer.js';
import { type HiddenKey, hiddenKeys, withHidden } from '../authorization/hidden-fields.js';
import { applyTypeWall, type Denied, requirementsMet } from '../authorization/type-wall.js';
import { type IsOurs, ownFields, withOwnScalars } from '../operation/conventions.js';
import { fetchDocument, introspectionDocument } from '../operation/document.js';
import type { JsonObject } from '../operation/json.js';
import {
  conditionVariables,
  type FieldSelection,
  type RawKey,
  type Selections,
  selectionsOf,
} from '../operation/selection.js';
import { withPlaces } from '../operation/source-text.js';
import {
  argumentsOf,
  checkArguments,
  type LateArgument,
  lateArguments,
  pageSizes,
  type Variables,
  variableReader,
} from '../operation/variables.js';
import { type BranchOptions, withBranches } from '../planning/branches.js';
import { withOverlooked } from '../planning/complete-fetches.js';
import { addedNames, rawKeys, resolvableKeysFirst } from '../planning/field-sets.js';
import { withFragmentDirectives } from '../planning/fragment-directives.js';
import { fetchesApart, interfaceObjectsOf } from '../planning/interface-objects.js';
import { withoutLongNumbers } from '../planning/literals.js';
import { fetchedBy, type IsFetched } from '../planning/planned-fields.js';
import { StandIns, unusedPrefix } from '../planning/required-aliases.js';
import { compile } from './compile.js';
import { completeResponse } from './complete-response.js';
import { type Recorded, runPlan, type Send, type SubgraphError } from './execute-plan.js';
import { footprint, rootFields } from './footprint.js';
import {
  hiddenKeyBytes,
  type KeptDocument,
  type KeptVariant,
  keepOperation,
  keepVariant,
  nothingKept,
  partsOf,
  readerBytes,
} from './kept.js';
import type { Compiled } from './program.js';
import { runCompiled } from './run-compiled.js';

/** One operation of a document, before its conditions are known. */
interface OperationTemplate {
  readonly kept: KeptDocument<OperationTemplate>;
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly read: (given: JsonObject) => Variables;
  readonly sealing: boolean;
  /** Cost of the operation with these variables. */
  readonly cost: (variables: JsonObject) => number;
  /** Variables used by `@skip` and `@include`. */
  readonly conditions: readonly string[];
  readonly byConditions: Map<string, Expanded>;
}

interface Expanded extends KeptVariant {
  readonly kept: KeptDocument<OperationTemplate>;
  bytes: number;
  readonly operation: OperationDefinitionNode;
  readonly sealing: boolean;
  readonly selections: Selections;
  readonly roots: readonly FieldSelection[];
  readonly late: readonly LateArgument[];
  readonly requirements: readonly Requirement[];
  readonly byHolding: Map<string, Prepared>;
}

interface Prepared {
  readonly plan: PlanNode | undefined;
  /** `null`: only the general executor can run it. */
  readonly compiled: Compiled | null;
  readonly introspection: DocumentNode | null;
  readonly selections: Selections;
  readonly hiddenKey: HiddenKey;
  readonly denied: readonly Denied[];
  /** Root fields that no fetch asks for. */
  readonly unplanned: readonly Path[];
  readonly footprint: Footprint;
}

type Path = readonly (string | number)[];

export interface EngineAnswer {
  readonly data: JsonObject | null;
  readonly denied: readonly Denied[];
  readonly errors: readonly (Omit<SubgraphError, 'path'> & { path: Path | undefined })[];
  /** Paths at which a subgraph's value does not have the form that its schema promises. */
  readonly misshapen: readonly Path[];
  /** Paths of fields that were asked for and are in no fetch of the plan. */
  readonly unplanned: readonly Path[];
  /** Ids of audited objects in the answer, by type. */
  readonly named: ReadonlyMap<string, ReadonlySet<string>>;
  /**
   * The same ids, divided by the viewer's separately granted cases in which they occur. `null`: the answer is logged as
   * a whole.
   */
  readonly parts: readonly AnswerPart[] | null;
  /** Whether the compiled program ran to its end. */
  readonly compiled: boolean;
  readonly footprint: Footprint;
  /** Root fields with their arguments. */
  criterion(): { field: string; arguments: JsonObject }[];
}

export interface ExecutionOptions {
  /** Maximum cost. An operation that may cost more is not planned and reaches no subgraph. */
  readonly budget?: number | null;
  /** Awaited before anything is planned. Says whether the operation is a long one. */
  readonly admit?: (isLong: boolean) => Promise<void> | undefined;
  /** Awaited before anything is changed, with what the change will be logged as. */
  readonly begin?: (change: IntendedChange) => Promise<void>;
}

export interface EngineOptions {
  /** SDL without security purposes (`readSupergraph`). */
  readonly supergraphSdl: string;
  readonly rules: Rules;
  /** Subgraphs whose fields follow our own conventions (`operation/conventions.ts`). Default: all. */
  readonly rooms?: ReadonlySet<string>;
  /** Weights of fields. Default: 1 for every object, and 10 objects for every list. */
  readonly costs?: Costs;
  /** Milliseconds since the epoch, by the clock that sign-in times are compared with. */
  readonly now?: () => number;
  /** `false`: the general executor runs every operation. For tests that compare the two executors. */
  readonly compile?: boolean;
}

/** Prepares and runs operations on one supergraph. */
export class Engine {
  private readonly subgraphs: Subgraphs;
  private readonly planner: QueryPlanner;
  private readonly planningSchema;
  /** The schema that callers see. */
  readonly apiSchema: GraphQLSchema;
  private readonly fullSchema: GraphQLSchema;
  private readonly standIns: StandIns;
  private readonly rawKey: RawKey;
  /** Subgraphs whose numbers may be longer than JavaScript can represent. */
  readonly withOwnScalars: ReadonlySet<string>;
  private readonly isOurs: IsOurs;
  private readonly addedByPlanner: ReadonlySet<string>;
  private readonly branches: BranchOptions;
  private readonly kept = new WeakMap<DocumentNode, KeptDocument<OperationTemplate>>();

  constructor(private readonly options: EngineOptions) {
    const document = resolvableKeysFirst(parse(options.supergraphSdl));
    const supergraph = Supergraph.build(document);
    this.apiSchema = supergraph.apiSchema().toGraphQLJSSchema();
    this.fullSchema = supergraph.schema.toGraphQLJSSchema();
    this.standIns = new StandIns(document);
    const { document: planned } = this.standIns;
    this.subgraphs = supergraph.subgraphs();
    // With stand-ins the subgraphs no longer pass validation: one may not use what it marks as external.
    const planning = planned === document ? supergraph : Supergraph.build(planned, { validateSupergraph: false });
    this.planner = new QueryPlanner(planning);
    this.planningSchema = planning.apiSchema();
    this.rawKey = rawKeys(planned);
    this.withOwnScalars = withOwnScalars(document);
    this.isOurs = ownFields(document, options.rooms);
    this.addedByPlanner = addedNames(planned);
    this.branches = {
      schema: this.apiSchema,
      prefix: unusedPrefix(planned, 'branch'),
      interfaceObjects: interfaceObjectsOf(document),
    };
  }

  /**
   * Calls `onChange` at once, and whenever the data cached for a document changes, with its size in bytes (without the
   * document itself).
   */
  watch(document: DocumentNode, onChange: (bytes: number) => void): void {
    const kept = this.keptOf(document);
    kept.onChange = onChange;
    onChange(kept.bytes);
  }

  /**
   * Answers one operation: checks variables and cost, waits for `admit`, applies wall 1, plans, runs
   * and applies wall 3.
   *
   * Throws a `Fault` for variables that do not fit, for a cost over the budget, and whatever `begin` throws.
   */
  async answer(
    document: DocumentNode,
    operationName: string | undefined,
    given: JsonObject,
    viewer: Viewer,
    send: Send,
    { budget = null, begin, admit }: ExecutionOptions = {},
  ): Promise<EngineAnswer> {
    const asked = this.operation(document, operationName);
    const variables = asked.read(given);
    const expanded = this.expand(asked, document, variables.coerced);
    checkArguments(expanded.late, variables.coerced);
    const cost = budget === null ? 0 : asked.cost(variables.coerced);
    refuseOver(budget, cost);
    const isChange = asked.operation.operation === 'mutation';
    const long = isLong(cost) && !isChange;
    const admitted = admit?.(long);
    if (admitted) await admitted;
    const prepared = this.prepare(expanded, document, viewer);
    const { denied, footprint } = prepared;
    const criterion = () =>
      expanded.roots.map((field) => ({
        field: field.definition.name,
        arguments: typedArguments(
          {
            args: field.definition.args,
            leadsToPerson: leadsToPerson(this.apiSchema, this.options.rules, getNamedType(field.definition.type)),
          },
          maskedArguments(
            `${expanded.selections.parent.name}.${field.definition.name}`,
            argumentsOf(field, variables.coerced),
            this.options.rules,
          ),
        ),
      }));
    if (begin && isChange) await begin({ footprint, criterion });
    const ran = await this.run(prepared, variables, send, casesApart(viewer.seal), long ? new Pace() : null);
    const parts = ran.parts && isDivisible(footprint.fields, this.options.rules) ? ran.parts : null;
    return { ...ran, parts, denied, footprint, criterion };
  }

  private async run(
    prepared: Prepared,
    { given: variables, coerced }: Variables,
    send: Send,
    apart: ReadonlySet<string>,
    pace: Pace | null,
  ): Promise<Pick<EngineAnswer, 'data' | 'named' | 'parts' | 'errors' | 'misshapen' | 'unplanned' | 'compiled'>> {
    const { unplanned: never } = prepared;
    // Ask and change nothing if the answer cannot be given anyway.
    if (never.length > 0)
      return {
        data: null,
        named: new Map(),
        parts: null,
        errors: [],
        misshapen: [],
        unplanned: never,
        compiled: false,
      };
    const recorded = new Map<FetchNode, Recorded>();
    const filled = prepared.compiled && (await runCompiled(prepared.compiled, variables, send, recorded, pace));
    // Only the general executor knows within which case a person was found. It continues with the answers already
    // received.
    if (filled && !isMet(apart, filled.named))
      return { ...filled, parts: null, errors: [], misshapen: [], unplanned: [], compiled: true };
    await pace?.rest();
    const run = await runPlan(this.fullSchema, prepared.plan, variables, send, recorded);
    await pace?.rest();
    const { data, named, parts, misshapen, unplanned, answerPath } = completeResponse(
      {
        schema: this.apiSchema,
        fullSchema: this.fullSchema,
        isFetched: fetchedBy(this.fullSchema, prepared.plan),
        rules: this.options.rules,
        selections: prepared.selections,
        hiddenKey: prepared.hiddenKey,
        apart,
        pages: apart.size > 0 ? pageSizes(prepared.selections, coerced) : new Map(),
      },
      run.data,
      this.introspect(prepared, variables),
    );
    const errors = run.errors.flatMap((error) => {
      const path = error.path && answerPath(error.path);
      return path === null ? [] : [{ ...error, path }];
    });
    return { data, named, parts, misshapen, unplanned, errors, compiled: false };
  }

  private operation(document: DocumentNode, operationName: string | undefined): OperationTemplate {
    const kept = this.keptOf(document);
    const found = kept.byName.get(operationName ?? '');
    if (found) return found;
    const operation = operationOf(document, operationName);
    if (!operation) throw new Error('the pipeline let an unknown operation through');
    refuseSecretsIn(document, this.options.rules);
    const fragments = new Map(
      document.definitions
        .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
        .map((fragment) => [fragment.name.value, fragment] as [string, FragmentDefinitionNode]),
    );
    const asked: OperationTemplate = {
      kept,
      operation,
      fragments,
      read: variableReader(this.apiSchema, operation),
      sealing: seals(this.apiSchema, this.options.rules, withPlaces(document)),
      cost: costReader(this.apiSchema, this.options.costs ?? noCosts, operation, fragments),
      conditions: conditionVariables([operation, ...fragments.values()]),
      byConditions: new Map(),
    };
    const bytes = heldBytes({ ...asked, kept: null }, partsOf(document)) + readerBytes(operation);
    keepOperation(kept, operationName ?? '', asked, bytes);
    return asked;
  }

  private keptOf(document: DocumentNode): KeptDocument<OperationTemplate> {
    const known = this.kept.get(document) ?? nothingKept<OperationTemplate>();
    this.kept.set(document, known);
    return known;
  }

  private expand(asked: OperationTemplate, document: DocumentNode, variables: JsonObject): Expanded {
    const { kept, operation, sealing, fragments, conditions, byConditions } = asked;
    const key = conditions.map((name) => (variables[name] === true ? '1' : '0')).join('');
    const known = byConditions.get(key);
    if (known) return known;
    const values = Object.fromEntries(conditions.map((name) => [name, variables[name] === true]));
    const selections = selectionsOf(this.apiSchema, operation, fragments, values, this.rawKey);
    const expanded: Expanded = {
      kept,
      bytes: 0,
      attach: () => void byConditions.set(key, expanded),
      operation,
      sealing,
      selections,
      roots: rootFields(selections),
      late: lateArguments(selections, this.isOurs),
      requirements: requirementsMet(this.apiSchema, this.options.rules, selections),
      byHolding: new Map(),
    };
    expanded.bytes = heldBytes({ ...expanded, kept: null }, partsOf(document));
    keepVariant(kept, byConditions, key, expanded, expanded.bytes);
    return expanded;
  }

  private prepare(expanded: Expanded, document: DocumentNode, viewer: Viewer): Prepared {
    const now = (this.options.now?.() ?? Date.now()) / 1000;
    const held = expanded.requirements.map((requirement) => holding(requirement, viewer, now));
    const key = held.join();
    const known = expanded.byHolding.get(key);
    if (known) return known;
    const { rules } = this.options;
    const { apiSchema } = this;
    const answers = new Map<Requirement, Holding>(expanded.requirements.map((one, index) => [one, held[index]!]));
    const permitted = applyTypeWall(
      apiSchema,
      rules,
      expanded.selections,
      (requirement) => answers.get(requirement) ?? 'no',
    );
    const hiddenKey = hiddenKeys(permitted.selections);
    const selections = withBranches(this.branches, withHidden(apiSchema, rules, permitted.selections, hiddenKey));
    const fetched = fetchDocument(apiSchema, expanded.operation, selections, this.branches.interfaceObjects);
    const plan = fetched ? this.plan(fetched) : undefined;
    const isFetched = fetchedBy(this.fullSchema, plan);
    const compiled = plan && this.options.compile !== false ? this.compile(plan, selections, hiddenKey) : null;
    const prepared: Prepared = {
      plan,
      compiled,
      unplanned: compiled ? [] : unplannedRoots(selections, isFetched),
      introspection: introspectionDocument(apiSchema, expanded.operation, permitted.selections),
      selections,
      hiddenKey,
      denied: permitted.denied,
      footprint: footprint(apiSchema, rules, expanded.operation, permitted.selections, expanded.sealing),
    };
    const seen = partsOf(document);
    heldBytes(expanded.selections, seen);
    const bytes = heldBytes(prepared, seen) + hiddenKeyBytes(seen.size);
    keepVariant(expanded.kept, expanded.byHolding, key, prepared, bytes, expanded);
    return prepared;
  }

  private compile(plan: PlanNode, selections: Selections, hiddenKey: HiddenKey): Compiled | null {
    const { apiSchema: schema, fullSchema } = this;
    return compile({ schema, fullSchema, rules: this.options.rules, plan, selections, hiddenKey });
  }

  private plan(document: DocumentNode): PlanNode | undefined {
    const plannable = withoutLongNumbers(this.apiSchema, document);
    const { node } = this.planner.buildQueryPlan(operationFromDocument(this.planningSchema, plannable.document));
    if (node?.kind === 'Subscription') throw new Error('subscriptions are not in the schema');
    if (!node) return undefined;
    const real = plannable.restored(this.standIns.realPlan(node));
    const plan = withOverlooked(this.fullSchema, this.subgraphs, document, real);
    const apart = fetchesApart(this.fullSchema, this.subgraphs, this.addedByPlanner, document, plan);
    return withFragmentDirectives(this.fullSchema, document, apart);
  }

  /**
   * Answers `__schema` and `__type`, which need no subgraph. Whether the viewer may ask them was decided earlier
   * (`http/pipeline.ts`).
   */
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

function unplannedRoots(selections: Selections, isFetched: IsFetched): Path[] {
  const { name } = selections.parent;
  return rootFields(selections)
    .filter(({ denied, hidden, rawKey }) => !denied && !hidden && !isFetched([], name, rawKey))
    .map(({ key }) => [key]);
}

const isMet = (apart: ReadonlySet<string>, named: EngineAnswer['named']): boolean =>
  apart.size > 0 && [...(named.get('Case') ?? [])].some((id) => apart.has(id));
