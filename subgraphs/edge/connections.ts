/**
 * Connections cost memory and files, and a stranger may open them by the thousand, send half a request, and wait. So there is a bound
 * for each address and one in all. Where it is reached, the one that has been idle longest goes first, then the one that has been
 * sending a request longest; nobody who waits for an answer is cut off, and if all of them do, the new one is refused.
 *
 * A request that was answered before it had arrived in full leaves the rest of it on the way: a second is left for it.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { sourceOf } from './source.js';

export interface ConnectionBounds {
  readonly all: number;
  /** Of one address, unless it is `exempt`. */
  readonly ofAddress: number;
  /** A proxy brings everybody's. */
  readonly exempt?: (address: string) => boolean;
}

/** Milliseconds: for the head of a request, for all of it, between two requests, for what is left of one that was answered. */
export const patience = { head: 10_000, request: 15_000, keepAlive: 65_000, rest: 1_000 };

/** Bytes that are taken in of what is left of a request that was answered. */
const mostRest = 200_000;

/** What Node is told when a server is made: how often it looks for requests that take too long; by default twice a minute. */
export const httpOptions = {
  headersTimeout: patience.head,
  requestTimeout: patience.request,
  keepAliveTimeout: patience.keepAlive,
  connectionsCheckingInterval: 1_000,
};

/** Those of one address, or all of them. The order is that in which they became what they are. */
interface Crowd {
  readonly idle: Set<Socket>;
  readonly sending: Set<Socket>;
  size: number;
}

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

/** Makes room in a crowd that is as large as it may be; whether there is none. */
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
  // Taking in what nobody wants costs as well.
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
