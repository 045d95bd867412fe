/**
 * Starts Sluse. Without `DATABASE_URL` everything runs in this one process, on an embedded PostgreSQL and with the demo
 * municipality; with it, this is the gateway alone, in front of rooms that run elsewhere.
 */

// First: packages read their environment while they are loaded.
import '../subgraphs/process/environment.js';
import '../subgraphs/process/heap.js';
import { pino } from 'pino';
import { ignoredVariables } from '../subgraphs/process/environment.js';
import { readConfig } from './config.js';
import type { StartProgress } from './embedded-mode.js';

const say = (line: string) => void process.stdout.write(`${line}\n`);

async function main() {
  const config = readConfig();
  const log = pino({ level: config.logLevel, redact: ['err.detail', 'err.parameters', 'err.where'] });
  if (ignoredVariables.length > 0)
    log.warn({ variables: ignoredVariables }, 'these variables are not read: docs/settings.md lists all settings');
  const life: StartProgress = { asked: false, end: async () => {} };
  const stop = () => {
    if (life.asked) return;
    life.asked = true;
    life.end().then(
      () => process.exit(0),
      (error: Error) => {
        log.error({ err: error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  try {
    const running = config.databaseUrl
      ? await (await import('./server-mode.js')).serverMode(config, log)
      : await (await import('./embedded-mode.js')).embeddedMode(config, log, life, say);
    if (life.asked) return;
    life.end = running.close;
    say(`Sluse is ready at ${running.gateway.url}`);
    if (!config.databaseUrl) say('Open it in a browser to sign in as one of the demo’s people. Ctrl-C stops it.');
  } catch (error) {
    // A start that breaks because it is being stopped has not failed.
    if (!life.asked) throw error;
  }
}

main().catch((error: Error) => {
  process.stderr.write(`Sluse could not start.\n${error.message}\n`);
  process.exit(1);
});
