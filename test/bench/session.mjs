/**
 * `npm run bench:session [-- --quick] [--json FILE]`: what it costs to check a session, and how soon what was revoked is seen
 * no more. Two gateways, each a process, in front of the real identity and audit rooms; once with Redis and once without.
 *
 * Under load every session asks both gateways for a citizen without pause. A session is revoked through one of them;
 * counted are the milliseconds from sending that until the *other* gateway first refused, and the answers with data that
 * anybody received after the revocation was acknowledged.
 */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import { Agent, setGlobalDispatcher } from 'undici';
import { buildSluse } from './install.mjs';
import { killAll, start } from './processes.mjs';

const { values: given } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } },
});
const revocations = given.quick ? 200 : 1_000;
const checks = given.quick ? 300 : 1_000;
/** Sessions that ask at once; each is revoked in its turn. */
const crowd = 8;
const redisUrl = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379';
const say = (text) => process.stdout.write(`${text}\n`);
const quantile = (values, part) => {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)];
};
const question = '{ citizen(cpr: "0201609995") { name } }';

const here = (file) => fileURLToPath(new URL(file, import.meta.url));
setGlobalDispatcher(new Agent({ connections: 64, keepAliveTimeout: 10_000 }));

const build = await buildSluse();
const world = await openRooms();
try {
  const result = { withoutRedis: await measured(null), withRedis: null };
  if (await answers(redisUrl)) result.withRedis = await measured(redisUrl);
  else say(`Redis does not answer at ${redisUrl}: measured without it only. Set REDIS_URL.`);
  if (given.json) writeFileSync(given.json, `${JSON.stringify(result, null, 2)}\n`);
} finally {
  await world.close();
}
process.exit(0);

async function measured(redis) {
  const scope = `bench_${randomUUID().slice(0, 8)}`;
  const gateways = [await gatewayOf(redis, scope), await gatewayOf(redis, scope)];
  try {
    const checkUs = await checkCosts(redis, scope);
    const result = { checkUs, ...(await revoked(gateways.map(({ said }) => said[0]))) };
    say(`\n${redis ? 'With' : 'Without'} Redis`);
    say(
      `  a check of a session, µs (median): in memory ${checkUs.cached}, from Redis ${checkUs.redis ?? '–'}, from PostgreSQL ${checkUs.postgres}`,
    );
    say(
      `  ${result.revocations} revocations under load (${result.answers} answers): refused by the other gateway after p50 ${result.revokeP50Ms} ms, p99.9 ${result.revokeP999Ms} ms (goal 1,000), by the one that took the revocation after p99.9 ${result.ownRevokeP999Ms} ms; acknowledged after p50 ${result.acknowledgedP50Ms} ms`,
    );
    say(`  answers with data after the revocation was acknowledged: ${result.disclosedAfterRevoke} (goal 0)`);
    return result;
  } finally {
    for (const gateway of gateways) await gateway.stop();
    if (redis) await forget(redis, scope);
  }
}

/** What `viewerOf` takes, in this process: known, known to Redis only, known to nobody. */
async function checkCosts(redis, scope) {
  const { openSessions } = await import(`${build}/src/sessions/sessions.js`);
  const { openViewerCache } = await import(`${build}/src/sessions/viewer-cache.js`);
  const { pino } = await import('pino');
  const cacheOf = () =>
    redis
      ? openViewerCache({ url: redis, scope, viewerKey: world.keys.privateKey, log: pino({ level: 'error' }) })
      : null;
  const open = (cache) => openSessions(world.identity, { municipality: '0999', revocations: null, cache });
  const tokens = await Promise.all(Array.from({ length: checks }, (_none, nth) => world.signIn(nth)));
  const timed = async (sessions) => {
    const times = [];
    for (const token of tokens) {
      // Whether anything has changed is asked once a lease for all sessions together; here it is the session that is timed.
      await sessions.viewerOf(tokens[0], 'polling');
      const began = process.hrtime.bigint();
      await sessions.viewerOf(token);
      times.push(Number(process.hrtime.bigint() - began) / 1_000);
    }
    return times.slice(1);
  };
  const caches = [cacheOf(), cacheOf()];
  if (redis) await wait(200);
  const first = open(caches[0]);
  await first.viewerOf(tokens[0], 'polling');
  // A gateway that has heard of no change yet cannot date what others left: the second one listens before the first writes.
  const second = open(caches[1]);
  await second.viewerOf(tokens[0], 'polling');
  const postgres = await timed(first);
  const shared = redis ? await timed(second) : null;
  const known = [];
  for (let round = 0; round < 2_000; round += 1) {
    const began = process.hrtime.bigint();
    await first.viewerOf(tokens[round % 50], 'polling');
    known.push(Number(process.hrtime.bigint() - began) / 1_000);
  }
  for (const cache of caches) cache?.close();
  const rounded = (value) => Math.round(value * 10) / 10;
  return {
    cached: rounded(quantile(known, 0.5)),
    redis: shared && rounded(quantile(shared, 0.5)),
    postgres: rounded(quantile(postgres, 0.5)),
  };
}

async function revoked(urls) {
  const [denials, own, acknowledgements] = [[], [], []];
  let [disclosed, received, begun] = [0, 0, 0];

  /** One session after the other, each asked through both gateways until both have refused. */
  const seat = async (nth) => {
    while (begun < revocations) {
      const turn = begun++;
      const token = await world.signIn(nth * 100_000 + turn);
      const state = { sent: Number.POSITIVE_INFINITY, acknowledged: Number.POSITIVE_INFINITY, refusedAt: [null, null] };
      const asking = urls.map(async (url, gateway) => {
        for (;;) {
          const { status, hasData } = await ask(url, token, question);
          const at = performance.now();
          received += 1;
          if (hasData && at > state.acknowledged) disclosed += 1;
          if (status === 401) {
            state.refusedAt[gateway] ??= at;
            // Goes on for a while: what was refused once must not be answered by a cache that is late.
            if (at > state.acknowledged + 300) return;
          } else if (at > state.sent + 10_000) throw new Error('never refused');
        }
      });
      await wait(50 + Math.random() * 300);
      const through = turn % 2;
      state.sent = performance.now();
      const how = turn % 3 === 0 ? 'mutation { signOutEverywhere }' : 'mutation { signOut }';
      const done = await ask(urls[through], token, how);
      state.acknowledged = performance.now();
      if (done.status !== 200) throw new Error(`a revocation was answered with ${done.status}`);
      await Promise.all(asking);
      denials.push(state.refusedAt[1 - through] - state.sent);
      own.push(state.refusedAt[through] - state.sent);
      acknowledgements.push(state.acknowledged - state.sent);
    }
  };
  await Promise.all(Array.from({ length: crowd }, (_none, nth) => seat(nth)));
  const rounded = (value) => Math.round(value * 10) / 10;
  return {
    revokeP50Ms: rounded(quantile(denials, 0.5)),
    revokeP999Ms: rounded(quantile(denials, 0.999)),
    ownRevokeP999Ms: rounded(quantile(own, 0.999)),
    acknowledgedP50Ms: rounded(quantile(acknowledgements, 0.5)),
    revocations: denials.length,
    answers: received,
    disclosedAfterRevoke: disclosed,
  };
}

async function ask(url, token, query) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
  });
  const body = await response.json();
  return { status: response.status, hasData: Object.values(body.data ?? {}).some((value) => value !== null) };
}

function gatewayOf(redis, scope) {
  return start('a gateway', {
    args: [here('targets/session-gateway.mjs')],
    core: null,
    env: {
      BENCH_BUILD: build,
      BENCH_KEY: world.keys.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      BENCH_SUPERGRAPH: fileURLToPath(new URL('../../schema/supergraph.graphql', import.meta.url)),
      BENCH_SERVICES: JSON.stringify(world.services),
      BENCH_SCOPE: scope,
      ...(redis && { BENCH_REDIS: redis }),
    },
  });
}

/** The identity and audit rooms; nothing here asks the other two. */
async function openRooms() {
  const folder = mkdtempSync(join(tmpdir(), 'sluse-bench-'));
  chmodSync(folder, 0o755); // PostgreSQL does not run as root and must be able to pass through
  const data = join(folder, 'data');
  const keys = generateKeyPairSync('ed25519');
  process.once('exit', () => {
    killAll();
    endPostgres(data);
    rmSync(folder, { recursive: true, force: true });
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
  const rooms = await start('the rooms', {
    args: [here('rooms.mjs')],
    core: null,
    env: { BENCH_BUILD: build, BENCH_DATA: data, BENCH_KEY: keys.publicKey.export({ type: 'spki', format: 'pem' }) },
    ready: /^ready (\{.*\})/m,
  });
  const urls = JSON.parse(rooms.said[0]);
  const { internalCalls } = await import(`${build}/src/subgraph-client/internal-calls.js`);
  const { openSubgraphTransport } = await import(`${build}/src/subgraph-client/subgraph-transport.js`);
  const { viewerSigner } = await import(`${build}/subgraphs/protocol/viewer.js`);
  const { demoPeople } = await import(`${build}/subgraphs/demo/identity.js`);
  const wire = openSubgraphTransport();
  const identity = internalCalls(
    wire,
    viewerSigner(keys.privateKey),
    'identity',
    () => new URL(`${urls.identity}/graphql`),
  );
  // People of their own, so that one's revocation is not another's change.
  const people = demoPeople.filter((person) =>
    [
      'guidance-worker',
      'housing-caseworker',
      'placement-secretary',
      'fraud-investigator',
      'manager',
      'smdb-reporter',
      'smdb-health',
      'smdb-leader',
    ].includes(person.key),
  );
  return {
    keys,
    identity,
    services: { identity: urls.identity, audit: urls.audit, cases: urls.identity, smdb: urls.identity },
    async signIn(nth) {
      const { kind, id } = people[Math.floor(nth / 100_000) % people.length];
      return (await identity('open-session', { municipality: '0999', person: { kind, id } })).token;
    },
    async close() {
      await wire.close();
      await rooms.stop();
      endPostgres(data);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

/** Ends the PostgreSQL of a data directory, if it outlived the rooms. */
function endPostgres(data) {
  try {
    process.kill(Number(readFileSync(`${data}/postgres/postmaster.pid`, 'utf8').split('\n')[0]), 'SIGINT');
  } catch {
    // It has ended.
  }
}

async function answers(url) {
  const redis = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    connectTimeout: 1_000,
    retryStrategy: () => null,
  });
  redis.on('error', () => {});
  try {
    await redis.connect();
    return true;
  } catch {
    return false;
  } finally {
    redis.disconnect();
  }
}

/** Leaves nothing on a shared server. */
async function forget(url, scope) {
  const redis = new Redis(url);
  for await (const keys of redis.scanStream({ match: `sluse:${scope}:*` }))
    if (keys.length > 0) await redis.del(...keys);
  redis.disconnect();
}
