/**
 * Makes the gateway's own calls to a room: `POST /internal/<name>`, signed by the gateway, on behalf of no viewer.
 * Throws `InternalRefused` for a status below 500 and an `Error` for any other status but 200.
 */
import { InternalRefused } from '../../subgraphs/protocol/internal.js';
import type { ViewerSigner } from '../../subgraphs/protocol/viewer.js';
import type { JsonObject } from '../operation/json.js';
import type { SubgraphTransport } from './subgraph-transport.js';

export type CallRoom = (name: string, body: object) => Promise<JsonObject>;

export const internalCalls =
  (transport: SubgraphTransport, signer: ViewerSigner, room: string, graphql: () => URL): CallRoom =>
  async (name, body) => {
    const { status, body: answer } = await transport.post(
      new URL(`/internal/${name}`, graphql()),
      await signer.signInternal(room),
      JSON.stringify(body),
    );
    if (status !== 200) throw new (status < 500 ? InternalRefused : Error)(`${room} answered ${status} to ${name}`);
    return answer;
  };
