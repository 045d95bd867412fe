/** The region that is generated, and the measurements on it: at a size that tells nothing but that they run and what they promise to leave. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { migrateRooms } from '../../subgraphs/migrations.js';
import { freshDatabase, type TestDatabase, testSecret } from '../support/database.js';
import { dataDirectory, endAll, start } from '../support/processes.js';

const databases: TestDatabase[] = [];
afterAll(async () => {
  await endAll();
  for (const database of databases) await database.drop();
});

async function database(): Promise<TestDatabase> {
  const made = await freshDatabase();
  databases.push(made);
  return made;
}

const bench = (file: string, settings: Record<string, string>, args: readonly string[]) =>
  start(`../test/bench/${file}`, { BENCH_BUILD: resolve('dist'), ...settings }, args);

const generate = (on: TestDatabase, ...args: string[]) =>
  bench('generate.mjs', { DATABASE_URL: on.url, SLUSE_SECRET: testSecret }, args);

const small = ['--municipalities', '3', '--citizens', '600', '--cases', '2000', '--courses', '90'];

it('a generated region is the same for the same seed, holds what was asked for, and leaves the tables as a migration does', async () => {
  const [one, same, other, migrated] = [await database(), await database(), await database(), await database()];
  const runs = [generate(one, ...small), generate(same, ...small), generate(other, ...small, '--seed', '2')];
  await migrateRooms(migrated.url, testSecret, false);
  for (const run of runs) expect({ ...(await run.exit), output: run.output() }).toMatchObject({ code: 0 });

  const rows = (of: TestDatabase) =>
    of.sql(
      `SELECT (SELECT md5(string_agg(c::text, '' ORDER BY id)) FROM identity.citizen c) AS citizens,
              (SELECT md5(string_agg(c::text, '' ORDER BY id)) FROM cases.every_case c) AS cases,
              (SELECT md5(string_agg(p::text, '' ORDER BY case_id, citizen)) FROM cases.every_party p) AS parties,
              (SELECT md5(string_agg(d::text, '' ORDER BY id)) FROM cases.every_document d) AS documents,
              (SELECT md5(string_agg(f::text, '' ORDER BY id)) FROM smdb.form f) AS forms`,
    );
  const [first] = await rows(one);
  expect(await rows(same)).toEqual([first]);
  for (const [name, hash] of Object.entries((await rows(other))[0]!))
    expect([name, hash]).not.toEqual([name, first![name]]);

  const [held] = await one.sql<Record<string, number>>(
    `SELECT (SELECT count(*)::int FROM identity.citizen) AS citizens, (SELECT count(*)::int FROM smdb.course) AS courses,
            (SELECT count(*)::int FROM cases.ordinary_case) AS ordinary, (SELECT count(*)::int FROM cases.shielded_case) AS shielded,
            (SELECT count(DISTINCT municipality)::int FROM cases.every_case) AS municipalities,
            (SELECT count(DISTINCT authority)::int FROM cases.shielded_case) AS authorities`,
  );
  expect(held).toMatchObject({ citizens: 600, courses: 90, municipalities: 3, authorities: 7 });
  expect(held!.ordinary! + held!.shielded!).toBe(2_000);
  expect(held!.shielded! / 2_000).toBeGreaterThan(0.04);
  expect(held!.shielded! / 2_000).toBeLessThan(0.08);

  // The roles are named after the database, so that policies are compared elsewhere.
  const schema = (of: TestDatabase) =>
    of.sql(
      `SELECT indexdef AS said FROM pg_indexes WHERE schemaname IN ('identity', 'cases', 'smdb')
       UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || convalidated
         FROM pg_constraint WHERE connamespace::regnamespace::text IN ('identity', 'cases', 'smdb')
       UNION ALL SELECT tgrelid::regclass || ' ' || tgname || ' ' || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
       ORDER BY said`,
    );
  expect(await schema(one)).toEqual(await schema(migrated));

  const again = generate(one, ...small);
  expect(await again.exit).toMatchObject({ code: 1 });
  expect(again.output()).toContain('expected an empty database');
});

it('bench:cases measures every size and what the walls cost', async () => {
  const json = join(await dataDirectory(), 'cases.json');
  const run = bench('cases.mjs', { DATABASE_URL: process.env.SLUSE_TEST_SERVER! }, [
    ...['--sizes', '4000,5000', '--rounds', '5', '--json', json],
  ]);
  expect({ ...(await run.exit), output: run.output() }).toMatchObject({ code: 0 });
  const { sizes, importPerS, copyPerS, wallsRatio } = JSON.parse(await readFile(json, 'utf8'));
  expect(sizes.map(({ cases }: { cases: number }) => cases)).toEqual([4_000, 5_000]);
  for (const size of sizes)
    for (const name of ['citizenCases', 'case', 'page1', 'page1000', 'totalCount'])
      expect([name, size[`${name}P50Ms`] > 0]).toEqual([name, true]);
  expect([importPerS, copyPerS > 0, wallsRatio > 0]).toEqual([null, true, true]);
});

it('bench:timing gets the same bytes for hidden and absent cases, and says whether it can tell a difference in time', async () => {
  const json = join(await dataDirectory(), 'timing.json');
  const run = bench('timing.mjs', {}, ['--pairs', '3', '--planted', '--json', json]);
  expect({ ...(await run.exit), output: run.output() }).toMatchObject({ code: 0 });
  const { tests } = JSON.parse(await readFile(json, 'utf8'));
  expect(tests).toHaveLength(14);
  // Of three pairs nobody can tell anything.
  for (const { verdict, z, plantedZ } of tests)
    expect([verdict, Math.abs(z) < 3, plantedZ < 3]).toEqual(['cannot tell', true, true]);
});

it('the rank test of bench:timing finds a shift, and none where there is none', async () => {
  const { signedRank } = (await import(resolve('test/bench/statistics.mjs'))) as {
    signedRank(differences: readonly number[]): { z: number; median: number };
  };
  // Worked by hand: ranks of 1, 2, 2, 3, 4 are 1, 2.5, 2.5, 4, 5; those above nought add up to 12.5 of 15.
  expect(signedRank([1, 2, -2, 3, 4, 0]).z).toBeCloseTo((12.5 - 7.5) / Math.sqrt(55 / 4 - 6 / 48), 10);
  // Symmetric: what comes in pairs of opposite signs.
  const noise = Array.from({ length: 2_000 }, (_none, nth) => (nth % 2 ? 1 : -1) * (1 + Math.floor(nth / 2)));
  expect(Math.abs(signedRank(noise).z)).toBeLessThan(0.1);
  expect(signedRank(noise.map((value) => value + 100)).z).toBeGreaterThan(3);
  expect(signedRank(noise.map((value) => value - 100)).z).toBeLessThan(-3);
});
