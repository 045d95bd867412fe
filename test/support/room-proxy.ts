/** Stands between the gateway and a room: a room that dies before it hears of a change or after it made it, or that says too much. */
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/**
 * Of changes: `deaf`, they are never heard of; `mute`, they are made and their answers are lost; and whoever asks what became of them
 * gets no answer. `lost`: they are made and their answers are lost, but it can be asked. `huge`: they are made, and the answers are larger
 * than any that the gateway reads.
 */
export type Mode = 'alive' | 'deaf' | 'mute' | 'lost' | 'huge';

/** Bytes of an answer that is larger than a world reads which was opened with this as its `largestAnswer`. */
export const tooLarge = 4 * 1024 * 1024;

export interface RoomProxy {
  readonly url: string;
  mode: Mode;
  /** What a change waits for before the room hears of it. */
  hold: Promise<void> | null;
  close(): void;
}

export async function openRoomProxy(target: string): Promise<RoomProxy> {
  const sockets = new Set<Socket>();
  const proxy = {
    url: '',
    mode: 'alive' as Mode,
    hold: null as Promise<void> | null,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
  const server: Server = createServer((incoming, outgoing) => {
    void handle(proxy, target, incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return proxy;
}

async function handle(
  proxy: Pick<RoomProxy, 'mode' | 'hold'>,
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const body = await bodyOf(incoming);
  const { mode } = proxy;
  const isChange = incoming.headers['x-sluse-change'] !== undefined;
  const isAsked = incoming.url === '/internal/close-change';
  if ((mode === 'deaf' && isChange) || ((mode === 'deaf' || mode === 'mute') && isAsked)) {
    incoming.socket.destroy();
    return;
  }
  if (isChange) await proxy.hold;
  const answer = await forwarded(target, incoming, body);
  if (isChange && (mode === 'mute' || mode === 'lost')) {
    incoming.socket.destroy();
    return;
  }
  if (isChange && mode === 'huge') {
    outgoing.writeHead(200, { 'content-type': 'application/json' });
    outgoing.on('error', () => {});
    outgoing.write(Buffer.alloc(tooLarge, ' '));
    outgoing.end(answer.body);
    return;
  }
  outgoing.writeHead(answer.status, answer.headers);
  outgoing.end(answer.body);
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of message) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

function forwarded(target: string, incoming: IncomingMessage, body: Buffer) {
  return new Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }>((resolve, reject) => {
    const { method, url, headers } = incoming;
    const outgoing = request(new URL(url!, target), { method, headers }, (response) => {
      bodyOf(response).then((text) => {
        const { 'transfer-encoding': _chunked, connection: _connection, ...rest } = response.headers;
        resolve({ status: response.statusCode!, headers: rest, body: text });
      }, reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
