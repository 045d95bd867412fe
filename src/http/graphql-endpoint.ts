/**
 * Handles every request to `/graphql`, in this order:
 *
 *   1. read: the address (`server.ts`) and the method (`openGraphqlEndpoint` below)
 *   2. identify: cookie or token to viewer (`identify` in `gateway.ts`, `sessions/sessions.ts`), request rate (`request-rate.ts`),
 *      then the body (`subgraphs/edge/request.ts`)
 *   3. Apollo or known text: policy, limits and validation (`pipeline.ts`, `documents/`); cost and the caller's turn
 *      (`execution/engine.ts`, `fair-share.ts`)
 *   4. authorize: wall 1, by type (`authorization/type-wall.ts`)
 *   5. plan: what is allowed (`execution/engine.ts`, `planning/`); a change is logged before it runs (`subgraphs/edge/begin-change.ts`)
 *   6. run: the rooms, each with wall 2 (`execution/run-compiled.ts`, or `execution/execute-plan.ts` for what cannot be compiled)
 *   7. wall 3: by entity (`execution/run-compiled.ts` as it fills the answer, or `execution/complete-response.ts`)
 *   8. log: access is checked, the entry written, access checked again (`subgraphs/edge/release.ts`)
 *   9. write: the answer leaves (`send` below)
 *
 * If the entry cannot be written, the response is 503 and contains no data.
 *
 * The endpoint uses Node's own HTTP server: a framework's work per request would cost a third of a small query.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { headOf, jsonType, refusal, type Said } from '../../subgraphs/edge/answers.js';
import { beginChange, keepAnswer } from '../../subgraphs/edge/begin-change.js';
import { failedRequest, mayStand } from '../../subgraphs/edge/failed-request.js';
import { type ChangeKey, changeKey } from '../../subgraphs/edge/idempotency.js';
import { bodyLimitOf } from '../../subgraphs/edge/limits.js';
import type { LogClient } from '../../subgraphs/edge/log-client.js';
import { released, type StillHolds, type ViewerStanding } from '../../subgraphs/edge/release.js';
import { checkHead, namesHashOnly, readBody, requestIn, type TextOf } from '../../subgraphs/edge/request.js';
import { type RequestRecord, requestRecordOf } from '../../subgraphs/edge/request-record.js';
import { isRefusal, type SlowRejections } from '../../subgraphs/edge/slow-rejections.js';
import { sourceOf } from '../../subgraphs/edge/source.js';
import { Precedence } from '../../subgraphs/process/precedence.js';
import { Fault } from '../../subgraphs/protocol/faults.js';
import type { Viewer } from '../../subgraphs/protocol/viewer.js';
import type { CallRoom } from '../subgraph-client/internal-calls.js';
import type { WorkstationOf } from './client-address.js';
import type { RequestContext } from './execute-operation.js';
import { type Pipeline, textOf } from './pipeline.js';

export interface GraphqlEndpointOptions {
  /** Returns the viewer, or `null` for an unknown caller. */
  readonly identify: (
    headers: IncomingHttpHeaders,
    workstation: string | null,
  ) => Promise<Viewer | null> | Viewer | null;
  /** Delays a source that is refused repeatedly. Without it, nobody waits. */
  readonly slow?: SlowRejections;
  /** Whether this viewer may send one more request. Without it, requests are not limited. */
  readonly mayAsk?: (viewer: Viewer) => boolean;
  /** Compares the viewer's access now with that at the start of the request. Throws if it cannot be determined. */
  readonly stillHolds: (headers: IncomingHttpHeaders, viewer: Viewer) => Promise<ViewerStanding> | ViewerStanding;
  readonly workstationOf: WorkstationOf;
  readonly answer: Pipeline['answer'];
  /** Text of a trusted document, by hash. Without it, no documents are stored here. */
  readonly textOf?: TextOf;
  readonly logClient: LogClient;
  /** The audit room, which stores idempotency keys of changes. Without it (bare gateway), no key is read. */
  readonly audit?: CallRoom;
  readonly log: Logger;
}

export type GraphqlEndpoint = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Returns the handler for `/graphql`. A POST request that fails gets an error response, which is logged too. */
export function openGraphqlEndpoint(options: GraphqlEndpointOptions): GraphqlEndpoint {
  return async (request, response) => {
    const { accept } = request.headers;
    if (request.method !== 'POST') {
      send(response, otherMethod(request), accept);
      return;
    }
    const record = requestRecordOf(request, options.workstationOf(request));
    const stillHolds: StillHolds = (viewer) => options.stillHolds(request.headers, viewer);
    const precedence = new Precedence();
    let said: Said;
    try {
      const reply = await answer(request, record, precedence, { ...options, stillHolds }).catch((error: Error) =>
        failed(error, record, options.log),
      );
      said = await released(reply, record, { ...options, stillHolds, refusal, mayStand });
    } finally {
      precedence.giveUp();
    }
    if (!record.viewer && isRefusal(said.status)) await options.slow?.pause(sourceOf(record.workstation));
    send(response, said, accept);
  };
}

/** Other methods are never executed: any web page can open an address, and addresses end up in access logs. */
const otherMethod = ({ method, url }: IncomingMessage): Said =>
  method === 'GET' && namesHashOnly(url)
    ? refusal('PERSISTED_QUERY_NOT_SUPPORTED')
    : { ...refusal('METHOD_NOT_ALLOWED'), headers: { allow: 'POST' } };

type EndpointOptions = Omit<GraphqlEndpointOptions, 'stillHolds'> & { readonly stillHolds: StillHolds };

async function answer(
  request: IncomingMessage,
  record: RequestRecord,
  precedence: Precedence,
  options: EndpointOptions,
): Promise<Said> {
  const { headers } = request;
  // Identify the caller before reading the body: a stranger's body is not worth parsing.
  const known = options.identify(headers, record.workstation);
  const viewer = known instanceof Promise ? await known : known;
  record.viewer = viewer;
  if (!viewer) throw new Fault('UNAUTHENTICATED');
  if (options.mayAsk?.(viewer) === false) throw new Fault('TOO_MANY_REQUESTS');
  const most = bodyLimitOf(viewer);
  checkHead(headers, most);
  const body = await readBody(request, most);
  // Take precedence only now: a caller that sends its body slowly would otherwise hold up long operations.
  precedence.take();
  const asked = requestIn(body, most, options.textOf);
  let key: ChangeKey | null = null;
  const context: RequestContext = {
    viewer,
    record,
    accept: headers.accept,
    async begin(change, sent) {
      key = options.audit ? changeKey(headers, viewer, sent, change.footprint, options.audit) : null;
      await beginChange(change, record, key, options);
    },
    cancel: null,
    precedence,
  };
  const waiting = waitingOn(request.socket);
  waiting.add(context);
  try {
    const reply = await options.answer(asked, context);
    if (key && !context.answered)
      await keepAnswer(key, record, { status: reply.status, contentType: jsonType, body: textOf(reply) }, options.log);
    return reply;
  } finally {
    waiting.delete(context);
  }
}

/** The unanswered requests of one connection. When it closes, nobody waits for them any more. */
function waitingOn(socket: Socket): Set<RequestContext> {
  const known = waitingBy.get(socket);
  if (known) return known;
  const waiting = new Set<RequestContext>();
  waitingBy.set(socket, waiting);
  socket.once('close', () => {
    for (const context of waiting) context.cancel?.();
  });
  return waiting;
}
const waitingBy = new WeakMap<Socket, Set<RequestContext>>();

function failed(error: Error, record: RequestRecord, log: Logger): Said {
  const reply = failedRequest(error, record, log);
  // The unread rest of the body would be taken for the next request on this connection, so the connection is closed.
  const isUnread = error instanceof Fault && error.code === 'BODY_TOO_LARGE';
  return isUnread ? { ...reply, headers: { connection: 'close' } } : reply;
}

function send(response: ServerResponse, said: Said, accept: string | undefined): void {
  const pieces = typeof said.body === 'string' ? [Buffer.from(said.body)] : said.body;
  const { status, headers } = headOf(said, accept);
  response.writeHead(status, {
    ...headers,
    'content-length': pieces.reduce((length, piece) => length + piece.length, 0),
  });
  // Send the head and all pieces in one write to the socket.
  if (pieces.length > 1) response.cork();
  for (const piece of pieces.slice(0, -1)) response.write(piece);
  response.end(pieces.at(-1));
}
