/** References to a shielded case that other rooms hand out: from the log, and from a course of treatment. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { graphql } from '../../schema/generated/index.js';
import { demoNow } from '../../subgraphs/demo/people.js';
import { idFor } from '../../subgraphs/demo/random.js';
import { packed } from '../../subgraphs/protocol/log-entry.js';
import { aLogEntry } from '../support/entry.js';
import { answer, ask, everyPage } from '../support/typed.js';
import { openWorld, type World } from '../support/world.js';

const entriesOn = graphql(`
  query EntriesOnCase($case: ID!) {
    auditEntries(filter: { case: $case }) { totalCount nodes { id cases { id category clearance } citizens { id } } }
  }
`);
const entries = graphql(`
  query EveryEntry($first: Int, $after: String) {
    auditEntries(first: $first, after: $after) {
      totalCount
      nodes { id cases { id } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
const courses = graphql(`
  query CourseWithCase($id: ID!) { treatmentCourse(id: $id) { id case { id category clearance } forms { kind } } }
`);
const coursesOfCitizen = graphql(`
  query CoursesOfCitizenWithCase($cpr: CPR!) { citizen(cpr: $cpr) { treatmentCourses { id case { id } } } }
`);

interface Link {
  course: string;
  case_id: string;
  compartment: string;
  cpr: string;
}

let world: World;
let shielded: Set<string>;
/** The shielded case of a course of treatment that smdb-reporter, alone among SMDB users, is cleared for here. */
let link: Link;
let otherLink: Link;

beforeAll(async () => {
  world = await openWorld({
    shielded: true,
    prepare: async (database) => {
      const links = await database.sql<Link>(
        `SELECT l.course, l.case_id, l.compartment, z.cpr FROM smdb.course_shielded_case l
           JOIN smdb.course c ON c.id = l.course JOIN identity.citizen z ON z.id = c.citizen ORDER BY l.course`,
      );
      link = links[0]!;
      otherLink = links.find(({ compartment }) => compartment !== link.compartment)!;
      await database.sql(
        `INSERT INTO identity.clearance_grant
         SELECT (jsonb_populate_record(g, jsonb_build_object('id', $2::text, 'compartment', $3::text,
                  'level', 'EXISTENCE', 'shielded', true))).*
           FROM identity.clearance_grant g WHERE g.holder = $1 LIMIT 1`,
        [idFor('employee/smdb-reporter'), idFor('grant/of-this-story'), link.compartment],
      );
    },
  });
  shielded = new Set((await world.database.sql('SELECT id FROM cases.shielded_case')).map(({ id }) => String(id)));
});
afterAll(() => world.close());

const count = async (table: string): Promise<number> => {
  const [row] = await world.database.sql<{ n: number }>(
    `SELECT count(*)::int AS n FROM ${table} WHERE actor_id IS NOT NULL`,
  );
  return row!.n;
};
/** Some of the shielded cases that the log names. */
const sealedCases = async (): Promise<string[]> => {
  const rows = await world.database.sql<{ id: string }>(
    'SELECT DISTINCT cases[1] AS id FROM audit.sealed_entry_details ORDER BY 1 LIMIT 8',
  );
  expect(rows).toHaveLength(8);
  return rows.map(({ id }) => id);
};
const wholeLog = (person: string) =>
  everyPage(async (after) => (await ask(world, person, entries, { first: 500, after })).auditEntries);

describe('an entry of the log about a shielded case', () => {
  it('is there for the security officer who is cleared for it, with the case', async () => {
    for (const id of await sealedCases()) {
      const { auditEntries } = await ask(world, 'cleared-security-officer', entriesOn, { case: id });
      expect(auditEntries!.totalCount).toBeGreaterThan(0);
      for (const entry of auditEntries!.nodes) {
        expect(entry.cases).toEqual([{ id, category: expect.any(String), clearance: 'EXISTENCE' }]);
        expect(entry.citizens).toHaveLength(1);
      }
    }
  });

  it('is gone, the whole of it, for the security officer who is not', async () => {
    const unknown = await answer(world, 'security-officer', entriesOn, { case: idFor('no case at all') });
    expect(unknown.data).toEqual({ auditEntries: { totalCount: 0, nodes: [] } });
    for (const id of await sealedCases()) {
      const hidden = await answer(world, 'security-officer', entriesOn, { case: id });
      expect(hidden.text).toBe(unknown.text);
    }
  });

  it('leaves no gap in the log of the one who is not: neither in its count nor on its pages', async () => {
    const sealed = new Set((await world.database.sql('SELECT id FROM audit.sealed_entry_details')).map(({ id }) => id));
    expect(sealed.size).toBeGreaterThanOrEqual(60);
    const open = await count('audit.entry_details');
    const { nodes, sizes, totals } = await wholeLog('security-officer');
    expect(totals[0]).toBe(open);
    // The log goes on while it is read: what comes in meanwhile stands before the first page.
    expect(nodes).toHaveLength(open);
    expect(sizes.slice(0, -1).every((size) => size === 500)).toBe(true);
    expect(nodes.filter(({ id }) => sealed.has(id))).toEqual([]);
    expect(nodes.flatMap(({ cases }) => cases).filter(({ id }) => shielded.has(id))).toEqual([]);
    expect(nodes.flatMap(({ cases }) => cases).length).toBeGreaterThan(0);
  });

  it('stands in the log of the one who is cleared beside all the others', async () => {
    const both = (await count('audit.entry_details')) + (await count('audit.sealed_entry_details'));
    const { nodes, totals } = await wholeLog('cleared-security-officer');
    expect(totals[0]).toBe(both);
    expect(new Set(nodes.map(({ id }) => id)).size).toBe(both);
    expect(nodes.flatMap(({ cases }) => cases).filter(({ id }) => shielded.has(id)).length).toBeGreaterThanOrEqual(60);
  });
});

describe('an open entry that names a shielded case beside an ordinary one', () => {
  it('is answered without the shielded one, which leaves neither null nor error', async () => {
    const [ordinary] = await world.database.sql<{ id: string }>(
      'SELECT id FROM cases.ordinary_case ORDER BY id LIMIT 1',
    );
    const cases = [link.case_id, ordinary!.id, otherLink.case_id];
    const [like] = await world.database.sql<{ actor_id: string }>(
      'SELECT actor_id FROM audit.entry_details WHERE actor_id IS NOT NULL LIMIT 1',
    );
    const person = { kind: 'Employee', id: like!.actor_id } as const;
    const entry = aLogEntry({
      id: idFor('entry/of-this-story'),
      at: demoNow.toISOString(),
      actor: person,
      subject: person,
      organisation: null,
      cases,
    });
    await world.rooms.get('audit')!.internal('append', packed([entry]));
    const seenBy = async (person: string) => {
      const { auditEntries } = await ask(world, person, entriesOn, { case: ordinary!.id });
      return auditEntries!.nodes.find(({ id }) => id === idFor('entry/of-this-story'))!.cases.map(({ id }) => id);
    };
    expect(await seenBy('security-officer')).toEqual([ordinary!.id]);
    expect(await seenBy('cleared-security-officer')).toEqual(cases);
  });
});

describe('the case of a course of treatment', () => {
  it('is there for whoever is cleared for it', async () => {
    const { treatmentCourse } = await ask(world, 'smdb-reporter', courses, { id: link.course });
    expect(treatmentCourse!.case).toMatchObject({ id: link.case_id, clearance: 'EXISTENCE' });
    const { citizen } = await ask(world, 'smdb-reporter', coursesOfCitizen, { cpr: link.cpr });
    expect(citizen!.treatmentCourses).toEqual([{ id: link.course, case: { id: link.case_id } }]);
  });

  it('is null, without an error, for colleagues who see the very same course, and for the cleared one elsewhere', async () => {
    for (const [person, { course, cpr }] of [
      ['smdb-leader', link],
      ['smdb-health', link],
      ['smdb-leader', otherLink],
      ['smdb-reporter', otherLink],
    ] as const) {
      expect((await ask(world, person, courses, { id: course })).treatmentCourse).toMatchObject({ case: null });
      const { citizen } = await ask(world, person, coursesOfCitizen, { cpr });
      expect(citizen!.treatmentCourses).toEqual([{ id: course, case: null }]);
    }
  });

  it('is there for the leader where it is an ordinary one', async () => {
    const [ordinary] = await world.database.sql<{ course: string; case_id: string }>(
      'SELECT course, case_id FROM smdb.course_ordinary_case ORDER BY course LIMIT 1',
    );
    const { treatmentCourse } = await ask(world, 'smdb-leader', courses, { id: ordinary!.course });
    expect(treatmentCourse!.case).toEqual({
      id: ordinary!.case_id,
      category: 'DRUG_TREATMENT',
      clearance: 'EXISTENCE',
    });
  });

  it('answers the uncleared with the same bytes once the link is gone', async () => {
    const before = await answer(world, 'smdb-leader', courses, { id: link.course });
    await world.database.sql('DELETE FROM smdb.course_shielded_case WHERE course = $1', [link.course]);
    expect((await answer(world, 'smdb-leader', courses, { id: link.course })).text).toBe(before.text);
    // The control: to the cleared one the link was there, and is gone.
    expect((await ask(world, 'smdb-reporter', courses, { id: link.course })).treatmentCourse!.case).toBeNull();
  });
});
