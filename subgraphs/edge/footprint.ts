/**
 * What an operation leaves in the log. It is known before the operation is run, so it does not depend on the data. Each edge walks
 * its own form of an operation and reports what it met.
 */
import {
  type DocumentNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isObjectType,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { UseType } from '../protocol/log-entry.js';
import { coordinates, type Rules } from './rules.js';
import { documentNamesCase } from './seal.js';

export interface Footprint {
  readonly use: UseType;
  /** Schema coordinates that are answered. */
  readonly fields: readonly string[];
  /** Whether it can disclose a person or a case, or is a kind of use that is always logged. */
  readonly audited: boolean;
  /**
   * Whether its text speaks of something that may be shielded (`seals`). That somebody cleared asked is logged under seal, whether
   * anything was found or not.
   */
  readonly sealing: boolean;
  /** Whether it only changes the caller's own session. */
  readonly ownSession: boolean;
}

/** What an operation meets once fragments are expanded and conditions resolved. Introspection fields are left out. */
export interface Met {
  /** Notes the type of an answered object, except the root. */
  type(type: GraphQLNamedType): void;
  field(parent: string, name: string): void;
  footprint(kind: string, root: string, rootFields: readonly string[]): Footprint;
}

/** If a query has several types of use, the log names the first of these. */
const strongest: readonly UseType[] = ['EXTRACT', 'SEARCH'];

/** `sealing`: the result of `seals` for the operation's document. */
export function meeting(schema: GraphQLSchema, rules: Rules, sealing: boolean): Met {
  const fields = new Set<string>();
  let audited = false;
  const useOf = (coordinate: string) => rules.uses.get(coordinate) ?? 'READ';
  return {
    type(type) {
      audited ||= leadsToPerson(schema, rules, type);
    },
    field(parent, name) {
      const coordinate = `${parent}.${name}`;
      fields.add(coordinate);
      // A read that meets nobody (a municipality, an organisation) leaves no entry. A search always does, whether anything was found
      // or not.
      if (useOf(coordinate) !== 'READ' || rules.sealing.has(coordinate)) audited = true;
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

/**
 * Whether any part of a document speaks of something that may be shielded. Its text and arguments are logged whole, even where
 * `@skip` leaves a part out, where another of its operations is run, or where the caller is denied what the text names. Comments and
 * names count too.
 */
export function seals(schema: GraphQLSchema, rules: Rules, document: DocumentNode): boolean {
  const info = new TypeInfo(schema);
  const ids = new Set<number>();
  let found = false;
  visit(
    document,
    visitWithTypeInfo(info, {
      Field() {
        const [parent, definition] = [info.getParentType(), info.getFieldDef()];
        if (!parent || !definition) return;
        const met = [...coordinates(schema, parent, definition), ...metBy(schema, getNamedType(definition.type))];
        found ||= met.some((one) => rules.sealing.has(one));
      },
      StringValue({ loc }) {
        const field = info.getFieldDef();
        const leads =
          info.getParentType() === schema.getMutationType() ||
          (field && leadsToPerson(schema, rules, getNamedType(field.type)));
        if (loc && leads && getNamedType(info.getInputType())?.name === 'ID') ids.add(loc.start);
      },
    }),
  );
  return found || documentNamesCase(document, (start) => ids.has(start));
}

/** Whether an object of this type is a person whom the log names, or leads to one. */
export const leadsToPerson = (schema: GraphQLSchema, rules: Rules, type: GraphQLNamedType): boolean =>
  metBy(schema, type).some((met) => rules.auditedTypes.has(met) || rules.auditedFields.has(met));

/** Names of the types that are met when an object of this type is answered. */
function metBy(schema: GraphQLSchema, type: GraphQLNamedType): string[] {
  // A list of which only the count is asked was searched all the same.
  const nodes = isObjectType(type) && type.name.endsWith('Connection') ? type.getFields().nodes : undefined;
  return [
    type.name,
    ...(nodes ? [getNamedType(nodes.type).name] : []),
    ...(isAbstractType(type) ? schema.getPossibleTypes(type).map(({ name }) => name) : []),
  ];
}
