/**
 * Checks what a direct caller's operation may ask of this room (wall 1: one denied field refuses the whole operation) and what it
 * leaves in the log, and adds the keys that the log needs to name whom the answer is about.
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
import { Fault } from '../protocol/faults.js';
import type { Viewer } from '../protocol/viewer.js';
import { type Holding, holding } from './evaluate-requirement.js';
import { leadsToPerson, meeting } from './footprint.js';
import type { VariableValues } from './inline-fragments.js';
import { casesApart, isDivisible, openParting, pageOfCases } from './parts.js';
import type { Disclosed, IntendedChange } from './request-record.js';
import type { Rules } from './rules.js';
import { typedArguments } from './seal.js';
import { maskedArguments } from './secrets.js';
import { typeRules } from './type-rules.js';

export interface PermittedOperation extends IntendedChange {
  /** The operation, with the keys of audited types added to its selections. */
  readonly operation: OperationDefinitionNode;
  /** Removes these keys from the answer, and returns whom they name, also by the viewer's single cases within which they do. */
  take(data: unknown): Pick<Disclosed, 'named' | 'parts'>;
  /** The path of an error, cut where it leads into an added selection. */
  shown(path: readonly (string | number)[]): readonly (string | number)[];
}

/** `operation`: valid, with its fragments inlined. Throws FORBIDDEN unless the viewer may have everything that it asks for. */
export function permitted(
  schema: GraphQLSchema,
  rules: Rules,
  viewer: Viewer,
  operation: OperationDefinitionNode,
  variables: VariableValues,
  /** Seconds since the epoch. */
  now: number,
  /** The result of `seals` for the whole document. */
  sealing: boolean,
): PermittedOperation {
  const root = schema.getRootType(operation.operation)!;
  const met = meeting(schema, rules, sealing);
  const rootFields: FieldNode[] = [];
  const keys = hiddenKeys(schema, rules);
  const pages = new Map<string, number>();
  const notePage = (node: FieldNode, type: GraphQLCompositeType) => {
    const size = pageOfCases(type, argumentsOf(node, variables));
    const key = node.alias?.value ?? node.name.value;
    if (size !== undefined) pages.set(key, Math.min(size, pages.get(key) ?? size));
  };

  const { ofType, ofField } = typeRules(schema, rules, (requirement) => holding(requirement, viewer, now));
  const demand = (answer: Holding) => {
    if (answer !== 'yes') throw new Fault('FORBIDDEN');
  };
  const walk = (set: SelectionSetNode, parent: GraphQLCompositeType, isRoot: boolean): SelectionSetNode => {
    demand(ofType(parent.name));
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
    // This also denies `_service`: only the gateway reads the SDL.
    if (!definition || getNamedType(definition.type).name === '_Service') throw new Fault('FORBIDDEN');
    demand(ofField(parent, definition));
    met.field(parent.name, name);
    if (isRoot) rootFields.push(node);
    const type = getNamedType(definition.type);
    if (!node.selectionSet || !isCompositeType(type)) return node;
    notePage(node, type);
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
    // A selection set that `@skip` emptied must still be valid.
    operation: { ...operation, selectionSet: keys.neverEmpty(selectionSet) },
    footprint,
    criterion: () =>
      rootFields.map((field) => ({
        field: field.name.value,
        arguments: typedArguments(
          typedField(field),
          maskedArguments(`${root.name}.${field.name.value}`, argumentsOf(field, variables), rules),
        ),
      })),
    take(data) {
      const { named, parts } = keys.take(data, casesApart(viewer.seal), pages);
      return { named, parts: isDivisible(footprint.fields, rules) ? parts : null };
    },
    shown: keys.shown,
  };
}

const argumentsOf = (field: FieldNode, variables: VariableValues): Record<string, unknown> =>
  Object.fromEntries(
    (field.arguments ?? []).map(({ name, value }) => [
      name.value,
      valueFromASTUntyped(value, variables as never) ?? null,
    ]),
  );

/** Keys are added under a name that nobody can guess, so that no alias and no stored JSON can be taken for one. */
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
    // A type that occurs again on its own path adds nothing new, and following it would never end.
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

  const take = (data: unknown, apart: ReadonlySet<string>, pages: ReadonlyMap<string, number>) => {
    const named = new Map<string, Set<string>>();
    const parting = openParting(apart);
    const idMark = `${mark}id_`;
    const caseMark = `${idMark}Case`;
    const idsIn = function* (items: readonly unknown[]) {
      for (const item of items) {
        if (!isObject(item)) continue;
        yield item[caseMark];
        for (const inner of Object.values(item)) if (isObject(inner)) yield inner[caseMark];
      }
    };
    const walk = (value: unknown, size: number | undefined): void => {
      if (Array.isArray(value)) {
        if (size !== undefined) parting.page(value.length, () => idsIn(value), size);
        for (const item of value) walk(item, undefined);
        return;
      }
      if (!isObject(value)) return;
      const leave = parting.enter('Case', value[caseMark]);
      for (const key of Object.keys(value)) {
        // A page is a list within the connection itself.
        walk(value[key], Array.isArray(value[key]) ? size : pages.get(key));
        if (!key.startsWith(mark)) continue;
        if (key.startsWith(idMark)) {
          const type = key.slice(idMark.length);
          const id = String(value[key]);
          named.set(type, (named.get(type) ?? new Set()).add(id));
          parting.note(type, id, parting.place());
        }
        delete value[key];
      }
      leave();
    };
    walk(data, undefined);
    return { named, parts: parting.parts() };
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

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
