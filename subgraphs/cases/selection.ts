/** Whether the total of a list is asked for: counting a long list costs more than reading a page of it. */
import { type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';

export const asksForTotal = (info: GraphQLResolveInfo): boolean =>
  info.fieldNodes.some(({ selectionSet }) => selectionSet !== undefined && selects(selectionSet, info));

/** Looks at the list's own level. `@skip` and `@include` are ignored: the worst result is a count that nobody reads. */
const selects = (set: SelectionSetNode, info: GraphQLResolveInfo): boolean =>
  set.selections.some((item) => {
    if (item.kind === Kind.FIELD) return item.name.value === 'totalCount';
    if (item.kind === Kind.INLINE_FRAGMENT) return selects(item.selectionSet, info);
    const fragment = info.fragments[item.name.value];
    return fragment !== undefined && selects(fragment.selectionSet, info);
  });
