/**
 * Makes the head of every answer and refusal over HTTP: the media type that the caller accepts, no caching anywhere, and when to ask
 * again. A client that asks for `application/graphql-response+json` reads errors in that type only, whatever the status; in another
 * type the code of a refusal would not reach the user.
 */
import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Fault, type FaultCode, faultBody, httpStatusOf, retryableStatuses } from '../protocol/faults.js';

/** An answer before its head is made. */
export interface Said {
  readonly status: number;
  /** Text, or UTF-8 bytes in pieces. */
  readonly body: string | readonly Buffer[];
  /** Whether the body stands in place of an answer, and has no `data` entry. */
  readonly isRefusal?: boolean;
  readonly headers?: OutgoingHttpHeaders;
}

export const jsonType = 'application/json; charset=utf-8';
const graphqlType = 'application/graphql-response+json; charset=utf-8';

export const refusal = (
  code: FaultCode,
  detail?: string,
  status = httpStatusOf(code),
  numbers?: Fault['numbers'],
): Said => ({
  status,
  body: JSON.stringify(faultBody(code, detail, numbers)),
  isRefusal: true,
});

/** Status and headers for a caller that accepts `accept`. */
export function headOf({ status, isRefusal, headers }: Said, accept: string | undefined) {
  const type = typeFor(accept);
  // GraphQL over HTTP: in this type an answer without `data` is not a success. Older clients that use JSON expect errors with status
  // 200.
  const sent = isRefusal && status < 300 && type === graphqlType ? 400 : status;
  return {
    status: sent,
    headers: {
      'content-type': type,
      'cache-control': 'no-store',
      ...(retryableStatuses.has(sent) && { 'retry-after': '1' }),
      ...headers,
    },
  };
}

/** For servers of pages and routes: sends `code` in place of an answer. */
export function refuse(
  request: FastifyRequest,
  reply: FastifyReply,
  code: FaultCode,
  { detail, status, headers }: { detail?: string | undefined; status?: number; headers?: OutgoingHttpHeaders } = {},
): FastifyReply {
  const said = { ...refusal(code, detail, status), ...(headers && { headers }) };
  const head = headOf(said, request.headers.accept);
  return reply.status(head.status).headers(head.headers).send(said.body);
}

/** Fastify's `frameworkErrors`: an address that cannot be read reaches no handler, and Fastify's own answer would repeat it. */
export function unreadable(_error: unknown, request: unknown, reply: unknown): void {
  const detail = 'The address of the request cannot be read.';
  refuse(request as FastifyRequest, reply as FastifyReply, 'MALFORMED_REQUEST', { detail });
}

/**
 * Whether the caller accepts one of our response types, by its `Accept` header. Checked before a change is made,
 * because nothing could be told of it afterwards.
 */
export function isAcceptable(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === '') return true;
  return accept.split(',').some((range) => {
    const [type, ...parameters] = range.toLowerCase().split(';');
    const isRefused = parameters.some((parameter) => /^\s*q\s*=\s*0(\.0*)?\s*$/.test(parameter));
    return !isRefused && acceptable.has(type!.trim());
  });
}
const acceptable: ReadonlySet<string> = new Set([
  '*/*',
  'application/*',
  'application/json',
  'application/graphql-response+json',
]);

/**
 * Which of the two types the caller prefers (RFC 9110 §12.5.1): the higher weight, then the one named explicitly, then the one named
 * first. JSON if the caller has no preference or accepts neither: the standard lets a server disregard such a header, and a refusal
 * after a change was made would be wrong.
 */
function typeFor(accept: string | undefined): string {
  if (accept === undefined || accept === '*/*' || accept === 'application/json') return jsonType;
  const ranges = accept.split(',').map((text, place) => rangeOf(text, place));
  const json = likingOf('application/json', ranges);
  const graphql = likingOf('application/graphql-response+json', ranges);
  if (graphql.weight !== json.weight) return graphql.weight > json.weight ? graphqlType : jsonType;
  if (graphql.weight === 0 || graphql.named < 0) return jsonType;
  return json.named < 0 || graphql.named < json.named ? graphqlType : jsonType;
}

interface Liked {
  readonly weight: number;
  /** Index at which the type is named; -1 where only a wildcard covers it. */
  readonly named: number;
}

interface Range {
  readonly name: string;
  readonly weight: number;
  readonly place: number;
}

function rangeOf(text: string, place: number): Range {
  const [name, ...parameters] = text.toLowerCase().split(';');
  const weight = parameters.map((one) => /^\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*$/.exec(one)?.[1]).find(Boolean);
  return { name: name!.trim(), weight: weight === undefined ? 1 : Math.min(1, Number(weight)), place };
}

/** Weight of the type, from the most specific range that covers it. */
function likingOf(name: string, ranges: readonly Range[]): Liked {
  const named = ranges.find((range) => range.name === name);
  if (named) return { weight: named.weight, named: named.place };
  const covering =
    ranges.find((range) => range.name === 'application/*') ?? ranges.find((range) => range.name === '*/*');
  return { weight: covering?.weight ?? 0, named: -1 };
}
