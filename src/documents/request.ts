/** A request that says the id of a trusted document in place of a text. */
import { documentId as withoutAlgorithm } from '../../subgraphs/kit/documents.js';
import { isObject } from '../execution/own.js';

/** The body with the text in place of the id; any other body as it is. */
export function withText(body: unknown, textOf: (id: string) => string): unknown {
  if (!isObject(body)) return body;
  const { query, extensions, documentId, ...rest } = body as Record<string, unknown>;
  const id = query === undefined || query === null ? idIn(documentId, extensions) : null;
  return id === null ? body : { ...rest, query: textOf(id) };
}

/**
 * `documentId` (GraphQL over HTTP, persisted documents) or what Apollo's clients send, `extensions.persistedQuery.sha256Hash`; `null`
 * where there is neither.
 */
function idIn(documentId: unknown, extensions: unknown): string | null {
  if (typeof documentId === 'string') return withoutAlgorithm(documentId);
  if (!isObject(extensions)) return null;
  const { persistedQuery } = extensions as Record<string, unknown>;
  if (!isObject(persistedQuery)) return null;
  const { sha256Hash } = persistedQuery as Record<string, unknown>;
  return typeof sha256Hash === 'string' ? withoutAlgorithm(sha256Hash) : null;
}
