/**
 * Directives of an operation that subgraphs are to obey: all but those that the gateway obeys itself. Only what every subgraph defines
 * is in the API, so whichever is asked knows it.
 */
import {
  DirectiveLocation,
  type DirectiveNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type GraphQLSchema,
  type InlineFragmentNode,
  Kind,
} from 'graphql';
import { Fault } from '../../subgraphs/protocol/faults.js';

const ownDirectives: ReadonlySet<string> = new Set(['skip', 'include']);
const none: readonly DirectiveNode[] = [];

export function passedOn(directives: readonly DirectiveNode[] = none): readonly DirectiveNode[] {
  const others = directives.filter(({ name }) => !ownDirectives.has(name.value));
  return others.length > 0 ? others : none;
}

/** Of a fragment as it is sent on, in the place where it is spread. What may not stand there is refused: dropped, it would be disobeyed. */
export function fragmentDirectives(
  schema: GraphQLSchema,
  node: FragmentSpreadNode | InlineFragmentNode,
  fragment: FragmentDefinitionNode | InlineFragmentNode,
): readonly DirectiveNode[] {
  const own = passedOn(node.directives);
  if (node.kind === Kind.INLINE_FRAGMENT) return own;
  const all = [...own, ...passedOn(fragment.directives)];
  for (const { name } of all) {
    const definition = schema.getDirective(name.value);
    if (!definition?.locations.includes(DirectiveLocation.INLINE_FRAGMENT))
      throw new Fault(
        'BAD_USER_INPUT',
        `Directive "@${name.value}": named fragments are sent on as inline fragments, where it may not stand. Use it on fields.`,
      );
    if (!definition.isRepeatable && all.filter((one) => one.name.value === name.value).length > 1)
      throw new Fault(
        'BAD_USER_INPUT',
        `Directive "@${name.value}": the fragment and its spread are sent on as one, where it may stand only once.`,
      );
  }
  return all.length > 0 ? all : none;
}
