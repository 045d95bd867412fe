/** Serves one room, named by `SLUSE_ROOM`, as a process of its own. */
import { pino } from 'pino';
import { makeAuditRoom } from './audit/index.js';
import { cases } from './cases/index.js';
import { readRoomConfig } from './config.js';
import { makeIdentityRoom } from './identity/index.js';
import { openRoom } from './kit/open.js';
import { viewerVerifier } from './kit/viewer.js';
import { smdb } from './smdb/index.js';

async function main() {
  const config = readRoomConfig();
  const log = pino({ level: config.logLevel, redact: ['err.detail', 'err.parameters', 'err.where'] });
  const { idleMinutes, privileges, lockAfter } = config;
  const identity = makeIdentityRoom({ idleMinutes, privileges, lockAfter });
  const rooms = [identity, cases, smdb, makeAuditRoom(config.ledger)];
  const room = rooms.find((candidate) => candidate.name === config.room)!;
  const running = await openRoom(room, {
    ownerUrl: config.databaseUrl,
    secret: config.secret,
    verifier: viewerVerifier(config.viewerKey),
    host: config.host,
    port: config.port,
    log,
  });
  log.info({ room: room.name, url: running.url }, 'room is open');
  const stop = () => void running.close().then(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

main().catch((error: Error) => {
  process.stderr.write(`Sluse could not start this room.\n${error.message}\n`);
  process.exit(1);
});
