/** Whether an answer is to hold a list's total: counting a long list costs more than reading a page of it. */
import { type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';

export const asksForTotal = (info: GraphQLResolveInfo): boolean =>
  info.fieldNodes.some(({ selectionSet }) => selectionSet !== undefined && selects(selectionSet, info));

/** At the list's own level; `@skip` and `@include` are not heeded: at worst there is a count that nobody reads. */
const selects = (set: SelectionSetNode, info: GraphQLResolveInfo): boolean =>
  set.selections.some((item) => {
    if (item.kind === Kind.FIELD) return item.name.value === 'totalCount';
    if (item.kind === Kind.INLINE_FRAGMENT) return selects(item.selectionSet, info);
    const fragment = info.fragments[item.name.value];
    return fragment !== undefined && selects(fragment.selectionSet, info);
  });
