/**
 * Asks PostgreSQL to cancel what a connection is busy with: a special packet on a connection of its own (protocol 3.0,
 * CancelRequest).
 */
import { connect } from 'node:net';
import type pg from 'pg';

const cancelRequest = 80_877_102;

/**
 * Only requests cancellation; the connection itself shows whether and when it happened. The request may arrive after the statement
 * that it was meant for, so a connection for which this was called is never given to anybody else.
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
  // If the request cannot be sent, the statement runs into its own time limit.
  socket.on('error', () => {});
  socket.end(packet);
}

/** What pg knows of the server process. */
interface Backend {
  readonly processID: number | null;
  readonly secretKey: number | null;
  readonly host: string;
  readonly port: number;
}
