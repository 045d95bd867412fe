/**
 * Turns the raw tree of subgraph data into the answer: the fields asked for, in the order asked, with nulls as the
 * schema requires. Applies wall 3: an object of a shielded type is removed unless its owner vouched for it. It is left
 * out of lists and null elsewhere; no error reports it and no list index counts it.
 *
 * A value or type that the supergraph hides from callers (`@inaccessible`) is null without an error too: an error would
 * reveal what is hidden.
 *
 * While doing so it notes, for the log, whom the answer is about. Notes are dropped for an object that is lost because
 * a parent became null.
 */
import {
  type GraphQLInterfaceType,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { type AnswerPart, openParting } from '../../subgraphs/edge/parts.js';
import type { Rules } from '../../subgraphs/edge/rules.js';
import type { HiddenKey } from '../authorization/hidden-fields.js';
import { isEdgeOf } from '../authorization/hidden-fields.js';
import { isDigits } from '../operation/digits.js';
import { getOwn, isObject, type Json, type JsonObject, setOwn } from '../operation/json.js';
import { type CollectedField, collect, type Selections } from '../operation/selection.js';
import type { IsFetched } from '../planning/planned-fields.js';
import { isLeafOf, leafKind } from './leaf-value.js';
import { answerPaths } from './paths.js';

export interface CompletedResponse {
  readonly data: JsonObject | null;
  /** Ids of audited objects in the answer, by type. */
  readonly named: ReadonlyMap<string, ReadonlySet<string>>;
  /**
   * The same ids, divided by the separately granted cases in which they occur. `null` if there is nothing to divide or
   * it cannot be divided.
   */
  readonly parts: readonly AnswerPart[] | null;
  /** Paths at which a subgraph's value does not have the form that its schema promises. */
  readonly misshapen: readonly (readonly (string | number)[])[];
  /** Paths at which nothing stands because the plan never asks for it. */
  readonly unplanned: readonly (readonly (string | number)[])[];
  /** Converts a path of the raw tree into a path of the answer. `null` if it leads into a removed object. */
  answerPath(path: readonly (string | number)[]): (string | number)[] | null;
}

export interface CompleteInput {
  readonly schema: GraphQLSchema;
  /** The schema including what callers may not see. */
  readonly fullSchema: GraphQLSchema;
  /** Whether some fetch of the plan asks for a key on objects of a type, at a place. */
  readonly isFetched: IsFetched;
  readonly rules: Rules;
  readonly selections: Selections;
  readonly hiddenKey: HiddenKey;
  /**
   * `apart`: ids of cases for which the viewer holds a separate grant. `pages`: page sizes, by response key of the
   * connection.
   */
  readonly apart: ReadonlySet<string>;
  readonly pages: ReadonlyMap<string, number>;
}

const gone = Symbol('gone');
/** A null that the schema does not allow here. It makes the parent null. */
const bubble = Symbol('bubble');
type CompletedValue = Json | typeof gone | typeof bubble;

/** Completes the response from raw data. `introspected`: values of `__schema` and `__type`, by response key. */
export function completeResponse(
  input: CompleteInput,
  raw: JsonObject,
  introspected: JsonObject | null,
): CompletedResponse {
  const { schema, rules, hiddenKey } = input;
  const named: [type: string, id: string, place: string][] = [];
  const parting = openParting(input.apart);
  const misshapen: (string | number)[][] = [];
  const unplanned: (string | number)[][] = [];
  const path: (string | number)[] = [];
  /** The same path by raw keys and without indices, as plans name it. */
  const rawPath: string[] = [];

  /**
   * Collected fields, by selection set and concrete type. They are kept for this answer only: most operations never
   * come here, and caching them would waste memory.
   */
  const collected = new Map<Selections, Map<string, CollectedField[]>>();
  const fieldsOf = (selections: Selections, type: string): CollectedField[] => {
    const byType = collected.get(selections) ?? new Map<string, CollectedField[]>();
    collected.set(selections, byType);
    const fields = byType.get(type) ?? collect(schema, selections, type);
    byType.set(type, fields);
    return fields;
  };

  const value = (raw: Json | undefined, type: GraphQLOutputType, selections: Selections | null): CompletedValue => {
    if (isNonNullType(type)) {
      const inner = value(raw, type.ofType, selections);
      return inner === null ? bubble : inner;
    }
    if (raw === null || raw === undefined) return null;
    if (isListType(type)) return Array.isArray(raw) ? list(raw, type.ofType, selections) : broken();
    if (isLeafType(type)) return isLeafOf(leafKind(type), raw) ? raw : isConcealedValue(type, raw) ? null : broken();
    if (!isObject(raw) || !selections) return broken();
    const shaped = object(raw, selections);
    return shaped === bubble ? null : shaped;
  };

  const list = (raw: Json[], type: GraphQLOutputType, selections: Selections | null): CompletedValue => {
    const items: Json[] = [];
    const mark = named.length;
    for (const item of raw) {
      path.push(items.length);
      const shaped = value(item, type, selections);
      path.pop();
      if (shaped === bubble) {
        named.length = mark;
        return null;
      }
      if (shaped !== gone) items.push(shaped);
    }
    return items;
  };

  const object = (raw: JsonObject, selections: Selections): CompletedValue => {
    const type = typeOf(schema, raw, selections);
    if (!type) return isConcealedType(raw, selections) ? null : broken();
    if (!isVouched(raw, type)) return gone;
    // The fields asked for depend on the concrete type, and no subgraph named it.
    if (!isObjectType(type) && selections.isSplit) return broken();
    if (!isObjectType(type) && schema.getPossibleTypes(type).some(isAudited)) return broken();
    const mark = named.length;
    const answer: JsonObject = {};
    const leave = parting.enter(type.name, idOf(raw));
    for (const field of fieldsOf(selections, type.name)) {
      if (field.hidden) {
        follow(getOwn(raw, field.rawKey), field.selections);
        continue;
      }
      path.push(field.key);
      rawPath.push(field.rawKey);
      const shaped = fieldValue(raw, field, type);
      rawPath.pop();
      path.pop();
      if (shaped === bubble) {
        named.length = mark;
        leave();
        return bubble;
      }
      setOwn(answer, field.key, shaped === gone ? null : shaped);
    }
    note(raw, type);
    leave();
    return answer;
  };

  const idOf = (raw: JsonObject) => getOwn(raw, hiddenKey('id'));
  /** Ids of the cases in a list of a connection: of its nodes, or of the nodes of its edges. */
  function* nodesIn(items: readonly Json[]) {
    for (const item of items) {
      if (!isObject(item)) continue;
      yield idOf(item);
      const node = getOwn(item, hiddenKey('node'));
      if (isObject(node)) yield idOf(node);
    }
  }

  const fieldValue = (raw: JsonObject, field: CollectedField, type: AnswerType): CompletedValue => {
    if (field.definition.name === '__typename') return isObjectType(type) ? type.name : bubble;
    if (field.definition.name.startsWith('__')) return introspected?.[field.key] ?? null;
    if (field.denied) return isNonNullType(field.definition.type) ? bubble : null;
    const found = getOwn(raw, field.rawKey);
    // The planner leaves out what it considers impossible. Such a gap is not a null from a subgraph.
    if (found === undefined && !input.isFetched(rawPath.slice(0, -1), type.name, field.rawKey))
      unplanned.push([...path]);
    // The path ends with the list's own key; the connection's key comes before it.
    const size =
      parting.isNeeded && type.name.endsWith('Connection') ? input.pages.get(String(path.at(-2))) : undefined;
    if (size !== undefined && Array.isArray(found)) parting.page(found.length, () => nodesIn(found), size);
    return value(found, field.definition.type, field.selections);
  };

  /** Notes whom hidden fields lead to. Nothing of them is answered. */
  const follow = (raw: Json | undefined, selections: Selections | null): void => {
    if (!selections) return;
    if (Array.isArray(raw)) {
      for (const item of raw) follow(item, selections);
      return;
    }
    if (!isObject(raw)) return;
    const type = typeOf(schema, raw, selections);
    if (!type || !isVouched(raw, type)) return;
    const leave = parting.enter(type.name, idOf(raw));
    note(raw, type);
    for (const field of fieldsOf(selections, type.name))
      if (field.hidden) follow(getOwn(raw, field.rawKey), field.selections);
    leave();
  };

  const isAudited = (type: GraphQLObjectType) =>
    rules.auditedTypes.has(type.name) || rules.auditedFields.has(type.name);

  const note = (raw: JsonObject, type: AnswerType) => {
    const id = rules.auditedTypes.has(type.name) ? idOf(raw) : undefined;
    if (typeof id === 'string' && !isDigits(id)) named.push([type.name, id, parting.place()]);
  };

  const isVouched = (raw: JsonObject, type: AnswerType): boolean => {
    // If no subgraph named the concrete type behind an interface, none of the possible types may be shielded.
    if (!isObjectType(type))
      return !schema.getPossibleTypes(type).some((possible) => rules.shielded.has(possible.name));
    const by = rules.shielded.get(type.name);
    if (by !== undefined) {
      const vouch = getOwn(raw, hiddenKey(by));
      return vouch !== null && vouch !== undefined;
    }
    if (!isEdgeOf(type, rules)) return true;
    const node = getOwn(raw, hiddenKey('node'));
    if (!isObject(node)) return false;
    const nodeType = typeOf(schema, node, { parent: nodeTypeOf(type), items: [] });
    return nodeType !== undefined && isVouched(node, nodeType);
  };

  const isConcealedValue = (type: GraphQLLeafType, raw: Json): boolean => {
    const whole = input.fullSchema.getType(type.name);
    return isEnumType(whole) && isLeafOf(leafKind(whole), raw);
  };

  const isConcealedType = (raw: JsonObject, { parent }: Selections): boolean => {
    const name = getOwn(raw, '__typename');
    const [type, whole] = [name, parent.name].map((one) =>
      typeof one === 'string' ? input.fullSchema.getType(one) : undefined,
    );
    return (
      isObjectType(type) &&
      isAbstractType(whole) &&
      !schema.getType(type.name) &&
      input.fullSchema.isSubType(whole, type)
    );
  };

  const broken = (): null => {
    misshapen.push([...path]);
    return null;
  };

  const root = object(raw, input.selections);
  const ids = new Map<string, Set<string>>();
  for (const [type, id, place] of named) {
    ids.set(type, (ids.get(type) ?? new Set()).add(id));
    if (parting.isNeeded) parting.note(type, id, place);
  }
  return {
    data: isObject(root) ? root : null,
    named: ids,
    parts: parting.parts(),
    misshapen,
    unplanned,
    answerPath: answerPaths(raw, input.selections, {
      fieldsOf,
      typeName: (object, selections) => typeOf(schema, object, selections)?.name,
      isGone: (object, selections) => {
        const type = typeOf(schema, object, selections);
        return type !== undefined && !isVouched(object, type);
      },
    }),
  };
}

/**
 * An object's type. An interface stands for itself if a subgraph knows its objects only as that interface
 * (`@interfaceObject`).
 */
type AnswerType = GraphQLObjectType | GraphQLInterfaceType;

function typeOf(schema: GraphQLSchema, raw: JsonObject, { parent }: Selections): AnswerType | undefined {
  if (isObjectType(parent)) return parent;
  const name = getOwn(raw, '__typename');
  if (isInterfaceType(parent) && (name === undefined || name === parent.name)) return parent;
  const type = typeof name === 'string' ? schema.getType(name) : undefined;
  return isObjectType(type) && schema.isSubType(parent, type) ? type : undefined;
}

function nodeTypeOf(edge: GraphQLObjectType) {
  const type = edge.getFields().node!.type;
  return (isNonNullType(type) ? type.ofType : type) as GraphQLObjectType;
}
