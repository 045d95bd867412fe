/**
 * Wall 1: decides which fields an operation may ask for, before it is planned. A denied field stays in the selection
 * tree, marked, so that it can be answered with null; it is never fetched.
 *
 * A decision depends only on the operation, its conditions, the viewer and the clock. It reveals the schema and never a
 * row.
 */
import type { GraphQLSchema } from 'graphql';
import type { Holding } from '../../subgraphs/edge/evaluate-requirement.js';
import { coordinates, type Requirement, type Rules } from '../../subgraphs/edge/rules.js';
import { least, typeRules } from '../../subgraphs/edge/type-rules.js';
import type { FieldSelection, Selections, TypedSelections } from '../operation/selection.js';

export interface Permitted {
  readonly selections: Selections;
  readonly denied: readonly Denied[];
}

export interface Denied {
  /** Response path, without list indices: the length of a list is data. */
  readonly path: readonly string[];
  /** Whether a fresh sign-in is all that is missing. */
  readonly again: boolean;
}

/**
 * Marks denied fields in the selections and lists their paths. `holding` says whether the viewer meets a requirement:
 * `yes`, `no`, or `again` for a viewer who only has to sign in again.
 */
export function applyTypeWall(
  schema: GraphQLSchema,
  rules: Rules,
  selections: Selections,
  holding: (requirement: Requirement) => Holding,
): Permitted {
  const { ofType, ofField } = typeRules(schema, rules, holding);
  // A part that occurs in many places is judged once and stays one object.
  const judged = new Map<Selections, Map<Holding, Permitted>>();
  const walk = (set: Selections, typeAllowed: Holding): Permitted => {
    const known = judged.get(set) ?? new Map<Holding, Permitted>();
    judged.set(set, known);
    const made = known.get(typeAllowed) ?? judge(set, typeAllowed);
    known.set(typeAllowed, made);
    return made;
  };
  /** Paths of denied fields start at this set. */
  const judge = (set: Selections, typeAllowed: Holding): Permitted => {
    const denied: Denied[] = [];
    const items = set.items.map((item): FieldSelection | TypedSelections => {
      if (item.kind === 'fragment') {
        const inside = walk(item.selections, least([typeAllowed, ofType(item.selections.parent.name)]));
        denied.push(...inside.denied);
        return inside.selections === item.selections ? item : { ...item, selections: inside.selections };
      }
      // A type's name is part of the schema, not of a row.
      if (item.definition.name.startsWith('__')) return item;
      const answer = least([typeAllowed, ofField(set.parent, item.definition)]);
      if (answer !== 'yes') {
        denied.push({ path: [item.key], again: answer === 'again' });
        return { ...item, selections: item.selections && emptied(item.selections), denied: true };
      }
      if (!item.selections) return item;
      const below = walk(item.selections, 'yes');
      for (const one of below.denied) denied.push({ ...one, path: [item.key, ...one.path] });
      return below.selections === item.selections ? item : { ...item, selections: below.selections };
    });
    const isSame = items.every((item, index) => item === set.items[index]);
    return { selections: isSame ? set : { parent: set.parent, items }, denied };
  };
  const permitted = walk(selections, ofType(selections.parent.name));
  return { selections: permitted.selections, denied: unique(permitted.denied) };
}

/**
 * Returns every requirement that the operation's types and fields have. A decision about the operation can depend on
 * these only.
 */
export function requirementsMet(schema: GraphQLSchema, rules: Rules, selections: Selections): Requirement[] {
  const met = new Set<Requirement>();
  const note = (coordinate: string) => {
    const requirement = rules.requirements.get(coordinate);
    if (requirement) met.add(requirement);
  };
  const seen = new Set<Selections>();
  const walk = (set: Selections) => {
    if (seen.has(set)) return;
    seen.add(set);
    note(set.parent.name);
    for (const item of set.items) {
      if (item.kind === 'field') coordinates(schema, set.parent, item.definition).forEach(note);
      if (item.selections) walk(item.selections);
    }
  };
  walk(selections);
  return [...met];
}

const emptied = (selections: Selections): Selections => ({ parent: selections.parent, items: [] });

const unique = (denied: readonly Denied[]): Denied[] => [
  ...new Map(denied.map((one) => [JSON.stringify(one.path), one])).values(),
];
