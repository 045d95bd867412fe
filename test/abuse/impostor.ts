/** Something else in a room's place: closes the room and listens at its address, on 127.0.0.1. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RunningRoom } from '../../subgraphs/kit/serve-room.js';
import type { World } from '../support/world.js';

export type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

export interface Impostor {
  readonly url: string;
  /** What it does with the next requests. */
  does(handler: Handler): void;
  close(): Promise<void>;
}

export async function listen(port = 0): Promise<Impostor> {
  let handler: Handler = (_request, response) => response.end();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => handler(request, response, Buffer.concat(chunks).toString()));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    does(next) {
      handler = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The room ends; nothing listens at its address any more. */
export async function leave(world: World, room: string): Promise<number> {
  const rooms = world.rooms as Map<string, RunningRoom>;
  await rooms.get(room)!.close();
  rooms.delete(room);
  return Number(new URL(world.origins.get(room)!).port);
}

export const replaceRoom = async (world: World, room: string): Promise<Impostor> => listen(await leave(world, room));

export const json =
  (body: unknown, status = 200): Handler =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };

export const text =
  (body: string, status = 200): Handler =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  };
