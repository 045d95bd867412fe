/** Which subgraphs have which type and field, from the `join__` directives of a supergraph. */
import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  type TypeDefinitionNode,
  type TypeNode,
} from 'graphql';
import { argument } from '../../subgraphs/edge/rules.js';

export interface TypeJoin {
  readonly graph: string;
  /** Fields of one key; `undefined`: the subgraph has the type without a key. */
  readonly key: string | undefined;
}

export interface FieldJoin {
  readonly graph: string;
  /** Whether the subgraph only refers to the field. */
  readonly isExternal: boolean;
  /** The subgraph from which this one takes the field over. */
  readonly override: string | undefined;
}

export interface Joins {
  /** Names of all subgraphs. */
  readonly graphs: readonly string[];
  /** Types of the subgraphs; those of Federation are left out. */
  readonly types: readonly TypeDefinitionNode[];
  readonly typeOf: ReadonlyMap<string, TypeDefinitionNode>;
  ofType(type: TypeDefinitionNode): readonly TypeJoin[];
  ofField(type: TypeDefinitionNode, field: Field): readonly FieldJoin[];
}

export type Field = FieldDefinitionNode | InputValueDefinitionNode;

export function joinsIn(document: DocumentNode): Joins {
  const names = namesOfGraphs(document);
  const graphOf = (directive: ConstDirectiveNode) => names.get(String(argument(directive, 'graph'))) ?? '';
  const types = document.definitions.filter(
    (one): one is TypeDefinitionNode => isTypeDefinition(one) && !/^(join|link|core)__/.test(one.name.value),
  );
  const ofType = (type: TypeDefinitionNode): TypeJoin[] =>
    directivesIn(type, 'join__type').map((one) => ({
      graph: graphOf(one),
      key: argument(one, 'key') as string | undefined,
    }));
  return {
    graphs: [...names.values()],
    types,
    typeOf: new Map(types.map((type) => [type.name.value, type])),
    ofType,
    ofField(type, field) {
      const own = directivesIn(field, 'join__field').filter((one) => argument(one, 'graph') !== undefined);
      // A field without the directive is resolved by every subgraph that has the type.
      if (own.length === 0)
        return [...new Set(ofType(type).map(({ graph }) => graph))].map((graph) => ({
          ...{ graph, isExternal: false, override: undefined },
        }));
      return own.map((one) => ({
        graph: graphOf(one),
        isExternal: argument(one, 'external') === true,
        override: argument(one, 'override') as string | undefined,
      }));
    },
  };
}

function namesOfGraphs(document: DocumentNode): Map<string, string> {
  const names = new Map<string, string>();
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== 'join__Graph') continue;
    for (const value of definition.values ?? [])
      for (const one of directivesIn(value, 'join__graph')) names.set(value.name.value, String(argument(one, 'name')));
  }
  return names;
}

export const directivesIn = (
  node: { readonly directives?: readonly ConstDirectiveNode[] | undefined },
  name: string,
): ConstDirectiveNode[] => (node.directives ?? []).filter((one) => one.name.value === name);

export const fieldsIn = (type: TypeDefinitionNode): readonly Field[] => ('fields' in type && type.fields) || [];

export const namedType = (type: TypeNode): string =>
  type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);

export const isRoot = (type: string): boolean => ['Query', 'Mutation', 'Subscription'].includes(type);

const isTypeDefinition = (definition: DefinitionNode): definition is TypeDefinitionNode =>
  /TypeDefinition$/.test(definition.kind);
