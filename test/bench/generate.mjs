/**
 * `npm run generate [-- --municipalities 20 --citizens 1200000 --cases 10000000 --courses 400000 --seed 1]`: makes a region in the empty
 * database of `DATABASE_URL` (the owner's), which it migrates as `npx sluse migrate` does, with the `SLUSE_SECRET` of the rooms.
 * Numbers that are not given are in proportion to the number of cases.
 */
import { parseArgs } from 'node:util';
import { buildSluse } from './install.mjs';
import { makeRegion, sizesOf } from './region/region.mjs';

const text = { type: 'string' };
const { values: given } = parseArgs({
  options: { municipalities: text, citizens: text, cases: text, courses: text, seed: text },
});
const say = (line) => process.stdout.write(`${line}\n`);

try {
  const ownerUrl = process.env.DATABASE_URL;
  const secret = process.env.SLUSE_SECRET?.trim() ?? '';
  if (!ownerUrl) throw new Error('DATABASE_URL: expected the connection of the owner of an empty database.');
  if (secret.length < 32) throw new Error('SLUSE_SECRET: expected at least 32 characters, the same as the rooms have.');
  const sizes = sizesOf(numberOf('cases', 1) ?? 10_000_000);
  for (const [name, least] of [
    ['municipalities', 1],
    ['citizens', 20],
    ['courses', 0],
  ])
    sizes[name] = numberOf(name, least) ?? sizes[name];
  const seed = numberOf('seed', 0) ?? 1;
  const { rows, copySeconds, indexSeconds } = await makeRegion({
    build: await buildSluse(),
    ownerUrl,
    secret,
    seed,
    sizes,
  });
  const total = Object.values(rows).reduce((one, other) => one + other);
  for (const [table, count] of Object.entries(rows)) say(`${count.toLocaleString('en').padStart(13)}  ${table}`);
  say(`${total.toLocaleString('en').padStart(13)}  rows, seed ${seed}`);
  say(
    `COPY ${copySeconds.toFixed(1)} s (${Math.round(total / copySeconds).toLocaleString('en')} rows/s); indexes, foreign keys and statistics ${indexSeconds.toFixed(1)} s; at most ${Math.round(process.resourceUsage().maxRSS / 1_024)} MB of memory`,
  );
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

function numberOf(name, least) {
  if (given[name] === undefined) return undefined;
  const value = Number(given[name]);
  if (!Number.isSafeInteger(value) || value < least)
    throw new Error(`--${name}: expected a whole number from ${least}`);
  return value;
}
