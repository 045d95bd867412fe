/**
 * The door: every request to `/graphql` goes the same way. Who asks, what was sent, the pipeline, and last, before a byte
 * leaves, the log. If the entry cannot be written, the answer is 503 and holds nothing.
 *
 * It stands on Node's own HTTP server: what a framework does for every page would cost a third of a small query.
 */
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { parse as parseJson } from 'secure-json-parse';
import { beginChange, keepAnswer } from '../subgraphs/kit/begin-change.js';
import {
  Fault,
  type FaultCode,
  faultBody,
  httpStatusOf,
  mayStandBody,
  retryableStatuses,
} from '../subgraphs/kit/faults.js';
import { type ChangeKey, changeKey } from '../subgraphs/kit/idempotency.js';
import type { Ledger } from '../subgraphs/kit/ledger.js';
import { limits } from '../subgraphs/kit/limits.js';
import { released, type Standing, type StillHolds } from '../subgraphs/kit/release.js';
import { type Trail, trailOf } from '../subgraphs/kit/trail.js';
import type { Viewer } from '../subgraphs/kit/viewer.js';
import type { RequestContext } from './gateway.js';
import type { Internal } from './internal.js';
import { jsonType, type Pipeline, type Replied, textOf } from './pipeline.js';
import type { WorkstationOf } from './workstation.js';

export interface DoorOptions {
  /** Who asks; `null` for nobody that is known. */
  readonly identify: (headers: IncomingHttpHeaders) => Promise<Viewer | null> | Viewer | null;
  /** What has become since of who asked; throws where that cannot be known. */
  readonly stillHolds: (headers: IncomingHttpHeaders, viewer: Viewer) => Promise<Standing> | Standing;
  readonly workstationOf: WorkstationOf;
  readonly answer: Pipeline['answer'];
  readonly ledger: Ledger;
  /** The audit room, which keeps the keys of changes; without it (the bare gateway) none is read. */
  readonly audit?: Internal;
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
    const stillHolds: StillHolds = (viewer) => options.stillHolds(request.headers, viewer);
    const reply = await answer(request, trail, { ...options, stillHolds }).catch((error: Error) =>
      failed(error, trail, options.log),
    );
    send(response, await released(reply, trail, { ...options, stillHolds, refusal: failure, mayStand }));
  };
}

interface Reply extends Replied {
  readonly headers?: OutgoingHttpHeaders;
}

type AnswerOptions = Omit<DoorOptions, 'stillHolds'> & { readonly stillHolds: StillHolds };

async function answer(request: IncomingMessage, trail: Trail, options: AnswerOptions): Promise<Reply> {
  const { headers } = request;
  // Before the body is read: a stranger's body is not worth parsing.
  const known = options.identify(headers);
  const viewer = known instanceof Promise ? await known : known;
  trail.viewer = viewer;
  if (!viewer) throw new Fault('UNAUTHENTICATED');
  const body = parsed(await read(request));
  let key: ChangeKey | null = null;
  const context: RequestContext = {
    viewer,
    trail,
    async begin(change, sent) {
      key = options.audit ? changeKey(headers, viewer, sent, change.footprint, options.audit) : null;
      await beginChange(change, trail, key, options);
    },
    cancel: null,
  };
  const waiting = waitingOn(request.socket);
  waiting.add(context);
  try {
    const reply = await options.answer(headers, body, context);
    if (key && !context.answered) await keepAnswer(key, trail, { ...reply, body: textOf(reply) }, options.log);
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

/** The text of the body. Only JSON is read: a form or plain text could be sent from another site without asking first. */
function read(request: IncomingMessage): Promise<string> {
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
    request.on('end', () => resolve((chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString()));
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

/** Refuses keys that reach for an object's prototype. */
function parsed(text: string): unknown {
  try {
    return parseJson(text, undefined, { protoAction: 'error', constructorAction: 'error' });
  } catch {
    throw new Fault('MALFORMED_REQUEST');
  }
}

function failed(error: Error, trail: Trail, log: Logger): Reply {
  if (trail.begun !== undefined && trail.fate !== 'NOT_MADE') {
    log.error({ err: error }, 'the answer to a change could not be given');
    trail.faults.push('CHANGE_MAY_STAND');
    return mayStand(trail.begun);
  }
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

const mayStand = (entry: string): Replied => ({
  status: 200,
  body: JSON.stringify(mayStandBody(entry)),
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
