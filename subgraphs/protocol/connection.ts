/**
 * Relay connections. A cursor is a position in an order (the sort key and id of the row it was made from), not a reference to a row.
 * What follows it does not depend on whether that row still exists, or exists for this viewer.
 */
import 'reflect-metadata'; // type-graphql's decorators need it before the first class that bears one
import type { ClassType } from 'type-graphql';
import { Directive, Field, Int, ObjectType } from 'type-graphql';
import { Cost } from './directives.js';
import { Fault } from './faults.js';
import { utf8In } from './reading.js';

export const maxPage = 500;
export const defaultPage = 50;

/** Descriptions of the arguments that every list takes. */
export const firstDescription = 'Page size: 0 to 500, 50 by default.';
export const afterDescription = 'Cursor of the item before the page.';

export interface Page<Node> {
  nodes: Node[];
  cursorOf(node: Node): string;
  hasNextPage: boolean;
  totalCount: number;
}

/** Number of rows asked for. Ask the database for one more to learn `hasNextPage`. */
export function pageSize(first: number | null | undefined): number {
  const size = first ?? defaultPage;
  if (size < 0 || size > maxPage) throw new Fault('PAGE_LIMIT');
  return size;
}

export const encodeCursor = (position: readonly (string | number | null)[]): string =>
  Buffer.from(JSON.stringify(position)).toString('base64url');

/**
 * The position that a cursor stands for, or `null` without a cursor. A cursor of another length or form is refused as a malformed
 * `after`.
 */
export function decodeCursor(cursor: string | null | undefined, length: number): (string | number | null)[] | null {
  if (cursor === null || cursor === undefined) return null;
  const position = cursorPosition(cursor);
  if (position?.length !== length) throw new Fault('BAD_USER_INPUT', malformedCursor);
  return position;
}

export const malformedCursor =
  'Argument "after": expected a cursor from `pageInfo.endCursor` or `edges.cursor` of the same list and order.';

/** The position that a cursor holds, or `undefined` if Sluse did not make it. */
export function cursorPosition(cursor: unknown): (string | number | null)[] | undefined {
  if (typeof cursor !== 'string' || !/^[\w-]{1,600}$/.test(cursor)) return undefined;
  try {
    const position: unknown = JSON.parse(utf8In(Buffer.from(cursor, 'base64url')));
    const fits =
      Array.isArray(position) &&
      position.every((part) => part === null || typeof part === 'string' || typeof part === 'number');
    return fits ? position : undefined;
  } catch {
    return undefined;
  }
}

@Directive('@shareable')
@ObjectType({ description: 'Position of a page in its list (Relay).' })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether more items follow.' })
  hasNextPage!: boolean;
  @Field(() => Boolean, { description: 'Whether `after` was given.' })
  hasPreviousPage!: boolean;
  @Field(() => String, { nullable: true, description: 'Cursor of the first item.' })
  startCursor!: string | null;
  @Field(() => String, { nullable: true, description: 'Cursor of the last item: the next `after`.' })
  endCursor!: string | null;
}

export interface Connection<Node> {
  edges: { node: Node; cursor: string }[];
  nodes: Node[];
  pageInfo: PageInfo;
  totalCount: number;
}

/**
 * The connection and edge types over `node`. An edge's node is nullable, so that a shielded one can vanish without nulling its
 * parents.
 */
export function connectionType<Node extends object>(
  name: string,
  node: () => ClassType<Node>,
): ClassType<Connection<Node>> {
  @ObjectType(`${name}Edge`, { description: 'One item and its cursor.' })
  class Edge {
    @Field(node, { nullable: true, description: 'The item; null if it is withheld.' })
    node!: Node;
    @Field(() => String, { description: 'Position of the item, for `after`.' })
    cursor!: string;
  }
  @ObjectType(`${name}Connection`, { description: 'A page of a list (Relay).' })
  class Of implements Connection<Node> {
    @Field(() => [Edge], { description: 'The items with their cursors.' })
    edges!: { node: Node; cursor: string }[];
    @Field(() => [node()], { description: 'The items without their cursors.' })
    nodes!: Node[];
    @Field(() => PageInfo, { description: 'Position of this page in the list.' })
    pageInfo!: PageInfo;
    @Cost(2)
    @Field(() => Int, { description: 'Number of items in the whole list, as far as the viewer may see them.' })
    totalCount!: number;
  }
  return Of;
}

/** The GraphQL connection of one page. `after`: the cursor that the caller gave. `nodeOf`: what the schema shows of a row. */
export function connection<Row, Node = Row>(
  page: Page<Row>,
  after: string | null | undefined,
  nodeOf: (row: Row) => Node = (row) => row as unknown as Node,
): Connection<Node> {
  const edges = page.nodes.map((row) => ({ node: nodeOf(row), cursor: page.cursorOf(row) }));
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    totalCount: page.totalCount,
    pageInfo: {
      hasNextPage: page.hasNextPage,
      hasPreviousPage: Boolean(after),
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
