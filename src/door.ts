/**
 * The door: every request to `/graphql` goes the same way. Who asks, what was sent, the pipeline, and last, before a byte
 * leaves, the log. If the entry cannot be written, the answer is 503 and holds nothing.
 *
 * It stands on Node's own HTTP server: what a framework does for every page would cost a third of a small query.
 */
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { Fault, type FaultCode, faultBody, httpStatusOf, retryableStatuses } from '../subgraphs/kit/faults.js';
import { beginLogged, type Ledger } from '../subgraphs/kit/ledger.js';
import { limits } from '../subgraphs/kit/limits.js';
import { requestIn, utf8In } from '../subgraphs/kit/reading.js';
import { released, type Standing, type StillHolds } from '../subgraphs/kit/release.js';
import { type Trail, trailOf } from '../subgraphs/kit/trail.js';
import type { Viewer } from '../subgraphs/kit/viewer.js';
import type { RequestContext } from './gateway.js';
import { jsonType, type Pipeline, type Replied } from './pipeline.js';
import type { WorkstationOf } from './workstation.js';

export interface DoorOptions {
  /** Who asks; `null` for nobody that is known. */
  readonly identify: (
    headers: IncomingHttpHeaders,
    workstation: string | null,
  ) => Promise<Viewer | null> | Viewer | null;
  /** Whether one more request of theirs may be served; without it any number may. */
  readonly mayAsk?: (viewer: Viewer) => boolean;
  /** What has become since of who asked; throws where that cannot be known. */
  readonly stillHolds: (headers: IncomingHttpHeaders, viewer: Viewer) => Promise<Standing> | Standing;
  readonly workstationOf: WorkstationOf;
  readonly answer: Pipeline['answer'];
  readonly ledger: Ledger;
  readonly log: Logger;
}

export type Door = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export function openDoor(options: DoorOptions): Door {
  return async (request, response) => {
    if (request.method !== 'POST') {
      send(response, { ...failure('METHOD_NOT_ALLOWED'), headers: { allow: 'POST' } });
      return;
    }
    const trail = trailOf(request, options.workstationOf(request));
    const reply = await answer(request, trail, options).catch((error: Error) => failed(error, trail, options.log));
    const stillHolds: StillHolds = (viewer) => options.stillHolds(request.headers, viewer);
    send(response, await released(reply, trail, { ...options, stillHolds, refusal: failure }));
  };
}

interface Reply extends Replied {
  readonly headers?: OutgoingHttpHeaders;
}

async function answer(request: IncomingMessage, trail: Trail, options: DoorOptions): Promise<Reply> {
  const { headers } = request;
  // Before the body is read: a stranger's body is not worth parsing.
  const known = options.identify(headers, trail.workstation);
  const viewer = known instanceof Promise ? await known : known;
  trail.viewer = viewer;
  if (!viewer) throw new Fault('UNAUTHENTICATED');
  if (options.mayAsk?.(viewer) === false) throw new Fault('TOO_MANY_REQUESTS');
  const body = requestIn(utf8In(await read(request)));
  const context: RequestContext = {
    viewer,
    trail,
    begin: (change) => beginLogged(change, trail, options),
    cancel: null,
  };
  const waiting = waitingOn(request.socket);
  waiting.add(context);
  try {
    return await options.answer(headers, body, context);
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

/** The bytes of the body. Only JSON is read: a form or plain text could be sent from another site without asking first. */
function read(request: IncomingMessage): Promise<Buffer> {
  if (!isJson(request.headers['content-type']) || request.headers['content-encoding'] !== undefined)
    throw new Fault('MALFORMED_REQUEST');
  if (Number(request.headers['content-length'] ?? 0) > limits.body) throw new Fault('BODY_TOO_LARGE');
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limits.body) reject(new Fault('BODY_TOO_LARGE'));
      else chunks.push(chunk);
    });
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    request.on('error', () => reject(new Fault('MALFORMED_REQUEST')));
  });
}

/** `application/json`, in UTF-8 if a charset is said. */
function isJson(contentType: string | undefined): boolean {
  if (contentType === 'application/json') return true;
  const [type, ...parameters] = (contentType ?? '').toLowerCase().split(';');
  const charset = parameters
    .map((parameter) => /^\s*charset\s*=\s*"?([^"]*?)"?\s*$/.exec(parameter)?.[1])
    .find(Boolean);
  return type?.trim() === 'application/json' && /^utf-?8$/.test(charset ?? 'utf-8');
}

function failed(error: Error, trail: Trail, log: Logger): Reply {
  const code = error instanceof Fault ? error.code : 'INTERNAL';
  trail.faults.push(code);
  if (code === 'INTERNAL') log.error({ err: error }, 'request failed');
  const reply = failure(code, error instanceof Fault ? error.message : undefined);
  // A body that was not read to its end would be taken for the next request on the same connection.
  return code === 'BODY_TOO_LARGE' ? { ...reply, headers: { connection: 'close' } } : reply;
}

const failure = (code: FaultCode, detail?: string): Replied => ({
  status: httpStatusOf(code),
  body: JSON.stringify(faultBody(code, detail)),
  contentType: jsonType,
});

function send(response: ServerResponse, { status, body, contentType, headers }: Reply): void {
  const pieces = typeof body === 'string' ? [Buffer.from(body)] : body;
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': pieces.reduce((length, piece) => length + piece.length, 0),
    'cache-control': 'no-store',
    ...(retryableStatuses.has(status) && { 'retry-after': '1' }),
    ...headers,
  });
  // The head and all pieces in one write to the socket.
  if (pieces.length > 1) response.cork();
  for (const piece of pieces.slice(0, -1)) response.write(piece);
  response.end(pieces.at(-1));
}
