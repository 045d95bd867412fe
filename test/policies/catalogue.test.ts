/** What PostgreSQL's own catalogue says of the rooms: every table behind row-level security, and nothing that spans the wall. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { roleOf } from '../../subgraphs/postgres/migrate.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';

const rooms = ['identity', 'cases', 'smdb', 'audit'] as const;
const template = process.env.SLUSE_TEST_WORLD!;
const isShielded = (table: string) => /^(shielded|sealed|single_case|course_shielded)/.test(table);

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase(template);
});
afterAll(() => database.drop());

describe.each(rooms)('the %s room', (room) => {
  const role = roleOf(template, room);

  it('logs in as a role that is nobody special: no superuser, no BYPASSRLS, no creator, no member of another', async () => {
    const [found] = await database.sql(
      `SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, rolcanlogin,
              (SELECT count(*)::int FROM pg_auth_members m WHERE m.member = r.oid) AS memberships
       FROM pg_roles r WHERE rolname = $1`,
      [role],
    );
    expect(found).toEqual({
      rolsuper: false,
      rolbypassrls: false,
      rolcreaterole: false,
      rolcreatedb: false,
      rolreplication: false,
      rolcanlogin: true,
      memberships: 0,
    });
  });

  it('owns nothing, creates nothing, and cannot even name what lies in another room', async () => {
    const [{ owned }] = (await database.sql(
      `SELECT (SELECT count(*)::int FROM pg_class WHERE relowner = r.oid) + (SELECT count(*)::int FROM pg_proc WHERE proowner = r.oid)
            + (SELECT count(*)::int FROM pg_namespace WHERE nspowner = r.oid) AS owned FROM pg_roles r WHERE rolname = $1`,
      [role],
    )) as [{ owned: number }];
    expect(owned).toBe(0);
    const schemas = await database.sql(
      `SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$)'
         AND (has_schema_privilege($1, oid, 'CREATE') OR (has_schema_privilege($1, oid, 'USAGE') AND nspname NOT IN ($2, 'public')))`,
      [role, room],
    );
    expect(schemas).toEqual([]);
  });

  it('has row-level security enabled and forced, and a policy, on every table that it can reach', async () => {
    const tables = await database.sql<Record<string, any>>(
      `SELECT relname AS name, relispartition AS part, relrowsecurity AS enabled, relforcerowsecurity AS forced,
              (SELECT count(*)::int FROM pg_policy WHERE polrelid = c.oid) AS policies,
              has_table_privilege($2, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER') OR has_any_column_privilege($2, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES') AS reached
       FROM pg_class c WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'p', 'f', 'm')`,
      [room, role],
    );
    expect(tables.length).toBeGreaterThan(2);
    // The partitions of the log are reached through their parents only.
    const unreached = tables.filter(({ reached, part }) => !reached && !part).map(({ name }) => name);
    expect(unreached).toEqual(['migration']);
    expect(tables.filter(({ reached, part }) => reached && part)).toEqual([]);
    for (const { name, enabled, forced, policies } of tables.filter(({ reached }) => reached))
      expect({ name, enabled, forced, policed: policies > 0 }).toEqual({
        name,
        enabled: true,
        forced: true,
        policed: true,
      });
  });

  it('may neither truncate, nor reference, nor hang a trigger on a table', async () => {
    const found = await database.sql(
      `SELECT relname FROM pg_class c WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'p')
         AND has_table_privilege($2, c.oid, 'TRUNCATE, REFERENCES, TRIGGER')`,
      [room, role],
    );
    expect(found).toEqual([]);
  });

  it('has no policy that lets everybody through, and each of them asks for the municipality', async () => {
    const policies = await database.sql<{ place: string; using: string | null; checking: string | null }>(
      `SELECT polrelid::regclass || '.' || polname AS place, pg_get_expr(polqual, polrelid) AS using, pg_get_expr(polwithcheck, polrelid) AS checking
       FROM pg_policy p JOIN pg_class c ON c.oid = polrelid WHERE relnamespace = $1::regnamespace`,
      [room],
    );
    expect(policies.length).toBeGreaterThan(0);
    for (const { place, using, checking } of policies)
      for (const expression of [using, checking])
        if (expression !== null) expect([place, expression]).toEqual([place, expect.stringContaining('sluse.')]);
    const everywhere = policies.filter(({ using, checking }) => !`${using}${checking}`.includes('sluse.municipality'));
    expect(everywhere).toEqual([]);
  });

  it("has every table's primary key begin with the municipality", async () => {
    const keys = await database.sql<{ name: string; first: string | null }>(
      `SELECT c.relname AS name, (SELECT attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
         WHERE i.indrelid = c.oid AND i.indisprimary) AS first
       FROM pg_class c WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'p') AND relname <> 'migration'`,
      [room],
    );
    expect(keys.filter(({ first }) => first !== 'municipality')).toEqual([]);
  });

  it('has no unique index or exclusion that begins with anything but the municipality', async () => {
    const found = await database.sql(
      `SELECT i.indexrelid::regclass::text AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
         LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
       WHERE c.relnamespace = $1::regnamespace AND c.relname <> 'migration' AND (i.indisunique OR i.indisexclusion)
         AND a.attname IS DISTINCT FROM 'municipality'`,
      [room],
    );
    expect(found).toEqual([]);
  });

  it('has no foreign key between what is shielded and what is not', async () => {
    const keys = await database.sql<{ from: string; to: string }>(
      `SELECT a.relname AS from, b.relname AS to FROM pg_constraint k JOIN pg_class a ON a.oid = k.conrelid JOIN pg_class b ON b.oid = k.confrelid
       WHERE k.contype = 'f' AND a.relnamespace = $1::regnamespace`,
      [room],
    );
    expect(keys.filter(({ from, to }) => isShielded(from) !== isShielded(to))).toEqual([]);
  });

  it('has no sequence: a number that is missing would tell, on whichever side of the wall', async () => {
    const found = await database.sql(
      "SELECT relname FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind = 'S'",
      [room],
    );
    expect(found).toEqual([]);
  });

  it('has only views that read with the rights of whoever asks', async () => {
    const found = await database.sql(
      `SELECT relname FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind = 'v'
         AND NOT coalesce(reloptions, '{}') @> '{security_invoker=true}'`,
      [room],
    );
    expect(found).toEqual([]);
  });

  it('has no function that runs with the rights of its owner, but those by which the log turns its months', async () => {
    const found = await database.sql<{ name: string; says: string; path: boolean; everybody: boolean }>(
      `SELECT proname AS name, prorettype::regtype::text AS says, proconfig::text LIKE '%search_path=%' AS path,
              coalesce(proacl::text LIKE '%{=X/%' OR proacl::text LIKE '%,=X/%', true) AS everybody
       FROM pg_proc WHERE pronamespace = $1::regnamespace AND prosecdef ORDER BY 1`,
      [room],
    );
    const turning = room === 'audit' ? ['close_logs', 'drop_month', 'open_log', 'prepare_month'] : [];
    expect(found).toEqual(turning.map((name) => ({ name, says: 'void', path: true, everybody: false })));
  });
});

describe('what is shielded', () => {
  it.each([
    ['cases', ['shielded_case', 'shielded_party', 'shielded_document', 'number_series']],
    ['smdb', ['course_shielded_case']],
    ['identity', ['single_case_compartment', 'single_case_grant', 'single_case_step']],
  ])(
    'in %s lies by compartment: each unique index of it names the compartment right after the municipality',
    async (room, tables) => {
      const indexes = await database.sql<{ name: string; second: string }>(
        `SELECT c.relname AS name, a.attname AS second FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
         LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[1]
       WHERE c.relnamespace = $1::regnamespace AND c.relname = ANY ($2) AND i.indisunique`,
        [room, tables],
      );
      expect(new Set(indexes.map(({ name }) => name))).toEqual(new Set(tables));
      expect(indexes.filter(({ second }) => second !== 'compartment')).toEqual([]);
    },
  );

  it('is there to be hidden: the demo has cases, links and log entries of it', async () => {
    const [counts] = await database.sql(
      `SELECT (SELECT count(*) > 100 FROM cases.shielded_case) AS cases, (SELECT count(*) > 0 FROM smdb.course_shielded_case) AS links,
              (SELECT count(*) > 0 FROM audit.sealed_entry_details) AS entries`,
    );
    expect(counts).toEqual({ cases: true, links: true, entries: true });
  });
});
