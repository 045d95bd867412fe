/**
 * `npm run bench:clearance [-- --quick] [--json FILE]`: what it costs to compute the clearance of somebody with 200 grants, as the
 * identity room does for each session that no gateway knows, and how that grows from 1,000 employees with 10,000 grants to 100,000
 * employees with a million. Both databases are asked in one interleaved run, with the login and the policies of a room that runs.
 *
 * Beside it stands the floor: the same number of statements in the same transaction, each of which reads one row by its key.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { openServer } from './databases.mjs';
import { buildSluse } from './install.mjs';

const { values: given } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } },
});
const sizes = given.quick ? [1_000, 10_000] : [1_000, 100_000];
const grantsOfAll = 10;
const grantsOfOne = 200;
const rounds = given.quick ? 300 : 1_000;
/** Between a token and its viewer, for an employee. */
const statements = 9;
const municipality = '0147';
const say = (text) => process.stdout.write(`${text}\n`);
const median = (values) => [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)];
const fixed = (value) => value.toFixed(2);

const build = await buildSluse();
const built = (file) => import(`${build}/subgraphs/${file}`);
const { migrate } = await built('postgres/migrate.js');
const { openDatabase } = await built('postgres/database.js');
const { sessionEndpoints } = await built('identity/sessions/endpoints.js');
const { grantsOf } = await built('identity/grants/time-store.js');

const server = await openServer(build);
const worlds = [];
try {
  for (const employees of sizes) worlds.push(await openFilled(employees));
  for (const world of worlds) for (let turn = 0; turn < 100; turn += 1) await measured(world);
  const rows = worlds.map(({ employees }) => ({ employees, resolve: [], grants: [], floor: [] }));
  for (let round = 0; round < rounds; round += 1)
    for (const [index, world] of worlds.entries()) {
      const times = await measured(world);
      for (const name of Object.keys(times)) rows[index][name].push(times[name]);
    }
  const result = rows.map(({ employees, resolve, grants, floor }) => ({
    employees,
    grants: employees * grantsOfAll,
    resolveP50Ms: median(resolve),
    clearanceP50Ms: median(grants),
    floorP50Ms: median(floor),
  }));
  show(result);
  if (given.json) writeFileSync(given.json, `${JSON.stringify({ sizes: result }, null, 2)}\n`);
} finally {
  for (const world of worlds) await world.close();
  await server.close();
}

function show(sizes) {
  say(`somebody with ${grantsOfOne} grants, ${rounds} rounds, median ms\n`);
  say('employees     grants   whole session   grants alone   floor');
  for (const size of sizes)
    say(
      [
        String(size.employees).padStart(9),
        String(size.grants).padStart(11),
        fixed(size.resolveP50Ms).padStart(16),
        fixed(size.clearanceP50Ms).padStart(15),
        fixed(size.floorP50Ms).padStart(8),
      ].join(''),
    );
  const [small, large] = [sizes[0], sizes.at(-1)];
  const growth = large.resolveP50Ms / small.resolveP50Ms;
  const goal = (what, value, holds) => say(`${holds ? 'met ' : 'MISS'}  ${what}: ${value}`);
  say('');
  goal('the whole session, uncached, takes at most 2 ms', fixed(large.resolveP50Ms), large.resolveP50Ms <= 2);
  goal('growth at most 1.3 ×', fixed(growth), growth <= 1.3);
}

async function measured({ database, services, token, holder, resolve }) {
  const timed = async (work) => {
    const before = performance.now();
    await work();
    return performance.now() - before;
  };
  const asSession = (work) => database.asTask('session', municipality, work, 'read');
  return {
    resolve: await timed(async () => {
      const { viewer } = await resolve(services, { token });
      if (viewer?.clearance.length !== grantsOfOne) throw new Error('expected a viewer with all grants');
    }),
    grants: await timed(() => asSession((tx) => grantsOf(tx, municipality, holder, new Date()))),
    floor: await timed(() =>
      asSession(async (tx) => {
        for (let turn = 0; turn < statements; turn += 1)
          await tx.rows('SELECT revision FROM access_revision WHERE municipality = $1', [municipality]);
      }),
    ),
  };
}

/** Migrated as the owner, filled, and opened with the room's own login. */
async function openFilled(employees) {
  const { name, ownerUrl } = await server.create();
  const folder = new URL(`file://${build}/subgraphs/identity/`);
  const secret = randomBytes(32).toString('hex');
  const url = await migrate({ ownerUrl, room: 'identity', folder, secret });
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  const token = randomBytes(32).toString('base64url');
  const holder = await fill(owner, employees, createHash('sha256').update(token).digest()).finally(() => owner.end());
  const database = openDatabase(url);
  const services = { database, now: () => new Date(), newId: randomUUID };
  const resolve = sessionEndpoints({ idleMinutes: 20, absoluteHours: 8, parentsSee: () => false })['resolve-session'];
  const close = async () => {
    await database.close();
    await server.drop(name);
  };
  return { employees, database, services, token, holder, resolve, close };
}

/** Ten grants each, and 200 for one: half of them into compartments of categories, a third under agreements, the rest single cases. */
async function fill(owner, employees, tokenHash) {
  const id = (kind, number) => `('${kind}0000000-0000-4000-8000-' || lpad((${number})::text, 12, '0'))::uuid`;
  const holder = '20000000-0000-4000-8000-000000000001';
  await owner.query(`SET search_path = identity; SET session_replication_role = replica`);
  await owner.query(
    `INSERT INTO organisation (municipality, id, cvr, name, kind, registered, code)
     SELECT $1::text, ${id(1, 'n')}, '11111111', 'Enhed ' || n, 'DEPARTMENT', true, 'e' || n
     FROM generate_series(1, $2::int / 20) n`,
    [municipality, employees],
  );
  await owner.query(
    `INSERT INTO employee (municipality, id, name, organisation)
     SELECT $1::text, ${id(2, 'n')}, 'Medarbejder ' || n, ${id(1, '1 + n % ($2::int / 20)')} FROM generate_series(1, $2::int) n`,
    [municipality, employees],
  );
  await owner.query(
    `INSERT INTO right_assignment (municipality, employee, code, organisation, source, assigned_at)
     SELECT municipality, id, 'CASEWORKER', organisation, 'LOCAL', now() FROM employee`,
  );
  await owner.query(
    `INSERT INTO disclosure_agreement (municipality, id, authority, receiver, kind, basis, valid_from, agreed_by, agreed_at)
     SELECT $1::text, ${id(3, 'n')}, 'RENT_BOARD', ${id(1, '1 + n % ($2::int / 20)')}, 'DISCLOSURE', 'Forvaltningsloven § 28', '2026-01-01', $3, now()
     FROM generate_series(1, $2::int / 20) n`,
    [municipality, employees, holder],
  );
  const grants = (holders, perHolder) => `
    INSERT INTO clearance_grant (municipality, id, holder, compartment, level, operations, shielded, reason, status, requested_by,
                                 decided_by, valid_from, confirm_by, unit, agreement)
    SELECT $1::text, gen_random_uuid(), ${id(2, 'h')},
           $1::text || '.' || (ARRAY['MUNICIPALITY.HOUSING_BENEFIT', 'MUNICIPALITY.PLACEMENT', 'RENT_BOARD.BOARD_MATTER'])[1 + k % 3],
           (ARRAY['EXISTENCE', 'METADATA', 'DOCUMENTS'])[1 + k % 3], ARRAY['SEARCH'], k % 3 > 0, 'sagsbehandling', 'IN_FORCE',
           ${id(2, 'h')}, ${id(2, 'h')}, now() - interval '1 day', now() + interval '100 days', ${id(1, '1 + h % ($2::int / 20)')},
           CASE WHEN k % 3 = 2 THEN ${id(3, '1 + (h + k) % ($2::int / 20)')} END
    FROM generate_series(${holders}) h, generate_series(1, ${perHolder}) k`;
  await owner.query(grants('2, $2::int', grantsOfAll), [municipality, employees]);
  await owner.query(grants('1, 1', grantsOfOne * 0.75), [municipality, employees]);
  await owner.query(
    `INSERT INTO single_case_grant (municipality, id, holder, compartment, level, operations, reason, status, requested_by,
                                    decided_by, valid_from, confirm_by)
     SELECT $1::text, gen_random_uuid(), $2, $1 || '.CASE.' || gen_random_uuid(), 'METADATA', ARRAY['SEARCH'], 'bestemt sag', 'IN_FORCE',
            $2, $2, now() - interval '1 day', now() + interval '100 days'
     FROM generate_series(1, $3::int)`,
    [municipality, holder, grantsOfOne * 0.25],
  );
  await owner.query(`INSERT INTO access_revision VALUES ($1, 1)`, [municipality]);
  await owner.query(
    `INSERT INTO session (municipality, id, token_hash, person_kind, person, right_code, assurance, authenticated_at, last_used_at, expires_at)
     VALUES ($1, gen_random_uuid(), $2, 'Employee', $3, 'CASEWORKER', 'Substantial', now(), now(), now() + interval '8 hours')`,
    [municipality, tokenHash, holder],
  );
  await owner.query('RESET session_replication_role');
  await owner.query('VACUUM ANALYZE');
  return holder;
}
