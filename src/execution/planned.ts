/**
 * What the planner adds to an operation by itself: the fields of every `@key` and `@requires`, under their own names. Whatever
 * stands under such a name it takes for the field. Planned as it comes, `id: note` would lead to another entity, so that the
 * owner vouches for one case while another is shown; `price(currency: USD)` would be handed to whoever requires `price`.
 *
 * So what a caller calls by such a name, and is not that field alone, is fetched under another key.
 */
import { type DirectiveNode, type DocumentNode, type FieldNode, Kind, parse, print, visit } from 'graphql';

/** The response key under which a field of an operation is fetched. Different keys stay different. */
export type RawKey = (field: FieldNode) => string;

export function rawKeys(supergraph: DocumentNode): RawKey {
  const fields = fieldSets(supergraph).flatMap((set) => set.fields);
  const added = new Set(fields.map(({ name }) => name.value));
  // Required with arguments, it is another field than without, whatever the arguments' defaults are.
  const withArguments = new Set(fields.filter((field) => field.arguments?.length).map(({ name }) => name.value));
  let prefix = 'own_';
  while ([...added].some((name) => name.startsWith(prefix))) prefix = `_${prefix}`;
  return ({ alias, name, arguments: given = [] }) => {
    const key = alias?.value ?? name.value;
    const isOther = key !== name.value || given.length > 0 || withArguments.has(key);
    // A key that looks like a changed one is changed too: otherwise it could be the one of another field.
    return (isOther && added.has(key)) || key.startsWith(prefix) ? prefix + key : key;
  };
}

export interface FieldSet {
  /** Where it stands: `Type` or `Type.field`. */
  readonly coordinate: string;
  readonly text: string;
  /** At every depth. */
  readonly fields: readonly FieldNode[];
}

/**
 * Two field sets that want one field with arguments that differ (none, too, differ from some): the planner would make one
 * field of them where they meet in an operation. In a `@key` composition allows no arguments.
 */
export function contradiction(supergraph: DocumentNode): readonly [FieldSet, FieldSet] | null {
  const known = new Map<string, { text: string; set: FieldSet }>();
  for (const set of fieldSets(supergraph))
    for (const field of set.fields) {
      const text = argumentsAsText(field);
      const before = known.get(field.name.value);
      if (before && before.text !== text) return [before.set, set];
      known.set(field.name.value, { text, set });
    }
  return null;
}

/** Whatever their order. */
const argumentsAsText = ({ arguments: given = [] }: FieldNode): string =>
  given
    .map((argument) => print(argument))
    .sort()
    .join();

const holdsFieldSet = new Set(['join__type.key', 'join__field.requires']);

function fieldSets({ definitions }: DocumentNode): FieldSet[] {
  const found: FieldSet[] = [];
  const read = (coordinate: string, directives: readonly DirectiveNode[] = []) => {
    for (const directive of directives)
      for (const { name, value } of directive.arguments ?? [])
        if (holdsFieldSet.has(`${directive.name.value}.${name.value}`) && value.kind === Kind.STRING)
          found.push({ coordinate, text: value.value, fields: fieldsOf(value.value) });
  };
  for (const type of definitions) {
    if (type.kind !== Kind.OBJECT_TYPE_DEFINITION && type.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    read(type.name.value, type.directives);
    for (const field of type.fields ?? []) read(`${type.name.value}.${field.name.value}`, field.directives);
  }
  return found;
}

function fieldsOf(text: string): FieldNode[] {
  const fields: FieldNode[] = [];
  visit(parse(`{${text}}`, { noLocation: true }), { Field: (field) => void fields.push(field) });
  return fields;
}
