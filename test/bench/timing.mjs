/**
 * `npm run bench:timing [-- --quick] [--planted] [--place room|gateway] [--json FILE]`: whether a hidden case takes another time than one
 * that is not there. Asked in pairs, in random order, of the cases room directly and through the gateway, as somebody without shielded
 * clearance and as somebody cleared for another compartment. A rank test tells whether one of the two tends to take longer.
 *
 * `--planted`: beside each pair another one, with 10 µs of work between the start of the clock and the request for the hidden case. The
 * same test must find these; where it does not, the run cannot tell whether there is such a difference.
 */
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openAsker } from './asker.mjs';
import { buildSluse } from './install.mjs';
import { killAll, start } from './processes.mjs';
import { shuffled, signedRank } from './statistics.mjs';
import { writeTwins } from './timing-twins.mjs';
import { caseworker } from './viewers.mjs';

const { values: given } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    planted: { type: 'boolean', default: false },
    place: { type: 'string' },
    json: { type: 'string' },
    // For tests: fewer than can tell anything.
    pairs: { type: 'string' },
  },
});
const pairs = Number(given.pairs ?? (given.quick ? 2_000 : 20_000));
const places = given.place ? [given.place] : ['room', 'gateway'];
if (places.some((place) => place !== 'room' && place !== 'gateway'))
  throw new Error('--place: expected room or gateway');
const twinCount = Math.min(200, pairs);
const warming = Math.min(500, pairs);
const plantedMs = 0.01;
const goal = 3;
const say = (text) => process.stdout.write(`${text}\n`);

/** Who asks, and for what they are cleared. Hidden from both: cases of social fraud. */
const viewers = {
  'housing-caseworker': ['HOUSING_BENEFIT'],
  'placement-secretary': ['PLACEMENT', 'CHILD_CONCERN', 'FAMILY_RESIDENCE'],
};
// Nothing is asked for that differs between two citizens who are alike.
const list = 'cases(first: 20) { totalCount nodes { category title openedOn changedAt } }';
const one = 'id title number openedOn';
const ofEntities = (type, selection) => (of) => ({
  query: `query ($of: [_Any!]!) { _entities(representations: $of) { ... on ${type} { ${selection} } } }`,
  variables: { of: [{ __typename: type, id: type === 'Case' ? of.id : of.citizen }] },
});
const common = {
  'case(id)': ({ id }) => ({ query: `query ($id: ID!) { case(id: $id) { ${one} } }`, variables: { id } }),
  caseByNumber: ({ number }) => ({
    query: `query ($number: String!) { caseByNumber(number: $number) { ${one} } }`,
    variables: { number },
  }),
};
const questions = {
  room: { ...common, _entities: ofEntities('Case', one), 'Citizen.cases': ofEntities('Citizen', list) },
  // Callers of the gateway cannot ask for `_entities`.
  gateway: {
    ...common,
    'Citizen.cases': ({ cpr }) => ({
      query: `query ($cpr: CPR!) { citizen(cpr: $cpr) { ${list} } }`,
      variables: { cpr },
    }),
  },
};

const build = await buildSluse();
const folder = mkdtempSync(join(tmpdir(), 'sluse-bench-'));
chmodSync(folder, 0o755); // PostgreSQL does not run as root and must be able to pass through
const running = [];
let closing;
process.once('exit', () => {
  killAll();
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void close().finally(() => process.exit(130)));
try {
  const ways = await open();
  sameBytes(await Promise.all(ways.map(answers)));
  const turns = ways.map((way) => ({ ...way, real: [], planted: [] }));
  for (let round = 0; round < pairs + warming; round += 1)
    for (const turn of shuffled([...turns])) await measure(turn, round >= warming);
  for (const asker of new Set(ways.map((way) => way.asker))) await asker.close();
  show(turns);
} finally {
  await close();
}
process.exit(0);

/** One pair; and another with what is planted, so that hidden and absent cases are asked for equally often. */
async function measure({ asker, bodies, real, planted }, counts) {
  const { hidden, absent } = bodies[Math.floor(Math.random() * bodies.length)];
  const difference = async (before) => {
    const times = {};
    for (const name of shuffled(['hidden', 'absent']))
      times[name] = (await (name === 'hidden' ? asker.ask(hidden, before) : asker.ask(absent))).ms;
    return times.hidden - times.absent;
  };
  const kinds = [{ into: real }, ...(given.planted ? [{ into: planted, before: busy }] : [])];
  for (const { into, before } of shuffled(kinds)) {
    const found = await difference(before);
    if (counts) into.push(found);
  }
}

function busy() {
  for (const until = performance.now() + plantedMs; performance.now() < until; );
}

/** Of every pair both answers; with the connection warm and every plan made. */
async function answers({ asker, bodies, name }) {
  const texts = [];
  for (const { hidden, absent } of bodies) texts.push([(await asker.ask(hidden)).text, (await asker.ask(absent)).text]);
  return { name, texts };
}

function sameBytes(all) {
  for (const { name, texts } of all)
    for (const [hidden, absent] of texts) {
      if (JSON.parse(absent).errors) throw new Error(`${name} was refused: ${absent.slice(0, 300)}`);
      if (hidden !== absent) throw new Error(`${name}: the answers differ, whatever time they take`);
    }
}

/** A whole Sluse with the demo and the twins, and beside it a cases room on the same database that can be asked directly. */
async function open() {
  const sluse = await start('Sluse', {
    ...{ args: ['--enable-source-maps', `${build}/src/main.js`], core: null, ready: /Sluse is ready at (\S+)/m },
    env: { SLUSE_DATA_DIR: folder, PORT: '0', SLUSE_LOG_LEVEL: 'fatal', SLUSE_PERSON_RATE: '0', NODE_ENV: '' },
  });
  running.push(sluse);
  const secret = readFileSync(join(folder, 'owner-password'), 'utf8').trim();
  const port = readFileSync(join(folder, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[3];
  const ownerUrl = `postgres://sluse:${secret}@127.0.0.1:${port}/sluse`;
  const twins = await writeTwins(ownerUrl, twinCount);
  const keys = generateKeyPairSync('ed25519');
  const rooms = await start('the cases room', {
    ...{ args: [fileURLToPath(new URL('cases-rooms.mjs', import.meta.url))], core: null, ready: /^ready (\[.*\])/m },
    env: {
      ...{ BENCH_BUILD: build, BENCH_SECRET: secret, BENCH_OWNERS: JSON.stringify([ownerUrl]) },
      BENCH_KEY: keys.publicKey.export({ type: 'spki', format: 'pem' }),
    },
  });
  running.push(rooms);
  const addresses = { room: `${JSON.parse(rooms.said[0])[0]}/graphql`, gateway: `${sluse.said[0]}/graphql` };
  const signed = await signers(sluse.said[0], keys.privateKey);
  return places.flatMap((place) =>
    Object.keys(viewers).flatMap((viewer) => {
      const asker = openAsker(addresses[place], signed[place](viewer));
      return Object.entries(questions[place]).map(([question, of]) => ({
        ...{ place, viewer, question, name: `${place}, ${viewer}, ${question}`, asker },
        bodies: twins.map(({ hidden, absent }) => ({
          hidden: JSON.stringify(of(hidden)),
          absent: JSON.stringify(of(absent)),
        })),
      }));
    }),
  );
}

/** By place and viewer: what makes the header `authorization`. */
async function signers(url, privateKey) {
  const { standingCompartments } = await import(`${build}/subgraphs/protocol/compartments.js`);
  const { viewerSigner } = await import(`${build}/subgraphs/protocol/viewer.js`);
  const signer = viewerSigner(privateKey);
  const tokens = {};
  for (const person of Object.keys(viewers)) {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${url}/demo/sign-in`, { method: 'POST', headers, body: JSON.stringify({ person }) });
    tokens[person] = (await answer.json()).token;
  }
  const direct = Object.fromEntries(
    Object.entries(viewers).map(([person, categories]) => [
      person,
      caseworker(
        '0999',
        standingCompartments('0999').filter(({ category }) => categories.includes(category)),
      ),
    ]),
  );
  return {
    room: (viewer) => async () => `Bearer ${await signer.sign(direct[viewer], 'cases')}`,
    gateway: (viewer) => async () => `Bearer ${tokens[viewer]}`,
  };
}

/** Once, whether the end or a signal comes first: PostgreSQL is to end before its folder goes. */
function close() {
  closing ??= (async () => {
    for (const process of running.reverse()) await process.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  })();
  return closing;
}

function show(turns) {
  say(
    `${pairs.toLocaleString('en')} pairs each; goal |z| < ${goal}. Of ${turns.length} tests one in ${Math.round(1 / (0.0027 * turns.length))} runs misses it by chance`,
  );
  const tests = turns.map(({ place, viewer, question, name, real, planted }) => {
    const { z, median } = signedRank(real);
    const added = given.planted ? signedRank(planted) : null;
    const told = added && (added.z > goal ? 'met' : 'cannot tell');
    const verdict = Math.abs(z) >= goal ? 'MISS' : (told ?? 'none found');
    const found = added ? `; 10 µs planted: z ${added.z.toFixed(1)}, ${(added.median * 1_000).toFixed(1)} µs` : '';
    say(
      `${verdict.padEnd(12)}${name.padEnd(45)} z ${z.toFixed(2).padStart(6)}, ${(median * 1_000).toFixed(1).padStart(6)} µs${found}`,
    );
    return {
      ...{ place, viewer, question, pairs, verdict, z, medianUs: median * 1_000 },
      ...(added && { plantedZ: added.z, plantedMedianUs: added.median * 1_000 }),
    };
  });
  if (!given.planted) say('Whether the run would find 10 µs is not known: add --planted.');
  else if (tests.some(({ verdict }) => verdict === 'cannot tell'))
    say('Where 10 µs were not found the run cannot tell: the machine is too busy, or there are too few pairs.');
  if (given.json) writeFileSync(given.json, `${JSON.stringify({ pairs, planted: given.planted, tests }, null, 2)}\n`);
}
