/**
 * `npm run bench:fairness [-- --quick] [--texts N] [--json FILE] [--seed N]`: what one person, and what strangers, can take from the others.
 *
 * Against a whole Sluse in embedded mode: the ten dearest operations that a guidance worker is allowed (found by search, dearest.mjs) asked
 * without end; then every route flooded by nobody from four addresses. Meanwhile somebody else asks something small, and for health, on
 * connections and in a thread of their own. Last, memory after many distinct texts of the worst kind.
 */
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import pg from 'pg';
import { Agent, request } from 'undici';
import { searcher, seeded } from './dearest.mjs';
import { buildSluse } from './install.mjs';
import { cpuMs, killAll, peakMb, start } from './processes.mjs';

const { values: given } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    texts: { type: 'string' },
    json: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
});
const seconds = given.quick ? 8 : 30;
/** Longer than the log's interval, so that what it tells of a flood is in it. */
const flood = 65;
const tries = given.quick ? 40 : 400;
const texts = Number(given.texts ?? (given.quick ? 3_000 : 200_000));
const addresses = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5'];
const small = '{ citizen(cpr: "0201609995") { name } }';

const say = (text) => process.stdout.write(`${text}\n`);
const quantile = (values, part) => {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(part * sorted.length) - 1))] ?? Number.NaN;
};
const rounded = (value) => Math.round(value * 10) / 10;
const agentOf = (localAddress, connections = 4) => new Agent({ connections, pipelining: 1, connect: { localAddress } });
const agents = { load: agentOf(undefined, 16) };

async function post(path, body, { agent = agents.load, token, type = 'application/json' } = {}) {
  const headers = { 'content-type': type, ...(token && { authorization: `Bearer ${token}` }) };
  const { statusCode, body: answer } = await request(`${url}${path}`, {
    method: 'POST',
    dispatcher: agent,
    headers,
    body,
  });
  return { status: statusCode, text: await answer.text() };
}
const ask = (token, { query, variables }, agent) =>
  post('/graphql', JSON.stringify({ query, variables }), { token, agent });

/** What somebody else waits for while `load` goes on. */
async function meanwhile(load, during = seconds) {
  const state = { over: false };
  const loading = load(state);
  const workerData = { url, token: tokens.other, query: small, milliseconds: during * 1_000 };
  const watcher = new Worker(new URL('watcher.mjs', import.meta.url), { workerData });
  const [{ small: times, health }] = await once(watcher, 'message');
  state.over = true;
  const done = await loading;
  return {
    smallP50Ms: rounded(quantile(times, 0.5)),
    smallP99Ms: rounded(quantile(times, 0.99)),
    healthP99Ms: rounded(quantile(health, 0.99)),
    healthWorstMs: rounded(Math.max(...health)),
    smallAnswered: times.length,
    ...done,
  };
}

async function dearest(build) {
  const { budgetTable } = await import(`${build}/subgraphs/edge/budgets.js`);
  const budget = budgetTable().get('CITIZEN_SERVICE');
  const search = await searcher(build, { random: seeded(Number(given.seed)), budget });
  const found = [];
  const measure = async (candidate) => {
    const before = cpuMs(sluse.pid, { tree: true });
    const began = performance.now();
    const { status, text } = await ask(tokens.dear, candidate);
    if (status !== 200) return;
    const cpu = cpuMs(sluse.pid, { tree: true }) - before;
    found.push({ ...candidate, cpu, ms: performance.now() - began, bytes: text.length });
    found.sort((one, other) => other.cpu - one.cpu).splice(10);
  };
  for (let nth = 0; nth < tries; nth += 1)
    await measure(nth < tries / 2 || found.length === 0 ? search.next() : search.near(found[nth % found.length]));
  return found;
}

const byOne = (requests) => async (state) => {
  let [answered, refused] = [0, 0];
  const loop = async (one) => {
    while (!state.over) {
      const { status } = await ask(tokens.dear, one);
      if (status === 200) answered += 1;
      else refused += 1;
      if (status === 429) await wait(1_000);
    }
  };
  await Promise.all(requests.map(loop));
  return { answered, refused };
};

/** Every route that nobody in particular may reach, with what costs it most. */
const routes = [
  (nth) => ['/graphql', JSON.stringify({ query: `{ viewer { actingIn { code } } } # ${nth} ${'x'.repeat(50_000)}` })],
  (nth) => [
    '/oauth/token',
    `grant_type=client_credentials&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=${nth}.${'x'.repeat(5_000)}.y`,
    'application/x-www-form-urlencoded',
  ],
  (nth) => [
    '/saml/acs',
    `RelayState=r${nth}&SAMLResponse=${Buffer.from(`<a>${'<b c="d"/>'.repeat(5_000)}</a>`).toString('base64')}`,
    'application/x-www-form-urlencoded',
  ],
  (nth) => ['/demo/sign-in', JSON.stringify({ person: `nobody ${nth}` })],
  (nth) => ['/sign-out', `x=${nth}`, 'application/x-www-form-urlencoded'],
  (nth) => [`/login?return=/${nth}`, null],
  (nth) => [`/no-such-page/${nth}`, null],
];

const byStrangers = async (state) => {
  const counts = {};
  let nth = 0;
  const loop = async (agent, route) => {
    while (!state.over) {
      const [path, body, type] = route(nth++);
      try {
        const { status } = body === null ? await get(path, agent) : await post(path, body, { agent, type });
        counts[status] = (counts[status] ?? 0) + 1;
      } catch {
        counts.cut = (counts.cut ?? 0) + 1;
        await wait(20);
      }
    }
  };
  const own = addresses.map((address) => agentOf(address, routes.length));
  await Promise.all(own.flatMap((agent) => routes.map((route) => loop(agent, route))));
  await Promise.all(own.map((agent) => agent.close()));
  return { counts };
};
const get = async (path, agent) => {
  const { statusCode, body } = await request(`${url}${path}`, { dispatcher: agent });
  return { status: statusCode, text: await body.text() };
};

/** Bytes of the log in PostgreSQL, and attempts of which it tells. */
async function logState() {
  const { rows } = await database.query(
    "SELECT sum(pg_total_relation_size(c.oid))::bigint AS bytes FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'audit' AND c.relkind IN ('r', 'm')",
  );
  const told = JSON.parse((await ask(tokens.officer, { query: '{ rejectedSources { attempts } }' })).text);
  const attempts = (told.data?.rejectedSources ?? []).reduce((sum, one) => sum + one.attempts, 0);
  const { rows: entries } = await database.query(
    'SELECT count(*)::int AS all, (count(*) FILTER (WHERE actor_id IS NULL))::int AS strangers FROM audit.entry',
  );
  return { bytes: Number(rows[0].bytes), ...entries[0], attempts };
}

/** Texts of 1.3 kB that keep as much as a text can: 28 aliases of a root field with one fragment. */
async function memory(asked, pid, { root, fields }) {
  const aliases = Array.from({ length: 28 }, (_none, nth) => `a${nth}: ${root} { ...F }`).join(' ');
  let sent = 0;
  const loop = async () => {
    while (sent < texts) {
      sent += 1;
      const nth = sent;
      const { status, text } = await asked({
        query: `query Q${nth} { ${aliases} } fragment F on Citizen { ${fields} x${nth}: name }`,
      });
      if (status !== 200) throw new Error(`A text was answered ${status}: ${text.slice(0, 200)}`);
    }
  };
  await Promise.all(Array.from({ length: 2 }, loop));
  return { texts, peakMb: Math.round(peakMb(pid)) };
}

const sluseTexts = {
  root: 'citizen(cpr: "0101010000")',
  fields: 'id name cpr address { street city } relatives { kind citizen { name } } cases { nodes { title number } }',
};
const benchTexts = {
  root: 'citizen(id: "c1")',
  fields:
    'id name bornOn address { street city } home { name phone } cases { id number title venue { name } caseworker { id name } }',
};

/** The same of a gateway by itself, in front of the benchmark's subgraphs, with its rooms elsewhere. */
async function memoryOfGateway() {
  const { openWorld } = await import('./world.mjs');
  const world = await openWorld(build, { pinned: false });
  try {
    const gateway = await world.open('sluse', { core: null });
    const asked = async ({ query }) => {
      const { statusCode, body } = await request(gateway.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${gateway.token}` },
        body: JSON.stringify({ query }),
      });
      return { status: statusCode, text: await body.text() };
    };
    return await memory(asked, gateway.pid, benchTexts);
  } finally {
    await world.close();
  }
}

const build = await buildSluse();
const data = mkdtempSync(join(tmpdir(), 'sluse-fairness-'));
// Under root PostgreSQL runs as `postgres`, who must be able to pass through.
chmodSync(data, 0o755);
const root = fileURLToPath(new URL('../../', import.meta.url));
process.chdir(root);
process.once('SIGINT', () => {
  killAll();
  process.exit(1);
});
const sluse = await start('Sluse', {
  args: ['--enable-source-maps', `${build}/src/main.js`],
  core: null,
  env: { SLUSE_DATA_DIR: data, PORT: '0', SLUSE_LOG_LEVEL: 'fatal', NODE_ENV: '' },
  ready: /Sluse is ready at (\S+)/m,
});
const url = sluse.said[0];
const signIn = async (person) => JSON.parse((await post('/demo/sign-in', JSON.stringify({ person }))).text).token;
const tokens = {
  dear: await signIn('guidance-worker'),
  other: await signIn('manager'),
  officer: await signIn('cleared-security-officer'),
};
const database = new pg.Client(await connection());
await database.connect();
let code = 0;
const ratio = ({ smallP99Ms }) => rounded(smallP99Ms / alone.smallP99Ms);
let alone;
const told = (name, load) =>
  say(
    `${name}: small p50 ${load.smallP50Ms} ms, p99 ${load.smallP99Ms} ms = ${ratio(load)} × alone (goal 5); health p99 ${load.healthP99Ms} ms, worst ${load.healthWorstMs} ms (goal 100); ${JSON.stringify(load.counts ?? { answered: load.answered, refused: load.refused })}`,
  );
try {
  await ask(tokens.other, { query: small });
  const requests = await dearest(build);
  say(
    `the dearest ${requests.length} of ${tries} (seed ${given.seed}), ms of processor: ${requests.map(({ cpu }) => cpu).join(', ')}`,
  );
  alone = await meanwhile(async () => ({}));
  say(`alone: small p50 ${alone.smallP50Ms} ms, p99 ${alone.smallP99Ms} ms; health worst ${alone.healthWorstMs} ms`);
  const one = await meanwhile(byOne(requests));
  told('one person’s dearest', one);
  const before = await logState();
  const strangers = await meanwhile(byStrangers, flood);
  told('strangers', strangers);
  // The last of them are told when the interval is over.
  await wait(65_000);
  const after = await logState();
  const refusals = strangers.counts[401] ?? 0;
  // Bytes by the number of entries: those of strangers are no larger than those of who was served meanwhile.
  const [grown, entries, ofStrangers] = ['bytes', 'all', 'strangers'].map((name) => after[name] - before[name]);
  const log = {
    megabytesPerMinute: rounded((((grown / 1024 / 1024) * ofStrangers) / entries / flood) * 60),
    strangersEntries: ofStrangers,
    told: after.attempts - before.attempts,
    refusals,
  };
  say(
    `the log under strangers: ${log.megabytesPerMinute} MB a minute (goal 1), ${log.strangersEntries} entries; ${log.told} attempts told, ${log.refusals} answered with 401`,
  );
  const held = await memory((body) => ask(tokens.dear, body), sluse.pid, sluseTexts);
  await database.end();
  await sluse.stop();
  const gateway = await memoryOfGateway();
  say(
    `memory at most after ${held.texts} texts: embedded ${held.peakMb} MB (goal 600), a gateway alone ${gateway.peakMb} MB (goal 350)`,
  );
  const result = {
    dearest: requests.map(({ query, variables, cost, cpu, ms, bytes }) => ({
      query,
      variables,
      cost,
      cpuMs: cpu,
      ms: rounded(ms),
      bytes,
    })),
    alone,
    one: { ...one, ratio: ratio(one) },
    strangers: { ...strangers, ratio: ratio(strangers) },
    log,
    memory: { embedded: held, gateway },
  };
  if (given.json) writeFileSync(given.json, `${JSON.stringify(result, null, 2)}\n`);
} catch (error) {
  process.stderr.write(`${error.stack}\n${sluse.output().slice(-2_000)}\n`);
  code = 1;
} finally {
  await database.end().catch(() => {});
  await sluse.stop();
  rmSync(data, { recursive: true, force: true });
}
process.exit(code);

/** Of the embedded PostgreSQL, as its owner. */
async function connection() {
  const port = Number(readFileSync(join(data, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[3]);
  const password = readFileSync(join(data, 'owner-password'), 'utf8');
  return { host: '127.0.0.1', port, user: 'sluse', password, database: 'sluse' };
}
