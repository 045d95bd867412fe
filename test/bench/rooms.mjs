/**
 * The identity and audit rooms that Sluse needs beside the neutral subgraphs: the real ones, on an embedded PostgreSQL of
 * their own with the demo's people in it. Says `ready` with the rooms' origins and the pid of PostgreSQL.
 */
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { BENCH_BUILD, BENCH_KEY, BENCH_DATA, BENCH_UNSIGNED } = process.env;
const built = (file) => import(`${BENCH_BUILD}/subgraphs/${file}`);
const { startEmbedded } = await built('postgres/embedded.js');
const { openRoom } = await built('kit/start-room.js');
const { viewerVerifier } = await built('protocol/viewer.js');
const { identity } = await built('identity/index.js');
const { audit } = await built('audit/index.js');
const { seed } = await built('demo/seed.js');
const { makeDemo } = await built('demo/index.js');
const { pino } = createRequire(`${BENCH_BUILD}/subgraphs/main.js`)('pino');

const database = await startEmbedded(BENCH_DATA);
const stop = () => void database.stop().finally(() => process.exit(0));
process.once('SIGTERM', stop);
const rooms = [];
const log = BENCH_UNSIGNED ? { ...audit, start: undefined } : audit;
for (const room of [identity, log])
  rooms.push(
    await openRoom(room, {
      on: { ownerUrl: database.url },
      secret: new URL(database.url).password,
      verifier: viewerVerifier(createPublicKey(BENCH_KEY)),
      host: '127.0.0.1',
      port: 0,
      log: pino({ level: 'error' }),
    }),
  );
await seed(database.url, { shielded: true }, (world) => ({ identity: makeDemo(world).identity }));
const postmaster = readFileSync(`${BENCH_DATA}/postgres/postmaster.pid`, 'utf8').split('\n')[0];
process.stdout.write(
  `ready ${JSON.stringify({ identity: rooms[0].url, audit: rooms[1].url, postmaster: Number(postmaster), ownerUrl: database.url })}\n`,
);
