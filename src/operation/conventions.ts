/**
 * Our own conventions (page sizes, the form of cursors, the formats of Danish numbers) apply only to fields that our
 * own rooms resolve. `Date`, `first` and `after` are common names, and in another subgraph they mean what that subgraph
 * says.
 */
import { type ConstDirectiveNode, type DocumentNode, Kind, visit } from 'graphql';
import { argument } from '../../subgraphs/edge/rules.js';

/** Whether only our own rooms resolve a field. */
export type IsOurs = (type: string, field: string) => boolean;

/**
 * Returns the names of the subgraphs that define custom scalars. Only they know what a value of such a scalar may be.
 */
export function withOwnScalars(supergraph: DocumentNode): ReadonlySet<string> {
  const graphs = new Set<unknown>();
  const names = new Set<string>();
  visit(supergraph, {
    ScalarTypeDefinition({ directives = [] }) {
      for (const one of directives) if (one.name.value === 'join__type') graphs.add(argument(one, 'graph'));
    },
  });
  visit(supergraph, {
    EnumValueDefinition({ name, directives = [] }) {
      const graph = directives.find((one) => one.name.value === 'join__graph');
      if (graph && graphs.has(name.value)) names.add(String(argument(graph, 'name')));
    },
  });
  return names;
}

/** `rooms`: our own subgraphs. `undefined`: all subgraphs are ours. */
export function ownFields(supergraph: DocumentNode, rooms: ReadonlySet<string> | undefined): IsOurs {
  if (!rooms) return () => true;
  const foreign = new Set<string>();
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== 'join__Graph') continue;
    for (const { name, directives = [] } of definition.values ?? []) {
      const graph = directives.find((one) => one.name.value === 'join__graph');
      if (!graph || !rooms.has(String(argument(graph, 'name')))) foreign.add(name.value);
    }
  }
  const graphsIn = (directives: readonly ConstDirectiveNode[] = [], name: string) =>
    directives
      .filter((one) => one.name.value === name && argument(one, 'graph') !== undefined)
      .map((one) => String(argument(one, 'graph')));
  const others = new Set<string>();
  for (const type of supergraph.definitions) {
    if (type.kind !== Kind.OBJECT_TYPE_DEFINITION && type.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    const homes = graphsIn(type.directives, 'join__type');
    for (const field of type.fields ?? []) {
      const own = graphsIn(field.directives, 'join__field');
      if ((own.length > 0 ? own : homes).some((graph) => foreign.has(graph)))
        others.add(`${type.name.value}.${field.name.value}`);
    }
  }
  return (type, field) => !others.has(`${type}.${field}`);
}
