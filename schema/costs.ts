/** What callers see of the schema, with what it costs: printing a schema leaves directives out, and frontends plan their pages by these. */
import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  Kind,
  type Location,
  type NameNode,
  parse,
  print,
} from 'graphql';

const shown: ReadonlySet<string> = new Set(['cost', 'listSize']);

/** `api`: the printed API schema. `supergraph`: where the directives stand. */
export function withCosts(api: string, supergraph: DocumentNode): string {
  const placed = new Map<string, readonly ConstDirectiveNode[]>();
  const definitions: DefinitionNode[] = [];
  for (const definition of supergraph.definitions) {
    if (definition.kind === Kind.DIRECTIVE_DEFINITION && shown.has(definition.name.value)) definitions.push(definition);
    eachPlace(definition, (coordinate, directives) => {
      const found = directives.filter(({ name }) => shown.has(name.value));
      if (found.length > 0) placed.set(coordinate, found);
    });
  }
  // Written into the text, which stays as it was printed.
  const insertions: (readonly [offset: number, text: string])[] = [];
  for (const definition of parse(api).definitions)
    eachPlace(definition, (coordinate, _none, node) => {
      const text = (placed.get(coordinate) ?? []).map((directive) => ` ${print(directive)}`).join('');
      if (text) insertions.push([node.fields ? node.name.loc!.end : node.loc!.end, text]);
    });
  const texts: string[] = [];
  let from = 0;
  for (const [offset, text] of insertions.sort(([one], [other]) => one - other)) {
    texts.push(api.slice(from, offset), text);
    from = offset;
  }
  return [...definitions.map(print), `${texts.join('')}${api.slice(from)}`].join('\n\n');
}

/** A node with a name. `fields`: a type that implements no interface, whose directives follow its name. */
interface Place {
  readonly name: NameNode;
  readonly loc?: Location;
  readonly fields?: readonly unknown[];
  readonly directives?: readonly ConstDirectiveNode[];
}

/** Every place of a definition where a directive may stand: the type, its fields, their arguments. */
function eachPlace(
  definition: DefinitionNode,
  visit: (coordinate: string, directives: readonly ConstDirectiveNode[], node: Place) => void,
): void {
  if (!('name' in definition) || !definition.name || !/TypeDefinition$/.test(definition.kind)) return;
  const at = (coordinate: string, node: object) => {
    const place = node as Place;
    visit(coordinate, place.directives ?? [], place);
  };
  const type = definition.name.value;
  at(type, definition);
  for (const field of ('fields' in definition && definition.fields) || []) {
    at(`${type}.${field.name.value}`, field);
    for (const given of ('arguments' in field && field.arguments) || [])
      at(`${type}.${field.name.value}(${given.name.value}:)`, given);
  }
}
