/** The body of a request, read once: a text, or the id of a trusted document in its place. */
import { documentId as withoutAlgorithm } from '../../subgraphs/kit/documents.js';
import { Fault } from '../../subgraphs/kit/faults.js';
import { isObject, type JsonObject } from '../execution/own.js';

export interface Request {
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: JsonObject | undefined;
  /** Nothing in the body that only Apollo's pipeline knows how to judge. */
  readonly isPlain: boolean;
  /** As Apollo's pipeline is given it: with the text in place of an id. */
  readonly body: unknown;
}

export function readRequest(body: unknown, textOf: (id: string) => string): Request {
  if (Array.isArray(body)) throw new Fault('BATCHING_NOT_ALLOWED');
  if (!isObject(body)) throw new Fault('MALFORMED_REQUEST');
  const { query: given, operationName, variables, extensions } = body as Record<string, unknown>;
  if (!(operationName === undefined || operationName === null || typeof operationName === 'string'))
    throw new Fault('MALFORMED_REQUEST');
  const id = given === undefined || given === null ? idIn(body as Record<string, unknown>) : null;
  const query = id === null ? given : textOf(id);
  if (typeof query !== 'string') throw new Fault('MALFORMED_REQUEST');
  return {
    query,
    operationName: operationName || undefined,
    variables: (variables ?? undefined) as JsonObject | undefined,
    isPlain:
      (id !== null || extensions === undefined) &&
      (variables === undefined || variables === null || isObject(variables)),
    body: id === null ? body : { query, operationName, variables },
  };
}

/**
 * `documentId` (GraphQL over HTTP, persisted documents) or what Apollo's clients
 * send, `extensions.persistedQuery.sha256Hash`; `null` where there is neither.
 */
function idIn({ documentId, extensions }: Record<string, unknown>): string | null {
  if (typeof documentId === 'string') return withoutAlgorithm(documentId);
  if (!isObject(extensions)) return null;
  const { persistedQuery } = extensions as Record<string, unknown>;
  if (!isObject(persistedQuery)) return null;
  const { sha256Hash } = persistedQuery as Record<string, unknown>;
  return typeof sha256Hash === 'string' ? withoutAlgorithm(sha256Hash) : null;
}
