/** The administrator's overview as a download: whole, logged page by page, safe in a spreadsheet, and for nobody else. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { makeAuditRoom } from '../../subgraphs/audit/index.js';
import { organisationId } from '../../subgraphs/demo/people.js';
import { csvOf, fetchAs, linesOf } from '../support/export.js';
import { hire } from '../support/powers.js';
import { likeAnyOther, openWorld, type World } from '../support/world.js';

const audit = makeAuditRoom(likeAnyOther);
/** What happens to entries before the room takes them. */
let gate: () => void = () => {};
const gated = {
  ...audit,
  internal: {
    ...audit.internal,
    append: async (services: any, body: any) => {
      gate();
      return audit.internal!.append!(services, body);
    },
  },
};

let world: World;
let spy: string;
beforeAll(async () => {
  world = await openWorld({ shielded: true, rooms: { audit: gated } });
  spy = await hire(world.database, 'family', ['CITIZEN_SERVICE']);
  await world.database.sql('UPDATE identity.employee SET name = $1 WHERE id = $2', ['=HYPERLINK("evil");@x', spy]);
});
afterAll(() => world.close());
afterEach(() => {
  gate = () => {};
});

const drawn = async (format: string, person = 'administrator') => {
  const response = await fetchAs(world, person, `/users/export/${format}`);
  return { response, text: Buffer.from(await response.arrayBuffer()).toString() };
};
const users = async () =>
  (
    await world.database.sql<{ n: number }>('SELECT count(*)::int AS n FROM identity.employee WHERE left_at IS NULL')
  )[0]!.n;

describe('the download of the users', () => {
  it('has every user once, with rights, grants, courses, last use and lock-outs', async () => {
    const { response, text } = await drawn('ndjson');
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="users-0999-.*\.ndjson"$/);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const lines = linesOf(text);
    expect(lines.length).toBe(await users());
    expect(new Set(lines.map(({ id }) => id)).size).toBe(lines.length);
    expect(lines.find(({ id }) => id === spy)).toEqual({
      ...{ id: spy, name: '=HYPERLINK("evil");@x', grants: [], courses: [], powersOfAttorney: [] },
      organisation: { id: organisationId('family'), name: 'Familie og Anbringelse' },
      rights: [
        {
          ...{ code: 'CITIZEN_SERVICE', source: 'NEMLOGIN' },
          organisation: { id: organisationId('family'), name: 'Familie og Anbringelse' },
        },
      ],
      account: { lastSignedInAt: null, lastUsedAt: null, lacksCourse: true, blocks: [] },
    });
  });

  it('is a spreadsheet in which no cell is a formula', async () => {
    const { response, text } = await drawn('csv');
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const [head, ...rows] = csvOf(text.slice(1));
    expect(head!.slice(0, 5)).toEqual(['id', 'name', 'organisation_id', 'organisation_name', 'rights']);
    expect(rows.length).toBe(await users());
    const row = rows.find(([id]) => id === spy)!;
    expect(row[1]).toBe(`'=HYPERLINK("evil");'@x`);
    expect(row[4]).toBe('CITIZEN_SERVICE (Familie og Anbringelse)');
    expect(row[head!.indexOf('lacks_course')]).toBe('true');
    for (const cell of rows.flat()) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
  });

  it('is logged page by page as an extract, in the administrator’s name', async () => {
    const entries = async () =>
      world.database.sql<{ use: string; outcome: string; actor: string }>(
        `SELECT use, outcome, actor_id AS actor FROM audit.entry WHERE operation_name = 'ExportUsers' AND outcome = 'ANSWERED'`,
      );
    const before = (await entries()).length;
    await drawn('ndjson');
    const all = await entries();
    expect(all.length - before).toBe(Math.ceil((await users()) / 100));
    expect(new Set(all.map(({ use }) => use))).toEqual(new Set(['EXTRACT']));
    expect(new Set(all.map(({ actor }) => actor)).size).toBe(1);
  });

  it('is refused to everybody but administrators, and to nobody by HEAD or an unknown format; the refusal is logged', async () => {
    const rejected = async () =>
      (
        await world.database.sql<{ n: number }>(
          `SELECT count(*)::int AS n FROM audit.entry WHERE operation_name = 'ExportUsers' AND outcome = 'DENIED'`,
        )
      )[0]!.n;
    const before = await rejected();
    const others = ['manager', 'director', 'security-officer', 'centre-administrator', 'citizen', 'case-system'];
    for (const person of others) expect([person, (await drawn('csv', person)).response.status]).toEqual([person, 403]);
    expect((await rejected()) - before).toBe(others.length);
    expect((await drawn('xlsx')).response.status).toBe(404);
    expect((await drawn('constructor')).response.status).toBe(404);
    expect((await fetch(`${world.url}/users/export/csv`)).status).toBe(401);
    expect((await fetchAs(world, 'administrator', '/users/export/csv', { method: 'HEAD' })).status).toBe(404);
  });

  it('ends when a page cannot be logged: NDJSON says so, and a spreadsheet breaks off', async () => {
    let pages = 0;
    const failing = () => {
      pages += 1;
      if (pages > 2) throw new Error('the disk is full');
    };
    gate = failing;
    const lines = linesOf((await drawn('ndjson')).text);
    expect(lines.length).toBe(201);
    expect(lines.at(-1)).toEqual({ incomplete: true, reason: 'AUDIT_UNAVAILABLE' });
    pages = 0;
    await expect(drawn('csv')).rejects.toThrow();
    gate = () => {
      throw new Error('the disk is full');
    };
    expect((await drawn('csv')).response.status).toBe(503);
  });
});
