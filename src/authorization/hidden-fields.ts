/**
 * Adds the fields that the gateway selects for itself. Wall 3 needs, for every shielded type, the field by which the
 * owning subgraph vouches for an object. The log needs the ids of audited types and the fields that lead to the person
 * an object is about.
 *
 * Hidden fields keep their own names where those are free, so that the planner fetches nothing twice. Otherwise they
 * take an alias that the operation does not use.
 */
import {
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
} from 'graphql';
import type { Rules } from '../../subgraphs/edge/rules.js';
import { type FieldSelection, fieldOf, type Selections, type TypedSelections } from '../operation/selection.js';

/** Returns the response key under which a field is fetched for the gateway's own use. */
export type HiddenKey = (fieldName: string) => string;

/** Chooses the keys of hidden fields, so that none collides with a key of the operation. */
export function hiddenKeys(selections: Selections): HiddenKey {
  const taken = new Map<string, Set<string>>();
  const seen = new Set<Selections>();
  const walk = (set: Selections) => {
    if (seen.has(set)) return;
    seen.add(set);
    for (const item of set.items) {
      // A field with arguments under its own name has a different value than the same field without arguments.
      if (item.kind === 'field') {
        const means = item.arguments.length > 0 ? `${item.definition.name}()` : item.definition.name;
        taken.set(item.rawKey, (taken.get(item.rawKey) ?? new Set()).add(means));
      }
      if (item.selections) walk(item.selections);
    }
  };
  walk(selections);
  let prefix = 0;
  while ([...taken.keys()].some((key) => key.startsWith(`_${prefix}_`))) prefix += 1;
  // Stored with the operation: only the keys that mean something other than the field of their own name.
  const others = new Set([...taken].flatMap(([key, means]) => (means.size === 1 && means.has(key) ? [] : [key])));
  return (name) => (others.has(name) ? `_${prefix}_${name}` : name);
}

/** Returns the selections with hidden fields added at every object that needs some. */
export function withHidden(schema: GraphQLSchema, rules: Rules, selections: Selections, keyOf: HiddenKey): Selections {
  const hiddenFor = (type: GraphQLObjectType, above: ReadonlySet<string>): FieldSelection[] => {
    const names = new Set(rules.auditedFields.get(type.name) ?? []);
    const by = rules.shielded.get(type.name);
    if (by) names.add(by);
    if (rules.auditedTypes.has(type.name)) names.add('id');
    if (isEdgeOf(type, rules)) names.add('node');
    // A type that occurs again on its own path to a person adds nothing new, and following it would not terminate.
    const below = new Set(above).add(type.name);
    return [...names].map((name): FieldSelection => {
      const definition = fieldOf(schema, type, name);
      const target = getNamedType(definition.type);
      const sub = isCompositeType(target) ? completed({ parent: target, items: [] }, below) : null;
      return {
        kind: 'field',
        key: keyOf(name),
        rawKey: keyOf(name),
        definition,
        arguments: [],
        selections: sub,
        denied: false,
        hidden: true,
      };
    });
  };
  const completed = (set: Selections, above: ReadonlySet<string>): Selections => {
    const hidden = objectTypes(schema, set.parent)
      .filter((type) => !above.has(type.name))
      .map((type) => ({ type, fields: hiddenFor(type, above) }))
      .filter(({ fields }) => fields.length > 0);
    const extra: (FieldSelection | TypedSelections)[] = isAbstractType(set.parent)
      ? hidden.map(({ type, fields }) => ({ kind: 'fragment', selections: { parent: type, items: fields } }))
      : hidden.flatMap(({ fields }) => fields);
    return { parent: set.parent, items: [...set.items, ...extra] };
  };
  // A part that occurs in many places is completed once and stays one object.
  const walked = { field: new Map<Selections, Selections>(), fragment: new Map<Selections, Selections>() };
  const walk = (set: Selections, of: keyof typeof walked): Selections => {
    const known = walked[of].get(set);
    if (known) return known;
    const items = set.items.map((item): FieldSelection | TypedSelections => {
      if (item.kind === 'fragment') return { ...item, selections: walk(item.selections, 'fragment') };
      return item.selections && !item.denied ? { ...item, selections: walk(item.selections, 'field') } : item;
    });
    // A fragment's fields belong to the object outside it, and that object is completed once.
    const made = { parent: set.parent, items };
    const whole = of === 'fragment' ? made : completed(made, new Set());
    walked[of].set(set, whole);
    return whole;
  };
  return walk(selections, 'field');
}

/**
 * Whether a type is a Relay edge to a shielded type. Such an edge vanishes together with its node: an edge with a null
 * node would reveal the number of hidden objects.
 */
export function isEdgeOf(type: GraphQLObjectType, rules: Rules): boolean {
  if (!type.name.endsWith('Edge')) return false;
  const node = type.getFields().node;
  return node !== undefined && rules.shielded.has(getNamedType(node.type).name);
}

const objectTypes = (schema: GraphQLSchema, type: GraphQLCompositeType): readonly GraphQLObjectType[] =>
  isObjectType(type) ? [type] : schema.getPossibleTypes(type);
