/**
 * The two-worlds test can fail: each wall that is meant to stand alone is taken down in turn, and the difference is found.
 * Where two walls overlap, either alone keeps the worlds the same, and both down let it through.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { makeAuditRoom } from '../../../subgraphs/audit/index.js';
import { makeCasesRoom } from '../../../subgraphs/cases/index.js';
import { makeSmdbRoom } from '../../../subgraphs/smdb/index.js';
import type { TestDatabase } from '../../support/database.js';
import { likeAnyOther, openWorld, type WorldOptions } from '../../support/world.js';
import { type Leak, openWorlds, uncleared } from './compare.js';
import { type Operation, seeded } from './generate.js';
import { openLife } from './live.js';

type Damage = Omit<WorldOptions, 'shielded'>;

/** The first difference that directed questions and then random operations find, or null. */
async function firstLeak(damage: Damage, directed: readonly Operation[], random = 0): Promise<Leak | null> {
  const worlds = await openWorlds(damage);
  try {
    for (const persona of uncleared) {
      for (const asked of directed) {
        const leak = await worlds.ask(persona, asked);
        if (leak) return leak;
      }
    }
    const draw = seeded(20_261_123);
    for (let run = 0; run < random; run += 1) {
      const leak = await worlds.step(draw);
      if (leak) return leak;
    }
    return null;
  } finally {
    await worlds.close();
  }
}

/** The same found by living in the worlds, without being told where to look. */
async function firstLivedLeak(damage: Damage, most: number): Promise<Leak | null> {
  const worlds = await openWorlds({ trustedProxies: ['127.0.0.1'], ...damage });
  try {
    const life = await openLife(worlds, seeded(20_261_201));
    for (let step = 0; step < most; step += 1) {
      const leak = await life.step();
      if (leak) return leak;
    }
    return null;
  } finally {
    await worlds.close();
  }
}

const casesOfCitizen: Operation = {
  query: 'query($cpr: CPR!) { citizen(cpr: $cpr) { cases { totalCount nodes { id category } } } }',
  variables: { cpr: '0201609995' },
};
const casesOverall: Operation = { query: '{ cases(first: 100) { totalCount nodes { id } } }', variables: {} };
const theLog: Operation = {
  query: '{ auditEntries(first: 100) { totalCount nodes { id at cases { id } } } }',
  variables: {},
};
const coursesWithCases: Operation = {
  query: '{ smdbForms(first: 500) { nodes { course { id case { id } } } } }',
  variables: {},
};
const all = [casesOfCitizen, casesOverall, theLog, coursesWithCases];

/** Row-level security off on every table of a room: only the predicate of its store is left. */
const withoutRowSecurity = (schema: string) => async (database: TestDatabase) => {
  const tables = await database.sql<{ name: string }>(
    "SELECT quote_ident(relname) AS name FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'p')",
    [schema],
  );
  for (const { name } of tables) await database.sql(`ALTER TABLE ${schema}.${name} DISABLE ROW LEVEL SECURITY`);
};

/** As composed, but `Case` is a type like any other: nobody has to vouch for it. */
const withoutShielding = () => supergraphWithout(/\s@shielded\(by: "clearance"\)/g);
/** As composed, but every field is for everybody. */
const withoutTypeRules = () => supergraphWithout(/\s@requiresScopes\(scopes: \[\[.*?\]\]\)/g);

async function supergraphWithout(directive: RegExp): Promise<string> {
  const whole = readFileSync('schema/supergraph.graphql', 'utf8');
  const sdl = whole.replace(directive, '');
  if (sdl === whole) throw new Error(`the supergraph has no ${directive}`);
  const file = join(await mkdtemp(join(tmpdir(), 'sluse-supergraph-')), 'supergraph.graphql');
  writeFileSync(file, sdl);
  return file;
}

const leakyCaseLinks = async (database: TestDatabase) => {
  await database.sql(`CREATE FUNCTION smdb.leaky_course_case(text, uuid[]) RETURNS TABLE (course uuid, case_id uuid) LANGUAGE sql STABLE SECURITY DEFINER AS $$
    SELECT l.course, l.case_id FROM smdb.course_ordinary_case l WHERE l.municipality = $1 AND l.course = ANY($2)
    UNION ALL SELECT l.course, l.case_id FROM smdb.course_shielded_case l WHERE l.municipality = $1 AND l.course = ANY($2) $$`);
};

// Six worlds are opened in the longest of them.
jest.setTimeout(180_000);

describe('the two-worlds test finds a leak when a wall is down', () => {
  it('and finds none when all are up', async () => {
    expect(await firstLeak({}, all, 25)).toBeNull();
  });

  it('wall 1 guards types, not rows: without it the denial is gone, and the worlds are the same', async () => {
    const supergraph = await withoutTypeRules();
    expect(await firstLeak({ supergraph }, all, 25)).toBeNull();
    const world = await openWorld({ shielded: true, supergraph });
    try {
      const answer = await world.ask('guidance-worker', theLog.query);
      expect(answer.body.errors).toBeUndefined();
      expect(answer.body.data.auditEntries.totalCount).toBe(0);
    } finally {
      await world.close();
    }
  });

  it('clearance predicate and row-level security: either alone holds, both down leak', async () => {
    const withoutPredicate = { cases: makeCasesRoom({ withoutClearancePredicate: true }) };
    expect(await firstLeak({ rooms: withoutPredicate }, all, 25)).toBeNull();
    expect(await firstLeak({ prepare: withoutRowSecurity('cases') }, all, 25)).toBeNull();
    const leak = await firstLeak({ rooms: withoutPredicate, prepare: withoutRowSecurity('cases') }, all);
    expect(leak?.operation).toEqual(casesOfCitizen);
  });

  it('a count that is taken past the wall leaks', async () => {
    const rooms = { cases: makeCasesRoom({ leakingTotalCount: true }) };
    const leak = await firstLeak({ rooms, prepare: leakingCount }, all);
    expect(leak?.operation).toEqual(casesOfCitizen);
  });

  it("the smdb room's own filter and wall 3: either alone holds, both down leak", async () => {
    const rooms = { smdb: makeSmdbRoom({ withoutCaseFilter: true }) };
    expect(await firstLeak({ rooms, prepare: leakyCaseLinks }, [coursesWithCases])).toBeNull();
    expect(await firstLeak({ supergraph: await withoutShielding() }, all, 25)).toBeNull();
    const leak = await firstLeak({ rooms, prepare: leakyCaseLinks, supergraph: await withoutShielding() }, [
      coursesWithCases,
    ]);
    expect(leak?.operation).toEqual(coursesWithCases);
  });

  it("the audit room's filter stands alone: without it the log tells", async () => {
    const rooms = { audit: makeAuditRoom({ ...likeAnyOther, disabled: { withoutSealFilter: true } }) };
    const leak = await firstLeak({ rooms, prepare: leakySeals }, all);
    expect(leak?.persona).toBe('security-officer');
    expect(leak?.operation).toEqual(theLog);
  });
});

describe('and so does the test of worlds that are lived in', () => {
  it('without predicate and row-level security', async () => {
    const rooms = { cases: makeCasesRoom({ withoutClearancePredicate: true }) };
    expect(await firstLivedLeak({ rooms, prepare: withoutRowSecurity('cases') }, 200)).not.toBeNull();
  });

  it('with a count that is taken past the wall', async () => {
    const rooms = { cases: makeCasesRoom({ leakingTotalCount: true }) };
    expect(await firstLivedLeak({ rooms, prepare: leakingCount }, 200)).not.toBeNull();
  });

  it("without the smdb room's filter and wall 3", async () => {
    const rooms = { smdb: makeSmdbRoom({ withoutCaseFilter: true }) };
    const damage = { rooms, prepare: leakyCaseLinks, supergraph: await withoutShielding() };
    expect(await firstLivedLeak(damage, 400)).not.toBeNull();
  });

  it("without the audit room's filter", async () => {
    const rooms = { audit: makeAuditRoom({ ...likeAnyOther, disabled: { withoutSealFilter: true } }) };
    expect((await firstLivedLeak({ rooms, prepare: leakySeals }, 200))?.persona).toMatch(/citizen|security-officer/);
  });
});

/** Counts as the owner counts, past row-level security. */
const leakingCount = async (database: TestDatabase): Promise<void> => {
  await database.sql(`CREATE FUNCTION cases.leaking_case_count(who uuid) RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER AS $$
    SELECT (SELECT count(*) FROM cases.ordinary_party p WHERE who IS NULL OR p.citizen = who)
         + (SELECT count(*) FROM cases.shielded_party p WHERE who IS NULL OR p.citizen = who) $$`);
};
/** Sealed entries among the open ones, read as their owner. */
const leakySeals = async (database: TestDatabase): Promise<void> => {
  await database.sql(`
    CREATE VIEW audit.leaky_entry AS
      SELECT municipality, log, seq, id, at, actor_id, use, outcome, operation_hash, operation_name, leaf FROM audit.entry
      UNION ALL
      SELECT municipality, log, seq, id, at, actor_id, use, outcome, operation_hash, operation_name, leaf FROM audit.sealed_entry;
    CREATE VIEW audit.leaky_entry_citizen AS
      SELECT municipality, log, citizen, at, entry, organisation, use, purpose, employee, shown FROM audit.entry_citizen
      UNION ALL SELECT c.municipality, c.log, c.citizen, c.at, c.entry, e.organisation, e.use, e.purpose, NULL, true
      FROM audit.sealed_entry_citizen c JOIN audit.sealed_entry_details e ON e.municipality = c.municipality AND e.id = c.entry;
    GRANT SELECT ON audit.leaky_entry, audit.leaky_entry_citizen TO PUBLIC`);
};
