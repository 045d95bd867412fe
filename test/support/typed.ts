/** Asking with typed documents (`npm run codegen`): a schema change that breaks a frontend breaks these stories first. */
import type { TypedDocumentString } from '../../schema/generated/graphql.js';
import type { World } from './world.js';

/** Variables may be left out only where an operation needs none. */
type Rest<Variables> =
  Record<string, never> extends Variables
    ? [variables?: Variables, headers?: Record<string, string>]
    : [variables: Variables, headers?: Record<string, string>];

export interface TypedAnswer<Data> {
  readonly status: number;
  /** The body as it was sent. */
  readonly text: string;
  readonly data: Data | null;
  /** What was refused or failed: where, with which code, in which words. */
  readonly faults: readonly { path: string; code: string; message: string }[];
}

/** The answer, whatever it is. */
export async function answer<Data, Variables extends object>(
  world: World,
  person: string,
  document: TypedDocumentString<Data, Variables>,
  ...[variables, headers]: Rest<Variables>
): Promise<TypedAnswer<Data>> {
  const { status, text, body } = await world.ask(person, document.toString(), variables, headers);
  const faults = (body.errors ?? []).map(({ path, extensions, message }) => {
    return { path: path?.join('.') ?? '', code: extensions.code, message };
  });
  return { status, text, data: body.data ?? null, faults };
}

/** The data of an answer that holds all that was asked; anything else fails the story. */
export async function ask<Data, Variables extends object>(
  world: World,
  person: string,
  document: TypedDocumentString<Data, Variables>,
  ...rest: Rest<Variables>
): Promise<Data> {
  const { status, data, faults, text } = await answer(world, person, document, ...rest);
  if (status !== 200 || faults.length > 0 || data === null) throw new Error(`${person}: ${status} ${text}`);
  return data;
}

interface Page<Node> {
  readonly totalCount: number;
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** Follows a list to its end: everything in it, and what each page said of the whole. */
export async function everyPage<Node>(
  fetch: (after: string | null) => Promise<Page<Node> | null>,
): Promise<{ nodes: Node[]; sizes: number[]; totals: number[] }> {
  const nodes: Node[] = [];
  const sizes: number[] = [];
  const totals: number[] = [];
  let after: string | null = null;
  for (;;) {
    const page: Page<Node> | null = await fetch(after);
    if (!page) throw new Error('the list was not answered');
    nodes.push(...page.nodes);
    sizes.push(page.nodes.length);
    totals.push(page.totalCount);
    if (!page.pageInfo.hasNextPage) return { nodes, sizes, totals };
    if (page.pageInfo.endCursor === null || page.pageInfo.endCursor === after || sizes.length > 1_000)
      throw new Error('the list does not come to an end');
    after = page.pageInfo.endCursor;
  }
}
