/** What the benchmarks start: they are plain JavaScript, so nothing else notices when the rooms they open change. */
import { generateKeyPairSync } from 'node:crypto';
import { resolve } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { dataDirectory, endAll, start } from '../support/processes.js';

afterAll(endAll);

it('the rooms of the benchmarks start, with the people of the demo in them', async () => {
  const { publicKey } = generateKeyPairSync('ed25519');
  const directory = await dataDirectory();
  const rooms = start('../test/bench/rooms.mjs', {
    BENCH_BUILD: resolve('dist'),
    BENCH_DATA: directory,
    BENCH_KEY: String(publicKey.export({ type: 'spki', format: 'pem' })),
  });
  const [, said] = await rooms.says(/^ready (\{.*\})/m);
  const { identity, audit } = JSON.parse(said!);
  for (const origin of [identity, audit]) expect((await fetch(`${origin}/health`)).status).toBe(200);
  rooms.kill('SIGTERM');
  expect(await rooms.exit).toMatchObject({ code: 0 });
});
