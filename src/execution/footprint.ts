/** Derives from an operation's selections what the log records of it. */
import type { GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { type Footprint, meeting } from '../../subgraphs/edge/footprint.js';
import type { Rules } from '../../subgraphs/edge/rules.js';
import type { FieldSelection, Selections } from '../operation/selection.js';

export function footprint(
  schema: GraphQLSchema,
  rules: Rules,
  operation: OperationDefinitionNode,
  selections: Selections,
  sealing: boolean,
): Footprint {
  const met = meeting(schema, rules, sealing);
  const seen = new Set<Selections>();
  const walk = (set: Selections, root: boolean) => {
    if (seen.has(set)) return;
    seen.add(set);
    if (!root) met.type(set.parent);
    for (const item of set.items) {
      if (item.kind === 'field' && !item.denied && !item.definition.name.startsWith('__'))
        met.field(set.parent.name, item.definition.name);
      if (item.selections && !(item.kind === 'field' && item.denied)) walk(item.selections, false);
    }
  };
  walk(selections, true);
  const roots = rootFields(selections).map((field) => field.definition.name);
  return met.footprint(operation.operation, selections.parent.name, roots);
}

export const rootFields = (selections: Selections): FieldSelection[] =>
  selections.items.flatMap((item) =>
    item.kind === 'fragment' ? rootFields(item.selections) : item.definition.name.startsWith('__') ? [] : [item],
  );
