/** The transport to the subgraphs: every call ends, by itself or with the operation that it was made for. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { openSubgraphTransport, type SubgraphTransport } from '../../src/subgraph-client/subgraph-transport.js';

let server: Server | undefined;
let transport: SubgraphTransport | undefined;
afterEach(async () => {
  await transport?.close();
  server?.closeAllConnections();
  await new Promise((done) => server?.close(done) ?? done(null));
});

async function subgraph(
  listener: RequestListener,
  options?: Parameters<typeof openSubgraphTransport>[0],
): Promise<URL> {
  server = createServer(listener);
  await new Promise<void>((done) => server!.listen(0, '127.0.0.1', done));
  transport = openSubgraphTransport(options);
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`);
}

/** Sends a byte every now and then, so that no pause is ever too long. */
const dripping: RequestListener = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const drip = setInterval(() => response.write(' '), 20);
  response.once('close', () => clearInterval(drip));
};

async function timed(call: () => Promise<unknown>): Promise<[message: string, took: number]> {
  const start = performance.now();
  const message = await call().then(
    () => 'answered',
    (error: Error) => error.message,
  );
  return [message, performance.now() - start];
}

describe('a call to a subgraph', () => {
  it('is answered with the JSON object that came, whatever the status', async () => {
    const url = await subgraph((_request, response) => response.writeHead(503).end('{"errors":[]}'));
    expect(await transport!.post(url, '', '{}')).toEqual({ status: 503, body: { errors: [] } });
    expect(await transport!.call(url, '', '{}', transport!.operation(1_000))).toEqual({ errors: [] });
  });

  it('ends when nothing comes for too long, before the first byte and between two', async () => {
    const limits = { timeout: 300, maxResponseSize: 1_000 };
    for (const begin of [false, true]) {
      const url = await subgraph((_request, response) => {
        if (begin) response.writeHead(200).write('{');
      }, limits);
      const [message] = await timed(() => transport!.call(url, '', '{}', transport!.operation(60_000)));
      expect(message).toMatch(/Timeout/);
      await transport!.close();
      server!.closeAllConnections();
      server!.close();
    }
  });

  it('ends when the answer is longer than allowed', async () => {
    const url = await subgraph((_request, response) => response.end(`{"data":"${'x'.repeat(5_000)}"}`), {
      timeout: 1_000,
      maxResponseSize: 1_000,
    });
    expect((await timed(() => transport!.call(url, '', '{}', transport!.operation(1_000))))[0]).toMatch(/size/);
  });

  it('ends with the time of its operation, though bytes keep coming, and so does one that is made after it', async () => {
    const url = await subgraph(dripping);
    const calls = transport!.operation(200);
    const [message, took] = await timed(() => transport!.call(url, '', '{}', calls));
    expect(message).toContain('the operation took too long');
    expect(took).toBeGreaterThan(190);
    const [later, at] = await timed(() => transport!.call(url, '', '{}', calls));
    expect(later).toContain('the operation took too long');
    expect(at).toBeLessThan(took);
  });

  it('ends when its operation is cancelled, and no other does', async () => {
    const url = await subgraph((_request, response) => void setTimeout(() => response.end('{"data":null}'), 300));
    const [cancelled, other] = [transport!.operation(5_000), transport!.operation(5_000)];
    const ends = timed(() => transport!.call(url, '', '{}', cancelled));
    const goesOn = timed(() => transport!.call(url, '', '{}', other));
    await new Promise((done) => setTimeout(done, 50));
    cancelled.cancel('the caller hung up');
    expect((await ends)[0]).toContain('the caller hung up');
    expect((await goesOn)[0]).toBe('answered');
  });
});
