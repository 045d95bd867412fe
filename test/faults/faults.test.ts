/** Whatever fails under load: nobody ever held an answer that is not in the log. `SLUSE_FAULTS=full` tries every fault. */
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isAlive, until } from '../support/processes.js';
import { type Book, bookOf } from './book.js';
import { afterPowerCut, faults } from './catalogue.js';
import { rudeness, wrongs } from './checker.js';
import { type Asked, type Crowd, isAnswered, openCrowd } from './load.js';
import { endSystem, openSystem, type System } from './system.js';

let system: System;
let crowd: Crowd;
const full = process.env.SLUSE_FAULTS === 'full';
const tried = faults.filter(({ always }) => full || always);
const lines: string[] = full
  ? []
  : [`${tried.length} of ${faults.length} faults; \`npm run test:faults\` tries them all.`];

const able = process.platform === 'linux';
if (!able)
  process.stderr.write(
    '\nThe faults are not tried: processes are found and halted by way of /proc, which only Linux has.\n',
  );
const group = able ? describe : describe.skip;

beforeAll(async () => {
  if (!able) return;
  system = await openSystem();
  crowd = await openCrowd(system);
}, 90_000);
afterAll(async () => {
  await endSystem();
  process.stderr.write(`\n${lines.join('\n')}\n`);
}, 60_000);

const book = () => system.database.as(bookOf);

group('nothing is answered that is not in the log, whatever fails under load', () => {
  it.each(tried)(
    '$name',
    async ({ name, ends = [], strike }) => {
      const from = crowd.asked.length;
      const since = (): Asked[] => crowd.asked.slice(from);
      const before = [...system.processes];
      crowd.start();
      try {
        await until('the crowd has answers', () => since().filter(isAnswered).length > 100, 30_000);
        await strike(system, crowd);
        await crowd.everybodyIsAnswered();
      } finally {
        await crowd.stop();
      }
      const found = await book();
      lines.push(summary(name, since(), found));
      expect(wrongs(crowd.asked, crowd.kept, found).slice(0, 20)).toEqual([]);
      expect([...rudeness(since(), ends.includes('gateway'))].slice(0, 20)).toEqual([]);
      for (const [part, { pid }] of before)
        expect([part, isAlive(pid), system.processes.get(part)?.pid === pid]).toEqual([
          part,
          !ends.includes(part),
          !ends.includes(part),
        ]);
    },
    120_000,
  );
});

group('the checker', () => {
  const forged = (sql: string) => system.database.as((owner) => bookOf(owner, () => owner.query(sql)));
  const said = (found: Book, asked: readonly Asked[] = crowd.asked) => wrongs(asked, crowd.kept, found).join('\n');
  const aLog = `'0999/' || to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM')`;

  it('has kept checkpoints of ordinary and of sealed logs to hold the log against', () => {
    const logs = [...new Set(crowd.kept.map(({ log }) => log.split('/').length))].sort();
    expect(logs).toEqual([2, 3]);
  });

  it('reports an answer of which there is no entry', async () => {
    const fake: Asked = { ...crowd.asked.find(isAnswered)!, id: 'never-logged' };
    expect(said(await book(), [...crowd.asked, fake])).toContain(
      `never-logged (${fake.operation}) was answered, and there is no entry of it`,
    );
  });

  it('reports somebody in an answer whom its entry does not name', async () => {
    const one = crowd.asked.find(isAnswered)!;
    const changed = { ...one, named: { ...one.named, citizens: ['somebody-else'] } };
    expect(said(await book(), [...crowd.asked.filter(({ id }) => id !== one.id), changed])).toContain(
      `${one.id} named somebody-else of citizens, and its entry does not`,
    );
  });

  it('reports an entry that was taken out, by its answer, by the gap, and by the checkpoints', async () => {
    const { entries } = await book();
    const answered = new Set(crowd.asked.filter(isAnswered).map(({ id }) => id));
    const { log, seq, transactionId } = entries.find((entry) => answered.has(entry.transactionId ?? ''))!;
    const table = log.split('/').length === 2 ? 'entry' : 'sealed_entry';
    const found = said(await forged(`DELETE FROM audit.${table} WHERE log = '${log}' AND seq = ${seq}`));
    expect(found).toContain(`${transactionId} (`);
    expect(found).toContain('was answered, and there is no entry of it');
    expect(found).toContain(`${log} has ${seq + 1} at place ${seq}`);
    expect(found).toMatch(/does not begin with the \d+ entries that were signed/);
  });

  it('reports an entry that was changed', async () => {
    const found = await forged(
      `UPDATE audit.entry SET leaf = regexp_replace(leaf, '"salt":"..', '"salt":"zz') WHERE log = ${aLog} AND seq = 7`,
    );
    expect(said(found)).toMatch(/does not begin with the \d+ entries that were signed/);
  });

  it('reports an end that was cut off', async () => {
    const found = await forged(
      `WITH gone AS (DELETE FROM audit.entry WHERE log = ${aLog} AND seq >= 50 RETURNING seq)
       UPDATE audit.log SET size = 50 WHERE name = ${aLog}`,
    );
    expect(said(found)).toMatch(/was signed with \d+ entries, and has 50/);
  });

  (full ? it : it.skip)(
    'reports answers that a power cut left without an entry, where PostgreSQL does not flush (in the full form only)',
    async () => {
      if (!system.disk.real) {
        lines.push('Not tried, for want of a disk of its own: a database that does not flush.');
        return;
      }
      const set = (sql: string) =>
        system.database.as(async (owner) => {
          for (const statement of [sql, 'SELECT pg_reload_conf()']) await owner.query(statement);
        });
      await set('ALTER SYSTEM SET fsync = off');
      crowd.start();
      try {
        await wait(3_000);
        expect((await afterPowerCut(system, crowd)).join('\n')).toMatch(/was answered, and there is no entry of it/);
      } finally {
        await crowd.stop();
        await set('ALTER SYSTEM RESET fsync');
      }
    },
    60_000,
  );

  it('reports an entry that is there twice, and one that nobody asked for', async () => {
    const found = await forged(
      `INSERT INTO audit.entry SELECT municipality, log, seq + 1000000, gen_random_uuid(), at, actor_id, use, outcome, operation_hash,
         operation_name, CASE seq WHEN 0 THEN leaf ELSE regexp_replace(leaf, '"transactionId":"[^"]*"', '"transactionId":"phantom"') END
       FROM audit.entry WHERE log = ${aLog} AND seq < 2`,
    );
    expect(said(found)).toContain('is there twice');
    expect(said(found)).toContain('tells of phantom, which nobody asked');
  });
});

/** What the fault did, for whoever reads the run. */
function summary(name: string, asked: readonly Asked[], { entries }: Book): string {
  const logged = new Set(entries.map(({ transactionId }) => transactionId));
  const withheld = asked.filter(({ status }) => status === 503);
  const closed = asked.filter(({ status, whole }) => status === null || !whole);
  const lost = [...withheld, ...closed].filter(({ id }) => logged.has(id)).length;
  const slowest = Math.max(...asked.map(({ sentAt, endedAt }) => (endedAt ?? Infinity) - sentAt));
  return `${name}: ${asked.length} asked, ${asked.filter(isAnswered).length} answered with data, ${withheld.length} × 503, ${closed.length} closed, ${lost} logged without an answer, slowest ${Math.round(slowest)} ms`;
}
