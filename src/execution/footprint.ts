/** What an operation leaves in the log, known before it is run and so the same whatever the data are. */
import { type GraphQLSchema, isAbstractType, type OperationDefinitionNode } from 'graphql';
import type { UseType } from '../../subgraphs/kit/entry.js';
import type { Rules } from '../authorization/rules.js';
import type { FieldSelection, Selections } from './selection.js';

export interface Footprint {
  readonly use: UseType;
  /** Schema coordinates that are answered. */
  readonly fields: readonly string[];
  /** Whether it can disclose a person or a case, or is a use that is logged by itself. */
  readonly audited: boolean;
  /** Whether a shielded row could be met by it: found or not, that somebody cleared asked is logged under seal. */
  readonly sealing: boolean;
  /** Whether all that it does is to change the caller's own session. */
  readonly ownSession: boolean;
}

export function footprint(
  schema: GraphQLSchema,
  rules: Rules,
  operation: OperationDefinitionNode,
  selections: Selections,
): Footprint {
  const fields = new Set<string>();
  let audited = false;
  let sealing = false;
  const meets = (type: string) => {
    if (rules.auditedTypes.has(type) || rules.auditedFields.has(type)) audited = true;
    if (rules.sealing.has(type)) sealing = true;
  };
  const walk = (set: Selections, root: boolean) => {
    if (!root) {
      meets(set.parent.name);
      if (isAbstractType(set.parent)) for (const type of schema.getPossibleTypes(set.parent)) meets(type.name);
    }
    for (const item of set.items) {
      if (item.kind === 'field' && !item.denied && !item.definition.name.startsWith('__')) {
        const coordinate = `${set.parent.name}.${item.definition.name}`;
        fields.add(coordinate);
        // A read that meets nobody (a municipality, an organisation) leaves no entry; a search does, found or not.
        if ((rules.uses.get(coordinate) ?? 'READ') !== 'READ' || rules.sealing.has(coordinate)) audited = true;
        if (rules.sealing.has(coordinate)) sealing = true;
      }
      if (item.selections && !(item.kind === 'field' && item.denied)) walk(item.selections, false);
    }
  };
  walk(selections, true);
  const rootType = selections.parent.name;
  const roots = rootFields(selections);
  const ownSession = roots.every((field) => rules.ownSession.has(`${rootType}.${field.definition.name}`));
  const uses = roots.map(
    (field) => (rules.uses.get(`${rootType}.${field.definition.name}`) as UseType | undefined) ?? 'READ',
  );
  const use: UseType =
    operation.operation === 'mutation'
      ? (uses.find((one) => one !== 'READ') ?? 'CHANGE')
      : uses.includes('SEARCH')
        ? 'SEARCH'
        : (uses[0] ?? 'READ');
  return { use, fields: [...fields].sort(), audited, sealing, ownSession };
}

export const rootFields = (selections: Selections): FieldSelection[] =>
  selections.items.flatMap((item) =>
    item.kind === 'fragment' ? rootFields(item.selections) : item.definition.name.startsWith('__') ? [] : [item],
  );
