/**
 * How every list of a room is paged. A caller's arguments become a `Paging`; the store returns one row more than the page holds, if
 * there is one; `pageOf` makes the page of these rows, and `connection` (protocol/connection.ts) what the schema shows of it.
 */
import { type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';
import { decodeCursor, encodeCursor, malformedCursor, type Page, pageSize } from '../protocol/connection.js';
import { Fault } from '../protocol/faults.js';
import { malformed } from '../protocol/scalars.js';
import { isUuid } from '../protocol/text.js';

/** The sort key and id of the row before a page. */
export interface Position {
  readonly key: string;
  readonly id: string;
}

export interface Paging {
  /** Number of rows, 0 to 500. */
  readonly size: number;
  readonly after: Position | null;
  /** Whether the total is asked for: counting a long list costs more than reading a page of it. */
  readonly counted: boolean;
}

/** The arguments that every list takes, as the schema hands them over. */
interface ListArguments {
  readonly first: number | null | undefined;
  readonly after: string | null | undefined;
}

/**
 * What page is asked for. `isKey`: whether a text can be a sort key of the list. `order`: for a list with several orders, the one
 * asked for; a cursor of such a list carries it, because in another order its position means nothing. `isId`: what an id in a cursor
 * looks like, where that is no UUID. Throws `PAGE_LIMIT`, and
 * `BAD_USER_INPUT` for any other cursor than one of this list and order.
 */
export const pagingOf = (
  { first, after }: ListArguments,
  info: GraphQLResolveInfo,
  isKey: (key: string) => boolean,
  order?: string,
  isId: (id: string) => boolean = isUuid,
): Paging => ({ size: pageSize(first), after: positionOf(after, isKey, isId, order), counted: asksForTotal(info) });

function positionOf(
  after: string | null | undefined,
  isKey: (key: string) => boolean,
  isId: (id: string) => boolean,
  order: string | undefined,
): Position | null {
  const position = decodeCursor(after, order === undefined ? 2 : 3);
  if (!position) return null;
  const [key, id] = position.slice(-2);
  const fits =
    (order === undefined || position[0] === order) &&
    typeof key === 'string' &&
    isKey(key) &&
    typeof id === 'string' &&
    isId(id);
  if (!fits) throw new Fault('BAD_USER_INPUT', malformedCursor);
  return { key, id };
}

/** Whether a sort key is a time in the form in which cursors hold it: UTC, with milliseconds. */
export const isTimeKey = (key: string): boolean =>
  malformed('DateTime', key) === undefined && new Date(key).toISOString() === key;

/** The page that begins with these rows. `positionOf`: where a row stands in the list. */
export const pageOf = <Row>(
  rows: readonly Row[],
  { size }: Pick<Paging, 'size'>,
  totalCount: number,
  positionOf: (row: Row) => { readonly key: string | Date; readonly id: string },
  order?: string,
): Page<Row> => ({
  nodes: rows.slice(0, size),
  hasNextPage: rows.length > size,
  totalCount,
  cursorOf(row) {
    const { key, id } = positionOf(row);
    const position = [key instanceof Date ? key.toISOString() : key, id];
    return encodeCursor(order === undefined ? position : [order, ...position]);
  },
});

/** The page of a list in which there is nothing for this viewer. */
export const noPage = (): Page<never> => ({ nodes: [], hasNextPage: false, totalCount: 0, cursorOf: () => '' });

const asksForTotal = (info: GraphQLResolveInfo): boolean =>
  info.fieldNodes.some(({ selectionSet }) => selectionSet !== undefined && selectsTotal(selectionSet, info));

/** Looks at the list's own level. `@skip` and `@include` are ignored: the worst result is a count that nobody reads. */
const selectsTotal = (set: SelectionSetNode, info: GraphQLResolveInfo): boolean =>
  set.selections.some((item) => {
    if (item.kind === Kind.FIELD) return item.name.value === 'totalCount';
    if (item.kind === Kind.INLINE_FRAGMENT) return selectsTotal(item.selectionSet, info);
    const fragment = info.fragments[item.name.value];
    return fragment !== undefined && selectsTotal(fragment.selectionSet, info);
  });
