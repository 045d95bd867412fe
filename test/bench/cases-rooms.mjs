/** The cases room on each of these databases, in a process of its own. Says `ready` with the rooms' addresses. */
import { createPublicKey } from 'node:crypto';
import { createRequire } from 'node:module';

const { BENCH_BUILD, BENCH_KEY, BENCH_SECRET, BENCH_OWNERS } = process.env;
const built = (file) => import(`${BENCH_BUILD}/subgraphs/${file}`);
const { openRoom } = await built('kit/start-room.js');
const { viewerVerifier } = await built('protocol/viewer.js');
const { cases } = await built('cases/index.js');
const { pino } = createRequire(`${BENCH_BUILD}/subgraphs/main.js`)('pino');

const rooms = [];
for (const ownerUrl of JSON.parse(BENCH_OWNERS))
  rooms.push(
    await openRoom(cases, {
      on: { ownerUrl },
      secret: BENCH_SECRET,
      verifier: viewerVerifier(createPublicKey(BENCH_KEY)),
      host: '127.0.0.1',
      port: 0,
      log: pino({ level: 'error' }, pino.destination(2)),
    }),
  );
process.once('SIGTERM', () => void Promise.all(rooms.map((room) => room.close())).finally(() => process.exit(0)));
process.stdout.write(`ready ${JSON.stringify(rooms.map(({ url }) => url))}\n`);
