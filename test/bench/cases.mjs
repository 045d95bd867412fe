/**
 * `npm run bench:cases [-- --quick] [--json FILE]`: how asking for cases grows from 100,000 cases in a region to ten million, asked of the
 * cases room over HTTP as somebody cleared for shielded cases and as somebody who is not; what the walls cost, beside the same statements
 * without them (cases-walls.mjs); and how fast PostgreSQL takes cases by COPY. All sizes are asked in one interleaved run.
 *
 * Everybody is asked about in the largest municipality. The numbers of a size are those of the slower viewer.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { openAsker } from './asker.mjs';
import { copyPerSecond } from './cases-copy.mjs';
import { wallsRatio } from './cases-walls.mjs';
import { openServer } from './databases.mjs';
import { buildSluse } from './install.mjs';
import { start } from './processes.mjs';
import { idsFor } from './region/random.mjs';
import { makeRegion, sizesOf } from './region/region.mjs';
import { median, shuffled } from './statistics.mjs';
import { caseworker } from './viewers.mjs';

const { values: given } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    // For tests: smaller than what is worth measuring.
    sizes: { type: 'string' },
    rounds: { type: 'string' },
  },
});
const sizes = (given.sizes?.split(',') ?? (given.quick ? [20_000, 200_000] : [100_000, 1_000_000, 10_000_000])).map(
  Number,
);
const rounds = Number(given.rounds ?? (given.quick ? 200 : 400));
const warming = 30;
/** What takes longer than this is asked once in so many rounds, or the run would take hours. */
const slow = { ms: 300, every: 10 };
const depth = 1_000;
const secret = randomBytes(32).toString('hex');
const seed = 1;
const say = (text) => process.stdout.write(`${text}\n`);

const fields = 'id clearance number title kle category progress sensitivity openedOn closedOn changedAt';
const questions = {
  citizenCases: ({ citizen }) => ({
    query: `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Citizen { cases(first: 20) { nodes { ${fields} } } } } }`,
    variables: { of: [{ __typename: 'Citizen', id: citizen }] },
  }),
  case: ({ id }) => ({ query: `query ($id: ID!) { case(id: $id) { ${fields} } }`, variables: { id } }),
  page1: ({ perPage }) => page(perPage, null),
  page1000: ({ perPage, cursor }) => page(perPage, cursor),
  totalCount: () => ({ query: '{ cases(first: 0) { totalCount } }' }),
};
const inMs = (value) => (Number.isFinite(value) ? value.toFixed(2) : 'no answer');
const page = (first, after) => ({
  query: `query ($first: Int!, $after: String) { cases(first: $first, after: $after) { nodes { ${fields} } pageInfo { endCursor } } }`,
  variables: { first, after },
});

const build = await buildSluse();
const built = (file) => import(`${build}/subgraphs/${file}`);
const { standingCompartments } = await built('protocol/compartments.js');
const { viewerSigner } = await built('protocol/viewer.js');
const server = await openServer(build);
const keys = generateKeyPairSync('ed25519');
const signer = viewerSigner(keys.privateKey);
let rooms;
try {
  const worlds = [];
  for (const cases of sizes) worlds.push(await fill(cases));
  rooms = await start('the cases rooms', {
    ...{ args: [fileURLToPath(new URL('cases-rooms.mjs', import.meta.url))], core: null },
    env: {
      ...{
        BENCH_BUILD: build,
        BENCH_SECRET: secret,
        BENCH_OWNERS: JSON.stringify(worlds.map(({ ownerUrl }) => ownerUrl)),
      },
      BENCH_KEY: keys.publicKey.export({ type: 'spki', format: 'pem' }),
    },
    ready: /^ready (\[.*\])/m,
  });
  for (const [nth, url] of JSON.parse(rooms.said[0]).entries()) worlds[nth].url = `${url}/graphql`;
  const least = Math.min(...worlds.map(({ seen }) => seen));
  if (least <= depth) throw new Error(`--sizes: page ${depth} needs as many cases in the largest municipality`);
  // Half way through the list of the smallest, so that as much follows as goes before.
  const perPage = Math.max(1, Math.min(20, Math.floor(least / (2 * depth))));
  const measured = await ask(worlds, perPage);
  // In the smallest, where a statement takes least: there the walls' share is largest, and no disk is in it.
  const walls = await wallsRatio({ built, secret, rounds, perPage, world: worlds[0] });
  const copyPerS = await copyPerSecond(worlds.at(-1), given.quick || given.sizes ? 2_000 : 20_000);
  show(measured, walls, copyPerS, perPage);
  // The room does not take cases in batches yet.
  const result = { sizes: measured, importPerS: null, copyPerS, wallsRatio: walls.ratio, walls: walls.statements };
  if (given.json) writeFileSync(given.json, `${JSON.stringify(result, null, 2)}\n`);
} finally {
  await rooms?.stop();
  await server.close();
}

/** A region in a database of its own, with whom and what is asked about in its largest municipality. */
async function fill(cases) {
  const { ownerUrl } = await server.create();
  const made = await makeRegion({ build, ownerUrl, secret, seed, sizes: sizesOf(cases) });
  say(
    `${cases.toLocaleString('en')} cases: COPY ${made.copySeconds.toFixed(0)} s, indexes and keys ${made.indexSeconds.toFixed(0)} s`,
  );
  const place = made.places[0];
  const [idOf, some] = [idsFor(seed, 'case'), (below) => Math.floor(Math.random() * below)];
  const candidates = Array.from({ length: 2 * (rounds + warming) }, () => idOf(place.firstCase + some(place.cases)));
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  const { rows } = await owner.query('SELECT id FROM cases.ordinary_case WHERE municipality = $1 AND id = ANY ($2)', [
    place.code,
    candidates,
  ]);
  const { rows: seen } = await owner.query('SELECT count(*)::int FROM cases.ordinary_case WHERE municipality = $1', [
    place.code,
  ]);
  await owner.end();
  const standing = standingCompartments(place.code);
  const ordinary = standing.filter(({ shielded }) => !shielded);
  const families = standing.filter(({ category }) =>
    ['CHILD_CONCERN', 'PLACEMENT', 'FAMILY_RESIDENCE'].includes(category),
  );
  return {
    ...{ cases, ownerUrl, made, place, seen: seen[0].count, ids: shuffled(rows.map(({ id }) => id)) },
    citizens: Array.from({ length: rounds + warming }, () => made.people.citizen(place, some(place.citizens))),
    viewers: {
      uncleared: caseworker(place.code, ordinary),
      cleared: caseworker(place.code, [...ordinary, ...families]),
    },
  };
}

/** Medians by size, each of the slower viewer, with those of both. */
async function ask(worlds, perPage) {
  const turns = [];
  for (const world of worlds) {
    world.cursors = {};
    for (const [name, viewer] of Object.entries(world.viewers)) {
      const asker = openAsker(world.url, async () => `Bearer ${await signer.sign(viewer, 'cases')}`);
      world.cursors[name] = await cursorOfPage(asker, perPage);
      const times = Object.fromEntries(Object.keys(questions).map((kind) => [kind, []]));
      turns.push({ world, name, asker, times, last: {}, cursor: world.cursors[name] });
    }
  }
  for (let round = 0; round < rounds + warming; round += 1)
    for (const { turn, kind } of shuffled(
      turns.flatMap((turn) => Object.keys(questions).map((kind) => ({ turn, kind }))),
    )) {
      const { world, asker, times, cursor } = turn;
      if (turn.last[kind] > slow.ms && round % slow.every > 0) continue;
      const about = { citizen: world.citizens[round], id: world.ids[round % world.ids.length], cursor, perPage };
      const { ms, text } = await asker.ask(JSON.stringify(questions[kind](about)));
      turn.last[kind] = ms;
      const { data, errors } = JSON.parse(text);
      if (kind === 'case' && !data?.case)
        throw new Error(`a case among ${world.cases} was not found: ${text.slice(0, 300)}`);
      // What is not answered in time takes longer than anything that is.
      const isAnswered = !errors && (kind !== 'page1000' || cursor !== null);
      if (round >= warming) times[kind].push(isAnswered ? ms : Number.POSITIVE_INFINITY);
    }
  for (const { asker } of turns) await asker.close();
  return worlds.map((world) => {
    const viewers = Object.fromEntries(
      turns.filter((turn) => turn.world === world).map(({ name, times }) => [name, mediansOf(times)]),
    );
    const slower = Object.keys(viewers.cleared).map((key) => [
      key,
      Math.max(...Object.values(viewers).map((of) => of[key])),
    ]);
    return { cases: world.cases, ...Object.fromEntries(slower), viewers };
  });
}

function mediansOf(times) {
  return Object.fromEntries(Object.entries(times).map(([kind, all]) => [`${kind}P50Ms`, median(all)]));
}

/** The cursor before page 1,000, reached page by page; larger pages on the way, which end at the same place. `null`: not reached in time. */
async function cursorOfPage(asker, perPage) {
  let cursor = null;
  for (let left = (depth - 1) * perPage; left > 0; left -= Math.min(left, 500)) {
    const { text } = await asker.ask(JSON.stringify(page(Math.min(left, 500), cursor)));
    const { data, errors } = JSON.parse(text);
    if (errors) return null;
    cursor = data.cases.pageInfo.endCursor;
  }
  return cursor;
}

function show(measured, walls, copyPerS, perPage) {
  const kinds = Object.keys(questions).map((kind) => `${kind}P50Ms`);
  say(
    `\nmedian ms, pages of ${perPage}\n\n${'cases'.padStart(11)}  ${'viewer'.padEnd(10)}${kinds.map((kind) => kind.replace('P50Ms', '').padStart(14)).join('')}`,
  );
  for (const { cases, viewers } of measured)
    for (const [name, of] of Object.entries(viewers))
      say(
        `${cases.toLocaleString('en').padStart(11)}  ${name.padEnd(10)}${kinds.map((kind) => inMs(of[kind]).padStart(14)).join('')}`,
      );
  const goal = (what, value, holds) => say(`${holds ? 'met ' : 'MISS'}  ${what}: ${value}`);
  say('');
  for (const kind of kinds) {
    const [small, large] = [measured[0].viewers, measured.at(-1).viewers];
    const growth = Math.max(...Object.keys(small).map((name) => large[name][kind] / small[name][kind]));
    goal(`growth of ${kind.replace('P50Ms', '')} at most 1.3 ×`, growth.toFixed(2), growth <= 1.3);
  }
  for (const { viewer, statement, withMs, withoutMs, ratio } of walls.statements)
    say(
      `      ${viewer}, ${statement}: ${withMs.toFixed(3)} ms with walls, ${withoutMs.toFixed(3)} ms without, ${ratio.toFixed(2)} ×`,
    );
  goal('walls at most 1.15 × the same SQL without them', walls.ratio.toFixed(2), walls.ratio <= 1.15);
  say(`      COPY of cases with their parties into the largest: ${Math.round(copyPerS).toLocaleString('en')} cases/s`);
}
