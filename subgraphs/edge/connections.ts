/**
 * Bounds on connections. Connections cost memory and file descriptors, and a stranger may open thousands, send half a request on
 * each, and wait. So there is a bound per address and one for all. At the bound, the connection that has been idle longest is closed
 * first, then the one that has been sending a request longest. Nobody who waits for an answer is cut off; if all connections do, the
 * new one is refused.
 *
 * If a request was answered before it arrived in full, the client has one second to send the rest.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { sourceOf } from './source.js';

export interface ConnectionBounds {
  readonly all: number;
  /** Connections of one address, unless it is `exempt`. */
  readonly ofAddress: number;
  /** For proxies, which bring everybody's connections. */
  readonly exempt?: (address: string) => boolean;
}

/**
 * Milliseconds: for the head of a request, for the whole request, between two requests, and for the rest of a request that was
 * answered early.
 */
export const patience = { head: 10_000, request: 15_000, keepAlive: 65_000, rest: 1_000 };

/** Most bytes read of the rest of a request that was answered early. */
const mostRest = 200_000;

/** Options for Node's HTTP server: how often it looks for requests that take too long. Node's default is every 30 seconds. */
export const httpOptions = {
  headersTimeout: patience.head,
  requestTimeout: patience.request,
  keepAliveTimeout: patience.keepAlive,
  connectionsCheckingInterval: 1_000,
};

/** The connections of one address, or all of them. Each set is ordered by when a connection entered that state. */
interface Crowd {
  readonly idle: Set<Socket>;
  readonly sending: Set<Socket>;
  size: number;
}

/** Applies the bounds to a server. Call it before the server listens. */
export function guardConnections(server: Server, bounds: ConnectionBounds): void {
  const all = newCrowd();
  const byAddress = new Map<string, Crowd>();
  const crowdsOf = new WeakMap<Socket, readonly Crowd[]>();

  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const source = sourceOf(address.replace(/^::ffff:(?=\d+\.)/i, ''));
    const own = byAddress.get(source) ?? newCrowd();
    const isExempt = bounds.exempt?.(address) ?? false;
    if ((!isExempt && isFull(own, bounds.ofAddress)) || isFull(all, bounds.all)) {
      socket.destroy();
      return;
    }
    byAddress.set(source, own);
    const crowds = [all, own];
    crowdsOf.set(socket, crowds);
    for (const crowd of crowds) {
      crowd.size += 1;
      crowd.idle.add(socket);
    }
    socket.once('close', () => {
      for (const crowd of crowds) leave(crowd, socket);
      if (own.size === 0) byAddress.delete(source);
    });
  });

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    const crowds = crowdsOf.get(socket) ?? [];
    const isSending = !request.complete && hasBody(request);
    for (const { idle, sending } of crowds) {
      idle.delete(socket);
      if (isSending) sending.add(socket);
    }
    if (isSending)
      request.once('end', () => {
        for (const { sending } of crowds) sending.delete(socket);
      });
    response.once('close', () => {
      if (socket.destroyed) return;
      for (const { idle, sending } of crowds) {
        sending.delete(socket);
        idle.add(socket);
      }
      if (isSending && !request.complete) endSoon(request, socket);
    });
  });
}

/** Closes a connection if the crowd has reached its bound. True if none could be closed. */
function isFull(crowd: Crowd, bound: number): boolean {
  if (crowd.size < bound) return false;
  const [first] = crowd.idle.size > 0 ? crowd.idle : crowd.sending;
  first?.destroy();
  return first === undefined;
}

function endSoon(request: IncomingMessage, socket: Socket): void {
  const end = setTimeout(() => socket.destroy(), patience.rest).unref();
  let rest = 0;
  request.once('end', () => clearTimeout(end));
  request.on('error', () => {});
  // Reading unwanted bytes costs too.
  request.on('data', (chunk: Buffer) => {
    rest += chunk.length;
    if (rest > mostRest) socket.destroy();
  });
  request.resume();
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

function leave(crowd: Crowd, socket: Socket): void {
  crowd.size -= 1;
  crowd.idle.delete(socket);
  crowd.sending.delete(socket);
}

const newCrowd = (): Crowd => ({ idle: new Set(), sending: new Set(), size: 0 });
