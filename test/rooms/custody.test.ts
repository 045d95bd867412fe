/** For which children a parent sees, and until when: the viewer of a session, by the clock and by the register. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeIdentityRoom } from '../../subgraphs/identity/index.js';
import { openRoom, type RoomUnderTest } from '../support/room.js';

const [parent, other, child] = ['1', '2', '3'].map((n) => `0000000${n}-0000-4000-8000-000000000000`) as [
  string,
  string,
  string,
];
let room: RoomUnderTest;
let now = new Date('2026-06-01T10:00:00Z');
beforeAll(async () => {
  room = await openRoom(
    makeIdentityRoom({ parentsSee: (municipality) => municipality === '0999' }),
    async (database) => {
      for (const municipality of ['0999', '0101'])
        await database.sql(
          `INSERT INTO identity.citizen (municipality, id, cpr, name, born_on, street, postcode, city) VALUES
           ($1, $2, '6101800001', 'Forælder', '1980-01-01', '', '', ''), ($1, $3, '6101800002', 'Anden', '1980-01-01', '', '', ''),
           ($1, $4, '6902124001', 'Barn', '2012-02-29', '', '', '')`,
          [municipality, parent, other, child],
        );
      await database.sql(
        `INSERT INTO identity.relation (municipality, citizen, relative, kind, custody)
         SELECT m, $1::uuid, $3::uuid, 'CHILD', true FROM unnest(ARRAY['0999', '0101']) m
         UNION ALL SELECT m, $2::uuid, $3::uuid, 'CHILD', true FROM unnest(ARRAY['0999', '0101']) m`,
        [parent, other, child],
      );
    },
    { now: () => now },
  );
});
afterAll(() => room.close());

async function resolved(person = parent, municipality = '0999') {
  const { token } = await room.internal('open-session', { municipality, person: { kind: 'Citizen', id: person } });
  return (await room.internal('resolve-session', { token })) as {
    viewer: { children?: string[] } | null;
    goodFor: number;
    revision: number;
  };
}
const childrenAt = async (at: string, person = parent) => {
  now = new Date(at);
  return (await resolved(person)).viewer!.children ?? [];
};
const set = (sql: string) => room.database.sql(`UPDATE identity.${sql}`);

describe('a parent sees for a child', () => {
  it('as does the other parent who holds custody, and only in a municipality that has decided so', async () => {
    expect((await resolved()).viewer!.children).toEqual([child]);
    expect((await resolved(other)).viewer!.children).toEqual([child]);
    expect((await resolved(parent, '0101')).viewer!).not.toHaveProperty('children');
    expect((await resolved(child)).viewer!).not.toHaveProperty('children');
  });

  it('until the fifteenth birthday begins in Denmark; born on 29 February, that is 28 February', async () => {
    expect(await childrenAt('2027-02-27T22:59:59.999Z')).toEqual([child]);
    expect(await childrenAt('2027-02-27T23:00:00.000Z')).toEqual([]);
    await set(`citizen SET born_on = '2011-07-15' WHERE id = '${child}'`);
    // In summer the day begins two hours before UTC's.
    expect(await childrenAt('2026-07-14T21:59:59.999Z')).toEqual([child]);
    expect(await childrenAt('2026-07-14T22:00:00.000Z')).toEqual([]);
    await set(`citizen SET born_on = '2012-02-29' WHERE id = '${child}'`);
  });

  it('and no viewer is good beyond it', async () => {
    now = new Date('2027-02-27T22:59:50.000Z');
    expect((await resolved()).goodFor).toBe(10_000);
    now = new Date('2026-06-01T10:00:00Z');
    expect((await resolved()).goodFor).toBe(60_000);
  });

  it('while custody is held, and its withdrawal is told at once', async () => {
    const { revision } = await resolved();
    await set(`relation SET custody = false WHERE citizen = '${parent}'`);
    expect(await room.internal('access-changes', { municipality: '0999', since: revision })).toEqual({
      revision: revision + 1,
      persons: [parent],
    });
    expect(await childrenAt('2026-06-01T10:00:00Z')).toEqual([]);
    expect(await childrenAt('2026-06-01T10:00:00Z', other)).toEqual([child]);
    await set(`relation SET custody = true WHERE citizen = '${parent}'`);
  });

  it('not for one who died, moved away or left the register', async () => {
    for (const gone of ["died_on = '2026-05-01'", "moved_away_on = '2026-05-01'", 'left_at = now()']) {
      await set(`citizen SET ${gone} WHERE id = '${child}'`);
      expect([gone, await childrenAt('2026-06-01T10:00:00Z')]).toEqual([gone, []]);
      await set(`citizen SET died_on = NULL, moved_away_on = NULL, left_at = NULL WHERE id = '${child}'`);
    }
  });

  it('not by being a child oneself, nor as a spouse', async () => {
    await room.database.sql(
      `INSERT INTO identity.relation (municipality, citizen, relative, kind, custody) VALUES ('0999', $1, $2, 'PARENT', true)`,
      [child, parent],
    );
    expect(await childrenAt('2026-06-01T10:00:00Z', child)).toEqual([]);
    await expect(
      room.database.sql(
        `INSERT INTO identity.relation (municipality, citizen, relative, kind, custody) VALUES ('0999', $1, $2, 'SPOUSE', true)`,
        [other, parent],
      ),
    ).rejects.toMatchObject({ code: '23514' });
  });
});
