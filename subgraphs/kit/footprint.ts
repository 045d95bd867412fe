/**
 * What an operation leaves in the log, known before it is run and so the same whatever the data are. Each edge walks its own
 * form of an operation and hands over what it met.
 */
import { type GraphQLCompositeType, type GraphQLSchema, getNamedType, isAbstractType, isObjectType } from 'graphql';
import type { UseType } from './entry.js';
import type { Rules } from './rules.js';

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

/** What an operation meets once fragments are expanded and conditions resolved; fields about the schema itself left out. */
export interface Met {
  /** Of an object that is answered, but for the root. */
  type(type: GraphQLCompositeType): void;
  field(parent: string, name: string): void;
  footprint(kind: string, root: string, rootFields: readonly string[]): Footprint;
}

/** Of what a query does at once the log names the first of these. */
const strongest: readonly UseType[] = ['EXTRACT', 'SEARCH'];

export function meeting(schema: GraphQLSchema, rules: Rules): Met {
  const fields = new Set<string>();
  let audited = false;
  let sealing = false;
  const meets = (type: string) => {
    if (rules.auditedTypes.has(type) || rules.auditedFields.has(type)) audited = true;
    if (rules.sealing.has(type)) sealing = true;
  };
  const useOf = (coordinate: string) => rules.uses.get(coordinate) ?? 'READ';
  return {
    type(type) {
      meets(type.name);
      // A list that is only counted was searched all the same.
      const nodes = isObjectType(type) && type.name.endsWith('Connection') ? type.getFields().nodes : undefined;
      if (nodes) meets(getNamedType(nodes.type).name);
      if (isAbstractType(type)) for (const possible of schema.getPossibleTypes(type)) meets(possible.name);
    },
    field(parent, name) {
      const coordinate = `${parent}.${name}`;
      fields.add(coordinate);
      // A read that meets nobody (a municipality, an organisation) leaves no entry; a search does, found or not.
      if (useOf(coordinate) !== 'READ' || rules.sealing.has(coordinate)) audited = true;
      if (rules.sealing.has(coordinate)) sealing = true;
    },
    footprint(kind, root, rootFields) {
      const uses = rootFields.map((name) => useOf(`${root}.${name}`));
      const use: UseType =
        kind === 'mutation'
          ? (uses.find((one) => one !== 'READ') ?? 'CHANGE')
          : (strongest.find((one) => uses.includes(one)) ?? uses[0] ?? 'READ');
      const ownSession = rootFields.every((name) => rules.ownSession.has(`${root}.${name}`));
      return { use, fields: [...fields].sort(), audited, sealing, ownSession };
    },
  };
}
