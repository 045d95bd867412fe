/**
 * 49, 50: what was revoked is seen no more. Two gateways on the same rooms, without a word between them but what the identity
 * room tells each; with REDIS_URL they share a cache and hear of changes at once.
 */

import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { Gateway } from '../../src/gateway.js';
import { demoPeople } from '../../subgraphs/demo/identity.js';
import { faultBody } from '../../subgraphs/protocol/faults.js';
import { openWorld, type World } from '../support/world.js';

let world: World;
let other: Gateway;
beforeAll(async () => {
  world = await openWorld({ shielded: true, alone: false });
  other = await world.another();
});
afterAll(() => world.close());

const idOf = (key: string) => demoPeople.find((person) => person.key === key)!.id;
const signIn = async (key: string) => (await world.gateway.sessions.open({ kind: 'Employee', id: idOf(key) })).token;
const ask = async (url: string, token: string, query: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
    body: JSON.stringify({ query }),
  });
  return { status: response.status, body: (await response.json()) as any };
};
const fraud = '{ cases(filter: { categories: [SOCIAL_FRAUD] }) { totalCount } }';
const found = (answer: { body: any }): number => answer.body.data.cases.totalCount;
const refused = { status: 401, body: faultBody('UNAUTHENTICATED') };

describe('once it is acknowledged, the other gateway refuses at once', () => {
  it.each([
    ['signing out', 'mutation { signOut }', { signOut: true }],
    ['signing out everywhere', 'mutation { signOutEverywhere }', { signOutEverywhere: expect.any(Number) }],
  ])('%s', async (_what, mutation, data) => {
    for (let run = 0; run < 3; run += 1) {
      const token = await signIn('fraud-investigator');
      expect(found(await ask(other.url, token, fraud))).toBeGreaterThan(0);
      expect(await ask(world.url, token, mutation)).toEqual({ status: 200, body: { data } });
      expect(await ask(other.url, token, fraud)).toEqual(refused);
    }
  });

  it('somebody else’s sessions, by an administrator; by anybody else it is FORBIDDEN and nothing ends', async () => {
    const tokens = [await signIn('fraud-investigator'), await signIn('fraud-investigator')];
    for (const token of tokens) expect(found(await ask(other.url, token, fraud))).toBeGreaterThan(0);
    const mutation = `mutation { signOutEverywhere(person: "${idOf('fraud-investigator')}") }`;
    const stranger = await ask(world.url, await signIn('manager'), mutation);
    expect(stranger.body.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    expect(found(await ask(other.url, tokens[0]!, fraud))).toBeGreaterThan(0);
    const administrator = await ask(world.url, await signIn('administrator'), mutation);
    expect(administrator.body.data.signOutEverywhere).toBeGreaterThanOrEqual(2);
    for (const token of tokens) expect(await ask(other.url, token, fraud)).toEqual(refused);
  });

  it('acting in another right', async () => {
    const token = await signIn('smdb-leader');
    const forms = '{ smdbForms(first: 0) { totalCount } }';
    expect((await ask(other.url, token, forms)).body.data.smdbForms.totalCount).toBeGreaterThan(0);
    await ask(world.url, token, 'mutation { actIn(right: SMDB_ADMINISTRATOR) { actingIn { code } } }');
    expect((await ask(other.url, token, forms)).body.data.smdbForms.totalCount).toBe(0);
  });
});

describe('within a second of its commit, whoever made it, a change reaches every gateway', () => {
  const reaches = async (token: string, sql: string, values: unknown[], expected: object) => {
    for (const { url } of [world, other]) expect(found(await ask(url, token, fraud))).toBeGreaterThan(0);
    await world.database.sql(sql, values);
    await wait(300);
    for (const { url } of [world, other]) expect(await ask(url, token, fraud)).toEqual(expected);
  };
  const nothing = { status: 200, body: { data: { cases: { totalCount: 0 } } } };
  const investigator = idOf('fraud-investigator');

  it('a right that is withdrawn', () => {
    const sql = 'DELETE FROM identity.right_assignment WHERE employee = $1';
    return signIn('fraud-investigator').then(async (token) => {
      const rows = await world.database.sql('SELECT * FROM identity.right_assignment WHERE employee = $1', [
        investigator,
      ]);
      await reaches(token, sql, [investigator], {
        status: 200,
        body: {
          data: { cases: null },
          errors: [{ message: expect.any(String), path: ['cases'], extensions: { code: 'FORBIDDEN_FIELD' } }],
        },
      });
      await world.database.sql(
        'INSERT INTO identity.right_assignment SELECT * FROM json_populate_recordset(NULL::identity.right_assignment, $1)',
        [JSON.stringify(rows)],
      );
      await wait(300);
      expect(found(await ask(other.url, token, fraud))).toBeGreaterThan(0);
    });
  });

  it('a grant that is withdrawn', async () => {
    const token = await signIn('fraud-investigator');
    const withdraw = (status: string) => `UPDATE identity.clearance_grant SET status = '${status}' WHERE holder = $1`;
    await reaches(token, withdraw('WITHDRAWN'), [investigator], nothing);
    await world.database.sql(withdraw('IN_FORCE'), [investigator]);
    await wait(300);
  });

  it('a session that is closed in the table', async () => {
    const token = await signIn('fraud-investigator');
    await reaches(token, 'UPDATE identity.session SET closed_at = now() WHERE person = $1', [investigator], refused);
  });
});

describe('an answer that is on its way when access changes is withheld', () => {
  /** Lets a question run into a lock, makes the change, and lets it go on. */
  const during = async (name: string, token: string, change: () => Promise<unknown>) => {
    const locking = new pg.Client({ connectionString: world.database.url });
    await locking.connect();
    try {
      await locking.query('BEGIN');
      await locking.query('LOCK TABLE identity.citizen IN ACCESS EXCLUSIVE MODE');
      const asked = ask(world.url, token, `query ${name} { citizen(cpr: "0201609995") { name } }`);
      for (;;) {
        const { rows } = await locking.query(
          "SELECT FROM pg_locks WHERE NOT granted AND relation = 'identity.citizen'::regclass",
        );
        if (rows.length > 0) break;
        await wait(10);
      }
      await change();
      await wait(300);
      await locking.query('COMMIT');
      return await asked;
    } finally {
      await locking.end();
    }
  };
  const entryOf = async (name: string) => {
    const [row] = await world.database.sql<{ outcome: string; faults: string[]; citizens: number }>(
      `SELECT outcome, faults, cardinality(citizens) AS citizens FROM audit.every_entry_details WHERE operation_name = $1`,
      [name],
    );
    return row;
  };

  it('with 409 where it is another world now, and logged as denied, about nobody', async () => {
    const token = await signIn('manager');
    expect((await ask(world.url, token, '{ citizen(cpr: "0201609995") { name } }')).body.data.citizen).not.toBeNull();
    const answer = await during('Changed', token, () =>
      world.database.sql("UPDATE identity.clearance_grant SET status = 'WITHDRAWN' WHERE holder = $1", [
        idOf('manager'),
      ]),
    );
    expect(answer).toEqual({ status: 409, body: faultBody('ACCESS_CHANGED') });
    expect(await entryOf('Changed')).toEqual({ outcome: 'DENIED', faults: ['ACCESS_CHANGED'], citizens: 0 });
  });

  it('with 401 where the session is over', async () => {
    const token = await signIn('guidance-worker');
    const answer = await during('Ended', token, () => ask(other.url, token, 'mutation { signOut }'));
    expect(answer).toEqual(refused);
    expect(await entryOf('Ended')).toEqual({ outcome: 'DENIED', faults: ['UNAUTHENTICATED'], citizens: 0 });
  });
});

describe('polling', () => {
  it('is answered like anything, and keeps nobody signed in; a person’s use does', async () => {
    const lastUse = async (token: string) => {
      const viewer = (await world.gateway.sessions.viewerOf(token, 'polling'))!;
      const [row] = await world.database.sql<{ at: Date }>(
        'SELECT last_used_at AS at FROM identity.session WHERE id = $1',
        [viewer.session],
      );
      return row!.at.getTime();
    };
    const token = await signIn('manager');
    await world.database.sql("UPDATE identity.session SET last_used_at = last_used_at - interval '5 minutes'");
    const before = await lastUse(token);
    expect((await ask(world.url, token, '{ viewer { person { __typename } } }', { 'x-polling': 'true' })).status).toBe(
      200,
    );
    expect(await lastUse(token)).toBe(before);
    expect((await ask(world.url, token, '{ viewer { person { __typename } } }')).status).toBe(200);
    expect(await lastUse(token)).toBe(before + 5 * 60_000);
  });
});
