/** `@cost` and `@listSize` as a schema states them. The gateway reads them from the supergraph, a room from its own SDL. */
import { type ConstDirectiveNode, type DefinitionNode, type DocumentNode, Kind } from 'graphql';
import { argument } from './rules.js';

export interface ListSize {
  /** Number of objects if no argument gives it; `null` if that is not stated either. */
  readonly assumed: number | null;
  /** Arguments that give the size, as paths: `first`, or `page.size` within an input object. */
  readonly slicing: readonly string[];
  /** The fields of the returned object that have this size. Empty: the field itself is the list. */
  readonly sizedFields: readonly string[];
  readonly requireOne: boolean;
}

export interface Costs {
  /** `@listSize` by coordinate of the field. */
  readonly sizes: ReadonlyMap<string, ListSize>;
  /** `@cost` by coordinate: `Type`, `Type.field`, `Type.field(argument:)`, `Input.field`. */
  readonly weights: ReadonlyMap<string, number>;
}

export const noCosts: Costs = { sizes: new Map(), weights: new Map() };

export interface CostNames {
  cost: string;
  listSize: string;
}

export const defaultCostNames: CostNames = { cost: 'cost', listSize: 'listSize' };

/** Assumed number of objects in a list without `@listSize`. */
export const unsized = 10;

/** Reads the cost rules of a schema document. */
export function costsOf(document: DocumentNode, names: CostNames = defaultCostNames): Costs {
  const sizes = new Map<string, ListSize>();
  const weights = new Map<string, number>();
  const weigh = (coordinate: string, directives: DirectiveNodes) => {
    const weight = find(directives, names.cost);
    if (weight) weights.set(coordinate, Number(argument(weight, 'weight')));
  };
  for (const definition of document.definitions) {
    if (!isType(definition)) continue;
    const type = definition.name.value;
    weigh(type, definition.directives);
    for (const field of ('fields' in definition && definition.fields) || []) {
      const coordinate = `${type}.${field.name.value}`;
      weigh(coordinate, field.directives);
      const size = find(field.directives, names.listSize);
      if (size) sizes.set(coordinate, listSizeOf(size));
      for (const given of ('arguments' in field && field.arguments) || [])
        weigh(`${coordinate}(${given.name.value}:)`, given.directives);
    }
  }
  return { sizes, weights };
}

const listSizeOf = (directive: ConstDirectiveNode): ListSize => ({
  assumed: (argument(directive, 'assumedSize') as number | null | undefined) ?? null,
  slicing: (argument(directive, 'slicingArguments') as string[] | null | undefined) ?? [],
  sizedFields: (argument(directive, 'sizedFields') as string[] | null | undefined) ?? [],
  requireOne: (argument(directive, 'requireOneSlicingArgument') as boolean | null | undefined) ?? true,
});

type DirectiveNodes = readonly ConstDirectiveNode[] | undefined;

const find = (directives: DirectiveNodes, name: string) => directives?.find((one) => one.name.value === name);

const typeKinds: ReadonlySet<string> = new Set([
  Kind.OBJECT_TYPE_DEFINITION,
  Kind.OBJECT_TYPE_EXTENSION,
  Kind.INTERFACE_TYPE_DEFINITION,
  Kind.INTERFACE_TYPE_EXTENSION,
  Kind.INPUT_OBJECT_TYPE_DEFINITION,
  Kind.INPUT_OBJECT_TYPE_EXTENSION,
  Kind.SCALAR_TYPE_DEFINITION,
  Kind.ENUM_TYPE_DEFINITION,
  Kind.UNION_TYPE_DEFINITION,
]);

type TypeDefinition = Extract<DefinitionNode, { readonly kind: `${string}TypeDefinition` | `${string}TypeExtension` }>;
const isType = (definition: DefinitionNode): definition is TypeDefinition => typeKinds.has(definition.kind);
