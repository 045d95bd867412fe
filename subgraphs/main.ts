/** Serves one room, named by `SLUSE_ROOM`, as its own process. */

// Imported first, because packages read the environment while they are loaded.
import './process/environment.js';
import './process/heap.js';
import { pino } from 'pino';
import { makeAuditRoom } from './audit/index.js';
import { makeCasesRoom } from './cases/index.js';
import { type DirectConfig, type RoomConfig, readRoomConfig } from './config.js';
import { accessVerifier } from './edge/access-token.js';
import { budgetsOf } from './edge/budgets.js';
import { makeIdentityRoom } from './identity/index.js';
import { openRoom } from './kit/start-room.js';
import { ignoredVariables } from './process/environment.js';
import { roomCalls, roomTokens } from './protocol/internal.js';
import { viewerVerifier } from './protocol/viewer.js';
import { smdb } from './smdb/index.js';

async function main() {
  const config = readRoomConfig();
  const log = pino({ level: config.logLevel, redact: ['err.detail', 'err.parameters', 'err.where'] });
  if (ignoredVariables.length > 0)
    log.warn({ variables: ignoredVariables }, 'these variables are not read: docs/settings.md lists all settings');
  const { idleMinutes, privileges, lockAfter, notice, course, parentsSee, supergraph } = config;
  const identity = makeIdentityRoom({
    ...{ idleMinutes, privileges, lockAfter, course, parentsSee, supergraph },
    ...(notice !== undefined && { notice }),
  });
  const rooms = [identity, makeCasesRoom({}, config.kleTables), smdb, makeAuditRoom(config.audit)];
  const room = rooms.find((candidate) => candidate.name === config.room)!;
  const running = await openRoom(room, {
    on: config.database,
    secret: config.secret,
    verifier: viewerVerifier(...config.viewerKeys),
    direct: config.direct && directOf(config.direct, config),
    ...(config.identityUrl !== null && {
      identity: roomCalls(roomTokens(config.secret), 'identity', () => config.identityUrl!),
    }),
    host: config.host,
    port: config.port,
    log,
  });
  if (!config.direct)
    log.warn(
      'case systems that call this room directly are refused: set SLUSE_IDENTITY_URL, SLUSE_AUDIT_URL and SLUSE_PUBLIC_URL to serve them',
    );
  log.info({ room: room.name, url: running.url }, 'room is open');
  const stop = () => void running.close().then(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

function directOf(
  { identity, audit, issuer, municipality }: DirectConfig,
  { secret, viewerKeys, costBudgets }: RoomConfig,
) {
  const tokens = roomTokens(secret);
  return {
    tokens: accessVerifier(viewerKeys, () => issuer),
    identity: roomCalls(tokens, 'identity', () => identity),
    audit: roomCalls(tokens, 'audit', () => audit),
    municipality,
    budgets: budgetsOf(costBudgets),
  };
}

main().catch((error: Error) => {
  process.stderr.write(`Sluse could not start this room.\n${error.message}\n`);
  process.exit(1);
});
