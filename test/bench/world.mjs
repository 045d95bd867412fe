/** Everything that runs during a benchmark: four subgraphs, two rooms, and the gateways under test, each a process. */
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { cpuMs, gatewayCore, killAll, otherCore, start } from './processes.mjs';
import { names } from './schema.mjs';

const here = (file) => fileURLToPath(new URL(file, import.meta.url));

/** In the order in which they are measured and shown. */
export const targetNames = ['apollo', 'apollo-undici', 'hive-rust', 'mercurius', 'hand-written', 'sluse', 'sluse-open'];

/** `pinned`: whether gateways and the rest run on a core each, as peers must to be compared. */
export async function openWorld(build, { pinned = true } = {}) {
  const { plainSupergraph, walledSupergraph } = await import('./supergraph.mjs');
  const folder = mkdtempSync(join(tmpdir(), 'sluse-bench-'));
  chmodSync(folder, 0o755); // PostgreSQL does not run as root and must be able to pass through
  const data = join(folder, 'data');
  const running = [];
  const opened = async (label, options) => {
    const process = await start(label, options);
    running.push(process);
    return process;
  };
  const close = async () => {
    for (const process of running.reverse()) await process.stop();
    endPostgres(data);
    endPostgres(`${data}-unsigned`);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  // What cannot be ended politely is ended all the same: also on Ctrl-C, also on an error that nobody caught.
  process.once('exit', () => {
    killAll();
    endPostgres(data);
    endPostgres(`${data}-unsigned`);
    rmSync(folder, { recursive: true, force: true });
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

  const subgraphs = await Promise.all(
    names.map((name) => opened(`subgraph ${name}`, { args: [here('subgraph.mjs'), name], core: otherCore })),
  );
  const services = Object.fromEntries(names.map((name, index) => [name, subgraphs[index].said[0]]));
  const keys = generateKeyPairSync('ed25519');
  const rooms = await opened('the rooms', {
    args: [here('rooms.mjs')],
    core: pinned ? otherCore : null,
    env: { BENCH_BUILD: build, BENCH_DATA: data, BENCH_KEY: keys.publicKey.export({ type: 'spki', format: 'pem' }) },
    ready: /^ready (\{.*\})/m,
  });
  const { identity, audit, postmaster, ownerUrl } = JSON.parse(rooms.said[0]);
  const walledServices = { ...services, identity: `${identity}/graphql`, audit: `${audit}/graphql` };
  const plain = join(folder, 'plain.graphql');
  const walled = join(folder, 'walled.graphql');
  writeFileSync(plain, plainSupergraph(services));
  writeFileSync(walled, walledSupergraph(walledServices));

  const peer = (file, ...args) => ({
    args: [here(`targets/${file}`), ...args],
    env: { BENCH_SUPERGRAPH: plain, BENCH_SERVICES: JSON.stringify(services) },
  });
  const sluse = (env = {}) => ({
    args: [here('targets/sluse.mjs')],
    env: {
      BENCH_BUILD: build,
      BENCH_SUPERGRAPH: walled,
      BENCH_SERVICES: JSON.stringify(walledServices),
      BENCH_KEY: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      ...env,
    },
  });
  const kinds = {
    apollo: () => peer('apollo.mjs'),
    'apollo-undici': () => peer('apollo.mjs', '--undici'),
    'hive-rust': () => peer('hive.mjs'),
    mercurius: () => peer('mercurius.mjs'),
    'hand-written': () => peer('hand-written.mjs'),
    sluse,
    // For the benchmark of the log alone: what it adds is the difference to this one.
    'sluse-unlogged': () => sluse({ BENCH_UNLOGGED: 'true' }),
    // The same command as `npm run gateway:bare`, on the benchmark's own build.
    'sluse-open': () => ({
      args: [`${build}/src/bare.js`, '--supergraph', plain, '--port', '0'],
      env: { NODE_ENV: '' },
      ready: /ready at (\S+)/,
    }),
  };

  return {
    close,
    folder,
    audit,
    ownerUrl,
    signingKey: keys.privateKey,
    /** A second pair of rooms with a database of its own, whose log is not signed. */
    async openUnsigned() {
      const unsigned = await opened('rooms without signing', {
        core: null,
        args: [here('rooms.mjs')],
        env: {
          BENCH_BUILD: build,
          BENCH_DATA: `${data}-unsigned`,
          BENCH_KEY: keys.publicKey.export({ type: 'spki', format: 'pem' }),
          BENCH_UNSIGNED: 'true',
        },
        ready: /^ready (\{.*\})/m,
      });
      return JSON.parse(unsigned.said[0]).audit;
    },
    /** `core` other than the gateways' own for a second process; `flags` for Node. */
    async open(name, { core = gatewayCore, flags = [] } = {}) {
      const { args, ...rest } = kinds[name]();
      const process = await opened(name, { args: [...flags, ...args], core, ...rest });
      const [url, token] = process.said;
      return { name, url, token, pid: process.pid, ended: process.ended, output: process.output, stop: process.stop };
    },
    /** Subgraph calls so far. */
    async fetches() {
      const counts = await Promise.all(subgraphs.map(async ({ said }) => Number(await (await fetch(said[0])).text())));
      return counts.reduce((sum, count) => sum + count, 0);
    },
    /** Processor that sessions and the log take outside of the gateway: both rooms and PostgreSQL. */
    roomsCpuMs: () => cpuMs(rooms.pid) + cpuMs(postmaster, { tree: true }),
    async logEntries() {
      const owner = new pg.Client({ connectionString: ownerUrl });
      await owner.connect();
      const { rows } = await owner.query(
        'SELECT (SELECT count(*) FROM audit.entry) + (SELECT count(*) FROM audit.sealed_entry) AS entries',
      );
      await owner.end();
      return Number(rows[0].entries);
    },
  };
}

/** A PostgreSQL whose room was killed runs on by itself. */
function endPostgres(data) {
  try {
    process.kill(Number(readFileSync(join(data, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]), 'SIGINT');
  } catch {
    // There is none.
  }
}
