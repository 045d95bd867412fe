/**
 * Reads a GraphQL-over-HTTP request, at the gateway and at a room that is called directly. What the standards let a client write in
 * several ways gets one form here, before anything is decided by it: two separate readers would disagree. A refusal says what was
 * expected, and never what was sent.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Fault } from '../protocol/faults.js';
import { jsonIn, utf8In } from '../protocol/reading.js';
import { documentId as withoutAlgorithm } from './documents.js';
import { limits } from './limits.js';

/** One operation, as a client sends it. */
export interface GraphQLRequest {
  readonly query: string;
  /** Never empty: an empty name counts as none. */
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
  /** Length of the body. */
  readonly bytes: number;
}

/**
 * The target of a request in origin form, `/path?query`. A server must accept the absolute form too (RFC 9112 §3.2.2), and a
 * percent-encoded letter equals that letter (RFC 3986 §6.2.2.2). Only unreserved characters are decoded: `%2F` is not a separator.
 */
export function originForm(target: string | undefined): string {
  const path = (target ?? '').replace(/^https?:\/\/[^/?#]*/i, '');
  const origin = path === '' || path.startsWith('?') ? `/${path}` : path;
  if (!origin.includes('%')) return origin;
  const end = origin.indexOf('?') < 0 ? origin.length : origin.indexOf('?');
  const decoded = origin.slice(0, end).replace(/%[0-9a-f]{2}/gi, (code) => {
    const character = String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return /[A-Za-z0-9._~-]/.test(character) ? character : code;
  });
  return decoded + origin.slice(end);
}

/** The token of `Authorization: Bearer`, after one or more spaces (RFC 9110 §11.4). `null` for any other scheme. */
export const bearerOf = (authorization: string | undefined): string | null =>
  /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization ?? '')?.[1] ?? null;

/**
 * Throws unless the headers announce a body that is accepted here, of at most `most` bytes. JSON only: another site could send a form or plain text without a
 * CORS preflight.
 */
export function checkHead(headers: IncomingHttpHeaders, most: number): void {
  const [type, ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(';');
  if (type!.trim() !== 'application/json')
    throw new Fault('MALFORMED_REQUEST', 'Send the body as JSON, with `Content-Type: application/json`.');
  const charsets = parameters.map((parameter) => /^\s*charset\s*=\s*"?([^"]*?)"?\s*$/.exec(parameter)?.[1]);
  if (charsets.some((charset) => charset && !/^utf-?8$/.test(charset)))
    throw new Fault('MALFORMED_REQUEST', 'Send the body in UTF-8: the `charset` in `Content-Type` names another.');
  const encoding = headers['content-encoding']?.trim().toLowerCase();
  if (encoding && encoding !== 'identity')
    throw new Fault('MALFORMED_REQUEST', 'Send the body as it is: with a `Content-Encoding` it is not read.');
  if (Number(headers['content-length'] ?? 0) > most) throw new Fault('BODY_TOO_LARGE');
}

/** Reads the bytes of a body that nobody has read yet. */
export function readBody(request: IncomingMessage, most: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > most) reject(new Fault('BODY_TOO_LARGE'));
      else chunks.push(chunk);
    });
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    request.on('error', () => reject(new Fault('MALFORMED_REQUEST')));
  });
}

/** Returns the text of a trusted document by its id. Throws a fault of the table if there is none. */
export type TextOf = (id: string) => string;

/** The operation in a body of at most `most` bytes. Without `textOf` no texts are kept here, and a client that names one is told to send it. */
export function requestIn(bytes: Buffer, most: number, textOf: TextOf = keepsNone): GraphQLRequest {
  if (bytes.length > most) throw new Fault('BODY_TOO_LARGE');
  const body = jsonIn(utf8In(bytes));
  if (Array.isArray(body)) throw new Fault('BATCHING_NOT_ALLOWED');
  if (!isMap(body)) throw new Fault('MALFORMED_REQUEST');
  const { query = null, operationName = null, variables = null, extensions = null } = body;
  if (operationName !== null && typeof operationName !== 'string')
    throw new Fault('MALFORMED_REQUEST', 'Send `operationName` as text, or leave it out.');
  if (variables !== null && !isMap(variables))
    throw new Fault('MALFORMED_REQUEST', 'Send `variables` as a JSON object, or leave it out.');
  if (extensions !== null && !isMap(extensions))
    throw new Fault('MALFORMED_REQUEST', 'Send `extensions` as a JSON object, or leave it out.');
  return {
    query: query === null ? textBehind(idIn(body), textOf) : textIn(query),
    operationName: operationName || undefined,
    variables: variables ?? undefined,
    bytes: bytes.length,
  };
}

function textIn(query: unknown): string {
  if (typeof query !== 'string') throw new Fault('MALFORMED_REQUEST');
  // Only variables may be larger.
  if (query.length > limits.body) throw new Fault('BODY_TOO_LARGE');
  return query;
}

function textBehind(id: string | null, textOf: TextOf): string {
  if (id === null) throw new Fault('MALFORMED_REQUEST');
  return textOf(id);
}

function keepsNone(): never {
  throw new Fault('PERSISTED_QUERY_NOT_SUPPORTED');
}

/** The id by which a text is named: Apollo's `extensions.persistedQuery`, or `documentId` of GraphQL over HTTP. */
function idIn({ extensions, documentId }: Readonly<Record<string, unknown>>): string | null {
  const persisted = isMap(extensions) ? extensions.persistedQuery : undefined;
  const id = documentId ?? (isMap(persisted) ? persisted.sha256Hash : undefined);
  return typeof id === 'string' ? withoutAlgorithm(id) : null;
}

/**
 * Whether a GET only names a text by its hash, as clients do that look for a cached text. Such a client is told that none is kept
 * here, so that it goes on to POST. Nothing else is ever read from an address.
 */
export function namesHashOnly(target: string | undefined): boolean {
  const parameters = new URLSearchParams((target ?? '').split(/\?(.*)/s)[1]);
  if (parameters.has('query')) return false;
  try {
    const extensions: unknown = JSON.parse(parameters.get('extensions') ?? 'null');
    return idIn({ extensions, documentId: parameters.get('documentId') }) !== null;
  } catch {
    return false;
  }
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
