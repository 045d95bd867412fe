/**
 * The door: every request to `/graphql` goes the same way. Who asks, what was sent, the pipeline, and last, before a byte
 * leaves, the log. If the entry cannot be written, the answer is 503 and holds nothing.
 *
 * It stands on Node's own HTTP server: what a framework does for every page would cost a third of a small query.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { headOf, jsonType, refusal, type Said } from '../../subgraphs/edge/answers.js';
import { beginChange, keepAnswer } from '../../subgraphs/edge/begin-change.js';
import { type ChangeKey, changeKey } from '../../subgraphs/edge/idempotency.js';
import type { LogClient } from '../../subgraphs/edge/log-client.js';
import { released, type StillHolds, type ViewerStanding } from '../../subgraphs/edge/release.js';
import { checkHead, namesHashOnly, readBody, requestIn, type TextOf } from '../../subgraphs/edge/request.js';
import { type RequestRecord, requestRecordOf } from '../../subgraphs/edge/request-record.js';
import { isRefusal, type SlowRejections } from '../../subgraphs/edge/slow-rejections.js';
import { sourceOf } from '../../subgraphs/edge/source.js';
import { Precedence } from '../../subgraphs/process/precedence.js';
import { Fault, mayStandBody } from '../../subgraphs/protocol/faults.js';
import type { Viewer } from '../../subgraphs/protocol/viewer.js';
import type { CallRoom } from '../subgraph-client/internal-calls.js';
import type { WorkstationOf } from './client-address.js';
import type { RequestContext } from './execute-operation.js';
import { type Pipeline, textOf } from './pipeline.js';

export interface GraphqlEndpointOptions {
  /** Who asks; `null` for nobody that is known. */
  readonly identify: (
    headers: IncomingHttpHeaders,
    workstation: string | null,
  ) => Promise<Viewer | null> | Viewer | null;
  /** Makes whoever is refused again and again wait for it; without it nobody waits. */
  readonly slow?: SlowRejections;
  /** Whether one more request of theirs may be served; without it any number may. */
  readonly mayAsk?: (viewer: Viewer) => boolean;
  /** What has become since of who asked; throws where that cannot be known. */
  readonly stillHolds: (headers: IncomingHttpHeaders, viewer: Viewer) => Promise<ViewerStanding> | ViewerStanding;
  readonly workstationOf: WorkstationOf;
  readonly answer: Pipeline['answer'];
  /** The text of a trusted document; without it none is kept here. */
  readonly textOf?: TextOf;
  readonly ledger: LogClient;
  /** The audit room, which keeps the keys of changes; without it (the bare gateway) none is read. */
  readonly audit?: CallRoom;
  readonly log: Logger;
}

export type GraphqlEndpoint = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

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

/** Nothing is done for it: an address can be opened by any page, and is written down on its way. */
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
  // Before the body is read: a stranger's body is not worth parsing.
  const known = options.identify(headers, record.workstation);
  const viewer = known instanceof Promise ? await known : known;
  record.viewer = viewer;
  if (!viewer) throw new Fault('UNAUTHENTICATED');
  if (options.mayAsk?.(viewer) === false) throw new Fault('TOO_MANY_REQUESTS');
  checkHead(headers);
  const body = await readBody(request);
  // Not before: whoever sends their body slowly would hold up what is long.
  precedence.take();
  const asked = requestIn(body, options.textOf);
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

/** The requests of one connection that are not answered yet: when it closes, nobody waits for them any more. */
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
  if (record.begun !== undefined && record.fate !== 'NOT_MADE') {
    log.error({ err: error }, 'the answer to a change could not be given');
    record.faults.push('CHANGE_MAY_STAND');
    return mayStand(record.begun);
  }
  const code = error instanceof Fault ? error.code : 'INTERNAL';
  record.faults.push(code);
  if (code === 'INTERNAL') log.error({ err: error }, 'request failed');
  const reply = error instanceof Fault ? refusal(code, error.message, undefined, error.numbers) : refusal(code);
  // A body that was not read to its end would be taken for the next request on the same connection.
  return code === 'BODY_TOO_LARGE' ? { ...reply, headers: { connection: 'close' } } : reply;
}

const mayStand = (entry: string): Said => ({ status: 200, body: JSON.stringify(mayStandBody(entry)) });

function send(response: ServerResponse, said: Said, accept: string | undefined): void {
  const pieces = typeof said.body === 'string' ? [Buffer.from(said.body)] : said.body;
  const { status, headers } = headOf(said, accept);
  response.writeHead(status, {
    ...headers,
    'content-length': pieces.reduce((length, piece) => length + piece.length, 0),
  });
  // The head and all pieces in one write to the socket.
  if (pieces.length > 1) response.cork();
  for (const piece of pieces.slice(0, -1)) response.write(piece);
  response.end(pieces.at(-1));
}
