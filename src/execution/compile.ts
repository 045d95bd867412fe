/**
 * Compiles a plan into a program that fills the answer directly. Every response key is mapped in advance to the fetch
 * that brings it. Each subgraph answer becomes final objects as it arrives, and later ones are written into those
 * objects, without an intermediate tree or a second pass.
 *
 * Terminology. A *position* is a place for an object in the answer. A *shape* is an object of one concrete type at a
 * position. A *part* is what one fetch brings to a shape: the *creating* part makes the object, and the parts of later
 * entity fetches are *arrivals* that are written into it. The *template* of a shape is its object with all keys in
 * order and null values.
 *
 * What cannot be mapped is refused (`null`) and left to the general executor (`execute-plan.ts`,
 * `complete-response.ts`), which handles everything.
 */
import { isDeepStrictEqual } from 'node:util';
import type { FetchNode, PlanNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import {
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
} from 'graphql';
import type { Rules } from '../../subgraphs/edge/rules.js';
import { type HiddenKey, isEdgeOf } from '../authorization/hidden-fields.js';
import type { JsonObject } from '../operation/json.js';
import { alwaysHolds, collect, merged, type Selections } from '../operation/selection.js';
import { leafKind } from './leaf-value.js';
import type {
  Call,
  Child,
  Compiled,
  ProgramLeaf,
  ProgramPart,
  ProgramStep,
  Representation,
  ValueForm,
} from './program.js';
import { shareEqual } from './share.js';

export interface CompileInput {
  readonly schema: GraphQLSchema;
  readonly fullSchema: GraphQLSchema;
  readonly rules: Rules;
  readonly plan: PlanNode;
  readonly selections: Selections;
  readonly hiddenKey: HiddenKey;
}

class NotCompilable extends Error {}

/** Returns the program for a plan. `null` if the plan cannot be compiled. */
export function compile(input: CompileInput): Compiled | null {
  try {
    return new Compiler(input).program();
  } catch (error) {
    if (error instanceof NotCompilable) return null;
    throw error;
  }
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
type PartInTheMaking = Omit<Mutable<ProgramPart>, 'awaited'> & {
  leaves: ProgramLeaf[];
  children: Child[];
  keys: string[];
  awaited: { representation: Representation; arrivals: { index: number; part: ProgramPart }[] }[];
};

interface FieldOfShape {
  readonly key: string;
  readonly rawKey: string;
  readonly visible: boolean;
  readonly type: GraphQLOutputType;
  readonly position: CompiledPosition | null;
}

interface CompiledPosition {
  readonly selections: Selections;
  readonly shapes: Map<string, ObjectShape>;
}

interface ObjectShape {
  readonly type: GraphQLObjectType;
  readonly template: JsonObject;
  /** By raw key. */
  readonly fields: ReadonlyMap<string, FieldOfShape>;
  /** Raw keys that some fetch brings. */
  readonly provided: Set<string>;
  creator: PartInTheMaking | null;
}

class Compiler {
  private waits = 0;
  private readonly shapes: ObjectShape[] = [];
  private readonly root: CompiledPosition;
  /** Everything that the fetch of a part brings for its object, whether or not the caller asked for it. */
  private readonly fetched = new Map<PartInTheMaking, ReadonlyMap<string, SelectionSetNode[] | null>>();

  constructor(private readonly input: CompileInput) {
    this.root = { selections: input.selections, shapes: new Map() };
  }

  program(): Compiled {
    const { selections, plan } = this.input;
    if (!isObjectType(selections.parent)) throw new NotCompilable();
    const root = this.shapeAt(this.root, selections.parent);
    const steps = this.step(plan, []);
    for (const { creator, fields, provided } of this.shapes)
      if (creator) creator.complete = [...fields.keys()].every((key) => provided.has(key));
    if (![...root.fields.keys()].every((key) => root.provided.has(key))) throw new NotCompilable();
    // Fetch nodes keep their identity: callers find their fetches by these nodes of the plan.
    const shared = shareEqual(steps, (value) => 'kind' in value && value.kind === 'Fetch');
    return { schema: this.input.fullSchema, root: root.template, steps: shared, waits: this.waits };
  }

  private step(node: PlanNode, path: readonly string[]): ProgramStep {
    switch (node.kind) {
      case 'Sequence':
      case 'Parallel':
        return {
          kind: node.kind === 'Sequence' ? 'sequence' : 'parallel',
          steps: node.nodes.map((child) => this.step(child, path)),
        };
      case 'Flatten':
        return this.step(node.node, [...path, ...node.path.map(String).filter((key) => key !== '@')]);
      case 'Fetch':
        return node.requires ? this.entities(node, node.requires, path) : this.rootFields(node, path);
      default:
        throw new NotCompilable();
    }
  }

  private rootFields(node: FetchNode, path: readonly string[]): ProgramStep {
    if (path.length > 0) throw new NotCompilable();
    const shape = this.shapeAt(this.root, this.input.selections.parent as GraphQLObjectType);
    const part = this.part([selectionOf(node)], shape, 'arrives');
    part.complete = true;
    return { kind: 'root', call: callOf(node), part };
  }

  private entities(node: FetchNode, requires: readonly QueryPlanSelectionNode[], path: readonly string[]): ProgramStep {
    const [field] = selectionOf(node).selections;
    if (field?.kind !== Kind.FIELD || !field.selectionSet) throw new NotCompilable();
    const index = this.waits++;
    const asking = this.shapesAlong(path).flatMap((shape) => {
      const required = shape.creator && this.requiredOf(requires, shape.type);
      return shape.creator && required ? [{ shape, creator: shape.creator, required }] : [];
    });
    for (const { shape, creator, required } of asking) {
      if (required.some(({ key }) => !this.fetched.get(creator)?.has(key))) throw new NotCompilable();
      const part = this.part([field.selectionSet], shape, 'arrives');
      part.complete = true;
      const [only, another] = required;
      const idKey = asking.length === 1 && only && !another && !only.inner ? only.key : null;
      const representation: Representation = {
        idKey,
        start: `{"__typename":${JSON.stringify(shape.type.name)}`,
        members: required,
      };
      const same = creator.awaited.find((one) => isDeepStrictEqual(one.representation, representation));
      if (same) same.arrivals.push({ index, part });
      else creator.awaited.push({ representation, arrivals: [{ index, part }] });
    }
    return { kind: 'entities', call: callOf(node), index };
  }

  /** Returns what `requires` needs of this type, without `__typename`. `null` if nothing. */
  private requiredOf(requires: readonly QueryPlanSelectionNode[], type: GraphQLObjectType) {
    const members: Mutable<Representation['members'][number]>[] = [];
    let named = false;
    const add = (selections: readonly QueryPlanSelectionNode[]) => {
      for (const selection of selections) {
        if (selection.kind === 'InlineFragment') {
          if (!selection.typeCondition || this.isOf(selection.typeCondition, type)) add(selection.selections);
          continue;
        }
        const { name, alias: key = name } = selection;
        const member = `,${JSON.stringify(name)}:`;
        refuseOddKey(key);
        if (name === '__typename') named = true;
        else if (members.some((one) => one.member === member)) throw new NotCompilable();
        else members.push({ key, member, inner: selection.selections ?? null });
      }
    };
    add(requires);
    if (!named) {
      if (members.length > 0) throw new NotCompilable();
      return null;
    }
    return members;
  }

  private shapesAlong(path: readonly string[]): ObjectShape[] {
    let shapes = [...this.root.shapes.values()];
    for (const key of path) {
      const next = new Set<ObjectShape>();
      for (const shape of shapes) {
        const field = shape.fields.get(key);
        // The plan leads through objects that nobody asked for.
        if (!field?.position) {
          if ((shape.creator && this.fetched.get(shape.creator)?.has(key)) || isRootOf(shape, this.root))
            throw new NotCompilable();
          continue;
        }
        for (const one of field.position.shapes.values()) next.add(one);
      }
      shapes = [...next];
    }
    return shapes;
  }

  private part(sets: readonly SelectionSetNode[], shape: ObjectShape, how: 'creates' | 'arrives'): PartInTheMaking {
    const { rules, hiddenKey } = this.input;
    const fetched = this.fetchedOf(sets, shape.type);
    const by = rules.shielded.get(shape.type.name);
    const idKey = hiddenKey('id');
    const part: PartInTheMaking = {
      template: shape.template,
      leaves: [],
      children: [],
      keys: [],
      awaited: [],
      vouch: by !== undefined && fetched.has(hiddenKey(by)) ? hiddenKey(by) : null,
      edge: null,
      named:
        rules.auditedTypes.has(shape.type.name) && fetched.has(idKey) ? { type: shape.type.name, key: idKey } : null,
      typeName: fetched.has('__typename') && how === 'creates' ? shape.type.name : null,
      complete: false,
    };
    this.fetched.set(part, fetched);
    if (how === 'creates') {
      if (shape.creator) throw new NotCompilable();
      shape.creator = part;
    }
    for (const [key, below] of fetched) {
      const field = shape.fields.get(key);
      if (field) this.addField(part, shape, field, below);
    }
    if (isEdgeOf(shape.type, rules)) part.edge = this.edgeOf(part, how);
    return part;
  }

  private addField(part: PartInTheMaking, shape: ObjectShape, field: FieldOfShape, below: SelectionSetNode[] | null) {
    const { key, rawKey, visible, type, position } = field;
    const value = formOf(type, visible);
    const again = shape.provided.has(rawKey);
    shape.provided.add(rawKey);
    if (visible) part.keys.push(key);
    if (!position) {
      part.leaves.push({ key, rawKey, value, visible });
      return;
    }
    // Two fetches that bring the same object would have to be merged.
    if (again || !below) throw new NotCompilable();
    const named = getNamedType(type) as GraphQLCompositeType;
    if (isObjectType(named)) {
      const child = this.part(below, this.shapeAt(position, named), 'creates');
      part.children.push({ key, rawKey, value, visible, part: child });
      return;
    }
    const parts = new Map<string, ProgramPart>();
    for (const possible of this.input.schema.getPossibleTypes(named)) {
      const made = this.part(below, this.shapeAt(position, possible), 'creates');
      // Without `__typename` the concrete type of an object is unknown.
      if (made.typeName === null) throw new NotCompilable();
      parts.set(possible.name, made);
    }
    part.children.push({ key, rawKey, value, visible, part: parts });
  }

  private edgeOf(part: PartInTheMaking, how: 'creates' | 'arrives'): ProgramPart['edge'] {
    if (how === 'arrives') return null;
    const node = this.input.hiddenKey('node');
    const child = part.children.find(({ rawKey }) => rawKey === node);
    const vouch = child && !(child.part instanceof Map) ? (child.part as ProgramPart).vouch : null;
    if (!vouch) throw new NotCompilable();
    return { node, vouch };
  }

  private shapeAt(position: CompiledPosition, type: GraphQLObjectType): ObjectShape {
    const known = position.shapes.get(type.name);
    if (known) return known;
    const template: JsonObject = {};
    const fields = new Map<
      string,
      { key: string; rawKey: string; visible: boolean; type: GraphQLOutputType; set: Selections | null }
    >();
    for (const field of collect(this.input.schema, position.selections, type.name)) {
      const { key, rawKey, definition, selections, hidden } = field;
      refuseOddKey(key);
      if (definition.name === '__schema' || definition.name === '__type') throw new NotCompilable();
      if (definition.name === '__typename') {
        template[key] = type.name;
        continue;
      }
      if (!hidden) template[key] = null;
      if (field.denied) {
        if (isNonNullType(definition.type)) throw new NotCompilable();
        continue;
      }
      const before = fields.get(rawKey);
      fields.set(rawKey, {
        key,
        rawKey,
        visible: !hidden || (before?.visible ?? false),
        type: hidden && before ? before.type : definition.type,
        set: merged(before?.set ?? null, selections),
      });
    }
    const shape: ObjectShape = {
      type,
      // The round trip through JSON makes V8 store the members in the object itself, and so in its copies.
      template: JSON.parse(JSON.stringify(template)),
      fields: new Map(
        [...fields].map(([rawKey, { key, visible, type: of, set }]) => [
          rawKey,
          { key, rawKey, visible, type: of, position: set && { selections: set, shapes: new Map() } },
        ]),
      ),
      provided: new Set(),
      creator: null,
    };
    position.shapes.set(type.name, shape);
    this.shapes.push(shape);
    return shape;
  }

  /** Returns what the selection sets ask of an object of one type, by response key. */
  private fetchedOf(
    sets: readonly SelectionSetNode[],
    type: GraphQLObjectType,
  ): Map<string, SelectionSetNode[] | null> {
    const fetched = new Map<string, SelectionSetNode[] | null>();
    const add = (set: SelectionSetNode) => {
      for (const node of set.selections) {
        if (node.kind === Kind.FRAGMENT_SPREAD || node.directives?.length) throw new NotCompilable();
        if (node.kind === Kind.INLINE_FRAGMENT) {
          if (!node.typeCondition || this.isOf(node.typeCondition.name.value, type)) add(node.selectionSet);
          continue;
        }
        const key = node.alias?.value ?? node.name.value;
        refuseOddKey(key);
        if (key === '__typename' && node.name.value !== '__typename') throw new NotCompilable();
        const known = fetched.get(key) ?? [];
        fetched.set(key, node.selectionSet ? [...known, node.selectionSet] : null);
      }
    };
    for (const set of sets) add(set);
    return fetched;
  }

  private isOf(condition: string, type: GraphQLObjectType): boolean {
    const named = this.input.fullSchema.getType(condition);
    // Not even the full supergraph knows this type.
    if (!isCompositeType(named)) throw new NotCompilable();
    return alwaysHolds(this.input.fullSchema, named, this.input.fullSchema.getType(type.name) as GraphQLObjectType);
  }
}

const isRootOf = (shape: ObjectShape, root: CompiledPosition): boolean => root.shapes.get(shape.type.name) === shape;

/** Hidden fields are never returned, so nullability is not enforced on them. */
function formOf(type: GraphQLOutputType, visible: boolean): ValueForm {
  const nonNull = isNonNullType(type) && visible;
  const inner = isNonNullType(type) ? type.ofType : type;
  if (isListType(inner)) return { nonNull, kind: 'list', item: formOf(inner.ofType, visible) };
  return isLeafType(inner) ? { nonNull, kind: 'leaf', leaf: leafKind(inner) } : { nonNull, kind: 'object' };
}

function selectionOf(node: FetchNode): SelectionSetNode {
  if (node.inputRewrites?.length || node.outputRewrites?.length) throw new NotCompilable();
  const { definitions } = parse(node.operation, { noLocation: true });
  if (definitions.length !== 1) throw new NotCompilable();
  return (definitions[0] as OperationDefinitionNode).selectionSet;
}

function callOf(node: FetchNode): Call {
  const name = node.operationName ? `"operationName":${JSON.stringify(node.operationName)},` : '';
  return {
    node,
    start: `{"query":${JSON.stringify(node.operation)},${name}"variables":{`,
    variables: (node.variableUsages ?? []).map((variable) => [variable, `${JSON.stringify(variable)}:`]),
  };
}

/** Refuses keys that plain objects inherit, and `__proto__`, which cannot be assigned. */
function refuseOddKey(key: string): void {
  if (key in Object.prototype) throw new NotCompilable();
}
