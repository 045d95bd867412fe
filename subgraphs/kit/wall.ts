/**
 * What a direct caller's operation may ask of this room (wall 1: a field that is denied refuses the whole operation), what it
 * leaves in the log, and the keys that are selected along so that the log can name whom the answer is about.
 */
import { randomBytes } from 'node:crypto';
import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql';
import type { Values } from './expand.js';
import { Fault } from './faults.js';
import { leadsToPerson, meeting } from './footprint.js';
import { holding } from './holds.js';
import { coordinates, type Rules } from './rules.js';
import { typedArguments } from './seal.js';
import { maskedArguments } from './secrets.js';
import type { Change } from './trail.js';
import type { Viewer } from './viewer.js';

export interface Permitted extends Change {
  /** With the keys of audited types selected along. */
  readonly operation: OperationDefinitionNode;
  /** Takes these keys out of the answer, and says whom they name. */
  take(data: unknown): Map<string, Set<string>>;
  /** The path of an error, up to where it leads into what was selected along. */
  shown(path: readonly (string | number)[]): readonly (string | number)[];
}

/** `operation`: valid, with its fragments in place. Throws FORBIDDEN unless the viewer may have all that it asks for. */
export function permitted(
  schema: GraphQLSchema,
  rules: Rules,
  viewer: Viewer,
  operation: OperationDefinitionNode,
  variables: Values,
  /** Seconds since the epoch. */
  now: number,
  /** Of the whole document, by `seals`. */
  sealing: boolean,
): Permitted {
  const root = schema.getRootType(operation.operation)!;
  const met = meeting(schema, rules, sealing);
  const rootFields: FieldNode[] = [];
  const keys = hiddenKeys(schema, rules);

  const demand = (coordinate: string) => {
    const requirement = rules.requirements.get(coordinate);
    if (requirement && holding(requirement, viewer, now) !== 'yes') throw new Fault('FORBIDDEN');
  };
  const walk = (set: SelectionSetNode, parent: GraphQLCompositeType, isRoot: boolean): SelectionSetNode => {
    demand(parent.name);
    if (!isRoot) met.type(parent);
    return { ...set, selections: set.selections.map((node) => walkNode(node, parent, isRoot)) };
  };
  const walkNode = (node: SelectionNode, parent: GraphQLCompositeType, isRoot: boolean): SelectionNode => {
    if (node.kind === Kind.INLINE_FRAGMENT) {
      const type = node.typeCondition ? schema.getType(node.typeCondition.name.value) : parent;
      return { ...node, selectionSet: walk(node.selectionSet, type as GraphQLCompositeType, isRoot) };
    }
    if (node.kind !== Kind.FIELD) throw new Error('fragments are in place by now');
    const name = node.name.value;
    // The name of a type is part of the schema, not of a row.
    if (name === '__typename') return node;
    const definition = 'getFields' in parent ? parent.getFields()[name] : undefined;
    // Also `_service`: the SDL is the gateway's to read.
    if (!definition || getNamedType(definition.type).name === '_Service') throw new Fault('FORBIDDEN');
    for (const coordinate of coordinates(schema, parent, definition)) demand(coordinate);
    met.field(parent.name, name);
    if (isRoot) rootFields.push(node);
    const type = getNamedType(definition.type);
    if (!node.selectionSet || !isCompositeType(type)) return node;
    return { ...node, selectionSet: keys.addTo(walk(node.selectionSet, type, false), type) };
  };

  const typedField = ({ name }: FieldNode) => {
    const { args, type } = root.getFields()[name.value]!;
    return { args, leadsToPerson: leadsToPerson(schema, rules, getNamedType(type)) };
  };

  const selectionSet = walk(operation.selectionSet, root, true);
  const footprint = met.footprint(
    operation.operation,
    root.name,
    rootFields.map(({ name }) => name.value),
  );
  return {
    // A set that `@skip` emptied still is one.
    operation: { ...operation, selectionSet: keys.neverEmpty(selectionSet) },
    footprint,
    criterion: () =>
      rootFields.map((field) => ({
        field: field.name.value,
        arguments: typedArguments(
          typedField(field),
          maskedArguments(
            `${root.name}.${field.name.value}`,
            Object.fromEntries(
              (field.arguments ?? []).map(({ name, value }) => [
                name.value,
                valueFromASTUntyped(value, variables as never) ?? null,
              ]),
            ),
            rules,
          ),
        ),
      })),
    take: keys.take,
    shown: keys.shown,
  };
}

/** Under a name that nobody can guess, so that no alias and no stored JSON can pass for one of them. */
function hiddenKeys(schema: GraphQLSchema, rules: Rules) {
  const mark = `_${randomBytes(8).toString('hex')}_`;

  const hidden = (name: string, selectionSet?: SelectionSetNode, as = name): FieldNode => ({
    kind: Kind.FIELD,
    alias: { kind: Kind.NAME, value: `${mark}${as}` },
    name: { kind: Kind.NAME, value: name },
    ...(selectionSet && { selectionSet }),
  });
  const neverEmpty = (set: SelectionSetNode): SelectionSetNode =>
    set.selections.length > 0 ? set : { ...set, selections: [hidden('__typename')] };

  const ofObject = (type: GraphQLObjectType, above: ReadonlySet<string>): SelectionNode[] => {
    const fields = type.getFields();
    const own = rules.auditedTypes.has(type.name) && fields.id ? [hidden('id', undefined, `id_${type.name}`)] : [];
    // A type met again on its own way to a person adds nothing new and would go round in circles.
    if (above.has(type.name)) return own;
    const below = new Set(above).add(type.name);
    const leading = (rules.auditedFields.get(type.name) ?? []).flatMap((name) => {
      const target = getNamedType(fields[name]!.type);
      return isCompositeType(target)
        ? [hidden(name, neverEmpty(addTo({ kind: Kind.SELECTION_SET, selections: [] }, target, below)))]
        : [];
    });
    return [...own, ...leading];
  };
  const addTo = (
    set: SelectionSetNode,
    type: GraphQLCompositeType,
    above: ReadonlySet<string> = new Set(),
  ): SelectionSetNode => {
    const added = isObjectType(type)
      ? ofObject(type, above)
      : schema.getPossibleTypes(type).flatMap((possible): SelectionNode[] => {
          const selections = ofObject(possible, above);
          if (selections.length === 0) return [];
          return [
            {
              kind: Kind.INLINE_FRAGMENT,
              typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: possible.name } },
              selectionSet: { kind: Kind.SELECTION_SET, selections },
            },
          ];
        });
    return neverEmpty({ ...set, selections: [...set.selections, ...added] });
  };

  const take = (data: unknown): Map<string, Set<string>> => {
    const named = new Map<string, Set<string>>();
    const idMark = `${mark}id_`;
    const walk = (value: unknown): void => {
      if (Array.isArray(value)) {
        for (const item of value) walk(item);
        return;
      }
      if (typeof value !== 'object' || value === null) return;
      const object = value as Record<string, unknown>;
      for (const key of Object.keys(object)) {
        walk(object[key]);
        if (!key.startsWith(mark)) continue;
        if (key.startsWith(idMark)) {
          const type = key.slice(idMark.length);
          named.set(type, (named.get(type) ?? new Set()).add(String(object[key])));
        }
        delete object[key];
      }
    };
    walk(data);
    return named;
  };

  return {
    addTo,
    neverEmpty,
    take,
    shown: (path: readonly (string | number)[]) => {
      const end = path.findIndex((part) => typeof part === 'string' && part.startsWith(mark));
      return end === -1 ? path : path.slice(0, end);
    },
  };
}
