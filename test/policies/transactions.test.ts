/** A transaction and the viewer it carries: whose settings its statements run under, and what happens when one of them fails. */
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { cases } from '../../subgraphs/cases/index.js';
import { type Database, openDatabase, type Transaction } from '../../subgraphs/postgres/database.js';
import { migrate } from '../../subgraphs/postgres/migrate.js';
import { freshDatabase, type TestDatabase, testSecret } from '../support/database.js';
import { aViewer } from '../support/room.js';

let server: TestDatabase;
let database: Database;
beforeAll(async () => {
  server = await freshDatabase();
  const url = await migrate({ ownerUrl: server.url, room: 'cases', folder: cases.migrations, secret: testSecret });
  // One connection of each kind, so that whatever stays on it meets the next viewer.
  database = openDatabase(url, () => {}, { shared: 1, apart: 1 });
});
afterAll(async () => {
  await database?.close();
  await server?.drop();
});

const who = async (tx: Transaction) =>
  (await tx.rows<{ who: string }>(`SELECT current_setting('sluse.person', true) AS who`))[0]!.who;
const one = aViewer();
const other = aViewer({ subject: { kind: 'Employee', id: '00000000-0000-4000-8000-000000000002' } });

it('statements that are sent together run in their order, as the same viewer', async () => {
  const answers = await database.asViewer(one, (tx) =>
    Promise.all([1, 2, 3, 4].map((n) => tx.rows(`SELECT $1::int AS n, current_setting('sluse.person') AS who`, [n]))),
  );
  expect(answers.flat()).toEqual([1, 2, 3, 4].map((n) => ({ n, who: one.actor.id })));
});

for (const mode of ['read', 'write'] as const)
  it(`a statement that comes after another failed is refused, and never runs as the next viewer (${mode})`, async () => {
    let late: Promise<unknown> | undefined;
    const work = (tx: Transaction) => {
      late = wait(50).then(() => who(tx));
      return Promise.all([tx.rows('SELECT 1 / 0'), late, tx.rows('SELECT 1').catch(() => {})]);
    };
    await expect(database.asViewer(one, work, mode)).rejects.toMatchObject({ code: '22012' });
    const next = database.asViewer(other, async (tx) => {
      const before = await who(tx);
      await wait(100);
      return [before, await who(tx)];
    });
    await expect(late).rejects.toThrow('the transaction has ended');
    expect(await next).toEqual([other.actor.id, other.actor.id]);
  });

it('a statement after the end is refused', async () => {
  let kept: Transaction | undefined;
  await database.asViewer(one, async (tx) => {
    kept = tx;
  });
  await expect(kept!.rows('SELECT 1')).rejects.toThrow('the transaction has ended');
});

for (const mode of ['read', 'write', 'change'] as const)
  it(`whose settings are not taken gets no answer, and nothing is done (${mode})`, async () => {
    // PostgreSQL takes no text with a NUL.
    const broken = aViewer({ municipality: '09\u000099' });
    let done = 0;
    const work = async (tx: Transaction) => {
      const rows = await tx.rows('SELECT 1');
      done += rows.length;
      return 'an answer';
    };
    await expect(database.asViewer(broken, work, mode)).rejects.toThrow(/invalid byte sequence/);
    expect(done).toBe(0);
    expect(await database.asViewer(other, who)).toBe(other.actor.id);
  });
