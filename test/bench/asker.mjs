/** Asks one GraphQL endpoint over one warmed connection, and says how long each answer took. */
import { performance } from 'node:perf_hooks';
import { Client } from 'undici';

/** `signed`: makes the value of the header `authorization` for each request, before time is taken. */
export function openAsker(address, signed) {
  const { origin, pathname } = new URL(address);
  const client = new Client(origin, { pipelining: 1, keepAliveTimeout: 60_000 });
  return {
    /** `before`: what is done after the clock has started and before the request leaves. */
    async ask(body, before = () => {}) {
      const headers = { 'content-type': 'application/json', authorization: await signed() };
      const began = performance.now();
      before();
      const { statusCode, body: answer } = await client.request({ path: pathname, method: 'POST', headers, body });
      const text = await answer.text();
      const ms = performance.now() - began;
      if (statusCode !== 200) throw new Error(`HTTP ${statusCode}: ${text.slice(0, 300)}`);
      return { ms, text };
    },
    close: () => client.close(),
  };
}
