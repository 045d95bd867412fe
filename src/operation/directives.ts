/**
 * Selects the directives of an operation that are passed to subgraphs: all except those that the gateway itself
 * executes. The API schema contains only directives that every subgraph defines, so any subgraph knows them.
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

/** Returns the directives that are passed to subgraphs. */
export function passedOn(directives: readonly DirectiveNode[] = none): readonly DirectiveNode[] {
  const others = directives.filter(({ name }) => !ownDirectives.has(name.value));
  return others.length > 0 ? others : none;
}

/**
 * Returns the directives of a fragment as it is sent: inline, where it was spread. A directive that may not stand there
 * is refused, because dropping it would mean ignoring it.
 */
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
