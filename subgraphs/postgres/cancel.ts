/** Asks PostgreSQL to end what a connection is busy with: a packet of its own on a connection of its own (protocol 3.0, CancelRequest). */
import { connect } from 'node:net';
import type pg from 'pg';

const cancelRequest = 80_877_102;

/**
 * Only asks: whether and when it is heard shows at the connection itself. It may be heard after the statement that it was meant for, so
 * a connection for which this was called is never given to anybody else.
 */
export function cancel(client: pg.ClientBase): void {
  const { processID, secretKey, host, port } = client as unknown as Backend;
  if (!processID || !secretKey) return;
  const packet = Buffer.alloc(16);
  packet.writeInt32BE(16, 0);
  packet.writeInt32BE(cancelRequest, 4);
  packet.writeInt32BE(processID, 8);
  packet.writeInt32BE(secretKey, 12);
  const socket = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
  socket.setTimeout(2_000, () => socket.destroy());
  // Where it cannot be asked the statement runs into its own time limit.
  socket.on('error', () => {});
  socket.end(packet);
}

/** What pg knows of the server's process. */
interface Backend {
  readonly processID: number | null;
  readonly secretKey: number | null;
  readonly host: string;
  readonly port: number;
}
